// Cells in rows and columns, laid out for a width: columns as wide as they need to be, the widest ones narrowed until all fit.
#ifndef LULL_RENDER_TABLE_H
#define LULL_RENDER_TABLE_H

#include "render/flow.h"

enum table_align { TABLE_LEFT, TABLE_CENTER, TABLE_RIGHT };

enum { TABLE_COLUMNS_MAX = 64 };

struct table {
  struct alloc *alloc;
  u32 columns;            // 1 to TABLE_COLUMNS_MAX
  VEC(struct flow) cells;  // row by row; the first row is the head
  enum table_align align[TABLE_COLUMNS_MAX];
};

void table_init(struct table *t, struct alloc *alloc, u32 columns);
void table_fini(struct table *t);
// The next cell, empty, for the caller to fill; valid until the next call. NULL when out of memory.
struct flow *table_cell(struct table *t);
// Writes the table, at most [cols] wide where that is possible at all; columns for which there is no room are left out.
void table_write(const struct table *t, size_t cols, enum color_depth colors, struct buf *out);

#endif
