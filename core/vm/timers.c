// Timers of the language: after, every, sleep.
#include "value/print.h"
#include "vm/deferred.h"
#include "vm/state.h"

static void mark_timer(struct heap *heap, struct object *o)
{
  const struct timer *t = (const struct timer *)o;
  heap->kinds[KIND_DEFERRED].mark(heap, o);
  if (timer_is_sleep(t)) return;
  heap_mark(heap, t->callee);
  for (u32 i = 0; i < t->count; i++) heap_mark(heap, t->args[i]);
  heap_mark_object(heap, t->running);
  heap_mark_object(heap, t->place_proto);
}

static void unlink_timer(struct timer *t)
{
  struct sched *s = &t->vm->sched;
  if (!t->deferred.is_listed) return;
  t->deferred.is_listed = false;
  if (t->prev) t->prev->next = t->next;
  else s->timers = t->next;
  if (t->next) t->next->prev = t->prev;
  t->next = t->prev = NULL;
}

void timer_forget(struct timer *t)
{
  loop_timer_stop(t->vm->loop, &t->watcher);
  unlink_timer(t);
}

static void finish_timer(struct heap *heap, struct object *o)
{
  struct timer *t = (struct timer *)o;
  timer_forget(t);
  if (!timer_is_sleep(t)) heap_resize(heap, t->args, t->count * sizeof(Value), 0);
  heap->kinds[KIND_DEFERRED].finish(heap, o);
}

void timer_describe(struct timer *t, struct buf *out)
{
  if (timer_is_sleep(t)) buf_puts(out, "sleep");
  else print_name(t->callee, out);
  if (out->len && out->data[out->len - 1] == ' ') buf_puts(out, "function");
  if (loop_timer_is_running(&t->watcher))
    buf_printf(out, " in %.2fs", loop_timer_remaining(t->vm->loop, &t->watcher));
  if (!timer_is_sleep(t) && t->interval > 0) buf_printf(out, ", every %gs", t->interval);
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

// Calls it on a fiber of its own, whose place of birth is the timer's. A task is made of it when it first waits.
static struct fiber *start_callback(struct timer *t)
{
  struct lull *vm = t->vm;
  struct fiber *f = fiber_new(vm, t->callee, t->args, t->count, t->deferred.tag);
  if (!f) return NULL;
  f->result = &t->deferred;
  f->spawn_proto = t->place_proto;
  f->spawn_word = t->place_word;
  sched_start(vm, f);
  return f;
}

static void fire_once(struct timer *t)
{
  struct lull *vm = t->vm;
  unlink_timer(t);
  vm->kept = value_object(t);
  if (timer_is_sleep(t)) deferred_fulfil(vm, &t->deferred, NIL);
  else if (!start_callback(t)) deferred_fail(vm, &t->deferred, error_memory(vm));
  vm->kept = NIL;
  sched_wake(vm);
}

// A call of an every that failed: nobody can wait for it.
static void report_lost(struct timer *t, Value error)
{
  struct deferred *lost = deferred_new(t->vm);
  lost->tag = t->deferred.tag;
  deferred_fail(t->vm, lost, error);
}

static void fire_again(struct timer *t)
{
  // The last call still waits: this tick is skipped.
  if (t->running && t->running->state != FIBER_DONE) return;
  t->running = start_callback(t);
  heap_barrier(&t->vm->heap, t);
  if (!t->running) {
    // Without memory for a call the next tick would find none either: it ends here.
    loop_timer_stop(t->vm->loop, &t->watcher);
    unlink_timer(t);
    deferred_fail(t->vm, &t->deferred, error_memory(t->vm));
  }
  sched_wake(t->vm);
}

void timer_ran(struct lull *vm, struct timer *t, Value value, bool is_thrown)
{
  if (t->interval > 0) {
    if (is_thrown) report_lost(t, value);
  } else if (is_thrown) {
    deferred_fail(vm, &t->deferred, value);
  } else {
    deferred_resolve(vm, &t->deferred, value);
  }
}

bool timer_call_waits(struct lull *vm, struct timer *t, struct fiber *f)
{
  struct task *task = task_of_fiber(vm, f, t->callee);
  if (!task) return false;
  if (t->interval > 0) return true;
  // The timer settles as the call does; a failure nobody waits for is then the timer's.
  bool is_wanted = t->deferred.is_handled;
  if (!deferred_follow(vm, &t->deferred, &task->deferred)) return false;
  t->deferred.is_handled = is_wanted;
  return true;
}

void timers_turn(struct lull *vm)
{
  struct timer *t = vm->sched.soon;
  vm->sched.soon = vm->sched.soon_last = NULL;
  for (struct timer *next; t; t = next) {
    next = t->next;
    t->next = NULL;
    deferred_fulfil(vm, &t->deferred, NIL);
  }
}

static void on_fire(struct loop_timer *watcher)
{
  struct timer *t = CONTAINER_OF(watcher, struct timer, watcher);
  if (!timer_is_sleep(t) && t->interval > 0) fire_again(t);
  else fire_once(t);
}

static void list(struct timer *t)
{
  struct sched *s = &t->vm->sched;
  t->next = s->timers;
  if (t->next) t->next->prev = t;
  s->timers = t;
  t->deferred.is_listed = true;
}

// A turn is enough for it: it needs no watcher.
static void list_soon(struct timer *t)
{
  struct sched *s = &t->vm->sched;
  if (s->soon) {
    s->soon_last->next = t;
    heap_barrier(&t->vm->heap, s->soon_last);
  } else {
    s->soon = t;
  }
  s->soon_last = t;
  sched_wake(t->vm);
}

static struct timer *sleep_new(struct lull *vm, double delay)
{
  struct timer *t = heap_new(&vm->heap, KIND_TIMER, offsetof(struct timer, callee));
  t->deferred.object.flags = TIMER_SLEEP;
  deferred_init(vm, &t->deferred, vm_tag(vm));
  t->vm = vm;
  loop_timer_init(&t->watcher, on_fire);
  if (delay > 0) {
    list(t);
    loop_timer_start(vm->loop, &t->watcher, delay, 0, false);
  } else {
    list_soon(t);
  }
  return t;
}

struct timer *timer_new(struct lull *vm, double delay, double interval, Value callee, const Value *args, u32 count)
{
  Value *copy = NULL;
  if (is_nil(callee)) return sleep_new(vm, delay);
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
  t->started = vm->sched.now;
  list(t);
  loop_timer_init(&t->watcher, on_fire);
  loop_timer_start(vm->loop, &t->watcher, delay, interval, true);
  return t;
}

static Value cancelled(struct lull *vm, const char *text)
{
  return value_object(error_new(vm, vm->errors.cancelled, string_from(&vm->heap, text)));
}

bool timer_cancel(struct lull *vm, struct timer *t)
{
  bool is_running = loop_timer_is_running(&t->watcher);
  if (!is_running && !timer_is_sleep(t))
    return t->running && t->running->state != FIBER_DONE && fiber_throw_into(vm, t->running, cancelled(vm, "cancelled"));
  if (t->deferred.state != DEFERRED_PENDING) return false;
  if (is_running) {
    loop_timer_stop(vm->loop, &t->watcher);
    unlink_timer(t);
  }
  t->deferred.is_handled = true;
  t->deferred.is_held = false;
  deferred_fail(vm, &t->deferred, cancelled(vm, "the timer was cancelled"));
  return true;
}
