#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_bind(const char *soname, const struct library_symbol *symbols, size_t count, void *table, const char **why)
{
  void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
  for (size_t i = 0; handle && i < count; i++) {
    void *symbol = dlsym(handle, symbols[i].name);
    memcpy((char *)table + symbols[i].offset, &symbol, sizeof symbol);
    if (!symbol) handle = NULL;
  }
  if (!handle) *why = dlerror();
  return handle != NULL;
}
