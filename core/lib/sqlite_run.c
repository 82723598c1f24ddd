// sqlite: what threads do.
#include <errno.h>
#include <string.h>
#include <time.h>

#include "lib/sqlite.h"

#define PROGRESS_STEPS 2000  // instructions of SQLite between two looks at whether the job is still wanted

static void fail(struct job *job, int code, const char *text)
{
  struct sqlite_job *j = sqlite_job(job);
  job_fail(job, code == SQLITE_NOMEM ? ENOMEM : EIO);
  j->code = code;
  buf_clear(&j->message);
  buf_puts(&j->message, text);
}

static void fail_as_said(struct job *job)
{
  struct database *db = sqlite_database(job);
  fail(job, db->api.extended_errcode(db->handle), db->api.errmsg(db->handle));
}

// The handlers see the job that runs.

static int on_progress(void *user)
{
  struct database *db = user;
  return db->current && work_is_dropped(db->current);
}

static int on_busy(void *user, int times)
{
  struct database *db = user;
  double waited = times * 0.005;
  if ((db->timeout >= 0 && waited >= db->timeout) || on_progress(db)) return 0;
  nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
  return 1;
}

static bool begin(struct job *job)
{
  struct database *db = sqlite_database(job);
  db->current = &job->work;
  if (!db->is_closed) return true;
  fail(job, SQLITE_MISUSE, "the database is closed");
  return false;
}

