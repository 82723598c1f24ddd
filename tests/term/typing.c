// Typing at the prompt: rows, history, suggestions, completion, search, paste, undo, editing modes; and that the
// screen always is what a full redraw shows.
#include <setjmp.h>
#include <signal.h>
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

static bool is_empty_prompt(struct term *t, void *user)
{
  int number, end = 0;
  return sscanf(term_row(t, term_cursor(t).row), "[%d] >%n", &number, &end) == 1 && end > 0 &&
         term_row(t, term_cursor(t).row)[end] == 0;
}

// A key right behind ^C may be dropped with the rest.
static void quit(struct term *t)
{
  if (!is_empty_prompt(t, NULL)) term_send(t, "\003");
  term_wait(t, is_empty_prompt, NULL, "an empty prompt");
  term_send(t, "\004");
  assert_exited(term_wait_exit(t), 0);
}

struct cursor_wish {
  int row, col;  // row -1: any
};

static bool is_at(struct term *t, void *user)
{
  struct cursor_wish *wish = user;
  struct term_point at = term_cursor(t);
  return at.col == wish->col && (wish->row < 0 || at.row == wish->row);
}

static void check_redraw(struct term *t, int rows);

static void wait_col(struct term *t, int col)
{
  term_wait(t, is_at, &(struct cursor_wish){-1, col}, "the cursor in its column");
}

// --- rows

static void test_rows_are_one_text(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "if true {" KEY_ENTER "print(1)" KEY_ENTER);
  term_wait_line(t, "...");  // indented by two
  wait_col(t, 6);
  term_send(t, KEY_UP KEY_END KEY_LEFT "0");
  term_wait_line(t, "...   print(10)");
  term_send(t, KEY_DOWN "}");
  term_wait_line(t, "... }");
  term_send(t, KEY_ENTER);
  term_wait_line(t, "[2] >");
  term_wait_count(t, "\n10\n", 1);
  term_send(t, KEY_UP);  // the whole entry comes back
  term_wait_text(t, "[2] > if true {");
  term_wait_line(t, "... }");
  quit(t);
}

static void test_row_motions_and_kills(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "first" "\033\r" "second" "\001" "\013");
  term_wait_line(t, "...");
  term_send(t, KEY_UP KEY_END "\031");
  term_wait_line(t, "[1] > firstsecond");
  term_send(t, "\037");
  term_wait_line(t, "[1] > first");
  term_send(t, "\033/");
  term_wait_line(t, "[1] > firstsecond");
  quit(t);
}

static void test_wide_characters(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "\"日本語e\xCC\x81\"" KEY_LEFT KEY_LEFT);
  wait_col(t, 13);
  term_send(t, KEY_BACKSPACE);
  term_wait_line(t, "[1] > \"日本e\xCC\x81\"");
  wait_col(t, 11);
  quit(t);
}

// Terminals disagree about the width of some: the cursor is put where we take it to be, whatever the terminal made of them.
static void test_characters_of_uncertain_width(void **state)
{
  struct term *t = session(60, 24);
  term_run(t, 1, "1");
  term_send(t, "'❤️x का y 👍'");
  wait_col(t, 19);
  check_redraw(t, 24);
  term_send(t, KEY_LEFT KEY_LEFT KEY_LEFT KEY_LEFT KEY_LEFT KEY_BACKSPACE "z");
  check_redraw(t, 24);
  term_send(t, KEY_HOME KEY_RIGHT KEY_RIGHT KEY_BACKSPACE);
  term_wait_line(t, "[2] > 'x z y 👍'");
  check_redraw(t, 24);
  term_send(t, KEY_END KEY_BACKSPACE KEY_BACKSPACE);
  check_redraw(t, 24);
  quit(t);
}

static void test_taller_than_the_screen(void **state)
{
  struct term *t = session(40, 6);
  for (int i = 0; i < 12; i++) {
    char row[32];
    snprintf(row, sizeof row, "row%d\033\r", i);
    term_send(t, row);
  }
  term_send(t, "end");
  term_wait_line(t, "... end");
  for (int i = 0; i < 12; i++) term_send(t, KEY_UP);
  term_wait_line(t, "[1] > row0");
  quit(t);
}

// --- history

static void test_history_rows_and_substrings(void **state)
{
  struct term *t = session(60, 24);
  term_run(t, 1, "let apple = 1");
  term_run(t, 2, "let pear = 2");
  term_run(t, 3, "apple + pear");
  term_send(t, "apple" KEY_UP);
  term_wait_line(t, "[4] > apple + pear");
  term_send(t, KEY_UP);
  term_wait_line(t, "[4] > let apple = 1");  // what does not contain it is passed over
  term_send(t, KEY_DOWN KEY_DOWN);
  term_wait_line(t, "[4] > apple + pear");  // the suggestion behind what was typed
  wait_col(t, 11);
  quit(t);
}

