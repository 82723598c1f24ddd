// for loops: over ints, the built-in collections, and anything with iterate(). The state is three registers: what is
// walked, where, and what must not change.
#include "vm/iterate.h"

#include "base/utf8.h"
#include "value/bytes.h"
#include "value/range.h"
#include "vm/channel.h"
#include "vm/step.h"

enum vm_step throw_range_ends(struct lull *vm, Value from, Value to)
{
  if (is_integer(from) && is_integer(to)) return STEP_ERROR(vm, vm->errors.limit, "the ends of a range must fit 64 bits");
  Value wrong = is_integer(from) ? to : from;
  return STEP_ERROR(vm, vm->errors.type, "the ends of a range must be ints, not %s", type_name(vm, wrong));
}

Value iterate_method(struct lull *vm, Value x)
{
  Value method = class_find_method(type_of(vm, x), vm->known.iterate);
  if (!is_unset(method)) return method;
  const char *hint = is_int(x) ? " (a range: `0..n`)" : IS_INSTANCE(x) ? " (its class has no method `iterate`)" : "";
  throw_error(vm, vm->errors.type, "cannot loop over %s%s", type_name(vm, x), hint);
  return UNSET;
}

Value iterate_next_method(struct lull *vm, Value x)
{
  Value next = class_find_method(type_of(vm, x), vm->known.next);
  if (is_unset(next))
    throw_error(vm, vm->errors.type, "`iterate` must return an object with a method `next`, not %s", type_name(vm, x));
  return next;
}

enum vm_step slow_iterate(struct lull *vm, struct fiber *f, u64 *at, u16 a, Value x)
{
  Value *state = &REGISTER(f, a);
  state[0] = x;
  state[1] = value_int(0);
  state[2] = NIL;
  if (IS_MAP(x) || IS_SET(x)) {
    state[2] = value_int(AS_MAP(x)->version);
    return STEP_NEXT;
  }
  if (iterate_is_plain(x) || is_kind(x, KIND_CHANNEL)) return STEP_NEXT;
  Value method = iterate_method(vm, x);
  return is_unset(method) ? STEP_THROW : call_operator(vm, f, at, NIL, method, &x, 1);
}

enum vm_step finish_iterate(struct lull *vm, struct fiber *f, u64 *at, Value result)
{
  u16 a = instruction_a(*at);
  f->pc = at + 1;
  Value *state = &REGISTER(f, a);
  state[0] = result;
  state[1] = value_int(0);
  if (iterate_is_plain(result) || is_kind(result, KIND_CHANNEL)) return slow_iterate(vm, f, at, a, result);
  Value next = iterate_next_method(vm, result);
  if (is_unset(next)) return STEP_THROW;
  state[2] = next;
  return STEP_NEXT;
}

// Of a set the position counts, as of other sequences. What was removed leaves gaps between the places of the others, so
// the items are counted beside the version.
static enum vm_step next_map(struct lull *vm, Value *state, bool is_pair, bool *is_done)
{
  const struct map *m = AS_MAP(state[0]);
  i64 count = as_int(state[2]) >> 32;
  if (m->version != (u32)as_int(state[2])) {
    return STEP_ERROR(vm, vm->errors.value, "the %s gained or lost keys during a loop over it",
                      m->object.kind == KIND_SET ? "set" : "map");
  }
  u32 i = map_next(m, (u32)as_int(state[1]));
  *is_done = i >= m->used;
  if (*is_done) return STEP_NEXT;
  state[1] = value_int((i64)i + 1);
  state[2] = value_int((count + 1) << 32 | m->version);
  bool is_counted = is_pair && m->object.kind == KIND_SET;
  state[3] = is_counted ? value_int(count) : m->entries[i].key;
  if (is_pair) state[4] = is_counted ? m->entries[i].key : m->entries[i].value;
  return STEP_NEXT;
}

// Sequences by position: the value at the position, or done. Lists are the loop's own.
static enum vm_step next_item(struct lull *vm, Value *state, Value *item, bool *is_done)
{
  u64 at = (u64)as_int(state[1]);
  Value x = state[0];
  if (IS_RANGE(x)) {
    *is_done = at >= range_len(AS_RANGE(x));
    if (!*is_done) *item = value_int(range_at(AS_RANGE(x), at));
  } else if (IS_BYTES(x)) {
    *is_done = at >= AS_BYTES(x)->len;
    if (!*is_done) *item = value_int(AS_BYTES(x)->data[at]);
  } else {
    struct string *s = AS_STRING(x);
    *is_done = at >= string_count(s);
    if (*is_done) return STEP_NEXT;
    struct string *c = string_slice(&vm->heap, s, (u32)at, (u32)at + 1);
    if (!c) return STEP_MEMORY(vm);
    *item = value_object(c);
  }
  state[1] = value_int((i64)at + 1);
  return STEP_NEXT;
}

enum vm_step slow_next(struct lull *vm, struct fiber *f, u64 *at, u16 a, bool is_pair, bool *is_done,
                       bool *is_pending)
{
  Value *state = &REGISTER(f, a), item = NIL;
  Value x = state[0];
  *is_done = false;
  if (IS_MAP(x) || IS_SET(x)) return next_map(vm, state, is_pair, is_done);
  if (is_kind(x, KIND_CHANNEL)) {
    item = channel_take(vm, (struct channel *)as_object(x));
    *is_done = item.tag == TAG_DONE;
    if (*is_done) return STEP_NEXT;
    if (!is_unset(item)) {
      state[3] = is_pair ? state[1] : item;
      if (is_pair) state[4] = item;
      state[1] = value_int(as_int(state[1]) + 1);
      return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
    }
    struct deferred *d = channel_recv(vm, (struct channel *)as_object(x));
    if (!d) return STEP_MEMORY(vm);
    // The loop waits in the instruction itself, and comes back to it with the value in its register.
    *is_pending = true;
    Value method = vm->await;
    return call_operator(vm, f, at, NIL, method, (Value[]){ value_object(d) }, 1);
  }
  if (IS_INSTANCE(x) || is_object(state[2])) {
    *is_pending = true;
    return call_operator(vm, f, at, NIL, state[2], &x, 1);
  }
  Value index = state[1];
  enum vm_step step = next_item(vm, state, &item, is_done);
  if (step != STEP_NEXT || *is_done) return step;
  state[3] = is_pair ? index : item;
  if (is_pair) state[4] = item;
  return STEP_NEXT;
}

enum vm_step finish_next(struct lull *vm, struct fiber *f, u64 *at, Value result, bool is_pair)
{
  Value *state = &REGISTER(f, instruction_a(*at));
  f->pc = at + 1;
  if (is_done(result)) return STEP_NEXT;
  f->pc += instruction_wide(*at);
  state[3] = is_pair ? state[1] : result;
  if (is_pair) state[4] = result;
  state[1] = value_int(as_int(state[1]) + 1);
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}
