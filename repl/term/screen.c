#include "term/screen.h"

#include <errno.h>
#include <ev.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/sys.h"
#include "term/picture.h"

enum {
  HIGH_WATER = 4 << 20,
  TAIL_MAX = 4096,   // a longer unfinished line is written as it is, and the frame waits for its end
  TAIL_TRIM = 1024,  // beyond this, what a carriage return overwrites is forgotten
  PASS_BURST = 64,   // writes of the foreground that go out at once before they are coalesced
};

static const double repaint_interval = 1.0 / 30;

// What leaves: bytes are appended to [above] (output, in order of arrival) and composed into [out] with the frame.
// [out] is what write() gets and never
// holds half a repaint. Nothing is composed while [out] waits for the terminal, except by screen_commit and
// screen_hide, whose bytes cannot be skipped.
struct screen {
  struct screen_config config;
  struct buf out;
  size_t out_at;  // written so far
  struct buf above;
  struct buf tail;  // the foreground's unfinished line; empty while is_open
  bool is_open;     // an unfinished line has been written raw: the cursor is anywhere, no frame stands
  struct attr pass_look;  // SGR state of the foreground's bytes
  struct attr tail_look;  // as it was where the tail begins

  struct picture picture;
  struct grid shown, next;
  struct point cursor;
  bool is_cursor_hidden;
  bool is_dirty;  // the picture has changed since it was composed
  bool is_gone, is_high;
  u32 reach;  // rows that exist on the terminal from the frame's top
  int cols, rows;

  ev_io writable;
  ev_timer later;
  double last_above;  // when output was last composed
  double pass_tokens, pass_refilled;
};

static void compose(struct screen *s);

static void ask_size(struct screen *s, int *cols, int *rows)
{
  struct winsize size = {0};
  if (s->config.get_size) {
    s->config.get_size(cols, rows, s->config.user);
    return;
  }
  if (ioctl(s->config.fd, TIOCGWINSZ, &size) < 0) size = (struct winsize){0};
  *cols = size.ws_col ? size.ws_col : 80;
  *rows = size.ws_row ? size.ws_row : 24;
}

// --- the way out

static void be_gone(struct screen *s, int error)
{
  s->is_gone = true;
  ev_io_stop(s->config.loop, &s->writable);
  ev_timer_stop(s->config.loop, &s->later);
  buf_clear(&s->out);
  buf_clear(&s->above);
  s->out_at = 0;
  if (s->config.on_gone) s->config.on_gone(error, s->config.user);
}

size_t screen_queued(const struct screen *s)
{
  return s->out.len - s->out_at + s->above.len;
}

static void check_pressure(struct screen *s)
{
  size_t queued = screen_queued(s);
  bool is_high = queued > (s->is_high ? s->config.high_water / 2 : s->config.high_water);
  if (is_high == s->is_high) return;
  s->is_high = is_high;
  if (s->config.on_pressure) s->config.on_pressure(is_high, s->config.user);
}

static ssize_t write_some(struct screen *s, const char *bytes, size_t len)
{
  return s->config.write ? s->config.write(bytes, len, s->config.user) : sys_write(s->config.fd, bytes, len);
}

static void write_out(struct screen *s)
{
  while (!s->is_gone && s->out_at < s->out.len) {
    ssize_t n = write_some(s, s->out.data + s->out_at, s->out.len - s->out_at);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      ev_io_start(s->config.loop, &s->writable);
      return;
    }
    if (n < 0) {
      be_gone(s, errno);
      return;
    }
    s->out_at += (size_t)n;
  }
  ev_io_stop(s->config.loop, &s->writable);
  buf_clear(&s->out);
  s->out_at = 0;
}

static bool is_blocked(const struct screen *s)
{
  return s->out_at < s->out.len;
}

