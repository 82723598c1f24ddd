// From the tree of a valid source to a proto to run.
#ifndef LULL_SYNTAX_COMPILE_H
#define LULL_SYNTAX_COMPILE_H

#include "syntax/chunk.h"
#include "syntax/diagnostic.h"
#include "value/module.h"

enum compile_mode {
  COMPILE_FILE,    // names at its top level may be registers unless functions use them; a second declaration is an
                   // error; unknown names are errors
  COMPILE_MODULE,  // an imported file: all its top-level names are module cells
  COMPILE_CELL,    // an input of a session: as module, names may be declared again, names used only inside functions
                   // may be declared later
};

struct compile_options {
  enum compile_mode mode;
  bool wants_value;  // the proto returns the value of the last expression statement, else nil
};

// The proto takes no arguments. NULL with diagnostics added where the program is wrong (or too large). Warnings are
// diagnostics too. No collection may run meanwhile. [names]: the table of interned names. [protos]: head of the
// state's list, extended.
struct proto *compile(struct heap *heap, struct intern *names, struct proto **protos, struct module *module,
                      struct source *source, struct compile_options options, struct diagnostics *diagnostics);

#endif
