#include "script.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "attach/server.h"
#include "base/sys.h"
#include "deadline.h"
#include "loop/open.h"
#include "lull.h"
#include "questions.h"
#include "render/flow.h"
#include "render/markdown.h"
#include "render/records.h"
#include "render/trace.h"
#include "session/house.h"
#include "session/interrupt.h"
#include "session/line.h"
#include "writer.h"

enum {
  STATUS_ERROR = 1,
  STATUS_WRONG = 2,   // usage or syntax
  STATUS_STUCK = 13,  // an await that nothing can settle
  TAG = HOUSE_PROGRAM,  // the run's; a script is one run
};

#define ERASE_ROW "\r\x1b[K"

struct script {
  const struct script_config *config;
  struct ev_loop *loop;
  struct lull *lull;
  struct writer out;
  ev_prepare before_waiting;
  struct questions questions;
  struct house house;     // of the sessions that are attached
  struct server *server;  // lets them in; NULL: nobody can
  bool has_bar;     // the row of the cursor shows a progress bar
  bool is_settled;  // the top level has ended
  bool is_over;     // nothing more is to be run
  bool is_limit_told;
  u32 interrupts;
  struct script_end end;
};

// Where this fails there is nobody left to tell but by the status. Who has closed standard error wants no word of it.
static void complain(struct script *s, const char *text, size_t len)
{
  if (sys_write_all(2, text, len) || errno == EBADF) return;
  if (errno == EPIPE) interrupt_die(SIGPIPE);
  if (!s->end.status) s->end.status = STATUS_ERROR;
}

static void stop(struct script *s)
{
  s->is_over = true;
  ev_break(s->loop, EVBREAK_ALL);
}

// A reader that left ends us as it ends any program in a pipe; all else is said, and ends the script.
static void on_write_error(struct script *s)
{
  struct buf text;
  if (s->out.error == EPIPE) interrupt_die(SIGPIPE);
  buf_init(&text, s->config->alloc);
  buf_printf(&text, "lull: standard output: %s\n", strerror(s->out.error));
  complain(s, buf_text(&text), text.len);
  buf_fini(&text);
  s->end.status = STATUS_ERROR;
  if (s->is_over) return;
  stop(s);
  if (s->lull) lull_set_step_limit(s->lull, 1);  // what runs cannot catch that
}

static void put(struct script *s, const char *bytes, size_t len)
{
  if (!s->out.error && !writer_put(&s->out, bytes, len)) on_write_error(s);
}

static void flush(struct script *s)
{
  if (!s->out.error && !writer_flush(&s->out)) on_write_error(s);
}

// Other output begins where a bar stands; the bar comes back with its next picture.
static void erase_bar(struct script *s)
{
  if (!s->has_bar) return;
  s->has_bar = false;
  put(s, ERASE_ROW, strlen(ERASE_ROW));
}

static void on_write(void *user, uint64_t tag, int stream, const char *bytes, size_t len)
{
  struct script *s = user;
  if (tag != TAG) {
    house_host.write(&s->house, tag, stream, bytes, len);
    return;
  }
  erase_bar(s);
  if (stream == 1) {
    put(s, bytes, len);
    return;
  }
  flush(s);
  complain(s, bytes, len);
}

static void on_ask(void *user, uint64_t tag, const char *prompt, size_t len, struct lull_ref *question)
{
  struct script *s = user;
  if (tag != TAG) {
    house_host.ask(&s->house, tag, prompt, len, question);
    return;
  }
  erase_bar(s);
  put(s, prompt, len);
  flush(s);
  questions_ask(&s->questions, question);
}

