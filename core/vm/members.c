// Fields, entries, items and slices.
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "value/bytes.h"
#include "value/range.h"
#include "vm/deferred.h"
#include "vm/native_call.h"
#include "vm/keys.h"
#include "vm/opcodes.h"

static void offer_shape(struct suggest *s, struct lull *vm, const struct shape *shape)
{
  for (u32 i = 0; i < shape->count; i++) {
    struct string *name = shape_name(shape, i);
    suggest_offer(s, string_bytes(&vm->heap, name), name->len);
  }
}

static void offer_table(struct suggest *s, struct lull *vm, const struct table *t)
{
  for (u32 i = 0; i < t->count; i++) {
    struct string *name = t->entries[i].key;
    const char *bytes = string_bytes(&vm->heap, name);
    if (bytes[0] != '_') suggest_offer(s, bytes, name->len);
  }
}

static void offer_module(struct suggest *s, struct lull *vm, const struct module *module)
{
  for (u32 i = 0; i < module->names.count; i++) {
    struct string *name = module->names.entries[i].key;
    const char *bytes = string_bytes(&vm->heap, name);
    if (bytes[0] != '_') suggest_offer(s, bytes, name->len);
  }
}

static void offer_members(struct suggest *s, struct lull *vm, Value x, bool is_call)
{
  // An entry is looked for among entries.
  for (const struct class *c = IS_MAP(x) && !is_call ? NULL : type_of(vm, x); c; c = c->super)
    offer_table(s, vm, &c->methods);
  if (IS_INSTANCE(x)) offer_shape(s, vm, shape_of(&vm->shapes, as_object(x)->shape));
  if (is_kind(x, KIND_MODULE)) offer_module(s, vm, AS_MODULE(x));
  if (!IS_MAP(x)) return;
  const struct map *m = AS_MAP(x);
  for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1)) {
    if (!IS_STRING(m->entries[i].key)) continue;
    struct string *key = AS_STRING(m->entries[i].key);
    const char *bytes = string_bytes(&vm->heap, key);
    suggest_offer(s, bytes, key->len);
  }
}

// What methods are called elsewhere; only those are told that the value has.
static const char *const other_names[][2] = {
  { "lenght", "len" }, { "length", "len" }, { "size", "len" }, { "count", "len" }, { "append", "push" },
  { "add", "push" }, { "concat", "extend" }, { "delete", "remove" }, { "toUpperCase", "upper" },
  { "toLowerCase", "lower" }, { "strip", "trim" }, { "has", "contains" }, { "includes", "contains" },
  { "indexOf", "index_of" }, { "forEach", "each" }, { "toString", "to_string" }, { "startsWith", "starts_with" },
  { "startswith", "starts_with" }, { "endsWith", "ends_with" }, { "endswith", "ends_with" },
  { "entries", "items" }, { "some", "any" }, { "every", "all" }, { "capacity", "len" }, { "has_key", "contains" },
  { "hasOwnProperty", "contains" }, { "has_value", "contains" }, { "containsKey", "contains" },
  { "substring", "slice" }, { "substr", "slice" }, { "find", "index_of" }, { "index", "index_of" },
  { "search", "index_of" }, { "rfind", "last_index_of" }, { "lastIndexOf", "last_index_of" },
  { "flatten", "flat" }, { "flatMap", "flat_map" }, { "findIndex", "find_index" }, { "zfill", "pad_start" },
  { "rjust", "pad_start" }, { "padStart", "pad_start" }, { "pad_left", "pad_start" }, { "ljust", "pad_end" },
  { "padEnd", "pad_end" }, { "pad_right", "pad_end" }, { "lstrip", "trim_start" }, { "trimStart", "trim_start" },
  { "rstrip", "trim_end" }, { "trimEnd", "trim_end" }, { "chomp", "trim_end" }, { "splitlines", "lines" },
  { "replaceAll", "replace" }, { "replace_all", "replace" }, { "isdigit", "is_digit" }, { "isalpha", "is_alpha" },
  { "isspace", "is_space" }, { "isEmpty", "is_empty" }, { "empty", "is_empty" }, { "setdefault", "get_or_set" },
  { "fold", "reduce" }, { "inject", "reduce" }, { "select", "filter" }, { "collect", "map" }, { "detect", "find" },
  { "uniq", "unique" }, { "distinct", "unique" }, { "sort_by", "sorted" }, { "sortBy", "sorted" },
  { "sort", "sorted" }, { "reverse", "reversed" }, { "groupBy", "group_by" }, { "put", "set" },
  { "discard", "remove" }, { "shift", "pop" }, { "unshift", "insert" }, { "prepend", "insert" },
  { "addAll", "update" }, { "extend", "update" }, { "intersect", "intersection" }, { "toFixed", "to_fixed" },
  { "charAt", "get" }, { "at", "get" }, { "item", "get" }, { "toList", "to_list" }, { "to_s", "to_string" },
  { "str", "to_string" }, { "push_back", "push" }, { "removeAt", "pop" }, { "splice", "pop" }, { "remove_at", "pop" }, { "pop", "remove" },
};

