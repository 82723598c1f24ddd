#include "value/class.h"

#include "value/module.h"

static void class_mark(struct heap *heap, struct object *o)
{
  struct class *c = (struct class *)o;
  heap_mark_object(heap, c->name);
  heap_mark_object(heap, c->super);
  heap_mark_object(heap, c->module);
  heap_mark_object(heap, c->proto);
  heap_mark(heap, c->fields);
  heap_mark(heap, c->construct);
  table_mark(heap, &c->methods);
}

static void class_finish(struct heap *heap, struct object *o)
{
  table_fini(heap, &((struct class *)o)->methods);
}

static void instance_mark(struct heap *heap, struct object *o)
{
  struct instance *i = (struct instance *)o;
  heap_mark_object(heap, i->class);
  for (u32 slot = 0; slot < i->slots; slot++) heap_mark(heap, i->fields[slot]);
  for (u32 slot = 0; slot < i->more_cap; slot++) heap_mark(heap, i->more[slot]);
}

static void instance_finish(struct heap *heap, struct object *o)
{
  struct instance *i = (struct instance *)o;
  if (i->more) heap_resize(heap, i->more, i->more_cap * sizeof *i->more, 0);
}

void class_register(struct heap *heap, struct shapes *shapes)
{
  *shapes = (struct shapes){ 0 };
  heap_register(heap, KIND_CLASS, (struct heap_kind){ .name = "class", .mark = class_mark, .finish = class_finish });
  heap_register(heap, KIND_INSTANCE,
                (struct heap_kind){ .name = "instance", .mark = instance_mark, .finish = instance_finish });
}

static void names_release(struct heap *heap, struct shape_names *names)
{
  if (!names || --names->shapes) return;
  table_fini(heap, &names->slots);
  heap_resize(heap, names->data, names->cap * sizeof *names->data, 0);
  heap_resize(heap, names, sizeof *names, 0);
}

static void shape_destroy(struct heap *heap, struct shape *shape)
{
  names_release(heap, shape->names);
  table_fini(heap, &shape->next);
  heap_resize(heap, shape, sizeof *shape, 0);
}

void shapes_fini(struct heap *heap, struct shapes *shapes)
{
  for (u32 i = 0; i < shapes->len; i++) {
    if (shapes->data[i]) shape_destroy(heap, shapes->data[i]);
  }
  heap_resize(heap, shapes->data, shapes->cap * sizeof *shapes->data, 0);
  *shapes = (struct shapes){ 0 };
}

void shapes_mark(struct heap *heap, struct shapes *shapes)
{
  for (u32 i = 0; i < shapes->len; i++) {
    struct shape *shape = shapes->data[i];
    if (!shape) continue;
    table_mark(heap, &shape->next);
    for (u32 slot = 0; slot < shape->count; slot++) heap_mark_object(heap, shape_name(shape, slot));
  }
}

void shapes_sweep(struct heap *heap, struct shapes *shapes)
{
  for (u32 i = 0; i < shapes->len; i++) {
    struct shape *shape = shapes->data[i];
    if (!shape || heap_survives(&shape->class->object)) continue;
    shape_destroy(heap, shape);
    shapes->data[i] = NULL;
  }
}

static bool shapes_reserve(struct heap *heap, struct shapes *shapes)
{
  if (shapes->len < shapes->cap) return true;
  u32 cap = shapes->cap ? shapes->cap * 2 : 64;
  struct shape **data = heap_resize(heap, shapes->data, shapes->cap * sizeof *data, cap * sizeof *data);
  if (!data) return false;
  shapes->data = data;
  shapes->cap = cap;
  return true;
}

static struct shape *shape_new(struct heap *heap, struct shapes *shapes, struct class *class)
{
  if (!shapes_reserve(heap, shapes)) return NULL;
  struct shape *shape = heap_resize(heap, NULL, 0, sizeof *shape);
  if (!shape) return NULL;
  *shape = (struct shape){ .id = SHAPE_FIRST + shapes->len, .class = class };
  shapes->data[shapes->len++] = shape;
  return shape;
}

struct class *class_new(struct heap *heap, struct shapes *shapes, struct string *name, struct class *super)
{
  struct class *class = heap_new(heap, KIND_CLASS, sizeof *class);
  class->name = name;
  class->super = super;
  class->fields = class->construct = NIL;
  if (super) {
    class->slots = super->slots;
    class->module = super->module;
    class->is_error = super->is_error;
  }
  struct shape *shape = shape_new(heap, shapes, class);
  if (!shape) return NULL;
  class->shape = shape->id;
  return class;
}

bool class_is_below(const struct class *class, const struct class *above)
{
  while (class && class != above) class = class->super;
  return class != NULL;
}

