// The harness tested on programs everybody knows, before anything is judged by it.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "term.h"

static void test_output_and_status(void **state)
{
  struct term *t = term_open(20, 5, "sh", "-c", "printf 'one\\ntwo'; exit 7", NULL);
  int status = term_wait_exit(t);
  assert_exited(status, 7);
  assert_string_equal(term_screen(t), "one\ntwo");
  assert_int_equal(term_cursor(t).row, 1);
  assert_int_equal(term_cursor(t).col, 3);
  assert_exited(term_close(t), 7);
}

static void test_typing(void **state)
{
  struct term *t = term_open(40, 5, "cat", NULL);
  term_send(t, "h\xc3\xa9 \xe6\xbc\xa2");
  term_wait_line(t, "h\xc3\xa9 \xe6\xbc\xa2");
  assert_int_equal(term_cursor(t).col, 5);  // the last one is two columns wide
  term_send(t, KEY_ENTER);
  term_wait_count(t, "h\xc3\xa9 \xe6\xbc\xa2", 2);
  term_send(t, CTRL('D'));
  assert_exited(term_wait_exit(t), 0);
}

static void test_signals(void **state)
{
  struct term *t = term_open(40, 5, "cat", NULL);
  term_send(t, "x" KEY_ENTER);
  term_wait_count(t, "x", 2);
  term_send(t, CTRL('C'));
  int status = term_wait_exit(t);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
  t = term_open(40, 5, "cat", NULL);
  term_signal(t, SIGTERM);
  status = term_wait_exit(t);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void test_hangup(void **state)
{
  struct term *t = term_open(40, 5, "cat", NULL);
  term_send(t, "x" KEY_ENTER);
  term_wait_count(t, "x", 2);
  int status = term_close(t);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

static void test_scrolling(void **state)
{
  struct term *t = term_open(20, 3, "sh", "-c", "seq 10", NULL);
  term_wait_exit(t);
  assert_string_equal(term_screen(t), "9\n10");
  assert_string_equal(term_all(t), "1\n2\n3\n4\n5\n6\n7\n8\n9\n10");
  assert_int_equal(term_count(t, "1"), 2);
  assert_int_equal(term_find(t, "10"), 1);
  assert_int_equal(term_find(t, "3"), -1);
}

static void test_escapes(void **state)
{
  struct term *t = term_open(20, 4, "sh", "-c", "printf 'gone\\r\\033[Kstay \\033[1;31mred\\033[0m\\033[?25l\\033[3;2Hx'", NULL);
  term_wait_exit(t);
  assert_string_equal(term_screen(t), "stay red\n\n x");
  assert_int_equal(term_attrs(t, 0, 0), 0);
  assert_int_equal(term_attrs(t, 0, 5), TERM_BOLD | TERM_COLOR);
  assert_false(term_cursor_visible(t));
  size_t len;
  assert_non_null(strstr(term_bytes(t, &len), "\x1b[1;31m"));
}

static void test_asks_the_terminal(void **state)
{
  struct term *t = term_open(40, 4, "sh", "-c",
                             "stty raw -echo; printf '\\033[6n'; dd bs=1 count=6 2>/dev/null | tr '\\033' E; stty sane", NULL);
  term_wait_text(t, "E[1;1R");
  assert_exited(term_wait_exit(t), 0);
}

static void test_paste(void **state)
{
  struct term *t = term_open(40, 4, "sh", "-c", "printf '\\033[?2004h'; cat -v", NULL);
  term_wait(t, (bool (*)(struct term *, void *))(void (*)(void))term_brackets_pastes, NULL, "bracketed paste");
  term_paste(t, "a b");
  term_send(t, KEY_ENTER);
  term_wait_text(t, "^[[200~a b^[[201~");
}

static void test_resize(void **state)
{
  struct term *t = term_open(40, 6, "sh", "-c", "trap 'stty size; exit' WINCH; stty size; sleep 60 & wait", NULL);
  term_wait_text(t, "6 40");
  term_resize(t, 30, 6);
  term_wait_text(t, "6 30");
}

static void test_environment(void **state)
{
  term_set_env("COLOUR", "blue");
  term_set_env("LULL_HISTORY", NULL);
  struct term *t = term_open(80, 24, "sh", "-c", "echo $TERM/$COLOUR/${LULL_HISTORY-none}; test \"$HOME\" = \"$PWD\"; echo $?", NULL);
  assert_exited(term_wait_exit(t), 0);
  assert_string_equal(term_screen(t), "xterm-256color/blue/none\n0");
}

static void test_same_home(void **state)
{
  struct term *first = term_open(80, 4, "sh", "-c", "echo kept >file; echo done; cat", NULL);
  term_wait_text(first, "done");
  struct term *second = term_open_beside(first, "cat", "file", NULL);
  term_wait_text(second, "kept");
  assert_exited(term_wait_exit(second), 0);
  term_close(second);
  term_close(first);
}

static bool has_no_b(struct term *t, void *user) { return term_count(t, "b") == 0; }

static void test_hold(void **state)
{
  struct term *t = term_open(80, 4, "sh", "-c", "echo a; cat", NULL);
  term_wait_text(t, "a");
  term_hold(t, 0.1, has_no_b, NULL, "no b");
  term_send(t, "b");
  term_wait_text(t, "b");
  term_wait_quiet(t, 0.05);
  assert_false(has_no_b(t, NULL));
}

// A wait that cannot end must fail the test, and soon once the program has ended.
static void test_wait_fails(void **state)
{
  struct term *t = term_open(100, 24, "sh", "-c",
    "LULL_TEST_PATIENCE=0.2; export LULL_TEST_PATIENCE; exec \"$0\" never", *(char **)state, NULL);
  int status = term_wait_exit(t);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
  assert_non_null(strstr(term_all(t), "the text \"never\""));
}

static void never(void **state)
{
  struct term *t = term_open(20, 4, "cat", NULL);
  term_wait_text(t, "never");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest waits[] = {cmocka_unit_test_teardown(never, term_teardown)};
  if (argc > 1) return cmocka_run_group_tests_name("never", waits, NULL, NULL);
  char *own_path = realpath(argv[0], NULL);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(test_output_and_status, term_teardown),
    cmocka_unit_test_teardown(test_typing, term_teardown),
    cmocka_unit_test_teardown(test_signals, term_teardown),
    cmocka_unit_test_teardown(test_hangup, term_teardown),
    cmocka_unit_test_teardown(test_scrolling, term_teardown),
    cmocka_unit_test_teardown(test_escapes, term_teardown),
    cmocka_unit_test_teardown(test_asks_the_terminal, term_teardown),
    cmocka_unit_test_teardown(test_paste, term_teardown),
    cmocka_unit_test_teardown(test_resize, term_teardown),
    cmocka_unit_test_teardown(test_environment, term_teardown),
    cmocka_unit_test_teardown(test_same_home, term_teardown),
    cmocka_unit_test_teardown(test_hold, term_teardown),
    cmocka_unit_test_prestate_setup_teardown(test_wait_fails, NULL, term_teardown, own_path),
  };
  int failed = cmocka_run_group_tests_name("term harness", tests, NULL, NULL);
  free(own_path);
  return failed;
}
