// The garbage-collected heap: non-moving, precise, incremental mark and lazy sweep over size-class blocks.
//
// Collection runs only in heap_safepoint, which only the VM calls, at back-edges, calls and after natives: C code may hold raw pointers to objects until it
// calls back into the language. Every store of a value into an object that may be older than the store goes through heap_barrier(heap, object) first or after:
// while marking runs, it makes a marked object gray again. Objects fresh since the last safepoint need no barrier. Stacks need none: they are scanned again at the end of marking.
//
// Making an object never fails for the caller: when memory is refused, heap_new takes from a reserve and sets heap->exhausted, which becomes a LimitError at
// the next safepoint. Big blocks behind objects (items, entries, text) are asked for by heap_resize, which can fail: NULL, and heap->exhausted is set.
#ifndef LULL_VALUE_HEAP_H
#define LULL_VALUE_HEAP_H

#include "base/alloc.h"
#include "base/vec.h"
#include "value/value.h"

#define HEAP_BLOCK_SIZE ((size_t)32768)
#define HEAP_CELL_STEP 16
#define HEAP_CELL_MAX 512  // larger objects stand alone
#define HEAP_CLASSES (HEAP_CELL_MAX / HEAP_CELL_STEP + 1)

enum heap_phase { HEAP_IDLE, HEAP_MARKING };
enum { MARK_WHITE = 0, MARK_GRAY = 1, MARK_BLACK = 2 };  // object.mark; fixed objects (never freed) have MARK_FIXED too
#define MARK_FIXED 4

struct heap;
struct heap_block;
struct heap_large;

// What the heap must know of a kind; registered once by the module that defines it.
struct heap_kind {
  const char *name;
  void (*mark)(struct heap *heap, struct object *o);   // calls heap_mark for every value it holds; NULL: holds none
  void (*finish)(struct heap *heap, struct object *o); // gives back what it owns outside; NULL: nothing
};

struct heap {
  struct alloc *alloc;
  struct heap_block *classes[HEAP_CLASSES];  // blocks of each size class; free cells are linked through the block
  void *free[HEAP_CLASSES];                  // the free list being bumped through, of a block already swept
  struct heap_block *unswept[HEAP_CLASSES];  // the next block of the class to sweep
  struct heap_large *large;
  struct heap_kind kinds[KIND_COUNT];
  VEC(struct object *) gray;
  bool gray_lost;  // the gray stack could not grow: marking rescans the heap
  enum heap_phase phase;
  size_t bytes;      // in objects and behind them, since the last collection's survivors
  size_t threshold;  // bytes at which the next step is due
  size_t live;       // bytes that survived the last collection
  bool exhausted;    // memory was refused since the last safepoint
  bool stopped;      // no collection (start-up, shutdown)
  u32 *poll;         // set to nonzero when a step is due; the VM's flag
  void *reserve;     // what heap_new falls back on
  void (*mark_roots)(struct heap *heap, void *user);
  void (*before_sweep)(struct heap *heap, void *user);  // all live objects are marked: clear weak references and dead stack slots
  void *user;
  u64 collections;
};

bool heap_init(struct heap *heap, struct alloc *alloc);
void heap_fini(struct heap *heap);  // finishes and frees every object
void heap_register(struct heap *heap, enum object_kind kind, struct heap_kind description);

// A new object of [size] bytes, header set, the rest cleared to zero bytes. Never NULL (see above). Zeroed Values read as int 0: set them.
void *heap_new(struct heap *heap, enum object_kind kind, size_t size);
// Memory behind an object, counted as garbage-collected memory. NULL on refusal (exhausted is set). now == 0 frees.
void *heap_resize(struct heap *heap, void *ptr, size_t old, size_t now);

// Marks during a collection (kinds' mark functions and mark_roots).
void heap_mark_object(struct heap *heap, struct object *o);
static inline void heap_mark(struct heap *heap, Value v)
{
  if (v.tag == TAG_OBJECT) heap_mark_object(heap, as_object(v));
}

void heap_barrier_slow(struct heap *heap, struct object *o);
static ALWAYS_INLINE void heap_barrier(struct heap *heap, void *object)
{
  struct object *o = object;
  if (UNLIKELY(o->mark & MARK_BLACK)) heap_barrier_slow(heap, o);
}

// Does what is due. Only from a VM safepoint.
void heap_safepoint(struct heap *heap);
// A whole collection at once. Only from a VM safepoint.
void heap_collect(struct heap *heap);

static inline bool heap_is_due(const struct heap *heap) { return heap->bytes >= heap->threshold; }

#endif