static void compose_and_write(struct screen *s)
{
  if (s->is_gone) return;
  if (!is_blocked(s)) {
    compose(s);
    write_out(s);
  }
  check_pressure(s);
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
  struct screen *s = io->data;
  write_out(s);
  compose_and_write(s);
}

static void on_later(struct ev_loop *loop, ev_timer *timer, int events)
{
  compose_and_write(timer->data);
}

// --- composing

static struct painter painter_at_frame(struct screen *s)
{
  return (struct painter){.out = &s->out, .at = s->cursor, .rows = s->reach, .cols = s->cols};
}

static void forget_shown(struct screen *s)
{
  grid_clear(&s->shown);
  s->cursor = (struct point){0, 0};
  s->reach = 1;
}

// Where the frame's top lies above the cursor after the terminal has changed its width: terminals that reflow have
// wrapped the rows.
static u32 rows_above_cursor(const struct screen *s, int cols)
{
  if (!s->config.capabilities->reflows || cols >= s->cols) return s->cursor.row;
  u32 up = (u32)s->cursor.col / (u32)cols;
  for (u32 r = 0; r < s->cursor.row && r < s->shown.rows.len; r++) {
    u32 width = s->shown.rows.data[r].cols;
    up += width > 0 ? (width + (u32)cols - 1) / (u32)cols : 1;
  }
  return up;
}

static void erase_rows(struct screen *s, u32 up)
{
  buf_putc(&s->out, '\r');
  if (up > 0) buf_printf(&s->out, "\033[%uA", up);
  paint_erase(&s->out);
  forget_shown(s);
}

static void erase_frame(struct screen *s)
{
  if (s->shown.rows.len > 0) erase_rows(s, s->cursor.row);
}

static void follow_size(struct screen *s)
{
  int cols, rows;
  ask_size(s, &cols, &rows);
  if (cols < 1) cols = 1;
  if (rows < 1) rows = 1;
  if (cols == s->cols && rows == s->rows) return;
  if (s->shown.rows.len > 0) {
    u32 up = rows_above_cursor(s, cols);
    erase_rows(s, up < (u32)rows ? up : (u32)rows - 1);
  }
  s->cols = cols;
  s->rows = rows;
  s->is_dirty = true;
}

// Output lines go out with a carriage return before each newline, whatever the terminal's own modes are.
static void put_lines(struct screen *s)
{
  const char *at = s->above.data, *end = at + s->above.len;
  for (const char *nl; at < end && (nl = memchr(at, '\n', (size_t)(end - at))); at = nl + 1) {
    bool has_cr = nl > at && nl[-1] == '\r';
    buf_append(&s->out, at, (size_t)(nl - at));
    buf_puts(&s->out, has_cr ? "\n" : "\r\n");
  }
  buf_append(&s->out, at, (size_t)(end - at));
  buf_clear(&s->above);
}

static void lay_out(struct screen *s, bool is_whole, struct point *cursor, bool *is_seen)
{
  struct picture_view view = {s->cols, s->rows, {s->tail.data, s->tail.len}, s->tail_look, is_whole};
  grid_clear(&s->next);
  *cursor = (struct point){0, 0};
  *is_seen = picture_lay_out(&s->picture, &view, &s->next, cursor);
}

static void show_cursor(struct screen *s, bool is_seen)
{
  if (is_seen) buf_puts(&s->out, "\033[?25h");
  s->is_cursor_hidden = !is_seen;
}

// Turns the rows on the terminal into s->next and puts the cursor there.
static void paint(struct screen *s, struct point cursor)
{
  struct painter p = painter_at_frame(s);
  buf_puts(&s->out, "\033[?7l");
  if (s->shown.rows.len == 0) paint_all(&p, &s->next);
  else paint_changes(&p, &s->shown, &s->next);
  paint_move(&p, cursor);
  buf_puts(&s->out, "\033[?7h");
  struct grid was = s->shown;
  s->shown = s->next;
  s->next = was;
  s->cursor = cursor;
  s->reach = s->shown.rows.len > 0 ? p.rows : 1;
}

