#include "session/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "edit/highlight.h"
#include "session/interrupt.h"
#include "session/remember.h"
#include "session/state.h"
#include "session/textfile.h"
#include "term/capabilities.h"

// --- output

static const double UNFINISHED_EVERY = 0.5;

static void start_tick(struct session *s)
{
  if (!s->editor) return;
  double wait = router_due(s->router) - session_now(s);
  ev_timer_stop(s->loop, &s->tick);
  bool may_end = s->live.len > 0 || router_unfinished(s->router, ROUTER_NONE) != ROUTER_NONE;
  if (wait > UNFINISHED_EVERY && may_end) wait = UNFINISHED_EVERY;
  if (wait > 1e300) return;
  ev_now_update(s->loop);
  ev_timer_set(&s->tick, wait > 0 ? wait : 0, 0);
  ev_timer_start(s->loop, &s->tick);
}

// An unfinished line whose cell has ended is as finished as it will ever be.
static void finish_lines(struct session *s)
{
  u64 cell = ROUTER_NONE;
  while ((cell = router_unfinished(s->router, cell)) != ROUTER_NONE)
    if (!jobs_is_alive(s, cell)) router_finish(s->router, cell, session_now(s));
}

void session_tick(struct session *s)
{
  finish_lines(s);
  live_end(s);
  router_tick(s->router, session_now(s));
  start_tick(s);
}

// The terminal is slower than the program: the program waits, for as long as a key need not be answered.
static void relieve(struct session *s)
{
  while (editor_is_pressed(s->editor) && !interrupt_pending() && !s->is_leaving)
    if (!editor_drain(s->editor, 0.05)) return;
}

// A guest's terminal must not hold up the program: what it is too slow for is counted instead of shown.
static bool is_unshown(struct session *s, size_t len)
{
  if (!s->editor) return true;
  if (!s->remote || !editor_is_pressed(s->editor)) return false;
  s->unshown += len;
  return true;
}

static void on_pressure(bool is_high, void *user)
{
  struct session *s = user;
  struct buf size;
  if (is_high || s->unshown == 0 || s->is_leaving) return;
  buf_init(&size, s->alloc);
  show_size(&size, s->unshown);
  s->unshown = 0;
  show_format(s, "... %s were not shown, the terminal was too slow (:out N has the last of them)\n", buf_text(&size));
  buf_fini(&size);
}

// What stands in the queue when Ctrl-C comes still has to be shown: it is kept short.
static void sink_pass(const char *bytes, size_t len, void *user)
{
  enum { IN_ONE_GO = 128 * 1024 };
  struct session *s = user;
  if (is_unshown(s, len)) return;
  editor_pass(s->editor, bytes, len);
  show_log(s, bytes, len);
  if (s->remote) return;
  s->passed += len;
  if (s->passed > IN_ONE_GO) {
    editor_drain(s->editor, 0.1);
    s->passed = 0;
  }
  relieve(s);
}

static void sink_above(const char *lines, size_t len, void *user)
{
  struct session *s = user;
  if (is_unshown(s, len)) return;
  editor_print_above(s->editor, lines, len);
  show_log(s, lines, len);
  if (!s->remote) relieve(s);
}

static void sink_live(u64 cell, const char *text, size_t len, void *user)
{
  struct session *s = user;
  if (s->editor) editor_live_row(s->editor, cell, text, len);
}

// What a session shows could not be written, or its terminal is gone: it ends, with a word about it; quietly where the
// reader has left.
static void on_lost(int error, void *user)
{
  struct session *s = user;
  char text[160];
  if (s->is_leaving) return;
  session_leave(s, 1);
  if (s->lull) lull_set_step_limit(s->lull, 1);  // what runs cannot catch that
  if (error == EPIPE) s->exit_signal = SIGPIPE;
  if (s->exit_signal) return;
  const char *what = editor_is_plain(s->editor) ? "the output could not be written" : "the terminal has failed";
  int len = snprintf(text, sizeof text, "lull: %s: %s\n", what, strerror(error));
  (void)sys_write_all(2, text, (size_t)len);
}

static void sink_plain(int stream, const char *bytes, size_t len, void *user)
{
  if (!sys_write_all(stream, bytes, len)) on_lost(errno, user);
  show_log(user, bytes, len);
}

// --- the language calls

static struct cell *cell_of(struct session *s, uint64_t tag)
{
  struct cell *cell = cells_recall(&s->cells, tag);
  return cell ? cell : cells_get(&s->cells, 0);
}

static void on_write(void *user, uint64_t tag, int stream, const char *bytes, size_t len)
{
  struct session *s = user;
  router_write(s->router, cell_of(s, tag)->number, stream, bytes, len, session_now(s));
  start_tick(s);
}

