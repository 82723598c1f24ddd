#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"
#include "value/list.h"

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

// Names of a session

// Where it is kept what [name] stands for: a name no program can write.
static struct cell *origin_cell(struct compiler *c, const struct string *name)
{
  struct buf text;
  buf_init(&text, c->alloc);
  buf_printf(&text, "_from %s", string_text(name));
  struct cell *cell = module_cell(c->heap, c->module, compile_intern(c, buf_text(&text), text.len));
  buf_fini(&text);
  if (!cell) c->failed = c->diagnostics->failed = true;
  return cell;
}

struct cell *import_original(struct compiler *c, const struct string *name)
{
  const struct cell *origin = origin_cell(c, name);
  if (!origin || !IS_LIST(origin->value)) return NULL;
  const Value *pair = AS_LIST(origin->value)->items;
  return module_find(AS_MODULE(pair[0]), AS_STRING(pair[1]));
}

static void define(struct compiler *c, u32 node, const struct cell *cell, u16 value)
{
  if (!cell) return;
  emit(c, node, OP_DEFG, value, 0, 0);
  emit_object(c, cell);
}

static void keep_name(struct compiler *c, u32 item, u16 module)
{
  u32 property = field_of(c, item, FIELD_NAME), alias = field_of(c, item, FIELD_ALIAS), node = alias ? alias : property;
  struct string *name = compile_name(c, node);
  struct cell *cell = module_cell(c->heap, c->module, name);
  if (!cell) {
    c->failed = c->diagnostics->failed = true;
    return;
  }
  cell->object.flags = (cell->object.flags & (u8)~NAME_BORROWED) | NAME_CONST | NAME_IMPORTED;
  u16 mark = registers_mark(c), value = register_take(c), pair = registers_take(c, 2);
  variable_read(c, node, value);
  define(c, item, cell, value);
  emit(c, item, OP_MOVE, pair, module, 0);
  compile_value(c, property, value_object(compile_name(c, property)), (u16)(pair + 1));
  emit(c, item, OP_LIST, value, pair, 2);
  define(c, item, origin_cell(c, name), value);
  registers_release(c, mark);
}

// The session's later inputs find the name in its own module: a copy for code that was there before, and for code to come
// where to read it as it is.
static void keep_names(struct compiler *c, u32 names, u16 module)
{
  for (u32 item = tree_first(c->tree, names); item && !c->failed; item = tree_next(c->tree, item))
    keep_name(c, item, module);
}

// Reads each name once, so that one the module does not have is missed here and not where it is used first.
static void want_names(struct compiler *c, u32 names)
{
  for (u32 item = tree_first(c->tree, names); item && !c->failed; item = tree_next(c->tree, item)) {
    u32 alias = field_of(c, item, FIELD_ALIAS);
    u16 mark = registers_mark(c);
    variable_read(c, alias ? alias : field_of(c, item, FIELD_NAME), register_take(c));
    registers_release(c, mark);
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
    define(c, node, symbol->cell, module);
    if (c->options.mode == COMPILE_CELL) keep_names(c, names, module);
    else want_names(c, names);
  }
  registers_release(c, mark);
}
