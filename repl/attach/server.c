#include "attach/server.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "attach/connection.h"
#include "attach/socket.h"
#include "base/sys.h"

enum { CONNECTIONS_MOST = 32 };

static const double KEEP_HOUSE_EVERY = 1, LAST_SECONDS = 1, PAUSE_SECONDS = 0.1;

struct server {
  struct server_config config;
  struct house *house;
  int fd;
  struct buf path;  // that the program may not change by going to another folder
  struct socket_file file;
  ev_io acceptable;
  ev_prepare before_waiting;
  ev_timer housekeeping;
  ev_timer pause;    // while it runs, acceptable does not
  bool is_troubled;  // the last accept failed for want of something
  struct connection *first;
  u32 count;
};

// --- connections

static void refuse(struct server *s, int fd, const char *text)
{
  struct buf out;
  buf_init(&out, s->config.alloc);
  packet_put_end(&out, END_REFUSED, 1, text);
  (void)sys_send(fd, buf_text(&out), out.len);  // who cannot be told sees it closed
  buf_fini(&out);
  sys_close(fd);
}

static void take_in(struct server *s, int fd)
{
  if (!socket_is_ours(fd)) {
    refuse(s, fd, "this program is another user's");
  } else if (s->count == CONNECTIONS_MOST) {
    refuse(s, fd, "too many terminals are attached to this program");
  } else {
    struct connection *c = connection_create(s->config.alloc, s->house, fd);
    if (!c) return;
    c->next = s->first;
    s->first = c;
    s->count++;
    ev_timer_again(s->house->loop, &s->housekeeping);
  }
}

static void tell_trouble(struct server *s, int error)
{
  struct buf text;
  buf_init(&text, s->config.alloc);
  buf_printf(&text, "lull: %s: cannot accept for now: %s\n", buf_text(&s->path), strerror(error));
  if (!s->is_troubled) lull_write(s->house->lull, 0, 2, buf_text(&text), text.len);
  buf_fini(&text);
  s->is_troubled = true;
}

// Out of descriptors, say. What waits to be accepted would be heard of again at once.
static void rest(struct server *s, int error)
{
  struct ev_loop *loop = s->house->loop;
  ev_ref(loop);
  ev_io_stop(loop, &s->acceptable);
  ev_timer_set(&s->pause, PAUSE_SECONDS, 0);
  ev_timer_start(loop, &s->pause);
  ev_unref(loop);
  tell_trouble(s, error);
}

static void on_pause_end(struct ev_loop *loop, ev_timer *w, int events)
{
  struct server *s = w->data;
  ev_ref(loop);  // libev has stopped the timer, and its own count with it
  ev_io_start(loop, &s->acceptable);
  ev_unref(loop);
}

static void on_acceptable(struct ev_loop *loop, ev_io *w, int events)
{
  struct server *s = w->data;
  for (int fd; (fd = sys_accept(s->fd, NULL, NULL)) >= 0; s->is_troubled = false) take_in(s, fd);
  if (events & EV_ERROR) rest(s, ENOBUFS);  // the system will not watch it
  else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNABORTED) rest(s, errno);
}

static void sweep(struct server *s)
{
  for (struct connection **at = &s->first; *at;) {
    struct connection *c = *at;
    if (c->state == CONNECTION_LEAVING) connection_end(c, END_LEFT, session_status(c->session), "");
    if (c->state != CONNECTION_LOST) {
      at = &c->next;
      continue;
    }
    *at = c->next;
    s->count--;
    connection_destroy(c);
  }
}

// The watchers of sessions keep the loop turning; whether the program is over is asked of its state.
static void on_before_waiting(struct ev_loop *loop, ev_prepare *w, int events)
{
  struct server *s = w->data;
  sweep(s);
  if (!s->house->first && !s->first) return;
  bool is_held = lull_is_active(s->house->lull) || (s->config.is_held && s->config.is_held(s->config.user));
  if (!is_held) ev_break(loop, EVBREAK_ALL);
}

// --- what nobody else does in time

