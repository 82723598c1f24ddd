#include "lib/sqlite_api.h"

#include <dlfcn.h>
#include <string.h>

bool sqlite_api_load(struct sqlite_api *api, const char **why)
{
  static const char *const names[] = {
#define X(name) "sqlite3_" #name,
    SQLITE_FUNCTIONS(X)
#undef X
  };
  // Once loaded it stays: a second dlopen costs next to nothing.
  void *object = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  for (size_t i = 0; object && i < COUNT_OF(names); i++) {
    void *function = dlsym(object, names[i]);
    if (!function) {
      *why = dlerror();
      dlclose(object);
      return false;
    }
    memcpy((char *)api + i * sizeof function, &function, sizeof function);
  }
  if (object) dlclose(object);
  else *why = dlerror();
  return object != NULL;
}
