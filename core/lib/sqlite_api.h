// The library SQLite, loaded when the first database is opened: a program that opens none does not pay for it.
#ifndef LULL_LIB_SQLITE_API_H
#define LULL_LIB_SQLITE_API_H

#include <sqlite3.h>

#include "base/types.h"

#define SQLITE_FUNCTIONS(X) \
  X(open_v2) X(close_v2) X(errmsg) X(errstr) X(extended_errcode) X(prepare_v3) X(step) X(reset) X(finalize) \
  X(clear_bindings) X(bind_null) X(bind_int64) X(bind_double) X(bind_text64) X(bind_blob64) X(bind_parameter_count) \
  X(bind_parameter_name) X(column_count) X(column_name) X(column_type) X(column_int64) X(column_double) \
  X(column_blob) X(column_text) X(column_bytes) X(total_changes) X(last_insert_rowid) X(progress_handler) \
  X(busy_handler) X(get_autocommit)

struct sqlite_api {
#define X(name) __typeof__(sqlite3_##name) *name;
  SQLITE_FUNCTIONS(X)
#undef X
};

// False: it could not be loaded; *why says so, until the next call.
bool sqlite_api_load(struct sqlite_api *api, const char **why);

#endif
