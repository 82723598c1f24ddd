// Messages and reports of errors in colour.
#ifndef LULL_RENDER_TRACE_H
#define LULL_RENDER_TRACE_H

#include "base/buf.h"
#include "term/style.h"

// Adds [text], a report as the language writes it, with the error's name, the marks under the source and the places in
// their styles. Controls are made visible.
void trace_render(const char *text, size_t len, enum color_depth colors, struct buf *out);

#endif
