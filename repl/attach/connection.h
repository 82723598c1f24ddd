// One attached terminal, seen from the program: packets in and out, and the session between them. Nothing here waits: a
// terminal that does not read holds up nobody, and costs a bounded amount of memory.
#ifndef LULL_ATTACH_CONNECTION_H
#define LULL_ATTACH_CONNECTION_H

#include <ev.h>

#include "attach/packet.h"
#include "attach/urgent.h"
#include "session/house.h"
#include "term/capabilities.h"
#include "term/remote.h"

enum connection_state {
  CONNECTION_NEW,      // its greeting is awaited
  CONNECTION_OPEN,     // has a session
  CONNECTION_LEAVING,  // the session is over: connection_end is to be called, from outside of it
  CONNECTION_ENDING,   // what is left is written
  CONNECTION_LOST,     // or done: to be destroyed
};

struct connection {
  struct connection *next;
  struct house *house;
  struct alloc *alloc;
  enum connection_state state;
  int fd;
  ev_io readable, writable;
  struct buf in, out;
  size_t in_at, out_at;
  double deadline;  // of a state that must not last: NEW, ENDING; on the clock of sys_now
  struct capabilities capabilities;
  struct remote remote;
  struct urgent urgent;
  struct session *session;  // NULL: none yet, or none any more
};

// Takes the descriptor, which is closed in any case. NULL: no memory.
struct connection *connection_create(struct alloc *alloc, struct house *house, int fd);
// The session's terminal goes; what its cells run goes on, and the session with it, in the house.
void connection_destroy(struct connection *c);
// Says goodbye: the session's terminal goes, what was written still arrives, then END.
void connection_end(struct connection *c, enum packet_why why, int status, const char *text);
// Writes what can be written now; true when nothing is left.
bool connection_flush(struct connection *c);

#endif
