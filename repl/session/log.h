// A copy of what a session shows, as plain text in a file: inputs behind their prompts, output with its labels, no escapes.
#ifndef LULL_SESSION_LOG_H
#define LULL_SESSION_LOG_H

#include "base/buf.h"

struct log {
  int fd;  // -1: there is none
  struct buf path;
  u8 escape;  // where in an escape sequence the text has stopped
  struct buf held;  // the beginning of a character that the text has stopped in
  bool is_line_open;
};

void log_init(struct log *l, struct alloc *alloc);
void log_fini(struct log *l);
// Begins a log, or goes on with one: the file is appended to, and made with mode 0600. False with errno: nothing has changed.
bool log_open(struct log *l, const char *path);
void log_close(struct log *l);
// Appends a text without its escapes; what else a terminal would act on is made visible. A log that cannot be written is closed: false, with errno, once.
bool log_write(struct log *l, const char *text, size_t len);
// Ends a line that has no end yet.
bool log_end_line(struct log *l);

#endif
