// Tables of natives in lull.h's form, as rows of the VM's own.
#ifndef LULL_API_NATIVE_H
#define LULL_API_NATIVE_H

#include "include/lull.h"
#include "vm/native.h"

// The row for one of theirs; it lasts as long as the state. NULL: no memory.
const struct native *api_native(struct lull *vm, const struct lull_native *row);

#endif
