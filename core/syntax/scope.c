#include "syntax/scope.h"

#include "syntax/resolver.h"

static bool is_function_kind(u16 kind)
{
  return kind == SYM_FUNCTION_DECLARATION || kind == SYM_METHOD || kind == SYM_LAMBDA || kind == SYM_SPAWN_EXPRESSION;
}

static void error_at(struct resolver *r, u32 node, const char *message)
{
  diagnostics_error(r->diagnostics, r->tree->nodes[node].start, r->tree->nodes[node].end, "%s", message);
}

static u32 parent_of(const struct resolver *r) { return r->path.len ? vec_last(&r->path).node : 0; }

// Opens a frame that is as the one around it but for its scope.
static struct frame *push_frame(struct resolver *r, u32 node, u32 scope)
{
  struct frame frame = r->frames.len ? vec_last(&r->frames) : (struct frame){ .function = 0 };
  frame.node = node;
  frame.scope = scope;
  frame.kind = FRAME_BLOCK;
  if (!vec_push(r->alloc, &r->frames, frame)) r->out->failed = true;
  return &vec_last(&r->frames);
}

static u32 open_scope(struct resolver *r, u32 node)
{
  u32 scope = resolver_new_scope(r);
  push_frame(r, node, scope);
  r->out->of[node] = scope + 1;
  return scope;
}

// Functions

static u32 open_function(struct resolver *r, u32 node, u64 time)
{
  u32 parent = resolver_frame(r)->function, index = r->out->functions.len;
  if (!vec_push(r->alloc, &r->out->functions, (struct function_scope){ .node = node, .parent = parent, .time = time }))
    r->out->failed = true;
  u32 scope = open_scope(r, node);
  resolver_frame(r)->kind = FRAME_FUNCTION;
  resolver_frame(r)->function = index;
  resolver_frame(r)->is_in_loop = false;
  r->out->function_of[node] = index;
  return scope;
}

static u64 time_of(const struct resolver *r, u32 node) { return (u64)r->tree->nodes[node].start << 32; }

static u64 time_of_class(struct resolver *r)
{
  const struct symbol *symbol = scopes_symbol(r->out, tree_field(r->tree, resolver_frame(r)->class_node, FIELD_NAME));
  return symbol ? symbol->time : 0;
}

static void enter_function(struct resolver *r, u32 node)
{
  u64 time = time_of(r, node);
  if (resolver_kind(r, node) == SYM_METHOD) time = time_of_class(r);
  else if (resolver_kind(r, node) == SYM_FUNCTION_DECLARATION) {
    const struct symbol *symbol = scopes_symbol(r->out, tree_field(r->tree, node, FIELD_NAME));
    if (symbol && symbol->is_hoisted) time = symbol->time - 1;
  }
  u32 scope = open_function(r, node, time);
  if (resolver_kind(r, node) == SYM_METHOD) resolver_declare_self(r, scope, node);
  u32 parameters = tree_field(r->tree, node, FIELD_PARAMETERS), body = tree_field(r->tree, node, FIELD_BODY);
  if (!parameters) return;
  for (u32 p = tree_first(r->tree, parameters); p; p = tree_next(r->tree, p)) {
    resolver_bind(r, scope, p, SYMBOL_PARAMETER, p, r->tree->nodes[body].start);
  }
}

// A default may use the parameters before its own.
static void widen_parameters(struct resolver *r, u32 node)
{
  const struct scope *scope = scopes_scope(r->out, node);
  u32 parameters = tree_field(r->tree, node, FIELD_PARAMETERS);
  if (!scope || !parameters) return;
  for (u32 i = scope->first; i != NO_SYMBOL; i = r->out->symbols.data[i].next) {
    struct symbol *symbol = &r->out->symbols.data[i];
    if (symbol->kind == SYMBOL_SELF) continue;
    symbol->bound_end = r->tree->nodes[parameters].end;
    symbol->time = (u64)r->tree->nodes[symbol->declaration].end << 32;  // a closure in its own default comes before it
  }
}

bool spawn_needs_closure(const struct tree *t, u32 call)
{
  if (tree_kind(t, tree_field(t, call, FIELD_FUNCTION)) == SYM_OPTIONAL_MEMBER) return true;
  u32 arguments = tree_field(t, call, FIELD_ARGUMENTS);
  for (u32 a = tree_first(t, arguments); a; a = tree_next(t, a)) {
    if (tree_kind(t, a) == SYM_SPREAD || tree_kind(t, a) == SYM_NAMED_ARGUMENT) return true;
  }
  return false;
}

static void enter_spawn(struct resolver *r, u32 node)
{
  u32 call = tree_field(r->tree, node, FIELD_CALL);
  if (!call || spawn_needs_closure(r->tree, call)) open_function(r, node, time_of(r, node));
}

