#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <vterm.h>

enum { ARGS_MAX = 16, ENV_MAX = 32, ROWS_MAX = 200 };

struct text {
  char *bytes;
  size_t len, size;
};

struct term {
  struct term *next;
  int fd;        // the terminal's end; -1 once the program has hung up
  int ended_fd;  // what it was: closed before the program has ended, it would kill it
  pid_t pid;
  int status;
  bool has_ended;
  bool owns_home;
  bool is_cursor_visible;
  char home[64];
  VTerm *vterm;
  VTermScreen *screen;
  struct text bytes;     // all that was read
  struct text scrolled;  // rows that left the screen at its top, each with its newline
  struct text shown;     // what term_screen and term_all return
  struct text rows[ROWS_MAX];
};

static struct term *open_terms;
static char *extra_env[ENV_MAX];

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// How long a condition may take; slow builds ask for more.
static double patience(void)
{
  const char *text = getenv("LULL_TEST_PATIENCE");
  return text ? atof(text) : 15;
}

static void text_add(struct text *text, const char *bytes, size_t len)
{
  if (text->len + len + 1 > text->size) {
    text->size = 2 * (text->len + len + 1);
    text->bytes = realloc(text->bytes, text->size);
    assert_non_null(text->bytes);
  }
  memcpy(text->bytes + text->len, bytes, len);
  text->len += len;
  text->bytes[text->len] = 0;
}

static void text_add_char(struct text *text, uint32_t c)
{
  char utf8[4];
  size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = len; i-- > 1; c >>= 6) utf8[i] = (char)(0x80 | (c & 0x3f));
  utf8[0] = (char)(lead[len] | c);
  text_add(text, utf8, len);
}

static void text_clear(struct text *text)
{
  text->len = 0;
  text_add(text, "", 0);
}

static void text_add_cells(struct text *text, const VTermScreenCell *cells, int cols)
{
  size_t end = text->len;
  for (int i = 0; i < cols; i++) {
    if (cells[i].chars[0] == (uint32_t)-1) continue;  // the right half of a wide character
    text_add_char(text, cells[i].chars[0] ? cells[i].chars[0] : ' ');
    for (int k = 1; k < VTERM_MAX_CHARS_PER_CELL && cells[i].chars[k]; k++) text_add_char(text, cells[i].chars[k]);
    if (cells[i].chars[0] && cells[i].chars[0] != ' ') end = text->len;
  }
  text->len = end;
  text_add(text, "", 0);
}

// -- The model of the screen

static int on_scrolled(int cols, const VTermScreenCell *cells, void *user)
{
  struct term *t = user;
  text_add_cells(&t->scrolled, cells, cols);
  text_add(&t->scrolled, "\n", 1);
  return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
  struct term *t = user;
  if (property == VTERM_PROP_CURSORVISIBLE) t->is_cursor_visible = value->boolean;
  return 1;
}

static const VTermScreenCallbacks screen_callbacks = {.sb_pushline = on_scrolled, .settermprop = on_property};

static void write_all(struct term *t, const char *bytes, size_t len);

// The answers of the terminal to what the program asks it.
static void answer(struct term *t)
{
  char bytes[256];
  size_t len;
  while ((len = vterm_output_read(t->vterm, bytes, sizeof bytes)) > 0) write_all(t, bytes, len);
}

// Reads what is there, waiting up to [seconds] for the first of it. False: nothing came.
static bool pump(struct term *t, double seconds)
{
  char bytes[4096];
  struct pollfd poller = {.fd = t->fd, .events = POLLIN};
  if (t->fd < 0) return false;
  if (poll(&poller, 1, (int)(seconds * 1000 + 0.999)) <= 0) return false;
  ssize_t got = read(t->fd, bytes, sizeof bytes);
  if (got <= 0) {
    if (got < 0 && errno == EINTR) return false;
    t->ended_fd = t->fd;  // EIO: no one has the program's end open any more
    t->fd = -1;
    return false;
  }
  text_add(&t->bytes, bytes, (size_t)got);
  vterm_input_write(t->vterm, bytes, (size_t)got);
  answer(t);
  return true;
}

static void write_all(struct term *t, const char *bytes, size_t len)
{
  double end = now() + patience();
  while (len > 0 && t->fd >= 0) {
    struct pollfd poller = {.fd = t->fd, .events = POLLIN | POLLOUT};
    if (now() > end) fail_msg("the program does not read its terminal");
    if (poll(&poller, 1, 100) <= 0) continue;
    if (poller.revents & POLLOUT) {
      ssize_t written = write(t->fd, bytes, len < 512 ? len : 512);
      if (written < 0 && errno != EAGAIN && errno != EINTR) return;
      if (written > 0) bytes += written, len -= (size_t)written;
    } else {
      pump(t, 0);  // it may be waiting for us to read before it reads on
    }
  }
}

