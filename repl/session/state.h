// What the files of a session share. Who does what:
//   session      callbacks of the editor and of the language, what becomes of an input
//   life         coming and going: the parts in order, undone in reverse
//   guest        a session inside a running program; house: what those share
//   foreground   the cell in front: status row, Ctrl-C, Ctrl-Z, coming and going
//   show         the way to the screen: values, reports, notices, the prompt
//   live         displays that are updated
//   log          a copy of what is shown, in a file
//   settings     what :set knows
//   shortage     memory that is refused to the session itself
//   commands     the lines that begin with a colon
//   jobs         the table of what is running
//   assist       completion, colours and the end of inputs while typing
//   ask          questions of input()
//   shell        children that get the terminal
#ifndef LULL_SESSION_STATE_H
#define LULL_SESSION_STATE_H

#include <ev.h>

#include "edit/editor.h"
#include "lull.h"
#include "session/cell.h"
#include "session/history.h"
#include "session/house.h"
#include "session/log.h"
#include "session/router.h"
#include "session/session.h"

struct shell_child;

// A display that is updated, with its label and styles left out; see live.c.
struct live_block {
  u64 display, cell;
  struct buf text;
  u32 rows;
};

struct session {
  struct session_config config;
  struct alloc *alloc;
  struct ev_loop *loop;
  struct lull *lull;
  struct house *house;          // NULL: the state is this session's own
  struct session *next;         // in the house
  struct remote *remote;        // NULL: the terminal is the process's own
  struct lull_ref *last;        // a guest's `_`; NULL: none yet
  u32 remembered;               // cells whose values and errors are kept
  u32 alive;                    // a guest's cell that was alive when last looked
  u64 unshown;                  // bytes a remote terminal was too slow for
  struct editor *editor;        // NULL: a guest whose terminal is gone
  struct router *router;
  struct history *history;      // NULL: there is none
  struct highlight *highlight;  // NULL: no colour while typing
  struct cells cells;
  struct cell *foreground;     // NULL: the prompt is, or is about to be
  struct cell *starting;       // within lull_run
  struct shell_child *child;   // has the terminal; NULL: none
  u32 unseen;                  // errors of the background since :err was last used
  size_t passed;               // bytes since the terminal was last waited for
  VEC(struct live_block) live;
  ev_timer status, tick;       // of the status row, of the router
  ev_timer leisure;            // for what need not be ready at the first prompt
  ev_timer retry;              // of a Ctrl-C that came between two awaits
  u32 retries;
  enum color_depth colors;
  struct lull_ref *question;   // of input(), open; NULL: none
  struct buf question_prompt;
  struct log log;
  ev_prepare shortage;
  u64 refused;                 // requests for memory, as far as that was told
  u32 shortages;               // in a row that could not be told by the usual ways
  double status_after;         // seconds until a cell in front gets a status row
  bool is_leaving;
  int exit_status, exit_signal;
};

// --- session
// The callbacks of a state; [user] is the session.
extern const struct lull_host session_host;
bool session_create_router(struct session *s);
bool session_create_editor(struct session *s);
// The next turn of the session's own clock.
void session_tick(struct session *s);
// Runs init.lull, as the session itself, whose number is 0.
void session_run_init(struct session *s);
enum run_flags { RUN_IN_BACKGROUND = 1, RUN_TIMED = 2, RUN_UNSAVED = 4 };
// Runs a text as a new cell; [name] NULL: its number. Where it does not parse, the message is shown and, if
// [comes_back], the text stands at the next prompt.
void session_run_text(struct session *s, const char *text, size_t len, const char *name, int flags, bool comes_back);
void session_leave(struct session *s, int status);

// --- life
// Makes a new state: everything ends and is forgotten but the numbers. False when that fails; the session is over then.
bool session_reset(struct session *s);
// What guests and others have in common.
bool life_create(struct session *s, const struct session_config *config);
void life_close_terminal(struct session *s);
void life_free(struct session *s);

// --- foreground
void foreground_init(struct session *s);
void foreground_fini(struct session *s);
// From now on the session waits for the cell: no prompt, its output passes as it is.
void foreground_take(struct session *s, struct cell *cell);
// The cell in front has ended or goes to the background; the prompt is for the caller to show.
void foreground_release(struct session *s);
void foreground_on_signal(int signal, void *session);

