// lull as a library: a state of the language on the host's event loop.
//
// A state runs everything on one thread: the one that runs its loop. Nothing here blocks, except where it says so.
// All handles are opaque. Text is UTF-8. The program `lull` is written over this header alone. lull(3) is a guide to
// it by task, with examples; the contracts are here.
#ifndef LULL_H
#define LULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LULL_API __attribute__((visibility("default")))
#define LULL_FORMAT(at, args) __attribute__((format(printf, at, args)))
#else
#define LULL_API
#define LULL_FORMAT(at, args)
#endif

#ifdef __cplusplus
#define LULL_EXTERN extern "C"
#else
#define LULL_EXTERN extern
#endif

struct ev_loop;
struct lull;         // a state
struct lull_ref;     // holds one value of a state, and keeps it alive
struct lull_call;    // the call of a native under way
struct lull_module;  // a module of natives
struct buf;          // base/buf.h: where texts are written to
struct alloc;        // base/alloc.h

// ---- The host: what a state asks of the program it lives in ----

// How the top level of a run ended.
enum lull_outcome {
  LULL_VALUE,    // with a value (nil where there is none)
  LULL_THROWN,   // with an error nobody caught
  LULL_EXITED,   // exit(n) was called: the value is the int n
  LULL_DROPPED,  // of calls and posts: nothing could have woken it any more, or the state goes
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
// may call any function of this header, lull_destroy too. [tag] says on whose behalf: the tag given to the lull_run
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
  // input(prompt): somebody is to be asked for a line. The answer goes to lull_answer, from here or later; [question]
  // is borrowed: lull_ref_keep to hold it. NULL: input() throws an IOError.
  void (*ask)(void *user, uint64_t tag, const char *prompt, size_t len, struct lull_ref *question);
};

// ---- States ----

// A process may have any number of states, in any of its threads; they share nothing. All functions for a state are
// for the thread that runs its loop, but for those that say otherwise.

// [loop]: borrowed, must outlive the state; NULL: one of its own, which lull_drain, lull_eval and lull_call_wait run.
// [host] is copied; NULL: no callbacks. [memory_limit]: bytes, 0 for 3/4 of the machine's. NULL without memory.
LULL_API struct lull *lull_create(struct ev_loop *loop, const struct lull_host *host, size_t memory_limit);
// Ends a state: nothing of it runs any more, not even `finally`, and none of the host's callbacks is called again; who
// waits for something of it is told that it was dropped. NULL is fine. All refs must have been released.
// From within a callback or a native too: then its memory goes once that has returned to the loop, or to the host's
// call of lull_run, lull_eval, lull_call_wait or lull_drain. Not from the callbacks of a class (lull_class).
LULL_API void lull_destroy(struct lull *lull);
LULL_API struct ev_loop *lull_loop(struct lull *lull);
// Runs the loop until nothing is left in it that could happen. From within a native or a callback it does nothing.
LULL_API void lull_drain(struct lull *lull);

// A growing text that functions append to. NULL: no memory. To be destroyed before the state.
LULL_API struct buf *lull_buf_create(struct lull *lull);
LULL_API const char *lull_buf_text(const struct buf *buf, size_t *len);  // ends in a NUL; [len] may be NULL
LULL_API void lull_buf_destroy(struct buf *buf);
// The allocator of the state, for programs that make their bufs with base/buf.h.
LULL_API struct alloc *lull_alloc(struct lull *lull);

// ---- Limits of a state ----

