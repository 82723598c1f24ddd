// Showing values through the host.
#ifndef LULL_BUILTIN_DISPLAY_H
#define LULL_BUILTIN_DISPLAY_H

#include "builtin/reply.h"

// Hands a text for [v] to the host's `show`, or prints it where the host has none.
void display_show(struct call *c, Value v, enum lull_form form, const char *text, size_t len);

#endif
