#include "session/router.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Everything the router gives away, as one text: "pass(..)", "above(..)", "live3(..)", "plain1(..)".
struct fixture {
  struct alloc alloc;
  struct buf log;
  struct router *router;
};

static void on_pass(const char *bytes, size_t len, void *user) { buf_printf(user, "pass(%.*s)", (int)len, bytes); }

static void on_above(const char *bytes, size_t len, void *user) { buf_printf(user, "above(%.*s)", (int)len, bytes); }

static void on_live(u64 cell, const char *bytes, size_t len, void *user)
{
  buf_printf(user, "live%d(%.*s)", (int)cell, (int)len, bytes);
}

static void on_plain(int stream, const char *bytes, size_t len, void *user)
{
  buf_printf(user, "plain%d(", stream);
  buf_append(user, bytes, len);
  buf_puts(user, ")");
}

static void start(struct fixture *f, enum color_depth colors, bool is_terminal, size_t kept)
{
  alloc_init(&f->alloc, SIZE_MAX);
  buf_init(&f->log, &f->alloc);
  f->router = router_create(&(struct router_config){
      .alloc = &f->alloc,
      .sink = { .pass = on_pass, .above = on_above, .live = on_live, .plain = on_plain, .user = &f->log },
      .colors = colors,
      .shows = { false, is_terminal, is_terminal },
      .keep = kept,
  });
  assert_non_null(f->router);
}

static int setup(void **state)
{
  static struct fixture f;
  start(&f, COLORS_NONE, true, 0);
  *state = &f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  router_destroy(f->router);
  buf_fini(&f->log);
  alloc_fini(&f->alloc);
  return 0;
}

static void put(struct fixture *f, u64 cell, const char *text, double now)
{
  router_write(f->router, cell, 1, text, strlen(text), now);
}

// Asserts what was given away since the last look.
static void gave(struct fixture *f, const char *expected)
{
  assert_string_equal(buf_text(&f->log), expected);
  buf_clear(&f->log);
}

static void the_foreground_passes_as_it_is(void **state)
{
  struct fixture *f = *state;
  router_set_foreground(f->router, 2, 0);
  put(f, 2, "a\033[2Jb", 0);
  gave(f, "pass(a\033[2Jb)");
  put(f, 2, "\n\n", 0);
  gave(f, "pass(\n\n)");
}

static void the_background_comes_in_labelled_lines(void **state)
{
  struct fixture *f = *state;
  router_set_foreground(f->router, 2, 0);
  put(f, 1, "one\ntwo\n\n", 0);
  gave(f, "above([1] one\n[1] two\n[1] \n)");
}

static void lines_of_cells_do_not_mix(void **state)
{
  struct fixture *f = *state;
  put(f, 1, "on", 0);
  put(f, 2, "tw", 0);
  gave(f, "");
  put(f, 1, "e\nx", 0.01);
  put(f, 2, "o\n", 0.01);
  gave(f, "above([1] one\n)above([2] two\n)");
}

static void an_unfinished_line_lives_and_is_completed(void **state)
{
  struct fixture *f = *state;
  put(f, 3, "load", 1);
  assert_true(fabs(router_due(f->router) - 1.1) < 1e-9);
  router_tick(f->router, 1.05);
  gave(f, "");
  router_tick(f->router, 1.1);
  gave(f, "live3([3] load)");
  assert_true(isinf(router_due(f->router)));
  put(f, 3, "ing", 1.2);
  gave(f, "");
  router_tick(f->router, router_due(f->router));
  gave(f, "live3([3] loading)");
  put(f, 3, "!\n", 1.3);
  gave(f, "live3()above([3] loading!\n)");
  assert_true(isinf(router_due(f->router)));
}

