#include <string.h>

#include "term/grid.h"

static void set_attr(struct painter *p, struct attr attr)
{
  sgr_put(p->out, p->attr, attr);
  p->attr = attr;
}

static void move_rows(struct painter *p, u32 row)
{
  if (row < p->at.row) buf_printf(p->out, "\033[%uA", p->at.row - row);
  u32 reachable = row < p->rows ? row : p->rows - 1;
  if (reachable > p->at.row) buf_printf(p->out, "\033[%uB", reachable - p->at.row);
  for (u32 at = p->at.row > reachable ? p->at.row : reachable; at < row; at++) {
    buf_puts(p->out, "\r\n");
    p->at.col = 0;
    p->rows++;
  }
  p->at.row = row;
}

void paint_move(struct painter *p, struct point to)
{
  if (to.row >= p->rows) set_attr(p, (struct attr){0});  // a new row takes the background
  move_rows(p, to.row);
  if (p->at.col == to.col) return;
  if (to.col == 0) buf_putc(p->out, '\r');
  else buf_printf(p->out, "\033[%dG", to.col + 1);
  p->at.col = to.col;
}

static void put_cell(struct painter *p, const struct cell *c)
{
  set_attr(p, c->attr);
  if (c->is_uncertain) buf_printf(p->out, "%*s\033[%dG", c->width, "", p->at.col + 1);
  buf_append(p->out, c->text, c->len);
  p->at.col += c->width;
  if (c->is_uncertain) buf_printf(p->out, "\033[%dG", p->at.col + 1);
  if (p->at.col >= p->cols) p->at.col = -1;
}

static void put_cells(struct painter *p, const struct grid *g, const struct row *row, u32 from, u32 to)
{
  for (u32 i = from; i < to; i++) put_cell(p, &g->cells.data[row->first + i]);
}

static void clear_rest(struct painter *p, u32 row, u32 col)
{
  if ((int)col >= p->cols) return;
  paint_move(p, (struct point){row, (int)col});
  set_attr(p, (struct attr){0});
  buf_puts(p->out, "\033[K");
}

void paint_all(struct painter *p, const struct grid *g)
{
  for (u32 r = 0; r < g->rows.len; r++) {
    const struct row *row = &g->rows.data[r];
    paint_move(p, (struct point){r, 0});
    put_cells(p, g, row, 0, row->count);
    if (row->count > 0 && g->cells.data[row->first + row->count - 1].is_uncertain) clear_rest(p, r, row->cols);
  }
  set_attr(p, (struct attr){0});
}

static u32 cols_before(const struct grid *g, const struct row *row, u32 cell)
{
  u32 cols = 0;
  for (u32 i = 0; i < cell; i++) cols += g->cells.data[row->first + i].width;
  return cols;
}

static void paint_row(struct painter *p, u32 r, const struct grid *old, const struct row *was, const struct grid *now,
                      const struct row *row)
{
  const struct cell *a = old->cells.data + was->first, *b = now->cells.data + row->first;
  u32 same = 0, common = was->count < row->count ? was->count : row->count;
  while (same < common && memcmp(&a[same], &b[same], sizeof *a) == 0) same++;
  if (same == was->count && same == row->count) return;
  bool is_uncertain = same > 0 && b[same - 1].is_uncertain;
  if (is_uncertain) same--;
  bool is_aligned = was->count == row->count;
  for (u32 i = same; i < was->count; i++) is_uncertain |= a[i].is_uncertain;
  for (u32 i = same; i < row->count; i++) is_uncertain |= b[i].is_uncertain;
  for (u32 i = same; is_aligned && i < row->count; i++) is_aligned = a[i].width == b[i].width;
  u32 end = row->count;
  if (is_aligned && !is_uncertain)
    while (end > same && memcmp(&a[end - 1], &b[end - 1], sizeof *a) == 0) end--;
  paint_move(p, (struct point){r, (int)cols_before(now, row, same)});
  put_cells(p, now, row, same, end);
  if (was->cols > row->cols || is_uncertain) clear_rest(p, r, row->cols);
}

void paint_erase(struct buf *out)
{
  // Not all from the first column: some terminals take that, on the first row, for a screen whose text is to be kept
  // in the scrollback.
  buf_puts(out, "\033[K\033[C\033[J\r");
}

void paint_changes(struct painter *p, const struct grid *old, const struct grid *now)
{
  static const struct row empty = {0};
  for (u32 r = 0; r < now->rows.len; r++)
    paint_row(p, r, old, r < old->rows.len ? &old->rows.data[r] : &empty, now, &now->rows.data[r]);
  if (old->rows.len > now->rows.len) {
    set_attr(p, (struct attr){0});
    paint_move(p, (struct point){now->rows.len, 0});
    paint_erase(p->out);
  }
  // A row that stayed empty was never visited: make it exist.
  if (now->rows.len > p->rows) paint_move(p, (struct point){now->rows.len - 1, 0});
  set_attr(p, (struct attr){0});
}
