#include "value/map.h"

#include <string.h>

#include "value/bytes.h"
#include "value/hash.h"
#include "value/kin.h"
#include "value/number.h"
#include "value/string.h"

#define LINEAR_MAX 8  // entries searched one by one, without an index
#define MARK_CHUNK 2048
#define PREFETCH_AHEAD 4

// An index slot holds an entry's position + 1 in its low 27 bits (0: free) and five bits of the key's hash above,
// which spare most looks at other keys. Slots of removed entries stay until the index is made anew.
#define POSITION_BITS 27
#define POSITION_MASK (((u32)1 << POSITION_BITS) - 1)
_Static_assert(MAP_MAX <= POSITION_MASK, "positions fit the index");

static void mark_entry(struct heap *heap, const struct map_entry *e)
{
  heap_mark(heap, e->key);
  heap_mark(heap, e->value);
}

// Downwards: compaction moves entries to lower places.
static u32 map_mark_part(struct heap *heap, struct object *o, u32 at)
{
  struct map *m = (struct map *)o;
  if (at > m->used) at = m->used;
  heap_mark_object(heap, m->kin);
  u32 until = at > MARK_CHUNK ? at - MARK_CHUNK : 0;
  while (at > until) {
    at--;
    if (at >= PREFETCH_AHEAD) {
      const struct map_entry *ahead = &m->entries[at - PREFETCH_AHEAD];
      if (is_object(ahead->key)) __builtin_prefetch(as_object(ahead->key), 1);
      if (is_object(ahead->value)) __builtin_prefetch(as_object(ahead->value), 1);
    }
    mark_entry(heap, &m->entries[at]);
  }
  return at;
}

static void map_free(struct heap *heap, struct map *m)
{
  heap_resize(heap, m->entries, m->cap * sizeof *m->entries, 0);
  heap_resize(heap, m->index, m->index_cap * sizeof *m->index, 0);
  m->entries = NULL;
  m->index = NULL;
  m->cap = m->index_cap = 0;
}

static void map_finish(struct heap *heap, struct object *o)
{
  map_free(heap, (struct map *)o);
}

void map_register(struct heap *heap)
{
  heap_register(heap, KIND_MAP, (struct heap_kind){ .name = "map", .mark_part = map_mark_part, .finish = map_finish });
  heap_register(heap, KIND_SET, (struct heap_kind){ .name = "set", .mark_part = map_mark_part, .finish = map_finish });
}

bool map_is_key(Value key)
{
  if (key.tag != TAG_OBJECT) return key.tag == TAG_INT || key.tag == TAG_FLOAT || is_bool(key);
  u8 kind = as_object(key)->kind;
  return kind != KIND_LIST && kind != KIND_MAP && kind != KIND_SET && kind != KIND_RANGE;
}

static u32 object_hash(struct heap *heap, struct object *o)
{
  switch (o->kind) {
  case KIND_STRING: return string_hash(heap, (struct string *)o);
  case KIND_BYTES: return bytes_hash(heap, (struct bytes *)o);
  case KIND_BIGINT: return number_hash(heap, value_object(o));
  default: {
    u64 (*ask)(const struct object *o) = heap->kinds[o->kind].hash;
    return hash_narrow(hash_word(heap->seed, ask ? ask(o) : (u64)(uintptr_t)o));
  }
  }
}

u32 value_hash(struct heap *heap, Value v)
{
  if (is_object(v)) return object_hash(heap, as_object(v));
  if (is_int(v) || is_float(v)) return number_hash(heap, v);
  return hash_narrow(hash_word(heap->seed, v.tag));
}

// Ints and text, the most common keys, without a call where the hash is at hand.
static inline u32 key_hash(struct heap *heap, Value key)
{
  if (is_int(key)) return hash_narrow(hash_word(heap->seed, key.bits));
  if (IS_STRING(key) && AS_STRING(key)->hash) return AS_STRING(key)->hash;
  return value_hash(heap, key);
}

