#include "term/screen.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vterm.h>

#include <cmocka.h>

#include "term/picture.h"

// A screen whose terminal is libvterm's, behind a pipe; and a model of what must stand there: the rows that were
// output, and under them the frame.
struct fixture {
  struct alloc alloc;
  struct ev_loop *loop;
  struct capabilities capabilities;
  struct screen *screen;
  int pipe[2];
  VTerm *vterm;
  VTermScreen *cells;
  int cols, rows;

  char output[4000][128];  // rows above the frame, as wrapped
  int count, scrolled;
  bool is_output_known;  // no resize has cut it
  struct picture picture;
  struct grid grid;
  char tail[256];
  struct point cursor;
  bool has_cursor;
  int pressure;
  int gone;
};

static void get_size(int *cols, int *rows, void *user)
{
  struct fixture *f = user;
  *cols = f->cols;
  *rows = f->rows;
}

static void on_pressure(bool is_high, void *user)
{
  ((struct fixture *)user)->pressure += is_high ? 1 : 100;
}

static void on_gone(int error, void *user)
{
  ((struct fixture *)user)->gone = error;
}

static void start(struct fixture *f, int cols, int rows)
{
  memset(f, 0, sizeof *f);
  alloc_init(&f->alloc, SIZE_MAX);
  f->loop = ev_loop_new(0);
  f->capabilities.stream[1].colors = COLORS_16;
  f->cols = cols;
  f->rows = rows;
  f->is_output_known = true;
  assert_int_equal(pipe(f->pipe), 0);
  fcntl(f->pipe[0], F_SETFL, O_NONBLOCK);
  fcntl(f->pipe[1], F_SETFL, O_NONBLOCK);
  f->screen = screen_create(&(struct screen_config){
      .alloc = &f->alloc,
      .loop = f->loop,
      .fd = f->pipe[1],
      .capabilities = &f->capabilities,
      .get_size = get_size,
      .on_pressure = on_pressure,
      .on_gone = on_gone,
      .user = f,
      .high_water = 100000,
  });
  assert_non_null(f->screen);
  f->vterm = vterm_new(rows, cols);
  vterm_set_utf8(f->vterm, 1);
  f->cells = vterm_obtain_screen(f->vterm);
  vterm_screen_reset(f->cells, 1);
  picture_init(&f->picture, &f->alloc, COLORS_16);
  grid_init(&f->grid, &f->alloc);
}

static void stop(struct fixture *f)
{
  grid_fini(&f->grid);
  picture_fini(&f->picture);
  screen_destroy(f->screen);
  vterm_free(f->vterm);
  if (f->pipe[0] >= 0) close(f->pipe[0]);
  close(f->pipe[1]);
  ev_loop_destroy(f->loop);
  assert_int_equal(f->alloc.used, 0);
}

// What was written reaches the terminal.
static size_t pump(struct fixture *f)
{
  char bytes[8192];
  size_t total = 0;
  for (ssize_t n; (n = read(f->pipe[0], bytes, sizeof bytes)) > 0; total += (size_t)n)
    vterm_input_write(f->vterm, bytes, (size_t)n);
  return total;
}

static void settle(struct fixture *f)
{
  screen_flush(f->screen);
  do ev_run(f->loop, EVRUN_NOWAIT);
  while (pump(f) > 0);
  vterm_screen_flush_damage(f->cells);
}

static void row_text(struct fixture *f, int row, char *out)
{
  size_t len = 0;
  for (int col = 0; col < f->cols; col++) {
    VTermScreenCell cell;
    vterm_screen_get_cell(f->cells, (VTermPos){row, col}, &cell);
    if (cell.chars[0] == (uint32_t)-1) continue;
    if (cell.chars[0] == 0) out[len++] = ' ';
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++) {
      struct buf b;
      buf_init(&b, &f->alloc);
      buf_putu(&b, cell.chars[i]);
      memcpy(out + len, b.data, b.len);
      len += b.len;
      buf_fini(&b);
    }
  }
  while (len > 0 && out[len - 1] == ' ') len--;
  out[len] = 0;
}

static void assert_row(struct fixture *f, int row, const char *expected)
{
  char text[2048];
  row_text(f, row, text);
  assert_string_equal(text, expected);
}

static void assert_cursor(struct fixture *f, int row, int col)
{
  VTermPos at;
  vterm_state_get_cursorpos(vterm_obtain_state(f->vterm), &at);
  assert_int_equal(at.row, row);
  assert_int_equal(at.col, col);
}

