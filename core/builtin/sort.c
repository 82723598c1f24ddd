#include "builtin/sort.h"

#include "builtin/compare.h"
#include "value/function.h"
#include "vm/errors.h"

// Sorting goes through stages, each of which may call the language: gather the elements, ask for their keys, order
// them. Where a call decides the order, elements, each behind its key if there are keys, are merged to and fro
// between two lists, in runs twice as wide each time.
enum {
  ITEMS = GATHER_LOCALS,  // list of the elements as they were; keeps them alive whatever lies in the runs
  KEYED,                  // list of each element's key and the element itself; nil where there is no key function
  MERGE,                  // bytes that hold a struct merge; nil before
  SPARE,                  // the list that is merged with
  RESULT,                 // list of the elements in order; nil before
  SORT_LOCALS
};
enum { ARG_KEY = 1, ARG_REVERSE, ARG_COMPARE };

struct merge {
  Value *from, *to;  // items of KEYED (or a copy of ITEMS) and of SPARE, in turn
  u32 count;         // elements
  u32 stride;        // values for each
  u32 width;         // of sorted runs in [from], in elements, as all that follows
  u32 left, middle;  // what is left of the first of the two runs being merged
  u32 right, end;    // and of the second
  u32 out;           // where the next goes in [to]
  bool is_reversed;
};

static struct list *local_list(struct call *c, u32 local) { return AS_LIST(c->locals[local]); }
static struct merge *local_merge(struct call *c) { return (struct merge *)(void *)AS_BYTES(c->locals[MERGE])->data; }
static bool is_reversed(struct call *c) { return arg_has(c, ARG_REVERSE) && !is_falsy(c->args[ARG_REVERSE]); }

static enum part no_memory(struct call *c)
{
  throw_memory(c->vm);
  return PART_THROW;
}

static bool set_local(struct call *c, u32 local, void *object)
{
  if (object) c->locals[local] = value_object(object);
  return object != NULL;
}

static enum part gather(struct call *c)
{
  struct list *list;
  enum walk_status s = walk_gather(c, 0, c->args[0], &list);
  if (s != WALK_END) return s == WALK_CALL ? PART_CALL : PART_THROW;
  bool is_own = !IS_LIST(c->args[0]);
  if (!set_local(c, ITEMS, is_own ? list : list_slice(c->heap, list, 0, list->len))) return no_memory(c);
  if (!arg_has(c, ARG_KEY)) return PART_DONE;
  u32 count = list->len;
  return set_local(c, KEYED, list_new(c->heap, count <= LIST_MAX / 2 ? 2 * count : count)) ? PART_DONE : no_memory(c);
}

// Asks for the key of the next element, until all are there.
static enum part ask_keys(struct call *c, bool has_answer)
{
  struct list *items = local_list(c, ITEMS), *keyed = local_list(c, KEYED);
  u32 at = keyed->len / 2;
  if (has_answer) {
    Value both[2] = { c->value, items->items[at++] };
    if (!list_append(c->heap, keyed, both, 2)) return no_memory(c);
  }
  if (at == items->len) return PART_DONE;
  return native_call(c, c->args[ARG_KEY], &items->items[at], 1) == NATIVE_CALL ? PART_CALL : PART_THROW;
}

// Merging

static void merge_begin_runs(struct merge *m, u32 low)
{
  u32 rest = m->count - low;
  m->out = m->left = low;
  m->middle = m->right = low + (m->width < rest ? m->width : rest);
  rest = m->count - m->right;
  m->end = m->right + (m->width < rest ? m->width : rest);
}

static void merge_copy(struct merge *m, u32 from, u32 count)
{
  if (count == 0) return;
  const Value *source = m->from + (size_t)from * m->stride;
  memcpy(m->to + (size_t)m->out * m->stride, source, (size_t)count * m->stride * sizeof(Value));
  m->out += count;
}

// One run is used up: takes what is left of the other, and goes on to the next two, or to runs twice as wide. False
// when all is one run, in [from].
static bool merge_advance(struct merge *m)
{
  merge_copy(m, m->left, m->middle - m->left);
  merge_copy(m, m->right, m->end - m->right);
  if (m->end < m->count) {
    merge_begin_runs(m, m->end);
    return true;
  }
  Value *swap = m->from;
  m->from = m->to;
  m->to = swap;
  if ((u64)m->width * 2 >= m->count) return false;
  m->width *= 2;
  merge_begin_runs(m, 0);
  return true;
}

