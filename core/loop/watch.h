// What changes in directories, told by inotify.
//
// The watcher does not keep the loop alive. While it is stopped the system keeps what happens, up to a limit, beyond
// which it tells of an overflow.
#ifndef LULL_LOOP_WATCH_H
#define LULL_LOOP_WATCH_H

#include <ev.h>

#include "base/types.h"

enum watch_event {
  WATCH_MADE = 1,       // it came to be
  WATCH_CHANGED = 2,    // it was written to, its mode was set, or another file took its name
  WATCH_GONE = 4,       // it was removed, or has another name
  WATCH_DIRECTORY = 8,  // it is one
  WATCH_ENDED = 16,     // the directory watched itself is gone, and its number is never used again
  WATCH_LOST = 32,      // what happened is not known: there was too much
};

struct loop_watch {
  ev_io io;
  struct ev_loop *loop;
  int fd;
  // [number]: of the directory, -1 with WATCH_LOST; [name]: of the entry, NULL: the directory itself.
  void (*on_event)(struct loop_watch *w, int number, u32 events, const char *name);
  void (*on_drained)(struct loop_watch *w);  // all there is now has been told; may stop the watcher
  void (*on_failed)(struct loop_watch *w, int error);  // the system tells no more; stops the watcher
};

// Takes over nothing: [fd] is the owner's (sys_watch_open).
void loop_watch_init(struct loop_watch *w, struct ev_loop *loop, int fd);
void loop_watch_start(struct loop_watch *w);
void loop_watch_stop(struct loop_watch *w);
// Tells of what has happened by now; false: nothing. At most so much at once that it does not take long.
bool loop_watch_read(struct loop_watch *w);
static inline bool loop_watch_is_running(const struct loop_watch *w) { return ev_is_active(&w->io); }
// The number of a directory, the same if it is watched already; -1 with errno. To be called from any thread.
int loop_watch_add(int fd, const char *directory);
void loop_watch_remove(int fd, int number);

#endif
