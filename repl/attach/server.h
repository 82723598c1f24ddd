// Sessions inside a running program: a Unix socket where terminals of the same user are let in, and what becomes of
// them. Neither the socket nor idle sessions keep the program running; what a session's cells run does.
#ifndef LULL_ATTACH_SERVER_H
#define LULL_ATTACH_SERVER_H

#include "base/buf.h"

struct house;
struct server;

struct server_config {
  struct alloc *alloc;
  struct house *house;  // borrowed; filled but for its sessions
  const char *path;     // of the socket; borrowed
  // Whether something beside the state keeps the program running. NULL: nothing does.
  bool (*is_held)(void *user);
  void *user;
};

// Listens, with mode 0600. The socket of a program that has died is replaced; one that is served and a file that is no
// socket are left alone. NULL: [message] says why, as "PATH: reason".
struct server *server_open(const struct server_config *config, struct buf *message);
// The program has ended: says so at all terminals, waits a moment until they have it, ends the sessions and removes the
// socket. Before the state goes. NULL is fine.
void server_close(struct server *s, int status, const char *text);

#endif
