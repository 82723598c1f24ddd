#include "render/sheet.h"

#include <string.h>

#include "base/check.h"

enum { GAP = 3, LEAST = 3 };  // columns of " │ ", and of a column however narrow

void sheet_init(struct sheet *t, struct alloc *alloc, u32 columns)
{
  CHECK(columns > 0 && columns <= SHEET_COLUMNS_MAX);
  *t = (struct sheet){ .alloc = alloc, .columns = columns };
}

void sheet_fini(struct sheet *t)
{
  for (u32 i = 0; i < t->cells.len; i++) flow_fini(&t->cells.data[i]);
  vec_free(t->alloc, &t->cells);
}

struct flow *sheet_cell(struct sheet *t)
{
  struct flow cell;
  flow_init(&cell, t->alloc);
  return vec_push(t->alloc, &t->cells, cell) ? &vec_last(&t->cells) : NULL;
}

struct layout {
  size_t widths[SHEET_COLUMNS_MAX];
  u32 columns;  // that are shown
};

static void measure(const struct sheet *t, struct layout *l)
{
  for (u32 i = 0; i < t->cells.len; i++) {
    size_t width = flow_width(&t->cells.data[i]);
    u32 column = i % t->columns;
    if (width > l->widths[column]) l->widths[column] = width;
  }
  for (u32 c = 0; c < t->columns; c++)
    if (l->widths[c] == 0) l->widths[c] = 1;
}

static size_t total(const struct layout *l)
{
  size_t sum = GAP * (l->columns - 1);
  for (u32 c = 0; c < l->columns; c++) sum += l->widths[c];
  return sum;
}

// Takes columns away from the widest: it comes down to the second widest, or as far as it has to.
static void narrow(struct layout *l, size_t excess)
{
  u32 widest = 0;
  size_t second = LEAST;
  for (u32 c = 1; c < l->columns; c++)
    if (l->widths[c] > l->widths[widest]) widest = c;
  for (u32 c = 0; c < l->columns; c++)
    if (c != widest && l->widths[c] > second) second = l->widths[c];
  size_t step = l->widths[widest] > second ? l->widths[widest] - second : 1;
  l->widths[widest] -= step < excess ? step : excess;
}

static bool can_narrow(const struct layout *l)
{
  for (u32 c = 0; c < l->columns; c++)
    if (l->widths[c] > LEAST) return true;
  return false;
}

static void fit(struct layout *l, size_t cols)
{
  while (l->columns > 1 && l->columns * LEAST + GAP * (l->columns - 1) > cols && total(l) > cols) l->columns--;
  while (total(l) > cols && can_narrow(l)) narrow(l, total(l) - cols);
}

static void put_aligned(struct buf *out, const char *text, size_t len, size_t width, size_t room,
                        enum sheet_align align, bool is_last)
{
  size_t blanks = room > width ? room - width : 0;
  size_t before = align == SHEET_RIGHT ? blanks : align == SHEET_CENTER ? blanks / 2 : 0;
  buf_repeat(out, ' ', before);
  buf_append(out, text, len);
  if (!is_last) buf_repeat(out, ' ', blanks - before);
}

// One line of a row of cells; at[] says how far each cell is. False when all are at their end.
static bool put_line(const struct sheet *t, const struct layout *l, u32 first, size_t at[], enum color_depth colors,
                     struct buf *out)
{
  struct buf text;
  bool is_any = false;
  size_t start = out->len;
  buf_init(&text, t->alloc);
  for (u32 c = 0; c < l->columns; c++) {
    size_t width = 0;
    buf_clear(&text);
    if (first + c < t->cells.len)
      is_any |= flow_row(&t->cells.data[first + c], &at[c], l->widths[c], colors, &text, &width);
    if (c > 0) style_puts(out, STYLE_RULE, colors, " │ ");
    put_aligned(out, buf_text(&text), text.len, width, l->widths[c], t->align[c], c + 1 == l->columns);
  }
  buf_fini(&text);
  while (is_any && out->len > start && out->data[out->len - 1] == ' ') buf_truncate(out, out->len - 1);
  if (is_any) buf_putc(out, '\n');
  else buf_truncate(out, start);
  return is_any;
}

static void put_rule(const struct layout *l, enum color_depth colors, struct buf *out)
{
  buf_puts(out, style_sgr(STYLE_RULE, colors));
  for (u32 c = 0; c < l->columns; c++) {
    if (c > 0) buf_puts(out, "─┼─");
    for (size_t i = 0; i < l->widths[c]; i++) buf_puts(out, "─");
  }
  buf_puts(out, colors == COLORS_NONE ? "\n" : "\033[0m\n");
}

void sheet_write(const struct sheet *t, size_t cols, enum color_depth colors, struct buf *out)
{
  struct layout l = { .columns = t->columns };
  measure(t, &l);
  fit(&l, cols);
  for (u32 first = 0; first < t->cells.len; first += t->columns) {
    size_t at[SHEET_COLUMNS_MAX] = { 0 };
    while (put_line(t, &l, first, at, colors, out)) {}
    if (first == 0) put_rule(&l, colors, out);
  }
}
