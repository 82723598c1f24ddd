// From what the frame shows to the grid of cells that stands on the terminal: which rows fit, and where the cursor
// is. Pure.
#ifndef LULL_TERM_PICTURE_H
#define LULL_TERM_PICTURE_H

#include "term/grid.h"
#include "term/screen.h"

// A frame whose texts are its own.
struct picture {
  struct alloc *alloc;
  struct frame frame;  // points into bytes
  struct buf bytes;
  struct buf styles;  // a byte of enum style for each byte of the input
  VEC(struct text) rows;
  struct attr looks[STYLE_COUNT];
  u32 top;  // first input row shown where not all fit
};

void picture_init(struct picture *p, struct alloc *alloc, enum color_depth colors);
void picture_fini(struct picture *p);
// Copies the frame. Out of memory leaves an empty one.
void picture_set(struct picture *p, const struct frame *frame);

struct picture_view {
  int cols, rows;     // of the terminal
  struct text tail;   // the foreground's unfinished line, above all else
  struct attr look;   // that it begins with
  bool is_whole;      // all rows of the input, whatever the terminal's height
};

// Lays it out into the (cleared) grid. Returns whether the cursor is to be seen; *cursor is within the grid where
// that has rows.
bool picture_lay_out(struct picture *p, const struct picture_view *view, struct grid *g, struct point *cursor);

// What is to be seen of a line in which carriage returns begin it anew.
struct text picture_last_line(struct text line);

#endif
