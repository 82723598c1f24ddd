// A session at a terminal: prompts, cells, background output above the line being typed, interruption, history.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "term.h"

static struct term *session(int cols, int rows)
{
  struct term *t = term_open(cols, rows, term_lull(), NULL);
  term_wait_line(t, "[1] >");
  return t;
}

// Enters [text] at the prompt of cell [cell] and waits for the prompt after it.
static void test_value_and_number(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "6 * 7");
  assert_string_equal(term_above(t), "42");
  term_run(t, 2, "let x = [1, \"a\"]");
  term_run(t, 3, "x");
  assert_string_equal(term_above(t), "[1, \"a\"]");
  term_run(t, 4, "_ == _3");
  assert_string_equal(term_above(t), "true");
  term_run(t, 5, "print(\"plain\")");
  assert_string_equal(term_above(t), "plain");
  term_leave(t);
}

// Functions defined earlier see the new one.
static void test_names_given_again(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "fn f() => len([1, 2])");
  term_run(t, 2, "let g = () => { spawn { print(max([1, 2])) } }");
  term_run(t, 3, "f()");
  assert_string_equal(term_above(t), "2");
  term_run(t, 4, "fn len(x) => \"mine\"");
  term_run(t, 5, "f()");
  assert_string_equal(term_above(t), "\"mine\"");
  term_run(t, 6, "let max = x => x");
  term_run(t, 7, "g(); nil");
  assert_string_equal(term_above(t), "[1, 2]");
  term_leave(t);
}

static void test_empty_input_is_no_cell(void **state)
{
  struct term *t = session(80, 24);
  term_send(t, KEY_ENTER KEY_ENTER "7" KEY_ENTER);
  term_wait_line(t, "[2] >");
  assert_string_equal(term_above(t), "7");
}

// -- The line being typed

struct typed {
  const char *line;
  int col;
};

static bool is_whole(struct term *t, void *user)
{
  struct typed *typed = user;
  struct term_point cursor = term_cursor(t);
  return strcmp(term_row(t, cursor.row), typed->line) == 0 && cursor.col == typed->col;
}

#define NOISE \
  "class NoiseMaker { tick = 30ms; running = false; " \
  "fn loop() { if self.running { print(\"LOUD NOISES!\"); after(self.tick, self.loop) } }; " \
  "fn start() { self.running = true; self.loop() }; fn stop() { self.running = false } }"

// Every row of noise carries the label of its cell, but for the one that the cell printed before it ended.
static void assert_noise_is_labelled(struct term *t, const char *label)
{
  int unlabelled = 0;
  const char *all = term_all(t);
  for (const char *at = all; (at = strstr(at, "LOUD NOISES!")); at++) {
    if (at > all && at[-1] == '"') continue;  // in the echoed source
    size_t len = strlen(label);
    bool is_labelled = (size_t)(at - all) >= len && strncmp(at - len, label, len) == 0;
    unlabelled += !is_labelled;
    char end = at[strlen("LOUD NOISES!")];
    if (end != '\n' && end != 0) fail_msg("a noise row is damaged:\n%s", all);
  }
  assert_in_range(unlabelled, 0, 1);
}

static void test_noise_above_half_a_line(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, NOISE);
  term_run(t, 2, "let noisemaker = NoiseMaker()");
  term_run(t, 3, "noisemaker.start()");
  term_wait_count(t, "\n[3] LOUD NOISES!", 3);
  term_send(t, "print(\"shhh, this");
  struct typed half = {.line = "[4] > print(\"shhh, this", .col = 23};
  term_wait(t, is_whole, &half, "half a line");
  int heard = term_count(t, "[3] LOUD NOISES!");
  term_wait_count(t, "[3] LOUD NOISES!", heard + 3);
  assert_true(is_whole(t, &half));
  term_hold(t, 0.3, is_whole, &half, "half a line, undamaged");

  term_send(t, KEY_LEFT KEY_LEFT KEY_LEFT KEY_LEFT);  // the cursor inside the line
  half.col = 19;
  term_wait(t, is_whole, &half, "the cursor in the line");
  term_hold(t, 0.3, is_whole, &half, "half a line and its cursor, undamaged");
  term_send(t, KEY_END " is a library\")" KEY_ENTER);
  term_wait_line(t, "[5] >");
  assert_int_equal(term_count(t, "\nshhh, this is a library\n"), 1);

  term_run(t, 5, "noisemaker.stop()");
  term_wait_quiet(t, 0.2);
  assert_noise_is_labelled(t, "[3] ");
  heard = term_count(t, "LOUD NOISES!");
  term_run(t, 6, "await sleep(100ms)");
  assert_int_equal(term_count(t, "LOUD NOISES!"), heard);
  term_leave(t);
}

