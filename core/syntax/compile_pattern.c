#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"
#include "value/range.h"

#define PATTERN_MAX 1000  // items

// What takes a value apart: into names that are declared, into targets that are assigned, or into names of a match
// arm if it fits.
struct taking {
  enum pattern_mode mode;
  struct label *fail;
};

static void take(struct compiler *c, const struct taking *t, u32 pattern, u16 reg);

void pattern_reserve(struct compiler *c, u32 pattern)
{
  switch (kind_of(c, pattern)) {
  case SYM_IDENTIFIER: variable_reserve(c, scopes_symbol(&c->scopes, pattern)); break;
  case SYM_LIST_PATTERN:
  case SYM_MAP_PATTERN:
  case SYM_OR_PATTERN:
  case SYM_LIST:
  case SYM_MAP:
    for (u32 item = tree_first(c->tree, pattern); item; item = tree_next(c->tree, item)) pattern_reserve(c, item);
    break;
  case SYM_DEFAULT_PATTERN: pattern_reserve(c, field_of(c, pattern, FIELD_PATTERN)); break;
  case SYM_PATTERN_ENTRY:
  case SYM_ENTRY:
  case SYM_SPREAD: pattern_reserve(c, field_of(c, pattern, FIELD_VALUE)); break;
  case SYM_REST_PATTERN: pattern_reserve(c, field_of(c, pattern, FIELD_NAME)); break;
  default: break;
  }
}

// Where an item goes: a name that is declared takes it in its own register.
static u16 item_register(struct compiler *c, const struct taking *t, u32 pattern)
{
  if (kind_of(c, pattern) == SYM_DEFAULT_PATTERN) pattern = field_of(c, pattern, FIELD_PATTERN);
  const struct symbol *symbol = kind_of(c, pattern) == SYM_IDENTIFIER ? scopes_symbol(&c->scopes, pattern) : NULL;
  u16 reg = t->mode != PATTERN_ASSIGN ? variable_direct(symbol) : NOWHERE;
  return reg != NOWHERE ? reg : register_take(c);
}

// Tests that jump to t->fail

static void fail_unless(struct compiler *c, const struct taking *t, u32 node, enum opcode op, u16 a, u16 b)
{
  u16 mark = registers_mark(c), is = register_take(c);
  emit(c, node, op, is, a, b);
  emit_jump(c, node, OP_JF, is, 0, t->fail);
  registers_release(c, mark);
}

static void fail_unless_int(struct compiler *c, const struct taking *t, u32 node, enum opcode op,
                            enum opcode jump_if_not, u16 reg, i32 n)
{
  if (!c->uses_long_jumps) {
    emit_jump(c, node, jump_if_not, reg, n, t->fail);
    return;
  }
  u16 mark = registers_mark(c), number = register_take(c);
  emit(c, node, OP_INT, number, n, 0);
  fail_unless(c, t, node, op, reg, number);
  registers_release(c, mark);
}

static void take_literal(struct compiler *c, const struct taking *t, u32 node, u16 reg)
{
  Value v;
  if (!literal_constant(c, node, &v)) {
    compile_unsupported(c, node, "this pattern");
    return;
  }
  u16 mark = registers_mark(c);
  i32 n;
  if (is_nil(v)) emit_jump(c, node, OP_JNOTNIL, reg, 0, t->fail);
  else if (literal_small_int(c, node, &n)) fail_unless_int(c, t, node, OP_EQ, OP_JNEI, reg, n);
  else {
    u16 literal = register_take(c);
    compile_value(c, node, v, literal);
    if (c->uses_long_jumps) fail_unless(c, t, node, OP_EQ, reg, literal);
    else emit_jump(c, node, OP_JNE, reg, literal, t->fail);
  }
  registers_release(c, mark);
}

static void fail_unless_type(struct compiler *c, const struct taking *t, u32 node, const char *type, u16 reg)
{
  const struct module *m = c->module;
  while (m->outer) m = m->outer;
  const struct cell *cell = module_find(m, compile_intern(c, type, strlen(type)));
  if (!cell) {
    compile_unsupported(c, node, "range patterns without the built-in types");
    return;
  }
  u16 mark = registers_mark(c), class = register_take(c);
  emit(c, node, OP_GETG, class, 0, 0);
  emit_object(c, cell);
  fail_unless(c, t, node, OP_IS, reg, class);
  registers_release(c, mark);
}

