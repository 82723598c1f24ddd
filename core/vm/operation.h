// Operations: deferreds that something outside settles: a read, a child, a request, a call in a thread.
//
// A pending operation is listed with its cell, can be cancelled, and is kept alive. It keeps the program running while
// somebody waits for it, or if it has an effect of its own (it writes, runs, serves). When the last one who waited is
// cancelled, interrupted or timed out, the operation is given up (abandon) and ends as cancelled.
#ifndef LULL_VM_OPERATION_H
#define LULL_VM_OPERATION_H

#include "vm/box.h"
#include "vm/deferred.h"

struct operation;
struct proto;

struct operation_type {
  struct native_class class;  // is_deferred; its size counts the struct operation it begins with
  bool is_effect;             // it keeps the program running though nobody waits for it
  // What it is and does, for :jobs: "read from 127.0.0.1:8080", "run git log (pid 123)". NULL: the name of the class.
  void (*describe)(struct lull *vm, struct operation *op, struct buf *out);
  // Undoes or stops what is under way: the operation is settled by the caller and must not be touched again by what
  // was started for it. May be called from within natives; never calls the language.
  void (*abandon)(struct lull *vm, struct operation *op);
};

// Embedded first in the data of an operation.
struct operation {
  struct deferred deferred;  // KIND_OPERATION
  const struct operation_type *type;
  struct class *class;
  struct operation *next, *prev;  // pending ones, newest first
  Value subject;                  // what it works on, kept alive with it; NIL
  double started;
  struct proto *place_proto;  // where it was made
  u32 place_word;
  bool is_effect;  // as of its type
  bool is_kept;    // kept alive and listed while it is pending, though it may not keep the program running
  bool is_ref;     // it keeps the loop alive now
};

void operation_register(struct heap *heap);
// A pending operation of the running fiber's tag, cleared behind the header. NULL: no memory (nothing thrown).
void *operation_new(struct lull *vm, const struct operation_type *type, Value subject);
// Makes a settled one pending anew, which nobody but its maker may hold: for the next() of iterators, whose waits come
// one after the other.
void operation_again(struct lull *vm, struct operation *op);
static inline bool operation_is_pending(const struct operation *op) { return op->deferred.state == DEFERRED_PENDING; }
// Settle it, from a callback of the loop or from a native; nothing happens where it is settled already. The value must
// be reachable or fresh.
void operation_resolve(struct lull *vm, struct operation *op, Value value);
void operation_fail(struct lull *vm, struct operation *op, Value error);
// An IOError with .code ("ECONNREFUSED") and a message that ends with the system's text for [error] (of errno).
void operation_fail_errno(struct lull *vm, struct operation *op, int error, const char *format, ...) PRINTF_LIKE(4, 5);
// Gives it up and fails it with Cancelled, which nobody needs to handle. False: it was settled.
bool operation_cancel(struct lull *vm, struct operation *op);
// From deferred_unwait: nobody waits for it any more.
void operation_unwanted(struct lull *vm, struct operation *op);
// What :jobs says of it.
void operation_describe(struct lull *vm, struct operation *op, struct buf *out);
// Whether it goes on though nobody waits for it, from now on: a server may be told not to keep the program running.
void operation_set_effect(struct lull *vm, struct operation *op, bool is_effect);
// From deferred_wait and where it settles: holds the loop while it is active.
void operation_update(struct lull *vm, struct operation *op);
// Whether it keeps the program running.
bool operation_is_active(const struct operation *op);

// An IOError: message "FORMAT: system's text", .code the name of the errno. For natives: throw_errno.
Value error_from_errno(struct lull *vm, int error, const char *format, ...) PRINTF_LIKE(3, 4);
// An IOError with that message and the name of [error] as .code.
Value error_with_errno(struct lull *vm, int error, const char *format, ...) PRINTF_LIKE(3, 4);
// Likewise with a code of our own: "ENOTFOUND".
Value error_with_code(struct lull *vm, const char *code, const char *format, ...) PRINTF_LIKE(3, 4);
enum native_status throw_errno(struct call *c, int error, const char *format, ...) PRINTF_LIKE(3, 4);

// Suspends the native until [op] settles; entered again, c->value is its value (an error is thrown at the native's
// caller). For natives that are awaited by nature (next() of an iterator).
enum native_status operation_wait(struct call *c, struct deferred *d);

// Starts a task that calls [callee] on behalf of [tag]; what a callback of the loop uses to call the language. It is
// run before the loop waits again. NULL: no memory.
struct task *call_later(struct lull *vm, Value callee, const Value *args, u32 count, u64 tag);

#endif