static void on_show(void *user, uint64_t tag, const struct lull_shown *shown)
{
  struct session *s = user;
  struct cell *cell = cell_of(s, tag);
  if (!s->editor) {
    if (!shown->is_echo) router_write(s->router, cell->number, 1, shown->text, shown->len, session_now(s));
    return;
  }
  if (!shown->is_echo) {
    show_displayed(s, cell->number, shown);
    start_tick(s);
    return;
  }
  buf_clear(&cell->echo);
  buf_append(&cell->echo, shown->text, shown->len);
}

static void show_time(struct session *s, const struct cell *cell)
{
  struct buf text, styled;
  buf_init(&text, s->alloc);
  buf_init(&styled, s->alloc);
  show_duration(&text, cell->ended - cell->started);
  style_puts(&styled, STYLE_STATUS, s->colors, buf_text(&text));
  show_lines(s, buf_text(&styled), styled.len);
  buf_fini(&styled);
  buf_fini(&text);
}

// The cell in front has ended: its value or error is shown where its output was.
static void end_foreground(struct session *s, struct cell *cell)
{
  foreground_release(s);
  if (cell->state != CELL_DONE) show_report(s, cell->error);
  else if (cell->echo.len > 0) show_value(s, cell, buf_text(&cell->echo), cell->echo.len);
  if (cell->is_timed) show_time(s, cell);
  if (s->starting != cell) show_prompt(s);
}

static enum cell_state state_after(struct session *s, enum lull_outcome outcome, struct lull_ref *value)
{
  if (outcome == LULL_VALUE) return CELL_DONE;
  return lull_is_interrupt(s->lull, value) || lull_is_cancel(s->lull, value) ? CELL_STOPPED : CELL_FAILED;
}

static void on_settled(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  struct session *s = user;
  struct cell *cell = cells_get(&s->cells, tag);
  if (!cell || (s->is_leaving && !s->house)) return;
  cell->state = outcome == LULL_EXITED ? CELL_DONE : state_after(s, outcome, value);
  cell->ended = session_now(s);
  if (outcome == LULL_EXITED) session_leave(s, (int)(lull_to_int(value, 1) & 255));
  if (!s->editor && cell->state == CELL_FAILED) show_failure(s, cell->number, value);
  if (s->is_leaving) return;
  if (outcome == LULL_VALUE) remember_value(s, cell, value);
  else cell->error = lull_ref_keep(s->lull, value);
  live_end(s);
  if (s->foreground == cell) end_foreground(s, cell);
  else if (cell->number > 0) show_ended(s, cell);
}

static void on_failed(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error)
{
  struct session *s = user;
  if (s->is_leaving && s->editor) return;
  if (outcome == LULL_EXITED) session_leave(s, (int)(lull_to_int(error, 1) & 255));
  else show_failure(s, cell_of(s, tag)->number, error);
}

// --- inputs

static void grant(struct session *s)
{
  if (s->config.steps) lull_set_step_limit(s->lull, s->config.steps);
  if (s->config.seconds > 0) lull_set_time_limit(s->lull, s->config.seconds);
}

static void start_cell(struct session *s, struct cell *cell, int flags, struct buf *messages,
                       enum lull_started *started)
{
  cell->started = session_now(s);
  cell->is_timed = flags & RUN_TIMED;
  cell->is_saved = !(flags & RUN_UNSAVED);
  if (!(flags & RUN_IN_BACKGROUND)) foreground_take(s, cell);
  editor_flush(s->editor);
  if (s->last) lull_set(s->lull, "_", s->last);  // of this session, whatever others have run
  s->starting = cell;
  grant(s);
  *started = lull_run(s->lull, cell->number, buf_text(&cell->name), buf_text(&cell->source), cell->source.len,
                      LULL_CELL | (cell->number ? LULL_ECHO : 0), messages);
  s->starting = NULL;
}

static void run_cell(struct session *s, struct cell *cell, int flags, bool comes_back)
{
  struct buf messages;
  enum lull_started started;
  buf_init(&messages, s->alloc);
  start_cell(s, cell, flags, &messages, &started);
  if (started == LULL_NOT_PARSED && s->foreground == cell) foreground_release(s);
  if (messages.len > 0) show_messages(s, &messages);
  buf_fini(&messages);
  if (started == LULL_NOT_PARSED) {
    if (comes_back) editor_set_text(s->editor, buf_text(&cell->source), cell->source.len, SIZE_MAX);
    if (cell->number > 0) cells_drop_newest(&s->cells);
  }
  if (!s->foreground && !editor_has_prompt(s->editor)) show_prompt(s);
}

void session_run_text(struct session *s, const char *text, size_t len, const char *name, int flags, bool comes_back)
{
  remember_trim(s);
  struct cell *cell = cells_add(&s->cells, text, len, name);
  if (cell) {
    run_cell(s, cell, flags, comes_back);
    return;
  }
  show_error_text(s, "out of memory");
  show_prompt(s);
}