// Steps and time are granted from the moment of the call on. Once either is used up, all that runs or waits in the
// state ends with a LimitError that no `catch` sees: runs settle as LULL_THROWN with it, timers and operations are
// cancelled, and nothing begins any more until more is granted. `finally` and `defer` still run, but cannot wait, and
// have 10,000 steps and 10 ms for all of them together. The host is told once: by `settled`, or by `failed` where no
// run was under way.
//
// A step is a call, a turn of a loop, or the like. The language's own natives take one more for every few thousand
// elements or bytes they work on, and so do others where they ask lull_must_stop; else what a native does within one call
// is one step, however long it takes. Reading a text in (lull_run) is none. Without limits nothing is counted.
LULL_API void lull_set_step_limit(struct lull *lull, uint64_t steps);    // 0: none
LULL_API void lull_set_time_limit(struct lull *lull, double seconds);    // of real time, waiting included; 0: none
LULL_API uint64_t lull_steps_left(const struct lull *lull);              // UINT64_MAX: no limit
LULL_API bool lull_is_limit(struct lull *lull, struct lull_ref *error);  // is it that LimitError
// Memory beyond the limit is refused: a LimitError that can be caught, as what was tried may be tried with less. A
// limit below what is in use refuses all growth. 0: 3/4 of the machine's.
LULL_API void lull_set_memory_limit(struct lull *lull, size_t bytes);
LULL_API size_t lull_memory(const struct lull *lull);  // bytes in use

// ---- Values ----

// Any value of the language: two words whose meaning is the library's own. Copy it as you like. What it refers to lives
// for certain until the native, or the callback from the loop, that got it returns, or until it calls lull_run. To keep
// it longer: a ref, a local of the native (lull_set_local), or a place of a native object (lull_store).
//
// What makes a value gives the absent one where memory is refused; the functions that take values hand it on, so that
// it is enough to look at the end: lull_return of the absent value throws a LimitError.
struct lull_value {
  uint64_t word[2];
};

// ---- Source text ----

enum lull_syntax {
  LULL_COMPLETE,  // a whole program
  LULL_MORE,      // a beginning of one
  LULL_WRONG,     // no continuation can mend it
};

// Parses (does not compile). Messages of LULL_WRONG, ready to show, are appended to [messages] (may be NULL).
LULL_API enum lull_syntax lull_check(struct lull *lull, const char *name, const char *text, size_t len,
                                     struct buf *messages);

enum lull_run_flags {
  LULL_FILE = 0,  // a whole program: names are declared once, unknown ones are errors
  LULL_CELL = 1,  // an input of a session: names may be declared again
  LULL_ECHO = 2,  // call `show` with the value
  LULL_KEEP = 4,  // of a file: all its top-level names can be used by what is run later, as those of cells can
};

enum lull_started {
  LULL_STARTED,     // and perhaps settled already
  LULL_NOT_PARSED,  // nothing ran; messages says why
};

// Parses, compiles and starts a text on behalf of [tag]. It runs at once until it first waits. [name] is what errors
// call the text ("script.lull", "[3]"). [messages] gets errors, and warnings of programs that do run.
LULL_API enum lull_started lull_run(struct lull *lull, uint64_t tag, const char *name, const char *text, size_t len,
                                    int flags, struct buf *messages);

// The text as a function without arguments, whose result is that of the text. Absent where it cannot be parsed, or
// without memory; [messages] (may be NULL) says why. A value like others: to be kept by a ref, started, called.
LULL_API struct lull_value lull_compile(struct lull *lull, const char *name, const char *text, size_t len, int flags,
                                        struct buf *messages);
// Runs a text (as LULL_CELL) and the loop until it has ended. *value is its value or its error, which for a text that
// cannot be parsed is a SyntaxError; a ref to be released, NULL with LULL_DROPPED: nothing could have woken it any more
// (it was cancelled), the state goes, or there is no memory. Not from within a native or a callback
// (LULL_DROPPED).
LULL_API enum lull_outcome lull_eval(struct lull *lull, uint64_t tag, const char *name, const char *text, size_t len,
                                     struct lull_ref **value);

// `args` of the program.
LULL_API bool lull_set_args(struct lull *lull, int argc, char *const argv[]);

// ---- Values, made and read ----