void sqlite_open_run(struct job *job)
{
  struct database *db = sqlite_database(job);
  db->current = &job->work;
  int code = db->api.open_v2(buf_text(&db->path), &db->handle, db->flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (code != SQLITE_OK) {
    fail(job, code, db->handle ? db->api.errmsg(db->handle) : db->api.errstr(code));
    return;
  }
  db->api.progress_handler(db->handle, PROGRESS_STEPS, on_progress, db);
  db->api.busy_handler(db->handle, on_busy, db);
  // What is no database is found out now, not at the first query.
  sqlite_execute(job, "select 1 from sqlite_schema limit 1");
}

void sqlite_clear_cache(struct database *db)
{
  for (u32 i = 0; i < SQLITE_CACHED; i++) {
    if (db->cache[i].stmt) db->api.finalize(db->cache[i].stmt);
    db->cache[i].stmt = NULL;
    buf_fini(&db->cache[i].sql);
  }
}

void sqlite_close_run(struct job *job)
{
  struct database *db = sqlite_database(job);
  if (db->is_closed) return;
  db->is_closed = true;
  sqlite_clear_cache(db);
  db->api.close_v2(db->handle);
  db->handle = NULL;
}

// Statements

static bool is_blank(const char *sql)
{
  return sql[strspn(sql, " \t\r\n;")] == 0;
}

// The first statement of [sql]. *tail: what is behind it.
static sqlite3_stmt *prepare(struct job *job, const char *sql, const char **tail, unsigned flags)
{
  struct database *db = sqlite_database(job);
  sqlite3_stmt *stmt = NULL;
  if (db->api.prepare_v3(db->handle, sql, -1, flags, &stmt, tail) == SQLITE_OK) return stmt;
  fail_as_said(job);
  return NULL;
}

// Whether there is more than comments; what cannot be read is more.
static bool has_statement(struct database *db, const char *sql)
{
  for (const char *tail; !is_blank(sql); sql = tail) {
    sqlite3_stmt *stmt = NULL;
    int code = db->api.prepare_v3(db->handle, sql, -1, 0, &stmt, &tail);
    db->api.finalize(stmt);
    if (stmt || code != SQLITE_OK) return true;
  }
  return false;
}

static struct statement *find_cached(struct database *db, const char *sql)
{
  for (u32 i = 0; i < SQLITE_CACHED; i++) {
    struct statement *s = &db->cache[i];
    if (s->stmt && strcmp(buf_text(&s->sql), sql) == 0) return s;
  }
  return NULL;
}

// A free place, or that of the one not used for longest.
static struct statement *make_place(struct database *db)
{
  struct statement *oldest = &db->cache[0];
  for (u32 i = 0; i < SQLITE_CACHED; i++) {
    struct statement *s = &db->cache[i];
    if (!s->stmt) return s;
    if (s->used < oldest->used) oldest = s;
  }
  db->api.finalize(oldest->stmt);
  oldest->stmt = NULL;
  return oldest;
}

// The statement of the job's sql, from the cache. NULL: failed, or the text holds none (then nothing has failed).
static sqlite3_stmt *cached(struct job *job)
{
  struct database *db = sqlite_database(job);
  const char *sql = buf_text(&sqlite_job(job)->sql), *tail;
  struct statement *s = find_cached(db, sql);
  if (!s) {
    sqlite3_stmt *stmt = prepare(job, sql, &tail, SQLITE_PREPARE_PERSISTENT);
    if (stmt && has_statement(db, tail)) {
      db->api.finalize(stmt);
      fail(job, SQLITE_MISUSE, "one statement at a time (db.run takes several, without values)");
      return NULL;
    }
    if (!stmt) return NULL;
    s = make_place(db);
    buf_clear(&s->sql);
    buf_puts(&s->sql, sql);
    if (s->sql.failed) {
      db->api.finalize(stmt);
      return job_fail(job, ENOMEM), NULL;
    }
    s->stmt = stmt;
  }
  s->used = ++db->uses;
  return s->stmt;
}

// Arguments

static int bind_value(struct database *db, sqlite3_stmt *stmt, int at, const struct sqlite_job *j, const struct sqlite_value *b)
{
  const char *bytes = b->len ? j->values.data + b->at : "";
  // A cursor outlives the job that holds the values.
  sqlite3_destructor_type keep = j->cursor ? SQLITE_TRANSIENT : SQLITE_STATIC;
  switch (b->type) {
  case SQLITE_INTEGER: return db->api.bind_int64(stmt, at, b->integer);
  case SQLITE_FLOAT: return db->api.bind_double(stmt, at, b->real);
  case SQLITE_TEXT: return db->api.bind_text64(stmt, at, bytes, b->len, keep, SQLITE_UTF8);
  case SQLITE_BLOB: return db->api.bind_blob64(stmt, at, bytes, b->len, keep);
  default: return db->api.bind_null(stmt, at);
  }
}

static const struct sqlite_value *find_named(const struct sqlite_job *j, const char *name)
{
  for (u32 i = 0; i < j->args.len; i++) {
    if (strcmp(j->values.data + j->args.data[i].name, name) == 0) return &j->args.data[i];
  }
  return NULL;
}

static bool bind_named(struct job *job, sqlite3_stmt *stmt)
{
  struct database *db = sqlite_database(job);
  struct sqlite_job *j = sqlite_job(job);
  int count = db->api.bind_parameter_count(stmt);
  for (int i = 1; i <= count; i++) {
    const char *name = db->api.bind_parameter_name(stmt, i);
    const struct sqlite_value *b = name ? find_named(j, name + 1) : NULL;
    if (!b) {
      fail(job, SQLITE_RANGE, "");
      buf_printf(&j->message, "no value for the parameter %s", name ? name : "?");
      return false;
    }
    if (bind_value(db, stmt, i, j, b) != SQLITE_OK) return fail_as_said(job), false;
  }
  return true;
}

static bool bind_all(struct job *job, sqlite3_stmt *stmt)
{
  struct database *db = sqlite_database(job);
  struct sqlite_job *j = sqlite_job(job);
  if (j->args.len && j->args.data[0].is_named) return bind_named(job, stmt);
  int count = db->api.bind_parameter_count(stmt);
  if ((u32)count != j->args.len) {
    fail(job, SQLITE_RANGE, "");
    buf_printf(&j->message, "%d parameters, but %u values", count, j->args.len);
    return false;
  }
  for (u32 i = 0; i < j->args.len; i++) {
    if (bind_value(db, stmt, (int)i + 1, j, &j->args.data[i]) != SQLITE_OK) return fail_as_said(job), false;
  }
  return true;
}

// Rows

static bool take_names(struct job *job, sqlite3_stmt *stmt)
{
  struct database *db = sqlite_database(job);
  struct sqlite_job *j = sqlite_job(job);
  int count = db->api.column_count(stmt);
  for (int i = 0; i < count; i++) {
    size_t at = j->result.len;
    u32 same = 1;
    const char *name = db->api.column_name(stmt, i);
    for (int k = 0; name && k < i; k++) same += strcmp(db->api.column_name(stmt, k), name) == 0;
    buf_puts(&j->result, name ? name : "");
    if (same > 1) buf_printf(&j->result, "_%u", same);
    buf_append(&j->result, "", 1);
    if (!name || j->result.failed || !vec_push(&job->alloc, &j->columns, at)) return job_fail(job, ENOMEM), false;
  }
  return true;
}

static bool take_cell(struct job *job, sqlite3_stmt *stmt, int column)
{
  struct database *db = sqlite_database(job);
  struct sqlite_job *j = sqlite_job(job);
  struct sqlite_cell cell = { .type = (u8)db->api.column_type(stmt, column), .at = j->result.len };
  if (cell.type == SQLITE_INTEGER) cell.integer = db->api.column_int64(stmt, column);
  else if (cell.type == SQLITE_FLOAT) cell.real = db->api.column_double(stmt, column);
  else if (cell.type != SQLITE_NULL) {
    const void *bytes = cell.type == SQLITE_TEXT ? (const void *)db->api.column_text(stmt, column)
                                                 : db->api.column_blob(stmt, column);
    cell.len = (size_t)db->api.column_bytes(stmt, column);
    if (cell.len) buf_append(&j->result, bytes, cell.len);
  }
  if (!j->result.failed && vec_push(&job->alloc, &j->cells, cell)) return true;
  job_fail(job, ENOMEM);
  return false;
}

// Up to rows_max rows; false: failed. *is_ended: there are no more.
static bool take_rows(struct job *job, sqlite3_stmt *stmt, bool *is_ended)
{
  struct database *db = sqlite_database(job);
  struct sqlite_job *j = sqlite_job(job);
  if (!take_names(job, stmt)) return false;
  for (i64 row = 0; !j->rows_max || row < j->rows_max; row++) {
    int code = db->api.step(stmt);
    *is_ended = code == SQLITE_DONE;
    if (*is_ended) return true;
    if (code != SQLITE_ROW) return fail_as_said(job), false;
    for (int i = 0; i < (int)j->columns.len; i++) {
      if (!take_cell(job, stmt, i)) return false;
    }
  }
  return true;
}

static void release(struct database *db, sqlite3_stmt *stmt)
{
  db->api.reset(stmt);
  db->api.clear_bindings(stmt);
}

void sqlite_query_run(struct job *job)
{
  struct database *db = sqlite_database(job);
  bool is_ended;
  sqlite3_stmt *stmt = begin(job) ? cached(job) : NULL;
  if (!stmt) return;
  if (bind_all(job, stmt)) take_rows(job, stmt, &is_ended);
  release(db, stmt);
}

static bool run_to_end(struct job *job, sqlite3_stmt *stmt)
{
  struct database *db = sqlite_database(job);
  int code;
  do code = db->api.step(stmt);
  while (code == SQLITE_ROW);
  if (code != SQLITE_DONE) fail_as_said(job);
  return code == SQLITE_DONE;
}

bool sqlite_execute(struct job *job, const char *sql)
{
  struct database *db = sqlite_database(job);
  const char *tail;
  db->current = &job->work;
  while (!is_blank(sql)) {
    sqlite3_stmt *stmt = prepare(job, sql, &tail, 0);
    bool ok = !job->failed && (!stmt || run_to_end(job, stmt));
    db->api.finalize(stmt);
    if (!ok) return false;
    sql = tail;
  }
  return true;
}

static bool has_one_statement(struct job *job)
{
  const char *sql = buf_text(&sqlite_job(job)->sql), *semicolon = strchr(sql, ';');
  return sqlite_job(job)->args.len > 0 || !semicolon || is_blank(semicolon);
}

void sqlite_script_run(struct job *job)
{
  struct database *db = sqlite_database(job);
  struct sqlite_job *j = sqlite_job(job);
  if (!begin(job)) return;
  int before = db->api.total_changes(db->handle);
  if (has_one_statement(job)) {
    sqlite3_stmt *stmt = cached(job);
    if (stmt) {
      if (bind_all(job, stmt)) run_to_end(job, stmt);
      release(db, stmt);
    }
  } else {
    sqlite_execute(job, buf_text(&j->sql));
  }
  j->changes = db->api.total_changes(db->handle) - before;
  j->last_id = db->api.last_insert_rowid(db->handle);
}

void sqlite_each_run(struct job *job)
{
  struct sqlite_job *j = sqlite_job(job);
  struct database *db = sqlite_database(job);
  struct cursor *cursor = j->cursor;
  const char *tail;
  if (!begin(job) || cursor->is_ended) return;
  if (!cursor->stmt) {
    cursor->stmt = prepare(job, buf_text(&j->sql), &tail, 0);
    if (cursor->stmt && has_statement(db, tail))
      fail(job, SQLITE_MISUSE, "one statement at a time (db.run takes several, without values)");
    if (!cursor->stmt || job->failed || !bind_all(job, cursor->stmt)) {
      cursor->is_ended = true;
      return;
    }
  }
  if (!take_rows(job, cursor->stmt, &cursor->is_ended)) cursor->is_ended = true;
  if (!cursor->is_ended) return;
  // It holds no lock any more than it must.
  db->api.finalize(cursor->stmt);
  cursor->stmt = NULL;
}
