#include "syntax/compiler.h"
#include "syntax/quoted.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

static void emit_bound(struct compiler *c, u32 member, enum opcode op, u16 dest, u16 object)
{
  emit(c, member, op, dest, object, 0);
  emit_object(c, compile_name(c, field_of(c, member, FIELD_PROPERTY)));
}

// The callee into [window], the topmost register: a method as what it would call. Jumps to [nil] where the object of
// a ?. is nil.
static void put_callee(struct compiler *c, u32 callee, u16 window, struct label *nil)
{
  u16 kind = kind_of(c, callee);
  if (kind != SYM_MEMBER && kind != SYM_OPTIONAL_MEMBER) {
    compile_to(c, callee, window);
    return;
  }
  u32 object = field_of(c, callee, FIELD_OBJECT);
  if (kind_of(c, object) == SYM_SUPER) {
    variable_read(c, object, window);
    emit_bound(c, callee, OP_GETSUPER, window, window);
    return;
  }
  compile_to(c, object, window);
  if (kind == SYM_OPTIONAL_MEMBER) emit_jump(c, callee, OP_JNIL, window, 0, nil);
  emit_bound(c, callee, OP_GETM, window, window);
}

// Callee and arguments of a call that something else will make: as for CALL, from a new register on. How many
// arguments.
static u16 put_call(struct compiler *c, u32 call, u16 window, struct label *nil)
{
  u16 count = 0;
  put_callee(c, field_of(c, call, FIELD_FUNCTION), window, nil);
  registers_take(c, 1);
  u32 arguments = field_of(c, call, FIELD_ARGUMENTS);
  quoted_expect(c, field_of(c, call, FIELD_FUNCTION), arguments);
  for (u32 a = tree_first(c->tree, arguments); a && !c->failed; a = tree_next(c->tree, a), count++) {
    u16 reg = register_take(c);
    compile_to(c, a, reg);
  }
  return count;
}

void compile_spawn(struct compiler *c, u32 node, u16 dest)
{
  u16 mark = registers_mark(c), window = register_is_scratch(c, dest) ? dest : register_take(c), count = 0;
  if (c->scopes.function_of[node]) {
    emit_closure(c, node, compile_function(c, node, c->empty), window);
    registers_take(c, 1);
  } else count = put_call(c, field_of(c, node, FIELD_CALL), window, NULL);
  emit(c, node, OP_SPAWN, window, count, 0);
  if (window != dest) emit(c, node, OP_MOVE, dest, window, 0);
  registers_release(c, mark);
}

static bool has_only_plain(const struct compiler *c, u32 arguments)
{
  for (u32 a = tree_first(c->tree, arguments); a; a = tree_next(c->tree, a)) {
    if (kind_of(c, a) == SYM_SPREAD || kind_of(c, a) == SYM_NAMED_ARGUMENT) return false;
  }
  return true;
}

// A deferred call with named or spread arguments: callee, list and map are computed now, into the registers from
// [parts] on, and captured by a function made for the purpose.
static struct proto *deferred_call(struct compiler *c, u32 node, u16 parts)
{
  struct function_state fn;
  function_begin(c, &fn, node, c->empty);
  u16 window = registers_take(c, 4);
  for (u16 i = 0; i < 3; i++) {
    struct upvalue up = { NO_SYMBOL, { (u16)(parts + i), true } };
    if (!vec_push(c->alloc, &fn.upvalues, up)) c->failed = c->diagnostics->failed = true;
    emit(c, node, OP_GETUP, window + i + (i > 0), i, 0);
  }
  emit(c, node, OP_CALLX, window, 0, 0);
  emit(c, node, OP_RET, window, 0, 0);
  return function_end(c);
}

static void defer_spread(struct compiler *c, u32 node, u16 window, struct label *nil)
{
  u32 call = field_of(c, node, FIELD_CALL);
  u16 parts = register_take(c);
  put_callee(c, field_of(c, call, FIELD_FUNCTION), parts, nil);
  quoted_expect(c, field_of(c, call, FIELD_FUNCTION), field_of(c, call, FIELD_ARGUMENTS));
  compile_argument_list(c, field_of(c, call, FIELD_ARGUMENTS), registers_take(c, 2));
  emit_closure(c, node, deferred_call(c, node, parts), window);
}

void compile_defer(struct compiler *c, u32 node)
{
  u32 call = field_of(c, node, FIELD_CALL);
  u16 mark = registers_mark(c), window = register_take(c), count = 0;
  struct label nil = { 0 };
  if (has_only_plain(c, field_of(c, call, FIELD_ARGUMENTS))) count = put_call(c, call, window, &nil);
  else defer_spread(c, node, window, &nil);
  emit(c, node, OP_DEFER, c->fn->deferred, window, count);
  label_here(c, &nil);
  registers_release(c, mark);
}