enum lull_type {
  LULL_IS_NIL,
  LULL_IS_BOOL,
  LULL_IS_INT,
  LULL_IS_FLOAT,
  LULL_IS_STRING,
  LULL_IS_BYTES,
  LULL_IS_LIST,
  LULL_IS_MAP,
  LULL_IS_FUNCTION,  // whatever can be called: methods, classes and instances with `call` too
  LULL_IS_DEFERRED,  // whatever can be awaited: tasks, timers and operations too
  LULL_IS_ERROR,
  LULL_IS_DONE,    // the value `done`, which ends an iteration
  LULL_IS_OTHER,   // a set, a range, an instance, a native object, a module
  LULL_IS_ABSENT,  // no value: an argument that was not given, an entry that is not there, memory that was refused
};

LULL_API enum lull_type lull_type(struct lull *lull, struct lull_value v);
LULL_API const char *lull_type_name(struct lull *lull, struct lull_value v);  // as messages call it: "int", "Account"
LULL_API bool lull_is_nil(struct lull_value v);
LULL_API bool lull_is_absent(struct lull_value v);
LULL_API bool lull_is_true(struct lull_value v);  // neither nil nor false

LULL_API struct lull_value lull_absent(void);
LULL_API struct lull_value lull_nil(void);
LULL_API struct lull_value lull_done(void);
LULL_API struct lull_value lull_bool(bool b);
LULL_API struct lull_value lull_int(int64_t n);
LULL_API struct lull_value lull_float(double x);
// The int with these decimal digits and an optional '-', of any size; absent where they are none.
LULL_API struct lull_value lull_int_of_digits(struct lull *lull, const char *digits, size_t len);
// Copies the text. Bytes that are no UTF-8 become U+FFFD.
LULL_API struct lull_value lull_string(struct lull *lull, const char *text, size_t len);
LULL_API struct lull_value lull_string_of(struct lull *lull, const char *text);  // up to its NUL
LULL_API struct lull_value lull_format(struct lull *lull, const char *format, ...) LULL_FORMAT(2, 3);
LULL_API struct lull_value lull_bytes(struct lull *lull, const void *bytes, size_t len);

// Reading. False or NULL: it is of another type.
LULL_API bool lull_get_int(struct lull_value v, int64_t *n);   // ints of at most 64 bits
LULL_API bool lull_get_float(struct lull_value v, double *x);  // ints too
// The text, terminated by a NUL that does not count; it may hold others.
LULL_API const char *lull_get_string(struct lull *lull, struct lull_value v, size_t *len);
LULL_API const void *lull_get_bytes(struct lull *lull, struct lull_value v, size_t *len);
// The value as print shows it, as a string: of numbers, bools, strings; absent of what has contents of its own.
LULL_API struct lull_value lull_text_of(struct lull *lull, struct lull_value v);

// Lists. False, 0 or absent: it is no list, there is no such place, or memory was refused.
LULL_API struct lull_value lull_list(struct lull *lull);
LULL_API size_t lull_list_len(struct lull_value list);
LULL_API struct lull_value lull_list_get(struct lull_value list, size_t at);
LULL_API bool lull_list_push(struct lull *lull, struct lull_value list, struct lull_value v);

// Maps, in order of insertion. A key is a string, number, bool, bytes or an object; not nil, a list, map or set.
LULL_API struct lull_value lull_map(struct lull *lull);
LULL_API size_t lull_map_len(struct lull_value map);
LULL_API struct lull_value lull_map_get(struct lull *lull, struct lull_value map, struct lull_value key);
LULL_API bool lull_map_set(struct lull *lull, struct lull_value map, struct lull_value key, struct lull_value v);
// The same for a key that is a string.
LULL_API struct lull_value lull_map_find(struct lull *lull, struct lull_value map, const char *key);
LULL_API bool lull_map_put(struct lull *lull, struct lull_value map, const char *key, struct lull_value v);
// Walks the entries: *at is 0 at first; false at the end. Entries may be changed but not added on the way.
LULL_API bool lull_map_next(struct lull_value map, uint32_t *at, struct lull_value *key, struct lull_value *v);

