// One-shot and repeating timers on the host's libev loop. Times are seconds on libev's clock; a timer started late in
// a long computation counts from when it is started.
//
// libev waits for whole milliseconds. Repeating timers so fast that this shows have a clock of their own where the
// system has such things (timerfd), as long as there are few of them.
#ifndef LULL_LOOP_TIMER_H
#define LULL_LOOP_TIMER_H

#include <ev.h>

#include "base/types.h"

struct loop_timer {
  union {
    ev_timer ev;
    ev_io clock;  // is_fine
  };
  void (*fire)(struct loop_timer *timer);
  bool is_ref;   // while it runs it keeps the loop alive
  bool is_fine;  // while it runs: by a clock of its own
};

void loop_timer_init(struct loop_timer *t, void (*fire)(struct loop_timer *timer));
// Fires after [delay], then every [repeat] seconds (0: once).
void loop_timer_start(struct ev_loop *loop, struct loop_timer *t, double delay, double repeat, bool is_ref);
void loop_timer_stop(struct ev_loop *loop, struct loop_timer *t);
// Whether the running timer keeps the loop alive.
void loop_timer_ref(struct ev_loop *loop, struct loop_timer *t, bool is_ref);
bool loop_timer_is_running(const struct loop_timer *t);
double loop_timer_remaining(struct ev_loop *loop, struct loop_timer *t);  // seconds until it fires

#endif
