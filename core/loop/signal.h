// Signals of the process, brought to the host's libev loop. While a signal is watched it does not do what it did
// before, and afterwards it does that again. Watchers keep no loop running.
#ifndef LULL_LOOP_SIGNAL_H
#define LULL_LOOP_SIGNAL_H

#include <ev.h>
#include <signal.h>

#include "base/alloc.h"

#define SIGNAL_MAX 65

struct loop_signal;

// One signal and all who watch it.
struct signal_entry {
  ev_signal ev;
  struct loop_signals *all;
  struct loop_signal *first;
  struct sigaction before;
};

struct loop_signals {
  struct ev_loop *loop;
  struct alloc *alloc;
  struct signal_entry *entries[SIGNAL_MAX];  // by number; NULL: never watched
};

struct loop_signal {
  struct loop_signal *next;
  struct signal_entry *entry;  // NULL: does not watch
  int number;
  void (*came)(struct loop_signal *s);  // once for any number that came since the last turn; may stop any watcher
  void *owner;
};

void loop_signals_init(struct loop_signals *all, struct ev_loop *loop, struct alloc *alloc);
void loop_signals_fini(struct loop_signals *all);  // nobody may watch
// False with errno set: it cannot be watched (EINVAL), another state watches it (EBUSY), or there is no memory.
bool loop_signal_start(struct loop_signals *all, struct loop_signal *s, int number,
                       void (*came)(struct loop_signal *s));
void loop_signal_stop(struct loop_signal *s);  // nothing where it does not watch

#endif
