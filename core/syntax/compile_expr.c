#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"
#include "value/number.h"

void compile_identifier(struct compiler *c, u32 node, u16 dest) { variable_read(c, node, dest); }

void compile_await(struct compiler *c, u32 node, u16 dest)
{
  u16 mark = registers_mark(c);
  emit(c, node, OP_AWAIT, dest, compile_any(c, field_of(c, node, FIELD_VALUE)), 0);
  registers_release(c, mark);
}

void compile_unary(struct compiler *c, u32 node, u16 dest)
{
  Value v;
  if (literal_number(c, node, &v)) {
    compile_value(c, node, v, dest);
    return;
  }
  u16 operator= kind_of(c, field_of(c, node, FIELD_OPERATOR)), mark = registers_mark(c);
  enum opcode op = operator== TOK_DASH ? OP_NEG : operator== TOK_TILDE ? OP_BNOT : OP_NOT;
  emit(c, node, op, dest, compile_any(c, field_of(c, node, FIELD_OPERAND)), 0);
  registers_release(c, mark);
}

void compile_range(struct compiler *c, u32 node, u16 dest)
{
  u16 mark = registers_mark(c);
  u16 start = compile_any(c, field_of(c, node, FIELD_START)), end = compile_any(c, field_of(c, node, FIELD_END));
  emit(c, node, kind_of(c, field_of(c, node, FIELD_OPERATOR)) == TOK_DOT_DOT ? OP_RANGE : OP_RANGEI, dest, start, end);
  registers_release(c, mark);
}

void compile_type_test(struct compiler *c, u32 node, u16 dest)
{
  u16 mark = registers_mark(c);
  u16 left = compile_any(c, field_of(c, node, FIELD_LEFT)), type = compile_any(c, field_of(c, node, FIELD_TYPE));
  emit(c, node, OP_IS, dest, left, type);
  if (kind_of(c, field_of(c, node, FIELD_OPERATOR)) == SYM_IS_NOT) emit(c, node, OP_NOT, dest, dest, 0);
  registers_release(c, mark);
}

static enum opcode comparison_opcode(u16 operator)
{
  switch (operator) {
  case TOK_EQ_EQ: return OP_EQ;
  case TOK_BANG_EQ: return OP_NE;
  case TOK_LT: return OP_LT;
  case TOK_LT_EQ: return OP_LE;
  case TOK_GT: return OP_GT;
  case TOK_GT_EQ: return OP_GE;
  default: return OP_IN;
  }
}

void compile_comparison(struct compiler *c, u32 node, u16 dest)
{
  u16 operator= kind_of(c, field_of(c, node, FIELD_OPERATOR)), mark = registers_mark(c);
  u16 left = compile_any(c, field_of(c, node, FIELD_LEFT)), right = compile_any(c, field_of(c, node, FIELD_RIGHT));
  emit(c, node, comparison_opcode(operator), dest, left, right);
  if (operator== SYM_NOT_IN) emit(c, node, OP_NOT, dest, dest, 0);
  registers_release(c, mark);
}

// Arithmetic

struct arithmetic {
  enum opcode op;
  enum number_op number;
};

static struct arithmetic arithmetic_of(u16 operator)
{
  switch (operator) {
  case TOK_PLUS:
  case TOK_PLUS_EQ: return (struct arithmetic){ OP_ADD, NUMBER_ADD };
  case TOK_DASH:
  case TOK_DASH_EQ: return (struct arithmetic){ OP_SUB, NUMBER_SUB };
  case TOK_STAR:
  case TOK_STAR_EQ: return (struct arithmetic){ OP_MUL, NUMBER_MUL };
  case TOK_SLASH:
  case TOK_SLASH_EQ: return (struct arithmetic){ OP_DIV, NUMBER_DIV };
  case TOK_SLASH_SLASH:
  case TOK_SLASH_SLASH_EQ: return (struct arithmetic){ OP_IDIV, NUMBER_IDIV };
  case TOK_PERCENT:
  case TOK_PERCENT_EQ: return (struct arithmetic){ OP_MOD, NUMBER_MOD };
  case TOK_STAR_STAR:
  case TOK_STAR_STAR_EQ: return (struct arithmetic){ OP_POW, NUMBER_POW };
  case TOK_LT_LT: return (struct arithmetic){ OP_SHL, NUMBER_SHL };
  case TOK_GT_GT: return (struct arithmetic){ OP_SHR, NUMBER_SHR };
  case TOK_AMP: return (struct arithmetic){ OP_BAND, NUMBER_AND };
  case TOK_CARET: return (struct arithmetic){ OP_BXOR, NUMBER_XOR };
  default: return (struct arithmetic){ OP_BOR, NUMBER_OR };
  }
}

