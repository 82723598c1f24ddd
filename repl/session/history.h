// The inputs of all sessions: one file, one escaped entry a line, appended under a lock in a single write before the
// entry runs, never rewritten.
// Sessions share it live: history_refresh takes in what others have appended. A tail torn by a crash is closed by
// the next append and costs no other entry.
#ifndef LULL_SESSION_HISTORY_H
#define LULL_SESSION_HISTORY_H

#include "base/buf.h"

struct history;

// Where the file belongs: LULL_HISTORY, else $XDG_STATE_HOME/lull/history, else ~/.local/state/lull/history. False:
// no file (LULL_HISTORY is empty, or there is no home).
bool history_default_path(struct buf *path);

// Reads the file (its last 8 MiB); makes it, its folder and no more. [path] NULL: in memory only. A file that cannot
// be read leaves an empty history
// and history_error tells why. NULL when out of memory.
struct history *history_create(struct alloc *alloc, const char *path);
void history_destroy(struct history *h);

// Adds an entry, in memory and in the file. Not kept: empty ones, those that begin with a blank, and a repetition of
// the newest one; an older equal entry gives way.
// False when the file could not be written (errno); the entry is in memory then.
bool history_append(struct history *h, const char *text, size_t len);
// Takes in what other sessions have appended since.
void history_refresh(struct history *h);

// Places are numbered from 0, oldest first; they stay valid (a superseded one is skipped) until history_destroy.
u32 history_bound(const struct history *h);
// The entry at [at], or NULL where it was superseded by a later equal one or lies outside. Lives until the next
// append or refresh.
const char *history_entry(const struct history *h, u32 at, size_t *len);
// The nearest live place before [at] (history_bound to begin at the newest), after it, or history_bound where there
// is none.
u32 history_before(const struct history *h, u32 at);
u32 history_after(const struct history *h, u32 at);
// How many live entries there are.
u32 history_count(const struct history *h);
// errno of the last failed access to the file; 0.
int history_error(const struct history *h);

#endif
