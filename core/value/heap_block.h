// The inside of the heap, shared by heap.c (blocks, allocation, sweeping), heap_behind.c (memory behind objects),
// mark.c (marking, phases) and heap_check.c. Nobody else includes it.
#ifndef LULL_VALUE_HEAP_BLOCK_H
#define LULL_VALUE_HEAP_BLOCK_H

#include "value/heap.h"

// Free cells have KIND_FREE; those side by side make a run, whose first cell says how many they are (object.shape) and
// where the next run is. A block is laid out in cells bit by bit, as they are wanted, so that what is never used is
// never touched.
struct heap_block {
  struct heap_block *next;          // in the list of its class, the empty ones or the reserve
  struct heap_block *next_partial;
  struct free_run *runs;
  u32 cell;   // bytes of each
  u32 count;  // of cells laid out so far
  u32 used;   // cells handed out, as far as heap->bytes counts them
};

struct free_run {
  struct object object;
  struct free_run *next;
};

struct heap_large {
  _Alignas(HEAP_CELL_STEP) struct heap_large *next;
  size_t size;  // of the whole block, this header included
};

#define HEAP_BLOCK_CELLS ((sizeof(struct heap_block) + HEAP_CELL_STEP - 1) & ~(size_t)(HEAP_CELL_STEP - 1))

// Cells that are free are poisoned; who walks over them must be let through.
#if defined(__SANITIZE_ADDRESS__)
#define HEAP_WALKER __attribute__((no_sanitize_address, noinline))
#else
#define HEAP_WALKER
#endif

static inline u32 block_capacity(const struct heap_block *block)
{
  return (u32)((HEAP_BLOCK_SIZE - HEAP_BLOCK_CELLS) / block->cell);
}
static inline bool block_has_room(const struct heap_block *block)
{
  return block->runs || block->count < block_capacity(block);
}
static inline char *block_cells(struct heap_block *block) { return (char *)block + HEAP_BLOCK_CELLS; }
static inline struct object *large_object(struct heap_large *large) { return (struct object *)(large + 1); }

// Hands all blocks and large objects to the sweeper.
void heap_sweep_begin(struct heap *heap);
// Sweeps about [budget] cells; false when nothing was left.
bool heap_sweep_some(struct heap *heap, size_t budget);
// Sweeps all that is left.
void heap_sweep_all(struct heap *heap);
// Gives the spare blocks back to the system.
void heap_drop_spare(struct heap *heap);
// Gives empty blocks back to the system until [keep] are left.
void heap_drop_empty(struct heap *heap, u32 keep);
// Counts bytes handed out; the poll is set when a step is due.
void heap_count(struct heap *heap, size_t bytes);
// Memory was refused.
void heap_exhaust(struct heap *heap);
// Fills the reserve up again, as far as memory allows.
void heap_refill_reserve(struct heap *heap);
// Looks at the objects marking met last.
void heap_settle(struct heap *heap);
// When all is marked: does every marked object hold marked ones only? Stops the process where not, for a barrier
// is missing then.
void heap_check_marks(struct heap *heap);
static inline void heap_poll(struct heap *heap)
{
  if (heap->poll) *heap->poll = 1;
}

#endif
