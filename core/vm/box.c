#include "vm/box.h"

#include <stdio.h>

#include "vm/state.h"

static struct box *box_of(struct object *o) { return (struct box *)(void *)o; }

static void mark_box(struct heap *heap, struct object *o)
{
  struct box *b = box_of(o);
  heap_mark_object(heap, b->class);
  if (b->type && b->type->mark) b->type->mark(heap, o);
}

static void finish_box(struct heap *heap, struct object *o)
{
  const struct native_class *type = box_of(o)->type;
  if (type && type->finish) type->finish(heap, o);
}

static void print_box(struct heap *heap, struct object *o, struct buf *out)
{
  const struct native_class *type = box_of(o)->type;
  if (type->print) type->print(heap, o, out);
  else buf_printf(out, "<%s>", type->name);
}

static bool order_boxes(const struct object *a, const struct object *b, int *order)
{
  const struct native_class *type = ((const struct box *)(const void *)a)->type;
  if (type != ((const struct box *)(const void *)b)->type || !type->compare) return false;
  *order = type->compare(a, b);
  return true;
}

static u64 hash_box(const struct object *o)
{
  const struct native_class *type = ((const struct box *)(const void *)o)->type;
  return type->hash ? type->hash(o) : (u64)(uintptr_t)o;
}

void box_register(struct heap *heap)
{
  heap_register(heap, KIND_BOX,
                (struct heap_kind){ .name = "box", .mark = mark_box, .finish = finish_box, .print = print_box,
                                    .order = order_boxes, .hash = hash_box });
}

Value box_arith(struct lull *vm, enum number_op op, Value x, Value y)
{
  Value v = is_kind(x, KIND_BOX) ? x : y;
  const struct native_class *type = is_kind(v, KIND_BOX) ? box_of(as_object(v))->type : NULL;
  return type && type->arith ? type->arith(vm, op, x, y) : UNSET;
}

static struct class *make_class(struct lull *vm, const struct native_class *type)
{
  struct string *name = vm_intern(vm, type->name);
  struct class *super = type->is_deferred ? vm->types.deferred_ : NULL;
  struct class *class = name ? class_new(&vm->heap, &vm->shapes, name, super) : NULL;
  if (!class) return NULL;
  class->doc = type->doc;
  class->builtin_kind = KIND_BOX;
  bool ok = class_add_natives(vm, class, type->methods, type->method_count) &&
            class_add_getters(vm, class, type->getters, type->getter_count) &&
            class_add_natives(vm, class, type->setters, type->setter_count) &&
            (!type->construct || class_set_construct(vm, class, type->construct));
  return ok ? class : NULL;
}

struct class *native_class(struct lull *vm, const struct native_class *type)
{
  for (u32 i = 0; i < vm->native_classes.len; i++) {
    if (vm->native_classes.data[i].type == type) return vm->native_classes.data[i].class;
  }
  struct class *class = make_class(vm, type);
  struct class_of_natives known = { .type = type, .class = class };
  return class && vec_push(&vm->alloc, &vm->native_classes, known) ? class : NULL;
}

void *box_new(struct lull *vm, const struct native_class *type)
{
  struct class *class = native_class(vm, type);
  struct box *b = class ? heap_try_new(&vm->heap, KIND_BOX, type->size) : NULL;
  if (!b) return NULL;
  b->object.shape = class->shape;
  b->type = type;
  b->class = class;
  return b;
}

void *arg_box(struct call *c, u32 i, const struct native_class *type)
{
  if (is_box(c->args[i], type)) return as_object(c->args[i]);
  char expected[64];
  snprintf(expected, sizeof expected, "a %s", type->name);
  arg_fail(c, i, expected);
  return NULL;
}