static bool is_equal(const void *a, const void *b, size_t size)
{
  return size == 0 || memcmp(a, b, size) == 0;
}

static bool is_same(const struct screen *s, struct point cursor)
{
  const struct grid *a = &s->shown, *b = &s->next;
  return cursor.row == s->cursor.row && cursor.col == s->cursor.col && a->rows.len == b->rows.len &&
         a->cells.len == b->cells.len && is_equal(a->rows.data, b->rows.data, a->rows.len * sizeof *a->rows.data) &&
         is_equal(a->cells.data, b->cells.data, a->cells.len * sizeof *a->cells.data);
}

static void begin_update(struct screen *s)
{
  buf_puts(&s->out, "\033[?2026h\033[?25l");
}

static void end_update(struct screen *s, bool is_seen)
{
  show_cursor(s, is_seen);
  buf_puts(&s->out, "\033[?2026l");
}

static void compose(struct screen *s)
{
  ev_timer_stop(s->config.loop, &s->later);
  size_t start = s->out.len;
  struct point cursor;
  bool is_seen;
  begin_update(s);
  size_t begun = s->out.len;
  follow_size(s);
  lay_out(s, false, &cursor, &is_seen);
  if (s->is_open) {
    grid_clear(&s->next);
    is_seen = true;
  }
  s->is_dirty = false;
  if (s->above.len > 0) {
    if (s->shown.rows.len == 0 && s->next.rows.len == 0 && !s->is_cursor_hidden) {
      buf_truncate(&s->out, start);
      put_lines(s);
      return;
    }
    erase_frame(s);
    put_lines(s);
  }
  if (s->is_open) erase_frame(s);
  else if (!is_same(s, cursor) || s->is_cursor_hidden == is_seen) paint(s, cursor);
  if (s->out.len == begun) buf_truncate(&s->out, start);
  else end_update(s, is_seen);
}

// --- output

static void compose_output(struct screen *s)
{
  s->last_above = sys_now();
  compose_and_write(s);
}

static void compose_by(struct screen *s, double due)
{
  double wait = due - sys_now();
  if (wait <= 0) {
    compose_output(s);
  } else if (!ev_is_active(&s->later)) {
    ev_now_update(s->config.loop);
    ev_timer_set(&s->later, wait, 0.);
    ev_timer_start(s->config.loop, &s->later);
  }
  check_pressure(s);
}

// Where output goes. What was lost before, for want of memory, is its owner's to tell: this must be shown.
static struct buf *above(struct screen *s)
{
  s->above.failed = false;
  return &s->above;
}

static void end_raw_line(struct screen *s)
{
  if (s->is_open) buf_putc(above(s), '\n');
  s->is_open = false;
}

void screen_print_above(struct screen *s, const char *lines, size_t len)
{
  if (len == 0 || s->is_gone) return;
  end_raw_line(s);
  buf_append(above(s), lines, len);
  if (memchr(lines, '\033', len)) buf_puts(above(s), "\033[0m");
  if (lines[len - 1] != '\n') buf_putc(above(s), '\n');
  compose_by(s, s->last_above + repaint_interval);
}

// Whether the renderer can show these bytes as well as the terminal would.
static bool is_simple(const char *text, size_t len)
{
  const char *end = text + len;
  for (const char *p = text; p < end;) {
    size_t n = 1;
    if (*p == '\033') {
      n = sgr_sequence(p, end);
      if (n == 0) return end - p < 32;  // cut short: the rest is to come
      if (!sgr_is(p, n)) return false;
    } else if ((u8)*p < 0x20 && *p != '\t' && *p != '\r') {
      return false;
    }
    p += n;
  }
  return true;
}

static void put_passed(struct screen *s, const char *bytes, size_t len)
{
  struct attr plain = {0};
  sgr_put(above(s), plain, s->pass_look);
  buf_append(above(s), bytes, len);
  sgr_scan(&s->pass_look, bytes, len);
  if (!attr_is_plain(s->pass_look)) buf_puts(above(s), "\033[0m");
}

