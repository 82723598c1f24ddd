// Lines of standard input for input() in scripts: questions wait in their order, on the loop, and each gets a line.
#ifndef LULL_QUESTIONS_H
#define LULL_QUESTIONS_H

#include <ev.h>

#include "base/buf.h"
#include "base/vec.h"

struct lull;
struct lull_ref;

struct questions {
  struct alloc *alloc;
  struct ev_loop *loop;
  struct lull *lull;
  ev_io readable;
  struct buf text;  // read, and not yet asked for
  VEC(struct lull_ref *) waiting;
  bool is_at_end;
};

void questions_init(struct questions *q, struct alloc *alloc, struct ev_loop *loop, struct lull *lull);
void questions_fini(struct questions *q);  // before the state goes
void questions_ask(struct questions *q, struct lull_ref *question);

#endif
