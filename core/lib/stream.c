// The end of a socket, a pipe or a terminal: the value, and its methods.
#include "lib/stream.h"

#include <string.h>

#include "base/sys.h"
#include "lib/lib.h"
#include "value/bytes.h"

static struct stream *self(struct call *c) { return (struct stream *)(void *)as_object(c->args[0]); }

static enum native_status give(struct call *c, const void *object)
{
  return object ? native_return(c, value_object(object)) : NATIVE_THROW;
}

bool arg_data(struct call *c, u32 i)
{
  if (IS_STRING(c->args[i]) || IS_BYTES(c->args[i])) return true;
  arg_fail(c, i, "a string or bytes");
  return false;
}

const char *data_bytes(struct heap *heap, Value data, size_t *len)
{
  if (IS_BYTES(data)) {
    *len = AS_BYTES(data)->len;
    return (const char *)AS_BYTES(data)->data;
  }
  const char *bytes = string_bytes(heap, AS_STRING(data));
  *len = AS_STRING(data)->len;
  return bytes;
}

struct string *address_string(struct lull *vm, const struct address *a, bool has_port)
{
  struct buf text;
  buf_init(&text, &vm->alloc);
  if (has_port) address_print(a, &text);
  else address_print_host(a, &text);
  struct string *s = text.failed ? NULL : string_from_buf(&vm->heap, &text);
  buf_fini(&text);
  return s;
}

static bool peer_of(const struct stream *s, struct address *a)
{
  if (s->peer.sin6_family) {
    a->len = sizeof s->peer;
    memcpy(&a->any, &s->peer, sizeof s->peer);
    return true;
  }
  return s->io.fd >= 0 && (s->io.flags & STREAM_SOCKET) && address_peer(a, s->io.fd);
}

void stream_set_peer(struct stream *s, const struct address *peer)
{
  bool is_inet = peer->any.ss_family == AF_INET || peer->any.ss_family == AF_INET6;
  if (is_inet) memcpy(&s->peer, &peer->any, sizeof s->peer);
}

void stream_describe(const struct stream *s, struct buf *out)
{
  struct address a;
  if (s->name) string_write(s->name, out);
  else if (peer_of(s, &a)) address_print(&a, out);
  else if (s->io.fd < 0) buf_puts(out, "closed stream");
  else buf_printf(out, "descriptor %d", s->io.fd);
}

static void mark_stream(struct heap *heap, struct object *o)
{
  struct stream *s = (struct stream *)(void *)o;
  heap_mark_object(heap, s->name);
  heap_mark(heap, s->owner);
  heap_mark_object(heap, s->written);
  for (struct stream_reader *r = s->readers; r; r = r->next) heap_mark_object(heap, r->op);
  for (struct stream_writer *w = s->writers; w; w = w->next) heap_mark_object(heap, w->op);
}

static void finish_stream(struct heap *heap, struct object *o)
{
  struct stream *s = (struct stream *)(void *)o;
  (void)heap;
  stream_leave(s);
  if (s->vm) loop_stream_close(&s->io);
}

static void print_stream(struct heap *heap, struct object *o, struct buf *out)
{
  const struct stream *s = (const struct stream *)(const void *)o;
  (void)heap;
  buf_puts(out, "<stream: ");
  stream_describe(s, out);
  buf_puts(out, s->name && s->io.fd < 0 ? ", closed>" : ">");
}

static const struct vm_part_type scratch = { .size = STREAM_SCRATCH };

struct stream *stream_from_fd(struct lull *vm, int fd, u32 flags)
{
  char *bytes = vm_part(vm, &scratch);
  struct stream *s = bytes ? box_new(vm, &stream_class) : NULL;
  if (!s) {
    if (!(flags & STREAM_BORROWED)) sys_close(fd);
    return NULL;
  }
  loop_stream_init(&s->io, vm->loop, &vm->alloc, bytes, fd, flags);
  s->io.on_input = stream_read_on;
  s->io.on_room = stream_write_on;
  s->vm = vm;
  s->owner = NIL;
  return s;
}

void stream_join(struct stream *s, struct stream **list, Value owner, void (*closed)(struct stream *s))
{
  s->owner = owner;
  s->closed = closed;
  s->next = *list;
  s->link = list;
  if (s->next) s->next->link = &s->next;
  *list = s;
  heap_barrier(&s->vm->heap, s);
}

