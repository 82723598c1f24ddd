// Literals that go to a native in parts (vm/quoted.h): sh("ls ${folder}"). In compile_string.c.
#ifndef LULL_SYNTAX_QUOTED_H
#define LULL_SYNTAX_QUOTED_H

#include "syntax/compiler.h"

// A call of [callee] is being compiled: its first argument goes in parts if it is a literal and the callee a built-in
// native that takes those.
void quoted_expect(struct compiler *c, u32 callee, u32 arguments);
// That literal.
void quoted_compile(struct compiler *c, u32 node, u16 dest);

#endif
