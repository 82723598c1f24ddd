// Waiting and starting: sleep, after, every, deferreds, tasks, timers and what combines them.
#include "builtin/builtin.h"
#include "vm/await.h"
#include "vm/deferred.h"

static enum native_status give(struct call *c, struct deferred *d)
{
  return d ? native_return(c, value_object(d)) : NATIVE_THROW;
}

static enum native_status global_sleep(struct call *c)
{
  double seconds;
  if (!arg_seconds(c, 0, &seconds)) return NATIVE_THROW;
  struct timer *t = timer_new(c->vm, seconds, 0, NIL, NULL, 0);
  return t ? native_return(c, value_object(t)) : throw_memory(c->vm);
}

static enum native_status start_timer(struct call *c, bool is_repeating)
{
  double seconds;
  if (!arg_seconds(c, 0, &seconds) || !arg_callable(c, 1)) return NATIVE_THROW;
  // libev takes a repeat of 0 for none: as fast as the loop turns is what is meant.
  double interval = !is_repeating ? 0 : seconds > 1e-6 ? seconds : 1e-6;
  struct timer *t = timer_new(c->vm, seconds, interval, c->args[1], c->args + 2, c->count - 2);
  return t ? native_return(c, value_object(t)) : throw_memory(c->vm);
}

static enum native_status global_after(struct call *c) { return start_timer(c, false); }

static enum native_status global_every(struct call *c) { return start_timer(c, true); }

static enum native_status global_deferred(struct call *c) { return give(c, deferred_new(c->vm)); }

static bool arg_deferreds(struct call *c)
{
  if (IS_LIST(c->args[0]) || IS_MAP(c->args[0])) return true;
  arg_fail(c, 0, "a list or a map");
  return false;
}

static enum native_status global_all(struct call *c)
{
  i64 limit;
  if (!arg_given(c, 1) || is_nil(c->args[1]))
    return arg_deferreds(c) ? give(c, await_gather(c->vm, GATHER_ALL, c->args[0])) : NATIVE_THROW;
  struct list *functions;
  if (!arg_list(c, 0, &functions) || !arg_int(c, 1, &limit)) return NATIVE_THROW;
  if (limit < 1) return throw_error(c->vm, c->vm->errors.value, "all: `limit` must be at least 1");
  return give(c, await_limited(c->vm, functions, limit > UINT32_MAX ? UINT32_MAX : (u32)limit));
}

static enum native_status global_race(struct call *c)
{
  return arg_deferreds(c) ? give(c, await_gather(c->vm, GATHER_RACE, c->args[0])) : NATIVE_THROW;
}

static enum native_status global_settle(struct call *c)
{
  return arg_deferreds(c) ? give(c, await_gather(c->vm, GATHER_SETTLE, c->args[0])) : NATIVE_THROW;
}

static enum native_status call_plain(struct call *c, u64 tag)
{
  // The function runs in a task of the other tag; its value is waited for here.
  struct fiber *f = c->vm->fiber;
  if (c->step > 0) return native_return(c, c->value);
  struct task *t = task_new(c->vm, c->args[0], c->args + 1, c->count - 1, tag);
  if (!t) return throw_memory(c->vm);
  sched_start(c->vm, t->fiber);
  c->again = true;
  return sched_wait(c->vm, f, &t->deferred) ? NATIVE_SUSPEND : throw_memory(c->vm);
}

static enum native_status run_detached(struct call *c) { return call_plain(c, 0); }

static enum native_status run_as_cell(struct call *c)
{
  i64 tag;
  if (c->step > 0) return native_return(c, c->value);
  if (!arg_int(c, 0, &tag)) return NATIVE_THROW;
  struct task *t = task_new(c->vm, c->args[1], c->args + 2, c->count - 2, (u64)tag);
  if (!t) return throw_memory(c->vm);
  sched_start(c->vm, t->fiber);
  c->again = true;
  return sched_wait(c->vm, c->vm->fiber, &t->deferred) ? NATIVE_SUSPEND : throw_memory(c->vm);
}

static const struct native detached_call = {
  "detached", run_detached, 1, NATIVE_REST, 0, "detached(f, ...args)", "Runs f without a cell."
};
static const struct native as_cell_call = { "as_cell",          run_as_cell, 2,
                                            NATIVE_REST,        0,           "as_cell(n, f, ...args)",
                                            "Runs f as cell n." };

