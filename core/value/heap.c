#include "value/heap.h"

#include <string.h>

#include "base/check.h"
#include "base/fault.h"
#include "base/sys.h"
#include "value/heap_block.h"

#define RESERVE_BLOCKS 4
#define EMPTY_MIN 32            // empty blocks kept at least
#define SWEEP_PER_REFILL 16     // blocks one allocation sweeps at most
#define FINISH_COST 8           // of sweeping an object with a finisher, in cells
#define FALL_BACK_CELL 128      // bytes
#define LAY_OUT 4096            // bytes of cells laid out at once
#define THRESHOLD_MIN ((size_t)1 << 20)

static struct heap_block *block_take(struct heap_block **list)
{
  struct heap_block *block = *list;
  if (block) *list = block->next;
  return block;
}

static void block_put(struct heap_block **list, struct heap_block *block)
{
  block->next = *list;
  *list = block;
}

// Not laid out yet.
static struct heap_block *block_create(struct heap *heap)
{
  struct heap_block *block = mem_alloc(heap->alloc, HEAP_BLOCK_SIZE);
  if (block) block->cell = 0;
  return block;
}

static void block_destroy(struct heap *heap, struct heap_block *block)
{
  HEAP_UNPOISON(block, HEAP_BLOCK_SIZE);
  mem_free(heap->alloc, block, HEAP_BLOCK_SIZE);
}

static void blocks_destroy(struct heap *heap, struct heap_block **list)
{
  struct heap_block *block;
  while ((block = block_take(list))) block_destroy(heap, block);
}

void heap_refill_reserve(struct heap *heap)
{
  u32 count = 0;
  for (struct heap_block *block = heap->reserve; block; block = block->next) count++;
  for (; count < RESERVE_BLOCKS; count++) {
    struct heap_block *block = block_create(heap);
    if (!block) return;
    block_put(&heap->reserve, block);
  }
}

bool heap_init(struct heap *heap, struct alloc *alloc)
{
  *heap =
      (struct heap){ .alloc = alloc, .threshold_min = THRESHOLD_MIN, .threshold = THRESHOLD_MIN, .due = THRESHOLD_MIN };
#ifdef LULL_GC_STRESS
  heap->verify = true;
#endif
  heap_refill_reserve(heap);
  bool is_seeded = sys_random(heap->seed, sizeof heap->seed);
  if (is_seeded && heap->reserve) return true;
  blocks_destroy(heap, &heap->reserve);
  return false;
}

void heap_seed(struct heap *heap, u64 a, u64 b)
{
  heap->seed[0] = a;
  heap->seed[1] = b;
}

void heap_register(struct heap *heap, enum object_kind kind, struct heap_kind description)
{
  heap->kinds[kind] = description;
}

void heap_count(struct heap *heap, size_t bytes)
{
  heap->bytes += bytes;
  heap->allocated += bytes;
  if (UNLIKELY(heap->allocated >= heap->due)) heap_poll(heap);
}

void heap_exhaust(struct heap *heap)
{
  heap->exhausted = true;
  heap->is_short |= heap->alloc->is_refusing <= 0;  // what is refused only because it is to stop needs no collection
  heap_poll(heap);
}

// Makes it a block of cells of [cell] bytes, none of which is laid out yet.
static void block_format(struct heap_block *block, u32 cell)
{
  HEAP_UNPOISON(block, HEAP_BLOCK_SIZE);
  *block = (struct heap_block){ .cell = cell };
  HEAP_POISON(block_cells(block), HEAP_BLOCK_SIZE - HEAP_BLOCK_CELLS);
}

// Lays out some more cells, as a run. For a block that has no run but room.
static void block_lay_out(struct heap_block *block)
{
  u32 cell = block->cell, count = LAY_OUT / cell, left = block_capacity(block) - block->count;
  if (count > left) count = left;
  char *at = block_cells(block) + (size_t)block->count * cell;
  HEAP_UNPOISON(at, (size_t)count * cell);
  block->runs = (struct free_run *)(void *)at;
  for (u32 i = 0; i < count; i++) *(struct object *)(void *)(at + (size_t)i * cell) = (struct object){ .kind = KIND_FREE };
  block->runs->object.shape = count;
  block->runs->next = NULL;
  block->count += count;
  HEAP_POISON(at, (size_t)count * cell);
}

