// Whole texts from and to files.
#ifndef LULL_SESSION_TEXTFILE_H
#define LULL_SESSION_TEXTFILE_H

#include "base/buf.h"

// Reads all of a file ("-": standard input) behind what is in [text]. False: [message] says why, as "FILE: reason".
bool textfile_read(const char *file, struct buf *text, struct buf *message);
// As textfile_read, of a file to be run without being asked for: it must be ours or root's, a plain file, and nobody else
// may be able to write to it or to its folder.
bool textfile_read_trusted(const char *file, struct buf *text, struct buf *message);
// Writes the file anew, so that it never holds half of it. False as above.
bool textfile_write(const char *file, const char *text, size_t len, struct buf *message);

#endif
