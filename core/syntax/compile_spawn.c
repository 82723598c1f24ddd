#include "syntax/compiler.h"
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

void compile_defer(struct compiler *c, u32 node)
{
  u32 call = field_of(c, node, FIELD_CALL);
  if (!has_only_plain(c, field_of(c, call, FIELD_ARGUMENTS))) {
    compile_unsupported(c, node, "defer with named or spread arguments");
    return;
  }
  u16 mark = registers_mark(c), window = register_take(c);
  struct label nil = { 0 };
  u16 count = put_call(c, call, window, &nil);
  emit(c, node, OP_DEFER, c->fn->deferred, window, count);
  label_here(c, &nil);
  registers_release(c, mark);
}
