// Errors made and thrown by natives of others.
#include <stdarg.h>

#include "api/value.h"
#include "vm/operation.h"
#include "vm/side.h"

struct class *api_error_class(struct lull *vm, const char *name)
{
  struct lull_value v = lull_get(vm, name);
  bool is_class = IS_CLASS(value_in(v)) && AS_CLASS(value_in(v))->is_error;
  return is_class ? AS_CLASS(value_in(v)) : vm->errors.error;
}

static PRINTF_LIKE(3, 0) struct instance *error_of(struct lull *vm, const char *type, const char *format, va_list args)
{
  struct buf text;
  buf_init(&text, &vm->alloc);
  buf_vprintf(&text, format, args);
  struct instance *error = error_new(vm, api_error_class(vm, type), api_string(vm, buf_text(&text), text.len));
  buf_fini(&text);
  return error;
}

// Nothing can be made any more for a native that nobody waits for.
static bool is_dropped(const struct lull_call *call) { return side_is_dropped((const struct call *)(const void *)call); }

enum lull_status lull_throw(struct lull_call *call, const char *type, const char *format, ...)
{
  struct lull *vm = lull_of(call);
  va_list args;
  if (is_dropped(call)) return LULL_THROW;
  va_start(args, format);
  struct instance *error = error_of(vm, type, format, args);
  va_end(args);
  return (enum lull_status)throw_value(vm, value_object(error));
}

enum lull_status lull_throw_value(struct lull_call *call, struct lull_value error)
{
  struct lull *vm = lull_of(call);
  if (is_dropped(call)) return LULL_THROW;
  return (enum lull_status)(is_unset(value_in(error)) ? throw_memory(vm) : throw_value(vm, value_in(error)));
}

struct lull_value lull_error(struct lull *vm, const char *type, const char *code, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  struct instance *error = error_of(vm, type, format, args);
  va_end(args);
  struct string *text = code ? vm_intern(vm, code) : NULL;
  if (text && !instance_set(&vm->heap, &vm->shapes, error, vm->known.code, value_object(text)))
    vm->heap.exhausted = true;
  return object_out(error);
}

static PRINTF_LIKE(3, 0) Value of_errno(struct lull *vm, int error, const char *format, va_list args)
{
  struct buf text;
  buf_init(&text, &vm->alloc);
  buf_vprintf(&text, format, args);
  Value v = error_from_errno(vm, error, "%s", buf_text(&text));
  buf_fini(&text);
  return v;
}

struct lull_value lull_errno_error(struct lull *vm, int error, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  Value v = of_errno(vm, error, format, args);
  va_end(args);
  return value_out(v);
}

enum lull_status lull_throw_errno(struct lull_call *call, int error, const char *format, ...)
{
  va_list args;
  if (is_dropped(call)) return LULL_THROW;
  va_start(args, format);
  Value v = of_errno(lull_of(call), error, format, args);
  va_end(args);
  return lull_throw_value(call, value_out(v));
}