static void test_suggestion(void **state)
{
  struct term *t = session(60, 24);
  term_run(t, 1, "let answer = 6 * 7");
  term_send(t, "let a");
  term_wait_line(t, "[2] > let answer = 6 * 7");
  wait_col(t, 11);
  term_send(t, "\033f");
  wait_col(t, 16);
  term_send(t, KEY_RIGHT);
  wait_col(t, 24);
  term_send(t, "\025" "let a");
  wait_col(t, 11);
  term_send(t, "\003");
  term_wait_line(t, "[2] >");
  term_wait_text(t, "[2] > let a^C");  // what was not accepted does not stay
  quit(t);
}

static void test_search(void **state)
{
  struct term *t = session(60, 24);
  term_run(t, 1, "let first = 1");
  term_run(t, 2, "let second = 2");
  term_send(t, "draft" "\022" "fir");
  term_wait_text(t, "search: fir");
  term_wait_line(t, "[3] > let first = 1");
  term_send(t, "\007");
  term_wait_gone(t, "search:");
  term_wait_line(t, "[3] > draft");
  term_send(t, "\022" "let");
  term_wait_line(t, "[3] > let second = 2");
  term_send(t, "\022");
  term_wait_line(t, "[3] > let first = 1");
  term_send(t, "zzz");
  term_wait_text(t, "search (nothing): letzzz");
  term_send(t, KEY_BACKSPACE KEY_BACKSPACE KEY_BACKSPACE KEY_END ".0");
  term_wait_gone(t, "search");
  term_wait_line(t, "[3] > let second = 2.0");
  quit(t);
}

// Keys of a search: [keys] at a draft, then the line and what is said below it.
static void test_keys_of_a_search(void **state)
{
  static const struct { const char *keys, *line, *below; } cases[] = {
    { "\022let", "let second = 2", "search: let" },
    { "\022let" KEY_UP, "let first = 1", "search: let" },
    { "\022let\020", "let first = 1", "search: let" },
    { "\022let\022\023", "let second = 2", "search: let" },
    { "\022let\022" KEY_DOWN, "let second = 2", "search: let" },
    { "\022let\022\016", "let second = 2", "search: let" },
    { "\022\033[200~fir\033[201~", "let first = 1", "search: fir" },
    { "\022LET", "draft", "search (nothing): LET" },
    { "\022secx\010", "let second = 2", "search: sec" },
    { "\022s\303\274\177", "let second = 2", "search: s" },
    { "\022\022", "draft", "search:" },
    { "\022fir\177\177\177\177", "draft", "search:" },
  };
  struct term *t = session(60, 24);
  term_run(t, 1, "let first = 1");
  term_run(t, 2, "let second = 2");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[64];
    snprintf(line, sizeof line, "[3] > %s", cases[i].line);
    term_send(t, "draft");
    term_wait_line(t, "[3] > draft");
    term_send(t, cases[i].keys);
    term_wait_line(t, line);
    term_wait_text(t, cases[i].below);
    term_send(t, "\007");
    term_wait_line(t, "[3] > draft");
    term_wait_gone(t, "search");
    term_send(t, "\025");
    term_wait_line(t, "[3] >");
  }
  quit(t);
}

// Keys that leave a search with what it found, and then mean what they always do.
static void test_a_search_is_left(void **state)
{
  static const struct { const char *keys, *line; } cases[] = {
    { "\022fir\033", "let first = 1" },
    { "\022fir\001x", "xlet first = 1" },
    { "\022fir\033d", "let fir = 1" },
    { "\022fir" KEY_RIGHT "x", "let firsxt = 1" },
    { "\022nothing\005", "draft" },
    { "\022dra\005", "draft" },
  };
  struct term *t = session(60, 24);
  term_run(t, 0, ":set suggest off");
  term_run(t, 1, "let first = 1");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[64];
    snprintf(line, sizeof line, "[2] > %s", cases[i].line);
    term_send(t, "draft");
    term_wait_line(t, "[2] > draft");
    term_send(t, cases[i].keys);
    term_wait_line(t, line);
    term_wait_gone(t, "search");
    term_send(t, "\025\013");
    term_wait_line(t, "[2] >");
  }
  quit(t);
}

