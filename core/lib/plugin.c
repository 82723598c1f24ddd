#include "lib/plugin.h"

#include "base/sys.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

// Where plugins lie, seen from the folder of the program or of the library.
static const struct {
  bool of_library;
  const char *folder;
} places[] = {
  { false, "/plugins" },
  { false, "/" LULL_PLUGIN_WAY },  // from bin to lib, as it was built
  { true, "/lull" },
  { true, "/../plugins" },
};

struct search {
  struct lull *vm;
  const char *name;  // of the module
  struct buf tried;  // the folders, for the message
};

// Loads FOLDER/NAME.so, if there is such a file. NULL: there is not, or an error was thrown.
static const struct lull_plugin *load(struct search *s, const char *folder, size_t len)
{
  struct lull *vm = s->vm;
  char path[PATH_MAX];
  if (len == 0 || snprintf(path, sizeof path, "%.*s/%s.so", (int)len, folder, s->name) >= (int)sizeof path) return NULL;
  buf_printf(&s->tried, "%s%.*s", s->tried.len ? ", " : "", (int)len, folder);
  if (access(path, F_OK) != 0) return NULL;
  // What it does cannot be seen from here.
  if (sys_is_denied(SYS_FILES | SYS_NET | SYS_RUN)) {
    throw_error(vm, vm->errors.io, "module %s: plugins are not loaded where files, network or processes are denied",
                s->name);
    return NULL;
  }
  // It stays for good: libraries leave threads and exit handlers behind.
  void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!object) {
    throw_error(vm, vm->errors.io, "module %s: its plugin cannot be loaded: %s", s->name, dlerror());
    return NULL;
  }
  const struct lull_plugin *plugin = dlsym(object, "lull_plugin");
  dlclose(object);
  if (plugin && plugin->abi == LULL_ABI) return plugin;
  if (!plugin) throw_error(vm, vm->errors.io, "module %s: %s is no plugin of lull", s->name, path);
  else
    throw_error(vm, vm->errors.io, "module %s: %s is for another version of lull (interface %u, this one has %u)",
                s->name, path, plugin->abi, LULL_ABI);
  return NULL;
}

static const struct lull_plugin *load_from_list(struct search *s, const char *folders)
{
  while (folders && *folders) {
    size_t len = strcspn(folders, ":");
    const struct lull_plugin *plugin = load(s, folders, len);
    if (plugin || !is_unset(s->vm->thrown)) return plugin;
    folders += len + (folders[len] == ':');
  }
  return NULL;
}

// The file that holds this code: the program, or liblull.so in somebody else's.
static bool find_own_file(Dl_info *library)
{
  Dl_info program;
  return dladdr((void *)(uintptr_t)getauxval(AT_PHDR), &program) && dladdr(&places, library) &&
         library->dli_fbase != program.dli_fbase;
}

// In the folders beside it, so that a build folder works, and an installation that was moved as a whole.
static const struct lull_plugin *load_beside(struct search *s)
{
  Dl_info library;
  bool is_library = find_own_file(&library);
  char own[PATH_MAX], folder[2 * PATH_MAX];
  if (!realpath(is_library ? library.dli_fname : "/proc/self/exe", own)) return NULL;
  *strrchr(own, '/') = '\0';
  // Plugins ask for lull.h and libev by name; a host that opened the library itself may have kept them from others.
  void *self = is_library ? dlopen(library.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL) : NULL;
  if (self) dlclose(self);
  for (size_t i = 0; i < COUNT_OF(places); i++) {
    if (places[i].of_library != is_library) continue;
    int len = snprintf(folder, sizeof folder, "%s%s", own, places[i].folder);
    const struct lull_plugin *plugin = load(s, folder, (size_t)len);
    if (plugin || !is_unset(s->vm->thrown)) return plugin;
  }
  return NULL;
}

static const struct lull_plugin *find(struct search *s)
{
  const struct lull_plugin *plugin = load_from_list(s, secure_getenv("LULL_PLUGINS"));
  if (!plugin && is_unset(s->vm->thrown)) plugin = load_beside(s);
  if (!plugin && is_unset(s->vm->thrown)) plugin = load(s, LULL_PLUGIN_DIR, strlen(LULL_PLUGIN_DIR));
  return plugin;
}

static bool open(struct lull *vm, struct module *m, bool is_certain)
{
  struct search s = { .vm = vm, .name = string_cstr(&vm->heap, m->name) };
  buf_init(&s.tried, &vm->alloc);
  const struct lull_plugin *plugin = find(&s);
  if (!plugin && is_certain && is_unset(vm->thrown)) {
    throw_error(vm, vm->errors.io, "module %s: its plugin %s.so is not installed (looked in %s)", s.name, s.name,
                buf_text(&s.tried));
  }
  buf_fini(&s.tried);
  return plugin && plugin->open(vm, (struct lull_module *)(void *)m);
}

bool plugin_open(struct lull *vm, struct module *m) { return open(vm, m, true); }

bool plugin_import(struct lull *vm, struct module *m) { return open(vm, m, false); }