// The fields of a class are set by one function, whose code is in pieces.
static void enter_field(struct resolver *r, u32 node)
{
  u32 body = parent_of(r);
  if (!r->out->function_of[body]) {
    open_function(r, body, time_of_class(r));
    r->frames.len--;
    r->out->functions.data[r->out->functions.len - 1].is_method = true;
  }
  u32 scope = open_scope(r, node);
  resolver_frame(r)->function = r->out->function_of[body];
  resolver_frame(r)->is_in_loop = false;
  resolver_declare_self(r, scope, node);
}

static void enter_class(struct resolver *r, u32 node)
{
  push_frame(r, node, NO_SCOPE);
  resolver_frame(r)->kind = FRAME_CLASS;
  resolver_frame(r)->class_node = node;
}

// Blocks

static void enter_block(struct resolver *r, u32 node)
{
  u32 parent = parent_of(r);
  u16 kind = resolver_kind(r, parent);
  if (is_function_kind(kind)) {
    u32 scope = resolver_frame(r)->scope;
    r->out->of[node] = scope + 1;
    resolver_hoist(r, scope, node);
    return;
  }
  if (kind == SYM_FOR_STATEMENT || kind == SYM_CATCH_CLAUSE) {
    u32 outer = r->out->of[parent] - 1;
    push_frame(r, node, outer);
    resolver_open(r, outer);
  }
  u32 scope = open_scope(r, node);
  if (kind == SYM_FOR_STATEMENT || kind == SYM_WHILE_STATEMENT) resolver_frame(r)->is_in_loop = true;
  resolver_hoist(r, scope, node);
}

// Declares what is visible in the body only, which is reached later.
static void enter_for(struct resolver *r, u32 node)
{
  u32 scope = resolver_new_scope(r), body = r->tree->nodes[tree_field(r->tree, node, FIELD_BODY)].start;
  r->out->of[node] = scope + 1;
  if (scope == NO_SCOPE) return;
  for (u32 p = tree_field(r->tree, node, FIELD_PATTERN); p; p = tree_next_same(r->tree, p))
    resolver_bind(r, scope, p, SYMBOL_LOCAL, node, body);
  resolver_close(r, scope);
}

static void enter_catch(struct resolver *r, u32 node)
{
  u32 scope = resolver_new_scope(r), name = tree_field(r->tree, node, FIELD_NAME);
  r->out->of[node] = scope + 1;
  if (scope == NO_SCOPE) return;
  if (name) resolver_bind(r, scope, name, SYMBOL_LOCAL, node, r->tree->nodes[name].end);
  resolver_close(r, scope);
}

static void enter_arm(struct resolver *r, u32 node)
{
  u32 scope = open_scope(r, node), pattern = tree_field(r->tree, node, FIELD_PATTERN);
  resolver_bind(r, scope, pattern, SYMBOL_LOCAL, pattern, r->tree->nodes[pattern].end);
}

// Assignments

static void assign_targets(struct resolver *r, u32 target)
{
  switch (resolver_kind(r, target)) {
  case SYM_IDENTIFIER: resolver_assign(r, target); break;
  case SYM_SPREAD:
  case SYM_ENTRY: assign_targets(r, tree_field(r->tree, target, FIELD_VALUE)); break;
  case SYM_DEFAULT_PATTERN: assign_targets(r, tree_field(r->tree, target, FIELD_PATTERN)); break;
  case SYM_LIST:
  case SYM_MAP:
    for (u32 child = tree_first(r->tree, target); child; child = tree_next(r->tree, child)) assign_targets(r, child);
    break;
  default: break;
  }
}

// Places

static void check_jump(struct resolver *r, u32 node)
{
  bool is_return = resolver_kind(r, node) == SYM_RETURN_EXPRESSION;
  if (is_return && resolver_frame(r)->function == 0) error_at(r, node, "'return' stands outside of a function");
  if (is_return || resolver_frame(r)->is_in_loop) return;
  error_at(r, node,
           resolver_kind(r, node) == SYM_BREAK_EXPRESSION ? "'break' stands outside of a loop"
                                                          : "'continue' stands outside of a loop");
}

static void check_super(struct resolver *r, u32 node)
{
  u32 class_node = resolver_frame(r)->class_node;
  if (!class_node || !resolver_use_self(r, node)) {
    error_at(r, node, "'super' is known in methods only");
    return;
  }
  if (tree_field(r->tree, class_node, FIELD_SUPERCLASS)) return;
  error_at(r, node, "this class has no superclass");
}

static void use_self(struct resolver *r, u32 node)
{
  if (!resolver_use_self(r, node)) error_at(r, node, "'self' is known in methods only");
}

// The walk

static bool is_operand_kind(const struct tree *t, u32 node)
{
  switch (tree_kind(t, node)) {
  case SYM_BINARY_EXPRESSION:
  case SYM_COMPARISON:
  case SYM_RANGE_EXPRESSION:
  case SYM_INDEX:
  case SYM_SLICE:
  case SYM_COMPOUND_ASSIGNMENT: return true;
  case SYM_ASSIGNMENT: return tree_kind(t, tree_field(t, node, FIELD_LEFT)) != SYM_IDENTIFIER;
  default: return false;
  }
}

