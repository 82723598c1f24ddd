// Writing to streams, and writing one to another.
#include "lib/stream.h"

#include <errno.h>

#include "lib/lib.h"

struct stream_write {
  struct operation op;  // its subject is the stream
  struct stream_writer writer;
  Value data;
  size_t at;  // of it that has been taken
};

struct stream_pipe {
  struct operation op;  // its subject is the stream it reads
  struct stream *to;
  struct stream_reader reader;
  struct stream_writer writer;
  bool is_waiting;  // for room: its writer is queued
  bool is_open_after;
  u64 count;
};

static struct stream *subject(const struct operation *op) { return (struct stream *)(void *)as_object(op->subject); }

static void queue(struct stream *s, struct stream_writer *writer)
{
  struct stream_writer **link = &s->writers;
  while (*link) link = &(*link)->next;
  writer->next = NULL;
  *link = writer;
  heap_barrier(&s->vm->heap, s);
}

static void drop_writer(struct stream *s, struct stream_writer *writer)
{
  struct stream_writer **link = &s->writers;
  while (*link && *link != writer) link = &(*link)->next;
  if (*link) *link = writer->next;
}

// Takes the first writer out, and settles it.
static void finish_first(struct stream *s, Value value)
{
  struct stream_writer *w = s->writers;
  s->writers = w->next;
  operation_resolve(s->vm, w->op, value);
}

static void closed(struct stream *s)
{
  loop_stream_close(&s->io);
  stream_input_changed(s);
  if (s->closed) s->closed(s);
  s->closed = NULL;
}

// Nothing is to come behind it, whatever becomes of it: the other side must not wait for more.
static bool is_last(const struct stream_writer *w)
{
  return w->kind == STREAM_END ||
         (w->kind == STREAM_PIPED && !CONTAINER_OF(w, struct stream_pipe, writer)->is_open_after);
}

static void fail_writers(struct stream *s, int error)
{
  while (s->writers) {
    struct stream_writer *w = s->writers;
    s->writers = w->next;
    if (w->kind == STREAM_CLOSE) {
      loop_stream_close(&s->io);
      operation_resolve(s->vm, w->op, NIL);
      continue;
    }
    if (is_last(w) && loop_stream_is_open(&s->io)) loop_stream_end(&s->io);
    if (w->kind == STREAM_PIPED)
      stream_drop_reader(subject(w->op), &CONTAINER_OF(w, struct stream_pipe, writer)->reader);
    operation_fail(s->vm, w->op, stream_io_error(s, "write to", error));
  }
}

static void close_gently(struct stream *s)
{
  loop_stream_end(&s->io);
  loop_stream_drain(&s->io);
  closed(s);
}

// True: the first writer has done all it can do, and was settled.
static bool write_first(struct stream *s)
{
  struct stream_writer *w = s->writers;
  if (w->kind == STREAM_PIPED) {
    struct stream_pipe *p = CONTAINER_OF(w, struct stream_pipe, writer);
    s->writers = w->next;
    p->is_waiting = false;
    stream_input_changed(subject(&p->op));
    return !p->is_waiting;
  }
  if (w->kind == STREAM_DATA) {
    struct stream_write *op = CONTAINER_OF(w, struct stream_write, writer);
    size_t len;
    const char *bytes = data_bytes(&s->vm->heap, op->data, &len);
    if (op->at < len) op->at += loop_stream_write(&s->io, bytes + op->at, len - op->at);
    if (s->io.write_error || op->at < len) return false;
  }
  if (!loop_stream_is_flushed(&s->io)) return false;
  if (w->kind == STREAM_END) loop_stream_end(&s->io);
  if (w->kind == STREAM_CLOSE) loop_stream_end(&s->io);
  if (w->kind == STREAM_CLOSE && !loop_stream_is_flushed(&s->io)) return false;
  finish_first(s, NIL);
  if (w->kind == STREAM_CLOSE) close_gently(s);
  return true;
}

void stream_write_on(struct loop_stream *io)
{
  struct stream *s = CONTAINER_OF(io, struct stream, io);
  while (s->writers && !io->write_error && write_first(s)) {}
  if (io->write_error) fail_writers(s, io->write_error);
}

