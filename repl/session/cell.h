// Cells: the inputs of a session. Each has a number that is never used again, and is remembered with its source as long
// as the session lasts. Sessions of one program draw their numbers from one counter, so that a number names one cell in
// all of them.
#ifndef LULL_SESSION_CELL_H
#define LULL_SESSION_CELL_H

#include "base/buf.h"
#include "base/vec.h"

struct lull_ref;

// Of the cell's top level. What it started may live on in any of them.
enum cell_state { CELL_RUNNING, CELL_DONE, CELL_FAILED, CELL_STOPPED };

struct cell {
  u64 number;  // also the tag of all it starts
  enum cell_state state;
  struct buf source;
  struct buf name;     // what errors call it: "[3]", or a file
  double started, ended;  // seconds on the loop's clock of a session
  struct lull_ref *value;  // what it ended with: value or error. Owned; NULL while it runs
  struct buf echo;      // the text of the value, kept where it was not shown
  struct buf reports;   // of the errors of what it left running
  u32 failures;         // how many of them
  u32 interrupts;       // Ctrl-C since it came to the front
  bool is_timed;        // say how long it took
  bool is_saved;        // belongs to the session's text (:save)
};

struct cells {
  struct alloc *alloc;
  VEC(struct cell *) list;  // by number, ascending; the first is the session itself, or the program it is in
  u64 *last;                // the last number given; of one's own or shared
  u64 own_last;
  u64 next;  // promised to the next cell; 0: none is yet
};

// Makes the cell 0 too. [last]: the counter shared with other sessions; NULL: none. False when out of memory.
bool cells_init(struct cells *c, struct alloc *alloc, u64 *last);
void cells_fini(struct cells *c);
// The number of the next cell, which is taken from the counter when it is first asked for.
u64 cells_next(struct cells *c);
u32 cells_count(const struct cells *c);
struct cell *cells_at(const struct cells *c, u32 i);
// NULL where there is no such cell.
struct cell *cells_get(const struct cells *c, u64 number);
// A new cell with the next number; [name] NULL: "[number]". NULL when out of memory.
struct cell *cells_add(struct cells *c, const char *source, size_t len, const char *name);
// Takes back the newest one: it never ran.
void cells_drop_newest(struct cells *c);
// "running", "done" ...
const char *cell_state_text(const struct cell *c);
// The source in one line of at most [cols] columns, more or less.
void cell_title(const struct cell *c, size_t cols, struct buf *out);

#endif
