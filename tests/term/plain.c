// Sessions without an editor: a dumb terminal, and one that has neither colours nor room.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "term.h"

static struct term *session(void)
{
  term_set_env("TERM", "dumb");
  struct term *t = term_open(80, 24, term_lull(), "-q", NULL);
  term_wait_line(t, "[1] >");
  return t;
}

static void test_rows_of_an_input(void **state)
{
  struct term *t = session();
  term_line(t, "if true {");
  term_wait_line(t, "...");
  term_line(t, "6 * 7");
  term_wait_count(t, "\n...", 2);
  term_line(t, "}");
  term_wait_line(t, "[2] >");
  assert_string_equal(term_above(t), "42");
  term_line(t, "");
  term_wait_count(t, "[2] >", 2);
  term_line(t, "fn f(");
  term_wait_count(t, "\n...", 3);
  term_line(t, "");
  term_wait_count(t, "\n...", 4);
  term_line(t, "");  // empty rows insist
  term_wait_text(t, "expected");
  term_wait_line(t, "[2] >");
  term_leave(t);
}

static void test_an_interrupt(void **state)
{
  struct term *t = session();
  term_line(t, "if true {");
  term_wait_line(t, "...");
  term_send(t, CTRL('C'));
  term_wait_line(t, "[1] >");
  term_send(t, "half");
  term_wait_line(t, "[1] > half");
  term_send(t, CTRL('C'));
  term_wait_line(t, "[1] >");
  term_line(t, "print(\"in\"); await sleep(1h)");
  term_wait_text(t, "\nin");
  term_send(t, CTRL('C'));
  term_wait_text(t, "interrupted");
  term_wait_line(t, "[2] >");
  term_line(t, "1 + 1");
  term_wait_line(t, "[3] >");
  assert_string_equal(term_above(t), "2");
  term_leave(t);
}

static void test_output_from_behind(void **state)
{
  struct term *t = session();
  term_line(t, "after(50ms, print, \"from \" + \"behind\"); nil");
  term_wait_text(t, "[1] from behind");
  term_wait_line(t, "[2] >");
  term_line(t, "let d = display(\"fir\" + \"st\"); after(20ms, () => d.update(\"sec\" + \"ond\")); nil");
  term_wait_text(t, "second");
  term_line(t, "after(20ms, () => throw \"lo\" + \"st\"); nil");
  term_wait_text(t, "Error: lost");
  term_line(t, ":err");
  term_wait_text(t, "cell 3: 1 error");
  term_line(t, "after(50ms, print, \"row \" + \"two\"); nil");
  term_wait_line(t, "[5] >");
  term_line(t, "if true {");
  term_wait_text(t, "[4] row two");
  term_wait_line(t, "...");
  term_line(t, "}");
  term_wait_line(t, "[6] >");
  term_leave(t);
}

static void test_background_and_front(void **state)
{
  struct term *t = session();
  term_line(t, "print(\"in\"); await sleep(300ms); 6 * 7");
  term_wait_text(t, "\nin");
  term_send(t, CTRL('Z'));
  term_wait_text(t, "[1] in the background");
  term_wait_line(t, "[2] >");
  term_line(t, ":fg 1");
  term_wait_text(t, "42");
  term_wait_line(t, "[2] >");
  term_leave(t);
}

static void test_questions(void **state)
{
  struct term *t = session();
  term_line(t, "let name = input(\"who? \"); \"hello ${name}\"");
  term_wait_line(t, "who?");
  term_line(t, "Ada");
  term_wait_text(t, "\"hello Ada\"");
  term_wait_line(t, "[2] >");
  term_line(t, "input(\"again? \")");
  term_wait_line(t, "again?");
  term_send(t, CTRL('C'));
  term_wait_text(t, "interrupted");
  term_wait_line(t, "[3] >");
  term_line(t, "input(\"last? \")");
  term_wait_line(t, "last?");
  term_send(t, CTRL('D'));
  term_wait_line(t, "[4] >");
  term_leave(t);
}

static void test_children_and_commands(void **state)
{
  struct term *t = session();
  term_line(t, "!echo from a child");
  term_wait_count(t, "from a child", 2);
  term_wait_line(t, "[1] >");
  term_line(t, ":clear");
  term_wait_line(t, "[1] >");
  term_line(t, ":set keys");
  term_wait_text(t, "keys     emacs");
  term_line(t, ":set suggest");
  term_wait_text(t, "suggest  off");
  term_line(t, ":set keys vi");
  term_line(t, ":jobs");
  term_wait_text(t, "nothing is running");
  term_leave(t);
}

static void test_progress_is_not_drawn(void **state)
{
  struct term *t = session();
  term_line(t, "for x in progress(0..3, \"wo\" + \"rk\") { await sleep(20ms) }");
  term_wait_line(t, "[2] >");
  assert_int_equal(term_count(t, "work"), 0);
  term_leave(t);
}

static void test_the_end_of_input_behind_a_half_line(void **state)
{
  struct term *t = session();
  term_send(t, "6 * 7");
  term_wait_line(t, "[1] > 6 * 7");
  term_send(t, CTRL('D'));
  term_send(t, CTRL('D'));  // a terminal gives what is typed first
  term_wait_text(t, "42");
  assert_exited(term_wait_exit(t), 0);
}

static void test_stopped_and_continued(void **state)
{
  struct term *t = session();
  term_send(t, CTRL('Z'));
  term_wait_quiet(t, 0.1);
  term_signal(t, SIGCONT);
  term_wait_count(t, "[1] >", 2);
  term_line(t, "6 * 7");
  term_wait_text(t, "42");
}

#define TEST(name) cmocka_unit_test_teardown(name, term_teardown)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    TEST(test_rows_of_an_input),      TEST(test_an_interrupt), TEST(test_output_from_behind), TEST(test_background_and_front),
    TEST(test_questions),             TEST(test_children_and_commands), TEST(test_progress_is_not_drawn),
    TEST(test_the_end_of_input_behind_a_half_line), TEST(test_stopped_and_continued),
  };
  if (argc > 1) cmocka_set_test_filter(argv[1]);
  return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
