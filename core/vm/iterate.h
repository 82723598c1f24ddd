// What can be looped over, for loops and for natives that walk (builtin/walk.h): lists, ranges, maps, sets, strings and
// bytes by position, channels by waiting, and what has a method `iterate`, which gives one of these or what has `next`.
#ifndef LULL_VM_ITERATE_H
#define LULL_VM_ITERATE_H

#include "vm/state.h"

// By position, without asking the language.
static inline bool iterate_is_plain(Value v)
{
  return IS_LIST(v) || IS_RANGE(v) || IS_MAP(v) || IS_SET(v) || IS_STRING(v) || IS_BYTES(v);
}
// The method `iterate` of [x], which is neither plain nor a channel. UNSET: it has none, a TypeError is thrown.
Value iterate_method(struct lull *vm, Value x);
// The method `next` of what `iterate` gave. UNSET: it has none, a TypeError is thrown.
Value iterate_next_method(struct lull *vm, Value x);

#endif