// A name of the session or a built-in one; absent where there is none.
LULL_API struct lull_value lull_get(struct lull *lull, const char *name);
LULL_API struct lull_value lull_builtin(struct lull *lull, const char *name);  // whatever the session calls so
// `v.name`: a name of a module, a field, an entry, or a method bound to v; absent where there is none.
LULL_API struct lull_value lull_member(struct lull *lull, struct lull_value v, const char *name);

// Refs hold a value for as long as the host likes.
LULL_API struct lull_ref *lull_ref_new(struct lull *lull, struct lull_value v);  // NULL: no memory
LULL_API struct lull_value lull_ref_value(const struct lull_ref *ref);
LULL_API struct lull_ref *lull_ref_keep(struct lull *lull, struct lull_ref *ref);  // a further hold, to be released
LULL_API void lull_ref_release(struct lull *lull, struct lull_ref *ref);           // NULL is fine
// Declares a name of the session's top level ("_", "_3").
LULL_API bool lull_set(struct lull *lull, const char *name, struct lull_ref *value);
// Takes such a name back: what was compiled before keeps the value it used by it, new text does not know it.
LULL_API void lull_unset(struct lull *lull, const char *name);
// The text of the value as collections show it (strings quoted), at most about [max] bytes; methods of instances are
// not called.
LULL_API void lull_inspect(struct lull *lull, struct lull_ref *ref, size_t max, struct buf *out);
// The report of an error: message, source line with caret, calls, awaits and spawns back to the run's top level.
// Lines end in '\n'.
LULL_API void lull_report(struct lull *lull, struct lull_ref *error, struct buf *out);
// The int it holds, for exit statuses.
LULL_API int64_t lull_to_int(struct lull_ref *ref, int64_t otherwise);
LULL_API bool lull_is_interrupt(struct lull *lull, struct lull_ref *error);  // is it an Interrupted
LULL_API bool lull_is_cancel(struct lull *lull, struct lull_ref *error);     // is it a Cancelled

// ---- Natives: functions of the language written in C ----

// A native runs on the C stack of the loop's thread, returns at once, and says with its status what is to happen next.
// It never runs code of the language itself: it asks for a call (lull_call) or a wait (lull_wait), returns what that
// returned, and is entered again once the answer is there, with lull_step one higher. Between two entries only its
// locals last; C variables do not. An error in what it called or waited for goes to its caller: it is not entered
// again.
enum lull_status {
  LULL_OK,     // lull_return gave the result
  LULL_THROW,  // an error was thrown
  LULL_WAIT,   // lull_wait was called
  LULL_CALL,   // lull_call was called
};

typedef enum lull_status (*lull_native_fn)(struct lull_call *call);

// A row of a table of natives. The table may go once it was handed over; the texts may not.
struct lull_native {
  const char *name;
  lull_native_fn fn;
  uint8_t required, max;  // arguments; without self of methods. LULL_REST: any number
  uint8_t locals;         // places that last between entries
  // The signature, which also names the parameters: "fetch(url, timeout = nil, ...rest)".
  const char *usage;
  // One sentence; then parameters with units and defaults, errors thrown, and an example. Shown by help.
  const char *doc;
};
#define LULL_REST 255

// Arguments. Those of methods follow self, which is argument 0. The absent value stands for one that was not given.
LULL_API struct lull *lull_of(const struct lull_call *call);
LULL_API struct lull_value lull_arg(const struct lull_call *call, size_t i);
LULL_API size_t lull_arg_count(const struct lull_call *call);
LULL_API bool lull_arg_has(const struct lull_call *call, size_t i);  // it was given, and is not nil
// Checked arguments: false, and a TypeError that names parameter and type was thrown; return LULL_THROW then.
LULL_API bool lull_arg_int(struct lull_call *call, size_t i, int64_t *n);
LULL_API bool lull_arg_float(struct lull_call *call, size_t i, double *x);
LULL_API bool lull_arg_seconds(struct lull_call *call, size_t i, double *seconds);  // finite and not negative
// Without [len] the text holds no NUL: one that does is a ValueError.
LULL_API bool lull_arg_string(struct lull_call *call, size_t i, const char **text, size_t *len);
LULL_API bool lull_arg_list(struct lull_call *call, size_t i);
LULL_API bool lull_arg_map(struct lull_call *call, size_t i);
LULL_API bool lull_arg_function(struct lull_call *call, size_t i);
// Throws that TypeError: "fetch: `url` must be EXPECTED, not int".
LULL_API enum lull_status lull_arg_fail(struct lull_call *call, size_t i, const char *expected);

