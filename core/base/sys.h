// The system calls of lull that can fail, each through one function here: interrupted calls are tried again,
// descriptors are close-on-exec, and in fault builds the Nth call can be made to fail. Results and errno as the
// call's own.
#ifndef LULL_BASE_SYS_H
#define LULL_BASE_SYS_H

#include <spawn.h>
#include <sys/types.h>

#include "base/types.h"

// What the process may do no more, for good: open, change or look at files by their names; have sockets; start or signal
// other processes. The calls for it fail with EPERM from then on. What is open stays open.
enum { SYS_FILES = 1, SYS_NET = 2, SYS_RUN = 4 };
void sys_deny(unsigned what);
bool sys_is_denied(unsigned what);  // any of it; errno is EPERM then

ssize_t sys_read(int fd, void *bytes, size_t len);
ssize_t sys_write(int fd, const void *bytes, size_t len);
ssize_t sys_send(int fd, const void *bytes, size_t len);  // to a socket; never a SIGPIPE
ssize_t sys_sendto(int fd, const void *bytes, size_t len, const void *address, unsigned address_len);
ssize_t sys_recvfrom(int fd, void *bytes, size_t len, void *address, unsigned *address_len);
int sys_open(const char *path, int flags, mode_t mode);  // adds O_CLOEXEC
int sys_close(int fd);                                   // never tried again: the descriptor is gone
int sys_pipe(int fds[2]);                                // both ends close-on-exec
int sys_flock(int fd, int operation);
int sys_fsync(int fd);
int sys_mkdir(const char *path, mode_t mode);
int sys_set_nonblocking(int fd);
int sys_socket(int family, int type);  // non-blocking and close-on-exec, as those of accept
int sys_connect(int fd, const void *address, unsigned len);
int sys_bind(int fd, const void *address, unsigned len);
int sys_listen(int fd, int backlog);
int sys_accept(int fd, void *address, unsigned *address_len);
// As posix_spawn: gives the error, errno is not set.
int sys_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr,
              char *const argv[], char *const envp[]);

// As sys_read, waiting (poll) where another process made the descriptor non-blocking.
ssize_t sys_read_wait(int fd, void *bytes, size_t len);
// Writes all of it, waiting (poll) where another process made the descriptor non-blocking. False with errno set: how
// much left is then unknown to the reader.
bool sys_write_all(int fd, const void *bytes, size_t len);
// Seconds on the monotonic clock.
double sys_now(void);
// Fills [bytes] with random octets from the system.
bool sys_random(void *bytes, size_t len);

#endif
