#include "syntax/compiler.h"
#include "syntax/registers.h"

#define FINALIZERS_MAX 6  // finally blocks inside finally blocks: each level doubles the code

void control_push(struct compiler *c, struct control *control, enum control_kind kind)
{
  control->outer = c->fn->control;
  control->kind = kind;
  control->start = emit_here(c);
  c->fn->control = control;
}

void control_pop(struct compiler *c)
{
  struct control *control = c->fn->control;
  vec_free(c->alloc, &control->gaps);
  c->fn->control = control->outer;
}

void control_handle(struct compiler *c, struct control *control, u32 end, u16 reg, enum handler_kind kind)
{
  u32 start = control->start, target = emit_here(c);
  for (u32 i = 0; i < control->gaps.len; i++) {
    emit_handler(c, start, control->gaps.data[i].start, target, reg, kind);
    start = control->gaps.data[i].end;
  }
  if (start < end) emit_handler(c, start, end, target, reg, kind);
  c->fn->emitter.ended_at = UINT32_MAX;
  control_pop(c);
}

bool return_is_direct(const struct compiler *c)
{
  const struct control *control = c->fn->control;
  while (control && control->kind == CONTROL_LOOP) control = control->outer;
  return !control;
}

// Ways out

static void open_gap(struct compiler *c, struct control *control)
{
  u32 here = emit_here(c);
  if (!vec_push(c->alloc, &control->gaps, (struct gap){ here, here })) c->failed = c->diagnostics->failed = true;
}

// Each deferred call returns to the very start of DEFERRED: the move is there so that the word before it is guarded
// as it is. The first register is for the place of the call, for traces.
static void run_deferred(struct compiler *c, u32 node)
{
  struct label none = { 0 };
  u16 mark = registers_mark(c), place = registers_take(c, 3);
  emit(c, node, OP_MOVE, c->fn->deferred, c->fn->deferred, 0);
  u32 at = emit(c, node, OP_DEFERRED, c->fn->deferred, place, 0);
  emit_word(c, 0);
  if (!vec_push(c->alloc, &c->fn->emitter.patches, (struct patch){ at, 0 })) c->failed = c->diagnostics->failed = true;
  none.first = c->fn->emitter.patches.len;
  label_here(c, &none);
  registers_release(c, mark);
}

// A block compiled again gives its names new places.
static void forget_places(struct compiler *c, u32 block)
{
  u32 end = c->tree->nodes[block].end;
  for (u32 n = block; n < c->tree->count && c->tree->nodes[n].start < end; n++) {
    if (kind_of(c, n) != SYM_IDENTIFIER) continue;
    struct symbol *symbol = scopes_symbol(&c->scopes, n);
    if (symbol && symbol->start >= c->tree->nodes[block].start) symbol->storage = STORAGE_NONE;
  }
}

void finalizer_write(struct compiler *c, u32 block)
{
  if (c->fn->finalizer_depth == FINALIZERS_MAX) {
    compile_error(c, block, "'finally' blocks are nested too deep");
    c->failed = true;
    return;
  }
  c->fn->finalizer_depth++;
  forget_places(c, block);
  compile_block(c, block, NOWHERE);
  c->fn->finalizer_depth--;
}

// Writes out what must run on the way from here to behind [until]; from here on nothing passed guards the code, until
// leave_end.
static struct control *leave_begin(struct compiler *c, u32 node, const struct control *until)
{
  struct control *from = c->fn->control;
  for (struct control *now = from; now != until; now = now->outer) {
    c->fn->control = now->outer;
    if (now->kind == CONTROL_DEFER) {
      c->fn->control = now;
      run_deferred(c, node);
    }
    if (now->kind == CONTROL_LOOP || now->kind == CONTROL_DEFER) continue;
    open_gap(c, now);
    if (now->kind == CONTROL_FINALLY) finalizer_write(c, now->finalizer);
  }
  return from;
}

static void leave_end(struct compiler *c, struct control *from, const struct control *until)
{
  u32 here = emit_here(c);
  for (struct control *now = from; now != until; now = now->outer) {
    if (now->kind != CONTROL_LOOP && now->kind != CONTROL_DEFER && now->gaps.len) vec_last(&now->gaps).end = here;
  }
  c->fn->control = from;
}

void return_register(struct compiler *c, u32 node, u16 reg)
{
  struct control *from = leave_begin(c, node, NULL);
  if (reg == NOWHERE) emit(c, node, OP_RETNIL, 0, 0, 0);
  else emit(c, node, OP_RET, reg, 0, 0);
  leave_end(c, from, NULL);
}

void compile_return(struct compiler *c, u32 node, u16 dest)
{
  u32 value = field_of(c, node, FIELD_VALUE);
  u16 mark = registers_mark(c);
  if (!value) return_register(c, node, NOWHERE);
  else compile_return_of(c, value);
  registers_release(c, mark);
}

void compile_break(struct compiler *c, u32 node, u16 dest)
{
  struct control *loop = c->fn->control;
  while (loop && loop->kind != CONTROL_LOOP) loop = loop->outer;
  if (!loop) return;
  bool is_break = kind_of(c, node) == SYM_BREAK_EXPRESSION;
  struct control *from = leave_begin(c, node, loop);
  struct label *target = is_break ? loop->on_break : loop->on_continue;
  emit_jump(c, node, OP_JMP, 0, 0, target);
  leave_end(c, from, loop);
}

void compile_throw(struct compiler *c, u32 node, u16 dest)
{
  u16 mark = registers_mark(c);
  emit(c, node, OP_THROW, compile_any(c, field_of(c, node, FIELD_VALUE)), 0, 0);
  registers_release(c, mark);
}

// Deferred calls

void defer_open(struct compiler *c, struct control *control, u32 node)
{
  *control = (struct control){ 0 };
  c->fn->deferred = register_take(c);
  c->fn->locals = c->fn->free;
  emit(c, node, OP_NIL, c->fn->deferred, 0, 0);
  control_push(c, control, CONTROL_DEFER);
}

// On the way of an error: the deferred calls, where one that throws replaces the error and the rest goes on; then the
// error again.
void defer_close(struct compiler *c, struct control *control, u32 node)
{
  struct control guard = { 0 };
  u32 end = emit_here(c);
  u16 error = register_take(c), newer = register_take(c);
  control_handle(c, control, end, error, HANDLER_CLEANUP);
  control_push(c, &guard, CONTROL_GUARD);
  struct label again = label_back(c);
  run_deferred(c, node);
  end = emit_here(c);
  emit(c, node, OP_RETHROW, error, 0, 0);
  control_handle(c, &guard, end, newer, HANDLER_CLEANUP);
  emit(c, node, OP_CAUSE, newer, error, 0);
  emit(c, node, OP_MOVE, error, newer, 0);
  emit_jump(c, node, OP_LOOP, 0, 0, &again);
}
