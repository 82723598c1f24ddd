// What a process has come to: the value, its error, and deferreds of parts of it.
#include <signal.h>
#include <sys/wait.h>

#include "base/utf8.h"
#include "builtin/reply.h"
#include "lib/json.h"
#include "lib/lib.h"
#include "lib/parse.h"
#include "lib/process.h"

#define TAIL_LINES 5     // of the standard error in a message
#define TAIL_BYTES 4000
#define COMMAND_MAX 120  // bytes of the command there

struct result *result_new(struct process *p)
{
  struct lull *vm = p->vm;
  struct result *r = box_new(vm, &result_class);
  if (!r) return NULL;
  r->command = p->command;
  r->status = WIFSIGNALED(p->status) ? 128 + WTERMSIG(p->status) : WEXITSTATUS(p->status);
  r->signal = WIFSIGNALED(p->status) ? signal_name(WTERMSIG(p->status)) : NULL;
  struct process_pipe *pipes[] = { &p->out, &p->err };
  struct bytes **parts[] = { &r->out, &r->err };
  for (int i = 0; i < 2; i++) {
    size_t len = pipes[i]->tail.len;
    const char *bytes = buf_text(&pipes[i]->tail);
    if (pipes[i]->output == OUTPUT_KEEP && pipes[i]->stream && !pipes[i]->is_taken)
      bytes = loop_stream_input(&pipes[i]->stream->io, &len);
    *parts[i] = bytes_new(&vm->heap, len ? bytes : "", len);
    if (!*parts[i]) return NULL;
  }
  return r;
}

// Its error

static void put_shortened(struct string *s, size_t max, struct buf *out)
{
  struct buf all;
  buf_init(&all, out->alloc);
  string_write(s, &all);
  size_t len = all.len;
  if (len > max) len = utf8_valid_prefix(all.data, max);
  for (size_t i = 0; i < len; i++) buf_putc(out, all.data[i] == '\n' ? ' ' : all.data[i]);
  if (len < all.len) buf_puts(out, "...");
  buf_fini(&all);
}

// The last lines: behind the message where it is one, else below it.
static void put_tail(const struct bytes *err, struct buf *out)
{
  const char *text = (const char *)err->data, *end = text + err->len, *start;
  while (end > text && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' ')) end--;
  u32 lines = 0;
  for (start = end; start > text && end - start < TAIL_BYTES && !(start[-1] == '\n' && ++lines == TAIL_LINES);) start--;
  if (start == end) return;
  bool is_cut = start > text && start[-1] != '\n';
  while (is_cut && start < end && ((u8)*start & 0xC0) == 0x80) start++;  // within a character
  buf_puts(out, memchr(start, '\n', (size_t)(end - start)) ? "\n" : ": ");
  if (is_cut) buf_puts(out, "...");
  buf_append_text(out, start, (size_t)(end - start));
}

static struct string *message_of(struct lull *vm, const struct result *r)
{
  struct buf text;
  buf_init(&text, &vm->alloc);
  put_shortened(r->command, COMMAND_MAX, &text);
  if (r->signal) buf_printf(&text, ": ended by SIG%s", r->signal);
  else buf_printf(&text, ": exit status %d", r->status);
  put_tail(r->err, &text);
  struct string *s = text.failed ? NULL : string_from_buf(&vm->heap, &text);
  buf_fini(&text);
  return s;
}

static Value signal_value(struct lull *vm, const struct result *r)
{
  struct string *name = r->signal ? vm_intern(vm, r->signal) : NULL;
  return name ? value_object(name) : NIL;
}

Value result_error(struct lull *vm, struct result *r)
{
  struct string *message = message_of(vm, r);
  struct instance *e = error_new(vm, vm->errors.process, message ? message : vm_intern(vm, "a process failed"));
  const struct {
    const char *name;
    Value value;
  } fields[] = {
    { "command", value_object(r->command) },
    { "status", value_int(r->status) },
    { "signal", signal_value(vm, r) },
    { "out", value_object(r->out) },
    { "err", value_object(r->err) },
  };
  for (size_t i = 0; i < COUNT_OF(fields); i++) {
    struct string *name = vm_intern(vm, fields[i].name);
    if (!name || !instance_set(&vm->heap, &vm->shapes, e, name, fields[i].value)) vm->heap.exhausted = true;
  }
  return value_object(e);
}

