#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/sys_retry.h"

// A latch of the process, as its user is one: nothing that runs in it can take it back.
static atomic_uint denied;

void sys_deny(unsigned what) { atomic_fetch_or(&denied, what); }

bool sys_is_denied(unsigned what)
{
  if (!(atomic_load_explicit(&denied, memory_order_relaxed) & what)) return false;
  errno = EPERM;
  return true;
}

ssize_t sys_read(int fd, void *bytes, size_t len)
{
  RETRY(read(fd, bytes, len));
}

ssize_t sys_write(int fd, const void *bytes, size_t len)
{
  RETRY(write(fd, bytes, len));
}

ssize_t sys_send(int fd, const void *bytes, size_t len)
{
  RETRY(send(fd, bytes, len, MSG_NOSIGNAL));
}

ssize_t sys_sendto(int fd, const void *bytes, size_t len, const void *address, unsigned address_len)
{
  RETRY(sendto(fd, bytes, len, MSG_NOSIGNAL, address, address_len));
}

ssize_t sys_recvfrom(int fd, void *bytes, size_t len, void *address, unsigned *address_len)
{
  RETRY(recvfrom(fd, bytes, len, 0, address, address_len));
}

int sys_open(const char *path, int flags, mode_t mode)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(open(path, flags | O_CLOEXEC, mode));
}

int sys_close(int fd)
{
  return close(fd);
}

int sys_pipe(int fds[2])
{
  if (FAILS() || pipe(fds) < 0) return -1;
  fcntl(fds[0], F_SETFD, FD_CLOEXEC);
  fcntl(fds[1], F_SETFD, FD_CLOEXEC);
  return 0;
}

int sys_flock(int fd, int operation)
{
  RETRY(flock(fd, operation));
}

int sys_fsync(int fd)
{
  RETRY(fsync(fd));
}

int sys_mkdir(const char *path, mode_t mode)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(mkdir(path, mode));
}

int sys_set_nonblocking(int fd)
{
  if (FAILS()) return -1;
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int sys_socket(int family, int type)
{
  if (sys_is_denied(SYS_NET)) return -1;
  RETRY(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// Not tried again: an interrupted connect goes on by itself.
int sys_connect(int fd, const void *address, unsigned len)
{
  if (sys_is_denied(SYS_NET)) return -1;
  if (FAILS()) return -1;
  int result = connect(fd, address, len);
  if (result < 0 && errno == EINTR) errno = EINPROGRESS;
  return result;
}

int sys_bind(int fd, const void *address, unsigned len)
{
  if (sys_is_denied(SYS_NET)) return -1;
  RETRY(bind(fd, address, len));
}

int sys_listen(int fd, int backlog)
{
  RETRY(listen(fd, backlog));
}

int sys_accept(int fd, void *address, unsigned *address_len)
{
  RETRY(accept4(fd, address, address_len, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

int sys_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr,
              char *const argv[], char *const envp[])
{
  if (sys_is_denied(SYS_RUN) || FAILS()) return errno;
  return posix_spawn(pid, path, actions, attr, argv, envp);
}

static bool is_not_yet(void) { return errno == EAGAIN || errno == EWOULDBLOCK; }

static bool wait_for(int fd, short events)
{
  struct pollfd wait = { .fd = fd, .events = events };
  return poll(&wait, 1, -1) >= 0 || errno == EINTR;
}

ssize_t sys_read_wait(int fd, void *bytes, size_t len)
{
  ssize_t n;
  do n = sys_read(fd, bytes, len);
  while (n < 0 && is_not_yet() && wait_for(fd, POLLIN));
  return n;
}

bool sys_write_all(int fd, const void *bytes, size_t len)
{
  const char *p = bytes;
  while (len > 0) {
    ssize_t n = sys_write(fd, p, len);
    if (n > 0) {
      p += n;
      len -= (size_t)n;
    } else if (n == 0 || !is_not_yet() || !wait_for(fd, POLLOUT)) {
      return false;
    }
  }
  return true;
}

double sys_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool sys_random(void *bytes, size_t len)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION  // what compilers define for fuzzers: an input does the same each time
  memset(bytes, 42, len);
  return true;
#endif
  return !FAILS() && getentropy(bytes, len) == 0;
}
