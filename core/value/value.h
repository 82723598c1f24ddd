// The value word and the header every heap object begins with.
//
// A value is 16 bytes: a tag and a payload. Ints are inline up to 64 bits and promote to bigints (number.h). The
// order of the tags matters: both operands are ints exactly when (a.tag | b.tag) == 0, and a value is false exactly
// when tag - 1 < 2. Copy values as struct Value; nobody outside value/ looks at .bits except through the functions
// here.
#ifndef LULL_VALUE_VALUE_H
#define LULL_VALUE_VALUE_H

#include <string.h>

#include "base/types.h"

typedef struct Value {
  u64 bits;
  u64 tag;
} Value;

enum value_tag {
  TAG_INT = 0,     // bits: int64
  TAG_NIL = 1,     //
  TAG_FALSE = 2,   //
  TAG_TRUE = 3,    //
  TAG_FLOAT = 4,   // bits: the double
  TAG_OBJECT = 5,  // bits: struct object *
  TAG_DONE = 6,    // the value `done` that ends an iteration
  TAG_UNSET = 7,   // never seen by programs: an argument not given, a name not yet assigned, an entry not there
  TAG_RAW = 8,     // never seen by programs: a native's or the loop's own word in a stack slot
  TAG_FRAME = 9,   // never seen by programs: low byte of a frame header's tag (vm/frame.h)
};

// Kinds of heap objects. The kind of an object that is no instance is its shape id too.
enum object_kind {
  KIND_FREE,  // a cell of the heap that holds nothing
  KIND_STRING,
  KIND_BYTES,
  KIND_BIGINT,
  KIND_LIST,
  KIND_MAP,
  KIND_SET,
  KIND_RANGE,
  KIND_CLOSURE,
  KIND_NATIVE,
  KIND_BOUND,
  KIND_CELL,
  KIND_PROTO,
  KIND_CLASS,
  KIND_INSTANCE,
  KIND_MODULE,
  KIND_TRACE,
  KIND_FIBER,
  KIND_DEFERRED,
  KIND_TASK,
  KIND_TIMER,
  KIND_OPERATION,  // vm/operation.h
  KIND_CHANNEL,
  KIND_DISPLAY,   // builtin/display.c
  KIND_PROGRESS,  // builtin/progress.c
  KIND_ITERATOR,
  KIND_PRINTER,
  KIND_BOX,  // vm/box.h: C data with a class of natives
  KIND_EQUAL,
  KIND_COUNT
};
#define SHAPE_FIRST 64  // ids from here on are instances' shapes (class.h)

// The first member of every heap object. shape is at offset 0: one compare is kind test and inline-cache guard.
struct object {
  u32 shape;
  u8 kind;
  u8 mark;   // heap.h's
  u8 flags;  // the kind's own
  u8 extra;  // the kind's own
};

#define NIL ((Value){ 0, TAG_NIL })
#define TRUE ((Value){ 0, TAG_TRUE })
#define FALSE ((Value){ 0, TAG_FALSE })
#define DONE ((Value){ 0, TAG_DONE })
#define UNSET ((Value){ 0, TAG_UNSET })

static inline Value value_int(i64 n) { return (Value){ (u64)n, TAG_INT }; }
static inline Value value_bool(bool b) { return (Value){ 0, b ? TAG_TRUE : TAG_FALSE }; }
static inline Value value_object(const void *object) { return (Value){ (u64)(uintptr_t)object, TAG_OBJECT }; }
static inline Value value_raw(u64 bits) { return (Value){ bits, TAG_RAW }; }
static inline Value value_float(double d)
{
  Value v = { 0, TAG_FLOAT };
  memcpy(&v.bits, &d, sizeof d);
  return v;
}

static inline i64 as_int(Value v) { return (i64)v.bits; }
static inline struct object *as_object(Value v) { return (struct object *)(uintptr_t)v.bits; }
static inline double as_float(Value v)
{
  double d;
  memcpy(&d, &v.bits, sizeof d);
  return d;
}

static inline bool is_int(Value v) { return v.tag == TAG_INT; }
static inline bool is_nil(Value v) { return v.tag == TAG_NIL; }
static inline bool is_bool(Value v) { return v.tag == TAG_TRUE || v.tag == TAG_FALSE; }
static inline bool is_float(Value v) { return v.tag == TAG_FLOAT; }
static inline bool is_object(Value v) { return v.tag == TAG_OBJECT; }
static inline bool is_unset(Value v) { return v.tag == TAG_UNSET; }
static inline bool is_done(Value v) { return v.tag == TAG_DONE; }
static inline bool is_falsy(Value v) { return v.tag - 1 < 2; }
static inline bool is_kind(Value v, enum object_kind kind)
{
  return v.tag == TAG_OBJECT && as_object(v)->kind == kind;
}
static inline bool is_same(Value a, Value b) { return a.tag == b.tag && a.bits == b.bits; }

#define IS_STRING(v) is_kind(v, KIND_STRING)
#define IS_BYTES(v) is_kind(v, KIND_BYTES)
#define IS_BIGINT(v) is_kind(v, KIND_BIGINT)
#define IS_LIST(v) is_kind(v, KIND_LIST)
#define IS_MAP(v) is_kind(v, KIND_MAP)
#define IS_SET(v) is_kind(v, KIND_SET)
#define IS_RANGE(v) is_kind(v, KIND_RANGE)
#define IS_CLOSURE(v) is_kind(v, KIND_CLOSURE)
#define IS_NATIVE(v) is_kind(v, KIND_NATIVE)
#define IS_CLASS(v) is_kind(v, KIND_CLASS)
#define IS_INSTANCE(v) is_kind(v, KIND_INSTANCE)
#define AS_STRING(v) ((struct string *)as_object(v))
#define AS_BYTES(v) ((struct bytes *)as_object(v))
#define AS_BIGINT(v) ((struct bigint *)as_object(v))
#define AS_LIST(v) ((struct list *)as_object(v))
#define AS_MAP(v) ((struct map *)as_object(v))
#define AS_RANGE(v) ((struct range *)as_object(v))
#define AS_CLOSURE(v) ((struct closure *)as_object(v))
#define AS_NATIVE(v) ((struct native_function *)as_object(v))
#define AS_BOUND(v) ((struct bound *)as_object(v))
#define AS_CELL(v) ((struct cell *)as_object(v))
#define AS_CLASS(v) ((struct class *)as_object(v))
#define AS_INSTANCE(v) ((struct instance *)as_object(v))
#define AS_MODULE(v) ((struct module *)as_object(v))

#endif
