// Calls that are more than entering a closure with its exact arguments: defaults, rests, natives, bound methods,
// classes, instances with `call`.
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "vm/frame.h"
#include "vm/native_call.h"
#include "vm/signature.h"
#include "vm/step.h"

// Opens a gap of [by] slots before window[2 + at] among [argc] arguments. The caller made room.
static void shift_args(Value *window, u32 argc, u32 at, u32 by)
{
  memmove(window + 2 + at + by, window + 2 + at, (argc - at) * sizeof(Value));
}

// Makes sure [slots] above the window exist; the stack may move, *window follows.
static bool reserve(struct lull *vm, struct fiber *f, Value **window, size_t slots)
{
  if (LIKELY((char *)(*window + slots) <= vm->limit)) return true;
  return fiber_reserve(vm, f, window, slots * sizeof(Value));
}

// Checks a call whose arguments are not known to be exact, completes them, and tells where the code for it begins.
// False: thrown.
static bool arrange_args(struct lull *vm, const struct proto *p, Value *window, u32 argc, u32 *entry)
{
  Value *base = window + FRAME_HEADER_SLOTS;
  bool is_short = argc < p->required, is_whole = argc >= p->params;
  for (u32 i = 0; i < argc && i < p->params; i++) {
    if (!is_unset(base[i])) continue;
    is_whole = false;
    if (i < p->required) is_short = true;
  }
  if (is_short || (argc > p->params && !p->has_rest)) return throw_arity(vm, *window, argc), false;
  for (u32 i = argc; i < p->params; i++) base[i] = UNSET;
  *entry = is_whole ? p->entry : 0;
  if (!p->has_rest) return true;
  u32 extra = argc > p->params ? argc - p->params : 0;
  struct list *rest = list_new(&vm->heap, extra);
  if (!rest || !list_append(&vm->heap, rest, base + p->params, extra)) return throw_memory(vm), false;
  base[p->params] = value_object(rest);
  return true;
}

static ALWAYS_INLINE enum vm_step enter(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc,
                                        u32 entry)
{
  Value *base = window + FRAME_HEADER_SLOTS;
  frame_set(base, return_pc, (u32)((char *)base - (char *)f->base), (u16)argc);
  f->base = base;
  f->pc = AS_CLOSURE(*window)->proto->code + entry;
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}

// Whether a call fits as it is: the arguments declared, all of them given, and room for the frame.
static ALWAYS_INLINE bool is_exact(struct lull *vm, const struct proto *p, const Value *window, u32 argc)
{
  const Value *base = window + FRAME_HEADER_SLOTS;
  return p->exact == argc && !vm->has_gaps && (const char *)(base + p->registers) <= vm->limit;
}

static NOINLINE enum vm_step enter_arranged(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc)
{
  const struct proto *p = AS_CLOSURE(*window)->proto;
  u32 slots = argc > p->registers ? argc : p->registers, entry;
  if (!reserve(vm, f, &window, slots + FRAME_HEADER_SLOTS)) return STEP_THROW;
  if (p->exact == argc && !vm->has_gaps) entry = p->entry;
  else if (!arrange_args(vm, p, window, argc, &entry)) return STEP_THROW;
  return enter(vm, f, window, argc, return_pc, entry);
}

static ALWAYS_INLINE enum vm_step enter_closure(struct lull *vm, struct fiber *f, Value *window, u32 argc,
                                                u64 *return_pc)
{
  const struct proto *p = AS_CLOSURE(*window)->proto;
  if (LIKELY(is_exact(vm, p, window, argc))) return enter(vm, f, window, argc, return_pc, p->entry);
  return enter_arranged(vm, f, window, argc, return_pc);
}

static enum vm_step call_bound(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc)
{
  struct bound *bound = AS_BOUND(*window);
  if (!reserve(vm, f, &window, argc + FRAME_HEADER_SLOTS + 1)) return STEP_THROW;
  shift_args(window, argc, 0, 1);
  window[0] = bound->method;
  window[2] = bound->receiver;
  return call_value(vm, f, window, argc + 1, return_pc);
}