static void test_sessions_share_the_history(void **state)
{
  struct term *one = session(60, 24);
  struct term *two = term_open_beside(one, term_lull(), NULL);
  term_wait_line(two, "[1] >");
  term_run(one, 1, "let from_one = 1");
  term_send(two, KEY_UP);
  term_wait_line(two, "[1] > let from_one = 1");
  quit(two);
  quit(one);
  term_close(two);
}

static void test_a_blank_keeps_it_out(void **state)
{
  struct term *t = session(60, 24);
  term_run(t, 1, "1 + 1");
  term_run(t, 2, " \"secret\"");
  term_send(t, KEY_UP);
  term_wait_line(t, "[3] > 1 + 1");
  quit(t);
}

// --- completion

static void test_completion(void **state)
{
  struct term *t = session(70, 24);
  term_run(t, 1, "let wonderful_one = 1; let wonderful_two = 2");
  term_send(t, "wond\t");
  term_wait_line(t, "[2] > wonderful_");
  term_wait_text(t, "  wonderful_one");
  term_wait_text(t, "  wonderful_two");
  term_send(t, "\t\t");
  term_wait_text(t, "> wonderful_two");
  term_wait_line(t, "[2] > wonderful_two");
  term_send(t, "\033[Z");
  term_wait_line(t, "[2] > wonderful_one");
  term_send(t, KEY_ENTER);  // takes the candidate
  term_wait_gone(t, "> wonderful_two");
  term_wait_line(t, "[2] > wonderful_one");
  term_send(t, " + 1" KEY_ENTER);
  term_wait_line(t, "[3] >");
  term_wait_count(t, "\n2\n", 1);
  term_send(t, "wond\t\t\033");
  term_wait_gone(t, "  wonderful_two");
  wait_col(t, 16);  // as it was typed
  quit(t);
}

static void test_tab_indents(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "\tx");
  term_wait_line(t, "[1] >   x");
  quit(t);
}

// Rows begin as deep as the brackets before them are open, and a closing brace takes its row back.
static void test_rows_are_indented(void **state)
{
  static const struct { const char *typed, *row; } cases[] = {
    { "if true {\r", "...   x" },
    { "f([\r", "...     x" },
    { "f(\"(\", '[', \r", "...   x" },
    { "f(\"\\\"[\", \r", "...   x" },
    { "if true { # [(\r", "...   x" },
    { "f([1], {a: 2}, \r", "...   x" },
    { "if a {\rif b {\r}", "...   }x" },
    { "(\r\033\r", "... x" },
    { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\r", "..." },
  };
  struct term *t = session(100, 24);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    term_send(t, cases[i].typed);
    term_send(t, "x");
    if (strlen(cases[i].row) > 3) term_wait_line(t, cases[i].row);
    else wait_col(t, 4 + 80 + 1);
    term_send(t, "\003");
    term_wait_line(t, "[1] >");
  }
  quit(t);
}

// Two empty rows at the end: the user wants to see what is missing.
static void test_empty_rows_insist(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "f(\r\025\r\025");
  term_wait_quiet(t, 0.1);
  assert_int_equal(term_count(t, "expected"), 0);
  term_send(t, "\r");
  term_wait_text(t, "expected");
  term_wait_quiet(t, 0.1);
  term_send(t, "\003");
  quit(t);
}

// Keys with Ctrl and Shift, and those further away.
static void test_far_keys(void **state)
{
  static const struct { const char *keys, *line; } cases[] = {
    { "one two" "\033[1;5H" "x", "xone two" },
    { "one two" "\033[1~" "\033[1;5F" "x", "one twox" },
    { "one two" "\033[5~" "x", "xone two" },
    { "one two" "\033[5~" "\033[6~" "x", "one twox" },
    { "one two" "\033[1~" "\033[3;5~", " two" },
    { "one two" "\033[7~" "\033[8~" "x", "one twox" },
    { "one two" "\033[1~" "\033[4~" "x", "one twox" },
    { "one two" "\033OH" "x", "xone two" },
    { "one" "\033[2~" "\033[17~" "\033[24~" "\033OP" "x", "onex" },
    { "one" "\033[27;5;97~" "x", "xone" },       // Ctrl-A spelled out
    { "one" "\033[97;5u" "x", "xone" },
    { "one" "\033[120;1u", "onex" },
    { "one two" "\033[27;3;98~" "x", "one xtwo" },  // Alt-b
    { "one" "\033[55296;1u" "x", "onex" },       // no character
  };
  struct term *t = session(60, 24);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char line[64];
    snprintf(line, sizeof line, "[1] > %s", cases[i].line);
    term_send(t, cases[i].keys);
    term_wait_line(t, line);
    term_send(t, "\001\013");
    term_wait_line(t, "[1] >");
  }
  quit(t);
}

