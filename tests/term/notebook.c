// The notebook lull comes from, typed at 80 columns as it was written, each line as people type it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "term.h"

struct typed {
  const char *line;
  int col;
};

static bool is_whole(struct term *t, void *user)
{
  const struct typed *typed = user;
  struct term_point cursor = term_cursor(t);
  return strcmp(term_row(t, cursor.row), typed->line) == 0 && cursor.col == typed->col;
}

#define NOISE "[3] LOUD NOISES!"

// How many rows there were that are [line].
static int lines_of(struct term *t, const char *line)
{
  int count = 0;
  size_t len = strlen(line);
  for (const char *at = term_all(t), *end; *at; at = *end ? end + 1 : end) {
    end = strchrnul(at, '\n');
    count += (size_t)(end - at) == len && strncmp(at, line, len) == 0;
  }
  return count;
}

// Leaves half a line at the prompt, its cursor inside, while [count] more lines of noise go by above; it is looked at
// after everything that is read. Then takes it away.
static void half_a_line(struct term *t, int cell, int count)
{
  char line[80];
  snprintf(line, sizeof line, "[%d] > print(\"shhh, this", cell);
  struct typed half = { .line = line, .col = (int)strlen(line) };
  term_send(t, "print(\"shhh, this");
  term_wait(t, is_whole, &half, "half a line");
  int heard = lines_of(t, NOISE);
  for (int i = 1; i <= count; i++) {
    if (i == 2) {
      term_send(t, KEY_LEFT KEY_LEFT KEY_LEFT KEY_LEFT KEY_LEFT);
      half.col -= 5;
      term_wait(t, is_whole, &half, "the cursor inside of it");
    }
    while (lines_of(t, NOISE) < heard + i) term_hold(t, 0.05, is_whole, &half, "half a line, undamaged");
  }
  term_send(t, KEY_END);
  half.col += 5;
  term_wait(t, is_whole, &half, "the end of the line");
}

static bool shows_no_prompt_yet(struct term *t, void *user)
{
  return term_find(t, "[3] >") < 0 || lines_of(t, "Waking up!") == 1;
}

static void start_noise(struct term *t)
{
  term_send(t, "class NoiseMaker {" KEY_ENTER "tick = 1s" KEY_ENTER "running = false" KEY_ENTER
               "fn loop() { if self.running { print(\"LOUD NOISES!\"); after(self.tick, self.loop) } }" KEY_ENTER
               "fn start() { self.running = true; self.loop() }" KEY_ENTER
               "fn stop() { self.running = false }" KEY_ENTER "}" KEY_ENTER);
  term_wait_line(t, "[2] >");
  term_run(t, 2, "let noisemaker = NoiseMaker()");
  term_run(t, 3, "noisemaker.start()");
  assert_int_equal(lines_of(t, "LOUD NOISES!"), 1);  // the cell's own, before it ended
}

static void test_noise(void **state)
{
  struct term *t = term_open(80, 24, term_lull(), NULL);
  term_wait_line(t, "[1] >");
  start_noise(t);
  half_a_line(t, 4, 3);
  term_run(t, 4, " is a library\")");
  assert_int_equal(lines_of(t, "shhh, this is a library"), 1);
  term_run(t, 5, "noisemaker.stop()");
  int heard = term_count(t, "LOUD NOISES!");
  assert_int_equal(heard, 2 + lines_of(t, NOISE));  // the source, the cell's own, and the labelled
  term_wait_quiet(t, 1.5);
  assert_int_equal(term_count(t, "LOUD NOISES!"), heard);
  term_send(t, CTRL('D'));
  assert_exited(term_wait_exit(t), 0);
}

static void test_heading_from_a_timer(void **state)
{
  struct term *t = term_open(80, 24, term_lull(), NULL);
  term_wait_line(t, "[1] >");
  term_send(t, "class Scream {" KEY_ENTER "fn init(value) { self.value = value }" KEY_ENTER
               "fn to_markdown() => \"# ${self.value}\"" KEY_ENTER "}" KEY_ENTER);
  term_wait_line(t, "[2] >");
  term_run(t, 2, "after(1s, display, Scream(\"AAAHHHHHHH\"))");
  assert_non_null(strstr(term_above(t), "<timer #"));
  assert_non_null(strstr(term_above(t), "display in "));
  assert_non_null(strstr(term_above(t), "from [2]"));
  struct typed half = { .line = "[3] > half", .col = 10 };
  term_send(t, "half");
  term_wait(t, is_whole, &half, "half a line");
  while (term_count(t, "AAAHHHHHHH") < 2) term_hold(t, 0.05, is_whole, &half, "half a line, undamaged");
  int row = term_find(t, "AAAHHHHHHH");
  const char *heading = term_row(t, row);
  assert_null(strchr(heading, '#'));
  assert_true(term_attrs(t, row, (int)(strstr(heading, "AAAHHHHHHH") - heading)) & TERM_BOLD);
  assert_non_null(strstr(term_all(t), "\n[2]"));
}

static void test_await_at_the_top(void **state)
{
  struct term *t = term_open(80, 24, term_lull(), NULL);
  term_wait_line(t, "[1] >");
  term_run(t, 1, "let wait = t => { let d = deferred(); after(t, d.resolve, nil); d }");
  term_send(t, "print(\"Going to sleep...\"); await wait(1s); print(\"Waking up!\")" KEY_ENTER);
  term_wait_count(t, "\nGoing to sleep...\n", 1);
  while (lines_of(t, "Waking up!") == 0) term_hold(t, 0.02, shows_no_prompt_yet, NULL, "no prompt while it waits");
  term_wait_line(t, "[3] >");
  assert_string_equal(term_above(t), "Waking up!");
}

#define TEST(name) cmocka_unit_test_teardown(name, term_teardown)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    TEST(test_noise),
    TEST(test_heading_from_a_timer),
    TEST(test_await_at_the_top),
  };
  if (argc > 1) cmocka_set_test_filter(argv[1]);
  return cmocka_run_group_tests_name("notebook", tests, NULL, NULL);
}
