// The terminal's modes while a session edits, and their restoration on every way out.
//
// While editing: no echo, no line discipline, CR as it was typed, signals from keys on, bracketed paste on.
// modes_guard makes exit() and fatal signals put
// everything back (termios, autowrap, cursor, paste, colours). One terminal a process.
#ifndef LULL_TERM_MODES_H
#define LULL_TERM_MODES_H

#include "base/types.h"

// What ends every use of the terminal: autowrap and cursor on, paste and synchronized update off, colours reset.
#define MODES_RESET "\033[?2026l\033[?7h\033[?25h\033[?2004l\033[0m"
#define MODES_PASTE_ON "\033[?2004h"
#define MODES_PASTE_OFF "\033[?2004l"

// A fresh open description of the terminal behind standard input or output, so that O_NONBLOCK on it touches neither
// the shell outside nor children.
// -1 with errno where there is none.
int modes_open_terminal(void);

// Remembers how the terminal [fd] is now. False where it is no terminal.
bool modes_save(int fd);
// The modes of editing; false (errno) where the terminal is gone. Does not write to it.
bool modes_edit(void);
// As modes_save found it. Does not write to the terminal.
bool modes_restore(void);
// Whether keys make signals, while editing (off for one key after ^V).
void modes_signals(bool on);
// From now on exit() and fatal signals restore termios and write MODES_RESET; safe to call again.
void modes_guard(void);

#endif
