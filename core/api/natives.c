// Natives of others: their tables as the VM has them, their arguments, and how they end.
#include <stdarg.h>
#include <stdio.h>

#include "api/native.h"
#include "api/value.h"
#include "builtin/walk.h"
#include "vm/native_call.h"
#include "vm/operation.h"
#include "vm/side.h"

// A row of a table in lull.h, behind the row that stands for it.
struct foreign {
  struct native native;
  lull_native_fn fn;
};

static struct call *in(struct lull_call *c) { return (struct call *)(void *)c; }

static const struct call *in_const(const struct lull_call *c) { return (const struct call *)(const void *)c; }

static enum native_status call_foreign(struct call *c)
{
  const struct foreign *f = (const struct foreign *)(const void *)c->native;
  // The statuses of lull.h are those of natives, in their order.
  return (enum native_status)f->fn((struct lull_call *)(void *)c);
}

_Static_assert((int)LULL_OK == NATIVE_OK && (int)LULL_THROW == NATIVE_THROW && (int)LULL_WAIT == NATIVE_SUSPEND &&
                   (int)LULL_CALL == NATIVE_CALL && LULL_REST == NATIVE_REST,
               "statuses");

const struct native *api_native(struct lull *vm, const struct lull_native *row)
{
  struct foreign *f = vm_own(vm, sizeof *f);
  if (!f) return NULL;
  f->native = (struct native){ .name = row->name,
                               .fn = call_foreign,
                               .required = row->required,
                               .max = row->max,
                               .locals = row->locals,
                               .usage = row->usage,
                               .doc = row->doc };
  f->fn = row->fn;
  return &f->native;
}

static Value native_of(struct lull *vm, const struct lull_native *row)
{
  const struct native *native = api_native(vm, row);
  struct string *name = vm_intern(vm, row->name);
  return native && name ? native_value(vm, native, name, 0) : UNSET;
}

struct lull_value lull_function(struct lull *vm, const struct lull_native *native)
{
  char name[32];  // no program can write a name with a blank
  snprintf(name, sizeof name, " native %p", (const void *)native);
  struct lull_value known = lull_builtin(vm, name), v = known;
  if (lull_is_absent(known)) v = value_out(native_of(vm, native));
  if (lull_is_absent(known) && !is_unset(value_in(v)) && !vm_define(vm, name, value_in(v))) return lull_absent();
  return v;
}

struct lull_module *lull_define_module(struct lull *vm, const char *name)
{
  return (struct lull_module *)(void *)vm_define_module(vm, name, NULL, 0);
}

bool lull_module_set(struct lull *vm, struct lull_module *module, const char *name, struct lull_value v)
{
  struct string *own = vm_intern(vm, name);
  return own && !is_unset(value_in(v)) && module_define(&vm->heap, (struct module *)(void *)module, own, value_in(v));
}

bool lull_module_add(struct lull *vm, struct lull_module *module, const struct lull_native *natives, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (!lull_module_set(vm, module, natives[i].name, value_out(native_of(vm, &natives[i])))) return false;
  }
  return true;
}

struct lull *lull_of(const struct lull_call *c) { return in_const(c)->vm; }

struct lull_value lull_arg(const struct lull_call *c, size_t i)
{
  return value_out(i < in_const(c)->count ? in_const(c)->args[i] : UNSET);
}

size_t lull_arg_count(const struct lull_call *c) { return in_const(c)->count; }

bool lull_arg_has(const struct lull_call *c, size_t i)
{
  return i < in_const(c)->count && !is_unset(in_const(c)->args[i]) && !is_nil(in_const(c)->args[i]);
}

bool lull_arg_int(struct lull_call *c, size_t i, int64_t *n) { return arg_int(in(c), (u32)i, n); }

bool lull_arg_float(struct lull_call *c, size_t i, double *x) { return arg_double(in(c), (u32)i, x); }

bool lull_arg_seconds(struct lull_call *c, size_t i, double *x) { return arg_seconds(in(c), (u32)i, x); }

bool lull_arg_string(struct lull_call *c, size_t i, const char **text, size_t *len)
{
  struct string *s;
  if (!len) return arg_cstring(in(c), (u32)i, text);
  if (!arg_string(in(c), (u32)i, &s)) return false;
  *text = string_cstr(in(c)->heap, s);
  *len = s->len;
  return true;
}

bool lull_arg_list(struct lull_call *c, size_t i)
{
  struct list *list;
  return arg_list(in(c), (u32)i, &list);
}

bool lull_arg_map(struct lull_call *c, size_t i)
{
  struct map *map;
  return arg_map(in(c), (u32)i, &map);
}

bool lull_arg_function(struct lull_call *c, size_t i) { return arg_callable(in(c), (u32)i); }

