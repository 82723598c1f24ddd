// The table of options, for options.c, which reads the command line, and completions.c.
#ifndef LULL_OPTIONS_TABLE_H
#define LULL_OPTIONS_TABLE_H

#include <stddef.h>

enum option_id {
  OPTION_EVAL,
  OPTION_PRINT,
  OPTION_INTERACTIVE,
  OPTION_QUIET,
  OPTION_NO_INIT,
  OPTION_CHECK,
  OPTION_COLOR,
  OPTION_LOG,
  OPTION_LISTEN,
  OPTION_ATTACH,
  OPTION_MEMORY,
  OPTION_STEPS,
  OPTION_TIME,
  OPTION_NO_FS,
  OPTION_NO_NET,
  OPTION_NO_RUN,
  OPTION_COMPLETIONS,
  OPTION_HELP,
  OPTION_VERSION,
};

struct option {
  enum option_id id;
  const char *letters;   // each works alone: -e and -c; "" for none
  const char *name;      // --name
  const char *argument;  // NULL: takes none
  const char *values;    // what the argument may be, for completions; NULL: anything
  const char *help;
};

extern const struct option options_table[];
extern const size_t options_count;

#endif
