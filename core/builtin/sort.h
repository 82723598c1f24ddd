// Sorting: stable, by the order of values, by keys, or by a comparing function; lists of numbers or of strings
// without a call per comparison.
#ifndef LULL_BUILTIN_SORT_H
#define LULL_BUILTIN_SORT_H

#include "builtin/walk.h"

bool sort_open_list(struct lull *vm, struct class *class);      // sort, sorted
bool sort_open_sequence(struct lull *vm, struct class *class);  // sorted
bool sort_open_global(struct lull *vm);                         // sorted(values)

// The fast way (sort_ranks.c): puts the items in the order of their [keys], one each, which may be the items themselves.
enum sort_way {
  SORT_DONE,
  SORT_NOT,   // the keys are not all numbers, or not all strings: nothing was done
  SORT_FULL,  // no memory, or it is to stop
};
enum sort_way sort_ranks(struct heap *heap, const Value *keys, struct list *items, bool is_reversed);

#endif
