#include "builtin/transform.h"

#include "value/kin.h"
#include "value/range.h"
#include "vm/errors.h"
#include "vm/keys.h"

// Locals. KEPT is what is gathered; INDEX counts the elements; ASKING is true while it is asked which key an answer
// means.
enum { WALK = 0, ITEM = WALK + WALK_LOCALS, ITEM_VALUE, KEPT, INDEX, ASKING };
_Static_assert(ASKING + 1 == TRANSFORM_LOCALS, "one local each");

enum taken {
  TAKE_ON,
  TAKE_STOP,  // c->result is set
  TAKE_FULL,  // memory was refused
  TAKE_THROW,
};

struct transform {
  // What is gathered at first. False without memory.
  bool (*begin)(struct call *c);
  // The function's answer for the element in ITEM (where there is no function: the element itself).
  enum taken (*take)(struct call *c, Value answer);
  // The result when all was walked: nil, true or false; TAG_UNSET stands for what was gathered.
  enum value_tag otherwise;
  bool is_fold;  // the function gets KEPT before the element
  bool is_key;   // the answer becomes a key of what is gathered
};

static bool begin_nothing(struct call *c) { return true; }

static bool keep(struct call *c, void *object)
{
  c->locals[KEPT] = value_object(object);
  return object != NULL;
}

static bool begin_list(struct call *c) { return keep(c, list_new(c->heap, 0)); }
static bool begin_full_list(struct call *c) { return keep(c, list_new(c->heap, walk_room(c->args[0]))); }
static bool begin_map(struct call *c) { return keep(c, map_new(c->heap, 0)); }

static bool begin_same(struct call *c)
{
  if (IS_MAP(c->args[0])) return keep(c, map_new(c->heap, 0));
  if (IS_SET(c->args[0])) return keep(c, set_new(c->heap, 0));
  return begin_list(c);
}

static bool begin_two_lists(struct call *c)
{
  struct list *two = list_new(c->heap, 2);
  for (int i = 0; two && i < 2; i++) {
    struct list *part = list_new(c->heap, 0);
    if (!part || !list_push(c->heap, two, value_object(part))) return false;
  }
  return keep(c, two);
}

static enum taken taken(bool is_done) { return is_done ? TAKE_ON : TAKE_FULL; }

static enum taken stop_with(struct call *c, Value v)
{
  c->result = v;
  return TAKE_STOP;
}

static enum taken push(struct call *c, Value list, Value v) { return taken(list_push(c->heap, AS_LIST(list), v)); }

static enum taken put(struct call *c, Value key, Value v)
{
  if (map_is_key(key)) return taken(map_set(c->heap, AS_MAP(c->locals[KEPT]), key, v));
  throw_error(c->vm, c->vm->errors.type, "%s cannot be a key", type_name(c->vm, key));
  return TAKE_THROW;
}

// Under the element, a key of the map that is walked.
static enum taken put_item(struct call *c, Value v)
{
  return taken(kin_put(c->heap, AS_MAP(c->locals[KEPT]), AS_MAP(c->args[0]), c->locals[ITEM], v));
}

// The element as one value: of a map [key, value].
static bool whole_item(struct call *c, Value *item)
{
  *item = c->locals[ITEM];
  if (!IS_MAP(c->args[0])) return true;
  struct list *pair = list_new(c->heap, 2);
  if (!pair || !list_append(c->heap, pair, &c->locals[ITEM], 2)) return false;
  *item = value_object(pair);
  return true;
}

static enum taken push_item(struct call *c, Value list)
{
  Value item;
  return whole_item(c, &item) ? push(c, list, item) : TAKE_FULL;
}

static enum taken stop_with_item(struct call *c)
{
  Value item;
  return whole_item(c, &item) ? stop_with(c, item) : TAKE_FULL;
}

static enum taken take_nothing(struct call *c, Value answer) { return TAKE_ON; }
static enum taken take_answer(struct call *c, Value answer) { return push(c, c->locals[KEPT], answer); }

static enum taken take_answers(struct call *c, Value answer)
{
  if (!IS_LIST(answer)) return take_answer(c, answer);
  struct list *kept = AS_LIST(c->locals[KEPT]), *more = AS_LIST(answer);
  return taken(list_append(c->heap, kept, more->items, more->len));
}

static enum taken take_if(struct call *c, Value answer)
{
  if (is_falsy(answer)) return TAKE_ON;
  if (IS_LIST(c->locals[KEPT])) return push(c, c->locals[KEPT], c->locals[ITEM]);
  return put_item(c, c->locals[ITEM_VALUE]);
}

static enum taken take_either(struct call *c, Value answer)
{
  return push_item(c, AS_LIST(c->locals[KEPT])->items[is_falsy(answer) ? 1 : 0]);
}

static enum taken take_first(struct call *c, Value answer)
{
  return is_falsy(answer) ? TAKE_ON : stop_with_item(c);
}

static enum taken take_first_index(struct call *c, Value answer)
{
  return is_falsy(answer) ? TAKE_ON : stop_with(c, value_int(as_int(c->locals[INDEX]) - 1));
}

