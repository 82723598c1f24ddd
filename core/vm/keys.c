#include "vm/keys.h"

#include "value/hash.h"
#include "value/kin.h"
#include "vm/opcodes.h"

bool key_has_hash(struct lull *vm, Value key)
{
  const struct class *class = AS_INSTANCE(key)->class;
  return !is_unset(class_find_method(class, vm->known.hash)) && !is_unset(class_find_method(class, vm->known.equals));
}

static bool is_plain(Value v) { return map_is_key(v) && !IS_INSTANCE(v); }

bool key_plain_hash(struct heap *heap, Value v, u32 *hash)
{
  if (is_plain(v)) *hash = value_hash(heap, v);
  if (!IS_LIST(v)) return is_plain(v);
  const struct list *list = AS_LIST(v);
  u64 all = list->len;
  for (u32 i = 0; i < list->len; i++) {
    if (heap_must_stop_at(heap, i)) return false;
    if (!is_plain(list->items[i]) && !is_nil(list->items[i])) return false;
    all = hash_word(heap->seed, all ^ value_hash(heap, list->items[i]));
  }
  *hash = hash_narrow(all);
  return true;
}

static enum native_status call_own(struct call *c, Value key, struct string *name, const Value *other)
{
  return native_call_method(c, key, class_find_method(AS_INSTANCE(key)->class, name), other, other ? 1 : 0);
}

enum { MAP, KEY, IS_PUT };    // arguments of find
enum { HASH, KIN, KIN_AT };  // its locals; the hash is nil until it has been given

static enum native_status find_among(struct call *c, struct map *m)
{
  for (u32 at = (u32)as_int(c->locals[KIN_AT]);; at++) {
    Value other = kin_at(c->locals[KIN], at);
    if (is_unset(other)) break;
    if (is_same(other, c->args[KEY])) return native_return(c, other);
    if (map_find(c->heap, m, other) < 0) continue;
    c->locals[KIN_AT] = value_int(at);
    return call_own(c, c->args[KEY], c->vm->known.equals, &other);
  }
  u32 hash = (u32)as_int(c->locals[HASH]);
  if (!is_falsy(c->args[IS_PUT]) && !kin_add(c->heap, m, c->args[KEY], hash)) return throw_memory(c->vm);
  return native_return(c, c->args[KEY]);
}

static enum native_status find(struct call *c)
{
  struct map *m = AS_MAP(c->args[MAP]);
  if (c->step == 0) return call_own(c, c->args[KEY], c->vm->known.hash, NULL);
  if (is_nil(c->locals[HASH])) {
    u32 hash;
    if (!key_plain_hash(c->heap, c->value, &hash)) {
      if (c->heap->exhausted) return throw_memory(c->vm);
      return throw_error(c->vm, c->vm->errors.type,
                         "`hash` must return an int, a string or another plain key, or a list of them, not %s",
                         type_name(c->vm, c->value));
    }
    c->locals[HASH] = value_int(hash);
    c->locals[KIN] = kin_of(c->heap, m, hash);
    c->locals[KIN_AT] = value_int(0);
  } else {
    u32 at = (u32)as_int(c->locals[KIN_AT]);
    if (!is_falsy(c->value)) return native_return(c, kin_at(c->locals[KIN], at));
    c->locals[KIN_AT] = value_int(at + 1);
  }
  return find_among(c, m);
}

// Element or entry number *at of [from], or the first behind it. False: there is none.
static bool source_at(const struct map *to, Value from, u32 *at, struct map_entry *e)
{
  bool is_set = to->object.kind == KIND_SET;
  if (IS_LIST(from)) {
    const struct list *list = AS_LIST(from);
    if (*at + (is_set ? 0 : 1) >= list->len) return false;
    *e = (struct map_entry){ list->items[*at], is_set ? NIL : list->items[*at + 1] };
    return true;
  }
  *at = map_next(AS_MAP(from), *at);
  if (*at >= AS_MAP(from)->used) return false;
  *e = AS_MAP(from)->entries[*at];
  if (is_set) e->value = NIL;
  return true;
}

static u32 stride(const struct map *to, Value from) { return IS_LIST(from) && to->object.kind == KIND_MAP ? 2 : 1; }

static enum native_status put(struct call *c, struct map *to, Value key, Value value)
{
  if (!map_is_key(key)) {
    return throw_error(c->vm, c->vm->errors.type, "%s cannot be %s", type_name(c->vm, key),
                       to->object.kind == KIND_SET ? "in a set" : "a key of a map");
  }
  return map_set(c->heap, to, key, value) ? NATIVE_OK : throw_memory(c->vm);
}

