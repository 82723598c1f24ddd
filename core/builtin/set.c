// Methods of sets. What they share with lists is in sequence.c, sort.c and transform.c.
#include "builtin/builtin.h"

#include "builtin/sequence.h"
#include "builtin/sort.h"
#include "builtin/transform.h"
#include "value/kin.h"
#include "vm/errors.h"
#include "vm/keys.h"

static struct map *self(struct call *c) { return AS_MAP(c->args[0]); }

static bool has(struct call *c, struct map *set, Value v) { return map_is_key(v) && map_find(c->heap, set, v) >= 0; }

static enum native_status set_fn_len(struct call *c) { return return_int(c, self(c)->count); }
static enum native_status set_fn_is_empty(struct call *c) { return return_bool(c, self(c)->count == 0); }

static enum native_status set_fn_contains(struct call *c)
{
  Value v;
  enum native_status s = key_find(c, self(c), c->args[1], false, &v);
  return s != NATIVE_OK ? s : return_bool(c, has(c, self(c), v));
}

static bool add(struct call *c, struct map *set, Value v)
{
  if (!map_is_key(v)) {
    throw_error(c->vm, c->vm->errors.type, "%s cannot be in a set", type_name(c->vm, v));
    return false;
  }
  if (map_set(c->heap, set, v, NIL)) return true;
  throw_memory(c->vm);
  return false;
}

static enum native_status set_fn_add(struct call *c)
{
  Value v;
  enum native_status s = key_find(c, self(c), c->args[1], true, &v);
  if (s != NATIVE_OK) return s;
  return add(c, self(c), v) ? native_return(c, NIL) : NATIVE_THROW;
}

static enum native_status set_fn_remove(struct call *c)
{
  Value v;
  enum native_status s = key_find(c, self(c), c->args[1], false, &v);
  if (s != NATIVE_OK) return s;
  return return_bool(c, map_is_key(v) && !is_unset(map_remove(c->heap, self(c), v)));
}

static enum native_status set_fn_clear(struct call *c)
{
  map_clear(c->heap, self(c));
  return native_return(c, NIL);
}

static enum native_status set_fn_copy(struct call *c) { return return_object(c, map_copy(c->heap, self(c))); }

static enum native_status set_fn_first(struct call *c)
{
  struct map *set = self(c);
  return native_return(c, set->count ? set->entries[map_next(set, 0)].key : NIL);
}

// Sets and other things: argument 1 is anything that can be looped over. The elements of [other] that are like one of
// ours are that one.
typedef enum native_status (*with_fn)(struct call *c, struct list *other);

static enum native_status with(struct call *c, with_fn work)
{
  struct list *other;
  enum native_status s = keys_gather(c, 0, self(c), &other);
  return s == NATIVE_OK ? work(c, other) : s;
}

// A local of all these: the set that is being added to.
enum { GROWING = KEYS_LOCALS, WITH_LOCALS };

static enum native_status add_all(struct call *c, struct map *set, struct list *other)
{
  if (!set) return throw_memory(c->vm);
  c->result = c->locals[GROWING] = value_object(set);
  return keys_put(c, set, value_object(other));
}

static enum native_status update(struct call *c, struct list *other)
{
  enum native_status s = is_nil(c->locals[GROWING]) ? add_all(c, self(c), other) : NATIVE_OK;
  c->result = NIL;
  return s;
}

static enum native_status unite(struct call *c, struct list *other)
{
  bool is_done = !is_nil(c->locals[GROWING]);
  return is_done ? native_return(c, c->locals[GROWING]) : add_all(c, map_copy(c->heap, self(c)), other);
}

static struct map *set_of(struct call *c, struct list *list)
{
  struct map *set = set_new(c->heap, list->len);
  for (u32 i = 0; set && i < list->len; i++) {
    if (native_must_stop_at(c, i)) return NULL;
    if (!add(c, set, list->items[i])) return NULL;
  }
  if (!set) throw_memory(c->vm);
  return set;
}

// Those of our own elements that are in the other, or are not. NULL: an error was thrown.
static struct map *keep(struct call *c, struct list *list, bool is_in)
{
  struct map *set = self(c), *other = set_of(c, list), *kept = set_new(c->heap, 0);
  if (!other) return NULL;
  bool ok = kept;
  for (u32 i = map_next(set, 0); ok && i < set->used; i = map_next(set, i + 1)) {
    if (native_must_stop_at(c, i)) return NULL;
    Value v = set->entries[i].key;
    if (has(c, other, v) == is_in) ok = kin_put(c->heap, kept, set, v, NIL);
  }
  if (!ok) throw_memory(c->vm);
  return ok ? kept : NULL;
}

static enum native_status return_kept(struct call *c, struct map *kept)
{
  return kept ? native_return(c, value_object(kept)) : NATIVE_THROW;
}

static enum native_status intersect(struct call *c, struct list *other) { return return_kept(c, keep(c, other, true)); }
static enum native_status subtract(struct call *c, struct list *other) { return return_kept(c, keep(c, other, false)); }

