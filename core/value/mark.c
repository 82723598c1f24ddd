// Marking and the phases of a collection.
#include "base/check.h"
#include "value/heap_block.h"

#define STEP_BYTES ((u64)64 << 10)  // allocated between two steps
#define BYTES_PER_OBJECT 4          // allocated per object met by marking: a cycle ends before the heap grew by a quarter
#define SLICE_MIN 4096              // objects met
#define SLICE_MAX 65536
#define LAPS_MAX 6
#define LAP_SMALL 16384  // work of a lap after which no other is needed
#define EMPTY_KEPT 32     // empty blocks a whole collection leaves
#define EMPTY_DROPPED 64 // those above, dropped at the end of a cycle
#define BURSTS 64         // that fill the memory
#define SWEEP_SLICE 32768  // cells
#define STRESS_TURN 256
#define STRESS_SLICE 64
#define STRESS_LARGE (1 << 20)
#define STRESS_SCALE 12

#ifdef LULL_GC_STRESS
#define IS_STRESS true
#else
#define IS_STRESS false
#endif

static void gray_push(struct heap *heap, struct object *o)
{
  if (!vec_push(heap->alloc, &heap->gray, o)) heap->gray_lost = true;
}

void heap_mark_white(struct heap *heap, struct object *o)
{
  if (UNLIKELY(heap->holder)) {
    bug("heap: a marked %s holds an unmarked %s: a barrier is missing", heap->kinds[heap->holder->kind].name,
        heap->kinds[o->kind].name);
  }
  const struct heap_kind *kind = &heap->kinds[o->kind];
  if (!kind->mark && !kind->mark_part) {
    o->mark |= MARK_BLACK;
    return;
  }
  o->mark |= MARK_GRAY;
  gray_push(heap, o);
}

void heap_barrier_slow(struct heap *heap, struct object *o)
{
  if (heap->phase != HEAP_MARKING) return;
  o->mark = (u8)((o->mark & ~MARK_COLOUR) | MARK_GRAY);
  if (!vec_push(heap->alloc, &heap->again, o)) heap->gray_lost = true;
}

static void mark_part(struct heap *heap, struct object *o, u32 at)
{
  at = heap->kinds[o->kind].mark_part(heap, o, at);
  if (!at || vec_push(heap->alloc, &heap->parts, (struct heap_part){ o, at })) return;
  while (at) at = heap->kinds[o->kind].mark_part(heap, o, at);
}

// An object may be listed twice, or have been found by a rescan already: only gray ones are scanned.
static void scan(struct heap *heap, struct object *o)
{
  if ((o->mark & MARK_COLOUR) != MARK_GRAY) return;
  o->mark ^= MARK_GRAY | MARK_BLACK;
  if (heap->kinds[o->kind].mark) heap->kinds[o->kind].mark(heap, o);
  else mark_part(heap, o, UINT32_MAX);
}

void heap_settle(struct heap *heap)
{
  for (u32 i = 0; i < HEAP_MET; i++) {
    struct object *o = heap->met[i];
    heap->met[i] = NULL;
    if (o && !(o->mark & MARK_COLOUR)) heap_mark_white(heap, o);
  }
}

// Scans gray objects until none is left (true) or about [budget] objects were met.
static bool drain(struct heap *heap, u64 budget)
{
  u64 end = budget > UINT64_MAX - heap->work ? UINT64_MAX : heap->work + budget;
  while (heap->work < end) {
    if (heap->gray.len) {
      heap->work++;
      scan(heap, vec_pop(&heap->gray));
    } else if (heap->parts.len) {
      struct heap_part part = vec_pop(&heap->parts);
      mark_part(heap, part.object, part.at);
    } else {
      heap_settle(heap);
      if (!heap->gray.len) return true;
    }
  }
  return false;
}

