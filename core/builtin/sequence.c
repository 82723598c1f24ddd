#include "builtin/sequence.h"

#include "builtin/texts.h"
#include "value/number.h"
#include "value/range.h"
#include "vm/errors.h"

// The work of a native once all elements of an argument, the first if nothing else is said, lie in a list,
// which is only to be read.
typedef enum native_status (*whole_fn)(struct call *c, struct list *list);

static enum native_status with_all_of(struct call *c, u32 arg, whole_fn work)
{
  struct list *list;
  enum walk_status s = walk_gather(c, 0, c->args[arg], &list);
  return s == WALK_END ? work(c, list) : walk_leave(s);
}

static enum native_status with_all(struct call *c, whole_fn work) { return with_all_of(c, 0, work); }

// Sums

static enum native_status cannot_add(struct call *c, enum number_error error, Value a, Value b)
{
  if (error == NUMBER_BAD_KIND) {
    return throw_error(c->vm, c->vm->errors.type, "sum: cannot add %s and %s", type_name(c->vm, a), type_name(c->vm, b));
  }
  if (c->heap->exhausted) return throw_memory(c->vm);
  return throw_error(c->vm, c->vm->errors.limit, "sum: %s", number_error_text(error));
}

static enum native_status sum_list(struct call *c, struct list *list)
{
  Value sum = arg_has(c, 1) ? c->args[1] : value_int(0);
  for (u32 i = 0; i < list->len; i++) {
    Value item = list->items[i], next;
    enum number_error error = NUMBER_BAD_KIND;
    i64 n;
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    if (is_int(sum) && is_int(item) && !__builtin_add_overflow(as_int(sum), as_int(item), &n)) {
      sum = value_int(n);
      continue;
    }
    if (is_number(item)) error = number_arith(c->heap, NUMBER_ADD, sum, item, &next);
    if (error) return cannot_add(c, error, sum, item);
    sum = next;
  }
  return native_return(c, sum);
}

// The sum of a range needs no walk: half its length times its ends together.
static enum number_error sum_of_range(struct heap *heap, const struct range *r, Value *sum)
{
  u64 len = range_len(r);
  if (len == 0) return NUMBER_OK;
  Value ends, count = number_from_u64(heap, len);
  Value first = value_int(range_at(r, 0)), last = value_int(range_at(r, len - 1));
  enum number_error error = number_arith(heap, NUMBER_ADD, first, last, &ends);
  if (!error) error = number_arith(heap, NUMBER_MUL, ends, count, &ends);
  if (!error) error = number_arith(heap, NUMBER_IDIV, ends, value_int(2), &ends);
  return error ? error : number_arith(heap, NUMBER_ADD, *sum, ends, sum);
}

static enum native_status sequence_fn_sum(struct call *c)
{
  if (arg_has(c, 1) && !is_number(c->args[1])) return arg_fail(c, 1, "a number");
  if (!IS_RANGE(c->args[0])) return with_all(c, sum_list);
  Value sum = arg_has(c, 1) ? c->args[1] : value_int(0);
  enum number_error error = sum_of_range(c->heap, AS_RANGE(c->args[0]), &sum);
  return error ? cannot_add(c, error, sum, sum) : native_return(c, sum);
}

// Joining texts

enum { JOIN_PRINTER = GATHER_LOCALS, JOIN_AT, JOIN_LOCALS };

// Strings and ints alone need no printer.
static bool is_simple(const struct list *list)
{
  for (u32 i = 0; i < list->len; i++) {
    if (!is_int(list->items[i]) && !IS_STRING(list->items[i])) return false;
  }
  return true;
}

static enum native_status join_values(struct call *c, struct list *list, struct string *sep)
{
  enum part p = c->step && is_int(c->locals[JOIN_AT]) ? texts_resume(c, JOIN_PRINTER) : PART_DONE;
  if (is_nil(c->locals[JOIN_PRINTER])) texts_begin(c, JOIN_PRINTER, false);
  struct printer *printer = texts_printer(c, JOIN_PRINTER);
  i64 at = is_int(c->locals[JOIN_AT]) ? as_int(c->locals[JOIN_AT]) : 0;
  for (; p == PART_DONE && at < list->len; at++) {
    if (native_must_stop_at(c, (u64)at)) return NATIVE_THROW;
    if (at && sep) string_write(sep, &printer->out);
    c->locals[JOIN_AT] = value_int(at + 1);
    p = texts_put(c, JOIN_PRINTER, list->items[at]);
  }
  return p == PART_DONE ? texts_return(c, JOIN_PRINTER) : part_leave(p);
}

