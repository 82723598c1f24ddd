#include "syntax/chunk.h"

static void mark_proto(struct heap *heap, struct object *o)
{
  struct proto *p = (struct proto *)o;
  heap_mark_object(heap, &p->name->object);
  for (u32 i = 0; i < p->ref_count; i++) heap_mark_object(heap, p->refs[i]);
  for (u32 i = 0; p->param_names && i < proto_names(p); i++) {
    if (p->param_names[i]) heap_mark_object(heap, &p->param_names[i]->object);
  }
}

static void finish_proto(struct heap *heap, struct object *o)
{
  struct proto *p = (struct proto *)o;
  source_unref(p->source);
  heap_resize(heap, p->code, p->code_len * sizeof *p->code, 0);
  heap_resize(heap, p->param_names, p->param_names ? proto_names(p) * sizeof *p->param_names : 0, 0);
  heap_resize(heap, p->upvalues, p->upvalues ? p->upvalue_count * sizeof *p->upvalues : 0, 0);
  heap_resize(heap, p->refs, p->ref_cap * sizeof *p->refs, 0);
  heap_resize(heap, p->handlers, p->handler_count * sizeof *p->handlers, 0);
  heap_resize(heap, p->lines, p->line_count * sizeof *p->lines, 0);
}

void chunk_register(struct heap *heap)
{
  heap_register(heap, KIND_PROTO, (struct heap_kind){ .name = "proto", .mark = mark_proto, .finish = finish_proto });
}

struct proto *proto_new(struct heap *heap, struct source *source, struct string *name)
{
  struct proto *p = heap_new(heap, KIND_PROTO, sizeof *p);
  p->name = name;
  p->source = source_ref(source);
  return p;
}

void proto_span(const struct proto *p, u32 word, u32 *start, u32 *end)
{
  u32 low = 0, high = p->line_count;
  while (high - low > 1) {
    u32 middle = low + (high - low) / 2;
    if (p->lines[middle].pc <= word) low = middle;
    else high = middle;
  }
  *start = p->line_count ? p->lines[low].start : p->span_start;
  *end = p->line_count ? p->lines[low].end : p->span_end;
}
