#include "lib/sqlite_api.h"

#include "base/library.h"

bool sqlite_api_load(struct sqlite_api *api, const char **why)
{
  static const struct library_symbol symbols[] = {
#define X(name) { "sqlite3_" #name, offsetof(struct sqlite_api, name) },
    SQLITE_FUNCTIONS(X)
#undef X
  };
  return library_bind("libsqlite3.so.0", symbols, COUNT_OF(symbols), api, why);
}
