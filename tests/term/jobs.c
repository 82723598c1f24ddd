// Job control of a session: foreground and background, what is kept of cells, children that get the terminal, commands.
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

static struct term *session(void)
{
  struct term *t = term_open(80, 30, term_lull(), "-q", NULL);
  term_wait_line(t, "[1] >");
  return t;
}

// Keys that make signals overtake the keys before them, so it is waited until the cell they are meant for runs.
static void test_ctrl_z_puts_an_await_behind(void **state)
{
  struct term *t = session();
  term_line(t, "print(\"go\"); await sleep(300ms); 6 * 7");
  term_wait_count(t, "\ngo", 1);
  term_send(t, CTRL('Z'));
  term_wait_text(t, "[1] in the background");
  term_wait_line(t, "[2] >");
  term_line(t, "\"still here\"");
  term_wait_line(t, "[3] >");
  term_wait_text(t, "[1] done: 42");
  assert_int_equal(term_count(t, "done"), 1);
  term_line(t, "_1 + 1");
  term_wait_text(t, "43");
}

static void test_an_ampersand_starts_behind(void **state)
{
  struct term *t = session();
  term_line(t, "await sleep(200ms); \"late\" &");
  term_wait_line(t, "[2] >");
  term_wait_text(t, "[1] done: \"late\"");
  term_line(t, "let a = 6 &");
  term_wait_line(t, "[3] >");
  term_line(t, "a & 3");
  term_wait_line(t, "[4] >");
  assert_string_equal(term_above(t), "2");
}

static void test_fg_waits_again_and_shows_the_value(void **state)
{
  struct term *t = session();
  term_line(t, "await sleep(600ms); print(\"own\"); 5 &");
  term_wait_line(t, "[2] >");
  term_line(t, ":fg 1");
  term_wait_count(t, "\nown\n", 1);
  term_wait_line(t, "[2] >");
  assert_int_equal(term_count(t, "[1] own"), 0);
  assert_string_equal(term_above(t), "5");
  term_line(t, ":fg 1");
  term_wait_count(t, "\n5\n", 2);
  term_line(t, ":fg 9");
  term_wait_text(t, "there is no cell 9");
}

static void test_the_status_row_comes_and_goes(void **state)
{
  struct term *t = session();
  term_line(t, "await sleep(1s)");
  term_wait_text(t, "[1] waiting");
  term_wait_text(t, "Ctrl-C cancel");
  term_wait_line(t, "[2] >");
  assert_int_equal(term_find(t, "waiting"), -1);
}

static void test_jobs_lists_and_cancel_ends(void **state)
{
  struct term *t = session();
  term_line(t, ":jobs");
  term_wait_text(t, "nothing is running");
  term_line(t, "every(1h, print, \"never\")");
  term_wait_line(t, "[2] >");
  term_line(t, "await deferred() &");
  term_wait_line(t, "[3] >");
  term_line(t, ":jobs");
  term_wait_text(t, "every(1h, print, \"never\")");
  term_wait_text(t, "timer");
  term_wait_text(t, "waiting");
  term_line(t, ":cancel 1");
  term_wait_text(t, "cancelled 1 thing of cell 1");
  term_line(t, ":cancel 2");
  term_wait_text(t, "[2] cancelled");
  term_send(t, CTRL('L'));
  term_line(t, ":jobs");
  term_wait_text(t, "nothing is running");
  term_line(t, ":cancel 1");
  term_wait_text(t, "nothing of 1 is running");
}

static void test_ctrl_c_leaves_the_background_alone(void **state)
{
  struct term *t = session();
  term_line(t, "every(50ms, print, \"tick\"); nil");
  term_wait_count(t, "[1] tick", 2);
  term_line(t, "await sleep(1h)");
  term_wait_text(t, "waiting");
  term_send(t, CTRL('C'));
  term_wait_text(t, "interrupted");
  int before = term_count(t, "[1] tick");
  term_wait_count(t, "[1] tick", before + 3);
}