static void a_line_can_be_finished_from_outside(void **state)
{
  struct fixture *f = *state;
  put(f, 2, "a\nlast", 0);
  put(f, 5, "word", 0);
  router_tick(f->router, 1);
  gave(f, "above([2] a\n)live2([2] last)live5([5] word)");
  assert_int_equal(router_unfinished(f->router, ROUTER_NONE), 2);
  assert_int_equal(router_unfinished(f->router, 2), 5);
  assert_true(router_unfinished(f->router, 5) == ROUTER_NONE);
  router_finish(f->router, 2, 1);
  router_finish(f->router, 3, 1);
  gave(f, "live2()above([2] last\n)");
  assert_int_equal(router_unfinished(f->router, ROUTER_NONE), 5);
}

static void a_carriage_return_begins_the_row_again(void **state)
{
  struct fixture *f = *state;
  put(f, 3, "10%\r55%", 0);
  router_tick(f->router, 1);
  gave(f, "live3([3] 55%)");
  put(f, 3, "\r100%\r", 1);
  router_tick(f->router, 2);
  gave(f, "live3([3] 100%)");
  put(f, 3, "\ndos\r\n", 2);
  gave(f, "live3()above([3] 100%\n[3] dos\n)");
}

static void a_bar_that_never_ends_costs_no_memory(void **state)
{
  struct fixture *f = *state;
  router_keep(f->router, 3, "", 0);
  for (int i = 0; i < 100000; i++) put(f, 3, "\rworking on it, be patient ...", i * 1e-5);
  router_tick(f->router, 2);
  gave(f, "live3([3] working on it, be patient ...)");
  assert_true(f->alloc.used < 2 * 1024 * 1024);
}

static void erasing_the_row_works(void **state)
{
  struct fixture *f = *state;
  put(f, 3, "a long row\r\033[Kshort\nx\033[2Ky\nz\033[0K\n", 0);
  gave(f, "above([3] short\n[3] y\n[3] z\n)");
}

static void controls_are_shown(void **state)
{
  struct fixture *f = *state;
  put(f, 1, "\033]0;evil\a\033[2J\b\302\233x\342\200\256\n", 0);
  gave(f, "above([1] ^[]0;evil^G^[[2J^H<9B>x<202E>\n)");
}

static void split_characters_wait(void **state)
{
  struct fixture *f = *state;
  put(f, 1, "\303", 0);
  router_tick(f->router, 1);
  gave(f, "live1([1] )");
  put(f, 1, "\244\n", 1);
  gave(f, "live1()above([1] \303\244\n)");
}

static void tabs_keep_their_columns(void **state)
{
  struct fixture *f = *state;
  put(f, 1, "a\tb\n\344\270\226\tb\n", 0);
  gave(f, "above([1] a       b\n[1] \344\270\226      b\n)");
}

static void colours_stay_with_their_cell(void **state)
{
  struct fixture *f = *state;
  teardown(state);
  start(f, COLORS_16, true, 0);
  put(f, 1, "\033[31mred\nstill\033[0m not\n", 0);
  put(f, 2, "plain\n", 0);
  gave(f, "above(\033[36m[1]\033[0m \033[31mred\033[0m\n\033[36m[1]\033[0m \033[31mstill\033[0m not\n)"
          "above(\033[36m[2]\033[0m plain\n)");
}

static void without_colours_none_come_through(void **state)
{
  struct fixture *f = *state;
  put(f, 1, "\033[31mred\033[m\n", 0);
  gave(f, "above([1] red\n)");
}

static void no_terminal_gets_plain_bytes(void **state)
{
  struct fixture *f = *state;
  teardown(state);
  start(f, COLORS_NONE, false, 0);
  router_write(f->router, 1, 1, "a\033[2J\0b", 7, 0);
  router_write(f->router, 1, 2, "err", 3, 0);
  assert_int_equal(f->log.len, 7 + 7 + 1 + 7 + 3 + 1);
  assert_memory_equal(f->log.data, "plain1(a\033[2J\0b)plain2(err)", 26);
  assert_true(isinf(router_due(f->router)));
}

