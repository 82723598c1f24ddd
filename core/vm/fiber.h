// Fibers: a stack of frames that can stop at an await and go on later. Every fiber belongs to a task or to the top
// level of a run, and carries its tag.
#ifndef LULL_VM_FIBER_H
#define LULL_VM_FIBER_H

#include "value/heap.h"

struct lull;
struct deferred;
struct proto;

#define FIBER_SLACK 4  // slots above every frame that need no check

enum fiber_state { FIBER_READY, FIBER_RUNNING, FIBER_WAITING, FIBER_DONE };

struct fiber {
  struct object object;
  Value *stack;
  u32 cap;      // slots
  u32 resume;   // waiting: byte offset from the base of the register the result goes to; UINT32_MAX: none (not begun)
  u64 *pc;      // not running: where it goes on
  Value *base;  // not running: its top frame (moves with the stack)
  u64 tag;
  u8 state;
  bool is_throwing;    // ready: [input] is thrown at the await instead of given
  bool is_cancel_due;  // cancel() came while it ran: its next await throws
  bool is_cancelled;   // cancel() was called once: the second one cuts clean-up short
  u32 traced;          // frames walked for traces so far, about
  u32 spawn_word;      // where it was started: word in spawn_proto
  struct proto *spawn_proto;
  Value input;              // ready: what the await gives
  struct deferred *result;  // settles with what the first frame returns or throws
  struct deferred *waits_for;
  struct fiber *spawner;  // running fiber that goes on when this one first waits
  struct fiber *parent;   // the fiber that started it, for the chain in reports (may be done)
  union {
    struct fiber *next;   // in the ready queue
    double since;         // waiting: when it began to
  };
  struct fiber *all;      // the next in the state's list of all
};

void fiber_register(struct heap *heap);
// A fiber that will call [callee] with the arguments. NULL without memory.
struct fiber *fiber_new(struct lull *vm, Value callee, const Value *args, u32 count, u64 tag);
// Makes room for [slots] above [base] + ... ; moves the stack. False: too deep (a LimitError has been thrown). base
// is updated in *base.
bool fiber_reserve(struct lull *vm, struct fiber *f, Value **base, size_t bytes);
// End of the live part of the stack (one past), for the collector.
Value *fiber_top(const struct fiber *f);
// Gives back what a deep recursion left of the stack. It may move.
void fiber_trim(struct lull *vm, struct fiber *f);

#endif
