// What the three standard streams can show, decided once at the start from the environment and isatty, each stream
// on its own.
//
// Order of the colour decision: --color, NO_COLOR, FORCE_COLOR / CLICOLOR_FORCE, CLICOLOR=0, TERM unset or dumb,
// isatty of that stream.
#ifndef LULL_TERM_CAPABILITIES_H
#define LULL_TERM_CAPABILITIES_H

#include "base/types.h"

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

enum color_depth { COLORS_NONE, COLORS_16, COLORS_256, COLORS_TRUE };

struct stream_capabilities {
  bool is_terminal;
  enum color_depth colors;  // COLORS_NONE: not a single escape for style
};

struct capabilities {
  struct stream_capabilities stream[3];  // by descriptor: standard input, output, error
  bool is_dumb;                          // TERM is unset, empty or dumb: the terminal knows no escapes
  bool can_edit;                         // input and output are terminals that are not dumb
  bool reflows;                          // a narrower terminal wraps the rows that are on it
};

// Reads an environment variable; NULL where it is unset.
typedef const char *(*capabilities_getenv_fn)(const char *name, void *user);

// From this process: its environment and descriptors 0-2.
void capabilities_read(struct capabilities *c, enum color_choice choice);
// The decision alone, for any environment.
void capabilities_decide(struct capabilities *c, enum color_choice choice, const bool is_terminal[3],
                         capabilities_getenv_fn get, void *user);

#endif
