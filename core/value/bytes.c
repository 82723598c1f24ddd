#include "value/bytes.h"

#include <string.h>

#include "value/hash.h"

struct bytes *bytes_new(struct heap *heap, const void *data, size_t len)
{
  if (len > BYTES_MAX) return NULL;
  struct bytes *b = heap_try_new(heap, KIND_BYTES, sizeof *b + len);
  if (!b) return NULL;
  b->len = (u32)len;
  return data && !heap_copy(heap, b->data, data, len) ? NULL : b;
}

bool bytes_equal(const struct bytes *a, const struct bytes *b)
{
  return a == b || (a->len == b->len && memcmp(a->data, b->data, a->len) == 0);
}

int bytes_compare(const struct bytes *a, const struct bytes *b)
{
  int order = memcmp(a->data, b->data, a->len < b->len ? a->len : b->len);
  if (order == 0) return (a->len > b->len) - (a->len < b->len);
  return order < 0 ? -1 : 1;
}

u32 bytes_hash(struct heap *heap, struct bytes *b)
{
  if (!b->hash) b->hash = hash_narrow(hash_bytes(heap->seed, b->data, b->len));
  return b->hash;
}

static void quote_octet(u8 c, struct buf *out)
{
  static const char hex[] = "0123456789abcdef";
  switch (c) {
  case '\n': buf_puts(out, "\\n"); break;
  case '\r': buf_puts(out, "\\r"); break;
  case '\t': buf_puts(out, "\\t"); break;
  case '"':
  case '\\':
    buf_putc(out, '\\');
    buf_putc(out, (char)c);
    break;
  default:
    buf_puts(out, "\\x");
    buf_putc(out, hex[c >> 4]);
    buf_putc(out, hex[c & 15]);
  }
}

static bool is_plain(u8 c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

void bytes_quote(struct heap *heap, const struct bytes *b, struct buf *out)
{
  buf_puts(out, "bytes(\"");
  for (u32 i = 0, turn = 0; i < b->len && !out->failed; turn++) {
    u32 begin = i;
    while (i < b->len && i - begin < HEAP_ASK_EVERY && is_plain(b->data[i])) i++;
    out->failed |= (i - begin == HEAP_ASK_EVERY && heap_must_stop(heap)) || heap_must_stop_at(heap, turn);
    buf_append(out, b->data + begin, i - begin);
    if (i < b->len && !is_plain(b->data[i])) quote_octet(b->data[i++], out);
  }
  buf_puts(out, "\")");
}

const void *bytes_search(struct heap *heap, const void *in, size_t len, const void *part, size_t part_len)
{
  if (LIKELY(len <= BYTES_SEARCH_PART)) return memmem(in, len, part, part_len);
  const char *from = in;
  size_t window = part_len < BYTES_SEARCH_PART / 2 ? BYTES_SEARCH_PART : 2 * part_len;
  while (len > window) {
    const void *found = memmem(from, window, part, part_len);
    if (found || heap_must_stop(heap)) return found;
    from += window - part_len + 1;
    len -= window - part_len + 1;
  }
  return memmem(from, len, part, part_len);
}
