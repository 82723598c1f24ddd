#include "syntax/compile.h"

#include "syntax/compiler.h"
#include "syntax/quoted.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

// Expressions by kind. Those marked take NOWHERE as a destination.
struct expression {
  void (*compile)(struct compiler *c, u32 node, u16 dest);
  bool takes_nowhere;
  bool writes_last;  // reads all before it writes its destination
};

static void compile_group(struct compiler *c, u32 node, u16 dest)
{
  compile_to(c, field_of(c, node, FIELD_VALUE), dest);
}

static const struct expression expressions[] = {
  [SYM_IDENTIFIER] = { compile_identifier, false, true },
  [SYM_SELF] = { compile_identifier, false, true },
  [SYM_NIL] = { compile_constant, false, true },
  [SYM_TRUE] = { compile_constant, false, true },
  [SYM_FALSE] = { compile_constant, false, true },
  [SYM_INTEGER] = { compile_constant, false, true },
  [SYM_FLOAT] = { compile_constant, false, true },
  [SYM_DURATION] = { compile_constant, false, true },
  [SYM_RAW_STRING] = { compile_constant, false, true },
  [SYM_STRING] = { compile_string, false, true },
  [SYM_BLOCK_STRING] = { compile_string, false, true },
  [SYM_LIST] = { compile_list, false, false },
  [SYM_MAP] = { compile_map, false, false },
  [SYM_GROUP] = { compile_group, true, false },
  [SYM_LAMBDA] = { compile_closure, false, true },
  [SYM_CALL] = { compile_chain, false, true },
  [SYM_MEMBER] = { compile_chain, false, true },
  [SYM_OPTIONAL_MEMBER] = { compile_chain, false, true },
  [SYM_INDEX] = { compile_chain, false, true },
  [SYM_AWAIT_EXPRESSION] = { compile_await, false, true },
  [SYM_SPAWN_EXPRESSION] = { compile_spawn, false, true },
  [SYM_UNARY_EXPRESSION] = { compile_unary, false, true },
  [SYM_BINARY_EXPRESSION] = { compile_binary, false, true },
  [SYM_RANGE_EXPRESSION] = { compile_range, false, true },
  [SYM_COMPARISON] = { compile_comparison, false, true },
  [SYM_TYPE_TEST] = { compile_type_test, false, true },
  [SYM_LOGICAL_EXPRESSION] = { compile_logical, true, false },
  [SYM_PIPE_EXPRESSION] = { compile_pipe, false, true },
  [SYM_IF_EXPRESSION] = { compile_if, true, false },
  [SYM_DO_EXPRESSION] = { compile_do, true, false },
  [SYM_TRY_EXPRESSION] = { compile_try, true, false },
  [SYM_MATCH_EXPRESSION] = { compile_match, true, false },
  [SYM_RETURN_EXPRESSION] = { compile_return, true, true },
  [SYM_BREAK_EXPRESSION] = { compile_break, true, true },
  [SYM_CONTINUE_EXPRESSION] = { compile_break, true, true },
  [SYM_THROW_EXPRESSION] = { compile_throw, true, true },
  [SYM_BLOCK] = { compile_block, true, false },
};

// What has no value.
static void (*const statements[])(struct compiler *c, u32 node) = {
  [SYM_LET_DECLARATION] = compile_let,          [SYM_CONST_DECLARATION] = compile_let,
  [SYM_ASSIGNMENT] = compile_assignment,        [SYM_COMPOUND_ASSIGNMENT] = compile_compound,
  [SYM_WHILE_STATEMENT] = compile_while,        [SYM_FOR_STATEMENT] = compile_for,
  [SYM_DEFER_STATEMENT] = compile_defer,        [SYM_IMPORT_STATEMENT] = compile_import,
  [SYM_FUNCTION_DECLARATION] = compile_hoisted, [SYM_CLASS_DECLARATION] = compile_class,
};

static const struct expression *expression_of(const struct compiler *c, u32 node)
{
  u16 kind = kind_of(c, node);
  return kind < COUNT_OF(expressions) && expressions[kind].compile ? &expressions[kind] : NULL;
}

bool compile_is_statement(u16 kind) { return kind < COUNT_OF(statements) && statements[kind]; }

void compile_to(struct compiler *c, u32 node, u16 dest)
{
  const struct expression *e = expression_of(c, node);
  if (c->failed) return;
  if (UNLIKELY(node == c->quoted && node)) {
    quoted_compile(c, node, dest);
    return;
  }
  if (e && (dest != NOWHERE || e->takes_nowhere)) {
    e->compile(c, node, dest);
    return;
  }
  if (e) {
    u16 unused = register_take(c);
    e->compile(c, node, unused);
    registers_release(c, unused);
    return;
  }
  if (compile_is_statement(kind_of(c, node))) statements[kind_of(c, node)](c, node);
  else compile_unsupported(c, node, tree_kind_name(kind_of(c, node)));
  if (dest != NOWHERE) emit(c, node, OP_NIL, dest, 0, 0);
}

u16 compile_operand(struct compiler *c, u32 node, u16 scratch)
{
  while (kind_of(c, node) == SYM_GROUP) node = field_of(c, node, FIELD_VALUE);
  bool is_name = kind_of(c, node) == SYM_IDENTIFIER || kind_of(c, node) == SYM_SELF;
  u16 reg = is_name ? variable_register(c, node) : NOWHERE;
  if (reg != NOWHERE) return reg;
  reg = scratch != NOWHERE ? scratch : register_take(c);
  compile_to(c, node, reg);
  return reg;
}

u16 compile_any(struct compiler *c, u32 node) { return compile_operand(c, node, NOWHERE); }

void compile_effect(struct compiler *c, u32 node) { compile_to(c, node, NOWHERE); }

