// A session's coming and going: its parts in order, undone in reverse.
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/sys.h"
#include "edit/highlight.h"
#include "loop/open.h"
#include "session/interrupt.h"
#include "session/remember.h"
#include "session/state.h"
#include "term/capabilities.h"

static void on_tick(struct ev_loop *loop, ev_timer *w, int events) { session_tick(w->data); }

// Colours take a few milliseconds to get ready: not before the first prompt stands.
static void on_leisure(struct ev_loop *loop, ev_timer *w, int events)
{
  struct session *s = w->data;
  if (s->colors != COLORS_NONE) s->highlight = highlight_create(s->alloc);
}

static void open_history(struct session *s)
{
  struct buf path;
  buf_init(&path, s->alloc);
  bool has_file = history_default_path(&path) && !sys_is_denied(SYS_FILES);
  s->history = path.failed ? NULL : history_create(s->alloc, has_file ? buf_text(&path) : NULL);
  buf_fini(&path);
}

bool life_create(struct session *s, const struct session_config *config)
{
  s->config = *config;
  s->alloc = config->alloc;
  s->house = config->house;
  s->remote = config->remote;
  s->loop = s->house ? s->house->loop : ev_default_loop(0);
  s->colors = config->capabilities->stream[1].colors;
  log_init(&s->log, s->alloc);
  buf_init(&s->question_prompt, s->alloc);
  if (!s->loop || !cells_init(&s->cells, s->alloc, s->house ? &s->house->last_cell : NULL)) return false;
  remember_init(s);
  open_history(s);
  foreground_init(s);
  shortage_init(s);
  ev_timer_init(&s->tick, on_tick, 0, 0);
  s->tick.data = s;
  ev_timer_init(&s->leisure, on_leisure, 0, 0);
  s->leisure.data = s;
  ev_timer_start(s->loop, &s->leisure);
  return session_create_router(s) && session_create_editor(s);
}

void life_close_terminal(struct session *s)
{
  log_fini(&s->log);
  shell_fini(s);
  if (s->lull) ask_drop(s);
  if (s->editor) foreground_release(s);
  if (s->loop) {
    shortage_fini(s);
    foreground_fini(s);
    ev_timer_stop(s->loop, &s->retry);
    ev_timer_stop(s->loop, &s->tick);
    ev_timer_stop(s->loop, &s->leisure);
  }
  if (s->editor) live_fini(s);
  editor_destroy(s->editor);
  highlight_destroy(s->highlight);
  history_destroy(s->history);
  s->editor = NULL;
  s->highlight = NULL;
  s->history = NULL;
}

void life_free(struct session *s)
{
  router_destroy(s->router);
  buf_fini(&s->question_prompt);
  cells_fini(&s->cells);
}

// --- a state of its own

static bool create_state(struct session *s)
{
  struct lull_host host = session_host;
  host.user = s;
  s->lull = lull_create(s->loop, &host, s->config.memory);
  if (!s->lull || !lull_set_args(s->lull, s->config.argc, s->config.argv)) return false;
  interrupt_set_target(s->lull);
  return true;
}

static void destroy_state(struct session *s)
{
  interrupt_set_target(NULL);
  if (s->lull) ask_drop(s);
  for (u32 i = 0; s->lull && i < cells_count(&s->cells); i++) {
    struct cell *cell = cells_at(&s->cells, i);
    lull_ref_release(s->lull, cell->error);
    cell->error = NULL;
    if (cell->state == CELL_RUNNING) cell->state = CELL_STOPPED;
  }
  cells_unsave(&s->cells);
  lull_destroy(s->lull);
  s->lull = NULL;
}

bool session_reset(struct session *s)
{
  bool was_leaving = s->is_leaving;
  s->is_leaving = true;  // what ends now is not shown
  destroy_state(s);
  s->is_leaving = was_leaving;
  if (create_state(s)) return true;
  editor_alarm(s->editor, "lull: out of memory: the session ends\r\n");
  session_leave(s, 1);
  return false;
}

static void greet(struct session *s)
{
  if (!s->history) show_text(s, "the history is not kept: out of memory\n");
  if (s->config.is_quiet) return;
  show_format(s, "lull " LULL_VERSION "   :help  commands   Ctrl-D  leave\n");
  if (s->history && history_count(s->history) > 0) return;
  show_text(s, "Try  every(1s, print, \"tick\")  and go on typing;  :jobs  and  :cancel 1  follow.\n");
}

static bool create(struct session *s, const struct session_config *config)
{
  static const int signals[] = { SIGINT, SIGTSTP, SIGTERM, SIGHUP, 0 };
  struct ev_loop *loop = loop_open(true);
  if (!loop) return false;
  interrupt_start(
      &(struct interrupt_config){ .loop = loop, .signals = signals, .on_signal = foreground_on_signal, .user = s });
  return life_create(s, config) && create_state(s);
}

struct session_end session_run(const struct session_config *config)
{
  static const char no_start[] = "lull: the session cannot start: no terminal, or out of memory\n";
  struct session s = { .exit_status = 0 };
  if (!create(&s, config)) {
    (void)sys_write_all(2, no_start, sizeof no_start - 1);
    s.exit_status = 1;
  } else {
    if (config->log && !log_open(&s.log, config->log)) show_format(&s, "%s: %s\n", config->log, strerror(errno));
    greet(&s);
    session_run_init(&s);
    // The session's own files are open by now.
    sys_deny(config->denied);
    if (config->first && !s.is_leaving)
      session_run_text(&s, config->first, config->first_len, config->first_name, 0, false);
    if (!s.foreground && !editor_has_prompt(s.editor)) show_prompt(&s);
    if (!s.is_leaving) ev_run(s.loop, 0);
  }
  s.is_leaving = true;
  life_close_terminal(&s);
  destroy_state(&s);
  life_free(&s);
  interrupt_end();
  return (struct session_end){ .status = s.exit_status, .signal = s.exit_signal };
}