static enum native_status join(struct call *c, struct list *list, struct string *sep)
{
  if (is_object(c->locals[JOIN_PRINTER])) return join_values(c, list, sep);
  if (is_simple(list)) return return_object(c, string_join(c->heap, list->items, list->len, sep));
  return join_values(c, list, sep);
}

static enum native_status join_by(struct call *c, struct list *list)
{
  struct string *sep = NULL;
  return arg_string_or(c, 1, &sep) ? join(c, list, sep) : NATIVE_THROW;
}

static enum native_status join_by_self(struct call *c, struct list *list)
{
  return join(c, list, AS_STRING(c->args[0]));
}

static enum native_status sequence_fn_join(struct call *c) { return with_all(c, join_by); }
static enum native_status string_fn_join(struct call *c) { return with_all_of(c, 1, join_by_self); }

// Parts

static enum native_status take(struct call *c, struct list *list)
{
  u32 count;
  if (!arg_count(c, 1, &count)) return NATIVE_THROW;
  return return_object(c, list_slice(c->heap, list, 0, count < list->len ? count : list->len));
}

static enum native_status drop(struct call *c, struct list *list)
{
  u32 count;
  if (!arg_count(c, 1, &count)) return NATIVE_THROW;
  return return_object(c, list_slice(c->heap, list, count < list->len ? count : list->len, list->len));
}

static enum native_status sequence_fn_take(struct call *c) { return with_all(c, take); }
static enum native_status sequence_fn_drop(struct call *c) { return with_all(c, drop); }

static bool push_slice(struct call *c, struct list *to, struct list *list, u32 from, u32 end)
{
  struct list *part = list_slice(c->heap, list, from, end < list->len ? end : list->len);
  return part && list_push(c->heap, to, value_object(part));
}

static bool arg_size(struct call *c, u32 *size)
{
  if (!arg_count(c, 1, size)) return false;
  if (*size > 0) return true;
  throw_error(c->vm, c->vm->errors.value, "a part needs one element at least");
  return false;
}

static enum native_status chunk(struct call *c, struct list *list)
{
  u32 size;
  if (!arg_size(c, &size)) return NATIVE_THROW;
  struct list *parts = list_new(c->heap, list->len / size + 1);
  for (u64 at = 0; parts && at < list->len; at += size) {
    if (native_must_stop_at(c, at / size)) return NATIVE_THROW;
    u64 end = at + size < list->len ? at + size : list->len;
    if (!push_slice(c, parts, list, (u32)at, (u32)end)) return throw_memory(c->vm);
  }
  return return_object(c, parts);
}

static enum native_status windows(struct call *c, struct list *list)
{
  u32 size;
  if (!arg_size(c, &size)) return NATIVE_THROW;
  struct list *parts = list_new(c->heap, size <= list->len ? list->len - size + 1 : 0);
  for (u32 at = 0; parts && size <= list->len && at <= list->len - size; at++) {
    if (native_must_stop_at(c, at)) return NATIVE_THROW;
    if (!push_slice(c, parts, list, at, at + size)) return throw_memory(c->vm);
  }
  return return_object(c, parts);
}

static enum native_status sequence_fn_chunk(struct call *c) { return with_all(c, chunk); }
static enum native_status sequence_fn_windows(struct call *c) { return with_all(c, windows); }

static enum native_status reversed(struct call *c, struct list *list)
{
  struct list *new = list_new(c->heap, list->len);
  for (u32 i = list->len; new && i-- > 0;) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    if (!list_push(c->heap, new, list->items[i])) return throw_memory(c->vm);
  }
  return return_object(c, new);
}

static enum native_status sequence_fn_reversed(struct call *c) { return with_all(c, reversed); }

static enum native_status to_list(struct call *c, struct list *list)
{
  if (!IS_LIST(c->args[0])) return return_object(c, list);
  return return_object(c, list_slice(c->heap, list, 0, list->len));
}

static enum native_status sequence_fn_to_list(struct call *c) { return with_all(c, to_list); }

// Beside each other

static enum native_status enumerate(struct call *c, struct list *list)
{
  i64 start = 0;
  if (!arg_int_or(c, 1, &start)) return NATIVE_THROW;
  struct list *pairs = list_new(c->heap, list->len);
  for (u32 i = 0; pairs && i < list->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    struct list *pair = list_new(c->heap, 2);
    Value both[2] = { value_int((i64)((u64)start + i)), list->items[i] };
    if (!pair || !list_append(c->heap, pair, both, 2) || !list_push(c->heap, pairs, value_object(pair))) {
      return throw_memory(c->vm);
    }
  }
  return return_object(c, pairs);
}

