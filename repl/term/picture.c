#include "term/picture.h"

#include <string.h>

void picture_init(struct picture *p, struct alloc *alloc, enum color_depth colors)
{
  *p = (struct picture){.alloc = alloc};
  buf_init(&p->bytes, alloc);
  buf_init(&p->styles, alloc);
  for (int i = 0; i < STYLE_COUNT; i++) {
    const char *sgr = style_sgr((enum style)i, colors);
    sgr_scan(&p->looks[i], sgr, strlen(sgr));
  }
}

void picture_fini(struct picture *p)
{
  buf_fini(&p->bytes);
  buf_fini(&p->styles);
  vec_free(p->alloc, &p->rows);
}

// Lengths first, addresses when the buffer has stopped moving.
static void keep(struct picture *p, struct text *t)
{
  size_t at = p->bytes.len;
  buf_append(&p->bytes, t->bytes, t->len);
  t->bytes = (const char *)(uintptr_t)at;
}

static void settle(struct picture *p, struct text *t)
{
  t->bytes = t->len ? p->bytes.data + (uintptr_t)t->bytes : "";
}

static void set_styles(struct picture *p, const struct frame *f)
{
  buf_clear(&p->styles);
  buf_repeat(&p->styles, STYLE_PLAIN, f->input.len);
  if (p->styles.failed) return;
  for (size_t i = 0; i < f->span_count; i++) {
    struct span span = f->spans[i];
    if (span.end > f->input.len) span.end = (u32)f->input.len;
    if (span.start < span.end) memset(p->styles.data + span.start, (int)span.style, span.end - span.start);
  }
}

void picture_set(struct picture *p, const struct frame *frame)
{
  struct frame f = *frame;
  set_styles(p, frame);
  buf_clear(&p->bytes);
  p->rows.len = 0;
  bool ok = !p->styles.failed;
  for (size_t i = 0; i < f.live_count; i++) ok = ok && vec_push(p->alloc, &p->rows, f.live[i]);
  for (size_t i = 0; i < f.below_count; i++) ok = ok && vec_push(p->alloc, &p->rows, f.below[i]);
  struct text *parts[] = {&f.prompt, &f.continuation, &f.input, &f.ghost};
  for (size_t i = 0; i < COUNT_OF(parts); i++) keep(p, parts[i]);
  for (u32 i = 0; i < p->rows.len; i++) keep(p, &p->rows.data[i]);
  if (!ok || p->bytes.failed) {
    p->frame = (struct frame){.has_prompt = false};
    return;
  }
  for (size_t i = 0; i < COUNT_OF(parts); i++) settle(p, parts[i]);
  for (u32 i = 0; i < p->rows.len; i++) settle(p, &p->rows.data[i]);
  f.live = p->rows.data;
  f.below = p->rows.data ? p->rows.data + f.live_count : NULL;
  f.spans = NULL;
  f.span_count = 0;
  if (f.cursor > f.input.len) f.cursor = f.input.len;
  p->frame = f;
}

struct text picture_last_line(struct text line)
{
  while (line.len > 0 && line.bytes[line.len - 1] == '\r') line.len--;
  size_t from = line.len;
  while (from > 0 && line.bytes[from - 1] != '\r') from--;
  return (struct text){line.bytes + from, line.len - from};
}

static u32 lay_out_live(const struct picture *p, const struct picture_view *v, struct grid *g, u32 from, u32 to,
                        struct point *cursor)
{
  const struct frame *f = &p->frame;
  if (v->tail.len == 0 && f->live_count == 0) return 0;
  struct layout l;
  layout_begin(&l, g, v->cols, from, to);
  if (v->tail.len > 0) {
    struct text tail = picture_last_line(v->tail);
    layout_styled(&l, tail.bytes, tail.len, v->look);
    layout_mark(&l);
    if (f->live_count > 0) layout_plain(&l, "\n", 1, p->looks[STYLE_PLAIN]);
  }
  for (size_t i = 0; i < f->live_count; i++) {
    struct text row = picture_last_line(f->live[i]);
    if (i > 0) layout_plain(&l, "\n", 1, p->looks[STYLE_PLAIN]);
    layout_styled(&l, row.bytes, row.len, p->looks[STYLE_PLAIN]);
  }
  u32 rows = layout_end(&l);
  *cursor = l.mark;
  return rows;
}

// A byte that is a cluster by itself: no mark follows it.
static bool is_simple(const char *text, size_t at, size_t len)
{
  return text[at] != '\n' && (u8)text[at] < 0x80 && (at + 1 == len || (u8)text[at + 1] < 0x80);
}

