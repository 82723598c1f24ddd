// Handlers by method and path.
#ifndef LULL_HTTP_ROUTES_H
#define LULL_HTTP_ROUTES_H

#include "exchange.h"

// The handler of the first entry that fits, and what its pattern took from the path in e->params. [routes]: a map from
// "METHOD /path/:name/*" to functions. Absent: none; *status says 404, or 405 where only the method is another.
struct lull_value routes_find(struct exchange *e, struct lull_value routes, unsigned *status);

#endif
