// sqlite: transactions.
//
// A transaction begins with a job that keeps the lane it ran in, so that the jobs of others wait behind it. What its
// own task asks for goes into a lane of the transaction's; its last job there ends it, and the lane before is free again.
// A transaction within another is a savepoint: the lane before is then that of the outer one.
#include "lib/sqlite.h"

struct transaction;

// Lives until its last job has ended, however its operation fares.
struct scope {
  struct work_lane lane;
  struct work_lane *before;
  struct scope *outer;
  struct database *db;
  struct transaction *op;  // NULL: it was cancelled
  struct fiber *fiber;     // of the task that runs; NULL before and after
  struct sqlite_job *end;  // its last job, made at first so that it can always be ended; NULL once started
};

struct transaction {
  struct operation op;
  struct scope *scope;  // NULL once it has ended
  struct task *task;
  Value callee, outcome;
  bool is_failed;
};

static struct transaction *transaction_of(void *o) { return o; }

static void free_scope(struct scope *s)
{
  struct database *db = s->db;
  if (s->op) s->op->scope = NULL;
  if (s->end) job_discard(&s->end->job);
  mem_free(&db->resource.vm->alloc, s, sizeof *s);
  resource_release(&db->resource);
}

// The operation

static void mark_transaction(struct heap *heap, struct object *o)
{
  const struct transaction *t = transaction_of(o);
  heap_mark_object(heap, t->task);
  heap_mark(heap, t->callee);
  heap_mark(heap, t->outcome);
}

static void start_end(struct scope *s, bool is_good);

static void abandon(struct lull *vm, struct operation *op)
{
  struct transaction *t = transaction_of(op);
  struct scope *s = t->scope;
  if (s) s->op = NULL;
  if (t->task && t->task->deferred.state == DEFERRED_PENDING) {
    task_cancel(vm, t->task);  // its end ends the scope
    return;
  }
  t->scope = NULL;
  if (is_deferred(t->outcome)) deferred_unwait(vm, as_deferred(t->outcome), &op->deferred.object);
  if (t->task && s) start_end(s, false);
}

// The state goes before its task has ended.
static void finish_transaction(struct heap *heap, struct object *o)
{
  struct scope *s = transaction_of(o)->scope;
  (void)heap;
  if (!s) return;
  for (struct scope **link = &s->db->scope; *link; link = &(*link)->outer) {
    if (*link != s) continue;
    *link = s->outer;
    break;
  }
  free_scope(s);
}

static const struct operation_type operation_type = {
  .class = { .name = "transaction",
             .doc = "A transaction under way: a deferred of what its function gives (db.transaction).",
             .is_deferred = true,
             .size = sizeof(struct transaction),
             .mark = mark_transaction,
             .finish = finish_transaction },
  .is_effect = true,
  .abandon = abandon,
};

struct work_lane *sqlite_lane(struct lull *vm, struct database *db)
{
  for (struct scope *s = db->scope; s; s = s->outer) {
    if (s->fiber && s->fiber == vm->fiber) return &s->lane;
  }
  return &db->resource.lane;
}

static struct scope *scope_of(struct lull *vm, struct database *db)
{
  struct scope *s = db->scope;
  while (s && (!s->fiber || s->fiber != vm->fiber)) s = s->outer;
  return s;
}

// The end

static void end_run(struct job *job)
{
  struct database *db = sqlite_database(job);
  struct sqlite_job *j = sqlite_job(job);
  bool is_inner = j->scope->outer != NULL;
  const char *undo = is_inner ? "rollback to lull; release lull" : "rollback";
  if (db->is_closed) return;
  if (j->is_good && sqlite_execute(job, is_inner ? "release lull" : "commit")) return;
  int failed = job->failed, code = j->code;
  job->failed = 0;
  // An error may have ended the transaction already.
  if (is_inner || !db->api.get_autocommit(db->handle)) {
    struct buf message = j->message;
    buf_init(&j->message, &job->alloc);
    sqlite_execute(job, undo);
    buf_fini(&j->message);
    j->message = message;
  }
  job->failed = failed;
  j->code = code;
}

static void leave_scope(struct job *job)
{
  struct sqlite_job *j = sqlite_job(job);
  struct scope *s = j->scope;
  struct database *db = s->db;
  struct transaction *t = s->op;
  if (db->scope == s) db->scope = s->outer;
  struct work_lane *before = s->before;
  j->scope = NULL;
  if (t) t->scope = NULL;
  s->op = NULL;
  work_leave_lane(job->vm->work, before);
  free_scope(s);
  if (!t) return;
  if (job->failed) operation_fail(job->vm, &t->op, sqlite_error(job));
  else if (t->is_failed) operation_fail(job->vm, &t->op, t->outcome);
  else operation_resolve(job->vm, &t->op, t->outcome);
}