static enum native_status sequence_fn_enumerate(struct call *c) { return with_all(c, enumerate); }

enum { ZIP_LISTS = GATHER_LOCALS, ZIP_LOCALS };

static enum native_status zip_lists(struct call *c, struct list *lists)
{
  u32 len = lists->len ? UINT32_MAX : 0;
  for (u32 i = 0; i < lists->len; i++) {
    u32 own = AS_LIST(lists->items[i])->len;
    if (own < len) len = own;
  }
  struct list *rows = list_new(c->heap, len);
  for (u32 at = 0; rows && at < len; at++) {
    if (native_must_stop_at(c, at)) return NATIVE_THROW;
    struct list *row = list_new(c->heap, lists->len);
    if (!row || !list_push(c->heap, rows, value_object(row))) return throw_memory(c->vm);
    for (u32 i = 0; i < lists->len; i++) {
      if (!list_push(c->heap, row, AS_LIST(lists->items[i])->items[at])) return throw_memory(c->vm);
    }
  }
  return return_object(c, rows);
}

// Every argument is gathered in turn, in the same locals.
static enum native_status sequence_fn_zip(struct call *c)
{
  if (is_nil(c->locals[ZIP_LISTS])) {
    struct list *none = list_new(c->heap, c->count);
    if (!none) return throw_memory(c->vm);
    c->locals[ZIP_LISTS] = value_object(none);
  }
  struct list *lists = AS_LIST(c->locals[ZIP_LISTS]), *one;
  while (lists->len < c->count) {
    enum walk_status s = walk_gather(c, 0, c->args[lists->len], &one);
    if (s != WALK_END) return walk_leave(s);
    if (!list_push(c->heap, lists, value_object(one))) return throw_memory(c->vm);
    for (u32 i = 0; i < GATHER_LOCALS; i++) c->locals[i] = NIL;
  }
  return zip_lists(c, lists);
}

// Nested lists

struct level {
  const struct list *list;
  u32 at;
};
typedef VEC(struct level) level_stack;

static bool flatten(struct call *c, const struct list *list, i64 depth, struct list *out, level_stack *levels)
{
  if (!vec_push(&c->vm->alloc, levels, (struct level){ list, 0 })) return false;
  for (u64 turn = 0; levels->len; turn++) {
    struct level *top = &vec_last(levels);
    if (heap_must_stop_at(c->heap, turn)) return false;  // lists in lists many times over have no end
    if (top->at == top->list->len) {
      (void)vec_pop(levels);
      continue;
    }
    Value item = top->list->items[top->at++];
    bool is_opened = IS_LIST(item) && levels->len <= depth;
    bool is_done = is_opened ? vec_push(&c->vm->alloc, levels, (struct level){ AS_LIST(item), 0 })
                             : list_push(c->heap, out, item);
    if (!is_done) return false;
  }
  return true;
}

static enum native_status flat(struct call *c, struct list *list)
{
  i64 depth = 1;
  if (!arg_int_or(c, 1, &depth)) return NATIVE_THROW;
  struct list *out = list_new(c->heap, list->len);
  level_stack levels = { 0 };
  bool is_done = out && flatten(c, list, depth, out, &levels);
  vec_free(&c->vm->alloc, &levels);
  return return_object(c, is_done ? out : NULL);
}

static enum native_status sequence_fn_flat(struct call *c) { return with_all(c, flat); }

#define SUM_DOC \
  "Adds all elements, which must be numbers, to [start].\n" \
  "    [1, 2.5].sum()                        # 3.5"
#define ENUMERATE_DOC \
  "A list of [number, element], numbered from [start] on.\n" \
  "    [\"a\", \"b\"].enumerate(1)               # [[1, \"a\"], [2, \"b\"]]"
#define ZIP_DOC \
  "A list of lists: the first elements of all, the second ones, as far as the shortest reaches.\n" \
  "    [1, 2].zip([\"a\", \"b\"])                # [[1, \"a\"], [2, \"b\"]]"

