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
  term_leave(t);
}

static void test_settings_that_take_a_count(void **state)
{
  struct term *t = session();
  static const char *const wrong[] = { "some", "5x", "0", "99999999999" };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char line[64], told[64];
    snprintf(line, sizeof line, ":set cells %s", wrong[i]);
    snprintf(told, sizeof told, "cells takes COUNT, not %s", wrong[i]);
    enter_at(t, "[1] >", line);
    assert_int_not_equal(term_find(t, told), -1);
  }
  enter_at(t, "[1] >", ":set cells 50");
  enter_at(t, "[1] >", ":set cells");
  assert_int_not_equal(term_find(t, "  cells    50"), -1);
  term_leave(t);
}

static void test_commands_of_nothing(void **state)
{
  struct term *t = session();
  enter_at(t, "[1] >", ":bg");
  assert_int_not_equal(term_find(t, ":bg CODE starts one there"), -1);
  term_leave(t);
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
  term_leave(t);
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
  term_leave(t);
}

static void test_output_through_a_command(void **state)
{
  struct term *t = session();
  term_send(t, "for i in 0..100 { print(\"line ${i}\") }" KEY_ENTER);
  term_wait_line(t, "[2] >");
  enter_at(t, "[2] >", ":out 1 | grep -c 7");
  assert_string_equal(term_above(t), "19");
  enter_at(t, "[2] >", ":out | tail -1");
  assert_string_equal(term_above(t), "line 99");
  term_leave(t);
}

// --- what commands say to arguments they cannot use

struct said {
  const char *line, *answer;
};

// Every line is answered by the row above the prompt that comes back.
static void says(struct term *t, const char *prompt, const struct said *said, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    enter_at(t, prompt, said[i].line);
    const char *row = term_above(t);
    if (strcmp(row, said[i].answer)) fail_msg("%s: expected \"%s\", got \"%s\"", said[i].line, said[i].answer, row);
  }
}

#define SAYS(t, prompt, said) says(t, prompt, said, sizeof said / sizeof *said)

static void test_wrong_arguments(void **state)
{
  static const char which[] = "which cell? :jobs shows their numbers";
  static const struct said said[] = {
    { ":cancel", which },
    { ":cancel one", which },
    { ":cancel .1", which },
    { ":cancel 1.", which },
    { ":cancel 1.1.1", which },
    { ":cancel 1:", which },
    { ":cancel 1234567890123456789", which },
    { ":cancel 9", "there is no cell 9" },
    { ":cancel 0", "nothing of 0 is running" },
    { ":cancel 0.7", "nothing of 0.7 is running" },
    { ":jobs some", ":jobs, or :jobs all" },
    { ":jobs of1", ":jobs, or :jobs all" },
    { ":jobs all", "nothing is running" },
    { ":fg", "no cell waits in the background" },
    { ":bg", "a cell in front goes to the background with Ctrl-Z; :bg CODE starts one there" },
    { ":time", ":time CODE" },
    { ":doc", ":doc NAME" },
    { ":load", ":load FILE" },
    { ":save", ":save FILE" },
    { ":save /dev/null/file", "/dev/null/file: Not a directory" },
    { ":mute", which },
    { ":mute 4", "there is no cell 4" },
    { ":unmute 4", "there is no cell 4" },
    { ":out 4", "there is no cell 4" },
    { ":out", "nothing was printed" },
    { ":out | wc -l", "1" },
    { ":err", "no errors in the background" },
    { ":edit 4", "there is no cell 4" },
    { " :history of nobody", "no entry has that" },
    { ":zzzzzzzzzzz", "there is no command :zzzzzzzzzzz; :help lists them" },
    { ":jbos", "there is no command :jbos; did you mean :jobs?" },
    { ":help jobs", "  :jobs [all]         what is running: cells and what they have started" },
    { ":help  :err", "  :err                the errors of the background, once more" },
    { ":help nothing", "  _, _3               the last value, the value of cell 3" },
    { ":", "  _, _3               the last value, the value of cell 3" },
    { ":  jo", "nothing is running" },
    { "!", "[1] > !" },  // a shell with nothing to do
  };
  struct term *t = session();
  SAYS(t, "[1] >", said);
  term_leave(t);
}

