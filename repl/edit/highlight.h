// Colours of an input while it is typed: tree-sitter's tree of the text, broken or not, and the captures of
// grammar/queries/highlights.scm.
// The tree is good for colour only. Texts of 60,000 bytes and more stay without: the library is not safe with what
// broken ones can grow into.
#ifndef LULL_EDIT_HIGHLIGHT_H
#define LULL_EDIT_HIGHLIGHT_H

#include "edit/editor.h"

struct highlight;

// NULL when out of memory or the library refuses grammar or query: then there is no colour.
struct highlight *highlight_create(struct alloc *alloc);
void highlight_destroy(struct highlight *h);
// Adds the spans of the text, and of the pair of brackets at [cursor] (beyond the text: none). Reuses the tree of
// the text before.
void highlight_text(struct highlight *h, const char *text, size_t len, size_t cursor, struct spans *out);

#endif
