// Watchers that do not keep the loop alive: what waits for them does.
#ifndef LULL_HTTP_WATCH_H
#define LULL_HTTP_WATCH_H

#include <ev.h>
#include <stdbool.h>

static inline void watch_io_stop(struct ev_loop *loop, ev_io *w)
{
  if (ev_is_pending(w) && ev_clear_pending(loop, w) & EV_ERROR) ev_ref(loop);
  if (!ev_is_active(w)) return;
  ev_ref(loop);
  ev_io_stop(loop, w);
}

// libev gives up what the system will not watch, and calls it with EV_ERROR, having let go of the loop once too often.
static inline bool watch_io_is_refused(struct ev_loop *loop, int events)
{
  if (events & EV_ERROR) ev_ref(loop);
  return events & EV_ERROR;
}

static inline void watch_io(struct ev_loop *loop, ev_io *w, int fd, int events)
{
  watch_io_stop(loop, w);
  ev_io_set(w, fd, events);
  ev_io_start(loop, w);
  ev_unref(loop);
}

static inline void watch_timer_stop(struct ev_loop *loop, ev_timer *w)
{
  if (!ev_is_active(w)) return;
  ev_ref(loop);
  ev_timer_stop(loop, w);
}

// Its callback stops it: a timer that ends by itself would upset the count of what keeps the loop alive.
static inline void watch_timer(struct ev_loop *loop, ev_timer *w, double after)
{
  watch_timer_stop(loop, w);
  ev_timer_set(w, after, 1e6);
  ev_timer_start(loop, w);
  ev_unref(loop);
}

#endif