// Its output

static void put_text(const struct bytes *b, struct buf *out)
{
  size_t len = b->len;
  if (len && b->data[len - 1] == '\n') len -= len > 1 && b->data[len - 2] == '\r' ? 2 : 1;
  buf_append_text(out, (const char *)b->data, len);
}

static Value output_text(struct lull *vm, const struct bytes *b)
{
  struct buf text;
  buf_init(&text, &vm->alloc);
  put_text(b, &text);
  struct string *s = text.failed ? NULL : string_from_buf(&vm->heap, &text);
  buf_fini(&text);
  return s ? value_object(s) : UNSET;
}

static bool push_line(struct lull *vm, struct list *lines, const char *bytes, size_t len)
{
  struct buf text;
  if (len && bytes[len - 1] == '\r') len--;
  buf_init(&text, &vm->alloc);
  buf_append_text(&text, bytes, len);
  struct string *s = text.failed ? NULL : string_from_buf(&vm->heap, &text);
  buf_fini(&text);
  return s && list_push(&vm->heap, lines, value_object(s));
}

static Value output_lines(struct lull *vm, const struct bytes *b)
{
  const char *at = (const char *)b->data, *end = at + b->len;
  struct list *lines = list_new(&vm->heap, 0);
  while (lines && at < end) {
    const char *stop = memchr(at, '\n', (size_t)(end - at)), *to = stop ? stop : end;
    if (!push_line(vm, lines, at, (size_t)(to - at))) return UNSET;
    at = to + 1;
  }
  return lines ? value_object(lines) : UNSET;
}

static Value output_json(struct lull *vm, const struct bytes *b, Value *error)
{
  const char *text = (const char *)b->data;
  struct json_fault fault = { .at = utf8_valid_prefix(text, b->len), .message = "invalid UTF-8" };
  Value v = fault.at < b->len ? UNSET : json_parse(vm, text, b->len, &fault);
  if (!is_unset(v) || !fault.message[0]) return v;
  struct position at = position_in(text, fault.at);
  struct string *message =
      string_printf(&vm->heap, "json: line %zu, column %zu: %s", at.line, at.column, fault.message);
  if (message) *error = value_object(error_new(vm, vm->errors.value, message));
  return UNSET;
}

Value result_as(struct lull *vm, const struct result *r, enum process_derived kind, Value *error)
{
  Value v = UNSET;
  *error = UNSET;
  switch (kind) {
  case DERIVED_RESULT: return value_object(r);
  case DERIVED_TEXT: v = output_text(vm, r->out); break;
  case DERIVED_LINES: v = output_lines(vm, r->out); break;
  case DERIVED_JSON: v = output_json(vm, r->out, error); break;
  }
  if (is_unset(v) && is_unset(*error)) {
    throw_memory(vm);
    *error = vm->thrown;
    vm->thrown = UNSET;
  }
  return v;
}

static struct result *self(struct call *c) { return (struct result *)(void *)as_object(c->args[0]); }

static enum native_status give_as(struct call *c, enum process_derived kind)
{
  Value error, v = result_as(c->vm, self(c), kind, &error);
  return is_unset(v) ? throw_value(c->vm, error) : native_return(c, v);
}

static enum native_status result_text(struct call *c) { return give_as(c, DERIVED_TEXT); }
static enum native_status result_lines(struct call *c) { return give_as(c, DERIVED_LINES); }
static enum native_status result_json(struct call *c) { return give_as(c, DERIVED_JSON); }
static enum native_status result_status(struct call *c) { return return_int(c, self(c)->status); }
static enum native_status result_ok(struct call *c) { return return_bool(c, result_is_ok(self(c))); }
static enum native_status result_out(struct call *c) { return native_return(c, value_object(self(c)->out)); }
static enum native_status result_err(struct call *c) { return native_return(c, value_object(self(c)->err)); }
static enum native_status result_command(struct call *c) { return native_return(c, value_object(self(c)->command)); }

