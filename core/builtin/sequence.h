// Methods that lists, ranges and sets share and that look at all elements: sum, min, max, join, zip, chunk ...
// Also the built-in functions of the same names.
#ifndef LULL_BUILTIN_SEQUENCE_H
#define LULL_BUILTIN_SEQUENCE_H

#include "builtin/walk.h"

bool sequence_open(struct lull *vm, struct class *class);
bool sequence_open_string(struct lull *vm);  // join
bool sequence_open_global(struct lull *vm);

// min and max over the elements of argument 0, by the function in argument 1 where there is one (extreme.c).
#define EXTREME_LOCALS 8
enum native_status extreme_min(struct call *c);
enum native_status extreme_max(struct call *c);
bool extreme_open_global(struct lull *vm);

#endif