static HEAP_WALKER void block_rescan(struct heap *heap, struct heap_block *block)
{
  char *at = block_cells(block);
  for (u32 i = 0; i < block->count; i++, at += block->cell) {
    struct object *o = (struct object *)(void *)at;
    if (o->kind == KIND_FREE || (o->mark & MARK_COLOUR) != MARK_GRAY) continue;
    scan(heap, o);
    drain(heap, UINT64_MAX);
  }
}

// The gray stack lost some: finds them by their colour. May lose others, then it is done again; each time some
// turned black.
static void rescan(struct heap *heap)
{
  heap->gray_lost = false;
  for (u32 class = 0; class < HEAP_CLASSES; class++) {
    for (struct heap_block *block = heap->classes[class]; block; block = block->next) block_rescan(heap, block);
  }
  for (struct heap_large *large = heap->large; large; large = large->next) {
    scan(heap, large_object(large));
    drain(heap, UINT64_MAX);
  }
}

static void mark_roots(struct heap *heap)
{
  if (heap->mark_roots) heap->mark_roots(heap, heap->user);
}

static void scan_again(struct heap *heap)
{
  while (heap->again.len) scan(heap, vec_pop(&heap->again));
}

static void cycle_start(struct heap *heap)
{
  heap->phase = HEAP_MARKING;
  heap->lap = 0;
  heap->lap_work = heap->work;
  mark_roots(heap);
}

// Frees the lists of marking where they grew large.
static void lists_trim(struct heap *heap)
{
  if (heap->gray.cap > 4096) vec_free(heap->alloc, &heap->gray);
  if (heap->again.cap > 4096) vec_free(heap->alloc, &heap->again);
  vec_free(heap->alloc, &heap->parts);
}

// Nothing of the program runs in here: what is reachable now is marked to the last, the rest is dead.
static void cycle_finish_marking(struct heap *heap)
{
  mark_roots(heap);
  do {
    drain(heap, UINT64_MAX);
    scan_again(heap);
    drain(heap, UINT64_MAX);
    if (heap->gray_lost) rescan(heap);
  } while (heap->gray.len || heap->parts.len || heap->again.len || heap->gray_lost);
  if (heap->verify) heap_check_marks(heap);
  if (heap->before_sweep) heap->before_sweep(heap, heap->user);
  lists_trim(heap);
  heap->phase = HEAP_SWEEPING;
  heap->collections++;
  heap->cycle_end = heap->allocated;
  heap_sweep_begin(heap);
}

// The next cycle begins at twice what lives, sooner where memory is limited: half of what is left at most is spent
// before.
static size_t threshold_for(const struct heap *heap)
{
  size_t room = heap->live > heap->threshold_min ? heap->live : heap->threshold_min;
  size_t left = heap->alloc->limit > heap->alloc->used ? heap->alloc->limit - heap->alloc->used : 0;
  if (room > left / 2) room = left / 2;
  if (room < STEP_BYTES) room = STEP_BYTES;
  return heap->bytes > SIZE_MAX - room ? SIZE_MAX : heap->bytes + room;
}

static void cycle_finish_sweeping(struct heap *heap)
{
  u64 fresh = heap->allocated - heap->cycle_end;
  heap->live = heap->bytes > fresh ? heap->bytes - (size_t)fresh : 0;
  heap->phase = HEAP_IDLE;
  u32 kept = (u32)(heap->live / HEAP_BLOCK_SIZE / 2);
  if (kept < EMPTY_KEPT) kept = EMPTY_KEPT;
  if (heap->empty_count > kept + EMPTY_DROPPED) kept = heap->empty_count - EMPTY_DROPPED;
  heap_drop_empty(heap, kept);
  heap->threshold = threshold_for(heap);
  heap_refill_reserve(heap);
}

// Later laps make longer strides, so that marking overtakes what the program builds meanwhile.
static u64 slice_of(const struct heap *heap)
{
  u64 objects = (heap->allocated - heap->step_begun) / BYTES_PER_OBJECT << heap->lap;
  return objects < SLICE_MIN ? SLICE_MIN : objects > SLICE_MAX ? SLICE_MAX : objects;
}