static bool objects_equal(struct heap *heap, struct object *a, struct object *b)
{
  if (a->kind != b->kind) return false;
  switch (a->kind) {
  case KIND_STRING:
    if (a->flags & b->flags & STRING_INTERNED) return false;  // they would be one
    return string_equal(heap, (struct string *)a, (struct string *)b);
  case KIND_BYTES: return bytes_equal((struct bytes *)a, (struct bytes *)b);
  case KIND_BIGINT: return number_compare(heap, value_object(a), value_object(b)) == 0;
  default: {
    int order;
    return heap_order(heap, a, b, &order) && order == 0;
  }
  }
}

// Keys that are not the same word.
static bool keys_equal(struct heap *heap, Value a, Value b)
{
  if (is_object(a) && is_object(b)) return objects_equal(heap, as_object(a), as_object(b));
  if (is_int(a) && is_int(b)) return false;
  return is_number(a) && is_number(b) && number_compare(heap, a, b) == 0;
}

static bool is_key_at(struct heap *heap, const struct map *m, u32 position, Value key)
{
  Value known = m->entries[position].key;
  return is_same(known, key) || keys_equal(heap, known, key);
}

static NOINLINE i64 find_linear(struct heap *heap, const struct map *m, Value key)
{
  for (u32 i = m->first; i < m->used; i++) {
    if (is_same(m->entries[i].key, key)) return i;
  }
  for (u32 i = m->first; i < m->used; i++) {
    if (keys_equal(heap, m->entries[i].key, key)) return i;
  }
  return -1;
}

static NOINLINE i64 find_hashed(struct heap *heap, const struct map *m, Value key, u32 hash)
{
  u32 mask = m->index_cap - 1, tag = hash & ~POSITION_MASK;
  for (u32 at = hash & mask;; at = (at + 1) & mask) {
    u32 slot = m->index[at];
    if (!slot) return -1;
    if ((slot & ~POSITION_MASK) == tag && is_key_at(heap, m, (slot & POSITION_MASK) - 1, key))
      return (slot & POSITION_MASK) - 1;
  }
}

i64 map_find(struct heap *heap, struct map *m, Value key)
{
  if (!m->index_cap) return find_linear(heap, m, key);
  u32 hash = key_hash(heap, key), slot = m->index[hash & (m->index_cap - 1)];
  if (!slot) return -1;
  // Nearly always the first place is the right one, and its key the same word.
  u32 position = (slot & POSITION_MASK) - 1;
  if ((slot ^ hash) <= POSITION_MASK && is_same(m->entries[position].key, key)) return position;
  return find_hashed(heap, m, key, hash);
}

Value map_get(struct heap *heap, struct map *m, Value key)
{
  i64 at = map_find(heap, m, key);
  return at < 0 ? UNSET : m->entries[at].value;
}

static void index_add(struct map *m, u32 hash, u32 position)
{
  u32 mask = m->index_cap - 1, at = hash & mask;
  while (m->index[at]) at = (at + 1) & mask;
  m->index[at] = (hash & ~POSITION_MASK) | (position + 1);
}

static void index_fill(struct heap *heap, struct map *m)
{
  memset(m->index, 0, m->index_cap * sizeof *m->index);
  for (u32 i = 0; i < m->used; i++) {
    if (!is_unset(m->entries[i].key)) index_add(m, key_hash(heap, m->entries[i].key), i);
  }
}

// Moves the live entries together, in their order.
static void compact(struct heap *heap, struct map *m)
{
  u32 to = 0;
  for (u32 from = m->first; from < m->used; from++) {
    if (!is_unset(m->entries[from].key)) m->entries[to++] = m->entries[from];
  }
  m->used = to;
  m->first = 0;
  if (m->index_cap) index_fill(heap, m);
}

static u32 index_size(u32 cap)
{
  if (cap <= LINEAR_MAX) return 0;
  u32 size = 32;
  while (size / 2 < cap) size *= 2;
  return size;
}

// Room for [cap] entries. The index first: when the entries find no memory a larger index does no harm.
static bool set_capacity(struct heap *heap, struct map *m, u32 cap)
{
  u32 size = index_size(cap);
  if (size > m->index_cap) {
    u32 *index = heap_resize(heap, NULL, 0, size * sizeof *index);
    if (!index) return false;
    heap_resize(heap, m->index, m->index_cap * sizeof *index, 0);
    m->index = index;
    m->index_cap = size;
    index_fill(heap, m);
  }
  struct map_entry *entries = heap_resize(heap, m->entries, m->cap * sizeof *entries, cap * sizeof *entries);
  if (!entries) return false;
  m->entries = entries;
  m->cap = cap;
  return true;
}