static void close_idle_sessions(struct server *s)
{
  for (struct session *at = s->house->first, *next; at; at = next) {
    next = session_next(at);
    if (session_is_detached(at) && !session_is_alive(at)) session_close(at);
  }
}

static void on_housekeeping(struct ev_loop *loop, ev_timer *w, int events)
{
  struct server *s = w->data;
  double now = sys_now();
  for (struct connection *c = s->first; c; c = c->next) {
    if (now < c->deadline) continue;
    if (c->state == CONNECTION_NEW) connection_end(c, END_REFUSED, 1, "no greeting came");
    else if (c->state == CONNECTION_ENDING) c->state = CONNECTION_LOST;
  }
  close_idle_sessions(s);
  if (!s->first && !s->house->first) ev_timer_stop(loop, w);
}

// --- life

static void set_path(struct server *s, const char *path)
{
  char folder[4096];
  buf_init(&s->path, s->config.alloc);
  if (*path != '/' && getcwd(folder, sizeof folder)) buf_printf(&s->path, "%s/", folder);
  buf_puts(&s->path, path);
}

static void destroy(struct server *s)
{
  if (s->fd >= 0) sys_close(s->fd);
  buf_fini(&s->path);
  mem_free(s->config.alloc, s, sizeof *s);
}

struct server *server_open(const struct server_config *config, struct buf *message)
{
  struct server *s = mem_alloc_zero(config->alloc, sizeof *s);
  if (!s) {
    buf_printf(message, "%s: out of memory", config->path);
    return NULL;
  }
  struct ev_loop *loop = config->house->loop;
  s->config = *config;
  s->house = config->house;
  s->fd = socket_listen(config->path, &s->file, message);
  set_path(s, config->path);
  if (s->fd < 0) {
    destroy(s);
    return NULL;
  }
  ev_io_init(&s->acceptable, on_acceptable, s->fd, EV_READ);
  ev_prepare_init(&s->before_waiting, on_before_waiting);
  ev_set_priority(&s->before_waiting, EV_MINPRI);  // behind the turn that the state runs then
  ev_timer_init(&s->housekeeping, on_housekeeping, KEEP_HOUSE_EVERY, KEEP_HOUSE_EVERY);
  ev_timer_init(&s->pause, on_pause_end, PAUSE_SECONDS, 0);
  s->acceptable.data = s->before_waiting.data = s->housekeeping.data = s->pause.data = s;
  ev_io_start(loop, &s->acceptable);
  ev_prepare_start(loop, &s->before_waiting);
  for (int i = 0; i < 2; i++) ev_unref(loop);
  urgent_start(s->house->lull);
  return s;
}

// Until all have what was written, or a moment is over.
static void drain(struct server *s)
{
  double end = sys_now() + LAST_SECONDS;
  for (;;) {
    struct pollfd fds[CONNECTIONS_MOST];
    nfds_t count = 0;
    for (struct connection *c = s->first; c; c = c->next)
      if (c->state == CONNECTION_ENDING && !connection_flush(c)) fds[count++] = (struct pollfd){ c->fd, POLLOUT, 0 };
    double left = end - sys_now();
    if (count == 0 || left <= 0 || (poll(fds, count, (int)(left * 1000) + 1) < 0 && errno != EINTR)) return;
  }
}

void server_close(struct server *s, int status, const char *text)
{
  if (!s) return;
  struct ev_loop *loop = s->house->loop;
  socket_remove(buf_text(&s->path), &s->file);
  for (struct connection *c = s->first; c; c = c->next) connection_end(c, END_PROGRAM, status, text);
  drain(s);
  while (s->first) {
    struct connection *c = s->first;
    s->first = c->next;
    connection_destroy(c);
  }
  while (s->house->first) session_close(s->house->first);
  urgent_end();
  ev_timer_stop(loop, &s->housekeeping);
  for (int i = 0; i < 2; i++) ev_ref(loop);
  ev_io_stop(loop, &s->acceptable);
  ev_timer_stop(loop, &s->pause);  // in its place
  ev_prepare_stop(loop, &s->before_waiting);
  destroy(s);
}