// --- show
double session_now(struct session *s);
void show_prompt(struct session *s);
// Lines of the session's own; a missing last newline is added.
void show_lines(struct session *s, const char *text, size_t len);
void show_text(struct session *s, const char *text);
void show_format(struct session *s, const char *format, ...) PRINTF_LIKE(2, 3);
void show_error_text(struct session *s, const char *text);
// The value of a cell in front, from its text in collections.
void show_value(struct session *s, struct cell *cell, const char *text, size_t len);
// What display gave, in front or in the background.
void show_displayed(struct session *s, u64 cell, const struct lull_shown *shown);
void show_report(struct session *s, struct lull_ref *error);
// What became of a cell in the background.
void show_ended(struct session *s, struct cell *cell);
void show_failure(struct session *s, u64 cell, struct lull_ref *error);
void show_messages(struct session *s, const struct buf *messages);
void show_duration(struct buf *out, double seconds);
void show_size(struct buf *out, u64 bytes);

// To the log, if there is one.
void show_log(struct session *s, const char *text, size_t len);
void show_log_input(struct session *s, const char *text, size_t len);
// A text of the session's own, rendered.
void show_markdown(struct session *s, const char *text, size_t len);

// --- settings
// :set with what follows it.
void settings_run(struct session *s, const char *text, size_t len);

// --- shortage
void shortage_init(struct session *s);
void shortage_fini(struct session *s);

// --- live
// A new text, of complete lines, in the place of the display's last one; [is_last]: it stays as printed output.
void live_show(struct session *s, u64 cell, u64 display, const struct buf *text, bool is_last);
// Prints block i, which is live no more.
void live_print(struct session *s, u32 i);
// Prints those of cells that have ended.
void live_end(struct session *s);
void live_fini(struct session *s);

// --- jobs
// What the session's cells have running; with [all], of a guest, the program and the other sessions too.
void jobs_show(struct session *s, bool all);
// Whether anything of the cell is alive.
bool jobs_is_alive(struct session *s, u64 cell);

// --- commands
// Runs a line that begins with a colon; the prompt is shown unless a cell came to the front.
void commands_run(struct session *s, const char *line, size_t len);
// Lets the user write the next input in $EDITOR, beginning with [text]; the prompt comes back by itself.
void commands_edit(struct session *s, const char *text, size_t len);
// Completes the name of a command; false where it is not the name that is being typed.
bool commands_complete(struct session *s, const char *text, size_t len, size_t cursor, struct completions *out);
// Where the code in the arguments of a command begins; SIZE_MAX: they are a file; beyond the text: neither.
size_t commands_code_start(const char *text, size_t len);

// --- assist
bool assist_is_complete(const char *text, size_t len, int *indent, void *session);
void assist_highlight(const char *text, size_t len, size_t cursor, struct spans *out, void *session);
void assist_complete(const char *text, size_t len, size_t cursor, struct completions *out, void *session);
// The length of the input without a `&` at its end that asks for the background; len where there is none.
size_t assist_without_ampersand(struct session *s, const char *text, size_t len);

// --- ask
void ask_begin(struct session *s, u64 cell, const char *prompt, size_t len, struct lull_ref *question);
void ask_show(struct session *s);
// Answers the open question; text NULL: there is no more. False where none is open.
bool ask_answer(struct session *s, const char *text, size_t len);
// Gives the open question up: its input() throws. False where none is open.
bool ask_drop(struct session *s);

// --- shell
// Runs a shell command with the terminal lent to it; [done] is called from the loop when it has ended and the terminal
// is back, or when the session is leaving. It runs where the terminal is.
void shell_run(struct session *s, const struct buf *command, void (*done)(struct session *s, int status, void *user),
               void *user);
// The command that ran at a remote terminal has ended. False: none did.
bool shell_end_remote(struct session *s, int status);
void shell_show_prompt(struct session *s, int status, void *user);  // a `done` that wants nothing else
void shell_fini(struct session *s);

#endif
