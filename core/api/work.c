// What a tag has running: listing, cancelling, interrupting.
#include <stdio.h>

#include "base/sys.h"
#include "vm/deferred.h"
#include "vm/operation.h"
#include "vm/state.h"

static void put(char *to, size_t size, const struct buf *text) { snprintf(to, size, "%s", buf_text(text)); }

static void describe_wait(struct lull *vm, const struct fiber *f, struct buf *out)
{
  struct deferred *d = f->waits_for;
  if (!d) {
    buf_puts(out, f->state == FIBER_RUNNING ? "running" : "ready");
  } else if (d->object.kind == KIND_TIMER) {
    timer_describe((struct timer *)d, out);
  } else if (d->object.kind == KIND_OPERATION) {
    operation_describe(vm, (struct operation *)d, out);
  } else {
    vm->heap.kinds[d->object.kind].print(&vm->heap, &d->object, out);
  }
}

static void describe_place(struct proto *p, u32 word, struct lull_work *w, struct alloc *alloc)
{
  if (!p) return;
  struct buf text;
  buf_init(&text, alloc);
  place_print(p, word, &text);
  put(w->place, sizeof w->place, &text);
  buf_fini(&text);
}

static struct lull_work describe_task(struct lull *vm, struct task *t)
{
  struct lull_work w = {
    .id = t->deferred.id, .kind = t->is_main ? LULL_MAIN : LULL_TASK, .age = sys_now() - t->started, .due = -1
  };
  struct buf text;
  buf_init(&text, &vm->alloc);
  if (!t->is_main && t->name && t->name->len) {
    string_write(t->name, &text);
    buf_puts(&text, ": ");
  }
  if (t->fiber) {
    describe_wait(vm, t->fiber, &text);
    if (t->fiber->spawn_proto) describe_place(t->fiber->spawn_proto, t->fiber->spawn_word, &w, &vm->alloc);
  }
  put(w.text, sizeof w.text, &text);
  buf_fini(&text);
  return w;
}

static struct lull_work describe_timer(struct lull *vm, struct timer *t)
{
  struct lull_work w = { .id = t->deferred.id,
                         .kind = LULL_TIMER,
                         .age = sys_now() - t->started,
                         .due = loop_timer_remaining(vm->loop, &t->watcher) };
  struct buf text;
  buf_init(&text, &vm->alloc);
  timer_describe(t, &text);
  put(w.text, sizeof w.text, &text);
  buf_fini(&text);
  describe_place(t->place_proto, t->place_word, &w, &vm->alloc);
  return w;
}

static struct lull_work describe_operation(struct lull *vm, struct operation *op)
{
  struct lull_work w = { .id = op->deferred.id, .kind = LULL_WATCHER, .age = sys_now() - op->started, .due = -1 };
  struct buf text;
  buf_init(&text, &vm->alloc);
  operation_describe(vm, op, &text);
  put(w.text, sizeof w.text, &text);
  buf_fini(&text);
  describe_place(op->place_proto, op->place_word, &w, &vm->alloc);
  return w;
}

// A sleep is what its task waits for, or nobody waits for it: either way it is no work of its own.
static bool is_sleep(const struct timer *t) { return timer_is_sleep(t); }
// Nor is an operation that only its task waits for.
static bool is_work(const struct operation *op) { return op->is_effect || op->is_kept; }

size_t lull_work(struct lull *vm, uint64_t tag, bool (*each)(void *user, const struct lull_work *work), void *user)
{
  size_t count = 0;
  bool go_on = true;
  for (struct task *t = vm->sched.tasks, *next; t; t = next) {
    next = t->next;
    if (t->deferred.tag != tag) continue;
    count++;
    struct lull_work w = describe_task(vm, t);
    if (go_on && each) go_on = each(user, &w);
  }
  for (struct timer *t = vm->sched.timers, *next; t; t = next) {
    next = t->next;
    if (t->deferred.tag != tag || is_sleep(t)) continue;
    count++;
    struct lull_work w = describe_timer(vm, t);
    if (go_on && each) go_on = each(user, &w);
  }
  for (struct operation *op = vm->sched.operations, *next; op; op = next) {
    next = op->next;
    if (op->deferred.tag != tag || !is_work(op)) continue;
    count++;
    struct lull_work w = describe_operation(vm, op);
    if (go_on && each) go_on = each(user, &w);
  }
  return count;
}

