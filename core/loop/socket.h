// Making sockets: non-blocking and close-on-exec, with the options this library knows.
#ifndef LULL_LOOP_SOCKET_H
#define LULL_LOOP_SOCKET_H

#include "loop/address.h"

enum socket_options {
  SOCKET_NODELAY = 1,      // TCP: small writes go out at once
  SOCKET_KEEPALIVE = 2,    // a dead peer is noticed, after minutes
  SOCKET_SHARED_PORT = 4,  // several servers may listen on one port
  SOCKET_BROADCAST = 8,
};

// Descriptors, or -1 with errno set.
int socket_open(int family, int type, u32 options);
// A socket bound to the address, which has the port that was given for 0 afterwards. One in the file system takes the
// place of a socket nobody listens on any more.
int socket_bound(struct address *a, int type, u32 options);
void socket_set_options(int fd, int family, u32 options);

#endif
