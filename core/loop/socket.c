#include "loop/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/sys.h"
#include "base/sys_file.h"

static void turn_on(int fd, int level, int option)
{
  int on = 1;
  setsockopt(fd, level, option, &on, sizeof on);
}

void socket_set_options(int fd, int family, u32 options)
{
  bool is_inet = family == AF_INET || family == AF_INET6;
  if (is_inet && (options & SOCKET_NODELAY)) turn_on(fd, IPPROTO_TCP, TCP_NODELAY);
  if (is_inet && (options & SOCKET_KEEPALIVE)) turn_on(fd, SOL_SOCKET, SO_KEEPALIVE);
  if (is_inet && (options & SOCKET_SHARED_PORT)) turn_on(fd, SOL_SOCKET, SO_REUSEPORT);
  if (is_inet && (options & SOCKET_BROADCAST)) turn_on(fd, SOL_SOCKET, SO_BROADCAST);
}

int socket_open(int family, int type, u32 options)
{
  int fd = sys_socket(family, type);
  if (fd >= 0) socket_set_options(fd, family, options);
  return fd;
}

static int close_failed(int fd)
{
  int error = errno;
  sys_close(fd);
  errno = error;
  return -1;
}

// A socket in the file system whose listener is gone without removing it.
static bool is_abandoned(const struct address *a)
{
  const char *path = ((const struct sockaddr_un *)(const void *)&a->any)->sun_path;
  struct stat st;
  if (!path[0] || sys_lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode)) return false;
  int fd = sys_socket(AF_UNIX, SOCK_STREAM);
  if (fd < 0) return false;
  bool is_refused = connect(fd, (const struct sockaddr *)&a->any, a->len) < 0 && errno == ECONNREFUSED;
  sys_close(fd);
  return is_refused && sys_unlink(path) == 0;
}

int socket_bound(struct address *a, int type, u32 options)
{
  int family = a->any.ss_family;
  if (family == AF_UNIX && sys_is_denied(SYS_FILES)) return -1;
  int fd = socket_open(family, type, options);
  if (fd < 0) return -1;
  // A server that is started again does not wait for old connections to be forgotten.
  if (family != AF_UNIX && type == SOCK_STREAM) turn_on(fd, SOL_SOCKET, SO_REUSEADDR);
  if (sys_bind(fd, &a->any, a->len) < 0) {
    int error = errno;
    bool is_stale = error == EADDRINUSE && family == AF_UNIX && is_abandoned(a);
    if (!is_stale) errno = error;
    if (!is_stale || sys_bind(fd, &a->any, a->len) < 0) return close_failed(fd);
  }
  if (family != AF_UNIX) address_local(a, fd);
  return fd;
}