static void describe_write(struct lull *vm, struct operation *op, struct buf *out)
{
  const struct stream_write *w = (const struct stream_write *)op;
  size_t len = 0;
  if (w->writer.kind == STREAM_DATA) data_bytes(&vm->heap, w->data, &len);
  buf_puts(out, w->writer.kind == STREAM_DATA ? "write to " : "close ");
  stream_describe(subject(op), out);
  if (len) buf_printf(out, ", %zu of %zu bytes", w->at, len);
}

// What is given up may have been sent in part. To give up a close is to close at once.
static void abandon_write(struct lull *vm, struct operation *op)
{
  struct stream_write *w = (struct stream_write *)op;
  struct stream *s = subject(op);
  (void)vm;
  drop_writer(s, &w->writer);
  if (w->writer.kind == STREAM_CLOSE) stream_abort(s);
}

static void mark_write(struct heap *heap, struct object *o)
{
  heap_mark(heap, ((struct stream_write *)(void *)o)->data);
}

static const struct operation_type write_type = {
  .class = { .name = "write", .is_deferred = true, .size = sizeof(struct stream_write), .mark = mark_write },
  .is_effect = true,
  .describe = describe_write,
  .abandon = abandon_write,
};

// Settled deferreds without a value are all alike: one for each stream that has written.
static struct deferred *done(struct lull *vm, struct stream *s)
{
  if (s->written) return s->written;
  struct deferred *d = deferred_new(vm);
  deferred_fulfil(vm, d, NIL);
  s->written = d;
  heap_barrier(&vm->heap, s);
  return d;
}

static struct deferred *wait_write(struct lull *vm, struct stream *s, enum stream_write_kind kind, Value data,
                                   size_t at)
{
  struct stream_write *w = operation_new(vm, &write_type, value_object(s));
  if (!w) return throw_memory(vm), NULL;
  w->data = data;
  w->at = at;
  w->writer = (struct stream_writer){ .op = &w->op, .kind = (u8)kind };
  queue(s, &w->writer);
  return &w->op.deferred;
}

// Its end waits behind what is still to be written: nothing can come after it.
static bool is_end_waiting(const struct stream *s)
{
  const struct stream_writer *w = s->writers;
  while (w && w->kind != STREAM_CLOSE && w->kind != STREAM_END) w = w->next;
  return w != NULL;
}

static bool is_writable(struct stream *s)
{
  struct lull *vm = s->vm;
  if (!(s->io.flags & STREAM_WRITE)) throw_error(vm, vm->errors.value, "the stream is only for reading");
  else if (s->io.write_error) throw_value(vm, stream_io_error(s, "write to", s->io.write_error));
  else if (!loop_stream_is_open(&s->io) || s->io.is_ending || is_end_waiting(s)) stream_throw_closed(s, "write");
  else return true;
  return false;
}

struct deferred *stream_write(struct lull *vm, struct stream *s, Value data)
{
  if (!is_writable(s)) return NULL;
  if (s->writers) return wait_write(vm, s, STREAM_DATA, data, 0);
  size_t len;
  const char *bytes = data_bytes(&vm->heap, data, &len);
  size_t taken = loop_stream_write(&s->io, bytes, len);
  if (s->io.write_error) return throw_value(vm, stream_io_error(s, "write to", s->io.write_error)), NULL;
  if (taken == len && loop_stream_is_flushed(&s->io)) return done(vm, s);
  return wait_write(vm, s, STREAM_DATA, data, taken);
}

struct deferred *stream_end(struct lull *vm, struct stream *s)
{
  if (s->io.is_ending) return done(vm, s);
  if (s->writers) return wait_write(vm, s, STREAM_END, NIL, 0);
  loop_stream_end(&s->io);
  return loop_stream_is_flushed(&s->io) ? done(vm, s) : wait_write(vm, s, STREAM_END, NIL, 0);
}

struct deferred *stream_close(struct lull *vm, struct stream *s)
{
  if (!loop_stream_is_open(&s->io)) return done(vm, s);
  if (!s->writers) {
    if (s->io.filter) loop_stream_end(&s->io);
    if (loop_stream_is_flushed(&s->io) || s->io.write_error) {
      close_gently(s);
      return done(vm, s);
    }
  }
  return wait_write(vm, s, STREAM_CLOSE, NIL, 0);
}

