// vm->echo: the native that runs the body of an input and shows its value.
#ifndef LULL_VM_ECHO_H
#define LULL_VM_ECHO_H

#include "vm/state.h"

bool echo_open(struct lull *vm);

#endif