static enum taken stop_if_true(struct call *c, Value answer)
{
  return is_falsy(answer) ? TAKE_ON : stop_with(c, TRUE);
}

static enum taken stop_if_false(struct call *c, Value answer)
{
  return is_falsy(answer) ? stop_with(c, FALSE) : TAKE_ON;
}

static enum taken take_count(struct call *c, Value answer)
{
  if (!is_falsy(answer)) c->locals[KEPT] = value_int(as_int(c->locals[KEPT]) + 1);
  return TAKE_ON;
}

static enum taken take_while(struct call *c, Value answer)
{
  return is_falsy(answer) ? stop_with(c, c->locals[KEPT]) : push(c, c->locals[KEPT], c->locals[ITEM]);
}

// Once one was refused, INDEX is nil and all the others are taken without asking.
static enum taken take_rest(struct call *c, Value answer)
{
  if (is_int(c->locals[INDEX]) && !is_falsy(answer)) return TAKE_ON;
  c->locals[INDEX] = NIL;
  return push(c, c->locals[KEPT], c->locals[ITEM]);
}

static enum taken take_group(struct call *c, Value answer)
{
  Value group = map_is_key(answer) ? map_get(c->heap, AS_MAP(c->locals[KEPT]), answer) : UNSET;
  if (!is_unset(group)) return push_item(c, group);
  struct list *list = list_new(c->heap, 0);
  if (!list) return TAKE_FULL;
  enum taken t = put(c, answer, value_object(list));
  return t == TAKE_ON ? push_item(c, value_object(list)) : t;
}

static enum taken take_by_key(struct call *c, Value answer)
{
  Value item;
  return whole_item(c, &item) ? put(c, answer, item) : TAKE_FULL;
}

static enum taken take_value(struct call *c, Value answer) { return put_item(c, answer); }
static enum taken take_key(struct call *c, Value answer) { return put(c, answer, c->locals[ITEM_VALUE]); }

static enum taken take_folded(struct call *c, Value answer)
{
  c->locals[KEPT] = answer;
  return TAKE_ON;
}

// unique keeps a list of two: the set of keys seen, and the elements.
static bool begin_unique(struct call *c)
{
  struct map *seen = set_new(c->heap, 0);
  struct list *items = list_new(c->heap, 0), *both = list_new(c->heap, 2);
  return seen && items && both && list_push(c->heap, both, value_object(seen)) &&
         list_push(c->heap, both, value_object(items)) && keep(c, both);
}

static enum taken take_unseen(struct call *c, Value answer)
{
  struct list *both = AS_LIST(c->locals[KEPT]);
  if (!map_is_key(answer)) {
    throw_error(c->vm, c->vm->errors.type, "unique: %s cannot be a key; give a function that makes one",
                type_name(c->vm, answer));
    return TAKE_THROW;
  }
  struct map *seen = AS_MAP(both->items[0]);
  if (map_find(c->heap, seen, answer) >= 0) return TAKE_ON;
  if (!map_set(c->heap, seen, answer, NIL)) return TAKE_FULL;
  return push(c, both->items[1], c->locals[ITEM]);
}

// The engine

static bool begin(struct call *c, const struct transform *t)
{
  if (!arg_callable_or(c, 1)) return false;
  c->locals[INDEX] = value_int(0);
  if (!walk_start(c, WALK, c->args[0])) return false;
  if (t->begin(c)) return true;
  throw_memory(c->vm);
  return false;
}

static enum native_status ask(struct call *c, const struct transform *t)
{
  Value args[3] = { c->locals[KEPT], c->locals[ITEM], c->locals[ITEM_VALUE] };
  u32 count = IS_MAP(c->args[0]) ? 2 : 1;
  return t->is_fold ? native_call(c, c->args[1], args, count + 1) : native_call(c, c->args[1], args + 1, count);
}

static enum native_status finish(struct call *c, const struct transform *t)
{
  return native_return(c, t->otherwise == TAG_UNSET ? c->locals[KEPT] : (Value){ 0, t->otherwise });
}

static enum native_status stop(struct call *c, enum taken how)
{
  if (how == TAKE_FULL) return throw_memory(c->vm);
  return how == TAKE_STOP ? NATIVE_OK : NATIVE_THROW;
}

// A fold without a start begins with the first element.
static bool is_start(struct call *c, const struct transform *t)
{
  if (!t->is_fold || !is_unset(c->locals[KEPT])) return false;
  c->locals[KEPT] = c->locals[ITEM];
  return true;
}

static bool is_asked(struct call *c, Value key) { return is_nil(c->locals[ASKING]) && key_is_asked(c->vm, key); }

static enum native_status ask_key(struct call *c, Value key)
{
  Value kept = c->locals[KEPT];
  c->locals[ASKING] = TRUE;
  return key_ask(c, AS_MAP(IS_LIST(kept) ? AS_LIST(kept)->items[0] : kept), key, true);
}