static struct text text(const char *s)
{
  return (struct text){s, strlen(s)};
}

static struct frame prompt(const char *input, size_t cursor)
{
  return (struct frame){
      .has_prompt = true,
      .prompt = text("[1] > "),
      .continuation = text("... "),
      .input = text(input),
      .cursor = cursor == SIZE_MAX ? strlen(input) : cursor,
  };
}

static void show(struct fixture *f, const char *input, size_t cursor)
{
  struct frame frame = prompt(input, cursor);
  screen_show(f->screen, &frame);
  settle(f);
}

static void print(struct fixture *f, const char *lines)
{
  screen_print_above(f->screen, lines, strlen(lines));
  settle(f);
}

static void pass(struct fixture *f, const char *bytes)
{
  screen_pass(f->screen, bytes, strlen(bytes));
  settle(f);
}

// --- what one sees

static void test_output_above_half_a_line(void **state)
{
  struct fixture f;
  start(&f, 20, 5);
  show(&f, "half a line", 4);
  print(&f, "one\ntwo\n");
  assert_row(&f, 0, "one");
  assert_row(&f, 1, "two");
  assert_row(&f, 2, "[1] > half a line");
  assert_cursor(&f, 2, 10);
  print(&f, "three\nfour\nfive\n");
  assert_row(&f, 0, "two");
  assert_row(&f, 3, "five");
  assert_row(&f, 4, "[1] > half a line");
  assert_cursor(&f, 4, 10);
  stop(&f);
}

static void test_rows_of_an_input(void **state)
{
  struct fixture f;
  start(&f, 12, 6);
  show(&f, "if x {\n  y\n}", SIZE_MAX);
  assert_row(&f, 0, "[1] > if x {");
  assert_row(&f, 1, "...   y");
  assert_row(&f, 2, "... }");
  assert_cursor(&f, 2, 5);
  show(&f, "123456", SIZE_MAX);  // a full row: the cursor stands on the next
  assert_row(&f, 1, "");
  assert_cursor(&f, 1, 0);
  show(&f, "12345日x", SIZE_MAX);  // a wide character does not fit in one column
  assert_row(&f, 0, "[1] > 12345");
  assert_row(&f, 1, "日x");
  assert_cursor(&f, 1, 3);
  stop(&f);
}

static void test_taller_than_the_terminal(void **state)
{
  struct fixture f;
  start(&f, 20, 4);
  show(&f, "a\nb\nc\nd\ne\nf", SIZE_MAX);
  assert_row(&f, 0, "... c");
  assert_row(&f, 3, "... f");
  show(&f, "a\nb\nc\nd\ne\nf", 0);
  assert_row(&f, 0, "[1] > a");
  assert_cursor(&f, 0, 6);
  struct frame frame = prompt("a\nb\nc\nd\ne\nf", SIZE_MAX);
  screen_commit(f.screen, &frame);
  settle(&f);
  assert_row(&f, 0, "... d");
  assert_row(&f, 2, "... f");
  assert_cursor(&f, 3, 0);
  stop(&f);
}

static void test_foreground_line_is_kept(void **state)
{
  struct fixture f;
  start(&f, 20, 6);
  pass(&f, "Loading");
  assert_cursor(&f, 0, 7);
  print(&f, "[2] tick\n");
  assert_row(&f, 0, "[2] tick");
  assert_row(&f, 1, "Loading");
  struct text status = text("[1] waiting");
  screen_show(f.screen, &(struct frame){.below = &status, .below_count = 1});
  pass(&f, "...");
  assert_row(&f, 1, "Loading...");
  assert_row(&f, 2, "[1] waiting");
  assert_cursor(&f, 1, 10);
  pass(&f, " done\nnext");
  assert_row(&f, 1, "Loading... done");
  assert_row(&f, 2, "next");
  assert_row(&f, 3, "[1] waiting");
  show(&f, "", 0);
  assert_row(&f, 2, "next");
  assert_row(&f, 3, "[1] >");
  stop(&f);
}

static void test_foreground_bytes_pass_as_they_are(void **state)
{
  struct fixture f;
  start(&f, 20, 6);
  struct text status = text("status");
  screen_show(f.screen, &(struct frame){.below = &status, .below_count = 1});
  pass(&f, "\033[3Cx");  // the renderer cannot know where this leads: no frame until the line ends
  assert_row(&f, 0, "   x");
  assert_row(&f, 1, "");
  pass(&f, "y");
  assert_row(&f, 0, "   xy");
  pass(&f, "\nnew");
  assert_row(&f, 1, "new");
  assert_row(&f, 2, "status");
  pass(&f, "\r10%");
  assert_row(&f, 1, "10%");
  stop(&f);
}

