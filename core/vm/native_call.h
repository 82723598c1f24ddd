// Natives' frames: entering one, going on in it after a call or a wait.
#ifndef LULL_VM_NATIVE_CALL_H
#define LULL_VM_NATIVE_CALL_H

#include "vm/step.h"

enum vm_step native_enter(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc);
// Slots of a native's frame: its arguments, then its locals.
u32 native_frame_slots(const struct native_function *f, u32 argc);
// Reads a getter of [self].
enum native_status native_get(struct lull *vm, const struct native_function *f, Value self, Value *result);
// Assigns through a setter.
enum native_status native_set(struct lull *vm, const struct native_function *f, Value self, Value v);
// The native class_construct: runs field initialisers, then init (vm->construct).
bool native_call_open(struct lull *vm);

// As native_call with two arguments, for natives that do little else.
static ALWAYS_INLINE enum native_status native_call_two(struct call *c, Value callee, const Value *a, const Value *b)
{
  Value *window = c->locals + c->native->locals;
  if (UNLIKELY((char *)(window + 6) > c->vm->limit)) return native_call(c, callee, (Value[]){ *a, *b }, 2);
  window[0] = callee;
  window[2] = *a;
  window[3] = *b;
  c->call_count = 2;
  return NATIVE_CALL;
}

#endif