enum lull_status lull_arg_fail(struct lull_call *c, size_t i, const char *expected)
{
  return (enum lull_status)arg_fail(in(c), (u32)i, expected);
}

bool lull_must_stop(struct lull_call *c) { return native_must_stop(in(c)); }

enum lull_status lull_return(struct lull_call *c, struct lull_value v)
{
  if (side_is_dropped(in(c))) return LULL_THROW;
  if (is_unset(value_in(v))) return (enum lull_status)throw_memory(in(c)->vm);
  in(c)->result = value_in(v);
  return LULL_OK;
}

unsigned lull_step(const struct lull_call *c) { return in_const(c)->step; }

struct lull_value lull_answer_of(const struct lull_call *c) { return value_out(in_const(c)->value); }

struct lull_value lull_local(const struct lull_call *c, size_t i)
{
  const Value *locals = in_const(c)->locals;  // none: what is left of a body whose fiber is gone (vm/side.h)
  return value_out(locals ? locals[i] : UNSET);
}

void lull_set_local(struct lull_call *c, size_t i, struct lull_value v) 
{
  if (in(c)->locals) in(c)->locals[i] = value_in(v);
}

#define ARGS_NEAR 16

enum lull_status lull_call(struct lull_call *call, struct lull_value callee, const struct lull_value *args,
                           size_t count)
{
  struct call *c = in(call);
  Value near[ARGS_NEAR] = { NIL }, *all = near;
  if (count > ARGS_NEAR) all = mem_alloc(&c->vm->alloc, count * sizeof *all);
  if (!all) return (enum lull_status)throw_memory(c->vm);
  for (size_t i = 0; i < count; i++) all[i] = value_in(args[i]);
  enum native_status status = native_call(c, value_in(callee), all, (u32)count);
  if (all != near) mem_free(&c->vm->alloc, all, count * sizeof *all);
  return (enum lull_status)status;
}

enum lull_status lull_call_method(struct lull_call *call, struct lull_value self, const char *name,
                                  const struct lull_value *args, size_t count)
{
  struct call *c = in(call);
  struct lull_value method = lull_member(c->vm, self, name);
  if (!lull_is_absent(method)) return lull_call(call, method, args, count);
  return lull_throw(call, "TypeError", "%s has no method `%s`", lull_type_name(c->vm, self), name);
}

enum lull_status lull_wait(struct lull_call *call, struct lull_value deferred)
{
  struct call *c = in(call);
  if (!c->frame) return lull_throw(call, "TypeError", "%s cannot be called from here: it waits", c->native->name);
  if (is_deferred(value_in(deferred))) return (enum lull_status)operation_wait(c, as_deferred(value_in(deferred)));
  return lull_throw(call, "TypeError", "%s: %s cannot be waited for", c->native->name,
                    lull_type_name(c->vm, deferred));
}

bool lull_walk_begin(struct lull_call *c, size_t w, struct lull_value source)
{
  return walk_start(in(c), (u32)w, value_in(source));
}

enum lull_status lull_walk_next(struct lull_call *c, size_t w, struct lull_value *item)
{
  Value items[2];
  switch (walk_next(in(c), (u32)w, items)) {
  case WALK_ITEM: *item = value_out(items[0]); return LULL_OK;
  case WALK_END: *item = lull_absent(); return LULL_OK;
  case WALK_CALL: return LULL_CALL;
  default: return LULL_THROW;
  }
}

#define CALL_NOW_SLOTS 32

bool lull_call_now(struct lull *vm, struct lull_value callee, const struct lull_value *args, size_t count,
                   struct lull_value *result)
{
  Value v = value_in(callee), slots[CALL_NOW_SLOTS];
  const struct native_function *f = IS_NATIVE(v) ? AS_NATIVE(v) : NULL;
  if (!f || native_frame_slots(f, (u32)count) > CALL_NOW_SLOTS || count < f->native->required) {
    *result = lull_error(vm, "TypeError", NULL, "%s cannot be called from here", type_name(vm, v));
    return false;
  }
  u32 params = native_frame_slots(f, (u32)count) - f->native->locals;
  for (u32 i = 0; i < params; i++) slots[i] = i < count ? value_in(args[i]) : UNSET;
  for (u32 i = params; i < CALL_NOW_SLOTS; i++) slots[i] = NIL;
  struct call c = { .vm = vm,
                    .heap = &vm->heap,
                    .args = slots,
                    .count = (u32)count,
                    .locals = slots + params,
                    .value = NIL,
                    .result = NIL,
                    .native = f->native };
  enum native_status status = f->native->fn(&c);
  *result = value_out(status == NATIVE_OK ? c.result : vm->thrown);
  vm->thrown = UNSET;
  return status == NATIVE_OK;
}
