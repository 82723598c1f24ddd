// The candidates of a completion, shown in rows under the input, and which of them is chosen. Pure.
#ifndef LULL_EDIT_MENU_H
#define LULL_EDIT_MENU_H

#include "edit/editor.h"

enum { MENU_ROWS = 8 };

struct menu {
  struct alloc *alloc;
  struct completions list;  // its texts are the menu's
  bool is_open;
  u32 selected;  // list.len: none, the text is as typed
  struct buf typed;  // the text that the candidates replace
  size_t end;        // where the candidate now in the input ends
};

void menu_init(struct menu *m, struct alloc *alloc);
void menu_fini(struct menu *m);
// Empties the list, ready for a callback to fill.
void menu_clear(struct menu *m);
// Bytes that all candidates begin with.
size_t menu_common(const struct menu *m);
// Opens with nothing selected; [typed] is the input from list.start to the cursor.
void menu_open(struct menu *m, const char *typed, size_t len);
void menu_close(struct menu *m);
// Selects the next or the one before, round the ends, where none is one of the places. Returns the text to show.
struct text menu_step(struct menu *m, bool is_next);
// The rows for a terminal of [cols], with newlines between.
void menu_render(const struct menu *m, struct buf *out, int cols, enum color_depth colors);

#endif
