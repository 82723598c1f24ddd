// Sorting: stable, by the order of values, by keys, or by a comparing function; lists of numbers or of strings
// without a call per comparison.
#ifndef LULL_BUILTIN_SORT_H
#define LULL_BUILTIN_SORT_H

#include "builtin/walk.h"

bool sort_open_list(struct lull *vm, struct class *class);      // sort, sorted
bool sort_open_sequence(struct lull *vm, struct class *class);  // sorted
bool sort_open_global(struct lull *vm);                         // sorted(values)

// What is sorted: [count] values, the first of each [stride].
struct sort_subject {
  const Value *keys;
  u32 stride, count;
  bool is_reversed;
};

// The fast way (sort_ranks.c): appends to [out] those of [items] whose keys come first, second ...
enum sort_way {
  SORT_DONE,
  SORT_NOT,   // the keys are not all numbers, or not all strings: nothing was done
  SORT_FULL,  // no memory
};
enum sort_way sort_ranks(struct heap *heap, const struct sort_subject *s, const Value *items, struct list *out);

#endif