static bool has_finish(const struct heap *heap, const struct object *o)
{
  const struct heap_kind *kind = &heap->kinds[o->kind];
  return kind->finish && (!kind->finish_flags || o->flags & kind->finish_flags);
}

static void finish_object(struct heap *heap, struct object *o)
{
  if (has_finish(heap, o)) heap->kinds[o->kind].finish(heap, o);
}

static void wipe_cell(struct object *o, u32 cell)
{
  *o = (struct object){ .kind = KIND_FREE };
#ifdef LULL_GC_STRESS
  memset(o + 1, 0x55, cell - sizeof *o);
#else
  (void)cell;
#endif
}

// Frees the dead cells, makes the others white, and lists the runs of free ones. Returns the living; *cost grows
// by the work done.
static HEAP_WALKER u32 block_sweep(struct heap *heap, struct heap_block *block, size_t *cost)
{
  u32 live = 0, cell = block->cell;
  struct free_run *run = NULL, **link = &block->runs;
  char *at = block_cells(block);
  for (u32 i = 0; i < block->count; i++, at += cell) {
    struct object *o = (struct object *)(void *)at;
    if (o->kind != KIND_FREE) {
      if (o->mark & (MARK_BLACK | MARK_FIXED)) {
        o->mark &= (u8)~MARK_COLOUR;
        live++;
        run = NULL;
        continue;
      }
      if (has_finish(heap, o)) {
        heap->kinds[o->kind].finish(heap, o);
        *cost += FINISH_COST;
      }
      wipe_cell(o, cell);
      HEAP_POISON(o, cell);
    }
    if (run) {
      run->object.shape++;
      continue;
    }
    run = (struct free_run *)(void *)at;
    run->object.shape = 1;
    *link = run;
    link = &run->next;
  }
  *link = NULL;
  *cost += block->count;
  heap->bytes -= (size_t)(block->used - live) * cell;
  block->used = live;
  return live;
}

void heap_drop_empty(struct heap *heap, u32 keep)
{
  for (; heap->empty_count > keep; heap->empty_count--) block_destroy(heap, block_take(&heap->empty));
}

static u32 empty_limit(const struct heap *heap)
{
  size_t limit = heap->live / HEAP_BLOCK_SIZE / 2;
  return limit > EMPTY_MIN ? (u32)limit : EMPTY_MIN;
}

// Sweeps the next block of a class. [is_wanted]: an empty one stays in the class.
static void sweep_next(struct heap *heap, u32 class, bool is_wanted, size_t *cost)
{
  struct heap_block *block = block_take(&heap->unswept[class]);
  u32 live = block_sweep(heap, block, cost);
  if (live || is_wanted) {
    block_put(&heap->classes[class], block);
    if (!block_has_room(block)) return;
    block->next_partial = heap->partial[class];
    heap->partial[class] = block;
  } else if (heap->empty_count < empty_limit(heap)) {
    heap->empty_count++;
    block_put(&heap->empty, block);
  } else {
    block_destroy(heap, block);
  }
}

static void large_destroy(struct heap *heap, struct heap_large *large)
{
  struct object *o = large_object(large);
  finish_object(heap, o);
  heap->bytes -= large->size;
  mem_free(heap->alloc, large, large->size);
}

static void sweep_next_large(struct heap *heap, size_t *cost)
{
  struct heap_large *large = heap->large_unswept;
  heap->large_unswept = large->next;
  struct object *o = large_object(large);
  *cost += 1;
  if (o->mark & (MARK_BLACK | MARK_FIXED)) {
    o->mark &= (u8)~MARK_COLOUR;
    large->next = heap->large;
    heap->large = large;
    return;
  }
  *cost += FINISH_COST;
  large_destroy(heap, large);
}

void heap_sweep_begin(struct heap *heap)
{
  for (u32 class = 0; class < HEAP_CLASSES; class++) {
    heap->unswept[class] = heap->classes[class];
    heap->classes[class] = heap->partial[class] = NULL;
    heap->runs[class] = (struct heap_run){ NULL, NULL };
  }
  heap->large_unswept = heap->large;
  heap->large = NULL;
  if (heap->cursor && !heap_survives((const struct object *)(const void *)heap->cursor)) heap->cursor = NULL;
}

