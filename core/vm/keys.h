// Keys of maps and elements of sets that are instances: where their class has `hash` and `equals`, keys that are alike
// are one, and the program has to be asked which key of a map is meant. One native does so for everybody, a step
// machine like any: it calls hash() of the key, then equals() of the key with each key of the map that has this hash.
// What it finds is used by identity (map.h); what the map knows of hashes is in value/kin.h. All other keys mean
// themselves, and cost no more than the question whether they are instances.
//
// hash() gives an int, a string or another plain key, or a list of such.
#ifndef LULL_VM_KEYS_H
#define LULL_VM_KEYS_H

#include "vm/step.h"

bool keys_open(struct lull *vm);
// Has the class of this instance a hash of its own?
bool key_has_hash(struct lull *vm, Value key);
static inline bool key_is_asked(struct lull *vm, Value key)
{
  return UNLIKELY(IS_INSTANCE(key)) && key_has_hash(vm, key);
}
// The hash of a plain key, or of a list of plain keys; false for others.
bool key_plain_hash(struct heap *heap, Value v, u32 *hash);

// For natives. Which key of m is meant by [given]? NATIVE_OK: *key. Else return the status; entered again, ask again.
// [is_put]: the key is to be put into m next. Only for natives that make no other call before.
enum native_status key_find(struct call *c, struct map *m, Value given, bool is_put, Value *key);
// Calls for it: c->value will be the key.
enum native_status key_ask(struct call *c, struct map *m, Value given, bool is_put);
// Puts all of [from] into a map: the entries of a map, or of a list key, value, key, value ...; into a set: the elements
// of a set or list. NATIVE_OK: done. NATIVE_CALL: done when the native is entered again.
enum native_status keys_put(struct call *c, struct map *to, Value from);
// Calls for a list of the keys of m that are meant by those of [list]: c->value will be it.
enum native_status keys_ask(struct call *c, struct map *m, struct list *list);

// For the instruction at [at]: call_finish will be given the key.
enum vm_step key_step(struct lull *vm, struct fiber *f, u64 *at, struct map *m, Value key, bool is_put);
// Puts all of [from] into m, as keys_put does; then R[a] of the instruction is m.
enum vm_step keys_step(struct lull *vm, struct fiber *f, struct map *m, Value from);

#endif
