#include "vm/native_call.h"

#include "base/check.h"

#include "vm/frame.h"
#include "vm/signature.h"

static bool is_method(const struct native_function *f) { return f->object.flags & NATIVE_METHOD; }

Value native_value(struct lull *vm, const struct native *native, struct string *name, u8 flags)
{
  struct native_function *f = native_function_new(&vm->heap, native, name);
  f->object.flags |= flags;
  f->object.extra = (u8)((native->max == NATIVE_REST ? signature_params(native) : native->max) + is_method(f));
  return value_object(f);
}

// Slots of the arguments: those declared, whether given or not, and those of a rest.
static u32 param_slots(const struct native_function *f, u32 argc)
{
  u32 params = f->object.extra;
  return argc > params ? argc : params;
}

u32 native_frame_slots(const struct native_function *f, u32 argc) { return param_slots(f, argc) + f->native->locals; }

// Steps are counted as far as a frame's header can; natives that go on longer only ask whether it is their first.
static u16 next_step(u32 step)
{
  return step < UINT16_MAX ? (u16)(step + 1) : UINT16_MAX;
}

// Runs the native, whose frame lies at [args] with its header set; the frame becomes f->base only if the native calls
// or waits.
static ALWAYS_INLINE enum vm_step run(struct lull *vm, struct fiber *f, const struct native_function *function,
                                      Value *args, u32 step, Value value)
{
  const struct native *native = function->native;
  u32 count = frame_count(args), slots = param_slots(function, count);
  // Field by field: a compound literal would be cleared first, by a string instruction that costs more than all of this.
  struct call c;
  c.vm = vm;
  c.heap = &vm->heap;
  c.args = c.frame = args;
  c.count = count;
  c.locals = args + slots;
  c.step = step;
  c.again = false;
  c.value = value;
  c.result = NIL;
  c.native = native;
  c.is_method = is_method(function);
  c.call_count = 0;
  enum native_status status = native->fn(&c);
  switch (status) {
  case NATIVE_OK:
    f->base = (Value *)((char *)args - frame_delta(args));
    f->pc = (u64 *)(uintptr_t)frame_return(args);
    args[-2] = c.result;
    return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
  case NATIVE_THROW:
    f->base = (Value *)((char *)args - frame_delta(args));
    f->pc = (u64 *)(uintptr_t)frame_return(args);
    return STEP_THROW;
  case NATIVE_SUSPEND:
    if (c.again) {
      f->base = args;
      f->pc = vm->code_resume;
      frame_set_step(args, next_step(step));
      f->resume = (u32)((slots + native->locals) * sizeof(Value));
      return STEP_WAIT;
    }
    f->base = (Value *)((char *)args - frame_delta(args));
    f->pc = (u64 *)(uintptr_t)frame_return(args);
    f->resume = (u32)((char *)(args - 2) - (char *)f->base);
    return STEP_WAIT;
  case NATIVE_CALL:
    args = c.frame;  // the stack may have moved
    frame_set_step(args, next_step(step));
    f->base = args;
    return call_value(vm, f, args + slots + native->locals, c.call_count, vm->code_resume);
  }
  return STEP_THROW;
}

// The method of a map hides its own entry of that name, which may have been meant.
static COLD enum vm_step throw_map_arity(struct lull *vm, const struct native_function *f, Value map, u32 argc)
{
  Value entry = map_get(&vm->heap, AS_MAP(map), value_object(f->name));
  enum vm_step step = throw_arity(vm, value_object(f), argc);
  if (!IS_CLOSURE(entry) || !is_error(vm, vm->thrown)) return step;
  struct instance *error = AS_INSTANCE(vm->thrown);
  struct buf text;
  buf_init(&text, &vm->alloc);
  string_write(AS_STRING(error->fields[ERROR_MESSAGE]), &text);
  const char *name = string_cstr(&vm->heap, f->name);
  buf_printf(&text, " (the method of maps; the entry `%s` is called by m[\"%s\"](...))", name, name);
  struct string *message = text.failed ? NULL : string_from_buf(&vm->heap, &text);
  buf_fini(&text);
  if (message) error->fields[ERROR_MESSAGE] = value_object(message);
  return step;
}

enum vm_step native_enter(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc)
{
  const struct native_function *function = AS_NATIVE(*window);
  const struct native *native = function->native;
  u32 own = argc - is_method(function);
  if (UNLIKELY(own < native->required || (own > native->max && native->max != NATIVE_REST))) {
    f->pc = return_pc;
    if (is_method(function) && IS_MAP(window[2])) return throw_map_arity(vm, function, window[2], argc);
    return throw_arity(vm, *window, argc);
  }
  u32 slots = native_frame_slots(function, argc);
  // Behind the frame there is always room for the result of a call or a wait.
  size_t bytes = (slots + FRAME_HEADER_SLOTS + 2) * sizeof(Value);
  if (UNLIKELY((char *)window + bytes > vm->limit) && !fiber_reserve(vm, f, &window, bytes)) return STEP_THROW;
  Value *args = window + FRAME_HEADER_SLOTS;
  u32 params = slots - native->locals;
  for (u32 i = argc; i < params; i++) args[i] = UNSET;
  for (u32 i = params; i < slots; i++) args[i] = NIL;
  frame_set(args, return_pc, (u32)((char *)args - (char *)f->base), (u16)argc);
  return run(vm, f, function, args, 0, NIL);
}