static bool has_first_row_above(struct term *t, void *user)
{
  int row = term_cursor(t).row;
  return row > 0 && strstr(term_row(t, row - 1), "[2] > let a = '\xe6\xbc\xa2\xe5\xad\x97") != NULL;
}

static void test_noise_above_a_wrapped_line_of_wide_characters(void **state)
{
  struct term *t = session(30, 12);
  term_run(t, 1, "every(20ms, print, \"tick\")");
  term_send(t, "let a = '\xe6\xbc\xa2\xe5\xad\x97 \xe6\xbc\xa2\xe5\xad\x97 and some more'");
  struct typed second = {.line = "ome more'", .col = 9};
  term_wait_text(t, "ome more'");
  second.line = strdup(term_row(t, term_cursor(t).row));
  second.col = term_cursor(t).col;
  term_hold(t, 0.4, is_whole, &second, "the second row of the input, undamaged");
  term_wait(t, has_first_row_above, NULL, "the first row of the input, right above the second");
  free((char *)(uintptr_t)second.line);
}

static void test_flood_while_typing(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "every(1ms, () => { for i in 0..50 { print(\"flood\", i) } })");
  struct typed typed = {.line = "[2] > print(1 + 1)", .col = 18};
  term_send(t, "print(1 + 1)");
  term_wait(t, is_whole, &typed, "what was typed");
  term_hold(t, 0.5, is_whole, &typed, "what was typed, undamaged");
  term_run(t, 2, "");
  assert_int_equal(term_count(t, "\n2\n"), 1);
  term_run(t, 2, ":cancel 1");  // a command is no cell
  term_wait_quiet(t, 0.3);
  term_leave(t);
}

// -- Waiting

static bool has_no_prompt(struct term *t, void *user) { return strncmp(term_row(t, term_cursor(t).row), "[2] >", 5) != 0; }

static void test_await_shows_no_prompt(void **state)
{
  struct term *t = session(80, 24);
  term_send(t, "print(\"Going to sleep...\"); await sleep(400ms); print(\"Waking up!\")" KEY_ENTER);
  term_wait_text(t, "\nGoing to sleep...");
  term_hold(t, 0.2, has_no_prompt, NULL, "no prompt while it waits");
  assert_int_equal(term_count(t, "\nWaking up!"), 0);
  term_wait_line(t, "[2] >");
  assert_string_equal(term_above(t), "Waking up!");
}

static void test_hand_made_deferred(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "let wait = t => { let d = deferred(); after(t, d.resolve, nil); d }");
  term_send(t, "print(\"Going to sleep...\"); await wait(200ms); print(\"Waking up!\")" KEY_ENTER);
  term_wait_line(t, "[3] >");
  assert_string_equal(term_above(t), "Waking up!");
}

static void test_typed_ahead(void **state)
{
  struct term *t = session(80, 24);
  term_send(t, "await sleep(200ms); 1" KEY_ENTER "2" KEY_ENTER "hal");
  term_wait_line(t, "[3] > hal");
  assert_int_equal(term_count(t, "\n1\n"), 1);
  assert_string_equal(term_above(t), "2");
}

static void test_display_from_a_timer(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "class Scream { fn init(value) { self.value = value }; fn to_markdown() => \"# ${self.value}\" }");
  term_run(t, 2, "after(200ms, display, Scream(\"AAAHHHHHHH\"))");
  assert_non_null(strstr(term_above(t), "<timer #"));
  assert_non_null(strstr(term_above(t), "display"));
  assert_non_null(strstr(term_above(t), "[2]"));
  term_send(t, "half");
  term_wait_text(t, "AAAHHHHHHH");
  term_wait_count(t, "AAAHHHHHHH", 2);  // the source, and the heading
  term_wait_line(t, "[3] > half");
  int row = term_find(t, "AAAHHHHHHH");
  assert_null(strstr(term_row(t, row), "#"));
  const char *heading = strstr(term_row(t, row), "AAAHHHHHHH");
  assert_true(term_attrs(t, row, (int)(heading - term_row(t, row))) & TERM_BOLD);
  assert_non_null(strstr(term_all(t), "[2]"));
}

