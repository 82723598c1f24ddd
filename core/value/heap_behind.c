// Memory behind objects: items, entries, text. Small blocks of dead objects are kept and given to new ones, so
// that short-lived lists and maps cost no round trip through the system's allocator.
#include "value/heap_block.h"

#define SPARE_TOTAL ((size_t)2 << 20)

struct spare {
  struct spare *next;
};

// Sanitizers and fault builds want to see every block come and go.
#if defined(__SANITIZE_ADDRESS__) || defined(LULL_FAULTS) || defined(LULL_GC_STRESS)
#define IS_SPARING false
#else
#define IS_SPARING true
#endif

static bool fits_spare(size_t size)
{
  return IS_SPARING && size && size <= HEAP_SPARE_MAX && size % HEAP_CELL_STEP == 0;
}

static void *spare_take(struct heap *heap, size_t size)
{
  struct spare *block = heap->spare[size / HEAP_CELL_STEP];
  if (!block) return NULL;
  heap->spare[size / HEAP_CELL_STEP] = block->next;
  heap->spare_bytes -= size;
  return block;
}

static bool spare_put(struct heap *heap, void *ptr, size_t size)
{
  if (heap->is_over || !fits_spare(size) || heap->spare_bytes + size > SPARE_TOTAL) return false;
  struct spare *block = ptr;
  block->next = heap->spare[size / HEAP_CELL_STEP];
  heap->spare[size / HEAP_CELL_STEP] = block;
  heap->spare_bytes += size;
  return true;
}

void heap_drop_spare(struct heap *heap)
{
  for (size_t size = HEAP_CELL_STEP; size <= HEAP_SPARE_MAX; size += HEAP_CELL_STEP) {
    void *block;
    while ((block = spare_take(heap, size))) mem_free(heap->alloc, block, size);
  }
}

// As mem_resize; when that is refused, what is dead or spare goes first.
static void *resize(struct heap *heap, void *ptr, size_t old, size_t now)
{
  void *block = mem_resize(heap->alloc, ptr, old, now);
  if (block) return block;
  if (heap->phase == HEAP_SWEEPING) heap_sweep_all(heap);
  heap_drop_spare(heap);
  heap_drop_empty(heap, 0);
  block = mem_resize(heap->alloc, ptr, old, now);
  if (!block) heap_exhaust(heap);
  return block;
}

static void behind_free(struct heap *heap, void *ptr, size_t size)
{
  if (!ptr) return;
  heap->bytes -= size;
  if (!spare_put(heap, ptr, size)) mem_free(heap->alloc, ptr, size);
}

void *heap_resize(struct heap *heap, void *ptr, size_t old, size_t now)
{
  if (!now) {
    behind_free(heap, ptr, old);
    return NULL;
  }
  void *block = !ptr && fits_spare(now) ? spare_take(heap, now) : NULL;
  if (!block) block = resize(heap, ptr, old, now);
  if (!block) return NULL;
  if (now > old) heap_count(heap, now - old);
  else heap->bytes -= old - now;
  return block;
}

void heap_adopt(struct heap *heap, size_t size)
{
  heap_count(heap, size);
}
