// The garbage-collected heap: non-moving, precise, incremental mark and lazy sweep over size-class blocks.
//
// Collection runs only in heap_safepoint, which only the VM calls, at back-edges, calls and after natives: C code may hold raw pointers to objects until it
// calls back into the language. Every store of a value into an object that may be older than the store goes through heap_barrier(heap, object) first or after:
// while marking runs, it makes a marked object gray again. heap_barrier_value(heap, object, value) marks the value stored instead, which is cheaper for large
// objects. Objects fresh since the last safepoint need no barrier. Stacks need none: they are scanned again at the end of marking.
//
// Making an object never fails for the caller: when memory is refused, heap_new takes from a reserve and sets heap->exhausted, which becomes a LimitError at
// the next safepoint (the VM clears it). Objects whose size or number the program decides (text, digits, lists) are made by heap_try_new, and big blocks behind
// objects (items, entries, text) are asked for by heap_resize; both can fail: NULL, and heap->exhausted is set.
#ifndef LULL_VALUE_HEAP_H
#define LULL_VALUE_HEAP_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/vec.h"
#include "value/value.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define HEAP_POISON(at, size) ASAN_POISON_MEMORY_REGION(at, size)
#define HEAP_UNPOISON(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
#define HEAP_POISON(at, size) ((void)0)
#define HEAP_UNPOISON(at, size) ((void)0)
#endif

#define HEAP_BLOCK_SIZE ((size_t)32768 - 16)  // with the system's own header it is eight pages
#define HEAP_CELL_STEP 16
#define HEAP_CELL_MAX 512  // larger objects stand alone
#define HEAP_MET 16
#define HEAP_SPARE_MAX 256  // bytes
#define HEAP_CLASSES (HEAP_CELL_MAX / HEAP_CELL_STEP + 1)

// SWEEPING: some blocks of the last cycle still hold its dead objects; allocation and steps sweep them, then the heap is IDLE.
enum heap_phase { HEAP_IDLE, HEAP_MARKING, HEAP_SWEEPING };
enum { MARK_WHITE = 0, MARK_GRAY = 1, MARK_BLACK = 2, MARK_COLOUR = 3 };  // object.mark, its lowest bits
#define MARK_FIXED 4  // never freed; only for objects that hold no other
#define MARK_LARGE 8  // stands alone

struct heap;
struct string;
struct heap_block;
struct heap_large;

// What the heap must know of a kind; registered once by the module that defines it.
struct heap_kind {
  const char *name;
  void (*mark)(struct heap *heap, struct object *o);   // calls heap_mark for every value it holds; NULL: holds none
  void (*finish)(struct heap *heap, struct object *o); // gives back what it owns outside; NULL: nothing
  u8 finish_flags;  // only objects with one of these flags are finished; 0: all are
  // For kinds that can be huge, instead of mark: marks what lies in the places below [at] (UINT32_MAX at first), at most a few thousand,
  // and returns the place reached; 0: all done. Values may move downwards in between, and upwards with a heap_barrier.
  u32 (*mark_part)(struct heap *heap, struct object *o, u32 at);
  // Its text as print shows it, for kinds print.c does not know; NULL: <name>.
  void (*print)(struct heap *heap, struct object *o, struct buf *out);
  // For kinds with values among them: which of two comes first, 0 where they are == (false: they have no order, and are
  // equal only where they are one); and what is the same for those that are ==. NULL: by identity.
  bool (*order)(const struct object *a, const struct object *b, int *order);
  u64 (*hash)(const struct object *o);
};

// Cells of one size, side by side, waiting to be handed out.
struct heap_run {
  char *at, *end;
};

struct heap_part {
  struct object *object;
  u32 at;
};

