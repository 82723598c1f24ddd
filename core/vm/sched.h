// The scheduler: the only thing between a libev callback and a waiting fiber. Callbacks queue fibers; the queue is
// run in turns, before the loop waits.
#ifndef LULL_VM_SCHED_H
#define LULL_VM_SCHED_H

#include <ev.h>

#include "base/vec.h"
#include "value/value.h"

struct lull;
struct fiber;
struct deferred;
struct task;
struct timer;
struct operation;

struct sched {
  struct ev_loop *loop;
  ev_prepare prepare;  // runs the turns before the loop waits
  ev_check check;      // takes the time after the loop has waited
  ev_idle idle;        // active while fibers are ready, so that the loop does not wait
  double now;          // sys_now() of this turn of the loop: what is made in it is dated by it
  struct fiber *ready, *ready_last;
  struct fiber *turn;          // what is left of the turn that runs now
  struct task *settled, *settled_last;  // mains the host is to be told of, by their next
  struct task *tasks;          // all that have not settled, newest first; not kept alive by being here, except mains
  struct timer *timers;        // running ones; kept alive, but for sleeps nobody waits for
  struct timer *soon, *soon_last;  // sleeps that end with the next turn; kept alive
  struct deferred *done;       // one that has resolved with nil, for all who need no more
  struct operation *operations;  // pending ones; kept alive while they keep the program running
  VEC(struct deferred *) failed;  // since the last turn: reported if nobody waits for them by its end
  struct deferred *failed_last;   // one more, where there is no memory for the list; what else fails then is as that
  u32 next_id;
  bool is_running;  // a fiber runs: nothing else may
  bool is_exiting;  // exit(n) was called
};

bool sched_init(struct lull *vm, struct ev_loop *loop);
void sched_fini(struct lull *vm);
void sched_mark(struct lull *vm);
// All that lives is marked: stops the sleeps that nobody waits for and nobody can.
void sched_before_sweep(struct lull *vm);
// Queues a fiber that is not queued; it goes on with input (or with it thrown).
void sched_ready(struct lull *vm, struct fiber *f, Value input, bool is_throwing);
// Queues a fiber that has not begun.
void sched_start(struct lull *vm, struct fiber *f);
// Something was queued from a callback of the loop: it runs before the loop waits.
void sched_wake(struct lull *vm);
// A deferred that has resolved with nil, the same one each time. NULL: no memory.
struct deferred *sched_done(struct lull *vm);
// A deferred failed that nobody has waited for so far.
void sched_failed(struct lull *vm, struct deferred *d);
// Runs what is ready (a number of turns, so that the loop is not starved) unless a fiber runs already.
void sched_run(struct lull *vm);
// Runs a fresh or ready fiber at once until it first waits. Only when no fiber runs.
void sched_run_now(struct lull *vm, struct fiber *f);
// From the VM: the running fiber waits for d. It must leave vm_run then.
bool sched_wait(struct lull *vm, struct fiber *f, struct deferred *d);
// From the VM: a fiber's first frame has returned or thrown.
void sched_finish(struct lull *vm, struct fiber *f, Value value, bool is_thrown);

#endif
