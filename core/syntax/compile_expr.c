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

// The form of an instruction with a float in its code, on the right or on the left; OP_COUNT for none.
static enum opcode float_form(enum opcode op, Value v, bool is_left)
{
  if (!is_float(v)) return OP_COUNT;
  switch (op) {
  case OP_ADD: return OP_ADDK;
  case OP_SUB: return is_left ? OP_KSUB : OP_SUBK;
  case OP_MUL: return OP_MULK;
  case OP_DIV: return is_left ? OP_KDIV : as_float(v) != 0 ? OP_DIVK : OP_COUNT;
  default: return OP_COUNT;
  }
}

static void emit_float(struct compiler *c, u32 node, enum opcode op, u16 dest, u16 operand, Value v, bool is_left)
{
  emit(c, node, op, dest, operand, is_left && (op == OP_ADDK || op == OP_MULK));
  emit_word(c, v.bits);
}

static void emit_product(struct compiler *c, u32 node, enum opcode op, u16 dest, u16 other, const struct taken *product,
                         u64 flag)
{
  emit(c, node, op, dest, instruction_b(product->word) / 16, instruction_c(product->word) / 16);
  emit_place(c, product->start, product->end);
  emit_word(c, (u64)other * 16 | flag);
}

// dest := left op right; where one of them is a product just computed, for nothing else, in one instruction.
static void emit_operation(struct compiler *c, u32 node, enum opcode op, u16 dest, u16 left, u16 right, bool is_right_new)
{
  struct taken product;
  if (is_right_new && (op == OP_ADD || op == OP_SUB) && left != right && emit_take_back(c, OP_MUL, right, &product))
    emit_product(c, node, op == OP_ADD ? OP_MULADD : OP_MULSUB, dest, left, &product, 0);
  else if (op == OP_ADD && left >= c->fn->locals && left != right && emit_take_back(c, OP_MUL, left, &product))
    emit_product(c, node, OP_MULADD, dest, right, &product, MULADD_PRODUCT_FIRST);
  else emit(c, node, op, dest, left, right);
}

void compile_arithmetic(struct compiler *c, u32 node, u16 operator, u16 dest, u16 left, u32 right)
{
  enum opcode op = arithmetic_of(operator).op, form = OP_COUNT;
  u16 mark = registers_mark(c);
  Value v;
  i32 n;
  if (literal_small_int(c, right, &n) && (form = immediate_form(op, &n)) != OP_COUNT) {
    emit(c, node, form, dest, left, n);
  } else if (literal_number(c, right, &v) && (form = float_form(op, v, false)) != OP_COUNT) {
    emit_float(c, node, form, dest, left, v, false);
  } else {
    u16 reg = compile_any(c, right);
    emit_operation(c, node, op, dest, left, reg, reg >= mark);
  }
  registers_release(c, mark);
}

// left op right, where the left one is a number in the code.
static void constant_arithmetic(struct compiler *c, u32 node, u16 operator, u16 dest, Value left, u16 scratch, u32 right)
{
  enum opcode form = float_form(arithmetic_of(operator).op, left, true);
  u16 mark = registers_mark(c);
  if (form != OP_COUNT) {
    emit_float(c, node, form, dest, compile_any(c, right), left, true);
  } else {
    compile_value(c, node, left, scratch);
    compile_arithmetic(c, node, operator, dest, scratch, right);
  }
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
    if (!is_constant && left == NOWHERE) left = compile_operand(c, s.leaf, scratch);
    bool is_free = !is_constant && (left >= mark || left == scratch);
    u16 partial = is_free ? left : scratch != NOWHERE ? scratch : register_take(c);
    u16 target = i - 1 == s.base ? dest : partial;
    if (is_constant) constant_arithmetic(c, now, operator, target, v, partial, right);
    else compile_arithmetic(c, now, operator, target, left, right);
    is_constant = false;
    left = target;
  }
  if (is_constant) compile_value(c, node, v, dest);
  registers_release(c, mark);
}