void stream_abort(struct stream *s)
{
  if (!loop_stream_is_open(&s->io)) return;
  closed(s);
  fail_writers(s, ECANCELED);
}

// Pipes

bool stream_pipe_blocked(const struct stream_reader *reader)
{
  return CONTAINER_OF(reader, struct stream_pipe, reader)->is_waiting;
}

static void pipe_wait(struct stream_pipe *p)
{
  p->is_waiting = true;
  queue(p->to, &p->writer);
}

static void pipe_end(struct stream_pipe *p)
{
  struct stream *from = subject(&p->op);
  struct lull *vm = from->vm;
  from->readers = p->reader.next;
  if (p->to->io.write_error) operation_fail(vm, &p->op, stream_io_error(p->to, "write to", p->to->io.write_error));
  else if (!loop_stream_is_open(&p->to->io)) operation_fail(vm, &p->op, stream_io_error(p->to, "write to", EPIPE));
  else if (from->io.read_error) operation_fail(vm, &p->op, stream_io_error(from, "read from", from->io.read_error));
  else operation_resolve(vm, &p->op, value_int((i64)p->count));
  if (!p->is_open_after && loop_stream_is_open(&p->to->io) && !stream_end(vm, p->to)) vm->heap.exhausted = true;
}

bool stream_pipe_on(struct stream *s, struct stream_reader *reader)
{
  struct stream_pipe *p = CONTAINER_OF(reader, struct stream_pipe, reader);
  struct loop_stream *to = &p->to->io;
  if (p->is_waiting) return false;
  size_t len;
  const char *bytes = loop_stream_input(&s->io, &len);
  bool is_gone = to->write_error || to->is_ending;
  if (len && !is_gone) {
    size_t taken = p->to->writers ? 0 : loop_stream_write(to, bytes, len);
    is_gone = to->write_error;
    loop_stream_take(&s->io, is_gone ? 0 : taken);
    p->count += taken;
    if (!is_gone && (taken < len || !loop_stream_is_flushed(to))) {
      pipe_wait(p);
      return false;
    }
  }
  if (!s->io.is_ended && !is_gone) return false;
  pipe_end(p);
  return true;
}

static void describe_pipe(struct lull *vm, struct operation *op, struct buf *out)
{
  const struct stream_pipe *p = (const struct stream_pipe *)op;
  (void)vm;
  buf_puts(out, "pipe from ");
  stream_describe(subject(op), out);
  buf_puts(out, " to ");
  stream_describe(p->to, out);
  buf_printf(out, ", %llu bytes so far", (unsigned long long)p->count);
}

static void abandon_pipe(struct lull *vm, struct operation *op)
{
  struct stream_pipe *p = (struct stream_pipe *)op;
  (void)vm;
  stream_drop_reader(subject(op), &p->reader);
  if (p->is_waiting) drop_writer(p->to, &p->writer);
}

static void mark_pipe(struct heap *heap, struct object *o)
{
  heap_mark_object(heap, ((struct stream_pipe *)(void *)o)->to);
}

static const struct operation_type pipe_type = {
  .class = { .name = "pipe", .is_deferred = true, .size = sizeof(struct stream_pipe), .mark = mark_pipe },
  .is_effect = true,
  .describe = describe_pipe,
  .abandon = abandon_pipe,
};

struct deferred *stream_pipe(struct lull *vm, struct stream *from, struct stream *to, bool is_open_after)
{
  if (!(from->io.flags & STREAM_READ)) return throw_error(vm, vm->errors.value, "the stream is only for writing"), NULL;
  if (!is_writable(to)) return NULL;
  struct stream_pipe *p = operation_new(vm, &pipe_type, value_object(from));
  if (!p) return throw_memory(vm), NULL;
  p->to = to;
  p->is_open_after = is_open_after;
  p->reader = (struct stream_reader){ .op = &p->op, .kind = STREAM_PIPE };
  p->writer = (struct stream_writer){ .op = &p->op, .kind = STREAM_PIPED };
  struct stream_reader **link = &from->readers;
  while (*link) link = &(*link)->next;
  *link = &p->reader;
  heap_barrier(&vm->heap, from);
  stream_input_changed(from);
  return &p->op.deferred;
}
