// The parts of the module math.
#ifndef LULL_LIB_MATH_H
#define LULL_LIB_MATH_H

#include "vm/state.h"

bool math_open_ints(struct lull *vm, struct module *m);
bool math_open_lists(struct lull *vm, struct module *m);

#endif
