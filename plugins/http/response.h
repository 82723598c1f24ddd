// What a server answered.
#ifndef LULL_HTTP_RESPONSE_H
#define LULL_HTTP_RESPONSE_H

#include "client.h"

extern const struct lull_class response_class;

// Of a transfer that has ended, or whose body is being streamed. Absent: no memory.
struct lull_value response_new(struct transfer *t);
// The value of a JSON body. False: *result is the error.
bool response_parse_json(struct lull *lull, struct lull_value body, struct lull_value *result);

#endif
