#include "writer.h"

#include <errno.h>
#include <string.h>

#include "base/sys.h"

enum { WRITER_HOLDS = 64 * 1024 };

void writer_init(struct writer *w, struct alloc *alloc, int fd, bool is_terminal)
{
  *w = (struct writer){ .fd = fd, .by_line = is_terminal };
  buf_init(&w->held, alloc);
}

void writer_fini(struct writer *w) { buf_fini(&w->held); }

static bool write_out(struct writer *w, const char *bytes, size_t len)
{
  if (w->error || sys_write_all(w->fd, bytes, len)) return !w->error;
  w->error = errno ? errno : EIO;
  return false;
}

bool writer_flush(struct writer *w)
{
  bool done = write_out(w, buf_text(&w->held), w->held.len);
  buf_clear(&w->held);
  return done;
}

static bool is_due(const struct writer *w, const char *bytes, size_t len)
{
  return w->held.len >= WRITER_HOLDS || (w->by_line && memchr(bytes, '\n', len));
}

bool writer_put(struct writer *w, const char *bytes, size_t len)
{
  if (w->error) return false;
  if (len >= WRITER_HOLDS) return writer_flush(w) && write_out(w, bytes, len);
  buf_append(&w->held, bytes, len);
  if (w->held.failed) {
    // Without memory to hold them the bytes go out unheld, in their order.
    w->held.failed = false;
    return writer_flush(w) && write_out(w, bytes, len);
  }
  return is_due(w, bytes, len) ? writer_flush(w) : true;
}
