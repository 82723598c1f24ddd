#include "lib/job.h"

#include <errno.h>
#include <string.h>

#include "loop/io.h"

struct job_operation {
  struct operation op;
  const struct job_type *type;
  struct job *job;  // NULL once it is settled
};

static void job_done(struct work *w);
static void job_run(struct work *w);

static struct job *job_of(struct work *w) { return CONTAINER_OF(w, struct job, work); }

Value job_memory_error(struct lull *vm)
{
  Value thrown = vm->thrown;
  throw_memory(vm);
  Value error = vm->thrown;
  vm->thrown = thrown;
  return error;
}

bool job_object(struct job *job, Value *value, const void *object)
{
  *value = object ? value_object(object) : job_memory_error(job->vm);
  return object != NULL;
}

// The operation

static void describe(struct lull *vm, struct operation *op, struct buf *out)
{
  (void)vm;
  buf_puts(out, ((struct job_operation *)(void *)op)->type->name);
  if (!IS_STRING(op->subject)) return;
  buf_putc(out, ' ');
  string_write(AS_STRING(op->subject), out);
}

// The job goes on without its operation, or is over.
static void leave(struct job *job)
{
  job->op->job = NULL;
  job->op = NULL;
  if (ev_is_active(&job->ready)) {
    loop_io_stop(job->vm->loop, &job->ready);
    job_discard(job);
    return;
  }
  work_drop(job->vm->work, &job->work);
}

static void abandon(struct lull *vm, struct operation *op)
{
  struct job *job = ((struct job_operation *)(void *)op)->job;
  (void)vm;
  if (job) leave(job);
}

static void finish_operation(struct heap *heap, struct object *o)
{
  struct job *job = ((struct job_operation *)(void *)o)->job;
  (void)heap;
  if (job) leave(job);
}

static const struct operation_type operation_type = {
  .class = { .name = "job",
             .doc = "What a thread works on: a deferred of its value.",
             .is_deferred = true,
             .size = sizeof(struct job_operation),
             .finish = finish_operation },
  .describe = describe,
  .abandon = abandon,
};

// The job

static size_t memory_left(const struct lull *vm)
{
  size_t limit = vm->alloc.limit, used = vm->alloc.used;
  return limit == SIZE_MAX || used > limit ? limit : limit - used;
}

void *job_new(struct call *c, const struct job_type *type)
{
  void *job = job_make(c->vm, type);
  if (!job) throw_memory(c->vm);
  return job;
}

void *job_make(struct lull *vm, const struct job_type *type)
{
  struct job *job = mem_alloc_zero(&vm->alloc, type->size);
  if (!job) return NULL;
  alloc_init(&job->alloc, memory_left(vm));
  job->work.run = job_run;
  job->work.done = job_done;
  job->work.is_slow = type->is_slow;
  job->vm = vm;
  job->type = type;
  job->wait_fd = -1;
  return job;
}

void job_discard(struct job *job)
{
  if (job->type->fini) job->type->fini(job);
  if (job->resource) {
    job->resource->jobs--;
    resource_release(job->resource);
  }
  mem_free(&job->vm->alloc, job, job->type->size);
}

static void job_run(struct work *w)
{
  struct job *job = job_of(w);
  job->wait_fd = -1;
  job->type->run(job);
}

static bool start(struct job *job)
{
  struct lull *vm = job->vm;
  if (!vm->work) vm->work = work_create(&vm->alloc, vm->loop);
  if (vm->work && work_start(vm->work, &job->work)) return true;
  if (!vm->work) errno = ENOMEM;
  return false;
}

static void on_ready(struct ev_loop *loop, ev_io *w, int events)
{
  struct job *job = CONTAINER_OF(w, struct job, ready);
  bool is_refused = loop_io_is_refused(loop, events);
  if (!is_refused) loop_io_stop(loop, w);
  if (is_refused || !start(job)) {
    job_fail(job, errno);
    job_done(&job->work);
  }
}

static void settle(struct job *job)
{
  struct lull *vm = job->vm;
  struct operation *op = &job->op->op;
  Value value = NIL;
  bool is_ok = !job->failed;
  if (is_ok) is_ok = job->type->finish(job, &value);
  else if (job->failed == ENOMEM) value = job_memory_error(vm);
  else value = job->type->error(job);
  job->op->job = NULL;
  job->op = NULL;
  if (is_ok) operation_resolve(vm, op, value);
  else operation_fail(vm, op, value);
}

static void job_done(struct work *w)
{
  struct job *job = job_of(w);
  if (!job->op) {
    if (job->type->ended && !work_is_dropped(w)) job->type->ended(job);
    job_discard(job);
  } else if (job->wait_fd >= 0 && !job->failed) {
    ev_io_init(&job->ready, on_ready, job->wait_fd, job->wait_for);
    loop_io_start(job->vm->loop, &job->ready);
  } else {
    settle(job);
    job_discard(job);
  }
}

struct operation *job_start(struct call *c, struct job *job, Value subject)
{
  struct job_operation *op = operation_new(c->vm, &operation_type, subject);
  if (!op) {
    job_discard(job);
    throw_memory(c->vm);
    return NULL;
  }
  op->type = job->type;
  op->job = job;
  job->op = op;
  if (job->type->is_effect) operation_set_effect(c->vm, &op->op, true);
  if (start(job)) return &op->op;
  int error = errno;
  job->op = NULL;
  op->job = NULL;
  job_discard(job);
  operation_cancel(c->vm, &op->op);
  throw_errno(c, error, "%s: no thread to do it", c->native->name);
  return NULL;
}

enum native_status job_return(struct call *c, struct job *job, Value subject)
{
  struct operation *op = job_start(c, job, subject);
  return op ? native_return(c, value_object(op)) : NATIVE_THROW;
}

enum native_status job_await(struct call *c, struct job *job, Value subject)
{
  struct operation *op = job_start(c, job, subject);
  return op ? operation_wait(c, &op->deferred) : NATIVE_THROW;
}

bool job_start_alone(struct job *job)
{
  if (start(job)) return true;
  job_discard(job);
  return false;
}

// Resources

void *resource_new(struct call *c, size_t size, void (*destroy)(struct resource *r))
{
  struct resource *r = mem_alloc_zero(&c->vm->alloc, size);
  if (!r) return throw_memory(c->vm), NULL;
  alloc_init(&r->alloc, memory_left(c->vm));
  r->vm = c->vm;
  r->refs = 1;
  r->destroy = destroy;
  return r;
}

void resource_release(struct resource *r)
{
  if (r && --r->refs == 0) r->destroy(r);
}

void resource_free(struct resource *r, size_t size) { mem_free(&r->vm->alloc, r, size); }

void job_use(struct job *job, struct resource *r)
{
  job->resource = r;
  job->work.lane = &r->lane;
  r->refs++;
  r->jobs++;
}
