// Requests, and sessions that keep cookies and headers between them.
#ifndef LULL_HTTP_REQUEST_H
#define LULL_HTTP_REQUEST_H

#include "client.h"

extern const struct lull_class request_class;
struct transfer *request_transfer(const void *request);  // of a request's data
bool request_open(struct lull *lull, struct lull_module *module);

#endif