static bool make_room(struct heap *heap, struct map *m)
{
  if (m->used < m->cap) return true;
  if (m->count < m->used - m->used / 4) {
    compact(heap, m);
    return true;
  }
  if (m->cap >= MAP_MAX) return false;
  u32 cap = m->cap ? m->cap * 2 : 4;
  return set_capacity(heap, m, cap > MAP_MAX ? MAP_MAX : cap);
}

static bool add_entry(struct heap *heap, struct map *m, Value key, Value value)
{
  if (!make_room(heap, m)) return false;
  if (m->index_cap) index_add(m, key_hash(heap, key), m->used);
  m->entries[m->used++] = (struct map_entry){ key, value };
  m->count++;
  m->version++;
  heap_barrier_value(heap, m, key);
  return true;
}

bool map_set(struct heap *heap, struct map *m, Value key, Value value)
{
  i64 at = map_find(heap, m, key);
  if (at >= 0) m->entries[at].value = value;
  else if (!add_entry(heap, m, key, value)) return false;
  heap_barrier_value(heap, m, value);
  return true;
}

// Gives memory back where few entries are left of many; the map works on as it is when that finds none.
static void shrink(struct heap *heap, struct map *m)
{
  if (m->used - m->count <= m->used / 2 || m->used <= 16) return;
  compact(heap, m);
  if (m->count > m->cap / 8) return;
  u32 cap = m->count * 2 > LINEAR_MAX * 2 ? m->count * 2 : LINEAR_MAX * 2, size = index_size(cap);
  u32 *index = heap_resize(heap, NULL, 0, size * sizeof *index);
  if (!index) return;
  heap_resize(heap, m->index, m->index_cap * sizeof *index, 0);
  m->index = index;
  m->index_cap = size;
  index_fill(heap, m);
  set_capacity(heap, m, cap);
}

Value map_remove(struct heap *heap, struct map *m, Value key)
{
  i64 at = map_find(heap, m, key);
  if (at < 0) return UNSET;
  Value value = m->entries[at].value;
  m->entries[at] = (struct map_entry){ UNSET, NIL };
  m->count--;
  m->version++;
  if (UNLIKELY(m->kin)) kin_forget(heap, m, key);
  while (m->first < m->used && is_unset(m->entries[m->first].key)) m->first++;
  shrink(heap, m);
  return value;
}

void map_clear(struct heap *heap, struct map *m)
{
  map_free(heap, m);
  m->kin = NULL;
  m->count = m->used = m->first = 0;
  m->version++;
}

static struct map *map_of(struct heap *heap, enum object_kind kind, u32 capacity)
{
  struct map *m = heap_try_new(heap, kind, sizeof *m);
  if (!m || capacity > MAP_MAX || (capacity && !set_capacity(heap, m, capacity))) return NULL;
  return m;
}

struct map *map_new(struct heap *heap, u32 capacity)
{
  return map_of(heap, KIND_MAP, capacity);
}

struct map *set_new(struct heap *heap, u32 capacity)
{
  return map_of(heap, KIND_SET, capacity);
}

struct map *map_copy(struct heap *heap, const struct map *m)
{
  struct map *copy = map_of(heap, m->object.kind, m->count);
  if (!copy) return NULL;
  for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1)) {
    if (heap_must_stop_at(heap, copy->used)) return NULL;
    copy->entries[copy->used++] = m->entries[i];
  }
  copy->count = copy->used;
  if (copy->index_cap) index_fill(heap, copy);
  if (m->kin && !(copy->kin = map_copy(heap, m->kin))) return NULL;  // kin have no kin
  return copy;
}

u32 map_next(const struct map *m, u32 from)
{
  if (from < m->first) from = m->first;
  while (from < m->used && is_unset(m->entries[from].key)) from++;
  return from;
}
