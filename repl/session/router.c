#include "session/router.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "session/line.h"

enum {
  KEEP = 256 * 1024,
  LONGEST_LINE = 16 * 1024,  // a longer one is cut in two
  BURST = 120,               // lines a cell may print at once
  RATE = 60,                 // and a second, on the average
};

static const double LIVE_AFTER = 0.1, LIVE_EVERY = 1 / 30.0, FLOOD_WINDOW = 0.3;

// The output of one cell. Unfinished lines and floods exclude foreground: a cell in front has neither.
struct source {
  u64 cell;
  u64 count;         // bytes printed
  u64 gone;          // bytes no longer in `kept`
  struct buf kept;   // raw
  struct buf line;   // raw: the unfinished line
  struct attr look;  // at the start of `line`
  double live_at;    // when the live row is due; 0: it is not
  bool is_live;      // there is a live row
  bool is_muted;
  bool is_flooding;
  u64 hidden;        // lines left out in this flood
  u32 window_lines;  // of those, since window_start
  double window_start;
  double tokens, tokens_at;  // lines it may still print, as of that time
};

struct router {
  struct router_config config;
  VEC(struct source *) sources;  // by cell, ascending
  u64 foreground;
  struct buf lines;  // made but not yet given to `above`
};

struct router *router_create(const struct router_config *config)
{
  struct router *r = mem_alloc(config->alloc, sizeof *r);
  if (!r) return NULL;
  *r = (struct router){ .config = *config, .foreground = ROUTER_NONE };
  if (!r->config.keep) r->config.keep = KEEP;
  buf_init(&r->lines, config->alloc);
  return r;
}

static void source_destroy(struct router *r, struct source *s)
{
  buf_fini(&s->kept);
  buf_fini(&s->line);
  mem_free(r->config.alloc, s, sizeof *s);
}

void router_destroy(struct router *r)
{
  if (!r) return;
  for (u32 i = 0; i < r->sources.len; i++) source_destroy(r, r->sources.data[i]);
  vec_free(r->config.alloc, &r->sources);
  buf_fini(&r->lines);
  mem_free(r->config.alloc, r, sizeof *r);
}

// The place of the cell in sources, or where it would go.
static u32 place_of(const struct router *r, u64 cell)
{
  u32 low = 0, high = r->sources.len;
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (r->sources.data[middle]->cell < cell) low = middle + 1;
    else high = middle;
  }
  return low;
}

static struct source *find(const struct router *r, u64 cell)
{
  u32 at = place_of(r, cell);
  return at < r->sources.len && r->sources.data[at]->cell == cell ? r->sources.data[at] : NULL;
}

// NULL when out of memory.
static struct source *find_or_make(struct router *r, u64 cell)
{
  struct source *s = find(r, cell);
  if (s) return s;
  s = mem_alloc(r->config.alloc, sizeof *s);
  if (!s) return NULL;
  *s = (struct source){ .cell = cell, .tokens = BURST };
  buf_init(&s->kept, r->config.alloc);
  buf_init(&s->line, r->config.alloc);
  u32 at = place_of(r, cell);
  if (!vec_push(r->config.alloc, &r->sources, s)) {
    source_destroy(r, s);
    return NULL;
  }
  memmove(&r->sources.data[at + 1], &r->sources.data[at], (r->sources.len - 1 - at) * sizeof s);
  r->sources.data[at] = s;
  return s;
}

// Cut at the start of a line, and only when twice as much is there: each byte is moved once.
static void keep(struct router *r, struct source *s, const char *bytes, size_t len)
{
  size_t most = r->config.keep;
  if (len > most) {
    s->gone += s->kept.len + len - most;
    buf_clear(&s->kept);
    bytes += len - most;
    len = most;
  }
  buf_append(&s->kept, bytes, len);
  if (s->kept.failed) {
    // Without memory the newest is lost, not the order.
    s->kept.failed = false;
    s->gone += len;
  }
  if (s->kept.len < 2 * most) return;
  size_t drop = s->kept.len - most;
  const char *newline = memchr(s->kept.data + drop, '\n', s->kept.len - drop);
  if (newline) drop = (size_t)(newline - s->kept.data) + 1;
  s->gone += drop;
  buf_consume(&s->kept, drop);
}

static void put_label(struct router *r, struct buf *out, u64 cell)
{
  char label[32];
  int len = snprintf(label, sizeof label, "[%llu]", (unsigned long long)cell);
  style_put(out, STYLE_LABEL, r->config.colors, label, (size_t)len);
  buf_putc(out, ' ');
}

static void give_lines(struct router *r)
{
  if (r->lines.len > 0) r->config.sink.above(r->lines.data, r->lines.len, r->config.sink.user);
  buf_clear(&r->lines);
}

static void remove_live(struct router *r, struct source *s)
{
  s->live_at = 0;
  if (!s->is_live) return;
  s->is_live = false;
  r->config.sink.live(s->cell, "", 0, r->config.sink.user);
}