static void test_what_will_not_end_is_left_behind(void **state)
{
  struct term *t = session();
  term_line(t, "print(\"go\"); while true { try { await sleep(1h) } catch e { print(\"no\") } }");
  term_wait_count(t, "\ngo", 1);
  for (int i = 1; i <= 2; i++) {
    term_send(t, CTRL('C'));
    term_wait_count(t, "\nno", i);
  }
  term_send(t, CTRL('C'));
  term_wait_text(t, "[1] does not end");
  term_wait_line(t, "[2] >");
}

static void test_a_stopped_loop_keeps_the_next_line(void **state)
{
  struct term *t = session();
  for (int cell = 1; cell <= 5; cell++) {
    char prompt[16];
    term_line(t, "print(\"go\"); while true {}");
    term_wait_count(t, "\ngo", cell);
    term_send(t, CTRL('C'));
    snprintf(prompt, sizeof prompt, "[%d] >", cell + 1);
    term_wait_line(t, prompt);
    term_send(t, "kept");
    snprintf(prompt, sizeof prompt, "[%d] > kept", cell + 1);
    term_wait_line(t, prompt);
    term_send(t, CTRL('C'));
    snprintf(prompt, sizeof prompt, "[%d] >", cell + 1);
    term_wait_line(t, prompt);
  }
}

static void test_errors_behind_are_counted(void **state)
{
  struct term *t = session();
  term_line(t, "after(50ms, () => { throw \"oops\" }); nil");
  term_wait_text(t, "[1] [1]:1:");
  term_wait_line(t, "[2] !1 >");
  term_line(t, ":err");
  term_wait_text(t, "cell 1: 1 error");
  term_wait_line(t, "[2] >");
}

static void test_a_flood_is_kept(void **state)
{
  struct term *t = session();
  term_line(t, "after(10ms, () => { for i in 0..3000 { print(\"line\", i) } }); nil");
  term_wait_text(t, "more lines (:out 1)");
  term_wait_line(t, "[2] >");
  assert_int_equal(term_count(t, "[1] line 2999"), 0);
  term_line(t, ":out 1");
  term_wait_text(t, "line 2999");
}

static void test_mute(void **state)
{
  struct term *t = session();
  term_line(t, "every(30ms, print, \"noise\"); nil");
  term_wait_count(t, "[1] noise", 2);
  term_line(t, ":mute 1");
  term_wait_text(t, "cell 1 is muted");
  int before = term_count(t, "[1] noise");
  term_line(t, "await sleep(300ms); \"calm\"");
  term_wait_text(t, "\"calm\"");
  term_wait_line(t, "[3] >");
  assert_int_equal(term_count(t, "[1] noise"), before);
  term_line(t, ":unmute 1");
  term_wait_count(t, "[1] noise", before + 1);
}

static void test_a_child_gets_the_terminal_and_gives_it_back(void **state)
{
  struct term *t = session();
  term_line(t, "!echo 'speak:'; read word; echo \"got $word\"");
  term_wait_count(t, "\nspeak:", 1);
  term_line(t, "this");
  term_wait_text(t, "got this");
  term_wait_line(t, "[1] >");
  term_line(t, "!echo 'asleep now'; exec sleep 100");
  term_wait_count(t, "\nasleep now", 1);
  term_send(t, CTRL('C'));
  term_wait_line(t, "[1] >");
  term_line(t, "1 + 1");
  term_wait_line(t, "[2] >");
}

static void test_edit_hands_over_the_input(void **state)
{
  term_set_env("VISUAL", "sed -i s/1/2/");
  struct term *t = session();
  term_line(t, "print(1)");
  term_wait_line(t, "[2] >");
  term_line(t, ":edit 1");
  term_wait_line(t, "[2] > print(2)");
}

