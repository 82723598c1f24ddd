// Cells in rows and columns, laid out for a width: columns as wide as they need to be, the widest ones narrowed until
// all fit.
#ifndef LULL_RENDER_SHEET_H
#define LULL_RENDER_SHEET_H

#include "render/flow.h"

enum sheet_align { SHEET_LEFT, SHEET_CENTER, SHEET_RIGHT };

enum { SHEET_COLUMNS_MAX = 64 };

struct sheet {
  struct alloc *alloc;
  u32 columns;            // 1 to SHEET_COLUMNS_MAX
  VEC(struct flow) cells;  // row by row; the first row is the head
  enum sheet_align align[SHEET_COLUMNS_MAX];
};

void sheet_init(struct sheet *t, struct alloc *alloc, u32 columns);
void sheet_fini(struct sheet *t);
// The next cell, empty, for the caller to fill; valid until the next call. NULL when out of memory.
struct flow *sheet_cell(struct sheet *t);
// Writes the table, at most [cols] wide where that is possible at all; columns for which there is no room are left out.
void sheet_write(const struct sheet *t, size_t cols, enum color_depth colors, struct buf *out);

#endif