// Methods that are functions, or types called.
static const char *const conversions[][2] = {
  { "to_int", "int" },       { "toInt", "int" },        { "to_i", "int" },       { "to_float", "float" },
  { "to_f", "float" },       { "to_string", "string" }, { "toString", "string" }, { "to_str", "string" },
  { "to_s", "string" },      { "to_bytes", "bytes" },   { "to_map", "map" },     { "to_dict", "map" },
  { "to_set", "set" },       { "toSet", "set" },
};

static const char *conversion(const char *name, u32 len)
{
  for (u32 i = 0; i < COUNT_OF(conversions); i++) {
    if (strlen(conversions[i][0]) == len && memcmp(conversions[i][0], name, len) == 0) return conversions[i][1];
  }
  return NULL;
}

static const char *other_name(struct lull *vm, Value x, const char *name, u32 len)
{
  for (u32 i = 0; i < COUNT_OF(other_names); i++) {
    if (strlen(other_names[i][0]) != len || memcmp(other_names[i][0], name, len) != 0) continue;
    const char *other = other_names[i][1];
    struct string *method = string_intern(&vm->heap, &vm->names, other, (u32)strlen(other));
    if (method && !is_unset(class_find_method(type_of(vm, x), method))) return other;
  }
  return NULL;
}

static bool is_getter(struct lull *vm, Value x, const char *name)
{
  struct string *interned = vm_intern(vm, name);
  Value v = interned ? class_find_method(type_of(vm, x), interned) : UNSET;
  return IS_NATIVE(v) && (as_object(v)->flags & NATIVE_GETTER);
}