// -- Starting and ending

void term_set_env(const char *name, const char *value)
{
  size_t len = strlen(name);
  for (int i = 0; i < ENV_MAX; i++) {
    if (extra_env[i] && strncmp(extra_env[i], name, len) == 0 && extra_env[i][len] == '=') {
      free(extra_env[i]);
      extra_env[i] = NULL;
    }
  }
  for (int i = 0; i < ENV_MAX; i++) {
    if (extra_env[i]) continue;
    if (asprintf(&extra_env[i], "%s=%s", name, value ? value : "") < 0) abort();
    if (!value) extra_env[i][len + 1] = 1;  // marks it as taken away
    return;
  }
  fail_msg("too many variables");
}

// In the child: what the program may know of us.
static void set_environment(const struct term *t)
{
  static const char *const kept[] = {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", NULL};
  char *values[8] = {0};
  char history[96];
  for (int i = 0; kept[i]; i++) values[i] = getenv(kept[i]) ? strdup(getenv(kept[i])) : NULL;
  clearenv();
  for (int i = 0; kept[i]; i++) if (values[i]) setenv(kept[i], values[i], 1);
  snprintf(history, sizeof history, "%s/history", t->home);
  setenv("HOME", t->home, 1);
  setenv("TMPDIR", t->home, 1);
  setenv("TERM", "xterm-256color", 1);
  setenv("LC_ALL", "C.UTF-8", 1);
  setenv("LULL_HISTORY", history, 1);
  for (int i = 0; i < ENV_MAX; i++) {
    if (!extra_env[i]) continue;
    char *equals = strchr(extra_env[i], '=');
    *equals = 0;
    if (equals[1] == 1) unsetenv(extra_env[i]);
    else setenv(extra_env[i], equals + 1, 1);
  }
}

static struct term *start(int cols, int rows, const char *home, const char *program, va_list rest)
{
  const char *args[ARGS_MAX] = {program};
  for (int i = 1; i < ARGS_MAX && (args[i] = va_arg(rest, const char *)); i++) {}
  args[ARGS_MAX - 1] = NULL;

  struct term *t = calloc(1, sizeof *t);
  assert_non_null(t);
  assert_true(rows <= ROWS_MAX);
  t->owns_home = !home;
  t->ended_fd = -1;
  t->is_cursor_visible = true;
  snprintf(t->home, sizeof t->home, "%s", home ? home : "/tmp/lull-term-XXXXXX");
  if (!home) assert_non_null(mkdtemp(t->home));
  t->vterm = vterm_new(rows, cols);
  vterm_set_utf8(t->vterm, 1);
  t->screen = vterm_obtain_screen(t->vterm);
  vterm_screen_set_callbacks(t->screen, &screen_callbacks, t);
  vterm_screen_enable_altscreen(t->screen, 1);
  vterm_screen_reset(t->screen, 1);

  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
  t->pid = forkpty(&t->fd, NULL, NULL, &size);
  assert_true(t->pid >= 0);
  if (t->pid == 0) {
    // What nohup, or a shell's &, has ignored.
    signal(SIGHUP, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    set_environment(t);
    if (chdir(t->home) == 0) execvp(program, (char *const *)(uintptr_t)args);
    _exit(127);
  }
  fcntl(t->fd, F_SETFD, FD_CLOEXEC);
  fcntl(t->fd, F_SETFL, O_NONBLOCK);
  t->next = open_terms;
  open_terms = t;
  return t;
}

struct term *term_open(int cols, int rows, const char *program, ...)
{
  va_list rest;
  va_start(rest, program);
  struct term *t = start(cols, rows, NULL, program, rest);
  va_end(rest);
  return t;
}

struct term *term_open_beside(struct term *before, const char *program, ...)
{
  va_list rest;
  int rows, cols;
  vterm_get_size(before->vterm, &rows, &cols);
  va_start(rest, program);
  struct term *t = start(cols, rows, before->home, program, rest);
  va_end(rest);
  return t;
}

const char *term_lull(void)
{
  const char *path = getenv("LULL");
  if (!path) fail_msg("LULL does not name the program under test");
  return path;
}

const char *term_home(const struct term *t) { return t->home; }

static bool has_ended(struct term *t)
{
  if (!t->has_ended && waitpid(t->pid, &t->status, WNOHANG) == t->pid) t->has_ended = true;
  return t->has_ended;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk) { return remove(path); }

int term_close(struct term *t)
{
  for (struct term **at = &open_terms; *at; at = &(*at)->next) {
    if (*at != t) continue;
    *at = t->next;
    break;
  }
  if (t->fd >= 0) close(t->fd);
  if (t->ended_fd >= 0) close(t->ended_fd);
  double end = now() + patience();
  while (!has_ended(t)) {
    if (now() > end) kill(-t->pid, SIGKILL), kill(t->pid, SIGKILL);
    poll(NULL, 0, 1);
  }
  int status = t->status;
  if (t->owns_home) nftw(t->home, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  vterm_free(t->vterm);
  free(t->bytes.bytes);
  free(t->scrolled.bytes);
  free(t->shown.bytes);
  for (int i = 0; i < ROWS_MAX; i++) free(t->rows[i].bytes);
  free(t);
  return status;
}

int term_teardown(void **state)
{
  while (open_terms) term_close(open_terms);
  for (int i = 0; i < ENV_MAX; i++) {
    free(extra_env[i]);
    extra_env[i] = NULL;
  }
  return 0;
}

void assert_exited(int status, int code)
{
  if (WIFSIGNALED(status)) fail_msg("died by signal %d", WTERMSIG(status));
  assert_int_equal(WEXITSTATUS(status), code);
}

// -- Doing

void term_send(struct term *t, const char *text) { write_all(t, text, strlen(text)); }

void term_line(struct term *t, const char *text)
{
  term_send(t, text);
  term_send(t, KEY_ENTER);
}

void term_run(struct term *t, int cell, const char *text)
{
  char prompt[16];
  snprintf(prompt, sizeof prompt, "[%d] >", cell + 1);
  term_line(t, text);
  term_wait_line(t, prompt);
}

void term_leave(struct term *t)
{
  term_send(t, "\004");
  assert_exited(term_wait_exit(t), 0);
}

void term_paste(struct term *t, const char *text)
{
  vterm_keyboard_start_paste(t->vterm);
  answer(t);
  term_send(t, text);
  vterm_keyboard_end_paste(t->vterm);
  answer(t);
}

void term_resize(struct term *t, int cols, int rows)
{
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
  vterm_set_size(t->vterm, rows, cols);
  ioctl(t->fd, TIOCSWINSZ, &size);
}

int term_pid(const struct term *t) { return t->pid; }

void term_signal(struct term *t, int signal) { kill(t->pid, signal); }

// -- Looking

const char *term_row(struct term *t, int n)
{
  int rows, cols;
  vterm_get_size(t->vterm, &rows, &cols);
  assert_in_range(n, 0, rows - 1);
  VTermScreenCell *cells = calloc((size_t)cols, sizeof *cells);
  assert_non_null(cells);
  for (int col = 0; col < cols; col++) vterm_screen_get_cell(t->screen, (VTermPos){n, col}, &cells[col]);
  text_clear(&t->rows[n]);
  text_add_cells(&t->rows[n], cells, cols);
  free(cells);
  return t->rows[n].bytes;
}

const char *term_above(struct term *t) { return term_row(t, term_cursor(t).row - 1); }

static void add_screen(struct term *t)
{
  int rows, cols;
  vterm_get_size(t->vterm, &rows, &cols);
  size_t end = t->shown.len;
  for (int i = 0; i < rows; i++) {
    const char *row = term_row(t, i);
    text_add(&t->shown, row, strlen(row));
    if (*row) end = t->shown.len;
    text_add(&t->shown, "\n", 1);
  }
  t->shown.len = end;
  text_add(&t->shown, "", 0);
}

const char *term_screen(struct term *t)
{
  text_clear(&t->shown);
  add_screen(t);
  return t->shown.bytes;
}

const char *term_all(struct term *t)
{
  text_clear(&t->shown);
  if (t->scrolled.len) text_add(&t->shown, t->scrolled.bytes, t->scrolled.len);
  add_screen(t);
  return t->shown.bytes;
}

int term_count(struct term *t, const char *text)
{
  int count = 0;
  for (const char *at = term_all(t); (at = strstr(at, text)); at += strlen(text)) count++;
  return count;
}

int term_find(struct term *t, const char *text)
{
  int rows, cols;
  vterm_get_size(t->vterm, &rows, &cols);
  for (int i = rows - 1; i >= 0; i--) if (strstr(term_row(t, i), text)) return i;
  return -1;
}

struct term_point term_cursor(struct term *t)
{
  VTermPos pos;
  vterm_state_get_cursorpos(vterm_obtain_state(t->vterm), &pos);
  return (struct term_point){.row = pos.row, .col = pos.col};
}

bool term_cursor_visible(struct term *t) { return t->is_cursor_visible; }

int term_attrs(struct term *t, int row, int col)
{
  VTermScreenCell cell;
  vterm_screen_get_cell(t->screen, (VTermPos){row, col}, &cell);
  return (cell.attrs.bold ? TERM_BOLD : 0) | (cell.attrs.underline ? TERM_UNDERLINE : 0) |
         (cell.attrs.reverse ? TERM_REVERSE : 0) | (cell.attrs.italic ? TERM_ITALIC : 0) |
         (VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) ? 0 : TERM_COLOR);
}

bool term_brackets_pastes(struct term *t)
{
  char bytes[16];
  vterm_keyboard_start_paste(t->vterm);
  return vterm_output_read(t->vterm, bytes, sizeof bytes) > 0;
}

const char *term_bytes(struct term *t, size_t *len)
{
  *len = t->bytes.len;
  return t->bytes.bytes ? t->bytes.bytes : "";
}

// -- Waiting

_Noreturn static void give_up(struct term *t, const char *what)
{
  struct term_point cursor = term_cursor(t);
  fprintf(stderr, "waited for: %s\nprogram: %s, cursor: row %d, column %d\n", what,
          has_ended(t) ? "ended" : "running", cursor.row, cursor.col);
  fprintf(stderr, "---- screen, with what has scrolled away\n%s\n----\n", term_all(t));  // print_error would cut it
  fail_msg("%s", what);
  abort();
}

void term_wait(struct term *t, bool (*holds)(struct term *t, void *user), void *user, const char *what)
{
  double end = now() + patience();
  for (;;) {
    while (pump(t, 0)) {}
    if (holds(t, user)) return;
    if (now() > end) give_up(t, what);
    if (t->fd >= 0) pump(t, 0.05);
    else if (has_ended(t) && !holds(t, user)) give_up(t, what);
    else poll(NULL, 0, 5);
  }
}

struct wanted {
  const char *text;
  int count;
};

static bool is_shown(struct term *t, void *user) { return strstr(term_screen(t), ((struct wanted *)user)->text); }
static bool is_gone(struct term *t, void *user) { return !is_shown(t, user); }
static bool is_line(struct term *t, void *user)
{
  return strcmp(term_row(t, term_cursor(t).row), ((struct wanted *)user)->text) == 0;
}
static bool is_counted(struct term *t, void *user)
{
  struct wanted *wanted = user;
  return term_count(t, wanted->text) >= wanted->count;
}

static void wait_for(struct term *t, bool (*holds)(struct term *t, void *user), const char *verb, const char *text, int count)
{
  char what[512];
  struct wanted wanted = {.text = text, .count = count};
  snprintf(what, sizeof what, "%s \"%s\"%s", verb, text, count > 1 ? " several times" : "");
  term_wait(t, holds, &wanted, what);
}

void term_wait_text(struct term *t, const char *text) { wait_for(t, is_shown, "the text", text, 1); }
void term_wait_gone(struct term *t, const char *text) { wait_for(t, is_gone, "the end of", text, 1); }
void term_wait_line(struct term *t, const char *text) { wait_for(t, is_line, "the cursor's line", text, 1); }
void term_wait_count(struct term *t, const char *text, int count) { wait_for(t, is_counted, "the text", text, count); }

// Whether the program is about to do something, such as reading its keys: on a busy machine it may be long in coming.
static bool is_busy(const struct term *t)
{
  char path[32], stat[512];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)t->pid);
  FILE *file = fopen(path, "r");
  if (!file) return false;  // not to be known here
  size_t len = fread(stat, 1, sizeof stat - 1, file);
  fclose(file);
  stat[len] = '\0';
  const char *end = strrchr(stat, ')');
  return end && end[1] && (end[2] == 'R' || end[2] == 'D');
}

void term_wait_quiet(struct term *t, double seconds)
{
  double end = now() + patience();
  while (pump(t, seconds) || is_busy(t)) if (now() > end) give_up(t, "silence");
}

void term_hold(struct term *t, double seconds, bool (*holds)(struct term *t, void *user), void *user, const char *what)
{
  for (double end = now() + seconds, left; (left = end - now()) > 0;) {
    if (pump(t, left < 0.02 ? left : 0.02)) continue;
    if (!holds(t, user)) give_up(t, what);
    if (t->fd < 0) return;
  }
}

static bool is_over(struct term *t, void *user) { return has_ended(t); }

int term_wait_exit(struct term *t)
{
  term_wait(t, is_over, NULL, "the program's end");
  while (pump(t, 0)) {}
  return t->status;
}
