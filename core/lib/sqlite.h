// What the files of the module sqlite share: databases, the jobs on them, and what comes of queries.
#ifndef LULL_LIB_SQLITE_H
#define LULL_LIB_SQLITE_H

#include "base/vec.h"
#include "lib/job.h"
#include "lib/sqlite_api.h"

#define SQLITE_CACHED 32  // statements

struct statement {
  sqlite3_stmt *stmt;  // NULL: a free place
  struct buf sql;
  u64 used;
};

// Part of a query's life that outlives its job: a statement that is stepped in turns.
struct cursor {
  struct cursor *next;  // among those to be given back
  sqlite3_stmt *stmt;
  bool is_ended;
};

struct scope;

// What a thread uses of it, it uses within a job; the rest is the loop's.
struct database {
  struct resource resource;
  struct sqlite_api api;
  sqlite3 *handle;
  struct buf path;
  double timeout;  // seconds to wait for a lock; negative: for ever
  int flags;
  struct statement cache[SQLITE_CACHED];
  u64 uses;
  struct work *current;  // the job that runs
  bool is_closed;
  struct cursor *gone;   // the loop's: to be finalized when no job runs
  struct scope *scope;   // the loop's: the innermost transaction under way; NULL
};

// An argument of a query.
struct sqlite_value {
  u8 type;  // SQLITE_x
  i64 integer;
  double real;
  size_t at, len;       // text and blobs, in the job's values
  size_t name;          // of a named one, in the job's values, with its NUL
  bool is_named;
};

struct sqlite_cell {
  u8 type;
  i64 integer;
  double real;
  size_t at, len;  // in the job's result
};

struct sqlite_job {
  struct job job;
  struct buf sql, values;  // values: what the arguments hold
  VEC(struct sqlite_value) args;
  struct buf result;       // column names with their NULs, then what the cells hold
  VEC(size_t) columns;     // where their names begin
  VEC(struct sqlite_cell) cells;
  i64 changes, last_id;
  struct cursor *cursor;   // EACH: whose rows; not owned
  i64 rows_max;            // at most; 0: all
  struct buf message;      // of an error
  int code;                // of SQLite
  struct scope *scope;     // of the jobs of a transaction
  bool is_good;            // of its last: to be committed
};

static inline struct sqlite_job *sqlite_job(struct job *job) { return (struct sqlite_job *)(void *)job; }
static inline struct database *sqlite_database(struct job *job) { return (struct database *)(void *)job->resource; }

// sqlite_run.c, in threads.
void sqlite_open_run(struct job *job);
void sqlite_close_run(struct job *job);
void sqlite_query_run(struct job *job);   // rows of one statement
void sqlite_script_run(struct job *job);  // any number of statements: changes
void sqlite_each_run(struct job *job);    // some more rows of the cursor
// Runs one statement without arguments; false: failed.
bool sqlite_execute(struct job *job, const char *sql);
// Finalizes what the cache holds; in a thread, or when no job is left.
void sqlite_clear_cache(struct database *db);

// sqlite_rows.c, in the loop.
bool sqlite_finish_rows(struct job *job, Value *value);
bool sqlite_finish_row(struct job *job, Value *value);
bool sqlite_finish_changes(struct job *job, Value *value);
bool sqlite_finish_nil(struct job *job, Value *value);
// Row [i] as a map. UNSET: no memory.
Value sqlite_row(struct sqlite_job *j, u32 i);
Value sqlite_error(struct job *job);
bool sqlite_arg_query(struct call *c, u32 i, struct sqlite_job *j);  // sql and arguments; false: thrown

// sqlite.c
extern const struct native_class sqlite_database_class;
struct database *sqlite_self(struct call *c);
// A job on the database, in the lane of the running transaction where it is part of one. NULL: thrown.
struct sqlite_job *sqlite_job_new(struct call *c, const struct job_type *type, struct database *db);
// Finalizes the cursors nobody has any more; only while no job runs.
void sqlite_free_cursors(struct database *db);
// Where no native runs. NULL: no memory.
struct sqlite_job *sqlite_job_make(struct lull *vm, const struct job_type *type, struct database *db);
void sqlite_fini(struct job *job);

// sqlite_each.c: db.each
enum native_status sqlite_each(struct call *c);

// sqlite_transaction.c: db.transaction
enum native_status sqlite_transaction(struct call *c);
// The lane of what the running fiber does.
struct work_lane *sqlite_lane(struct lull *vm, struct database *db);

#define SQLITE_TYPE(label, function, finisher, effect) \
  { .name = label, \
    .size = sizeof(struct sqlite_job), \
    .is_effect = effect, \
    .is_slow = true, \
    .run = function, \
    .finish = finisher, \
    .error = sqlite_error, \
    .fini = sqlite_fini }

#endif