static void enter(struct resolver *r, u32 node)
{
  switch (resolver_kind(r, node)) {
  case SYM_BLOCK: enter_block(r, node); break;
  case SYM_FUNCTION_DECLARATION:
  case SYM_METHOD:
  case SYM_LAMBDA:
    enter_function(r, node);
    widen_parameters(r, node);
    break;
  case SYM_SPAWN_EXPRESSION: enter_spawn(r, node); break;
  case SYM_CLASS_DECLARATION: enter_class(r, node); break;
  case SYM_FIELD: enter_field(r, node); break;
  case SYM_FOR_STATEMENT: enter_for(r, node); break;
  case SYM_CATCH_CLAUSE: enter_catch(r, node); break;
  case SYM_MATCH_ARM: enter_arm(r, node); break;
  case SYM_ASSIGNMENT:
  case SYM_COMPOUND_ASSIGNMENT: assign_targets(r, tree_field(r->tree, node, FIELD_LEFT)); break;
  case SYM_DEFER_STATEMENT: r->out->functions.data[resolver_frame(r)->function].has_defer = true; break;
  case SYM_RETURN_EXPRESSION:
  case SYM_BREAK_EXPRESSION:
  case SYM_CONTINUE_EXPRESSION: check_jump(r, node); break;
  case SYM_IDENTIFIER:
    if (!r->out->of[node]) resolver_use(r, node);
    break;
  case SYM_SELF: use_self(r, node); break;
  case SYM_SUPER: check_super(r, node); break;
  default: break;
  }
}

static void leave(struct resolver *r, u32 node)
{
  while (r->frames.len > 1 && vec_last(&r->frames).node == node) {
    resolver_close(r, vec_last(&r->frames).scope);
    r->frames.len--;
  }
}

static void descend(struct resolver *r, u32 node)
{
  bool is_operand = is_operand_kind(r->tree, node);
  if (!is_operand && r->path.len && !r->out->function_of[node]) is_operand = vec_last(&r->path).is_operand;
  if (!vec_push(r->alloc, &r->path, (struct ancestor){ node, is_operand })) r->out->failed = true;
}

// Pre-order with a stack of its own: chains that lean left may be long.
static void walk(struct resolver *r)
{
  u32 node = 0;
  for (;;) {
    if (node) enter(r, node);
    if (r->out->failed) return;
    if (tree_first(r->tree, node)) {
      descend(r, node);
      node = tree_first(r->tree, node);
      continue;
    }
    leave(r, node);
    while (!tree_next(r->tree, node) && r->path.len) {
      node = vec_pop(&r->path).node;
      leave(r, node);
    }
    if (!r->path.len) return;
    node = tree_next(r->tree, node);
  }
}

static void decide_captures(struct scopes *s)
{
  for (u32 i = 0; i < s->symbols.len; i++) {
    struct symbol *symbol = &s->symbols.data[i];
    symbol->needs_cell = symbol->is_captured && (symbol->is_reassigned || symbol->is_early);
  }
}

static void resolve_program(struct resolver *r)
{
  struct scopes *out = r->out;
  size_t size = (size_t)r->tree->count * sizeof *out->of;
  out->of = mem_alloc_zero(r->alloc, size);
  out->function_of = mem_alloc_zero(r->alloc, size);
  if (!out->of || !out->function_of || !vec_push(r->alloc, &out->functions, (struct function_scope){ .node = 0 })) {
    out->failed = true;
    return;
  }
  open_scope(r, 0);
  if (out->failed) return;
  resolver_hoist(r, 0, 0);
  walk(r);
  decide_captures(out);
}

bool scopes_resolve(struct scopes *s, struct heap *heap, struct intern *names, const struct tree *tree,
                    const struct module *module, enum compile_mode mode, struct diagnostics *diagnostics)
{
  *s = (struct scopes){ .heap = heap, .tree = tree };
  struct resolver r = {
    .out = s,
    .alloc = heap->alloc,
    .tree = tree,
    .names = names,
    .module = module,
    .mode = mode,
    .diagnostics = diagnostics,
  };
  resolve_program(&r);
  mem_free(r.alloc, r.slots, r.slot_cap * sizeof *r.slots);
  vec_free(r.alloc, &r.frames);
  vec_free(r.alloc, &r.path);
  if (s->failed) diagnostics->failed = true;
  return !s->failed && !diagnostics->errors;
}

void scopes_fini(struct scopes *s)
{
  size_t size = (size_t)s->tree->count * sizeof *s->of;
  mem_free(s->heap->alloc, s->of, s->of ? size : 0);
  mem_free(s->heap->alloc, s->function_of, s->function_of ? size : 0);
  vec_free(s->heap->alloc, &s->symbols);
  vec_free(s->heap->alloc, &s->list);
  vec_free(s->heap->alloc, &s->functions);
}
