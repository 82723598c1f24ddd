#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

// Functions first, then the classes that need not wait for their line.
static void make_hoisted(struct compiler *c, u32 block)
{
  for (u32 s = tree_first(c->tree, block); s; s = tree_next(c->tree, s)) {
    if (kind_of(c, s) == SYM_FUNCTION_DECLARATION) function_make(c, s);
  }
  const struct scope *scope = scopes_scope(&c->scopes, block);
  for (u32 i = scope ? scope->first_class : NO_SYMBOL; i != NO_SYMBOL; i = c->scopes.symbols.data[i].next_class) {
    class_make(c, c->scopes.symbols.data[i].declaration);
  }
}

// Values nobody uses, on a line that looks as if it went on with the one above.
static void warn_unused(struct compiler *c, u32 node)
{
  switch (kind_of(c, node)) {
  case SYM_UNARY_EXPRESSION:
  case SYM_BINARY_EXPRESSION:
  case SYM_GROUP:
  case SYM_LIST:
  case SYM_COMPARISON:
  case SYM_TYPE_TEST:
  case SYM_INDEX:
  case SYM_MEMBER:
  case SYM_RANGE_EXPRESSION: break;
  default: return;
  }
  const struct node *n = &c->tree->nodes[node];
  char first = c->source->text[n->start];
  if ((first != '-' && first != '(' && first != '[') || c->uses_long_jumps) return;
  diagnostics_warning(c->diagnostics, n->start, n->end,
                      "this value is not used; a line that starts with '%c' is a statement of its own", first);
}

static void compile_statement(struct compiler *c, u32 node, bool is_first)
{
  if (!is_first) warn_unused(c, node);
  compile_effect(c, node);
}

void compile_statements(struct compiler *c, u32 node, u16 dest)
{
  u32 first = tree_first(c->tree, node);
  make_hoisted(c, node);
  for (u32 s = first; s && !c->failed; s = tree_next(c->tree, s)) {
    if (dest != NOWHERE && !tree_next(c->tree, s)) compile_to(c, s, dest);
    else compile_statement(c, s, s == first);
  }
  if (!first && dest != NOWHERE) emit(c, node, OP_NIL, dest, 0, 0);
}

// Opens the scope of a block; what to give back when it ends.
struct block_state {
  u16 mark, locals;
};

static struct block_state block_open(struct compiler *c, u32 node)
{
  struct block_state state = { registers_mark(c), c->fn->locals };
  variable_open_scope(c, scopes_scope(&c->scopes, node));
  return state;
}

static void block_close(struct compiler *c, struct block_state state)
{
  registers_release(c, state.mark);
  c->fn->locals = state.locals;
}

void compile_block(struct compiler *c, u32 node, u16 dest)
{
  struct block_state state = block_open(c, node);
  compile_statements(c, node, dest);
  block_close(c, state);
}

void compile_return_block(struct compiler *c, u32 node)
{
  struct block_state state = block_open(c, node);
  make_hoisted(c, node);
  u32 first = tree_first(c->tree, node);
  for (u32 s = first; s && !c->failed; s = tree_next(c->tree, s)) {
    if (tree_next(c->tree, s)) compile_statement(c, s, s == first);
    else compile_return_of(c, s);
  }
  if (!first) return_register(c, node, NOWHERE);
  block_close(c, state);
}

void compile_let(struct compiler *c, u32 node)
{
  u32 pattern = field_of(c, node, FIELD_PATTERN), value = field_of(c, node, FIELD_VALUE);
  struct symbol *symbol = kind_of(c, pattern) == SYM_IDENTIFIER ? scopes_symbol(&c->scopes, pattern) : NULL;
  bool is_plain = symbol && symbol->storage == STORAGE_NONE;
  if (kind_of(c, pattern) != SYM_IDENTIFIER) pattern_reserve(c, pattern);
  u16 mark = registers_mark(c), reg = register_take(c);
  if (value) compile_to(c, value, reg);
  else emit(c, node, OP_NIL, reg, 0, 0);
  if (is_plain) {
    registers_release(c, mark);
    variable_reserve(c, symbol);  // takes [reg]
    if (symbol->needs_cell) variable_declare(c, pattern, reg);
    return;
  }
  compile_pattern(c, pattern, reg, PATTERN_DECLARE, NULL);
  registers_release(c, mark);
}

// Expressions made of blocks

void compile_do(struct compiler *c, u32 node, u16 dest) { compile_block(c, field_of(c, node, FIELD_BODY), dest); }

void compile_if(struct compiler *c, u32 node, u16 dest)
{
  struct label end = { 0 };
  while (kind_of(c, node) == SYM_IF_EXPRESSION && !c->failed) {
    struct label otherwise = { 0 };
    u32 alternative = field_of(c, node, FIELD_ALTERNATIVE);
    compile_condition(c, field_of(c, node, FIELD_CONDITION), false, &otherwise);
    compile_block(c, field_of(c, node, FIELD_CONSEQUENCE), dest);
    if ((alternative || dest != NOWHERE) && emit_is_reachable(c)) emit_jump(c, node, OP_JMP, 0, 0, &end);
    label_here(c, &otherwise);
    if (!alternative) {
      if (dest != NOWHERE) emit(c, node, OP_NIL, dest, 0, 0);
      break;
    }
    node = alternative;
  }
  if (kind_of(c, node) == SYM_BLOCK) compile_block(c, node, dest);
  label_here(c, &end);
}
