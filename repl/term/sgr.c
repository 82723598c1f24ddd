#include "term/sgr.h"

#include <string.h>

// The end of a string sequence (OSC, DCS, APC, PM, SOS): behind BEL or ESC \.
static size_t string_sequence(const char *s, const char *end)
{
  for (const char *p = s + 2; p < end; p++) {
    if (*p == '\a') return (size_t)(p + 1 - s);
    if (*p == '\033' && p + 1 < end) return (size_t)(p + (p[1] == '\\' ? 2 : 0) - s);
  }
  return 0;
}

size_t sgr_sequence(const char *s, const char *end)
{
  if (end - s < 2) return 0;
  if (strchr("]PX^_", s[1])) return string_sequence(s, end);
  const char *p = s + 1;
  if (*p == '[') p++;
  while (p < end && (u8)*p >= 0x20 && (u8)*p < (s[1] == '[' ? 0x40 : 0x30)) p++;
  return p < end ? (size_t)(p + 1 - s) : 0;
}

bool sgr_is(const char *s, size_t len)
{
  if (len < 3 || s[1] != '[' || s[len - 1] != 'm') return false;
  for (size_t i = 2; i + 1 < len; i++)
    if (!strchr("0123456789;:", s[i])) return false;
  return true;
}

struct params {
  u32 value[32];
  u32 count;
};

static void read_params(struct params *p, const char *s, size_t len)
{
  p->count = 0;
  u32 value = 0;
  for (size_t i = 2; i < len; i++) {
    if (s[i] >= '0' && s[i] <= '9') {
      if (value < 100000) value = value * 10 + (u32)(s[i] - '0');
    } else {
      if (p->count < COUNT_OF(p->value)) p->value[p->count++] = value;
      value = 0;
    }
  }
}

// 38;5;n and 38;2;r;g;b behind position [at]; returns how many further parameters they take.
static u32 apply_color(u32 *color, const struct params *p, u32 at)
{
  u32 left = p->count - at - 1;
  if (left >= 2 && p->value[at + 1] == 5) {
    *color = ATTR_PALETTE | (p->value[at + 2] & 0xFF);
    return 2;
  }
  if (left >= 4 && p->value[at + 1] == 2) {
    *color = ATTR_RGB | (p->value[at + 2] & 0xFF) << 16 | (p->value[at + 3] & 0xFF) << 8 | (p->value[at + 4] & 0xFF);
    return 4;
  }
  return left;
}

static void apply_off(struct attr *a, u32 n)
{
  if (n == 22) a->flags &= ~(1u << 1 | 1u << 2);
  else a->flags &= ~(1u << (n - 20));
}

void sgr_apply(struct attr *a, const char *s, size_t len)
{
  struct params p;
  read_params(&p, s, len);
  for (u32 i = 0; i < p.count; i++) {
    u32 n = p.value[i];
    if (n == 0) *a = (struct attr){0};
    else if (n < 10) a->flags |= 1u << n;
    else if (n >= 22 && n <= 29) apply_off(a, n);
    else if (n >= 30 && n <= 37) a->fg = ATTR_PALETTE | (n - 30);
    else if (n == 38) i += apply_color(&a->fg, &p, i);
    else if (n == 39) a->fg = ATTR_DEFAULT;
    else if (n >= 40 && n <= 47) a->bg = ATTR_PALETTE | (n - 40);
    else if (n == 48) i += apply_color(&a->bg, &p, i);
    else if (n == 49) a->bg = ATTR_DEFAULT;
    else if (n >= 90 && n <= 97) a->fg = ATTR_PALETTE | (n - 90 + 8);
    else if (n >= 100 && n <= 107) a->bg = ATTR_PALETTE | (n - 100 + 8);
  }
}

void sgr_scan(struct attr *a, const char *text, size_t len)
{
  const char *end = text + len;
  for (const char *p = text; p < end && (p = memchr(p, '\033', (size_t)(end - p)));) {
    size_t n = sgr_sequence(p, end);
    if (n == 0) return;
    if (sgr_is(p, n)) sgr_apply(a, p, n);
    p += n;
  }
}

static void put_color(struct buf *out, u32 color, u32 base)
{
  u32 n = color & 0xFFFFFF;
  if (color & ATTR_RGB) buf_printf(out, ";%u;2;%u;%u;%u", base + 8, n >> 16, n >> 8 & 0xFF, n & 0xFF);
  else if (n < 8) buf_printf(out, ";%u", base + n);
  else if (n < 16) buf_printf(out, ";%u", base + 60 + n - 8);
  else buf_printf(out, ";%u;5;%u", base + 8, n);
}

void sgr_put(struct buf *out, struct attr from, struct attr to)
{
  if (attr_equal(from, to)) return;
  if (attr_is_plain(to)) {
    buf_puts(out, "\033[0m");
    return;
  }
  buf_puts(out, attr_is_plain(from) ? "\033[" : "\033[0");
  size_t at = out->len;
  for (u32 n = 1; n < 10; n++)
    if (to.flags & 1u << n) buf_printf(out, ";%u", n);
  if (to.fg != ATTR_DEFAULT) put_color(out, to.fg, 30);
  if (to.bg != ATTR_DEFAULT) put_color(out, to.bg, 40);
  if (attr_is_plain(from) && !out->failed) {  // no leading semicolon
    memmove(out->data + at, out->data + at + 1, out->len - at - 1);
    buf_truncate(out, out->len - 1);
  }
  buf_putc(out, 'm');
}