// -- Ctrl-C

static void test_interrupted_await(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "every(20ms, print, \"tick\")");
  term_send(t, "try { print(\"in\"); await sleep(1h) } finally { print(\"clean\") }" KEY_ENTER);
  term_wait_text(t, "\nin");
  term_send(t, CTRL('C'));
  term_wait_line(t, "[3] >");
  assert_int_equal(term_count(t, "\nclean\n"), 1);
  int ticks = term_count(t, "[1] tick");
  term_wait_count(t, "[1] tick", ticks + 2);  // the background is left alone
  term_run(t, 3, "1 + 1");
  term_leave(t);
}

static void test_interrupted_loop(void **state)
{
  struct term *t = session(80, 24);
  term_send(t, "print(\"in\"); while true { }" KEY_ENTER);
  term_wait_text(t, "\nin");
  term_send(t, CTRL('C'));
  term_wait_line(t, "[2] >");
  term_run(t, 2, "1 + 1");
  assert_string_equal(term_above(t), "2");
}

static void test_interrupt_drops_the_line(void **state)
{
  struct term *t = session(80, 24);
  term_send(t, "half a li");
  term_wait_line(t, "[1] > half a li");
  term_send(t, CTRL('C'));
  term_wait_line(t, "[1] >");
  term_run(t, 1, "5");
  assert_string_equal(term_above(t), "5");
}

// -- Errors

static void test_error_and_on(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "fn half(x) => x / 0");
  term_run(t, 2, "half(3)");
  assert_true(term_count(t, "[1]:1:15: ") >= 1);
  assert_true(term_count(t, "^^^^^\n  in half, called at [2]:1:1\n[3] >") == 1);
  term_run(t, 3, "half");
  term_leave(t);
}

static void test_syntax_error_comes_back(void **state)
{
  struct term *t = session(80, 24);
  term_send(t, "f(a]" KEY_ENTER);
  term_wait_text(t, "expected");
  term_wait_line(t, "[1] > f(a]");
  term_send(t, KEY_BACKSPACE KEY_BACKSPACE KEY_BACKSPACE KEY_BACKSPACE);
  term_run(t, 1, "3");
  assert_string_equal(term_above(t), "3");
}

static void test_background_error_is_shown_once(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "after(50ms, () => throw \"lost\")");
  term_wait_count(t, "lost", 2);
  term_wait_quiet(t, 0.2);
  assert_int_equal(term_count(t, "Error: lost"), 1);
  assert_non_null(strstr(term_row(t, term_find(t, "Error: lost")), "[1]"));
}

// -- Editing

static void test_unfinished_input_goes_on(void **state)
{
  struct term *t = session(80, 24);
  term_send(t, "if true {" KEY_ENTER);
  term_wait_count(t, "if true {", 1);
  term_send(t, "print(\"yes\")" KEY_ENTER "}" KEY_ENTER);
  term_wait_line(t, "[2] >");
  assert_string_equal(term_above(t), "yes");
}

static void test_history(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "'first'");
  term_run(t, 2, "'second'");
  term_send(t, KEY_UP);
  term_wait_line(t, "[3] > 'second'");
  term_send(t, KEY_UP);
  term_wait_line(t, "[3] > 'first'");
  term_send(t, KEY_DOWN KEY_DOWN);
  term_wait_line(t, "[3] >");
  struct term *other = term_open_beside(t, term_lull(), NULL);
  term_wait_line(other, "[1] >");
  term_send(other, KEY_UP);
  term_wait_line(other, "[1] > 'second'");
  term_close(other);
  term_leave(t);
}

static void test_history_survives_a_kill(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "'kept'");
  term_signal(t, 9);
  term_wait_exit(t);
  struct term *other = term_open_beside(t, term_lull(), NULL);
  term_wait_line(other, "[1] >");
  term_send(other, KEY_UP);
  term_wait_line(other, "[1] > 'kept'");
  term_close(other);
}

static void test_paste_does_not_run(void **state)
{
  struct term *t = session(80, 24);
  assert_true(term_brackets_pastes(t));
  term_paste(t, "print(1)\nprint(2)\n");
  term_wait_text(t, "print(2)");
  term_wait_quiet(t, 0.2);
  assert_int_equal(term_count(t, "\n1\n"), 0);
  term_send(t, KEY_ENTER);
  term_wait_line(t, "[2] >");
  assert_int_equal(term_count(t, "\n1\n2\n"), 1);
}

