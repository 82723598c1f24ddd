// Deferreds made from others: all, race, settle, then, catch, finally, timeout, and await of a collection.
#ifndef LULL_VM_AWAIT_H
#define LULL_VM_AWAIT_H

#include "vm/deferred.h"

enum gather_kind { GATHER_ALL, GATHER_RACE, GATHER_SETTLE };
enum link_kind { LINK_THEN, LINK_CATCH, LINK_FINALLY, LINK_TIMEOUT };

// object.flags of a KIND_DEFERRED says which it is.
enum { DEFERRED_PLAIN, DEFERRED_GATHER, DEFERRED_LINK, DEFERRED_LIMIT };

struct gather {
  struct deferred deferred;
  u8 kind;
  u32 left;                // not settled yet
  struct object *results;  // a list, or a map with the keys of the one that was given
};

struct link {
  struct deferred deferred;
  u8 kind;
  Value callback;
  struct deferred *of;     // finally: what it settles as; timeout: its timer
  struct deferred *source; // timeout: what it waits for
};

// At most [limit] of the functions run at once.
struct limited {
  struct deferred deferred;
  struct list *functions, *results;
  u32 next, running;
};

void await_mark(struct heap *heap, struct deferred *d);
// [xs]: a list or map of deferreds. NULL: thrown (something in it is no deferred, or no memory).
struct deferred *await_gather(struct lull *vm, enum gather_kind kind, Value xs);
struct deferred *await_collection(struct lull *vm, Value xs);  // all
struct deferred *await_limited(struct lull *vm, struct list *functions, u32 limit);
struct deferred *await_link(struct lull *vm, enum link_kind kind, struct deferred *of, Value callback);
// Settles as [of] does, or fails with a TimeoutError after [seconds].
struct deferred *await_timeout(struct lull *vm, struct deferred *of, double seconds);

#endif
