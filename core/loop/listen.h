// Listening: accepts connections and hands them on. Where descriptors or memory run out it waits a moment instead of
// spinning, and goes on by itself.
#ifndef LULL_LOOP_LISTEN_H
#define LULL_LOOP_LISTEN_H

#include <ev.h>
#include <sys/types.h>

#include "loop/address.h"
#include "loop/timer.h"

struct loop_listener {
  struct ev_loop *loop;
  int fd;                  // -1: closed
  struct address address;  // with the port it got
  u32 options;             // of the connections
  bool is_troubled;        // the last accept failed for want of something
  ev_io readable;
  struct loop_timer pause;
  dev_t device;  // of the socket in the file system, so that only it is removed
  ino_t inode;
  // A connection, now the callback's, and who it is.
  void (*accepted)(struct loop_listener *l, int fd, const struct address *peer);
  // Accepting has begun to fail with this errno, and is tried again by itself.
  void (*troubled)(struct loop_listener *l, int error);
};

// Listens at [address]; [mode]: of a socket in the file system, 0 for what the umask leaves. False with errno set.
bool loop_listener_open(struct loop_listener *l, struct ev_loop *loop, const struct address *address, u32 options,
                        int backlog, mode_t mode);
void loop_listener_close(struct loop_listener *l);  // once more does nothing

#endif
