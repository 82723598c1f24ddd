// Making and reading values.
#include "api/value.h"
#include "base/utf8.h"
#include "value/bytes.h"
#include "value/number.h"
#include "value/print.h"
#include "vm/deferred.h"
#include "vm/step.h"

static enum lull_type type_of_object(struct lull *vm, const struct object *o)
{
  switch (o->kind) {
  case KIND_STRING: return LULL_IS_STRING;
  case KIND_BYTES: return LULL_IS_BYTES;
  case KIND_BIGINT: return LULL_IS_INT;
  case KIND_LIST: return LULL_IS_LIST;
  case KIND_MAP: return LULL_IS_MAP;
  case KIND_CLOSURE:
  case KIND_NATIVE:
  case KIND_BOUND:
  case KIND_CLASS: return LULL_IS_FUNCTION;
  case KIND_DEFERRED:
  case KIND_TASK:
  case KIND_TIMER:
  case KIND_OPERATION: return LULL_IS_DEFERRED;
  case KIND_INSTANCE: {
    const struct class *class = ((const struct instance *)(const void *)o)->class;
    if (class->is_error) return LULL_IS_ERROR;
    return is_unset(class_find_method(class, vm->known.call)) ? LULL_IS_OTHER : LULL_IS_FUNCTION;
  }
  default: return LULL_IS_OTHER;
  }
}

enum lull_type lull_type(struct lull *vm, struct lull_value v)
{
  switch (value_in(v).tag) {
  case TAG_INT: return LULL_IS_INT;
  case TAG_NIL: return LULL_IS_NIL;
  case TAG_TRUE:
  case TAG_FALSE: return LULL_IS_BOOL;
  case TAG_FLOAT: return LULL_IS_FLOAT;
  case TAG_DONE: return LULL_IS_DONE;
  case TAG_OBJECT: return type_of_object(vm, as_object(value_in(v)));
  default: return LULL_IS_ABSENT;
  }
}

const char *lull_type_name(struct lull *vm, struct lull_value v) { return type_name(vm, value_in(v)); }

bool lull_is_nil(struct lull_value v) { return is_nil(value_in(v)); }

bool lull_is_absent(struct lull_value v) { return is_unset(value_in(v)); }

bool lull_is_true(struct lull_value v) { return !is_falsy(value_in(v)) && !is_unset(value_in(v)); }

struct lull_value lull_absent(void) { return value_out(UNSET); }

struct lull_value lull_nil(void) { return value_out(NIL); }

struct lull_value lull_done(void) { return value_out(DONE); }

struct lull_value lull_bool(bool b) { return value_out(value_bool(b)); }

struct lull_value lull_int(int64_t n) { return value_out(value_int(n)); }

struct lull_value lull_float(double x) { return value_out(value_float(x)); }

struct lull_value lull_int_of_digits(struct lull *vm, const char *digits, size_t len)
{
  return value_out(number_parse_int(&vm->heap, digits, len, 10));
}

struct string *api_string(struct lull *vm, const char *text, size_t len)
{
  if (utf8_valid_prefix(text, len) == len) return string_new(&vm->heap, text, len);
  struct buf out;
  buf_init(&out, &vm->alloc);
  for (size_t at = 0; at < len;) {
    size_t valid = utf8_valid_prefix(text + at, len - at);
    buf_append(&out, text + at, valid);
    at += valid;
    if (at == len) break;
    buf_putu(&out, 0xFFFD);
    for (at++; at < len && utf8_is_continuation(text[at]); at++) {}
  }
  struct string *s = out.failed ? NULL : string_from_buf(&vm->heap, &out);
  buf_fini(&out);
  return s;
}

struct lull_value lull_string(struct lull *vm, const char *text, size_t len)
{
  return object_out(api_string(vm, text, len));
}

struct lull_value lull_string_of(struct lull *vm, const char *text) { return lull_string(vm, text, strlen(text)); }

struct lull_value lull_format(struct lull *vm, const char *format, ...)
{
  struct buf text;
  buf_init(&text, &vm->alloc);
  va_list args;
  va_start(args, format);
  buf_vprintf(&text, format, args);
  va_end(args);
  struct string *s = text.failed ? NULL : api_string(vm, buf_text(&text), text.len);
  buf_fini(&text);
  return object_out(s);
}

struct lull_value lull_bytes(struct lull *vm, const void *bytes, size_t len)
{
  return object_out(bytes_new(&vm->heap, len ? bytes : "", len));
}

bool lull_get_int(struct lull_value v, int64_t *n)
{
  *n = as_int(value_in(v));
  return is_int(value_in(v));
}

