// Timers of the language: after, every, sleep.
#include "value/print.h"
#include "vm/deferred.h"
#include "vm/state.h"

static void mark_timer(struct heap *heap, struct object *o)
{
  const struct timer *t = (const struct timer *)o;
  heap->kinds[KIND_DEFERRED].mark(heap, o);
  heap_mark(heap, t->callee);
  for (u32 i = 0; i < t->count; i++) heap_mark(heap, t->args[i]);
  heap_mark_object(heap, t->running);
  heap_mark_object(heap, t->place_proto);
}

static void unlink_timer(struct timer *t)
{
  struct sched *s = &t->vm->sched;
  if (!t->is_listed) return;
  t->is_listed = false;
  if (t->prev) t->prev->next = t->next;
  else s->timers = t->next;
  if (t->next) t->next->prev = t->prev;
  t->next = t->prev = NULL;
}

static void finish_timer(struct heap *heap, struct object *o)
{
  struct timer *t = (struct timer *)o;
  loop_timer_stop(t->vm->loop, &t->watcher);
  unlink_timer(t);
  heap_resize(heap, t->args, t->count * sizeof(Value), 0);
  heap->kinds[KIND_DEFERRED].finish(heap, o);
}

void timer_describe(struct timer *t, struct buf *out)
{
  Value f = t->callee;
  if (is_nil(f)) buf_puts(out, "sleep");
  else print_name(f, out);
  if (out->len && out->data[out->len - 1] == ' ') buf_puts(out, "function");
  if (loop_timer_is_running(&t->watcher))
    buf_printf(out, " in %.2fs", loop_timer_remaining(t->vm->loop, &t->watcher));
  if (t->interval > 0) buf_printf(out, ", every %gs", t->interval);
}

static void print_timer(struct heap *heap, struct object *o, struct buf *out)
{
  struct timer *t = (struct timer *)o;
  (void)heap;
  buf_printf(out, "<timer #%u: ", t->deferred.id);
  timer_describe(t, out);
  if (!loop_timer_is_running(&t->watcher))
    buf_puts(out, t->deferred.state == DEFERRED_FAILED ? ", cancelled" : ", fired");
  if (t->deferred.tag) buf_printf(out, ", from [%llu]", (unsigned long long)t->deferred.tag);
  buf_putc(out, '>');
}

void timers_register(struct heap *heap)
{
  heap_register(
      heap, KIND_TIMER,
      (struct heap_kind){ .name = "timer", .mark = mark_timer, .finish = finish_timer, .print = print_timer });
}

// Runs the callback in a task of its own; the fiber's place of birth is the timer's.
static struct task *start_callback(struct timer *t)
{
  struct lull *vm = t->vm;
  struct task *task = task_new(vm, t->callee, t->args, t->count, t->deferred.tag);
  if (!task) return NULL;
  task->fiber->spawn_proto = t->place_proto;
  task->fiber->spawn_word = t->place_word;
  sched_start(vm, task->fiber);
  return task;
}

static void fire_once(struct timer *t)
{
  struct lull *vm = t->vm;
  unlink_timer(t);
  vm->kept = value_object(t);
  if (is_nil(t->callee)) {
    deferred_fulfil(vm, &t->deferred, NIL);
  } else {
    // The timer settles as the callback does; a failure nobody waits for is then the timer's.
    bool is_wanted = t->deferred.is_handled;
    struct task *task = start_callback(t);
    if (!task || !deferred_follow(vm, &t->deferred, &task->deferred)) {
      t->deferred.is_held = false;
      t->deferred.is_handled = is_wanted;
      deferred_fail(vm, &t->deferred, error_memory(vm));
    }
    t->deferred.is_handled = is_wanted;
  }
  vm->kept = NIL;
  sched_wake(vm);
}

static void fire_again(struct timer *t)
{
  // The last call still waits: this tick is skipped.
  if (t->running && t->running->deferred.state == DEFERRED_PENDING) return;
  t->running = start_callback(t);
  heap_barrier(&t->vm->heap, t);
  if (!t->running) {
    struct deferred *lost = deferred_new(t->vm);
    lost->tag = t->deferred.tag;
    deferred_fail(t->vm, lost, error_memory(t->vm));
  }
  sched_wake(t->vm);
}

static void on_fire(struct loop_timer *watcher)
{
  struct timer *t = CONTAINER_OF(watcher, struct timer, watcher);
  if (t->interval > 0) fire_again(t);
  else fire_once(t);
}

struct timer *timer_new(struct lull *vm, double delay, double interval, Value callee, const Value *args, u32 count)
{
  Value *copy = NULL;
  if (count) {
    copy = heap_resize(&vm->heap, NULL, 0, count * sizeof(Value));
    if (!copy) return NULL;
    memcpy(copy, args, count * sizeof(Value));
  }
  struct timer *t = heap_new(&vm->heap, KIND_TIMER, sizeof *t);
  deferred_init(vm, &t->deferred, vm_tag(vm));
  t->vm = vm;
  t->callee = callee;
  t->args = copy;
  t->count = count;
  t->interval = interval;
  struct fiber *f = vm->fiber;
  if (f && IS_CLOSURE(f->base[-2])) {
    t->place_proto = AS_CLOSURE(f->base[-2])->proto;
    t->place_word = (u32)(f->pc - t->place_proto->code - 1);
  }
  t->started = ev_now(vm->loop);
  t->next = vm->sched.timers;
  if (t->next) t->next->prev = t;
  vm->sched.timers = t;
  t->is_listed = true;
  loop_timer_init(&t->watcher, on_fire);
  loop_timer_start(vm->loop, &t->watcher, delay, interval, !is_nil(callee));
  return t;
}

bool timer_cancel(struct lull *vm, struct timer *t)
{
  if (!loop_timer_is_running(&t->watcher)) { return t->running && task_cancel(vm, t->running); }
  loop_timer_stop(vm->loop, &t->watcher);
  unlink_timer(t);
  t->deferred.is_handled = true;
  t->deferred.is_held = false;
  struct instance *error = error_new(vm, vm->errors.cancelled, string_from(&vm->heap, "the timer was cancelled"));
  deferred_fail(vm, &t->deferred, value_object(error));
  return true;
}
