// Modules: names at the top level of a file (or of the session), each in a cell whose address code holds.
#ifndef LULL_VALUE_MODULE_H
#define LULL_VALUE_MODULE_H

#include "value/function.h"
#include "value/table.h"

// Flags of a module cell's header: not to be assigned; a copy of another module's name, which the compiler reads there;
// a copy of a built-in name for functions of a session, which will mean the session's own name once there is one.
enum { NAME_CONST = 1, NAME_IMPORTED = 2, NAME_BORROWED = 4 };

struct lull;

struct module {
  struct object object;
  struct string *name;    // "main", or the path it was imported by
  struct string *path;    // of an imported file: its canonical path; else NULL
  struct table names;     // name -> cell
  struct module *outer;   // where names not found here are looked for: the built-in ones; NULL there
  struct object *loaded;  // while a file is imported: the deferred that settles when it is (vm/modules.c); then NULL
  struct module *importer;  // the module whose import began it
  struct object *call;  // what calling the module calls; a class: the type it is named after. NULL: it is not callable
  bool (*open)(struct lull *vm, struct module *m);  // defines its names at first use; NULL: done (vm_open_module)
};

void module_register(struct heap *heap);
struct module *module_new(struct heap *heap, struct string *name, struct module *outer);
struct cell *module_find(const struct module *m, const struct string *name);  // own names only; NULL
struct cell *module_cell(struct heap *heap, struct module *m,
                         struct string *name);  // made (UNSET) where there is none; NULL: no memory
struct string *module_name_of(const struct module *m, const struct cell *cell);  // NULL where the cell is none of its
bool module_define(struct heap *heap, struct module *m, struct string *name, Value v);

#endif
