#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "render/flow.h"
#include "session/interrupt.h"
#include "session/state.h"

static const double STATUS_AFTER = 0.5, STATUS_EVERY = 0.1, RETRY_AFTER = 0.002;

enum {
  PATIENCE = 2,  // after so many Ctrl-C a cell that will not end is left behind
  RETRIES = 50,
};

// What is waited for is cut where the row would be wider than the terminal: the keys must be readable.
static void put_row(struct session *s, struct buf *out, const char *head, const char *what, const char *keys)
{
  struct flow flow;
  struct buf row;
  size_t at = 0, taken = strlen(head) + utf8_count(keys, strlen(keys)) + 4, cols = (size_t)editor_cols(s->editor);
  buf_init(&row, s->alloc);
  flow_init(&flow, s->alloc);
  flow_put(&flow, STYLE_PLAIN, what, strcspn(what, "\n"));
  buf_puts(&row, head);
  if (*what && cols > taken) {
    buf_puts(&row, ": ");
    flow_row(&flow, &at, cols - taken, COLORS_NONE, &row, NULL);
    if (at <= flow.text.len) buf_puts(&row, "…");
  }
  buf_puts(&row, keys);
  style_put(out, STYLE_STATUS, s->colors, buf_text(&row), row.len);
  flow_fini(&flow);
  buf_fini(&row);
}

static void on_status(struct ev_loop *loop, ev_timer *w, int events)
{
  struct session *s = w->data;
  struct lull_work work = {.text = ""};
  struct buf text;
  char head[64];
  if (!s->foreground) return;
  bool is_waiting = lull_waiting(s->lull, s->foreground->number, &work);
  double age = is_waiting ? work.age : session_now(s) - s->foreground->started;
  snprintf(head, sizeof head, "[%llu] %s %.1f s", (unsigned long long)s->foreground->number,
           is_waiting ? "waiting" : "running", age);
  buf_init(&text, s->alloc);
  put_row(s, &text, head, work.text,
          s->foreground->interrupts ? " · Ctrl-C again: leave it" : " · Ctrl-C cancel · Ctrl-Z background");
  editor_set_status(s->editor, buf_text(&text));
  buf_fini(&text);
}

void foreground_fini(struct session *s) { ev_timer_stop(s->loop, &s->status); }

void foreground_take(struct session *s, struct cell *cell)
{
  editor_hide(s->editor);
  s->foreground = cell;
  if (s->config.on_front) s->config.on_front(cell->number, s->config.user);
  cell->interrupts = 0;
  router_set_foreground(s->router, cell->number, session_now(s));
  ev_now_update(s->loop);
  ev_timer_set(&s->status, s->status_after, STATUS_EVERY);
  if (s->status_after > 0) ev_timer_start(s->loop, &s->status);
  ask_show(s);
}

void foreground_release(struct session *s)
{
  if (!s->foreground) return;
  foreground_fini(s);
  if (s->config.on_front) s->config.on_front(0, s->config.user);
  editor_set_status(s->editor, NULL);
  router_set_foreground(s->router, ROUTER_NONE, session_now(s));
  editor_end_line(s->editor);
  s->foreground = NULL;
}

static void put_behind(struct session *s, const char *what)
{
  struct cell *cell = s->foreground;
  ask_drop(s);
  foreground_release(s);
  router_notice(s->router, cell->number, what, strlen(what));
  show_prompt(s);
}

// First the await is interrupted; a cell that goes on is interrupted again, then all it has is cancelled and the prompt comes back
// whatever it does. Between two awaits there is nothing to interrupt yet: the next turn of the loop will have it.
static void interrupt(struct session *s)
{
  struct cell *cell = s->foreground;
  bool was_told = lull_interrupt(s->lull, cell->number);
  if (s->foreground != cell || (was_told && cell->interrupts <= PATIENCE)) return;
  if (cell->interrupts <= PATIENCE && s->retries++ < RETRIES) {
    ev_timer_again(s->loop, &s->retry);
    return;
  }
  lull_cancel(s->lull, cell->number);
  if (s->foreground == cell) put_behind(s, "does not end; it goes on in the background");
}

static void on_retry(struct ev_loop *loop, ev_timer *w, int events)
{
  struct session *s = w->data;
  ev_timer_stop(loop, w);
  if (s->foreground) interrupt(s);
}

void foreground_init(struct session *s)
{
  s->status_after = STATUS_AFTER;
  ev_timer_init(&s->status, on_status, STATUS_AFTER, STATUS_EVERY);
  s->status.data = s;
  ev_timer_init(&s->retry, on_retry, 0, RETRY_AFTER);
  s->retry.data = s;
}

static void on_interrupt(struct session *s)
{
  if (!s->foreground || editor_has_prompt(s->editor)) {
    editor_interrupt(s->editor);
    return;
  }
  s->foreground->interrupts++;
  s->retries = 0;
  interrupt(s);
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
