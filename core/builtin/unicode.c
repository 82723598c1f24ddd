#include "builtin/unicode.h"

#include <utf8proc.h>

#include "base/utf8.h"

static utf8proc_category_t category(u32 c) { return utf8proc_category((utf8proc_int32_t)c); }

#define FOLDED_MAX 4

// The letters that a letter without a single capital folds into, as "ss" for "ß"; 0 for all others.
static int fold(u32 c, utf8proc_int32_t folded[FOLDED_MAX])
{
  utf8proc_category_t kind = c < 0x80 ? UTF8PROC_CATEGORY_CN : category(c);
  if (kind != UTF8PROC_CATEGORY_LL && kind != UTF8PROC_CATEGORY_LT) return 0;
  int boundary = 0;
  utf8proc_ssize_t count =
      utf8proc_decompose_char((utf8proc_int32_t)c, folded, FOLDED_MAX, UTF8PROC_CASEFOLD, &boundary);
  return count > 1 && count <= FOLDED_MAX ? (int)count : 0;
}

void unicode_put_upper(u32 c, struct buf *out)
{
  utf8proc_int32_t folded[FOLDED_MAX];
  int count = fold(c, folded);
  if (count == 0) buf_putu(out, (u32)utf8proc_toupper((utf8proc_int32_t)c));
  for (int i = 0; i < count; i++) buf_putu(out, (u32)utf8proc_toupper(folded[i]));
}

// Where there is a single character for the beginning of a word, that.
void unicode_put_title(u32 c, struct buf *out)
{
  utf8proc_int32_t folded[FOLDED_MAX], title = utf8proc_totitle((utf8proc_int32_t)c);
  bool is_single = (u32)title != c && category((u32)title) == UTF8PROC_CATEGORY_LT;
  int count = is_single ? 0 : fold(c, folded);
  if (count == 0) buf_putu(out, (u32)title);
  for (int i = 0; i < count; i++) buf_putu(out, (u32)(i == 0 ? utf8proc_totitle(folded[i]) : folded[i]));
}

void unicode_put_lower(u32 c, struct buf *out)
{
  buf_putu(out, (u32)utf8proc_tolower((utf8proc_int32_t)c));
  if (c == 0x130) buf_putu(out, 0x307);  // a capital I with a dot keeps it
}

bool unicode_is_space(u32 c)
{
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  utf8proc_category_t kind = category(c);
  return kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL || kind == UTF8PROC_CATEGORY_ZP || c == 0x85;
}

bool unicode_is_letter(u32 c)
{
  utf8proc_category_t kind = category(c);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO;
}

bool unicode_is_digit(u32 c) { return category(c) == UTF8PROC_CATEGORY_ND; }
bool unicode_is_upper(u32 c) { return utf8proc_isupper((utf8proc_int32_t)c) != 0; }
bool unicode_is_lower(u32 c) { return utf8proc_islower((utf8proc_int32_t)c) != 0; }

const char *unicode_cluster(const char *s, const char *end)
{
  u32 before, c;
  utf8proc_int32_t state = 0;
  s += utf8_decode(s, end, &before);
  while (s < end) {
    int len = utf8_decode(s, end, &c);
    if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before, (utf8proc_int32_t)c, &state)) break;
    before = c;
    s += len;
  }
  return s;
}

// The widest of its code points, and two columns where U+FE0F asks for the picture.
static size_t cluster_width(const char *s, const char *end)
{
  size_t width = 0;
  while (s < end) {
    u32 c;
    s += utf8_decode(s, end, &c);
    int w = c == 0xFE0F && width ? 2 : utf8proc_charwidth((utf8proc_int32_t)c);
    if (w > 0 && (size_t)w > width) width = (size_t)w;
  }
  return width;
}

size_t unicode_width(struct heap *heap, const char *s, size_t len)
{
  const char *end = s + len;
  size_t width = 0;
  for (u32 turn = 0; s < end && !heap_must_stop_at(heap, turn); turn++) {
    bool is_plain = *s >= ' ' && *s < 0x7F && (s + 1 == end || (u8)s[1] < 0x80);
    const char *next = is_plain ? s + 1 : unicode_cluster(s, end);
    width += is_plain ? 1 : cluster_width(s, next);
    s = next;
  }
  return width;
}

static const utf8proc_option_t form_options[] = {
  [UNICODE_NFC] = UTF8PROC_STABLE | UTF8PROC_COMPOSE,
  [UNICODE_NFD] = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE,
  [UNICODE_NFKC] = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT,
  [UNICODE_NFKD] = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
  [UNICODE_FOLD] = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD,
};

// The library decomposes into code points of ours, orders them, and then composes and encodes in place.
bool unicode_convert(const char *s, size_t len, enum unicode_form form, struct buf *out)
{
  utf8proc_option_t options = form_options[form];
  const utf8proc_uint8_t *text = (const utf8proc_uint8_t *)s;
  utf8proc_ssize_t count = utf8proc_decompose(text, (utf8proc_ssize_t)len, NULL, 0, options);
  if (count < 0) return false;
  size_t size = ((size_t)count + 1) * sizeof(utf8proc_int32_t);
  utf8proc_int32_t *points = mem_alloc(out->alloc, size);
  if (!points) return false;
  utf8proc_decompose(text, (utf8proc_ssize_t)len, points, count, options);
  utf8proc_ssize_t bytes = utf8proc_reencode(points, count, options);
  if (bytes >= 0) buf_append(out, points, (size_t)bytes);
  mem_free(out->alloc, points, size);
  return bytes >= 0 && !out->failed;
}
