#include "loop/listen.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/sys.h"
#include "base/sys_file.h"
#include "loop/io.h"
#include "loop/socket.h"

#define ACCEPT_MAX 64  // connections taken before others on the loop have their turn
#define PAUSE 0.1      // seconds

// Errors of a connection that is gone already rather than of accepting.
static bool is_of_connection(int error)
{
  static const int errors[] = { ECONNABORTED, EPROTO, ENETDOWN,     ENOPROTOOPT,
                                EHOSTDOWN,    ENONET, EHOSTUNREACH, ENETUNREACH };
  for (size_t i = 0; i < COUNT_OF(errors); i++) {
    if (errors[i] == error) return true;
  }
  return false;
}

static void rest(struct loop_listener *l, int error)
{
  loop_io_stop(l->loop, &l->readable);
  loop_timer_start(l->loop, &l->pause, PAUSE, 0, false);
  if (!l->is_troubled && l->troubled) l->troubled(l, error);
  l->is_troubled = true;
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
  struct loop_listener *l = CONTAINER_OF(w, struct loop_listener, readable);
  if (loop_io_is_refused(loop, events)) {
    rest(l, errno);
    return;
  }
  for (int i = 0, gone = 0; i < ACCEPT_MAX && l->fd >= 0; i++) {
    struct address peer;
    peer.len = sizeof peer.any;
    int fd = sys_accept(l->fd, &peer.any, &peer.len);
    if (fd >= 0) {
      l->is_troubled = false;
      socket_set_options(fd, l->address.any.ss_family, l->options);
      l->accepted(l, fd, &peer);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (!is_of_connection(errno) || ++gone == ACCEPT_MAX) {
      rest(l, errno);
      return;
    }
  }
}

static void on_pause_end(struct loop_timer *t)
{
  struct loop_listener *l = CONTAINER_OF(t, struct loop_listener, pause);
  loop_io_start(l->loop, &l->readable);
}

static const char *path_of(const struct loop_listener *l)
{
  const struct sockaddr_un *un = (const struct sockaddr_un *)(const void *)&l->address.any;
  return un->sun_family == AF_UNIX && un->sun_path[0] ? un->sun_path : NULL;
}

static bool start(struct loop_listener *l, int backlog, mode_t mode)
{
  const char *path = path_of(l);
  struct stat st;
  if (path && mode && sys_chmod(path, mode) < 0) return false;
  if (path && sys_lstat(path, &st) == 0) {
    l->device = st.st_dev;
    l->inode = st.st_ino;
  }
  return sys_listen(l->fd, backlog) == 0;
}

bool loop_listener_open(struct loop_listener *l, struct ev_loop *loop, const struct address *address, u32 options,
                        int backlog, mode_t mode)
{
  l->loop = loop;
  l->address = *address;
  l->options = options;
  l->is_troubled = false;
  l->fd = socket_bound(&l->address, SOCK_STREAM, options);
  if (l->fd < 0) return false;
  ev_io_init(&l->readable, on_readable, l->fd, EV_READ);
  loop_timer_init(&l->pause, on_pause_end);
  if (!start(l, backlog, mode)) {
    int error = errno;
    loop_listener_close(l);
    errno = error;
    return false;
  }
  loop_io_start(loop, &l->readable);
  return true;
}

void loop_listener_close(struct loop_listener *l)
{
  if (l->fd < 0 || !l->loop) return;
  loop_io_stop(l->loop, &l->readable);
  loop_timer_stop(l->loop, &l->pause);
  const char *path = path_of(l);
  struct stat st;
  bool is_ours = path && sys_lstat(path, &st) == 0 && st.st_dev == l->device && st.st_ino == l->inode;
  if (is_ours) sys_unlink(path);
  sys_close(l->fd);
  l->fd = -1;
}
