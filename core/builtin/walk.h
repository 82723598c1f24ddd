// Walking, in a native, over anything that can be looped over: lists, ranges, maps (their keys), sets, strings,
// bytes, channels, and what has iterate() and next().
//
// A walk keeps its state in WALK_LOCALS locals of the native, from [w] on. Where it must call the language, the
// native returns NATIVE_CALL; entered again it calls walk_next again, which takes what was given. A native with
// calls of its own asks walk_is_waiting first, to know whose answer c->value is.
#ifndef LULL_BUILTIN_WALK_H
#define LULL_BUILTIN_WALK_H

#include "builtin/reply.h"

#define WALK_LOCALS 2
#define GATHER_LOCALS 3

enum walk_status {
  WALK_ITEM,
  WALK_END,
  WALK_CALL,   // return NATIVE_CALL
  WALK_THROW,  // return NATIVE_THROW
};

// False: [source] cannot be looped over, and a TypeError has been thrown.
bool walk_start(struct call *c, u32 w, Value source);
enum walk_status walk_next_slow(struct call *c, u32 w, Value item[2]);
// The next element as item[0]; of maps the key, and its value as item[1]. [item] may be locals of the native.
static inline enum walk_status walk_next(struct call *c, u32 w, Value item[2])
{
  Value *walk = &c->locals[w];
  if (!IS_LIST(walk[0])) return walk_next_slow(c, w, item);
  const struct list *list = AS_LIST(walk[0]);
  if (walk[1].bits >= list->len) return WALK_END;
  if (native_must_stop_at(c, walk[1].bits)) return WALK_THROW;
  item[0] = list->items[walk[1].bits++];
  item[1] = NIL;
  return WALK_ITEM;
}
bool walk_is_waiting_slow(struct call *c, u32 w);
static inline bool walk_is_waiting(struct call *c, u32 w)
{
  return !IS_LIST(c->locals[w]) && walk_is_waiting_slow(c, w);
}
// How many elements are to be expected, at most: for making room. 0 where that is unknown.
u32 walk_room(Value source);

// All elements as a list: the list itself where source is one, so it is only to be read. To be called, from its
// first entry on, until it gives WALK_END; after that it gives the list again. Uses GATHER_LOCALS locals.
enum walk_status walk_gather(struct call *c, u32 w, Value source, struct list **list);

// The elements of argument 1 as a list in which those that are like a key of m are that key (vm/keys.h). NATIVE_OK: in
// this entry and all later ones. Else return the status. Uses KEYS_LOCALS locals.
#define KEYS_LOCALS (GATHER_LOCALS + 1)
enum native_status keys_gather(struct call *c, u32 w, struct map *m, struct list **list);

static inline enum native_status walk_leave(enum walk_status s) { return s == WALK_CALL ? NATIVE_CALL : NATIVE_THROW; }

#endif
