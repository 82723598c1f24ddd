// What Tab offers: names, members, commands, files; and the menu it offers them in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "term.h"

#define TAB "\t"
#define BACKTAB "\033[Z"

// A session in whose folder there are files.
static struct term *session(int cols, int rows)
{
  struct term *t = term_open(cols, rows, "/bin/sh", "-c",
                             "mkdir folder .hidden; >folder/inside; >'one file.lull'; >other; cp folder/inside main.c; exec \"$0\" -q",
                             term_lull(), NULL);
  term_wait_line(t, "[1] >");
  return t;
}

struct tab {
  const char *typed, *line;  // the line after the keys, without its prompt
  const char *menu;          // and this stands below it; NULL: there is no menu
};

static bool has_no_menu(struct term *t, void *user)
{
  int row = term_cursor(t).row;
  return row == 29 || *term_row(t, row + 1) == 0;
}

static void complete(struct term *t, int cell, const struct tab *tabs, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    char prompt[16], line[128];
    snprintf(prompt, sizeof prompt, "[%d] >", cell);
    snprintf(line, sizeof line, "%s %s", prompt, tabs[i].line);
    term_send(t, tabs[i].typed);
    term_wait_line(t, line);
    if (tabs[i].menu) term_wait_text(t, tabs[i].menu);
    else term_wait(t, has_no_menu, NULL, "no menu");
    term_send(t, CTRL('A'));
    term_send(t, CTRL('K'));
    term_wait_line(t, prompt);
    term_wait(t, has_no_menu, NULL, "the menu to close");
  }
}

#define COMPLETE(t, cell, tabs) complete(t, cell, tabs, sizeof tabs / sizeof *tabs)

static void test_names(void **state)
{
  static const struct tab tabs[] = {
    { "lonely" TAB, "lonely_name", NULL },
    { "_pri" TAB, "_private", NULL },
    { "x = lonely" TAB, "x = lonely_name", NULL },
    { "k\303\244" TAB, "k\303\244se", NULL },
    { "pair" TAB, "pair_of_s", "  pair_of_shoes" },
    { "nosuchname" TAB, "nosuchname", NULL },
    { "never_giv" TAB, "never_giv", NULL },
    { "Shape" TAB, "ShapeMaker", NULL },
    { "Plain" TAB, "PlainMaker", NULL },
    { "function_wi" TAB, "function_with_two", NULL },
    { "method_bo" TAB, "method_bound", NULL },
    { "..lonely" TAB, "..lonely_name", NULL },
  };
  struct term *t = session(80, 30);
  term_send(t, "let lonely_name = 1; let _private = 2; let k\303\244se = 3; let pair_of_shoes = 4; let pair_of_socks = 5" KEY_ENTER);
  term_send(t, "class ShapeMaker { fn init(edges) { self.edges = edges } }; class PlainMaker {}; "
               "fn function_with_two(a, b) => a; let method_bound = [1].push" KEY_ENTER);
  term_wait_line(t, "[3] >");
  COMPLETE(t, 3, tabs);
}

static void test_members(void **state)
{
  static const struct tab tabs[] = {
    { "math.sqr" TAB, "math.sqrt", NULL },
    { "math.nosuch" TAB, "math.nosuch", NULL },
    { "math.pi.nosuch" TAB, "math.pi.nosuch", NULL },
    { "nosuch.name" TAB, "nosuch.name", NULL },
    { "a_map.bran" TAB, "a_map.branches", NULL },
    { "a_map.branches.dee" TAB, "a_map.branches.deeper", NULL },
    { "a_map.key" TAB, "a_map.keys", NULL },
    { "a_point.lef" TAB, "a_point.left", NULL },
    { "a_point.lengt" TAB, "a_point.length_of", NULL },
    { "a_point.left.deep" TAB, "a_point.left.deep", NULL },
    { "[1].pus" TAB, "[1].pus", NULL },     // the value of an expression is not known
    { "f().pus" TAB, "f().pus", NULL },
    { "\"a\".upp" TAB, "\"a\".upp", NULL },
    { "0..math.sq" TAB, "0..math.sqrt", NULL },
    { "f(...a_map.bran" TAB, "f(...a_map.branches", NULL },
    { "a_list." TAB, "a_list.", "  push" },
    { "print(a_point.lef" TAB, "print(a_point.left", NULL },
  };
  struct term *t = session(80, 30);
  term_send(t, "class Point { fn init() { self.left = 1 }; fn length_of() => 2 }; let a_point = Point(); let a_list = [1]; "
               "let a_map = {branches: {deeper: 1}, [7]: 2}" KEY_ENTER);
  term_wait_line(t, "[2] >");
  COMPLETE(t, 2, tabs);
}

