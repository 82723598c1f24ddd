// Methods of lists that change them or look into them. What is derived from any sequence is in sequence.c,
// sort.c and transform.c.
#include "builtin/builtin.h"

#include "builtin/compare.h"
#include "builtin/sequence.h"
#include "builtin/sort.h"
#include "builtin/transform.h"

static struct list *self(struct call *c) { return AS_LIST(c->args[0]); }

static enum native_status list_fn_len(struct call *c) { return return_int(c, self(c)->len); }
static enum native_status list_fn_is_empty(struct call *c) { return return_bool(c, self(c)->len == 0); }

// Changing

static enum native_status list_fn_push(struct call *c)
{
  return return_nil(c, list_push(c->heap, self(c), c->args[1]));
}

static enum native_status list_fn_pop(struct call *c)
{
  struct list *list = self(c);
  u32 at = list->len - 1;
  if (list->len == 0) return throw_error(c->vm, c->vm->errors.index, "pop: the list is empty");
  if (arg_has(c, 1) && !arg_index(c, 1, list->len, &at)) return NATIVE_THROW;
  return native_return(c, list_remove(list, at));
}

static enum native_status list_fn_remove(struct call *c)
{
  struct list *list = self(c);
  u32 at;
  if (!arg_index(c, 1, list->len, &at)) return NATIVE_THROW;
  return native_return(c, list_remove(list, at));
}

// One place more than there are elements: behind the last is one too.
static enum native_status list_fn_insert(struct call *c)
{
  struct list *list = self(c);
  i64 index;
  if (!arg_int(c, 1, &index)) return NATIVE_THROW;
  i64 at = index < 0 ? index + list->len : index;
  if (at < 0 || at > list->len) {
    return throw_error(c->vm, c->vm->errors.index, "insert: index %lld is out of range: the length is %u",
                       (long long)index, list->len);
  }
  return return_nil(c, list_insert(c->heap, list, (u32)at, c->args[2]));
}

static enum native_status list_fn_extend(struct call *c)
{
  struct list *more;
  enum walk_status s = walk_gather(c, 0, c->args[1], &more);
  if (s != WALK_END) return walk_leave(s);
  // A list may be extended by itself: its items move as it grows.
  struct list *list = self(c);
  u32 count = more->len;
  if (!list_reserve(c->heap, list, list->len + count)) return throw_memory(c->vm);
  return return_nil(c, list_append(c->heap, list, more->items, count));
}

static enum native_status list_fn_clear(struct call *c)
{
  list_truncate(c->heap, self(c), 0);
  return native_return(c, NIL);
}

// Swaps the first [count] elements with the last; returns how many were, where it is to stop.
static u32 swap_ends(struct call *c, struct list *list, u32 count, bool may_stop)
{
  for (u32 i = 0; i < count; i++) {
    if (may_stop && native_must_stop_at(c, i)) return i;
    Value *last = &list->items[list->len - 1 - i], swap = list->items[i];
    list->items[i] = *last;
    *last = swap;
  }
  return count;
}

static enum native_status list_fn_reverse(struct call *c)
{
  struct list *list = self(c);
  heap_barrier(c->heap, list);
  u32 half = list->len / 2, done = swap_ends(c, list, half, true);
  if (done == half) return native_return(c, NIL);
  swap_ends(c, list, done, false);
  return NATIVE_THROW;
}

static enum native_status list_fn_fill(struct call *c)
{
  struct list *list = self(c);
  u32 from, to;
  if (!arg_span(c, 2, list->len, &from, &to)) return NATIVE_THROW;
  heap_barrier(c->heap, list);
  for (u32 i = from; i < to; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    list->items[i] = c->args[1];
  }
  return native_return(c, NIL);
}

// Looking for a value

enum { SEEK_STATE, SEEK_AT, SEEK_COUNT, SEEK_LOCALS };

