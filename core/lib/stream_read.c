#include "lib/stream.h"

#include <string.h>

#include "base/utf8.h"
#include "lib/lib.h"
#include "value/bytes.h"

// What a stream gives for a reader.
enum take { TAKE_VALUE, TAKE_MORE, TAKE_ERROR };

struct stream_read {
  struct operation op;
  struct stream_reader reader;
};

static struct stream *stream_of(struct loop_stream *io) { return CONTAINER_OF(io, struct stream, io); }

Value stream_io_error(const struct stream *s, const char *what, int error)
{
  struct lull *vm = s->vm;
  struct buf text;
  buf_init(&text, &vm->alloc);
  stream_describe(s, &text);
  Value e;
  if (error > 0) {
    e = error_from_errno(vm, error, "%s %s", what, buf_text(&text));
  } else {
    const char *code, *why = loop_stream_fault(&s->io, &code);
    e = error_with_code(vm, code, "%s %s: %s", what, buf_text(&text), why);
  }
  buf_fini(&text);
  return e;
}

static Value text_error(struct stream *s, const char *code, const char *format, u64 a, u64 b)
{
  struct lull *vm = s->vm;
  struct buf text;
  buf_init(&text, &vm->alloc);
  buf_puts(&text, "read from ");
  stream_describe(s, &text);
  buf_puts(&text, ": ");
  // Formats are those below.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  buf_printf(&text, format, (unsigned long long)a, (unsigned long long)b);
#pragma GCC diagnostic pop
  Value e = error_with_code(vm, code, "%s", buf_text(&text));
  buf_fini(&text);
  return e;
}

enum native_status stream_throw_closed(struct stream *s, const char *what)
{
  struct lull *vm = s->vm;
  return throw_value(vm, error_with_code(vm, "ECLOSED", "%s: the stream is closed", what));
}

// Taking of the input

// Text of octets; what is no UTF-8 becomes U+FFFD, so that one foreign byte does not end a log.
static struct string *text_of(struct stream *s, const char *bytes, size_t len)
{
  struct heap *heap = &s->vm->heap;
  size_t valid = utf8_valid_prefix(bytes, len);
  if (valid == len) return string_new(heap, bytes, len);
  struct buf out;
  buf_init(&out, &s->vm->alloc);
  buf_append_text(&out, bytes, len);
  struct string *text = out.failed ? NULL : string_from_buf(heap, &out);
  buf_fini(&out);
  return text;
}

static enum take give(struct stream *s, void *object, size_t taken, Value *v)
{
  loop_stream_take(&s->io, taken);
  s->scanned = 0;
  *v = object ? value_object(object) : NIL;
  if (!object) s->vm->heap.exhausted = true;
  return TAKE_VALUE;
}

static enum take take_line(struct stream *s, const char *bytes, size_t len, u64 limit, Value *v)
{
  const char *end = len > s->scanned ? memchr(bytes + s->scanned, '\n', len - s->scanned) : NULL;
  s->scanned = len;
  size_t line = end ? (size_t)(end - bytes) : len, taken = end ? line + 1 : len;
  if (limit && line > limit) {
    *v = text_error(s, "EMSGSIZE", "a line has more than %llu bytes", limit, 0);
    return TAKE_ERROR;
  }
  if (!end && !s->io.is_ended) return TAKE_MORE;
  if (line && bytes[line - 1] == '\r') line--;
  return give(s, text_of(s, bytes, line), taken, v);
}

static enum take take_part(struct stream *s, const char *bytes, size_t len, const struct stream_reader *r, Value *v)
{
  struct heap *heap = &s->vm->heap;
  switch (r->kind) {
  case STREAM_SOME:
    if (r->limit && len > r->limit) len = (size_t)r->limit;
    return give(s, bytes_new(heap, bytes, len), len, v);
  case STREAM_LINE: return take_line(s, bytes, len, r->limit, v);
  case STREAM_EXACTLY:
    if (len < r->limit) return TAKE_MORE;
    return give(s, bytes_new(heap, bytes, (size_t)r->limit), (size_t)r->limit, v);
  default: return TAKE_MORE;
  }
}

