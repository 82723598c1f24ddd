// Work for the language: an operation whose work is done by a thread (loop/work.h).
//
// A job is plain memory with an allocator of its own, so that its thread can fill it; values come in before it starts,
// as copies, and go out in its type's finish. It outlives its operation where that is cancelled while the job runs.
#ifndef LULL_LIB_JOB_H
#define LULL_LIB_JOB_H

#include "loop/work.h"
#include "vm/operation.h"
#include "vm/state.h"

struct job;
struct job_operation;

struct job_type {
  const char *name;  // "fs.read": what messages and :jobs call it
  size_t size;       // of the struct that begins with struct job
  bool is_effect;    // it is done though nobody waits for it
  bool is_slow;      // it may take long
  void (*run)(struct job *job);  // in a thread: touches nothing but the job
  // In the loop, where the job ended well: makes the value. False: *value is the error.
  bool (*finish)(struct job *job, Value *value);
  Value (*error)(struct job *job);  // where job->failed was set by run: the IOError
  void (*ended)(struct job *job);   // in the loop, of one without an operation that was not dropped; NULL: nothing
  void (*fini)(struct job *job);    // gives back what it owns
};

// What jobs of one thing share, such as an open file: plain memory that lives as long as its object or a job does. Its
// jobs run one after the other; while there are any it is the thread's.
struct resource {
  struct work_lane lane;
  struct alloc alloc;  // for what it holds
  struct lull *vm;
  u32 refs, jobs;
  void (*destroy)(struct resource *r);  // gives back all of it
};

// Embedded first. All zero where nothing is said.
struct job {
  struct work work;
  struct alloc alloc;  // for what the thread makes
  struct lull *vm;
  const struct job_type *type;
  struct job_operation *op;  // NULL: nobody wants the value
  struct resource *resource;
  int failed;     // errno
  int wait_fd;    // run ends with it set to go on when the descriptor is ready; -1: it ended
  int wait_for;   // EV_READ or EV_WRITE
  ev_io ready;
};

// NULL: no memory, and a LimitError was thrown.
void *job_new(struct call *c, const struct job_type *type);
// Where no native runs: NULL: no memory.
void *job_make(struct lull *vm, const struct job_type *type);
// Gives back a job that was not started.
void job_discard(struct job *job);
// Starts it; its operation is the native's result. [subject]: what :jobs shows, and what is kept alive with it.
enum native_status job_return(struct call *c, struct job *job, Value subject);
// Starts it and waits: the native is entered again with its value, or throws its error.
enum native_status job_await(struct call *c, struct job *job, Value subject);
// Starts it; NULL: thrown.
struct operation *job_start(struct call *c, struct job *job, Value subject);
// Starts one that is for nobody, or where no native runs.
bool job_start_alone(struct job *job);
// A resource of [size] bytes with one reference, for its object. NULL: no memory, and a LimitError was thrown.
void *resource_new(struct call *c, size_t size, void (*destroy)(struct resource *r));
void resource_release(struct resource *r);
// For destroy: the memory itself.
void resource_free(struct resource *r, size_t size);
// The job, not started yet, is one on [r].
void job_use(struct job *job, struct resource *r);
// To be used in run: the errno of a call that failed, and it is to end.
static inline void job_fail(struct job *job, int error) { job->failed = error; }
static inline void job_wait(struct job *job, int fd, int events)
{
  job->wait_fd = fd;
  job->wait_for = events;
}
// The LimitError of what could not be made, for finish.
Value job_memory_error(struct lull *vm);
// An object as the value of finish; NULL is no memory.
bool job_object(struct job *job, Value *value, const void *object);

#endif
