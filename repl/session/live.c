// Displays that are updated: each is a block of live rows above the prompt, until it is over or its cell has ended;
// then it is printed like any other output.
#include <string.h>

#include "session/line.h"
#include "session/state.h"

enum {
  BLOCKS_MOST = 8,  // beyond them the oldest is printed
  ROWS_MOST = 64,   // of a block, while it is live: the last ones
};

// Numbers of live rows, behind those the router gives to cells.
static u64 row_id(const struct live_block *b, u32 row) { return ((u64)1 << 40) + b->display * ROWS_MOST + row; }

static void put_label(struct session *s, u64 cell, struct buf *out)
{
  if (s->foreground && s->foreground->number == cell) return;
  struct buf label;
  buf_init(&label, s->alloc);
  buf_printf(&label, "[%llu]", (unsigned long long)cell);
  style_put(out, STYLE_LABEL, s->colors, buf_text(&label), label.len);
  buf_putc(out, ' ');
  buf_fini(&label);
}

static void draw_row(struct session *s, const struct live_block *b, u32 row, const char *text, size_t len,
                     struct attr *look)
{
  struct buf line;
  buf_init(&line, s->alloc);
  put_label(s, b->cell, &line);
  line_clean(&line, text, len, look, s->colors, false);
  buf_putc(&line, ' ');  // an empty row would not be one
  editor_live_row(s->editor, row_id(b, row), buf_text(&line), line.len);
  buf_fini(&line);
}

static void remove_rows(struct session *s, struct live_block *b, u32 from)
{
  for (u32 row = from; row < b->rows; row++) editor_live_row(s->editor, row_id(b, row), "", 0);
  b->rows = from;
}

static void draw(struct session *s, struct live_block *b)
{
  struct attr look = { 0 };
  size_t lines = 0, skipped = 0;
  u32 row = 0;
  for (size_t i = 0; i < b->text.len; i++) lines += b->text.data[i] == '\n';
  for (const char *at = b->text.data, *end = at + b->text.len; at < end;) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t len = newline ? (size_t)(newline - at) : (size_t)(end - at);
    if (lines - skipped > ROWS_MOST) skipped++;
    else draw_row(s, b, row++, at, len, &look);
    at += len + 1;
  }
  remove_rows(s, b, row);
  b->rows = row;
}

static struct live_block *find_or_make(struct session *s, u64 display)
{
  for (u32 i = 0; i < s->live.len; i++)
    if (s->live.data[i].display == display) return &s->live.data[i];
  if (s->live.len == BLOCKS_MOST) live_print(s, 0);
  struct live_block b = { .display = display };
  buf_init(&b.text, s->alloc);
  return vec_push(s->alloc, &s->live, b) ? &s->live.data[s->live.len - 1] : NULL;
}

void live_print(struct session *s, u32 i)
{
  struct live_block b = s->live.data[i];
  memmove(&s->live.data[i], &s->live.data[i + 1], (s->live.len - i - 1) * sizeof b);
  s->live.len--;
  remove_rows(s, &b, 0);
  router_write(s->router, b.cell, 1, buf_text(&b.text), b.text.len, session_now(s));
  buf_fini(&b.text);
}

void live_show(struct session *s, u64 cell, u64 display, const struct buf *text, bool is_last)
{
  struct live_block *b = router_is_muted(s->router, cell) ? NULL : find_or_make(s, display);
  if (!b) {
    router_write(s->router, cell, 1, buf_text(text), text->len, session_now(s));
    return;
  }
  b->cell = cell;
  buf_clear(&b->text);
  buf_append(&b->text, buf_text(text), text->len);
  if (is_last) live_print(s, (u32)(b - s->live.data));
  else draw(s, b);
}

void live_end(struct session *s)
{
  for (u32 i = 0; i < s->live.len;) {
    if (jobs_is_alive(s, s->live.data[i].cell)) i++;
    else live_print(s, i);
  }
}

void live_fini(struct session *s)
{
  for (u32 i = 0; i < s->live.len; i++) {
    remove_rows(s, &s->live.data[i], 0);
    buf_fini(&s->live.data[i].text);
  }
  vec_free(s->alloc, &s->live);
}