static enum take take_at_end(struct stream *s, const char *bytes, size_t len, const struct stream_reader *r, Value *v)
{
  struct heap *heap = &s->vm->heap;
  if (s->io.read_error) {
    *v = stream_io_error(s, "read from", s->io.read_error);
    return TAKE_ERROR;
  }
  switch (r->kind) {
  case STREAM_EXACTLY: *v = text_error(s, "EOF", "it ended after %llu of %llu bytes", len, r->limit); return TAKE_ERROR;
  case STREAM_ALL: return give(s, bytes_new(heap, bytes, len), len, v);
  case STREAM_TEXT: return give(s, text_of(s, bytes, len), len, v);
  default: *v = DONE; return TAKE_VALUE;
  }
}

static enum take take(struct stream *s, const struct stream_reader *r, Value *v)
{
  size_t len;
  const char *bytes = loop_stream_input(&s->io, &len);
  if (len || (r->kind == STREAM_EXACTLY && !r->limit)) {
    enum take t = take_part(s, bytes, len, r, v);
    if (t != TAKE_MORE) return t;
  }
  return s->io.is_ended ? take_at_end(s, bytes, len, r, v) : TAKE_MORE;
}

// Readers

// True: the first reader has been served, or can go no further for now: then *is_blocked.
static bool serve(struct stream *s, struct stream_reader *r, bool *is_blocked)
{
  Value v;
  if (r->kind == STREAM_PIPE) {
    if (stream_pipe_on(s, r)) return true;
    *is_blocked = stream_pipe_blocked(r);
    return false;
  }
  enum take t = take(s, r, &v);
  if (t == TAKE_MORE) return false;
  s->readers = r->next;
  if (t == TAKE_VALUE) operation_resolve(s->vm, r->op, v);
  else operation_fail(s->vm, r->op, v);
  return true;
}

void stream_input_changed(struct stream *s)
{
  bool is_blocked = false;
  while (s->readers && serve(s, s->readers, &is_blocked)) {}
  loop_stream_want(&s->io, s->readers && !is_blocked);
}

void stream_read_on(struct loop_stream *io) { stream_input_changed(stream_of(io)); }

void stream_drop_reader(struct stream *s, struct stream_reader *reader)
{
  struct stream_reader **link = &s->readers;
  while (*link && *link != reader) link = &(*link)->next;
  if (*link) *link = reader->next;
  s->scanned = 0;
  if (!s->readers) loop_stream_want(&s->io, false);
}

static void describe_read(struct lull *vm, struct operation *op, struct buf *out)
{
  (void)vm;
  buf_puts(out, "read from ");
  stream_describe((struct stream *)(void *)as_object(op->subject), out);
}

static void abandon_read(struct lull *vm, struct operation *op)
{
  (void)vm;
  stream_drop_reader((struct stream *)(void *)as_object(op->subject), &((struct stream_read *)op)->reader);
}

static const struct operation_type read_type = {
  .class = { .name = "read", .is_deferred = true, .size = sizeof(struct stream_read) },
  .describe = describe_read,
  .abandon = abandon_read,
};

static struct deferred *settled(struct lull *vm, enum take t, Value v)
{
  struct deferred *d = deferred_new(vm);
  if (t == TAKE_VALUE) deferred_fulfil(vm, d, v);
  else deferred_fail(vm, d, v);
  return d;
}

static void wait_in_line(struct lull *vm, struct stream *s, struct stream_read *read, enum stream_read_kind kind,
                         u64 limit)
{
  read->reader = (struct stream_reader){ .op = &read->op, .kind = (u8)kind, .limit = limit };
  struct stream_reader **link = &s->readers;
  while (*link) link = &(*link)->next;
  *link = &read->reader;
  heap_barrier(&vm->heap, s);
  if (s->readers == &read->reader) loop_stream_want(&s->io, true);
}

