// The command line. One table makes the parser, --help, the options of the man page and the completions of the shells.
#ifndef LULL_OPTIONS_H
#define LULL_OPTIONS_H

#include "base/buf.h"
#include "term/capabilities.h"

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_COMPLETIONS };

struct options {
  enum options_action action;
  struct buf code;  // the texts of all -e, joined by newlines
  bool has_code;
  bool prints_value;    // -p
  bool is_interactive;  // -i
  bool is_quiet;        // -q
  bool skips_init;      // -I
  bool checks_only;     // --check
  const char *log;      // of a session; NULL: none
  const char *listen;   // the socket a script lets sessions in by; NULL: none
  const char *attach;   // the socket of the program to attach to; NULL: none
  enum color_choice color;
  size_t memory;      // bytes; 0: the default
  u64 steps;          // 0: no limit
  double seconds;     // 0: no limit
  unsigned denied;    // sys_deny's
  const char *shell;  // of --completions
  const char *file;   // NULL: none; "-": standard input
  int argc;           // what belongs to the program, untouched
  char *const *argv;  // borrowed
};

void options_init(struct options *o, struct alloc *alloc);
void options_fini(struct options *o);
// Reads the command line; argv[0] is skipped. False where it is wrong: [message] then says why, in one line or two.
bool options_parse(struct options *o, int argc, char *const argv[], struct buf *message);

// The text of --help.
void options_help(struct buf *out);
// The list of options in mdoc, as it stands in man/lull.1.
void options_man(struct buf *out);
// A completion script for "bash", "zsh" or "fish"; false for any other shell.
bool options_completions(const char *shell, struct buf *out);

#endif
