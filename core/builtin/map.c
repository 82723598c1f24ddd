// Methods of maps. Those that call a function are in transform.c.
#include "builtin/builtin.h"

#include "builtin/transform.h"
#include "value/kin.h"
#include "vm/errors.h"
#include "vm/keys.h"

static struct map *self(struct call *c) { return AS_MAP(c->args[0]); }

static enum native_status map_fn_len(struct call *c) { return return_int(c, self(c)->count); }
static enum native_status map_fn_is_empty(struct call *c) { return return_bool(c, self(c)->count == 0); }

// What cannot be a key is in no map.
static Value find(struct call *c, Value key)
{
  return map_is_key(key) ? map_get(c->heap, self(c), key) : UNSET;
}

static bool put(struct call *c, struct map *m, Value key, Value value)
{
  if (!map_is_key(key)) {
    throw_error(c->vm, c->vm->errors.type, "%s cannot be a key", type_name(c->vm, key));
    return false;
  }
  if (map_set(c->heap, m, key, value)) return true;
  throw_memory(c->vm);
  return false;
}

static enum native_status map_fn_get(struct call *c)
{
  Value key;
  enum native_status s = key_find(c, self(c), c->args[1], false, &key);
  if (s != NATIVE_OK) return s;
  Value v = find(c, key);
  if (!is_unset(v)) return native_return(c, v);
  return native_return(c, arg_given(c, 2) ? c->args[2] : NIL);
}

static enum native_status map_fn_set(struct call *c)
{
  Value key;
  enum native_status s = key_find(c, self(c), c->args[1], true, &key);
  if (s != NATIVE_OK) return s;
  return put(c, self(c), key, c->args[2]) ? native_return(c, NIL) : NATIVE_THROW;
}

// Locals of get_or_set: what was asked for last, and what the function gave.
enum { ASKED_NOTHING, ASKED_KEY, ASKED_VALUE, ASKED_PLACE };

static enum native_status ask_for(struct call *c, int what)
{
  c->locals[0] = value_int(what);
  if (what == ASKED_VALUE) return arg_callable(c, 2) ? native_call(c, c->args[2], NULL, 0) : NATIVE_THROW;
  return key_ask(c, self(c), c->args[1], what == ASKED_PLACE);
}

static enum native_status map_fn_get_or_set(struct call *c)
{
  Value key = c->args[1];
  bool is_asked = key_is_asked(c->vm, key);
  int asked = c->step == 0 ? ASKED_NOTHING : (int)as_int(c->locals[0]);
  if (asked == ASKED_NOTHING && is_asked) return ask_for(c, ASKED_KEY);
  if (asked == ASKED_NOTHING || asked == ASKED_KEY) {
    Value v = find(c, asked == ASKED_KEY ? c->value : key);
    return is_unset(v) ? ask_for(c, ASKED_VALUE) : native_return(c, v);
  }
  if (asked == ASKED_VALUE) {
    c->locals[1] = c->value;
    if (is_asked) return ask_for(c, ASKED_PLACE);
  } else {
    key = c->value;
  }
  return put(c, self(c), key, c->locals[1]) ? native_return(c, c->locals[1]) : NATIVE_THROW;
}

static enum native_status map_fn_contains(struct call *c)
{
  Value key;
  enum native_status s = key_find(c, self(c), c->args[1], false, &key);
  return s != NATIVE_OK ? s : return_bool(c, !is_unset(find(c, key)));
}

static enum native_status map_fn_remove(struct call *c)
{
  Value key;
  enum native_status s = key_find(c, self(c), c->args[1], false, &key);
  if (s != NATIVE_OK) return s;
  Value v = map_is_key(key) ? map_remove(c->heap, self(c), key) : UNSET;
  return native_return(c, is_unset(v) ? (arg_given(c, 2) ? c->args[2] : NIL) : v);
}

static enum native_status map_fn_clear(struct call *c)
{
  map_clear(c->heap, self(c));
  return native_return(c, NIL);
}

static enum native_status map_fn_copy(struct call *c) { return return_object(c, map_copy(c->heap, self(c))); }

// Lists of what is inside