// The next element equal to argument 1, from where the last search ended: its index, or -1.
static enum part seek(struct call *c, bool is_backwards, i64 *found)
{
  struct list *list = self(c);
  if (is_nil(c->locals[SEEK_AT])) c->locals[SEEK_AT] = value_int(is_backwards ? (i64)list->len - 1 : 0);
  for (;;) {
    i64 at = as_int(c->locals[SEEK_AT]);
    bool is_pending = !is_nil(c->locals[SEEK_STATE]), is_equal;
    *found = -1;
    if (native_must_stop_at(c, (u64)at)) return PART_THROW;
    if (!is_pending && (at < 0 || at >= list->len)) return PART_DONE;
    enum part p = is_pending ? equal_resume(c, SEEK_STATE, &is_equal)
                             : equal_ask(c, SEEK_STATE, list->items[at], c->args[1], &is_equal);
    if (p != PART_DONE) return p;
    c->locals[SEEK_AT] = value_int(is_backwards ? at - 1 : at + 1);
    *found = at;
    if (is_equal) return PART_DONE;
  }
}

static enum native_status list_fn_contains(struct call *c)
{
  i64 at;
  enum part p = seek(c, false, &at);
  return p == PART_DONE ? return_bool(c, at >= 0) : part_leave(p);
}

static enum native_status return_found(struct call *c, bool is_backwards)
{
  i64 at;
  enum part p = seek(c, is_backwards, &at);
  if (p != PART_DONE) return part_leave(p);
  return native_return(c, at < 0 ? NIL : value_int(at));
}

static enum native_status list_fn_index_of(struct call *c) { return return_found(c, false); }
static enum native_status list_fn_last_index_of(struct call *c) { return return_found(c, true); }

static enum native_status list_fn_count(struct call *c)
{
  if (is_nil(c->locals[SEEK_COUNT])) c->locals[SEEK_COUNT] = value_int(0);
  for (;;) {
    i64 at;
    enum part p = seek(c, false, &at);
    if (p != PART_DONE) return part_leave(p);
    if (at < 0) return native_return(c, c->locals[SEEK_COUNT]);
    c->locals[SEEK_COUNT] = value_int(as_int(c->locals[SEEK_COUNT]) + 1);
  }
}

static enum native_status list_fn_remove_value(struct call *c)
{
  i64 at;
  enum part p = seek(c, false, &at);
  if (p != PART_DONE) return part_leave(p);
  // A method `equals` may have shortened the list.
  bool is_there = at >= 0 && at < self(c)->len;
  if (is_there) list_remove(self(c), (u32)at);
  return return_bool(c, is_there);
}

// Elements and parts

static enum native_status list_fn_first(struct call *c)
{
  return native_return(c, self(c)->len ? self(c)->items[0] : NIL);
}

static enum native_status list_fn_last(struct call *c)
{
  return native_return(c, self(c)->len ? self(c)->items[self(c)->len - 1] : NIL);
}

static enum native_status list_fn_get(struct call *c)
{
  struct list *list = self(c);
  i64 at;
  if (!arg_int(c, 1, &at)) return NATIVE_THROW;
  if (at < 0) at += list->len;
  if (at >= 0 && at < list->len) return native_return(c, list->items[at]);
  return native_return(c, arg_given(c, 2) ? c->args[2] : NIL);
}

static enum native_status list_fn_slice(struct call *c)
{
  u32 from, to;
  if (!arg_span(c, 1, self(c)->len, &from, &to)) return NATIVE_THROW;
  return return_object(c, list_slice(c->heap, self(c), from, to));
}

static enum native_status list_fn_copy(struct call *c)
{
  return return_object(c, list_slice(c->heap, self(c), 0, self(c)->len));
}

