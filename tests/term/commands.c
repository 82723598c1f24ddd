// The lines that begin with a colon, and the log.
#include <setjmp.h>
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
  struct term *t = term_open(80, 24, term_lull(), NULL);
  term_wait_line(t, "[1] >");
  term_send(t, ":set suggest off" KEY_ENTER ":set suggest" KEY_ENTER);
  term_wait_text(t, "suggest  off");
  term_wait_line(t, "[1] >");
  return t;
}

static void quit(struct term *t)
{
  term_send(t, CTRL('D'));
  assert_exited(term_wait_exit(t), 0);
}

// Enters [text] at the prompt [prompt], which is to come back.
static void enter_at(struct term *t, const char *prompt, const char *text)
{
  char line[256];
  snprintf(line, sizeof line, "%s %s", prompt, text);
  term_send(t, text);
  term_wait_line(t, line);
  term_send(t, KEY_ENTER);
  term_wait_line(t, prompt);
}

static void test_settings(void **state)
{
  struct term *t = session();
  enter_at(t, "[1] >", ":set");
  assert_int_not_equal(term_find(t, "  keep     256K"), -1);
  assert_int_not_equal(term_find(t, "  suggest  off"), -1);
  enter_at(t, "[1] >", ":set keep 3M");
  enter_at(t, "[1] >", ":set keep");
  assert_int_not_equal(term_find(t, "  keep     3M"), -1);
  enter_at(t, "[1] >", ":set keep much");
  assert_int_not_equal(term_find(t, "keep takes SIZE, not much"), -1);
  enter_at(t, "[1] >", ":set kep 1M");
  assert_int_not_equal(term_find(t, "there is no setting kep; did you mean keep?"), -1);
  quit(t);
}

static void test_keys_become_those_of_vi_and_back(void **state)
{
  struct term *t = session();
  enter_at(t, "[1] >", ":set keys vi");
  term_send(t, "abc");
  term_wait_line(t, "[1] > abc");
  term_send(t, "\033" "0x");
  term_wait_line(t, "[1] > bc");
  term_send(t, "cc");
  term_wait_line(t, "[1] >");
  term_send(t, ":set keys emacs" KEY_ENTER "abc");
  term_wait_line(t, "[1] > abc");
  term_send(t, CTRL('A'));
  term_send(t, "x");
  term_wait_line(t, "[1] > xabc");
  term_send(t, CTRL('E'));
  term_send(t, CTRL('U'));
  term_wait_line(t, "[1] >");
  quit(t);
}

static void test_suggestions_are_switched_off(void **state)
{
  struct term *t = term_open(80, 24, term_lull(), NULL);
  term_wait_line(t, "[1] >");
  term_send(t, "let ghost = 1" KEY_ENTER);
  term_wait_line(t, "[2] >");
  term_send(t, "let g");
  term_wait_line(t, "[2] > let ghost = 1");
  term_send(t, CTRL('U'));
  term_wait_line(t, "[2] >");
  enter_at(t, "[2] >", ":set suggest off");
  term_send(t, "let g");
  term_wait_line(t, "[2] > let g");
  term_wait_quiet(t, 0.1);
  assert_string_equal(term_row(t, term_cursor(t).row), "[2] > let g");
}

static void test_documentation(void **state)
{
  struct term *t = session();
  enter_at(t, "[1] >", ":doc math.sqrt");
  assert_int_not_equal(term_find(t, "sqrt(x)"), -1);
  assert_int_not_equal(term_find(t, "The square root, a float."), -1);
  enter_at(t, "[1] >", ":doc timer.cancel");
  assert_int_not_equal(term_find(t, "Stops the timer"), -1);
  term_paste(t, "# Says hello.\nfn hello(name = \"you\") => \"hello ${name}\"");
  term_send(t, KEY_ENTER);
  term_wait_line(t, "[2] >");
  enter_at(t, "[2] >", ":doc hello");
  assert_int_not_equal(term_find(t, "hello(name = \"you\")"), -1);
  assert_int_not_equal(term_find(t, "Says hello."), -1);
  enter_at(t, "[2] >", ":doc nosuch");
  assert_int_not_equal(term_find(t, "nothing is known of nosuch"), -1);
  quit(t);
}

static void test_output_through_a_command(void **state)
{
  struct term *t = session();
  term_send(t, "for i in 0..100 { print(\"line ${i}\") }" KEY_ENTER);
  term_wait_line(t, "[2] >");
  enter_at(t, "[2] >", ":out 1 | grep -c 7");
  assert_string_equal(term_row(t, term_cursor(t).row - 1), "19");
  enter_at(t, "[2] >", ":out | tail -1");
  assert_string_equal(term_row(t, term_cursor(t).row - 1), "line 99");
  quit(t);
}

static char *file_text(const char *path)
{
  static char text[4096];
  FILE *f = fopen(path, "r");
  size_t len = f ? fread(text, 1, sizeof text - 1, f) : 0;
  text[len] = 0;
  if (f) fclose(f);
  return text;
}

static void test_log(void **state)
{
  char folder[] = "/tmp/lull-log-XXXXXX", path[64];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/log", folder);
  struct term *t = term_open(80, 24, term_lull(), "--log", path, "-q", NULL);
  term_wait_line(t, "[1] >");
  term_send(t, "after(1ms, print, \"from behind\"); 6 * 7" KEY_ENTER);
  term_wait_text(t, "[1] from behind");
  term_wait_line(t, "[2] >");
  term_send(t, "if true {" KEY_ENTER "\"a\"; nosuch }" KEY_ENTER);
  term_wait_text(t, "^^^^^^");
  term_send(t, CTRL('U'));
  term_send(t, "\003");
  term_wait_line(t, "[2] >");
  enter_at(t, "[2] >", ":set log off");
  enter_at(t, "[2] >", ":jobs");
  quit(t);
  const char *text = file_text(path);
  assert_non_null(strstr(text, "[1] > after(1ms, print, \"from behind\"); 6 * 7\n42\n"));
  assert_non_null(strstr(text, "[1] from behind\n"));
  assert_non_null(strstr(text, "[2] > if true {\n...   \"a\"; nosuch }\n"));
  assert_non_null(strstr(text, "'nosuch' is not declared"));
  assert_null(strstr(text, "\033"));
  assert_null(strstr(text, ":jobs"));
  remove(path);
  remove(folder);
}

#define TEST(name) cmocka_unit_test_teardown(name, term_teardown)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    TEST(test_settings),
    TEST(test_keys_become_those_of_vi_and_back),
    TEST(test_suggestions_are_switched_off),
    TEST(test_documentation),
    TEST(test_output_through_a_command),
    TEST(test_log),
  };
  if (argc > 1) cmocka_set_test_filter(argv[1]);
  return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
