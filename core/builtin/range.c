// Methods of ranges. What they share with lists is in sequence.c, sort.c and transform.c; where arithmetic
// does, it is done here.
#include "value/range.h"

#include "builtin/builtin.h"
#include "builtin/sequence.h"
#include "builtin/sort.h"
#include "builtin/transform.h"
#include "value/number.h"
#include "vm/errors.h"

static struct range *self(struct call *c) { return AS_RANGE(c->args[0]); }

static enum native_status range_fn_len(struct call *c)
{
  return native_return(c, number_from_u64(c->heap, range_len(self(c))));
}

static enum native_status range_fn_is_empty(struct call *c) { return return_bool(c, range_len(self(c)) == 0); }

static enum native_status range_fn_contains(struct call *c)
{
  u64 at;
  return return_bool(c, range_find(self(c), c->args[1], &at));
}

static enum native_status range_fn_index_of(struct call *c)
{
  u64 at;
  return native_return(c, range_find(self(c), c->args[1], &at) ? number_from_u64(c->heap, at) : NIL);
}

static enum native_status range_fn_step(struct call *c)
{
  struct range *r = self(c);
  i64 step;
  if (!arg_int(c, 1, &step)) return NATIVE_THROW;
  if (step == 0) return throw_error(c->vm, c->vm->errors.value, "step: the step cannot be 0");
  return return_object(c, range_new(c->heap, r->from, r->to, step, r->object.flags & RANGE_INCLUSIVE));
}

static enum native_status range_fn_from(struct call *c) { return return_int(c, self(c)->from); }
static enum native_status range_fn_to(struct call *c) { return return_int(c, self(c)->to); }

static enum native_status range_fn_first(struct call *c)
{
  return native_return(c, range_len(self(c)) ? value_int(range_at(self(c), 0)) : NIL);
}

static enum native_status range_fn_last(struct call *c)
{
  u64 len = range_len(self(c));
  return native_return(c, len ? value_int(range_at(self(c), len - 1)) : NIL);
}

static enum native_status range_fn_get(struct call *c)
{
  u64 len = range_len(self(c));
  i64 at;
  if (!arg_int(c, 1, &at)) return NATIVE_THROW;
  u64 index = at < 0 ? len + (u64)at : (u64)at;
  bool is_there = at < 0 ? 0 - (u64)at <= len : index < len;
  if (is_there) return return_int(c, range_at(self(c), index));
  return native_return(c, arg_given(c, 2) ? c->args[2] : NIL);
}

// The first so many ints of a range; not by way of a list of all.
static enum native_status range_fn_take(struct call *c)
{
  u32 count;
  if (!arg_count(c, 1, &count)) return NATIVE_THROW;
  u64 len = range_len(self(c));
  if (count > len) count = (u32)len;
  if (count > LIST_MAX) return throw_memory(c->vm);
  struct list *list = list_new(c->heap, count);
  for (u32 i = 0; list && i < count; i++) {
    if (!list_push(c->heap, list, value_int(range_at(self(c), i)))) return throw_memory(c->vm);
  }
  return return_object(c, list);
}

static const struct native range_natives[] = {
  { .name = "len",
    .fn = range_fn_len,
    .usage = "len()",
    .doc = "The number of ints in the range.\n"
           "    (0..=10).len()            # 11" },
  { .name = "is_empty", .fn = range_fn_is_empty, .usage = "is_empty()", .doc = "True for a range without ints." },
  { .name = "contains",
    .fn = range_fn_contains,
    .required = 1,
    .max = 1,
    .usage = "contains(value)",
    .doc = "True where the value is one of the ints. The same as value in range.\n"
           "    (0..10).step(2).contains(3)   # false" },
  { .name = "index_of",
    .fn = range_fn_index_of,
    .required = 1,
    .max = 1,
    .usage = "index_of(value)",
    .doc = "How many ints come before the value; nil where it is not in the range." },
  { .name = "step",
    .fn = range_fn_step,
    .required = 1,
    .max = 1,
    .usage = "step(step)",
    .doc = "The range of every so many ints, from the same start; a negative step counts down.\n"
           "A step of 0 is a ValueError.\n"
           "    list((0..10).step(4))     # [0, 4, 8]\n"
           "    list((3..0).step(-1))     # [3, 2, 1]" },
  { .name = "start", .fn = range_fn_from, .usage = "start()", .doc = "The int the range was written to begin with." },
  { .name = "end", .fn = range_fn_to, .usage = "end()", .doc = "The int the range was written to end at." },
  { .name = "first", .fn = range_fn_first, .usage = "first()", .doc = "The first int, or nil in an empty range." },
  { .name = "last", .fn = range_fn_last, .usage = "last()", .doc = "The last int, or nil in an empty range." },
  { .name = "get",
    .fn = range_fn_get,
    .required = 1,
    .max = 2,
    .usage = "get(index, default = nil)",
    .doc = "The int at [index], negative from the end, or [default] where there is none." },
};

// Opened last, in place of what works by way of a list.
static const struct native range_shortcuts[] = {
  { .name = "take",
    .fn = range_fn_take,
    .required = 1,
    .max = 1,
    .usage = "take(count)",
    .doc = "A list of the first [count] ints, or of what there is." },
};

bool builtin_open_range(struct lull *vm)
{
  struct class *class = vm->types.range_;
  return class_add_natives(vm, class, range_natives, COUNT_OF(range_natives)) && transform_open_sequence(vm, class) &&
         sequence_open(vm, class) && sort_open_sequence(vm, class) &&
         class_add_natives(vm, class, range_shortcuts, COUNT_OF(range_shortcuts));
}