static void test_commands_and_files(void **state)
{
  static const struct tab tabs[] = {
    { ":unm" TAB, ":unmute", NULL },
    { ":" TAB, ":", "  help    [COMMAND]" },
    { ":cle" TAB, ":clear", NULL },
    { ":nosuch" TAB, ":nosuch", NULL },
    { ":cancel 1" TAB, ":cancel 1", NULL },
    { ":nosuch x" TAB, ":nosuch x", NULL },
    { ":doc math.sqr" TAB, ":doc math.sqrt", NULL },
    { ":docs" KEY_LEFT TAB, ":docs", NULL },
    { ":time  math.sqr" TAB, ":time  math.sqrt", NULL },
    { ":load fol" TAB, ":load folder/", NULL },
    { ":load folder/ins" TAB, ":load folder/inside", NULL },
    { ":load ~/fol" TAB, ":load ~/folder/", NULL },
    { ":load ~nobody/fol" TAB, ":load ~nobody/fol", NULL },
    { ":load nosuch/x" TAB, ":load nosuch/x", NULL },
    { ":save .hid" TAB, ":save .hidden/", NULL },
    { ":load o" TAB, ":load o", "  one file.lull" },
    { ":load " TAB, ":load", "  folder/" },
    { "!cat ma" TAB, "!cat main.c", NULL },
    { "!./fol" TAB, "!./folder/", NULL },
    { "read(\"main" TAB, "read(\"main.c", NULL },
    { "read('folder/" TAB, "read('folder/inside", NULL },
    { "read(\"a\\\"mai" TAB, "read(\"a\\\"mai", NULL },
    { "'it' # main" TAB, "'it' # main", NULL },
  };
  struct term *t = session(80, 30);
  COMPLETE(t, 1, tabs);
}

static void test_keys_of_the_menu(void **state)
{
  static const struct tab tabs[] = {
    { "pair" TAB TAB, "pair_of_shoes", "> pair_of_shoes" },
    { "pair" TAB TAB TAB, "pair_of_socks", "> pair_of_socks" },
    { "pair" TAB TAB TAB TAB, "pair_of_s", "  pair_of_shoes" },
    { "pair" TAB KEY_DOWN, "pair_of_shoes", "> pair_of_shoes" },
    { "pair" TAB "\016", "pair_of_shoes", "> pair_of_shoes" },
    { "pair" TAB KEY_UP, "pair_of_socks", "> pair_of_socks" },
    { "pair" TAB BACKTAB, "pair_of_socks", "> pair_of_socks" },
    { "pair" TAB "\020", "pair_of_socks", "> pair_of_socks" },
    { "pair" TAB TAB "\007", "pair_of_s", NULL },
    { "pair" TAB TAB "\r", "pair_of_shoes", NULL },
    { "pair" TAB TAB "\n", "pair_of_shoes", NULL },
    { "pair" TAB "oc", "pair_of_soc", NULL },
    { "pair" TAB TAB " + 1", "pair_of_shoes + 1", NULL },
    { "pair" TAB "\033[200~pasted\033[201~", "pair_of_spasted", NULL },
    { "x" BACKTAB, "x", NULL },
  };
  struct term *t = session(80, 30);
  term_send(t, ":set suggest off" KEY_ENTER "let pair_of_shoes = 4; let pair_of_socks = 5" KEY_ENTER);
  term_wait_line(t, "[2] >");
  COMPLETE(t, 2, tabs);
}

// More than the menu has rows for, in less width than they need.
static void test_a_narrow_screen(void **state)
{
  struct term *t = session(24, 30);
  term_send(t, "let rather_a_long_name_indeed = 1; let rather_a_long_name_too = 2" KEY_ENTER);
  term_wait_line(t, "[2] >");
  term_send(t, "rather" TAB);
  term_wait_text(t, "  rather_a_long_name_in\u2026");
  term_wait_text(t, "  rather_a_long_name_too");
  term_send(t, CTRL('A'));
  term_send(t, CTRL('K'));
  term_send(t, ":" TAB);
  term_wait_text(t, "  8 of 19");
  term_send(t, KEY_UP KEY_UP);
  term_wait_text(t, "  18 of 19");
  term_wait_text(t, "> reset");
  term_resize(t, 12, 30);
  term_wait_text(t, "> reset");
  term_resize(t, 3, 30);
  term_wait_quiet(t, 0.1);
  term_resize(t, 80, 30);
  term_wait_text(t, "> reset    end everything and forget all names");
}

#define TEST(name) cmocka_unit_test_teardown(name, term_teardown)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    TEST(test_names), TEST(test_members), TEST(test_commands_and_files), TEST(test_keys_of_the_menu), TEST(test_a_narrow_screen),
  };
  if (argc > 1) cmocka_set_test_filter(argv[1]);
  return cmocka_run_group_tests_name("completion", tests, NULL, NULL);
}