// Where it never ended in the loop, the state goes.
static void fini(struct job *job)
{
  struct scope *s = sqlite_job(job)->scope;
  sqlite_fini(job);
  if (s) free_scope(s);
}

static const struct job_type end_type = {
  .name = "db.transaction",
  .size = sizeof(struct sqlite_job),
  .is_slow = true,
  .run = end_run,
  .error = sqlite_error,
  .ended = leave_scope,
  .fini = fini,
};

// [is_good]: what was done is to be committed.
static void start_end(struct scope *s, bool is_good)
{
  struct sqlite_job *j = s->end;
  s->end = NULL;
  j->scope = s;
  j->is_good = is_good;
  j->job.work.lane = &s->lane;
  job_start_alone(&j->job);
}

static void on_settled(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct transaction *t = transaction_of(w->subject);
  struct scope *s = t->scope;
  if (s) s->fiber = NULL;
  // The function may have given a deferred, such as that of its last query.
  bool is_more = s && d->state == DEFERRED_RESOLVED && is_deferred(d->value) && as_deferred(d->value) != d;
  if (is_more && deferred_wait(vm, as_deferred(d->value), on_settled, w->subject, 0)) {
    t->outcome = d->value;
    heap_barrier(&vm->heap, t);
    return;
  }
  t->task = NULL;
  if (!s) return;
  t->outcome = d->value;
  t->is_failed = d->state == DEFERRED_FAILED;
  heap_barrier(&vm->heap, t);
  if (!s->op) t->scope = NULL;  // it lives on for its last job
  start_end(s, !t->is_failed && s->op);
}

// The beginning

static void begin_run(struct job *job)
{
  struct database *db = sqlite_database(job);
  if (db->is_closed) sqlite_script_run(job);  // which says so
  else if (sqlite_job(job)->scope->outer) sqlite_execute(job, "savepoint lull");
  else sqlite_execute(job, db->flags & SQLITE_OPEN_READONLY ? "begin" : "begin immediate");
}

static void begun(struct job *job)
{
  struct lull *vm = job->vm;
  struct scope *s = sqlite_job(job)->scope;
  struct transaction *t = s->op;
  sqlite_job(job)->scope = NULL;
  if (job->failed) {
    work_leave_lane(vm->work, s->before);
    free_scope(s);
    if (t) operation_fail(vm, &t->op, sqlite_error(job));
    return;
  }
  s->db->scope = s;
  struct task *task = t ? call_later(vm, t->callee, NULL, 0, t->op.deferred.tag) : NULL;
  if (!task || !deferred_wait(vm, &task->deferred, on_settled, &t->op.deferred.object, 0)) {
    if (t) {
      t->is_failed = true;
      t->outcome = job_memory_error(vm);
      heap_barrier(&vm->heap, t);
    }
    start_end(s, false);
    return;
  }
  t->task = task;
  heap_barrier(&vm->heap, t);
  s->fiber = task->fiber;
}

static const struct job_type begin_type = {
  .name = "db.transaction",
  .size = sizeof(struct sqlite_job),
  .is_slow = true,
  .run = begin_run,
  .error = sqlite_error,
  .ended = begun,
  .fini = fini,
};

enum native_status sqlite_transaction(struct call *c)
{
  struct lull *vm = c->vm;
  struct database *db = sqlite_self(c);
  if (!arg_callable(c, 1)) return NATIVE_THROW;
  struct sqlite_job *j = sqlite_job_new(c, &begin_type, db);
  if (!j) return NATIVE_THROW;
  struct scope *s = j->scope = mem_alloc_zero(&vm->alloc, sizeof *s);
  if (s) {
    s->db = db;
    db->resource.refs++;
    s->end = sqlite_job_make(vm, &end_type, db);
  }
  struct transaction *t = s && s->end ? operation_new(vm, &operation_type, c->args[0]) : NULL;
  if (!t) {
    job_discard(&j->job);  // and the scope
    return throw_memory(vm);
  }
  t->callee = c->args[1];
  t->outcome = NIL;
  t->scope = s;
  s->op = t;
  s->before = j->job.work.lane;
  s->outer = scope_of(vm, db);
  j->job.work.keeps_lane = true;
  if (job_start_alone(&j->job)) return native_return(c, value_object(t));
  operation_cancel(vm, &t->op);
  return throw_error(vm, vm->errors.io, "transaction: no thread to do it");
}
