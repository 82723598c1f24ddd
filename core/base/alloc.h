// The one allocator entry: every byte lull allocates comes through mem_resize, so that it is counted, limited and, in test builds, can fail on demand.
//
// Frees carry the size, so the count is exact. A failed call leaves the old block as it was and returns NULL; callers hand the failure on
// (a sticky flag in buf and vec, a LimitError in the language).
#ifndef LULL_BASE_ALLOC_H
#define LULL_BASE_ALLOC_H

#include <signal.h>

#include "base/types.h"

struct alloc {
  size_t used;   // bytes now allocated
  size_t peak;   // the most that ever was
  size_t limit;  // bytes that may be allocated; SIZE_MAX is none
  u64 refused;   // requests that failed, ever
  // Where there is a limit: nothing more is given for now, so that what computes comes to an end soon. May be set by
  // signal handlers, unless it is negative.
  volatile sig_atomic_t is_refusing;
};

// For a process that is lull's alone, at its start: keeps the system's allocator from putting the merging of what was freed
// off until some free has to do all of it, which stops the program for milliseconds.
void alloc_tune(void);
// [limit]: bytes, SIZE_MAX for none.
void alloc_init(struct alloc *a, size_t limit);
// Checks that everything was given back, in builds with assertions.
void alloc_fini(struct alloc *a);

// Grows, shrinks, makes (ptr NULL, old 0) or frees (now 0, returns NULL) a block. New bytes are not cleared. NULL on failure; the block stays then.
void *mem_resize(struct alloc *a, void *ptr, size_t old, size_t now) MUST_USE;
// As mem_resize for a new block; _zero clears it.
void *mem_alloc(struct alloc *a, size_t size) MUST_USE;
void *mem_alloc_zero(struct alloc *a, size_t size) MUST_USE;
void mem_free(struct alloc *a, void *ptr, size_t size);

#endif