static void test_settings_that_are_refused(void **state)
{
  static const struct said said[] = {
    { ":set keep 0", "keep takes SIZE, not 0" },
    { ":set keep 3Mb", "keep takes SIZE, not 3Mb" },
    { ":set keep 3x", "keep takes SIZE, not 3x" },
    { ":set keep 9999999999", "keep takes SIZE, not 9999999999" },
    { ":set keys vim", "keys takes emacs|vi, not vim" },
    { ":set suggest maybe", "suggest takes on|off, not maybe" },
    { ":set status soon", "status takes SECONDS|off, not soon" },
    { ":set status 2m", "status takes SECONDS|off, not 2m" },
    { ":set status 0.001", "status takes SECONDS|off, not 0.001" },
    { ":set status 1e7", "status takes SECONDS|off, not 1e7" },
    { ":set status nan", "status takes SECONDS|off, not nan" },
    { ":set log /dev/null/log", "/dev/null/log: Not a directory" },
    { ":set zzzzzzzzzz 1", "there is no setting zzzzzzzzzz; :set lists them" },
  };
  struct term *t = session();
  SAYS(t, "[1] >", said);
  term_leave(t);
}

static void test_settings_as_they_were_set(void **state)
{
  static const struct { const char *set, *shown; } settings[] = {
    { ":set keep 20K", "  keep     20K " },     { ":set keep 3001", "  keep     3001 " }, { ":set status 2s", "  status   2 " },
    { ":set status 0.5", "  status   0.5 " },  { ":set status off", "  status   off " }, { ":set keys vi", "  keys     vi " },
    { ":set keys vi", "  keys     vi " },      { ":set keys emacs", "  keys     emacs " },
    { ":set log a.log", "  log      a.log " }, { ":set log off", "  log      off " },
  };
  struct term *t = session();
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    char ask[16];
    snprintf(ask, sizeof ask, "%.*s", (int)strcspn(settings[i].set + 5, " ") + 5, settings[i].set);
    enter_at(t, "[1] >", settings[i].set);
    enter_at(t, "[1] >", ask);
    const char *row = term_above(t);
    if (strncmp(row, settings[i].shown, strlen(settings[i].shown))) fail_msg("%s: %s", settings[i].set, row);
  }
  enter_at(t, "[1] >", ":set suggest on");
  term_send(t, ":set suggest" KEY_ENTER);
  term_wait_text(t, "  suggest  on ");
  term_leave(t);
}

// A cell asked for when it has ended: its value, its error, or that it is done.
static void test_ended_cells(void **state)
{
  static const struct said said[] = {
    { ":fg 1", "42" },
    { ":fg 2", "cell 2 is done" },
    { ":fg 4", "interrupted" },
    { ":fg 4.2", "interrupted" },
    { ":fg", "no cell waits in the background" },
    { ":out 2", "nothing was printed" },
    { ":out", "in" },
    { ":cancel 1", "nothing of 1 is running" },
    { " :history let", "let two = 2" },
    { " :history let tw", "let two = 2" },
    { " :history", ":cancel 1" },
    { ":help q", "  :quit               leave, as Ctrl-D does" },
    { ":reset", "everything has ended and is forgotten" },
  };
  struct term *t = session();
  term_send(t, "6 * 7" KEY_ENTER "let two = 2" KEY_ENTER "throw \"mine\"" KEY_ENTER);
  term_wait_line(t, "[4] >");
  term_send(t, "print(\"in\"); await sleep(1h)" KEY_ENTER);
  term_wait_text(t, "\nin");
  term_send(t, CTRL('C'));
  term_wait_line(t, "[5] >");
  enter_at(t, "[5] >", ":fg 3");
  assert_int_equal(term_count(t, "Error: mine"), 2);
  SAYS(t, "[5] >", said);
  term_leave(t);
}

