// Shared libraries opened at run time: those that few programs need and that cost every start if linked.
#ifndef LULL_BASE_LIBRARY_H
#define LULL_BASE_LIBRARY_H

#include "base/types.h"

struct library_symbol {
  const char *name;
  size_t offset;  // of the pointer to the function in the table
};

// Opens the library ("libssl.so.3") and fills the table of function pointers. It stays open until the process ends.
// False: *why says what is missing, until the next call.
bool library_bind(const char *soname, const struct library_symbol *symbols, size_t count, void *table,
                  const char **why);

#endif