static size_t terminal_cols(void)
{
  struct winsize size;
  return ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// The text in one row of the terminal.
static void draw_bar(struct script *s, const struct lull_shown *shown)
{
  struct flow flow;
  struct buf row;
  size_t at = 0, cols = terminal_cols();
  buf_init(&row, s->config->alloc);
  flow_init(&flow, s->config->alloc);
  flow_put(&flow, STYLE_PLAIN, shown->text, shown->len);
  buf_puts(&row, ERASE_ROW);
  flow_row(&flow, &at, cols > 1 ? cols - 1 : 1, COLORS_NONE, &row, NULL);
  if (shown->is_last) buf_putc(&row, '\n');
  erase_bar(s);
  put(s, buf_text(&row), row.len);
  s->has_bar = !shown->is_last;
  flush(s);
  flow_fini(&flow);
  buf_fini(&row);
}

static void show_markdown(struct script *s, const char *text, size_t len)
{
  struct buf rendered;
  enum color_depth colors = s->config->is_colored ? s->config->capabilities->stream[1].colors : COLORS_NONE;
  buf_init(&rendered, s->config->alloc);
  markdown_render(text, len, terminal_cols(), colors, &rendered);
  if (rendered.failed) put(s, text, len);
  else put(s, buf_text(&rendered), rendered.len);
  buf_fini(&rendered);
}

// A list of alike maps is a table. False: it is none.
static bool show_table(struct script *s, const struct lull_shown *shown)
{
  enum { LONGEST_TABLE = 256 * 1024 };
  struct buf whole, table;
  enum color_depth colors = s->config->is_colored ? s->config->capabilities->stream[1].colors : COLORS_NONE;
  if (shown->is_echo || shown->len == 0 || *shown->text != '[' || shown->len > LONGEST_TABLE) return false;
  buf_init(&whole, s->config->alloc);
  buf_init(&table, s->config->alloc);
  lull_inspect(s->lull, shown->value, LONGEST_TABLE, &whole);
  bool is_table = records_render(buf_text(&whole), whole.len, terminal_cols(), colors, &table) && !table.failed;
  if (is_table) put(s, buf_text(&table), table.len);
  buf_fini(&table);
  buf_fini(&whole);
  return is_table;
}

// At a terminal nothing of it is acted upon but colours.
static void show_text(struct script *s, const char *text, size_t len)
{
  const struct capabilities *terminal = s->config->capabilities;
  struct buf clean;
  buf_init(&clean, s->config->alloc);
  if (terminal->stream[1].is_terminal) line_clean_all(&clean, text, len, terminal->stream[1].colors);
  else buf_append(&clean, text, len);
  if (clean.failed) {
    complain(s, "lull: out of memory: a display is cut\n", 38);
    s->end.status = STATUS_ERROR;
  }
  put(s, buf_text(&clean), clean.len);
  if (len == 0 || text[len - 1] != '\n') put(s, "\n", 1);
  buf_fini(&clean);
}

static void on_show(void *user, uint64_t tag, const struct lull_shown *shown)
{
  struct script *s = user;
  const struct capabilities *terminal = s->config->capabilities;
  bool is_terminal = terminal->stream[1].is_terminal;
  if (tag != TAG) {
    house_host.show(&s->house, tag, shown);
    return;
  }
  if (shown->is_echo && !s->config->prints_value) return;
  if (shown->form == LULL_BAR) {
    if (is_terminal && !terminal->is_dumb) draw_bar(s, shown);
    return;
  }
  erase_bar(s);
  if (shown->form == LULL_MARKDOWN && is_terminal) {
    show_markdown(s, shown->text, shown->len);
    return;
  }
  if (shown->form == LULL_TEXT && is_terminal && show_table(s, shown)) return;
  show_text(s, shown->text, shown->len);
}

// Where there is no memory for a report, what there is of it is shown, and that there is none.
static void show_report(struct script *s, const struct buf *report)
{
  static const char no_memory[] = "lull: out of memory\n";
  struct buf colored;
  enum color_depth colors = s->config->is_colored ? s->config->capabilities->stream[2].colors : COLORS_NONE;
  erase_bar(s);
  flush(s);
  buf_init(&colored, s->config->alloc);
  trace_render(buf_text(report), report->len, colors, &colored);
  if (colored.failed) complain(s, buf_text(report), report->len);
  else complain(s, buf_text(&colored), colored.len);
  if (report->failed || report->len == 0) complain(s, no_memory, sizeof no_memory - 1);
  buf_fini(&colored);
}

static void report_error(struct script *s, struct lull_ref *error)
{
  struct buf report;
  buf_init(&report, s->config->alloc);
  lull_report(s->lull, error, &report);
  show_report(s, &report);
  buf_fini(&report);
}

// What a session's cell fails with when nobody is there to be told is told here; it is no failure of the program.
static void report_unattended(struct script *s, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error)
{
  bool is_wanted = lull_is_cancel(s->lull, error) || lull_is_interrupt(s->lull, error);
  if (outcome == LULL_THROWN && !is_wanted && !house_is_attended(&s->house, tag)) report_error(s, error);
}

// The script failed: an error is reported, an Interrupted is the signal that caused it.
static void on_error(struct script *s, struct lull_ref *error)
{
  int pending = interrupt_pending();
  if (lull_is_interrupt(s->lull, error) && (s->interrupts > 0 || pending)) {
    s->end.signal = pending ? pending : SIGINT;
    stop(s);
    return;
  }
  // All that ran is ended by a limit; it is one and the same.
  bool is_known = lull_is_limit(s->lull, error) && s->is_limit_told;
  s->end.status = STATUS_ERROR;
  if (is_known) return;
  s->is_limit_told = lull_is_limit(s->lull, error);
  report_error(s, error);
}

static void on_exit_called(struct script *s, struct lull_ref *value)
{
  s->end.status = (int)(lull_to_int(value, STATUS_ERROR) & 255);
  stop(s);
}

static void on_settled(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  struct script *s = user;
  if (tag != TAG) {
    report_unattended(s, tag, outcome, value);
    house_host.settled(&s->house, tag, outcome, value);
    return;
  }
  s->is_settled = true;
  if (s->is_over) return;
  if (outcome == LULL_EXITED) {
    on_exit_called(s, value);
  } else if (outcome == LULL_THROWN) {
    on_error(s, value);
    stop(s);
  }
}

static void on_failed(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error)
{
  struct script *s = user;
  if (tag != TAG) {
    report_unattended(s, tag, outcome, error);
    house_host.failed(&s->house, tag, outcome, error);
    return;
  }
  if (s->is_over) return;
  if (outcome == LULL_EXITED) on_exit_called(s, error);
  else on_error(s, error);
}

static void on_before_waiting(struct ev_loop *loop, ev_prepare *w, int events) { flush(w->data); }

// The first Ctrl-C is thrown at the top level's await; where nothing there waits, or at the second one, the script
// ends; as it does at a TERM or HUP, and with it the processes it runs.
static void on_signal(int signal, void *user)
{
  struct script *s = user;
  if (signal == SIGINT && ++s->interrupts == 1 && lull_interrupt(s->lull, TAG)) return;
  s->end.signal = signal;
  stop(s);
}

static void report_stuck(struct script *s)
{
  struct lull_work work;
  struct buf text;
  buf_init(&text, s->config->alloc);
  bool is_known = lull_waiting(s->lull, TAG, &work);
  buf_printf(&text, "%s: this await can never end: nothing is left that could settle %s\n",
             is_known && work.place[0] ? work.place : s->config->name, is_known && work.text[0] ? work.text : "it");
  show_report(s, &text);
  buf_fini(&text);
  s->end.status = STATUS_STUCK;
}

static void run(struct script *s)
{
  struct buf messages;
  int flags = LULL_FILE | (s->config->prints_value ? LULL_ECHO : 0) | (s->config->listen ? LULL_KEEP : 0);
  buf_init(&messages, s->config->alloc);
  enum lull_started started =
      lull_run(s->lull, TAG, s->config->name, s->config->text, s->config->len, flags, &messages);
  if (messages.len > 0 || started == LULL_NOT_PARSED) show_report(s, &messages);
  buf_fini(&messages);
  if (started == LULL_NOT_PARSED) {
    s->end.status = STATUS_WRONG;
    return;
  }
  if (!s->is_over) ev_run(s->loop, 0);
  if (!s->is_over && !s->is_settled) report_stuck(s);
}

static void check(struct script *s)
{
  struct buf messages;
  buf_init(&messages, s->config->alloc);
  enum lull_syntax syntax = lull_check(s->lull, s->config->name, s->config->text, s->config->len, &messages);
  if (syntax == LULL_MORE && messages.len == 0)
    buf_printf(&messages, "%s: the text ends before it is complete\n", s->config->name);
  if (messages.len > 0 || syntax != LULL_COMPLETE) show_report(s, &messages);
  buf_fini(&messages);
  if (syntax != LULL_COMPLETE) s->end.status = STATUS_WRONG;
}

// What computes on ends in any case, if not as early.
static void set_limits(struct script *s)
{
  const double grace = 3;
  if (s->config->steps) lull_set_step_limit(s->lull, s->config->steps);
  if (!(s->config->seconds > 0)) return;
  lull_set_time_limit(s->lull, s->config->seconds);
  deadline_set(s->lull, s->config->seconds, grace);
}

static bool is_asking(void *user) { return ((struct script *)user)->questions.waiting.len > 0; }

static bool listen_for_sessions(struct script *s)
{
  struct buf message;
  s->house = (struct house){ .loop = s->loop, .lull = s->lull, .program = s->config->name, .started = sys_now() };
  buf_init(&message, s->config->alloc);
  buf_puts(&message, "lull: ");
  s->server = server_open(&(struct server_config){ .alloc = s->config->alloc, .house = &s->house,
                                                   .path = s->config->listen, .is_held = is_asking, .user = s },
                          &message);
  buf_putc(&message, '\n');
  if (!s->server) complain(s, buf_text(&message), message.len);
  buf_fini(&message);
  return s->server;
}

// What those at other terminals are told.
static void end_sessions(struct script *s)
{
  char text[80];
  int status = s->end.signal ? 128 + s->end.signal : s->end.status;
  if (s->end.signal) snprintf(text, sizeof text, "was ended by signal %d", s->end.signal);
  else snprintf(text, sizeof text, "has ended with status %d", s->end.status);
  server_close(s->server, status, text);
  s->server = NULL;
}

static bool start(struct script *s)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP, 0 };
  struct lull_host host = {
    .user = s, .write = on_write, .show = on_show, .settled = on_settled, .failed = on_failed, .ask = on_ask
  };
  s->loop = loop_open(true);
  s->lull = s->loop ? lull_create(s->loop, &host, s->config->memory) : NULL;
  if (!s->lull || !lull_set_args(s->lull, s->config->argc, s->config->argv)) return false;
  set_limits(s);
  questions_init(&s->questions, s->config->alloc, s->loop, s->lull);
  interrupt_start(&(struct interrupt_config){ .loop = s->loop, .signals = signals, .is_patient_once = true,
                                             .on_signal = on_signal, .user = s });
  interrupt_set_target(s->lull);
  ev_prepare_init(&s->before_waiting, on_before_waiting);
  ev_set_priority(&s->before_waiting, EV_MINPRI);  // behind the turn that the state runs then, which may write
  s->before_waiting.data = s;
  ev_prepare_start(s->loop, &s->before_waiting);
  ev_unref(s->loop);
  return true;
}

static void finish(struct script *s)
{
  interrupt_set_target(NULL);
  interrupt_end();
  if (ev_is_active(&s->before_waiting)) {
    ev_ref(s->loop);
    ev_prepare_stop(s->loop, &s->before_waiting);
  }
  s->is_over = true;
  end_sessions(s);
  questions_fini(&s->questions);
  deadline_forget();
  lull_destroy(s->lull);
  s->lull = NULL;
  if (s->has_bar) put(s, "\n", 1);
  flush(s);
  writer_fini(&s->out);
}

struct script_end script_run(const struct script_config *config)
{
  static const char no_start[] = "lull: cannot start: out of memory, or no way to wait for events\n";
  struct script s = { .config = config };
  writer_init(&s.out, config->alloc, 1, config->capabilities->stream[1].is_terminal);
  if (!start(&s)) {
    complain(&s, no_start, sizeof no_start - 1);
    s.end.status = STATUS_ERROR;
  } else if (config->checks_only) {
    check(&s);
  } else if (config->listen && !listen_for_sessions(&s)) {
    s.end.status = STATUS_ERROR;
  } else {
    sys_deny(config->denied);  // the script's own files are open by now
    run(&s);
  }
  finish(&s);
  return s.end;
}
