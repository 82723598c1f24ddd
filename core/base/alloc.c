#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "base/check.h"
#include "base/fault.h"

void alloc_tune(void)
{
#if defined(M_MXFAST)
  (void)mallopt(M_MXFAST, 0);
#endif
}

void alloc_init(struct alloc *a, size_t limit)
{
  *a = (struct alloc){ .limit = limit };
}

void alloc_fini(struct alloc *a)
{
  assert(a->used == 0);
  (void)a;
}

static bool is_refused(struct alloc *a, size_t more)
{
  bool is = fault_alloc() || more > a->limit || a->used > a->limit - more ||
            (a->is_refusing > 0 && a->limit < SIZE_MAX);
  a->refused += is;
  return is;
}

static void *no_memory(struct alloc *a)
{
  a->refused++;
  return NULL;
}

static void account(struct alloc *a, size_t old, size_t now)
{
  a->used += now - old;
  if (a->used > a->peak) a->peak = a->used;
}

#define HUGE_PAGE ((uintptr_t)2 << 20)

// Large blocks lie in huge pages where the system gives them on demand: filling one costs fewer faults, walking it fewer
// misses.
static void advise(const void *block, size_t size)
{
#ifdef MADV_HUGEPAGE
  uintptr_t start = ((uintptr_t)block + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
  uintptr_t end = ((uintptr_t)block + size) & ~(HUGE_PAGE - 1);
  if (size >= 8 * HUGE_PAGE) (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
#endif
}

void *mem_resize(struct alloc *a, void *ptr, size_t old, size_t now)
{
  if (now == 0) {
    mem_free(a, ptr, old);
    return NULL;
  }
  if (now > old && is_refused(a, now - old)) return NULL;
  void *block = realloc(ptr, now);
  if (!block) return no_memory(a);
  if (now > old) advise(block, now);
  account(a, old, now);
  return block;
}

void *mem_alloc(struct alloc *a, size_t size)
{
  return mem_resize(a, NULL, 0, size ? size : 1);
}

void *mem_alloc_zero(struct alloc *a, size_t size)
{
  if (is_refused(a, size)) return NULL;
  void *block = calloc(1, size ? size : 1);
  if (!block) return no_memory(a);
  account(a, 0, size ? size : 1);
  return block;
}

void mem_free(struct alloc *a, void *ptr, size_t size)
{
  if (!ptr) return;
  a->used -= size ? size : 1;
  free(ptr);
}
