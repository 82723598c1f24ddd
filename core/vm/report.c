// The report of an error, as people read it: where and what, the source line, the calls, the spawns back to the cell,
// and the causes.
#include "syntax/diagnostic.h"
#include "value/print.h"
#include "vm/errors.h"
#include "vm/state.h"

#define CAUSES_MAX 8

void place_print(const struct proto *p, u32 word, struct buf *out)
{
  u32 start, end;
  proto_span(p, word, &start, &end);
  struct place at = source_place(p->source, start);
  buf_printf(out, "%s:%u:%u", p->source->name, at.line, at.column);
}

static void print_function(struct lull *vm, const struct proto *p, struct buf *out)
{
  struct string *name = p->name;
  if (name && name->len) string_write(name, out);
  else buf_puts(out, "a function");
  (void)vm;
}

static const struct trace *trace_of(struct instance *error)
{
  Value t = error->fields[ERROR_TRACE];
  return is_kind(t, KIND_TRACE) ? (const struct trace *)as_object(t) : NULL;
}

static const struct trace_entry *first_place(const struct trace *t)
{
  for (u32 i = 0; t && i < t->len; i++) {
    if (t->entries[i].proto) return &t->entries[i];
  }
  return NULL;
}

static void print_head(struct lull *vm, struct instance *error, const struct trace_entry *at, struct buf *out)
{
  if (at) {
    place_print(at->proto, at->word, out);
    buf_puts(out, ": ");
  }
  string_write(error->class->name, out);
  Value message = error->fields[ERROR_MESSAGE];
  if (IS_STRING(message) && AS_STRING(message)->len) {
    buf_puts(out, ": ");
    string_write(AS_STRING(message), out);
  } else if (!IS_STRING(message) && !is_nil(message) && !is_unset(message)) {
    buf_puts(out, ": ");
    if (!value_print_simple(&vm->heap, message, true, out)) buf_puts(out, type_name(vm, message));
  }
  buf_putc(out, '\n');
  if (!at) return;
  u32 start, end;
  proto_span(at->proto, at->word, &start, &end);
  diagnostic_excerpt(at->proto->source, start, end, out);
}

// The entry that called entry i: the next one that is a call with a place.
static void print_calls(struct lull *vm, const struct trace *t, struct buf *out)
{
  for (u32 i = 0; i + 1 < t->len; i++) {
    const struct trace_entry *e = &t->entries[i], *by = &t->entries[i + 1];
    if (by->link == TRACE_SKIPPED) {
      buf_printf(out, "  ... %u more calls\n", by->word);
      continue;
    }
    if (!by->proto) continue;
    if (by->link == TRACE_SPAWN) {
      buf_puts(out, "  in a task started at ");
    } else if (by->link == TRACE_AWAIT) {
      buf_puts(out, "  awaited at ");
    } else {
      buf_puts(out, "  in ");
      if (e->proto) print_function(vm, e->proto, out);
      else if (e->native) string_write(e->native, out);
      else buf_puts(out, "a function");
      buf_puts(out, ", called at ");
    }
    place_print(by->proto, by->word, out);
    buf_putc(out, '\n');
  }
}

void error_report(struct lull *vm, Value v, struct buf *out)
{
  for (int depth = 0; depth < CAUSES_MAX && is_error(vm, v); depth++) {
    struct instance *error = AS_INSTANCE(v);
    const struct trace *t = trace_of(error);
    if (depth) buf_puts(out, "caused by: ");
    print_head(vm, error, first_place(t), out);
    if (t) print_calls(vm, t, out);
    v = error->fields[ERROR_CAUSE];
  }
}
