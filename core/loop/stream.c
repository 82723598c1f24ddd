#include "loop/stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/sys.h"
#include "loop/io.h"

#define KEPT_MAX 512       // bytes of an empty buffer that are kept for the next input
#define DRAIN_MAX 64       // reads
#define BLOCKING_MAX 4096  // what a descriptor that is ready takes without waiting (PIPE_BUF)

static bool is_ready(int fd, short events)
{
  struct pollfd wait = { .fd = fd, .events = events };
  return poll(&wait, 1, 0) > 0;
}

const char *loop_stream_input(const struct loop_stream *s, size_t *len)
{
  if (s->view) {
    *len = s->view_len;
    return s->view;
  }
  *len = s->in.len - s->in_at;
  return *len ? s->in.data + s->in_at : "";
}

void loop_stream_take(struct loop_stream *s, size_t len)
{
  if (s->view) {
    s->view += len;
    s->view_len -= len;
    return;
  }
  s->in_at += len;
  if (s->in_at == s->in.len) {
    if (s->in.cap > KEPT_MAX) buf_fini(&s->in);
    else buf_clear(&s->in);
    s->in_at = 0;
  } else if (s->in_at > s->in.len / 2) {  // moving what is left costs less than what was taken
    buf_consume(&s->in, s->in_at);
    s->in_at = 0;
  }
}

static void fail_input(struct loop_stream *s, int error)
{
  s->read_error = error;
  s->is_ended = true;
}

static void fail_output(struct loop_stream *s, int error)
{
  if (!s->write_error) s->write_error = error;
  loop_io_stop(s->loop, &s->writing);
  buf_fini(&s->out);
}

// What came is shown where it lies, if nothing older waits; what the owner leaves is kept.
static void show(struct loop_stream *s, const char *bytes, size_t len)
{
  if (s->in.len > s->in_at) {
    buf_append(&s->in, bytes, len);
    if (s->in.failed) fail_input(s, ENOMEM);
    s->on_input(s);
    return;
  }
  s->view = bytes;
  s->view_len = len;
  s->on_input(s);
  bytes = s->view;
  len = s->view_len;
  s->view = NULL;
  if (!loop_stream_is_open(s)) return;
  buf_append(&s->in, bytes, len);
  if (!s->in.failed) return;
  fail_input(s, ENOMEM);
  s->on_input(s);
}

static void filter_input(struct loop_stream *s, const char *bytes, size_t len)
{
  int error = s->filter->input(s->filter, s, bytes, len);
  if (s->in.failed || s->out.failed) error = ENOMEM;
  if (error) fail_input(s, error);
  loop_stream_flush(s);
  s->on_input(s);
}

static bool has_hung_up(int fd)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };
  return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) && !(p.revents & POLLIN);
}

static void read_some(struct loop_stream *s)
{
  char *bytes = s->scratch;
  ssize_t n = sys_read(s->fd, bytes, STREAM_SCRATCH);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  int error = n < 0 ? errno : 0;
  // A pseudo-terminal says EIO when the last one on the other side has closed it.
  if (error == EIO && !(s->flags & STREAM_SOCKET) && has_hung_up(s->fd)) n = error = 0;
  if (error) fail_input(s, error);
  else if (n == 0) s->is_ended = true;
  if (s->is_ended) loop_io_stop(s->loop, &s->reading);
  if (s->filter && !s->read_error) filter_input(s, bytes, (size_t)n);
  else show(s, bytes, n > 0 ? (size_t)n : 0);
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
  struct loop_stream *s = CONTAINER_OF(w, struct loop_stream, reading);
  if (loop_io_is_refused(loop, events)) {
    fail_input(s, errno);
    show(s, "", 0);
  } else if (s->is_wanted) read_some(s);
  else loop_io_stop(loop, w);  // it stayed on in case it is wanted again soon
}

static void on_writable(struct ev_loop *loop, ev_io *w, int events)
{
  struct loop_stream *s = CONTAINER_OF(w, struct loop_stream, writing);
  if (loop_io_is_refused(loop, events)) {
    fail_output(s, errno);
  } else {
    loop_io_stop(loop, w);
    loop_stream_flush(s);
  }
  if (s->on_room) s->on_room(s);
}

