// The connections of a server's clients, to see when one has gone, or is too slow.
//
// libmicrohttpd watches for edges, and takes a short read for the last one: of a client that went right behind a part of a
// request, or behind a whole one, it never hears. An epoll of our own does; shutting the socket down makes it look again.
// It closes connections without a word, but waits for ever for a head that comes a byte at a time.
#ifndef LULL_HTTP_LINKS_H
#define LULL_HTTP_LINKS_H

#include <ev.h>
#include <microhttpd.h>
#include <stdbool.h>

#include "lull.h"

// Context of a connection's socket, for as long as that is open.
struct link {
  struct links *links;
  struct link *next, *prev;  // among those that have gone
  struct link *later, *earlier;  // among those that are to send the head of a request, and since when they are
  double since;
  int fd;
  bool is_gone;
  bool is_busy;  // a request is being answered: what follows waits
};

struct links {
  struct lull *lull;
  ev_io io;
  int epoll;          // -1: none
  struct link *gone;  // not shut down yet
  bool has_closed;    // one of them, since that was looked at
  struct link *earliest, *latest;
  double patience;    // seconds for a head; 0: no end
};

// False: no descriptor. links_fini comes after the daemon has stopped.
bool links_init(struct links *links, struct lull *lull, double patience);
void links_fini(struct links *links);
// For the daemon: MHD_OPTION_NOTIFY_CONNECTION.
void links_notify(void *links, struct MHD_Connection *connection, void **link,
                  enum MHD_ConnectionNotificationCode code);
// NULL where there was no memory for it.
struct link *link_of(struct MHD_Connection *connection);
// The head of a request has come; a request is done with. Link may be NULL.
void link_asked(struct link *link);
void link_rests(struct link *link);
// After each run of the daemon.
void links_check(struct links *links);

#endif
