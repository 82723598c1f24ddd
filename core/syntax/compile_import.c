#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

struct string *import_path(struct compiler *c, u32 node) { return string_literal(c, field_of(c, node, FIELD_PATH)); }

struct string *import_property(struct compiler *c, const struct symbol *symbol)
{
  u32 item = tree_first(c->tree, field_of(c, symbol->declaration, FIELD_NAMES));
  for (; item; item = tree_next(c->tree, item)) {
    u32 name = field_of(c, item, FIELD_NAME), alias = field_of(c, item, FIELD_ALIAS);
    if (symbol->node == (alias ? alias : name)) return compile_name(c, name);
  }
  return c->empty;
}

// A session's later inputs find the names in its own module, as they were when imported.
static void keep_names(struct compiler *c, u32 names)
{
  u16 value = register_take(c);
  for (u32 item = tree_first(c->tree, names); item; item = tree_next(c->tree, item)) {
    u32 alias = field_of(c, item, FIELD_ALIAS), node = alias ? alias : field_of(c, item, FIELD_NAME);
    variable_read(c, node, value);
    struct cell *cell = module_cell(c->heap, c->module, compile_name(c, node));
    if (!cell) {
      c->failed = c->diagnostics->failed = true;
      return;
    }
    cell->object.flags |= NAME_CONST;
    emit(c, item, OP_DEFG, value, 0, 0);
    emit_object(c, cell);
  }
}

static const struct symbol *first_imported(const struct compiler *c, u32 names)
{
  u32 item = tree_first(c->tree, names), alias = field_of(c, item, FIELD_ALIAS);
  return scopes_symbol(&c->scopes, alias ? alias : field_of(c, item, FIELD_NAME));
}

void compile_import(struct compiler *c, u32 node)
{
  u32 alias = field_of(c, node, FIELD_ALIAS), names = field_of(c, node, FIELD_NAMES);
  u16 mark = registers_mark(c), module = register_take(c);
  emit(c, node, OP_IMPORT, module, 0, 0);
  emit_object(c, import_path(c, node));
  if (alias) variable_declare(c, alias, module);
  const struct symbol *symbol = names ? first_imported(c, names) : NULL;
  if (symbol) {
    emit(c, node, OP_DEFG, module, 0, 0);
    emit_object(c, symbol->cell);
    if (c->options.mode == COMPILE_CELL) keep_names(c, names);
  }
  registers_release(c, mark);
}
