// A script: a whole text, run without a terminal to talk to. Read and parsed before anything runs; then the loop runs
// until nothing is left that could wake it.
#ifndef LULL_SCRIPT_H
#define LULL_SCRIPT_H

#include "base/alloc.h"
#include "term/capabilities.h"

struct script_config {
  struct alloc *alloc;
  const struct capabilities *capabilities;
  const char *name;  // what errors call the text
  const char *text;
  size_t len;
  bool prints_value;
  bool checks_only;
  bool is_colored;  // --color=always: reports in colour; else a script sends no escapes of ours
  size_t memory;    // bytes, 0: the default
  u64 steps;        // 0: no limit
  double seconds;   // 0: no limit
  unsigned denied;  // what the program may not do: sys_deny's
  const char *listen;  // sessions are let in by a socket there; NULL: none are
  int argc;
  char *const *argv;
};

// How the process is to end.
struct script_end {
  int status;
  int signal;  // 0, or the signal to die by, after everything has been cleaned up
};

struct script_end script_run(const struct script_config *config);

#endif