static bool has_fields(const struct class *class)
{
  for (; class; class = class->super) {
    if (!is_nil(class->fields)) return true;
  }
  return false;
}

// A class without declared fields: the instance takes the callee's place, and init is called in a window one slot
// above it, whose result is thereby ignored.
static enum vm_step construct_plain(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc)
{
  struct class *class = AS_CLASS(*window);
  Value init = class_find_method(class, vm->known.init);
  if (is_unset(init)) {
    if (argc > 0) return throw_arity(vm, *window, argc);
    *window = value_object(instance_make(vm, class));
    f->pc = return_pc;
    return vm->poll ? safepoint(vm, f) : STEP_NEXT;
  }
  if (!reserve(vm, f, &window, argc + FRAME_HEADER_SLOTS + 2)) return STEP_THROW;
  shift_args(window, argc, 0, 2);
  window[0] = value_object(instance_make(vm, class));
  window[1] = init;
  window[3] = window[0];
  return call_value(vm, f, window + 1, argc + 1, return_pc);
}

static enum vm_step call_class(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc)
{
  struct class *class = AS_CLASS(*window);
  if (!is_nil(class->construct)) {
    *window = class->construct;
    // Constructors of types are natives that get the class as self.
    if (!reserve(vm, f, &window, argc + FRAME_HEADER_SLOTS + 1)) return STEP_THROW;
    shift_args(window, argc, 0, 1);
    window[2] = value_object(class);
    return call_value(vm, f, window, argc + 1, return_pc);
  }
  if (!has_fields(class)) return construct_plain(vm, f, window, argc, return_pc);
  if (!reserve(vm, f, &window, argc + FRAME_HEADER_SLOTS + 1)) return STEP_THROW;
  shift_args(window, argc, 0, 1);
  window[2] = window[0];
  window[0] = vm->construct;
  return call_value(vm, f, window, argc + 1, return_pc);
}

static enum vm_step call_instance(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc)
{
  Value method = class_find_method(AS_INSTANCE(*window)->class, vm->known.call);
  if (is_unset(method))
    return STEP_ERROR(vm, vm->errors.type, "%s is not a function (its class has no method `call`)",
                      type_name(vm, *window));
  if (!reserve(vm, f, &window, argc + FRAME_HEADER_SLOTS + 1)) return STEP_THROW;
  shift_args(window, argc, 0, 1);
  window[2] = window[0];
  window[0] = method;
  return call_value(vm, f, window, argc + 1, return_pc);
}

static enum vm_step call_named_type(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc)
{
  struct module *m = AS_MODULE(*window);
  if (!vm_open_module(vm, m)) return STEP_MEMORY(vm);
  if (!m->call)
    return STEP_ERROR(vm, vm->errors.type, "a module is not a function; its names are behind a dot (`%s.`)",
                      string_cstr(&vm->heap, m->name));
  *window = value_object(m->call);
  return call_value(vm, f, window, argc, return_pc);
}

#define CALLEE_MAX 60  // bytes of a callee that are quoted

// How the callee is written where it is a name or a path of names: the length, from *text on; else 0.
static u32 callee_text(const struct fiber *f, const u64 *return_pc, const char **text)
{
  if (!IS_CLOSURE(f->base[-2])) return 0;
  const struct proto *p = AS_CLOSURE(f->base[-2])->proto;
  if (return_pc <= p->code || return_pc > p->code + p->code_len) return 0;
  u32 start, end, len = 0;
  proto_span(p, (u32)(return_pc - p->code) - 1, &start, &end);
  *text = p->source->text + start;
  while (start + len < end && (isalnum((u8)(*text)[len]) || strchr("_.?", (*text)[len]) || (u8)(*text)[len] >= 0x80)) len++;
  bool is_name = len > 0 && !isdigit((u8)(*text)[0]) && start + len < end && (*text)[len] == '(';
  return is_name && len <= CALLEE_MAX ? len : 0;
}