enum vm_step throw_no_member(struct lull *vm, Value x, struct string *name, bool is_call)
{
  if (!is_unset(vm->thrown)) return STEP_THROW;  // the module could not be opened
  struct suggest s;
  const char *bytes = string_bytes(&vm->heap, name);
  suggest_init(&s, bytes, name->len);
  offer_members(&s, vm, x, is_call);
  bool is_module = is_kind(x, KIND_MODULE);
  struct class *class = IS_MAP(x) && !is_call ? vm->errors.key : is_module ? vm->errors.name : vm->errors.type;
  const char *what = IS_MAP(x) && !is_call ? "entry" : is_module ? "name" : is_call ? "method" : "field";
  const char *owner = is_module    ? string_cstr(&vm->heap, AS_MODULE(x)->name)
                      : IS_CLASS(x) ? string_cstr(&vm->heap, AS_CLASS(x)->name)
                                    : type_name(vm, x);
  const char *kind = is_module ? "module " : IS_CLASS(x) ? "the class " : "";
  bool is_field = !is_call && !IS_MAP(x) && !IS_INSTANCE(x) && !is_module;
  const char *best = is_call || is_field ? other_name(vm, x, bytes, name->len) : NULL, *call = "";
  char hint[128] = "";
  if (!best) best = suggest_best(&s);
  if (is_field && best && !is_getter(vm, x, best)) call = "()";
  const char *function = is_call && !is_module ? conversion(bytes, name->len) : NULL;
  if (function) snprintf(hint, sizeof hint, "; write `%s(x)`", function);
  else if (is_nil(x)) snprintf(hint, sizeof hint, " (where it may be nil, write `?.%.*s`)", (int)name->len, bytes);
  else if (best) snprintf(hint, sizeof hint, "; did you mean `%s%s`?", best, call);
  else if (is_deferred(x)) snprintf(hint, sizeof hint, " (`await` gives its value)");
  else if (is_module && bytes[0] == '_') snprintf(hint, sizeof hint, " (names with a leading `_` are its own)");
  else if (IS_CLASS(x) && !is_unset(class_find_method(AS_CLASS(x), name)))
    snprintf(hint, sizeof hint, " (its instances have: call it on one)");
  return STEP_ERROR(vm, class, "%s%s has no %s `%.*s`%s", kind, owner, what, (int)name->len,
                    bytes, hint);
}

// Remembers where a field lies, in the instruction and for all. [added]: the shape that gets the field there, or 0.
static void cache_field(struct lull *vm, u64 *cache, const struct instance *i, u32 shape, i64 slot, u32 added)
{
  const struct string *name = (const struct string *)(uintptr_t)cache[1];
  if (slot < 0 || slot >= i->slots) return;
  u64 offset = offsetof(struct instance, fields) + (size_t)slot * sizeof(Value);
  if (!added) cache[0] = shape | offset << 32;
  *member_at(added ? vm->added : vm->fields, shape, name) = (struct member_place){ name, shape, added, offset };
}

// An entry's place is remembered in the instruction, with a shape no object has.
static void cache_entry(u64 *cache, i64 at) { cache[0] = (u64)at << 32; }

enum vm_step slow_get_field(struct lull *vm, struct fiber *f, u16 a, Value x, u64 *cache)
{
  struct string *name = (struct string *)(uintptr_t)cache[1];
  if (IS_INSTANCE(x)) {
    struct instance *i = AS_INSTANCE(x);
    i64 slot = shape_find(shape_of(&vm->shapes, i->object.shape), name);
    if (slot >= 0) {
      cache_field(vm, cache, i, i->object.shape, slot, 0);
      Value v = *instance_slot(i, (u32)slot);
      REGISTER(f, a) = v;
      return is_unset(v) ? throw_no_member(vm, x, name, false) : STEP_NEXT;
    }
  } else if (IS_MAP(x)) {
    i64 at = map_find(&vm->heap, AS_MAP(x), value_object(name));
    if (at < 0) return throw_no_member(vm, x, name, false);
    cache_entry(cache, at);
    REGISTER(f, a) = AS_MAP(x)->entries[at].value;
    return STEP_NEXT;
  }
  bool has_self;
  Value v = call_lookup(vm, x, name, &has_self);
  if (is_unset(v)) return throw_no_member(vm, x, name, false);
  if (IS_NATIVE(v) && (as_object(v)->flags & NATIVE_GETTER)) {
    if (native_get(vm, AS_NATIVE(v), x, &v) == NATIVE_THROW) return STEP_THROW;
    has_self = false;
  }
  REGISTER(f, a) = has_self ? value_object(bound_new(&vm->heap, x, v)) : v;
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}

// A setter of a native object: the method "NAME=".
static Value find_setter(struct lull *vm, Value x, struct string *name)
{
  if (!is_kind(x, KIND_BOX) && !is_kind(x, KIND_OPERATION)) return UNSET;
  struct buf text;
  buf_init(&text, &vm->alloc);
  string_write(name, &text);
  buf_putc(&text, '=');
  struct string *full = string_intern(&vm->heap, &vm->names, buf_text(&text), text.len);
  buf_fini(&text);
  return full ? class_find_method(type_of(vm, x), full) : UNSET;
}

