// lull --attach: the terminal of a session that runs inside another program. It only carries: keys, sizes and signals
// there, what is to be seen back; and puts the terminal back as it was, however it ends.
#ifndef LULL_ATTACH_CLIENT_H
#define LULL_ATTACH_CLIENT_H

#include "base/alloc.h"
#include "term/capabilities.h"

struct client_config {
  struct alloc *alloc;
  const struct capabilities *capabilities;
  const char *path;  // of the socket
  bool is_quiet;
};

// How the process is to end.
struct client_end {
  int status;  // of the session; of the program, where that has ended; 1 where the connection was lost
  int signal;  // 0, or the signal to die by
};

struct client_end client_run(const struct client_config *config);

#endif
