// The smallest and the largest of elements, by themselves or by keys.
#include "builtin/compare.h"
#include "builtin/sequence.h"
#include "value/range.h"
#include "vm/errors.h"

enum {
  ITEM = WALK_LOCALS,  // the element looked at, and the place walk_next puts the value of a map's entry
  ITEM_VALUE,
  KEY,        // what it is judged by
  BEST,       // the best so far; UNSET: none yet
  BEST_KEY,
  WAITS_FOR,  // whose answer c->value is
};
_Static_assert(WAITS_FOR < EXTREME_LOCALS, "a local each");

enum { FOR_WALK = 1, FOR_KEY, FOR_ORDER };

static void judge(struct call *c, int wanted, int order)
{
  if (!is_unset(c->locals[BEST]) && order * wanted <= 0) return;
  c->locals[BEST] = c->locals[ITEM];
  c->locals[BEST_KEY] = c->locals[KEY];
}

static enum part weigh(struct call *c, int wanted)
{
  int order = 0;
  if (!is_unset(c->locals[BEST])) {
    enum part p = order_ask(c, c->locals[KEY], c->locals[BEST_KEY], &order);
    if (p == PART_CALL) c->locals[WAITS_FOR] = value_int(FOR_ORDER);
    if (p != PART_DONE) return p;
  }
  judge(c, wanted, order);
  return PART_DONE;
}

// Takes the answer the native was entered again with.
static enum part take_answer(struct call *c, int wanted)
{
  i64 waits_for = as_int(c->locals[WAITS_FOR]);
  c->locals[WAITS_FOR] = value_int(FOR_WALK);
  if (waits_for == FOR_WALK) return PART_DONE;
  if (waits_for == FOR_KEY) {
    c->locals[KEY] = c->value;
    return weigh(c, wanted);
  }
  int order;
  if (!order_answer(c, c->value, &order)) return PART_THROW;
  judge(c, wanted, order);
  return PART_DONE;
}

static enum native_status extreme(struct call *c, u32 key, int wanted)
{
  enum part p = PART_DONE;
  if (c->step == 0) {
    if (key && !arg_callable_or(c, key)) return NATIVE_THROW;
    if (!walk_start(c, 0, c->args[0])) return NATIVE_THROW;
    c->locals[BEST] = UNSET;
    c->locals[WAITS_FOR] = value_int(FOR_WALK);
  } else {
    p = take_answer(c, wanted);
  }
  while (p == PART_DONE) {
    enum walk_status s = walk_next(c, 0, &c->locals[ITEM]);
    if (s == WALK_END) return native_return(c, is_unset(c->locals[BEST]) ? NIL : c->locals[BEST]);
    if (s != WALK_ITEM) return walk_leave(s);
    c->locals[KEY] = c->locals[ITEM];
    if (key && arg_has(c, key)) {
      c->locals[WAITS_FOR] = value_int(FOR_KEY);
      return native_call(c, c->args[key], &c->locals[ITEM], 1);
    }
    p = weigh(c, wanted);
  }
  return part_leave(p);
}

// The ends of a range need no walk.
static enum native_status extreme_of(struct call *c, int wanted)
{
  if (!IS_RANGE(c->args[0]) || arg_has(c, 1)) return extreme(c, 1, wanted);
  struct range *r = AS_RANGE(c->args[0]);
  u64 len = range_len(r);
  if (len == 0) return native_return(c, NIL);
  bool is_last = (r->step > 0) == (wanted > 0);
  return return_int(c, range_at(r, is_last ? len - 1 : 0));
}

enum native_status extreme_min(struct call *c) { return extreme_of(c, -1); }
enum native_status extreme_max(struct call *c) { return extreme_of(c, 1); }

// Several arguments are the elements themselves: they take the place of the first one as a list.
static enum native_status extreme_of_values(struct call *c, int wanted)
{
  if (c->step == 0 && c->count == 0) {
    return throw_error(c->vm, c->vm->errors.type, "%s needs a value", wanted < 0 ? "min" : "max");
  }
  if (c->step == 0 && c->count > 1) {
    struct list *values = list_new(c->heap, c->count);
    if (!values || !list_append(c->heap, values, c->args, c->count)) return throw_memory(c->vm);
    c->args[0] = value_object(values);
  }
  return extreme(c, 0, wanted);
}

static enum native_status global_min(struct call *c) { return extreme_of_values(c, -1); }
static enum native_status global_max(struct call *c) { return extreme_of_values(c, 1); }

static const struct native extreme_natives[] = {
  { .name = "min",
    .fn = global_min,
    .max = NATIVE_REST,
    .locals = EXTREME_LOCALS,
    .usage = "min(...values)",
    .doc = "The smallest of the values; given one alone, the smallest of what it gives when looped over.\n"
           "nil where there is none. xs.min(key) takes a function.\n"
           "    min(3, 1, 2)             # 1\n"
           "    min([3, 1, 2])           # 1" },
  { .name = "max",
    .fn = global_max,
    .max = NATIVE_REST,
    .locals = EXTREME_LOCALS,
    .usage = "max(...values)",
    .doc = "The largest of the values; given one alone, the largest of what it gives when looped over.\n"
           "nil where there is none. xs.max(key) takes a function.\n"
           "    max(3, 1, 2)             # 3" },
};

bool extreme_open_global(struct lull *vm)
{
  return vm_define_natives(vm, extreme_natives, COUNT_OF(extreme_natives));
}
