#include "syntax/variable.h"

#include "base/check.h"
#include "syntax/registers.h"

#define TOP_REGISTERS_MAX 200  // names of a file's top level that may be registers

static struct symbol *symbol_at(struct compiler *c, u32 index) { return &c->scopes.symbols.data[index]; }
static u32 index_of(struct compiler *c, const struct symbol *symbol) { return (u32)(symbol - c->scopes.symbols.data); }

// Places

static struct cell *cell_of(struct compiler *c, struct string *name)
{
  struct cell *cell = module_cell(c->heap, c->module, name);
  if (!cell) c->failed = c->diagnostics->failed = true;
  return cell;
}

// The module behind imported names is kept under a name no program can write.
static struct cell *imported_module(struct compiler *c, const struct symbol *symbol)
{
  const struct string *path = import_path(c, symbol->declaration);
  struct buf name;
  buf_init(&name, c->alloc);
  buf_printf(&name, "_import %s", string_text(path));
  struct cell *cell = cell_of(c, compile_intern(c, buf_text(&name), name.len));
  buf_fini(&name);
  return cell;
}

static bool may_be_register(const struct compiler *c, const struct symbol *symbol)
{
  bool is_variable = symbol->kind == SYMBOL_LET || symbol->kind == SYMBOL_CONST || symbol->kind == SYMBOL_ASSIGNED;
  return c->options.mode == COMPILE_FILE && is_variable && !symbol->is_captured;
}

static void place_in_module(struct compiler *c, struct symbol *symbol)
{
  struct cell *cell = cell_of(c, symbol->name);
  if (!cell) return;
  symbol->storage = STORAGE_MODULE;
  symbol->cell = cell;
  cell->object.flags &= (u8) ~(NAME_CONST | NAME_IMPORTED | NAME_BORROWED);
  if (symbol->kind == SYMBOL_CONST || symbol->kind == SYMBOL_IMPORT) cell->object.flags |= NAME_CONST;
}

void variable_open_top(struct compiler *c)
{
  u32 registers = 0;
  for (u32 i = c->scopes.list.data[0].first; i != NO_SYMBOL; i = symbol_at(c, i)->next) {
    struct symbol *symbol = symbol_at(c, i);
    if (symbol->kind == SYMBOL_IMPORTED) {
      symbol->storage = STORAGE_IMPORTED;
      symbol->cell = imported_module(c, symbol);
    } else if (!may_be_register(c, symbol) || ++registers > TOP_REGISTERS_MAX) place_in_module(c, symbol);
  }
}

void variable_reserve(struct compiler *c, struct symbol *symbol)
{
  if (!symbol || symbol->storage != STORAGE_NONE) return;
  symbol->reg = register_take(c);
  symbol->storage = symbol->needs_cell ? STORAGE_CELL : STORAGE_REGISTER;
  c->fn->locals = c->fn->free;
}

void variable_open_scope(struct compiler *c, const struct scope *scope)
{
  for (u32 i = scope ? scope->first : NO_SYMBOL; i != NO_SYMBOL; i = symbol_at(c, i)->next) {
    struct symbol *symbol = symbol_at(c, i);
    if (symbol->storage != STORAGE_NONE || !(symbol->is_hoisted || symbol->is_early)) continue;
    variable_reserve(c, symbol);
    if (!symbol->is_early) continue;
    emit(c, symbol->node, OP_UNSET, symbol->reg, 0, 0);
    emit(c, symbol->node, OP_CELL, symbol->reg, symbol->reg, 0);
  }
}

// Upvalues

static u16 upvalue_of(struct compiler *c, struct function_state *fn, u32 symbol)
{
  for (u32 i = 0; i < fn->upvalues.len; i++) {
    if (fn->upvalues.data[i].symbol == symbol) return (u16)i;
  }
  CHECK(fn->outer);
  bool is_register = symbol_at(c, symbol)->function == fn->outer->index;
  u16 from = is_register ? symbol_at(c, symbol)->reg : upvalue_of(c, fn->outer, symbol);
  if (fn->upvalues.len >= UINT16_MAX ||
      !vec_push(c->alloc, &fn->upvalues, (struct upvalue){ symbol, { from, is_register } })) {
    c->failed = c->diagnostics->failed = true;
    return 0;
  }
  return (u16)(fn->upvalues.len - 1);
}

static bool is_outside(const struct compiler *c, const struct symbol *symbol)
{
  return symbol->function != c->fn->index && (symbol->storage == STORAGE_REGISTER || symbol->storage == STORAGE_CELL);
}

// Reading

// The session's own cell for a built-in name, which a later input may give another meaning.
static struct cell *borrow(struct compiler *c, struct string *name, struct cell *built_in)
{
  struct cell *own = cell_of(c, name);
  if (!own) return built_in;
  own->value = built_in->value;
  own->object.flags |= NAME_BORROWED;
  heap_barrier(c->heap, own);
  return own;
}

struct cell *variable_global(struct compiler *c, u32 node)
{
  struct string *name = compile_name(c, node);
  struct cell *cell = scopes_global(c->module, name);
  if (!cell) return cell_of(c, name);
  bool is_later = c->options.mode == COMPILE_CELL && c->fn->index != 0;
  if (is_later && module_find(c->module, name) != cell) return borrow(c, name, cell);
  struct cell *original = cell->object.flags & NAME_IMPORTED ? import_original(c, name) : NULL;
  return original ? original : cell;
}