static const struct native list_natives[] = {
  { .name = "len", .fn = list_fn_len, .usage = "len()", .doc = "The number of elements." },
  { .name = "is_empty", .fn = list_fn_is_empty, .usage = "is_empty()", .doc = "True for a list without elements." },
  { .name = "push",
    .fn = list_fn_push,
    .required = 1,
    .max = 1,
    .usage = "push(value)",
    .doc = "Puts a value behind the last element." },
  { .name = "pop",
    .fn = list_fn_pop,
    .max = 1,
    .usage = "pop(index = -1)",
    .doc = "Takes the last element out, or the one at [index], and gives it.\n"
           "An IndexError where there is none.\n"
           "    let xs = [1, 2]; xs.pop()             # 2" },
  { .name = "insert",
    .fn = list_fn_insert,
    .required = 2,
    .max = 2,
    .usage = "insert(index, value)",
    .doc = "Puts a value in front of the element at [index]; the length is an index too.\n"
           "An IndexError beyond.\n"
           "    let xs = [1, 3]; xs.insert(1, 2)      # xs is [1, 2, 3]" },
  { .name = "remove",
    .fn = list_fn_remove,
    .required = 1,
    .max = 1,
    .usage = "remove(index)",
    .doc = "Takes the element at [index] out, and gives it.\n"
           "An IndexError where there is none. remove_value takes a value." },
  { .name = "remove_value",
    .fn = list_fn_remove_value,
    .required = 1,
    .max = 1,
    .locals = SEEK_LOCALS,
    .usage = "remove_value(value)",
    .doc = "Takes the first element out that is equal to [value]; true where there was one." },
  { .name = "extend",
    .fn = list_fn_extend,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "extend(values)",
    .doc = "Puts all that [values] gives when looped over behind the last element.\n"
           "    let xs = [1]; xs.extend(2..4)         # xs is [1, 2, 3]" },
  { .name = "clear", .fn = list_fn_clear, .usage = "clear()", .doc = "Takes all elements out." },
  { .name = "reverse",
    .fn = list_fn_reverse,
    .usage = "reverse()",
    .doc = "Turns the order of the elements round, in place; reversed() makes a new list." },
  { .name = "fill",
    .fn = list_fn_fill,
    .required = 1,
    .max = 3,
    .usage = "fill(value, from = 0, to = nil)",
    .doc = "Puts the value in the place of all elements, or of those from [from] up to, not including, [to]." },
  { .name = "contains",
    .fn = list_fn_contains,
    .required = 1,
    .max = 1,
    .locals = SEEK_LOCALS,
    .usage = "contains(value)",
    .doc = "True where an element is equal to [value]. The same as value in xs." },
  { .name = "index_of",
    .fn = list_fn_index_of,
    .required = 1,
    .max = 1,
    .locals = SEEK_LOCALS,
    .usage = "index_of(value)",
    .doc = "The index of the first element equal to [value], or nil.\n"
           "    [\"a\", \"b\"].index_of(\"b\")            # 1" },
  { .name = "last_index_of",
    .fn = list_fn_last_index_of,
    .required = 1,
    .max = 1,
    .locals = SEEK_LOCALS,
    .usage = "last_index_of(value)",
    .doc = "The index of the last element equal to [value], or nil." },
  { .name = "count",
    .fn = list_fn_count,
    .required = 1,
    .max = 1,
    .locals = SEEK_LOCALS,
    .usage = "count(value)",
    .doc = "How many elements are equal to [value]; count_if takes a function." },
  { .name = "first", .fn = list_fn_first, .usage = "first()", .doc = "The first element, or nil." },
  { .name = "last", .fn = list_fn_last, .usage = "last()", .doc = "The last element, or nil." },
  { .name = "get",
    .fn = list_fn_get,
    .required = 1,
    .max = 2,
    .usage = "get(index, default = nil)",
    .doc = "The element at [index], or [default] where there is none.\n"
           "    [1, 2].get(5, 0)                      # 0" },
  { .name = "slice",
    .fn = list_fn_slice,
    .max = 2,
    .usage = "slice(from = 0, to = nil)",
    .doc = "A list of the elements from [from] up to, not including, [to]; negative ones count from the end.\n"
           "Takes what there is. The same as xs[from..to]." },
  { .name = "copy", .fn = list_fn_copy, .usage = "copy()", .doc = "A new list of the same elements." },
};

bool builtin_open_list(struct lull *vm)
{
  struct class *class = vm->types.list_;
  return class_add_natives(vm, class, list_natives, COUNT_OF(list_natives)) && transform_open_sequence(vm, class) &&
         sequence_open(vm, class) && sort_open_list(vm, class);
}
