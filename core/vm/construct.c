// Making lists, maps, ranges, closures and classes; deferred calls.
#include "value/range.h"
#include "vm/frame.h"
#include "vm/keys.h"
#include "vm/step.h"

static enum vm_step made(struct lull *vm, struct fiber *f, u16 a, void *object)
{
  if (UNLIKELY(!object)) return STEP_MEMORY(vm);
  REGISTER(f, a) = value_object(object);
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}

enum vm_step slow_list(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 count)
{
  struct list *l = list_new(&vm->heap, count);
  if (l && !list_append(&vm->heap, l, &REGISTER(f, b), count)) l = NULL;
  return made(vm, f, a, l);
}

static bool extend_map(struct lull *vm, struct list *l, const struct map *m)
{
  for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1)) {
    if (!list_push(&vm->heap, l, m->entries[i].key)) return false;
  }
  return true;
}

static bool extend_range(struct lull *vm, struct list *l, const struct range *r)
{
  for (u64 i = 0, len = range_len(r); i < len; i++) {
    if (!list_push(&vm->heap, l, value_int(range_at(r, i)))) return false;
  }
  return true;
}

static bool extend_string(struct lull *vm, struct list *l, struct string *s)
{
  for (u32 i = 0; i < string_count(s); i++) {
    struct string *c = string_slice(&vm->heap, s, i, i + 1);
    if (!c || !list_push(&vm->heap, l, value_object(c))) return false;
  }
  return true;
}

// Can the program be asked for the elements, one by one?
static bool has_items(struct lull *vm, Value x)
{
  return IS_BYTES(x) || is_kind(x, KIND_CHANNEL) || !is_unset(class_find_method(type_of(vm, x), vm->known.iterate));
}

enum vm_step slow_extend(struct lull *vm, struct fiber *f, u16 a, Value x)
{
  struct list *l = AS_LIST(REGISTER(f, a));
  bool ok;
  if (IS_LIST(x)) {
    struct list *from = AS_LIST(x);
    ok = list_append(&vm->heap, l, from->items, from->len);
  } else if (IS_RANGE(x)) {
    ok = extend_range(vm, l, AS_RANGE(x));
  } else if (IS_SET(x) || IS_MAP(x)) {
    ok = extend_map(vm, l, AS_MAP(x));
  } else if (IS_STRING(x)) {
    ok = extend_string(vm, l, AS_STRING(x));
  } else if (has_items(vm, x)) {
    return call_operator(vm, f, f->pc - 1, NIL, value_object(vm->types.list_), &x, 1);
  } else {
    return STEP_ERROR(vm, vm->errors.type, "`...` spreads what can be looped over, not %s", type_name(vm, x));
  }
  if (!ok) return STEP_MEMORY(vm);
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}

static enum vm_step put_plain(struct lull *vm, struct map *m, Value key, Value v)
{
  if (!map_is_key(key)) return STEP_ERROR(vm, vm->errors.type, "%s cannot be a key of a map", type_name(vm, key));
  if (!map_set(&vm->heap, m, key, v)) return STEP_MEMORY(vm);
  return STEP_NEXT;
}

enum vm_step slow_put_key(struct lull *vm, struct fiber *f, struct map *m, Value key, Value v)
{
  return key_is_asked(vm, key) ? key_step(vm, f, f->pc - 1, m, key, true) : put_plain(vm, m, key, v);
}

static enum vm_step put_pairs(struct lull *vm, struct fiber *f, struct map *m, const Value *v, u32 count)
{
  struct list *pairs = list_new(&vm->heap, count);
  if (!pairs || !list_append(&vm->heap, pairs, v, count)) return STEP_MEMORY(vm);
  return keys_step(vm, f, m, value_object(pairs));
}

enum vm_step slow_map(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 pairs)
{
  const Value *v = &REGISTER(f, b);
  struct map *m = map_new(&vm->heap, pairs);
  for (u32 i = 0; m && i < pairs; i++) {
    if (key_is_asked(vm, v[2 * i])) return put_pairs(vm, f, m, v, 2 * pairs);
    enum vm_step step = put_plain(vm, m, v[2 * i], v[2 * i + 1]);
    if (step != STEP_NEXT) return step;
  }
  return made(vm, f, a, m);
}

enum vm_step slow_put(struct lull *vm, struct fiber *f, u16 a, Value key, Value v)
{
  return slow_put_key(vm, f, AS_MAP(REGISTER(f, a)), key, v);
}

enum vm_step slow_merge(struct lull *vm, struct fiber *f, u16 a, Value x)
{
  struct map *to = AS_MAP(REGISTER(f, a));
  if (!IS_MAP(x)) return STEP_ERROR(vm, vm->errors.type, "`...` in a map spreads a map, not %s", type_name(vm, x));
  const struct map *m = AS_MAP(x);
  if (m->kin) return keys_step(vm, f, to, x);
  for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1)) {
    if (!map_set(&vm->heap, to, m->entries[i].key, m->entries[i].value)) return STEP_MEMORY(vm);
  }
  return STEP_NEXT;
}

