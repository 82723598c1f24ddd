#include "vm/deferred.h"

#include "vm/await.h"
#include "vm/operation.h"
#include "vm/state.h"

static void mark_deferred(struct heap *heap, struct object *o)
{
  struct deferred *d = (struct deferred *)o;
  heap_mark(heap, d->value);
  if (d->first.wake) heap_mark_object(heap, d->first.subject);
  const struct more_waiters *w = d->more;
  if (w) do heap_mark_object(heap, (w = w->next)->waiter.subject);
    while (w != d->more);
  if (o->kind == KIND_DEFERRED) await_mark(heap, d);
}

// Takes the ring apart: a list from the first to the last.
static struct more_waiters *take_more(struct deferred *d)
{
  struct more_waiters *last = d->more, *first = last ? last->next : NULL;
  if (last) last->next = NULL;
  d->more = NULL;
  return first;
}

static void free_waiters(struct heap *heap, struct deferred *d)
{
  for (struct more_waiters *w = take_more(d), *next; w; w = next) {
    next = w->next;
    heap_resize(heap, w, sizeof *w, 0);
  }
  d->first.wake = NULL;
}

static void finish_deferred(struct heap *heap, struct object *o) { free_waiters(heap, (struct deferred *)o); }

static void print_deferred(struct heap *heap, struct object *o, struct buf *out)
{
  const struct deferred *d = (const struct deferred *)o;
  (void)heap;
  static const char *const states[] = { "pending", "resolved", "failed" };
  buf_printf(out, "<deferred #%u: %s>", d->id, states[d->state]);
}

void deferred_register(struct heap *heap)
{
  heap_register(heap, KIND_DEFERRED,
                (struct heap_kind){
                    .name = "deferred", .mark = mark_deferred, .finish = finish_deferred, .print = print_deferred });
}

void deferred_init(struct lull *vm, struct deferred *d, u64 tag)
{
  d->value = NIL;
  d->tag = tag;
  d->id = ++vm->sched.next_id;
}

struct deferred *deferred_new(struct lull *vm)
{
  struct deferred *d = heap_new(&vm->heap, KIND_DEFERRED, sizeof *d);
  deferred_init(vm, d, vm_tag(vm));
  return d;
}

static void settle(struct lull *vm, struct deferred *d, u8 state, Value value)
{
  d->state = state;
  d->value = value;
  heap_barrier(&vm->heap, d);
  struct waiter first = d->first;
  struct more_waiters *more = take_more(d);
  d->first.wake = NULL;
  if (first.wake) first.wake(vm, &first, d);
  for (struct more_waiters *w = more, *next; w; w = next) {
    next = w->next;
    w->waiter.wake(vm, &w->waiter, d);
    heap_resize(&vm->heap, w, sizeof *w, 0);
  }
  if (state == DEFERRED_FAILED && !d->is_handled) sched_failed(vm, d);
}

static void follow(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct deferred *follower = (struct deferred *)w->subject;
  if (follower->state != DEFERRED_PENDING) return;
  follower->is_held = false;
  if (d->state == DEFERRED_RESOLVED) deferred_resolve(vm, follower, d->value);
  else deferred_fail(vm, follower, d->value);
}

bool deferred_follow(struct lull *vm, struct deferred *follower, struct deferred *d)
{
  follower->is_held = true;
  return deferred_wait(vm, d, follow, &follower->object, 0);
}

bool deferred_resolve(struct lull *vm, struct deferred *d, Value value)
{
  if (d->state != DEFERRED_PENDING || d->is_held) return false;
  if (is_deferred(value) && as_deferred(value) != d) {
    if (deferred_follow(vm, d, as_deferred(value))) return true;
    d->is_held = false;
    settle(vm, d, DEFERRED_FAILED, error_memory(vm));
    return true;
  }
  settle(vm, d, DEFERRED_RESOLVED, value);
  return true;
}

bool deferred_fulfil(struct lull *vm, struct deferred *d, Value value)
{
  if (d->state != DEFERRED_PENDING) return false;
  settle(vm, d, DEFERRED_RESOLVED, value);
  return true;
}

bool deferred_fail(struct lull *vm, struct deferred *d, Value error)
{
  if (d->state != DEFERRED_PENDING || d->is_held) return false;
  settle(vm, d, DEFERRED_FAILED, error);
  return true;
}

// A sleep keeps the loop alive only while somebody waits for it; an operation is given up when nobody does any more.
static void wants(struct lull *vm, struct deferred *d, bool is_wanted)
{
  if (d->object.kind == KIND_OPERATION) {
    struct operation *op = (struct operation *)d;
    if (is_wanted) operation_update(vm, op);
    else operation_unwanted(vm, op);
    return;
  }
  if (d->object.kind != KIND_TIMER) return;
  struct timer *t = (struct timer *)d;
  if (timer_is_sleep(t) && loop_timer_is_running(&t->watcher)) loop_timer_ref(vm->loop, &t->watcher, is_wanted);
}

bool deferred_wait(struct lull *vm, struct deferred *d,
                   void (*wake)(struct lull *, struct waiter *, struct deferred *), struct object *subject, u32 index)
{
  struct waiter w = { .wake = wake, .subject = subject, .index = index };
  d->is_handled = true;
  if (d->state != DEFERRED_PENDING) {
    wake(vm, &w, d);
    return true;
  }
  if (!d->first.wake && !d->more) {
    d->first = w;
  } else {
    struct more_waiters *more = heap_resize(&vm->heap, NULL, 0, sizeof *more);
    if (!more) return false;
    *more = (struct more_waiters){ .next = d->more ? d->more->next : more, .waiter = w };
    if (d->more) d->more->next = more;
    d->more = more;
  }
  heap_barrier(&vm->heap, d);
  wants(vm, d, true);
  return true;
}

void deferred_unwait(struct lull *vm, struct deferred *d, struct object *subject)
{
  if (d->first.wake && d->first.subject == subject) {
    d->first.wake = NULL;
    d->first.subject = NULL;
  }
  for (struct more_waiters *w = take_more(d), *next; w; w = next) {
    next = w->next;
    if (w->waiter.subject == subject) {
      heap_resize(&vm->heap, w, sizeof *w, 0);
      continue;
    }
    w->next = d->more ? d->more->next : w;
    if (d->more) d->more->next = w;
    d->more = w;
  }
  if (!d->first.wake && !d->more) wants(vm, d, false);
}
