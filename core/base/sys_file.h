// The system calls on files, as those of sys.h: interrupted calls are tried again, and in fault builds the Nth call can
// be made to fail.
#ifndef LULL_BASE_SYS_FILE_H
#define LULL_BASE_SYS_FILE_H

#include <dirent.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/types.h"

struct timespec;

ssize_t sys_pread(int fd, void *bytes, size_t len, off_t at);
ssize_t sys_pwrite(int fd, const void *bytes, size_t len, off_t at);
off_t sys_seek(int fd, off_t at, int whence);
int sys_truncate(int fd, off_t len);
int sys_fstat(int fd, struct stat *st);
int sys_stat(const char *path, struct stat *st);
int sys_lstat(const char *path, struct stat *st);
int sys_rename(const char *from, const char *to);
int sys_rename_new(const char *from, const char *to);  // EEXIST where [to] exists
int sys_unlink(const char *path);
int sys_rmdir(const char *path);
int sys_chmod(const char *path, mode_t mode);
int sys_fchmod(int fd, mode_t mode);
int sys_fchown(int fd, uid_t user, gid_t group);
int sys_touch(int fd, const struct timespec times[2]);  // accessed, modified
int sys_link(const char *target, const char *path);
int sys_symlink(const char *target, const char *path);
ssize_t sys_read_link(const char *path, char *to, size_t len);
char *sys_real_path(const char *path, char *to);  // [to]: PATH_MAX bytes
char *sys_cwd(char *to, size_t len);
DIR *sys_open_dir(const char *path, bool follow);  // [follow]: where it is a link to one
// The next entry but . and ..; NULL at the end (errno 0) and on failure.
struct dirent *sys_read_dir(DIR *dir);
void sys_close_dir(DIR *dir);
// inotify; the descriptor is non-blocking and close-on-exec.
int sys_watch_open(void);
int sys_watch_add(int fd, const char *path, u32 mask);

#endif
