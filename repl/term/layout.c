#include <string.h>

#include "term/grid.h"

enum { TAB_STOP = 8 };

void grid_init(struct grid *g, struct alloc *alloc)
{
  *g = (struct grid){.alloc = alloc};
}

void grid_fini(struct grid *g)
{
  vec_free(g->alloc, &g->cells);
  vec_free(g->alloc, &g->rows);
}

void grid_clear(struct grid *g)
{
  g->cells.len = g->rows.len = 0;
  g->failed = false;
}

static bool is_kept(const struct layout *l)
{
  return l->row >= l->from && l->row < l->to;
}

static void begin_row(struct layout *l)
{
  l->col = 0;
  if (is_kept(l) && !vec_push(l->grid->alloc, &l->grid->rows, (struct row){.first = l->grid->cells.len}))
    l->grid->failed = true;
}

static void next_row(struct layout *l)
{
  l->row++;
  begin_row(l);
}

void layout_begin(struct layout *l, struct grid *g, int cols, u32 from, u32 to)
{
  *l = (struct layout){.grid = g, .cols = cols < 1 ? 1 : cols, .from = from, .to = to};
  begin_row(l);
}

static void settle_mark(struct layout *l)
{
  if (l->is_mark_due) l->mark = (struct point){l->row, l->col < l->cols ? l->col : l->cols - 1};
  l->is_mark_due = false;
}

static void put_cell(struct layout *l, const struct cell *cell)
{
  if (l->col + cell->width > l->cols) next_row(l);
  settle_mark(l);
  l->col += cell->width;
  if (!is_kept(l)) return;
  struct grid *g = l->grid;
  if (g->failed || !vec_push(g->alloc, &g->cells, *cell)) {
    g->failed = true;
    return;
  }
  vec_last(&g->rows).count++;
  vec_last(&g->rows).cols += cell->width;
}

static void put_ascii(struct layout *l, char c, struct attr attr)
{
  struct cell cell = {.len = 1, .width = 1, .attr = attr};
  cell.text[0] = c;
  put_cell(l, &cell);
}

static void put_cluster(struct layout *l, const struct cluster *c, struct attr attr)
{
  if (c->is_made_up) attr.flags ^= 1u << 7;
  if (c->is_made_up && c->width > 1) {
    for (int i = 0; i < c->len; i++) put_ascii(l, c->text[i], attr);
    return;
  }
  if (c->width > l->cols) {
    put_ascii(l, '?', attr);
    return;
  }
  struct cell cell = {.len = c->len, .width = c->width, .is_uncertain = c->is_uncertain, .attr = attr};
  memcpy(cell.text, c->text, c->len);
  put_cell(l, &cell);
}

static void put_tab(struct layout *l, struct attr attr)
{
  int n = TAB_STOP - l->col % TAB_STOP;
  do put_ascii(l, ' ', attr);
  while (--n > 0 && l->col < l->cols);
}

static size_t put_next(struct layout *l, const char *s, const char *end, struct attr attr)
{
  if (*s == '\n') {
    settle_mark(l);
    next_row(l);
    return 1;
  }
  if (*s == '\t') {
    put_tab(l, attr);
    return 1;
  }
  struct cluster c;
  size_t n = cluster_read(s, end, &c);
  put_cluster(l, &c, attr);
  return n;
}

void layout_plain(struct layout *l, const char *text, size_t len, struct attr attr)
{
  const char *end = text + len;
  for (const char *s = text; s < end && l->row < l->to;) s += put_next(l, s, end, attr);
}

void layout_styled(struct layout *l, const char *text, size_t len, struct attr attr)
{
  const char *end = text + len;
  for (const char *s = text; s < end && l->row < l->to;) {
    size_t n = *s == '\033' ? sgr_sequence(s, end) : 0;
    if (n > 0 && sgr_is(s, n)) sgr_apply(&attr, s, n);
    s += n > 0 ? n : put_next(l, s, end, attr);
  }
}

void layout_mark(struct layout *l)
{
  l->is_mark_due = true;
}

u32 layout_end(struct layout *l)
{
  if (l->is_mark_due && l->col >= l->cols) next_row(l);
  settle_mark(l);
  return l->row + 1;
}