static void a_flood_is_cut_short_and_kept(void **state)
{
  struct fixture *f = *state;
  char line[32];
  for (int i = 0; i < 5000; i++) {
    snprintf(line, sizeof line, "line %d\n", i);
    put(f, 3, line, i * 1e-4);
  }
  const char *last = strstr(buf_text(&f->log), "line 119\n");
  assert_non_null(last);
  assert_null(strstr(last, "line 150\n"));
  buf_clear(&f->log);
  router_tick(f->router, 0.5);
  assert_non_null(strstr(buf_text(&f->log), "more lines (:out 3)"));
  buf_clear(&f->log);
  router_tick(f->router, 1);
  buf_clear(&f->log);
  router_tick(f->router, 2);
  assert_true(isinf(router_due(f->router)));
  put(f, 3, "calm\n", 3);
  assert_non_null(strstr(buf_text(&f->log), "above([3] calm\n)"));

  struct buf kept;
  u64 gone;
  buf_init(&kept, &f->alloc);
  assert_true(router_kept(f->router, 3, &kept, &gone));
  assert_int_equal(gone, 0);
  assert_true(strncmp(kept.data, "line 0\nline 1\n", 14) == 0);
  assert_non_null(strstr(kept.data, "line 4999\ncalm\n"));
  buf_fini(&kept);
}

// Every line is either shown or counted.
static void a_flood_counts_exactly(void **state)
{
  struct fixture *f = *state;
  for (int i = 0; i < 2000; i++) put(f, 3, "x\n", 0);
  for (double t = 0.1; t < 2; t += 0.1) router_tick(f->router, t);
  u32 shown = 0;
  long hidden = 0;
  for (const char *at = buf_text(&f->log); (at = strstr(at, "[3] x\n")); at++) shown++;
  const char *note = strstr(buf_text(&f->log), "above([3] ... ");
  assert_non_null(note);
  for (const char *at = note + 14; *at != ' '; at++)
    if (*at != ',') hidden = hidden * 10 + (*at - '0');
  assert_int_equal(shown + hidden, 2000);
  assert_int_equal(shown, 120);
}

static void a_flood_leaves_others_alone(void **state)
{
  struct fixture *f = *state;
  for (int i = 0; i < 1000; i++) put(f, 3, "x\n", 0);
  buf_clear(&f->log);
  put(f, 4, "here\n", 0);
  gave(f, "above([4] here\n)");
}

static void coming_to_the_front_takes_the_line_along(void **state)
{
  struct fixture *f = *state;
  put(f, 2, "half", 0);
  router_tick(f->router, 1);
  buf_clear(&f->log);
  router_set_foreground(f->router, 2, 1);
  gave(f, "live2()pass(half)");
  put(f, 2, " done\n", 1);
  gave(f, "pass( done\n)");
}

static void a_muted_cell_is_only_kept(void **state)
{
  struct fixture *f = *state;
  struct buf kept;
  u64 gone;
  router_mute(f->router, 1, true);
  put(f, 1, "quiet\n", 0);
  gave(f, "");
  assert_true(router_is_muted(f->router, 1));
  router_mute(f->router, 1, false);
  put(f, 1, "loud\n", 0);
  gave(f, "above([1] loud\n)");
  buf_init(&kept, &f->alloc);
  assert_true(router_kept(f->router, 1, &kept, &gone));
  assert_string_equal(buf_text(&kept), "quiet\nloud\n");
  assert_int_equal(router_count(f->router, 1), 11);
  buf_fini(&kept);
}

static void only_the_end_is_kept(void **state)
{
  struct fixture *f = *state;
  struct buf kept;
  u64 gone;
  char line[16];
  teardown(state);
  start(f, COLORS_NONE, true, 100);
  for (int i = 100; i < 200; i++) {
    snprintf(line, sizeof line, "%d\n", i);
    put(f, 1, line, 0);
  }
  buf_init(&kept, &f->alloc);
  assert_true(router_kept(f->router, 1, &kept, &gone));
  assert_int_equal(gone + kept.len, 400);
  assert_true(kept.len >= 97 && kept.len < 200);
  assert_string_equal(kept.data + kept.len - 4, "199\n");
  assert_int_equal(gone % 4, 0);
  buf_fini(&kept);
}

