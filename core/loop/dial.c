#include "loop/dial.h"

#include <errno.h>

#include "base/sys.h"
#include "loop/io.h"
#include "loop/socket.h"

#define PATIENCE 0.25  // seconds for an address before the next is tried beside it

static void go_on(struct loop_dial *d);

static void end(struct loop_dial *d, int fd, int error)
{
  loop_dial_fini(d);
  d->done(d, fd, error);
}

static void drop(struct dial_attempt *a, bool is_closed)
{
  loop_io_stop(a->dial->loop, &a->writable);
  if (is_closed) sys_close(a->fd);
  a->fd = -1;
  a->dial->pending--;
}

static void on_writable(struct ev_loop *loop, ev_io *w, int events)
{
  struct dial_attempt *a = CONTAINER_OF(w, struct dial_attempt, writable);
  struct loop_dial *d = a->dial;
  int fd = a->fd, error = 0;
  socklen_t len = sizeof error;
  if (loop_io_is_refused(loop, events)) error = errno;
  else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0) error = errno;
  drop(a, error != 0);
  d->error = error;
  if (error) {
    go_on(d);
    return;
  }
  d->reached = d->addresses[a - d->attempts];
  end(d, fd, 0);
}

// Begins the next attempt. A descriptor: connected at once; -1: it waits, or failed (d->error).
static int attempt(struct loop_dial *d)
{
  const struct address *to = &d->addresses[d->next];
  struct dial_attempt *a = &d->attempts[d->next++];
  int fd = socket_open(to->any.ss_family, SOCK_STREAM, d->options);
  d->error = errno;
  if (fd < 0) return -1;
  d->reached = *to;
  if (sys_connect(fd, &to->any, to->len) == 0) return fd;
  d->error = errno;
  // EAGAIN of a local socket: its listener has no room for more.
  if (errno != EINPROGRESS) {
    sys_close(fd);
    return -1;
  }
  a->fd = fd;
  a->dial = d;
  d->pending++;
  ev_io_init(&a->writable, on_writable, fd, EV_WRITE);
  loop_io_start(d->loop, &a->writable);
  return -1;
}

static void go_on(struct loop_dial *d)
{
  u32 before = d->pending;
  while (d->next < d->count && d->pending == before) {
    int fd = attempt(d);
    if (fd >= 0) {
      end(d, fd, 0);
      return;
    }
  }
  loop_timer_stop(d->loop, &d->patience);
  if (d->next < d->count) loop_timer_start(d->loop, &d->patience, PATIENCE, 0, false);
  else if (d->pending == 0) end(d, -1, d->error);
}

static void on_patience(struct loop_timer *t) { go_on(CONTAINER_OF(t, struct loop_dial, patience)); }

bool loop_dial_init(struct loop_dial *d, struct ev_loop *loop, struct alloc *alloc, const struct address *addresses,
                    u32 count, u32 options)
{
  if (count > DIAL_MAX) count = DIAL_MAX;
  *d = (struct loop_dial){ .loop = loop, .alloc = alloc, .count = count, .options = options, .done = d->done };
  d->addresses = mem_alloc(alloc, count * sizeof *d->addresses);
  d->attempts = mem_alloc(alloc, count * sizeof *d->attempts);
  loop_timer_init(&d->patience, on_patience);
  if (!d->addresses || !d->attempts) {
    loop_dial_fini(d);
    return false;
  }
  for (u32 i = 0; i < count; i++) {
    d->addresses[i] = addresses[i];
    d->attempts[i].fd = -1;
  }
  return true;
}

void loop_dial_start(struct loop_dial *d)
{
  d->error = EADDRNOTAVAIL;  // where there are no addresses
  go_on(d);
}

void loop_dial_fini(struct loop_dial *d)
{
  if (!d->loop) return;
  for (u32 i = 0; d->attempts && i < d->next; i++) {
    if (d->attempts[i].fd >= 0) drop(&d->attempts[i], true);
  }
  loop_timer_stop(d->loop, &d->patience);
  mem_free(d->alloc, d->attempts, d->count * sizeof *d->attempts);
  mem_free(d->alloc, d->addresses, d->count * sizeof *d->addresses);
  d->attempts = NULL;
  d->addresses = NULL;
  d->loop = NULL;
}
