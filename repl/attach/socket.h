// Unix sockets by their paths, for one user.
#ifndef LULL_ATTACH_SOCKET_H
#define LULL_ATTACH_SOCKET_H

#include "base/buf.h"

// The file a socket has made.
struct socket_file {
  u64 device, inode;
};

// A socket at the path that only this user can connect to; -1: [message] says why.
int socket_listen(const char *path, struct socket_file *file, struct buf *message);
// Removes the path if it is still that file.
void socket_remove(const char *path, const struct socket_file *file);
// -1: [message] says why. Whoever listens there is this user or root.
int socket_connect(const char *path, struct buf *message);
// Whether the other side is this user, or root.
bool socket_is_ours(int fd);

#endif