struct heap {
  struct heap_run runs[HEAP_CLASSES];
  struct alloc *alloc;
  struct heap_block *classes[HEAP_CLASSES];  // swept blocks of each size class
  struct heap_block *partial[HEAP_CLASSES];  // those of them with free cells
  struct heap_block *unswept[HEAP_CLASSES];
  struct heap_block *empty;  // blocks of no class, kept for reuse
  u32 empty_count;
  struct heap_block *reserve;  // what heap_new falls back on
  struct heap_large *large, *large_unswept;
  void *spare[HEAP_SPARE_MAX / HEAP_CELL_STEP + 1];  // small blocks from behind dead objects, kept for new ones
  size_t spare_bytes;
  struct heap_kind kinds[KIND_COUNT];
  VEC(struct object *) gray;
  VEC(struct object *) again;       // black ones made gray by the barrier: scanned again near the end, once
  VEC(struct heap_part) parts;      // huge objects marked in part
  bool gray_lost;  // the gray stack could not grow: marking rescans the heap
  struct object *met[HEAP_MET];  // the last objects met by marking, on their way from memory to the cache; then they are looked at
  u32 met_at;
  u32 lap;       // marking: how often the roots have been marked again
  u64 lap_work;  // work at the beginning of the lap
  enum heap_phase phase;
  size_t bytes;      // in objects and behind them
  size_t threshold;  // bytes at which the next cycle begins
  size_t threshold_min;
  size_t live;       // bytes that survived the last collection
  u64 allocated;     // bytes ever handed out
  u64 due;           // allocated at which the next step is due
  u64 step_begun;    // allocated at the end of the last step
  u64 cycle_end;     // allocated when the last marking ended
  u64 work;          // objects met by marking
  bool exhausted;    // memory was refused since the last safepoint
  bool is_short;     // memory was refused since the last whole collection: the next safepoint makes one
  bool stopped;      // no collection (start-up, shutdown)
  bool is_over;      // heap_fini has run
  bool verify;       // each marking ends with a check for missing barriers; always in stress builds
  struct object *holder;  // during that check: whose values are looked at
  u32 stress_count, stress_pause;  // of gc_stress: turns had, safepoints to leave out
  u32 *poll;         // set to nonzero when a step is due; the VM's flag
  bool (*must_stop)(struct heap *heap);  // the VM's answer to heap_must_stop; NULL: nothing is ever asked to stop
  void (*mark_roots)(struct heap *heap, void *user);
  void (*before_sweep)(struct heap *heap, void *user);  // all live objects are marked: clear weak references and dead stack slots
  void *user;
  u64 collections;
  u64 seed[2];  // of hashes
  // Where string_offset was last in a long text that is not ASCII, so that walking one by index stays linear. Cleared when the string goes.
  const struct string *cursor;
  u32 cursor_index, cursor_offset;
};

bool heap_init(struct heap *heap, struct alloc *alloc);
void heap_fini(struct heap *heap);  // finishes and frees every object; heap_resize still frees
void heap_register(struct heap *heap, enum object_kind kind, struct heap_kind description);

void *heap_new_slow(struct heap *heap, enum object_kind kind, size_t size);
// Clears 16 bytes at a time: what is cleared is small, and of a size the compiler does not know.
static ALWAYS_INLINE void heap_clear(void *at, size_t size)
{
  if (__builtin_constant_p(size)) {
    memset(at, 0, size);
    return;
  }
  u64 *words = at;
  for (size_t i = 0; i < size / sizeof *words; i += 2) {
    words[i] = words[i + 1] = 0;
    __asm__("" : "+r"(words));  // or it becomes a call of memset
  }
}
// A new object of which only the first [clear] bytes are cleared; the caller sets the others.
static ALWAYS_INLINE void *heap_new_part(struct heap *heap, enum object_kind kind, size_t size, size_t clear)
{
  size_t cell = (size + HEAP_CELL_STEP - 1) & ~(size_t)(HEAP_CELL_STEP - 1);
  if (UNLIKELY(cell > HEAP_CELL_MAX)) return heap_new_slow(heap, kind, size);
  struct heap_run *run = &heap->runs[cell / HEAP_CELL_STEP];
  struct object *o = (struct object *)(void *)run->at;
  if (UNLIKELY(run->at == run->end)) return heap_new_slow(heap, kind, size);
  run->at += cell;
  HEAP_UNPOISON(o, cell);
  heap_clear(o, (clear + HEAP_CELL_STEP - 1) & ~(size_t)(HEAP_CELL_STEP - 1));
  *o = (struct object){ .shape = kind, .kind = (u8)kind };
#ifdef LULL_GC_STRESS
  if (heap->poll) *heap->poll = 1;
#endif
  return o;
}
// A new object of [size] bytes, header set, the rest cleared to zero bytes. Never NULL (see above). Zeroed Values read as int 0: set them.
static ALWAYS_INLINE void *heap_new(struct heap *heap, enum object_kind kind, size_t size)
{
  return heap_new_part(heap, kind, size, size);
}
// Whether heap_new can make a small object within the limit or out of the reserve. Where it cannot, there is an error to
// give that was made before (vm/errors).
bool heap_has_room(struct heap *heap, size_t size);
// As heap_new, but NULL when memory is refused (exhausted is set): for C code that makes many objects, or large ones, between two safepoints.
void *heap_try_new(struct heap *heap, enum object_kind kind, size_t size);
// Memory behind an object, counted as garbage-collected memory. NULL on refusal (exhausted is set). now == 0 frees.
void *heap_resize(struct heap *heap, void *ptr, size_t old, size_t now);
// A block of heap->alloc becomes such memory.
void heap_adopt(struct heap *heap, size_t size);

