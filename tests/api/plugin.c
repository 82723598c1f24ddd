// A plugin for tests: a right one, one of another version, one without its table.
#include "lull.h"

static enum lull_status get(struct lull_call *c) { return lull_return(c, lull_string_of(lull_of(c), "from a plugin")); }

static const struct lull_native natives[] = { { "get", get, 0, 0, 0, "get()", "Says where it is from." } };

static bool open_module(struct lull *lull, struct lull_module *m) { return lull_module_add(lull, m, natives, 1); }

#if defined(NO_TABLE)
extern LULL_API bool (*const unrelated)(struct lull *, struct lull_module *);
bool (*const unrelated)(struct lull *, struct lull_module *) = open_module;
#elif defined(OTHER_ABI)
extern LULL_API const struct lull_plugin lull_plugin;
const struct lull_plugin lull_plugin = { LULL_ABI + 1, "http", open_module };
#else
LULL_PLUGIN("http", open_module);
#endif
