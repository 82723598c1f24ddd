#include "vm/native.h"

#include <math.h>

#include "value/number.h"
#include "vm/signature.h"
#include "vm/state.h"

bool native_must_stop(struct call *c)
{
  if (LIKELY(!heap_must_stop(c->heap))) return false;
  throw_stopped(c->vm);
  return true;
}

u32 arg_positional(const struct call *c, u32 *options)
{
  u32 params = signature_params(c->native) + c->is_method;
  *options = 0;
  for (u32 i = params; i < c->count; i++) {
    if (!is_unset(c->args[i])) continue;
    *options = i + 1;
    return i;
  }
  return c->count;
}

// Which parameter of the usage line argument [i] stands for.
static u32 param_of(const struct call *c, u32 i)
{
  u32 options = 0;
  if (c->native->max == NATIVE_REST) arg_positional(c, &options);
  if (options && i >= options) return signature_params(c->native) + 1 + i - options;
  return i - (c->is_method && i > 0);
}

static enum native_status arg_throw(struct call *c, u32 i, struct class *class, const char *expected)
{
  struct lull *vm = c->vm;
  const struct native *n = c->native;
  bool is_self = c->is_method && i == 0;
  u32 len;
  const char *name = signature_param(n, param_of(c, i), &len);
  if (is_self) {
    name = "self";
    len = 4;
  }
  const char *given = class == vm->errors.type ? type_name(vm, c->args[i]) : class == vm->errors.limit ? "one so large" : "one with it";
  return throw_error(vm, class, "%s: `%.*s` must be %s, not %s", n->name, (int)len, name, expected, given);
}

enum native_status arg_fail(struct call *c, u32 i, const char *expected)
{
  return arg_throw(c, i, c->vm->errors.type, expected);
}

bool arg_int(struct call *c, u32 i, i64 *out)
{
  *out = as_int(c->args[i]);
  if (is_int(c->args[i])) return true;
  if (is_integer(c->args[i])) arg_throw(c, i, c->vm->errors.limit, "an int of at most 64 bits");
  else arg_fail(c, i, "an int");
  return false;
}

bool arg_double(struct call *c, u32 i, double *out)
{
  if (is_number(c->args[i]) && number_to_double(c->args[i], out)) return true;
  if (is_number(c->args[i])) arg_throw(c, i, c->vm->errors.limit, "a number in the range of floats");
  else arg_fail(c, i, "a number");
  return false;
}

bool arg_seconds(struct call *c, u32 i, double *out)
{
  if (!arg_double(c, i, out)) return false;
  if (*out >= 0 && !isinf(*out)) return true;  // nan is not, either
  throw_error(c->vm, c->vm->errors.value, "%s: a duration must be finite and not negative", c->native->name);
  return false;
}

bool arg_string(struct call *c, u32 i, struct string **out)
{
  *out = AS_STRING(c->args[i]);
  if (IS_STRING(c->args[i])) return true;
  arg_fail(c, i, "a string");
  return false;
}

bool arg_cstring(struct call *c, u32 i, const char **out)
{
  struct string *s;
  if (!arg_string(c, i, &s)) return false;
  *out = string_cstr(c->heap, s);
  if (!memchr(*out, 0, s->len)) return true;
  arg_throw(c, i, c->vm->errors.value, "a string without a NUL");
  return false;
}

bool arg_list(struct call *c, u32 i, struct list **out)
{
  *out = AS_LIST(c->args[i]);
  if (IS_LIST(c->args[i])) return true;
  arg_fail(c, i, "a list");
  return false;
}

bool arg_map(struct call *c, u32 i, struct map **out)
{
  *out = AS_MAP(c->args[i]);
  if (IS_MAP(c->args[i])) return true;
  arg_fail(c, i, "a map");
  return false;
}

bool arg_callable(struct call *c, u32 i)
{
  Value v = c->args[i];
  if (is_object(v)) {
    u8 kind = as_object(v)->kind;
    if (kind == KIND_CLOSURE || kind == KIND_NATIVE || kind == KIND_BOUND || kind == KIND_CLASS) return true;
    if (kind == KIND_MODULE && vm_open_module(c->vm, AS_MODULE(v)) && AS_MODULE(v)->call) return true;
    if (kind == KIND_INSTANCE && !is_unset(class_find_method(AS_INSTANCE(v)->class, c->vm->known.call))) return true;
  }
  arg_fail(c, i, "a function");
  return false;
}
