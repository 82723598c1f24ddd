// Child processes as values. A process is an operation: it resolves to its result, or fails with a ProcessError.
//
// What the child writes is collected until somebody asks for it as a stream; from then on it waits in the pipe until it
// is read, and the process no longer keeps the program running by itself. What it writes to its standard error is
// shown as the output of the cell that started it.
#ifndef LULL_LIB_PROCESS_H
#define LULL_LIB_PROCESS_H

#include "lib/stream.h"
#include "loop/child.h"
#include "loop/timer.h"
#include "vm/state.h"

#define PROCESS_TAIL ((size_t)65536)  // bytes of shown output that are kept for errors

enum process_output {
  OUTPUT_KEEP,   // collected for the result
  OUTPUT_SHOW,   // passed on as the cell's own, its end kept
  OUTPUT_MERGE,  // of err: goes where out goes
  OUTPUT_NONE,   // thrown away by the system
};

// One of the child's outputs.
struct process_pipe {
  struct stream *stream;  // NULL: there is none
  struct buf tail;        // of what was shown
  u8 output;
  bool is_taken;  // somebody reads it, or it goes straight to another process
};

struct process {
  struct operation op;
  struct lull *vm;
  struct loop_child *child;  // NULL: it is no concern of the process any more
  struct string *command;    // as a person would type it
  struct stream *in;
  struct process_pipe out, err;
  struct process *source;  // its output is our input: we end when it has ended
  struct result *result;
  struct loop_timer timeout;
  double seconds;  // of the timeout
  pid_t pid;
  int status;  // as waitpid gives it
  bool has_ended;
  bool is_checked;   // a status other than 0 is an error
  bool is_terminal;  // in and out are a pseudo-terminal
};

// What a process has come to.
struct result {
  struct box box;
  struct string *command;
  struct bytes *out, *err;
  const char *signal;  // "TERM", NULL where it ended by itself
  int status;             // 128 + its number where a signal ended it
};

extern const struct operation_type process_type;
extern const struct native_class result_class;

static inline bool is_process(Value v)
{
  return is_kind(v, KIND_OPERATION) && ((const struct operation *)(const void *)as_object(v))->type == &process_type;
}
static inline struct process *as_process(Value v) { return (struct process *)(void *)as_object(v); }

// The child runs, and its streams are set: from now on its callbacks are served.
void process_begin(struct process *p);
// Ends the child, and fails with [error].
void process_fail(struct process *p, Value error);
// Its output is to be read as a stream, or by another process.
void process_take(struct process *p, struct process_pipe *pipe);
// A deferred settled with what becomes of the process: its text, its lines ...
enum process_derived { DERIVED_RESULT, DERIVED_TEXT, DERIVED_LINES, DERIVED_JSON };
struct deferred *process_derive(struct process *p, enum process_derived kind);
// An object for loops over the lines of its output. NULL: thrown.
struct box *process_lines(struct process *p);

// The result of a process that has ended; NULL: no memory.
struct result *result_new(struct process *p);
static inline bool result_is_ok(const struct result *r) { return r->status == 0; }
// The ProcessError of a result that is not ok.
Value result_error(struct lull *vm, struct result *r);
// UNSET: *error is set.
Value result_as(struct lull *vm, const struct result *r, enum process_derived kind, Value *error);

// "TERM" of a signal's number and back; NULL, 0 where there is none.
const char *signal_name(int number);
int signal_number(const char *name);
// A signal as argument, by name (with or without SIG) or number. False: thrown.
bool arg_signal(struct call *c, u32 i, int *number);

// Declares the module, and run and sh as built-in names too. False: no memory.
bool process_open(struct lull *vm);
// The natives that start one.
enum native_status process_run(struct call *c);
enum native_status process_sh(struct call *c);

#endif