// A value that calls the native with what is bound in front of its arguments.
static enum native_status bind(struct call *c, const struct native *native, const Value *first, u32 count)
{
  struct string *name = vm_intern(c->vm, native->name);
  if (!name) return throw_memory(c->vm);
  Value f = native_value(c->vm, native, name, 0);
  // Each bound value goes in front of what was bound outside of it.
  for (u32 i = 0; i < count; i++) f = value_object(bound_new(c->heap, first[i], f));
  return native_return(c, f);
}

static enum native_status global_detached(struct call *c)
{
  return arg_callable(c, 0) ? bind(c, &detached_call, c->args, 1) : NATIVE_THROW;
}

static enum native_status global_as_cell(struct call *c)
{
  i64 tag;
  if (!arg_int(c, 0, &tag) || !arg_callable(c, 1)) return NATIVE_THROW;
  if (tag < 0) return throw_error(c->vm, c->vm->errors.value, "as_cell: `n` must not be negative");
  return bind(c, &as_cell_call, c->args, 2);
}

static bool self_deferred(struct call *c, struct deferred **d)
{
  *d = as_deferred(c->args[0]);
  if (is_deferred(c->args[0])) return true;
  arg_fail(c, 0, "a deferred");
  return false;
}

static enum native_status throw_settled(struct call *c, const struct deferred *d)
{
  static const char *const how[] = { "is already bound to another", "is already resolved", "has already failed" };
  return throw_error(c->vm, c->vm->errors.value, "%s: the deferred %s", c->native->name, how[d->state]);
}

static bool is_plain(struct call *c, struct deferred *d)
{
  if (d->object.kind == KIND_DEFERRED && d->object.flags == DEFERRED_PLAIN) return true;
  throw_error(c->vm, c->vm->errors.type, "%s: only what deferred() makes is settled by hand", c->native->name);
  return false;
}

static enum native_status deferred_resolve_method(struct call *c)
{
  struct deferred *d;
  if (!self_deferred(c, &d) || !is_plain(c, d)) return NATIVE_THROW;
  Value v = arg_given(c, 1) ? c->args[1] : NIL;
  return deferred_resolve(c->vm, d, v) ? native_return(c, NIL) : throw_settled(c, d);
}

static enum native_status deferred_fail_method(struct call *c)
{
  struct deferred *d;
  Value error = c->args[1];
  if (!self_deferred(c, &d) || !is_plain(c, d)) return NATIVE_THROW;
  if (IS_STRING(error)) error = value_object(error_new(c->vm, c->vm->errors.error, AS_STRING(error)));
  if (!is_error(c->vm, error)) return arg_fail(c, 1, "an error or a string");
  if (is_nil(AS_INSTANCE(error)->fields[ERROR_TRACE]))
    error_trace(c->vm, AS_INSTANCE(error), c->vm->fiber, c->vm->fiber->base, c->vm->fiber->pc);
  return deferred_fail(c->vm, d, error) ? native_return(c, NIL) : throw_settled(c, d);
}

static enum native_status link_method(struct call *c, enum link_kind kind)
{
  struct deferred *d;
  if (!self_deferred(c, &d) || !arg_callable(c, 1)) return NATIVE_THROW;
  return give(c, await_link(c->vm, kind, d, c->args[1]));
}

static enum native_status deferred_then(struct call *c) { return link_method(c, LINK_THEN); }

static enum native_status deferred_catch(struct call *c) { return link_method(c, LINK_CATCH); }

static enum native_status deferred_finally(struct call *c) { return link_method(c, LINK_FINALLY); }

static enum native_status deferred_timeout(struct call *c)
{
  struct deferred *d;
  double seconds;
  if (!self_deferred(c, &d) || !arg_seconds(c, 1, &seconds)) return NATIVE_THROW;
  return give(c, await_timeout(c->vm, d, seconds));
}

static enum native_status deferred_state(struct call *c)
{
  static const char *const names[] = { "pending", "resolved", "failed" };
  struct deferred *d;
  if (!self_deferred(c, &d)) return NATIVE_THROW;
  return native_return(c, value_object(vm_intern(c->vm, names[d->state])));
}

static enum native_status task_cancel_method(struct call *c)
{
  return native_return(c, value_bool(task_cancel(c->vm, (struct task *)as_object(c->args[0]))));
}

static enum native_status timer_cancel_method(struct call *c)
{
  return native_return(c, value_bool(timer_cancel(c->vm, (struct timer *)as_object(c->args[0]))));
}

static enum native_status await_value(struct call *c)
{
  if (c->step > 0) return native_return(c, c->value);
  struct deferred *d = as_deferred(c->args[0]);
  if (d->state == DEFERRED_RESOLVED) return native_return(c, d->value);
  c->again = true;
  return sched_wait(c->vm, c->vm->fiber, d) ? NATIVE_SUSPEND : throw_memory(c->vm);
}