// Marks during a collection (kinds' mark functions and mark_roots). NULL is nothing.
void heap_mark_white(struct heap *heap, struct object *o);
static inline void heap_mark_object(struct heap *heap, void *object)
{
  if (!object) return;
  u32 at = heap->met_at++ % HEAP_MET;
  struct object *before = heap->met[at];
  heap->met[at] = object;
  heap->work++;
  __builtin_prefetch(object, 1);
  if (before && !(before->mark & MARK_COLOUR)) heap_mark_white(heap, before);
}
static inline void heap_mark(struct heap *heap, Value v)
{
  if (v.tag == TAG_OBJECT) heap_mark_object(heap, as_object(v));
}
// In before_sweep: does the object survive?
static inline bool heap_survives(const struct object *o) { return (o->mark & (MARK_BLACK | MARK_FIXED)) != 0; }

void heap_barrier_slow(struct heap *heap, struct object *o);
static ALWAYS_INLINE void heap_barrier(struct heap *heap, void *object)
{
  struct object *o = object;
  if (UNLIKELY(o->mark & MARK_BLACK)) heap_barrier_slow(heap, o);
}
static ALWAYS_INLINE void heap_barrier_value(struct heap *heap, void *object, Value v)
{
  struct object *o = object;
  if (UNLIKELY(o->mark & MARK_BLACK) && heap->phase == HEAP_MARKING) heap_mark(heap, v);
}

// What computes for long between two safepoints asks now and then, every few KiB of work, whether it is to end: on
// Ctrl-C, or as steps or time are used up. True: give up as without memory (exhausted is set); whatever is given back
// then is not looked at, as the next safepoint throws.
bool heap_must_stop(struct heap *heap);
// The same in a loop, that counts its turns.
#define HEAP_ASK_EVERY 4096
static inline bool heap_must_stop_at(struct heap *heap, u64 turn)
{
  return UNLIKELY(turn % HEAP_ASK_EVERY == HEAP_ASK_EVERY - 1) && heap_must_stop(heap);
}
// memcpy that may take long. False: it is to end.
#define HEAP_COPY_PART ((size_t)1 << 20)  // bytes
bool heap_copy_parts(struct heap *heap, void *to, const void *from, size_t size);
static ALWAYS_INLINE bool heap_copy(struct heap *heap, void *to, const void *from, size_t size)
{
  if (UNLIKELY(size > HEAP_COPY_PART)) return heap_copy_parts(heap, to, from, size);
  if (size) memcpy(to, from, size);
  return true;
}

// Does what is due. Only from a VM safepoint.
void heap_safepoint(struct heap *heap);
// A whole collection at once. Only from a VM safepoint.
void heap_collect(struct heap *heap);
// Walks all objects and stops the process where one is broken. For tests.
void heap_check(struct heap *heap);
// Makes hashes the same in every run. For tests, before anything is hashed.
void heap_seed(struct heap *heap, u64 a, u64 b);

// Of two objects of one kind, by heap_kind.order.
static inline bool heap_order(const struct heap *heap, const struct object *a, const struct object *b, int *order)
{
  bool (*ask)(const struct object *a, const struct object *b, int *order) = heap->kinds[a->kind].order;
  return a->kind == b->kind && ask && ask(a, b, order);
}

static inline bool heap_is_due(const struct heap *heap) { return heap->allocated >= heap->due; }

#endif