// For natives that compute for long: to be asked every few thousand turns of a loop, each time one step. True: the limits
// are used up (LimitError), or Ctrl-C or lull_stop wants an end (Interrupted), and the error is thrown: free what was
// allocated and return LULL_THROW.
LULL_API bool lull_must_stop(struct lull_call *call);

LULL_API enum lull_status lull_return(struct lull_call *call, struct lull_value v);
// Throws an error of a built-in class by its name ("ValueError"). The message is for a person: what, and what instead.
LULL_API enum lull_status lull_throw(struct lull_call *call, const char *type, const char *format, ...)
    LULL_FORMAT(3, 4);
LULL_API enum lull_status lull_throw_errno(struct lull_call *call, int error, const char *format, ...)
    LULL_FORMAT(3, 4);
LULL_API enum lull_status lull_throw_value(struct lull_call *call, struct lull_value error);
// Errors to be handed on. [code], for .code, may be NULL. Of an errno: an IOError, "FORMAT: system's text", with the
// errno's name as its code ("ECONNREFUSED").
LULL_API struct lull_value lull_error(struct lull *lull, const char *type, const char *code, const char *format, ...)
    LULL_FORMAT(4, 5);
LULL_API struct lull_value lull_errno_error(struct lull *lull, int error, const char *format, ...) LULL_FORMAT(3, 4);

LULL_API unsigned lull_step(const struct lull_call *call);                      // 0 at first; counts to 65535 and stays
LULL_API struct lull_value lull_answer_of(const struct lull_call *call);        // what the call or the wait gave
LULL_API struct lull_value lull_local(const struct lull_call *call, size_t i);  // nil at first
LULL_API void lull_set_local(struct lull_call *call, size_t i, struct lull_value v);
// Asks for a call; to be returned. Any number of arguments; of a method at most 8.
LULL_API enum lull_status lull_call(struct lull_call *call, struct lull_value callee, const struct lull_value *args,
                                    size_t count);
LULL_API enum lull_status lull_call_method(struct lull_call *call, struct lull_value self, const char *name,
                                           const struct lull_value *args, size_t count);
// Asks to be entered again when a deferred has settled; to be returned. Cancelling the task ends the wait.
LULL_API enum lull_status lull_wait(struct lull_call *call, struct lull_value deferred);

// Going over anything that can be looped over, channels and iterators of the program included. The walk keeps its
// state in the locals [w] and [w] + 1, which are the native's no more. Where the status is LULL_CALL return it, and
// when entered again call lull_walk_next again. A native that also calls for itself must know whose answer it has.
LULL_API bool lull_walk_begin(struct lull_call *call, size_t w, struct lull_value source);  // false: thrown
// LULL_OK: *item is the next element (of maps a key), absent at the end. Otherwise to be returned.
LULL_API enum lull_status lull_walk_next(struct lull_call *call, size_t w, struct lull_value *item);

// Natives that have to call from the depths of C code that knows nothing of this: from the callbacks of another
// library, or in the midst of a recursion. [body] runs on a C stack of its own (256 KiB, from a pool) and may use
// lull_call_here and lull_wait_here, which return once the answer is there; everything else goes on meanwhile. To be
// returned at every entry of the native; the stack is kept in the local [w]. What [body] returns is what the native
// returns; it is given no steps, and C++ exceptions must not leave it. UnsupportedError where the system has no such
// stacks.
LULL_API enum lull_status lull_on_stack(struct lull_call *call, size_t w, lull_native_fn body);
// In a [body] alone. Of its values only arguments, locals and refs last across such a call; its C variables do. At most
// 16 arguments. False: *result is the error, to be handled or thrown on (lull_throw_value) once the body has put its
// own things in order; where it is absent nobody waits for the native any more (its task was dropped, or the state
// goes): memory may be given back then, and LULL_THROW returned, no more. All further calls fail likewise.
LULL_API bool lull_call_here(struct lull_call *call, struct lull_value callee, const struct lull_value *args,
                             size_t count, struct lull_value *result);