enum vm_step slow_set_field(struct lull *vm, struct fiber *f, Value x, Value v, u64 *cache)
{
  struct string *name = (struct string *)(uintptr_t)cache[1];
  (void)f;
  if (IS_INSTANCE(x)) {
    struct instance *i = AS_INSTANCE(x);
    u32 before = i->object.shape;
    if (!instance_set(&vm->heap, &vm->shapes, i, name, v)) return STEP_MEMORY(vm);
    i64 slot = shape_find(shape_of(&vm->shapes, i->object.shape), name);
    cache_field(vm, cache, i, before, slot, before == i->object.shape ? 0 : i->object.shape);
    return STEP_NEXT;
  }
  if (IS_MAP(x)) {
    struct map *m = AS_MAP(x);
    i64 at = map_find(&vm->heap, m, value_object(name));
    if (at < 0) return map_set(&vm->heap, m, value_object(name), v) ? STEP_NEXT : STEP_MEMORY(vm);
    cache_entry(cache, at);
    m->entries[at].value = v;
    heap_barrier_value(&vm->heap, m, v);
    return STEP_NEXT;
  }
  if (is_kind(x, KIND_MODULE)) {
    return STEP_ERROR(vm, vm->errors.type, "names of a module cannot be assigned from outside");
  }
  Value setter = find_setter(vm, x, name);
  if (!is_unset(setter)) return native_set(vm, AS_NATIVE(setter), x, v) == NATIVE_THROW ? STEP_THROW : STEP_NEXT;
  if (IS_CLASS(x)) {
    return STEP_ERROR(vm, vm->errors.type, "the class %s has no fields of its own to assign: its instances have",
                      string_cstr(&vm->heap, AS_CLASS(x)->name));
  }
  return STEP_ERROR(vm, vm->errors.type, "%s has no fields to assign (`.%.*s`)", type_name(vm, x), (int)name->len,
                    string_bytes(&vm->heap, name));
}

enum vm_step slow_add_field(struct lull *vm, struct fiber *f, u16 a, Value v, u64 *cache)
{
  Value x = REGISTER(f, a);
  // The sum is made in the register of the object, which comes back afterwards: an error leaves the frame anyway.
  enum vm_step step = slow_get_field(vm, f, a, x, cache);
  if (step != STEP_NEXT) return step;
  step = slow_arith(vm, f, NUMBER_ADD, a, REGISTER(f, a), v);
  if (step != STEP_NEXT) return step;
  Value sum = REGISTER(f, a);
  REGISTER(f, a) = x;
  return slow_set_field(vm, f, x, sum, cache);
}

enum vm_step slow_get_method(struct lull *vm, struct fiber *f, u16 a, Value x, struct string *name)
{
  bool has_self;
  Value v = call_lookup(vm, x, name, &has_self);
  if (is_unset(v)) return throw_no_member(vm, x, name, true);
  REGISTER(f, a) = has_self ? value_object(bound_new(&vm->heap, x, v)) : v;
  return STEP_NEXT;
}

static COLD enum vm_step throw_index(struct lull *vm, Value x, Value index, u64 len)
{
  char digits[32] = "of more than 64 bits";
  if (is_int(index)) snprintf(digits, sizeof digits, "%lld", (long long)as_int(index));
  return STEP_ERROR(vm, vm->errors.index, "index %s is outside the %s of length %llu", digits, type_name(vm, x),
                    (unsigned long long)len);
}

// Items from the end count from -1. False: outside.
static bool place(i64 index, u64 len, u64 *at)
{
  if (index >= 0) {
    *at = (u64)index;
    return *at < len;
  }
  u64 back = 0 - (u64)index;
  *at = len - back;
  return back <= len;
}

