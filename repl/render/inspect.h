// A value on the screen: the text it has in collections, laid out for a width, coloured, and cut to a screenful.
#ifndef LULL_RENDER_INSPECT_H
#define LULL_RENDER_INSPECT_H

#include "base/buf.h"
#include "term/style.h"

struct inspect_form {
  size_t cols;
  size_t rows;  // at most so many, 0: all
  enum color_depth colors;
};

// Adds rows, each ended. What does not fit a row is spread over several: the items of a list side by side, the entries
// of a map under each other.
// A list of alike maps becomes a table. Where rows had to be left out, the last one says so: false.
bool inspect_render(const char *text, size_t len, const struct inspect_form *form, struct buf *out);

#endif
