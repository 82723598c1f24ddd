// Streams as values: the class of the ends of sockets, pipes and terminals, over core/loop/stream.
//
// For the library's other modules: make one from a descriptor, give it a name for messages and :jobs, and hand it out;
// or read and write it from C with the functions below, whose deferreds may be returned as they are.
// A stream belongs to the collector; it closes its descriptor when closed or no longer reachable. A pending read or
// write keeps it alive.
#ifndef LULL_LIB_STREAM_H
#define LULL_LIB_STREAM_H

#include <netinet/in.h>

#include "loop/address.h"
#include "loop/stream.h"
#include "vm/operation.h"

enum stream_read_kind {
  STREAM_SOME,     // bytes: what there is, at most [limit]; `done` at the end
  STREAM_LINE,     // string without its line end; longer than [limit] bytes is an error; `done` at the end
  STREAM_EXACTLY,  // bytes: [limit] of them; an IOError with code "EOF" if the end comes first
  STREAM_ALL,      // bytes: all up to the end
  STREAM_TEXT,     // string: likewise
  STREAM_PIPE,     // of stream_pipe
};

#define STREAM_LINE_MAX ((u64)16 << 20)

enum stream_write_kind { STREAM_DATA, STREAM_END, STREAM_CLOSE, STREAM_PIPED };

// Who waits to read, and to write: in their order, each within the operation it belongs to.
struct stream_reader {
  struct stream_reader *next;
  struct operation *op;
  u8 kind;
  u64 limit;
};

struct stream_writer {
  struct stream_writer *next;
  struct operation *op;
  u8 kind;
};

struct stream {
  struct box box;
  struct loop_stream io;
  struct lull *vm;
  struct string *name;       // what messages call it: "stdout of git (pid 12)"; NULL: its peer's address
  struct sockaddr_in6 peer;  // of TCP, v4 too: the system forgets it when the connection fails. Family 0: none
  Value owner;               // kept alive with it, and told when it closes (closed); NIL
  void (*closed)(struct stream *s);
  void (*shaken)(struct stream *s);  // while it shakes hands: told when that is over
  struct stream *next, **link;       // in its owner's list, which does not keep it alive
  struct stream_reader *readers;
  struct stream_writer *writers;
  struct deferred *written;  // resolved: what a write that was done at once gives
  size_t scanned;            // bytes of the input known to hold no line end
};

extern const struct native_class stream_class;

// Takes over the descriptor, also where it fails: NULL without memory. [flags]: enum stream_flags, at least one of
// STREAM_READ and STREAM_WRITE.
struct stream *stream_from_fd(struct lull *vm, int fd, u32 flags);
void stream_set_name(struct lull *vm, struct stream *s, struct string *name);
void stream_set_peer(struct stream *s, const struct address *peer);
// "127.0.0.1:8080"
void stream_describe(const struct stream *s, struct buf *out);

// These give a deferred, settled where it could be done at once; NULL: an error has been thrown (the stream is closed,
// not to be read, no memory). [limit] as above; 0: none.
struct deferred *stream_read(struct lull *vm, struct stream *s, enum stream_read_kind kind, u64 limit);
// [data]: a string or bytes. Resolves, to nil, when all of it has been given to the system.
struct deferred *stream_write(struct lull *vm, struct stream *s, Value data);
// After what is being written: tells the other side that no more comes; closes the stream.
struct deferred *stream_end(struct lull *vm, struct stream *s);
struct deferred *stream_close(struct lull *vm, struct stream *s);
// All input of [from] is written to [to], which is then ended unless [is_open_after]; resolves to the count of bytes.
struct deferred *stream_pipe(struct lull *vm, struct stream *from, struct stream *to, bool is_open_after);
// At once; pending writes fail.
void stream_abort(struct stream *s);
// What can be read without waiting: true with *v, which is UNSET where an error has been thrown. False: it has to wait.
bool stream_read_now(struct lull *vm, struct stream *s, enum stream_read_kind kind, u64 limit, Value *v);
// An object for loops: its next() gives lines or what there is.
struct box *stream_iterator(struct lull *vm, struct stream *s, enum stream_read_kind kind, u64 limit);
// Checks that argument [i] is a string or bytes.
bool arg_data(struct call *c, u32 i);
// "127.0.0.1:80", or without its port. NULL: no memory.
struct string *address_string(struct lull *vm, const struct address *a, bool has_port);
// Puts it into the list of an owner, which is told when it closes; takes it out.
void stream_join(struct stream *s, struct stream **list, Value owner, void (*closed)(struct stream *s));
void stream_leave(struct stream *s);
// The bytes of such a value; valid until the next safepoint.
const char *data_bytes(struct heap *heap, Value data, size_t *len);

// Between the files of the stream.
void stream_read_on(struct loop_stream *io);
void stream_shake_on(struct loop_stream *io);
void stream_input_changed(struct stream *s);  // serves readers, and asks for input while there are any
void stream_write_on(struct loop_stream *io);
void stream_drop_reader(struct stream *s, struct stream_reader *reader);
bool stream_pipe_on(struct stream *s, struct stream_reader *reader);
bool stream_pipe_blocked(const struct stream_reader *reader);
Value stream_io_error(const struct stream *s, const char *what, int error);
enum native_status stream_throw_closed(struct stream *s, const char *what);

#endif
