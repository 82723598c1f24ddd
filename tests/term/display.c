// What is displayed and changes while it stands on the screen: updates of handles, progress bars.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "term.h"

static struct term *session(void)
{
  struct term *t = term_open(80, 30, term_lull(), "-q", NULL);
  term_wait_line(t, "[1] >");
  return t;
}

static void test_a_display_is_no_value_to_echo(void **state)
{
  struct term *t = session();
  term_line(t, "display(\"one\" + \"two\")");
  term_wait_line(t, "[2] >");
  assert_int_equal(term_count(t, "onetwo"), 1);
  term_line(t, "_.update(\"thr\" + \"ee\")");
  term_wait_line(t, "[3] >");
  assert_string_equal(term_above(t), "three");
  assert_int_equal(term_count(t, "#"), 0);
}

// Numbers go by in the same row, above the text being typed; the last one stays.
static void test_updates_stand_above_the_prompt(void **state)
{
  struct term *t = session();
  term_line(t, "let d = display(\"begin\")");
  term_wait_line(t, "[2] >");
  term_line(t, "every(20ms, () => d.update(\"n\" + \"ow ${now}\")); let now = 0");
  term_wait_line(t, "[3] >");
  term_wait_text(t, "[2] now 0");
  term_send(t, "now = 1");
  term_wait_line(t, "[3] > now = 1");
  assert_string_equal(term_above(t), "[2] now 0");
  term_send(t, KEY_ENTER);
  term_wait_text(t, "[2] now 1");
  term_wait_line(t, "[4] >");
  assert_int_equal(term_count(t, "[2] now"), 1);
  term_line(t, ":cancel 2");
  term_wait_text(t, "cancelled 1 thing of cell 2");
  term_wait_line(t, "[4] >");
  term_wait_quiet(t, 0.7);
  assert_int_equal(term_count(t, "[2] now 1"), 1);
  assert_int_equal(term_count(t, "[2] now 0"), 0);
  assert_int_equal(term_count(t, "begin"), 2);
}

static void test_a_block_of_rows_is_redrawn(void **state)
{
  struct term *t = session();
  term_line(t, "let d = display(1); for i in 0..4 { d.update(\"to${i}p\\n\\nend\"); await sleep(30ms) }");
  term_wait_line(t, "[2] >");
  int row = term_cursor(t).row;
  assert_string_equal(term_row(t, row - 3), "to3p");
  assert_string_equal(term_row(t, row - 2), "");
  assert_string_equal(term_row(t, row - 1), "end");
  assert_int_equal(term_count(t, "\nend"), 1);
}

static void test_progress_in_front(void **state)
{
  struct term *t = session();
  term_line(t, "for x in progress(0..20, \"wo\" + \"rk\") { await sleep(30ms) }");
  term_wait_text(t, "/20 ");
  assert_true(term_find(t, "work \u2588") >= 0);
  term_wait_text(t, "work: 20 in ");
  term_wait_line(t, "[2] >");
  assert_int_equal(term_count(t, "/20 "), 0);
  assert_int_equal(term_count(t, "work"), 1);
}

// Nothing comes back to the loop here.
static void test_progress_of_a_busy_loop(void **state)
{
  struct term *t = session();
  term_line(t, "for x in progress(0..4_000_000_000) { }");
  term_wait_text(t, "/4000000000 ");
  term_send(t, CTRL('C'));
  term_wait_text(t, "interrupted");
  term_wait_line(t, "[2] >");
}

static void test_progress_behind(void **state)
{
  struct term *t = session();
  term_line(t, "for x in progress(0..10, \"wo\" + \"rk\") { await sleep(50ms) } &");
  term_wait_line(t, "[2] >");
  term_wait_text(t, "[1] work \u2588");
  term_wait_text(t, "[1] work: 10 in ");
  term_wait_line(t, "[2] >");
  assert_int_equal(term_count(t, "work"), 1);
}

