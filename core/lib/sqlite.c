// sqlite: databases.
#include "lib/sqlite.h"

#include <errno.h>
#include <string.h>

#include "base/sys.h"
#include "lib/lib.h"

struct database_box {
  struct box box;
  struct database *db;
};

// Databases

void sqlite_free_cursors(struct database *db)
{
  for (struct cursor *cursor = db->gone, *next; cursor; cursor = next) {
    next = cursor->next;
    db->api.finalize(cursor->stmt);
    mem_free(&db->resource.vm->alloc, cursor, sizeof *cursor);
  }
  db->gone = NULL;
}

static void destroy_database(struct resource *r)
{
  struct database *db = (struct database *)(void *)r;
  sqlite_free_cursors(db);
  sqlite_clear_cache(db);
  if (db->handle) db->api.close_v2(db->handle);
  buf_fini(&db->path);
  resource_free(r, sizeof *db);
}

static void finish_box(struct heap *heap, struct object *o)
{
  struct database *db = ((struct database_box *)(void *)o)->db;
  (void)heap;
  if (db) resource_release(&db->resource);
}

static void print_box(struct heap *heap, struct object *o, struct buf *out)
{
  const struct database *db = ((struct database_box *)(void *)o)->db;
  (void)heap;
  buf_puts(out, "<database ");
  if (db) buf_append_text(out, buf_text(&db->path), db->path.len);
  buf_putc(out, '>');
}

struct database *sqlite_self(struct call *c) { return ((struct database_box *)(void *)as_object(c->args[0]))->db; }

// Jobs

static void init_job(struct sqlite_job *j, struct database *db)
{
  struct buf *bufs[] = { &j->sql, &j->values, &j->result, &j->message };
  for (size_t i = 0; i < COUNT_OF(bufs); i++) buf_init(bufs[i], &j->job.alloc);
  job_use(&j->job, &db->resource);
}

struct sqlite_job *sqlite_job_new(struct call *c, const struct job_type *type, struct database *db)
{
  struct sqlite_job *j = sqlite_job_make(c->vm, type, db);
  if (!j) throw_memory(c->vm);
  else j->job.work.lane = sqlite_lane(c->vm, db);
  return j;
}

struct sqlite_job *sqlite_job_make(struct lull *vm, const struct job_type *type, struct database *db)
{
  struct sqlite_job *j = job_make(vm, type);
  if (j) init_job(j, db);
  return j;
}

void sqlite_fini(struct job *job)
{
  struct sqlite_job *j = sqlite_job(job);
  struct database *db = sqlite_database(job);
  if (db->current == &job->work) db->current = NULL;
  if (db->resource.jobs == 1) sqlite_free_cursors(db);
  buf_fini(&j->sql);
  buf_fini(&j->values);
  buf_fini(&j->result);
  buf_fini(&j->message);
  vec_free(&job->alloc, &j->args);
  vec_free(&job->alloc, &j->columns);
  vec_free(&job->alloc, &j->cells);
}

static enum native_status query(struct call *c, const struct job_type *type, i64 rows_max)
{
  struct sqlite_job *j = sqlite_job_new(c, type, sqlite_self(c));
  if (!j) return NATIVE_THROW;
  j->rows_max = rows_max;
  if (sqlite_arg_query(c, 1, j)) return job_return(c, &j->job, c->args[0]);
  job_discard(&j->job);
  return NATIVE_THROW;
}

static enum native_status db_all(struct call *c)
{
  static const struct job_type type = SQLITE_TYPE("db.all", sqlite_query_run, sqlite_finish_rows, false);
  return query(c, &type, 0);
}

static enum native_status db_one(struct call *c)
{
  static const struct job_type type = SQLITE_TYPE("db.one", sqlite_query_run, sqlite_finish_row, false);
  return query(c, &type, 1);
}

static enum native_status db_run(struct call *c)
{
  static const struct job_type type = SQLITE_TYPE("db.run", sqlite_script_run, sqlite_finish_changes, true);
  return query(c, &type, 0);
}

static enum native_status db_close(struct call *c)
{
  static const struct job_type type = SQLITE_TYPE("db.close", sqlite_close_run, sqlite_finish_nil, true);
  struct sqlite_job *j = sqlite_job_new(c, &type, sqlite_self(c));
  return j ? job_return(c, &j->job, c->args[0]) : NATIVE_THROW;
}

