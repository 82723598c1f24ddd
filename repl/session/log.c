#include "session/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/sys.h"
#include "base/utf8.h"
#include "term/cluster.h"

enum { PLAIN, ESCAPE, CONTROL, STRING, STRING_ESCAPE };  // CONTROL: up to a letter; STRING: up to BEL or ESC \.

void log_init(struct log *l, struct alloc *alloc)
{
  *l = (struct log){ .fd = -1 };
  buf_init(&l->path, alloc);
  buf_init(&l->held, alloc);
}

void log_fini(struct log *l)
{
  log_close(l);
  buf_fini(&l->held);
  buf_fini(&l->path);
}

bool log_open(struct log *l, const char *path)
{
  int fd = sys_open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (fd < 0) return false;
  log_close(l);
  l->fd = fd;
  l->escape = PLAIN;
  buf_clear(&l->held);
  buf_clear(&l->path);
  buf_puts(&l->path, path);
  return true;
}

void log_close(struct log *l)
{
  if (l->fd >= 0) sys_close(l->fd);
  l->fd = -1;
  l->is_line_open = false;
}

static u8 escape_after(u8 state, char c)
{
  switch (state) {
  case PLAIN: return c == '\033' ? ESCAPE : PLAIN;
  case ESCAPE: return c == '[' ? CONTROL : strchr("]P_^X", c) && c ? STRING : PLAIN;
  case CONTROL: return (u8)c >= 0x40 && (u8)c <= 0x7e ? PLAIN : CONTROL;
  case STRING: return c == '\a' ? PLAIN : c == '\033' ? STRING_ESCAPE : STRING;
  default: return c == '\\' ? PLAIN : STRING;
  }
}

static void drop_escapes(struct log *l, const char *text, size_t len, struct buf *out)
{
  for (size_t i = 0; i < len; i++) {
    u8 before = l->escape;
    l->escape = escape_after(before, text[i]);
    if (before == PLAIN && l->escape == PLAIN && text[i] != '\r') buf_putc(out, text[i]);
  }
}

static void put_visible(const char *text, size_t len, struct buf *out)
{
  for (const char *at = text, *end = text + len; at < end;) {
    struct cluster cluster;
    if (*at == '\n' || *at == '\t') {
      buf_putc(out, *at++);
      continue;
    }
    at += cluster_read(at, end, &cluster);
    buf_append(out, cluster.text, cluster.len);
  }
}

bool log_write(struct log *l, const char *text, size_t len)
{
  if (l->fd < 0 || len == 0) return true;
  struct buf plain;
  buf_init(&plain, l->path.alloc);
  drop_escapes(l, text, len, &l->held);
  size_t whole = l->held.len - utf8_tail(buf_text(&l->held), l->held.len);
  put_visible(buf_text(&l->held), whole, &plain);
  plain.failed = plain.failed || l->held.failed;
  buf_consume(&l->held, whole);
  if (plain.len > 0) l->is_line_open = plain.data[plain.len - 1] != '\n';
  if (plain.failed) errno = ENOMEM;
  bool ok = !plain.failed && sys_write_all(l->fd, plain.data, plain.len);
  int error = errno;
  buf_fini(&plain);
  if (!ok) log_close(l);
  errno = error;
  return ok;
}

bool log_end_line(struct log *l) { return !l->is_line_open || log_write(l, "\n", 1); }