static ALWAYS_INLINE void merge_take(struct merge *m, int order)
{
  bool is_right = m->is_reversed ? order > 0 : order < 0;
  const Value *from = m->from + (size_t)(is_right ? m->right++ : m->left++) * m->stride;
  Value *to = m->to + (size_t)m->out++ * m->stride;
  to[0] = from[0];
  if (m->stride > 1) to[1] = from[1];
}

// Compares the next of the second run with the next of the first.
static ALWAYS_INLINE enum part ask_order(struct call *c, const struct merge *m, int *order)
{
  Value pair[2] = { m->from[(size_t)m->right * m->stride], m->from[(size_t)m->left * m->stride] };
  if (!arg_has(c, ARG_COMPARE)) return order_ask(c, pair[0], pair[1], order);
  return native_call(c, c->args[ARG_COMPARE], pair, 2) == NATIVE_CALL ? PART_CALL : PART_THROW;
}

static struct list *without_keys(struct call *c, const Value *keyed, u32 count)
{
  struct list *list = list_new(c->heap, count);
  for (u32 i = 0; list && i < count; i++) {
    if (!list_push(c->heap, list, keyed[2 * (size_t)i + 1])) return NULL;
  }
  return list;
}

static enum part merge_finish(struct call *c, const struct merge *m)
{
  struct list *from = local_list(c, SPARE), *result;
  if (from->items != m->from) from = local_list(c, RESULT);
  heap_barrier(c->heap, from);  // merging has none: ITEMS and KEYED hold all values
  result = m->stride == 1 ? from : without_keys(c, m->from, m->count);
  c->locals[MERGE] = NIL;
  return set_local(c, RESULT, result) ? PART_DONE : no_memory(c);
}

static enum part merge(struct call *c, bool has_answer)
{
  struct merge *m = local_merge(c);
  int order;
  if (has_answer) {
    if (is_int(c->value)) order = as_int(c->value) < 0 ? -1 : as_int(c->value) > 0;
    else if (!order_answer(c, c->value, &order)) return PART_THROW;
    merge_take(m, order);
  }
  do {
    while (m->left < m->middle && m->right < m->end) {
      enum part p = ask_order(c, m, &order);
      if (p != PART_DONE) return p;
      merge_take(m, order);
    }
  } while (merge_advance(m));
  return merge_finish(c, m);
}

// RESULT holds one of the lists meanwhile.
static bool merge_begin(struct call *c, const Value *values, u32 count, u32 stride)
{
  struct list *a = list_new(c->heap, count * stride), *b = list_new(c->heap, count * stride);
  struct bytes *state = bytes_new(c->heap, NULL, sizeof(struct merge));
  bool is_done = a && b && list_append(c->heap, a, values, count * stride) &&
                 list_append(c->heap, b, values, count * stride) && set_local(c, RESULT, a) &&
                 set_local(c, SPARE, b) && set_local(c, MERGE, state);
  if (!is_done) return false;
  struct merge *m = local_merge(c);
  *m = (struct merge){
    .from = a->items, .to = b->items, .count = count, .stride = stride, .width = 1, .is_reversed = is_reversed(c)
  };
  merge_begin_runs(m, 0);
  return true;
}

// The fast way, or the first merge is prepared.
static enum part order(struct call *c)
{
  struct list *items = local_list(c, ITEMS), *result = list_new(c->heap, items->len);
  bool has_keys = !is_nil(c->locals[KEYED]);
  const Value *values = has_keys ? local_list(c, KEYED)->items : items->items;
  struct sort_subject subject = { values, has_keys ? 2 : 1, items->len, is_reversed(c) };
  enum sort_way way = SORT_NOT;
  if (!result) return no_memory(c);
  if (!arg_has(c, ARG_COMPARE)) way = sort_ranks(c->heap, &subject, items->items, result);
  if (way == SORT_DONE) return set_local(c, RESULT, result) ? PART_DONE : PART_THROW;
  if (way == SORT_FULL || !merge_begin(c, values, items->len, subject.stride)) return no_memory(c);
  return merge(c, false);
}

