// Signals of the keyboard and of the system, brought to the loop; and, where the loop is not served because something
// computes,
// to what computes.
//
// A handler only notes the signal and wakes the loop. When the loop has not come round 50 ms later, what holds it up is
// asked to
// stop (lull_stop): code that awaits or is soon done is never stopped by a signal that was not meant for it. One user a
// process.
#ifndef LULL_SESSION_INTERRUPT_H
#define LULL_SESSION_INTERRUPT_H

#include "base/types.h"

struct ev_loop;
struct lull;

struct interrupt_config {
  struct ev_loop *loop;
  const int *signals;  // which ones, 0 at the end; one that is ignored already (nohup) stays so
  bool is_patient_once;  // a TERM or HUP that comes again later does what it does by default
  // From the loop, once for any number of signals of a kind since the last turn; not for a SIGINT by which code was
  // stopped.
  void (*on_signal)(int signal, void *user);
  void *user;
};

// The watchers it needs keep no loop running.
void interrupt_start(const struct interrupt_config *config);
// Who is asked to stop; NULL: nobody. It must be set to NULL before the state is destroyed.
void interrupt_set_target(struct lull *lull);
// Signals do again what they did before.
void interrupt_end(void);
// A signal that has come and that the loop has not seen yet; 0.
int interrupt_pending(void);
// Ends the process by the signal, as if it had never been caught.
void interrupt_die(int signal);

#endif