static void test_quoted_keys(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "a");
  term_wait_line(t, "[1] > a");
  term_send(t, "\026");
  term_wait_quiet(t, 0.1);
  term_send(t, "\033");  // alone, after a while
  term_wait_line(t, "[1] > a^[");
  term_send(t, "\026");
  term_wait_quiet(t, 0.1);
  term_send(t, KEY_UP);  // no character
  term_wait_quiet(t, 0.1);
  term_send(t, "\026");
  term_wait_quiet(t, 0.1);
  term_send(t, "b");
  term_wait_line(t, "[1] > a^[b");
  term_send(t, "\001\013");
  quit(t);
}

// --- paste

static void test_pasted_transcript(void **state)
{
  struct term *t = session(60, 24);
  term_paste(t, "[7] > let a = 5\n[8] > if a {\n...   a\n... }\n5\n[7] NOISE\n");
  term_wait_line(t, "... }");
  term_wait_text(t, "[1] > let a = 5");
  term_wait_text(t, "... if a {");
  assert_int_equal(term_find(t, "NOISE"), -1);
  quit(t);
}

static void test_paste_cannot_leave_its_brackets(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "\033[200~print(1)\r\004\005\033[Ax\033[2");
  term_send(t, "01~");
  term_wait_text(t, "[1] > print(1)");
  term_wait_line(t, "... [Ax");
  quit(t);
}

// --- modes

static void test_paste_that_never_ends(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "\033[200~lost");
  term_wait_quiet(t, 1.2);
  term_send(t, "\003");
  term_wait_text(t, "^C");
  term_send(t, "x = 1");
  term_wait_line(t, "[1] > x = 1");
  quit(t);
}

static void test_vi(void **state)
{
  struct term *t = term_open(60, 24, "/bin/sh", "-c", "echo 'bind -v' > \"$HOME/.editrc\"; exec \"$0\"", term_lull(), NULL);
  term_wait_line(t, "[1] >");
  term_send(t, "one two");
  term_wait_line(t, "[1] > one two");
  term_send(t, "\033");
  term_wait_quiet(t, 0.2);
  term_send(t, "0dwx");
  term_wait_line(t, "[1] > wo");
  term_send(t, "u");
  term_wait_line(t, "[1] > two");
  term_send(t, "A = 2" KEY_LEFT "1");
  term_wait_line(t, "[1] > two = 12");
  quit(t);
}

static void test_quoted_key(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "x");
  term_wait_line(t, "[1] > x");
  term_send(t, "\026");
  term_wait_quiet(t, 0.1);
  term_send(t, "\003");
  term_wait_line(t, "[1] > x^C");
  wait_col(t, 9);
  quit(t);
}

// ^C is a signal, the rest are bytes: still it goes before what was typed behind it.
static void test_text_right_behind_an_interrupt(void **state)
{
  struct term *t = session(60, 24);
  for (int i = 0; i < 10; i++) {
    term_send(t, "print(\"wrong\")");
    term_wait_line(t, "[1] > print(\"wrong\")");
    term_send(t, "\003" ":jobs");
    term_wait_line(t, "[1] > :jobs");
    term_send(t, "\025");
    term_wait_line(t, "[1] >");
  }
  assert_int_equal(term_find(t, "wrong\n"), -1);
  quit(t);
}

static void test_unknown_keys_leave_nothing(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "a\033[?62;22cb\033[99;99Xc\033]11;rgb:0/0/0\033\\d\033[15~e");
  term_wait_line(t, "[1] > abcde");
  quit(t);
}

static void test_stopped_and_continued(void **state)
{
  struct term *t = session(60, 24);
  term_send(t, "half");
  term_wait_line(t, "[1] > half");
  assert_true(term_brackets_pastes(t));
  term_send(t, "\032");
  term_wait_gone(t, "half");
  term_wait_quiet(t, 0.1);
  assert_false(term_brackets_pastes(t));
  term_signal(t, SIGCONT);
  term_wait_line(t, "[1] > half");
  assert_true(term_brackets_pastes(t));
  quit(t);
}

