// Cells: the inputs of a session. Each has a number that is never used again. What became of one is remembered until it
// is forgotten (remember.c); its text stays as long as the session lasts. Sessions of one program draw their numbers
// from one counter, so that a number names one cell in all of them.
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
  struct buf name;         // what errors call it: "[3]", or a file
  double started, ended;   // seconds on the loop's clock of a session
  struct lull_ref *error;  // what it ended with, where that is no value. Owned
  struct buf echo;         // the text of the value, kept where it was not shown
  struct buf reports;      // of the errors of what it left running
  u32 failures;            // how many of them
  u32 untold;              // of those, since :err listed them
  u32 interrupts;          // Ctrl-C since it came to the front
  bool is_timed;           // say how long it took
  bool is_saved;           // belongs to the session's text (:save)
};

// What is left of a forgotten cell: its text, where it belongs to the session's.
struct past_cell {
  u64 number;
  char *text;  // NULL: none
  size_t len;
};

struct cells {
  struct alloc *alloc;
  VEC(struct cell *) list;     // by number, ascending; the first is the session itself, or the program it is in
  VEC(struct past_cell) past;  // by number too
  u64 *last;                   // the last number given; of one's own or shared
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
// Whether the number was given to a cell here, forgotten or not.
bool cells_has(const struct cells *c, u64 number);
// The cell of that number; a forgotten one is made again, with nothing but its number. NULL: neither, or out of memory.
struct cell *cells_recall(struct cells *c, u64 number);
// Leaves only number and text of a cell, whose error must have been given back. False when out of memory: it stays.
bool cells_forget(struct cells *c, struct cell *cell);
// Appends the text of all cells that belong to the session's and did not fail, in their order; returns how many.
u32 cells_put_text(const struct cells *c, struct buf *out);
// No text belongs to the session's any more.
void cells_unsave(struct cells *c);
// A new cell with the next number; [name] NULL: "[number]". NULL when out of memory.
struct cell *cells_add(struct cells *c, const char *source, size_t len, const char *name);
// Takes back the newest one: it never ran.
void cells_drop_newest(struct cells *c);
// "running", "done" ...
const char *cell_state_text(const struct cell *c);
// The source in one line of at most [cols] columns, more or less.
void cell_title(const struct cell *c, size_t cols, struct buf *out);

#endif