static enum native_status collect(struct call *c, bool (*push)(struct call *c, struct list *to, struct map_entry e))
{
  struct map *m = self(c);
  struct list *list = list_new(c->heap, m->count);
  for (u32 i = map_next(m, 0); list && i < m->used; i = map_next(m, i + 1)) {
    if (native_must_stop_at(c, list->len)) return NATIVE_THROW;
    if (!push(c, list, m->entries[i])) return throw_memory(c->vm);
  }
  return return_object(c, list);
}

static bool push_key(struct call *c, struct list *to, struct map_entry e) { return list_push(c->heap, to, e.key); }
static bool push_value(struct call *c, struct list *to, struct map_entry e) { return list_push(c->heap, to, e.value); }

static bool push_item(struct call *c, struct list *to, struct map_entry e)
{
  struct list *pair = list_new(c->heap, 2);
  return pair && list_push(c->heap, pair, e.key) && list_push(c->heap, pair, e.value) &&
         list_push(c->heap, to, value_object(pair));
}

static enum native_status map_fn_keys(struct call *c) { return collect(c, push_key); }
static enum native_status map_fn_values(struct call *c) { return collect(c, push_value); }
static enum native_status map_fn_items(struct call *c) { return collect(c, push_item); }

static enum native_status map_fn_first(struct call *c)
{
  struct map *m = self(c);
  if (m->count == 0) return native_return(c, NIL);
  struct list *pair = list_new(c->heap, 2);
  struct map_entry e = m->entries[map_next(m, 0)];
  bool is_done = pair && list_push(c->heap, pair, e.key) && list_push(c->heap, pair, e.value);
  return return_object(c, is_done ? pair : NULL);
}

// Together with other maps

static enum native_status map_fn_update(struct call *c)
{
  struct map *other;
  if (!arg_map(c, 1, &other)) return NATIVE_THROW;
  if (c->step > 0 || other == self(c)) return native_return(c, NIL);
  return keys_put(c, self(c), c->args[1]);
}

static enum native_status map_fn_merge(struct call *c)
{
  struct map *other;
  if (!arg_map(c, 1, &other)) return NATIVE_THROW;
  if (c->step > 0) return native_return(c, c->value);
  struct map *both = map_copy(c->heap, self(c));
  if (!both) return throw_memory(c->vm);
  c->result = value_object(both);
  return keys_put(c, both, c->args[1]);
}

// The entries whose keys are among those given, or are not.
static enum native_status select(struct call *c, bool is_wanted)
{
  struct list *keys;
  enum native_status s = keys_gather(c, 0, self(c), &keys);
  if (s != NATIVE_OK) return s;
  struct map *m = self(c), *some = is_wanted ? map_new(c->heap, keys->len) : map_copy(c->heap, m);
  for (u32 i = 0; some && i < keys->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    Value key = keys->items[i], v = find(c, key);
    if (is_unset(v)) continue;
    if (!is_wanted) map_remove(c->heap, some, key);
    else if (!kin_put(c->heap, some, m, key, v)) return throw_memory(c->vm);
  }
  return return_object(c, some);
}

static enum native_status map_fn_pick(struct call *c) { return select(c, true); }
static enum native_status map_fn_omit(struct call *c) { return select(c, false); }

static enum native_status map_fn_inverted(struct call *c)
{
  if (c->step > 0) return native_return(c, c->value);
  struct map *m = self(c), *inverted = map_new(c->heap, m->count);
  struct list *pairs = list_new(c->heap, m->count * 2);
  if (!inverted || !pairs) return throw_memory(c->vm);
  for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1)) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    if (!list_push(c->heap, pairs, m->entries[i].value) || !list_push(c->heap, pairs, m->entries[i].key))
      return throw_memory(c->vm);
  }
  c->result = value_object(inverted);
  return keys_put(c, inverted, value_object(pairs));
}

