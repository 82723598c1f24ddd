#include "edit/editor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"
#include "edit/state.h"
#include "term/modes.h"
#include "term/remote.h"

static const double escape_wait = 0.05, busy_time = 0.05, stale_time = 0.1, lost_time = 1;

// --- keys from the terminal

static void tell_end(struct editor *e)
{
  if (e->is_end_told) return;
  e->is_end_told = true;
  e->state = EDITOR_HIDDEN;
  if (e->error) e->config.callbacks.on_lost(e->error, e->config.user);
  else e->config.callbacks.on_eof(e->config.user);
}

static void be_gone(struct editor *e, int error)
{
  e->is_gone = true;
  e->error = error;
  ev_io_stop(e->config.loop, &e->readable);
}

static void take_bytes(struct editor *e, const char *bytes, size_t len)
{
  e->last_read = sys_now();
  keys_feed(&e->keys, bytes, len, typing_queue, e);
  ev_timer_stop(e->config.loop, &e->escape);
  if (!keys_is_waiting(&e->keys)) return;
  ev_timer_set(&e->escape, escape_wait, 0.);
  ev_timer_start(e->config.loop, &e->escape);
}

static void read_keys(struct editor *e)
{
  char bytes[4096];
  ssize_t n = sys_read(e->fd, bytes, sizeof bytes);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  if (n <= 0) {
    be_gone(e, n < 0 ? errno : 0);
    return;
  }
  take_bytes(e, bytes, (size_t)n);
}

void editor_feed(struct editor *e, const char *bytes, size_t len)
{
  enum { AHEAD_MOST = 1 << 20 };
  if (e->plain || e->is_gone || e->keys.paste.len + e->queue.len > AHEAD_MOST) return;
  take_bytes(e, bytes, len);
  ev_idle_start(e->config.loop, &e->turn);
}

static void take_in(struct editor *e)
{
  if (e->is_gone) tell_end(e);
  else typing_take_in(e);
}

// Keys are taken in a turn of the loop later: the signal of a ^C that lay before them may not have been seen yet.
static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
  struct editor *e = io->data;
  if (events & EV_ERROR) be_gone(e, ENOBUFS);  // the system will not watch the terminal
  if (events & EV_READ) {
    if (!e->is_gone) read_keys(e);
    ev_idle_start(loop, &e->turn);
  } else {
    take_in(e);
  }
}

static void on_turn(struct ev_loop *loop, ev_idle *idle, int events)
{
  ev_idle_stop(loop, idle);
  take_in(idle->data);
}

static void on_escape(struct ev_loop *loop, ev_timer *timer, int events)
{
  struct editor *e = timer->data;
  keys_timeout(&e->keys, typing_queue, e);
  typing_take_in(e);
}

void editor_take_in(struct editor *e)
{
  if (!e->plain && !e->is_gone) typing_take_in(e);
}

void editor_resize(struct editor *e)
{
  if (e->plain || e->state == EDITOR_LENT) return;
  screen_resize(e->screen);
  if (e->menu.is_open) view_draw(e);
}

static void on_resized(struct ev_loop *loop, ev_signal *signal, int events) { editor_resize(signal->data); }