bool lull_get_float(struct lull_value v, double *x)
{
  return is_number(value_in(v)) && number_to_double(value_in(v), x);
}

const char *lull_get_string(struct lull *vm, struct lull_value v, size_t *len)
{
  if (!IS_STRING(value_in(v))) return NULL;
  struct string *s = AS_STRING(value_in(v));
  const char *text = string_cstr(&vm->heap, s);
  if (len) *len = s->len;
  return text;
}

const void *lull_get_bytes(struct lull *vm, struct lull_value v, size_t *len)
{
  (void)vm;
  if (!IS_BYTES(value_in(v))) return NULL;
  *len = AS_BYTES(value_in(v))->len;
  return AS_BYTES(value_in(v))->data;
}

struct lull_value lull_text_of(struct lull *vm, struct lull_value v)
{
  if (IS_STRING(value_in(v)) || is_unset(value_in(v))) return v;
  struct buf text;
  buf_init(&text, &vm->alloc);
  bool ok = value_print_simple(&vm->heap, value_in(v), false, &text) && !text.failed;
  struct string *s = ok ? api_string(vm, buf_text(&text), text.len) : NULL;
  buf_fini(&text);
  return object_out(s);
}

struct lull_value lull_list(struct lull *vm) { return object_out(list_new(&vm->heap, 0)); }

size_t lull_list_len(struct lull_value list) { return IS_LIST(value_in(list)) ? AS_LIST(value_in(list))->len : 0; }

struct lull_value lull_list_get(struct lull_value list, size_t at)
{
  return value_out(at < lull_list_len(list) ? AS_LIST(value_in(list))->items[at] : UNSET);
}

bool lull_list_push(struct lull *vm, struct lull_value list, struct lull_value v)
{
  if (!IS_LIST(value_in(list)) || is_unset(value_in(v))) return false;
  return list_push(&vm->heap, AS_LIST(value_in(list)), value_in(v));
}

struct lull_value lull_map(struct lull *vm) { return object_out(map_new(&vm->heap, 0)); }

size_t lull_map_len(struct lull_value map) { return IS_MAP(value_in(map)) ? AS_MAP(value_in(map))->count : 0; }

struct lull_value lull_map_get(struct lull *vm, struct lull_value map, struct lull_value key)
{
  if (!IS_MAP(value_in(map)) || is_unset(value_in(key)) || !map_is_key(value_in(key))) return lull_absent();
  return value_out(map_get(&vm->heap, AS_MAP(value_in(map)), value_in(key)));
}

bool lull_map_set(struct lull *vm, struct lull_value map, struct lull_value key, struct lull_value v)
{
  if (!IS_MAP(value_in(map)) || is_unset(value_in(key)) || !map_is_key(value_in(key)) || is_unset(value_in(v)))
    return false;
  return map_set(&vm->heap, AS_MAP(value_in(map)), value_in(key), value_in(v));
}

struct lull_value lull_map_find(struct lull *vm, struct lull_value map, const char *key)
{
  return lull_map_get(vm, map, object_out(vm_intern(vm, key)));
}

bool lull_map_put(struct lull *vm, struct lull_value map, const char *key, struct lull_value v)
{
  return lull_map_set(vm, map, object_out(vm_intern(vm, key)), v);
}

bool lull_map_next(struct lull_value map, uint32_t *at, struct lull_value *key, struct lull_value *v)
{
  if (!IS_MAP(value_in(map))) return false;
  const struct map *m = AS_MAP(value_in(map));
  u32 i = map_next(m, *at);
  if (i >= m->used) return false;
  *key = value_out(m->entries[i].key);
  *v = value_out(m->entries[i].value);
  *at = i + 1;
  return true;
}

static struct lull_value find_from(const struct module *m, const struct string *name)
{
  for (; m && name; m = m->outer) {
    const struct cell *cell = module_find(m, name);
    if (cell && !is_unset(cell->value)) return value_out(cell->value);
  }
  return lull_absent();
}

struct lull_value lull_get(struct lull *vm, const char *name) { return find_from(vm->main, vm_intern(vm, name)); }

struct lull_value lull_builtin(struct lull *vm, const char *name)
{
  return find_from(vm->builtins, vm_intern(vm, name));
}

struct lull_value lull_member(struct lull *vm, struct lull_value v, const char *name)
{
  struct string *interned = vm_intern(vm, name);
  if (!interned || is_unset(value_in(v))) return lull_absent();
  bool has_self;
  Value found = call_lookup(vm, value_in(v), interned, &has_self);
  vm->thrown = UNSET;  // where a module cannot be opened
  if (is_unset(found) || !has_self) return value_out(found);
  return object_out(bound_new(&vm->heap, value_in(v), found));
}
