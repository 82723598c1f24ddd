#include "syntax/resolver.h"

// Patterns that declare

struct binding {
  u32 scope, statement, visible_from, end;
  enum symbol_kind kind;
};

static void bind_name(struct resolver *r, const struct binding *b, u32 node)
{
  if (tree_text_is(r->tree, node, "_")) {
    r->out->of[node] = BINDS_NOTHING;
    return;
  }
  struct symbol *symbol = resolver_declare(r, b->scope, node, b->kind, b->visible_from);
  if (!symbol) return;
  symbol->declaration = b->statement;
  symbol->start = r->tree->nodes[b->statement].start;
  symbol->bound_end = b->end;
}

static void bind_pattern(struct resolver *r, const struct binding *b, u32 node);

static void bind_children(struct resolver *r, const struct binding *b, u32 node)
{
  for (u32 child = tree_first(r->tree, node); child; child = tree_next(r->tree, child)) bind_pattern(r, b, child);
}

// Counts the names of a later alternative and makes them the symbols of the first one.
static u32 rebind(struct resolver *r, u32 scope, u32 node)
{
  u32 count = 0;
  u16 kind = resolver_kind(r, node);
  if (kind == SYM_IDENTIFIER) {
    if (tree_text_is(r->tree, node, "_")) {
      r->out->of[node] = BINDS_NOTHING;
      return 0;
    }
    struct string *name = resolver_name(r, node);
    struct symbol *symbol = name ? resolver_own(r, scope, name) : NULL;
    const struct node *at = &r->tree->nodes[node];
    r->out->of[node] = symbol ? (u32)(symbol - r->out->symbols.data) + 1 : BINDS_NOTHING;
    if (!symbol) {
      diagnostics_error(r->diagnostics, at->start, at->end, "not every alternative of this pattern binds the name");
    }
    return 1;
  }
  bool is_pattern = kind == SYM_LIST_PATTERN || kind == SYM_MAP_PATTERN || kind == SYM_OR_PATTERN;
  if (kind == SYM_DEFAULT_PATTERN) return rebind(r, scope, tree_field(r->tree, node, FIELD_PATTERN));
  if (kind == SYM_PATTERN_ENTRY) return rebind(r, scope, tree_field(r->tree, node, FIELD_VALUE));
  if (kind == SYM_REST_PATTERN) return rebind(r, scope, tree_field(r->tree, node, FIELD_NAME));
  if (is_pattern) {
    for (u32 child = tree_first(r->tree, node); child; child = tree_next(r->tree, child))
      count += rebind(r, scope, child);
  }
  return count;
}

static void bind_alternatives(struct resolver *r, const struct binding *b, u32 node)
{
  u32 first = tree_first(r->tree, node), before = r->out->symbols.len;
  bind_pattern(r, b, first);
  u32 bound = r->out->symbols.len - before;
  for (u32 other = tree_next(r->tree, first); other; other = tree_next(r->tree, other)) {
    u32 errors = r->diagnostics->errors;
    if (rebind(r, b->scope, other) == bound || r->diagnostics->errors > errors) continue;
    const struct node *at = &r->tree->nodes[other];
    diagnostics_error(r->diagnostics, at->start, at->end, "the alternatives of a pattern must bind the same names");
  }
}

// Recursion is bounded by the depth of the tree.
static void bind_pattern(struct resolver *r, const struct binding *b, u32 node)
{
  switch (resolver_kind(r, node)) {
  case SYM_IDENTIFIER: bind_name(r, b, node); break;
  case SYM_PARAMETERS:
  case SYM_LIST_PATTERN:
  case SYM_MAP_PATTERN: bind_children(r, b, node); break;
  case SYM_DEFAULT_PATTERN: bind_pattern(r, b, tree_field(r->tree, node, FIELD_PATTERN)); break;
  case SYM_PATTERN_ENTRY: bind_pattern(r, b, tree_field(r->tree, node, FIELD_VALUE)); break;
  case SYM_REST_PATTERN: bind_pattern(r, b, tree_field(r->tree, node, FIELD_NAME)); break;
  case SYM_OR_PATTERN: bind_alternatives(r, b, node); break;
  default: break;
  }
}

void resolver_bind(struct resolver *r, u32 scope, u32 pattern, enum symbol_kind kind, u32 statement, u32 visible_from)
{
  struct binding b = { scope, statement, visible_from, r->tree->nodes[pattern].end, kind };
  bind_pattern(r, &b, pattern);
}

// What the statements of a block declare

struct hoisting {
  u32 scope, block;
  u32 order;  // of functions, then classes, as the compiler makes them
};

static void declare_function(struct resolver *r, struct hoisting *h, u32 statement)
{
  u32 name = tree_field(r->tree, statement, FIELD_NAME);
  struct symbol *symbol = resolver_declare(r, h->scope, name, SYMBOL_FUNCTION, 0);
  if (!symbol) return;
  symbol->declaration = statement;
  symbol->start = r->tree->nodes[statement].start;
  symbol->time = ((u64)r->tree->nodes[h->block].start << 32) + 2 * h->order++ + 1;
  symbol->is_hoisted = true;
}

// The class can be made at the start of the block: its superclass is there already.
static bool is_ready(struct resolver *r, u32 scope, u32 class_node)
{
  u32 above = tree_field(r->tree, class_node, FIELD_SUPERCLASS);
  while (above && resolver_kind(r, above) == SYM_MEMBER) above = tree_field(r->tree, above, FIELD_OBJECT);
  struct string *name = above ? resolver_name(r, above) : NULL;
  const struct symbol *symbol = name ? resolver_own(r, scope, name) : NULL;
  return !symbol || (symbol->kind == SYMBOL_CLASS && symbol->is_hoisted);
}

