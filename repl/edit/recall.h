// Walking through the history from the input: older and newer entries that contain what was typed before the walk
// began; it comes back at the newest end. Pure.
#ifndef LULL_EDIT_RECALL_H
#define LULL_EDIT_RECALL_H

#include "base/buf.h"

struct history;

struct recall {
  struct buf own;  // the text before the walk
  bool is_walking;
  u32 at;
};

void recall_init(struct recall *r, struct alloc *alloc);
void recall_fini(struct recall *r);
// The walk is over: the text was changed or entered.
void recall_end(struct recall *r);
// The next text in a direction, NULL where there is none. [text] is the input now; it is kept when the walk begins.
const char *recall_older(struct recall *r, const struct history *h, const char *text, size_t len, size_t *out_len);
const char *recall_newer(struct recall *r, const struct history *h, size_t *out_len);

#endif
