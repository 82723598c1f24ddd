#include "syntax/source.h"

#include <string.h>

#include "base/check.h"
#include "base/utf8.h"

static u32 count_lines(const char *text, size_t len)
{
  u32 count = 1;
  for (const char *p = text, *end = text + len; (p = memchr(p, '\n', (size_t)(end - p))); p++) count++;
  return count;
}

static void fill_lines(const char *text, size_t len, u32 *lines)
{
  lines[0] = 0;
  for (const char *p = text, *end = text + len; (p = memchr(p, '\n', (size_t)(end - p))); p++) {
    *++lines = (u32)(p + 1 - text);
  }
}

struct source *source_create(struct alloc *alloc, const char *name, const char *text, size_t len)
{
  if (len == 0) text = "";
  if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    text += 3;
    len -= 3;
  }
  if (len >= UINT32_MAX) return NULL;
  u32 line_count = count_lines(text, len);
  size_t name_size = strlen(name) + 1, lines_size = (size_t)line_count * sizeof(u32);
  size_t size = sizeof(struct source) + lines_size + len + 1 + name_size;
  struct source *s = mem_alloc(alloc, size);
  if (!s) return NULL;
  u32 *lines = (u32 *)(s + 1);
  char *copy = (char *)(lines + line_count);
  fill_lines(text, len, lines);
  if (len) memcpy(copy, text, len);
  copy[len] = 0;
  memcpy(copy + len + 1, name, name_size);
  *s = (struct source){ .alloc = alloc, .references = 1, .len = (u32)len, .name = copy + len + 1, .text = copy,
                        .lines = lines, .line_count = line_count, .block_size = size };
  return s;
}

struct source *source_ref(struct source *s)
{
  s->references++;
  return s;
}

void source_unref(struct source *s)
{
  if (!s) return;
  CHECK(s->references > 0);
  if (--s->references == 0) mem_free(s->alloc, s, s->block_size);
}

struct place source_place(const struct source *s, u32 offset)
{
  CHECK(offset <= s->len);
  u32 low = 0, high = s->line_count;
  while (high - low > 1) {
    u32 middle = low + (high - low) / 2;
    if (s->lines[middle] <= offset) low = middle;
    else high = middle;
  }
  u32 column = 1;
  for (u32 i = s->lines[low]; i < offset; i++) column += !utf8_is_continuation(s->text[i]);
  return (struct place){ low + 1, column };
}

const char *source_line(const struct source *s, u32 line, u32 *len)
{
  CHECK(line >= 1 && line <= s->line_count);
  u32 start = s->lines[line - 1], end = line < s->line_count ? s->lines[line] - 1 : s->len;
  if (end > start && s->text[end - 1] == '\r') end--;
  *len = end - start;
  return s->text + start;
}

void source_comment_text(const struct source *s, u32 start, u32 end, struct buf *out)
{
  const char *p = s->text + start, *stop = s->text + end;
  for (bool first = true; p < stop; first = false) {
    const char *newline = memchr(p, '\n', (size_t)(stop - p));
    const char *line_end = newline ? newline : stop;
    const char *next = newline ? newline + 1 : stop;
    while (p < line_end && *p != '#') p++;
    if (p < line_end) p++;
    if (p < line_end && *p == ' ') p++;
    if (line_end > p && line_end[-1] == '\r') line_end--;
    if (!first) buf_putc(out, '\n');
    buf_append(out, p, (size_t)(line_end - p));
    p = next;
  }
}