static void test_save_and_load(void **state)
{
  struct term *t = session();
  term_line(t, "let x = 5");
  term_line(t, "fn f() => x + 1");
  term_line(t, "throw \"not this\"");
  term_wait_line(t, "[4] >");
  term_line(t, ":save a.lull");
  term_wait_text(t, "2 cells written to a.lull");
  term_line(t, ":reset");
  term_wait_text(t, "forgotten");
  term_line(t, ":load a.lull");
  term_wait_line(t, "[5] >");
  term_line(t, "f()");
  term_wait_line(t, "[6] >");
  assert_string_equal(term_above(t), "6");
  term_line(t, ":load nosuch");
  term_wait_text(t, "nosuch: No such file or directory");
}

static void test_time_doc_and_unknown_commands(void **state)
{
  struct term *t = session();
  term_line(t, ":time await sleep(50ms)");
  term_wait_text(t, " ms");
  term_wait_line(t, "[2] >");
  term_line(t, ":doc after");
  term_wait_text(t, "after(delay, f, ...args)");
  term_line(t, ":jbos");
  term_wait_text(t, "did you mean :jobs?");
  term_line(t, ":q");
  assert_exited(term_wait_exit(t), 0);
}

static void test_a_table_of_maps(void **state)
{
  struct term *t = session();
  term_line(t, "[{name: \"Ann\", age: 7}, {name: \"Bo\", age: 31}]");
  term_wait_line(t, "[2] >");
  term_wait_text(t, "name │ age");
  term_wait_text(t, "Bo   │  31");
}

static void test_a_long_value_is_cut(void **state)
{
  struct term *t = session();
  term_line(t, "range = 0..5000; range.list()");
  term_line(t, ":clear");
  term_wait_quiet(t, 0.3);
  term_line(t, "(0..5000).map(x => x)");
  term_wait_text(t, "... (:out shows the rest)");
  term_line(t, ":out");
  term_wait_text(t, "4999");
}

static void test_init_file(void **state)
{
  struct term *first = session();
  char path[4096];
  snprintf(path, sizeof path, "%s/init.lull", term_home(first));
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("print(\"from init\")\nlet greeting = \"hello\"\n", file);
  fclose(file);
  term_set_env("LULL_INIT", path);
  struct term *t = term_open(80, 24, term_lull(), "-q", NULL);
  term_wait_line(t, "[1] >");
  term_wait_text(t, "from init");
  term_line(t, "greeting");
  term_wait_text(t, "\"hello\"");
}

static void test_the_background_cannot_forge(void **state)
{
  struct term *t = session();
  term_line(t, "after(10ms, () => { print(\"\\u{1b}[2J\\u{1b}]0;title\\u{7}\\u{1b}[31mred\") }); nil");
  term_wait_text(t, "[1] ^[[2J^[]0;title^Gred");
}

static void test_a_dot_at_a_time(void **state)
{
  struct term *t = session();
  term_line(t, "let n = 0; let t = every(150ms, () => { n += 1; write(\"\\rstep ${n}\"); if n == 3 { t.cancel() } }); nil");
  term_wait_text(t, "[1] step 2");
  term_wait_text(t, "[1] step 3");
  term_wait_line(t, "[2] >");
}

static void test_a_server_is_a_job(void **state)
{
  struct term *t = session();
  term_line(t, "let s = net.serve(0, c => { for text in c { print(text) } })");
  term_wait_line(t, "[2] >");
  term_line(t, "let c = await net.connect(\"127.0.0.1\", s.port)");
  term_wait_line(t, "[3] >");
  term_line(t, "await c.write_line(\"over the wire\")");
  term_wait_text(t, "[1] over the wire");
  term_line(t, ":jobs");
  term_wait_text(t, "listen on 127.0.0.1:");
  term_wait_text(t, "1 connection");
  term_wait_text(t, "read from 127.0.0.1:");
  term_line(t, ":cancel 1");
  term_wait_text(t, "cancelled");
  term_line(t, "await c.read()");
  term_wait_text(t, "\ndone");
  term_line(t, "c.is_open");
  term_wait_text(t, "\ntrue");
}

