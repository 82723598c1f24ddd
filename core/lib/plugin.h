// Modules in shared objects: found, checked and opened at their first use.
#ifndef LULL_LIB_PLUGIN_H
#define LULL_LIB_PLUGIN_H

#include "vm/state.h"

// Loads the plugin named as the module and lets it define its names. False: an error was thrown that says what was
// looked for where and what was wrong with it, or there is no memory.
bool plugin_open(struct lull *vm, struct module *m);
// The same for a name that need not be one of a plugin: false, and nothing thrown, where it is not.
bool plugin_import(struct lull *vm, struct module *m);

#endif
