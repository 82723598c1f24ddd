#include "vm/sched.h"

#include "base/sys.h"
#include "vm/deferred.h"
#include "vm/host.h"
#include "vm/operation.h"
#include "vm/state.h"

// Turns run before the loop gets to look at its descriptors and timers again, and the seconds after which it does in
// any case.
#define TURNS_MAX 1024
#define TURNS_SECONDS 0.002

static void on_prepare(struct ev_loop *loop, ev_prepare *w, int events)
{
  struct sched *s = CONTAINER_OF(w, struct sched, prepare);
  (void)loop;
  (void)events;
  struct lull *vm = CONTAINER_OF(s, struct lull, sched);
  if (UNLIKELY(vm->is_ending)) host_ended(vm);
  else sched_run(vm);
}

static void on_check(struct ev_loop *loop, ev_check *w, int events)
{
  (void)loop;
  (void)events;
  CONTAINER_OF(w, struct sched, check)->now = sys_now();
}

static void on_idle(struct ev_loop *loop, ev_idle *w, int events)
{
  // Being active is its whole purpose: the loop does not wait then.
  (void)loop;
  (void)w;
  (void)events;
}

bool sched_init(struct lull *vm, struct ev_loop *loop)
{
  struct sched *s = &vm->sched;
  s->loop = loop;
  ev_prepare_init(&s->prepare, on_prepare);
  ev_prepare_start(loop, &s->prepare);
  ev_unref(loop);  // listening for turns keeps nothing alive
  ev_check_init(&s->check, on_check);
  ev_set_priority(&s->check, EV_MAXPRI);
  ev_check_start(loop, &s->check);
  ev_unref(loop);
  s->now = sys_now();
  ev_idle_init(&s->idle, on_idle);
  return true;
}

void sched_fini(struct lull *vm)
{
  struct sched *s = &vm->sched;
  while (s->timers) timer_cancel(vm, s->timers);
  while (s->operations) operation_cancel(vm, s->operations);
  limits_fini(vm);
  ev_ref(s->loop);
  ev_prepare_stop(s->loop, &s->prepare);
  ev_ref(s->loop);
  ev_check_stop(s->loop, &s->check);
  ev_idle_stop(s->loop, &s->idle);
  vec_free(&vm->alloc, &s->failed);
}

void sched_mark(struct lull *vm)
{
  struct sched *s = &vm->sched;
  heap_mark_object(&vm->heap, s->ready);
  heap_mark_object(&vm->heap, s->turn);
  for (struct task *t = s->tasks; t; t = t->next) {
    if (t->is_main) heap_mark_object(&vm->heap, t);
  }
  for (struct timer *t = s->timers; t; t = t->next) {
    if (timer_is_wanted(t)) heap_mark_object(&vm->heap, t);
  }
  for (struct timer *t = s->soon; t; t = t->next) heap_mark_object(&vm->heap, t);
  heap_mark_object(&vm->heap, s->done);
  for (struct operation *op = s->operations; op; op = op->next) {
    if (op->is_kept || operation_is_active(op)) heap_mark_object(&vm->heap, op);
  }
  for (u32 i = 0; i < s->failed.len; i++) heap_mark_object(&vm->heap, s->failed.data[i]);
  heap_mark_object(&vm->heap, s->failed_last);
  for (struct task *t = s->settled; t; t = t->next) heap_mark_object(&vm->heap, t);
  // Running fibers change their stacks without a barrier: they are looked at again each time.
  for (struct fiber *f = vm->fiber; f; f = f->spawner) {
    heap_mark_object(&vm->heap, f);
    heap_barrier(&vm->heap, f);
  }
}

void sched_before_sweep(struct lull *vm)
{
  for (struct timer *next, *t = vm->sched.timers; t; t = next) {
    next = t->next;
    if (!heap_survives(&t->deferred.object)) timer_forget(t);
  }
}

