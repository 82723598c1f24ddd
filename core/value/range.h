// Ranges of ints: from (included) to (excluded) by step. Descending ranges with a positive step are empty.
#ifndef LULL_VALUE_RANGE_H
#define LULL_VALUE_RANGE_H

#include "value/heap.h"

struct range {
  struct object object;  // flags: RANGE_INCLUSIVE as written
  i64 from, to, step;    // to is excluded unless inclusive; step != 0
};
enum { RANGE_INCLUSIVE = 1 };

struct range *range_new(struct heap *heap, i64 from, i64 to, i64 step, bool is_inclusive);
u64 range_len(const struct range *r);            // one short for all int64 by step 1, inclusive
i64 range_at(const struct range *r, u64 index);  // index < range_len
bool range_find(const struct range *r, Value v, u64 *at);  // where [v] is in it (2.0 is where 2 is), or false

#endif