// The end of a run of one style from [from], which the cursor does not split. Marks that follow their base never
// begin a run.
static size_t run_end(const struct picture *p, size_t from)
{
  const char *text = p->frame.input.bytes;
  const u8 *styles = (const u8 *)p->styles.data;
  size_t len = p->frame.input.len;
  struct cluster c;
  size_t end = from + (text[from] == '\t' ? 1 : cluster_read(text + from, text + len, &c));
  while (end < len && end != p->frame.cursor && styles[end] == styles[from] && is_simple(text, end, len)) end++;
  return end;
}

static void lay_out_text(struct layout *l, const struct picture *p)
{
  const struct frame *f = &p->frame;
  struct attr continuation = p->looks[STYLE_CONTINUATION];
  bool is_marked = false;
  for (size_t at = 0, end; at < f->input.len && l->row < l->to; at = end) {
    bool is_newline = f->input.bytes[at] == '\n';
    end = is_newline ? at + 1 : run_end(p, at);
    if (!is_marked && end > f->cursor) {
      layout_mark(l);
      is_marked = true;
    }
    if (is_newline) {
      layout_plain(l, "\n", 1, continuation);
      layout_styled(l, f->continuation.bytes, f->continuation.len, continuation);
    } else {
      layout_plain(l, f->input.bytes + at, end - at, p->looks[(u8)p->styles.data[at]]);
    }
  }
  if (!is_marked) layout_mark(l);
}

static u32 lay_out_input(const struct picture *p, const struct picture_view *v, struct grid *g, u32 from, u32 to,
                         struct point *cursor)
{
  const struct frame *f = &p->frame;
  struct layout l;
  layout_begin(&l, g, v->cols, from, to);
  layout_styled(&l, f->prompt.bytes, f->prompt.len, p->looks[STYLE_PLAIN]);
  lay_out_text(&l, p);
  layout_plain(&l, f->ghost.bytes, f->ghost.len, p->looks[STYLE_GHOST]);
  u32 rows = layout_end(&l);
  *cursor = l.mark;
  return rows;
}

static u32 lay_out_below(const struct picture *p, const struct picture_view *v, struct grid *g, u32 from, u32 to)
{
  const struct frame *f = &p->frame;
  if (f->below_count == 0) return 0;
  struct layout l;
  layout_begin(&l, g, v->cols, from, to);
  for (size_t i = 0; i < f->below_count; i++) {
    if (i > 0) layout_plain(&l, "\n", 1, p->looks[STYLE_PLAIN]);
    layout_styled(&l, f->below[i].bytes, f->below[i].len, p->looks[STYLE_PLAIN]);
  }
  return layout_end(&l);
}

static u32 least(u32 a, u32 b)
{
  return a < b ? a : b;
}

struct shares {
  u32 live, input, below;  // rows
};

// What each part gets of the terminal's height; the row of the cursor always has its place.
static struct shares share(struct shares want, u32 height, bool is_whole)
{
  if (is_whole) return want;
  struct shares get = {0};
  u32 least_input = want.input ? least(want.input, height / 3 > 0 ? height / 3 : 1) : 0;
  u32 reserved = least_input + (want.live && !want.input ? 1 : 0);
  get.below = least(want.below, height > reserved ? height - reserved : 0);
  u32 left = height - get.below;
  get.live = least(want.live, want.input ? least(height / 2, left - least_input) : left);
  get.input = least(want.input, left - get.live);
  return get;
}

static void scroll(struct picture *p, u32 cursor_row, u32 rows, u32 shown)
{
  if (p->top > cursor_row) p->top = cursor_row;
  if (cursor_row >= p->top + shown) p->top = cursor_row - shown + 1;
  if (p->top + shown > rows) p->top = rows - shown;
}

bool picture_lay_out(struct picture *p, const struct picture_view *v, struct grid *g, struct point *cursor)
{
  struct point in_live = {0}, in_input = {0}, ignored;
  bool has_prompt = p->frame.has_prompt;
  struct shares want = {
      .live = lay_out_live(p, v, g, UINT32_MAX, UINT32_MAX, &in_live),
      .input = has_prompt ? lay_out_input(p, v, g, UINT32_MAX, UINT32_MAX, &in_input) : 0,
      .below = lay_out_below(p, v, g, UINT32_MAX, UINT32_MAX),
  };
  struct shares get = share(want, v->rows < 1 ? 1 : (u32)v->rows, v->is_whole);
  u32 hidden = want.live - get.live;
  if (get.live) lay_out_live(p, v, g, hidden, want.live, &ignored);
  if (has_prompt) {
    scroll(p, in_input.row, want.input, get.input);
    lay_out_input(p, v, g, p->top, p->top + get.input, &ignored);
    *cursor = (struct point){get.live + in_input.row - p->top, in_input.col};
  } else {
    *cursor = (struct point){in_live.row > hidden ? in_live.row - hidden : 0, v->tail.len ? in_live.col : 0};
  }
  if (get.below) lay_out_below(p, v, g, 0, get.below);
  return has_prompt || v->tail.len > 0 || g->rows.len == 0;
}
