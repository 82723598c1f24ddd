#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

// How many fields an instance is likely to have

static bool is_self_field(struct compiler *c, u32 node)
{
  return kind_of(c, node) == SYM_MEMBER && kind_of(c, field_of(c, node, FIELD_OBJECT)) == SYM_SELF;
}

static bool is_new_name(const struct string *const *names, u32 count, const struct string *name)
{
  for (u32 i = 0; i < count; i++) {
    if (names[i] == name) return false;
  }
  return true;
}

static u32 past(const struct tree *t, u32 node)
{
  u32 end = t->nodes[node].end, n = node + 1;
  while (n < t->count && t->nodes[n].start < end) n++;
  return n;
}

// The distinct names that the declaration and its methods give to fields of self.
static u16 count_fields(struct compiler *c, u32 class_node)
{
  const struct string *names[64];
  u32 count = 0, end = past(c->tree, class_node);
  for (u32 n = class_node + 1; n < end && count < COUNT_OF(names); n++) {
    u16 kind = kind_of(c, n);
    u32 name = 0, left = kind == SYM_ASSIGNMENT || kind == SYM_COMPOUND_ASSIGNMENT ? field_of(c, n, FIELD_LEFT) : 0;
    if (kind == SYM_CLASS_DECLARATION) n = past(c->tree, n) - 1;
    else if (kind == SYM_FIELD) name = field_of(c, n, FIELD_NAME);
    else if (left && is_self_field(c, left)) name = field_of(c, left, FIELD_PROPERTY);
    if (!name) continue;
    const struct string *text = compile_name(c, name);
    if (is_new_name(names, count, text)) names[count++] = text;
  }
  return (u16)count;
}

static struct proto *declaration_proto(struct compiler *c, u32 node, struct string *name)
{
  struct proto *p = proto_new(c->heap, c->source, name);
  p->span_start = c->tree->nodes[node].start;
  p->span_end = c->tree->nodes[node].end;
  tree_doc_before(c->tree, node, &p->doc_start, &p->doc_end);
  p->field_hint = count_fields(c, node);
  p->next = *c->protos;
  *c->protos = p;
  return p;
}

// Fields

static void set_field(struct compiler *c, u32 field)
{
  const struct scope *scope = scopes_scope(&c->scopes, field);
  u32 value = field_of(c, field, FIELD_VALUE);
  if (scope && scope->first != NO_SYMBOL) {
    struct symbol *self = &c->scopes.symbols.data[scope->first];
    self->storage = STORAGE_REGISTER;
    self->reg = 0;
  }
  u16 mark = registers_mark(c), reg = register_take(c);
  if (value) compile_to(c, value, reg);
  else emit(c, field, OP_NIL, reg, 0, 0);
  emit(c, field, OP_SETF, 0, reg, 0);
  emit_word(c, 0);
  emit_object(c, compile_name(c, field_of(c, field, FIELD_NAME)));
  registers_release(c, mark);
}

static struct proto *compile_fields(struct compiler *c, u32 body, struct string *class_name)
{
  struct function_state fn;
  function_begin(c, &fn, body, class_name);
  struct proto *p = fn.proto;
  p->is_method = true;
  p->params = p->required = 1;
  p->param_names = heap_resize(c->heap, NULL, 0, sizeof *p->param_names);
  if (p->param_names) p->param_names[0] = compile_intern(c, "self", 4);
  else c->failed = c->diagnostics->failed = true;
  register_take(c);
  fn.locals = 1;
  for (u32 member = tree_first(c->tree, body); member && !c->failed; member = tree_next(c->tree, member)) {
    if (kind_of(c, member) == SYM_FIELD) set_field(c, member);
  }
  return function_end(c);
}

// The class

static void add_methods(struct compiler *c, u32 body, u16 class)
{
  for (u32 member = tree_first(c->tree, body); member && !c->failed; member = tree_next(c->tree, member)) {
    if (kind_of(c, member) != SYM_METHOD) continue;
    u16 closure = register_take(c);
    compile_closure(c, member, closure);
    emit(c, member, OP_METHOD, class, closure, 0);
    emit_object(c, compile_name(c, field_of(c, member, FIELD_NAME)));
    registers_release(c, closure);
  }
}

static void emit_class(struct compiler *c, u32 node, u16 class)
{
  u32 above = field_of(c, node, FIELD_SUPERCLASS);
  struct string *name = compile_name(c, field_of(c, node, FIELD_NAME));
  u16 mark = registers_mark(c), super;
  if (above) super = compile_any(c, above);
  else emit(c, node, OP_UNSET, super = register_take(c), 0, 0);
  emit(c, node, OP_CLASS, class, super, 0);
  emit_object(c, name);
  emit_object(c, declaration_proto(c, node, name));
  registers_release(c, mark);
}

// A name in a cell gets its class before the methods are made, as they may capture it; a name of the module when it
// is complete.
void class_make(struct compiler *c, u32 node)
{
  u32 name = field_of(c, node, FIELD_NAME), body = field_of(c, node, FIELD_MEMBERS);
  struct symbol *symbol = scopes_symbol(&c->scopes, name);
  variable_reserve(c, symbol);
  u16 direct = variable_direct(symbol), mark = registers_mark(c), class = direct != NOWHERE ? direct : register_take(c);
  emit_class(c, node, class);
  bool is_cell = symbol && symbol->storage == STORAGE_CELL;
  if (is_cell) variable_declare(c, name, class);
  add_methods(c, body, class);
  if (c->scopes.function_of[body]) {
    u16 closure = register_take(c);
    emit_closure(c, body, compile_fields(c, body, compile_name(c, name)), closure);
    emit(c, body, OP_FIELDS, class, closure, 0);
  }
  if (direct == NOWHERE && !is_cell) variable_declare(c, name, class);
  registers_release(c, mark);
}

void compile_class(struct compiler *c, u32 node)
{
  const struct symbol *symbol = scopes_symbol(&c->scopes, field_of(c, node, FIELD_NAME));
  if (!symbol || !symbol->is_hoisted) class_make(c, node);
}