void stream_leave(struct stream *s)
{
  if (!s->link) return;
  *s->link = s->next;
  if (s->next) s->next->link = s->link;
  s->link = NULL;
  s->next = NULL;
}

void stream_set_name(struct lull *vm, struct stream *s, struct string *name)
{
  s->name = name;
  heap_barrier(&vm->heap, s);
}

// Optional size: an int of at least [least]. 0 stays where none was given.
static bool arg_size(struct call *c, u32 i, i64 least, u64 *out)
{
  i64 n;
  if (!arg_given(c, i) || is_nil(c->args[i])) return true;
  if (!arg_int(c, i, &n)) return false;
  if (n < least) {
    throw_error(c->vm, c->vm->errors.value, "%s: a size must be at least %lld, not %lld", c->native->name,
                (long long)least, (long long)n);
    return false;
  }
  *out = (u64)n;
  return true;
}

static enum native_status method_read(struct call *c)
{
  u64 max = 0;
  if (!arg_size(c, 1, 1, &max)) return NATIVE_THROW;
  return give(c, stream_read(c->vm, self(c), STREAM_SOME, max));
}

static enum native_status method_read_line(struct call *c)
{
  u64 max = STREAM_LINE_MAX;
  if (!arg_size(c, 1, 1, &max)) return NATIVE_THROW;
  return give(c, stream_read(c->vm, self(c), STREAM_LINE, max));
}

static enum native_status method_read_exactly(struct call *c)
{
  u64 n = 0;
  if (!arg_size(c, 1, 0, &n)) return NATIVE_THROW;
  if (n > BYTES_MAX) return throw_error(c->vm, c->vm->errors.limit, "read_exactly: that is too large for bytes");
  return give(c, stream_read(c->vm, self(c), STREAM_EXACTLY, n));
}

static enum native_status method_read_all(struct call *c)
{
  return give(c, stream_read(c->vm, self(c), STREAM_ALL, 0));
}

static enum native_status method_read_text(struct call *c)
{
  return give(c, stream_read(c->vm, self(c), STREAM_TEXT, 0));
}

static enum native_status method_lines(struct call *c)
{
  u64 max = STREAM_LINE_MAX;
  if (!arg_size(c, 1, 1, &max)) return NATIVE_THROW;
  return give(c, stream_iterator(c->vm, self(c), STREAM_LINE, max));
}

static enum native_status method_chunks(struct call *c)
{
  u64 max = 0;
  if (!arg_size(c, 1, 1, &max)) return NATIVE_THROW;
  return give(c, stream_iterator(c->vm, self(c), STREAM_SOME, max));
}

static enum native_status method_iterate(struct call *c)
{
  return give(c, stream_iterator(c->vm, self(c), STREAM_LINE, STREAM_LINE_MAX));
}

static enum native_status method_write(struct call *c)
{
  return arg_data(c, 1) ? give(c, stream_write(c->vm, self(c), c->args[1])) : NATIVE_THROW;
}

static enum native_status method_write_line(struct call *c)
{
  struct string *s, *end = vm_intern(c->vm, "\n");
  if (!arg_string(c, 1, &s)) return NATIVE_THROW;
  struct string *line = end ? string_concat(c->heap, s, end) : NULL;
  return line ? give(c, stream_write(c->vm, self(c), value_object(line))) : throw_memory(c->vm);
}

static enum native_status method_close_write(struct call *c) { return give(c, stream_end(c->vm, self(c))); }

static enum native_status method_close(struct call *c) { return give(c, stream_close(c->vm, self(c))); }

static enum native_status method_abort(struct call *c)
{
  stream_abort(self(c));
  return native_return(c, NIL);
}

static enum native_status method_pipe(struct call *c)
{
  struct stream *to = arg_box(c, 1, &stream_class);
  if (!to) return NATIVE_THROW;
  bool is_closed_after = !arg_given(c, 2) || !is_falsy(c->args[2]);
  return give(c, stream_pipe(c->vm, self(c), to, !is_closed_after));
}

static enum native_status get_is_open(struct call *c)
{
  return native_return(c, value_bool(loop_stream_is_open(&self(c)->io)));
}

