#include "syntax/compiler.h"
#include "syntax/registers.h"

// Operands of a chain of one operator, `a and b and c`, in order: they lie on c->chain from the returned place on,
// last one first.
static u32 push_operands(struct compiler *c, u32 node)
{
  u32 base = c->chain.len;
  u16 operator= kind_of(c, field_of(c, node, FIELD_OPERATOR));
  bool is_ok = true;
  while (is_ok && kind_of(c, node) == SYM_LOGICAL_EXPRESSION &&
         kind_of(c, field_of(c, node, FIELD_OPERATOR)) == operator) {
    is_ok = vec_push(c->alloc, &c->chain, field_of(c, node, FIELD_RIGHT));
    node = field_of(c, node, FIELD_LEFT);
  }
  if (!is_ok || !vec_push(c->alloc, &c->chain, node)) c->failed = c->diagnostics->failed = true;
  return base;
}

static u32 pop_operand(struct compiler *c) { return vec_pop(&c->chain); }

// Values

static void logical_effect(struct compiler *c, u32 node, u16 operator)
{
  struct label end = { 0 };
  u16 mark = registers_mark(c);
  if (operator== TOK_QMARK_QMARK) {
    emit_jump(c, node, OP_JNOTNIL, compile_any(c, field_of(c, node, FIELD_LEFT)), 0, &end);
    registers_release(c, mark);
  } else compile_condition(c, field_of(c, node, FIELD_LEFT), operator== TOK_OR, &end);
  compile_effect(c, field_of(c, node, FIELD_RIGHT));
  label_here(c, &end);
}

void compile_logical(struct compiler *c, u32 node, u16 dest)
{
  u16 operator= kind_of(c, field_of(c, node, FIELD_OPERATOR));
  if (dest == NOWHERE) {
    logical_effect(c, node, operator);
    return;
  }
  enum opcode jump = operator== TOK_AND ? OP_JF : operator== TOK_OR ? OP_JT : OP_JNOTNIL;
  struct label end = { 0 };
  u32 base = push_operands(c, node);
  while (c->chain.len > base && !c->failed) {
    compile_to(c, pop_operand(c), dest);
    if (c->chain.len > base) emit_jump(c, node, jump, dest, 0, &end);
  }
  label_here(c, &end);
}

// Conditions

static void test_value(struct compiler *c, u32 node, bool when, struct label *target)
{
  u16 mark = registers_mark(c), reg = compile_any(c, node);
  struct taken item;
  if (reg >= mark && emit_take_back(c, OP_GETX, reg, &item)) {
    u16 operands[] = { reg, instruction_b(item.word) / 16, instruction_c(item.word) / 16 };
    emit_long_jump(c, node, when ? OP_GETXJT : OP_GETXJF, operands, target);
  } else emit_jump(c, node, when ? OP_JT : OP_JF, reg, 0, target);
  registers_release(c, mark);
}

struct comparing {
  enum opcode is, is_not;              // jumps if it holds, if not
  enum opcode is_small, is_not_small;  // against a small int
  enum opcode is_float, is_not_float;  // against a float; OP_COUNT: none
  bool swaps;                          // the right operand comes first
};

static bool comparing_of(u16 operator, struct comparing * out)
{
  switch (operator) {
  case TOK_EQ_EQ: *out = (struct comparing){ OP_JEQ, OP_JNE, OP_JEQI, OP_JNEI, OP_COUNT, OP_COUNT, false }; return true;
  case TOK_BANG_EQ: *out = (struct comparing){ OP_JNE, OP_JEQ, OP_JNEI, OP_JEQI, OP_COUNT, OP_COUNT, false }; return true;
  case TOK_LT: *out = (struct comparing){ OP_JLT, OP_JNLT, OP_JLTI, OP_JNLTI, OP_JLTK, OP_JNLTK, false }; return true;
  case TOK_LT_EQ: *out = (struct comparing){ OP_JLE, OP_JNLE, OP_JLEI, OP_JNLEI, OP_JLEK, OP_JNLEK, false }; return true;
  case TOK_GT: *out = (struct comparing){ OP_JLT, OP_JNLT, OP_JGTI, OP_JNGTI, OP_JGTK, OP_JNGTK, true }; return true;
  case TOK_GT_EQ: *out = (struct comparing){ OP_JLE, OP_JNLE, OP_JGEI, OP_JNGEI, OP_JGEK, OP_JNGEK, true }; return true;
  default: return false;
  }
}