static struct task *main_of(struct lull *vm, u64 tag)
{
  for (struct task *t = vm->sched.tasks; t; t = t->next) {
    if (t->is_main && t->deferred.tag == tag) return t;
  }
  return NULL;
}

bool lull_waiting(struct lull *vm, uint64_t tag, struct lull_work *work)
{
  struct task *t = main_of(vm, tag);
  if (!t || !t->fiber || t->fiber->state != FIBER_WAITING) return false;
  *work = describe_task(vm, t);
  work->age = sys_now() - t->fiber->since;
  const struct fiber *f = t->fiber;
  const Value *base = f->base;
  if (IS_CLOSURE(base[-2]))
    describe_place(AS_CLOSURE(base[-2])->proto, (u32)(f->pc - AS_CLOSURE(base[-2])->proto->code - 1), work,
                   &vm->alloc);
  return true;
}

// Cancelling settles things, which takes them out of the lists: each round starts anew until nothing is left to
// cancel.
size_t lull_cancel(struct lull *vm, uint64_t tag)
{
  size_t count = 0;
  for (struct timer *t = vm->sched.timers, *next; t; t = next) {
    next = t->next;
    if (t->deferred.tag != tag || is_sleep(t)) continue;
    count += timer_cancel(vm, t);
    next = vm->sched.timers;
  }
  for (struct task *t = vm->sched.tasks; t; t = t->next) {
    if (t->deferred.tag == tag) count += task_cancel(vm, t);
  }
  for (struct operation *op = vm->sched.operations, *next; op; op = next) {
    next = op->next;
    if (op->deferred.tag != tag) continue;
    count += operation_cancel(vm, op);
    next = vm->sched.operations;
  }
  return count;
}

bool lull_cancel_one(struct lull *vm, uint64_t tag, uint32_t id)
{
  for (struct timer *t = vm->sched.timers; t; t = t->next) {
    if (t->deferred.tag == tag && t->deferred.id == id) return timer_cancel(vm, t);
  }
  for (struct task *t = vm->sched.tasks; t; t = t->next) {
    if (t->deferred.tag == tag && t->deferred.id == id) return task_cancel(vm, t);
  }
  for (struct operation *op = vm->sched.operations; op; op = op->next) {
    if (op->deferred.tag == tag && op->deferred.id == id) return operation_cancel(vm, op);
  }
  return false;
}

bool lull_interrupt(struct lull *vm, uint64_t tag)
{
  struct task *t = main_of(vm, tag);
  if (!t || !t->fiber || t->fiber->state == FIBER_RUNNING) return false;
  struct instance *error = error_new(vm, vm->errors.interrupted, string_from(&vm->heap, "interrupted"));
  error_trace(vm, error, t->fiber, t->fiber->base, t->fiber->pc);
  return fiber_throw_into(vm, t->fiber, value_object(error));
}

void lull_stop(struct lull *vm)
{
  vm->is_stop = 1;
  vm->poll = 1;
  vm->limit = NULL;
  if (vm->fiber && !vm->alloc.is_refusing) vm->alloc.is_refusing = 1;  // natives between two safepoints
}

bool lull_is_active(struct lull *vm)
{
  if (vm->sched.ready || vm->sched.soon || vm->sched.failed.len > 0) return true;
  for (const struct timer *t = vm->sched.timers; t; t = t->next)
    if (t->watcher.is_ref) return true;
  for (const struct operation *op = vm->sched.operations; op; op = op->next)
    if (operation_is_active(op)) return true;
  return false;
}

size_t lull_active(struct lull *vm)
{
  size_t count = 0;
  for (const struct fiber *f = vm->sched.ready; f; f = f->next) count++;
  for (const struct timer *t = vm->sched.soon; t; t = t->next) count++;
  for (const struct timer *t = vm->sched.timers; t; t = t->next) count += t->watcher.is_ref;
  for (const struct operation *op = vm->sched.operations; op; op = op->next) count += operation_is_active(op);
  return count;
}
