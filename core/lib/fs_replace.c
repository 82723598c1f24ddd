#include "lib/fs_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"

#define TRIES 100

static size_t folder_len(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

static enum replace_kind take_target(const char *path, char *target)
{
  if (strlen(path) < PATH_MAX) {
    strcpy(target, path);
    return REPLACE_FILE;
  }
  errno = ENAMETOOLONG;
  return REPLACE_FAILED;
}

enum replace_kind fs_replace_kind(const char *path, char *target)
{
  struct stat st;
  if (sys_lstat(path, &st) != 0) return errno == ENOENT ? take_target(path, target) : REPLACE_FAILED;
  if (S_ISREG(st.st_mode)) return take_target(path, target);
  if (!S_ISLNK(st.st_mode)) return REPLACE_IN_PLACE;
  if (!sys_real_path(path, target)) return errno == ENOENT ? REPLACE_IN_PLACE : REPLACE_FAILED;
  if (sys_stat(target, &st) != 0) return REPLACE_FAILED;
  return S_ISREG(st.st_mode) ? REPLACE_FILE : REPLACE_IN_PLACE;
}

bool fs_temp_name(char *to, const char *folder, size_t len, const char *prefix, const char *suffix)
{
  static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
  u8 random[10];
  char word[sizeof random + 1];
  if (!sys_random(random, sizeof random)) return false;
  for (size_t i = 0; i < sizeof random; i++) word[i] = digits[random[i] & 31];
  word[sizeof random] = 0;
  if (snprintf(to, PATH_MAX, "%.*s%s%s%s", (int)len, folder, prefix, word, suffix) < PATH_MAX) return true;
  errno = ENAMETOOLONG;
  return false;
}

// The new file belongs to whom the old one belongs to, as far as we may.
static bool take_after(int fd, const struct stat *old)
{
  struct stat st;
  if (sys_fstat(fd, &st) != 0) return false;
  if ((st.st_uid != old->st_uid || st.st_gid != old->st_gid) && sys_fchown(fd, old->st_uid, old->st_gid) != 0 &&
      errno != EPERM)
    return false;
  return sys_fchmod(fd, old->st_mode & 07777) == 0;
}

bool fs_replace_begin(struct fs_replace *r, const char *target)
{
  struct stat old;
  r->target = target;
  r->fd = -1;
  r->path[0] = 0;
  bool is_old = sys_stat(target, &old) == 0;
  if (!is_old && errno != ENOENT) return false;
  for (int i = 0; i < TRIES && r->fd < 0; i++) {
    bool has_name = fs_temp_name(r->path, target, folder_len(target), ".lull-", ".tmp");
    if (has_name) r->fd = sys_open(r->path, O_WRONLY | O_CREAT | O_EXCL, is_old ? 0600 : 0666);
    if (r->fd >= 0) break;
    r->path[0] = 0;
    if (errno != EEXIST) return false;
  }
  return r->fd >= 0 && (!is_old || take_after(r->fd, &old));
}

static bool sync_folder(const char *path)
{
  char folder[PATH_MAX];
  size_t len = folder_len(path);
  snprintf(folder, sizeof folder, "%.*s", len ? (int)len : 1, len ? path : ".");
  int fd = sys_open(folder, O_RDONLY | O_DIRECTORY, 0);
  // A folder that may not be read can still be written to.
  if (fd < 0) return errno == EACCES || errno == EPERM;
  // Some file systems cannot sync folders.
  bool ok = sys_fsync(fd) == 0 || errno == EINVAL || errno == EROFS;
  int error = errno;
  sys_close(fd);
  errno = error;
  return ok;
}

bool fs_replace_end(struct fs_replace *r)
{
  if (sys_fsync(r->fd) != 0 && errno != EINVAL) return false;
  // Closed before it takes the name, so that whoever watches the name is told once.
  int fd = r->fd;
  r->fd = -1;
  if (sys_close(fd) != 0 || sys_rename(r->path, r->target) != 0) return false;
  r->path[0] = 0;
  return sync_folder(r->target);
}

void fs_replace_undo(struct fs_replace *r)
{
  int error = errno;
  if (r->fd >= 0) sys_close(r->fd);
  if (r->path[0]) sys_unlink(r->path);
  r->fd = -1;
  r->path[0] = 0;
  errno = error;
}
