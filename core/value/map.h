// Maps (and sets): insertion-ordered entries and a hashed index of them. Keys are nil-free hashables: string, int
// (bigints too), float, bool, bytes; instances, classes, functions and other objects by identity: who is given a key
// by the program asks vm/keys.h first which of its likes the map has. Keys that are == are one key (1 and 1.0).
// Hashes are seeded per state. Nothing may keep a pointer to an entry across an insertion. Walk by position:
// for (u32 i = 0; i < m->used; i++) if (!is_unset(m->entries[i].key)) ...
#ifndef LULL_VALUE_MAP_H
#define LULL_VALUE_MAP_H

#include "value/heap.h"

#define MAP_MAX ((size_t)0x07FFFFFF)

struct map_entry {
  Value key;  // UNSET: removed
  Value value;
};

struct map {
  struct object object;  // KIND_MAP, or KIND_SET (values are then nil)
  u32 count;             // live entries
  u32 used;              // entries in use, removed ones included
  u32 cap;               // of entries
  u32 index_cap;         // a power of two, 0 while small maps are searched linearly
  struct map_entry *entries;
  u32 *index;
  u32 first;    // no live entry lies before it
  u32 version;  // changes whenever keys come or go: iteration checks it
  struct map *kin;  // value/kin.h: of keys that are instances with a hash of their own; NULL without such
};

void map_register(struct heap *heap);
struct map *map_new(struct heap *heap, u32 capacity);  // NULL without memory
struct map *set_new(struct heap *heap, u32 capacity);
// Can the value be a key? nil, lists, maps and sets cannot.
bool map_is_key(Value key);
// The value, or UNSET where there is none. The key must be a key.
Value map_get(struct heap *heap, struct map *m, Value key);
// Position of the key among the entries, or -1; for index-hint caches.
i64 map_find(struct heap *heap, struct map *m, Value key);
bool map_set(struct heap *heap, struct map *m, Value key,
             Value value);                                      // false: no memory or over MAP_MAX. Barrier inside.
Value map_remove(struct heap *heap, struct map *m, Value key);  // the removed value, or UNSET
void map_clear(struct heap *heap, struct map *m);
struct map *map_copy(struct heap *heap, const struct map *m);
// Position of the first live entry at or after [from]; used if there is none.
u32 map_next(const struct map *m, u32 from);
// The hash behind it, equal for values that are equal as keys.
u32 value_hash(struct heap *heap, Value v);

#endif