LULL_API bool lull_wait_here(struct lull_call *call, struct lull_value deferred, struct lull_value *result);

// Calls a native function that neither calls nor waits ("json.parse") at once, also from callbacks of the loop.
// False: *result is the error it threw.
LULL_API bool lull_call_now(struct lull *lull, struct lull_value callee, const struct lull_value *args, size_t count,
                            struct lull_value *result);

// ---- Modules, and native objects ----

// A built-in name that holds natives. NULL: no memory.
LULL_API struct lull_module *lull_define_module(struct lull *lull, const char *name);
LULL_API bool lull_module_add(struct lull *lull, struct lull_module *module, const struct lull_native *natives,
                              size_t count);
LULL_API bool lull_module_set(struct lull *lull, struct lull_module *module, const char *name, struct lull_value v);
// A function outside of any module, the same for the same row: to be handed out, or called by other natives. [native]
// must last.
LULL_API struct lull_value lull_function(struct lull *lull, const struct lull_native *native);

// A class of objects that hold data of C. The table is constant and lasts; its address names the class.
struct lull_class {
  const char *name;  // what messages call its values
  const char *doc;
  const struct lull_native *methods;  // self is argument 0
  size_t method_count;
  const struct lull_native *getters;  // read like fields; they return or throw, and neither call nor wait
  size_t getter_count;
  size_t size;  // of the data
  // Each may be NULL. None of them calls the language, or makes values.
  void (*mark)(struct lull *lull, void *data);            // lull_mark of every value in the data
  void (*finish)(struct lull *lull, void *data);          // the object goes: gives back what it holds outside
  int (*print)(const void *data, char *to, size_t size);  // as snprintf. NULL: "<name>"
  // Operations: objects that can be waited for, and that a callback of the loop settles. A pending one is listed as
  // the work of its cell, keeps the program running while somebody waits for it (or always, with is_effect), and is
  // given up when the last one who waited is cancelled, or by its own `cancel()`.
  bool is_operation;
  bool is_effect;
  int (*describe)(const void *data, char *to, size_t size);  // "GET http://localhost/": what :jobs says of it
  // It was given up: nothing of it may touch the data any more. Its settling is done by the caller.
  void (*abandon)(struct lull *lull, void *data);
};

// A new object: its data, cleared, and the value in *v (which may be NULL). NULL: no memory. Operations are pending and
// belong to the tag of the running code. Places for values in the data are to be set to nil before anything else is
// made.
LULL_API void *lull_new(struct lull *lull, const struct lull_class *type, struct lull_value *v);
// The data of a value that is of the class, else NULL.
LULL_API void *lull_data(struct lull_value v, const struct lull_class *type);
LULL_API void *lull_arg_data(struct lull_call *call, size_t i, const struct lull_class *type);  // NULL: thrown
LULL_API struct lull_value lull_object(const void *data);  // the value whose data it is
// The class as a value, for tests such as `x is http.response`.
LULL_API struct lull_value lull_class_value(struct lull *lull, const struct lull_class *type);
// Puts a value into a place inside of an object's data. Only this way: the collector must know.
LULL_API void lull_store(struct lull *lull, void *data, struct lull_value *place, struct lull_value v);
// What its mark reaches has changed in another way.
LULL_API void lull_changed(struct lull *lull, void *data);
LULL_API void lull_mark(struct lull *lull, struct lull_value v);
// The one object of the class that the state keeps to itself, made (cleared) by the first call. NULL: no memory.
LULL_API void *lull_shared(struct lull *lull, const struct lull_class *type);
// Memory that counts for the state's limit: grows, shrinks, makes (ptr NULL, old 0) or frees (now 0) a block. NULL:
// none.
LULL_API void *lull_resize(struct lull *lull, void *ptr, size_t old, size_t now);

