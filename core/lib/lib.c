#include "lib/lib.h"

#include "lib/plugin.h"
#include "lib/process.h"

static const struct {
  const char *name;
  bool (*open)(struct lull *vm, struct module *m);
} modules[] = {
  { "base64", lib_open_base64 },
  { "csv", lib_open_csv },
  { "fs", lib_open_fs },
  { "hash", lib_open_hash },
  { "hex", lib_open_hex },
  { "json", lib_open_json },
  { "math", lib_open_math },
  { "os", lib_open_os },
  { "path", lib_open_path },
  { "net", lib_open_net },
  { "random", lib_open_random },
  { "regex", lib_open_regex },
#ifdef LULL_SQLITE
  { "sqlite", lib_open_sqlite },
#endif
  { "time", lib_open_time },
};

// Modules in shared objects of their own, for what they stand on is large.
static const char *const plugins[] = { "http" };

bool lib_open(struct lull *vm)
{
  vm->import_plugin = plugin_import;
  for (size_t i = 0; i < COUNT_OF(modules); i++) {
    if (!vm_define_lazy_module(vm, modules[i].name, modules[i].open)) return false;
  }
  for (size_t i = 0; i < COUNT_OF(plugins); i++) {
    if (!vm_define_lazy_module(vm, plugins[i], plugin_open)) return false;
  }
  return lib_open_regex_strings(vm) && process_open(vm);
}
