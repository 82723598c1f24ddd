#include "lib/glob.h"

#include <string.h>

#include "base/utf8.h"

// The length of the character or escape at [s].
static size_t element(const char *s, const char *end)
{
  return *s == '\\' && s + 1 < end ? 2 : 1;
}

// Behind the brace that closes the one at [s]; NULL: there is none.
static const char *closing(const char *s, const char *end)
{
  u32 depth = 0;
  for (; s < end; s += element(s, end)) {
    if (*s == '{') depth++;
    else if (*s == '}' && --depth == 0) return s + 1;
  }
  return NULL;
}

static const char *find_brace(const char *s, const char *end)
{
  while (s < end && *s != '{') s += element(s, end);
  return s < end ? s : NULL;
}

// The end of the alternative that begins at [s], before [close], which is the closing brace.
static const char *alternative_end(const char *s, const char *close)
{
  u32 depth = 0;
  for (; s < close; s += element(s, close)) {
    if (*s == '{') depth++;
    else if (*s == '}') depth--;
    else if (*s == ',' && depth == 0) return s;
  }
  return close;
}

struct expansion {
  struct alloc *alloc;
  struct buf todo;  // texts, each with a NUL, that may hold braces
  u32 count;
};

// Replaces the first braces of the text at [at] of todo by each of its alternatives, at todo's end.
static enum glob_error expand(struct expansion *x, size_t at)
{
  struct buf text;
  buf_init(&text, x->alloc);
  buf_puts(&text, x->todo.data + at);
  if (text.failed) {
    buf_fini(&text);
    return GLOB_MEMORY;
  }
  const char *end = buf_text(&text) + text.len, *open = find_brace(buf_text(&text), end), *close = closing(open, end);
  enum glob_error error = close ? GLOB_OK : GLOB_BRACES;
  for (const char *s = open + 1; !error && s < close;) {
    const char *stop = alternative_end(s, close - 1);
    if (++x->count > GLOB_ALTERNATIVES_MAX) error = GLOB_TOO_MANY;
    buf_append(&x->todo, buf_text(&text), (size_t)(open - buf_text(&text)));
    buf_append(&x->todo, s, (size_t)(stop - s));
    buf_append(&x->todo, close, (size_t)(end - close) + 1);
    if (x->todo.failed) error = GLOB_MEMORY;
    s = stop + 1;
  }
  buf_fini(&text);
  return error;
}

static bool is_literal(const char *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (memchr("*?[\\", s[i], 4)) return false;
  }
  return true;
}

static enum glob_error add_segment(struct glob *g, struct glob_part *part, size_t at, size_t len)
{
  const char *s = g->text.data + at;
  struct glob_segment segment = { .at = at, .len = (u32)len };
  segment.is_any = len == 2 && memcmp(s, "**", 2) == 0;
  segment.is_literal = !segment.is_any && is_literal(s, len);
  if (++part->count > GLOB_SEGMENTS_MAX) return GLOB_TOO_LONG;
  return vec_push(g->alloc, &g->segments, segment) ? GLOB_OK : GLOB_MEMORY;
}

static enum glob_error add_part(struct glob *g, const char *s, size_t len)
{
  struct glob_part part = { .first = g->segments.len, .is_absolute = len && s[0] == '/' };
  part.is_directory = len && s[len - 1] == '/';
  size_t base = g->text.len;
  buf_append(&g->text, s, len);
  enum glob_error error = g->text.failed ? GLOB_MEMORY : GLOB_OK;
  for (size_t i = 0; i < len && !error;) {
    size_t start = i;
    while (i < len && s[i] != '/') i += element(s + i, s + len);
    bool is_dot = i == start + 1 && s[start] == '.';
    if (i > start && !is_dot) error = add_segment(g, &part, base + start, i - start);
    while (i < len && s[i] == '/') i++;
  }
  // What ends with ** means all that is in it.
  if (!error && part.count && vec_last(&g->segments).is_any)
    error = add_segment(g, &part, vec_last(&g->segments).at, 1);
  return error || vec_push(g->alloc, &g->parts, part) ? error : GLOB_MEMORY;
}

enum glob_error glob_init(struct glob *g, struct alloc *alloc, const char *pattern, size_t len)
{
  *g = (struct glob){ .alloc = alloc };
  buf_init(&g->text, alloc);
  struct expansion x = { .alloc = alloc };
  buf_init(&x.todo, alloc);
  buf_append(&x.todo, pattern, len + 1);
  enum glob_error error = x.todo.failed ? GLOB_MEMORY : GLOB_OK;
  for (size_t at = 0; !error && at < x.todo.len;) {
    const char *s = x.todo.data + at;
    size_t n = strlen(s);
    error = find_brace(s, s + n) ? expand(&x, at) : add_part(g, s, n);
    at += n + 1;
  }
  buf_fini(&x.todo);
  return error;
}

void glob_fini(struct glob *g)
{
  buf_fini(&g->text);
  vec_free(g->alloc, &g->segments);
  vec_free(g->alloc, &g->parts);
}

const char *glob_text(enum glob_error error)
{
  static const char *const texts[] = { "", "no memory", "a brace is not closed", "too many alternatives in braces",
                                       "too many names in one pattern" };
  return texts[error];
}

// Matching

// One character: the bytes of its UTF-8, or one byte.
static size_t character(const char *s, const char *end, u32 *c)
{
  int n = utf8_decode(s, end, c);
  if (n > 0) return (size_t)n;
  *c = 0x110000 + (u8)*s;
  return 1;
}

