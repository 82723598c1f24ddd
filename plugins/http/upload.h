// What a request sends: a body that is there, a form, or one that comes from a loop.
#ifndef LULL_HTTP_UPLOAD_H
#define LULL_HTTP_UPLOAD_H

#include "client.h"

struct file;

// Adds a header unless the request has one of that name. False: no memory.
bool upload_header(struct transfer *t, const char *name, const char *value);
// A string or bytes.
bool upload_body(struct transfer *t, const void *bytes, size_t len, const char *type);
// A map of fields; bytes and http.file(...) make it one of several parts. False: thrown.
bool upload_form(struct lull_call *c, struct transfer *t, size_t arg);
// A file; false: thrown.
bool upload_file(struct lull_call *c, struct transfer *t, const struct file *file);
// Whatever can be looped over: its strings and bytes are sent as they come.
bool upload_begin(struct transfer *t);
bool upload_pump(struct lull *lull, void *request, struct lull_value source, uint64_t tag);

#endif
