#include "value/print.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "value/bytes.h"
#include "value/class.h"
#include "value/list.h"
#include "value/map.h"
#include "value/module.h"
#include "value/number.h"
#include "value/range.h"

#define LINEAR_MAX 16    // containers under way that are searched one by one
#define POLL_EVERY 4096  // values between two looks at the poll
#define ELLIPSIS "\xE2\x80\xA6"

enum map_stage { STAGE_KEY, STAGE_KEY_END };

struct print_frame {
  struct object *object;
  u32 at;  // items or entries already taken
  bool has_any;
  u8 stage;     // of a map's entry: a key in brackets was printed, its value is next
  Value value;  // that one
};

static void printer_mark(struct heap *heap, struct object *o)
{
  struct printer *p = (struct printer *)o;
  heap_mark_object(heap, p->name);
  heap_mark(heap, p->value);
  heap_mark(heap, p->subject);
  heap_mark(heap, p->method);
  for (u32 i = 0; i < p->depth; i++) {
    heap_mark_object(heap, p->frames[i].object);
    heap_mark(heap, p->frames[i].value);
  }
}

static void frames_free(struct heap *heap, struct printer *p)
{
  heap_resize(heap, p->frames, p->cap * sizeof *p->frames, 0);
  heap_resize(heap, p->index, p->index_cap * sizeof *p->index, 0);
  p->frames = NULL;
  p->index = NULL;
  p->depth = p->cap = p->index_cap = 0;
}

static void printer_finish(struct heap *heap, struct object *o)
{
  struct printer *p = (struct printer *)o;
  frames_free(heap, p);
  buf_fini(&p->out);
}

void print_register(struct heap *heap)
{
  heap_register(heap, KIND_PRINTER,
                (struct heap_kind){ .name = "printer", .mark = printer_mark, .finish = printer_finish });
}

struct printer *printer_new(struct heap *heap, Value v, struct string *to_string_name, bool is_quoted, size_t budget)
{
  struct printer *p = heap_new(heap, KIND_PRINTER, sizeof *p);
  p->is_quoted = is_quoted;
  p->name = to_string_name;
  p->value = v;
  p->subject = p->method = UNSET;
  p->budget = budget;
  buf_init(&p->out, heap->alloc);
  return p;
}

static void print_string(struct heap *heap, struct string *s, bool is_quoted, struct buf *out)
{
  if (is_quoted) string_quote(heap, s, out);
  else string_write(s, out);
}

static void print_range(const struct range *r, struct buf *out)
{
  if (r->step != 1) buf_putc(out, '(');
  buf_printf(out, "%" PRId64 "..%s%" PRId64, r->from, r->object.flags & RANGE_INCLUSIVE ? "=" : "", r->to);
  if (r->step != 1) buf_printf(out, ").step(%" PRId64 ")", r->step);
}

static const struct string *receiver_class_name(Value receiver)
{
  return IS_INSTANCE(receiver) ? AS_INSTANCE(receiver)->class->name
         : IS_CLASS(receiver)  ? AS_CLASS(receiver)->name
                               : NULL;
}

void print_name(Value v, struct buf *out)
{
  if (is_kind(v, KIND_BOUND)) {
    const struct string *class = receiver_class_name(AS_BOUND(v)->receiver);
    if (class) {
      string_write(class, out);
      buf_putc(out, '.');
    }
    v = AS_BOUND(v)->method;
  }
  const struct string *name = NULL;
  if (IS_CLOSURE(v)) name = ((const struct proto_head *)(void *)AS_CLOSURE(v)->proto)->name;
  else if (IS_NATIVE(v)) name = AS_NATIVE(v)->name;
  else if (IS_CLASS(v)) name = AS_CLASS(v)->name;
  if (name) string_write(name, out);
}

static void print_named(const char *what, Value v, struct buf *out)
{
  buf_printf(out, "<%s", what);
  size_t len = out->len;
  buf_putc(out, ' ');
  print_name(v, out);
  if (out->len == len + 1) buf_truncate(out, len);
  buf_putc(out, '>');
}

// An error shows its class and message, any other instance its class.
static void print_instance(struct instance *i, struct buf *out)
{
  if (!i->class->is_error) {
    buf_putc(out, '<');
    string_write(i->class->name, out);
    buf_putc(out, '>');
    return;
  }
  string_write(i->class->name, out);
  Value message = i->slots || i->more_cap ? *instance_slot(i, ERROR_SLOT_MESSAGE) : NIL;
  if (!IS_STRING(message)) return;
  buf_puts(out, ": ");
  string_write(AS_STRING(message), out);
}

static void print_module(const struct module *m, struct buf *out)
{
  buf_puts(out, "<module");
  if (m->name) {
    buf_putc(out, ' ');
    string_write(m->name, out);
  }
  buf_putc(out, '>');
}

static void print_other(struct heap *heap, struct object *o, struct buf *out)
{
  const struct heap_kind *kind = &heap->kinds[o->kind];
  if (kind->print) kind->print(heap, o, out);
  else buf_printf(out, "<%s>", kind->name ? kind->name : "object");
}

