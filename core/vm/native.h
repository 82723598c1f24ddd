// Natives: functions of the language written in C. A table of struct native at the foot of a file is the whole
// declaration: name, usage, doc string, function.
//
// A native runs on the scheduler's C stack and returns what is to happen. It never calls the language: to do so it
// prepares a call (native_call), returns NATIVE_CALL, and is entered again with the result in c->value and c->step
// one higher; what it must remember lies in its locals. No collection runs inside a native, so raw pointers are fine
// until it returns.
#ifndef LULL_VM_NATIVE_H
#define LULL_VM_NATIVE_H

#include "value/list.h"
#include "value/map.h"
#include "value/string.h"
#include "value/value.h"

struct lull;
struct native;

enum native_status {
  NATIVE_OK,       // c->result is the value
  NATIVE_THROW,    // throw_... was called
  NATIVE_SUSPEND,  // the fiber waits (task_wait...); what wakes it gives the value. With c->again set the native is
                   // entered again with it in c->value
  NATIVE_CALL,     // native_call was called
};

struct call {
  struct lull *vm;
  struct heap *heap;  // &vm->heap
  Value *args;        // as declared: missing optional ones are UNSET; valid until the native returns
  u32 count;          // arguments given (with a rest: args[params .. count) are the rest)
  Value *locals;      // native->locals slots, NIL at step 0, kept between steps
  u32 step;           // 0 at first
  bool again;         // for NATIVE_SUSPEND
  Value value;        // step > 0: what the call or the wait gave
  Value result;       // NIL at first
  // The VM's own:
  const struct native *native;
  bool is_method;  // args[0] is self
  Value *frame;
  u32 call_count;
};

typedef enum native_status (*native_fn)(struct call *c);

#define NATIVE_REST 255  // max: any number of arguments

// [usage] names the parameters: "after(delay, f, ...args)", "join(separator = \"\")". In a method self is args[0] and
// not in the usage; required and max do not count it.
struct native {
  const char *name;
  native_fn fn;
  u8 required, max;
  u8 locals;
  const char *usage;
  // First line: one sentence. Then details: parameters with units and defaults, errors thrown, an example.
  const char *doc;
  // Optional, of functions of one float: the whole native for a float, called without a frame. Where it gives nan, fn is
  // called, which knows why.
  double (*of_float)(double x);
};

static inline enum native_status native_return(struct call *c, Value v)
{
  c->result = v;
  return NATIVE_OK;
}

// Work that may last asks, every few KiB of it, whether it is to end. True: Interrupted has been thrown, or that a limit
// is reached; what is half done is undone or let go, and the native returns NATIVE_THROW. Below the VM heap_must_stop
// asks the same.
bool native_must_stop(struct call *c);
// The same in a loop, that counts its turns.
static inline bool native_must_stop_at(struct call *c, u64 turn)
{
  return UNLIKELY(turn % HEAP_ASK_EVERY == HEAP_ASK_EVERY - 1) && native_must_stop(c);
}

// Arguments. Each checks a kind and throws a TypeError that names the native, the parameter and what was given;
// false: return NATIVE_THROW.
bool arg_int(struct call *c, u32 i, i64 *out);
bool arg_double(struct call *c, u32 i, double *out);   // ints too
bool arg_seconds(struct call *c, u32 i, double *out);  // a duration: not negative, not nan
bool arg_string(struct call *c, u32 i, struct string **out);
bool arg_cstring(struct call *c, u32 i, const char **out);  // for C, which would take a NUL in it for its end: a ValueError
bool arg_list(struct call *c, u32 i, struct list **out);
bool arg_map(struct call *c, u32 i, struct map **out);
bool arg_callable(struct call *c, u32 i);
static inline bool arg_given(struct call *c, u32 i) { return c->args[i].tag != TAG_UNSET; }
// Options: parameters behind the rest in the usage line, "run(program, ...args, cwd = nil, check = true)", can be given
// by name only. How many arguments come before them; *options is the place among c->args of the first option (others
// follow in the order of the usage line, UNSET where not given), 0 where none is given.
u32 arg_positional(const struct call *c, u32 *options);
enum native_status arg_fail(struct call *c, u32 i,
                            const char *expected);  // TypeError: "after: f must be a function, not int"

// Asks the VM to call [callee] with [count] arguments: copies them. Then return NATIVE_CALL.
enum native_status native_call(struct call *c, Value callee, const Value *args, u32 count);
// Calls method [name] of [self] likewise.
enum native_status native_call_method(struct call *c, Value self, Value method, const Value *args, u32 count);

#endif
