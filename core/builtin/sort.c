#include "builtin/sort.h"

#include "builtin/compare.h"
#include "value/function.h"
#include "vm/errors.h"
#include "vm/native_call.h"

// Sorting goes through stages, each of which may call the language: gather the elements, ask for their keys, order
// them. Where a call decides the order, places of elements are merged to and fro between two arrays, in runs twice as wide
// each time; the elements stay where they are until all is decided, so that a list sorted in place is whole whenever
// the program looks at it, and unchanged where a call throws.
enum {
  ITEMS = GATHER_LOCALS,  // list of the elements, put in order at the end
  COUNT,                  // int: how many they are
  KEYS,                   // list of their keys; nil where there is no key function
  MERGE,                  // bytes that hold a struct merge; nil before
  SORT_LOCALS
};
enum { ARG_KEY = 1, ARG_REVERSE, ARG_COMPARE };

#define PROBE_MIN 8  // width of runs that may well be in order already
#define PREFETCH_AHEAD 4

struct merge {
  u32 *from, *to;    // halves of [places], in turn
  u32 count;
  u32 width;         // of sorted runs in [from]
  u32 left, middle;  // what is left of the first of the two runs being merged
  u32 right, end;    // and of the second
  u32 out;           // where the next goes in [to]
  u32 turn;          // comparisons
  bool is_reversed;
  bool has_compare;
  bool is_probe;  // the last of the first run is compared, not its next
  u32 places[];
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

// A list sorted in place is the program's meanwhile.
static bool check_count(struct call *c)
{
  if (LIKELY(local_list(c, ITEMS)->len == as_int(c->locals[COUNT]))) return true;
  throw_error(c->vm, c->vm->errors.value, "sort: the list gained or lost elements while it was sorted");
  return false;
}

static enum part gather(struct call *c, bool is_in_place)
{
  struct list *list;
  enum walk_status s = walk_gather(c, 0, c->args[0], &list);
  if (s != WALK_END) return s == WALK_CALL ? PART_CALL : PART_THROW;
  bool is_own = is_in_place || !IS_LIST(c->args[0]);
  if (!set_local(c, ITEMS, is_own ? list : list_slice(c->heap, list, 0, list->len))) return no_memory(c);
  c->locals[COUNT] = value_int(list->len);
  if (!arg_has(c, ARG_KEY)) return PART_DONE;
  return set_local(c, KEYS, list_new(c->heap, list->len)) ? PART_DONE : no_memory(c);
}

// Asks for the key of the next element, until all are there.
static enum part ask_keys(struct call *c, bool has_answer)
{
  struct list *items = local_list(c, ITEMS), *keys = local_list(c, KEYS);
  if (!check_count(c)) return PART_THROW;
  if (has_answer && !list_push(c->heap, keys, c->value)) return no_memory(c);
  if (keys->len == items->len) return PART_DONE;
  return native_call(c, c->args[ARG_KEY], &items->items[keys->len], 1) == NATIVE_CALL ? PART_CALL : PART_THROW;
}

// Merging

static void merge_begin_runs(struct merge *m, u32 low)
{
  u32 rest = m->count - low;
  m->out = m->left = low;
  m->middle = m->right = low + (m->width < rest ? m->width : rest);
  rest = m->count - m->right;
  m->end = m->right + (m->width < rest ? m->width : rest);
  m->is_probe = m->width >= PROBE_MIN;
}

static void merge_copy(struct merge *m, u32 from, u32 count)
{
  memcpy(m->to + m->out, m->from + from, (size_t)count * sizeof *m->to);
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
  u32 *swap = m->from;
  m->from = m->to;
  m->to = swap;
  if ((u64)m->width * 2 >= m->count) return false;
  m->width *= 2;
  merge_begin_runs(m, 0);
  return true;
}

static ALWAYS_INLINE void merge_take(struct merge *m, const Value *values, int order)
{
  bool is_right = m->is_reversed ? order > 0 : order < 0;
  if (LIKELY(!m->is_probe)) {
    const u32 *next = &m->from[is_right ? m->right++ : m->left++];
    m->to[m->out++] = *next;
    // What lies in order here is all over the list there.
    __builtin_prefetch(&values[next[PREFETCH_AHEAD]]);
    return;
  }
  m->is_probe = false;
  if (is_right) return;
  merge_copy(m, m->left, m->middle - m->left);
  m->left = m->middle;
}

// Compares the next of the second run with the next of the first.
static ALWAYS_INLINE enum part ask_order(struct call *c, const struct merge *m, const Value *values, int *order)
{
  const Value *right = &values[m->from[m->right]], *left = &values[m->from[m->is_probe ? m->middle - 1 : m->left]];
  if (!m->has_compare) return order_ask(c, *right, *left, order);
  return native_call_two(c, c->args[ARG_COMPARE], right, left) == NATIVE_CALL ? PART_CALL : PART_THROW;
}

// Moves each element to its place, going round the circles they make.
static void put_in_order(struct heap *heap, struct list *list, u32 *places)
{
  for (u32 start = 0; start < list->len; start++) {
    Value first = list->items[start];
    u32 at = start;
    while (places[at] != start) {
      u32 next = places[at];
      list->items[at] = list->items[next];
      places[at] = at;
      at = next;
    }
    list->items[at] = first;
    places[at] = at;
  }
  heap_barrier(heap, list);
}

static NOINLINE enum part merge(struct call *c, bool has_answer)
{
  struct merge *m = local_merge(c);
  const Value *values = local_list(c, is_nil(c->locals[KEYS]) ? ITEMS : KEYS)->items;
  int order;
  if (has_answer) {
    if (!check_count(c)) return PART_THROW;
    if (is_int(c->value)) order = as_int(c->value) < 0 ? -1 : as_int(c->value) > 0;
    else if (!order_answer(c, c->value, &order)) return PART_THROW;
    merge_take(m, values, order);
  }
  do {
    while (m->left < m->middle && m->right < m->end) {
      enum part p = ask_order(c, m, values, &order);
      if (p != PART_DONE) return p;  // what is called has safepoints of its own
      if (native_must_stop_at(c, m->turn++)) return PART_THROW;
      merge_take(m, values, order);
    }
  } while (merge_advance(m));
  put_in_order(c->heap, local_list(c, ITEMS), m->from);
  return PART_DONE;
}

static bool merge_begin(struct call *c, u32 count)
{
  struct bytes *state = bytes_new(c->heap, NULL, sizeof(struct merge) + (2 * (size_t)count + PREFETCH_AHEAD) * sizeof(u32));
  if (!set_local(c, MERGE, state)) return false;
  struct merge *m = local_merge(c);
  *m = (struct merge){ .count = count, .width = 1, .is_reversed = is_reversed(c), .has_compare = arg_has(c, ARG_COMPARE) };
  m->from = m->places;
  m->to = m->places + count;
  for (u32 i = 0; i < count; i++) m->from[i] = i;
  merge_begin_runs(m, 0);
  return true;
}

// The fast way, or the first merge is prepared.
static enum part order(struct call *c)
{
  struct list *items = local_list(c, ITEMS), *keys = is_nil(c->locals[KEYS]) ? items : local_list(c, KEYS);
  enum sort_way way = arg_has(c, ARG_COMPARE) ? SORT_NOT : sort_ranks(c->heap, keys->items, items, is_reversed(c));
  if (way == SORT_DONE) return PART_DONE;
  if (way == SORT_FULL || !merge_begin(c, items->len)) return no_memory(c);
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

// Brings the work as far as it goes without a call; PART_DONE: ITEMS is in order.
static enum part sort(struct call *c, bool is_in_place)
{
  bool has_answer = !is_nil(c->locals[ITEMS]);
  enum part p = PART_DONE;
  if (c->step == 0 && !arg_functions(c)) return PART_THROW;
  if (!has_answer) p = gather(c, is_in_place);
  if (p == PART_DONE && !is_nil(c->locals[KEYS])) p = ask_keys(c, has_answer);
  return p == PART_DONE ? order(c) : p;
}

static enum native_status sort_fn_sorted(struct call *c)
{
  enum part p = LIKELY(!is_nil(c->locals[MERGE])) ? merge(c, true) : sort(c, false);
  return p == PART_DONE ? native_return(c, c->locals[ITEMS]) : part_leave(p);
}

static enum native_status list_fn_sort(struct call *c)
{
  enum part p = LIKELY(!is_nil(c->locals[MERGE])) ? merge(c, true) : sort(c, true);
  return p == PART_DONE ? native_return(c, NIL) : part_leave(p);
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
