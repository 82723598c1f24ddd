// Classes, shapes and instances. A shape says which field lies in which slot; instances that gained the same fields
// in the same order share one. Built-in types are classes too: string, int, list ... with natives as methods and a
// native constructor.
#ifndef LULL_VALUE_CLASS_H
#define LULL_VALUE_CLASS_H

#include "value/table.h"

// Names of fields in slot order. Shapes that grew out of each other share one, each sees its first count names.
struct shape_names {
  struct string **data;
  u32 len, cap;
  u32 shapes;          // that refer to it
  struct table slots;  // name -> int: its slot
};

struct shape {
  u32 id;     // >= SHAPE_FIRST
  u32 count;  // fields
  struct class *class;
  struct shape_names *names;
  struct table next;  // name -> int: id of the shape with that field added
};

struct class {
  struct object object;
  struct string *name;
  struct class *super;   // NULL at the root
  struct table methods;  // own ones; name -> closure or native
  struct module *module;
  Value fields;     // closure that sets the declared fields of a new instance (self is its argument 0), or NIL
  Value construct;  // native called for Type(args) of a built-in type; NIL: an instance is made and init called
  u32 shape;        // of a fresh instance
  u16 slots;  // slots inline in a new instance (INSTANCE_INLINE_MAX at most): declared and assigned in its methods,
              // inherited ones included
  u8 builtin_kind;      // KIND_x whose values are of this type, or 0
  bool is_error;        // Error or below
  struct proto *proto;  // of its declaration, for doc comments; NULL for built-in ones
  const char *doc;      // of built-in ones
};

#define INSTANCE_INLINE_MAX 30
#define ERROR_SLOT_MESSAGE 0  // where instances of error classes hold their message (vm/errors.h)

struct instance {
  struct object object;  // shape says the fields
  struct class *class;
  u32 slots;  // inline
  u32 more_cap;
  Value *more;  // fields beyond the inline slots
  Value fields[];
};

struct shapes {
  struct shape **data;  // by id - SHAPE_FIRST; NULL: its class is gone, and the id is never used again
  u32 len, cap;
};

void class_register(struct heap *heap, struct shapes *shapes);
void shapes_fini(struct heap *heap, struct shapes *shapes);
void shapes_mark(struct heap *heap, struct shapes *shapes);   // names; from mark_roots
void shapes_sweep(struct heap *heap, struct shapes *shapes);  // drops those of classes that die; from before_sweep
// NULL: no memory. It begins with the slots of [super].
struct class *class_new(struct heap *heap, struct shapes *shapes, struct string *name, struct class *super);
bool class_is_below(const struct class *class, const struct class *above);
Value class_find_method(const struct class *class,
                        const struct string *name);  // UNSET where there is none; searches upwards

static inline struct shape *shape_of(const struct shapes *shapes, u32 id) { return shapes->data[id - SHAPE_FIRST]; }
static inline struct string *shape_name(const struct shape *shape, u32 slot) { return shape->names->data[slot]; }
// The slot of a field, or -1.
i64 shape_find(const struct shape *shape, const struct string *name);
struct shape *shape_add(struct heap *heap, struct shapes *shapes, struct shape *shape,
                        struct string *name);  // NULL: no memory

size_t instance_size(const struct class *class);  // of a new one, in bytes
struct instance *instance_new(struct heap *heap, struct class *class);  // all slots UNSET
static inline Value *instance_slot(struct instance *i, u32 slot)
{
  return slot < i->slots ? &i->fields[slot] : &i->more[slot - i->slots];
}
// Makes room for slot [slot] and gives the instance the shape in which it exists (inline caches know the slot).
// False: no memory.
bool instance_grow(struct heap *heap, struct instance *i, u32 shape, u32 slot);
Value instance_get(const struct shapes *shapes, struct instance *i,
                   const struct string *name);  // UNSET where there is none
// Sets a field, adding it where there is none. False: no memory. Barrier inside.
bool instance_set(struct heap *heap, struct shapes *shapes, struct instance *i, struct string *name, Value v);

#endif
