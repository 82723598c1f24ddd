#include "syntax/tree.h"

#include <string.h>
#include <tree_sitter/api.h>

#include "base/check.h"
#include "base/vec.h"
#include "syntax/tree_check.h"

const TSLanguage *tree_sitter_lull(void);

// A node being built, on the way from the root to the cursor.
struct open_node {
  u32 index;
  u32 last_child;  // 0 before the first
  u32 depth;
  bool is_kept;  // punctuation is not: it has no index
};

struct builder {
  struct alloc *alloc;
  struct diagnostics *diagnostics;
  VEC(struct node) nodes;
  VEC(struct comment) comments;
  VEC(struct open_node) path;
  u32 depth;
  bool failed;
};

static bool fail(struct builder *b)
{
  b->diagnostics->failed = true;
  return !(b->failed = true);
}

static bool is_chain_kind(u16 kind)
{
  switch (kind) {
  case SYM_BINARY_EXPRESSION: case SYM_LOGICAL_EXPRESSION: case SYM_PIPE_EXPRESSION: case SYM_CALL:
  case SYM_MEMBER: case SYM_OPTIONAL_MEMBER: case SYM_INDEX:
    return true;
  default:
    return false;
  }
}

// Chains that a loop can walk add nothing to the depth.
static bool is_link(u16 parent_kind, u16 kind, u16 field)
{
  if (field == FIELD_ALTERNATIVE) return kind == SYM_IF_EXPRESSION;
  return (field == FIELD_LEFT || field == FIELD_OBJECT || field == FIELD_FUNCTION) && is_chain_kind(parent_kind) &&
         is_chain_kind(kind);
}

static bool add_node(struct builder *b, struct node node)
{
  struct open_node *parent = b->path.len ? &vec_last(&b->path) : NULL;
  u32 index = b->nodes.len, depth = 0;
  if (parent) {
    depth = parent->depth + !is_link(b->nodes.data[parent->index].kind, node.kind, node.field);
    if (parent->last_child) b->nodes.data[parent->last_child].next = index;
    else b->nodes.data[parent->index].child = index;
    parent->last_child = index;
  }
  if (depth > TREE_DEPTH_MAX) {
    diagnostics_error(b->diagnostics, node.start, node.start, "nested too deeply: more than %d levels", TREE_DEPTH_MAX);
    return !(b->failed = true);
  }
  if (depth > b->depth) b->depth = depth;
  struct open_node open = { .index = index, .depth = depth, .is_kept = true };
  return (vec_push(b->alloc, &b->nodes, node) && vec_push(b->alloc, &b->path, open)) || fail(b);
}

// Tokens that are never operators. The library takes its time to find a node's field, so it is not asked about these.
static bool is_punctuation(u16 kind)
{
  switch (kind) {
  case TOK_COMMA: case TOK_SEMI: case TOK_COLON: case TOK_EQ: case TOK_EQ_GT: case TOK_LPAREN: case TOK_RPAREN:
  case TOK_LBRACK: case TOK_RBRACK: case TOK_LBRACE2: case TOK_RBRACE: case TOK_DOT: case TOK_DQUOTE:
    return true;
  default:
    return false;
  }
}

static bool enter(struct builder *b, TSTreeCursor *cursor)
{
  TSNode at = ts_tree_cursor_current_node(cursor);
  u16 kind = ts_node_symbol(at), field = is_punctuation(kind) ? 0 : ts_tree_cursor_current_field_id(cursor);
  u32 start = ts_node_start_byte(at), end = ts_node_end_byte(at);
  if (kind == SYM_COMMENT) {
    struct comment comment = { start, end };
    if (!vec_push(b->alloc, &b->comments, comment)) return fail(b);
  } else if (ts_node_is_named(at) || field == FIELD_OPERATOR) {
    return add_node(b, (struct node){ .kind = kind, .field = field, .start = start, .end = end });
  }
  struct open_node skipped = { .is_kept = false };
  return vec_push(b->alloc, &b->path, skipped) || fail(b);
}

// Pre-order; the cursor and the path hold what a recursion would.
static void walk(struct builder *b, TSTreeCursor *cursor)
{
  if (!enter(b, cursor)) return;
  for (;;) {
    if (vec_last(&b->path).is_kept && ts_tree_cursor_goto_first_child(cursor)) {
      if (!enter(b, cursor)) return;
      continue;
    }
    for (;;) {
      (void)vec_pop(&b->path);
      if (ts_tree_cursor_goto_next_sibling(cursor)) break;
      if (!ts_tree_cursor_goto_parent(cursor)) return;
    }
    if (!enter(b, cursor)) return;
  }
}

static struct tree *finish(struct builder *b, struct source *source)
{
  struct tree *t = b->failed ? NULL : mem_alloc(b->alloc, sizeof *t);
  vec_free(b->alloc, &b->path);
  if (!t) {
    if (!b->failed) fail(b);
    vec_free(b->alloc, &b->nodes);
    vec_free(b->alloc, &b->comments);
    return NULL;
  }
  *t = (struct tree){ .alloc = b->alloc, .source = source_ref(source), .depth = b->depth,
                      .nodes = b->nodes.data, .count = b->nodes.len, .node_cap = b->nodes.cap,
                      .comments = b->comments.data, .comment_count = b->comments.len, .comment_cap = b->comments.cap };
  return t;
}