static void print_object(struct heap *heap, Value v, bool is_quoted, struct buf *out)
{
  struct object *o = as_object(v);
  switch (o->kind) {
  case KIND_STRING: print_string(heap, AS_STRING(v), is_quoted, out); break;
  case KIND_BYTES: bytes_quote(heap, AS_BYTES(v), out); break;
  case KIND_BIGINT: number_print(heap, v, out); break;
  case KIND_RANGE: print_range(AS_RANGE(v), out); break;
  case KIND_CLOSURE:
  case KIND_NATIVE:
  case KIND_BOUND: print_named("fn", v, out); break;
  case KIND_CLASS: print_named("class", v, out); break;
  case KIND_INSTANCE: print_instance(AS_INSTANCE(v), out); break;
  case KIND_MODULE: print_module(AS_MODULE(v), out); break;
  default: print_other(heap, o, out);
  }
}

static void print_immediate(struct heap *heap, Value v, struct buf *out)
{
  switch (v.tag) {
  case TAG_INT:
  case TAG_FLOAT: number_print(heap, v, out); break;
  case TAG_NIL: buf_puts(out, "nil"); break;
  case TAG_FALSE: buf_puts(out, "false"); break;
  case TAG_TRUE: buf_puts(out, "true"); break;
  case TAG_DONE: buf_puts(out, "done"); break;
  default: buf_puts(out, "<unset>");
  }
}

static bool is_container(Value v)
{
  return IS_LIST(v) || IS_MAP(v) || IS_SET(v);
}

static void print_leaf(struct heap *heap, Value v, bool is_quoted, struct buf *out)
{
  if (is_object(v)) print_object(heap, v, is_quoted, out);
  else print_immediate(heap, v, out);
}

bool value_print_simple(struct heap *heap, Value v, bool is_quoted, struct buf *out)
{
  if (is_container(v) || IS_INSTANCE(v)) return false;
  print_leaf(heap, v, is_quoted, out);
  return true;
}

static u32 frame_slot(const struct printer *p, const struct object *o)
{
  u64 hash = ((u64)(uintptr_t)o >> 4) * UINT64_C(0x9E3779B97F4A7C15);
  u32 mask = p->index_cap - 1, at = (u32)(hash >> 32) & mask;
  while (p->index[at] && p->frames[p->index[at] - 1].object != o) at = (at + 1) & mask;
  return at;
}

static bool is_under_way(const struct printer *p, const struct object *o)
{
  if (p->index_cap) return p->index[frame_slot(p, o)] != 0;
  for (u32 i = 0; i < p->depth; i++) {
    if (p->frames[i].object == o) return true;
  }
  return false;
}

static bool frames_grow(struct heap *heap, struct printer *p)
{
  u32 cap = p->cap ? p->cap * 2 : 8;
  struct print_frame *frames = heap_resize(heap, p->frames, p->cap * sizeof *frames, cap * sizeof *frames);
  if (!frames) return false;
  p->frames = frames;
  p->cap = cap;
  if (cap <= LINEAR_MAX) return true;
  u32 *index = heap_resize(heap, NULL, 0, (size_t)cap * 2 * sizeof *index);
  if (!index) return false;
  heap_resize(heap, p->index, p->index_cap * sizeof *index, 0);
  memset(index, 0, (size_t)cap * 2 * sizeof *index);
  p->index = index;
  p->index_cap = cap * 2;
  for (u32 i = 0; i < p->depth; i++) index[frame_slot(p, p->frames[i].object)] = i + 1;
  return true;
}

static const char *opening_of(const struct object *o)
{
  return o->kind == KIND_LIST ? "[" : o->kind == KIND_MAP ? "{" : "set([";
}

static const char *closing_of(const struct object *o)
{
  return o->kind == KIND_LIST ? "]" : o->kind == KIND_MAP ? "}" : "])";
}

static bool push(struct heap *heap, struct printer *p, struct object *o)
{
  if (is_under_way(p, o)) {
    buf_puts(&p->out, o->kind == KIND_MAP ? "{...}" : "[...]");
    return true;
  }
  if (p->depth == p->cap && !frames_grow(heap, p)) return false;
  buf_puts(&p->out, opening_of(o));
  p->frames[p->depth] = (struct print_frame){ .object = o, .value = NIL };
  u32 slot = p->index_cap ? frame_slot(p, o) : 0;
  p->depth++;
  if (p->index_cap) p->index[slot] = p->depth;
  return true;
}

// The last that came is the first to go, so that its slot can simply be cleared: no other was put behind it.
static void pop(struct printer *p)
{
  struct object *o = p->frames[p->depth - 1].object;
  buf_puts(&p->out, closing_of(o));
  if (p->index_cap) p->index[frame_slot(p, o)] = 0;
  p->depth--;
}

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_plain_name(const char *s, u32 len)
{
  if (len == 0 || !is_letter(s[0])) return false;
  for (u32 i = 1; i < len; i++) {
    if (!is_letter(s[i]) && (s[i] < '0' || s[i] > '9')) return false;
  }
  return true;
}