// Arguments: the map and what to put into it. Locals: where it is, and the value whose key is being asked for.
static enum native_status put_all(struct call *c)
{
  struct map *to = AS_MAP(c->args[0]);
  Value from = c->args[1];
  u32 at = 0;
  if (c->step > 0) {
    if (put(c, to, c->value, c->locals[1]) != NATIVE_OK) return NATIVE_THROW;
    at = (u32)as_int(c->locals[0]) + stride(to, from);
  }
  struct map_entry e;
  for (u32 turn = 0; source_at(to, from, &at, &e); at += stride(to, from)) {
    if (native_must_stop_at(c, turn++)) return NATIVE_THROW;
    if (key_is_asked(c->vm, e.key)) {
      c->locals[0] = value_int(at);
      c->locals[1] = e.value;
      return key_ask(c, to, e.key, true);
    }
    if (put(c, to, e.key, e.value) != NATIVE_OK) return NATIVE_THROW;
  }
  return native_return(c, c->args[0]);
}

// Arguments: the map and a list. Local: the new list, as long as has been asked.
static enum native_status find_all(struct call *c)
{
  if (c->step == 0) {
    struct list *fresh = list_new(c->heap, AS_LIST(c->args[1])->len);
    if (!fresh) return throw_memory(c->vm);
    c->locals[0] = value_object(fresh);
  }
  const struct list *list = AS_LIST(c->args[1]);
  struct list *found = AS_LIST(c->locals[0]);
  if (c->step > 0 && !list_push(c->heap, found, c->value)) return throw_memory(c->vm);
  while (found->len < list->len) {
    if (native_must_stop_at(c, found->len)) return NATIVE_THROW;
    Value key = list->items[found->len];
    if (key_is_asked(c->vm, key)) return key_ask(c, AS_MAP(c->args[0]), key, false);
    if (!list_push(c->heap, found, key)) return throw_memory(c->vm);
  }
  return native_return(c, value_object(found));
}

enum native_status key_ask(struct call *c, struct map *m, Value given, bool is_put)
{
  return native_call(c, c->vm->keys.find, (Value[]){ value_object(m), given, value_bool(is_put) }, 3);
}

enum native_status key_find(struct call *c, struct map *m, Value given, bool is_put, Value *key)
{
  *key = c->step > 0 ? c->value : given;
  return c->step == 0 && key_is_asked(c->vm, given) ? key_ask(c, m, given, is_put) : NATIVE_OK;
}

enum native_status keys_put(struct call *c, struct map *to, Value from)
{
  struct map_entry e;
  for (u32 at = 0, turn = 0; source_at(to, from, &at, &e); at += stride(to, from)) {
    if (native_must_stop_at(c, turn++)) return NATIVE_THROW;
    if (key_is_asked(c->vm, e.key))
      return native_call(c, c->vm->keys.put_all, (Value[]){ value_object(to), from }, 2);
    if (put(c, to, e.key, e.value) != NATIVE_OK) return NATIVE_THROW;
  }
  return NATIVE_OK;
}

enum native_status keys_ask(struct call *c, struct map *m, struct list *list)
{
  return native_call(c, c->vm->keys.find_all, (Value[]){ value_object(m), value_object(list) }, 2);
}

enum vm_step key_step(struct lull *vm, struct fiber *f, u64 *at, struct map *m, Value key, bool is_put)
{
  Value args[] = { value_object(m), key, value_bool(is_put) };
  return call_operator(vm, f, at, args[0], vm->keys.find, args, COUNT_OF(args));
}

enum vm_step keys_step(struct lull *vm, struct fiber *f, struct map *m, Value from)
{
  Value args[] = { value_object(m), from };
  return call_operator(vm, f, f->pc - 1, args[0], vm->keys.put_all, args, COUNT_OF(args));
}

static const struct native natives[] = {
  { .name = "find_key", .fn = find, .required = 3, .max = 3, .locals = 3, .usage = "find_key(map, key, is_put)" },
  { .name = "put_all", .fn = put_all, .required = 2, .max = 2, .locals = 2, .usage = "put_all(map, from)" },
  { .name = "find_all", .fn = find_all, .required = 2, .max = 2, .locals = 1, .usage = "find_all(map, list)" },
};

bool keys_open(struct lull *vm)
{
  Value *places[] = { &vm->keys.find, &vm->keys.put_all, &vm->keys.find_all };
  for (u32 i = 0; i < COUNT_OF(natives); i++) {
    struct string *name = vm_intern(vm, natives[i].name);
    if (!name) return false;
    *places[i] = native_value(vm, &natives[i], name, 0);
  }
  return true;
}
