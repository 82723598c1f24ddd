// A session: a person at a terminal, typing inputs that run on the loop while the prompt stays usable.
#ifndef LULL_SESSION_SESSION_H
#define LULL_SESSION_SESSION_H

#include "base/alloc.h"

struct capabilities;

struct session_config {
  struct alloc *alloc;
  const struct capabilities *capabilities;
  bool is_quiet;         // no greeting
  bool skips_init;       // no init.lull
  const char *log;       // a file that gets what is shown; NULL: none
  size_t memory;         // bytes for programs, 0: the default
  unsigned denied;       // what programs may not do: sys_deny's
  const char *first;     // a text to run before the first prompt; NULL: none
  size_t first_len;
  const char *first_name;  // what errors call it
  int argc;
  char *const *argv;
};

struct session_end {
  int status;
  int signal;  // 0, or the signal to die by
};

// Runs until the user leaves.
struct session_end session_run(const struct session_config *config);

#endif
