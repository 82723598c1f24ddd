#include "session/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"

enum { BLOCK = 64 * 1024 };

static bool complain(struct buf *message, const char *file)
{
  buf_printf(message, "%s: %s", file, strerror(errno));
  return false;
}

bool textfile_read(const char *file, struct buf *text, struct buf *message)
{
  bool is_input = !strcmp(file, "-");
  int fd = is_input ? 0 : sys_open(file, O_RDONLY, 0);
  ssize_t n = fd < 0 ? -1 : 1;
  while (n > 0) {
    char *to = buf_reserve(text, BLOCK);
    if (!to) errno = ENOMEM;
    n = to ? sys_read_wait(fd, to, BLOCK) : -1;
    if (n > 0) text->len += (size_t)n;
    if (n > 0) text->data[text->len] = 0;
  }
  if (n < 0) complain(message, is_input ? "standard input" : file);
  if (fd > 0) sys_close(fd);
  return n == 0;
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
