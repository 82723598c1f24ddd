// Parameters of whatever can be called: their names, how they are written, and named arguments put in their places.
#ifndef LULL_VM_SIGNATURE_H
#define LULL_VM_SIGNATURE_H

#include "vm/step.h"

// TypeError: a call with [argc] arguments (self included in methods) does not fit; shows the signature.
enum vm_step throw_arity(struct lull *vm, Value callee, u32 argc) COLD;
// "add(a, b = 2, ...rest)"
void signature_print(struct lull *vm, Value callee, struct buf *out);
// The positional arguments [list] and the named ones as one list, self not included; UNSET for those that were left
// out before a named one. NULL: thrown.
struct list *signature_arrange(struct lull *vm, Value callee, struct list *list, struct map *named);
// Parameters of a native before its rest.
u32 signature_params(const struct native *native);
// Those behind its rest, which are given by name only.
u32 signature_options(const struct native *native);
// The name of parameter [i] in its usage line, [len] bytes.
const char *signature_param(const struct native *native, u32 i, u32 *len);

#endif
