// What callbacks of the loop do with a state: start calls, and write.
#include <ev.h>

#include "api/value.h"
#include "vm/host.h"
#include "vm/deferred.h"
#include "vm/operation.h"

// Who is told that a task has ended; the one that waits for it.
struct completion {
  struct box box;
  lull_done_fn done;
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
  if (vm->is_ending || !c->done) return;  // of a state that goes, finish_completion tells
  lull_done_fn done = c->done;
  c->done = NULL;
  Value value = d->value;
  enum lull_outcome outcome = d->state == DEFERRED_FAILED ? LULL_THROWN : LULL_VALUE;
  if (outcome == LULL_THROWN && IS_INSTANCE(value) && AS_INSTANCE(value)->class == vm->errors.exit) {
    outcome = LULL_EXITED;
    value = AS_INSTANCE(value)->fields[ERROR_MESSAGE];
  }
  host_enter(vm);
  bool is_handled = done(vm, c->user, outcome, value_out(value)) && outcome != LULL_EXITED;
  host_return(vm);
  if (!is_handled) d->is_handled = false;
}

// A task that has not begun, and that tells of its end. NULL: no memory.
static struct task *prepare(struct lull *vm, uint64_t tag, struct lull_value callee, const struct lull_value *args,
                            size_t count, lull_done_fn done, void *user)
{
  Value all[8];
  if (count > COUNT_OF(all) || is_unset(value_in(callee)) || vm->is_ending) return NULL;
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
                lull_done_fn done, void *user)
{
  struct task *t = prepare(vm, tag, callee, args, count, done, user);
  if (!t) return false;
  sched_start(vm, t->fiber);
  sched_wake(vm);
  return true;
}

bool lull_start_now(struct lull *vm, uint64_t tag, struct lull_value callee, const struct lull_value *args,
                    size_t count, lull_done_fn done, void *user)
{
  struct task *t = prepare(vm, tag, callee, args, count, done, user);
  if (!t) return false;
  sched_run_now(vm, t->fiber);
  return true;
}

struct evaluation {
  bool is_done;
  enum lull_outcome outcome;
  struct lull_ref *value;
};

static bool evaluated(struct lull *vm, void *user, enum lull_outcome outcome, struct lull_value v)
{
  struct evaluation *e = user;
  e->is_done = true;
  e->outcome = outcome;
  if (outcome != LULL_DROPPED) e->value = lull_ref_new(vm, v);
  return true;
}

// Nothing can wake it any more, or the state goes: it is not to tell.
static void give_up(struct lull *vm, struct task *t)
{
  struct waiter *w = &t->deferred.first;
  if (w->wake == complete) ((struct completion *)(void *)w->subject)->done = NULL;
  if (!vm->is_ending) task_cancel(vm, t);
}

enum lull_outcome lull_call_wait(struct lull *vm, uint64_t tag, struct lull_value callee, const struct lull_value *args,
                                 size_t count, struct lull_ref **value)
{
  struct evaluation e = { .outcome = LULL_DROPPED };
  *value = NULL;
  struct task *t = host_is_called(vm) ? NULL : prepare(vm, tag, callee, args, count, evaluated, &e);
  struct lull_ref *held = t ? lull_ref_new(vm, value_out(value_object(t))) : NULL;
  if (t && !held) give_up(vm, t);
  if (!held) return LULL_DROPPED;
  host_hold(vm);
  sched_run_now(vm, t->fiber);
  while (!e.is_done && !vm->is_ending && ev_run(vm->loop, EVRUN_ONCE)) continue;
  if (!e.is_done) give_up(vm, t);
  lull_ref_release(vm, held);
  *value = e.value;
  if (vm->is_ending && e.value) lull_ref_release(vm, e.value), *value = NULL;
  host_leave(vm);
  return e.outcome;
}

enum lull_outcome lull_eval(struct lull *vm, uint64_t tag, const char *name, const char *text, size_t len,
                            struct lull_ref **value)
{
  struct buf messages;
  buf_init(&messages, &vm->alloc);
  struct lull_value f = lull_compile(vm, name, text, len, LULL_CELL, &messages);
  if (!lull_is_absent(f)) {
    buf_fini(&messages);
    return lull_call_wait(vm, tag, f, NULL, 0, value);
  }
  buf_truncate(&messages, messages.len ? messages.len - 1 : 0);
  struct lull_value error = lull_error(vm, "SyntaxError", NULL, "%s", buf_text(&messages));
  buf_fini(&messages);
  *value = vm->is_ending ? NULL : lull_ref_new(vm, error);
  return vm->is_ending ? LULL_DROPPED : LULL_THROWN;
}

uint64_t lull_tag(struct lull *vm) { return vm_tag(vm); }

void lull_write(struct lull *vm, uint64_t tag, int stream, const char *bytes, size_t len)
{
  host_write(vm, tag, stream, bytes, len);
}
