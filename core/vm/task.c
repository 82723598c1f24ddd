// Tasks: fibers one can wait for.
#include <ev.h>

#include "vm/deferred.h"
#include "vm/state.h"

static void mark_task(struct heap *heap, struct object *o)
{
  const struct task *t = (const struct task *)o;
  heap->kinds[KIND_DEFERRED].mark(heap, o);
  if (t->fiber) heap_mark_object(heap, t->fiber);
  if (t->name) heap_mark_object(heap, t->name);
}

static void unlink_task(struct lull *vm, struct task *t)
{
  if (!t->deferred.is_listed) return;
  t->deferred.is_listed = false;
  if (t->prev) t->prev->next = t->next;
  else vm->sched.tasks = t->next;
  if (t->next) t->next->prev = t->prev;
  t->next = t->prev = NULL;
}

static void finish_task(struct heap *heap, struct object *o)
{
  unlink_task(CONTAINER_OF(heap, struct lull, heap), (struct task *)o);
  heap->kinds[KIND_DEFERRED].finish(heap, o);
}

static void print_task(struct heap *heap, struct object *o, struct buf *out)
{
  struct task *t = (struct task *)o;
  static const char *const states[] = { "", ", done", ", failed" };
  buf_printf(out, "<task #%u: ", t->deferred.id);
  if (t->name && t->name->len) string_write(t->name, out);
  else buf_puts(out, t->is_main ? "top level" : "function");
  buf_printf(out, "%s>", states[t->deferred.state]);
  (void)heap;
}

void task_register(struct heap *heap)
{
  heap_register(heap, KIND_TASK,
                (struct heap_kind){ .name = "task", .mark = mark_task, .finish = finish_task, .print = print_task });
}

static struct string *callee_name(Value callee)
{
  if (is_kind(callee, KIND_BOUND)) callee = AS_BOUND(callee)->method;
  if (IS_CLOSURE(callee)) return AS_CLOSURE(callee)->proto->name;
  if (IS_NATIVE(callee)) return AS_NATIVE(callee)->name;
  return NULL;
}

struct task *task_new(struct lull *vm, Value callee, const Value *args, u32 count, u64 tag)
{
  struct fiber *f = fiber_new(vm, callee, args, count, tag);
  return f ? task_of_fiber(vm, f, callee) : NULL;
}

struct task *task_of_fiber(struct lull *vm, struct fiber *f, Value callee)
{
  struct task *t = heap_new(&vm->heap, KIND_TASK, sizeof *t);
  deferred_init(vm, &t->deferred, f->tag);
  t->fiber = f;
  t->name = callee_name(callee);
  t->started = vm->sched.now;
  f->result = &t->deferred;
  heap_barrier(&vm->heap, f);
  t->next = vm->sched.tasks;
  if (t->next) t->next->prev = t;
  vm->sched.tasks = t;
  t->deferred.is_listed = true;
  return t;
}

void task_settled(struct lull *vm, struct task *t)
{
  t->fiber = NULL;
  unlink_task(vm, t);
}

bool fiber_throw_into(struct lull *vm, struct fiber *f, Value error)
{
  switch (f->state) {
  case FIBER_WAITING:
    if (f->waits_for) deferred_unwait(vm, f->waits_for, &f->object);
    sched_ready(vm, f, error, true);
    return true;
  case FIBER_READY:
    // Thrown at twice in one turn: the second one is for the clean-up that the first begins.
    if (f->is_throwing) f->is_cancel_due = true;
    f->input = error;
    f->is_throwing = true;
    heap_barrier(&vm->heap, f);
    return true;
  case FIBER_RUNNING: f->is_cancel_due = true; return true;
  default: return false;
  }
}

bool task_cancel(struct lull *vm, struct task *t)
{
  if (!t->fiber) return false;
  struct string *message = string_from(&vm->heap, "cancelled");
  struct instance *error = error_new(vm, vm->errors.cancelled, message);
  return fiber_throw_into(vm, t->fiber, value_object(error));
}
