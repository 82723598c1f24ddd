// Exceptions: finds the handler in the side tables of the frames, from the top one down.
#include "vm/frame.h"
#include "vm/side.h"
#include "vm/step.h"

// Which handlers an error gets to: what ends the program only those that clean up, and once not even that is granted
// any more none.
enum handlers { HANDLERS_ALL, HANDLERS_CLEANUP, HANDLERS_NONE };

static enum handlers handlers_for(struct lull *vm, Value thrown)
{
  if (UNLIKELY(vm->is_ending)) return HANDLERS_NONE;
  const struct class *class = IS_INSTANCE(thrown) ? AS_INSTANCE(thrown)->class : NULL;
  if (class == vm->errors.spent && vm->limits.state == LIMITS_OVER) return HANDLERS_NONE;
  return class == vm->errors.exit || class == vm->errors.spent ? HANDLERS_CLEANUP : HANDLERS_ALL;
}

static const struct handler *find_handler(const struct proto *p, const u64 *pc, enum handlers which)
{
  if (which == HANDLERS_NONE) return NULL;
  u32 at = (u32)(pc - p->code) - 1;
  for (u32 i = 0; i < p->handler_count; i++) {
    const struct handler *h = &p->handlers[i];
    if (at >= h->start && at < h->end && !(which == HANDLERS_CLEANUP && h->kind == HANDLER_CATCH)) return h;
  }
  return NULL;
}

// Memory was refused: what only the guarded part held, in registers above the error's, goes before the handler runs.
static void collect_for_handler(struct lull *vm, struct fiber *f, u16 error)
{
  Value *end = fiber_top(f);
  for (Value *v = &f->base[error + 1]; v < end; v++) *v = NIL;
  fiber_trim(vm, f);
  heap_collect(&vm->heap);
}

// The call was an operator's: the place is that instruction, told by the word below its window.
static void place_operator(struct lull *vm, struct fiber *f)
{
  if (f->pc == vm->code_finish)
    f->pc = (u64 *)(uintptr_t)f->base[AS_CLOSURE(f->base[-2])->proto->registers].bits + 1;
}

enum vm_step unwind(struct lull *vm, struct fiber *f)
{
  Value thrown = is_unset(vm->thrown) ? NIL : vm->thrown;  // a state that ends throws nothing in particular
  enum handlers which = handlers_for(vm, thrown);
  for (;;) {
    place_operator(vm, f);
    bool has_begun = f->pc < vm->code_start || f->pc > vm->code_start + 1;
    if (IS_CLOSURE(f->base[-2]) && has_begun) {
      const struct proto *p = AS_CLOSURE(f->base[-2])->proto;
      const struct handler *h = find_handler(p, f->pc, which);
      if (h) {
        f->base[h->reg] = thrown;
        f->pc = p->code + h->target;
        vm->thrown = UNSET;
        if (UNLIKELY(vm->heap.is_short)) collect_for_handler(vm, f, h->reg);
        return STEP_NEXT;
      }
    }
    if (IS_NATIVE(f->base[-2]) && has_begun && which != HANDLERS_NONE &&
        side_catch(vm, f, thrown, which == HANDLERS_CLEANUP))
      return STEP_NEXT;
    const u64 *back = frame_return(f->base);
    if (back == vm->code_exit) break;
    f->base = (Value *)((char *)f->base - frame_delta(f->base));
    f->pc = (u64 *)(uintptr_t)back;
  }
  vm->thrown = UNSET;
  sched_finish(vm, f, thrown, true);
  return STEP_DONE;
}
