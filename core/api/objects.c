// Native objects and operations of others: C data behind a header of the library's, found again by its address.
#include <stdio.h>

#include "api/native.h"
#include "api/value.h"
#include "vm/operation.h"

// One of lull.h's classes as the VM has it.
struct foreign_class {
  struct operation_type type;
  const struct lull_class *source;
};

// Lies right before the data.
struct owner {
  _Alignas(max_align_t) struct object *object;
};

#define ALIGNED(size) (((size) + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1))
_Static_assert(sizeof(struct owner) % _Alignof(max_align_t) == 0, "the data behind it is aligned");

static size_t data_offset(const struct lull_class *source)
{
  return ALIGNED(source->is_operation ? sizeof(struct operation) : sizeof(struct box)) + sizeof(struct owner);
}

static struct object *object_of(const void *data)
{
  return ((const struct owner *)((const char *)data - sizeof(struct owner)))->object;
}

static struct operation *operation_of(const void *data) { return (struct operation *)(void *)object_of(data); }

// The header of native objects says the class; NULL for any other object.
static const struct foreign_class *class_of(const struct object *o);

static void *data_of(struct object *o) { return (char *)o + data_offset(class_of(o)->source); }

static struct lull *state_of(struct heap *heap) { return CONTAINER_OF(heap, struct lull, heap); }

static void mark_data(struct heap *heap, struct object *o)
{
  const struct lull_class *source = class_of(o)->source;
  if (source->mark) source->mark(state_of(heap), data_of(o));
}

static void finish_data(struct heap *heap, struct object *o)
{
  const struct lull_class *source = class_of(o)->source;
  if (source->finish) source->finish(state_of(heap), data_of(o));
}

static void put_text(int (*text)(const void *data, char *to, size_t size), const void *data, struct buf *out)
{
  char near[512];
  int len = text(data, near, sizeof near);
  if (len > 0) buf_append(out, near, (size_t)len < sizeof near ? (size_t)len : sizeof near - 1);
}

static void print_data(struct heap *heap, struct object *o, struct buf *out)
{
  (void)heap;
  const struct lull_class *source = class_of(o)->source;
  if (source->print) {
    put_text(source->print, data_of(o), out);
  } else if (source->is_operation && source->describe) {
    buf_printf(out, "<%s: ", source->name);
    put_text(source->describe, data_of(o), out);
    buf_putc(out, '>');
  } else {
    buf_printf(out, "<%s>", source->name);
  }
}

static void describe_data(struct lull *vm, struct operation *op, struct buf *out)
{
  (void)vm;
  const struct lull_class *source = class_of(&op->deferred.object)->source;
  if (source->describe) put_text(source->describe, data_of(&op->deferred.object), out);
  else buf_puts(out, source->name);
}

static void abandon_data(struct lull *vm, struct operation *op)
{
  const struct lull_class *source = class_of(&op->deferred.object)->source;
  if (source->abandon) source->abandon(vm, data_of(&op->deferred.object));
}

static const struct foreign_class *class_of(const struct object *o)
{
  const void *type = NULL;
  if (o->kind == KIND_BOX) type = ((const struct box *)(const void *)o)->type;
  else if (o->kind == KIND_OPERATION) type = ((const struct operation *)(const void *)o)->type;
  const struct native_class *class = type;
  return class && class->print == print_data ? type : NULL;
}

static bool add_natives(struct lull *vm, struct class *class, const struct lull_native *natives, size_t count,
                        u8 flags)
{
  for (size_t i = 0; i < count; i++) {
    const struct native *native = api_native(vm, &natives[i]);
    struct string *name = vm_intern(vm, natives[i].name);
    if (!native || !name) return false;
    if (!table_set(&vm->heap, &class->methods, name, native_value(vm, native, name, flags))) return false;
  }
  return true;
}

