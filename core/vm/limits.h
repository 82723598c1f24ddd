// What the host grants a state: steps (calls, loop turns, and whatever else is a safepoint) and time. Once they are used
// up, all that runs or waits in the state ends with an error that no program catches.
//
// Without limits nothing of this costs anything: with them the poll of safepoints is never cleared, and calls are made
// to look at it (state.h, vm_call_limit).
#ifndef LULL_VM_LIMITS_H
#define LULL_VM_LIMITS_H

#include "loop/timer.h"

struct lull;
struct fiber;

enum limits_state {
  LIMITS_OFF,
  LIMITS_ON,
  LIMITS_SPENT,  // `finally` and `defer` run still, on a small grant that they share
  LIMITS_OVER,   // that is spent too: nothing runs any more
};

struct limits {
  u8 state;
  bool is_by_time;  // what was spent
  bool is_told;     // the host has been told of it
  u32 looks;        // at the clock: it is not asked at each step
  u64 steps;        // granted; UINT64_MAX: no limit
  double seconds;   // granted; INFINITY: no limit
  struct limits_left {
    u64 steps;
    double until;  // on the clock of sys_now
  } left, before_cleanup;
  struct loop_timer timer;  // for when everything waits
};

void limits_init(struct lull *vm);
void limits_fini(struct lull *vm);
// Grants anew, from now on.
void limits_set_steps(struct lull *vm, u64 steps);
void limits_set_seconds(struct lull *vm, double seconds);
// Nothing may run any more, not even clean-up.
void limits_forbid(struct lull *vm);
// One step was taken, at a safepoint. False: it was one too many, and the error is thrown.
bool limits_step(struct lull *vm);
// Whether lull_stop was called since the last time; it is done with then.
bool vm_take_stop(struct lull *vm);
// Long work of C code asks whether it is to end (native.h): a step. True: vm->is_stop is set.
bool limits_end_work(struct lull *vm);
// Something was asked to stop. True: its steps or its time are used up in any case, and the error is thrown.
bool limits_end_if_spent(struct lull *vm);
// After the turns of a state whose limits are spent: what waits, and what is due later, ends.
void limits_end_all(struct lull *vm);
// A fiber that has not begun when they are spent never does.
void limits_refuse(struct lull *vm, struct fiber *f);
// Whether the host has heard that they are; from now on it has.
static inline bool limits_are_told(struct limits *l)
{
  bool is_told = l->is_told;
  l->is_told = true;
  return is_told;
}
static inline bool limits_are_spent(const struct limits *l) { return l->state >= LIMITS_SPENT; }

#endif
