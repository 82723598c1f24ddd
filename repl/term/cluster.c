#include "term/cluster.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

enum { ZWJ = 0x200D, VS16 = 0xFE0F, DOTTED_CIRCLE = 0x25CC };

// Emoji newer than the tables of utf8proc 2.8 (Unicode 14), which gives them one column.
static const struct {
  u32 first, last;
} wide_since[] = {
    {0x1F6DC, 0x1F6DC}, {0x1FA75, 0x1FA77}, {0x1FA87, 0x1FA89}, {0x1FA8F, 0x1FA8F}, {0x1FAAD, 0x1FAAF},
    {0x1FABB, 0x1FABF}, {0x1FAC6, 0x1FAC6}, {0x1FACE, 0x1FACF}, {0x1FADA, 0x1FADF}, {0x1FAE8, 0x1FAE9},
    {0x1FAF7, 0x1FAF8},
};

int cluster_code_width(u32 code)
{
  if (code < 0x300) return 1;
  for (size_t i = 0; i < COUNT_OF(wide_since); i++)
    if (code >= wide_since[i].first && code <= wide_since[i].last) return 2;
  return utf8proc_charwidth((utf8proc_int32_t)code);
}

static bool is_regional(u32 code)
{
  return code >= 0x1F1E6 && code <= 0x1F1FF;
}

// Controls, marks of direction, separators of lines, private tags: nothing that may reach the terminal as it is.
static bool is_dangerous(u32 code)
{
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return true;
  if (code < 0x200B) return code == 0xAD || code == 0x61C || code == 0x180E;
  return utf8proc_category((utf8proc_int32_t)code) == UTF8PROC_CATEGORY_CF || code == 0x2028 || code == 0x2029;
}

static void put_code(struct cluster *c, u32 code)
{
  char bytes[4];
  size_t len = utf8_encode(code, bytes);
  if (c->len + len > CLUSTER_BYTES) return;
  memcpy(c->text + c->len, bytes, len);
  c->len = (u8)(c->len + len);
}

static void make_up(struct cluster *c, u32 code)
{
  if (code < 0x20 || code == 0x7F) {
    c->text[0] = '^';
    c->text[1] = (char)(code ^ 0x40);
    c->len = 2;
  } else {
    char text[CLUSTER_BYTES];
    c->len = (u8)snprintf(text, sizeof text, "<%02X>", (unsigned)code);
    memcpy(c->text, text, c->len);
  }
  c->width = c->len;
  c->is_made_up = true;
}

static void begin(struct cluster *c, u32 code)
{
  int width = cluster_code_width(code);
  if (width == 0) put_code(c, DOTTED_CIRCLE);  // a mark with nothing to stand on
  put_code(c, code);
  c->width = (u8)(width > 1 ? 2 : 1);
}

static void extend(struct cluster *c, u32 first, u32 code)
{
  int width = cluster_code_width(code);
  bool is_spacing = utf8proc_category((utf8proc_int32_t)code) == UTF8PROC_CATEGORY_MC;
  put_code(c, code);
  if (width == 0 && code != VS16 && !is_spacing) return;
  if (is_spacing || code == VS16 || is_regional(first)) c->width = 2;
  c->is_uncertain = true;
}

size_t cluster_read(const char *s, const char *end, struct cluster *c)
{
  memset(c, 0, sizeof *c);
  u8 byte = (u8)*s;
  if (byte >= 0x20 && byte < 0x7F && (s + 1 == end || (u8)s[1] < 0x80)) {
    c->text[0] = *s;
    c->len = c->width = 1;
    return 1;
  }
  u32 first;
  int len = utf8_decode(s, end, &first);
  if (len == 0) {
    put_code(c, 0xFFFD);
    c->width = 1;
    c->is_made_up = true;
    return 1;
  }
  if (is_dangerous(first)) {
    make_up(c, first);
    return (size_t)len;
  }
  begin(c, first);
  const char *at = s + len;
  utf8proc_int32_t state = 0;
  for (u32 code, last = first; at < end && (len = utf8_decode(at, end, &code)) > 0; last = code, at += len) {
    if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)last, (utf8proc_int32_t)code, &state)) break;
    if (is_dangerous(code) && code != ZWJ && !(code >= 0xE0020 && code <= 0xE007F)) break;  // tags spell flags
    extend(c, first, code);
  }
  return (size_t)(at - s);
}

size_t cluster_before(const char *s, size_t at)
{
  // Clusters have no bound, but a step need not look further back than this.
  size_t from = at > 128 ? at - 128 : 0;
  while (from > 0 && utf8_is_continuation(s[from])) from--;
  size_t last = 0;
  for (struct cluster c; from < at; from += last) last = cluster_read(s + from, s + at, &c);
  return last;
}


size_t cluster_fit(const char *s, size_t len, int cols, int *used)
{
  size_t at = 0;
  *used = 0;
  for (struct cluster c; at < len;) {
    size_t n = cluster_read(s + at, s + len, &c);
    if (*used + c.width > cols) break;
    *used += c.width;
    at += n;
  }
  return at;
}