// --- how cells end, and what is said of it

static void test_ends_of_cells_behind(void **state)
{
  struct term *t = session();
  term_line(t, "await sleep(30ms); throw \"mi\" + \"ne\" &");
  term_wait_text(t, "[1] failed");
  term_wait_text(t, "Error: mine");
  term_line(t, "await sleep(1h) &");
  term_wait_line(t, "[3] >");
  term_line(t, ":cancel 2");
  term_wait_text(t, "[2] cancelled");
  term_line(t, ":fg 2");
  term_wait_count(t, "cancelled", 3);
  term_line(t, "await sleep(30ms); nil &");
  term_wait_text(t, "[3] done");
  term_line(t, "await sleep(30ms); list(0..100) &");
  term_wait_text(t, " …");
  term_line(t, "spawn { throw \"lo\" + \"st\" }; nil");
  term_wait_text(t, "Error: lost");
  term_wait_text(t, "] !1 >");
  term_line(t, ":err");
  term_wait_text(t, "cell 5: 1 error");
  term_wait_line(t, "[6] >");
}

static void test_a_cell_that_is_cancelled_in_front(void **state)
{
  struct term *t = session();
  term_line(t, "let t = spawn { await sleep(1h) }; after(30ms, t.cancel); await t");
  term_wait_text(t, "ancelled");
  term_wait_line(t, "[2] >");
}

static void test_exit_from_behind(void **state)
{
  struct term *t = session();
  term_line(t, "after(20ms, () => exit(4)); nil");
  assert_exited(term_wait_exit(t), 4);
  t = session();
  term_line(t, "await sleep(20ms); exit(5) &");
  assert_exited(term_wait_exit(t), 5);
}

static void test_the_status_row_is_switched_off(void **state)
{
  struct term *t = session();
  term_line(t, ":set status off");
  term_line(t, "print(\"i\" + \"n\"); await sleep(300ms); 6 * 7");
  term_wait_text(t, "\nin");
  term_wait_text(t, "\n42");
  size_t len;
  assert_null(strstr(term_bytes(t, &len), "Ctrl-C cancel"));
}

static void test_a_status_row_in_little_room(void **state)
{
  struct term *t = term_open(24, 10, term_lull(), "-q", NULL);
  term_wait_line(t, "[1] >");
  term_line(t, ":set status 0.01");
  term_line(t, "await sleep(1h)");
  term_wait_text(t, "[1] waiting");
  term_send(t, CTRL('C'));
  term_wait_text(t, "interrupted");
}

// --- displays

static void test_tables_and_displays(void **state)
{
  struct term *t = session();
  term_line(t, "display([{name: \"A\" + \"da\", age: 36}, {name: \"Bo\", age: 7}])");
  term_wait_text(t, "Ada  \u2502  36");
  term_line(t, "display([1, 2] + [3])");
  term_wait_text(t, "\n[1, 2, 3]\n");
  term_line(t, "display(\"\")");
  term_line(t, "display(\"end\" + \"ed\\n\")");
  term_wait_text(t, "\nended\n");
  term_line(t, "for i in 5..12 { await display(\"x${i}\") } &");
  term_wait_text(t, "[5] x5");
}

static void test_displays_that_change(void **state)
{
  struct term *t = session();
  term_line(t, "let many = list(0..40).map(i => display(\"d${i}\"))");
  term_wait_line(t, "[2] >");
  term_line(t, "every(20ms, () => many.each(d => d.update(\"now\" + \" it\")))");
  term_wait_text(t, "now it");
  term_line(t, ":mute 2");
  term_wait_text(t, "is muted");
  term_line(t, ":cancel 2");
  term_wait_text(t, "cancelled 1 thing of cell 2");
  term_line(t, "let tall = display(\"\"); every(20ms, () => tall.update(list(0..80).map(i => \"row${i}\").join(\"\\n\")))");
  term_wait_text(t, "row79");
  term_line(t, ":cancel 3");
  term_wait_count(t, "cancelled 1 thing of cell 3", 1);
  term_line(t, "print(\"left\" + \" over\")");
  term_wait_count(t, "left over", 1);
}

