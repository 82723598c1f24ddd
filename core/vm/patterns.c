// What destructuring and match ask of values.
#include "value/print.h"
#include "vm/step.h"

// The entry of a map or the field of an instance, UNSET where there is none. Keys of patterns are strings.
static Value entry(struct lull *vm, Value x, Value key)
{
  if (IS_MAP(x)) return map_get(&vm->heap, AS_MAP(x), key);
  struct string *name = AS_STRING(key);
  const char *bytes = string_bytes(&vm->heap, name);
  struct string *interned = string_intern(&vm->heap, &vm->names, bytes, name->len);
  return interned ? instance_get(&vm->shapes, AS_INSTANCE(x), interned) : UNSET;
}

enum vm_step slow_get_key(struct lull *vm, struct fiber *f, u16 a, Value x, Value key)
{
  if (!IS_MAP(x) && !IS_INSTANCE(x)) {
    u64 cache[] = { 0, (u64)(uintptr_t)as_object(key) };
    return slow_get_field(vm, f, a, x, cache);
  }
  REGISTER(f, a) = entry(vm, x, key);
  return STEP_NEXT;
}

enum vm_step slow_get_rest(struct lull *vm, struct fiber *f, u16 a, Value x, u32 from)
{
  const struct list *l = AS_LIST(x);
  struct list *rest = list_slice(&vm->heap, l, from < l->len ? from : l->len, l->len);
  if (!rest) return STEP_MEMORY(vm);
  REGISTER(f, a) = value_object(rest);
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}

static bool map_rest_instance(struct lull *vm, struct map *rest, struct instance *i)
{
  const struct shape *shape = shape_of(&vm->shapes, i->object.shape);
  for (u32 slot = 0; slot < shape->count; slot++) {
    Value v = *instance_slot(i, slot);
    if (!is_unset(v) && !map_set(&vm->heap, rest, value_object(shape_name(shape, slot)), v)) return false;
  }
  return true;
}

enum vm_step slow_map_rest(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 count)
{
  const Value *v = &REGISTER(f, b);
  struct map *rest = IS_MAP(v[0]) ? map_copy(&vm->heap, AS_MAP(v[0])) : map_new(&vm->heap, 4);
  if (!rest || (IS_INSTANCE(v[0]) && !map_rest_instance(vm, rest, AS_INSTANCE(v[0])))) return STEP_MEMORY(vm);
  for (u32 i = 1; i <= count; i++) map_remove(&vm->heap, rest, v[i]);
  REGISTER(f, a) = value_object(rest);
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}

enum vm_step slow_want_list(struct lull *vm, struct fiber *f, Value x, u32 count)
{
  (void)f;
  if (!IS_LIST(x))
    return STEP_ERROR(vm, vm->errors.type, "only a list can be taken apart by [...], not %s", type_name(vm, x));
  return STEP_ERROR(vm, vm->errors.value, "the list has %u item%s, the pattern needs %u", AS_LIST(x)->len,
                    AS_LIST(x)->len == 1 ? "" : "s", count);
}

enum vm_step slow_want_map(struct lull *vm, struct fiber *f, Value x)
{
  (void)f;
  return STEP_ERROR(vm, vm->errors.type, "only a map or an instance can be taken apart by {...}, not %s",
                    type_name(vm, x));
}

enum vm_step slow_missing(struct lull *vm, struct fiber *f, Value x, Value key)
{
  (void)f;
  if (IS_MAP(x)) return throw_no_member(vm, x, AS_STRING(key), false);
  struct buf text;
  buf_init(&text, &vm->alloc);
  value_print_simple(&vm->heap, key, true, &text);
  throw_error(vm, vm->errors.key, "%s has no entry %s, which the pattern needs", type_name(vm, x), buf_text(&text));
  buf_fini(&text);
  return STEP_THROW;
}

enum vm_step slow_no_match(struct lull *vm, struct fiber *f, Value x)
{
  (void)f;
  struct buf text;
  buf_init(&text, &vm->alloc);
  if (!value_print_simple(&vm->heap, x, true, &text)) buf_printf(&text, "this %s", type_name(vm, x));
  throw_error(vm, vm->errors.value, "no arm of the match fits %s", buf_text(&text));
  buf_fini(&text);
  return STEP_THROW;
}
