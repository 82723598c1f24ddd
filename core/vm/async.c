// Instructions that wait or start something, and safepoints.
#include "vm/await.h"
#include "vm/deferred.h"
#include "vm/frame.h"
#include "vm/step.h"

enum vm_step safepoint(struct lull *vm, struct fiber *f)
{
  vm->poll = vm->limits.state != LIMITS_OFF;
  bool is_stopped = vm_take_stop(vm);
  vm->limit = vm_call_limit(vm, f);
  heap_safepoint(&vm->heap);
  if (is_stopped) return throw_stopped(vm), STEP_THROW;
  if (UNLIKELY(vm->limits.state) && !limits_step(vm)) return STEP_THROW;
  if (vm->heap.exhausted) return STEP_MEMORY(vm);
  return STEP_NEXT;
}

enum vm_step throw_unset(struct lull *vm, Value cell_or_name)
{
  struct string *name = NULL;
  if (IS_STRING(cell_or_name)) name = AS_STRING(cell_or_name);
  for (struct module *m = vm->main; m && !name; m = m->outer) name = module_name_of(m, AS_CELL(cell_or_name));
  if (!name) return STEP_ERROR(vm, vm->errors.name, "this name is used before its declaration has run");
  return STEP_ERROR(vm, vm->errors.name, "`%s` is used before its declaration has run", string_cstr(&vm->heap, name));
}

enum vm_step slow_await(struct lull *vm, struct fiber *f, u16 a, Value x)
{
  if (IS_LIST(x) || IS_MAP(x)) {
    struct deferred *all = await_collection(vm, x);
    if (!all) return STEP_THROW;
    x = value_object(all);
  }
  if (!is_deferred(x)) {
    const char *hint = is_object(x) && (IS_CLOSURE(x) || IS_NATIVE(x) || is_kind(x, KIND_BOUND))
                           ? " (a call is missing its parentheses?)"
                           : " (a call was forgotten?)";
    return STEP_ERROR(vm, vm->errors.type, "await needs a deferred, a task or a timer, not %s%s", type_name(vm, x),
                      hint);
  }
  struct deferred *d = as_deferred(x);
  if (d->state == DEFERRED_RESOLVED) {
    REGISTER(f, a) = d->value;
    return STEP_NEXT;
  }
  if (d->state == DEFERRED_FAILED) {
    d->is_handled = true;
    vm->thrown = d->value;
    error_awaited(vm, d->value, f);
    return STEP_THROW;
  }
  f->resume = a;
  if (!sched_wait(vm, f, d)) return STEP_MEMORY(vm);
  return STEP_WAIT;
}

enum vm_step slow_spawn(struct lull *vm, struct fiber *f, u16 a, u32 argc)
{
  Value *window = &REGISTER(f, a);
  struct task *t = task_new(vm, window[0], window + 2, argc, f->tag);
  if (!t) return STEP_MEMORY(vm);
  window[0] = value_object(t);
  t->fiber->spawner = f;
  vm->fiber = t->fiber;
  return STEP_SPAWN;
}
