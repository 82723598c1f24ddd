// The syntax tree of a valid source: one flat array in pre-order, never changed. Kinds, fields and what each kind holds: grammar/NODES.md, nodes.h.
#ifndef LULL_SYNTAX_TREE_H
#define LULL_SYNTAX_TREE_H

#include "syntax/diagnostic.h"
#include "syntax/nodes.h"
#include "syntax/source.h"

// How deep nodes may nest. Chains that lean left (operators, calls, members) and `else if` do not count, however long: walk those with a loop.
#define TREE_DEPTH_MAX 1000

struct node {
  u16 kind;         // enum node_kind
  u16 field;        // enum node_field: what it is to its parent
  u32 start, end;   // bytes of the source
  u32 next, child;  // the next sibling, the first child: indices, 0 for none. Children lie behind their parent
};

struct comment {
  u32 start, end;
};

struct tree {
  struct alloc *alloc;    // borrowed
  struct source *source;  // counted reference
  const struct node *nodes;
  u32 count;  // nodes; nodes[0] is the program
  const struct comment *comments;
  u32 comment_count;
  u32 depth;  // the deepest nesting, counted as TREE_DEPTH_MAX is
  u32 node_cap, comment_cap;
};

// Builds the tree of a source that syntax_check found complete, and makes the checks that NODES.md lists.
// NULL where they fail (errors are added) or memory ends (diagnostics->failed). tree-sitter's own, temporary memory is not lull's.
struct tree *tree_create(struct source *source, struct diagnostics *diagnostics) MUST_USE;
// Takes NULL.
void tree_destroy(struct tree *t);

static inline u16 tree_kind(const struct tree *t, u32 n) { return t->nodes[n].kind; }
static inline u32 tree_first(const struct tree *t, u32 n) { return t->nodes[n].child; }
static inline u32 tree_next(const struct tree *t, u32 n) { return t->nodes[n].next; }

// The first child with that field, 0 for none.
static inline u32 tree_field(const struct tree *t, u32 n, enum node_field field)
{
  u32 child = t->nodes[n].child;
  while (child && t->nodes[child].field != field) child = t->nodes[child].next;
  return child;
}

// The next sibling with the same field (arms, the two patterns of a for), 0 for none.
static inline u32 tree_next_same(const struct tree *t, u32 n)
{
  u32 next = t->nodes[n].next;
  while (next && t->nodes[next].field != t->nodes[n].field) next = t->nodes[next].next;
  return next;
}

static inline u32 tree_child_count(const struct tree *t, u32 n)
{
  u32 count = 0;
  for (u32 child = t->nodes[n].child; child; child = t->nodes[child].next) count++;
  return count;
}

// The text of a node, not terminated.
static inline const char *tree_text(const struct tree *t, u32 n, u32 *len)
{
  *len = t->nodes[n].end - t->nodes[n].start;
  return t->source->text + t->nodes[n].start;
}

bool tree_text_is(const struct tree *t, u32 n, const char *text);
// The span of the comment lines right above node [n], without a blank line between; false for none. source_comment_text gives their text.
bool tree_doc_before(const struct tree *t, u32 n, u32 *start, u32 *end);
// The kind's name in the grammar, "?" for none.
const char *tree_kind_name(u16 kind);
// As "(call function: (identifier) ...)": for tests and dumps.
void tree_print(const struct tree *t, u32 n, struct buf *out);

#endif
