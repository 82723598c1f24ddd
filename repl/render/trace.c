#include "render/trace.h"

#include <string.h>

#include "term/cluster.h"

static void put_clean(struct buf *out, enum style style, enum color_depth colors, const char *text, size_t len)
{
  const char *sgr = style_sgr(style, colors);
  if (len == 0) return;
  buf_puts(out, sgr);
  for (const char *at = text, *end = text + len; at < end;) {
    struct cluster cluster;
    if (*at == '\t') {
      buf_puts(out, "  ");
      at++;
      continue;
    }
    at += cluster_read(at, end, &cluster);
    buf_append(out, cluster.text, cluster.len);
  }
  if (*sgr) buf_puts(out, "\033[0m");
}

static bool begins_with(const char *text, size_t len, const char *word)
{
  return len >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

static size_t blanks_of(const char *line, size_t len)
{
  size_t n = 0;
  while (n < len && line[n] == ' ') n++;
  return n;
}

static bool is_marks(const char *line, size_t len)
{
  size_t at = blanks_of(line, len), first = at;
  while (at < len && (line[at] == '^' || line[at] == '~')) at++;
  return at == len && at > first;
}

// Bytes of "name:12:5: " at the beginning of a line, 0 where there is no such place.
static size_t place_of(const char *line, size_t len)
{
  for (size_t at = 1; at + 1 < len; at++) {
    size_t digits = at + 1;
    if (line[at] != ':') continue;
    while (digits < len && line[digits] >= '0' && line[digits] <= '9') digits++;
    if (digits == at + 1 || digits >= len || line[digits] != ':') continue;
    size_t column = digits + 1;
    while (column < len && line[column] >= '0' && line[column] <= '9') column++;
    if (column > digits + 1 && column + 1 < len && line[column] == ':' && line[column + 1] == ' ') return column + 2;
  }
  return 0;
}

// The word that says what a line is, up to its colon.
static size_t put_head_word(struct buf *out, enum color_depth colors, const char *text, size_t len)
{
  size_t word = 0;
  while (word < len && ((text[word] | 32) >= 'a' ? (text[word] | 32) <= 'z' : text[word] == '_')) word++;
  if (word == 0 || word >= len || text[word] != ':') return 0;
  enum style style = begins_with(text, len, "warning:") ? STYLE_WARNING
                     : begins_with(text, len, "note:")  ? STYLE_NOTE
                                                        : STYLE_ERROR;
  put_clean(out, style, colors, text, word + 1);
  return word + 1;
}

static void put_message(struct buf *out, enum color_depth colors, const char *line, size_t len)
{
  size_t place = place_of(line, len);
  put_clean(out, STYLE_STATUS, colors, line, place);
  size_t word = put_head_word(out, colors, line + place, len - place);
  put_clean(out, STYLE_STRONG, colors, line + place + word, len - place - word);
}

static void put_indented(struct buf *out, enum color_depth colors, const char *line, size_t len, bool is_source)
{
  size_t blanks = blanks_of(line, len);
  buf_append(out, line, blanks);
  if (is_source) {
    put_clean(out, STYLE_PLAIN, colors, line + blanks, len - blanks);
    return;
  }
  size_t word =
      begins_with(line + blanks, len - blanks, "note:") ? put_head_word(out, colors, line + blanks, len - blanks) : 0;
  put_clean(out, word ? STYLE_PLAIN : STYLE_STATUS, colors, line + blanks + word, len - blanks - word);
}

static void put_line(struct buf *out, enum color_depth colors, const char *line, size_t len, bool is_source)
{
  if (is_marks(line, len)) put_clean(out, STYLE_CARET, colors, line, len);
  else if (len > 0 && line[0] != ' ') put_message(out, colors, line, len);
  else put_indented(out, colors, line, len, is_source);
  buf_putc(out, '\n');
}

void trace_render(const char *text, size_t len, enum color_depth colors, struct buf *out)
{
  for (const char *at = text, *end = text + len; at < end;) {
    const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
    const char *next = newline ? newline + 1 : end;
    const char *next_stop = next < end ? memchr(next, '\n', (size_t)(end - next)) : NULL;
    bool is_source = next < end && is_marks(next, (size_t)((next_stop ? next_stop : end) - next));
    put_line(out, colors, at, (size_t)(stop - at), is_source);
    at = next;
  }
}
