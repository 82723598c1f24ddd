#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

// Protos

void function_begin(struct compiler *c, struct function_state *fn, u32 node, struct string *name)
{
  *fn = (struct function_state){ .outer = c->fn, .index = c->scopes.function_of[node], .handled = NOWHERE };
  fn->proto = proto_new(c->heap, c->source, name);
  fn->proto->span_start = c->tree->nodes[node].start;
  fn->proto->span_end = c->tree->nodes[node].end;
  tree_doc_before(c->tree, node, &fn->proto->doc_start, &fn->proto->doc_end);
  fn->emitter.ended_at = UINT32_MAX;
  c->fn = fn;
}

static void copy_upvalues(struct compiler *c, struct proto *p)
{
  u32 count = c->fn->upvalues.len;
  if (!count) return;
  p->upvalues = heap_resize(c->heap, NULL, 0, count * sizeof *p->upvalues);
  if (!p->upvalues) {
    c->failed = c->diagnostics->failed = true;
    return;
  }
  p->upvalue_count = (u16)count;
  for (u32 i = 0; i < count; i++) p->upvalues[i] = c->fn->upvalues.data[i].source;
}

struct proto *function_end(struct compiler *c)
{
  struct function_state *fn = c->fn;
  struct proto *p = fn->proto;
  if (emit_is_reachable(c)) emit(c, 0, OP_RETNIL, 0, 0, 0);
  emit_finish(c, p);
  copy_upvalues(c, p);
  p->registers = fn->highest;
  p->exact = p->has_rest ? UINT16_MAX : p->params;
  p->next = *c->protos;
  *c->protos = p;
  emit_fini(c);
  vec_free(c->alloc, &fn->upvalues);
  c->fn = fn->outer;
  return p;
}

void emit_closure(struct compiler *c, u32 node, struct proto *proto, u16 dest)
{
  emit(c, node, OP_CLOSURE, dest, 0, 0);
  emit_object(c, proto);
}

// Parameters

static u32 parameter_pattern(const struct compiler *c, u32 parameter)
{
  return kind_of(c, parameter) == SYM_DEFAULT_PATTERN ? field_of(c, parameter, FIELD_PATTERN) : parameter;
}

static void set_place(struct symbol *symbol, u16 reg)
{
  if (!symbol) return;
  symbol->storage = symbol->needs_cell ? STORAGE_CELL : STORAGE_REGISTER;
  symbol->reg = reg;
}

static void check_order(struct compiler *c, u32 parameter)
{
  const struct proto *p = c->fn->proto;
  bool is_default = kind_of(c, parameter) == SYM_DEFAULT_PATTERN, is_rest = kind_of(c, parameter) == SYM_REST_PATTERN;
  if (p->has_rest) compile_error(c, parameter, "nothing may stand behind the rest");
  else if (!is_default && !is_rest && p->required < p->params)
    compile_error(c, parameter, "this parameter needs a default, as the one before it has one");
  if (p->params == CHUNK_PARAMS_MAX) compile_error(c, parameter, "a function may have %d parameters", CHUNK_PARAMS_MAX);
}

// Counts the parameter and gives its name the register it arrives in.
static void place_parameter(struct compiler *c, u32 parameter)
{
  struct proto *p = c->fn->proto;
  check_order(c, parameter);
  u16 reg = register_take(c), kind = kind_of(c, parameter);
  u32 pattern = kind == SYM_REST_PATTERN ? field_of(c, parameter, FIELD_NAME) : parameter_pattern(c, parameter);
  if (kind_of(c, pattern) == SYM_IDENTIFIER) {
    set_place(scopes_symbol(&c->scopes, pattern), reg);
    p->param_names[reg] = compile_name(c, pattern);
  }
  if (kind == SYM_REST_PATTERN) p->has_rest = true;
  else p->params++;
  if (kind != SYM_REST_PATTERN && kind != SYM_DEFAULT_PATTERN && p->required + 1 == p->params) p->required++;
}

static bool place_parameters(struct compiler *c, u32 list, const struct symbol *self)
{
  struct proto *p = c->fn->proto;
  u32 count = (list ? tree_child_count(c->tree, list) : 0) + (self ? 1 : 0);
  if (count > CHUNK_PARAMS_MAX) {
    compile_error(c, list, "a function may have %d parameters", CHUNK_PARAMS_MAX);
    c->failed = true;
  }
  if (!count || c->failed) return !c->failed;
  p->param_names = heap_resize(c->heap, NULL, 0, count * sizeof *p->param_names);
  if (!p->param_names) {
    c->failed = c->diagnostics->failed = true;
    return false;
  }
  memset(p->param_names, 0, count * sizeof *p->param_names);
  if (self) {
    p->is_method = true;
    p->params = p->required = 1;
    p->param_names[register_take(c)] = self->name;
  }
  for (u32 parameter = list ? tree_first(c->tree, list) : 0; parameter; parameter = tree_next(c->tree, parameter))
    place_parameter(c, parameter);
  return true;
}

