#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

static void loop_open(struct compiler *c, struct control *loop, struct label *on_break, struct label *on_continue)
{
  *loop = (struct control){ .on_break = on_break, .on_continue = on_continue };
  control_push(c, loop, CONTROL_LOOP);
}

// The condition lies behind the body: one jump a turn.
void compile_while(struct compiler *c, u32 node)
{
  struct label end = { 0 }, next = { 0 };
  struct control loop;
  u32 condition = field_of(c, node, FIELD_CONDITION);
  if (kind_of(c, condition) != SYM_TRUE) emit_jump(c, node, OP_JMP, 0, 0, &next);
  struct label body = label_back(c);
  loop_open(c, &loop, &end, &next);
  compile_block(c, field_of(c, node, FIELD_BODY), NOWHERE);
  control_pop(c);
  label_here(c, &next);
  if (emit_is_reachable(c)) compile_condition(c, condition, true, &body);
  label_here(c, &end);
}

// The variable of a loop, which finds its value in [reg] each turn: it lives there, unless it must have a cell of its
// own.
static void open_variable(struct compiler *c, u32 pattern, u16 reg)
{
  struct symbol *symbol = kind_of(c, pattern) == SYM_IDENTIFIER ? scopes_symbol(&c->scopes, pattern) : NULL;
  if (!symbol) {
    pattern_reserve(c, pattern);
    return;
  }
  if (symbol->needs_cell) {
    variable_reserve(c, symbol);
    return;
  }
  symbol->storage = STORAGE_REGISTER;
  symbol->reg = reg;
  c->fn->locals = c->fn->free;
}

static void bind_variable(struct compiler *c, u32 pattern, u16 reg)
{
  u16 mark = registers_mark(c);
  compile_pattern(c, pattern, reg, PATTERN_DECLARE, NULL);
  registers_release(c, mark);
}

static u32 ungroup(const struct compiler *c, u32 node)
{
  while (kind_of(c, node) == SYM_GROUP) node = field_of(c, node, FIELD_VALUE);
  return node;
}

// for x in p..q: no range is made.
static void compile_for_ints(struct compiler *c, u32 node, u32 pattern, u32 range)
{
  struct label end = { 0 }, next = { 0 };
  struct control loop;
  u16 state = register_take(c);
  compile_to(c, field_of(c, range, FIELD_START), state);
  u16 limit = register_take(c);
  compile_to(c, field_of(c, range, FIELD_END), limit);
  u16 value = register_take(c);
  emit_jump(c, range, OP_FORPREP, state, 0, &end);
  emit_word(c, kind_of(c, field_of(c, range, FIELD_OPERATOR)) == TOK_DOT_DOT_EQ);
  open_variable(c, pattern, value);
  struct label top = label_back(c);
  bind_variable(c, pattern, value);
  loop_open(c, &loop, &end, &next);
  compile_block(c, field_of(c, node, FIELD_BODY), NOWHERE);
  control_pop(c);
  label_here(c, &next);
  if (emit_is_reachable(c)) emit_jump(c, node, OP_FOR, state, 0, &top);
  label_here(c, &end);
}

static void compile_for_any(struct compiler *c, u32 node, u32 first, u32 second)
{
  struct label end = { 0 }, next = { 0 };
  struct control loop;
  u16 state = registers_take(c, second ? 5 : 4), mark = registers_mark(c);
  u32 iterable = field_of(c, node, FIELD_ITERABLE);
  emit(c, iterable, OP_ITER, state, compile_any(c, iterable), 0);
  registers_release(c, mark);
  open_variable(c, first, (u16)(state + 3));
  if (second) open_variable(c, second, (u16)(state + 4));
  emit_jump(c, node, OP_JMP, 0, 0, &next);
  struct label top = label_back(c);
  bind_variable(c, first, (u16)(state + 3));
  if (second) bind_variable(c, second, (u16)(state + 4));
  loop_open(c, &loop, &end, &next);
  compile_block(c, field_of(c, node, FIELD_BODY), NOWHERE);
  control_pop(c);
  label_here(c, &next);
  emit_jump(c, iterable, second ? OP_NEXT2 : OP_NEXT, state, 0, &top);
  label_here(c, &end);
}

void compile_for(struct compiler *c, u32 node)
{
  u16 mark = registers_mark(c), locals = c->fn->locals;
  u32 first = field_of(c, node, FIELD_PATTERN), second = tree_next_same(c->tree, first);
  u32 iterable = ungroup(c, field_of(c, node, FIELD_ITERABLE));
  if (!second && kind_of(c, first) == SYM_IDENTIFIER && kind_of(c, iterable) == SYM_RANGE_EXPRESSION)
    compile_for_ints(c, node, first, iterable);
  else compile_for_any(c, node, first, second);
  registers_release(c, mark);
  c->fn->locals = locals;
}