// What has ended long ago is forgotten, but for its text; not while something of it runs, nor before its errors were told.
static void test_cells_are_forgotten(void **state)
{
  static const struct said said[] = {
    { ":fg 3", "cell 3 is forgotten; the newest 2 are remembered (:set cells)" },
    { ":out 3", "cell 3 is forgotten; the newest 2 are remembered (:set cells)" },
    { ":fg 1", "cell 1 is done" },
    { ":fg 6", "6" },
    { ":save all.lull", "7 cells written to all.lull; those that failed are not among them" },
    { "!head -4 all.lull | tail -1", "4" },
    { ":set cells 0", "cells takes COUNT, not 0" },
    { ":set cells", "  cells    2           COUNT: whose values and errors are remembered" },
  };
  struct term *t = session();
  enter_at(t, "[1] >", ":set cells 2");
  term_send(t, "let late = every(1h, print, 1)" KEY_ENTER);
  term_wait_line(t, "[2] >");
  term_send(t, "do { after(0s, () => { throw \"untold\" }); nil }" KEY_ENTER);
  term_wait_line(t, "[3] !1 >");
  term_send(t, "3" KEY_ENTER "4" KEY_ENTER "5" KEY_ENTER "6" KEY_ENTER "_6 + 1" KEY_ENTER);
  term_wait_line(t, "[8] !1 >");
  term_send(t, "_3" KEY_ENTER);
  term_wait_text(t, "'_3' is not declared");
  term_send(t, CTRL('C'));
  term_send(t, CTRL('L'));
  term_wait_line(t, "[8] !1 >");
  term_send(t, ":err" KEY_ENTER);
  term_wait_line(t, "[8] >");
  assert_int_not_equal(term_find(t, "cell 2: 1 error"), -1);
  SAYS(t, "[8] >", said);
  term_leave(t);
}

// A cell that is forgotten still labels what it prints.
static void test_a_forgotten_cell_prints(void **state)
{
  struct term *t = session();
  enter_at(t, "[1] >", ":set cells 1");
  term_send(t, "let d = deferred()" KEY_ENTER "do { d.then((x) => print(\"at\", x)); nil }" KEY_ENTER "3" KEY_ENTER "4" KEY_ENTER);
  term_wait_line(t, "[5] >");
  enter_at(t, "[5] >", ":fg 2");
  assert_int_not_equal(term_find(t, "cell 2 is forgotten"), -1);
  term_send(t, "d.resolve(\"last\")" KEY_ENTER);
  term_wait_text(t, "[2] at last");
  term_wait_line(t, "[6] >");
  term_leave(t);
}

static void test_parts_of_a_cell(void **state)
{
  static const struct said said[] = {
    { ":cancel 1.2", "cancelled 1.2" }, { ":cancel 1.4", "cancelled 1.4" }, { ":cancel 1.2", "nothing of 1.2 is running" },
    { ":cancel 1.9", "nothing of 1.9 is running" }, { ":mute 1", "cell 1 is muted; what it prints is kept (:out 1)" },
    { ":mute 1", "cell 1 is muted; what it prints is kept (:out 1)" }, { ":unmute 1", "cell 1 is heard again" },
    { ":cancel 1", "cancelled 1 thing of cell 1" }, { ":cancel 1", "nothing of 1 is running" },
  };
  struct term *t = session();
  term_send(t, "every(1h, print, 1); after(1h, print, 2); let s = spawn { await sleep(1h) }" KEY_ENTER);
  term_wait_line(t, "[2] >");
  enter_at(t, "[2] >", ":jobs");
  assert_int_not_equal(term_find(t, "every(1h"), -1);
  SAYS(t, "[2] >", said);
  term_leave(t);
}

