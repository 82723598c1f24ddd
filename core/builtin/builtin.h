// The built-in functions and the methods of the built-in types. Each file opens its part: a table of natives at
// its foot.
#ifndef LULL_BUILTIN_BUILTIN_H
#define LULL_BUILTIN_BUILTIN_H

#include "vm/state.h"

bool builtin_open(struct lull *vm);  // all of them; false without memory

// Parts, in builtin_open's order.
bool builtin_open_types(struct lull *vm);     // int, float, string ...: constructors and conversions
bool builtin_open_string(struct lull *vm);     // opens the searching part too
bool builtin_open_string_search(struct lull *vm);
bool builtin_open_bytes(struct lull *vm);
bool builtin_open_number(struct lull *vm);
bool builtin_open_list(struct lull *vm);
bool builtin_open_map(struct lull *vm);       // and set
bool builtin_open_set(struct lull *vm);
bool builtin_open_range(struct lull *vm);
bool builtin_open_global(struct lull *vm);    // print, len, display, assert, exit ...
bool builtin_open_task(struct lull *vm);      // sleep, after, every, spawn's task methods, deferred, all, race, settle
bool builtin_open_channel(struct lull *vm);
bool builtin_open_chart(struct lull *vm);      // spark, plot, hist
bool builtin_open_display(struct lull *vm);
bool builtin_open_progress(struct lull *vm);
bool builtin_open_help(struct lull *vm);
bool builtin_open_input(struct lull *vm);

#endif