static void trim_tail(struct screen *s)
{
  if (s->tail.len <= TAIL_TRIM) return;
  struct text last = picture_last_line((struct text){s->tail.data, s->tail.len});
  size_t before = (size_t)(last.bytes - s->tail.data);
  sgr_scan(&s->tail_look, s->tail.data, before);
  s->pass_look = s->tail_look;
  buf_consume(&s->tail, before);
}

static void pass_unfinished(struct screen *s, const char *bytes, size_t len)
{
  if (s->is_open) {
    put_passed(s, bytes, len);
    return;
  }
  if (s->tail.len == 0) s->tail_look = s->pass_look;
  s->tail.failed = false;  // as with above
  buf_append(&s->tail, bytes, len);
  trim_tail(s);
  if (s->tail.len <= TAIL_MAX && is_simple(s->tail.data, s->tail.len)) return;
  s->is_open = true;
  put_passed(s, s->tail.data, s->tail.len);
  buf_clear(&s->tail);
}

static bool take_token(struct screen *s)
{
  double now = sys_now();
  s->pass_tokens += (now - s->pass_refilled) * PASS_BURST;
  if (s->pass_tokens > PASS_BURST) s->pass_tokens = PASS_BURST;
  s->pass_refilled = now;
  if (s->pass_tokens < 1) return false;
  s->pass_tokens -= 1;
  return true;
}

void screen_pass(struct screen *s, const char *bytes, size_t len)
{
  if (len == 0 || s->is_gone) return;
  size_t lines = len;
  while (lines > 0 && bytes[lines - 1] != '\n') lines--;
  if (lines > 0) {
    if (s->tail.len > 0) {
      put_passed(s, s->tail.data, s->tail.len);
      buf_clear(&s->tail);
    }
    put_passed(s, bytes, lines);
    s->is_open = false;
  }
  if (lines < len) pass_unfinished(s, bytes + lines, len - lines);
  s->is_dirty = true;
  compose_by(s, take_token(s) ? 0 : s->last_above + repaint_interval / 2);
}

static void end_tail(struct screen *s)
{
  end_raw_line(s);
  if (s->tail.len > 0) {
    put_passed(s, s->tail.data, s->tail.len);
    buf_putc(above(s), '\n');
    buf_clear(&s->tail);
  }
  s->pass_look = (struct attr){0};
}

void screen_end_line(struct screen *s)
{
  if (s->is_gone) return;
  end_tail(s);
  compose_and_write(s);
}

// --- the frame

void screen_set(struct screen *s, const struct frame *frame)
{
  if (s->is_gone) return;
  picture_set(&s->picture, frame);
  if (frame->has_prompt) end_tail(s);
  s->is_dirty = true;
}

void screen_show(struct screen *s, const struct frame *frame)
{
  screen_set(s, frame);
  compose_and_write(s);
}

void screen_commit(struct screen *s, const struct frame *frame)
{
  if (s->is_gone) return;
  struct point cursor;
  bool is_seen;
  struct frame last = *frame;
  last.live = last.below = NULL;
  last.live_count = last.below_count = 0;
  end_tail(s);
  picture_set(&s->picture, &last);
  begin_update(s);
  follow_size(s);
  lay_out(s, true, &cursor, &is_seen);
  if (s->above.len > 0 || s->next.rows.len > (u32)s->rows) erase_frame(s);
  put_lines(s);
  if (s->next.rows.len > 0) cursor = (struct point){s->next.rows.len - 1, 0};
  paint(s, cursor);
  if (s->shown.rows.len > 0) buf_puts(&s->out, "\r\n");
  forget_shown(s);
  struct frame rest = {.live = frame->live, .live_count = frame->live_count};
  picture_set(&s->picture, &rest);
  lay_out(s, false, &cursor, &is_seen);
  paint(s, cursor);
  end_update(s, is_seen);
  write_out(s);
}