// Makes the cell of a parameter that needs one, or takes it apart.
static void open_parameter(struct compiler *c, u32 parameter, u16 reg)
{
  if (kind_of(c, parameter) == SYM_REST_PATTERN) parameter = field_of(c, parameter, FIELD_NAME);
  u32 pattern = parameter_pattern(c, parameter);
  const struct symbol *symbol = kind_of(c, pattern) == SYM_IDENTIFIER ? scopes_symbol(&c->scopes, pattern) : NULL;
  if (symbol && symbol->storage == STORAGE_CELL) emit(c, pattern, OP_CELL, reg, reg, 0);
  if (kind_of(c, pattern) == SYM_IDENTIFIER) return;
  pattern_reserve(c, pattern);
  u16 mark = registers_mark(c);
  compile_pattern(c, pattern, reg, PATTERN_DECLARE, NULL);
  registers_release(c, mark);
}

static void give_default(struct compiler *c, u32 parameter, u16 reg)
{
  if (kind_of(c, parameter) != SYM_DEFAULT_PATTERN) return;
  struct label given = { 0 };
  u16 mark = registers_mark(c);
  emit_jump(c, parameter, OP_JSET, reg, 0, &given);
  compile_to(c, field_of(c, parameter, FIELD_VALUE), reg);
  registers_release(c, mark);
  label_here(c, &given);
}

// A default that may see parameters taken apart or in cells: then each parameter is completed before the next, on
// every call.
static bool is_entangled(struct compiler *c, u32 list)
{
  bool has_default = false, has_work = false;
  for (u32 p = tree_first(c->tree, list); p; p = tree_next(c->tree, p)) {
    u32 pattern = parameter_pattern(c, p);
    const struct symbol *symbol = kind_of(c, pattern) == SYM_IDENTIFIER ? scopes_symbol(&c->scopes, pattern) : NULL;
    if (kind_of(c, p) == SYM_DEFAULT_PATTERN) has_default = true;
    if (kind_of(c, pattern) != SYM_IDENTIFIER && kind_of(c, p) != SYM_REST_PATTERN) has_work = true;
    if (symbol && symbol->needs_cell) has_work = true;
  }
  return has_default && has_work;
}

static void open_parameters(struct compiler *c, u32 list, u16 first)
{
  u16 reg = first;
  c->fn->locals = c->fn->free;
  if (is_entangled(c, list)) {
    for (u32 p = tree_first(c->tree, list); p; p = tree_next(c->tree, p), reg++) {
      give_default(c, p, reg);
      open_parameter(c, p, reg);
    }
    return;
  }
  for (u32 p = tree_first(c->tree, list); p; p = tree_next(c->tree, p)) give_default(c, p, reg++);
  c->fn->proto->entry = emit_here(c);
  c->fn->emitter.ended_at = UINT32_MAX;
  reg = first;
  for (u32 p = tree_first(c->tree, list); p; p = tree_next(c->tree, p)) open_parameter(c, p, reg++);
}

// Bodies

static void compile_body(struct compiler *c, u32 node)
{
  struct control deferred;
  bool has_defer = c->scopes.functions.data[c->fn->index].has_defer;
  u32 body = field_of(
      c, node, kind_of(c, node) == SYM_SPAWN_EXPRESSION && !field_of(c, node, FIELD_BODY) ? FIELD_CALL : FIELD_BODY);
  if (has_defer) defer_open(c, &deferred, node);
  if (kind_of(c, body) == SYM_BLOCK) compile_return_block(c, body);
  else compile_return_of(c, body);
  if (has_defer) defer_close(c, &deferred, node);
}

static struct symbol *self_of(struct compiler *c, u32 node)
{
  const struct scope *scope = scopes_scope(&c->scopes, node);
  if (kind_of(c, node) != SYM_METHOD || !scope || scope->first == NO_SYMBOL) return NULL;
  return &c->scopes.symbols.data[scope->first];
}

struct proto *compile_function(struct compiler *c, u32 node, struct string *name)
{
  struct function_state fn;
  u32 list = field_of(c, node, FIELD_PARAMETERS);
  struct symbol *self = self_of(c, node);
  function_begin(c, &fn, node, name);
  set_place(self, 0);
  if (place_parameters(c, list, self)) {
    if (list) open_parameters(c, list, self ? 1 : 0);
    compile_body(c, node);
  }
  return function_end(c);
}

void compile_closure(struct compiler *c, u32 node, u16 dest)
{
  u32 name = field_of(c, node, FIELD_NAME);
  emit_closure(c, node, compile_function(c, node, name ? compile_name(c, name) : c->empty), dest);
}

// Declarations

void compile_hoisted(struct compiler *c, u32 node) {}

void function_make(struct compiler *c, u32 node)
{
  u32 name = field_of(c, node, FIELD_NAME);
  const struct symbol *symbol = scopes_symbol(&c->scopes, name);
  u16 direct = variable_direct(symbol), mark = registers_mark(c), reg = direct != NOWHERE ? direct : register_take(c);
  compile_closure(c, node, reg);
  if (direct == NOWHERE) variable_declare(c, name, reg);
  registers_release(c, mark);
}
