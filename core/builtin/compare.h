// Which of two values comes first, and whether they are equal, asked by natives. Both may have to call methods
// of instances: `compare` and `equals`.
#ifndef LULL_BUILTIN_COMPARE_H
#define LULL_BUILTIN_COMPARE_H

#include "builtin/reply.h"

// Orders numbers (nan behind all others), strings, bytes, lists item by item; instances by their method
// `compare`, which is called: PART_CALL, and order_answer takes what it gave. Values of different kinds are a
// TypeError. *order: negative, 0 or positive.
enum part order_ask(struct call *c, Value a, Value b, int *order);
// The order a comparing function gave as [answer]: false, and a TypeError, unless it is a number.
bool order_answer(struct call *c, Value answer, int *order);

// Is a == b? [local] keeps the comparison while methods are called, and is nil otherwise.
enum part equal_ask(struct call *c, u32 local, Value a, Value b, bool *is_equal);
// Goes on with the comparison in [local] after a call.
enum part equal_resume(struct call *c, u32 local, bool *is_equal);

#endif