static COLD enum vm_step throw_not_function(struct lull *vm, const struct fiber *f, Value v, const u64 *return_pc)
{
  const char *text, *type = type_name(vm, v), *article = is_nil(v) ? "" : strchr("aeiou", type[0]) ? "an " : "a ";
  u32 len = callee_text(f, return_pc, &text);
  if (len == 0) return STEP_ERROR(vm, vm->errors.type, "%s is not a function", type);
  return STEP_ERROR(vm, vm->errors.type, "`%.*s` is %s%s, not a function", (int)len, text, article, type);
}

enum vm_step call_value(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc)
{
  if (UNLIKELY(argc > FRAME_ARGS_MAX))
    return STEP_ERROR(vm, vm->errors.limit, "%u arguments: at most %d can be given", argc, FRAME_ARGS_MAX);
  if (is_object(*window)) {
    switch (as_object(*window)->kind) {
    case KIND_CLOSURE: return enter_closure(vm, f, window, argc, return_pc);
    case KIND_NATIVE: return native_enter(vm, f, window, argc, return_pc);
    case KIND_BOUND: return call_bound(vm, f, window, argc, return_pc);
    case KIND_CLASS: return call_class(vm, f, window, argc, return_pc);
    case KIND_INSTANCE: return call_instance(vm, f, window, argc, return_pc);
    case KIND_MODULE: return call_named_type(vm, f, window, argc, return_pc);
    default: break;
    }
  }
  return throw_not_function(vm, f, *window, return_pc);
}

static Value field_or_entry(struct lull *vm, Value receiver, struct string *name)
{
  switch (as_object(receiver)->kind) {
  case KIND_INSTANCE: return instance_get(&vm->shapes, AS_INSTANCE(receiver), name);
  case KIND_MAP: return map_get(&vm->heap, AS_MAP(receiver), value_object(name));
  case KIND_MODULE: {
    if (name->len && string_bytes(&vm->heap, name)[0] == '_') return UNSET;
    if (!vm_open_module(vm, AS_MODULE(receiver)) && is_unset(vm->thrown)) vm->heap.exhausted = true;
    struct cell *cell = module_find(AS_MODULE(receiver), name);
    return cell ? cell->value : UNSET;
  }
  default: return UNSET;
  }
}

Value call_lookup(struct lull *vm, Value receiver, struct string *name, bool *has_self)
{
  *has_self = true;
  Value method = class_find_method(type_of(vm, receiver), name);
  if (!is_unset(method)) return method;
  *has_self = false;
  return is_object(receiver) ? field_or_entry(vm, receiver, name) : UNSET;
}

enum vm_step call_module(struct lull *vm, struct fiber *f, u16 a, u32 argc, const u64 *cache)
{
  Value *window = &REGISTER(f, a);
  window[0] = ((const struct cell *)(uintptr_t)cache[1])->value;
  if (argc == 1 && is_float(window[3]) && IS_NATIVE(*window) && AS_NATIVE(*window)->native->of_float) {
    double y = AS_NATIVE(*window)->native->of_float(as_float(window[3]));
    if (LIKELY(!isnan(y))) {
      *window = value_float(y);
      return STEP_NEXT;
    }
  }
  memmove(window + 2, window + 3, argc * sizeof(Value));
  return call_value(vm, f, window, argc, f->pc);
}

enum vm_step call_method(struct lull *vm, struct fiber *f, u16 a, u32 argc, u64 *cache)
{
  Value *window = &REGISTER(f, a);
  struct string *name = (struct string *)(uintptr_t)cache[2];
  bool has_self;
  Value callee = call_lookup(vm, window[2], name, &has_self);
  if (is_unset(callee)) return throw_no_member(vm, window[2], name, true);
  window[0] = callee;
  if (!has_self) {
    if (is_kind(window[2], KIND_MODULE)) {
      cache[0] = as_object(window[2])->shape | (u64)CACHE_CELL << 32;
      cache[1] = (u64)(uintptr_t)module_find(AS_MODULE(window[2]), name);
    }
    memmove(window + 2, window + 3, argc * sizeof(Value));
    return call_value(vm, f, window, argc, f->pc);
  }
  if (is_object(window[2])) {
    bool is_exact = IS_CLOSURE(callee) && AS_CLOSURE(callee)->proto->exact == argc + 1;
    u32 shape = as_object(window[2])->shape;
    cache[0] = shape | (u64)(is_exact ? CACHE_EXACT : CACHE_METHOD) << 32;
    cache[1] = callee.bits;
    *member_at(vm->methods, shape, name) =
        (struct member_place){ .name = name, .shape = shape, .kind = CACHE_METHOD, .value = callee.bits };
  }
  return call_value(vm, f, window, argc + 1, f->pc);
}