Value class_find_method(const struct class *class, const struct string *name)
{
  for (; class; class = class->super) {
    Value *method = table_find(&class->methods, name);
    if (method) return *method;
  }
  return UNSET;
}

i64 shape_find(const struct shape *shape, const struct string *name)
{
  if (!shape->count) return -1;
  Value *slot = table_find(&shape->names->slots, name);
  return slot && as_int(*slot) < shape->count ? as_int(*slot) : -1;
}

static bool names_add(struct heap *heap, struct shape_names *names, struct string *name)
{
  if (names->len == names->cap) {
    u32 cap = names->cap ? names->cap * 2 : 4;
    struct string **data = heap_resize(heap, names->data, names->cap * sizeof *data, cap * sizeof *data);
    if (!data) return false;
    names->data = data;
    names->cap = cap;
  }
  if (!table_set(heap, &names->slots, name, value_int(names->len))) return false;
  names->data[names->len++] = name;
  return true;
}

static struct shape_names *names_copy(struct heap *heap, const struct shape *shape)
{
  struct shape_names *names = heap_resize(heap, NULL, 0, sizeof *names);
  if (!names) return NULL;
  *names = (struct shape_names){ .shapes = 1 };
  for (u32 slot = 0; slot < shape->count; slot++) {
    if (names_add(heap, names, shape_name(shape, slot))) continue;
    names_release(heap, names);
    return NULL;
  }
  return names;
}

// The names of [shape] and one more: its own, where no other shape went on from there, or a copy of them.
static struct shape_names *names_extend(struct heap *heap, const struct shape *shape, struct string *name)
{
  bool is_shared = shape->names && shape->names->len == shape->count;
  struct shape_names *names = is_shared ? shape->names : names_copy(heap, shape);
  if (!names) return NULL;
  if (is_shared) names->shapes++;
  if (names_add(heap, names, name)) return names;
  names_release(heap, names);
  return NULL;
}

struct shape *shape_add(struct heap *heap, struct shapes *shapes, struct shape *shape, struct string *name)
{
  Value *known = table_find(&shape->next, name);
  if (known) return shape_of(shapes, (u32)as_int(*known));
  struct shape_names *names = names_extend(heap, shape, name);
  if (!names) return NULL;
  struct shape *next = shape_new(heap, shapes, shape->class);
  if (!next) {
    names_release(heap, names);
    return NULL;
  }
  next->count = shape->count + 1;
  next->names = names;
  // Without memory for the transition another shape will be made the next time: both are right.
  return table_set(heap, &shape->next, name, value_int(next->id)) ? next : NULL;
}

static u32 inline_slots(const struct class *class)
{
  return class->slots < INSTANCE_INLINE_MAX ? class->slots : INSTANCE_INLINE_MAX;
}

size_t instance_size(const struct class *class)
{
  return sizeof(struct instance) + inline_slots(class) * sizeof(Value);
}

struct instance *instance_new(struct heap *heap, struct class *class)
{
  u32 slots = inline_slots(class);
  struct instance *i = heap_new_part(heap, KIND_INSTANCE, instance_size(class), sizeof *i);
  i->object.shape = class->shape;
  i->class = class;
  i->slots = slots;
  for (u32 slot = 0; slot < slots; slot++) i->fields[slot] = UNSET;
  return i;
}

Value instance_get(const struct shapes *shapes, struct instance *i, const struct string *name)
{
  i64 slot = shape_find(shape_of(shapes, i->object.shape), name);
  return slot < 0 ? UNSET : *instance_slot(i, (u32)slot);
}

static bool more_grow(struct heap *heap, struct instance *i, u32 count)
{
  u32 cap = i->more_cap ? i->more_cap : 4;
  while (cap < count) cap *= 2;
  Value *more = heap_resize(heap, i->more, i->more_cap * sizeof *more, cap * sizeof *more);
  if (!more) return false;
  for (u32 at = i->more_cap; at < cap; at++) more[at] = UNSET;
  i->more = more;
  i->more_cap = cap;
  return true;
}

bool instance_grow(struct heap *heap, struct instance *i, u32 shape, u32 slot)
{
  if (slot >= i->slots && slot - i->slots >= i->more_cap && !more_grow(heap, i, slot - i->slots + 1)) return false;
  i->object.shape = shape;
  return true;
}

bool instance_set(struct heap *heap, struct shapes *shapes, struct instance *i, struct string *name, Value v)
{
  struct shape *shape = shape_of(shapes, i->object.shape);
  i64 slot = shape_find(shape, name);
  if (slot < 0) {
    slot = shape->count;
    shape = shape_add(heap, shapes, shape, name);
    if (!shape || !instance_grow(heap, i, shape->id, (u32)slot)) return false;
  }
  *instance_slot(i, (u32)slot) = v;
  heap_barrier(heap, i);
  return true;
}