static struct foreign_class *make_class(struct lull *vm, const struct lull_class *source)
{
  struct foreign_class *f = vm_own(vm, sizeof *f);
  if (!f) return NULL;
  f->source = source;
  f->type = (struct operation_type){ .class = { .name = source->name,
                                                .doc = source->doc,
                                                .is_deferred = source->is_operation,
                                                .size = data_offset(source) + source->size,
                                                .mark = mark_data,
                                                .finish = finish_data,
                                                .print = print_data },
                                     .is_effect = source->is_effect,
                                     .describe = describe_data,
                                     .abandon = abandon_data };
  struct class *class = native_class(vm, &f->type.class);
  if (!class || !add_natives(vm, class, source->methods, source->method_count, NATIVE_METHOD)) return NULL;
  return add_natives(vm, class, source->getters, source->getter_count, NATIVE_METHOD | NATIVE_GETTER) ? f : NULL;
}

static const struct foreign_class *foreign_class(struct lull *vm, const struct lull_class *source)
{
  for (u32 i = 0; i < vm->native_classes.len; i++) {
    const struct native_class *type = vm->native_classes.data[i].type;
    if (type->print != print_data) continue;
    const struct foreign_class *f = (const struct foreign_class *)(const void *)type;
    if (f->source == source) return f;
  }
  return make_class(vm, source);
}

void *lull_new(struct lull *vm, const struct lull_class *source, struct lull_value *v)
{
  const struct foreign_class *f = foreign_class(vm, source);
  struct object *o = NULL;
  if (f && source->is_operation) o = operation_new(vm, &f->type, NIL);
  else if (f) o = box_new(vm, &f->type.class);
  if (v) *v = object_out(o);
  if (!o) return NULL;
  char *data = data_of(o);
  ((struct owner *)(void *)(data - sizeof(struct owner)))->object = o;
  return data;
}

void *lull_data(struct lull_value v, const struct lull_class *source)
{
  if (!is_object(value_in(v))) return NULL;
  const struct foreign_class *f = class_of(as_object(value_in(v)));
  return f && f->source == source ? data_of(as_object(value_in(v))) : NULL;
}

void *lull_arg_data(struct lull_call *call, size_t i, const struct lull_class *source)
{
  void *data = lull_data(lull_arg(call, i), source);
  if (data) return data;
  char expected[80];
  snprintf(expected, sizeof expected, "a %s", source->name);
  lull_arg_fail(call, i, expected);
  return NULL;
}

struct lull_value lull_object(const void *data) { return object_out(object_of(data)); }

struct lull_value lull_class_value(struct lull *vm, const struct lull_class *source)
{
  const struct foreign_class *f = foreign_class(vm, source);
  return object_out(f ? native_class(vm, &f->type.class) : NULL);
}

void lull_store(struct lull *vm, void *data, struct lull_value *place, struct lull_value v)
{
  *place = v;
  lull_changed(vm, data);
}

void lull_changed(struct lull *vm, void *data) { heap_barrier(&vm->heap, object_of(data)); }

void lull_mark(struct lull *vm, struct lull_value v) { heap_mark(&vm->heap, value_in(v)); }

void *lull_shared(struct lull *vm, const struct lull_class *source)
{
  char name[80];  // no program can write a name with a blank
  snprintf(name, sizeof name, " shared %s", source->name);
  const struct string *interned = vm_intern(vm, name);
  const struct cell *cell = interned ? module_find(vm->builtins, interned) : NULL;
  if (cell) return lull_data(value_out(cell->value), source);
  struct lull_value v;
  void *data = lull_new(vm, source, &v);
  return data && vm_define(vm, name, value_in(v)) ? data : NULL;
}

void *lull_resize(struct lull *vm, void *ptr, size_t old, size_t now) { return mem_resize(&vm->alloc, ptr, old, now); }

void lull_resolve(struct lull *vm, void *data, struct lull_value v)
{
  if (!is_unset(value_in(v))) operation_resolve(vm, operation_of(data), value_in(v));
  else lull_fail(vm, data, lull_error(vm, "LimitError", NULL, "out of memory"));
}

void lull_fail(struct lull *vm, void *data, struct lull_value error)
{
  operation_fail(vm, operation_of(data), value_in(error));
}

bool lull_give_up(struct lull *vm, void *data) { return operation_cancel(vm, operation_of(data)); }

bool lull_is_pending(const void *data) { return operation_is_pending(operation_of(data)); }

void lull_set_effect(struct lull *vm, void *data, bool is_effect)
{
  operation_set_effect(vm, operation_of(data), is_effect);
}

uint64_t lull_tag_of(const void *data) { return operation_of(data)->deferred.tag; }
