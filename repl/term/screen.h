// Everything that reaches the terminal of a session goes through here: output lines scroll up, and under them stands
// the **frame**, redrawn by difference:
//
//     output, scrolled away for good            screen_print_above, screen_pass
//     --- frame ---
//     the unfinished line of the foreground     what screen_pass got behind the last newline
//     live rows                                 unfinished lines of background cells, progress bars
//     [3] > prompt and input                    with continuation marks, highlighting, suggestion; scrolled when
// taller than the terminal
//     rows below                                status, candidates
//
// Each repaint is one write in synchronized-update brackets with autowrap off. The descriptor is non-blocking: while
// the terminal does not read,
// repaints are skipped and output is queued, and above the high-water mark the owner is told to stop its producers.
// Single-threaded, on the owner's loop. Text is UTF-8; what is invalid or a control is shown visibly, except in
// output passed or printed above.
#ifndef LULL_TERM_SCREEN_H
#define LULL_TERM_SCREEN_H

#include <sys/types.h>

#include "base/buf.h"
#include "term/style.h"

struct ev_loop;
struct screen;

struct text {
  const char *bytes;
  size_t len;
};

// What the frame shows. All of it is borrowed for the call only. Prompt and rows may hold SGR sequences; the input
// may not.
struct frame {
  const struct text *live;  // rows above the prompt, each wrapped where it is wide
  size_t live_count;
  bool has_prompt;    // without it there is no input; the cursor then stands behind the unfinished line
  struct text prompt;
  struct text continuation;  // mark of the rows after a newline in the input
  struct text input;
  const struct span *spans;  // sorted or not; later ones win
  size_t span_count;
  size_t cursor;      // byte offset in the input
  struct text ghost;  // shown dim behind the input
  const struct text *below;
  size_t below_count;
};

struct screen_config {
  struct alloc *alloc;
  struct ev_loop *loop;
  int fd;  // the terminal, non-blocking; borrowed
  const struct capabilities *capabilities;
  // Queued bytes have passed high_water (true) or fallen under half of it (false). May be NULL.
  void (*on_pressure)(bool is_high, void *user);
  // The terminal is gone (hung up or a write error); nothing is written from here on. May be NULL.
  void (*on_gone)(int error, void *user);
  void *user;
  size_t high_water;                          // 0: 4 MiB
  void (*get_size)(int *cols, int *rows, void *user);  // NULL: TIOCGWINSZ of fd; tests give their own
  // As write(2) to fd, for a terminal that fd leads to by a detour; fd is still what is watched. NULL: write(2).
  ssize_t (*write)(const char *bytes, size_t len, void *user);
};

// NULL when out of memory.
struct screen *screen_create(const struct screen_config *config);
// Does not touch the terminal: hide or commit first.
void screen_destroy(struct screen *s);

// Shows this frame from now on, at once unless bytes are queued.
void screen_show(struct screen *s, const struct frame *frame);
// Shows this frame with the next repaint, which is left to others to cause.
void screen_set(struct screen *s, const struct frame *frame);
// Draws this frame for the last time, whole, and leaves it standing as output with the cursor on the line under it.
// Live rows and rows below are not part of it.
void screen_commit(struct screen *s, const struct frame *frame);
// Takes the frame away; an unfinished foreground line is left standing and ended. The next screen_show starts at the
// cursor.
void screen_hide(struct screen *s);

// Complete lines above the frame (a missing last newline is added). Coalesced: at once when the last repaint is long
// ago, else within 1/30 s.
void screen_print_above(struct screen *s, const char *lines, size_t len);
// Output of the foreground as it is, byte for byte; what follows its last newline is kept as the unfinished line and
// may grow.
void screen_pass(struct screen *s, const char *bytes, size_t len);
// Ends an unfinished foreground line, if there is one.
void screen_end_line(struct screen *s);

// Writes now what is held back for coalescing.
void screen_flush(struct screen *s);
// Waits up to [seconds] until the terminal has taken everything: before children get it and at the end. False when
// something is left.
bool screen_drain(struct screen *s, double seconds);
// The size may have changed (SIGWINCH).
void screen_resize(struct screen *s);
// Empties the terminal and draws the frame at its top (Ctrl-L).
void screen_clear(struct screen *s);
// Draws the frame anew where the cursor is, after something else has written to the terminal.
void screen_forget(struct screen *s);
// Bytes that go to the terminal outside of any frame (modes); queued in order.
void screen_control(struct screen *s, const char *bytes);

// A text at once, without any memory, on a row of its own under the frame, which is drawn anew with the next repaint.
void screen_alarm(struct screen *s, const char *text);

int screen_cols(const struct screen *s);
int screen_rows(const struct screen *s);
size_t screen_queued(const struct screen *s);
bool screen_is_pressed(const struct screen *s);  // queued beyond the mark

#endif
