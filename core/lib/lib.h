// The library: modules that are simply there as names. Each is a file with a table of natives at its foot.
#ifndef LULL_LIB_LIB_H
#define LULL_LIB_LIB_H

#include "vm/state.h"

bool lib_open(struct lull *vm);  // all of them; false without memory

bool lib_open_math(struct lull *vm);

#endif
