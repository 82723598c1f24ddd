#include "attach/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"

enum { BACKLOG = 64, LOCK_TRIES = 100, LOCK_WAIT_NS = 5000000 };

static bool set_address(const char *path, struct sockaddr_un *address, struct buf *message)
{
  size_t len = strlen(path);
  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  if (len == 0 || len >= sizeof address->sun_path) {
    buf_printf(message, "%s: the path of a socket has 1 to %zu bytes, not %zu", path, sizeof address->sun_path - 1,
               len);
    return false;
  }
  memcpy(address->sun_path, path, len);
  return true;
}

static bool fail(const char *path, int error, struct buf *message)
{
  buf_printf(message, "%s: %s", path, strerror(error));
  return false;
}

static int give_up(int fd, const char *path, struct buf *message)
{
  fail(path, errno, message);
  if (fd >= 0) sys_close(fd);
  return -1;
}

// Two programs must not both find a dead socket and replace it: the folder is locked. -1: it cannot be, which leaves
// that chance.
static int lock_folder(const char *path, struct alloc *alloc)
{
  struct buf folder;
  const char *slash = strrchr(path, '/');
  buf_init(&folder, alloc);
  if (slash) buf_append(&folder, path, slash > path ? (size_t)(slash - path) : 1);
  else buf_puts(&folder, ".");
  int fd = sys_open(buf_text(&folder), O_RDONLY | O_DIRECTORY, 0);
  buf_fini(&folder);
  for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
    if (sys_flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) break;
    nanosleep(&(struct timespec){ .tv_nsec = LOCK_WAIT_NS }, NULL);
  }
  return fd;
}

// Makes the path free where a dead socket lies there.
static bool clear_path(const char *path, const struct sockaddr_un *address, struct buf *message)
{
  struct stat info;
  if (lstat(path, &info) < 0) return errno == ENOENT || fail(path, errno, message);
  if (!S_ISSOCK(info.st_mode)) {
    buf_printf(message, "%s: a file is there, and it is no socket", path);
    return false;
  }
  int fd = sys_socket(AF_UNIX, SOCK_STREAM);
  if (fd < 0) return fail(path, errno, message);
  int error = sys_connect(fd, address, sizeof *address) == 0 ? 0 : errno;
  sys_close(fd);
  if (error == ECONNREFUSED && unlink(path) == 0) return true;
  if (error && error != EAGAIN) return fail(path, error == ECONNREFUSED ? errno : error, message);
  buf_printf(message, "%s: another program listens there", path);
  return false;
}

static int bind_private(const char *path, const struct sockaddr_un *address, struct buf *message)
{
  int fd = sys_socket(AF_UNIX, SOCK_STREAM);
  if (fd < 0) return give_up(fd, path, message);
  mode_t before = umask(0177);
  int bound = sys_bind(fd, address, sizeof *address);
  umask(before);
  return bound == 0 && sys_listen(fd, BACKLOG) == 0 ? fd : give_up(fd, path, message);
}

int socket_listen(const char *path, struct socket_file *file, struct buf *message)
{
  struct sockaddr_un address;
  struct stat info = { 0 };
  if (!set_address(path, &address, message)) return -1;
  int lock = lock_folder(path, message->alloc);
  int fd = clear_path(path, &address, message) ? bind_private(path, &address, message) : -1;
  if (fd >= 0) lstat(path, &info);
  *file = (struct socket_file){ info.st_dev, info.st_ino };
  if (lock >= 0) sys_close(lock);
  return fd;
}

void socket_remove(const char *path, const struct socket_file *file)
{
  struct stat info;
  if (lstat(path, &info) == 0 && info.st_dev == file->device && info.st_ino == file->inode) unlink(path);
}

bool socket_is_ours(int fd)
{
#ifdef SO_PEERCRED
  struct ucred peer;
  socklen_t len = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0) return false;
  uid_t user = peer.uid;
#else
  uid_t user;
  gid_t group;
  if (getpeereid(fd, &user, &group) < 0) return false;
#endif
  return user == geteuid() || user == 0;
}

int socket_connect(const char *path, struct buf *message)
{
  struct sockaddr_un address;
  if (!set_address(path, &address, message)) return -1;
  int fd = sys_socket(AF_UNIX, SOCK_STREAM);
  if (fd < 0) return give_up(fd, path, message);
  if (sys_connect(fd, &address, sizeof address) < 0) {
    if (errno == ENOENT) buf_printf(message, "%s: no program listens there", path);
    else if (errno == ECONNREFUSED) buf_printf(message, "%s: the program that listened there has gone", path);
    else if (errno == EAGAIN) buf_printf(message, "%s: the program there is too busy to answer", path);
    else return give_up(fd, path, message);
    sys_close(fd);
    return -1;
  }
  if (socket_is_ours(fd)) return fd;
  buf_printf(message, "%s: the program there is another user's", path);
  sys_close(fd);
  return -1;
}
