#include <string.h>

#include "base/sys.h"
#include "edit/state.h"
#include "edit/suggest.h"

static const double redraw_interval = 1.0 / 30;

static enum color_depth colors_of(const struct editor *e)
{
  return e->config.capabilities->stream[1].colors;
}

const char *view_suggestion(struct editor *e, size_t *len)
{
  size_t text_len;
  const char *text = engine_text(e->engine, &text_len);
  if (e->suggests_nothing || colors_of(e) == COLORS_NONE || e->search.is_active || e->menu.is_open) return NULL;
  if (engine_cursor(e->engine) != text_len) return NULL;
  return suggest_rest(e->config.history, text, text_len, len);
}

static void set_ghost(struct editor *e)
{
  buf_clear(&e->ghost);
  size_t len;
  const char *rest = view_suggestion(e, &len);
  if (!rest) return;
  const char *nl = memchr(rest, '\n', len);
  buf_append(&e->ghost, rest, nl ? (size_t)(nl - rest) : len);
  if (nl) buf_puts(&e->ghost, " …");
}

static void set_spans(struct editor *e, const char *text, size_t len, size_t cursor)
{
  e->spans.list.len = 0;
  if (colors_of(e) == COLORS_NONE) return;
  if (len > 0) e->config.callbacks.highlight(text, len, cursor, &e->spans, e->config.user);
  if (!e->search.is_active || e->search.match == SIZE_MAX) return;
  u32 match = (u32)e->search.match;
  struct span span = {match, match + (u32)e->search.pattern.len, STYLE_MATCH};
  if (!vec_push(e->config.alloc, &e->spans.list, span)) return;  // less colour, no harm
}

static void next_row(struct buf *out)
{
  if (out->len > 0) buf_putc(out, '\n');
}

static void put_search(struct editor *e)
{
  bool is_failing = e->search.is_failing && e->search.pattern.len > 0;
  style_puts(&e->below, STYLE_STATUS, colors_of(e), is_failing ? "search (nothing): " : "search: ");
  buf_append(&e->below, buf_text(&e->search.pattern), e->search.pattern.len);
}

static void set_below(struct editor *e)
{
  struct buf *out = &e->below;
  buf_clear(out);
  if (e->state == EDITOR_PROMPT) {
    if (e->search.is_active) put_search(e);
    if (e->menu.is_open) {
      next_row(out);
      menu_render(&e->menu, out, screen_cols(e->screen), colors_of(e));
    }
  }
  if (e->status.len > 0) {
    next_row(out);
    buf_append(out, e->status.data, e->status.len);
  }
}

static struct text text_of(const struct buf *b)
{
  return (struct text){buf_text(b), b->len};
}

static void set_live(struct editor *e, struct frame *f)
{
  e->live_texts.len = 0;
  for (u32 i = 0; i < e->live.len; i++)
    if (!vec_push(e->config.alloc, &e->live_texts, text_of(&e->live.data[i].text))) break;
  f->live = e->live_texts.data;
  f->live_count = e->live_texts.len;
}

static void set_input(struct editor *e, struct frame *f)
{
  size_t len;
  const char *text = engine_text(e->engine, &len);
  f->has_prompt = true;
  f->prompt = text_of(&e->prompt);
  f->continuation = (struct text){EDITOR_CONTINUATION, strlen(EDITOR_CONTINUATION)};
  f->input = (struct text){text, len};
  f->cursor = engine_cursor(e->engine);
  if (e->search.is_active) {
    f->input = text_of(&e->search.found);
    f->cursor = e->search.match == SIZE_MAX ? e->search.found.len : e->search.match;
  }
  set_spans(e, f->input.bytes, f->input.len, f->cursor);
  f->spans = e->spans.list.data;
  f->span_count = e->spans.list.len;
}

// The frame, as the editor's state has it; it points into the editor.
static struct frame frame_of(struct editor *e, struct text *below)
{
  struct frame f = {.has_prompt = false};
  set_live(e, &f);
  set_below(e);
  *below = text_of(&e->below);
  f.below = below;
  f.below_count = below->len > 0;
  if (e->state == EDITOR_PROMPT) {
    set_input(e, &f);
    set_ghost(e);
    f.ghost = text_of(&e->ghost);
  }
  return f;
}

void view_draw(struct editor *e)
{
  if (e->state == EDITOR_LENT) return;
  struct text below;
  struct frame f = frame_of(e, &below);
  ev_timer_stop(e->config.loop, &e->redraw);
  e->is_stale = false;
  e->drawn = sys_now();
  screen_show(e->screen, &f);
}

void view_draw_soon(struct editor *e)
{
  double wait = e->drawn + redraw_interval - sys_now();
  if (wait <= 0) {
    view_draw(e);
    return;
  }
  e->is_stale = true;
  if (ev_is_active(&e->redraw)) return;
  ev_now_update(e->config.loop);
  ev_timer_set(&e->redraw, wait, 0.);
  ev_timer_start(e->config.loop, &e->redraw);
}

void view_refresh(struct editor *e)
{
  if (!e->is_stale || e->state == EDITOR_LENT) return;
  struct text below;
  struct frame f = frame_of(e, &below);
  e->is_stale = false;  // the timer still paints it
  screen_set(e->screen, &f);
}

void view_commit(struct editor *e, const char *mark)
{
  struct frame f = {.has_prompt = false};
  set_live(e, &f);
  set_input(e, &f);
  f.cursor = SIZE_MAX;  // no bracket is marked in what stays
  set_spans(e, f.input.bytes, f.input.len, SIZE_MAX);
  f.spans = e->spans.list.data;
  f.span_count = e->spans.list.len;
  f.ghost = (struct text){mark, strlen(mark)};
  e->state = EDITOR_HIDDEN;
  screen_commit(e->screen, &f);
  view_draw(e);
}
