// Showing values through the host, once or in the place of what was shown before.
#ifndef LULL_BUILTIN_DISPLAY_H
#define LULL_BUILTIN_DISPLAY_H

#include "builtin/reply.h"

// A number for what may be shown again.
u64 display_number(struct lull *vm);
// Hands a text to the host's `show`, or prints it where the host has none.
void display_show(struct lull *vm, const struct lull_shown *shown);
// A text for [v] that nothing will follow.
void display_text(struct call *c, Value v, enum lull_form form, const char *text, size_t len);

#endif
