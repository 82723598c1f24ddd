#include <string.h>

#include "edit/highlight.h"
#include "session/paths.h"
#include "session/state.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

static size_t trimmed(const char *text, size_t len)
{
  while (len > 0 && is_blank(text[len - 1])) len--;
  return len;
}

// Refused memory says nothing of the text. Should there still be none, to run it will say so.
static enum lull_syntax check(struct session *s, const char *text, size_t len)
{
  u64 refused = lull_alloc(s->lull)->refused;
  enum lull_syntax is = lull_check(s->lull, "", text, len, NULL);
  return lull_alloc(s->lull)->refused == refused ? is : lull_check(s->lull, "", text, len, NULL);
}

size_t assist_without_ampersand(struct session *s, const char *text, size_t len)
{
  size_t end = trimmed(text, len);
  if (end < 2 || text[end - 1] != '&' || text[end - 2] == '&') return len;
  end = trimmed(text, end - 1);
  return end > 0 && check(s, text, end) == LULL_COMPLETE ? end : len;
}

// How deep in brackets the text ends, strings and comments left out: good enough to indent by.
static int open_brackets(const char *text, size_t len)
{
  int depth = 0;
  for (size_t i = 0; i < len; i++) {
    char c = text[i];
    if (c == '#') {
      while (i < len && text[i] != '\n') i++;
    } else if (c == '"' || c == '\'') {
      while (++i < len && text[i] != c && text[i] != '\n')
        if (c == '"' && text[i] == '\\') i++;
    } else if (c == '{' || c == '[' || c == '(') {
      depth++;
    } else if ((c == '}' || c == ']' || c == ')') && depth > 0) {
      depth--;
    }
  }
  return depth;
}

bool assist_is_complete(const char *text, size_t len, int *indent, void *user)
{
  struct session *s = user;
  size_t start = 0;
  while (start < len && is_blank(text[start])) start++;
  if (s->question || start == len || text[start] == ':' || text[start] == '!') return true;
  if (assist_without_ampersand(s, text, len) < len) return true;
  if (check(s, text, len) != LULL_MORE) return true;
  *indent = 2 * open_brackets(text, len);
  return false;
}

void assist_highlight(const char *text, size_t len, size_t cursor, struct spans *out, void *user)
{
  struct session *s = user;
  if (!s->highlight || text[0] == ':' || text[0] == '!') return;
  highlight_text(s->highlight, text, len, cursor, out);
}

static bool collect(void *user, const struct lull_name *name)
{
  struct completions *out = user;
  struct buf hint;
  buf_init(&hint, out->alloc);
  buf_puts(&hint, name->usage);
  if (*name->usage && *name->doc) buf_puts(&hint, " · ");
  buf_puts(&hint, name->doc);
  completions_add(out, name->name, strlen(name->name), buf_text(&hint), hint.len);
  buf_fini(&hint);
  return !out->failed;
}

void assist_complete(const char *text, size_t len, size_t cursor, struct completions *out, void *user)
{
  struct session *s = user;
  size_t code = 0, start = 0, quote = paths_in_string(text, cursor);
  if (len > 0 && text[0] == ':') {
    if (commands_complete(s, text, len, cursor, out)) return;
    code = commands_code_start(text, len);
  } else if (len > 0 && text[0] == '!') {
    code = SIZE_MAX;
  }
  if (quote != SIZE_MAX) {
    paths_complete(text, quote, cursor, out);
  } else if (code == SIZE_MAX) {
    for (start = cursor; start > 1 && !is_blank(text[start - 1]); start--) {}
    paths_complete(text, start, cursor, out);
  } else if (cursor >= code) {
    lull_complete(s->lull, text + code, len - code, cursor - code, &start, collect, out);
    out->start = code + start;
  }
}