// [abc], [a-z], [!x], from behind the bracket: how much of the pattern it is; 0: no such thing, the bracket is meant.
static size_t match_set(const char *p, const char *end, u32 c, bool *is_in)
{
  const char *s = p;
  bool is_not = s < end && (*s == '!' || *s == '^'), found = false;
  s += is_not;
  for (bool is_first = true; s < end && (is_first || *s != ']'); is_first = false) {
    u32 low, high;
    s += *s == '\\' && s + 1 < end;
    s += character(s, end, &low);
    high = low;
    if (s + 1 < end && *s == '-' && s[1] != ']') s += 1 + character(s + 1, end, &high);
    found = found || (c >= low && c <= high);
  }
  if (s >= end) return 0;
  *is_in = found != is_not;
  return (size_t)(s + 1 - p);
}

// One element of the pattern that is no star, against one character; how much of each was used, 0 of the pattern: no.
static size_t match_one(const char *p, const char *p_end, const char *s, const char *s_end, size_t *used)
{
  u32 c, want;
  *used = character(s, s_end, &c);
  if (*p == '?') return 1;
  bool is_in;
  size_t set = *p == '[' ? match_set(p + 1, p_end, c, &is_in) : 0;
  if (set) return is_in ? set + 1 : 0;
  size_t escape = *p == '\\' && p + 1 < p_end;
  size_t n = character(p + escape, p_end, &want);
  return want == c ? escape + n : 0;
}

bool glob_matches_segment(const struct glob *g, const struct glob_segment *segment, const char *s, size_t len)
{
  const char *p = g->text.data + segment->at, *p_end = p + segment->len, *end = s + len;
  if (segment->is_literal) return len == segment->len && memcmp(p, s, len) == 0;
  if (len && s[0] == '.' && p[0] != '.' && !(p[0] == '\\' && segment->len > 1 && p[1] == '.')) return false;
  const char *star = NULL, *retry = NULL;
  while (s < end) {
    size_t used, n = 0;
    if (p < p_end && *p == '*') {
      star = ++p;
      retry = s;
      continue;
    }
    if (p < p_end) n = match_one(p, p_end, s, end, &used);
    if (n) {
      p += n;
      s += used;
    } else if (star) {
      u32 c;
      retry += character(retry, end, &c);
      p = star;
      s = retry;
    } else {
      return false;
    }
  }
  while (p < p_end && *p == '*') p++;
  return p == p_end;
}

static const struct glob_segment *segment_of(const struct glob *g, const struct glob_part *p, u32 i)
{
  return &g->segments.data[p->first + i];
}

// ** may also stand for no directory at all.
static u64 close_over(const struct glob *g, const struct glob_part *p, u64 at)
{
  for (u32 i = 0; i < p->count; i++) {
    if (at >> i & 1 && segment_of(g, p, i)->is_any) at |= (u64)1 << (i + 1);
  }
  return at;
}

u64 glob_begin(const struct glob *g, const struct glob_part *p) { return close_over(g, p, 1); }

static u64 step(const struct glob *g, const struct glob_part *p, u64 at, const char *name, size_t len, bool is_named)
{
  u64 next = 0;
  for (u32 i = 0; i < p->count; i++) {
    if (!(at >> i & 1)) continue;
    const struct glob_segment *s = segment_of(g, p, i);
    if (s->is_any) next |= is_named || name[0] == '.' ? 0 : (u64)1 << i;
    else if (glob_matches_segment(g, s, name, len)) next |= (u64)1 << (i + 1);
  }
  return close_over(g, p, next);
}

u64 glob_step(const struct glob *g, const struct glob_part *p, u64 at, const char *name, size_t len)
{
  return step(g, p, at, name, len, false);
}

u64 glob_step_named(const struct glob *g, const struct glob_part *p, u64 at, const char *name, size_t len)
{
  return step(g, p, at, name, len, true);
}

// Which segments may come behind the path.
static u64 step_all(const struct glob *g, const struct glob_part *p, const char *path, size_t len)
{
  if (p->is_absolute != (len && path[0] == '/')) return 0;
  u64 at = glob_begin(g, p);
  for (size_t i = 0; i < len;) {
    size_t start = i;
    while (i < len && path[i] != '/') i++;
    bool is_dot = i == start + 1 && path[start] == '.';
    if (i > start && !is_dot) at = glob_step(g, p, at, path + start, i - start);
    while (i < len && path[i] == '/') i++;
  }
  return at;
}

bool glob_goes_below(const struct glob *g, const char *path, size_t len)
{
  for (u32 i = 0; i < g->parts.len; i++) {
    const struct glob_part *p = &g->parts.data[i];
    if (glob_goes_on(p, step_all(g, p, path, len))) return true;
  }
  return false;
}

bool glob_matches(const struct glob *g, const char *path, size_t len)
{
  for (u32 i = 0; i < g->parts.len; i++) {
    const struct glob_part *p = &g->parts.data[i];
    if (glob_is_end(p, step_all(g, p, path, len))) return true;
  }
  return false;
}

const struct glob_segment *glob_literal(const struct glob *g, const struct glob_part *p, u64 at)
{
  for (u32 i = 0; i < p->count; i++) {
    if (at != (u64)1 << i) continue;
    const struct glob_segment *s = segment_of(g, p, i);
    return s->is_literal ? s : NULL;
  }
  return NULL;
}
