#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

// A member or index that is assigned to: its object, and the key of an index, computed once.
struct slot {
  u32 node;
  u16 object, key;
  bool is_index;
};

static struct slot compile_slot(struct compiler *c, u32 target)
{
  struct slot s = { target, compile_any(c, field_of(c, target, FIELD_OBJECT)), 0, kind_of(c, target) == SYM_INDEX };
  if (s.is_index) s.key = compile_any(c, field_of(c, target, FIELD_INDEX));
  return s;
}

static void emit_field(struct compiler *c, u32 node, enum opcode op, u16 a, u16 b)
{
  emit(c, node, op, a, b, 0);
  emit_word(c, 0);
  emit_object(c, compile_name(c, field_of(c, node, FIELD_PROPERTY)));
}

// Of the values without bits.
static bool is_simple_constant(struct compiler *c, u32 node, Value *v)
{
  return literal_constant(c, node, v) && v->bits == 0 && v->tag <= TAG_TRUE;
}

static void slot_set(struct compiler *c, const struct slot *s, u16 value)
{
  if (s->is_index) emit(c, s->node, OP_SETX, s->object, s->key, value);
  else emit_field(c, s->node, OP_SETF, s->object, value);
}

static void slot_get(struct compiler *c, const struct slot *s, u16 dest)
{
  if (s->is_index) emit(c, s->node, OP_GETX, dest, s->object, s->key);
  else emit_field(c, s->node, OP_GETF, dest, s->object);
}

static bool is_slot(const struct compiler *c, u32 target)
{
  u16 kind = kind_of(c, target);
  if (kind == SYM_INDEX) return kind_of(c, field_of(c, target, FIELD_INDEX)) != SYM_SLICE;
  return kind == SYM_MEMBER && kind_of(c, field_of(c, target, FIELD_OBJECT)) != SYM_SUPER;
}

// At the top level an assignment may declare the name.
static bool is_declaration(const struct compiler *c, u32 node)
{
  const struct symbol *symbol = scopes_symbol(&c->scopes, node);
  return symbol && symbol->kind == SYMBOL_ASSIGNED && symbol->node == node;
}

void compile_target(struct compiler *c, u32 target, u16 value)
{
  if (kind_of(c, target) == SYM_IDENTIFIER) {
    if (is_declaration(c, target)) variable_declare(c, target, value);
    else variable_write(c, target, value);
    return;
  }
  if (!is_slot(c, target)) {
    compile_error(c, target, "this cannot be assigned to");
    return;
  }
  u16 mark = registers_mark(c);
  struct slot s = compile_slot(c, target);
  slot_set(c, &s, value);
  registers_release(c, mark);
}

// Names

static void assign_name(struct compiler *c, u32 target, u32 value)
{
  struct symbol *symbol = scopes_symbol(&c->scopes, target);
  if (is_declaration(c, target) && symbol->storage == STORAGE_NONE) {
    u16 reg = register_take(c);
    compile_to(c, value, reg);
    registers_release(c, reg);
    variable_reserve(c, symbol);
    return;
  }
  u16 mark = registers_mark(c), direct = symbol && symbol->function == c->fn->index ? variable_direct(symbol) : NOWHERE;
  if (direct != NOWHERE) compile_over(c, value, direct);
  else compile_target(c, target, compile_any(c, value));
  registers_release(c, mark);
}

// Patterns

static bool is_plain_list(const struct compiler *c, u32 list)
{
  for (u32 item = tree_first(c->tree, list); item; item = tree_next(c->tree, item)) {
    u16 kind = kind_of(c, item);
    if (kind == SYM_SPREAD || kind == SYM_DEFAULT_PATTERN || kind == SYM_LIST || kind == SYM_MAP) return false;
  }
  return true;
}

// `[a, b] = [b, a]` needs no list: all values first, then all targets.
static bool assign_side_by_side(struct compiler *c, u32 left, u32 right)
{
  bool is_simple = kind_of(c, left) == SYM_LIST && kind_of(c, right) == SYM_LIST && is_plain_list(c, left) &&
                   is_plain_list(c, right);
  u32 count = is_simple ? tree_child_count(c->tree, left) : 0;
  if (count == 0 || count > 16 || tree_child_count(c->tree, right) != count) return false;
  u16 value = registers_mark(c);
  for (u32 item = tree_first(c->tree, right); item; item = tree_next(c->tree, item)) {
    u16 reg = register_take(c);
    compile_to(c, item, reg);
  }
  for (u32 target = tree_first(c->tree, left); target; target = tree_next(c->tree, target))
    compile_target(c, target, value++);
  return true;
}

static void assign_pattern(struct compiler *c, u32 left, u32 right)
{
  pattern_reserve(c, left);
  u16 mark = registers_mark(c);
  if (!assign_side_by_side(c, left, right)) {
    u16 value = register_take(c);
    compile_to(c, right, value);
    compile_pattern(c, left, value, PATTERN_ASSIGN, NULL);
  }
  registers_release(c, mark);
}

