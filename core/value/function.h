// What can be called: closures over compiled code, natives, bound methods; and the cells captured variables live in.
#ifndef LULL_VALUE_FUNCTION_H
#define LULL_VALUE_FUNCTION_H

#include "value/heap.h"

struct string;
struct class;
struct proto;
struct native;

// What is known here of a struct proto (syntax/chunk.h): how it begins.
struct proto_head {
  struct object object;
  struct string *name;  // "" of a lambda
};

struct cell {
  struct object object;
  Value value;  // UNSET before its declaration ran
};

struct closure {
  struct object object;
  struct proto *proto;
  struct class *home;  // the class whose body it was written in, for super; NULL elsewhere
  u32 count;           // proto->upvalue_count
  Value up[];          // the value itself, or its cell
};

// Flags of a native_function: its argument 0 is self; it is read like a field; a literal given to it as first argument
// comes in parts (vm/quoted.h).
enum { NATIVE_METHOD = 1, NATIVE_GETTER = 2, NATIVE_QUOTES = 4 };

#define QUOTED_NAME "quoted text"  // of the native that joins the parts; has a blank, so no program can write it

// A native as a value: the description (native.h) is static.
struct native_function {
  struct object object;
  const struct native *native;
  struct string *name;
};

struct bound {
  struct object object;
  Value receiver;
  Value method;
};

void function_register(struct heap *heap);
struct cell *cell_new(struct heap *heap, Value v);
struct closure *closure_new(struct heap *heap, struct proto *proto, struct class *home,
                            u32 count);  // up filled with UNSET
struct native_function *native_function_new(struct heap *heap, const struct native *native, struct string *name);
struct bound *bound_new(struct heap *heap, Value receiver, Value method);

#endif