enum vm_step slow_get_index(struct lull *vm, struct fiber *f, u16 a, Value x, Value key)
{
  struct heap *heap = &vm->heap;
  u64 at, len;
  if (IS_MAP(x)) {
    if (key_is_asked(vm, key)) return key_step(vm, f, f->pc - 1, AS_MAP(x), key, false);
    Value v = map_is_key(key) ? map_get(heap, AS_MAP(x), key) : UNSET;
    REGISTER(f, a) = is_unset(v) ? NIL : v;
    return STEP_NEXT;
  }
  if (IS_INSTANCE(x) && IS_STRING(key)) {
    struct string *name = AS_STRING(key);
    const char *bytes = string_bytes(heap, name);
    struct string *interned = string_intern(heap, &vm->names, bytes, name->len);
    Value v = interned ? instance_get(&vm->shapes, AS_INSTANCE(x), interned) : UNSET;
    REGISTER(f, a) = is_unset(v) ? NIL : v;
    return STEP_NEXT;
  }
  bool is_sequence = IS_LIST(x) || IS_STRING(x) || IS_BYTES(x) || IS_RANGE(x);
  if (!is_sequence) {
    const char *hint = is_deferred(x) ? " (`await` gives its value)" : "";
    return STEP_ERROR(vm, vm->errors.type, "%s cannot be indexed%s", type_name(vm, x), hint);
  }
  if (IS_RANGE(key))
    return STEP_ERROR(vm, vm->errors.type, "write the range in the brackets (xs[a..b]) to take a slice");
  if (!is_integer(key))
    return STEP_ERROR(vm, vm->errors.type, "the index of a %s must be an int, not %s", type_name(vm, x),
                      type_name(vm, key));
  len = IS_LIST(x)     ? AS_LIST(x)->len
        : IS_STRING(x) ? string_count(AS_STRING(x))
        : IS_BYTES(x)  ? AS_BYTES(x)->len
                       : range_len(AS_RANGE(x));
  if (!is_int(key) || !place(as_int(key), len, &at)) return throw_index(vm, x, key, len);
  if (IS_LIST(x)) {
    REGISTER(f, a) = AS_LIST(x)->items[at];
  } else if (IS_BYTES(x)) {
    REGISTER(f, a) = value_int(AS_BYTES(x)->data[at]);
  } else if (IS_RANGE(x)) {
    REGISTER(f, a) = value_int(range_at(AS_RANGE(x), at));
  } else {
    struct string *s = string_slice(heap, AS_STRING(x), (u32)at, (u32)at + 1);
    if (!s) return STEP_MEMORY(vm);
    REGISTER(f, a) = value_object(s);
    return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
  }
  return STEP_NEXT;
}

enum vm_step finish_index_jump(struct fiber *f, u64 *at, Value v)
{
  REGISTER(f, instruction_a(*at)) = v;
  f->pc = at + 2;
  if (is_falsy(v) == (instruction_op(*at) == OP_GETXJF)) f->pc += (i32)at[1];
  return STEP_NEXT;
}

enum vm_step slow_get_index_jump(struct lull *vm, struct fiber *f, u64 *at, Value x, Value key)
{
  if (IS_MAP(x) && key_is_asked(vm, key)) return key_step(vm, f, at, AS_MAP(x), key, false);
  enum vm_step step = slow_get_index(vm, f, instruction_a(*at), x, key);
  return step == STEP_NEXT ? finish_index_jump(f, at, REGISTER(f, instruction_a(*at))) : step;
}