static const struct native sequence_natives[] = {
  { .name = "sum",
    .fn = sequence_fn_sum,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "sum(start = 0)",
    .doc = SUM_DOC },
  { .name = "min",
    .fn = extreme_min,
    .max = 1,
    .locals = EXTREME_LOCALS,
    .usage = "min(key = nil)",
    .doc = "The smallest element, or the one for which [key] gives the smallest value; of equal ones the first.\n"
           "nil where there is none. Values that have no order are a TypeError.\n"
           "    [\"ccc\", \"a\"].min(s => s.len())      # \"a\"" },
  { .name = "max",
    .fn = extreme_max,
    .max = 1,
    .locals = EXTREME_LOCALS,
    .usage = "max(key = nil)",
    .doc = "The largest element, or the one for which [key] gives the largest value; of equal ones the first.\n"
           "nil where there is none. Values that have no order are a TypeError.\n"
           "    [3, 1, 2].max()                       # 3" },
  { .name = "join",
    .fn = sequence_fn_join,
    .max = 1,
    .locals = JOIN_LOCALS,
    .usage = "join(separator = \"\")",
    .doc = "The texts of all elements as print shows them, with the separator between them.\n"
           "    [1, 2, 3].join(\"-\")                   # \"1-2-3\"" },
  { .name = "take",
    .fn = sequence_fn_take,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "take(count)",
    .doc = "A list of the first [count] elements, or of what there is." },
  { .name = "drop",
    .fn = sequence_fn_drop,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "drop(count)",
    .doc = "A list of all but the first [count] elements." },
  { .name = "chunk",
    .fn = sequence_fn_chunk,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "chunk(size)",
    .doc = "The elements in lists of [size]; the last may be shorter.\n"
           "    (1..=5).chunk(2)                      # [[1, 2], [3, 4], [5]]" },
  { .name = "windows",
    .fn = sequence_fn_windows,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "windows(size)",
    .doc = "All runs of [size] neighbours.\n"
           "    [1, 2, 3].windows(2)                  # [[1, 2], [2, 3]]" },
  { .name = "reversed",
    .fn = sequence_fn_reversed,
    .locals = GATHER_LOCALS,
    .usage = "reversed()",
    .doc = "A new list of the elements from the last to the first." },
  { .name = "to_list",
    .fn = sequence_fn_to_list,
    .locals = GATHER_LOCALS,
    .usage = "to_list()",
    .doc = "A new list of the elements. The same as list(xs)." },
  { .name = "enumerate",
    .fn = sequence_fn_enumerate,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "enumerate(start = 0)",
    .doc = ENUMERATE_DOC },
  { .name = "zip",
    .fn = sequence_fn_zip,
    .max = NATIVE_REST,
    .locals = ZIP_LOCALS,
    .usage = "zip(...others)",
    .doc = ZIP_DOC },
  { .name = "flat",
    .fn = sequence_fn_flat,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "flat(depth = 1)",
    .doc = "A list in which the elements of lists stand in their place, down to [depth] lists in lists.\n"
           "    [1, [2, [3]]].flat()                  # [1, 2, [3]]" },
};

static const struct native string_natives[] = {
  { .name = "join",
    .fn = string_fn_join,
    .required = 1,
    .max = 1,
    .locals = JOIN_LOCALS,
    .usage = "join(values)",
    .doc = "The texts of all that [values] gives when looped over, with this one between them.\n"
           "    \", \".join([1, 2])        # \"1, 2\"; the same as [1, 2].join(\", \")" },
};

static const struct native global_natives[] = {
  { .name = "sum",
    .fn = sequence_fn_sum,
    .required = 1,
    .max = 2,
    .locals = GATHER_LOCALS,
    .usage = "sum(values, start = 0)",
    .doc = SUM_DOC },
  { .name = "reversed",
    .fn = sequence_fn_reversed,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "reversed(values)",
    .doc = "A new list of what can be looped over, from the last to the first." },
  { .name = "enumerate",
    .fn = sequence_fn_enumerate,
    .required = 1,
    .max = 2,
    .locals = GATHER_LOCALS,
    .usage = "enumerate(values, start = 0)",
    .doc = ENUMERATE_DOC },
  { .name = "zip",
    .fn = sequence_fn_zip,
    .max = NATIVE_REST,
    .locals = ZIP_LOCALS,
    .usage = "zip(...values)",
    .doc = ZIP_DOC },
};

bool sequence_open(struct lull *vm, struct class *class)
{
  return class_add_natives(vm, class, sequence_natives, COUNT_OF(sequence_natives));
}

bool sequence_open_string(struct lull *vm)
{
  return class_add_natives(vm, vm->types.string_, string_natives, COUNT_OF(string_natives));
}

bool sequence_open_global(struct lull *vm)
{
  return vm_define_natives(vm, global_natives, COUNT_OF(global_natives));
}
