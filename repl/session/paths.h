// Completion of file names.
#ifndef LULL_SESSION_PATHS_H
#define LULL_SESSION_PATHS_H

#include "edit/editor.h"

// Offers what could stand for the file name text[start..cursor): the last part of it is completed, folders end in a slash. Sets out->start.
void paths_complete(const char *text, size_t start, size_t cursor, struct completions *out);
// Where the string that is open at the cursor begins (behind its quote); SIZE_MAX where none is.
size_t paths_in_string(const char *text, size_t cursor);

#endif