// A read that has to wait.
static struct stream_read *wait_read(struct lull *vm, struct stream *s, enum stream_read_kind kind, u64 limit)
{
  struct stream_read *read = operation_new(vm, &read_type, value_object(s));
  if (read) wait_in_line(vm, s, read, kind, limit);
  else throw_memory(vm);
  return read;
}

// TAKE_MORE: *v is not set, the read has to wait; thrown: TAKE_ERROR with *v UNSET.
static enum take read_now(struct lull *vm, struct stream *s, enum stream_read_kind kind, u64 limit, Value *v)
{
  *v = UNSET;
  if (!(s->io.flags & STREAM_READ)) {
    throw_error(vm, vm->errors.value, "the stream is only for writing");
    return TAKE_ERROR;
  }
  if (s->readers) return TAKE_MORE;
  struct stream_reader now = { .kind = (u8)kind, .limit = limit };
  return take(s, &now, v);
}

struct deferred *stream_read(struct lull *vm, struct stream *s, enum stream_read_kind kind, u64 limit)
{
  Value v;
  enum take t = read_now(vm, s, kind, limit, &v);
  if (t == TAKE_ERROR && is_unset(v)) return NULL;
  if (t != TAKE_MORE) return settled(vm, t, v);
  return (struct deferred *)wait_read(vm, s, kind, limit);
}

bool stream_read_now(struct lull *vm, struct stream *s, enum stream_read_kind kind, u64 limit, Value *v)
{
  enum take t = read_now(vm, s, kind, limit, v);
  if (t == TAKE_ERROR && !is_unset(*v)) {
    throw_value(vm, *v);
    *v = UNSET;
  }
  return t != TAKE_MORE;
}

// Iteration

struct stream_items {
  struct box box;
  struct stream *stream;
  struct stream_read *read;  // what next() waits with, again and again; NULL: it never had to
  u8 kind;
  u64 limit;
};

static void mark_items(struct heap *heap, struct object *o)
{
  heap_mark_object(heap, ((struct stream_items *)(void *)o)->stream);
  heap_mark_object(heap, ((struct stream_items *)(void *)o)->read);
}

// Suspends in the native itself: what waits in the buffer costs no deferred.
static enum native_status items_next(struct call *c)
{
  if (c->step > 0) return native_return(c, c->value);
  struct stream_items *items = (struct stream_items *)(void *)as_object(c->args[0]);
  Value v;
  enum take t = read_now(c->vm, items->stream, items->kind, items->limit, &v);
  if (t == TAKE_VALUE) return native_return(c, v);
  if (t == TAKE_ERROR) return is_unset(v) ? NATIVE_THROW : throw_value(c->vm, v);
  struct stream_read *read = items->read;
  if (read && !operation_is_pending(&read->op)) {
    operation_again(c->vm, &read->op);
    wait_in_line(c->vm, items->stream, read, items->kind, items->limit);
  } else if (!(read = wait_read(c->vm, items->stream, items->kind, items->limit))) {
    return NATIVE_THROW;
  }
  items->read = read;
  heap_barrier(c->heap, items);
  return operation_wait(c, &read->op.deferred);
}

static enum native_status items_iterate(struct call *c) { return native_return(c, c->args[0]); }

static const struct native items_methods[] = {
  { "next", items_next, 0, 0, 0, "next()", "Waits for the next element, and gives it; `done` at the end." },
  { "iterate", items_iterate, 0, 0, 0, "iterate()", "Itself." },
};

static const struct native_class items_class = {
  .name = "stream_items",
  .doc = "What a stream gives, for loops.",
  .methods = items_methods,
  .method_count = COUNT_OF(items_methods),
  .size = sizeof(struct stream_items),
  .mark = mark_items,
};

struct box *stream_iterator(struct lull *vm, struct stream *s, enum stream_read_kind kind, u64 limit)
{
  struct stream_items *items = box_new(vm, &items_class);
  if (!items) return throw_memory(vm), NULL;
  items->stream = s;
  items->kind = (u8)kind;
  items->limit = limit;
  return &items->box;
}
