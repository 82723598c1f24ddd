// A file as a body, of a form's part or of an answer.
#ifndef LULL_HTTP_FILE_H
#define LULL_HTTP_FILE_H

#include "lull.h"

struct file {
  struct lull_value path;  // a string
  struct lull_value own_type;
  const char *type;  // of the content; NULL: unknown
};

extern const struct lull_class file_class;
bool file_open(struct lull *lull, struct lull_module *module);

#endif