static const struct native methods[] = {
  { "all", db_all, 1, NATIVE_REST, 0, "all(sql, ...values)",
    "A deferred of the rows of a query: a list of maps, which a session shows as a table.\n"
    "The values stand for the ? in their order; a map alone for :name. NULL is nil, an INTEGER an int, a BLOB bytes; a column "
    "whose name came before is called name_2. Fails with an IOError whose .code is SQLite's, \"SQLITE_CONSTRAINT\" say.\n"
    "    await db.all(\"select * from people where age > ?\", 40)" },
  { "one", db_one, 1, NATIVE_REST, 0, "one(sql, ...values)",
    "A deferred of the first row as a map, of nil where there is none.\n"
    "    (await db.one(\"select count(*) as n from people\")).n" },
  { "run", db_run, 1, NATIVE_REST, 0, "run(sql, ...values)",
    "A deferred that resolves once it is done, to a map of changes (rows) and last_id (of the last row inserted).\n"
    "Without values it may be several statements.\n"
    "    await db.run(\"insert into people values (?, ?)\", \"Mia\", 42)" },
  { "each", sqlite_each, 1, NATIVE_REST, 0, "each(sql, ...values)",
    "The rows of a query one after the other, to loop over, however many there are.\n"
    "    for row in db.each(\"select * from log\") { print(row.text) }" },
  { "transaction", sqlite_transaction, 1, 1, 0, "transaction(f)",
    "A deferred of what [f] gives, which takes no arguments, once all it did is committed; where it fails none of it was done.\n"
    "What other tasks ask of the database meanwhile waits until it is over, also tasks that f spawns. Within another "
    "transaction only what f did is undone.\n"
    "    await db.transaction(() => db.run(\"delete from log\"))" },
  { "close", db_close, 0, 0, 0, "close()", "A deferred that resolves once the database is closed, after what is still to be done." },
};

const struct native_class sqlite_database_class = {
  .name = "database",
  .doc = "A database of SQLite (sqlite.open). Its calls are done in their order, in a thread.",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .size = sizeof(struct database_box),
  .finish = finish_box,
  .print = print_box,
};

// open

static bool finish_open(struct job *job, Value *value)
{
  struct database_box *o = box_new(job->vm, &sqlite_database_class);
  if (o) {
    o->db = sqlite_database(job);
    job->resource->refs++;
  }
  return job_object(job, value, o);
}

static bool is_true(struct call *c, u32 i, bool otherwise) { return arg_given(c, i) ? !is_falsy(c->args[i]) : otherwise; }

static struct database *database_new(struct call *c)
{
  struct string *path;
  const char *why = "";
  double timeout = -1;
  if (!arg_string(c, 0, &path)) return NULL;
  if (arg_given(c, 3) && !is_nil(c->args[3]) && !arg_seconds(c, 3, &timeout)) return NULL;
  if (sys_is_denied(SYS_FILES)) {
    // In memory too: a query may attach files.
    throw_errno(c, errno, "sqlite.open");
    return NULL;
  }
  struct database *db = resource_new(c, sizeof *db, destroy_database);
  if (!db) return NULL;
  buf_init(&db->path, &db->resource.alloc);
  for (u32 i = 0; i < SQLITE_CACHED; i++) buf_init(&db->cache[i].sql, &db->resource.alloc);
  db->timeout = timeout;
  db->flags = is_true(c, 1, false) ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (is_true(c, 2, true) && db->flags == SQLITE_OPEN_READWRITE) db->flags |= SQLITE_OPEN_CREATE;
  string_write(path, &db->path);
  bool ok = !db->path.failed && sqlite_api_load(&db->api, &why);
  if (ok && !memchr(buf_text(&db->path), 0, db->path.len)) return db;
  if (db->path.failed) throw_memory(c->vm);
  else if (ok) throw_error(c->vm, c->vm->errors.value, "open: a path holds no NUL");
  else throw_error(c->vm, c->vm->errors.unsupported, "open: SQLite (libsqlite3.so.0) is not installed: %s", why);
  resource_release(&db->resource);
  return NULL;
}

static enum native_status sqlite_open(struct call *c)
{
  static const struct job_type type = SQLITE_TYPE("sqlite.open", sqlite_open_run, finish_open, true);
  struct database *db = database_new(c);
  if (!db) return NATIVE_THROW;
  struct sqlite_job *j = sqlite_job_new(c, &type, db);
  resource_release(&db->resource);
  return j ? job_return(c, &j->job, c->args[0]) : NATIVE_THROW;
}

static const struct native natives[] = {
  { "open", sqlite_open, 1, 4, 0, "open(path, read_only = false, create = true, timeout = nil)",
    "A deferred of a database of SQLite: a file, made where there is none, or \":memory:\".\n"
    "[create] false: the file must exist. [timeout]: how long a call waits for what another process has locked; nil for as long "
    "as it takes.\n"
    "    let db = await sqlite.open(\"notes.db\")" },
};

bool lib_open_sqlite(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