static enum native_status give_address(struct call *c, const struct address *a)
{
  struct string *s = address_string(c->vm, a, true);
  return s ? native_return(c, value_object(s)) : throw_memory(c->vm);
}

static enum native_status get_peer(struct call *c)
{
  struct address a;
  return peer_of(self(c), &a) ? give_address(c, &a) : native_return(c, NIL);
}

static enum native_status get_local(struct call *c)
{
  struct address a;
  bool has_one = loop_stream_is_open(&self(c)->io) && address_local(&a, self(c)->io.fd);
  return has_one ? give_address(c, &a) : native_return(c, NIL);
}

static const struct native methods[] = {
  { "read", method_read, 0, 1, 0, "read(max = nil)",
    "A deferred of the bytes that come next, as many as there are; of `done` at the end.\n"
    "`max`: at most so many bytes. A read that is given up (`timeout`, a cancelled task) loses nothing: the next one gets "
    "what came. Throws an IOError where the connection fails. `let b = await s.read()`" },
  { "read_line", method_read_line, 0, 1, 0, "read_line(max = 16777216)",
    "A deferred of the next line as a string, without its end (LF or CR LF); of `done` at the end.\n"
    "What is no UTF-8 is replaced by U+FFFD. Throws an IOError with code \"EMSGSIZE\" where a line is longer than `max` bytes." },
  { "read_exactly", method_read_exactly, 1, 1, 0, "read_exactly(n)",
    "A deferred of exactly n bytes.\nThrows an IOError with code \"EOF\" where the stream ends before." },
  { "read_all", method_read_all, 0, 0, 0, "read_all()", "A deferred of all bytes up to the end." },
  { "read_text", method_read_text, 0, 0, 0, "read_text()",
    "A deferred of all text up to the end; what is no UTF-8 is replaced by U+FFFD." },
  { "lines", method_lines, 0, 1, 0, "lines(max = 16777216)",
    "The lines that come, for a loop; a stream in a loop gives them too.\nEach as read_line gives it. "
    "`for line in s.lines() { print(line) }`" },
  { "chunks", method_chunks, 0, 1, 0, "chunks(max = nil)",
    "What comes, as bytes, for a loop.\nEach as read gives it. `for b in s.chunks() { await to.write(b) }`" },
  { "iterate", method_iterate, 0, 0, 0, "iterate()", "The lines that come." },
  { "write", method_write, 1, 1, 0, "write(data)",
    "A deferred that resolves when all of the string or bytes has been given to the system.\n"
    "To await it is to go no faster than the other side reads. Writes keep their order, awaited or not. A write that is given "
    "up stops where it is: part of it may have been sent. Throws an IOError where the other side is gone (\"EPIPE\")." },
  { "write_line", method_write_line, 1, 1, 0, "write_line(text)", "Writes the text and a line end, as write does." },
  { "pipe", method_pipe, 1, 2, 0, "pipe(to, close = true)",
    "Writes all that comes to another stream, and resolves to the count of bytes.\n"
    "`close`: whether the other's output is then closed. `await a.pipe(b)`" },
  { "close_write", method_close_write, 0, 0, 0, "close_write()",
    "Closes the output, once all is written: the other side sees the end, and may still answer." },
  { "close", method_close, 0, 0, 0, "close()",
    "Closes the stream, once all is written: a deferred.\nPending reads end as if the other side had closed." },
  { "abort", method_abort, 0, 0, 0, "abort()", "Closes the stream at once; writes still pending fail." },
};

static const struct native getters[] = {
  { "is_open", get_is_open, 0, 0, 0, "is_open", "Whether it has not been closed on this side." },
  { "peer", get_peer, 0, 0, 0, "peer", "The address of the other side, \"127.0.0.1:8080\"; nil where it has none." },
  { "local", get_local, 0, 0, 0, "local", "The address of this side; nil where it has none." },
};

const struct native_class stream_class = {
  .name = "stream",
  .doc = "The end of a connection, a pipe or a terminal: bytes come, and bytes go.",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .getters = getters,
  .getter_count = COUNT_OF(getters),
  .size = sizeof(struct stream),
  .mark = mark_stream,
  .finish = finish_stream,
  .print = print_stream,
};
