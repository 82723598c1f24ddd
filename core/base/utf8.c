#include "base/utf8.h"

#include <string.h>

// Sequence length by lead byte; 0 for bytes that cannot lead.
static int lead_length(u8 c)
{
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return 2;
  if ((c & 0xF0) == 0xE0) return 3;
  if (c >= 0xF0 && c <= 0xF4) return 4;
  return 0;
}

// The second byte has a narrower range after E0, ED, F0 and F4 (Unicode, table 3-7).
static bool is_second(u8 lead, u8 c)
{
  u8 low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  u8 high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  return c >= low && c <= high;
}

int utf8_decode(const char *s, const char *end, u32 *code_point)
{
  if (s >= end) return 0;
  const u8 *p = (const u8 *)s;
  int n = lead_length(p[0]);
  if (n == 0 || end - s < n) return 0;
  if (n == 1) {
    *code_point = p[0];
    return 1;
  }
  if (!is_second(p[0], p[1])) return 0;
  u32 c = p[0] & (0x7Fu >> n);
  for (int i = 1; i < n; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
    c = c << 6 | (p[i] & 0x3F);
  }
  *code_point = c;
  return n;
}

size_t utf8_encode(u32 c, char *out)
{
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (char)(0xC0 | c >> 6);
    out[1] = (char)(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (char)(0xE0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3F));
    out[2] = (char)(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = (char)(0xF0 | c >> 18);
  out[1] = (char)(0x80 | (c >> 12 & 0x3F));
  out[2] = (char)(0x80 | (c >> 6 & 0x3F));
  out[3] = (char)(0x80 | (c & 0x3F));
  return 4;
}

bool utf8_is_ascii(const char *s, size_t len)
{
  size_t i = 0;
  for (; i + 8 <= len; i += 8) {
    u64 word;
    memcpy(&word, s + i, 8);
    if (word & 0x8080808080808080u) return false;
  }
  for (; i < len; i++) {
    if ((u8)s[i] >= 0x80) return false;
  }
  return true;
}

size_t utf8_valid_prefix(const char *s, size_t len)
{
  const char *p = s, *end = s + len;
  while (p < end) {
    if (end - p >= 8 && utf8_is_ascii(p, 8)) {
      p += 8;
      continue;
    }
    u32 c;
    int n = utf8_decode(p, end, &c);
    if (n == 0) break;
    p += n;
  }
  return (size_t)(p - s);
}

size_t utf8_count(const char *s, size_t len)
{
  size_t count = 0;
  for (size_t i = 0; i < len; i++) count += !utf8_is_continuation(s[i]);
  return count;
}

size_t utf8_offset(const char *s, size_t len, size_t index)
{
  size_t i = 0;
  while (i < len && index > 0) {
    i++;
    while (i < len && utf8_is_continuation(s[i])) i++;
    index--;
  }
  return i;
}

size_t utf8_tail(const char *s, size_t len)
{
  for (size_t back = 1; back <= 3 && back <= len; back++) {
    u8 c = (u8)s[len - back];
    if ((c & 0xC0) == 0x80) continue;
    int n = lead_length(c);
    if (n <= (int)back) return 0;
    return back == 1 || is_second(c, (u8)s[len - back + 1]) ? back : 0;
  }
  return 0;
}