// All that was found is marked: the roots and what the barrier caught go round again, until little is left to do
// while the program stands still.
static void mark_step(struct heap *heap)
{
  if (!drain(heap, slice_of(heap))) return;
  if (heap->lap && (heap->work - heap->lap_work < LAP_SMALL || heap->lap == LAPS_MAX)) {
    cycle_finish_marking(heap);
    return;
  }
  heap->lap++;
  heap->lap_work = heap->work;
  mark_roots(heap);
  scan_again(heap);
}

static void sweep_to_end(struct heap *heap)
{
  heap_sweep_all(heap);
  cycle_finish_sweeping(heap);
}

// Large objects outran the steps: as much again as since the last one, and memory would be refused, though much of
// what there is may be dead. Small ones never do, and a collection for each few of them would not end.
static bool is_pressed(const struct heap *heap)
{
  const struct alloc *a = heap->alloc;
  u64 burst = heap->allocated - heap->step_begun;
  return burst > a->limit / BURSTS && (a->used > a->limit || a->limit - a->used < burst);
}

static void step(struct heap *heap)
{
  if (is_pressed(heap)) {
    heap_collect(heap);
    return;
  }
  switch (heap->phase) {
  case HEAP_IDLE:
    if (heap->bytes >= heap->threshold) cycle_start(heap);
    break;
  case HEAP_MARKING: mark_step(heap); break;
  case HEAP_SWEEPING:
    if (!heap_sweep_some(heap, SWEEP_SLICE)) cycle_finish_sweeping(heap);
    break;
  }
  heap->step_begun = heap->allocated;
  heap->due = heap->allocated + (heap->phase == HEAP_IDLE ? heap->threshold - heap->bytes : STEP_BYTES);
}

void heap_collect(struct heap *heap)
{
  if (heap->stopped) return;
  // What died since a cycle under way began would survive it: that one is brought to its end, and another is made.
  if (heap->phase == HEAP_MARKING) cycle_finish_marking(heap);
  if (heap->phase == HEAP_SWEEPING) sweep_to_end(heap);
  cycle_start(heap);
  cycle_finish_marking(heap);
  sweep_to_end(heap);
  heap_drop_empty(heap, EMPTY_KEPT);
  heap->is_short = false;
  heap->step_begun = heap->allocated;
  heap->due = heap->allocated + (heap->threshold - heap->bytes);
}

// Stress builds, by turns: whole collections, whatever is not reachable goes at once; and marking in slow motion,
// where each missing barrier is met.
// Every safepoint has its collection or its slice of one; from STRESS_LARGE bytes on every (bytes >> STRESS_SCALE)th, so that what a
// safepoint costs stays the same however much lives.
static void stress(struct heap *heap)
{
  if (heap->stress_pause) {
    heap->stress_pause--;
    if (heap_is_due(heap)) step(heap);
    return;
  }
  if (heap->bytes > STRESS_LARGE) heap->stress_pause = (u32)(heap->bytes >> STRESS_SCALE);
  heap->stress_count++;
  if (heap->stress_count & STRESS_TURN) {
    heap_collect(heap);
  } else if (heap->phase != HEAP_MARKING) {
    if (heap->phase == HEAP_SWEEPING) sweep_to_end(heap);
    cycle_start(heap);
  } else if (drain(heap, STRESS_SLICE)) {
    cycle_finish_marking(heap);
  }
}

void heap_safepoint(struct heap *heap)
{
  if (heap->stopped) return;
  if (heap->is_short) heap_collect(heap);
  else if (IS_STRESS) stress(heap);
  else if (heap_is_due(heap)) step(heap);
  if (IS_STRESS || heap_is_due(heap)) heap_poll(heap);
}
