#include "edit/undo.h"

#include <string.h>

enum { STEPS_MAX = 500, BYTES_MAX = 16 << 20 };

void undo_init(struct undo *u, struct alloc *alloc)
{
  *u = (struct undo){.alloc = alloc};
}

static void drop(struct undo *u, u32 at)
{
  struct snapshot *s = &u->steps.data[at];
  u->bytes -= s->cap;
  mem_free(u->alloc, s->text, s->cap);
  memmove(s, s + 1, (u->steps.len - at - 1) * sizeof *s);
  u->steps.len--;
}

static void drop_from(struct undo *u, u32 at)
{
  while (u->steps.len > at) drop(u, u->steps.len - 1);
}

void undo_fini(struct undo *u)
{
  drop_from(u, 0);
  vec_free(u->alloc, &u->steps);
}

static bool take(struct undo *u, struct snapshot *s, const char *text, size_t len, size_t cursor)
{
  *s = (struct snapshot){.len = len, .cap = len + 1, .cursor = cursor};
  s->text = mem_alloc(u->alloc, s->cap);
  if (!s->text) return false;
  memcpy(s->text, text, len);
  s->text[len] = 0;
  u->bytes += s->cap;
  return true;
}

// Without memory the step is lost, and the text stays as it is typed.
static void push(struct undo *u, const char *text, size_t len, size_t cursor)
{
  struct snapshot s;
  if (!take(u, &s, text, len, cursor)) return;
  if (!vec_push(u->alloc, &u->steps, s)) {
    mem_free(u->alloc, s.text, s.cap);
    u->bytes -= s.cap;
    return;
  }
  while (u->steps.len > 1 && (u->steps.len > STEPS_MAX || u->bytes > BYTES_MAX)) drop(u, 0);
  u->at = u->steps.len - 1;
}

void undo_reset(struct undo *u, const char *text, size_t len, size_t cursor)
{
  drop_from(u, 0);
  u->is_typing = false;
  push(u, text, len, cursor);
}

// One more character of the word being typed: inserted right at where the last one went.
static bool does_grow(const struct undo *u, const struct snapshot *was, const char *text, size_t len, size_t cursor)
{
  if (!u->is_typing || len <= was->len || len - was->len > 4 || cursor != was->cursor + (len - was->len)) return false;
  char c = text[was->cursor];
  return c != ' ' && c != '\n' && memcmp(text, was->text, was->cursor) == 0;
}

void undo_record(struct undo *u, const char *text, size_t len, size_t cursor)
{
  if (u->steps.len == 0) {
    push(u, text, len, cursor);
    return;
  }
  struct snapshot *now = &u->steps.data[u->at];
  if (now->len == len && memcmp(now->text, text, len) == 0) {
    if (now->cursor != cursor) u->is_typing = false;
    now->cursor = cursor;
    return;
  }
  drop_from(u, u->at + 1);
  struct snapshot s;
  if (does_grow(u, now, text, len, cursor) && take(u, &s, text, len, cursor)) {
    u->bytes -= now->cap;
    mem_free(u->alloc, now->text, now->cap);
    *now = s;
    return;
  }
  bool is_typed = len > now->len && len - now->len <= 4;
  push(u, text, len, cursor);
  u->is_typing = is_typed;
}

const struct snapshot *undo_back(struct undo *u)
{
  u->is_typing = false;
  return u->at > 0 && u->steps.len > 0 ? &u->steps.data[--u->at] : NULL;
}

const struct snapshot *undo_forth(struct undo *u)
{
  u->is_typing = false;
  return u->at + 1 < u->steps.len ? &u->steps.data[++u->at] : NULL;
}
