#include "links.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "watch.h"

static void unlink_gone(struct link *l)
{
  if (!l->is_gone) return;
  if (l->prev) l->prev->next = l->next;
  else l->links->gone = l->next;
  if (l->next) l->next->prev = l->prev;
  l->is_gone = false;
}

static void link_gone(struct link *l)
{
  if (l->is_gone) return;
  l->is_gone = true;
  l->prev = NULL;
  l->next = l->links->gone;
  if (l->next) l->next->prev = l;
  l->links->gone = l;
}

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool is_waited_for(const struct link *l) { return l->earlier || l->links->earliest == l; }

void link_asked(struct link *l)
{
  if (!l || !is_waited_for(l)) return;
  if (l->earlier) l->earlier->later = l->later;
  else l->links->earliest = l->later;
  if (l->later) l->later->earlier = l->earlier;
  else l->links->latest = l->earlier;
  l->later = l->earlier = NULL;
}

void link_rests(struct link *l)
{
  if (!l) return;
  link_asked(l);
  l->is_busy = false;
  l->since = now();
  l->earlier = l->links->latest;
  if (l->earlier) l->earlier->later = l;
  else l->links->earliest = l;
  l->links->latest = l;
}

static void end_slow_ones(struct links *links)
{
  if (!links->patience) return;
  for (double until = now() - links->patience; links->earliest && links->earliest->since < until;) {
    struct link *l = links->earliest;
    link_asked(l);
    shutdown(l->fd, SHUT_RDWR);
  }
}

void links_check(struct links *links)
{
  end_slow_ones(links);
  for (struct link *l = links->gone, *next; l; l = next) {
    char one;
    next = l->next;
    if (l->is_busy || recv(l->fd, &one, 1, MSG_PEEK | MSG_DONTWAIT) != 0) continue;
    shutdown(l->fd, SHUT_RDWR);
    unlink_gone(l);
  }
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
  struct links *links = (struct links *)(void *)((char *)w - offsetof(struct links, io));
  struct epoll_event gone[64];
  (void)watch_io_is_refused(loop, events);  // clients are not seen to go
  int count = epoll_wait(links->epoll, gone, 64, 0);
  for (int i = 0; i < count; i++) link_gone(gone[i].data.ptr);
  links_check(links);
}

bool links_init(struct links *links, struct lull *lull, double patience)
{
  *links = (struct links){ .lull = lull, .patience = patience, .epoll = epoll_create1(EPOLL_CLOEXEC) };
  if (links->epoll < 0) return false;
  ev_init(&links->io, on_io);
  watch_io(lull_loop(lull), &links->io, links->epoll, EV_READ);
  return true;
}

void links_fini(struct links *links)
{
  if (links->epoll < 0) return;
  watch_io_stop(lull_loop(links->lull), &links->io);
  close(links->epoll);
  links->epoll = -1;
}

static void opened(struct links *links, struct MHD_Connection *connection, void **context)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  struct link *l = lull_resize(links->lull, NULL, 0, sizeof *l);
  if (!l) return;  // it will not be seen to go
  *l = (struct link){ .links = links, .fd = info->connect_fd };
  struct epoll_event event = { .events = EPOLLRDHUP | EPOLLET, .data.ptr = l };
  epoll_ctl(links->epoll, EPOLL_CTL_ADD, l->fd, &event);
  *context = l;
  link_rests(l);
}

void links_notify(void *user, struct MHD_Connection *connection, void **context,
                  enum MHD_ConnectionNotificationCode code)
{
  struct links *links = user;
  struct link *l = *context;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    opened(links, connection, context);
    return;
  }
  links->has_closed = true;
  if (l) {
    unlink_gone(l);
    link_asked(l);
    epoll_ctl(links->epoll, EPOLL_CTL_DEL, l->fd, NULL);
    lull_resize(links->lull, l, sizeof *l, 0);
    *context = NULL;
  }
}

struct link *link_of(struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}
