// What the editor's own files share: typing (keys to changes), view (state to frame), editor (the façade and the
// terminal).
#ifndef LULL_EDIT_STATE_H
#define LULL_EDIT_STATE_H

#include <ev.h>

#include "edit/editor.h"
#include "edit/engine.h"
#include "edit/keys.h"
#include "edit/menu.h"
#include "edit/plain.h"
#include "edit/recall.h"
#include "edit/search.h"

enum editor_state { EDITOR_HIDDEN, EDITOR_PROMPT, EDITOR_LENT };

// A key not yet taken in; for KEY_PASTE with its text.
struct typed_key {
  struct key key;
  char *paste;
  size_t paste_len, paste_cap;
};

struct live_row {
  u64 id;
  struct buf text;
};

struct editor {
  struct editor_config config;
  struct plain *plain;  // if set, all but config is unused
  bool suggests_nothing;
  struct screen *screen;
  struct engine *engine;
  struct keys keys;
  int fd;
  ev_io readable;
  ev_timer escape;
  ev_idle turn;
  ev_signal resized;
  ev_prepare sleep;
  ev_check wake;
  double last_read;             // when keys came last
  double woken, busy_until;     // computing time when the loop last woke; when it last had computed for long
  ev_timer redraw;   // of live rows that change faster than they are shown
  double drawn;      // when the frame was last drawn
  bool is_stale;     // live rows have changed since
  enum editor_state state, before;  // before: what to go back to from LENT
  bool is_gone, is_end_told;
  int error;  // that made it go; 0: none, it has ended

  VEC(struct typed_key) queue;
  u32 queue_at;
  bool is_quoting;  // the next key is text

  struct buf prompt, status;
  VEC(struct live_row) live;
  struct menu menu;
  struct search search;
  struct recall recall;

  // of the view, kept to save allocations
  struct spans spans;
  VEC(struct text) live_texts;
  struct buf below, ghost;
};

// --- typing
// Takes in the keys that are queued while there is a prompt.
void typing_take_in(struct editor *e);
void typing_queue(struct key key, void *editor);
void typing_drop_keys(struct editor *e);
// Drops the input, leaving it standing with a mark, and tells the owner.
void typing_interrupt(struct editor *e);
// No search, no menu, no walk through the history.
void typing_calm(struct editor *e);

// --- view
void view_draw(struct editor *e);
// Draws now if the last time is long ago, else soon.
void view_draw_soon(struct editor *e);
// Makes sure that output leaves with live rows as they are now.
void view_refresh(struct editor *e);
// Leaves prompt and input standing for good, with [mark] behind (a style of its own), and hides.
void view_commit(struct editor *e, const char *mark);
// The suggestion for the input as it stands, NULL where there is none or it must not be shown.
const char *view_suggestion(struct editor *e, size_t *len);

#endif
