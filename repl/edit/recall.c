#include "edit/recall.h"

#include <string.h>

#include "session/history.h"

void recall_init(struct recall *r, struct alloc *alloc)
{
  *r = (struct recall){.is_walking = false};
  buf_init(&r->own, alloc);
}

void recall_fini(struct recall *r)
{
  buf_fini(&r->own);
}

void recall_end(struct recall *r)
{
  r->is_walking = false;
}

static bool does_match(const struct recall *r, const char *entry, size_t len)
{
  if (len == r->own.len && memcmp(entry, buf_text(&r->own), len) == 0) return false;
  return r->own.len == 0 || memmem(entry, len, r->own.data, r->own.len);
}

const char *recall_older(struct recall *r, const struct history *h, const char *text, size_t len, size_t *out_len)
{
  if (!h) return NULL;
  u32 end = history_bound(h);
  if (!r->is_walking) {
    buf_clear(&r->own);
    buf_append(&r->own, text, len);
    r->at = end;
  }
  if (r->own.failed) return NULL;  // what was typed could not be come back to
  for (u32 at = r->at; at > 0;) {
    at = history_before(h, at);
    if (at == end) return NULL;
    const char *entry = history_entry(h, at, out_len);
    if (!does_match(r, entry, *out_len)) continue;
    r->is_walking = true;
    r->at = at;
    return entry;
  }
  return NULL;
}

const char *recall_newer(struct recall *r, const struct history *h, size_t *out_len)
{
  if (!r->is_walking) return NULL;
  u32 end = history_bound(h);
  for (r->at = history_after(h, r->at); r->at != end; r->at = history_after(h, r->at)) {
    const char *entry = history_entry(h, r->at, out_len);
    if (does_match(r, entry, *out_len)) return entry;
  }
  r->is_walking = false;
  *out_len = r->own.len;
  return buf_text(&r->own);
}
