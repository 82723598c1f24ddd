// Servers: libmicrohttpd on the state's loop, and the requests they are answering.
#ifndef LULL_HTTP_SERVER_H
#define LULL_HTTP_SERVER_H

#include <ev.h>
#include <microhttpd.h>

#include "links.h"
#include "octets.h"

struct exchange;

// The data of an operation, which settles when the server has closed.
struct server {
  struct lull *lull;
  struct MHD_Daemon *daemon;  // NULL once it has closed
  ev_io io;
  ev_timer timer, ending;
  struct lull_value handler;   // a function, or a map of routes
  struct lull_value answer;    // the native that each request is answered by
  struct exchange *exchanges;  // requests that are not done with
  uint64_t served;
  struct links links;
  int64_t max_body;
  int port;
  bool is_closing;
  bool is_kicked;  // the timer is for that
  bool is_resting;  // it is to be left alone for a while
  double short_until;  // of memory or descriptors: until then it is known, and not told again
  char host[64];
};

extern const struct lull_class server_class;
bool server_open(struct lull *lull, struct lull_module *module);
// Something may have become ready outside of the daemon's own sockets: a suspended connection goes on.
void server_kick(struct server *server);
// There was no memory (ENOMEM) for a request, or no descriptor for a connection: told once each time that begins.
void server_is_short(struct server *server, int error);
// A request is done with: a server that closes may end.
void server_left(struct server *server);

#endif
