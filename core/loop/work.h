// Calls that block, in a few threads beside the loop.
//
// A work is plain memory of its user's. work_start hands it to the pool: run is called in a thread and touches nothing
// but the work, then done is called in the loop. In between it belongs to the pool. All functions but
// work_is_dropped are for the thread of the loop.
#ifndef LULL_LOOP_WORK_H
#define LULL_LOOP_WORK_H

#include <ev.h>
#include <stdatomic.h>

#include "base/alloc.h"

struct work;
struct work_pool;

struct work_list {
  struct work *first, *last;
  u32 len;
};

// Works of one lane run one after the other, in the order in which they were started. Lives as long as its works;
// all zero at first.
struct work_lane {
  struct work_list waiting;
  bool is_busy;
};

// Embedded in its user's memory; all zero but for the first three.
struct work {
  void (*run)(struct work *w);
  void (*done)(struct work *w);  // may free it, or start it again
  struct work_lane *lane;        // NULL: it may run beside any other
  bool is_slow;                  // it may take long: others get a thread more while it runs
  bool keeps_lane;               // when it has run, its lane waits for work_leave_lane
  u8 state;
  atomic_bool is_dropped;
  struct work *next, *prev;
  struct work_list *list;  // it waits in
};

// No thread is made before the first work. NULL: no memory.
struct work_pool *work_create(struct alloc *alloc, struct ev_loop *loop);
// Waits for the works that run, which are told to be dropped; all that have not been are done then. NULL is nothing.
void work_destroy(struct work_pool *pool);
// False, errno set: there is no thread to do it, and it is still the caller's.
bool work_start(struct work_pool *pool, struct work *w);
// Nobody wants it any more: where it has not begun, it never will, and done is called at once; else done is called
// when it ends.
void work_drop(struct work_pool *pool, struct work *w);
// The next one in a lane that was kept may run.
void work_leave_lane(struct work_pool *pool, struct work_lane *lane);
// What long runs ask now and then, and done: its result is for nobody.
static inline bool work_is_dropped(struct work *w) { return atomic_load(&w->is_dropped); }

#endif
