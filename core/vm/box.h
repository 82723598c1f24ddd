// Native objects: C data with a class of natives, made by the library. A box is a value of its own kind of thing
// (a regex, a socket, a time); an operation (vm/operation.h) is one that can be waited for.
#ifndef LULL_VM_BOX_H
#define LULL_VM_BOX_H

#include "value/heap.h"
#include "value/number.h"
#include "vm/native.h"

struct class;

// What a class of native objects is made from. One constant table each, in the file that defines the natives.
struct native_class {
  const char *name;                // "stream": of the class, what messages call its values
  const char *doc;                 // as of natives; NULL: none
  const struct native *methods;    // self is args[0]
  u32 method_count;
  const struct native *getters;    // read like fields; they never call or wait
  u32 getter_count;
  const struct native *setters;    // named "NAME=", called with the value assigned; as getters
  u32 setter_count;
  const struct native *construct;  // what Type(...) does; NULL: its values are made by other natives
  bool is_deferred;                // its objects are operations: its class is below deferred
  size_t size;                     // of the whole object, header included
  // All may be NULL. As in struct heap_kind, but for the class.
  void (*mark)(struct heap *heap, struct object *o);
  void (*finish)(struct heap *heap, struct object *o);  // gives back what it owns outside the heap
  void (*print)(struct heap *heap, struct object *o, struct buf *out);  // NULL: <name>
  // For classes whose objects are values: < and == (0), and a hash that is the same for equal ones. NULL: by identity.
  int (*compare)(const struct object *a, const struct object *b);
  u64 (*hash)(const struct object *o);
  // x op y, where one of the two is of the class. UNSET: the class does not know it, or has thrown.
  Value (*arith)(struct lull *vm, enum number_op op, Value x, Value y);
};

// Embedded first in the C data.
struct box {
  struct object object;  // KIND_BOX; its shape is the class's, so inline caches of methods know it
  const struct native_class *type;
  struct class *class;
};

void box_register(struct heap *heap);
// x op y as the class of one of them has it; UNSET: neither does, or it has thrown.
Value box_arith(struct lull *vm, enum number_op op, Value x, Value y);
// The class of a table, made at its first use and then kept by the state. NULL: no memory.
struct class *native_class(struct lull *vm, const struct native_class *type);
// A new object, cleared behind the box. NULL: no memory (nothing thrown).
void *box_new(struct lull *vm, const struct native_class *type);
static inline bool is_box(Value v, const struct native_class *type)
{
  return is_kind(v, KIND_BOX) && ((const struct box *)(const void *)as_object(v))->type == type;
}
// Checks argument [i]; throws a TypeError and gives NULL where it is no such box.
void *arg_box(struct call *c, u32 i, const struct native_class *type);

#endif