static const struct native deferred_native = { "deferred",
                                               global_deferred,
                                               0,
                                               0,
                                               0,
                                               "deferred()",
                                               "A deferred to be settled by hand: d.resolve(value), d.fail(error)." };
static const struct native await_native = {
  "await", await_value, 1, 1, 0, "await(deferred)", "Waits for a deferred."
};

static const struct native globals[] = {
  { "sleep", global_sleep, 1, 1, 0, "sleep(seconds)",
    "A deferred that resolves after a while.\nNobody waiting for it, it keeps nothing alive. `await sleep(250ms)`" },
  { "after", global_after, 2, NATIVE_REST, 0, "after(delay, f, ...args)",
    "Calls f with args once, after delay seconds; gives the timer.\n"
    "The call runs in a task of its own. Awaiting the timer gives f's value. `after(1s, print, \"tick\")`" },
  { "every", global_every, 2, NATIVE_REST, 0, "every(interval, f, ...args)",
    "Calls f with args every interval seconds; gives the timer.\nA tick is skipped while the last call still waits. `let t = every(1s, tick)  t.cancel()`" },
  { "all", global_all, 1, 2, 0, "all(xs, limit = nil)",
    "Waits for all of a list or map of deferreds: a deferred of their values, in order.\n"
    "Fails with the first failure. With limit, xs is a list of functions and so many run at once." },
  { "race", global_race, 1, 1, 0, "race(xs)", "Settles as the first of xs does. The others go on." },
  { "settle", global_settle, 1, 1, 0, "settle(xs)",
    "Waits for all of xs to end, well or not: gives {ok: true, value: v} or {ok: false, error: e} for each." },
  { "detached", global_detached, 1, 1, 0, "detached(f)", "A function that runs f on behalf of no cell." },
  { "as_cell", global_as_cell, 2, 2, 0, "as_cell(n, f)", "A function that runs f on behalf of cell n." },
};

static const struct native deferred_methods[] = {
  { "resolve", deferred_resolve_method, 0, 1, 0, "resolve(value = nil)",
    "Settles the deferred with a value; a deferred given as value is followed.\nThrows a ValueError if it is settled already." },
  { "fail", deferred_fail_method, 1, 1, 0, "fail(error)",
    "Settles the deferred with an error (a string becomes an Error).\nThrows a ValueError if it is settled already." },
  { "then", deferred_then, 1, 1, 0, "then(f)",
    "A new deferred of what f(value) gives once this one resolves; a deferred it gives is followed." },
  { "catch", deferred_catch, 1, 1, 0, "catch(f)", "A new deferred of what f(error) gives if this one fails." },
  { "finally", deferred_finally, 1, 1, 0, "finally(f)", "Calls f() once this one settles, and settles likewise." },
  { "timeout", deferred_timeout, 1, 1, 0, "timeout(seconds)",
    "Settles likewise, or fails with a TimeoutError after that time.\nWhat was waited for goes on, but for an operation of the library, which is given up." },
};

static const struct native task_methods[] = {
  { "cancel", task_cancel_method, 0, 0, 0, "cancel()",
    "Throws Cancelled at the task's await in the next turn; false if it has ended.\nIts finally and defer run. Cancelled again, they are cut short." },
};

static const struct native timer_methods[] = {
  { "cancel", timer_cancel_method, 0, 0, 0, "cancel()",
    "Stops the timer (or the call it started); false if it has fired." },
};

static const struct native deferred_fields[] = {
  { "state", deferred_state, 0, 0, 0, "state", "\"pending\", \"resolved\" or \"failed\"." },
};

bool builtin_open_task(struct lull *vm)
{
  struct known_types *t = &vm->types;
  vm->await = native_value(vm, &await_native, vm->known.call, 0);
  return class_set_construct(vm, t->deferred_, &deferred_native) &&
         vm_define(vm, "deferred", value_object(t->deferred_)) && vm_define(vm, "task", value_object(t->task_)) &&
         vm_define(vm, "timer", value_object(t->timer_)) && vm_define_natives(vm, globals, COUNT_OF(globals)) &&
         class_add_natives(vm, t->deferred_, deferred_methods, COUNT_OF(deferred_methods)) &&
         class_add_getters(vm, t->deferred_, deferred_fields, COUNT_OF(deferred_fields)) &&
         class_add_natives(vm, t->task_, task_methods, COUNT_OF(task_methods)) &&
         class_add_natives(vm, t->timer_, timer_methods, COUNT_OF(timer_methods));
}