static enum native_status exclude(struct call *c, struct list *list)
{
  if (!is_nil(c->locals[GROWING])) return native_return(c, c->locals[GROWING]);
  struct map *kept = keep(c, list, false);
  struct list *theirs = list_new(c->heap, 0);
  if (!kept) return NATIVE_THROW;
  for (u32 i = 0; theirs && i < list->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    if (!has(c, self(c), list->items[i]) && !list_push(c->heap, theirs, list->items[i])) theirs = NULL;
  }
  return theirs ? add_all(c, kept, theirs) : throw_memory(c->vm);
}

static bool is_part(struct call *c, struct map *a, struct map *b)
{
  for (u32 i = map_next(a, 0); i < a->used && !heap_must_stop_at(c->heap, i); i = map_next(a, i + 1)) {
    if (!has(c, b, a->entries[i].key)) return false;
  }
  return true;
}

static enum native_status subset(struct call *c, struct list *list)
{
  struct map *other = set_of(c, list);
  return other ? return_bool(c, is_part(c, self(c), other)) : NATIVE_THROW;
}

static enum native_status superset(struct call *c, struct list *list)
{
  struct map *other = set_of(c, list);
  return other ? return_bool(c, is_part(c, other, self(c))) : NATIVE_THROW;
}

static enum native_status disjoint(struct call *c, struct list *list)
{
  for (u32 i = 0; i < list->len && !heap_must_stop_at(c->heap, i); i++) {
    if (has(c, self(c), list->items[i])) return return_bool(c, false);
  }
  return return_bool(c, true);
}

static enum native_status set_fn_update(struct call *c) { return with(c, update); }
static enum native_status set_fn_union(struct call *c) { return with(c, unite); }
static enum native_status set_fn_intersection(struct call *c) { return with(c, intersect); }
static enum native_status set_fn_difference(struct call *c) { return with(c, subtract); }
static enum native_status set_fn_symmetric_difference(struct call *c) { return with(c, exclude); }
static enum native_status set_fn_is_subset(struct call *c) { return with(c, subset); }
static enum native_status set_fn_is_superset(struct call *c) { return with(c, superset); }
static enum native_status set_fn_is_disjoint(struct call *c) { return with(c, disjoint); }

#define WITH(method, ...) \
  { .name = #method, .fn = set_fn_##method, .required = 1, .max = 1, .locals = WITH_LOCALS, \
    .usage = #method "(other)", .doc = __VA_ARGS__ }

static const struct native set_natives[] = {
  { .name = "len", .fn = set_fn_len, .usage = "len()", .doc = "The number of elements." },
  { .name = "is_empty", .fn = set_fn_is_empty, .usage = "is_empty()", .doc = "True for a set without elements." },
  { .name = "contains",
    .fn = set_fn_contains,
    .required = 1,
    .max = 1,
    .usage = "contains(value)",
    .doc = "True where the value is in the set. The same as value in set." },
  { .name = "add",
    .fn = set_fn_add,
    .required = 1,
    .max = 1,
    .usage = "add(value)",
    .doc = "Puts a value into the set; nothing changes where it is in.\n"
           "nil, lists, maps and sets cannot be in a set: a TypeError." },
  { .name = "remove",
    .fn = set_fn_remove,
    .required = 1,
    .max = 1,
    .usage = "remove(value)",
    .doc = "Takes a value out; true where it was in." },
  { .name = "clear", .fn = set_fn_clear, .usage = "clear()", .doc = "Takes all elements out." },
  { .name = "copy", .fn = set_fn_copy, .usage = "copy()", .doc = "A new set of the same elements." },
  { .name = "first", .fn = set_fn_first, .usage = "first()", .doc = "The element added first, or nil." },
  WITH(update, "Puts all that [other] gives when looped over into the set."),
  WITH(union, "A new set of the elements of both.\n"
              "    set([1, 2]).union([2, 3])               # set([1, 2, 3])"),
  WITH(intersection, "A new set of the elements that are in both.\n"
                     "    set([1, 2]).intersection([2, 3])        # set([2])"),
  WITH(difference, "A new set of the elements that are not in [other].\n"
                   "    set([1, 2]).difference([2, 3])          # set([1])"),
  WITH(symmetric_difference, "A new set of the elements that are in one of the two only.\n"
                             "    set([1, 2]).symmetric_difference([2, 3])   # set([1, 3])"),
  WITH(is_subset, "True where all elements are in [other] too."),
  WITH(is_superset, "True where all that is in [other] is in the set."),
  WITH(is_disjoint, "True where nothing is in both."),
};

bool builtin_open_set(struct lull *vm)
{
  struct class *class = vm->types.set_;
  return class_add_natives(vm, class, set_natives, COUNT_OF(set_natives)) && transform_open_sequence(vm, class) &&
         sequence_open(vm, class) && sort_open_sequence(vm, class);
}
