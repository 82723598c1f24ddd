#include <signal.h>
#include <string.h>

#include "session/interrupt.h"
#include "session/state.h"

static const double STATUS_AFTER = 0.5, STATUS_EVERY = 0.1;

enum { PATIENCE = 2 };  // after so many Ctrl-C a cell that will not end is left behind

static void on_status(struct ev_loop *loop, ev_timer *w, int events)
{
  struct session *s = w->data;
  struct lull_work work;
  struct buf row, text;
  if (!s->foreground) return;
  buf_init(&row, s->alloc);
  buf_init(&text, s->alloc);
  bool is_waiting = lull_waiting(s->lull, s->foreground->number, &work);
  buf_printf(&row, "[%llu] %s ", (unsigned long long)s->foreground->number, is_waiting ? "waiting" : "running");
  show_duration(&row, is_waiting ? work.age : session_now(s) - s->foreground->started);
  if (is_waiting && work.text[0]) buf_printf(&row, ": %s", work.text);
  buf_puts(&row, s->foreground->interrupts ? " · Ctrl-C again: leave it" : " · Ctrl-C cancel · Ctrl-Z background");
  style_put(&text, STYLE_STATUS, s->colors, buf_text(&row), row.len);
  editor_set_status(s->editor, buf_text(&text));
  buf_fini(&text);
  buf_fini(&row);
}

void foreground_init(struct session *s)
{
  ev_timer_init(&s->status, on_status, STATUS_AFTER, STATUS_EVERY);
  s->status.data = s;
}

void foreground_fini(struct session *s) { ev_timer_stop(s->loop, &s->status); }

void foreground_take(struct session *s, struct cell *cell)
{
  editor_hide(s->editor);
  s->foreground = cell;
  cell->interrupts = 0;
  router_set_foreground(s->router, cell->number, session_now(s));
  ev_now_update(s->loop);
  ev_timer_set(&s->status, STATUS_AFTER, STATUS_EVERY);
  ev_timer_start(s->loop, &s->status);
}

void foreground_release(struct session *s)
{
  if (!s->foreground) return;
  ev_timer_stop(s->loop, &s->status);
  editor_set_status(s->editor, NULL);
  router_set_foreground(s->router, ROUTER_NONE, session_now(s));
  editor_end_line(s->editor);
  s->foreground = NULL;
}

static void put_behind(struct session *s, const char *what)
{
  struct cell *cell = s->foreground;
  foreground_release(s);
  router_notice(s->router, cell->number, what, strlen(what));
  show_prompt(s);
}

// First the await is interrupted; a cell that goes on is interrupted again, then all it has is cancelled and the prompt
// comes back whatever it does.
static void on_interrupt(struct session *s)
{
  struct cell *cell = s->foreground;
  if (!cell) {
    editor_interrupt(s->editor);
    return;
  }
  cell->interrupts++;
  bool was_told = lull_interrupt(s->lull, cell->number);
  if (s->foreground != cell || (was_told && cell->interrupts <= PATIENCE)) return;
  lull_cancel(s->lull, cell->number);
  if (s->foreground == cell) put_behind(s, "does not end; it goes on in the background");
}

static void on_stop(struct session *s)
{
  if (s->foreground) put_behind(s, "in the background");
  else editor_stop(s->editor);
}

void foreground_on_signal(int signal, void *user)
{
  struct session *s = user;
  if (s->is_leaving || s->child) return;  // who has the terminal has its keys
  if (signal == SIGINT) {
    on_interrupt(s);
  } else if (signal == SIGTSTP) {
    on_stop(s);
  } else {
    s->exit_signal = signal;
    session_leave(s, 128 + signal);
  }
}