static void test_resize(void **state)
{
  struct term *t = session(80, 24);
  term_send(t, "'0123456789 0123456789'");
  term_wait_line(t, "[1] > '0123456789 0123456789'");
  term_resize(t, 20, 24);
  term_wait_text(t, "'0123456789");
  term_send(t, KEY_ENTER);
  term_wait_line(t, "[2] >");
  term_resize(t, 60, 24);
  term_run(t, 2, "'a' + 'b'");
  assert_string_equal(term_above(t), "\"ab\"");
}

// -- Commands

static void test_commands(void **state)
{
  struct term *t = session(80, 24);
  term_run(t, 1, "every(50ms, print, \"tick\")");
  term_send(t, ":jobs" KEY_ENTER);
  term_wait_text(t, "every(50ms");
  term_wait_line(t, "[2] >");
  term_send(t, ":cancel 1" KEY_ENTER);
  term_wait_line(t, "[2] >");
  term_wait_quiet(t, 0.3);
  int ticks = term_count(t, "tick");
  term_send(t, ":help" KEY_ENTER);
  term_wait_text(t, ":quit");
  term_wait_line(t, "[2] >");
  assert_int_equal(term_count(t, "] tick"), ticks - 1 > 0 ? term_count(t, "] tick") : 0);
  term_send(t, ":nonsense" KEY_ENTER);
  term_wait_text(t, ":help");
  term_send(t, ":quit" KEY_ENTER);
  assert_exited(term_wait_exit(t), 0);
}

static void test_exit(void **state)
{
  struct term *t = session(80, 24);
  term_send(t, "exit(3)" KEY_ENTER);
  assert_exited(term_wait_exit(t), 3);
}

static void test_interactive_after_a_script(void **state)
{
  struct term *t = term_open(80, 24, term_lull(), "-i", "-e", "let x = 41", NULL);
  term_wait_line(t, "[2] >");  // the script was the first cell
  term_run(t, 2, "x + 1");
  assert_string_equal(term_above(t), "42");
}

// The terminal is as it was: another program in it behaves as before.
static void test_terminal_is_given_back(void **state)
{
  struct term *t = term_open(80, 24, "sh", "-c", "a=$(stty -g); \"$0\"; test \"$a\" = \"$(stty -g)\"; echo same=$?", term_lull(), NULL);
  term_wait_line(t, "[1] >");
  term_run(t, 1, "1");
  term_send(t, CTRL('D'));
  term_wait_text(t, "same=0");
  assert_false(term_brackets_pastes(t));
  assert_true(term_cursor_visible(t));
}

static bool no_escapes(struct term *t, void *user)
{
  size_t len;
  const char *bytes = term_bytes(t, &len);
  return !memchr(bytes, 0x1b, len);
}

static void test_dumb_terminal(void **state)
{
  term_set_env("TERM", "dumb");
  struct term *t = session(80, 24);
  term_run(t, 1, "6 * 7");
  assert_string_equal(term_above(t), "42");
  assert_true(no_escapes(t, NULL));
}

#define TEST(name) cmocka_unit_test_teardown(name, term_teardown)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    TEST(test_value_and_number),
    TEST(test_names_given_again),
    TEST(test_empty_input_is_no_cell),
    TEST(test_noise_above_half_a_line),
    TEST(test_noise_above_a_wrapped_line_of_wide_characters),
    TEST(test_flood_while_typing),
    TEST(test_await_shows_no_prompt),
    TEST(test_hand_made_deferred),
    TEST(test_typed_ahead),
    TEST(test_display_from_a_timer),
    TEST(test_interrupted_await),
    TEST(test_interrupted_loop),
    TEST(test_interrupt_drops_the_line),
    TEST(test_error_and_on),
    TEST(test_syntax_error_comes_back),
    TEST(test_background_error_is_shown_once),
    TEST(test_unfinished_input_goes_on),
    TEST(test_history),
    TEST(test_history_survives_a_kill),
    TEST(test_paste_does_not_run),
    TEST(test_resize),
    TEST(test_commands),
    TEST(test_exit),
    TEST(test_interactive_after_a_script),
    TEST(test_terminal_is_given_back),
    TEST(test_dumb_terminal),
  };
  if (argc > 1) cmocka_set_test_filter(argv[1]);
  return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
