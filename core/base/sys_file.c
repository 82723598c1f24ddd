#include "base/sys_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/sys_retry.h"

ssize_t sys_pread(int fd, void *bytes, size_t len, off_t at)
{
  RETRY(pread(fd, bytes, len, at));
}

ssize_t sys_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
  RETRY(pwrite(fd, bytes, len, at));
}

off_t sys_seek(int fd, off_t at, int whence)
{
  RETRY(lseek(fd, at, whence));
}

int sys_truncate(int fd, off_t len)
{
  RETRY(ftruncate(fd, len));
}

int sys_fstat(int fd, struct stat *st)
{
  RETRY(fstat(fd, st));
}

int sys_stat(const char *path, struct stat *st)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(stat(path, st));
}

int sys_lstat(const char *path, struct stat *st)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(lstat(path, st));
}

int sys_rename(const char *from, const char *to)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(rename(from, to));
}

int sys_rename_new(const char *from, const char *to)
{
  if (sys_is_denied(SYS_FILES)) return -1;
#ifdef RENAME_NOREPLACE
  if (FAILS()) return -1;
  int result = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
  if (result == 0 || (errno != EINVAL && errno != ENOSYS)) return result;
#endif
  struct stat st;
  if (lstat(to, &st) != 0) return errno == ENOENT ? sys_rename(from, to) : -1;
  errno = EEXIST;
  return -1;
}

int sys_unlink(const char *path)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(unlink(path));
}

int sys_rmdir(const char *path)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(rmdir(path));
}

int sys_chmod(const char *path, mode_t mode)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(chmod(path, mode));
}

int sys_fchmod(int fd, mode_t mode)
{
  RETRY(fchmod(fd, mode));
}

int sys_fchown(int fd, uid_t user, gid_t group)
{
  RETRY(fchown(fd, user, group));
}

int sys_touch(int fd, const struct timespec times[2])
{
  RETRY(futimens(fd, times));
}

int sys_link(const char *target, const char *path)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(link(target, path));
}

int sys_symlink(const char *target, const char *path)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(symlink(target, path));
}

ssize_t sys_read_link(const char *path, char *to, size_t len)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(readlink(path, to, len));
}

char *sys_real_path(const char *path, char *to)
{
  if (sys_is_denied(SYS_FILES)) return NULL;
  return FAILS() ? NULL : realpath(path, to);
}

char *sys_cwd(char *to, size_t len)
{
  if (sys_is_denied(SYS_FILES)) return NULL;
  return FAILS() ? NULL : getcwd(to, len);
}

DIR *sys_open_dir(const char *path, bool follow)
{
  if (sys_is_denied(SYS_FILES) || FAILS()) return NULL;
  int fd;
  do fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
  while (fd < 0 && errno == EINTR);
  if (fd < 0) return NULL;
  DIR *dir = fdopendir(fd);
  if (!dir) close(fd);
  return dir;
}

struct dirent *sys_read_dir(DIR *dir)
{
  if (FAILS()) return NULL;
  struct dirent *entry;
  do {
    errno = 0;
    entry = readdir(dir);
  } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
  return entry;
}

void sys_close_dir(DIR *dir)
{
  closedir(dir);
}

int sys_watch_open(void)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
}

int sys_watch_add(int fd, const char *path, u32 mask)
{
  if (sys_is_denied(SYS_FILES)) return -1;
  RETRY(inotify_add_watch(fd, path, mask));
}