static void test_a_muted_cell_is_marked(void **state)
{
  struct term *t = session();
  term_send(t, "every(1h, print, 1); after(1h, print, 2)" KEY_ENTER);
  term_wait_line(t, "[2] >");
  enter_at(t, "[2] >", ":mute 1");
  enter_at(t, "[2] >", ":jobs");
  assert_int_not_equal(term_find(t, ", muted"), -1);
  term_leave(t);
}

static void test_errors_of_the_background_counted(void **state)
{
  struct term *t = session();
  term_send(t, "after(1ms, () => throw \"one\")" KEY_ENTER);
  term_wait_text(t, "Error: one");
  term_send(t, "for i in 0..2 { after(1ms, () => throw \"two\") }" KEY_ENTER);
  term_wait_count(t, "Error: two", 2);
  term_send(t, ":err" KEY_ENTER);
  term_wait_text(t, "cell 1: 1 error\n");
  term_wait_text(t, "cell 2: 2 errors\n");
  term_wait_count(t, "Error: two", 4);
  term_leave(t);
}

// --- the editor

static struct term *session_with_editor(const char *script)
{
  struct term *t = term_open(80, 24, "/bin/sh", "-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" >ed; chmod +x ed; exec \"$0\" -q",
                             term_lull(), script, NULL);
  term_wait_line(t, "[1] >");
  return t;
}

static void test_the_editor(void **state)
{
  term_set_env("VISUAL", NULL);
  term_set_env("EDITOR", "./ed");
  struct term *t = session_with_editor("printf \"1 + 1\\n\\n\" >\"$1\"");
  term_send(t, ":edit" KEY_ENTER);
  term_wait_line(t, "[1] > 1 + 1");
  term_send(t, CTRL('X'));
  term_send(t, CTRL('E'));  // from the keyboard: what is typed is handed over
  term_wait_quiet(t, 0.1);
  term_wait_line(t, "[1] > 1 + 1");
  term_send(t, KEY_ENTER);
  term_wait_line(t, "[2] >");
}

static void test_the_editor_empties_the_file(void **state)
{
  term_set_env("VISUAL", "./ed");
  struct term *t = session_with_editor(">\"$1\"");
  term_send(t, "5" KEY_ENTER);
  term_wait_line(t, "[2] >");
  enter_at(t, "[2] >", ":edit 1");
  enter_at(t, "[2] >", ":fg 1");
  assert_string_equal(term_above(t), "5");
}

static void test_an_editor_that_fails(void **state)
{
  static const struct said said[] = { { ":edit", "the editor failed; nothing is changed" } };
  term_set_env("VISUAL", "false");
  struct term *t = session();
  SAYS(t, "[1] >", said);
}

static void test_an_editor_that_takes_the_file_away(void **state)
{
  term_set_env("VISUAL", "rm");
  struct term *t = session();
  enter_at(t, "[1] >", ":edit");
  assert_non_null(strstr(term_above(t), "No such file or directory"));
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
  term_leave(t);
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
    TEST(test_settings_that_take_a_count),
    TEST(test_commands_of_nothing),
    TEST(test_keys_become_those_of_vi_and_back),
    TEST(test_suggestions_are_switched_off),
    TEST(test_documentation),
    TEST(test_output_through_a_command),
    TEST(test_wrong_arguments),
    TEST(test_settings_that_are_refused),
    TEST(test_settings_as_they_were_set),
    TEST(test_ended_cells),
    TEST(test_cells_are_forgotten),
    TEST(test_a_forgotten_cell_prints),
    TEST(test_parts_of_a_cell),
    TEST(test_a_muted_cell_is_marked),
    TEST(test_errors_of_the_background_counted),
    TEST(test_the_editor),
    TEST(test_the_editor_empties_the_file),
    TEST(test_an_editor_that_fails),
    TEST(test_an_editor_that_takes_the_file_away),
    TEST(test_log),
  };
  if (argc > 1) cmocka_set_test_filter(argv[1]);
  return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
