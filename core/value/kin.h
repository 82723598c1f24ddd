// Keys that are instances of classes with `hash` and `equals`: in which entry of a map or set is a key like this one?
// The entries themselves go by identity. A map that holds such keys has a second one, its kin: from a hash to the key
// that has it, or a list of them (never changed, only replaced), and from each key to its hash. So keys with the same
// hash are found without asking anyone, and vm/keys.c asks `equals` of them. Maps without such keys have none.
#ifndef LULL_VALUE_KIN_H
#define LULL_VALUE_KIN_H

#include "value/map.h"

// The keys of m with this hash: nil, one instance or a list of them. Some may be in the map no more.
Value kin_of(struct heap *heap, const struct map *m, u32 hash);
// Key number [at] of what kin_of gave, or UNSET.
Value kin_at(Value kin, u32 at);
// The hash under which m knows the key: false where it knows none.
bool kin_hash(struct heap *heap, const struct map *m, Value key, u32 *hash);
// The key is about to become one of m's. False: no memory.
bool kin_add(struct heap *heap, struct map *m, Value key, u32 hash);
void kin_forget(struct heap *heap, struct map *m, Value key);
// Puts an entry of [from] into [to], which has no key like it; what from knows of the key goes along. False: no
// memory.
bool kin_put(struct heap *heap, struct map *to, const struct map *from, Value key, Value value);

#endif