// Ranges of ints hold ints only; those of strings and floats are two comparisons.
static void take_range(struct compiler *c, const struct taking *t, u32 node, u16 reg)
{
  Value from, to;
  u16 mark = registers_mark(c), a = register_take(c), b = register_take(c);
  bool is_included = kind_of(c, field_of(c, node, FIELD_OPERATOR)) == TOK_DOT_DOT_EQ;
  bool is_literal = literal_constant(c, field_of(c, node, FIELD_START), &from) &&
                    literal_constant(c, field_of(c, node, FIELD_END), &to);
  if (!is_literal || IS_STRING(from) != IS_STRING(to))
    compile_error(c, node, "the ends of a range pattern must both be numbers or both strings");
  else if (is_int(from) && is_int(to)) {
    compile_value(c, node, value_object(range_new(c->heap, as_int(from), as_int(to), 1, is_included)), a);
    fail_unless(c, t, node, OP_IN, reg, a);
  } else {
    fail_unless_type(c, t, node, IS_STRING(from) ? "string" : "number", reg);
    compile_value(c, node, from, a);
    compile_value(c, node, to, b);
    fail_unless(c, t, node, OP_LE, a, reg);
    fail_unless(c, t, node, is_included ? OP_LE : OP_LT, reg, b);
  }
  registers_release(c, mark);
}

static void take_type(struct compiler *c, const struct taking *t, u32 node, u16 reg)
{
  u16 mark = registers_mark(c);
  fail_unless(c, t, node, OP_IS, reg, compile_any(c, field_of(c, node, FIELD_TYPE)));
  registers_release(c, mark);
}

static void take_alternatives(struct compiler *c, const struct taking *t, u32 node, u16 reg)
{
  struct label fits = { 0 };
  for (u32 alternative = tree_first(c->tree, node); alternative; alternative = tree_next(c->tree, alternative)) {
    struct label next = { 0 };
    struct taking one = { t->mode, tree_next(c->tree, alternative) ? &next : t->fail };
    take(c, &one, alternative, reg);
    if (tree_next(c->tree, alternative)) emit_jump(c, alternative, OP_JMP, 0, 0, &fits);
    label_here(c, &next);
  }
  label_here(c, &fits);
}

// Items

// [reg] holds an item, or unset: then the default. Takes it apart.
static void take_item(struct compiler *c, const struct taking *t, u32 item, u16 reg)
{
  if (kind_of(c, item) == SYM_DEFAULT_PATTERN) {
    struct label given = { 0 };
    emit_jump(c, item, OP_JSET, reg, 0, &given);
    compile_to(c, field_of(c, item, FIELD_VALUE), reg);
    label_here(c, &given);
    item = field_of(c, item, FIELD_PATTERN);
  }
  take(c, t, item, reg);
}

static bool is_rest(const struct compiler *c, u32 item)
{
  return kind_of(c, item) == SYM_REST_PATTERN || kind_of(c, item) == SYM_SPREAD;
}

static u32 rest_target(const struct compiler *c, u32 item)
{
  return field_of(c, item, kind_of(c, item) == SYM_REST_PATTERN ? FIELD_NAME : FIELD_VALUE);
}

struct shape_of_list {
  u16 count;     // items but for the rest
  u16 required;  // the last one without a default, counted from 1
  bool has_rest;
};

static struct shape_of_list measure_list(struct compiler *c, u32 node)
{
  struct shape_of_list shape = { 0 };
  for (u32 item = tree_first(c->tree, node); item; item = tree_next(c->tree, item)) {
    if (shape.has_rest) compile_error(c, item, "nothing may stand behind the rest");
    if (is_rest(c, item)) shape.has_rest = true;
    else if (shape.count++ == PATTERN_MAX) compile_error(c, item, "a pattern may have %d items", PATTERN_MAX);
    if (!is_rest(c, item) && kind_of(c, item) != SYM_DEFAULT_PATTERN) shape.required = shape.count;
  }
  return shape;
}

static void match_length(struct compiler *c, const struct taking *t, u32 node, u16 reg, struct shape_of_list shape)
{
  u16 mark = registers_mark(c), len = register_take(c);
  emit_jump(c, node, OP_JNLIST, reg, 0, t->fail);
  emit(c, node, OP_LEN, len, reg, 0);
  if (shape.count == shape.required && !shape.has_rest) fail_unless_int(c, t, node, OP_EQ, OP_JNEI, len, shape.count);
  else {
    fail_unless_int(c, t, node, OP_GE, OP_JLTI, len, shape.required);
    if (!shape.has_rest) fail_unless_int(c, t, node, OP_LE, OP_JGTI, len, shape.count);
  }
  registers_release(c, mark);
}

