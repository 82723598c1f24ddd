// Connecting to the first of several addresses that answers: they are tried in their order, the next one when the one
// before has failed or has not answered for a moment.
#ifndef LULL_LOOP_DIAL_H
#define LULL_LOOP_DIAL_H

#include <ev.h>

#include "loop/address.h"
#include "loop/timer.h"

#define DIAL_MAX 16  // addresses tried

struct loop_dial;

struct dial_attempt {
  ev_io writable;
  struct loop_dial *dial;
  int fd;  // -1: none
};

struct loop_dial {
  struct ev_loop *loop;
  struct alloc *alloc;
  struct address *addresses;  // owned
  struct dial_attempt *attempts;
  u32 count, next, pending;
  u32 options;
  int error;  // of the attempt that failed last
  struct loop_timer patience;
  struct address reached;
  // Called once, from loop_dial_start or later: a descriptor connected to [reached], or -1 and an errno. The dial is
  // over then.
  void (*done)(struct loop_dial *d, int fd, int error);
};

// [addresses] are copied; at most DIAL_MAX are tried. False: no memory.
bool loop_dial_init(struct loop_dial *d, struct ev_loop *loop, struct alloc *alloc, const struct address *addresses,
                    u32 count, u32 options);
void loop_dial_start(struct loop_dial *d);
// Stops it without a call; also to be called when it is over. Once more does nothing.
void loop_dial_fini(struct loop_dial *d);

#endif
