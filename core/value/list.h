// Lists: growing arrays of values.
#ifndef LULL_VALUE_LIST_H
#define LULL_VALUE_LIST_H

#include "value/heap.h"

#define LIST_MAX ((size_t)0x0FFFFFFF)

struct list {
  struct object object;
  u32 len, cap;
  Value *items;
};

void list_register(struct heap *heap);
struct list *list_new(struct heap *heap, u32 capacity);  // NULL without memory
// These return false when it would exceed LIST_MAX or memory (exhausted is set). Barriers inside.
// Who moves or stores items by hand needs heap_barrier(heap, l); a push, also in place at items[len++], is content
// with heap_barrier_value.
bool list_push(struct heap *heap, struct list *l, Value v);
bool list_insert(struct heap *heap, struct list *l, u32 at, Value v);
bool list_append(struct heap *heap, struct list *l, const Value *values, u32 count);  // values may be the list's own
bool list_reserve(struct heap *heap, struct list *l, u32 capacity);
void list_set(struct heap *heap, struct list *l, u32 at, Value v);
Value list_remove(struct list *l, u32 at);
void list_truncate(struct heap *heap, struct list *l, u32 len);
struct list *list_slice(struct heap *heap, const struct list *l, u32 from, u32 to);

#endif