static enum native_status run(struct call *c, const struct transform *t)
{
  if (c->step == 0) {
    if (!begin(c, t)) return NATIVE_THROW;
  } else if (!walk_is_waiting(c, WALK)) {
    if (t->is_key && is_asked(c, c->value)) return ask_key(c, c->value);
    c->locals[ASKING] = NIL;
    enum taken how = t->take(c, c->value);
    if (how != TAKE_ON) return stop(c, how);
  }
  bool has_function = arg_has(c, 1);
  for (;;) {
    enum walk_status s = walk_next(c, WALK, &c->locals[ITEM]);
    if (s == WALK_END) return finish(c, t);
    if (s != WALK_ITEM) return walk_leave(s);
    bool is_asking = has_function && is_int(c->locals[INDEX]);
    if (is_int(c->locals[INDEX])) c->locals[INDEX] = value_int(as_int(c->locals[INDEX]) + 1);
    if (is_start(c, t)) continue;
    if (is_asking) return ask(c, t);
    if (t->is_key && is_asked(c, c->locals[ITEM])) return ask_key(c, c->locals[ITEM]);
    enum taken how = t->take(c, c->locals[ITEM]);
    if (how != TAKE_ON) return stop(c, how);
  }
}

static const struct transform each = { begin_nothing, take_nothing, TAG_NIL, false };
static const struct transform map = { begin_full_list, take_answer, TAG_UNSET, false };
static const struct transform flat_map = { begin_list, take_answers, TAG_UNSET, false };
static const struct transform filter = { begin_same, take_if, TAG_UNSET, false };
static const struct transform partition = { begin_two_lists, take_either, TAG_UNSET, false };
static const struct transform find = { begin_nothing, take_first, TAG_NIL, false };
static const struct transform find_index = { begin_nothing, take_first_index, TAG_NIL, false };
static const struct transform any = { begin_nothing, stop_if_true, TAG_FALSE, false };
static const struct transform all = { begin_nothing, stop_if_false, TAG_TRUE, false };
static const struct transform take_them = { begin_list, take_while, TAG_UNSET, false };
static const struct transform drop_them = { begin_list, take_rest, TAG_UNSET, false };
static const struct transform group_by = { begin_map, take_group, TAG_UNSET, .is_key = true };
static const struct transform index_by = { begin_map, take_by_key, TAG_UNSET, .is_key = true };
static const struct transform map_values = { begin_map, take_value, TAG_UNSET, false };
static const struct transform map_keys = { begin_map, take_key, TAG_UNSET, .is_key = true };

static bool begin_count(struct call *c)
{
  c->locals[KEPT] = value_int(0);
  return true;
}
static const struct transform count_if = { begin_count, take_count, TAG_UNSET, false };

static bool begin_fold(struct call *c)
{
  c->locals[KEPT] = c->args[2];
  return true;
}
static const struct transform fold = { begin_fold, take_folded, TAG_UNSET, true };

static const struct transform unique = { begin_unique, take_unseen, TAG_UNSET, .is_key = true };

enum native_status transform_each(struct call *c) { return run(c, &each); }
enum native_status transform_map(struct call *c) { return run(c, &map); }
enum native_status transform_flat_map(struct call *c) { return run(c, &flat_map); }
enum native_status transform_filter(struct call *c) { return run(c, &filter); }
enum native_status transform_partition(struct call *c) { return run(c, &partition); }
enum native_status transform_find(struct call *c) { return run(c, &find); }
enum native_status transform_find_index(struct call *c) { return run(c, &find_index); }

// Ints are true: of a range, however long, nothing need be looked at.
static bool is_plain_range(struct call *c) { return IS_RANGE(c->args[0]) && !arg_has(c, 1); }

enum native_status transform_any(struct call *c)
{
  return is_plain_range(c) ? return_bool(c, range_len(AS_RANGE(c->args[0])) > 0) : run(c, &any);
}

enum native_status transform_all(struct call *c)
{
  return is_plain_range(c) ? return_bool(c, true) : run(c, &all);
}

enum native_status transform_count_if(struct call *c) { return run(c, &count_if); }
enum native_status transform_take_while(struct call *c) { return run(c, &take_them); }
enum native_status transform_drop_while(struct call *c) { return run(c, &drop_them); }
enum native_status transform_group_by(struct call *c) { return run(c, &group_by); }
enum native_status transform_index_by(struct call *c) { return run(c, &index_by); }
enum native_status transform_map_values(struct call *c) { return run(c, &map_values); }
enum native_status transform_map_keys(struct call *c) { return run(c, &map_keys); }

enum native_status transform_unique(struct call *c)
{
  enum native_status s = run(c, &unique);
  if (s == NATIVE_OK) c->result = AS_LIST(c->result)->items[1];
  return s;
}

enum native_status transform_reduce(struct call *c)
{
  enum native_status s = run(c, &fold);
  if (s == NATIVE_OK && is_unset(c->result)) {
    return throw_error(c->vm, c->vm->errors.value, "reduce: there is no element and no initial value");
  }
  return s;
}
