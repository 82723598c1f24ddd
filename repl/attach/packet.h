// The protocol between a program that listens and a terminal that is attached to it: packets of a type, a length and a
// payload, over a stream. Pure: bytes in, bytes out. The greetings and END stay as they are in every version, so that
// any two versions can tell each other what is wrong.
//
//     byte 0      type
//     bytes 1-4   length of the payload, the highest byte first; at most PACKET_MOST
//     payload
//
// The terminal speaks first: HELLO. The program answers HELLO, or END and closes. From then on both send as they like.
#ifndef LULL_ATTACH_PACKET_H
#define LULL_ATTACH_PACKET_H

#include "base/buf.h"

enum { PACKET_VERSION = 1, PACKET_HEAD = 5, PACKET_MOST = 64 * 1024 };

enum packet_type {
  PACKET_HELLO = 'H',  // both ways
  // From the terminal:
  PACKET_KEYS = 'k',       // bytes as they were typed
  PACKET_INTERRUPT = 'c',  // Ctrl-C, in its place among the keys
  PACKET_STOP = 'z',       // Ctrl-Z likewise
  PACKET_SIZE = 's',       // it has changed
  PACKET_REDRAW = 'r',     // others have written to the terminal
  PACKET_BACK = 'b',       // what LEND gave away is back, with the command's status
  // From the program:
  PACKET_TEXT = 't',  // bytes for the terminal
  PACKET_LEND = 'l',  // a shell command to run there; empty: stop, as programs do at Ctrl-Z
  PACKET_END = 'e',   // it is over; nothing follows
};

struct packet {
  enum packet_type type;
  const char *payload;  // points into what was read
  size_t len;
  size_t size;  // all of it, head included
};

// What a terminal says of itself.
struct hello {
  u16 version;
  u8 colors;  // enum color_depth
  bool reflows, is_quiet;
  u16 cols, rows;
};

enum packet_why {
  END_LEFT,     // the person has left
  END_PROGRAM,  // the program has ended
  END_REFUSED,  // it never began: the text says why
};

struct farewell {
  enum packet_why why;
  u8 status;  // for the process at the terminal
  const char *text;
  size_t len;
};

enum packet_status { PACKET_WHOLE, PACKET_PART, PACKET_WRONG };

// The first packet of the bytes. PART: more bytes are needed. WRONG: this is no packet of this protocol, whatever follows.
enum packet_status packet_next(const char *bytes, size_t len, struct packet *p);
// Whether a whole packet of the type is among the bytes, which begin with a packet. Safe in a signal handler.
bool packet_has(const char *bytes, size_t len, enum packet_type type);

void packet_put(struct buf *out, enum packet_type type, const void *payload, size_t len);
void packet_put_hello(struct buf *out, const struct hello *h);
void packet_put_welcome(struct buf *out, const char *program);
void packet_put_size(struct buf *out, int cols, int rows);
void packet_put_back(struct buf *out, int status);
void packet_put_end(struct buf *out, enum packet_why why, int status, const char *text);

// Each is false where the payload is not what it has to be. Of a greeting of another version only that is read.
bool packet_read_hello(const struct packet *p, struct hello *h);
bool packet_read_welcome(const struct packet *p, u16 *version, struct buf *program);
bool packet_read_size(const struct packet *p, int *cols, int *rows);
bool packet_read_back(const struct packet *p, int *status);
bool packet_read_end(const struct packet *p, struct farewell *end);

#endif