void compile_assignment(struct compiler *c, u32 node)
{
  u32 left = field_of(c, node, FIELD_LEFT), right = field_of(c, node, FIELD_RIGHT);
  u16 kind = kind_of(c, left), mark = registers_mark(c);
  if (kind == SYM_IDENTIFIER) assign_name(c, left, right);
  else if (kind == SYM_LIST || kind == SYM_MAP) assign_pattern(c, left, right);
  else if (!is_slot(c, left)) compile_error(c, left, "this cannot be assigned to");
  else {
    struct slot s = compile_slot(c, left);
    Value v;
    if (s.is_index && is_simple_constant(c, right, &v)) emit(c, s.node, OP_SETXC, s.object, s.key, (i32)v.tag);
    else slot_set(c, &s, compile_any(c, right));
    registers_release(c, mark);
  }
}

// Compound: x += 1

// n += right, n captured from outside; false where right is not simply there.
static bool add_captured(struct compiler *c, u32 node, u32 left, u32 right)
{
  i32 n, up = variable_captured(c, left);
  if (up < 0) return false;
  if (literal_small_int(c, right, &n)) {
    emit(c, node, OP_ADDUPI, register_take(c), up, n);
    return true;
  }
  u16 reg = kind_of(c, right) == SYM_IDENTIFIER ? variable_register(c, right) : NOWHERE;
  if (reg == NOWHERE) return false;
  emit(c, node, OP_ADDUP, register_take(c), up, reg);
  return true;
}

static void compound_name(struct compiler *c, u32 node, u32 left, u16 operator, u32 right)
{
  const struct symbol *symbol = scopes_symbol(&c->scopes, left);
  u16 direct = symbol && symbol->function == c->fn->index && !symbol->is_volatile ? variable_direct(symbol) : NOWHERE;
  if (direct != NOWHERE) {
    compile_arithmetic(c, node, operator, direct, direct, right);
    return;
  }
  if (operator== TOK_PLUS_EQ && add_captured(c, node, left, right)) return;
  u16 value = register_take(c);
  variable_read(c, left, value);
  compile_arithmetic(c, node, operator, value, value, right);
  variable_write(c, left, value);
}

static void compound_slot(struct compiler *c, u32 node, u32 left, u16 operator, u32 right)
{
  struct slot s = compile_slot(c, left);
  if (!s.is_index && operator== TOK_PLUS_EQ) {
    i32 n;
    if (literal_small_int(c, right, &n)) emit(c, node, OP_ADDFI, s.object, n, 0);
    else emit(c, node, OP_ADDF, s.object, compile_any(c, right), 0);
    emit_word(c, 0);
    emit_object(c, compile_name(c, field_of(c, left, FIELD_PROPERTY)));
    return;
  }
  u16 value = register_take(c);
  slot_get(c, &s, value);
  compile_arithmetic(c, node, operator, value, value, right);
  slot_set(c, &s, value);
}

// m.x ??= v puts an entry where there is none.
static void get_or_jump(struct compiler *c, u32 left, const struct slot *s, u16 value, struct label *none)
{
  u16 mark = registers_mark(c), key = register_take(c);
  compile_value(c, left, value_object(compile_name(c, field_of(c, left, FIELD_PROPERTY))), key);
  emit(c, left, OP_GETKEY, value, s->object, key);
  emit_jump(c, left, OP_JUNSET, value, 0, none);
  registers_release(c, mark);
}

// x ??= v
static void assign_if_nil(struct compiler *c, u32 left, u32 right)
{
  struct label end = { 0 }, none = { 0 };
  bool is_name = kind_of(c, left) == SYM_IDENTIFIER;
  struct slot s = { 0 };
  if (!is_name) s = compile_slot(c, left);
  u16 value = register_take(c);
  if (is_name) variable_read(c, left, value);
  else if (s.is_index) slot_get(c, &s, value);
  else get_or_jump(c, left, &s, value, &none);
  emit_jump(c, left, OP_JNOTNIL, value, 0, &end);
  label_here(c, &none);
  compile_to(c, right, value);
  if (is_name) variable_write(c, left, value);
  else slot_set(c, &s, value);
  label_here(c, &end);
}

void compile_compound(struct compiler *c, u32 node)
{
  u32 left = field_of(c, node, FIELD_LEFT), right = field_of(c, node, FIELD_RIGHT);
  u16 operator= kind_of(c, field_of(c, node, FIELD_OPERATOR)), mark = registers_mark(c);
  if (kind_of(c, left) != SYM_IDENTIFIER && !is_slot(c, left)) compile_error(c, left, "this cannot be assigned to");
  else if (operator== TOK_QMARK_QMARK_EQ) assign_if_nil(c, left, right);
  else if (kind_of(c, left) == SYM_IDENTIFIER) compound_name(c, node, left, operator, right);
  else compound_slot(c, node, left, operator, right);
  registers_release(c, mark);
}