static void test_colour_of_the_foreground_lasts(void **state)
{
  struct fixture f;
  start(&f, 20, 6);
  pass(&f, "\033[31mred\n");
  print(&f, "plain\n");
  pass(&f, "still\n");
  VTermScreenCell cell;
  vterm_screen_get_cell(f.cells, (VTermPos){2, 0}, &cell);
  vterm_screen_convert_color_to_rgb(f.cells, &cell.fg);
  int red = cell.fg.rgb.red;
  vterm_screen_get_cell(f.cells, (VTermPos){1, 0}, &cell);
  vterm_screen_convert_color_to_rgb(f.cells, &cell.fg);
  assert_true(red > 100 && cell.fg.rgb.red == cell.fg.rgb.green);
  stop(&f);
}

static void test_live_rows_and_below(void **state)
{
  struct fixture f;
  start(&f, 20, 8);
  struct text live[] = {text("[3] \r[3] 40%"), text("[4] half")}, below[] = {text("status"), text("more")};
  struct frame frame = prompt("x", 1);
  frame.live = live;
  frame.live_count = 2;
  frame.below = below;
  frame.below_count = 2;
  frame.ghost = text("yz");
  screen_show(f.screen, &frame);
  print(&f, "out\n");
  const char *expected[] = {"out", "[3] 40%", "[4] half", "[1] > xyz", "status", "more", "", ""};
  for (int i = 0; i < 8; i++) assert_row(&f, i, expected[i]);
  assert_cursor(&f, 3, 7);
  frame.ghost = text("^C");
  screen_commit(f.screen, &frame);
  settle(&f);
  assert_row(&f, 1, "[1] > x^C");
  assert_row(&f, 2, "[3] 40%");
  assert_row(&f, 3, "[4] half");
  assert_row(&f, 4, "");
  stop(&f);
}

static void test_controls_are_shown(void **state)
{
  struct fixture f;
  start(&f, 60, 4);
  show(&f, "a\033[2Jb\xC2\x9B\xE2\x80\xAE\xFF\x7F", SIZE_MAX);
  assert_row(&f, 0, "[1] > a^[[2Jb<9B><202E>\xEF\xBF\xBD^?");
  stop(&f);
}

static void test_resize(void **state)
{
  struct fixture f;
  start(&f, 30, 6);
  show(&f, "some words that will wrap", SIZE_MAX);
  f.cols = 12;
  vterm_set_size(f.vterm, 6, 12);
  screen_resize(f.screen);
  settle(&f);
  assert_row(&f, 0, "[1] > some w");
  assert_row(&f, 1, "ords that wi");
  assert_row(&f, 2, "ll wrap");
  f.cols = 30;
  vterm_set_size(f.vterm, 6, 30);
  show(&f, "some words that will wrap", SIZE_MAX);  // noticed without being told
  assert_row(&f, 0, "[1] > some words that will wra");
  assert_row(&f, 1, "p");
  stop(&f);
}

static void test_tiny_terminals(void **state)
{
  for (int cols = 1; cols < 4; cols++) {
    for (int rows = 1; rows < 4; rows++) {
      struct fixture f;
      start(&f, cols, rows);
      struct text below = text("status");
      struct frame frame = prompt("日本\nx", 3);
      frame.below = &below;
      frame.below_count = 1;
      screen_show(f.screen, &frame);
      print(&f, "line\n");
      screen_commit(f.screen, &frame);
      settle(&f);
      stop(&f);
    }
  }
}

// --- one write, pressure

static void test_one_write_a_repaint(void **state)
{
  struct fixture f;
  char bytes[4096];
  start(&f, 40, 10);
  show(&f, "abc", 1);
  screen_print_above(f.screen, "x\n", 2);
  screen_flush(f.screen);
  ssize_t n = read(f.pipe[0], bytes, sizeof bytes);  // a pipe keeps the bytes of a write together
  assert_true(n > 0);
  assert_memory_equal(bytes, "\033[?2026h", 8);
  assert_memory_equal(bytes + n - 8, "\033[?2026l", 8);
  assert_int_equal(read(f.pipe[0], bytes, sizeof bytes), -1);
  screen_flush(f.screen);
  show(&f, "abc", 1);
  assert_int_equal(pump(&f), 0);  // nothing has changed: nothing is written
  stop(&f);
}

