// The table of names: open addressing, at most half full. It holds its strings weakly.
#include <string.h>

#include "value/hash.h"
#include "value/string.h"

#define CAP_MIN 64

static bool is_text(const struct string *s, u32 hash, const char *bytes, size_t len)
{
  return s->hash == hash && s->len == len && memcmp(string_text(s), bytes, len) == 0;
}

static struct string *find(const struct intern *names, u32 hash, const char *bytes, size_t len)
{
  u32 mask = names->cap - 1;
  if (names->cap == 0) return NULL;
  for (u32 at = hash & mask; names->slots[at]; at = (at + 1) & mask) {
    if (is_text(names->slots[at], hash, bytes, len)) return names->slots[at];
  }
  return NULL;
}

static u32 find_free(struct string **slots, u32 cap, u32 hash)
{
  u32 at = hash & (cap - 1);
  while (slots[at]) at = (at + 1) & (cap - 1);
  return at;
}

static bool grow(struct heap *heap, struct intern *names)
{
  u32 cap = names->cap ? names->cap * 2 : CAP_MIN;
  struct string **slots = cap <= UINT32_MAX / 2 ? mem_alloc_zero(heap->alloc, cap * sizeof *slots) : NULL;
  if (!slots) return false;
  for (u32 i = 0; i < names->cap; i++) {
    struct string *s = names->slots[i];
    if (s) slots[find_free(slots, cap, s->hash)] = s;
  }
  mem_free(heap->alloc, names->slots, names->cap * sizeof *slots);
  names->slots = slots;
  names->cap = cap;
  return true;
}

// Without memory the table fills beyond its half, up to one free slot, where searches end.
static bool make_room(struct heap *heap, struct intern *names)
{
  if (names->count < names->cap / 2 || grow(heap, names) || names->count + 1 < names->cap) return true;
  heap->exhausted = true;
  return false;
}

struct string *string_intern(struct heap *heap, struct intern *names, const char *bytes, size_t len)
{
  u32 hash = hash_narrow(hash_bytes(heap->seed, bytes, len));
  struct string *s = find(names, hash, bytes, len);
  if (s || !make_room(heap, names)) return s;
  s = string_new(heap, bytes, len);
  if (!s) return NULL;
  s->hash = hash;
  s->object.flags |= STRING_INTERNED;
  names->slots[find_free(names->slots, names->cap, hash)] = s;
  names->count++;
  return s;
}

// Empties slot [at] and moves up what could not be found across the gap.
static void remove_slot(struct intern *names, u32 at)
{
  u32 mask = names->cap - 1;
  for (u32 next = (at + 1) & mask; names->slots[next]; next = (next + 1) & mask) {
    u32 home = names->slots[next]->hash & mask;
    if (((next - home) & mask) < ((next - at) & mask)) continue;
    names->slots[at] = names->slots[next];
    at = next;
  }
  names->slots[at] = NULL;
  names->count--;
}

void intern_sweep(struct heap *heap, struct intern *names)
{
  (void)heap;
  // What moves up into slot i is looked at again; what wraps around from the front has been looked at.
  for (u32 i = 0; i < names->cap;) {
    if (names->slots[i] && !heap_survives(&names->slots[i]->object)) remove_slot(names, i);
    else i++;
  }
}

void intern_fini(struct heap *heap, struct intern *names)
{
  mem_free(heap->alloc, names->slots, names->cap * sizeof *names->slots);
  *names = (struct intern){ 0 };
}
