#include "syntax/tree_check.h"

// One pass in pre-order: a parent marks those of its descendants that are assigned to before they are reached.
struct checker {
  const struct tree *tree;
  struct diagnostics *diagnostics;
  u8 *is_target;  // for each node
};

static void error_at(struct checker *c, u32 n, const char *message)
{
  const struct node *node = &c->tree->nodes[n];
  diagnostics_error(c->diagnostics, node->start, node->end, "%s", message);
}

static void check_chain(struct checker *c, u32 n)
{
  u16 left = tree_kind(c->tree, tree_field(c->tree, n, FIELD_LEFT));
  if (left != SYM_COMPARISON && left != SYM_TYPE_TEST) return;
  error_at(c, tree_field(c->tree, n, FIELD_OPERATOR), "comparisons do not chain");
  diagnostics_note(c->diagnostics, "write 'a < b and b < c', or put one of them in parentheses");
}

static void check_call(struct checker *c, u32 n, const char *word)
{
  u32 call = tree_field(c->tree, n, FIELD_CALL);
  if (!call || tree_kind(c->tree, call) == SYM_CALL) return;
  const struct node *node = &c->tree->nodes[call];
  diagnostics_error(c->diagnostics, node->start, node->end, "'%s' takes a call, as in '%s f(x)'", word, word);
}

static void check_plain_string(struct checker *c, u32 n, const char *where)
{
  const struct tree *t = c->tree;
  if (!n || tree_kind(t, n) != SYM_STRING) return;
  for (u32 part = tree_first(t, n); part; part = tree_next(t, part)) {
    if (tree_kind(t, part) != SYM_INTERPOLATION) continue;
    const struct node *node = &t->nodes[part];
    diagnostics_error(c->diagnostics, node->start, node->end, "the string of %s takes no '${ }'", where);
    return;
  }
}

static void check_pattern_strings(struct checker *c, u32 n)
{
  for (u32 child = tree_first(c->tree, n); child; child = tree_next(c->tree, child)) {
    bool is_default = tree_kind(c->tree, n) == SYM_DEFAULT_PATTERN && c->tree->nodes[child].field == FIELD_VALUE;
    bool is_body = c->tree->nodes[child].field == FIELD_BODY || c->tree->nodes[child].field == FIELD_GUARD;
    if (!is_default && !is_body) check_plain_string(c, child, "a pattern");
  }
}

// `...rest` takes what is left, so it comes last.
static void check_rest_is_last(struct checker *c, u32 n)
{
  for (u32 child = tree_first(c->tree, n); child; child = tree_next(c->tree, child)) {
    u16 kind = tree_kind(c->tree, child);
    if ((kind != SYM_REST_PATTERN && kind != SYM_SPREAD) || !tree_next(c->tree, child)) continue;
    error_at(c, child, "'...' takes what is left, so it must come last");
    return;
  }
}

static void check_imports(struct checker *c, u32 block)
{
  for (u32 child = tree_first(c->tree, block); child; child = tree_next(c->tree, child)) {
    if (tree_kind(c->tree, child) == SYM_IMPORT_STATEMENT) error_at(c, child, "'import' stands at the top level only");
  }
}

static void check_assignable(struct checker *c, u32 n)
{
  switch (tree_kind(c->tree, n)) {
  case SYM_IDENTIFIER: case SYM_MEMBER: case SYM_INDEX:
    return;
  default:
    error_at(c, n, "cannot assign to this");
    diagnostics_note(c->diagnostics, "what stands left of '=' is a name, a field, an element, or a list or map of those");
  }
}

static void mark_default(struct checker *c, u32 n)
{
  c->is_target[tree_field(c->tree, n, FIELD_PATTERN)] = true;
}

static void mark_list(struct checker *c, u32 list)
{
  check_rest_is_last(c, list);
  for (u32 item = tree_first(c->tree, list); item; item = tree_next(c->tree, item)) c->is_target[item] = true;
}

static void mark_map(struct checker *c, u32 map)
{
  check_rest_is_last(c, map);
  for (u32 item = tree_first(c->tree, map); item; item = tree_next(c->tree, item)) {
    c->is_target[item] = true;
    if (tree_kind(c->tree, item) != SYM_ENTRY) continue;
    u32 key = tree_field(c->tree, item, FIELD_KEY);
    if (tree_kind(c->tree, key) == SYM_COMPUTED_KEY) error_at(c, key, "a pattern's key is a name or a string");
    check_plain_string(c, key, "a pattern");
  }
}

static void check_target(struct checker *c, u32 n)
{
  switch (tree_kind(c->tree, n)) {
  case SYM_LIST: mark_list(c, n); return;
  case SYM_MAP: mark_map(c, n); return;
  case SYM_DEFAULT_PATTERN: mark_default(c, n); return;
  case SYM_ENTRY: case SYM_SPREAD: c->is_target[tree_field(c->tree, n, FIELD_VALUE)] = true; return;
  default: check_assignable(c, n);
  }
}

// In a list or map that is a value, `a = 1` parsed only because the list might have been assigned to.
static void check_no_default(struct checker *c, u32 n)
{
  for (u32 child = tree_first(c->tree, n); child; child = tree_next(c->tree, child)) {
    if (tree_kind(c->tree, child) != SYM_DEFAULT_PATTERN) continue;
    error_at(c, child, "an assignment has no value here");
    bool in_map = tree_kind(c->tree, n) == SYM_MAP;
    diagnostics_note(c->diagnostics, in_map ? "a map's entries are written 'name: value'" : "use '==' to compare");
  }
}

static void check_node(struct checker *c, u32 n)
{
  switch (tree_kind(c->tree, n)) {
  case SYM_ASSIGNMENT: c->is_target[tree_field(c->tree, n, FIELD_LEFT)] = true; break;
  case SYM_COMPOUND_ASSIGNMENT: check_assignable(c, tree_field(c->tree, n, FIELD_LEFT)); break;
  case SYM_COMPARISON: case SYM_TYPE_TEST: check_chain(c, n); break;
  case SYM_SPAWN_EXPRESSION: check_call(c, n, "spawn"); break;
  case SYM_DEFER_STATEMENT: check_call(c, n, "defer"); break;
  case SYM_IMPORT_STATEMENT: check_plain_string(c, tree_field(c->tree, n, FIELD_PATH), "an import"); break;
  case SYM_BLOCK: check_imports(c, n); break;
  case SYM_LIST_PATTERN: case SYM_MAP_PATTERN: case SYM_PARAMETERS:
    check_rest_is_last(c, n);
    check_pattern_strings(c, n);
    break;
  case SYM_MATCH_ARM: case SYM_OR_PATTERN: case SYM_RANGE_PATTERN: case SYM_PATTERN_ENTRY: case SYM_DEFAULT_PATTERN:
    check_pattern_strings(c, n);
    break;
  default: break;
  }
  bool is_target = c->is_target[n];
  if (is_target) check_target(c, n);
  u16 kind = tree_kind(c->tree, n);
  if (!is_target && (kind == SYM_LIST || kind == SYM_MAP || kind == SYM_ENTRY)) check_no_default(c, n);
}

bool tree_check(const struct tree *t, struct diagnostics *diagnostics)
{
  u32 errors = diagnostics->errors;
  struct checker c = { .tree = t, .diagnostics = diagnostics, .is_target = mem_alloc_zero(t->alloc, t->count) };
  if (!c.is_target) return !(diagnostics->failed = true);
  for (u32 n = 0; n < t->count; n++) check_node(&c, n);
  mem_free(t->alloc, c.is_target, t->count);
  return diagnostics->errors == errors && !diagnostics->failed;
}
