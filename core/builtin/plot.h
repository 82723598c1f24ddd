// Numbers as pictures made of text: pure, UTF-8 into a buf (which remembers where memory was short).
// What is not finite is left out: a gap.
#ifndef LULL_BUILTIN_PLOT_H
#define LULL_BUILTIN_PLOT_H

#include "base/buf.h"
#include "base/types.h"

enum { PLOT_SIZE_MAX = 1000 };  // columns, rows and bins

struct plot {
  const double *xs;  // NULL: 0, 1, 2 ..., and the points are joined
  const double *ys;
  size_t count;
  u32 width, height;  // of the drawing in characters, 1..PLOT_SIZE_MAX; the labels come on top
};

// One block element for each number, lowest to highest; a space for nan. The infinities are as low and high as it goes.
void plot_spark(const double *xs, size_t count, struct buf *out);
// Rows of braille dots with labels at the ends of both axes; the rows end in '\n', but for the last one.
// False: no memory for the drawing.
bool plot_points(const struct plot *plot, struct buf *out);
// A bar of at most [width] characters for each of [bins] ranges of the same size, with how many numbers lie in it.
bool plot_hist(const double *xs, size_t count, u32 bins, u32 width, struct buf *out);

#endif
