// Showing values through the host, once or in the place of what was shown before.
#ifndef LULL_BUILTIN_DISPLAY_H
#define LULL_BUILTIN_DISPLAY_H

#include "builtin/reply.h"

// A handle: what was shown last under a number, and as what picture.
enum chart { CHART_NONE, CHART_PLOT, CHART_HIST };
struct display {
  struct object object;
  u8 chart;
  u32 width, height;  // of a plot; hist: how many bins
  u64 number;
  u64 hash;  // of the text shown last
};
struct display *display_new(struct lull *vm);
// Shows [v] as the text under the handle's number, an update only where it changes anything.
void display_under(struct call *c, struct display *d, Value v, enum lull_form form, const char *text, size_t len,
                   bool is_update);
// update() of a handle that shows a picture of numbers: argument 1. Its walk lies in the locals [w ...].
enum native_status chart_update(struct call *c, struct display *d, u32 w);

// A number for what may be shown again.
u64 display_number(struct lull *vm);
// Hands a text to the host's `show`, or prints it where the host has none.
void display_show(struct lull *vm, const struct lull_shown *shown);
// A text for [v] that nothing will follow.
void display_text(struct call *c, Value v, enum lull_form form, const char *text, size_t len);

#endif
