// Strings as literals of the language.
#include <string.h>

#include "base/utf8.h"
#include "value/string.h"

// What a terminal would act on, or show as nothing, is written as an escape: controls, separators, marks of direction, the byte order mark.
static bool is_invisible(u32 c)
{
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

static void quote_code_point(u32 c, struct buf *out)
{
  switch (c) {
  case '\n': buf_puts(out, "\\n"); break;
  case '\r': buf_puts(out, "\\r"); break;
  case '\t': buf_puts(out, "\\t"); break;
  case '"': buf_puts(out, "\\\""); break;
  case '\\': buf_puts(out, "\\\\"); break;
  case '$': buf_puts(out, "\\$"); break;
  default: buf_printf(out, "\\u{%x}", c);
  }
}

// Length of the code point at [s] if it needs no escape (*code_point is it anyway); 0 if it does.
static int plain_length(const char *s, const char *end, u32 *code_point, int *length)
{
  *length = utf8_decode(s, end, code_point);
  u32 c = *code_point;
  if (c == '"' || c == '\\' || (c == '$' && s + 1 < end && s[1] == '{') || is_invisible(c)) return 0;
  return *length;
}

void string_quote(struct heap *heap, struct string *s, struct buf *out)
{
  const char *p = string_bytes(heap, s);
  const char *end = p + s->len;
  buf_putc(out, '"');
  for (u32 turn = 0; p < end && !out->failed; turn++) {
    const char *begin = p;
    u32 c = 0;
    int plain = 0, length = 0;
    while (p < end && p - begin < HEAP_ASK_EVERY && (plain = plain_length(p, end, &c, &length)) > 0) p += plain;
    out->failed |= (p - begin >= HEAP_ASK_EVERY && heap_must_stop(heap)) || heap_must_stop_at(heap, turn);
    buf_append(out, begin, (size_t)(p - begin));
    if (p >= end) break;
    if (plain > 0) continue;
    quote_code_point(c, out);
    p += length > 0 ? length : 1;
  }
  buf_putc(out, '"');
}
