#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

// While the error in [error] is dealt with: what is thrown in the guarded part up to [end] gets it as its cause and
// goes on.
static void give_cause(struct compiler *c, u32 node, struct control *guard, u32 end, u16 error)
{
  u16 newer = register_take(c);
  control_handle(c, guard, end, newer, HANDLER_CLEANUP);
  emit(c, node, OP_CAUSE, newer, error, 0);
  emit(c, node, OP_RETHROW, newer, 0, 0);
  registers_release(c, newer);
}

static void jump_to_end(struct compiler *c, u32 node, struct label *end)
{
  if (emit_is_reachable(c)) emit_jump(c, node, OP_JMP, 0, 0, end);
}

static void bind_error(struct compiler *c, u32 name, u16 error)
{
  struct symbol *symbol = name ? scopes_symbol(&c->scopes, name) : NULL;
  if (!symbol) return;
  if (symbol->needs_cell || symbol->is_reassigned) {
    variable_reserve(c, symbol);
    variable_declare(c, name, error);
    return;
  }
  symbol->storage = STORAGE_REGISTER;
  symbol->reg = error;
}

static void compile_catch(struct compiler *c, u32 clause, u16 error, u16 dest, struct label *end)
{
  struct control guard = { 0 };
  u16 mark = registers_mark(c), locals = c->fn->locals, before = c->fn->handled;
  c->fn->locals = c->fn->free;
  if (before != NOWHERE) emit(c, clause, OP_CAUSE, error, before, 0);
  c->fn->handled = error;
  bind_error(c, field_of(c, clause, FIELD_NAME), error);
  control_push(c, &guard, CONTROL_GUARD);
  compile_block(c, field_of(c, clause, FIELD_BODY), dest);
  u32 guarded = emit_here(c);
  jump_to_end(c, clause, end);
  give_cause(c, clause, &guard, guarded, error);
  registers_release(c, mark);
  c->fn->locals = locals;
  c->fn->handled = before;
}

// try and catch, without finally.
static void compile_guarded(struct compiler *c, u32 node, u16 error, u16 dest)
{
  u32 body = field_of(c, node, FIELD_BODY), handler = field_of(c, node, FIELD_HANDLER);
  if (!handler) {
    compile_block(c, body, dest);
    return;
  }
  struct control guard = { 0 };
  struct label end = { 0 };
  control_push(c, &guard, CONTROL_GUARD);
  compile_block(c, body, dest);
  u32 guarded = emit_here(c);
  jump_to_end(c, node, &end);
  control_handle(c, &guard, guarded, error, HANDLER_CATCH);
  compile_catch(c, handler, error, dest, &end);
  label_here(c, &end);
}

static void compile_finally(struct compiler *c, u32 node, u16 error, u16 dest)
{
  u32 block = field_of(c, field_of(c, node, FIELD_FINALIZER), FIELD_BODY);
  struct control finally = { .finalizer = block }, guard = { 0 };
  struct label end = { 0 };
  control_push(c, &finally, CONTROL_FINALLY);
  compile_guarded(c, node, error, dest);
  u32 guarded = emit_here(c);
  c->fn->control = finally.outer;
  if (emit_is_reachable(c)) finalizer_write(c, block);
  jump_to_end(c, node, &end);
  c->fn->control = &finally;
  control_handle(c, &finally, guarded, error, HANDLER_CLEANUP);
  control_push(c, &guard, CONTROL_GUARD);
  finalizer_write(c, block);
  guarded = emit_here(c);
  if (emit_is_reachable(c)) emit(c, node, OP_RETHROW, error, 0, 0);
  give_cause(c, node, &guard, guarded, error);
  label_here(c, &end);
}

void compile_try(struct compiler *c, u32 node, u16 dest)
{
  u16 mark = registers_mark(c), locals = c->fn->locals, error = register_take(c);
  c->fn->locals = c->fn->free;
  if (field_of(c, node, FIELD_FINALIZER)) compile_finally(c, node, error, dest);
  else compile_guarded(c, node, error, dest);
  registers_release(c, mark);
  c->fn->locals = locals;
}
