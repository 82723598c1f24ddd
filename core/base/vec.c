#include "base/vec.h"

#include "base/check.h"

bool vec_grow(struct alloc *alloc, void **data, u32 *cap, u32 len, u32 more, size_t size)
{
  u64 want = (u64)len + more, next = *cap ? *cap : 8;
  while (next < want) next *= 2;
  size_t bytes;
  if (next > UINT32_MAX || !size_mul((size_t)next, size, &bytes)) return false;
  void *block = mem_resize(alloc, *data, (size_t)*cap * size, bytes);
  if (!block) return false;
  *data = block;
  *cap = (u32)next;
  return true;
}
