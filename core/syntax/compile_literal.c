#include "syntax/compiler.h"
#include "value/number.h"

static Value parse_int(struct compiler *c, u32 node)
{
  u32 len;
  const char *text = tree_text(c->tree, node, &len);
  int base = 10;
  if (len > 2 && text[0] == '0') {
    char prefix = (char)(text[1] | 0x20);
    base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : prefix == 'o' ? 8 : 10;
  }
  u32 skip = base == 10 ? 0 : 2;
  return number_parse_int(c->heap, text + skip, len - skip, base);
}

static double parse_float(struct compiler *c, u32 node, u32 without)
{
  u32 len;
  const char *text = tree_text(c->tree, node, &len);
  double d = 0;
  if (!number_parse_float(text, len - without, &d)) compile_error(c, node, "this number is too large");
  return d;
}

// Small units divide: 250 / 1000 is the float nearest to 0.25, 250 * 0.001 need not be.
static Value parse_duration(struct compiler *c, u32 node)
{
  static const struct {
    const char *unit;
    double times, divided_by;
  } units[] = { { "ns", 1, 1e9 }, { "us", 1, 1e6 }, { "ms", 1, 1e3 }, { "s", 1, 1 },
                { "m", 60, 1 },   { "h", 3600, 1 }, { "d", 86400, 1 } };
  u32 len;
  const char *text = tree_text(c->tree, node, &len);
  for (size_t i = 0; i < COUNT_OF(units); i++) {
    u32 unit = (u32)strlen(units[i].unit);
    if (len <= unit || memcmp(text + len - unit, units[i].unit, unit) != 0) continue;
    return value_float(parse_float(c, node, unit) * units[i].times / units[i].divided_by);
  }
  return value_float(0);
}

static bool negative(struct compiler *c, u32 node, Value *v)
{
  bool is_minus = kind_of(c, field_of(c, node, FIELD_OPERATOR)) == TOK_DASH;
  return is_minus && literal_number(c, field_of(c, node, FIELD_OPERAND), v) &&
         number_negate(c->heap, *v, v) == NUMBER_OK;
}

bool literal_number(struct compiler *c, u32 node, Value *v)
{
  switch (kind_of(c, node)) {
  case SYM_INTEGER: *v = parse_int(c, node); return !is_unset(*v);
  case SYM_FLOAT: *v = value_float(parse_float(c, node, 0)); return true;
  case SYM_DURATION: *v = parse_duration(c, node); return true;
  case SYM_GROUP: return literal_number(c, field_of(c, node, FIELD_VALUE), v);
  case SYM_UNARY_EXPRESSION: return negative(c, node, v);
  default: return false;
  }
}

bool literal_constant(struct compiler *c, u32 node, Value *v)
{
  switch (kind_of(c, node)) {
  case SYM_NIL: *v = NIL; return true;
  case SYM_TRUE: *v = TRUE; return true;
  case SYM_FALSE: *v = FALSE; return true;
  case SYM_RAW_STRING: *v = value_object(string_literal(c, node)); return true;
  case SYM_STRING:
  case SYM_BLOCK_STRING:
    if (!string_is_plain(c, node)) return false;
    *v = value_object(string_literal(c, node));
    return true;
  default: return literal_number(c, node, v);
  }
}

bool literal_small_int(struct compiler *c, u32 node, i32 *n)
{
  Value v;
  if (!literal_number(c, node, &v) || !is_int(v) || as_int(v) < INT16_MIN || as_int(v) > INT16_MAX) return false;
  *n = (i32)as_int(v);
  return true;
}

void compile_value(struct compiler *c, u32 node, Value v, u16 dest)
{
  if (is_nil(v)) emit(c, node, OP_NIL, dest, 0, 0);
  else if (is_bool(v)) emit(c, node, OP_BOOL, dest, v.tag == TAG_TRUE, 0);
  else if (is_int(v) && as_int(v) >= INT32_MIN && as_int(v) <= INT32_MAX)
    emit(c, node, OP_INT, dest, (i32)as_int(v), 0);
  else {
    emit(c, node, OP_CONST, dest, 0, 0);
    if (is_object(v)) emit_object(c, as_object(v));
    else emit_word(c, v.bits);
    emit_word(c, v.tag);
  }
}

void compile_constant(struct compiler *c, u32 node, u16 dest)
{
  Value v;
  if (literal_constant(c, node, &v)) compile_value(c, node, v, dest);
  else c->failed = c->diagnostics->failed = true;
}

struct string *literal_key(struct compiler *c, u32 node)
{
  return kind_of(c, node) == SYM_PROPERTY_IDENTIFIER || kind_of(c, node) == SYM_IDENTIFIER ? compile_name(c, node)
                                                                                           : string_literal(c, node);
}
