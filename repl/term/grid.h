// Rows of cells: text laid out for a width, and the bytes that turn one picture into another.
#ifndef LULL_TERM_GRID_H
#define LULL_TERM_GRID_H

#include "base/buf.h"
#include "base/vec.h"
#include "term/cluster.h"
#include "term/sgr.h"

// Compared by bytes; everything unused is zero.
struct cell {
  char text[CLUSTER_BYTES];
  u8 len;
  u8 width;
  u8 is_uncertain;
  struct attr attr;
};

struct row {
  u32 first, count;  // cells
  u32 cols;          // columns they take
};

struct grid {
  struct alloc *alloc;
  VEC(struct cell) cells;
  VEC(struct row) rows;
  bool failed;  // out of memory: cells are missing
};

struct point {
  u32 row;
  int col;
};

void grid_init(struct grid *g, struct alloc *alloc);
void grid_fini(struct grid *g);
void grid_clear(struct grid *g);

// --- laying out: one text after another flows into rows of [cols]; those in the window [from, to) are added to the
// grid, all are counted.
struct layout {
  struct grid *grid;
  int cols;
  u32 from, to;
  u32 row;  // the row being filled, counted from the layout's first
  int col;
  struct point mark;
  bool is_mark_due;  // the mark lies at the next cell
};

void layout_begin(struct layout *l, struct grid *g, int cols, u32 from, u32 to);
// Text without escapes in one look. Tabs are blanks up to the next stop, newlines begin a row.
void layout_plain(struct layout *l, const char *text, size_t len, struct attr attr);
// Text whose SGR sequences are obeyed; other escapes are left out.
void layout_styled(struct layout *l, const char *text, size_t len, struct attr attr);
// The next cell's place becomes layout.mark.
void layout_mark(struct layout *l);
// Returns the number of rows, at least 1.
u32 layout_end(struct layout *l);

// --- painting: bytes for a terminal of [cols] whose cursor is at a known place of the picture. Autowrap must be off.
struct painter {
  struct buf *out;
  struct point at;  // col -1: unknown
  u32 rows;         // rows that exist on the terminal below the picture's top
  int cols;
  struct attr attr;
};

// All rows, from column 0 of where the picture begins; nothing of an older picture may be there.
void paint_all(struct painter *p, const struct grid *g);
// Only what differs from the picture that is there.
void paint_changes(struct painter *p, const struct grid *old, const struct grid *now);
void paint_move(struct painter *p, struct point to);
// Erases from column 0, where the cursor is and stays, to the end of the screen.
void paint_erase(struct buf *out);

#endif
