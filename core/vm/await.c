#include "vm/await.h"

#include "vm/state.h"

void await_mark(struct heap *heap, struct deferred *d)
{
  switch (d->object.flags) {
  case DEFERRED_GATHER: heap_mark_object(heap, ((struct gather *)d)->results); break;
  case DEFERRED_LINK:
    heap_mark(heap, ((struct link *)d)->callback);
    heap_mark_object(heap, ((struct link *)d)->of);
    heap_mark_object(heap, ((struct link *)d)->source);
    break;
  case DEFERRED_LIMIT:
    heap_mark_object(heap, ((struct limited *)d)->functions);
    heap_mark_object(heap, ((struct limited *)d)->results);
    break;
  default: break;
  }
}

static void *make(struct lull *vm, size_t size, u8 flags)
{
  struct deferred *d = heap_new(&vm->heap, KIND_DEFERRED, size);
  deferred_init(vm, d, vm_tag(vm));
  d->object.flags = flags;
  return d;
}

static void keep_result(struct lull *vm, struct gather *g, u32 index, Value v)
{
  if (g->results->kind == KIND_LIST) {
    list_set(&vm->heap, (struct list *)g->results, index, v);
  } else {
    ((struct map *)g->results)->entries[index].value = v;
    heap_barrier(&vm->heap, g->results);
  }
}

static Value outcome(struct lull *vm, const struct deferred *d)
{
  bool is_ok = d->state == DEFERRED_RESOLVED;
  struct map *m = map_new(&vm->heap, 2);
  struct string *ok = vm_intern(vm, "ok"), *key = vm_intern(vm, is_ok ? "value" : "error");
  if (!m || !ok || !key || !map_set(&vm->heap, m, value_object(ok), value_bool(is_ok)) ||
      !map_set(&vm->heap, m, value_object(key), d->value))
    return NIL;
  return value_object(m);
}

static void gather_wake(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct gather *g = (struct gather *)w->subject;
  if (g->deferred.state != DEFERRED_PENDING) return;
  bool is_ok = d->state == DEFERRED_RESOLVED;
  if (g->kind == GATHER_RACE) {
    if (is_ok) deferred_fulfil(vm, &g->deferred, d->value);
    else deferred_fail(vm, &g->deferred, d->value);
    return;
  }
  if (g->kind == GATHER_ALL && !is_ok) {
    deferred_fail(vm, &g->deferred, d->value);
    return;
  }
  keep_result(vm, g, w->index, g->kind == GATHER_SETTLE ? outcome(vm, d) : d->value);
  if (--g->left == 0) deferred_fulfil(vm, &g->deferred, value_object(g->results));
}

// The deferreds of a list or map by position; UNSET behind the last.
static Value item_at(Value xs, u32 i)
{
  if (IS_LIST(xs)) return i < AS_LIST(xs)->len ? AS_LIST(xs)->items[i] : UNSET;
  return i < AS_MAP(xs)->used ? AS_MAP(xs)->entries[i].value : UNSET;
}

static bool check_items(struct lull *vm, Value xs)
{
  for (u32 i = 0;; i++) {
    Value item = item_at(xs, i);
    if (is_unset(item)) return true;
    if (is_deferred(item)) continue;
    throw_error(vm, vm->errors.type, "item %u is no deferred, task or timer but %s", i, type_name(vm, item));
    return false;
  }
}

struct deferred *await_gather(struct lull *vm, enum gather_kind kind, Value xs)
{
  // The copy has no removed entries, so positions in it are the entries'.
  void *results = IS_LIST(xs) ? (void *)list_slice(&vm->heap, AS_LIST(xs), 0, AS_LIST(xs)->len)
                              : (void *)map_copy(&vm->heap, AS_MAP(xs));
  if (!results) return throw_memory(vm), NULL;
  Value copy = value_object(results);
  if (!check_items(vm, copy)) return NULL;
  struct gather *g = make(vm, sizeof *g, DEFERRED_GATHER);
  g->kind = (u8)kind;
  g->results = results;
  g->left = IS_LIST(copy) ? AS_LIST(copy)->len : AS_MAP(copy)->used;
  if (g->left == 0) {
    if (kind != GATHER_RACE) deferred_fulfil(vm, &g->deferred, copy);
    return &g->deferred;
  }
  for (u32 i = 0;; i++) {
    Value item = item_at(xs, i);
    if (is_unset(item)) return &g->deferred;
    if (!deferred_wait(vm, as_deferred(item), gather_wake, &g->deferred.object, i)) return throw_memory(vm), NULL;
  }
}

struct deferred *await_collection(struct lull *vm, Value xs) { return await_gather(vm, GATHER_ALL, xs); }

static void start_more(struct lull *vm, struct limited *l, u32 limit);

static void limited_wake(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct limited *l = (struct limited *)w->subject;
  l->running--;
  if (l->deferred.state != DEFERRED_PENDING) return;
  if (d->state == DEFERRED_FAILED) {
    deferred_fail(vm, &l->deferred, d->value);
    return;
  }
  list_set(&vm->heap, l->results, w->index, d->value);
  if (l->next < l->functions->len) start_more(vm, l, l->running + 1);
  else if (l->running == 0) deferred_fulfil(vm, &l->deferred, value_object(l->results));
}

