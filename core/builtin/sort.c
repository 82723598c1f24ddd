#include "builtin/sort.h"

#include "builtin/compare.h"
#include "vm/errors.h"

// Sorting goes through stages, each of which may call the language: gather the elements, ask for their keys,
// order them. What is ordered are places: FROM and TO are lists of ints, indexes into ITEMS and KEYS.
enum {
  ITEMS = GATHER_LOCALS,  // the elements as they were
  KEYS,                   // their keys; ITEMS where there is no key function
  FROM,                   // places, sorted in runs of WIDTH
  TO,                     // where they are merged to
  WIDTH,
  LOW,    // the two runs being merged begin here
  LEFT,   // next of the first run
  RIGHT,  // next of the second run
  STAGE,
  SORT_LOCALS
};
enum stage { STAGE_GATHER, STAGE_KEYS, STAGE_MERGE, STAGE_SORTED };

enum { ARG_KEY = 1, ARG_REVERSE, ARG_COMPARE };

static struct list *local_list(struct call *c, u32 local) { return AS_LIST(c->locals[local]); }
static bool is_reversed(struct call *c) { return arg_has(c, ARG_REVERSE) && !is_falsy(c->args[ARG_REVERSE]); }
static enum stage stage_of(struct call *c) { return is_nil(c->locals[STAGE]) ? 0 : (enum stage)as_int(c->locals[STAGE]); }
static void set_stage(struct call *c, enum stage s) { c->locals[STAGE] = value_int(s); }

static enum part no_memory(struct call *c)
{
  throw_memory(c->vm);
  return PART_THROW;
}

static bool set_list(struct call *c, u32 local, struct list *list)
{
  if (list) c->locals[local] = value_object(list);
  return list != NULL;
}

static enum part gather(struct call *c)
{
  struct list *list;
  enum walk_status s = walk_gather(c, 0, c->args[0], &list);
  if (s != WALK_END) return s == WALK_CALL ? PART_CALL : PART_THROW;
  bool has_key = arg_has(c, ARG_KEY);
  if (!set_list(c, ITEMS, list_slice(c->heap, list, 0, list->len))) return no_memory(c);
  if (has_key && !set_list(c, KEYS, list_new(c->heap, list->len))) return no_memory(c);
  if (!has_key) c->locals[KEYS] = c->locals[ITEMS];
  set_stage(c, STAGE_KEYS);
  return PART_DONE;
}

static enum part ask_keys(struct call *c)
{
  struct list *items = local_list(c, ITEMS), *keys = local_list(c, KEYS);
  if (items == keys || keys->len == items->len) return PART_DONE;
  return native_call(c, c->args[ARG_KEY], &items->items[keys->len], 1) == NATIVE_CALL ? PART_CALL : PART_THROW;
}

static struct list *places_new(struct call *c, u32 count)
{
  struct list *places = list_new(c->heap, count);
  for (u32 i = 0; places && i < count; i++) {
    if (!list_push(c->heap, places, value_int(i))) return NULL;
  }
  return places;
}

// The fast way, or the first merge is prepared.
static enum part begin_order(struct call *c)
{
  struct list *keys = local_list(c, KEYS);
  if (!set_list(c, FROM, places_new(c, keys->len))) return no_memory(c);
  enum sort_way way = SORT_NOT;
  if (!arg_has(c, ARG_COMPARE)) {
    way = sort_ranks(c->heap, keys->items, keys->len, is_reversed(c), local_list(c, FROM)->items);
  }
  if (way == SORT_FULL) return no_memory(c);
  set_stage(c, way == SORT_DONE ? STAGE_SORTED : STAGE_MERGE);
  if (way == SORT_DONE) return PART_DONE;
  if (!set_list(c, TO, places_new(c, keys->len))) return no_memory(c);
  c->locals[WIDTH] = value_int(1);
  c->locals[LOW] = c->locals[LEFT] = value_int(0);
  c->locals[RIGHT] = value_int(1);
  return PART_DONE;
}

// The merge under way, out of the locals and back into them.
struct merge {
  Value *from, *to;
  const Value *keys;
  i64 count, width, low, left, right;
};

static struct merge merge_load(struct call *c)
{
  return (struct merge){ .from = local_list(c, FROM)->items,
                         .to = local_list(c, TO)->items,
                         .keys = local_list(c, KEYS)->items,
                         .count = local_list(c, KEYS)->len,
                         .width = as_int(c->locals[WIDTH]),
                         .low = as_int(c->locals[LOW]),
                         .left = as_int(c->locals[LEFT]),
                         .right = as_int(c->locals[RIGHT]) };
}