static const struct native map_natives[] = {
  { .name = "len", .fn = map_fn_len, .usage = "len()", .doc = "The number of entries." },
  { .name = "is_empty", .fn = map_fn_is_empty, .usage = "is_empty()", .doc = "True for a map without entries." },
  { .name = "get",
    .fn = map_fn_get,
    .required = 1,
    .max = 2,
    .usage = "get(key, default = nil)",
    .doc = "The value of [key], or [default] where there is none.\n"
           "    {a: 1}.get(\"b\", 0)         # 0" },
  { .name = "set",
    .fn = map_fn_set,
    .required = 2,
    .max = 2,
    .usage = "set(key, value)",
    .doc = "Puts [value] under [key]. The same as m[key] = value.\n"
           "nil, lists, maps and sets cannot be keys: a TypeError." },
  { .name = "get_or_set",
    .fn = map_fn_get_or_set,
    .required = 2,
    .max = 2,
    .locals = 2,
    .usage = "get_or_set(key, f)",
    .doc = "The value of [key]; where there is none, what [f] gives, which is kept there.\n"
           "    words.get_or_set(\"a\", () => []).push(1)" },
  { .name = "contains",
    .fn = map_fn_contains,
    .required = 1,
    .max = 1,
    .usage = "contains(key)",
    .doc = "True where there is an entry for [key]. The same as key in m." },
  { .name = "has",
    .fn = map_fn_contains,
    .required = 1,
    .max = 1,
    .usage = "has(key)",
    .doc = "True where there is an entry for [key]; the same as contains." },
  { .name = "remove",
    .fn = map_fn_remove,
    .required = 1,
    .max = 2,
    .usage = "remove(key, default = nil)",
    .doc = "Takes the entry of [key] out and gives its value, or [default] where there was none." },
  { .name = "clear", .fn = map_fn_clear, .usage = "clear()", .doc = "Takes all entries out." },
  { .name = "copy", .fn = map_fn_copy, .usage = "copy()", .doc = "A new map of the same entries." },
  { .name = "keys",
    .fn = map_fn_keys,
    .usage = "keys()",
    .doc = "A list of the keys, in the order they were added.\n"
           "    {a: 1, b: 2}.keys()        # [\"a\", \"b\"]" },
  { .name = "values",
    .fn = map_fn_values,
    .usage = "values()",
    .doc = "A list of the values, in the order their keys were added." },
  { .name = "items",
    .fn = map_fn_items,
    .usage = "items()",
    .doc = "A list of [key, value] for each entry.\n"
           "    {a: 1}.items()             # [[\"a\", 1]]" },
  { .name = "first", .fn = map_fn_first, .usage = "first()", .doc = "The first entry as [key, value], or nil." },
  { .name = "update",
    .fn = map_fn_update,
    .required = 1,
    .max = 1,
    .usage = "update(other)",
    .doc = "Puts all entries of the map [other] into this one; its values win." },
  { .name = "merge",
    .fn = map_fn_merge,
    .required = 1,
    .max = 1,
    .usage = "merge(other)",
    .doc = "A new map of the entries of both; of keys in both, [other] has the value.\n"
           "    {a: 1, b: 2}.merge({b: 3}) # {a: 1, b: 3}" },
  { .name = "pick",
    .fn = map_fn_pick,
    .required = 1,
    .max = 1,
    .locals = KEYS_LOCALS,
    .usage = "pick(keys)",
    .doc = "A new map of the entries for those of [keys] that there are.\n"
           "    {a: 1, b: 2}.pick([\"b\"])   # {b: 2}" },
  { .name = "omit",
    .fn = map_fn_omit,
    .required = 1,
    .max = 1,
    .locals = KEYS_LOCALS,
    .usage = "omit(keys)",
    .doc = "A new map of all entries but those for [keys].\n"
           "    {a: 1, b: 2}.omit([\"b\"])   # {a: 1}" },
  { .name = "inverted",
    .fn = map_fn_inverted,
    .usage = "inverted()",
    .doc = "A new map from the values to their keys; of equal values the last wins.\n"
           "Values that cannot be keys are a TypeError." },
};

bool builtin_open_map(struct lull *vm)
{
  struct class *class = vm->types.map_;
  return class_add_natives(vm, class, map_natives, COUNT_OF(map_natives)) && transform_open_map(vm, class) &&
         builtin_open_set(vm);
}
