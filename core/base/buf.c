#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/utf8.h"

void buf_init(struct buf *b, struct alloc *alloc)
{
  *b = (struct buf){ .alloc = alloc };
}

void buf_fini(struct buf *b)
{
  mem_free(b->alloc, b->data, b->cap);
  *b = (struct buf){ .alloc = b->alloc };
}

void buf_clear(struct buf *b)
{
  b->len = 0;
  b->failed = false;
  if (b->data) b->data[0] = 0;
}

static bool grow(struct buf *b, size_t more)
{
  size_t want, cap = b->cap ? b->cap : 64;
  if (b->failed || !size_add(b->len, more, &want) || !size_add(want, 1, &want)) return !(b->failed = true);
  while (cap < want) {
    if (!size_mul(cap, 2, &cap)) cap = want;
  }
  char *data = mem_resize(b->alloc, b->data, b->cap, cap);
  if (!data) return !(b->failed = true);
  b->data = data;
  b->cap = cap;
  return true;
}

char *buf_reserve(struct buf *b, size_t more)
{
  if (b->failed) return NULL;
  if (b->cap - b->len <= more && !grow(b, more)) return NULL;
  return b->data + b->len;
}

void buf_append(struct buf *b, const void *bytes, size_t len)
{
  char *to = len ? buf_reserve(b, len) : NULL;
  if (!to) return;
  memcpy(to, bytes, len);
  b->len += len;
  b->data[b->len] = 0;
}

void buf_puts(struct buf *b, const char *text)
{
  buf_append(b, text, strlen(text));
}

void buf_putc(struct buf *b, char c)
{
  buf_append(b, &c, 1);
}

void buf_repeat(struct buf *b, char c, size_t times)
{
  char *to = times ? buf_reserve(b, times) : NULL;
  if (!to) return;
  memset(to, c, times);
  b->len += times;
  b->data[b->len] = 0;
}

void buf_putu(struct buf *b, u32 code_point)
{
  char bytes[4];
  size_t len = utf8_encode(code_point, bytes);
  buf_append(b, bytes, len);
}

void buf_append_text(struct buf *b, const char *bytes, size_t len)
{
  for (size_t at = 0; at < len;) {
    size_t valid = utf8_valid_prefix(bytes + at, len - at);
    buf_append(b, bytes + at, valid);
    at += valid;
    if (at == len) break;
    buf_putu(b, 0xFFFD);
    // One replacement for a character that was cut short.
    for (at++; at < len && utf8_is_continuation(bytes[at]); at++) {}
  }
}

void buf_printf(struct buf *b, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  buf_vprintf(b, format, args);
  va_end(args);
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
  va_list again;
  va_copy(again, args);
  int need = vsnprintf(NULL, 0, format, args);
  char *to = need > 0 ? buf_reserve(b, (size_t)need) : NULL;
  if (to) {
    vsnprintf(to, (size_t)need + 1, format, again);
    b->len += (size_t)need;
  }
  va_end(again);
}

void buf_consume(struct buf *b, size_t n)
{
  CHECK(n <= b->len);
  if (n == 0) return;
  memmove(b->data, b->data + n, b->len - n + 1);
  b->len -= n;
}

void buf_truncate(struct buf *b, size_t len)
{
  if (b->failed && len > b->len) return;  // what was to be taken off was never put there
  CHECK(len <= b->len);
  b->len = len;
  if (b->data) b->data[len] = 0;
}

const char *buf_text(const struct buf *b)
{
  return b->data ? b->data : "";
}

char *buf_take(struct buf *b, size_t *len, size_t *cap)
{
  if (!b->data && !buf_reserve(b, 1)) return NULL;
  if (b->failed) return NULL;
  char *data = b->data;
  data[b->len] = 0;
  *len = b->len;
  *cap = b->cap;
  *b = (struct buf){ .alloc = b->alloc };
  return data;
}