void compile_over(struct compiler *c, u32 node, u16 dest)
{
  while (kind_of(c, node) == SYM_GROUP) node = field_of(c, node, FIELD_VALUE);
  const struct expression *e = expression_of(c, node);
  if (e && e->writes_last) {
    compile_to(c, node, dest);
    return;
  }
  u16 mark = registers_mark(c), value = register_take(c);
  compile_to(c, node, value);
  emit(c, node, OP_MOVE, dest, value, 0);
  registers_release(c, mark);
}

// Returns

static void return_if(struct compiler *c, u32 node)
{
  while (kind_of(c, node) == SYM_IF_EXPRESSION) {
    struct label otherwise = { 0 };
    compile_condition(c, field_of(c, node, FIELD_CONDITION), false, &otherwise);
    compile_return_of(c, field_of(c, node, FIELD_CONSEQUENCE));
    label_here(c, &otherwise);
    u32 alternative = field_of(c, node, FIELD_ALTERNATIVE);
    if (!alternative) {
      emit(c, node, OP_RETNIL, 0, 0, 0);
      return;
    }
    node = alternative;
  }
  compile_return_of(c, node);
}

static bool return_by_parts(struct compiler *c, u32 node)
{
  if (!return_is_direct(c)) return false;
  switch (kind_of(c, node)) {
  case SYM_IF_EXPRESSION: return_if(c, node); return true;
  case SYM_BLOCK: compile_return_block(c, node); return true;
  case SYM_DO_EXPRESSION: compile_return_block(c, field_of(c, node, FIELD_BODY)); return true;
  case SYM_RETURN_EXPRESSION:
  case SYM_THROW_EXPRESSION: compile_effect(c, node); return true;
  default: return false;
  }
}

void compile_return_of(struct compiler *c, u32 node)
{
  while (kind_of(c, node) == SYM_GROUP) node = field_of(c, node, FIELD_VALUE);
  if (return_by_parts(c, node)) return;
  u16 mark = registers_mark(c);
  if (compile_is_statement(kind_of(c, node))) {
    compile_effect(c, node);
    return_register(c, node, NOWHERE);
  } else if (return_is_direct(c)) return_register(c, node, compile_any(c, node));
  else {
    u16 value = register_take(c);
    compile_to(c, node, value);
    return_register(c, node, value);
  }
  registers_release(c, mark);
}

// Diagnostics and names

void compile_error(struct compiler *c, u32 node, const char *format, ...)
{
  va_list args;
  struct buf text;
  buf_init(&text, c->alloc);
  va_start(args, format);
  buf_vprintf(&text, format, args);
  va_end(args);
  diagnostics_error(c->diagnostics, c->tree->nodes[node].start, c->tree->nodes[node].end, "%s", buf_text(&text));
  buf_fini(&text);
}

void compile_unsupported(struct compiler *c, u32 node, const char *what)
{
  emit(c, node, OP_UNSUPPORTED, 0, 0, 0);
  emit_object(c, compile_intern(c, what, strlen(what)));
}

struct string *compile_intern(struct compiler *c, const char *text, size_t len)
{
  struct string *s = string_intern(c->heap, c->names, text, len);
  if (s) return s;
  c->failed = c->diagnostics->failed = true;
  return c->empty;
}

struct string *compile_name(struct compiler *c, u32 node)
{
  u32 len;
  const char *text = tree_text(c->tree, node, &len);
  return compile_intern(c, text, len);
}

// The whole

static struct proto *compile_top(struct compiler *c)
{
  struct function_state fn;
  struct control deferred;
  bool has_defer = c->scopes.functions.data[0].has_defer;
  function_begin(c, &fn, 0, compile_intern(c, "main", 4));
  variable_open_top(c);
  if (has_defer) defer_open(c, &deferred, 0);
  if (c->options.wants_value) compile_return_block(c, 0);
  else {
    compile_block(c, 0, NOWHERE);
    if (emit_is_reachable(c)) return_register(c, 0, NOWHERE);
  }
  if (has_defer) defer_close(c, &deferred, 0);
  return function_end(c);
}

static struct proto *attempt(struct compiler *c)
{
  for (u32 i = 0; i < c->scopes.symbols.len; i++) c->scopes.symbols.data[i].storage = STORAGE_NONE;
  c->needs_long_jumps = false;
  return compile_top(c);
}

static struct proto *compile_tree(struct compiler *c)
{
  if (!scopes_resolve(&c->scopes, c->heap, c->names, c->tree, c->module, c->options.mode, c->diagnostics)) return NULL;
  struct proto *before = *c->protos, *p = attempt(c);
  if (c->needs_long_jumps && !c->failed) {
    *c->protos = before;
    c->uses_long_jumps = true;
    p = attempt(c);
  }
  if (!c->failed && !c->diagnostics->errors) return p;
  *c->protos = before;
  return NULL;
}

struct proto *compile(struct heap *heap, struct intern *names, struct proto **protos, struct module *module,
                      struct source *source, struct compile_options options, struct diagnostics *diagnostics)
{
  struct tree *tree = tree_create(source, diagnostics);
  if (!tree) return NULL;
  struct compiler c = {
    .heap = heap,
    .alloc = heap->alloc,
    .names = names,
    .protos = protos,
    .module = module,
    .source = source,
    .options = options,
    .diagnostics = diagnostics,
    .tree = tree,
    .empty = string_intern(heap, names, "", 0),
  };
  struct proto *p = c.empty ? compile_tree(&c) : NULL;
  if (!c.empty) diagnostics->failed = true;
  else scopes_fini(&c.scopes);
  vec_free(c.alloc, &c.chain);
  tree_destroy(tree);
  return p;
}
