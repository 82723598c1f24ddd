// The writer of a script's output: bytes for one descriptor, gathered, then written whole. Nothing is lost in silence:
// interrupted and short writes go on,
// a descriptor another process made non-blocking is waited for, and the first error is kept.
#ifndef LULL_WRITER_H
#define LULL_WRITER_H

#include "base/buf.h"

// Sticky: after an error nothing more is written, and writer_error tells why.
struct writer {
  struct buf held;  // not yet written
  int fd;
  bool by_line;  // a terminal: what ends in a newline is written at once
  int error;     // errno of the first failure, 0: none
};

// [fd] is borrowed.
void writer_init(struct writer *w, struct alloc *alloc, int fd, bool is_terminal);
// Does not flush.
void writer_fini(struct writer *w);
// Takes bytes; writes when enough of them are held. False once an error is there.
bool writer_put(struct writer *w, const char *bytes, size_t len);
// Writes what is held.
bool writer_flush(struct writer *w);

#endif
