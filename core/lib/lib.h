// The library: modules that are simply there as names. Each is a file NAME.c, or a few NAME_*.c, with tables of natives at
// their foot, a line in lib.c, prose with an example of each native in man/lib/NAME.mdoc, and tests in tests/lib/NAME.
#ifndef LULL_LIB_LIB_H
#define LULL_LIB_LIB_H

#include "vm/state.h"

bool lib_open(struct lull *vm);  // declares all of them; each is opened when the first of its names is wanted

// Each defines the names of its module. False: no memory.
bool lib_open_base64(struct lull *vm, struct module *m);
bool lib_open_csv(struct lull *vm, struct module *m);
bool lib_open_fs(struct lull *vm, struct module *m);
bool lib_open_hash(struct lull *vm, struct module *m);
bool lib_open_hex(struct lull *vm, struct module *m);
bool lib_open_json(struct lull *vm, struct module *m);
bool lib_open_math(struct lull *vm, struct module *m);
bool lib_open_os(struct lull *vm, struct module *m);
bool lib_open_path(struct lull *vm, struct module *m);
bool lib_open_net(struct lull *vm, struct module *m);
bool lib_open_random(struct lull *vm, struct module *m);
bool lib_open_regex(struct lull *vm, struct module *m);
bool lib_open_time(struct lull *vm, struct module *m);
bool lib_open_regex_strings(struct lull *vm);  // methods of strings
bool lib_open_sqlite(struct lull *vm, struct module *m);  // where LULL_SQLITE is defined

#endif
