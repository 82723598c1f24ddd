#include "session/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"

enum { BLOCK = 64 * 1024 };

static bool complain(struct buf *message, const char *file)
{
  buf_printf(message, "%s: %s", file, strerror(errno));
  return false;
}

static bool read_all(int fd, struct buf *text)
{
  ssize_t n = fd < 0 ? -1 : 1;
  while (n > 0) {
    char *to = buf_reserve(text, BLOCK);
    if (!to) errno = ENOMEM;
    n = to ? sys_read_wait(fd, to, BLOCK) : -1;
    if (n > 0) text->len += (size_t)n;
    if (n > 0) text->data[text->len] = 0;
  }
  return n == 0;
}

bool textfile_read(const char *file, struct buf *text, struct buf *message)
{
  bool is_input = !strcmp(file, "-");
  int fd = is_input ? 0 : sys_open(file, O_RDONLY, 0);
  bool is_read = read_all(fd, text) || complain(message, is_input ? "standard input" : file);
  if (fd > 0) sys_close(fd);
  return is_read;
}

// Why what lies there could be somebody else's doing; NULL: it could not. A sticky folder keeps others from replacing it.
static const char *distrust(const struct stat *status)
{
  if (status->st_uid != 0 && status->st_uid != geteuid()) return "another user";
  if (status->st_mode & S_IWOTH && !(S_ISDIR(status->st_mode) && status->st_mode & S_ISVTX)) return "everybody";
  return NULL;
}

static bool folder_status(const char *file, struct alloc *alloc, struct stat *status)
{
  struct buf folder;
  const char *slash = strrchr(file, '/');
  buf_init(&folder, alloc);
  if (slash) buf_append(&folder, file, (size_t)(slash - file) + 1);
  else buf_puts(&folder, ".");
  bool done = !folder.failed && stat(buf_text(&folder), status) == 0;
  buf_fini(&folder);
  return done;
}

static bool is_trusted(int fd, const char *file, struct buf *message)
{
  struct stat own, around;
  if (fstat(fd, &own) < 0 || !folder_status(file, message->alloc, &around)) return complain(message, file);
  const char *by = distrust(&own), *by_folder = distrust(&around);
  if (!S_ISREG(own.st_mode)) buf_printf(message, "%s is not run: it is no plain file", file);
  else if (by) buf_printf(message, "%s is not run: %s can write to it", file, by);
  else if (by_folder) buf_printf(message, "%s is not run: %s can write to its folder", file, by_folder);
  else return true;
  return false;
}

bool textfile_read_trusted(const char *file, struct buf *text, struct buf *message)
{
  int fd = sys_open(file, O_RDONLY | O_NONBLOCK, 0);
  if (fd < 0) return complain(message, file);
  bool is_read = is_trusted(fd, file, message) && (read_all(fd, text) || complain(message, file));
  sys_close(fd);
  return is_read;
}

static bool write_new(const char *path, const char *text, size_t len)
{
  int fd = sys_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd < 0) return false;
  bool done = sys_write_all(fd, text, len) && sys_fsync(fd) == 0;
  return sys_close(fd) == 0 && done;
}

bool textfile_write(const char *file, const char *text, size_t len, struct buf *message)
{
  struct buf path;
  buf_init(&path, message->alloc);
  buf_printf(&path, "%s.new%ld", file, (long)getpid());
  bool done = write_new(buf_text(&path), text, len) && rename(buf_text(&path), file) == 0;
  if (!done) {
    int error = errno;
    unlink(buf_text(&path));
    errno = error;
    complain(message, file);
  }
  buf_fini(&path);
  return done;
}