static void merge_store(struct call *c, const struct merge *m)
{
  c->locals[WIDTH] = value_int(m->width);
  c->locals[LOW] = value_int(m->low);
  c->locals[LEFT] = value_int(m->left);
  c->locals[RIGHT] = value_int(m->right);
}

static i64 least(i64 a, i64 b) { return a < b ? a : b; }
static i64 merge_middle(const struct merge *m) { return least(m->low + m->width, m->count); }
static i64 merge_end(const struct merge *m) { return least(m->low + 2 * m->width, m->count); }

// Puts the next of one of the runs behind what is merged.
static void merge_take(struct merge *m, bool is_right)
{
  i64 at = m->left + (m->right - merge_middle(m));
  m->to[at] = m->from[is_right ? m->right++ : m->left++];
}

// Where one of the runs is used up: takes the rest, goes on to the next two runs, or to runs twice as wide.
// False when all is sorted.
static bool merge_advance(struct call *c, struct merge *m)
{
  while (m->width < m->count) {
    i64 middle = merge_middle(m), end = merge_end(m);
    if (m->left < middle && m->right < end) return true;
    while (m->left < middle) merge_take(m, false);
    while (m->right < end) merge_take(m, true);
    m->low = end;
    if (end == m->count) {
      Value swap = c->locals[FROM];
      c->locals[FROM] = c->locals[TO];
      c->locals[TO] = swap;
      Value *items = m->from;
      m->from = m->to;
      m->to = items;
      m->width *= 2;
      m->low = 0;
    }
    m->left = m->low;
    m->right = merge_middle(m);
  }
  return false;
}

// Compares the next of the second run with the next of the first.
static enum part ask_order(struct call *c, const struct merge *m, int *order)
{
  Value pair[2] = { m->keys[as_int(m->from[m->right])], m->keys[as_int(m->from[m->left])] };
  if (!arg_has(c, ARG_COMPARE)) return order_ask(c, pair[0], pair[1], order);
  return native_call(c, c->args[ARG_COMPARE], pair, 2) == NATIVE_CALL ? PART_CALL : PART_THROW;
}

static enum part merge_all(struct call *c, bool has_answer)
{
  struct merge m = merge_load(c);
  int order = 0;
  if (has_answer && !order_answer(c, c->value, &order)) return PART_THROW;
  bool is_back = is_reversed(c);
  if (has_answer) merge_take(&m, is_back ? order > 0 : order < 0);
  while (merge_advance(c, &m)) {
    merge_store(c, &m);
    enum part p = ask_order(c, &m, &order);
    if (p != PART_DONE) return p;
    merge_take(&m, is_back ? order > 0 : order < 0);
  }
  set_stage(c, STAGE_SORTED);
  return PART_DONE;
}

// Brings the work as far as it goes without a call; PART_DONE: FROM is in order.
static enum part sort(struct call *c)
{
  bool has_answer = c->step > 0 && stage_of(c) != STAGE_GATHER;
  if (stage_of(c) == STAGE_GATHER) {
    if (c->step == 0 && (!arg_callable_or(c, ARG_KEY) || !arg_callable_or(c, ARG_COMPARE))) return PART_THROW;
    enum part p = gather(c);
    if (p != PART_DONE) return p;
  }
  if (stage_of(c) == STAGE_KEYS) {
    if (has_answer && !list_push(c->heap, local_list(c, KEYS), c->value)) return no_memory(c);
    has_answer = false;
    enum part p = ask_keys(c);
    if (p == PART_DONE) p = begin_order(c);
    if (p != PART_DONE) return p;
  }
  return stage_of(c) == STAGE_SORTED ? PART_DONE : merge_all(c, has_answer);
}

static struct list *in_order(struct call *c)
{
  struct list *items = local_list(c, ITEMS), *places = local_list(c, FROM), *out = list_new(c->heap, items->len);
  for (u32 i = 0; out && i < items->len; i++) {
    if (!list_push(c->heap, out, items->items[as_int(places->items[i])])) return NULL;
  }
  return out;
}

static enum native_status sort_fn_sorted(struct call *c)
{
  enum part p = sort(c);
  return p == PART_DONE ? return_object(c, in_order(c)) : part_leave(p);
}

static enum native_status list_fn_sort(struct call *c)
{
  enum part p = sort(c);
  if (p != PART_DONE) return part_leave(p);
  struct list *list = AS_LIST(c->args[0]), *items = local_list(c, ITEMS), *places = local_list(c, FROM);
  if (list->len != items->len) {
    return throw_error(c->vm, c->vm->errors.value, "sort: the list gained or lost elements while it was sorted");
  }
  for (u32 i = 0; i < list->len; i++) list->items[i] = items->items[as_int(places->items[i])];
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
