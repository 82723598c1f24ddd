// Where the output of all cells goes. Knows neither the language nor the terminal: bytes come in with the cell that
// wrote them, and leave through the sink.
#ifndef LULL_SESSION_ROUTER_H
#define LULL_SESSION_ROUTER_H

#include "base/buf.h"
#include "term/style.h"

struct router;

#define ROUTER_NONE UINT64_MAX  // no cell

// The contract:
// 1. Bytes of one cell keep their order, over both streams; none is lost, doubled or put into another cell's line.
// 2. The foreground cell's bytes go to `pass` as they are, at once.
// 3. All others are cut in lines, each with its cell's label, made harmless and given to `above`. A line is given
// whole, once.
// 4. An unfinished line is given to `live` 100 ms after its first byte, and renewed at most 30 times a second; when its
// end comes,
//    the row goes and the line is given to `above`.
// 5. A cell that prints faster than it can be read is cut short: instead of further lines there is a live row
//    "[3] ... 4,812 more lines (:out 3)", left behind as a line when the flood is over. What it printed is kept all the
// same:
//    the last `keep` bytes of each cell.
// 6. A stream that is not the terminal (shows[stream] false) gets its bytes as they are through `plain`: no labels,
// nothing made
//    harmless, nothing left out.
// 7. What a muted cell prints is only kept.
struct router_sink {
  void (*pass)(const char *bytes, size_t len, void *user);
  void (*above)(const char *lines, size_t len, void *user);
  void (*live)(u64 cell, const char *text, size_t len, void *user);  // len 0: the row goes
  void (*plain)(int stream, const char *bytes, size_t len, void *user);
  void *user;
};

struct router_config {
  struct alloc *alloc;
  struct router_sink sink;
  enum color_depth colors;
  bool shows[3];  // by stream (1, 2): it is the terminal the prompt stands on
  size_t keep;    // bytes kept of each cell; 0: 256 KiB
};

// NULL when out of memory.
struct router *router_create(const struct router_config *config);
void router_destroy(struct router *r);

// [now]: seconds on a clock that only goes forward, the same for all calls.
void router_write(struct router *r, u64 cell, int stream, const char *bytes, size_t len, double now);
// Lines from the session itself on behalf of a cell (what became of it): labelled, never cut short, not kept.
void router_notice(struct router *r, u64 cell, const char *lines, size_t len);
// Ends the cell's unfinished line, if there is one: nothing more will come.
void router_finish(struct router *r, u64 cell, double now);
// The first cell behind [after] that has an unfinished line, ROUTER_NONE where there is none; ROUTER_NONE to begin.
u64 router_unfinished(const struct router *r, u64 after);
// Which cell's output passes as it is, or ROUTER_NONE. The unfinished line of a cell that comes to the front is passed.
void router_set_foreground(struct router *r, u64 cell, double now);
void router_mute(struct router *r, u64 cell, bool is_muted);
bool router_is_muted(const struct router *r, u64 cell);

// When router_tick wants to be called; INFINITY: not before the next write.
double router_due(const struct router *r);
void router_tick(struct router *r, double now);

// Bytes the cell has printed so far.
u64 router_count(const struct router *r, u64 cell);
// What is kept of the cell, made harmless, as lines; how many bytes before it are gone is left in *gone. False where
// there is nothing.
bool router_kept(struct router *r, u64 cell, struct buf *out, u64 *gone);
// Keeps [bytes] as if the cell had printed them, without showing them: what was cut short on the screen.
void router_keep(struct router *r, u64 cell, const char *bytes, size_t len);
// How many bytes are kept of each cell from now on.
void router_set_keep(struct router *r, size_t bytes);
size_t router_get_keep(const struct router *r);
// Frees what is kept of a cell's output.
void router_clear(struct router *r, u64 cell);
// Frees all that is known of a cell, which has no unfinished line.
void router_forget(struct router *r, u64 cell);

#endif
