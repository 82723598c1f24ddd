// lull as a library: a state of the language on the host's event loop.
//
// A state runs everything on one thread: the one that runs its loop. Nothing here blocks, except where it says so.
// All handles are opaque. Text is UTF-8. The program `lull` is written over this header alone.
#ifndef LULL_H
#define LULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ev_loop;
struct lull;      // a state
struct lull_ref;  // holds one value of a state, and keeps it alive
struct buf;       // base/buf.h: where texts are written to

// ---- The host: what a state asks of the program it lives in
// -------------------------------------------------------------------------------------------------

// How the top level of a run ended.
enum lull_outcome {
  LULL_VALUE,   // with a value (nil where there is none)
  LULL_THROWN,  // with an error nobody caught
  LULL_EXITED,  // exit(n) was called: the value is the int n
};

// The form of a text handed to `show`.
enum lull_form {
  LULL_TEXT,
  LULL_MARKDOWN,
  LULL_BAR,  // one line that says how far something is: for terminals only
};

// What is to be shown; all of it is borrowed.
struct lull_shown {
  struct lull_ref *value;
  enum lull_form form;
  const char *text;
  size_t len;
  bool is_echo;      // the value of a run with LULL_ECHO that is not nil; comes before `settled`
  uint64_t display;  // the number of a display that may be shown again; 0: it will not
  bool is_update;    // this takes the place of what was shown under the number before, if anything was
  bool is_last;      // and nothing will take its place
};

// Callbacks; each may be NULL. They are called from the loop or from within lull_run, never from another thread, and
// may call any function of this header except lull_destroy. [tag] says on whose behalf: the tag given to the lull_run
// that started, directly or through what that started, whatever calls now.
struct lull_host {
  void *user;
  // print() and the like: bytes for standard output (stream 1) or error (2).
  void (*write)(void *user, uint64_t tag, int stream, const char *bytes, size_t len);
  // display(x) and the like, updates of it, and values of runs with LULL_ECHO.
  void (*show)(void *user, uint64_t tag, const struct lull_shown *shown);
  // The top level of a run has ended. What it left running goes on. The value is borrowed: lull_ref_keep to hold it.
  void (*settled)(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value);
  // A task, callback or deferred failed and nobody was waiting for it. Reported once. exit(n) in a task comes as
  // LULL_EXITED.
  void (*failed)(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error);
  // input(prompt): somebody is to be asked for a line. The answer goes to lull_answer, from here or later; [question] is
  // borrowed: lull_ref_keep to hold it. NULL: input() throws an IOError.
  void (*ask)(void *user, uint64_t tag, const char *prompt, size_t len, struct lull_ref *question);
};

// ---- States
// -------------------------------------------------------------------------------------------------------------------------------------------------

// [loop]: borrowed, must outlive the state. [host] is copied. [memory_limit]: bytes, 0 for 3/4 of the machine's. NULL
// without memory.
struct lull *lull_create(struct ev_loop *loop, const struct lull_host *host, size_t memory_limit);
// Stops and frees everything. NULL is fine. Not from within a callback. All refs must have been released.
void lull_destroy(struct lull *lull);
// The allocator of the state, for bufs that are handed in.
struct alloc *lull_alloc(struct lull *lull);

// ---- Source text
// --------------------------------------------------------------------------------------------------------------------------------------------

enum lull_syntax {
  LULL_COMPLETE,  // a whole program
  LULL_MORE,      // a beginning of one
  LULL_WRONG,     // no continuation can mend it
};

// Parses (does not compile). Messages of LULL_WRONG, ready to show, are appended to [messages] (may be NULL).
enum lull_syntax lull_check(struct lull *lull, const char *name, const char *text, size_t len, struct buf *messages);

enum lull_run_flags {
  LULL_FILE = 0,  // a whole program: names are declared once, unknown ones are errors
  LULL_CELL = 1,  // an input of a session: names may be declared again
  LULL_ECHO = 2,  // call `show` with the value
};

enum lull_started {
  LULL_STARTED,     // and perhaps settled already
  LULL_NOT_PARSED,  // nothing ran; messages says why
};

