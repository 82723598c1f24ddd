// C stacks beside the thread's own: a function that runs on one can stop in the midst of its calls and go on later.
// Where the system has no such thing (some C libraries leave it out), stack_create fails with ENOSYS.
#ifndef LULL_BASE_STACK_H
#define LULL_BASE_STACK_H

#include "base/alloc.h"

struct stack;

// NULL with errno set.
struct stack *stack_create(struct alloc *alloc);
void stack_destroy(struct alloc *alloc, struct stack *s);  // NULL is fine
// Runs [fn] on the stack until it returns (true) or leaves. The stack must be idle.
bool stack_start(struct stack *s, void (*fn)(void *user), void *user);
// Goes on where it left, likewise.
bool stack_resume(struct stack *s);
// On the stack: back to where it was started or resumed.
void stack_leave(struct stack *s);

#endif