// It is visible below its line, unless it turns out that it can be made first.
static void declare_class(struct resolver *r, u32 scope, u32 statement)
{
  const struct node *n = &r->tree->nodes[statement];
  u32 name = tree_field(r->tree, statement, FIELD_NAME);
  struct symbol *symbol = resolver_declare(r, scope, name, SYMBOL_CLASS, n->end);
  if (!symbol) return;
  symbol->declaration = statement;
  symbol->start = n->start;
  symbol->time = (u64)n->start << 32;
}

static void hoist_class(struct resolver *r, struct hoisting *h, struct symbol *symbol)
{
  struct scope *scope = &r->out->list.data[h->scope];
  u32 index = (u32)(symbol - r->out->symbols.data);
  if (scope->first_class == NO_SYMBOL) scope->first_class = index;
  else r->out->symbols.data[scope->last_class].next_class = index;
  scope->last_class = index;
  symbol->time = ((u64)r->tree->nodes[h->block].start << 32) + 2 * h->order++ + 1;
  symbol->visible_from = 0;
  symbol->is_hoisted = true;
}

// Superclasses first; those whose superclass waits for its line wait too.
static void hoist_classes(struct resolver *r, struct hoisting *h)
{
  bool has_changed = true;
  while (has_changed) {
    has_changed = false;
    for (u32 s = tree_first(r->tree, h->block); s; s = tree_next(r->tree, s)) {
      if (resolver_kind(r, s) != SYM_CLASS_DECLARATION) continue;
      struct symbol *symbol = scopes_symbol(r->out, tree_field(r->tree, s, FIELD_NAME));
      if (!symbol || symbol->is_hoisted || symbol->declaration != s || !is_ready(r, h->scope, s)) continue;
      hoist_class(r, h, symbol);
      has_changed = true;
    }
  }
}

static void declare_import(struct resolver *r, u32 scope, u32 statement)
{
  u32 alias = tree_field(r->tree, statement, FIELD_ALIAS), end = r->tree->nodes[statement].end;
  if (alias) resolver_declare(r, scope, alias, SYMBOL_IMPORT, end);
  u32 names = tree_field(r->tree, statement, FIELD_NAMES);
  for (u32 item = names ? tree_first(r->tree, names) : 0; item; item = tree_next(r->tree, item)) {
    u32 name = tree_field(r->tree, item, FIELD_NAME), as = tree_field(r->tree, item, FIELD_ALIAS);
    struct symbol *symbol = resolver_declare(r, scope, as ? as : name, SYMBOL_IMPORTED, end);
    if (!symbol) continue;
    symbol->declaration = statement;
    r->out->of[name] = (u32)(symbol - r->out->symbols.data) + 1;
  }
}

// At the top level an assignment declares the names that have no declaration yet.
static void declare_assigned(struct resolver *r, u32 scope, u32 target, u32 statement)
{
  u16 kind = resolver_kind(r, target);
  if (kind == SYM_IDENTIFIER) {
    if (tree_text_is(r->tree, target, "_")) return;
    struct string *name = resolver_name(r, target);
    const struct cell *own = name ? module_find(r->module, name) : NULL;
    if (!name || resolver_own(r, scope, name) || (own && !is_unset(own->value))) return;
    struct symbol *symbol = resolver_declare(r, scope, target, SYMBOL_ASSIGNED, r->tree->nodes[statement].end);
    if (!symbol) return;
    symbol->declaration = statement;
    symbol->start = r->tree->nodes[statement].start;
  } else if (kind == SYM_LIST || kind == SYM_MAP) {
    for (u32 child = tree_first(r->tree, target); child; child = tree_next(r->tree, child))
      declare_assigned(r, scope, child, statement);
  } else if (kind == SYM_SPREAD || kind == SYM_ENTRY)
    declare_assigned(r, scope, tree_field(r->tree, target, FIELD_VALUE), statement);
  else if (kind == SYM_DEFAULT_PATTERN)
    declare_assigned(r, scope, tree_field(r->tree, target, FIELD_PATTERN), statement);
}

static void declare_variables(struct resolver *r, u32 scope, u32 statement, bool is_top)
{
  u16 kind = resolver_kind(r, statement);
  u32 end = r->tree->nodes[statement].end;
  if (kind == SYM_LET_DECLARATION || kind == SYM_CONST_DECLARATION) {
    enum symbol_kind symbol = kind == SYM_LET_DECLARATION ? SYMBOL_LET : SYMBOL_CONST;
    resolver_bind(r, scope, tree_field(r->tree, statement, FIELD_PATTERN), symbol, statement, end);
  } else if (kind == SYM_IMPORT_STATEMENT) declare_import(r, scope, statement);
  else if (kind == SYM_ASSIGNMENT && is_top)
    declare_assigned(r, scope, tree_field(r->tree, statement, FIELD_LEFT), statement);
}

void resolver_hoist(struct resolver *r, u32 scope, u32 block)
{
  struct hoisting h = { scope, block, 0 };
  bool is_top = scope == 0;
  for (u32 s = tree_first(r->tree, block); s; s = tree_next(r->tree, s)) {
    if (resolver_kind(r, s) == SYM_FUNCTION_DECLARATION) declare_function(r, &h, s);
  }
  for (u32 s = tree_first(r->tree, block); s; s = tree_next(r->tree, s)) declare_variables(r, scope, s, is_top);
  for (u32 s = tree_first(r->tree, block); s; s = tree_next(r->tree, s)) {
    if (resolver_kind(r, s) == SYM_CLASS_DECLARATION) declare_class(r, scope, s);
  }
  hoist_classes(r, &h);
}