enum vm_step call_resume(struct lull *vm, struct fiber *f)
{
  const struct native_function *function = AS_NATIVE(f->base[-2]);
  u32 slots = native_frame_slots(function, frame_count(f->base));
  return run(vm, f, function, f->base, frame_step(f->base), f->base[slots]);
}

enum native_status native_get(struct lull *vm, const struct native_function *f, Value self, Value *result)
{
  struct call c = { .vm = vm,
                    .heap = &vm->heap,
                    .args = &self,
                    .count = 1,
                    .value = NIL,
                    .result = NIL,
                    .native = f->native,
                    .is_method = true };
  enum native_status status = f->native->fn(&c);
  *result = c.result;
  return status;
}

enum native_status native_set(struct lull *vm, const struct native_function *f, Value self, Value v)
{
  Value args[] = { self, v };
  struct call c = { .vm = vm,
                    .heap = &vm->heap,
                    .args = args,
                    .count = 2,
                    .value = NIL,
                    .result = NIL,
                    .native = f->native,
                    .is_method = true };
  return f->native->fn(&c);
}

// The stack must grow, and may move away under [args].
static COLD bool make_room(struct call *c, const Value **args, u32 count, Value **copy)
{
  struct lull *vm = c->vm;
  *copy = mem_alloc(&vm->alloc, count * sizeof(Value));
  if (!*copy) return throw_memory(vm), false;
  if (count) memcpy(*copy, *args, count * sizeof(Value));
  *args = *copy;
  u32 slots = native_frame_slots(AS_NATIVE(c->frame[-2]), frame_count(c->frame));
  if (!fiber_reserve(vm, vm->fiber, &c->frame, (slots + count + 4) * sizeof(Value))) return false;
  c->args = c->frame;
  c->locals = c->frame + slots - c->native->locals;
  return true;
}

enum native_status native_call(struct call *c, Value callee, const Value *args, u32 count)
{
  Value *copy = NULL;
  bool ok = true;
  if (UNLIKELY(!c->frame)) return throw_error(c->vm, c->vm->errors.type, "%s cannot be called from here", c->native->name);
  if (UNLIKELY((char *)(c->locals + c->native->locals + count + 4) > c->vm->limit)) ok = make_room(c, &args, count, &copy);
  Value *window = c->locals + c->native->locals;
  if (ok) {
    window[0] = callee;
    for (u32 i = 0; i < count; i++) window[2 + i] = args[i];
    c->call_count = count;
  }
  if (UNLIKELY(copy)) mem_free(&c->vm->alloc, copy, count * sizeof(Value));
  return ok ? NATIVE_CALL : NATIVE_THROW;
}

enum native_status native_call_method(struct call *c, Value self, Value method, const Value *args, u32 count)
{
  Value all[9] = { self };
  if (count >= COUNT_OF(all)) bug("native_call_method: %u arguments", count);
  for (u32 i = 0; i < count; i++) all[1 + i] = args[i];
  return native_call(c, method, all, count + 1);
}

// self: the class; the arguments go to init. locals: 0 the instance, 1 how many of the chain's initialisers have run.
static enum native_status class_construct(struct call *c)
{
  struct class *class = AS_CLASS(c->args[0]);
  if (c->step == 0) {
    c->locals[0] = value_object(instance_make(c->vm, class));
    c->locals[1] = value_int(0);
  }
  Value instance = c->locals[0];
  u32 depth = 0, run_so_far = (u32)as_int(c->locals[1]);
  for (const struct class *k = class; k; k = k->super) depth++;
  while (run_so_far < depth) {
    // The topmost class's fields first.
    const struct class *k = class;
    for (u32 up = depth - 1 - run_so_far; up > 0; up--) k = k->super;
    run_so_far++;
    if (is_nil(k->fields)) continue;
    c->locals[1] = value_int(run_so_far);
    return native_call(c, k->fields, &instance, 1);
  }
  if (run_so_far > depth) return native_return(c, instance);
  c->locals[1] = value_int((i64)depth + 1);
  Value init = class_find_method(class, c->vm->known.init);
  if (is_unset(init)) {
    if (c->count > 1) return throw_arity(c->vm, c->args[0], c->count - 1), NATIVE_THROW;
    return native_return(c, instance);
  }
  c->args[0] = instance;
  enum native_status status = native_call(c, init, c->args, c->count);
  c->args[0] = value_object(class);
  return status;
}

static const struct native construct = { "construct",
                                         class_construct,
                                         0,
                                         NATIVE_REST,
                                         2,
                                         "construct(...args)",
                                         "Makes an instance: field initialisers, then init." };

bool native_call_open(struct lull *vm)
{
  vm->construct = native_value(vm, &construct, vm->known.init, NATIVE_METHOD);
  return true;
}