static void how_much_is_kept_can_be_changed(void **state)
{
  struct fixture *f = *state;
  struct buf kept;
  u64 gone;
  buf_init(&kept, &f->alloc);
  put(f, 1, "0123456789\n0123456789\n", 0);
  router_set_keep(f->router, 10);
  put(f, 1, "last\n", 0);
  assert_true(router_kept(f->router, 1, &kept, &gone));
  assert_string_equal(buf_text(&kept), "last\n");
  assert_int_equal(gone, 22);
  buf_fini(&kept);
}

static void notices_are_never_cut_short(void **state)
{
  struct fixture *f = *state;
  router_notice(f->router, 2, "done: 42\n", 9);
  gave(f, "above([2] done: 42\n)");
}

static void a_line_without_end_is_cut_not_lost(void **state)
{
  struct fixture *f = *state;
  size_t xs = 0;
  for (int i = 0; i < 50000; i++) put(f, 1, "x", 0);
  put(f, 1, "\n", 0);
  for (size_t i = 0; i < f->log.len; i++) xs += f->log.data[i] == 'x';
  assert_int_equal(xs, 50000);
}

// Random writes cut anywhere, floods aside, give the same lines as whole ones.
static void the_cuts_of_writes_do_not_matter(void **state)
{
  struct fixture *f = *state;
  static const char text[] = "\033[1mB\033[0m \303\244\303\266\r\nab\rcd\n\342\202\254\tx\033]0;t\a\n\xff\n";
  struct buf whole;
  buf_init(&whole, &f->alloc);
  put(f, 1, text, 0);
  for (const char *at = buf_text(&f->log); *at; at++)
    if (at[0] != ')') buf_putc(&whole, *at);
  srand(7);
  for (int round = 0; round < 20; round++) {
    struct buf pieces;
    buf_init(&pieces, &f->alloc);
    buf_clear(&f->log);
    for (size_t at = 0, part; at < sizeof text - 1; at += part) {
      part = 1 + (size_t)rand() % 3;
      if (part > sizeof text - 1 - at) part = sizeof text - 1 - at;
      router_write(f->router, 1, 1 + rand() % 2, text + at, part, round * 10);
    }
    buf_puts(&pieces, "above(");
    for (const char *at = buf_text(&f->log); *at; at++) {
      if (strncmp(at, "above(", 6) == 0) at += 6;
      if (*at != ')') buf_putc(&pieces, *at);
    }
    assert_string_equal(buf_text(&pieces), buf_text(&whole));
    buf_fini(&pieces);
  }
  buf_fini(&whole);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(the_foreground_passes_as_it_is),
    TEST(the_background_comes_in_labelled_lines),
    TEST(lines_of_cells_do_not_mix),
    TEST(an_unfinished_line_lives_and_is_completed),
    TEST(a_line_can_be_finished_from_outside),
    TEST(a_carriage_return_begins_the_row_again),
    TEST(a_bar_that_never_ends_costs_no_memory),
    TEST(erasing_the_row_works),
    TEST(controls_are_shown),
    TEST(split_characters_wait),
    TEST(tabs_keep_their_columns),
    TEST(colours_stay_with_their_cell),
    TEST(without_colours_none_come_through),
    TEST(no_terminal_gets_plain_bytes),
    TEST(a_flood_is_cut_short_and_kept),
    TEST(a_flood_counts_exactly),
    TEST(a_flood_leaves_others_alone),
    TEST(coming_to_the_front_takes_the_line_along),
    TEST(a_muted_cell_is_only_kept),
    TEST(how_much_is_kept_can_be_changed),
    TEST(only_the_end_is_kept),
    TEST(notices_are_never_cut_short),
    TEST(a_line_without_end_is_cut_not_lost),
    TEST(the_cuts_of_writes_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