static void take_list(struct compiler *c, const struct taking *t, u32 node, u16 reg)
{
  struct shape_of_list shape = measure_list(c, node);
  if (t->mode == PATTERN_MATCH) match_length(c, t, node, reg, shape);
  else emit(c, node, OP_WANTLIST, reg, shape.required, 0);
  u16 index = 0;
  for (u32 item = tree_first(c->tree, node); item && !c->failed; item = tree_next(c->tree, item)) {
    u16 mark = registers_mark(c);
    u32 target = is_rest(c, item) ? rest_target(c, item) : item;
    u16 value = item_register(c, t, target);
    emit(c, item, is_rest(c, item) ? OP_GETREST : OP_GETAT, value, reg, index++);
    take_item(c, t, target, value);
    registers_release(c, mark);
  }
}

// The key of an item of a map pattern: the name itself where that is all there is.
static u32 item_key(const struct compiler *c, u32 item)
{
  switch (kind_of(c, item)) {
  case SYM_PATTERN_ENTRY:
  case SYM_ENTRY: return field_of(c, item, FIELD_KEY);
  case SYM_DEFAULT_PATTERN: return field_of(c, item, FIELD_PATTERN);
  default: return item;
  }
}

static void put_key(struct compiler *c, u32 item, u16 dest)
{
  u32 key = item_key(c, item);
  compile_value(c, key, value_object(literal_key(c, key)), dest);
}

static void take_map_rest(struct compiler *c, const struct taking *t, u32 node, u32 rest, u16 reg)
{
  u32 target = rest_target(c, rest);
  u16 value = item_register(c, t, target), window = register_take(c), count = 0;
  emit(c, rest, OP_MOVE, window, reg, 0);
  for (u32 item = tree_first(c->tree, node); item != rest; item = tree_next(c->tree, item), count++)
    put_key(c, item, register_take(c));
  emit(c, rest, OP_MAPREST, value, window, count);
  take(c, t, target, value);
}

static void take_entry(struct compiler *c, const struct taking *t, u32 item, u16 reg)
{
  bool is_entry = kind_of(c, item) == SYM_PATTERN_ENTRY || kind_of(c, item) == SYM_ENTRY;
  u32 sub = is_entry ? field_of(c, item, FIELD_VALUE) : item;
  u16 value = item_register(c, t, sub), key = register_take(c);
  put_key(c, item, key);
  emit(c, item, OP_GETKEY, value, reg, key);
  if (kind_of(c, sub) != SYM_DEFAULT_PATTERN) {
    struct label there = { 0 };
    if (t->mode == PATTERN_MATCH) emit_jump(c, item, OP_JUNSET, value, 0, t->fail);
    else {
      emit_jump(c, item, OP_JSET, value, 0, &there);
      emit(c, item, OP_MISSING, reg, key, 0);
      label_here(c, &there);
    }
  }
  take_item(c, t, sub, value);
}

static void take_map(struct compiler *c, const struct taking *t, u32 node, u16 reg)
{
  if (t->mode == PATTERN_MATCH) emit_jump(c, node, OP_JNMAP, reg, 0, t->fail);
  else emit(c, node, OP_WANTMAP, reg, 0, 0);
  for (u32 item = tree_first(c->tree, node); item && !c->failed; item = tree_next(c->tree, item)) {
    u16 mark = registers_mark(c);
    if (!is_rest(c, item)) take_entry(c, t, item, reg);
    else if (tree_next(c->tree, item)) compile_error(c, tree_next(c->tree, item), "nothing may stand behind the rest");
    else take_map_rest(c, t, node, item, reg);
    registers_release(c, mark);
  }
}

static void take_name(struct compiler *c, const struct taking *t, u32 node, u16 reg)
{
  if (t->mode == PATTERN_ASSIGN) compile_target(c, node, reg);
  else variable_declare(c, node, reg);
}

static void take(struct compiler *c, const struct taking *t, u32 pattern, u16 reg)
{
  switch (kind_of(c, pattern)) {
  case SYM_IDENTIFIER: take_name(c, t, pattern, reg); break;
  case SYM_LIST_PATTERN:
  case SYM_LIST: take_list(c, t, pattern, reg); break;
  case SYM_MAP_PATTERN:
  case SYM_MAP: take_map(c, t, pattern, reg); break;
  case SYM_MEMBER:
  case SYM_INDEX: compile_target(c, pattern, reg); break;
  case SYM_OR_PATTERN: take_alternatives(c, t, pattern, reg); break;
  case SYM_RANGE_PATTERN: take_range(c, t, pattern, reg); break;
  case SYM_TYPE_PATTERN: take_type(c, t, pattern, reg); break;
  default:
    if (t->mode == PATTERN_MATCH) take_literal(c, t, pattern, reg);
    else compile_error(c, pattern, "this cannot be assigned to");
  }
}

void compile_pattern(struct compiler *c, u32 pattern, u16 reg, enum pattern_mode mode, struct label *fail)
{
  struct taking t = { mode, fail };
  take(c, &t, pattern, reg);
}
