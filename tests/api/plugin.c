// A plugin for tests: a right one, one of another version, one without its table.
#include "lull.h"

static enum lull_status get(struct lull_call *c) { return lull_return(c, lull_string_of(lull_of(c), "from a plugin")); }

static const struct lull_native natives[] = { { "get", get, 0, 0, 0, "get()", "Says where it is from." } };

static bool open_module(struct lull *lull, struct lull_module *m) { return lull_module_add(lull, m, natives, 1); }

#if defined(NO_TABLE)
LULL_API const int unrelated;
const int unrelated = sizeof open_module;
#elif defined(OTHER_ABI)
extern LULL_API const struct lull_plugin lull_plugin;
const struct lull_plugin lull_plugin = { LULL_ABI + 1, "http", open_module };
#else
LULL_PLUGIN("http", open_module);
#endif