static void test_terminal_that_does_not_read(void **state)
{
  struct fixture f;
  static char seen[4 << 20];
  char line[64];
  start(&f, 40, 10);
  show(&f, "abc", 1);
  pump(&f);
  for (int i = 0; i < 20000; i++) {
    int n = snprintf(line, sizeof line, "line %d\n", i);
    screen_print_above(f.screen, line, (size_t)n);
    if (i % 100 == 0) show(&f, i % 200 ? "abc" : "abcd", 1);
    if (i % 100 == 0) screen_flush(f.screen);
    if (f.pressure == 0) continue;
    assert_true(screen_is_pressed(f.screen));
    break;
  }
  assert_int_equal(f.pressure, 0);  // settle() reads: nothing was ever held up
  for (int i = 0; i < 20000; i++) {
    int n = snprintf(line, sizeof line, "held %d\n", i);
    screen_print_above(f.screen, line, (size_t)n);
    screen_flush(f.screen);
  }
  assert_int_equal(f.pressure, 1);
  size_t queued = screen_queued(f.screen), len = 0;
  assert_true(queued > 100000 && queued < 1000000);
  for (ssize_t n; screen_queued(f.screen) > 0 || f.pressure == 1;) {
    n = read(f.pipe[0], seen + len, sizeof seen - len);
    if (n > 0) len += (size_t)n;
    ev_run(f.loop, EVRUN_NOWAIT);
  }
  for (ssize_t n; (n = read(f.pipe[0], seen + len, sizeof seen - len)) > 0;) len += (size_t)n;
  assert_int_equal(f.pressure, 101);
  seen[len] = 0;
  const char *at = seen;
  for (int i = 0; i < 20000; i++) {
    snprintf(line, sizeof line, "held %d\r\n", i);
    at = strstr(at, line);
    assert_non_null(at);
  }
  stop(&f);
}

static void test_terminal_that_is_gone(void **state)
{
  struct fixture f;
  start(&f, 40, 10);
  close(f.pipe[0]);
  f.pipe[0] = -1;
  struct frame frame = prompt("x", 1);
  screen_show(f.screen, &frame);
  assert_int_equal(f.gone, EPIPE);
  screen_print_above(f.screen, "x\n", 2);
  assert_int_equal(screen_queued(f.screen), 0);
  assert_false(screen_drain(f.screen, 1));
  screen_set(f.screen, &frame);
  screen_show(f.screen, &frame);
  screen_pass(f.screen, "x", 1);
  screen_end_line(f.screen);
  screen_flush(f.screen);
  screen_hide(f.screen);
  screen_clear(f.screen);
  screen_forget(f.screen);
  screen_control(f.screen, "\033[m");
  screen_commit(f.screen, &frame);
  assert_int_equal(screen_queued(f.screen), 0);
  stop(&f);
}

// A terminal that takes nothing keeps a drain waiting no longer than it was told to.
static void test_drain_gives_up(void **state)
{
  struct fixture f;
  start(&f, 40, 10);
  for (int i = 0; i < 20000; i++) screen_pass(f.screen, "a line that nobody reads\n", 25);
  assert_false(screen_drain(f.screen, 0.01));
  assert_true(screen_queued(f.screen) > 0);
  stop(&f);
}

static void test_lines_of_any_form(void **state)
{
  struct fixture f;
  start(&f, 20, 8);
  show(&f, "x", 1);
  print(&f, "");
  pass(&f, "");
  print(&f, "no newline");
  print(&f, "with\r\nreturns\r\n");
  assert_row(&f, 0, "no newline");
  assert_row(&f, 1, "with");
  assert_row(&f, 2, "returns");
  assert_row(&f, 3, "[1] > x");
  screen_hide(f.screen);
  pass(&f, "open\tline");
  print(&f, "above");
  assert_row(&f, 3, "above");
  assert_row(&f, 4, "open    line");  // stays open
  stop(&f);
}

// --- anything at all: the terminal must always show what the model says

static unsigned seed;

static unsigned roll(unsigned n)
{
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % n;
}

static void output_row(struct fixture *f, const char *row, size_t len)
{
  assert_true(f->count < 4000 && len < sizeof f->output[0]);
  memcpy(f->output[f->count], row, len);
  f->output[f->count++][len] = 0;
}