static void test_progress_of_a_script(void **state)
{
  struct term *t = term_open(60, 10, term_lull(), "-e",
                             "for x in progress(0..9, \"work\") { await sleep(30ms); if x == 6 { print(\"six\") } }", NULL);
  term_wait_text(t, "work \u2588");
  assert_exited(term_wait_exit(t), 0);
  assert_string_equal(term_row(t, 0), "six");
  assert_int_equal(strncmp(term_row(t, 1), "work: 9 in ", 11), 0);
  assert_string_equal(term_row(t, 2), "");
}

static void test_no_bars_on_a_dumb_terminal(void **state)
{
  term_set_env("TERM", "dumb");
  struct term *t = term_open(60, 10, term_lull(), "-e",
                             "for x in progress(0..9) { await sleep(20ms) }; print(\"end\")", NULL);
  assert_exited(term_wait_exit(t), 0);
  assert_string_equal(term_all(t), "end");
}

static void test_records_of_a_script(void **state)
{
  struct term *t = term_open(60, 10, term_lull(), "-e", "display([{name: \"Ada\", age: 36}, {name: \"Bo\", age: 7}])", NULL);
  assert_exited(term_wait_exit(t), 0);
  assert_string_equal(term_row(t, 0), "name \u2502 age");
  assert_string_equal(term_row(t, 2), "Ada  \u2502  36");
  assert_string_equal(term_row(t, 3), "Bo   \u2502   7");
}

// A program at a terminal: each form in which a value is displayed.
static void test_displays_of_a_script(void **state)
{
  static const struct { const char *code, *screen; } cases[] = {
    { "class M { fn to_markdown() => \"# Head\\n* item\" }; display(M())", "Head\n\u2550\u2550\u2550\u2550\n\n\u2022 item" },
    { "display(\"\"); display(\"a\\n\"); display(\"b\")", "\na\nb" },
    { "display([1, 2]); display([])", "[1, 2]\n[]" },
    { "display([{a: 1}, {b: 2}])", "[{a: 1}, {b: 2}]" },
    { "let d = display(1); d.update(2); d.update([{a: 1}, {a: 2}])", "1\n2\na\n\u2500\n1\n2" },
    { "display(\"\\u{1b}[2Jx\\u{1b}[31my\")", "^[[2Jxy" },
    { "for x in progress(0..3) { await sleep(1ms) }; print(\"end\")", NULL },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct term *t = term_open(60, 12, term_lull(), i % 2 ? "--color=never" : "--color=auto", "-e", cases[i].code, NULL);
    assert_exited(term_wait_exit(t), 0);
    if (cases[i].screen) assert_string_equal(term_all(t), cases[i].screen);
    else assert_int_equal(term_count(t, "end"), 1);
    term_close(t);
  }
}

static void test_json_from_a_server(void **state)
{
  struct term *t = session();
  term_line(t, "try { http.get } catch e { print(\"no \" + \"http\") }");
  term_wait_line(t, "[2] >");
  if (term_count(t, "no http")) skip();
  term_line(t, "let s = http.serve(0, r => [{name: \"A\" + \"da\", age: 36}, {name: \"Bo\", age: 7}])");
  term_wait_line(t, "[3] >");
  term_line(t, "await http.json(s.url)");
  term_wait_text(t, "name \u2502 age");
  term_wait_text(t, "Ada  \u2502  36");
  term_wait_line(t, "[4] >");
  term_line(t, ":jobs");
  term_wait_text(t, "http server on 127.0.0.1:");
}

#define TEST(name) cmocka_unit_test_teardown(name, term_teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(test_a_display_is_no_value_to_echo),
    TEST(test_updates_stand_above_the_prompt),
    TEST(test_a_block_of_rows_is_redrawn),
    TEST(test_progress_in_front),
    TEST(test_progress_of_a_busy_loop),
    TEST(test_progress_behind),
    TEST(test_progress_of_a_script),
    TEST(test_no_bars_on_a_dumb_terminal),
    TEST(test_records_of_a_script),
    TEST(test_displays_of_a_script),
    TEST(test_json_from_a_server),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