// What the process has computed, in seconds: waiting for a turn on a busy machine is not work.
static double cpu_time(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_sleep(struct ev_loop *loop, ev_prepare *prepare, int events)
{
  struct editor *e = prepare->data;
  if (cpu_time() - e->woken > busy_time) e->busy_until = sys_now();
}

static void on_wake(struct ev_loop *loop, ev_check *check, int events)
{
  struct editor *e = check->data;
  e->woken = cpu_time();
}

static void on_redraw(struct ev_loop *loop, ev_timer *timer, int events)
{
  view_draw(timer->data);
}

// Calls back from the loop, as if the terminal had something to say.
static void wake(struct editor *e)
{
  ev_feed_event(e->config.loop, &e->readable, EV_CUSTOM);
}

static void on_gone(int error, void *user)
{
  struct editor *e = user;
  be_gone(e, error);
  wake(e);
}

static void on_pressure(bool is_high, void *user)
{
  struct editor *e = user;
  e->config.callbacks.on_pressure(is_high, e->config.user);
}

// --- the input

void editor_show_prompt(struct editor *e, const char *prompt)
{
  if (e->plain) {
    plain_show_prompt(e->plain, prompt);
    return;
  }
  buf_clear(&e->prompt);
  buf_puts(&e->prompt, prompt);
  if (e->state == EDITOR_LENT) e->before = EDITOR_PROMPT;
  else e->state = EDITOR_PROMPT;
  view_draw(e);
  ev_idle_start(e->config.loop, &e->turn);
}

void editor_hide(struct editor *e)
{
  if (e->plain) {
    plain_hide(e->plain);
    return;
  }
  typing_calm(e);
  if (e->state == EDITOR_LENT) e->before = EDITOR_HIDDEN;
  else e->state = EDITOR_HIDDEN;
  view_draw(e);
}

bool editor_has_prompt(const struct editor *e)
{
  return e->plain ? plain_has_prompt(e->plain) : e->state == EDITOR_PROMPT;
}

static void redraw_prompt(struct editor *e)
{
  if (e->state == EDITOR_PROMPT) view_draw(e);
}

void editor_set_text(struct editor *e, const char *text, size_t len, size_t cursor)
{
  if (e->plain) return;  // a line discipline takes no text back
  typing_calm(e);
  engine_set_text(e->engine, text, len, cursor);
  redraw_prompt(e);
}

// What was typed before ^C must not run after it. Nobody tells which of the bytes that wait came first: behind a long
// computation they are taken to be older and are dropped, else they came together with ^C and are kept.
static void drop_typed_before(struct editor *e)
{
  char bytes[4096];
  double now = sys_now();
  // A paste whose end was lost would swallow all keys for ever; one that goes on must not become keys.
  if (keys_is_pasting(&e->keys) && now - e->last_read > lost_time) keys_reset(&e->keys);
  if (e->config.remote) return;  // there ^C comes in its place among the keys
  if (now - e->busy_until > stale_time) return;
  for (int i = 0; i < 256 && sys_read(e->fd, bytes, sizeof bytes) > 0; i++) {}
  ev_timer_stop(e->config.loop, &e->escape);
  keys_reset(&e->keys);
  typing_drop_keys(e);
}

bool editor_interrupt(struct editor *e)
{
  if (e->plain) return plain_interrupt(e->plain);
  if (e->state != EDITOR_PROMPT) return false;
  drop_typed_before(e);
  typing_interrupt(e);
  return true;
}

// --- around it

static void set(struct buf *b, const char *text)
{
  buf_clear(b);
  if (text) buf_puts(b, text);
}

void editor_set_vi(struct editor *e, bool is_vi)
{
  if (!e->plain) engine_set_vi(e->engine, is_vi);
}

bool editor_is_vi(const struct editor *e) { return !e->plain && engine_is_vi(e->engine); }

void editor_set_suggestions(struct editor *e, bool are_on) { e->suggests_nothing = !are_on; }

bool editor_has_suggestions(const struct editor *e) { return !e->plain && !e->suggests_nothing; }

void editor_set_status(struct editor *e, const char *text)
{
  if (e->plain) return;
  if (e->status.len == (text ? strlen(text) : 0) && (!text || strcmp(buf_text(&e->status), text) == 0)) return;
  set(&e->status, text);
  view_draw(e);
}

static void remove_live(struct editor *e, u32 at)
{
  buf_fini(&e->live.data[at].text);
  memmove(&e->live.data[at], &e->live.data[at + 1], (e->live.len - at - 1) * sizeof e->live.data[0]);
  e->live.len--;
}

// The row of that number, made where there is none. NULL: no memory.
static struct live_row *live_at(struct editor *e, u32 at, u64 id)
{
  if (at < e->live.len && e->live.data[at].id == id) return &e->live.data[at];
  struct live_row row = {.id = id};
  if (!vec_push(e->config.alloc, &e->live, row)) return NULL;
  memmove(&e->live.data[at + 1], &e->live.data[at], (e->live.len - at - 1) * sizeof row);
  e->live.data[at] = row;
  buf_init(&e->live.data[at].text, e->config.alloc);
  return &e->live.data[at];
}

void editor_live_row(struct editor *e, u64 id, const char *text, size_t len)
{
  if (e->plain) return;
  u32 at = 0;
  while (at < e->live.len && e->live.data[at].id < id) at++;
  if (len == 0) {
    if (at == e->live.len || e->live.data[at].id != id) return;
    remove_live(e, at);
  } else {
    struct live_row *row = live_at(e, at, id);
    if (!row) return;
    buf_clear(&row->text);
    buf_append(&row->text, text, len);
  }
  view_draw_soon(e);
}

// --- output

void editor_print_above(struct editor *e, const char *lines, size_t len)
{
  if (e->plain) {
    plain_print_above(e->plain, lines, len);
    return;
  }
  view_refresh(e);
  screen_print_above(e->screen, lines, len);
}

void editor_pass(struct editor *e, const char *bytes, size_t len)
{
  if (e->plain) {
    plain_pass(e->plain, bytes, len);
    return;
  }
  view_refresh(e);
  screen_pass(e->screen, bytes, len);
}

void editor_end_line(struct editor *e)
{
  if (e->plain) plain_end_line(e->plain);
  else screen_end_line(e->screen);
}

void editor_flush(struct editor *e)
{
  if (e->plain) return;
  if (e->is_stale) view_draw(e);
  screen_flush(e->screen);
}

bool editor_drain(struct editor *e, double seconds)
{
  return e->plain || screen_drain(e->screen, seconds);
}

bool editor_is_pressed(const struct editor *e)
{
  return !e->plain && screen_is_pressed(e->screen);
}

int editor_cols(const struct editor *e)
{
  return e->plain ? 80 : screen_cols(e->screen);
}

int editor_rows(const struct editor *e)
{
  return e->plain ? 24 : screen_rows(e->screen);
}

bool editor_is_plain(const struct editor *e)
{
  return e->plain != NULL;
}

void editor_alarm(struct editor *e, const char *text)
{
  if (e->plain) plain_print_above(e->plain, text, strlen(text));
  else screen_alarm(e->screen, text);
}

void editor_clear_screen(struct editor *e)
{
  if (!e->plain) screen_clear(e->screen);
}

// --- the terminal

static void leave_terminal(struct editor *e)
{
  screen_hide(e->screen);
  screen_control(e->screen, MODES_PASTE_OFF);
  screen_drain(e->screen, e->config.remote ? 0 : 1.0);
  if (e->config.remote) return;
  modes_restore();
  ev_io_stop(e->config.loop, &e->readable);
}

static bool enter_terminal(struct editor *e)
{
  if (!e->config.remote && !modes_edit()) return false;
  screen_control(e->screen, MODES_PASTE_ON);
  if (!e->config.remote) ev_io_start(e->config.loop, &e->readable);
  return true;
}

void editor_suspend(struct editor *e)
{
  if (e->plain) {
    plain_suspend(e->plain);
    return;
  }
  if (e->state == EDITOR_LENT || e->is_gone) return;
  e->before = e->state;
  e->state = EDITOR_LENT;
  leave_terminal(e);
}

void editor_resume(struct editor *e)
{
  if (e->plain) {
    plain_resume(e->plain);
    return;
  }
  if (e->state != EDITOR_LENT) return;
  e->state = e->before;
  if (!enter_terminal(e)) {
    on_gone(errno, e);
    return;
  }
  screen_forget(e->screen);
  view_draw(e);
  if (e->queue.len > 0) wake(e);
}

void editor_stop(struct editor *e)
{
  editor_suspend(e);
  if (e->config.remote) {
    e->config.remote->lend(e->config.remote->user, NULL);
    return;
  }
  kill(getpid(), SIGSTOP);
  editor_resume(e);
}

void editor_redraw(struct editor *e)
{
  if (e->plain || e->state == EDITOR_LENT || e->is_gone) return;
  screen_control(e->screen, MODES_PASTE_ON);
  screen_forget(e->screen);
  view_draw(e);
}

bool editor_is_quoting(const struct editor *e) { return e->is_quoting; }

size_t editor_queued(const struct editor *e) { return e->plain ? 0 : screen_queued(e->screen); }

// --- life

static void init_parts(struct editor *e)
{
  struct alloc *alloc = e->config.alloc;
  keys_init(&e->keys, alloc);
  menu_init(&e->menu, alloc);
  search_setup(&e->search, alloc);
  recall_init(&e->recall, alloc);
  buf_init(&e->prompt, alloc);
  buf_init(&e->status, alloc);
  buf_init(&e->below, alloc);
  buf_init(&e->ghost, alloc);
  e->spans.alloc = alloc;
  ev_io_init(&e->readable, on_readable, e->fd, EV_READ);
  ev_init(&e->escape, on_escape);
  ev_signal_init(&e->resized, on_resized, SIGWINCH);
  ev_init(&e->redraw, on_redraw);
  ev_prepare_init(&e->sleep, on_sleep);
  ev_check_init(&e->wake, on_wake);
  ev_idle_init(&e->turn, on_turn);
  ev_set_priority(&e->turn, EV_MAXPRI);  // whatever else the loop has to do, but for signals
  e->readable.data = e->escape.data = e->turn.data = e->resized.data = e->redraw.data = e;
  e->sleep.data = e->wake.data = e;
}

static ssize_t write_remote(const char *bytes, size_t len, void *user)
{
  const struct remote *remote = ((struct editor *)user)->config.remote;
  return remote->write(remote->user, bytes, len);
}

static void get_remote_size(int *cols, int *rows, void *user)
{
  const struct remote *remote = ((struct editor *)user)->config.remote;
  *cols = remote->cols;
  *rows = remote->rows;
}

// What tells of this process's terminal: its size, and how busy we are, which says how old its keys are.
static void watch_terminal(struct editor *e)
{
  ev_signal_start(e->config.loop, &e->resized);
  ev_prepare_start(e->config.loop, &e->sleep);
  ev_check_start(e->config.loop, &e->wake);
  ev_unref(e->config.loop);  // these two wait for nothing
  ev_unref(e->config.loop);
}

static bool open_terminal(struct editor *e)
{
  enum { REMOTE_HIGH_WATER = 1 << 20 };
  bool is_remote = e->config.remote;
  struct screen_config config = {
      .alloc = e->config.alloc,
      .loop = e->config.loop,
      .fd = e->fd,
      .capabilities = e->config.capabilities,
      .on_pressure = on_pressure,
      .on_gone = on_gone,
      .user = e,
      .high_water = is_remote ? REMOTE_HIGH_WATER : 0,
      .get_size = is_remote ? get_remote_size : NULL,
      .write = is_remote ? write_remote : NULL,
  };
  e->screen = screen_create(&config);
  e->engine = e->screen ? engine_create(e->config.alloc) : NULL;
  if (!e->engine || (!is_remote && !modes_save(e->fd))) return false;
  if (!is_remote) modes_guard();
  if (!enter_terminal(e)) return false;
  if (!is_remote) watch_terminal(e);
  return true;
}

struct editor *editor_create(const struct editor_config *config)
{
  struct editor *e = mem_alloc_zero(config->alloc, sizeof *e);
  if (!e) return NULL;
  e->config = *config;
  if (config->remote) e->fd = config->remote->fd;
  else e->fd = config->capabilities->can_edit ? modes_open_terminal() : -1;
  init_parts(e);
  if (e->fd < 0) e->plain = plain_create(config);
  if (e->plain || (e->fd >= 0 && open_terminal(e))) return e;
  int error = errno;
  editor_destroy(e);
  errno = error;
  return NULL;
}

static void fini_parts(struct editor *e)
{
  typing_drop_keys(e);
  vec_free(e->config.alloc, &e->queue);
  while (e->live.len > 0) remove_live(e, e->live.len - 1);
  vec_free(e->config.alloc, &e->live);
  vec_free(e->config.alloc, &e->live_texts);
  vec_free(e->config.alloc, &e->spans.list);
  buf_fini(&e->ghost);
  buf_fini(&e->below);
  buf_fini(&e->status);
  buf_fini(&e->prompt);
  recall_fini(&e->recall);
  search_fini(&e->search);
  menu_fini(&e->menu);
  keys_fini(&e->keys);
}

void editor_destroy(struct editor *e)
{
  if (!e) return;
  plain_destroy(e->plain);
  if (e->screen && e->state != EDITOR_LENT) leave_terminal(e);
  ev_signal_stop(e->config.loop, &e->resized);
  ev_timer_stop(e->config.loop, &e->escape);
  ev_timer_stop(e->config.loop, &e->redraw);
  if (ev_is_active(&e->wake)) {
    ev_ref(e->config.loop);
    ev_ref(e->config.loop);
  }
  ev_check_stop(e->config.loop, &e->wake);
  ev_prepare_stop(e->config.loop, &e->sleep);
  ev_idle_stop(e->config.loop, &e->turn);
  ev_io_stop(e->config.loop, &e->readable);
  ev_clear_pending(e->config.loop, &e->readable);
  if (!e->config.remote) modes_restore();
  // What failed once may do once more: the terminal is not to be left with modes of ours.
  if (e->error && !e->config.remote) (void)sys_write(e->fd, MODES_RESET, sizeof MODES_RESET - 1);
  engine_destroy(e->engine);
  screen_destroy(e->screen);
  if (e->fd >= 0 && !e->config.remote) sys_close(e->fd);
  fini_parts(e);
  mem_free(e->config.alloc, e, sizeof *e);
}