static void print_string_key(struct heap *heap, struct string *key, struct buf *out)
{
  const char *bytes = string_bytes(heap, key);
  print_string(heap, key, !is_plain_name(bytes, key->len), out);
  buf_puts(out, ": ");
}

static void separate(struct printer *p, struct print_frame *f)
{
  if (f->has_any) buf_puts(&p->out, ", ");
  f->has_any = true;
}

static Value next_item(struct printer *p, struct print_frame *f)
{
  const struct list *l = (const struct list *)f->object;
  if (f->at >= l->len) return UNSET;
  separate(p, f);
  return l->items[f->at++];
}

static Value next_element(struct printer *p, struct print_frame *f)
{
  const struct map *m = (const struct map *)f->object;
  u32 at = map_next(m, f->at);
  f->at = at + 1;
  if (at >= m->used) return UNSET;
  separate(p, f);
  return m->entries[at].key;
}

// A key that is no string prints in brackets, as it would be written: first it, then the value of the same entry.
static Value next_of_map(struct heap *heap, struct printer *p, struct print_frame *f)
{
  if (f->stage == STAGE_KEY_END) {
    buf_puts(&p->out, "]: ");
    f->stage = STAGE_KEY;
    return f->value;
  }
  const struct map *m = (const struct map *)f->object;
  u32 at = map_next(m, f->at);
  f->at = at + 1;
  if (at >= m->used) return UNSET;
  separate(p, f);
  struct map_entry entry = m->entries[at];
  if (IS_STRING(entry.key)) {
    print_string_key(heap, AS_STRING(entry.key), &p->out);
    return entry.value;
  }
  buf_putc(&p->out, '[');
  f->stage = STAGE_KEY_END;
  f->value = entry.value;
  return entry.key;
}

static void advance(struct heap *heap, struct printer *p)
{
  struct print_frame *f = &p->frames[p->depth - 1];
  switch (f->object->kind) {
  case KIND_LIST: p->value = next_item(p, f); break;
  case KIND_MAP: p->value = next_of_map(heap, p, f); break;
  default: p->value = next_element(p, f);
  }
  if (is_unset(p->value)) pop(p);
}

static bool needs_call(struct printer *p, Value v)
{
  if (!IS_INSTANCE(v) || !p->name) return false;
  p->method = class_find_method(AS_INSTANCE(v)->class, p->name);
  return !is_unset(p->method);
}

// What of a long string can still show, so that no more of it is quoted than the budget asks for.
static Value shorten(struct heap *heap, const struct printer *p, Value v)
{
  if (!IS_STRING(v) || p->budget == SIZE_MAX) return v;
  size_t left = p->budget > p->out.len ? p->budget - p->out.len : 0;
  struct string *s = AS_STRING(v);
  if (string_count(s) <= left + 1) return v;
  struct string *cut = string_slice(heap, s, 0, (u32)left + 1);
  return cut ? value_object(cut) : v;
}

static enum print_status print_value(struct heap *heap, struct printer *p)
{
  Value v = p->value;
  p->value = UNSET;
  if (is_container(v)) return push(heap, p, as_object(v)) ? PRINT_DONE : PRINT_FAILED;
  if (needs_call(p, v)) {
    p->subject = v;
    return PRINT_CALL;
  }
  print_leaf(heap, shorten(heap, p, v), p->is_quoted || p->depth, &p->out);
  return PRINT_DONE;
}

static void cut(struct heap *heap, struct printer *p)
{
  size_t len = p->budget;
  while (len && utf8_is_continuation(p->out.data[len])) len--;
  buf_truncate(&p->out, len);
  buf_puts(&p->out, ELLIPSIS);
  p->is_cut = true;
  p->value = UNSET;
  frames_free(heap, p);
}

static bool is_failed(const struct printer *p)
{
  return p->out.failed || p->out.len > STRING_MAX;
}

static enum print_status run(struct heap *heap, struct printer *p)
{
  for (u32 steps = 1; p->depth || !is_unset(p->value); steps++) {
    if (steps % POLL_EVERY == 0 && heap->poll && *heap->poll) return PRINT_AGAIN;
    enum print_status status = PRINT_DONE;
    if (is_unset(p->value)) advance(heap, p);
    else status = print_value(heap, p);
    if (is_failed(p)) return PRINT_FAILED;
    if (p->out.len > p->budget) cut(heap, p);
    else if (status != PRINT_DONE) return status;
  }
  return is_failed(p) ? PRINT_FAILED : PRINT_DONE;  // of an answer, too
}

enum print_status printer_step(struct heap *heap, struct printer *p)
{
  enum print_status status = run(heap, p);
  heap_barrier(heap, p);
  if (status == PRINT_FAILED) heap->exhausted = true;
  if (status == PRINT_DONE) frames_free(heap, p);
  return status;
}

void printer_answer(struct heap *heap, struct printer *p, struct string *text)
{
  string_write(text, &p->out);
  p->subject = p->method = UNSET;
  if (p->out.len > p->budget && !p->out.failed) cut(heap, p);
}