enum vm_step slow_range(struct lull *vm, struct fiber *f, u16 a, Value from, Value to, bool is_inclusive)
{
  if (!is_int(from) || !is_int(to)) return throw_range_ends(vm, from, to);
  return made(vm, f, a, range_new(&vm->heap, as_int(from), as_int(to), 1, is_inclusive));
}

enum vm_step slow_closure(struct lull *vm, struct fiber *f, u16 a, struct proto *p)
{
  const struct closure *maker = IS_CLOSURE(f->base[-2]) ? AS_CLOSURE(f->base[-2]) : NULL;
  struct closure *closure = closure_new(&vm->heap, p, maker ? maker->home : NULL, p->upvalue_count);
  for (u32 i = 0; i < p->upvalue_count; i++) {
    const struct upvalue_source *source = &p->upvalues[i];
    closure->up[i] = source->is_register ? f->base[source->index] : maker->up[source->index];
  }
  return made(vm, f, a, closure);
}

enum vm_step slow_class(struct lull *vm, struct fiber *f, u16 a, Value super, struct string *name, struct proto *p)
{
  struct class *above = NULL;
  if (!is_unset(super)) {
    if (!IS_CLASS(super))
      return STEP_ERROR(vm, vm->errors.type, "a superclass must be a class, not %s", type_name(vm, super));
    above = AS_CLASS(super);
    if (!is_nil(above->construct) && !above->is_error) {
      return STEP_ERROR(vm, vm->errors.type, "the built-in type %s cannot be a superclass",
                        string_bytes(&vm->heap, above->name));
    }
  }
  struct class *class = class_new(&vm->heap, &vm->shapes, name, above);
  if (!class) return STEP_MEMORY(vm);
  class->proto = p;
  class->slots = (u16)(class->slots + p->field_hint);
  if (above && above->is_error && !error_class(vm, class)) return STEP_MEMORY(vm);
  return made(vm, f, a, class);
}

enum vm_step slow_method(struct lull *vm, struct fiber *f, Value class, Value closure, struct string *name)
{
  struct class *c = AS_CLASS(class);
  (void)f;
  AS_CLOSURE(closure)->home = c;
  heap_barrier(&vm->heap, AS_CLOSURE(closure));
  if (!table_set(&vm->heap, &c->methods, name, closure)) return STEP_MEMORY(vm);
  heap_barrier(&vm->heap, c);
  return STEP_NEXT;
}

enum vm_step slow_fields(struct lull *vm, struct fiber *f, Value class, Value closure)
{
  struct class *c = AS_CLASS(class);
  (void)f;
  AS_CLOSURE(closure)->home = c;
  heap_barrier(&vm->heap, AS_CLOSURE(closure));
  c->fields = closure;
  heap_barrier(&vm->heap, c);
  return STEP_NEXT;
}

enum vm_step slow_defer(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 argc)
{
  const Value *window = &REGISTER(f, b);
  struct list *call = list_new(&vm->heap, argc + 2);
  struct list *calls = IS_LIST(REGISTER(f, a)) ? AS_LIST(REGISTER(f, a)) : list_new(&vm->heap, 2);
  bool ok = call && calls && list_push(&vm->heap, call, window[0]) && list_append(&vm->heap, call, window + 2, argc) &&
            list_push(&vm->heap, call, value_int(f->pc - 1 - AS_CLOSURE(f->base[-2])->proto->code));
  if (!ok || !list_push(&vm->heap, calls, value_object(call))) return STEP_MEMORY(vm);
  REGISTER(f, a) = value_object(calls);
  return STEP_NEXT;
}

enum vm_step slow_deferred(struct lull *vm, struct fiber *f, u16 a, u16 b, u64 *at, bool *is_empty)
{
  struct list *calls = IS_LIST(REGISTER(f, a)) ? AS_LIST(REGISTER(f, a)) : NULL;
  *is_empty = !calls || calls->len == 0;
  if (*is_empty) return STEP_NEXT;
  const struct list *call = AS_LIST(list_remove(calls, calls->len - 1));
  REGISTER(f, b) = call->items[call->len - 1];
  Value *window = &REGISTER(f, b) + 1;
  u32 argc = call->len - 2;
  if (!fiber_reserve(vm, f, &window, (argc + FRAME_HEADER_SLOTS) * sizeof(Value))) return STEP_THROW;
  window[0] = call->items[0];
  memcpy(window + FRAME_HEADER_SLOTS, call->items + 1, argc * sizeof(Value));
  return call_value(vm, f, window, argc, at);
}
