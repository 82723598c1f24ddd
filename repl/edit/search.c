#include "edit/search.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "session/history.h"

void search_setup(struct search *s, struct alloc *alloc)
{
  *s = (struct search){.is_active = false};
  buf_init(&s->pattern, alloc);
  buf_init(&s->found, alloc);
  buf_init(&s->own, alloc);
}

void search_fini(struct search *s)
{
  buf_fini(&s->own);
  buf_fini(&s->found);
  buf_fini(&s->pattern);
}

static bool is_lower(const char *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (isupper((u8)s[i])) return false;
  return true;
}

static bool is_alike(char c, char wanted, bool folds)
{
  return c == wanted || (folds && (u8)c < 0x80 && tolower((u8)c) == wanted);
}

size_t search_find(const char *text, size_t len, const char *pattern, size_t pattern_len)
{
  bool folds = is_lower(pattern, pattern_len);
  for (size_t at = 0; at + pattern_len <= len; at++) {
    size_t i = 0;
    while (i < pattern_len && is_alike(text[at + i], pattern[i], folds)) i++;
    if (i == pattern_len) return at;
  }
  return SIZE_MAX;
}

static void set(struct buf *b, const char *text, size_t len)
{
  buf_clear(b);
  buf_append(b, text, len);
}

static bool take(struct search *s, const struct history *h, u32 at)
{
  size_t len;
  const char *entry = history_entry(h, at, &len);
  if (!entry) return false;
  size_t match = search_find(entry, len, buf_text(&s->pattern), s->pattern.len);
  if (match == SIZE_MAX) return false;
  set(&s->found, entry, len);
  s->match = s->found.failed ? SIZE_MAX : match;
  s->at = at;
  s->is_failing = false;
  return true;
}

void search_begin(struct search *s, const struct history *h, const char *text, size_t len, size_t cursor)
{
  s->is_active = true;
  s->is_failing = false;
  s->at = history_bound(h);
  s->match = SIZE_MAX;
  buf_clear(&s->pattern);
  set(&s->own, text, len);
  set(&s->found, text, len);
  s->own_cursor = cursor;
}

void search_step(struct search *s, const struct history *h, bool is_older)
{
  u32 end = history_bound(h), at = s->at;
  s->is_failing = true;
  if (s->pattern.len == 0) return;
  while (is_older ? at > 0 : at < end) {
    at = is_older ? history_before(h, at) : history_after(h, at);
    if (at >= end) return;
    if (take(s, h, at)) return;
  }
}

// With a new pattern the entry shown stays while it matches; else the search goes on from the newest.
static void look_again(struct search *s, const struct history *h)
{
  if (s->pattern.len == 0) {
    set(&s->found, buf_text(&s->own), s->own.len);
    s->at = history_bound(h);
    s->match = SIZE_MAX;
    s->is_failing = false;
  } else if (!take(s, h, s->at)) {
    search_step(s, h, true);
  }
}

void search_type(struct search *s, const struct history *h, const char *text, size_t len)
{
  buf_append(&s->pattern, text, len);
  look_again(s, h);
}

void search_erase(struct search *s, const struct history *h)
{
  size_t len = s->pattern.len;
  while (len > 0 && utf8_is_continuation(s->pattern.data[len - 1])) len--;
  if (len > 0) len--;
  buf_truncate(&s->pattern, len);
  s->at = history_bound(h);
  look_again(s, h);
}

void search_leave(struct search *s)
{
  s->is_active = false;
}
