#include "vm/fiber.h"

#include "vm/frame.h"
#include "vm/native_call.h"
#include "vm/state.h"

Value *fiber_top(const struct fiber *f)
{
  if (f->state == FIBER_DONE) return f->stack;
  Value callee = f->base[-2];
  u32 slots = 0;
  // Above a closure's registers lie the word, the state and the result of an operator's call (call_operator).
  if (IS_CLOSURE(callee)) slots = AS_CLOSURE(callee)->proto->registers + 3u;
  else if (IS_NATIVE(callee)) slots = native_frame_slots(AS_NATIVE(callee), frame_count(f->base)) + 1;
  // Not begun: the arguments of the first call, counted in its header.
  if (frame_count(f->base) > slots) slots = frame_count(f->base);
  Value *top = f->base + slots, *end = f->stack + f->cap;
  return top < end ? top : end;
}

static void mark_fiber(struct heap *heap, struct object *o)
{
  struct fiber *f = (struct fiber *)o;
  Value *top = f->stack ? fiber_top(f) : NULL;
  for (Value *v = f->stack; v < top; v++) heap_mark(heap, *v);
  heap_mark(heap, f->input);
  heap_mark_object(heap, f->result);
  heap_mark_object(heap, f->waits_for);
  if (f->spawner) heap_mark_object(heap, &f->spawner->object);
  if (f->parent) heap_mark_object(heap, &f->parent->object);
  if (f->state != FIBER_WAITING && f->next) heap_mark_object(heap, &f->next->object);
  if (f->spawn_proto) heap_mark_object(heap, (struct object *)f->spawn_proto);
}

static void finish_fiber(struct heap *heap, struct object *o)
{
  struct fiber *f = (struct fiber *)o;
  heap_resize(heap, f->stack, f->cap * sizeof(Value), 0);
}

void fiber_register(struct heap *heap)
{
  heap_register(heap, KIND_FIBER, (struct heap_kind){ .name = "fiber", .mark = mark_fiber, .finish = finish_fiber });
}

#define NATIVE_SLOTS 4  // a call of a native with few arguments

// Slots a first frame of this callee needs, so that most fibers never grow.
static u32 first_slots(Value callee, u32 count)
{
  u32 own = 4;
  if (IS_CLOSURE(callee)) own = AS_CLOSURE(callee)->proto->registers;
  return FRAME_HEADER_SLOTS + (own > count ? own : count) + NATIVE_SLOTS + FIBER_SLACK;
}

struct fiber *fiber_new(struct lull *vm, Value callee, const Value *args, u32 count, u64 tag)
{
  struct fiber *f = heap_try_new(&vm->heap, KIND_FIBER, sizeof *f);
  if (!f) return NULL;
  f->state = FIBER_DONE;
  f->input = NIL;
  f->tag = tag;
  f->resume = UINT32_MAX;
  u32 cap = first_slots(callee, count);
  f->stack = heap_resize(&vm->heap, NULL, 0, cap * sizeof(Value));
  if (!f->stack) return NULL;
  f->cap = cap;
  for (u32 i = 0; i < cap; i++) f->stack[i] = NIL;
  f->stack[0] = callee;
  for (u32 i = 0; i < count; i++) f->stack[2 + i] = args[i];
  f->base = f->stack + FRAME_HEADER_SLOTS;
  frame_set(f->base, vm->code_exit, 0, (u16)count);
  f->pc = vm->code_start;
  f->state = FIBER_READY;
  f->all = vm->fibers;
  vm->fibers = f;
  if (vm->fiber) {
    f->parent = vm->fiber;
    Value at = vm->fiber->base[-2];
    if (IS_CLOSURE(at)) {
      f->spawn_proto = AS_CLOSURE(at)->proto;
      f->spawn_word = (u32)(vm->fiber->pc - f->spawn_proto->code - 1);
    }
  }
  return f;
}

bool fiber_reserve(struct lull *vm, struct fiber *f, Value **at, size_t bytes)
{
  size_t used = (size_t)((char *)*at - (char *)f->stack), need = used + bytes + FIBER_SLACK * sizeof(Value);
  if (LIKELY(need <= f->cap * sizeof(Value))) return true;
  size_t slots = f->cap < 64 ? f->cap + f->cap / 2ul : f->cap * 2ul, min = need / sizeof(Value) + 1;
  if (slots < min) slots = min;
  if (slots > vm->stack_max) slots = vm->stack_max;
  if (slots < min) {
    vm->heap.is_short = true;  // who catches it gives the stack back
    throw_error(vm, vm->errors.limit, "the calls are too deep: their stack is at its limit of %u slots", vm->stack_max);
    return false;
  }
  Value *stack = heap_resize(&vm->heap, f->stack, f->cap * sizeof(Value), slots * sizeof(Value));
  if (!stack) return throw_memory(vm), false;
  for (size_t i = f->cap; i < slots; i++) stack[i] = NIL;
  *at = (Value *)((char *)stack + used);
  f->base = stack + (f->base - f->stack);
  f->stack = stack;
  f->cap = (u32)slots;
  if (f == vm->fiber) vm->limit = vm_call_limit(vm, f);
  return true;
}

void fiber_trim(struct lull *vm, struct fiber *f)
{
  size_t slots = ((size_t)(fiber_top(f) - f->stack) + FIBER_SLACK) * 2;
  if (slots > f->cap / 4) return;
  Value *stack = heap_resize(&vm->heap, f->stack, f->cap * sizeof(Value), slots * sizeof(Value));
  if (!stack) return;
  f->base = stack + (f->base - f->stack);
  f->stack = stack;
  f->cap = (u32)slots;
  if (f == vm->fiber) vm->limit = vm_call_limit(vm, f);
}