enum vm_step slow_set_index(struct lull *vm, struct fiber *f, Value x, Value key, Value v)
{
  u64 at;
  if (IS_MAP(x)) return slow_put_key(vm, f, AS_MAP(x), key, v);
  if (IS_INSTANCE(x) && IS_STRING(key)) {
    struct string *name = AS_STRING(key);
    const char *bytes = string_bytes(&vm->heap, name);
    struct string *interned = string_intern(&vm->heap, &vm->names, bytes, name->len);
    if (!interned || !instance_set(&vm->heap, &vm->shapes, AS_INSTANCE(x), interned, v)) return STEP_MEMORY(vm);
    return STEP_NEXT;
  }
  if (!IS_LIST(x)) {
    const char *why = IS_STRING(x) || IS_BYTES(x) ? " (it cannot change)" : "";
    return STEP_ERROR(vm, vm->errors.type, "items of a %s cannot be assigned%s", type_name(vm, x), why);
  }
  if (!is_integer(key))
    return STEP_ERROR(vm, vm->errors.type, "the index of a list must be an int, not %s", type_name(vm, key));
  if (!is_int(key) || !place(as_int(key), AS_LIST(x)->len, &at)) return throw_index(vm, x, key, AS_LIST(x)->len);
  list_set(&vm->heap, AS_LIST(x), (u32)at, v);
  return STEP_NEXT;
}

// An end of a slice: unset is [otherwise], negative counts from the end, and what lies outside is cut to the
// sequence.
static bool slice_end(struct lull *vm, Value v, u64 len, u64 otherwise, i64 more, u64 *end)
{
  if (is_unset(v) || is_nil(v)) {
    *end = otherwise;
    return true;
  }
  if (!is_integer(v))
    return throw_error(vm, vm->errors.type, "the ends of a slice must be ints, not %s", type_name(vm, v)), false;
  if (!is_int(v)) {
    *end = number_compare(&vm->heap, v, value_int(0)) < 0 ? 0 : len;
    return true;
  }
  i64 n = as_int(v);
  if (n < 0) n += (i64)len;
  if (n < INT64_MAX) n += more;
  *end = n < 0 ? 0 : (u64)n > len ? len : (u64)n;
  return true;
}

// A range again: from its first element to its last.
static struct range *slice_range(struct heap *heap, const struct range *r, u64 from, u64 to)
{
  if (from >= to) return range_new(heap, r->from, r->from, r->step, false);
  i64 first = range_at(r, from), last = range_at(r, to - 1);
  bool is_plain = r->step == 1 && !(r->object.flags & RANGE_INCLUSIVE);
  return range_new(heap, first, is_plain ? last + 1 : last, r->step, !is_plain);
}

static u64 len_of(Value x)
{
  if (IS_LIST(x)) return AS_LIST(x)->len;
  if (IS_STRING(x)) return string_count(AS_STRING(x));
  if (IS_BYTES(x)) return AS_BYTES(x)->len;
  u64 len = range_len(AS_RANGE(x));
  return len < INT64_MAX ? len : INT64_MAX;
}

enum vm_step slow_slice(struct lull *vm, struct fiber *f, u16 a, u16 b, bool is_inclusive)
{
  Value *v = &REGISTER(f, b), x = v[0], result = NIL;
  struct heap *heap = &vm->heap;
  bool is_sequence = IS_LIST(x) || IS_STRING(x) || IS_BYTES(x) || IS_RANGE(x);
  if (!is_sequence) return STEP_ERROR(vm, vm->errors.type, "%s cannot be sliced", type_name(vm, x));
  u64 len = len_of(x), from, to;
  if (!slice_end(vm, v[1], len, 0, 0, &from) || !slice_end(vm, v[2], len, len, is_inclusive, &to)) return STEP_THROW;
  if (to < from) to = from;
  void *object = IS_LIST(x)     ? (void *)list_slice(heap, AS_LIST(x), (u32)from, (u32)to)
                 : IS_STRING(x) ? (void *)string_slice(heap, AS_STRING(x), (u32)from, (u32)to)
                 : IS_RANGE(x)  ? (void *)slice_range(heap, AS_RANGE(x), from, to)
                                : (void *)bytes_new(heap, AS_BYTES(x)->data + from, to - from);
  if (!object) return STEP_MEMORY(vm);
  result = value_object(object);
  REGISTER(f, a) = result;
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}
