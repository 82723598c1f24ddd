// What callbacks of the loop do with a state: start calls, and write.
#include "api/value.h"
#include "vm/operation.h"

// Who is told that a task has ended; the one that waits for it.
struct completion {
  struct box box;
  bool (*done)(struct lull *vm, void *user, enum lull_outcome outcome, struct lull_value v);
  void *user;
};

static void finish_completion(struct heap *heap, struct object *o)
{
  struct completion *c = (struct completion *)(void *)o;
  if (c->done) c->done(CONTAINER_OF(heap, struct lull, heap), c->user, LULL_DROPPED, lull_nil());
}

static const struct native_class completion_class = { .name = "completion",
                                                      .size = sizeof(struct completion),
                                                      .finish = finish_completion };

static void complete(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct completion *c = (struct completion *)(void *)w->subject;
  bool (*done)(struct lull *, void *, enum lull_outcome, struct lull_value) = c->done;
  c->done = NULL;
  Value value = d->value;
  enum lull_outcome outcome = d->state == DEFERRED_FAILED ? LULL_THROWN : LULL_VALUE;
  if (outcome == LULL_THROWN && IS_INSTANCE(value) && AS_INSTANCE(value)->class == vm->errors.exit) {
    outcome = LULL_EXITED;
    value = AS_INSTANCE(value)->fields[ERROR_MESSAGE];
  }
  if (!done(vm, c->user, outcome, value_out(value)) || outcome == LULL_EXITED) d->is_handled = false;
}

typedef bool (*done_fn)(struct lull *vm, void *user, enum lull_outcome outcome, struct lull_value v);

// A task that has not begun, and that tells of its end. NULL: no memory.
static struct task *prepare(struct lull *vm, uint64_t tag, struct lull_value callee, const struct lull_value *args,
                            size_t count, done_fn done, void *user)
{
  Value all[8];
  if (count > COUNT_OF(all) || is_unset(value_in(callee))) return NULL;
  for (size_t i = 0; i < count; i++) all[i] = value_in(args[i]);
  struct completion *c = done ? box_new(vm, &completion_class) : NULL;
  struct task *t = c || !done ? task_new(vm, value_in(callee), all, (u32)count, tag) : NULL;
  if (!t || !c) return t;
  if (!deferred_wait(vm, &t->deferred, complete, &c->box.object, 0)) return NULL;
  c->done = done;
  c->user = user;
  return t;
}

bool lull_start(struct lull *vm, uint64_t tag, struct lull_value callee, const struct lull_value *args, size_t count,
                done_fn done, void *user)
{
  struct task *t = prepare(vm, tag, callee, args, count, done, user);
  if (!t) return false;
  sched_start(vm, t->fiber);
  sched_wake(vm);
  return true;
}

bool lull_start_now(struct lull *vm, uint64_t tag, struct lull_value callee, const struct lull_value *args,
                    size_t count, done_fn done, void *user)
{
  struct task *t = prepare(vm, tag, callee, args, count, done, user);
  if (!t) return false;
  sched_run_now(vm, t->fiber);
  return true;
}

struct ev_loop *lull_loop(struct lull *vm) { return vm->loop; }

uint64_t lull_tag(struct lull *vm) { return vm_tag(vm); }

void lull_write(struct lull *vm, uint64_t tag, int stream, const char *bytes, size_t len)
{
  if (vm->host.write) vm->host.write(vm->host.user, tag, stream, bytes, len);
}
