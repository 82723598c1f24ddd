// Checks of our own mistakes. A script's mistakes never come here: they are errors it can catch.
#ifndef LULL_BASE_CHECK_H
#define LULL_BASE_CHECK_H

#include <assert.h>

#include "base/types.h"

// Says what is broken and aborts. For states that cannot happen unless lull itself is wrong.
_Noreturn void bug(const char *format, ...) PRINTF_LIKE(1, 2) COLD;

#define CHECK(condition) \
  do { \
    if (UNLIKELY(!(condition))) bug("%s:%d: %s", __FILE__, __LINE__, #condition); \
  } while (0)

// Sums and products of sizes that tell of overflow instead of wrapping.
static inline bool size_add(u64 a, u64 b, size_t *sum) { return !__builtin_add_overflow(a, b, sum); }
static inline bool size_mul(u64 a, u64 b, size_t *product) { return !__builtin_mul_overflow(a, b, product); }

#endif