// Settle an operation, from anywhere on the loop's thread; nothing happens where it is settled already.
LULL_API void lull_resolve(struct lull *lull, void *data, struct lull_value v);
LULL_API void lull_fail(struct lull *lull, void *data, struct lull_value error);
LULL_API bool lull_is_pending(const void *data);
// Gives it up: `abandon` is called, and who waits for it gets Cancelled. False: it was settled.
LULL_API bool lull_give_up(struct lull *lull, void *data);
// Whether it goes on, and keeps the program running, though nobody waits for it.
LULL_API void lull_set_effect(struct lull *lull, void *data, bool is_effect);

// ---- From callbacks of the loop ----

LULL_API uint64_t lull_tag(struct lull *lull);    // of the code that runs
LULL_API uint64_t lull_tag_of(const void *data);  // of an operation
LULL_API void lull_write(struct lull *lull, uint64_t tag, int stream, const char *bytes, size_t len);

// What a started call has come to. False: an error is reported to the tag as one that nobody handled; exit(n) always
// is. It may start others and settle operations; with LULL_DROPPED only memory that [user] holds may be given back.
typedef bool (*lull_done_fn)(struct lull *lull, void *user, enum lull_outcome outcome, struct lull_value v);

// Starts a task that calls a function on behalf of a tag, with at most 8 arguments; it runs before the loop waits
// again. [done] (may be NULL) is called once when it has ended. False: no memory, or the state goes.
LULL_API bool lull_start(struct lull *lull, uint64_t tag, struct lull_value callee, const struct lull_value *args,
                         size_t count, lull_done_fn done, void *user);
// As lull_start, but it runs at once until it first waits, and may be done when this returns; from within a native it
// runs later. Values that nothing of the state holds are gone after it.
LULL_API bool lull_start_now(struct lull *lull, uint64_t tag, struct lull_value callee, const struct lull_value *args,
                             size_t count, lull_done_fn done, void *user);
// Starts it as lull_start_now does and runs the loop until it has ended; the rest is as for lull_eval.
LULL_API enum lull_outcome lull_call_wait(struct lull *lull, uint64_t tag, struct lull_value callee,
                                          const struct lull_value *args, size_t count, struct lull_ref **value);

// ---- From other threads ----

// A port is what other threads hold of a state. It outlives the state, whose end makes it fail; a held one keeps the
// state's loop running, for there may come more. Values stay in their thread: results are handed out as text, or taken
// apart by code that runs in the state's thread.
struct lull_port;

// In the state's thread. A hold, to be released. NULL: no memory.
LULL_API struct lull_port *lull_port_open(struct lull *lull);
// All others from any thread.
LULL_API struct lull_port *lull_port_keep(struct lull_port *port);  // a further hold, to be released
LULL_API void lull_port_release(struct lull_port *port);            // NULL is fine
// As lull_stop, of a state that may be going.
LULL_API void lull_port_stop(struct lull_port *port);

// Has [run] called in the state's thread, from its loop, in the order of posting. [lull] is NULL where the state went
// before (in the thread that ended it). False: the state is gone, or there is no memory; then it is never called.
LULL_API bool lull_post_call(struct lull_port *port, void (*run)(struct lull *lull, void *user), void *user);
// Has a text run in the state, as LULL_CELL, on behalf of [tag], to which its output belongs. [told] is called once
// when it has ended, in the state's thread: [text], borrowed, is its value as print shows it (methods are not called),
// the report of its error, or what the parser says; NULL with LULL_DROPPED. [told] may be NULL: errors then go to
// `failed`. False as above.
LULL_API bool lull_post(struct lull_port *port, uint64_t tag, const char *name, const char *text, size_t len,
                        void (*told)(void *user, enum lull_outcome outcome, const char *text, size_t len), void *user);

