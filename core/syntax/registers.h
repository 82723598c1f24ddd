// The registers of the function being compiled: a stack. Names keep theirs until their scope ends, all else gives
// back what it took.
#ifndef LULL_SYNTAX_REGISTERS_H
#define LULL_SYNTAX_REGISTERS_H

#include "base/types.h"

struct compiler;

// The next free register. Past the limit: an error once, and register 0.
u16 register_take(struct compiler *c);
// [count] of them side by side; the first.
u16 registers_take(struct compiler *c, u16 count);
// What is free now, for registers_release.
u16 registers_mark(const struct compiler *c);
void registers_release(struct compiler *c, u16 mark);
// True for a destination that nothing reads before it is complete, with nothing in use above it: calls can build
// their window on it.
bool register_is_scratch(const struct compiler *c, u16 reg);

#endif
