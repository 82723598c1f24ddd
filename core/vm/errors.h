// Throwing: makes the error and leaves it in vm->thrown; the function that did so returns its "thrown" status. And
// traces and reports of errors.
#ifndef LULL_VM_ERRORS_H
#define LULL_VM_ERRORS_H

#include "base/buf.h"
#include "value/class.h"
#include "vm/native.h"

struct fiber;

// Slots of every error instance: the fields all of them have from the start, in this order.
enum { ERROR_MESSAGE, ERROR_CAUSE, ERROR_TRACE };

// One call in a trace.
struct trace_entry {
  struct proto *proto;    // NULL: a native
  struct string *native;  // its name
  u32 word;
  u8 link;  // how the entry before was reached from this one: enum trace_link
};
enum trace_link { TRACE_CALL, TRACE_SPAWN, TRACE_AWAIT, TRACE_SKIPPED /* word: number of calls left out; 0: unknown */ };

struct trace {
  struct object object;
  u32 len;
  u64 tag;
  struct trace_entry entries[];
};

void errors_register(struct heap *heap);
bool errors_open(struct lull *vm);  // the classes Error, TypeError ... as built-in names

// The classes are vm->errors.type and so on (state.h). The message is formatted as printf; %s of texts must be UTF-8.
// Always returns NATIVE_THROW.
enum native_status throw_error(struct lull *vm, struct class *class, const char *format, ...) PRINTF_LIKE(3, 4) COLD;
// Throws a value as `throw` does: a string becomes an Error, an error gets its trace, anything else is a TypeError.
enum native_status throw_value(struct lull *vm, Value v);
// A LimitError for the memory that was refused.
enum native_status throw_memory(struct lull *vm) COLD;
// Where vm->is_stop is found set: throws Interrupted.
enum native_status throw_stopped(struct lull *vm) COLD;
// The same as a value, for what settles instead of throwing.
Value error_memory(struct lull *vm) COLD;
// Never NULL: without memory a LimitError that was made before, and that all share then.
struct instance *error_new(struct lull *vm, struct class *class, struct string *message);
// Makes a fresh class one of errors: its instances have the fields above from the start. False: no memory.
bool error_class(struct lull *vm, struct class *class);
// An instance of any class; an error's own fields are nil from the start.
struct instance *instance_make(struct lull *vm, struct class *class);
bool is_error(struct lull *vm, Value v);
// Fills the trace of an error that has none: the frames of the running fiber from [base], [pc], then its spawners.
void error_trace(struct lull *vm, struct instance *error, struct fiber *f, const Value *base, const u64 *pc);
// The error of something that failed by itself, away from any fiber: where that was started is its trace, if it has
// none yet.
void error_started(struct lull *vm, Value error, u64 tag, struct proto *proto, u32 word);
// The error is about to be thrown where [f] awaits: what awaits joins its trace, or is its trace if it has none yet.
void error_awaited(struct lull *vm, Value error, struct fiber *f);

// "int", "string", "NoiseMaker", "function" ...: what messages call the type of a value.
const char *type_name(struct lull *vm, Value v);
// A trace as text: where it begins, and a line for each call.
void trace_print(struct heap *heap, struct object *o, struct buf *out);
// The report as lull_report gives it.
void error_report(struct lull *vm, Value error, struct buf *out);
// "script.lull:3:5" of a word of a proto.
void place_print(const struct proto *p, u32 word, struct buf *out);

#endif
