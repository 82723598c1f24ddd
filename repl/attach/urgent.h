// Ctrl-C of a remote terminal while the program computes. The loop is not served then, so the packet that says so lies in
// the socket. As long as a cell is waited for at such a terminal, a timer that counts the processor's time of this
// process looks for it, and stops what computes if that is the cell. Costs nothing while the program waits. One user a
// process.
#ifndef LULL_ATTACH_URGENT_H
#define LULL_ATTACH_URGENT_H

#include <signal.h>

#include "base/buf.h"

struct lull;

// Part of a connection. What was read and not yet taken begins with a packet, while code runs.
struct urgent {
  struct urgent *next;
  int fd;
  const struct buf *in;
  const size_t *in_at;
  volatile u64 front;                 // the cell that is waited for; 0: none
  volatile sig_atomic_t has_stopped;  // it was stopped: that is what came of the Ctrl-C
};

// From now on the timer can run, for this state.
void urgent_start(struct lull *lull);
void urgent_end(void);
void urgent_add(struct urgent *u);
void urgent_remove(struct urgent *u);
// Which cell is waited for now; 0: none.
void urgent_set_front(struct urgent *u, u64 cell);

#endif