bool heap_sweep_some(struct heap *heap, size_t budget)
{
  size_t cost = 0;
  while (heap->large_unswept) {
    sweep_next_large(heap, &cost);
    if (cost >= budget) return true;
  }
  for (u32 class = 0; class < HEAP_CLASSES; class++) {
    while (heap->unswept[class]) {
      sweep_next(heap, class, false, &cost);
      if (cost >= budget) return true;
    }
  }
  return false;
}

void heap_sweep_all(struct heap *heap)
{
  while (heap_sweep_some(heap, SIZE_MAX)) {}
}

// A block of no class, from the kept ones or the system.
static struct heap_block *block_new(struct heap *heap)
{
  if (heap->empty) {
    heap->empty_count--;
    return block_take(&heap->empty);
  }
  return block_create(heap);
}

// An empty block that was of this class before keeps what is laid out.
static void class_adopt(struct heap *heap, u32 class, struct heap_block *block)
{
  if (block->cell != class * HEAP_CELL_STEP) block_format(block, class * HEAP_CELL_STEP);
  block_put(&heap->classes[class], block);
  block->next_partial = heap->partial[class];
  heap->partial[class] = block;
}

// A block with free cells in the class's list of those; false when memory is refused.
static bool class_find_room(struct heap *heap, u32 class)
{
  size_t cost = 0;
  for (u32 i = 0; i < SWEEP_PER_REFILL && !heap->partial[class] && heap->unswept[class]; i++)
    sweep_next(heap, class, true, &cost);
  if (heap->partial[class]) return true;
  struct heap_block *block = block_new(heap);
  if (!block && heap->phase == HEAP_SWEEPING) {
    heap_sweep_all(heap);
    if (heap->partial[class]) return true;
    block = block_new(heap);
  }
  if (block) class_adopt(heap, class, block);
  return block != NULL;
}

// Memory was refused: a block from the reserve, and then beyond the limit, for the few objects that are made until
// the program learns of it.
static struct heap_block *block_beyond_limit(struct heap *heap)
{
  struct heap_block *block = block_take(&heap->reserve);
  size_t limit = heap->alloc->limit;
  heap->alloc->limit = SIZE_MAX;
  if (!block) block = block_create(heap);
  heap->alloc->limit = limit;
  if (!block) bug("out of memory");
  return block;
}

// The class that has room when memory was refused: a larger one, or one of two sizes that do for many.
static u32 class_fall_back(struct heap *heap, u32 class)
{
  heap_exhaust(heap);
  for (u32 larger = class + 1; larger < HEAP_CLASSES; larger++) {
    if (heap->runs[larger].at != heap->runs[larger].end || heap->partial[larger]) return larger;
  }
  class = class <= FALL_BACK_CELL / HEAP_CELL_STEP ? FALL_BACK_CELL / HEAP_CELL_STEP : HEAP_CLASSES - 1;
  class_adopt(heap, class, block_beyond_limit(heap));
  return class;
}

static HEAP_WALKER void class_take_run(struct heap *heap, u32 class)
{
  struct heap_block *block = heap->partial[class];
  if (!block->runs) block_lay_out(block);
  struct free_run *run = block->runs;
  size_t size = (size_t)run->object.shape * block->cell;
  block->used += run->object.shape;
  block->runs = run->next;
  if (!block_has_room(block)) heap->partial[class] = block->next_partial;
  heap->runs[class] = (struct heap_run){ (char *)run, (char *)run + size };
  heap_count(heap, size);
}

static void *cell_new(struct heap *heap, enum object_kind kind, size_t size)
{
  u32 class = (u32)((size + HEAP_CELL_STEP - 1) / HEAP_CELL_STEP);
  if (heap->runs[class].at == heap->runs[class].end) {
    if (!heap->partial[class] && !class_find_room(heap, class)) class = class_fall_back(heap, class);
    if (heap->runs[class].at == heap->runs[class].end) class_take_run(heap, class);
  }
  return heap_new(heap, kind, (size_t)class * HEAP_CELL_STEP);
}

static void *large_install(struct heap *heap, struct heap_large *large, size_t size, enum object_kind kind)
{
  *large = (struct heap_large){ .next = heap->large, .size = size };
  heap->large = large;
  struct object *o = large_object(large);
  *o = (struct object){ .shape = kind, .kind = (u8)kind, .mark = MARK_LARGE };
  heap_count(heap, size);
#ifdef LULL_GC_STRESS
  heap_poll(heap);
#endif
  return o;
}