struct tree *tree_create(struct source *source, struct diagnostics *diagnostics)
{
  struct builder b = { .alloc = source->alloc, .diagnostics = diagnostics };
  TSParser *parser = ts_parser_new();
  if (!ts_parser_set_language(parser, tree_sitter_lull())) bug("tree-sitter's library does not read the grammar's ABI");
  TSTree *parsed = ts_parser_parse_string(parser, NULL, source->text, source->len);
  ts_parser_delete(parser);
  TSNode root = ts_tree_root_node(parsed);
  if (ts_node_has_error(root)) {
    // The driver decides what is valid; that the two agree is what tests/unit/test_driver.c tries at random.
    diagnostics_error(diagnostics, 0, 0, "lull's parser and its driver disagree about this text; please report it");
    b.failed = true;
  } else {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    walk(&b, &cursor);
    ts_tree_cursor_delete(&cursor);
  }
  ts_tree_delete(parsed);
  struct tree *t = finish(&b, source);
  if (t && !tree_check(t, diagnostics)) {
    tree_destroy(t);
    return NULL;
  }
  return t;
}

void tree_destroy(struct tree *t)
{
  if (!t) return;
  mem_free(t->alloc, (void *)t->nodes, t->node_cap * sizeof *t->nodes);
  mem_free(t->alloc, (void *)t->comments, t->comment_cap * sizeof *t->comments);
  source_unref(t->source);
  mem_free(t->alloc, t, sizeof *t);
}

bool tree_text_is(const struct tree *t, u32 n, const char *text)
{
  u32 len;
  const char *own = tree_text(t, n, &len);
  return strlen(text) == len && memcmp(own, text, len) == 0;
}

// Index of the first comment that does not end before [offset].
static u32 comments_before(const struct tree *t, u32 offset)
{
  u32 low = 0, high = t->comment_count;
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (t->comments[middle].end <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Blanks only, and one line break, between [from] and [to]?
static bool is_next_line(const char *from, const char *to)
{
  u32 breaks = 0;
  for (; from < to; from++) {
    if (*from == '\n') breaks++;
    else if (*from != ' ' && *from != '\t' && *from != '\r') return false;
  }
  return breaks == 1;
}

// Does the comment stand on a line of its own?
static bool is_alone(const char *text, u32 start)
{
  while (start > 0 && (text[start - 1] == ' ' || text[start - 1] == '\t')) start--;
  return start == 0 || text[start - 1] == '\n';
}

bool tree_doc_before(const struct tree *t, u32 n, u32 *start, u32 *end)
{
  const char *text = t->source->text;
  u32 at = t->nodes[n].start, first = at;
  *end = 0;
  for (u32 i = comments_before(t, at); i-- > 0;) {
    struct comment c = t->comments[i];
    if (!is_next_line(text + c.end, text + first) || !is_alone(text, c.start)) break;
    if (c.start == 0 && c.end > 1 && text[1] == '!') break;  // #!
    if (!*end) *end = c.end;
    first = c.start;
  }
  *start = first;
  return *end != 0;
}

const char *tree_kind_name(u16 kind)
{
#define ROW(id, name) case id: return name;
  switch (kind) {
    NODE_KINDS(ROW)
  default:
    return "?";
  }
#undef ROW
}

static const char *field_name(u16 field)
{
#define ROW(id, name) case id: return name;
  switch (field) {
    NODE_FIELDS(ROW)
  default:
    return NULL;
  }
#undef ROW
}

static void print_head(const struct tree *t, u32 n, struct buf *out)
{
  const char *field = field_name(t->nodes[n].field), *name = tree_kind_name(t->nodes[n].kind);
  if (field) buf_printf(out, "%s: ", field);
  bool is_token = t->nodes[n].field == FIELD_OPERATOR && t->nodes[n].kind != SYM_NOT_IN && t->nodes[n].kind != SYM_IS_NOT;
  buf_printf(out, is_token ? "'%s'" : "(%s", name);
}

// The nodes of a subtree lie one behind the other; closing brackets are due where a node's last descendant was printed.
void tree_print(const struct tree *t, u32 n, struct buf *out)
{
  VEC(u32) open = { 0 };
  for (u32 at = n;;) {
    print_head(t, at, out);
    u32 next = t->nodes[at].child;
    bool is_leaf_token = out->len && out->data[out->len - 1] == '\'';
    if (next) {
      if (!vec_push(t->alloc, &open, at)) break;
    } else if (!is_leaf_token) {
      buf_putc(out, ')');
    }
    while (!next && at != n) {
      next = t->nodes[at].next;
      if (next) break;
      at = vec_pop(&open);
      buf_putc(out, ')');
      if (at == n) break;
    }
    if (!next) break;
    buf_putc(out, ' ');
    at = next;
  }
  vec_free(t->alloc, &open);
}