static void put_hidden(struct router *r, struct buf *out, struct source *s)
{
  char digits[32], grouped[48];
  int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)s->hidden), at = 0;
  for (int i = 0; i < len; i++) {
    if (i > 0 && (len - i) % 3 == 0) grouped[at++] = ',';
    grouped[at++] = digits[i];
  }
  grouped[at] = 0;
  put_label(r, out, s->cell);
  char text[120];
  snprintf(text, sizeof text, "... %s more line%s (:out %llu)", grouped, s->hidden == 1 ? "" : "s",
           (unsigned long long)s->cell);
  style_puts(out, STYLE_STATUS, r->config.colors, text);
}

static void end_flood(struct router *r, struct source *s)
{
  if (!s->is_flooding) return;
  remove_live(r, s);
  put_hidden(r, &r->lines, s);
  buf_putc(&r->lines, '\n');
  give_lines(r);
  s->is_flooding = false;
  s->hidden = 0;
  s->tokens = BURST / 2.0;
}

static void begin_flood(struct source *s, double now)
{
  s->is_flooding = true;
  s->hidden = 0;
  s->window_lines = 0;
  s->window_start = now;
  s->live_at = now + LIVE_AFTER;
}

// Whether the cell may print one more line now.
static bool take_token(struct source *s, double now)
{
  s->tokens = fmin(BURST, s->tokens + (now - s->tokens_at) * RATE);
  s->tokens_at = now;
  if (s->tokens < 1) return false;
  s->tokens -= 1;
  return true;
}

static void emit_line(struct router *r, struct source *s)
{
  put_label(r, &r->lines, s->cell);
  line_clean(&r->lines, buf_text(&s->line), s->line.len, &s->look, r->config.colors, false);
  buf_putc(&r->lines, '\n');
}

// The unfinished line is finished.
static void end_line(struct router *r, struct source *s, double now)
{
  if (!s->is_flooding) remove_live(r, s);
  if (!s->is_flooding && !take_token(s, now)) begin_flood(s, now);
  if (s->is_flooding) {
    s->hidden++;
    s->window_lines++;
    sgr_scan(&s->look, buf_text(&s->line), s->line.len);
  } else {
    emit_line(r, s);
  }
  buf_clear(&s->line);
}

// An unfinished line that is written over and over need not be kept whole.
static void drop_overwritten(struct source *s)
{
  size_t at = s->line.len > 1 ? s->line.len - 1 : 0;
  while (at > 0 && s->line.data[at - 1] != '\r') at--;
  if (at == 0) return;
  sgr_scan(&s->look, s->line.data, at);
  buf_consume(&s->line, at);
}

static void add_to_line(struct router *r, struct source *s, const char *bytes, size_t len, double now)
{
  while (len > 0) {
    size_t room = LONGEST_LINE - s->line.len, part = len < room ? len : room;
    buf_append(&s->line, bytes, part);
    bytes += part;
    len -= part;
    if (s->line.len < LONGEST_LINE) continue;
    drop_overwritten(s);
    if (s->line.len == LONGEST_LINE) end_line(r, s, now);
  }
}

static void write_background(struct router *r, struct source *s, const char *bytes, size_t len, double now)
{
  while (len > 0) {
    const char *newline = memchr(bytes, '\n', len);
    size_t part = newline ? (size_t)(newline - bytes) : len;
    add_to_line(r, s, bytes, part, now);
    if (newline) end_line(r, s, now);
    part += newline != NULL;
    bytes += part;
    len -= part;
  }
  give_lines(r);
  if (s->line.len > 0 && s->live_at == 0) s->live_at = now + (s->is_live ? LIVE_EVERY : LIVE_AFTER);
}

void router_write(struct router *r, u64 cell, int stream, const char *bytes, size_t len, double now)
{
  struct source *s = find_or_make(r, cell);
  if (s) {
    s->count += len;
    keep(r, s, bytes, len);
  }
  if (s && s->is_muted) return;
  if (!r->config.shows[stream]) r->config.sink.plain(stream, bytes, len, r->config.sink.user);
  else if (!s || cell == r->foreground) r->config.sink.pass(bytes, len, r->config.sink.user);
  else write_background(r, s, bytes, len, now);
}

void router_notice(struct router *r, u64 cell, const char *lines, size_t len)
{
  struct attr look = { 0 };
  struct source *s = find(r, cell);
  if (s) end_flood(r, s);
  while (len > 0) {
    const char *newline = memchr(lines, '\n', len);
    size_t part = newline ? (size_t)(newline - lines) : len;
    put_label(r, &r->lines, cell);
    line_clean(&r->lines, lines, part, &look, r->config.colors, false);
    buf_putc(&r->lines, '\n');
    part += newline != NULL;
    lines += part;
    len -= part;
  }
  give_lines(r);
}

