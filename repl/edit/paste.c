#include "edit/paste.h"

#include <ctype.h>
#include <string.h>

// Length of a prompt at the start of a line: "[12] > ", or with unseen errors "[12] !3 > ". 0: none.
static size_t prompt_length(const char *line, size_t len)
{
  size_t at = 0;
  if (len < 5 || line[at++] != '[') return 0;
  size_t digits = at;
  while (at < len && isdigit((u8)line[at])) at++;
  if (at == digits || at + 2 > len || line[at] != ']' || line[at + 1] != ' ') return 0;
  at += 2;
  if (at < len && line[at] == '!') {
    do at++;
    while (at < len && isdigit((u8)line[at]));
    if (at >= len || line[at++] != ' ') return 0;
  }
  if (at >= len || line[at] != '>') return 0;
  if (at + 1 == len) return at + 1;  // an empty prompt, its blank lost on the way
  return line[at + 1] == ' ' ? at + 2 : 0;
}

// Length of the mark of a further row at the start of a line, its blank perhaps lost on the way. 0: none.
static size_t mark_length(const char *line, size_t len, const char *mark)
{
  size_t n = strlen(mark);
  if (len + 1 == n && mark[len] == ' ') n = len;
  return len >= n && memcmp(line, mark, n) == 0 ? n : 0;
}

static size_t line_length(const char *text, const char *end)
{
  const char *nl = memchr(text, '\n', (size_t)(end - text));
  return (size_t)((nl ? nl : end) - text);
}

static bool is_transcript(const char *text, const char *end)
{
  for (; text < end; text += line_length(text, end) + 1)
    if (prompt_length(text, line_length(text, end)) > 0) return true;
  return false;
}

static void put_line(struct buf *out, bool *is_first, const char *line, size_t len)
{
  if (!*is_first) buf_putc(out, '\n');
  buf_append(out, line, len);
  *is_first = false;
}

// The first line may be an input whose prompt was not selected.
static void put_inputs(struct buf *out, const char *text, const char *end, const char *mark)
{
  bool is_first = true, is_input = text[0] != '[';
  for (const char *line = text; line < end;) {
    size_t len = line_length(line, end), prompt = prompt_length(line, len);
    size_t further = is_input && line > text ? mark_length(line, len, mark) : 0, skip = prompt ? prompt : further;
    if (skip > 0 || (line == text && is_input)) {
      if (len > skip) put_line(out, &is_first, line + skip, len - skip);
      is_input = true;
    } else {
      is_input = false;
    }
    line += len + 1;
  }
}

void paste_clean(struct buf *out, const char *text, size_t len, const char *continuation)
{
  const char *end = text + len;
  size_t start = out->len;
  if (is_transcript(text, end)) put_inputs(out, text, end, continuation);
  else buf_append(out, text, len);
  while (out->len > start && out->data[out->len - 1] == '\n') buf_truncate(out, out->len - 1);
}