static void output_line(struct fixture *f, const char *line, size_t len)
{
  do {
    int used;
    size_t fits = cluster_fit(line, len, f->cols, &used);
    output_row(f, line, fits);
    line += fits;
    len -= fits;
  } while (len > 0);
}

static void output_lines(struct fixture *f, const char *lines)
{
  for (const char *nl; (nl = strchr(lines, '\n')); lines = nl + 1) output_line(f, lines, (size_t)(nl - lines));
}

static void model_lay_out(struct fixture *f)
{
  struct picture_view view = {.cols = f->cols, .rows = f->rows, .tail = text(f->tail)};
  grid_clear(&f->grid);
  picture_lay_out(&f->picture, &view, &f->grid, &f->cursor);
  int height = f->grid.rows.len > 0 ? (int)f->grid.rows.len : 1;
  if (f->count - f->scrolled + height > f->rows) f->scrolled = f->count + height - f->rows;
}

static void grid_text(const struct grid *g, u32 r, char *out)
{
  size_t len = 0;
  const struct row *row = &g->rows.data[r];
  for (u32 i = 0; i < row->count; i++) {
    const struct cell *c = &g->cells.data[row->first + i];
    memcpy(out + len, c->text, c->len);
    len += c->len;
  }
  while (len > 0 && out[len - 1] == ' ') len--;
  out[len] = 0;
}

static void expected_row(struct fixture *f, int r, char *out)
{
  int top = f->count - f->scrolled;
  *out = 0;
  if (r < top) strcpy(out, f->output[f->scrolled + r]);
  else if (r - top < (int)f->grid.rows.len) grid_text(&f->grid, (u32)(r - top), out);
  for (size_t n = strlen(out); n > 0 && out[n - 1] == ' ';) out[--n] = 0;
}

static void fail_with_screens(struct fixture *f, int row)
{
  char is[2048], should[2048];
  print_message("row %d of %dx%d differs (seed %u):\n", row, f->cols, f->rows, seed);
  for (int r = 0; r < f->rows; r++) {
    row_text(f, r, is);
    expected_row(f, r, should);
    print_message("%c |%s|%s|\n", strcmp(is, should) ? '!' : ' ', is, should);
  }
  fail();
}

static void check(struct fixture *f)
{
  settle(f);
  model_lay_out(f);
  int top = f->count - f->scrolled;
  for (int r = f->is_output_known ? 0 : top; r < f->rows; r++) {
    char is[2048], should[2048];
    row_text(f, r, is);
    expected_row(f, r, should);
    if (strcmp(is, should)) fail_with_screens(f, r);
  }
  assert_cursor(f, top + (int)f->cursor.row, f->cursor.col);
}

static const char *const pieces[] = {
    "a", "b", "xy", " ", "  ", "word", "日", "本語", "é", "e\xCC\x81", "🙂", "\t", "1", "{", "}", "ﬀ", "Ω", "한", "\xCC\x81", "0123456789",
};

static void random_text(char *out, unsigned count, bool has_newlines, bool has_tabs)
{
  *out = 0;
  for (unsigned i = 0; i < count; i++) {
    const char *piece = has_newlines && roll(6) == 0 ? "\n" : pieces[roll(COUNT_OF(pieces))];
    if ((!has_tabs && *piece == '\t') || *piece == '\xCC') piece = "m";
    strcat(out, piece);
  }
}

static size_t random_cursor(const char *input)
{
  size_t at = roll((unsigned)strlen(input) + 1);
  while (at > 0 && ((u8)input[at] & 0xC0) == 0x80) at--;
  return at;
}

static void random_frame(struct fixture *f, bool does_commit)
{
  char input[1024], live[2][256], below[2][256];
  struct text lives[2], belows[2];
  random_text(input, roll(30), true, true);
  for (int i = 0; i < 2; i++) {
    random_text(live[i], 1 + roll(12), false, true);
    random_text(below[i], 1 + roll(8), false, true);
    lives[i] = text(live[i]);
    belows[i] = text(below[i]);
  }
  struct span spans[2] = {{roll(20), roll(40), STYLE_NUMBER}, {roll(20), roll(40), STYLE_KEYWORD}};
  struct frame frame = prompt(input, roll(3) ? SIZE_MAX : random_cursor(input));
  frame.has_prompt = does_commit || f->tail[0] == 0;
  frame.live = lives;
  frame.live_count = roll(3);
  frame.below = belows;
  frame.below_count = roll(3);
  frame.spans = spans;
  frame.span_count = roll(3);
  frame.ghost = text(roll(3) ? "" : "ghost");
  if (!does_commit) {
    screen_show(f->screen, &frame);
    picture_set(&f->picture, &frame);
    return;
  }
  screen_commit(f->screen, &frame);
  struct frame whole = frame;
  whole.live_count = whole.below_count = 0;
  picture_set(&f->picture, &whole);
  grid_clear(&f->grid);
  struct picture_view view = {.cols = f->cols, .rows = f->rows, .is_whole = true};
  picture_lay_out(&f->picture, &view, &f->grid, &f->cursor);
  for (u32 r = 0; r < f->grid.rows.len; r++) {
    char row[512];
    grid_text(&f->grid, r, row);
    output_row(f, row, strlen(row));
  }
  picture_set(&f->picture, &(struct frame){.live = frame.live, .live_count = frame.live_count});
}

