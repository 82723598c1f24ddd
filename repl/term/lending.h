// The terminal in the hands of a shell command. The modes are the caller's: as found before, as wanted after.
#ifndef LULL_TERM_LENDING_H
#define LULL_TERM_LENDING_H

#include <sys/types.h>

#include "base/types.h"

// Starts the command in a process group of its own, which is the terminal's foreground. -1 with errno.
pid_t lending_start(const char *command);
// Its status has come: ours is the foreground again.
void lending_end(void);
// It was stopped from the keyboard. There is no coming back to it: it is told to end, and its status will come.
void lending_dismiss(pid_t pid);

#endif