// A function of two parameters, given as the key, was meant to compare.
static bool arg_functions(struct call *c)
{
  if (!arg_callable_or(c, ARG_KEY) || !arg_callable_or(c, ARG_COMPARE)) return false;
  Value key = c->args[ARG_KEY];
  if (!IS_CLOSURE(key) || AS_CLOSURE(key)->proto->required != 2) return true;
  throw_error(c->vm, c->vm->errors.type,
              "%s: `key` gets one element; a function that compares two is given as compare: f", c->native->name);
  return false;
}

// Brings the work as far as it goes without a call; PART_DONE: RESULT is in order.
static enum part sort(struct call *c)
{
  bool has_answer = !is_nil(c->locals[ITEMS]);
  enum part p = PART_DONE;
  if (LIKELY(!is_nil(c->locals[MERGE]))) return merge(c, true);
  if (c->step == 0 && !arg_functions(c)) return PART_THROW;
  if (!has_answer) p = gather(c);
  if (p == PART_DONE && !is_nil(c->locals[KEYED])) p = ask_keys(c, has_answer);
  return p == PART_DONE ? order(c) : p;
}

static enum native_status sort_fn_sorted(struct call *c)
{
  enum part p = sort(c);
  return p == PART_DONE ? native_return(c, c->locals[RESULT]) : part_leave(p);
}

static enum native_status list_fn_sort(struct call *c)
{
  enum part p = sort(c);
  if (p != PART_DONE) return part_leave(p);
  struct list *list = AS_LIST(c->args[0]), *result = local_list(c, RESULT);
  if (list->len != result->len) {
    return throw_error(c->vm, c->vm->errors.value, "sort: the list gained or lost elements while it was sorted");
  }
  if (list->len) memcpy(list->items, result->items, list->len * sizeof(Value));
  heap_barrier(c->heap, list);
  return native_return(c, NIL);
}

#define SORT_DETAILS \
  "Values are in the order of <: numbers, strings, bytes, lists item by item, instances with a method `compare`;\n" \
  "different kinds are a TypeError. [key] is called once for each element and gives what is ordered instead.\n" \
  "[compare] gets two of them and gives a number: negative where the first comes first, 0 where they are equal.\n" \
  "Equal elements stay in the order they were in, with [reverse] too.\n"

static const struct native list_natives[] = {
  { .name = "sort",
    .fn = list_fn_sort,
    .max = 3,
    .locals = SORT_LOCALS,
    .usage = "sort(key = nil, reverse = false, compare = nil)",
    .doc = "Puts the elements in order, in place; sorted() makes a new list.\n" SORT_DETAILS
           "    let xs = [3, 1, 2]; xs.sort()         # xs is [1, 2, 3]" },
};

static const struct native sequence_natives[] = {
  { .name = "sorted",
    .fn = sort_fn_sorted,
    .max = 3,
    .locals = SORT_LOCALS,
    .usage = "sorted(key = nil, reverse = false, compare = nil)",
    .doc = "A new list of the elements in order.\n" SORT_DETAILS
           "    [\"ccc\", \"a\", \"bb\"].sorted(s => s.len())     # [\"a\", \"bb\", \"ccc\"]\n"
           "    [1, 3, 2].sorted(reverse: true)             # [3, 2, 1]\n"
           "    [1, 3, 2].sorted(compare: (a, b) => b - a)  # [3, 2, 1]" },
};

static const struct native global_natives[] = {
  { .name = "sorted",
    .fn = sort_fn_sorted,
    .required = 1,
    .max = 4,
    .locals = SORT_LOCALS,
    .usage = "sorted(values, key = nil, reverse = false, compare = nil)",
    .doc = "A new list of all that [values] gives when looped over, in order.\n" SORT_DETAILS
           "    sorted({b: 1, a: 2})                        # [\"a\", \"b\"]" },
};

bool sort_open_sequence(struct lull *vm, struct class *class)
{
  return class_add_natives(vm, class, sequence_natives, COUNT_OF(sequence_natives));
}

bool sort_open_list(struct lull *vm, struct class *class)
{
  return class_add_natives(vm, class, list_natives, COUNT_OF(list_natives)) && sort_open_sequence(vm, class);
}

bool sort_open_global(struct lull *vm)
{
  return vm_define_natives(vm, global_natives, COUNT_OF(global_natives));
}