static enum native_status result_signal(struct call *c) { return native_return(c, signal_value(c->vm, self(c))); }

static void mark_result(struct heap *heap, struct object *o)
{
  struct result *r = (struct result *)(void *)o;
  heap_mark_object(heap, r->command);
  heap_mark_object(heap, r->out);
  heap_mark_object(heap, r->err);
}

// As its output reads, since that is what it is asked for.
static void print_result(struct heap *heap, struct object *o, struct buf *out)
{
  const struct result *r = (const struct result *)(const void *)o;
  (void)heap;
  put_text(r->out, out);
  if (r->out->len && result_is_ok(r)) return;
  if (r->out->len) buf_putc(out, '\n');
  if (r->signal) buf_printf(out, "<ended by SIG%s>", r->signal);
  else buf_printf(out, "<exit status %d>", r->status);
}

static const struct native methods[] = {
  { "text", result_text, 0, 0, 0, "text()",
    "Its standard output as a string, without the last line end.\nWhat is no UTF-8 is replaced by U+FFFD." },
  { "lines", result_lines, 0, 0, 0, "lines()", "The lines of its standard output, without their ends." },
  { "json", result_json, 0, 0, 0, "json()",
    "The value that its standard output is the JSON text of.\nThrows a ValueError where it is none." },
};

static const struct native getters[] = {
  { "status", result_status, 0, 0, 0, "status", "Its exit status; 128 and the signal's number where one ended it." },
  { "signal", result_signal, 0, 0, 0, "signal", "The name of the signal that ended it, \"TERM\"; nil." },
  { "ok", result_ok, 0, 0, 0, "ok", "Whether the status is 0." },
  { "out", result_out, 0, 0, 0, "out", "Its standard output: bytes." },
  { "err", result_err, 0, 0, 0, "err", "Its standard error: bytes; the last 64 KiB where it was shown as it came." },
  { "command", result_command, 0, 0, 0, "command", "The command, as a person would type it." },
};

const struct native_class result_class = {
  .name = "result",
  .doc = "What a process has come to.",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .getters = getters,
  .getter_count = COUNT_OF(getters),
  .size = sizeof(struct result),
  .mark = mark_result,
  .print = print_result,
};

// Deferreds of a part

struct derived {
  struct operation op;  // its subject is the process
  u8 kind;
};

static void derived_wake(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct derived *derived = (struct derived *)(void *)w->subject;
  const struct process *p = as_process(derived->op.subject);
  bool is_wanted = d->state == DEFERRED_RESOLVED || (derived->kind == DERIVED_RESULT && p->result);
  if (!is_wanted) {
    operation_fail(vm, &derived->op, d->value);
    return;
  }
  Value error, v = result_as(vm, p->result, derived->kind, &error);
  if (is_unset(v)) operation_fail(vm, &derived->op, error);
  else operation_resolve(vm, &derived->op, v);
}

static void describe_derived(struct lull *vm, struct operation *op, struct buf *out)
{
  operation_describe(vm, &as_process(op->subject)->op, out);
}

static void abandon_derived(struct lull *vm, struct operation *op)
{
  deferred_unwait(vm, as_deferred(op->subject), &op->deferred.object);
}

static const struct operation_type derived_type = {
  .class = { .name = "output",
             .doc = "What a process will have come to.",
             .is_deferred = true,
             .size = sizeof(struct derived) },
  .describe = describe_derived,
  .abandon = abandon_derived,
};

struct deferred *process_derive(struct process *p, enum process_derived kind)
{
  struct derived *d = operation_new(p->vm, &derived_type, value_object(p));
  if (!d) return throw_memory(p->vm), NULL;
  d->kind = (u8)kind;
  if (!deferred_wait(p->vm, &p->op.deferred, derived_wake, &d->op.deferred.object, 0)) return throw_memory(p->vm), NULL;
  return &d->op.deferred;
}
