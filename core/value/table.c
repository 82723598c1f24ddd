#include "value/table.h"

#include <string.h>

#define LINEAR_MAX 8  // entries searched one by one, without an index

static u32 pointer_hash(const void *pointer)
{
  u64 n = (u64)(uintptr_t)pointer >> 4;
  return (u32)(n * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

// Where the key is or would go: the index holds positions + 1, 0 where free.
static u32 probe(const struct table *t, const struct string *key)
{
  u32 mask = t->index_cap - 1, at = pointer_hash(key) & mask;
  while (t->index[at] && t->entries[t->index[at] - 1].key != key) at = (at + 1) & mask;
  return at;
}

Value *table_find(const struct table *t, const struct string *key)
{
  if (t->index_cap) {
    u32 position = t->index[probe(t, key)];
    return position ? &t->entries[position - 1].value : NULL;
  }
  for (u32 i = 0; i < t->count; i++) {
    if (t->entries[i].key == key) return &t->entries[i].value;
  }
  return NULL;
}

Value table_get(const struct table *t, const struct string *key)
{
  Value *value = table_find(t, key);
  return value ? *value : UNSET;
}

static void fill_index(struct table *t)
{
  memset(t->index, 0, t->index_cap * sizeof *t->index);
  for (u32 i = 0; i < t->count; i++) t->index[probe(t, t->entries[i].key)] = i + 1;
}

static bool make_index(struct heap *heap, struct table *t, u32 cap)
{
  u32 *index = heap_resize(heap, NULL, 0, cap * sizeof *index);
  if (!index) return false;
  heap_resize(heap, t->index, t->index_cap * sizeof *index, 0);
  t->index = index;
  t->index_cap = cap;
  fill_index(t);
  return true;
}

static bool grow(struct heap *heap, struct table *t)
{
  u32 cap = t->cap ? t->cap * 2 : 4;
  if (cap > LINEAR_MAX && t->index_cap < cap * 2 && !make_index(heap, t, cap * 2)) return false;
  struct table_entry *entries = heap_resize(heap, t->entries, t->cap * sizeof *entries, cap * sizeof *entries);
  if (!entries) return false;
  t->entries = entries;
  t->cap = cap;
  return true;
}

bool table_set(struct heap *heap, struct table *t, struct string *key, Value value)
{
  Value *known = table_find(t, key);
  if (known) {
    *known = value;
    return true;
  }
  if (t->count == t->cap && !grow(heap, t)) return false;
  if (t->index_cap) t->index[probe(t, key)] = t->count + 1;
  t->entries[t->count++] = (struct table_entry){ key, value };
  return true;
}

void table_remove(struct table *t, const struct string *key)
{
  u32 at = 0;
  while (at < t->count && t->entries[at].key != key) at++;
  if (at == t->count) return;
  t->count--;
  memmove(&t->entries[at], &t->entries[at + 1], (t->count - at) * sizeof *t->entries);
  if (t->index_cap) fill_index(t);
}

void table_mark(struct heap *heap, const struct table *t)
{
  for (u32 i = 0; i < t->count; i++) {
    heap_mark_object(heap, t->entries[i].key);
    heap_mark(heap, t->entries[i].value);
  }
}

void table_fini(struct heap *heap, struct table *t)
{
  heap_resize(heap, t->entries, t->cap * sizeof *t->entries, 0);
  heap_resize(heap, t->index, t->index_cap * sizeof *t->index, 0);
  *t = (struct table){ 0 };
}
