// What handlers give, as answers.
#ifndef LULL_HTTP_ANSWER_H
#define LULL_HTTP_ANSWER_H

#include "exchange.h"

// The native (request, handler) that calls the handler and sends what it gives; a task of its own for each request.
extern const struct lull_native answer_native;
bool answer_open(struct lull *lull, struct lull_module *module);

#endif
