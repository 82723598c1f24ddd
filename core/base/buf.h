// A growing run of bytes, kept terminated by a NUL that does not count. Failure to grow is sticky: appends after it
// do nothing, and the user asks once, at the end.
#ifndef LULL_BASE_BUF_H
#define LULL_BASE_BUF_H

#include <stdarg.h>

#include "base/alloc.h"

struct buf {
  struct alloc *alloc;  // borrowed
  char *data;           // NULL until the first append, then data[len] == 0
  size_t len, cap;
  bool failed;  // an append was lost for want of memory
};

void buf_init(struct buf *b, struct alloc *alloc);
void buf_fini(struct buf *b);
// Empties it and keeps its memory; forgets a failure.
void buf_clear(struct buf *b);
// Makes room for [more] bytes behind len and returns where they go; NULL on failure. The caller then adds to len.
char *buf_reserve(struct buf *b, size_t more);

void buf_append(struct buf *b, const void *bytes, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_repeat(struct buf *b, char c, size_t times);
void buf_putu(struct buf *b, u32 code_point);  // as UTF-8
void buf_append_text(struct buf *b, const char *bytes, size_t len);  // what is no UTF-8 as U+FFFD
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *format, va_list args) PRINTF_LIKE(2, 0);
// Drops the first [n] bytes.
void buf_consume(struct buf *b, size_t n);
// Cuts it back to [len] bytes.
void buf_truncate(struct buf *b, size_t len);
// The text, "" when empty; valid until the next append.
const char *buf_text(const struct buf *b);
// Hands the block out (NUL-terminated; *cap is its size for mem_free) and leaves an empty buf. NULL on failure.
char *buf_take(struct buf *b, size_t *len, size_t *cap);

#endif