static void read_cell(struct compiler *c, u32 node, enum opcode op, const struct cell *cell, u16 reg)
{
  if (!cell) return;
  emit(c, node, op, reg, 0, 0);
  emit_object(c, cell);
}

static void read_imported(struct compiler *c, u32 node, const struct symbol *symbol, u16 dest)
{
  read_cell(c, node, OP_GETG, symbol->cell, dest);
  emit(c, node, OP_GETF, dest, dest, 0);
  emit_word(c, 0);
  emit_object(c, import_property(c, symbol));
}

// The value of the cell; right behind an assignment it still is in a register.
static void read_captured(struct compiler *c, u32 node, u16 up, u16 dest)
{
  u64 last = emit_last(c);
  u16 op = instruction_op(last), reg = instruction_a(last) / 16;
  bool is_known = (op == OP_SETUPC || op == OP_ADDUP || op == OP_ADDUPI) && instruction_b(last) == up;
  if (!is_known) emit(c, node, OP_GETUPC, dest, up, 0);
  else if (reg != dest) emit(c, node, OP_MOVE, dest, reg, 0);
}

void variable_read_symbol(struct compiler *c, u32 node, u32 index, u16 dest)
{
  const struct symbol *symbol = symbol_at(c, index);
  if (is_outside(c, symbol)) {
    u16 up = upvalue_of(c, c->fn, index);
    if (symbol->needs_cell) read_captured(c, node, up, dest);
    else emit(c, node, OP_GETUP, dest, up, 0);
    return;
  }
  switch (symbol->storage) {
  case STORAGE_REGISTER:
    if (symbol->reg != dest) emit(c, node, OP_MOVE, dest, symbol->reg, 0);
    break;
  case STORAGE_CELL: emit(c, node, OP_GETC, dest, symbol->reg, 0); break;
  case STORAGE_MODULE: read_cell(c, node, OP_GETG, symbol->cell, dest); break;
  case STORAGE_IMPORTED: read_imported(c, node, symbol, dest); break;
  default: bug("the name '%s' has no place", string_text(symbol->name));
  }
}

void variable_read(struct compiler *c, u32 node, u16 dest)
{
  const struct symbol *symbol = scopes_symbol(&c->scopes, node);
  if (symbol) variable_read_symbol(c, node, index_of(c, symbol), dest);
  else read_cell(c, node, OP_GETG, variable_global(c, node), dest);
}

u16 variable_register(struct compiler *c, u32 node)
{
  const struct symbol *symbol = scopes_symbol(&c->scopes, node);
  bool is_here = symbol && symbol->storage == STORAGE_REGISTER && symbol->function == c->fn->index;
  return is_here && !symbol->is_volatile ? symbol->reg : NOWHERE;
}

// Writing

void variable_write(struct compiler *c, u32 node, u16 value)
{
  const struct symbol *symbol = scopes_symbol(&c->scopes, node);
  if (c->scopes.of[node] == BINDS_NOTHING) return;
  if (!symbol) {
    read_cell(c, node, OP_SETG, variable_global(c, node), value);
    return;
  }
  if (is_outside(c, symbol)) {
    emit(c, node, OP_SETUPC, value, upvalue_of(c, c->fn, index_of(c, symbol)), 0);
    return;
  }
  switch (symbol->storage) {
  case STORAGE_REGISTER:
    if (symbol->reg != value) emit(c, node, OP_MOVE, symbol->reg, value, 0);
    break;
  case STORAGE_CELL: emit(c, node, OP_SETC, symbol->reg, value, 0); break;
  case STORAGE_MODULE: read_cell(c, node, OP_SETG, symbol->cell, value); break;
  default: bug("the name '%s' has no place", string_text(symbol->name));
  }
}

void variable_declare(struct compiler *c, u32 node, u16 value)
{
  const struct symbol *symbol = scopes_symbol(&c->scopes, node);
  if (!symbol) return;
  if (symbol->storage == STORAGE_MODULE) read_cell(c, node, OP_DEFG, symbol->cell, value);
  else if (symbol->storage == STORAGE_CELL && !symbol->is_early) emit(c, node, OP_CELL, symbol->reg, value, 0);
  else variable_write(c, node, value);
}

i32 variable_captured(struct compiler *c, u32 node)
{
  const struct symbol *symbol = scopes_symbol(&c->scopes, node);
  bool is_captured = symbol && is_outside(c, symbol) && symbol->needs_cell && c->scopes.of[node] != BINDS_NOTHING;
  return is_captured ? upvalue_of(c, c->fn, index_of(c, symbol)) : -1;
}

struct cell *variable_cell(struct compiler *c, u32 node)
{
  const struct symbol *symbol = scopes_symbol(&c->scopes, node);
  if (!symbol) return variable_global(c, node);
  return symbol->storage == STORAGE_MODULE ? symbol->cell : NULL;
}

u16 variable_direct(const struct symbol *symbol)
{
  return symbol && symbol->storage == STORAGE_REGISTER ? symbol->reg : NOWHERE;
}
