// sqlite: the rows of a query in turns.
#include "lib/sqlite.h"
#include "value/list.h"

#define ROWS_AT_ONCE 256

struct rows {
  struct box box;
  struct database *db;
  struct cursor *cursor;
  struct sqlite_job *first;  // not started yet; it has the values
  struct string *sql;
  struct list *batch;  // rows that have come; NULL: none
  u32 at;              // how many of them have been given
  bool is_ended;
};

static struct rows *self(struct call *c) { return (struct rows *)(void *)as_object(c->args[0]); }

static void mark_rows(struct heap *heap, struct object *o)
{
  struct rows *rows = (struct rows *)(void *)o;
  heap_mark_object(heap, rows->sql);
  heap_mark_object(heap, rows->batch);
}

// Gives back the cursor: now, or where a thread is at work with the database, after its last job.
static void leave(struct rows *rows)
{
  struct database *db = rows->db;
  rows->is_ended = true;
  if (rows->first) job_discard(&rows->first->job);
  rows->first = NULL;
  if (!rows->cursor) return;
  rows->cursor->next = db->gone;
  db->gone = rows->cursor;
  rows->cursor = NULL;
  if (db->resource.jobs == 0) sqlite_free_cursors(db);
}

static void finish_rows(struct heap *heap, struct object *o)
{
  struct rows *rows = (struct rows *)(void *)o;
  (void)heap;
  if (!rows->db) return;
  leave(rows);
  resource_release(&rows->db->resource);
}

static enum native_status rows_iterate(struct call *c) { return native_return(c, c->args[0]); }

static enum native_status rows_close(struct call *c)
{
  leave(self(c));
  self(c)->batch = NULL;
  return native_return(c, NIL);
}

// Some more rows have come; none: that was all.
static bool take(struct call *c, struct rows *rows, struct list *more)
{
  if (more->len == 0) {
    leave(rows);
    return true;
  }
  if (rows->batch && rows->at < rows->batch->len)
    return list_append(c->heap, rows->batch, more->items, more->len);
  rows->batch = more;
  rows->at = 0;
  heap_barrier(c->heap, rows);
  return true;
}

static struct sqlite_job *next_job(struct call *c, struct rows *rows)
{
  static const struct job_type type = SQLITE_TYPE("db.each", sqlite_each_run, sqlite_finish_rows, false);
  struct sqlite_job *j = rows->first;
  rows->first = NULL;
  if (j) {
    j->job.work.lane = sqlite_lane(c->vm, rows->db);
    return j;
  }
  j = sqlite_job_new(c, &type, rows->db);
  if (!j) return NULL;
  j->cursor = rows->cursor;
  j->rows_max = ROWS_AT_ONCE;
  if (rows->sql) string_write(rows->sql, &j->sql);
  return j;
}

static enum native_status rows_next(struct call *c)
{
  struct rows *rows = self(c);
  if (c->step > 0 && IS_LIST(c->value) && !take(c, rows, AS_LIST(c->value))) return throw_memory(c->vm);
  if (rows->batch && rows->at < rows->batch->len) return native_return(c, rows->batch->items[rows->at++]);
  rows->batch = NULL;
  if (rows->is_ended) return native_return(c, DONE);
  struct sqlite_job *j = next_job(c, rows);
  return j ? job_await(c, &j->job, c->args[0]) : NATIVE_THROW;
}

static const struct native methods[] = {
  { "iterate", rows_iterate, 0, 0, 0, "iterate()", "Itself: a loop goes over the rows." },
  { "next", rows_next, 0, 0, 0, "next()", "The next row, or `done`. Waits where it is still to be read." },
  { "close", rows_close, 0, 0, 0, "close()", "Ends it: a query that was not gone through to its end keeps the file locked." },
};

static const struct native_class rows_class = {
  .name = "rows",
  .doc = "The rows of a query, to loop over.",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .size = sizeof(struct rows),
  .mark = mark_rows,
  .finish = finish_rows,
};

enum native_status sqlite_each(struct call *c)
{
  struct rows *rows = box_new(c->vm, &rows_class);
  struct cursor *cursor = rows ? mem_alloc_zero(&c->vm->alloc, sizeof *cursor) : NULL;
  if (!cursor) return throw_memory(c->vm);
  rows->db = sqlite_self(c);
  rows->db->resource.refs++;
  rows->cursor = cursor;
  struct sqlite_job *j = next_job(c, rows);
  if (!j) return NATIVE_THROW;
  rows->first = j;
  if (!sqlite_arg_query(c, 1, j)) return NATIVE_THROW;
  rows->sql = AS_STRING(c->args[1]);
  return native_return(c, value_object(rows));
}