static void start_more(struct lull *vm, struct limited *l, u32 limit)
{
  while (l->running < limit && l->next < l->functions->len) {
    u32 i = l->next++;
    struct task *t = task_new(vm, l->functions->items[i], NULL, 0, l->deferred.tag);
    if (!t) {
      deferred_fail(vm, &l->deferred, error_memory(vm));
      return;
    }
    l->running++;
    sched_start(vm, t->fiber);
    // A function may return a deferred: its value is what counts.
    struct deferred *value = deferred_new(vm);
    value->tag = l->deferred.tag;
    if (!deferred_follow(vm, value, &t->deferred) || !deferred_wait(vm, value, limited_wake, &l->deferred.object, i))
      deferred_fail(vm, &l->deferred, error_memory(vm));
  }
}

struct deferred *await_limited(struct lull *vm, struct list *functions, u32 limit)
{
  struct limited *l = make(vm, sizeof *l, DEFERRED_LIMIT);
  l->functions = list_slice(&vm->heap, functions, 0, functions->len);
  l->results = list_slice(&vm->heap, functions, 0, functions->len);
  if (!l->functions || !l->results) return throw_memory(vm), NULL;
  if (functions->len == 0) deferred_fulfil(vm, &l->deferred, value_object(l->results));
  start_more(vm, l, limit);
  return &l->deferred;
}

// The callback of a finally has ended: the link settles as what it stands behind did, or as the callback failed.
static void finally_wake(struct lull *vm, struct waiter *w, struct deferred *callback)
{
  struct link *l = (struct link *)w->subject;
  l->deferred.is_held = false;
  if (callback->state == DEFERRED_FAILED) deferred_fail(vm, &l->deferred, callback->value);
  else if (l->of->state == DEFERRED_FAILED) deferred_fail(vm, &l->deferred, l->of->value);
  else deferred_fulfil(vm, &l->deferred, l->of->value);
}

static void link_wake(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct link *l = (struct link *)w->subject;
  bool is_ok = d->state == DEFERRED_RESOLVED;
  if (l->deferred.state != DEFERRED_PENDING) return;
  if ((l->kind == LINK_THEN && !is_ok) || (l->kind == LINK_CATCH && is_ok)) {
    if (is_ok) deferred_fulfil(vm, &l->deferred, d->value);
    else deferred_fail(vm, &l->deferred, d->value);
    return;
  }
  struct task *t = task_new(vm, l->callback, &d->value, l->kind == LINK_FINALLY ? 0 : 1, l->deferred.tag);
  if (!t) {
    deferred_fail(vm, &l->deferred, error_memory(vm));
    return;
  }
  sched_start(vm, t->fiber);
  l->deferred.is_held = true;
  bool ok = l->kind == LINK_FINALLY ? deferred_wait(vm, &t->deferred, finally_wake, &l->deferred.object, 0)
                                    : deferred_follow(vm, &l->deferred, &t->deferred);
  if (ok) return;
  l->deferred.is_held = false;
  deferred_fail(vm, &l->deferred, error_memory(vm));
}

struct deferred *await_link(struct lull *vm, enum link_kind kind, struct deferred *of, Value callback)
{
  struct link *l = make(vm, sizeof *l, DEFERRED_LINK);
  l->kind = (u8)kind;
  l->callback = callback;
  l->of = of;
  if (!deferred_wait(vm, of, link_wake, &l->deferred.object, 0)) return throw_memory(vm), NULL;
  return &l->deferred;
}

static void timeout_wake(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct link *l = (struct link *)w->subject;
  if (l->deferred.state != DEFERRED_PENDING) return;
  if (d == l->of) {
    struct string *message = string_from(&vm->heap, "it took longer than its timeout");
    deferred_fail(vm, &l->deferred, value_object(error_new(vm, vm->errors.timeout, message)));
    deferred_unwait(vm, l->source, &l->deferred.object);
    return;
  }
  if (d->state == DEFERRED_RESOLVED) deferred_fulfil(vm, &l->deferred, d->value);
  else deferred_fail(vm, &l->deferred, d->value);
  // The timer would keep the program running for nothing.
  timer_cancel(vm, (struct timer *)l->of);
}

struct deferred *await_timeout(struct lull *vm, struct deferred *of, double seconds)
{
  struct link *l = make(vm, sizeof *l, DEFERRED_LINK);
  l->kind = LINK_TIMEOUT;
  l->callback = NIL;
  struct timer *timer = timer_new(vm, seconds, 0, NIL, NULL, 0);
  if (!timer) return throw_memory(vm), NULL;
  l->of = &timer->deferred;
  l->source = of;
  if (!deferred_wait(vm, &timer->deferred, timeout_wake, &l->deferred.object, 0) ||
      !deferred_wait(vm, of, timeout_wake, &l->deferred.object, 0))
    return throw_memory(vm), NULL;
  return &l->deferred;
}
