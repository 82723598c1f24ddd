// A state of the language for an input, and how what ran in it ended.
#ifndef LULL_TESTS_FUZZ_TRIAL_H
#define LULL_TESTS_FUZZ_TRIAL_H

#include "base/buf.h"
#include "lull.h"

// On the default loop, with 64 MiB and no other processes; files and network only for programs of our own. All states of a process alike.
struct lull *trial_create(bool is_trusted);
// Cancels what is left, and checks that all memory came back.
void trial_destroy(struct lull *lull);

enum { TRIAL_REFUSED = -2, TRIAL_PENDING = -1 };
// Runs a text as a cell, within limits of steps and time: an outcome of enum lull_outcome, TRIAL_REFUSED where it is no program,
// TRIAL_PENDING where it still waits. [report] (may be NULL) gets messages and the report of an error.
int trial_run(struct lull *lull, const char *text, size_t len, struct buf *report);
// Calls a function of the session with the bytes, and with them as text. A LimitError counts as a value.
int trial_call(struct lull *lull, const char *function, const char *bytes, size_t len, struct buf *report);

#endif
