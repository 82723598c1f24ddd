// Markdown as text for a terminal.
#ifndef LULL_RENDER_MARKDOWN_H
#define LULL_RENDER_MARKDOWN_H

#include "base/buf.h"
#include "term/style.h"

// Adds the rendered text to [out]: lines of at most [cols] columns where that is possible, each ended, none blank at
// the beginning or the end.
void markdown_render(const char *text, size_t len, size_t cols, enum color_depth colors, struct buf *out);

#endif
