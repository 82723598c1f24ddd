#include "value/list.h"

#include <string.h>

#define MARK_CHUNK 4096
#define PREFETCH_AHEAD 8

// From the end downwards: items that list_remove moves meanwhile are met all the same.
static u32 list_mark_part(struct heap *heap, struct object *o, u32 at)
{
  struct list *l = (struct list *)o;
  if (at > l->len) at = l->len;
  u32 until = at > MARK_CHUNK ? at - MARK_CHUNK : 0;
  while (at > until) {
    at--;
    if (at >= PREFETCH_AHEAD && is_object(l->items[at - PREFETCH_AHEAD]))
      __builtin_prefetch(as_object(l->items[at - PREFETCH_AHEAD]), 1);
    heap_mark(heap, l->items[at]);
  }
  return at;
}

static void list_finish(struct heap *heap, struct object *o)
{
  struct list *l = (struct list *)o;
  heap_resize(heap, l->items, l->cap * sizeof *l->items, 0);
}

void list_register(struct heap *heap)
{
  heap_register(heap, KIND_LIST,
                (struct heap_kind){ .name = "list", .mark_part = list_mark_part, .finish = list_finish });
}

static bool set_capacity(struct heap *heap, struct list *l, u32 capacity)
{
  Value *items = heap_resize(heap, l->items, l->cap * sizeof *items, capacity * sizeof *items);
  if (!items && capacity) return false;
  l->items = items;
  l->cap = capacity;
  return true;
}

struct list *list_new(struct heap *heap, u32 capacity)
{
  struct list *l = heap_try_new(heap, KIND_LIST, sizeof *l);
  return l && list_reserve(heap, l, capacity) ? l : NULL;
}

bool list_reserve(struct heap *heap, struct list *l, u32 capacity)
{
  if (capacity <= l->cap) return true;
  return capacity <= LIST_MAX && set_capacity(heap, l, capacity);
}

// Room for [more] behind len, by half as much again at least.
static bool make_room(struct heap *heap, struct list *l, u32 more)
{
  if (more <= l->cap - l->len) return true;
  if (more > LIST_MAX - l->len) return false;
  u32 want = l->len + more, grown = l->cap + l->cap / 2;
  if (grown < 4) grown = 4;
  if (grown > LIST_MAX) grown = LIST_MAX;
  return set_capacity(heap, l, want > grown ? want : grown);
}

bool list_push(struct heap *heap, struct list *l, Value v)
{
  if (UNLIKELY(heap->exhausted)) return false;  // [v] was made beyond the limit: many more must not be
  if (l->len == l->cap && !make_room(heap, l, 1)) return false;
  l->items[l->len++] = v;
  heap_barrier_value(heap, l, v);
  return true;
}

bool list_insert(struct heap *heap, struct list *l, u32 at, Value v)
{
  if (at == l->len) return list_push(heap, l, v);
  if (!make_room(heap, l, 1)) return false;
  memmove(&l->items[at + 1], &l->items[at], (l->len - at) * sizeof v);
  l->items[at] = v;
  l->len++;
  heap_barrier(heap, l);
  return true;
}

bool list_append(struct heap *heap, struct list *l, const Value *values, u32 count)
{
  if (count == 0) return true;  // there may be no items yet
  bool is_own = l->len && values >= l->items && values < l->items + l->len;
  size_t offset = is_own ? (size_t)(values - l->items) : 0;
  if (!make_room(heap, l, count)) return false;
  if (is_own) values = l->items + offset;
  if (!heap_copy(heap, &l->items[l->len], values, count * sizeof *values)) return false;
  l->len += count;
  heap_barrier(heap, l);
  return true;
}

void list_set(struct heap *heap, struct list *l, u32 at, Value v)
{
  l->items[at] = v;
  heap_barrier_value(heap, l, v);
}

Value list_remove(struct list *l, u32 at)
{
  Value v = l->items[at];
  l->len--;
  memmove(&l->items[at], &l->items[at + 1], (l->len - at) * sizeof v);
  return v;
}

void list_truncate(struct heap *heap, struct list *l, u32 len)
{
  if (len < l->len) l->len = len;
  if (l->cap > 16 && l->len < l->cap / 4) set_capacity(heap, l, l->len);
}

struct list *list_slice(struct heap *heap, const struct list *l, u32 from, u32 to)
{
  struct list *slice = list_new(heap, to - from);
  if (!slice || from == to) return slice;  // there may be no items
  if (!heap_copy(heap, slice->items, l->items + from, (to - from) * sizeof *slice->items)) return NULL;
  slice->len = to - from;
  return slice;
}