static void test_terminal_is_restored_after_a_crash(void **state)
{
  struct term *t = term_open(60, 24, "/bin/sh", "-c", "\"$0\"; stty -a; echo end", term_lull(), NULL);
  term_wait_line(t, "[1] >");
  term_send(t, "!kill -SEGV $PPID" KEY_ENTER);
  term_wait_text(t, "end");
  assert_false(term_brackets_pastes(t));
  assert_true(term_cursor_visible(t));
  assert_true(term_count(t, " icanon") == 1 && term_count(t, " echo ") == 1);
}

// --- anything at all

static unsigned seed;

static unsigned roll(unsigned n)
{
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % n;
}

static const char *const keys[] = {
    "a", "foo ", "(", ")", "{", "}", "\"", "12", "日", "本語", "é", "🙂", "e\xCC\x81", " ", "# ", "\033\r", "\033\r", "some longer words ",
    KEY_LEFT, KEY_LEFT, KEY_RIGHT, KEY_UP, KEY_UP, KEY_DOWN, KEY_HOME, KEY_END, KEY_BACKSPACE, KEY_BACKSPACE, "\033[3~", "\001", "\005",
    "\013", "\025", "\027", "\031", "\037", "\037", "\033/", "\033b", "\033f", "\033d", "\033[1;5C", "\033[1;5D", "\024", "\033<", "\033>",
    "\033[200~pasted\trow\nand 日 next\033[201~",
};

// The rows of the frame as text, and the cursor within it. It begins at the prompt, or at the top where that has
// scrolled out.
static void read_frame(struct term *t, int rows, char *out, struct term_point *cursor)
{
  int top = 0;
  for (int r = rows - 1; r > 0 && top == 0; r--)
    if (strncmp(term_row(t, r), "[2] >", 5) == 0) top = r;
  *out = 0;
  for (int r = top; r < rows; r++) {
    strcat(out, term_row(t, r));
    strcat(out, "\n");
  }
  for (size_t n = strlen(out); n > 1 && out[n - 1] == '\n' && out[n - 2] == '\n';) out[--n] = 0;
  *cursor = term_cursor(t);
  cursor->row -= top;
}

static void check_redraw(struct term *t, int rows)
{
  static char before[64 << 10], after[64 << 10];
  struct term_point at, then;
  term_wait_quiet(t, 0.1);
  read_frame(t, rows, before, &at);
  term_send(t, "\014");
  term_wait_quiet(t, 0.1);
  read_frame(t, rows, after, &then);
  assert_string_equal(before, after);
  assert_int_equal(at.row, then.row);
  assert_int_equal(at.col, then.col);
}

static void random_keys(unsigned start, int cols, int rows)
{
  seed = start;
  struct term *t = session(cols, rows);
  term_run(t, 1, "let some = \"thing to suggest\"");
  for (int i = 0; i < 25; i++) {
    for (unsigned n = 1 + roll(25); n > 0; n--) term_send(t, keys[roll(sizeof keys / sizeof *keys)]);
    check_redraw(t, rows);
  }
  quit(t);
  term_close(t);
}

static void test_random_keys(void **state) { random_keys(1, 80, 24); }
static void test_random_keys_on_a_narrow_screen(void **state) { random_keys(2, 23, 40); }
static void test_random_keys_on_a_low_screen(void **state) { random_keys(3, 40, 7); }

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, NULL, term_teardown)
  static const struct CMUnitTest tests[] = {
      TEST(test_rows_are_one_text),
      TEST(test_row_motions_and_kills),
      TEST(test_wide_characters),
      TEST(test_characters_of_uncertain_width),
      TEST(test_taller_than_the_screen),
      TEST(test_history_rows_and_substrings),
      TEST(test_suggestion),
      TEST(test_search),
      TEST(test_keys_of_a_search),
      TEST(test_a_search_is_left),
      TEST(test_sessions_share_the_history),
      TEST(test_a_blank_keeps_it_out),
      TEST(test_completion),
      TEST(test_tab_indents),
      TEST(test_rows_are_indented),
      TEST(test_empty_rows_insist),
      TEST(test_far_keys),
      TEST(test_quoted_keys),
      TEST(test_pasted_transcript),
      TEST(test_paste_cannot_leave_its_brackets),
      TEST(test_paste_that_never_ends),
      TEST(test_vi),
      TEST(test_quoted_key),
      TEST(test_text_right_behind_an_interrupt),
      TEST(test_unknown_keys_leave_nothing),
      TEST(test_stopped_and_continued),
      TEST(test_terminal_is_restored_after_a_crash),
      TEST(test_random_keys),
      TEST(test_random_keys_on_a_narrow_screen),
      TEST(test_random_keys_on_a_low_screen),
  };
  if (argc > 1) cmocka_set_test_filter(argv[1]);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