void sched_wake(struct lull *vm)
{
  struct sched *s = &vm->sched;
  if ((s->ready || s->soon) && !s->is_running && !ev_is_active(&s->idle)) ev_idle_start(s->loop, &s->idle);
}

static void enqueue(struct lull *vm, struct fiber *f)
{
  struct sched *s = &vm->sched;
  f->next = NULL;
  if (s->ready) {
    s->ready_last->next = f;
    heap_barrier(&vm->heap, s->ready_last);
  } else {
    s->ready = f;
  }
  s->ready_last = f;
  sched_wake(vm);
}

void sched_ready(struct lull *vm, struct fiber *f, Value input, bool is_throwing)
{
  f->state = FIBER_READY;
  f->waits_for = NULL;
  f->input = input;
  f->is_throwing = is_throwing;
  heap_barrier(&vm->heap, f);
  enqueue(vm, f);
}

void sched_start(struct lull *vm, struct fiber *f) { enqueue(vm, f); }

static void wake_fiber(struct lull *vm, struct waiter *w, struct deferred *d)
{
  sched_ready(vm, (struct fiber *)w->subject, d->value, d->state == DEFERRED_FAILED);
}

bool sched_wait(struct lull *vm, struct fiber *f, struct deferred *d)
{
  if (f->is_cancel_due) {
    f->is_cancel_due = false;
    struct instance *error = error_new(vm, vm->errors.cancelled, string_from(&vm->heap, "cancelled"));
    f->state = FIBER_WAITING;
    sched_ready(vm, f, value_object(error), true);
    return true;
  }
  if (f->result->object.kind == KIND_TIMER && !timer_call_waits(vm, (struct timer *)f->result, f)) return false;
  f->state = FIBER_WAITING;
  f->waits_for = d;
  f->since = vm->sched.now;
  return deferred_wait(vm, d, wake_fiber, &f->object, 0);
}

struct deferred *sched_done(struct lull *vm)
{
  struct sched *s = &vm->sched;
  if (s->done) return s->done;
  struct deferred *d = deferred_new(vm);
  d->tag = 0;
  deferred_fulfil(vm, d, NIL);
  return s->done = d;
}

void sched_failed(struct lull *vm, struct deferred *d)
{
  struct sched *s = &vm->sched;
  const struct class *class = IS_INSTANCE(d->value) ? AS_INSTANCE(d->value)->class : NULL;
  if (class && class_is_below(class, vm->errors.cancelled)) return;
  if (class == vm->errors.spent && limits_are_told(&vm->limits)) return;
  if (!vec_push(&vm->alloc, &s->failed, d)) s->failed_last = d;
  if (!s->is_running && !ev_is_active(&s->idle)) ev_idle_start(s->loop, &s->idle);
}

static void append_settled(struct sched *s, struct task *t)
{
  t->next = NULL;
  if (s->settled) s->settled_last->next = t;
  else s->settled = t;
  s->settled_last = t;
}

void sched_finish(struct lull *vm, struct fiber *f, Value value, bool is_thrown)
{
  struct deferred *result = f->result;
  vm->alloc.is_refusing = 0;  // there is nothing left to stop
  heap_resize(&vm->heap, f->stack, f->cap * sizeof(Value), 0);
  f->stack = f->base = NULL;
  f->cap = 0;
  f->state = FIBER_DONE;
  vm->fiber = NULL;  // what settling starts is not started by it
  if (result->object.kind == KIND_TIMER) {
    timer_ran(vm, (struct timer *)result, value, is_thrown);
    return;
  }
  struct task *t = (struct task *)result;
  task_settled(vm, t);
  // The host is told of the end of a run outside of the interpreter's loop: it may start the next.
  if (t->is_main) {
    t->deferred.is_handled = true;
    append_settled(&vm->sched, t);
  }
  if (is_thrown) deferred_fail(vm, &t->deferred, value);
  else deferred_fulfil(vm, &t->deferred, value);
}

