// Addresses of sockets as text: "127.0.0.1:80", "[::1]:80", "unix:/run/x".
#ifndef LULL_LOOP_ADDRESS_H
#define LULL_LOOP_ADDRESS_H

#include <sys/socket.h>

#include "base/buf.h"

struct address {
  struct sockaddr_storage any;
  socklen_t len;
};

// The address of a numeric host ("127.0.0.1", "::1"). False: [host] is a name, or nothing of the kind.
bool address_parse(struct address *a, const char *host, u16 port);
// The address of a socket in the file system; a path that begins with "@" is one of the abstract names of Linux. False
// with errno set: too long.
bool address_unix(struct address *a, const char *path);
// Appends its text. A socket without a name is "unix:".
void address_print(const struct address *a, struct buf *out);
void address_print_host(const struct address *a, struct buf *out);  // without the port
u16 address_port(const struct address *a);                          // 0: none
void address_set_port(struct address *a, u16 port);
// Of a socket; false: it is none, or not connected.
bool address_local(struct address *a, int fd);
bool address_peer(struct address *a, int fd);

#endif