static void run_shell_line(struct session *s, const char *text, size_t len)
{
  struct buf command;
  buf_init(&command, s->alloc);
  buf_append(&command, text, len);
  shell_run(s, &command, shell_show_prompt, NULL);
  buf_fini(&command);
}

static void on_line(const char *text, size_t len, void *user)
{
  struct session *s = user;
  size_t start = 0;
  show_log_input(s, text, len);
  if (ask_answer(s, text, len)) return;
  while (start < len && (text[start] == ' ' || text[start] == '\n' || text[start] == '\t')) start++;
  if (start == len) {
    show_prompt(s);
    return;
  }
  if (s->history && !history_append(s->history, text, len) && history_error(s->history))
    show_format(s, "the history could not be written: %s\n", strerror(history_error(s->history)));
  if (text[start] == ':') {
    commands_run(s, text + start, len - start);
  } else if (text[start] == '!') {
    run_shell_line(s, text + start + 1, len - start - 1);
  } else {
    size_t end = assist_without_ampersand(s, text, len);
    session_run_text(s, text, end, NULL, end < len ? RUN_IN_BACKGROUND : 0, true);
  }
}

static void on_eof(void *user)
{
  if (!ask_answer(user, NULL, 0)) session_leave(user, 0);
}

// Ctrl-C at a question is for the cell that asked.
static void on_interrupt(void *user)
{
  struct session *s = user;
  if (ask_drop(s)) foreground_on_signal(SIGINT, s);
  else show_prompt(s);
}

static void on_ask(void *user, uint64_t tag, const char *prompt, size_t len, struct lull_ref *question)
{
  ask_begin(user, tag, prompt, len, question);
}

static void on_edit(const char *text, size_t len, size_t cursor, void *user) { commands_edit(user, text, len); }

const struct lull_host session_host = {
  .write = on_write, .show = on_show, .settled = on_settled, .failed = on_failed, .ask = on_ask
};

// --- parts

bool session_create_router(struct session *s)
{
  const struct capabilities *c = s->config.capabilities;
  bool is_terminal = s->remote || c->stream[1].is_terminal;
  s->router = router_create(&(struct router_config){
      .alloc = s->alloc,
      .sink = { .pass = sink_pass, .above = sink_above, .live = sink_live, .plain = sink_plain, .user = s },
      .colors = s->colors,
      .shows = { false, is_terminal, is_terminal && (s->remote || c->stream[2].is_terminal) },
  });
  return s->router != NULL;
}

bool session_create_editor(struct session *s)
{
  s->editor = editor_create(&(struct editor_config){
      .alloc = s->alloc,
      .loop = s->loop,
      .capabilities = s->config.capabilities,
      .history = s->history,
      .remote = s->remote,
      .callbacks = { .on_line = on_line,
                     .on_eof = on_eof,
                     .on_interrupt = on_interrupt,
                     .on_lost = on_lost,
                     .is_complete = assist_is_complete,
                     .highlight = assist_highlight,
                     .complete = assist_complete,
                     .on_edit = on_edit,
                     .on_pressure = on_pressure },
      .user = s,
  });
  return s->editor != NULL;
}

static bool init_file(struct buf *path)
{
  const char *given = secure_getenv("LULL_INIT"), *config = secure_getenv("XDG_CONFIG_HOME"),
             *home = secure_getenv("HOME");
  if (given) buf_puts(path, given);
  else if (config && *config == '/') buf_printf(path, "%s/lull/init.lull", config);
  else if (home && *home) buf_printf(path, "%s/.config/lull/init.lull", home);
  return path->len > 0 && access(buf_text(path), F_OK) == 0;
}

// init.lull runs as the session itself, whose number is 0.
void session_run_init(struct session *s)
{
  struct buf path, text, message;
  buf_init(&path, s->alloc);
  buf_init(&text, s->alloc);
  buf_init(&message, s->alloc);
  if (!s->config.skips_init && init_file(&path)) {
    struct cell *cell = cells_get(&s->cells, 0);
    if (!textfile_read_trusted(buf_text(&path), &text, &message)) {
      show_error_text(s, buf_text(&message));
    } else {
      buf_append(&cell->source, buf_text(&text), text.len);
      buf_clear(&cell->name);
      buf_append(&cell->name, path.data, path.len);
      cell->state = CELL_RUNNING;
      run_cell(s, cell, RUN_UNSAVED, false);
      if (!s->foreground) cell->state = CELL_DONE;
    }
  }
  buf_fini(&message);
  buf_fini(&text);
  buf_fini(&path);
}

void session_leave(struct session *s, int status)
{
  if (s->is_leaving) return;
  s->is_leaving = true;
  s->exit_status = status;
  if (s->config.on_leave) s->config.on_leave(s->config.user);
  else ev_break(s->loop, EVBREAK_ALL);
}
