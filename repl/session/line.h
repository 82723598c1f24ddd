// A line of output as it may stand above the prompt: text, colours and styles. All else that could reach the terminal
// from a program is made visible.
#ifndef LULL_SESSION_LINE_H
#define LULL_SESSION_LINE_H

#include "base/buf.h"
#include "term/sgr.h"
#include "term/style.h"

// Adds the line [bytes] (no newline in it) in the look the line before ended in, and takes the look it ends in; the
// text added always ends in the plain look.
// A carriage return begins the row again, tabs become blanks, erasing to the end of the row works; other controls are
// shown as ^[ and the like.
// [is_cut]: the line goes on; what is incomplete at its end is left out.
void line_clean(struct buf *out, const char *bytes, size_t len, struct attr *look, enum color_depth colors, bool is_cut);
// The same of a text of any number of lines, the last with or without its newline.
void line_clean_all(struct buf *out, const char *text, size_t len, enum color_depth colors);

#endif
