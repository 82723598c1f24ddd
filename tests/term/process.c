// Programs run from a session: their lines as they come, Ctrl-C, the list of what is running.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "term.h"

static struct term *session(void)
{
  struct term *t = term_open(80, 24, term_lull(), "-q", NULL);
  term_wait_line(t, "[1] >");
  return t;
}

// The number behind [text] on the screen.
static int shown_pid(struct term *t, const char *text)
{
  const char *at = strstr(term_screen(t), text);
  assert_non_null(at);
  return atoi(at + strlen(text));
}

static bool is_gone(struct term *t, void *user) { return kill(-*(int *)user, 0) < 0; }

static void test_ctrl_c_ends_the_group_and_gives_the_prompt_back(void **state)
{
  struct term *t = session();
  term_line(t, "let p = run(\"sh\", \"-c\", \"sleep 100 & sleep 100\"); print(\"the child\", p.pid); await p");
  term_wait_text(t, "waiting");
  int pid = shown_pid(t, "the child ");
  assert_int_equal(kill(-pid, 0), 0);
  term_send(t, CTRL('C'));
  term_wait_line(t, "[2] >");
  // The loop that is asked again and again reads the terminal: any output keeps it going.
  term_line(t, "every(20ms, () => nil); nil");
  term_wait(t, is_gone, &pid, "the group has ended");
}

static void test_jobs_names_it_and_cancel_ends_it(void **state)
{
  struct term *t = session();
  term_line(t, "let p = run(\"sleep\", \"100\")");
  term_wait_line(t, "[2] >");
  term_line(t, ":jobs");
  term_wait_text(t, "run sleep 100 (pid ");
  int pid = shown_pid(t, "(pid ");
  term_line(t, ":cancel 1");
  term_wait_text(t, "cancelled 1 thing of cell 1");
  term_send(t, CTRL('L'));
  term_line(t, ":jobs");
  term_wait_text(t, "nothing is running");
  assert_true(pid > 0);
}

static void test_lines_come_as_they_are_written(void **state)
{
  struct term *t = session();
  term_line(t, "let p = run(\"cat\", stdin: true)");
  term_wait_line(t, "[2] >");
  term_line(t, "for line in p { print(\"<\" + line + \">\") } &");
  term_wait_line(t, "[3] >");
  term_line(t, "await p.stdin.write(\"one\\n\")");
  term_wait_text(t, "[2] <one>");
  term_line(t, "await p.stdin.write(\"two\\n\")");
  term_wait_text(t, "[2] <two>");
  term_line(t, "await p.stdin.close()");
  term_wait_text(t, "[2] done");
}

static void test_output_and_errors_are_shown(void **state)
{
  struct term *t = session();
  term_line(t, "await run(\"echo\", \"plain\")");
  term_wait_count(t, "\nplain\n", 1);
  term_wait_line(t, "[2] >");
  term_line(t, "await sh(\"echo warned >&2; exit 3\")");
  term_wait_count(t, "\nwarned\n", 1);
  term_wait_text(t, "exit status 3");
  term_wait_line(t, "[3] >");
  term_line(t, "let p = run(\"sh\", \"-c\", \"read x; echo behind >&2\", stdin: true)");
  term_wait_line(t, "[4] >");
  term_line(t, "await p.stdin.write(\"\\n\")");
  term_wait_text(t, "[3] behind");
}

static void test_leaving_ends_what_runs(void **state)
{
  struct term *t = session();
  term_line(t, "let p = run(\"sleep\", \"100\")");
  term_wait_line(t, "[2] >");
  term_line(t, ":jobs");
  term_wait_text(t, "(pid ");
  int pid = shown_pid(t, "(pid ");
  term_line(t, ":quit");
  assert_exited(term_wait_exit(t), 0);
  assert_true(is_gone(t, &pid));
}

#define TEST(name) cmocka_unit_test_teardown(name, term_teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(test_ctrl_c_ends_the_group_and_gives_the_prompt_back),
    TEST(test_jobs_names_it_and_cancel_ends_it),
    TEST(test_lines_come_as_they_are_written),
    TEST(test_output_and_errors_are_shown),
    TEST(test_leaving_ends_what_runs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
