// Natives whose body runs on a C stack of its own, so that it can call and wait from the depths of its C: the stack is
// left where it does, and resumed with the answer. It is kept in a local of the native's frame.
#ifndef LULL_VM_SIDE_H
#define LULL_VM_SIDE_H

#include "include/lull.h"
#include "vm/native.h"

struct fiber;

// What a native with such a body returns, at each of its entries; [w] is its local.
enum native_status side_run(struct call *c, u32 w, lull_native_fn body);
// In the body, of the call that it was given. False: *result is the error; UNSET where the fiber is gone, or where no
// such body runs.
bool side_call(struct call *c, Value callee, const Value *args, u32 count, Value *result);
bool side_wait(struct call *c, Value deferred, Value *result);
// Nobody waits for the body that was given this call: nothing can be thrown or returned.
bool side_is_dropped(const struct call *c);
// Unwinding has come to a native's frame: whether its body gets the error. [is_final]: it is thrown on afterwards,
// whatever the body says.
bool side_catch(struct lull *vm, struct fiber *f, Value thrown, bool is_final);

#endif