static void random_lines(struct fixture *f)
{
  char lines[1024] = "";
  for (unsigned i = 1 + roll(4); i > 0; i--) {
    random_text(lines + strlen(lines), roll(10), false, false);
    strcat(lines, "\n");
  }
  screen_print_above(f->screen, lines, strlen(lines));
  output_lines(f, lines);
}

static void random_pass(struct fixture *f)
{
  char bytes[256], all[512];
  random_text(bytes, 1 + roll(4), true, false);
  if (strlen(f->tail) > 60) strcpy(bytes, "\n");
  snprintf(all, sizeof all, "%s%s", f->tail, bytes);
  picture_set(&f->picture, &(struct frame){.has_prompt = false});
  screen_show(f->screen, &(struct frame){.has_prompt = false});
  screen_pass(f->screen, bytes, strlen(bytes));
  output_lines(f, all);
  char *nl = strrchr(all, '\n');
  strcpy(f->tail, nl ? nl + 1 : all);
}

static void random_step(struct fixture *f)
{
  switch (roll(10)) {
  case 0: case 1: case 2: case 3: random_frame(f, false); break;
  case 4: case 5: case 6: random_lines(f); break;
  case 7: random_pass(f); break;
  case 8:
    if (f->tail[0] == 0) random_frame(f, true);
    break;
  default:
    if (f->tail[0] || roll(4)) break;
    screen_clear(f->screen);
    f->scrolled = f->count;
  }
}

static void test_random(void **state)
{
  for (unsigned run = 0; run < 60; run++) {
    struct fixture *f = calloc(1, sizeof *f);
    seed = run + 1;
    start(f, 12 + (int)roll(40), 3 + (int)roll(20));
    for (int i = 0; i < 150; i++) {
      random_step(f);
      check(f);
    }
    stop(f);
    free(f);
  }
}

// With changes of width in between only the frame can be told: this terminal cuts the rows that are there.
static void test_random_widths(void **state)
{
  for (unsigned run = 0; run < 30; run++) {
    struct fixture *f = calloc(1, sizeof *f);
    seed = run + 1000;
    start(f, 20 + (int)roll(40), 12);
    f->is_output_known = false;
    for (int i = 0; i < 100; i++) {
      if (roll(3) == 0 && f->tail[0] == 0) {
        f->cols = 8 + (int)roll(60);
        vterm_set_size(f->vterm, f->rows, f->cols);
        if (roll(2)) screen_resize(f->screen);
        else random_frame(f, false);  // no signal yet: the next repaint notices
        check(f);
      }
      random_step(f);
      check(f);
    }
    stop(f);
    free(f);
  }
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_output_above_half_a_line),
      cmocka_unit_test(test_rows_of_an_input),
      cmocka_unit_test(test_taller_than_the_terminal),
      cmocka_unit_test(test_foreground_line_is_kept),
      cmocka_unit_test(test_foreground_bytes_pass_as_they_are),
      cmocka_unit_test(test_colour_of_the_foreground_lasts),
      cmocka_unit_test(test_live_rows_and_below),
      cmocka_unit_test(test_controls_are_shown),
      cmocka_unit_test(test_resize),
      cmocka_unit_test(test_tiny_terminals),
      cmocka_unit_test(test_one_write_a_repaint),
      cmocka_unit_test(test_terminal_that_does_not_read),
      cmocka_unit_test(test_terminal_that_is_gone),
      cmocka_unit_test(test_drain_gives_up),
      cmocka_unit_test(test_lines_of_any_form),
      cmocka_unit_test(test_random),
      cmocka_unit_test(test_random_widths),
  };
  signal(SIGPIPE, SIG_IGN);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
