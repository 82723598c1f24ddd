// The typing side of a session: takes keys from the terminal on the owner's loop, shows prompt and input, and hands
// over whole inputs.
// It is also the way to the terminal for everything else the session shows. Knows nothing of the language: that
// comes through the callbacks.
//
// States: **prompt** (editor_show_prompt), **hidden** (a foreground cell runs; keys are kept for the next prompt;
// this is the state at first and
// after each on_line, on_eof), **lent** (editor_suspend: a child has the terminal).
// Where the terminal is dumb, or is none, the same calls work as plain line input without a single escape (edit/plain).
// Where it is elsewhere (config.remote), the owner feeds the keys and tells the size, and nothing here ever waits.
// Callbacks run on the loop's stack, never inside another callback of the editor; they may call anything here except
// editor_destroy.
#ifndef LULL_EDIT_EDITOR_H
#define LULL_EDIT_EDITOR_H

#include "base/buf.h"
#include "base/vec.h"
#include "term/screen.h"
#include "term/style.h"

struct editor;
struct ev_loop;
struct history;
struct remote;

struct spans {
  struct alloc *alloc;
  VEC(struct span) list;
};

// What completion offers for the text before the cursor.
struct completion {
  struct text text;  // replaces the input from completions.start to the cursor
  struct text hint;  // one line: signature, first line of the documentation; may be empty
};

struct completions {
  struct alloc *alloc;
  size_t start;
  VEC(struct completion) list;
  bool failed;
};

// Adds one, copying both texts. Called by the callback only.
void completions_add(struct completions *c, const char *text, size_t len, const char *hint, size_t hint_len);

struct editor_callbacks {
  // A whole input was entered, without a newline at its end; not empty unless the user entered an empty one. The
  // editor is hidden now.
  void (*on_line)(const char *text, size_t len, void *user);
  // End of input: ^D on an empty input, or the terminal is gone. The editor is hidden now.
  void (*on_eof)(void *user);
  // editor_interrupt (or ^C as a byte) has dropped the input; the editor is hidden now: show the prompt again.
  void (*on_interrupt)(void *user);
  // Whether the input can run as it stands; if not, *indent is set to the columns the next row is indented by.
  bool (*is_complete)(const char *text, size_t len, int *indent, void *user);
  // Styles of the input; added by vec_push to out->list. [cursor] is for matching brackets, SIZE_MAX for none.
  void (*highlight)(const char *text, size_t len, size_t cursor, struct spans *out, void *user);
  // Completions at the cursor.
  void (*complete)(const char *text, size_t len, size_t cursor, struct completions *out, void *user);
  // The key for $EDITOR: the owner suspends, runs it, resumes and calls editor_set_text.
  void (*on_edit)(const char *text, size_t len, size_t cursor, void *user);
  // Plain output could not be written, or the terminal fails (errno): what is shown is lost.
  void (*on_lost)(int error, void *user);
  // Output is queued beyond the mark: stop (true) or go on (false) producing.
  void (*on_pressure)(bool is_high, void *user);
};

struct editor_config {
  struct alloc *alloc;
  struct ev_loop *loop;
  const struct capabilities *capabilities;
  struct history *history;  // borrowed; NULL for none. The owner appends (before it runs an entry)
  struct remote *remote;    // the terminal is elsewhere; borrowed. NULL: it is the process's own
  struct editor_callbacks callbacks;
  void *user;
};

#define EDITOR_CONTINUATION "... "  // the mark of further rows

// Puts the terminal into the modes of editing. NULL with errno when that fails or memory is short.
struct editor *editor_create(const struct editor_config *config);
// Takes the frame away, restores the terminal. NULL is allowed.
void editor_destroy(struct editor *e);
bool editor_is_plain(const struct editor *e);  // no escapes may be sent: dumb terminal or none
int editor_cols(const struct editor *e);       // 80 where unknown
int editor_rows(const struct editor *e);

// --- the input
// Shows the prompt (SGR allowed) with the text set before, or an empty one; type-ahead is taken in now, so on_line
// may be called from the loop soon after.
void editor_show_prompt(struct editor *e, const char *prompt);
// As on_line does: no prompt, keys are kept. Nothing is entered; a text being typed comes back with the next prompt.
void editor_hide(struct editor *e);
bool editor_has_prompt(const struct editor *e);
// The text of the current or next prompt: an input comes back for mending. cursor SIZE_MAX: its end.
void editor_set_text(struct editor *e, const char *text, size_t len, size_t cursor);
// Ctrl-C as a signal, from the loop: at the prompt it drops the input and calls on_interrupt. False where there was
// no prompt to drop.
bool editor_interrupt(struct editor *e);

// How keys edit: as in vi or as in emacs; at first as ~/.editrc says.
void editor_set_vi(struct editor *e, bool is_vi);
bool editor_is_vi(const struct editor *e);
// Suggestions from the history behind the cursor; on at first.
void editor_set_suggestions(struct editor *e, bool are_on);
bool editor_has_suggestions(const struct editor *e);

// --- around it
// The status row, at the prompt and while hidden (NULL: none).
void editor_set_status(struct editor *e, const char *text);
// A live row above the prompt by any number; text of len 0 removes it. Rows stand in the order of their numbers.
void editor_live_row(struct editor *e, u64 id, const char *text, size_t len);

// --- output
// Complete lines above the prompt; SGR only.
void editor_print_above(struct editor *e, const char *lines, size_t len);
// The foreground cell's bytes as they are, at once.
void editor_pass(struct editor *e, const char *bytes, size_t len);
// Ends the foreground's unfinished line, as before a value is echoed.
void editor_end_line(struct editor *e);
// Writes what coalescing holds back (before long work that does not return to the loop).
void editor_flush(struct editor *e);
// Waits up to [seconds] until the terminal has taken everything.
bool editor_drain(struct editor *e, double seconds);
// Whether output is queued beyond the mark.
bool editor_is_pressed(const struct editor *e);

// --- the terminal
// Lends the terminal to a child: frame away, modes as found, no keys read. Then takes it back.
void editor_suspend(struct editor *e);
void editor_resume(struct editor *e);
// Stops the whole process as ^Z does in any program, and redraws when it is continued. Elsewhere: asks for that.
void editor_stop(struct editor *e);
// --- a remote terminal
// Bytes of keys. Beyond what a person types ahead they are dropped.
void editor_feed(struct editor *e, const char *bytes, size_t len);
// Takes in now what was fed, which else waits for the next turn of the loop.
void editor_take_in(struct editor *e);
// The size may have changed.
void editor_resize(struct editor *e);
// Other programs may have written to the terminal: all is drawn anew.
void editor_redraw(struct editor *e);
// Whether the next key is text (^V), ^C too.
bool editor_is_quoting(const struct editor *e);
// Bytes on their way to the terminal.
size_t editor_queued(const struct editor *e);
// A text for when memory is short: needs none, goes to the terminal at once, ends the line it is on.
void editor_alarm(struct editor *e, const char *text);
// Empties the screen, as ^L.
void editor_clear_screen(struct editor *e);

#endif
