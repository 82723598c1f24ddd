#include "vm/limits.h"

#include <math.h>

#include "base/sys.h"
#include "vm/deferred.h"
#include "vm/operation.h"
#include "vm/state.h"

// What all clean-up together may still use.
#define CLEANUP_STEPS 10000
#define CLEANUP_SECONDS 0.01
#define LOOK_EVERY 32  // steps between two looks at the clock

static void on_time(struct loop_timer *timer);

void limits_init(struct lull *vm)
{
  vm->limits = (struct limits){ .steps = UINT64_MAX, .seconds = INFINITY, .left = { UINT64_MAX, INFINITY } };
  loop_timer_init(&vm->limits.timer, on_time);
}

void limits_fini(struct lull *vm) { loop_timer_stop(vm->loop, &vm->limits.timer); }

static void grant(struct lull *vm, struct limits_left left)
{
  struct limits *l = &vm->limits;
  l->left = left;
  l->state = l->steps == UINT64_MAX && l->seconds == INFINITY ? LIMITS_OFF : LIMITS_ON;
  l->is_told = false;
  if (l->state == LIMITS_OFF) return;
  // The running fiber is to see it too.
  vm->poll = 1;
  vm->limit = NULL;
}

// What is left of one limit when the other is granted anew.
static struct limits_left left_of(const struct limits *l) { return limits_are_spent(l) ? l->before_cleanup : l->left; }

void limits_set_steps(struct lull *vm, u64 steps)
{
  struct limits *l = &vm->limits;
  l->steps = steps;
  grant(vm, (struct limits_left){ steps, left_of(l).until });
}

void limits_set_seconds(struct lull *vm, double seconds)
{
  struct limits *l = &vm->limits;
  loop_timer_stop(vm->loop, &l->timer);
  l->seconds = seconds;
  l->looks = 0;
  if (seconds < INFINITY) loop_timer_start(vm->loop, &l->timer, seconds, 0, false);
  grant(vm, (struct limits_left){ left_of(l).steps, sys_now() + seconds });
}

static void throw_spent(struct lull *vm)
{
  const struct limits *l = &vm->limits;
  if (l->is_by_time) throw_error(vm, vm->errors.spent, "the time limit of %g s is reached", l->seconds);
  else throw_error(vm, vm->errors.spent, "the limit of %llu steps is reached", (unsigned long long)l->steps);
}

static void spend(struct lull *vm, bool is_by_time)
{
  struct limits *l = &vm->limits;
  if (l->state == LIMITS_ON) {
    l->state = LIMITS_SPENT;
    l->is_by_time = is_by_time;
    l->before_cleanup = l->left;
    l->left = (struct limits_left){ CLEANUP_STEPS, sys_now() + CLEANUP_SECONDS };
    l->looks = 0;
  } else {
    l->state = LIMITS_OVER;
    l->left.steps = 0;
  }
}

void limits_forbid(struct lull *vm)
{
  struct limits *l = &vm->limits;
  l->state = LIMITS_OVER;
  l->left.steps = 0;
  l->is_told = true;
  vm->poll = 1;
  vm->limit = NULL;
}

static bool is_late(struct limits *l)
{
  return l->left.until < INFINITY && l->looks++ % LOOK_EVERY == 0 && sys_now() >= l->left.until;
}

bool limits_step(struct lull *vm)
{
  struct limits *l = &vm->limits;
  bool is_by_time = is_late(l);
  if (LIKELY(l->left.steps > 0 && !is_by_time)) {
    l->left.steps--;
    return true;
  }
  spend(vm, is_by_time);
  throw_spent(vm);
  return false;
}

bool vm_take_stop(struct lull *vm)
{
  bool is_stop = vm->is_stop;
  vm->alloc.is_refusing = vm->is_stop = 0;
  return is_stop;
}

bool limits_end_work(struct lull *vm)
{
  struct limits *l = &vm->limits;
  if (l->state != LIMITS_OFF && !vm->is_stop) {
    if (l->left.steps == 0 || is_late(l)) vm->is_stop = 1;
    else l->left.steps--;
  }
  return vm->is_stop;
}

bool limits_end_if_spent(struct lull *vm)
{
  struct limits *l = &vm->limits;
  if (l->state == LIMITS_OFF) return false;
  // Clean-up that is asked to stop has had its time.
  bool has_steps = l->left.steps > 0;
  if (l->state == LIMITS_ON && has_steps && !(sys_now() >= l->left.until)) return false;
  spend(vm, has_steps);
  throw_spent(vm);
  return true;
}

static void on_time(struct loop_timer *timer)
{
  struct lull *vm = CONTAINER_OF(timer, struct lull, limits.timer);
  if (vm->limits.state == LIMITS_ON) spend(vm, true);  // the turns before the loop waits do the rest
}

// A fiber that has an error coming already keeps it.
static void end_fiber(struct lull *vm, struct fiber *f)
{
  if (f->state == FIBER_RUNNING || (f->state == FIBER_READY && f->is_throwing)) return;
  throw_spent(vm);
  Value error = vm->thrown;
  vm->thrown = UNSET;
  fiber_throw_into(vm, f, error);
}

void limits_refuse(struct lull *vm, struct fiber *f)
{
  if (f->resume == UINT32_MAX) end_fiber(vm, f);
}

void limits_end_all(struct lull *vm)
{
  for (struct task *t = vm->sched.tasks; t; t = t->next) {
    if (t->fiber) end_fiber(vm, t->fiber);
  }
  while (vm->sched.timers && timer_cancel(vm, vm->sched.timers)) continue;
  while (vm->sched.operations && operation_cancel(vm, vm->sched.operations)) continue;
}
