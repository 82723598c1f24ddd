// A list of alike maps as a table.
#ifndef LULL_RENDER_RECORDS_H
#define LULL_RENDER_RECORDS_H

#include "base/buf.h"
#include "term/style.h"

// Adds the table when [text] is a list of two or more maps whose keys are all among those of the first; else adds
// nothing: false.
bool records_render(const char *text, size_t len, size_t cols, enum color_depth colors, struct buf *out);

#endif
