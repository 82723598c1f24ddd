#include "loop/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <sys/inotify.h>

#include "base/sys.h"
#include "base/sys_file.h"
#include "loop/io.h"

#define ROOM 65536
#define MASK (IN_CREATE | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF)

static u32 events_of(u32 mask)
{
  static const struct {
    u32 mask, events;
  } table[] = {
    { IN_CREATE, WATCH_MADE },
    { IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_TO, WATCH_CHANGED },
    { IN_DELETE | IN_MOVED_FROM, WATCH_GONE },
    { IN_ISDIR, WATCH_DIRECTORY },
    { IN_IGNORED, WATCH_ENDED },
    { IN_Q_OVERFLOW, WATCH_LOST },
  };
  u32 events = 0;
  for (size_t i = 0; i < COUNT_OF(table); i++) {
    if (mask & table[i].mask) events |= table[i].events;
  }
  return events;
}

bool loop_watch_read(struct loop_watch *w)
{
  alignas(struct inotify_event) char room[ROOM];
  ssize_t n = sys_read(w->fd, room, sizeof room);
  for (ssize_t at = 0; at < n;) {
    const struct inotify_event *e = (const struct inotify_event *)(const void *)(room + at);
    w->on_event(w, e->wd, events_of(e->mask), e->len ? e->name : NULL);
    at += (ssize_t)(sizeof *e + e->len);
  }
  if (n > 0) w->on_drained(w);
  else if (n == 0 || errno != EAGAIN) w->on_failed(w, n == 0 ? EIO : errno);
  return n > 0;
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
  struct loop_watch *w = CONTAINER_OF(io, struct loop_watch, io);
  if (loop_io_is_refused(loop, revents)) w->on_failed(w, errno);
  else loop_watch_read(w);
}

void loop_watch_init(struct loop_watch *w, struct ev_loop *loop, int fd)
{
  ev_io_init(&w->io, on_readable, fd, EV_READ);
  w->loop = loop;
  w->fd = fd;
}

void loop_watch_start(struct loop_watch *w) { loop_io_start(w->loop, &w->io); }

void loop_watch_stop(struct loop_watch *w) { loop_io_stop(w->loop, &w->io); }

int loop_watch_add(int fd, const char *directory)
{
  return sys_watch_add(fd, directory, MASK | IN_ONLYDIR | IN_EXCL_UNLINK);
}

void loop_watch_remove(int fd, int number) { inotify_rm_watch(fd, number); }
