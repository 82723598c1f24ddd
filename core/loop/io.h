// Readiness of a descriptor on the host's libev loop.
//
// Watchers of the library do not keep the loop alive by themselves: what waits for them does (vm/operation.h). Every
// wrapper in this folder starts its watcher unreferenced, and only the timers of the language count on their own.
#ifndef LULL_LOOP_IO_H
#define LULL_LOOP_IO_H

#include <errno.h>
#include <ev.h>

#include "base/types.h"

// Starts an initialised ev_io (ev_io_init) without keeping the loop alive; nothing where it is active already.
static inline void loop_io_start(struct ev_loop *loop, ev_io *w)
{
  if (ev_is_active(w)) return;
  ev_io_start(loop, w);
  ev_unref(loop);
}

static inline void loop_io_stop(struct ev_loop *loop, ev_io *w)
{
  if (ev_is_pending(w) && ev_clear_pending(loop, w) & EV_ERROR) ev_ref(loop);
  if (!ev_is_active(w)) return;
  ev_ref(loop);
  ev_io_stop(loop, w);
}

// Events of a watcher that the system would not watch (open.h), which libev has stopped, and has let go of the loop for once
// more than it held it. True, with errno set: nothing more is heard of the descriptor.
static inline bool loop_io_is_refused(struct ev_loop *loop, int events)
{
  if (!(events & EV_ERROR)) return false;
  ev_ref(loop);
  errno = ENOBUFS;
  return true;
}

#endif
