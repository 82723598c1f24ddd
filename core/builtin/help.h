// The documentation of values, as markdown.
#ifndef LULL_BUILTIN_HELP_H
#define LULL_BUILTIN_HELP_H

#include "vm/state.h"

// Signature and documentation of [v]: of a type or module its members too, of any other value its type. Without memory
// [out] has failed.
void help_write(struct lull *vm, Value v, struct buf *out);

#endif
