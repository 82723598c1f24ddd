#include "lib/lib.h"

bool lib_open(struct lull *vm) { return lib_open_math(vm); }
