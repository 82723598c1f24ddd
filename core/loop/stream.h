// A descriptor read and written without waiting: a socket, a pipe, a terminal, or a file.
//
// Input comes when it is asked for (loop_stream_want) and is shown to the owner, who takes of it what it can use; what
// it leaves is kept. Output goes out at once as far as there is room; there is no queue here: the owner keeps what was
// not taken and offers it again when told of room, so a slow reader on the other side costs no memory. A filter
// (TLS) may stand between; what it makes is kept here until it is sent.
//
// Descriptors 0 to 2, shared with other processes, are never made non-blocking: they are read and written only where
// the system says that this does not wait.
#ifndef LULL_LOOP_STREAM_H
#define LULL_LOOP_STREAM_H

#include <ev.h>
#include <sys/types.h>

#include "base/buf.h"

enum stream_flags {
  STREAM_READ = 1,
  STREAM_WRITE = 2,
  STREAM_SOCKET = 4,     // the end of output is told by shutdown(2); never SIGPIPE
  STREAM_BORROWED = 8,   // closing the stream leaves the descriptor open
  STREAM_BLOCKING = 16,  // never made non-blocking; set by itself for 0 to 2
};

#define STREAM_SCRATCH ((size_t)65536)
#define STREAM_ROOM ((size_t)65536)  // of what a filter made, unsent, at which no more is taken

struct loop_stream;

// Between the bytes on the wire and those of the owner. Functions give 0, or an errno, or -1: fault() says why.
struct stream_filter {
  // [len] bytes came (0: the wire has ended): appends what is for the owner to s->in, what must be sent to s->out.
  int (*input)(struct stream_filter *f, struct loop_stream *s, const char *bytes, size_t len);
  // As many of the owner's bytes as it likes; *taken says how many.
  int (*output)(struct stream_filter *f, struct loop_stream *s, const char *bytes, size_t len, size_t *taken);
  int (*end)(struct stream_filter *f, struct loop_stream *s);        // the owner writes no more
  const char *(*fault)(struct stream_filter *f, const char **code);  // a text, and a code: "ECERT"
  void (*destroy)(struct stream_filter *f);
};

struct loop_stream {
  struct ev_loop *loop;
  int fd;  // -1: closed
  u8 flags;
  bool is_wanted;               // input is asked for
  bool is_ended;                // no more input will come: its end, or an error
  bool is_ending;               // no more output is taken; told to the other side once all is sent
  bool is_shut;                 // that was told
  int read_error, write_error;  // errno, -1 the filter's; 0 none
  ev_io reading, writing;
  const char *view;  // what has just been read, while the owner is told of it
  size_t view_len;
  char *scratch;
  struct buf in;  // read and not taken, from in_at on
  size_t in_at;
  struct buf out;                // with a filter: not sent yet
  struct stream_filter *filter;  // owned; NULL: none
  // There is new input, or its end: see loop_stream_input, is_ended. The owner may close the stream, not free it.
  void (*on_input)(struct loop_stream *s);
  // Output is possible again, or has failed: see write_error.
  void (*on_room)(struct loop_stream *s);
};

// Takes over [fd] and makes it non-blocking; the callbacks are then to be set. [scratch]: STREAM_SCRATCH bytes to read
// into, which all streams of the loop may share.
void loop_stream_init(struct loop_stream *s, struct ev_loop *loop, struct alloc *alloc, char *scratch, int fd,
                      u32 flags);
// Closes it at once; what was not sent is lost. Nothing is called any more. Once more does nothing.
void loop_stream_close(struct loop_stream *s);
static inline bool loop_stream_is_open(const struct loop_stream *s) { return s->fd >= 0; }
// Whether input is to be read: asked for again it comes from where it stopped.
void loop_stream_want(struct loop_stream *s, bool is_wanted);
// The input not taken yet. Valid until the next call on the stream.
const char *loop_stream_input(const struct loop_stream *s, size_t *len);
void loop_stream_take(struct loop_stream *s, size_t len);
// Hands over output. Returns how much was taken; if that is not all, on_room tells when to go on. After an error all
// is taken and thrown away, and write_error says why.
size_t loop_stream_write(struct loop_stream *s, const char *bytes, size_t len);
// All that was taken has been given to the system; else on_room is called again.
static inline bool loop_stream_is_flushed(const struct loop_stream *s) { return s->out.len == 0; }
// Sends what lies in out as far as possible; a filter's owner calls it to begin.
void loop_stream_flush(struct loop_stream *s);
// Throws away what has come and was not read, before closing: else the system would reset the connection, and the other
// side could lose what was sent last.
void loop_stream_drain(struct loop_stream *s);
// No more output: the other side sees the end. Where there is no half close (a pipe written to) the descriptor closes.
void loop_stream_end(struct loop_stream *s);
// What an error of -1 means.
const char *loop_stream_fault(const struct loop_stream *s, const char **code);

#endif