// Parses, compiles and starts a text on behalf of [tag]. It runs at once until it first waits. [name] is what errors
// call the text ("script.lull", "[3]"). [messages] gets errors, and warnings of programs that do run.
enum lull_started lull_run(struct lull *lull, uint64_t tag, const char *name, const char *text, size_t len, int flags,
                           struct buf *messages);

// `args` of the program.
bool lull_set_args(struct lull *lull, int argc, char *const argv[]);

// ---- Values
// -------------------------------------------------------------------------------------------------------------------------------------------------

struct lull_ref *lull_ref_keep(struct lull *lull, struct lull_ref *ref);  // a further hold, to be released
void lull_ref_release(struct lull *lull, struct lull_ref *ref);           // NULL is fine
// Declares a name of the session's top level ("_", "_3").
bool lull_set(struct lull *lull, const char *name, struct lull_ref *value);
bool lull_is_nil(struct lull_ref *ref);
int64_t lull_to_int(struct lull_ref *ref, int64_t otherwise);
// The text of the value as collections show it (strings quoted), at most about [max] bytes; methods of instances are
// not called.
void lull_inspect(struct lull *lull, struct lull_ref *ref, size_t max, struct buf *out);
// The report of an error: message, source line with caret, calls, awaits and spawns back to the run's top level.
// Lines end in '\n'.
void lull_report(struct lull *lull, struct lull_ref *error, struct buf *out);
bool lull_is_interrupt(struct lull *lull, struct lull_ref *error);  // is it an Interrupted
bool lull_is_cancel(struct lull *lull, struct lull_ref *error);     // is it a Cancelled

// ---- What a tag has running
// ---------------------------------------------------------------------------------------------------------------------------------

enum lull_work_kind { LULL_MAIN, LULL_TASK, LULL_TIMER, LULL_WATCHER };

struct lull_work {
  uint32_t id;  // unique in the state
  enum lull_work_kind kind;
  double age;      // seconds since it was made
  double due;      // seconds until it fires; negative: no such time
  char text[120];  // what it is or waits for: "sleep", "display in 0.98s", "<task #3: loop>"
  char place[80];  // where it was started: "[3]:1:5"
};

// Calls [each] for everything alive that carries [tag]; stops where it returns false. Returns how many there were.
size_t lull_work(struct lull *lull, uint64_t tag, bool (*each)(void *user, const struct lull_work *work), void *user);
// What the top level of the run [tag] waits for ("sleep", "task #3"), its place and for how long; false when it is
// not waiting.
bool lull_waiting(struct lull *lull, uint64_t tag, struct lull_work *work);
// Cancels all that carries the tag, or one thing of it by id. Returns how many.
size_t lull_cancel(struct lull *lull, uint64_t tag);
bool lull_cancel_one(struct lull *lull, uint64_t tag, uint32_t id);
// Throws Interrupted at the await of the run's top level. False when it is not waiting.
bool lull_interrupt(struct lull *lull, uint64_t tag);
// Asks what is computing now to stop at its next call or loop turn with Interrupted. Safe in a signal handler and
// from other threads.
void lull_stop(struct lull *lull);
// Tasks, timers, watchers that could still wake something.
size_t lull_active(struct lull *lull);

// ---- Questions ----

// Answers a question with a line, without its line end; text NULL: there is no more input (input() gives nil).
// False where it was answered already.
bool lull_answer(struct lull *lull, struct lull_ref *question, const char *text, size_t len);
// It cannot be asked: input() throws an IOError with the message.
bool lull_refuse(struct lull *lull, struct lull_ref *question, const char *message);

// ---- Names, for completion and help
// -------------------------------------------------------------------------------------------------------------------------

struct lull_name {
  const char *name;   // borrowed, for the call only
  const char *usage;  // "after(delay, f, ...args)", or what it is: "int", "class"
  const char *doc;    // first line of the documentation, "" where there is none
};
// What could stand for the word that ends at [cursor] in [text]: names, or members of the value before a dot. [start]
// gets the byte where the word begins.
size_t lull_complete(struct lull *lull, const char *text, size_t len, size_t cursor, size_t *start,
                     bool (*each)(void *user, const struct lull_name *name), void *user);

#ifdef __cplusplus
}
#endif

#endif
