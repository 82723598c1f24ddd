// Snapshots of a text being edited, to go back and forth between. Characters typed in one word make one step.
#ifndef LULL_EDIT_UNDO_H
#define LULL_EDIT_UNDO_H

#include "base/buf.h"
#include "base/vec.h"

struct snapshot {
  char *text;
  size_t len, cap, cursor;
};

struct undo {
  struct alloc *alloc;
  VEC(struct snapshot) steps;
  u32 at;         // the step that shows the text as it is
  size_t bytes;   // of all steps
  bool is_typing;  // the newest step may grow
};

void undo_init(struct undo *u, struct alloc *alloc);
void undo_fini(struct undo *u);
// Begins anew with this text.
void undo_reset(struct undo *u, const char *text, size_t len, size_t cursor);
// The text is now this; nothing happens where only the cursor has moved.
void undo_record(struct undo *u, const char *text, size_t len, size_t cursor);
// The step before, the step after; NULL where there is none. Borrowed until the next call.
const struct snapshot *undo_back(struct undo *u);
const struct snapshot *undo_forth(struct undo *u);

#endif
