// Child processes on the host's libev loop.
//
// Each child leads a process group of its own, so that what it starts ends with it; it has the descriptors 0 to 2 and
// no others, no blocked signals and the default dispositions. No child is left behind as a zombie, and none outlives
// the struct loop_children it belongs to. Watchers keep no loop running, but for a child that has been told to end:
// the loop stays until it is gone.
#ifndef LULL_LOOP_CHILD_H
#define LULL_LOOP_CHILD_H

#include <ev.h>
#include <sys/types.h>

#include "base/alloc.h"

#define CHILD_GRACE 2.0  // seconds between TERM and KILL

// What is to be run; all of it is borrowed for the call.
struct child_spec {
  const char *path;  // of the file
  char *const *argv, *const *envp;
  const char *cwd;       // NULL: ours
  int fds[3];            // what it gets as 0, 1 and 2; -1: /dev/null
  const char *terminal;  // of a pseudo-terminal: what it gets as 0, 1 and 2, and as its controlling terminal; NULL
};

struct loop_children {
  struct ev_loop *loop;
  struct alloc *alloc;
  struct loop_child *first;
};

struct loop_child {
  struct loop_children *all;
  struct loop_child *next, *prev;
  pid_t pid;
  int status;       // as waitpid gives it, once it has ended; -1: somebody else in this process has taken it
  bool has_ended;   // the child itself; others of its group may live on
  bool is_stopped;  // by a signal, until it is continued
  bool is_ending;   // was told to
  int poll_fd;      // on other loops than the default one: a pidfd, or -1 where there are none
  ev_child reaper;  // on the default loop
  ev_io ended;
  ev_timer timer;   // polls where there are no pidfds
  ev_timer grace;   // runs from TERM until the group is gone or gets its KILL; holds the loop
  double deadline;  // of the grace
  void (*on_ended)(struct loop_child *child);  // NULL: the owner is gone, and it goes by itself
  void *owner;
};

void loop_children_init(struct loop_children *all, struct ev_loop *loop, struct alloc *alloc);
// Ends all children, at most a fraction of a second later, and waits for them.
void loop_children_fini(struct loop_children *all);

// Starts a child. NULL with errno set: it could not be started, in the child as well (ENOENT of the program ...).
struct loop_child *loop_child_start(struct loop_children *all, const struct child_spec *spec) MUST_USE;
// The owner needs it no more: it goes once the child has ended.
void loop_child_release(struct loop_child *child);
// Sends a signal to the whole group. False with errno set where nobody is left.
bool loop_child_kill(struct loop_child *child, int signal);
// TERM to the group now, KILL to what is left of it after CHILD_GRACE. Once more: KILL at once.
void loop_child_end(struct loop_child *child);

#endif