void screen_hide(struct screen *s)
{
  if (s->is_gone) return;
  end_tail(s);
  picture_set(&s->picture, &(struct frame){.has_prompt = false});
  compose(s);
  write_out(s);
}

void screen_flush(struct screen *s)
{
  if (s->is_dirty || s->above.len > 0) compose_output(s);
}

bool screen_drain(struct screen *s, double seconds)
{
  double end = sys_now() + seconds;
  compose_and_write(s);
  while (!s->is_gone && screen_queued(s) > 0) {
    double left = end - sys_now();
    if (left <= 0) return false;
    struct pollfd fd = {.fd = s->config.fd, .events = POLLOUT};
    poll(&fd, 1, (int)(left * 1000) + 1);
    write_out(s);
    compose_and_write(s);
  }
  return !s->is_gone;
}

void screen_resize(struct screen *s)
{
  compose_and_write(s);
}

void screen_clear(struct screen *s)
{
  if (s->is_gone) return;
  compose(s);
  buf_puts(&s->out, "\033[H\033[2J");
  forget_shown(s);
  compose(s);
  write_out(s);
}

void screen_forget(struct screen *s)
{
  if (s->is_gone) return;
  forget_shown(s);
  s->is_open = false;
  ask_size(s, &s->cols, &s->rows);
  // A row of blanks wraps unless the cursor was in the first column; either way it ends in an empty row.
  buf_printf(&s->out, "\033[0m%*s\r\033[K", s->cols, "");
  write_out(s);  // else the frame would wait for it
  compose_and_write(s);
}

void screen_control(struct screen *s, const char *bytes)
{
  if (s->is_gone) return;
  buf_puts(&s->out, bytes);
  write_out(s);
}

void screen_alarm(struct screen *s, const char *text)
{
  static const char before[] = "\033[?2026l\033[?25h\033[0m\r\n";
  if (s->is_gone) return;
  write_out(s);
  if (is_blocked(s)) return;  // the terminal does not read
  (void)write_some(s, before, sizeof before - 1);
  (void)write_some(s, text, strlen(text));
  forget_shown(s);
  s->is_dirty = true;
}

int screen_cols(const struct screen *s)
{
  return s->cols;
}

int screen_rows(const struct screen *s)
{
  return s->rows;
}

bool screen_is_pressed(const struct screen *s)
{
  return s->is_high;
}

// --- life

struct screen *screen_create(const struct screen_config *config)
{
  struct screen *s = mem_alloc_zero(config->alloc, sizeof *s);
  if (!s) return NULL;
  s->config = *config;
  if (s->config.high_water == 0) s->config.high_water = HIGH_WATER;
  buf_init(&s->out, config->alloc);
  buf_init(&s->above, config->alloc);
  buf_init(&s->tail, config->alloc);
  picture_init(&s->picture, config->alloc, config->capabilities->stream[1].colors);
  grid_init(&s->shown, config->alloc);
  grid_init(&s->next, config->alloc);
  s->reach = 1;
  s->pass_tokens = PASS_BURST;
  ask_size(s, &s->cols, &s->rows);
  ev_io_init(&s->writable, on_writable, config->fd, EV_WRITE);
  ev_init(&s->later, on_later);
  s->writable.data = s->later.data = s;
  return s;
}

void screen_destroy(struct screen *s)
{
  if (!s) return;
  struct alloc *alloc = s->config.alloc;
  ev_io_stop(s->config.loop, &s->writable);
  ev_timer_stop(s->config.loop, &s->later);
  grid_fini(&s->next);
  grid_fini(&s->shown);
  picture_fini(&s->picture);
  buf_fini(&s->tail);
  buf_fini(&s->above);
  buf_fini(&s->out);
  mem_free(alloc, s, sizeof *s);
}
