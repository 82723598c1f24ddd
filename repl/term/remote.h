// A terminal that is elsewhere, at the other end of a connection: what the editor and the session ask of those who own
// the connection. Nothing here waits, and no call comes back into the session.
#ifndef LULL_TERM_REMOTE_H
#define LULL_TERM_REMOTE_H

#include <sys/types.h>

#include "base/types.h"

struct remote {
  int fd;          // tells, watched or polled for writing, when `write` may take more
  int cols, rows;  // of the terminal, kept as they are by the owner
  // Bytes for the terminal, as write(2) to a non-blocking descriptor takes them.
  ssize_t (*write)(void *user, const char *bytes, size_t len);
  // The terminal is wanted by others: by those around the program at its end who stops like any program at Ctrl-Z
  // (command NULL), or by a shell command. editor_resume when it is back.
  void (*lend)(void *user, const char *command);
  void *user;
};

#endif
