// The heap looked over: for tests, and at the end of each marking in stress builds.
#include "base/check.h"
#include "value/heap_block.h"

static HEAP_WALKER void block_each(struct heap *heap, struct heap_block *block,
                                   void (*visit)(struct heap *heap, struct object *o))
{
  char *at = block_cells(block);
  for (u32 i = 0; i < block->count; i++, at += block->cell) {
    struct object *o = (struct object *)(void *)at;
    if (o->kind != KIND_FREE) visit(heap, o);
  }
}

// Of swept blocks: what others hold is no more than memory.
static void each_object(struct heap *heap, void (*visit)(struct heap *heap, struct object *o))
{
  for (u32 class = 0; class < HEAP_CLASSES; class++) {
    for (struct heap_block *block = heap->classes[class]; block; block = block->next) block_each(heap, block, visit);
  }
  for (struct heap_large *large = heap->large; large; large = large->next) visit(heap, large_object(large));
}

static void check_object(struct heap *heap, struct object *o)
{
  u32 colour = o->mark & MARK_COLOUR;
  if (o->kind >= KIND_COUNT) bug("heap: %p has kind %d", (void *)o, o->kind);
  if (!heap->kinds[o->kind].name) bug("heap: %p has the unregistered kind %d", (void *)o, o->kind);
  if (o->kind != KIND_INSTANCE && o->shape != o->kind)
    bug("heap: %p has kind %d but shape %u", (void *)o, o->kind, o->shape);
  if (colour == MARK_COLOUR || (heap->phase == HEAP_IDLE && colour)) bug("heap: %p has mark %d", (void *)o, o->mark);
}

void heap_check(struct heap *heap)
{
  each_object(heap, check_object);
}

// heap_mark_white stops the process where it meets something unmarked meanwhile.
static void check_marked(struct heap *heap, struct object *o)
{
  const struct heap_kind *kind = &heap->kinds[o->kind];
  if (!(o->mark & MARK_BLACK)) return;
  heap->holder = o;
  if (kind->mark) kind->mark(heap, o);
  for (u32 at = UINT32_MAX; kind->mark_part && at;) at = kind->mark_part(heap, o, at);
  heap_settle(heap);
  heap->holder = NULL;
}

void heap_check_marks(struct heap *heap)
{
  each_object(heap, check_marked);
}
