// What the grammar cannot say in its rules and need not know names or values for. NODES.md lists it.
#ifndef LULL_SYNTAX_TREE_CHECK_H
#define LULL_SYNTAX_TREE_CHECK_H

#include "syntax/tree.h"

// False where errors were added (or memory ended: diagnostics->failed).
bool tree_check(const struct tree *t, struct diagnostics *diagnostics);

#endif