void router_finish(struct router *r, u64 cell, double now)
{
  struct source *s = find(r, cell);
  if (!s || s->line.len == 0) return;
  end_line(r, s, now);
  give_lines(r);
}

u64 router_unfinished(const struct router *r, u64 after)
{
  for (u32 i = after == ROUTER_NONE ? 0 : place_of(r, after + 1); i < r->sources.len; i++)
    if (r->sources.data[i]->line.len > 0) return r->sources.data[i]->cell;
  return ROUTER_NONE;
}

void router_set_foreground(struct router *r, u64 cell, double now)
{
  struct source *s = cell == ROUTER_NONE ? NULL : find(r, cell);
  r->foreground = cell;
  if (!s) return;
  end_flood(r, s);
  remove_live(r, s);
  if (s->line.len == 0) return;
  line_clean(&r->lines, buf_text(&s->line), s->line.len, &s->look, r->config.colors, false);
  if (r->lines.len > 0) r->config.sink.pass(r->lines.data, r->lines.len, r->config.sink.user);
  buf_clear(&r->lines);
  buf_clear(&s->line);
}

void router_mute(struct router *r, u64 cell, bool is_muted)
{
  struct source *s = find_or_make(r, cell);
  if (!s || s->is_muted == is_muted) return;
  end_flood(r, s);
  remove_live(r, s);
  buf_clear(&s->line);
  s->is_muted = is_muted;
}

bool router_is_muted(const struct router *r, u64 cell)
{
  const struct source *s = find(r, cell);
  return s && s->is_muted;
}

double router_due(const struct router *r)
{
  double due = INFINITY;
  for (u32 i = 0; i < r->sources.len; i++) {
    const struct source *s = r->sources.data[i];
    if (s->live_at > 0) due = fmin(due, s->live_at);
  }
  return due;
}

// The row of a flood; false when the flood is over.
static bool renew_flood(struct router *r, struct source *s, double now)
{
  if (now - s->window_start >= FLOOD_WINDOW) {
    if (s->window_lines < FLOOD_WINDOW * RATE) {
      end_flood(r, s);
      return false;
    }
    s->window_lines = 0;
    s->window_start = now;
  }
  put_hidden(r, &r->lines, s);
  s->live_at = now + LIVE_AFTER;
  return true;
}

static void show_unfinished(struct router *r, struct source *s)
{
  struct attr look = s->look;
  put_label(r, &r->lines, s->cell);
  line_clean(&r->lines, buf_text(&s->line), s->line.len, &look, r->config.colors, true);
  s->live_at = 0;
}

static void renew_live(struct router *r, struct source *s, double now)
{
  bool was_flood = s->is_flooding;
  s->live_at = 0;
  if (was_flood && !renew_flood(r, s, now)) {
    if (s->line.len > 0) s->live_at = now + LIVE_AFTER;
    return;
  }
  if (!was_flood) show_unfinished(r, s);
  s->is_live = true;
  r->config.sink.live(s->cell, buf_text(&r->lines), r->lines.len, r->config.sink.user);
  buf_clear(&r->lines);
}

void router_tick(struct router *r, double now)
{
  for (u32 i = 0; i < r->sources.len; i++) {
    struct source *s = r->sources.data[i];
    if (s->live_at > 0 && s->live_at <= now) renew_live(r, s, now);
  }
}

u64 router_count(const struct router *r, u64 cell)
{
  const struct source *s = find(r, cell);
  return s ? s->count : 0;
}

bool router_kept(struct router *r, u64 cell, struct buf *out, u64 *gone)
{
  struct source *s = find(r, cell);
  struct attr look = { 0 };
  if (!s || s->kept.len == 0) return false;
  *gone = s->gone;
  for (const char *at = s->kept.data, *end = at + s->kept.len; at < end;) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *stop = newline ? newline : end;
    line_clean(out, at, (size_t)(stop - at), &look, r->config.colors, false);
    buf_putc(out, '\n');
    at = stop + 1;
  }
  return true;
}

void router_keep(struct router *r, u64 cell, const char *bytes, size_t len)
{
  struct source *s = find_or_make(r, cell);
  if (s) keep(r, s, bytes, len);
}

size_t router_get_keep(const struct router *r) { return r->config.keep; }

void router_set_keep(struct router *r, size_t bytes) { r->config.keep = bytes; }

void router_clear(struct router *r, u64 cell)
{
  struct source *s = find(r, cell);
  if (!s) return;
  s->gone += s->kept.len;
  buf_fini(&s->kept);
}

void router_forget(struct router *r, u64 cell)
{
  struct source *s = find(r, cell);
  if (!s || s->line.len > 0) return;
  u32 at = place_of(r, cell);
  r->sources.len--;
  memmove(&r->sources.data[at], &r->sources.data[at + 1], (r->sources.len - at) * sizeof s);
  source_destroy(r, s);
}
