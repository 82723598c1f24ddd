// What the modules that read texts share: where in a text something is, and texts as arguments.
#ifndef LULL_LIB_PARSE_H
#define LULL_LIB_PARSE_H

#include "builtin/text.h"

// From 1; columns are code points.
struct position {
  size_t line, column;
};
struct position position_in(const char *text, size_t at);

// Argument [i], a string or bytes that hold valid UTF-8. False: a TypeError or ValueError has been thrown.
bool arg_text(struct call *c, u32 i, struct text *out);

#endif
