#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

// The value to test, in a register that nothing changes while the arms are tried.
static u16 put_subject(struct compiler *c, u32 value)
{
  if (kind_of(c, value) == SYM_IDENTIFIER) {
    const struct symbol *symbol = scopes_symbol(&c->scopes, value);
    if (symbol && !symbol->is_reassigned && variable_register(c, value) != NOWHERE) return symbol->reg;
  }
  u16 reg = register_take(c);
  compile_to(c, value, reg);
  return reg;
}

static bool fits_all(const struct compiler *c, u32 arm)
{
  return kind_of(c, field_of(c, arm, FIELD_PATTERN)) == SYM_IDENTIFIER && !field_of(c, arm, FIELD_GUARD);
}

static void compile_arm(struct compiler *c, u32 arm, u16 subject, u16 dest, struct label *end)
{
  struct label fail = { 0 };
  u32 pattern = field_of(c, arm, FIELD_PATTERN), guard = field_of(c, arm, FIELD_GUARD),
      body = field_of(c, arm, FIELD_BODY);
  u16 mark = registers_mark(c), locals = c->fn->locals;
  variable_open_scope(c, scopes_scope(&c->scopes, arm));
  pattern_reserve(c, pattern);
  compile_pattern(c, pattern, subject, PATTERN_MATCH, &fail);
  if (guard) compile_condition(c, guard, false, &fail);
  if (dest == NOWHERE) compile_effect(c, body);
  else compile_to(c, body, dest);
  if (emit_is_reachable(c)) emit_jump(c, arm, OP_JMP, 0, 0, end);
  label_here(c, &fail);
  registers_release(c, mark);
  c->fn->locals = locals;
}

void compile_match(struct compiler *c, u32 node, u16 dest)
{
  struct label end = { 0 };
  u16 mark = registers_mark(c), subject = put_subject(c, field_of(c, node, FIELD_VALUE)), locals = c->fn->locals;
  c->fn->locals = c->fn->free;
  bool is_complete = false;
  for (u32 arm = field_of(c, node, FIELD_ARM); arm && !c->failed; arm = tree_next_same(c->tree, arm)) {
    compile_arm(c, arm, subject, dest, &end);
    is_complete = is_complete || fits_all(c, arm);
  }
  if (!is_complete) emit(c, field_of(c, node, FIELD_VALUE), OP_NOMATCH, subject, 0, 0);
  label_here(c, &end);
  registers_release(c, mark);
  c->fn->locals = locals;
}
