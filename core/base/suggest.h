// "Did you mean": finds, among the names that are offered, the one most like a misspelt one. Distance: Damerau's with
// adjacent transpositions (optimal string alignment), over bytes.
#ifndef LULL_BASE_SUGGEST_H
#define LULL_BASE_SUGGEST_H

#include "base/types.h"

#define SUGGEST_MAX 48  // longer names are neither looked for nor offered

struct suggest {
  char wanted[SUGGEST_MAX + 1], best[SUGGEST_MAX + 1];
  u32 wanted_len, distance;
};

void suggest_init(struct suggest *s, const char *wanted, size_t len);
void suggest_offer(struct suggest *s, const char *name, size_t len);
// The best one, if it is near enough to be meant; else NULL.
const char *suggest_best(const struct suggest *s);

#endif
