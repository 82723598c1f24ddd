// A paragraph: text in several styles, cut into rows of a width. What the text brings along of controls is made
// visible.
#ifndef LULL_RENDER_FLOW_H
#define LULL_RENDER_FLOW_H

#include "base/buf.h"
#include "base/vec.h"
#include "term/style.h"

struct flow {
  struct buf text;
  VEC(struct span) spans;  // in order, without gaps or overlaps
};

void flow_init(struct flow *f, struct alloc *alloc);
void flow_fini(struct flow *f);
void flow_clear(struct flow *f);
// Adds text; a newline in it ends the row.
void flow_put(struct flow *f, enum style style, const char *text, size_t len);
void flow_puts(struct flow *f, enum style style, const char *text);
// Columns of the widest row where nothing is wrapped.
size_t flow_width(const struct flow *f);
// Writes the row that begins at *at, at most [cols] wide and without a newline, and moves *at to the next one. Its
// width is left in *width (may be NULL).
// False (and nothing is written) when there is none: rows are asked for from *at == 0 on, and a text always has one.
bool flow_row(const struct flow *f, size_t *at, size_t cols, enum color_depth colors, struct buf *out, size_t *width);

#endif