static void test_many_jobs(void **state)
{
  struct term *t = session();
  term_line(t, "for i in 0..600 { after(1h, print, i) }");
  term_wait_line(t, "[2] >");
  term_line(t, ":jobs");
  term_wait_text(t, "... and ");
  term_line(t, "let quiet = \"a title that goes on\"; let and_on = [\"and on\", \"until there is no more room for it\"]; await sleep(1h) &");
  term_wait_line(t, "[3] >");
  term_line(t, ":jobs all");
  term_wait_text(t, "<- sleep");
}

static void test_what_is_gone_of_the_output(void **state)
{
  struct term *t = session();
  term_line(t, ":set keep 1K");
  term_line(t, "for i in 0..3000 { print(\"a line of output\", i) }");
  term_wait_text(t, "a line of output 2999");
  term_line(t, ":out");
  term_wait_count(t, " KB before this are gone", 1);
}

// --- answers

static void test_questions(void **state)
{
  struct term *t = session();
  term_line(t, "input(\"who? \")");
  term_wait_line(t, "who?");
  term_line(t, "Ada (");  // any line is an answer
  term_wait_text(t, "\"Ada (\"");
  term_line(t, "input(\"left? \")");
  term_wait_line(t, "left?");
  term_send(t, CTRL('C'));
  term_wait_text(t, "interrupted");
  term_line(t, "input(\"none? \") == nil");
  term_wait_line(t, "none?");
  term_send(t, CTRL('D'));
  term_wait_text(t, "\ntrue");
  term_line(t, "input(\"behind? \") &");  // the next line is no answer to it
  term_wait_text(t, "the cell is in the background");
  term_line(t, "let a = spawn { input(\"one? \") }; let b = spawn { input(\"two? \") }; [await a, await b]");
  term_wait_text(t, "another question is open");
}

#define TEST(name) cmocka_unit_test_teardown(name, term_teardown)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    TEST(test_ctrl_z_puts_an_await_behind),
    TEST(test_an_ampersand_starts_behind),
    TEST(test_fg_waits_again_and_shows_the_value),
    TEST(test_the_status_row_comes_and_goes),
    TEST(test_jobs_lists_and_cancel_ends),
    TEST(test_a_server_is_a_job),
    TEST(test_ctrl_c_leaves_the_background_alone),
    TEST(test_what_will_not_end_is_left_behind),
    TEST(test_a_stopped_loop_keeps_the_next_line),
    TEST(test_errors_behind_are_counted),
    TEST(test_a_flood_is_kept),
    TEST(test_mute),
    TEST(test_a_child_gets_the_terminal_and_gives_it_back),
    TEST(test_edit_hands_over_the_input),
    TEST(test_save_and_load),
    TEST(test_time_doc_and_unknown_commands),
    TEST(test_a_table_of_maps),
    TEST(test_a_long_value_is_cut),
    TEST(test_init_file),
    TEST(test_the_background_cannot_forge),
    TEST(test_a_dot_at_a_time),
    TEST(test_ends_of_cells_behind),
    TEST(test_a_cell_that_is_cancelled_in_front),
    TEST(test_exit_from_behind),
    TEST(test_the_status_row_is_switched_off),
    TEST(test_a_status_row_in_little_room),
    TEST(test_tables_and_displays),
    TEST(test_displays_that_change),
    TEST(test_many_jobs),
    TEST(test_what_is_gone_of_the_output),
    TEST(test_questions),
  };
  if (argc > 1) cmocka_set_test_filter(argv[1]);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
