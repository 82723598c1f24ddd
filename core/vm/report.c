// The report of an error, as people read it: where and what, the source line, the calls, the spawns and awaits back to
// the cell, and the causes.
#include <string.h>

#include "syntax/diagnostic.h"
#include "value/print.h"
#include "vm/errors.h"
#include "vm/state.h"

#define CAUSES_MAX 8
#define PERIOD_MAX 4  // functions that call each other in a circle, as a trace shows it

void place_print(const struct proto *p, u32 word, struct buf *out)
{
  u32 start, end;
  proto_span(p, word, &start, &end);
  struct place at = source_place(p->source, start);
  buf_printf(out, "%s:%u:%u", p->source->name, at.line, at.column);
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

static void print_text(struct lull *vm, struct instance *error, size_t from, size_t to, struct buf *out)
{
  buf_append(out, string_bytes(&vm->heap, AS_STRING(error->fields[ERROR_MESSAGE])) + from, to - from);
}

// Where the first line of the message ends. What follows it in a SyntaxError has source lines of its own, and is shown
// below the line that wanted the source.
static size_t head_len(struct lull *vm, const struct instance *error, struct string *message)
{
  const char *text = string_bytes(&vm->heap, message);
  const char *end = class_is_below(error->class, vm->errors.syntax) ? memchr(text, '\n', message->len) : NULL;
  return end ? (size_t)(end - text) : message->len;
}

static void print_head(struct lull *vm, struct instance *error, const struct trace_entry *at, struct buf *out)
{
  Value message = error->fields[ERROR_MESSAGE];
  size_t len = IS_STRING(message) ? AS_STRING(message)->len : 0, head = 0;
  if (at) {
    place_print(at->proto, at->word, out);
    buf_puts(out, ": ");
  }
  string_write(error->class->name, out);
  if (len) {
    buf_puts(out, ": ");
    print_text(vm, error, 0, head = head_len(vm, error, AS_STRING(message)), out);
  } else if (!IS_STRING(message) && !is_nil(message) && !is_unset(message)) {
    buf_puts(out, ": ");
    if (!value_print_simple(&vm->heap, message, true, out)) buf_puts(out, type_name(vm, message));
  }
  buf_putc(out, '\n');
  if (at) {
    u32 start, end;
    proto_span(at->proto, at->word, &start, &end);
    diagnostic_excerpt(at->proto->source, start, end, out);
  }
  if (head == len) return;
  print_text(vm, error, head + 1, len, out);
  buf_putc(out, '\n');
}

static bool is_import(const struct trace_entry *e)
{
  u32 start, end;
  proto_span(e->proto, e->word, &start, &end);
  return end - start > 6 && memcmp(e->proto->source->text + start, "import", 6) == 0;
}

// What entry i was reached from: the next one.
static void print_call(struct lull *vm, const struct trace *t, u32 i, struct buf *out)
{
  const struct trace_entry *e = &t->entries[i], *by = &t->entries[i + 1];
  bool has_name = e->proto && e->proto->name && e->proto->name->len;
  if (by->link == TRACE_SKIPPED) {
    if (by->word) buf_printf(out, "  ... %u more calls\n", by->word);
    else buf_puts(out, "  ... more calls\n");
    return;
  }
  if (!by->proto && (by->link != TRACE_CALL || !by->native || !has_name)) return;
  if (by->link == TRACE_SPAWN) {
    buf_puts(out, is_import(by) ? "  imported at " : "  in a task started at ");
  } else if (by->link == TRACE_AWAIT) {
    buf_puts(out, "  awaited at ");
  } else {
    buf_puts(out, "  in ");
    if (e->native) string_write(e->native, out);
    else if (has_name) string_write(e->proto->name, out);
    else buf_puts(out, "a function");
    buf_puts(out, by->proto ? ", called at " : ", called by ");
  }
  if (by->proto) place_print(by->proto, by->word, out);
  else string_write(by->native, out);
  buf_putc(out, '\n');
}

static bool is_same_call(const struct trace *t, u32 i, u32 j)
{
  const struct trace_entry *a = &t->entries[i], *b = &t->entries[j];
  return a->proto == b->proto && a->native == b->native && a[1].proto == b[1].proto && a[1].native == b[1].native &&
         a[1].word == b[1].word && a[1].link == b[1].link;
}

// How many calls from the one of entry i on come again, twice at least, right behind: a recursion. 0: none.
static u32 period_at(const struct trace *t, u32 i)
{
  for (u32 period = 1; period <= PERIOD_MAX; period++) {
    u32 same = 0;
    while (same < 2 * period && i + same + period + 1 < t->len && is_same_call(t, i + same, i + same + period)) same++;
    if (same == 2 * period) return period;
  }
  return 0;
}

static bool is_among(const struct trace *t, u32 first, u32 period, u32 i)
{
  for (u32 k = 0; k < period && i + 1 < t->len; k++) {
    if (is_same_call(t, first + k, i)) return true;
  }
  return false;
}

// A recursion's calls are shown once, and counted.
static void print_calls(struct lull *vm, const struct trace *t, struct buf *out)
{
  for (u32 i = 0; i + 1 < t->len;) {
    u32 first = i, period = period_at(t, i), count = 0;
    for (u32 k = 0; k < (period ? period : 1); k++) print_call(vm, t, i++, out);
    while (period && i + 1 < t->len) {
      bool is_skip = t->entries[i + 1].link == TRACE_SKIPPED;
      if (!is_among(t, first, period, is_skip ? i + 1 : i)) break;
      count += is_skip ? t->entries[i + 1].word : 1;
      i++;
    }
    if (count) buf_printf(out, "  ... %u more calls like %s\n", count, period == 1 ? "this" : "these");
  }
}

void trace_print(struct heap *heap, struct object *o, struct buf *out)
{
  const struct trace *t = (const struct trace *)o;
  const struct trace_entry *at = first_place(t);
  if (at) place_print(at->proto, at->word, out);
  buf_putc(out, '\n');
  print_calls(CONTAINER_OF(heap, struct lull, heap), t, out);
  buf_truncate(out, out->len - 1);
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