// The form of an instruction that holds its right operand; OP_COUNT for none.
static enum opcode immediate_form(enum opcode op, i32 *n)
{
  switch (op) {
  case OP_ADD: return OP_ADDI;
  case OP_SUB: *n = -*n; return *n <= INT16_MAX ? OP_ADDI : OP_COUNT;
  case OP_MUL: return OP_MULI;
  case OP_IDIV: return *n ? OP_IDIVI : OP_COUNT;
  case OP_MOD: return *n ? OP_MODI : OP_COUNT;
  case OP_BAND: return OP_BANDI;
  case OP_SHL: return *n >= 0 && *n < 64 ? OP_SHLI : OP_COUNT;
  case OP_SHR: return *n >= 0 && *n < 64 ? OP_SHRI : OP_COUNT;
  default: return OP_COUNT;
  }
}

void compile_arithmetic(struct compiler *c, u32 node, u16 operator, u16 dest, u16 left, u32 right)
{
  enum opcode op = arithmetic_of(operator).op, form = OP_COUNT;
  i32 n;
  if (literal_small_int(c, right, &n)) form = immediate_form(op, &n);
  u16 mark = registers_mark(c);
  if (form != OP_COUNT) emit(c, node, form, dest, left, n);
  else emit(c, node, op, dest, left, compile_any(c, right));
  registers_release(c, mark);
}

// Two literals; only where the result stays small and nothing can go wrong.
static bool fold(struct compiler *c, u16 operator, Value a, u32 right, Value *result)
{
  Value b;
  enum number_op op = arithmetic_of(operator).number;
  if (!literal_number(c, right, &b)) return false;
  bool may_grow = op == NUMBER_POW || op == NUMBER_SHL;
  if (may_grow && !(is_int(a) && is_int(b) && as_int(b) >= 0 && as_int(b) <= 64)) return false;
  Value v;
  if (number_arith(c->heap, op, a, b, &v) != NUMBER_OK || !(is_int(v) || is_float(v))) return false;
  *result = v;
  return true;
}

// Chains such as a + b - c * d lean left and may be long: the spine lies on a stack and is worked off from its end.
struct spine {
  u32 base;  // of c->chain
  u32 leaf;
};

static struct spine push_spine(struct compiler *c, u32 node)
{
  struct spine s = { c->chain.len, node };
  while (kind_of(c, s.leaf) == SYM_BINARY_EXPRESSION) {
    if (!vec_push(c->alloc, &c->chain, s.leaf)) {
      c->failed = c->diagnostics->failed = true;
      break;
    }
    s.leaf = field_of(c, s.leaf, FIELD_LEFT);
  }
  return s;
}

void compile_binary(struct compiler *c, u32 node, u16 dest)
{
  struct spine s = push_spine(c, node);
  u16 mark = registers_mark(c), scratch = register_is_scratch(c, dest) ? dest : NOWHERE, left = NOWHERE;
  Value v;
  bool is_constant = literal_number(c, s.leaf, &v);
  for (u32 i = c->chain.len; i > s.base && !c->failed; i--) {
    u32 now = c->chain.data[i - 1], right = field_of(c, now, FIELD_RIGHT);
    u16 operator= kind_of(c, field_of(c, now, FIELD_OPERATOR));
    c->chain.len = i - 1;
    if (is_constant && fold(c, operator, v, right, &v)) continue;
    if (is_constant) compile_value(c, now, v, left = scratch != NOWHERE ? scratch : register_take(c));
    else if (left == NOWHERE) left = compile_operand(c, s.leaf, scratch);
    is_constant = false;
    u16 partial = left >= mark || left == scratch ? left : scratch != NOWHERE ? scratch : register_take(c);
    u16 target = i - 1 == s.base ? dest : partial;
    compile_arithmetic(c, now, operator, target, left, right);
    left = target;
  }
  if (is_constant) compile_value(c, node, v, dest);
  registers_release(c, mark);
}