struct lull_result {
  enum lull_outcome outcome;
  char *text;  // as told by lull_post; NULL with LULL_DROPPED
  size_t len;
};
// Posts a text and waits until it has ended, at most [seconds]; 0: as long as it takes. LULL_DROPPED: not in time (what
// was posted goes on), the state went, there is no memory, or it was called in the state's own thread, which would
// wait for itself. [result] is to be freed.
LULL_API enum lull_outcome lull_post_wait(struct lull_port *port, uint64_t tag, const char *name, const char *text,
                                          size_t len, double seconds, struct lull_result *result);
LULL_API void lull_result_free(struct lull_result *result);

// ---- Plugins ----

// A plugin NAME is a shared module NAME.so over this header alone, loaded by `import "NAME"`, or when the first name of
// a built-in module that is one (http) is used. It exports one table:  LULL_PLUGIN("http", open_http);
// It is looked for in the folders of LULL_PLUGINS (separated by ':'), in `plugins` beside the program, and where lull
// was installed.
#define LULL_ABI 1

struct lull_plugin {
  uint32_t abi;  // LULL_ABI
  const char *name;
  bool (*open)(struct lull *lull, struct lull_module *module);  // defines its names; false: no memory
};

#define LULL_PLUGIN(name, open) \
  LULL_EXTERN LULL_API const struct lull_plugin lull_plugin; \
  const struct lull_plugin lull_plugin = { LULL_ABI, name, open }

// ---- What a tag has running ----

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
LULL_API size_t lull_work(struct lull *lull, uint64_t tag, bool (*each)(void *user, const struct lull_work *work),
                          void *user);
// What the top level of the run [tag] waits for ("sleep", "task #3"), its place and for how long; false when it is
// not waiting.
LULL_API bool lull_waiting(struct lull *lull, uint64_t tag, struct lull_work *work);
// Cancels all that carries the tag, or one thing of it by id. Returns how many.
LULL_API size_t lull_cancel(struct lull *lull, uint64_t tag);
LULL_API bool lull_cancel_one(struct lull *lull, uint64_t tag, uint32_t id);
// Throws Interrupted at the await of the run's top level. False when it is not waiting.
LULL_API bool lull_interrupt(struct lull *lull, uint64_t tag);
// Asks what is computing now to stop with Interrupted: at its next call or loop turn, in natives where they ask. Safe in a signal handler, and from
// other threads while the state is certain to last (else lull_port_stop).
LULL_API void lull_stop(struct lull *lull);
// Tasks, timers, watchers that could still wake something.
LULL_API size_t lull_active(struct lull *lull);
LULL_API bool lull_is_active(struct lull *lull);  // whether there are any

// ---- Questions ----

// Answers a question with a line, without its line end; text NULL: there is no more input (input() gives nil).
// False where it was answered already.
LULL_API bool lull_answer(struct lull *lull, struct lull_ref *question, const char *text, size_t len);
// It cannot be asked: input() throws an IOError with the message.
LULL_API bool lull_refuse(struct lull *lull, struct lull_ref *question, const char *message);

// ---- Names, for completion and help ----

struct lull_name {
  const char *name;   // borrowed, for the call only
  const char *usage;  // "after(delay, f, ...args)", or what it is: "int", "class"
  const char *doc;    // first line of the documentation, "" where there is none
};
// What could stand for the word that ends at [cursor] in [text]: names, or members of the value before a dot. [start]
// gets the byte where the word begins.
LULL_API size_t lull_complete(struct lull *lull, const char *text, size_t len, size_t cursor, size_t *start,
                              bool (*each)(void *user, const struct lull_name *name), void *user);
// What help(x) shows of the value of a path of names ("sleep", "math.sqrt", "list.push", "timer.cancel"), as markdown,
// appended to [out]. No code runs for it. False where there is no such name.
LULL_API bool lull_help(struct lull *lull, const char *path, size_t len, struct buf *out);

#ifdef __cplusplus
}
#endif

#endif
