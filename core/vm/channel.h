// Channels: a queue of up to [capacity] values between tasks. send and recv give deferreds; capacity 0 hands over
// directly.
#ifndef LULL_VM_CHANNEL_H
#define LULL_VM_CHANNEL_H

#include "vm/deferred.h"

// A ring of values.
struct ring {
  Value *items;
  u32 head, len, cap;
};

struct channel {
  struct object object;
  u32 capacity;
  bool is_closed;
  struct ring values;     // sent and not received yet
  struct ring senders;    // waiting: pairs of value and deferred
  struct ring receivers;  // waiting deferreds
};

void channel_register(struct heap *heap);
struct channel *channel_new(struct lull *vm, u32 capacity);
// Settled with nil once the value is taken or has a place. NULL: thrown (closed, or no memory).
struct deferred *channel_send(struct lull *vm, struct channel *c, Value v);
// Settles with the next value, or `done` once the channel is closed and drained. NULL: no memory.
struct deferred *channel_recv(struct lull *vm, struct channel *c);
// The next value at once, or `done`; UNSET where it has to be waited for.
Value channel_take(struct lull *vm, struct channel *c);
void channel_close(struct lull *vm, struct channel *c);

#endif