static Value super_method(struct lull *vm, struct fiber *f, struct string *name)
{
  struct class *home = AS_CLOSURE(f->base[-2])->home;
  struct class *super = home ? home->super : NULL;
  Value method = super ? class_find_method(super, name) : UNSET;
  if (is_unset(method) && home) {
    throw_error(vm, vm->errors.type, "%s has no method `%.*s`",
                super ? string_bytes(&vm->heap, super->name) : "a class without a superclass", (int)name->len,
                string_bytes(&vm->heap, name));
  }
  return method;
}

enum vm_step call_super(struct lull *vm, struct fiber *f, u16 a, u32 argc, u64 *cache)
{
  Value *window = &REGISTER(f, a);
  struct string *name = (struct string *)(uintptr_t)cache[2];
  struct class *home = AS_CLOSURE(f->base[-2])->home;
  // Every class can be initialised, the ones without an init by doing nothing.
  bool is_init = name == vm->known.init && home->super && is_unset(class_find_method(home->super, name));
  if (is_init && argc > 0) return throw_arity(vm, value_object(home->super), argc);
  if (is_init) {
    *window = NIL;
    return STEP_NEXT;
  }
  Value method = super_method(vm, f, name);
  if (is_unset(method)) return STEP_THROW;
  *window = method;
  if (IS_CLOSURE(method) && AS_CLOSURE(method)->proto->exact == argc + 1) {
    cache[0] = home->shape;  // of its instances when they are new: no other class ever has it
    cache[1] = method.bits;
  }
  return call_value(vm, f, window, argc + 1, f->pc);
}

enum vm_step slow_get_super(struct lull *vm, struct fiber *f, u16 a, Value self, struct string *name)
{
  Value method = super_method(vm, f, name);
  if (is_unset(method)) return STEP_THROW;
  REGISTER(f, a) = value_object(bound_new(&vm->heap, self, method));
  return STEP_NEXT;
}

enum vm_step call_extended(struct lull *vm, struct fiber *f, u16 a)
{
  Value *window = &REGISTER(f, a);
  struct list *list = AS_LIST(window[2]);
  Value named = window[3];
  if (list->len > FRAME_ARGS_MAX)
    return STEP_ERROR(vm, vm->errors.limit, "%u arguments: at most %d can be given", list->len, FRAME_ARGS_MAX);
  u32 argc = list->len;
  if (IS_MAP(named) && AS_MAP(named)->count > 0) {
    list = signature_arrange(vm, *window, list, AS_MAP(named));
    if (!list) return STEP_THROW;
    argc = list->len;
  }
  if (!reserve(vm, f, &window, argc + FRAME_HEADER_SLOTS)) return STEP_THROW;
  if (argc) memcpy(window + 2, list->items, argc * sizeof(Value));
  vm->has_gaps = true;
  enum vm_step step = call_value(vm, f, window, argc, f->pc);
  vm->has_gaps = false;
  return step;
}

enum vm_step call_operator(struct lull *vm, struct fiber *f, u64 *at, Value state, Value callee, const Value *args,
                           u32 argc)
{
  Value *top = f->base + AS_CLOSURE(f->base[-2])->proto->registers;
  Value copy[3];
  memcpy(copy, args, argc * sizeof(Value));
  if (!reserve(vm, f, &top, argc + 4)) return STEP_THROW;
  top[0] = value_raw((u64)(uintptr_t)at);
  top[1] = state;
  top[2] = callee;
  memcpy(top + 4, copy, argc * sizeof(Value));
  return call_value(vm, f, top + 2, argc, vm->code_finish);
}
