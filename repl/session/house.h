// What the sessions inside one running program share: its state, the counter of their cells, and the way from a tag to
// the session whose cell it is. The program itself has the tag 0, and so is cell 0 to all of them.
#ifndef LULL_SESSION_HOUSE_H
#define LULL_SESSION_HOUSE_H

#include "lull.h"
#include "session/session.h"

enum { HOUSE_PROGRAM = 0 };  // the program's tag

struct house {
  struct ev_loop *loop;
  struct lull *lull;
  const char *program;    // what it is called: the name of its script
  double started;         // on the clock of sys_now
  u64 last_cell;          // the last number given
  struct session *first;  // all of them, those whose terminal is gone too
};

// The session that has this cell; NULL: the program itself, or one that has gone.
struct session *house_find(const struct house *h, u64 tag);
// Whether somebody sees what becomes of this cell: its session has a terminal.
bool house_is_attended(const struct house *h, u64 tag);
// The callbacks of a state for tags other than the program's; [user] is the house.
extern const struct lull_host house_host;

#endif