static bool test_nil(struct compiler *c, u32 node, u16 operator, bool when, struct label *target)
{
  bool is_equality = operator== TOK_EQ_EQ || operator== TOK_BANG_EQ;
  if (!is_equality || kind_of(c, field_of(c, node, FIELD_RIGHT)) != SYM_NIL) return false;
  u16 mark = registers_mark(c), left = compile_any(c, field_of(c, node, FIELD_LEFT));
  emit_jump(c, node, when == (operator== TOK_EQ_EQ) ? OP_JNIL : OP_JNOTNIL, left, 0, target);
  registers_release(c, mark);
  return true;
}

static void test_comparison(struct compiler *c, u32 node, bool when, struct label *target)
{
  u16 operator= kind_of(c, field_of(c, node, FIELD_OPERATOR)), mark = registers_mark(c);
  struct comparing how;
  if (test_nil(c, node, operator, when, target)) return;
  if (c->uses_long_jumps || !comparing_of(operator, & how)) {
    test_value(c, node, when, target);
    return;
  }
  i32 n;
  Value v;
  u32 right_node = field_of(c, node, FIELD_RIGHT);
  u16 left = compile_any(c, field_of(c, node, FIELD_LEFT));
  if (literal_small_int(c, right_node, &n)) emit_jump(c, node, when ? how.is_small : how.is_not_small, left, n, target);
  else if (how.is_float != OP_COUNT && literal_number(c, right_node, &v) && is_float(v)) {
    enum opcode op = when ? how.is_float : how.is_not_float;
    emit_jump(c, node, op, left, 0, target);
    emit_word(c, v.bits);
  } else {
    u16 right = compile_any(c, right_node);
    emit_jump(c, node, when ? how.is : how.is_not, how.swaps ? right : left, how.swaps ? left : right, target);
  }
  registers_release(c, mark);
}

static void test_type(struct compiler *c, u32 node, bool when, struct label *target)
{
  u16 mark = registers_mark(c);
  u16 left = compile_any(c, field_of(c, node, FIELD_LEFT)), type = compile_any(c, field_of(c, node, FIELD_TYPE)),
      is = register_take(c);
  emit(c, node, OP_IS, is, left, type);
  if (kind_of(c, field_of(c, node, FIELD_OPERATOR)) == SYM_IS_NOT) when = !when;
  emit_jump(c, node, when ? OP_JT : OP_JF, is, 0, target);
  registers_release(c, mark);
}

// `and` is false where one operand is, `or` is true: those jump to the target at once when that is asked for, else
// past the rest.
static void test_logical(struct compiler *c, u32 node, bool when, struct label *target)
{
  u16 operator= kind_of(c, field_of(c, node, FIELD_OPERATOR));
  if (operator== TOK_QMARK_QMARK) {
    test_value(c, node, when, target);
    return;
  }
  bool decisive = operator== TOK_OR;
  struct label past = { 0 };
  u32 base = push_operands(c, node);
  while (c->chain.len > base && !c->failed) {
    u32 operand = pop_operand(c);
    bool is_last = c->chain.len == base;
    if (when == decisive || is_last) compile_condition(c, operand, when, target);
    else compile_condition(c, operand, decisive, &past);
  }
  label_here(c, &past);
}

void compile_condition(struct compiler *c, u32 node, bool when, struct label *target)
{
  for (;; when = !when) {
    while (kind_of(c, node) == SYM_GROUP) node = field_of(c, node, FIELD_VALUE);
    if (kind_of(c, node) != SYM_UNARY_EXPRESSION || kind_of(c, field_of(c, node, FIELD_OPERATOR)) != TOK_NOT) break;
    node = field_of(c, node, FIELD_OPERAND);
  }
  switch (kind_of(c, node)) {
  case SYM_COMPARISON: test_comparison(c, node, when, target); break;
  case SYM_TYPE_TEST: test_type(c, node, when, target); break;
  case SYM_LOGICAL_EXPRESSION: test_logical(c, node, when, target); break;
  case SYM_TRUE:
  case SYM_FALSE:
    if (when == (kind_of(c, node) == SYM_TRUE)) emit_jump(c, node, OP_JMP, 0, 0, target);
    break;
  case SYM_RETURN_EXPRESSION:
  case SYM_BREAK_EXPRESSION:
  case SYM_CONTINUE_EXPRESSION:
  case SYM_THROW_EXPRESSION: compile_effect(c, node); break;
  default: test_value(c, node, when, target);
  }
}