void loop_stream_init(struct loop_stream *s, struct ev_loop *loop, struct alloc *alloc, char *scratch, int fd,
                      u32 flags)
{
  *s = (struct loop_stream){ .loop = loop, .fd = fd, .flags = (u8)flags, .scratch = scratch };
  if (fd <= 2) s->flags |= STREAM_BLOCKING;
  if (!(s->flags & STREAM_BLOCKING)) sys_set_nonblocking(fd);
  buf_init(&s->in, alloc);
  buf_init(&s->out, alloc);
  ev_io_init(&s->reading, on_readable, fd, EV_READ);
  ev_io_init(&s->writing, on_writable, fd, EV_WRITE);
  s->is_ended = !(flags & STREAM_READ);
  s->is_shut = s->is_ending = !(flags & STREAM_WRITE);
}

void loop_stream_close(struct loop_stream *s)
{
  if (s->fd < 0) return;
  loop_io_stop(s->loop, &s->reading);
  loop_io_stop(s->loop, &s->writing);
  if (!(s->flags & STREAM_BORROWED)) sys_close(s->fd);
  s->fd = -1;
  s->is_ended = s->is_ending = s->is_shut = true;
  s->view_len = 0;
  buf_fini(&s->in);
  buf_fini(&s->out);
  s->in_at = 0;
  if (s->filter) s->filter->destroy(s->filter);
  s->filter = NULL;
}

void loop_stream_want(struct loop_stream *s, bool is_wanted)
{
  s->is_wanted = is_wanted;
  if (is_wanted && !s->is_ended) loop_io_start(s->loop, &s->reading);
}

void loop_stream_drain(struct loop_stream *s)
{
  for (int i = 0; i < DRAIN_MAX && (s->flags & STREAM_SOCKET) && !s->is_ended; i++) {
    if (sys_read(s->fd, s->scratch, STREAM_SCRATCH) <= 0) return;
  }
}

// Sends what there is room for; the rest waits for on_writable. -1: it failed.
static ssize_t send_some(struct loop_stream *s, const char *bytes, size_t len)
{
  size_t most = len;
  if (s->flags & STREAM_BLOCKING) {
    if (most > BLOCKING_MAX) most = BLOCKING_MAX;
    if (!is_ready(s->fd, POLLOUT)) most = 0;
  }
  ssize_t n = 0;
  if (most) n = s->flags & STREAM_SOCKET ? sys_send(s->fd, bytes, most) : sys_write(s->fd, bytes, most);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) n = 0;
  if (n < 0) {
    fail_output(s, errno);
    return -1;
  }
  if ((size_t)n < len) loop_io_start(s->loop, &s->writing);
  return n;
}

static void shut(struct loop_stream *s)
{
  s->is_shut = true;
  if (s->flags & STREAM_SOCKET) shutdown(s->fd, SHUT_WR);
  else if (!(s->flags & STREAM_READ)) loop_stream_close(s);
}

void loop_stream_flush(struct loop_stream *s)
{
  if (s->out.len) {
    ssize_t n = send_some(s, s->out.data, s->out.len);
    if (n > 0) buf_consume(&s->out, (size_t)n);
    if (s->out.len == 0 && s->out.cap > KEPT_MAX) buf_fini(&s->out);
  }
  if (s->is_ending && !s->is_shut && s->out.len == 0) shut(s);
}

static size_t filter_output(struct loop_stream *s, const char *bytes, size_t len)
{
  size_t all = 0, taken = 1;
  while (all < len && taken && !s->write_error) {
    size_t part = len - all > STREAM_ROOM ? STREAM_ROOM : len - all;
    taken = 0;
    int error = s->filter->output(s->filter, s, bytes + all, part, &taken);
    if (s->out.failed) error = ENOMEM;
    if (error) fail_output(s, error);
    all += taken;
    loop_stream_flush(s);
    if (s->out.len >= STREAM_ROOM) break;
  }
  return s->write_error ? len : all;
}

size_t loop_stream_write(struct loop_stream *s, const char *bytes, size_t len)
{
  if (s->write_error || s->is_ending || len == 0) return len;
  if (s->filter) return filter_output(s, bytes, len);
  ssize_t n = send_some(s, bytes, len);
  return n < 0 ? len : (size_t)n;
}

void loop_stream_end(struct loop_stream *s)
{
  if (s->is_ending) return;
  s->is_ending = true;
  int error = s->filter ? s->filter->end(s->filter, s) : 0;
  if (error) fail_output(s, error);
  loop_stream_flush(s);
}

const char *loop_stream_fault(const struct loop_stream *s, const char **code)
{
  *code = "ECLOSED";
  return s->filter ? s->filter->fault(s->filter, code) : "the stream is closed";
}
