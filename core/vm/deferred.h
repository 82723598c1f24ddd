// Deferreds, and what is built on them: tasks and timers. A deferred is pending, then resolved or failed, once.
// Waiters wake in their order, in the turn after.
#ifndef LULL_VM_DEFERRED_H
#define LULL_VM_DEFERRED_H

#include "loop/timer.h"
#include "value/heap.h"
#include "value/value.h"

struct lull;
struct fiber;
struct deferred;
struct string;

// Somebody who waits. wake is called when the deferred settles, from wherever that happened: it may only queue work,
// never run code of the language.
struct waiter {
  void (*wake)(struct lull *vm, struct waiter *w, struct deferred *d);
  struct object
      *subject;  // a fiber, or the deferred that is made from this one; kept alive by the deferred waited for
  u32 index;
};

// One more of them: a ring, of which the deferred holds the last.
struct more_waiters {
  struct more_waiters *next;
  struct waiter waiter;
};

enum deferred_state { DEFERRED_PENDING, DEFERRED_RESOLVED, DEFERRED_FAILED };

struct deferred {
  struct object object;  // KIND_DEFERRED, KIND_TASK, KIND_TIMER or KIND_OPERATION
  u8 state;
  bool is_handled;  // somebody has waited for it: a failure needs no report
  bool is_held;     // resolved with another deferred that is still pending: no further resolve
  bool is_listed;   // of tasks and timers: in their list
  u32 id;           // shown as #id
  u64 tag;
  Value value;          // what it settled to
  struct waiter first;  // wake == NULL: no waiter
  struct more_waiters *more;
};

struct task {
  struct deferred deferred;
  struct fiber *fiber;  // NULL once settled
  struct task *next, *prev;  // of sched.tasks; of a settled main: sched.settled
  double started;
  struct string *name;  // of the function it runs
  bool is_main;         // the top level of a run
  bool wants_echo;  // of a main: the host is shown its value
};

struct timer {
  struct deferred deferred;  // object.flags: TIMER_SLEEP
  struct loop_timer watcher;
  struct lull *vm;
  struct timer *next, *prev;  // running ones
  // A sleep ends here.
  Value callee;
  Value *args;
  u32 count;
  u32 place_word;
  double interval;            // 0: once
  struct fiber *running;      // the last call of an every
  struct proto *place_proto;  // where it was made
  double started;
};
enum { TIMER_SLEEP = 1 };
static inline bool timer_is_sleep(const struct timer *t) { return t->deferred.object.flags & TIMER_SLEEP; }

// Whether it does something when its time comes: a sleep only wakes who waits for it.
static inline bool timer_is_wanted(const struct timer *t)
{
  return !timer_is_sleep(t) || t->deferred.first.wake || t->deferred.more;
}
// Stops it without settling it.
void timer_forget(struct timer *t);

void deferred_register(struct heap *heap);
void task_register(struct heap *heap);
void timers_register(struct heap *heap);
void deferred_init(struct lull *vm, struct deferred *d, u64 tag);
struct deferred *deferred_new(struct lull *vm);  // tag of the running fiber
// Settles; false if it was settled already. [resolve]: a deferred given as value is followed.
bool deferred_resolve(struct lull *vm, struct deferred *d, Value value);
// As deferred_resolve, but a deferred is a value like any other.
bool deferred_fulfil(struct lull *vm, struct deferred *d, Value value);
// [follower] will settle as [d] does.
bool deferred_follow(struct lull *vm, struct deferred *follower, struct deferred *d);
bool deferred_fail(struct lull *vm, struct deferred *d, Value error);
// Adds a waiter (and marks it handled). Of a settled deferred, wake is called at once. False: no memory.
bool deferred_wait(struct lull *vm, struct deferred *d,
                   void (*wake)(struct lull *, struct waiter *, struct deferred *), struct object *subject,
                   u32 index);
void deferred_unwait(struct lull *vm, struct deferred *d, struct object *subject);
static inline bool is_deferred(Value v)
{
  return is_object(v) && as_object(v)->kind >= KIND_DEFERRED && as_object(v)->kind <= KIND_OPERATION;
}
static inline struct deferred *as_deferred(Value v) { return (struct deferred *)as_object(v); }

// A task that will call [callee], once its fiber is started (sched_start, sched_run_now, OP_SPAWN). NULL without
// memory.
struct task *task_new(struct lull *vm, Value callee, const Value *args, u32 count, u64 tag);
// Throws Cancelled at its await in the next turn. False when it has settled.
bool task_cancel(struct lull *vm, struct task *t);
// Likewise any error: [error] is thrown at the await of the fiber. False when it is not waiting.
bool fiber_throw_into(struct lull *vm, struct fiber *f, Value error);

// callee NIL: a sleep. Starts it. NULL without memory.
struct timer *timer_new(struct lull *vm, double delay, double interval, Value callee, const Value *args, u32 count);
// "display in 0.98s, every 1s"
void timer_describe(struct timer *t, struct buf *out);
void task_settled(struct lull *vm, struct task *t);
bool timer_cancel(struct lull *vm, struct timer *t);
// The call of a timer has ended; nothing had to be waited for in it.
void timer_ran(struct lull *vm, struct timer *t, Value value, bool is_thrown);
// A call of a timer waits: from now on it is a task like any other. False: no memory.
bool timer_call_waits(struct lull *vm, struct timer *t, struct fiber *f);
// Settles the sleeps of no time at all, at the beginning of a turn.
void timers_turn(struct lull *vm);
// A task for a fiber that has begun without one. NULL without memory.
struct task *task_of_fiber(struct lull *vm, struct fiber *f, Value callee);

#endif