static void *large_new(struct heap *heap, enum object_kind kind, size_t size)
{
  if (!size_add(size, sizeof(struct heap_large), &size)) return NULL;
  struct heap_large *large = mem_alloc_zero(heap->alloc, size);
  if (!large && heap->phase == HEAP_SWEEPING) {
    heap_sweep_all(heap);
    large = mem_alloc_zero(heap->alloc, size);
  }
  return large ? large_install(heap, large, size, kind) : NULL;
}

// The whole of a reserve block for one large object.
static void *large_fall_back(struct heap *heap, enum object_kind kind, size_t size)
{
  heap_exhaust(heap);
  if (size > HEAP_BLOCK_SIZE - sizeof(struct heap_large)) bug("out of memory for an object of %zu bytes", size);
  struct heap_block *block = block_beyond_limit(heap);
  memset(block, 0, HEAP_BLOCK_SIZE);
  return large_install(heap, (struct heap_large *)(void *)block, HEAP_BLOCK_SIZE, kind);
}

void *heap_new_slow(struct heap *heap, enum object_kind kind, size_t size)
{
  if (size <= HEAP_CELL_MAX) return cell_new(heap, kind, size);
  void *o = large_new(heap, kind, size);
  return o ? o : large_fall_back(heap, kind, size);
}

static bool class_has_room(struct heap *heap, u32 class)
{
  return heap->runs[class].at != heap->runs[class].end || heap->partial[class] || class_find_room(heap, class);
}

bool heap_has_room(struct heap *heap, size_t size)
{
  return heap->reserve || class_has_room(heap, (u32)((size + HEAP_CELL_STEP - 1) / HEAP_CELL_STEP));
}

void *heap_try_new(struct heap *heap, enum object_kind kind, size_t size)
{
  void *o = NULL;
  if (size > HEAP_CELL_MAX) {
    o = large_new(heap, kind, size);
  } else if (!fault_alloc() && class_has_room(heap, (u32)((size + HEAP_CELL_STEP - 1) / HEAP_CELL_STEP))) {
    o = heap_new(heap, kind, size);
  }
  if (!o) heap_exhaust(heap);
  return o;
}

static HEAP_WALKER void block_finish(struct heap *heap, struct heap_block *block)
{
  char *at = block_cells(block);
  for (u32 i = 0; i < block->count; i++, at += block->cell) {
    struct object *o = (struct object *)(void *)at;
    if (o->kind != KIND_FREE) finish_object(heap, o);
  }
}

static void blocks_finish(struct heap *heap, struct heap_block *list)
{
  for (struct heap_block *block = list; block; block = block->next) block_finish(heap, block);
}

static void larges_destroy(struct heap *heap, struct heap_large *large)
{
  for (struct heap_large *next; large; large = next) {
    next = large->next;
    large_destroy(heap, large);
  }
}

void heap_fini(struct heap *heap)
{
  heap->stopped = true;
  for (u32 class = 0; class < HEAP_CLASSES; class++) {
    blocks_finish(heap, heap->classes[class]);
    blocks_finish(heap, heap->unswept[class]);
  }
  larges_destroy(heap, heap->large);
  larges_destroy(heap, heap->large_unswept);
  for (u32 class = 0; class < HEAP_CLASSES; class++) {
    blocks_destroy(heap, &heap->classes[class]);
    blocks_destroy(heap, &heap->unswept[class]);
  }
  blocks_destroy(heap, &heap->empty);
  blocks_destroy(heap, &heap->reserve);
  heap->is_over = true;
  heap_drop_spare(heap);
  vec_free(heap->alloc, &heap->gray);
  vec_free(heap->alloc, &heap->again);
  vec_free(heap->alloc, &heap->parts);
}

bool heap_must_stop(struct heap *heap)
{
  if (LIKELY(!heap->poll || !*heap->poll || !heap->must_stop) || !heap->must_stop(heap)) return false;
  heap->exhausted = true;
  return true;
}

bool heap_copy_parts(struct heap *heap, void *to, const void *from, size_t size)
{
  for (size_t at = 0; at < size; at += HEAP_COPY_PART) {
    if (at && heap_must_stop(heap)) return false;
    memcpy((char *)to + at, (const char *)from + at, size - at < HEAP_COPY_PART ? size - at : HEAP_COPY_PART);
  }
  return true;
}
