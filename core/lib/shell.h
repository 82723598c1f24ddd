// Commands of the shell from texts in parts (vm/quoted.h): what a program puts in never becomes a part of the command.
//
// The text of the program goes to the shell as it is; each value put in becomes a variable of the shell that the text
// refers to, so the shell never parses it. Quotes are put around the reference as the place asks for.
#ifndef LULL_LIB_SHELL_H
#define LULL_LIB_SHELL_H

#include "lib/program.h"
#include "vm/quoted.h"

// The words of the program that runs it: "/bin/sh" "-c" ...; and the command as a person would type it, into [shown].
// False: thrown.
bool shell_words(struct lull *vm, const struct quoted *command, struct words *w, struct buf *shown);

// A word as a person would type it.
void shell_show_word(const char *word, struct buf *out);

#endif
