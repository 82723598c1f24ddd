// Incremental search of the history: the state of ^R. Pure. Lower-case patterns match in any case.
#ifndef LULL_EDIT_SEARCH_H
#define LULL_EDIT_SEARCH_H

#include "base/buf.h"

struct history;

struct search {
  bool is_active;
  struct buf pattern;
  struct buf found;    // the entry shown; the input of before until something matches
  size_t match;        // where the pattern begins in it
  bool is_failing;     // nothing (more) in that direction
  u32 at;              // place of the entry; history_bound: none yet
  struct buf own;      // the input of before
  size_t own_cursor;
};

// Not search_init and search_end: libedit has functions of these names, and may be linked in.
void search_setup(struct search *s, struct alloc *alloc);
void search_fini(struct search *s);
void search_begin(struct search *s, const struct history *h, const char *text, size_t len, size_t cursor);
// The pattern grows by text, or shrinks by a character.
void search_type(struct search *s, const struct history *h, const char *text, size_t len);
void search_erase(struct search *s, const struct history *h);
// The next match, older or newer.
void search_step(struct search *s, const struct history *h, bool is_older);
void search_leave(struct search *s);
// Where [pattern] first occurs in [text], SIZE_MAX for nowhere.
size_t search_find(const char *text, size_t len, const char *pattern, size_t pattern_len);

#endif