static enum lull_outcome outcome_of(struct lull *vm, Value *value, bool is_failed)
{
  if (!is_failed) return LULL_VALUE;
  if (!IS_INSTANCE(*value) || AS_INSTANCE(*value)->class != vm->errors.exit) return LULL_THROWN;
  *value = AS_INSTANCE(*value)->fields[ERROR_MESSAGE];
  return LULL_EXITED;
}

static void tell_settled(struct lull *vm)
{
  struct sched *s = &vm->sched;
  while (s->settled) {
    struct task *t = s->settled;
    s->settled = t->next;
    t->next = NULL;
    struct lull_ref ref = { .vm = vm, .value = t->deferred.value, .holds = 1 };
    enum lull_outcome outcome = outcome_of(vm, &ref.value, t->deferred.state == DEFERRED_FAILED);
    Value kept = vm->kept;
    vm->kept = value_object(t);
    host_settled(vm, t->deferred.tag, outcome, &ref);
    vm->kept = kept;
  }
}

static bool has_failed(const struct sched *s) { return s->failed.len || s->failed_last; }

static void tell_failure(struct lull *vm, struct deferred *d)
{
  if (d->is_handled) return;
  d->is_handled = true;
  struct lull_ref ref = { .vm = vm, .value = d->value, .holds = 1 };
  enum lull_outcome outcome = outcome_of(vm, &ref.value, true);
  Value kept = vm->kept;
  vm->kept = value_object(d);
  host_failed(vm, d->tag, outcome, &ref);
  vm->kept = kept;
}

// The end of a turn: failures nobody waits for by now are reported, once. What is told may make more of them.
static void tell_failed(struct lull *vm)
{
  struct sched *s = &vm->sched;
  while (has_failed(s)) {
    for (u32 i = 0; i < s->failed.len; i++) tell_failure(vm, s->failed.data[i]);
    s->failed.len = 0;
    struct deferred *last = s->failed_last;
    s->failed_last = NULL;
    if (last) tell_failure(vm, last);
  }
}

static void run_fiber(struct lull *vm, struct fiber *f)
{
  if (f->state != FIBER_READY || vm->is_ending) return;
  if (UNLIKELY(limits_are_spent(&vm->limits))) limits_refuse(vm, f);
  if (f->is_throwing) error_awaited(vm, vm->thrown = f->input, f);
  else if (f->resume != UINT32_MAX) *(Value *)((char *)f->base + f->resume) = f->input;
  f->input = NIL;
  vm->sched.is_running = true;
  vm_run(vm, f);
  vm->sched.is_running = false;
  vm->alloc.is_refusing = 0;
  tell_settled(vm);
}

static void run_turn(struct lull *vm)
{
  struct sched *s = &vm->sched;
  if (s->soon) timers_turn(vm);
  struct fiber *f = s->ready;
  s->ready = s->ready_last = NULL;
  while (f) {
    s->turn = f->next;
    f->next = NULL;
    run_fiber(vm, f);
    f = s->turn;
  }
  s->turn = NULL;
  tell_failed(vm);
}

void sched_run(struct lull *vm)
{
  struct sched *s = &vm->sched;
  if (s->is_running || s->turn) return;
  vm_take_stop(vm);  // a stop that came while nothing computed is for nobody
  double until = sys_now() + TURNS_SECONDS;
  for (int turn = 0; turn < TURNS_MAX && (s->ready || s->soon || has_failed(s)) && !vm->is_ending; turn++) {
    run_turn(vm);
    if ((turn & 15) == 15 && sys_now() > until) break;
  }
  if (UNLIKELY(limits_are_spent(&vm->limits))) limits_end_all(vm);
  if (s->ready || s->soon) ev_idle_start(s->loop, &s->idle);
  else if (!vm->is_ending) ev_idle_stop(s->loop, &s->idle);
}

void sched_run_now(struct lull *vm, struct fiber *f)
{
  if (vm->sched.is_running) {
    sched_start(vm, f);
    return;
  }
  vm_take_stop(vm);
  run_fiber(vm, f);
  sched_wake(vm);
}
