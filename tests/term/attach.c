// Sessions in a running program: lull --listen, lull --attach.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "term.h"

#define TICKING \
  "let turns = 0\n" \
  "let lonely = \"used by no function\"\n" \
  "fn answer(x) { \"one ${x}\" }\n" \
  "every(40ms, () => { turns += 1; print(\"program says\", answer(turns)) })\n"
#define SILENT "every(1h, print, \"never\")\n"

// The program runs at a terminal of its own: what it shows is seen there.
static struct term *program(const char *code)
{
  return term_open(80, 24, term_lull(), "--listen", "socket", "-e", code, NULL);
}

static bool is_there(struct term *t, void *path)
{
  struct stat info;
  return stat(path, &info) == 0;
}

static struct term *attach(struct term *p)
{
  char path[128];
  snprintf(path, sizeof path, "%s/socket", term_home(p));
  term_wait(p, is_there, path, "there is a socket");
  struct term *t = term_open_beside(p, term_lull(), "-q", "--attach", "socket", NULL);
  term_wait_text(t, "] >");
  return t;
}

static void test_two_sessions_and_the_program(void **state)
{
  struct term *p = program(TICKING), *a = attach(p), *b = attach(p);
  term_wait_line(a, "[1] >");
  term_wait_line(b, "[2] >");
  term_line(a, "answer(\"asked\")");
  term_wait_text(a, "\"one asked\"");
  term_wait_line(a, "[3] >");
  term_line(a, "every(30ms, print, \"tick of a\"); nil");
  term_wait_count(a, "[3] tick of a", 3);
  term_line(b, "fn answer(x) { \"two ${x}\" }");
  term_wait_line(b, "[5] >");
  term_line(b, "print(\"said by b\"); lonely");
  term_wait_text(b, "\"used by no function\"");
  term_wait_text(b, "said by b");
  term_wait_text(p, "program says two");
  term_line(a, "answer(9)");
  term_wait_text(a, "\"two 9\"");
  int before = term_count(a, "[3] tick of a");
  term_wait_count(a, "[3] tick of a", before + 3);
  assert_int_equal(term_count(p, "tick of a") + term_count(b, "tick of a"), 0);
  assert_int_equal(term_count(p, "said by b"), 0);
  assert_int_equal(term_count(a, "program says") + term_count(b, "program says"), 0);
}

static void test_jobs(void **state)
{
  struct term *p = program(SILENT), *a = attach(p), *b = attach(p);
  term_line(b, "every(1h, print, \"of b\"); nil");
  term_wait_line(b, "[3] >");
  term_line(a, ":jobs");
  term_wait_text(a, "nothing is running");
  term_wait_text(a, "-e has 1 thing running (:jobs all)");
  term_line(a, ":jobs all");
  term_wait_text(a, "program");
  term_wait_text(a, "every(1h, print, \"of b\")");
  term_line(a, ":cancel 0");
  term_wait_text(a, "0 is -e, the program itself");
  term_line(a, ":fg 2");
  term_wait_text(a, "cell 2 is of another session");
  term_line(a, ":cancel 2");
  term_wait_text(a, "cancelled 1 thing of cell 2");
  term_line(a, ":reset");
  term_wait_text(a, "the names are those of -e");
  term_line(b, ":jobs");
  term_wait_text(b, "nothing is running");
}

static void test_last_values_are_of_a_session(void **state)
{
  struct term *p = program(SILENT), *a = attach(p), *b = attach(p);
  term_line(a, "'value of a'");
  term_wait_line(a, "[3] >");
  term_line(b, "'value of b'");
  term_wait_line(b, "[4] >");
  term_line(a, "_ + '!'");
  term_wait_text(a, "\"value of a!\"");
  term_line(b, "_ + _1");
  term_wait_text(b, "\"value of bvalue of a\"");
}

static void test_an_await_holds_one_prompt(void **state)
{
  struct term *p = program(TICKING), *a = attach(p), *b = attach(p);
  term_line(a, "await sleep(1h)");
  term_wait_text(a, "waiting");
  int before = term_count(p, "program says");
  term_line(b, "6 * 7");
  term_wait_text(b, "42");
  term_wait_count(p, "program says", before + 3);
  term_send(a, CTRL('C'));
  term_wait_text(a, "interrupted");
  term_wait_text(a, "] >");
  term_wait_count(p, "program says", before + 6);
}

static void test_ctrl_c_while_it_computes(void **state)
{
  struct term *p = program(TICKING), *a = attach(p);
  term_line(a, "print(\"go\"); while true {}");
  term_wait_count(a, "\ngo", 1);
  term_send(a, CTRL('C'));
  term_wait_text(a, "interrupted");
  term_wait_line(a, "[2] >");
  term_send(a, "abc\x03");
  term_wait_text(a, "abc^C");
  term_wait_line(a, "[2] >");
  term_wait_count(p, "program says", term_count(p, "program says") + 2);
}

static void test_ctrl_z(void **state)
{
  struct term *p = program(SILENT), *a = attach(p);
  term_line(a, "await sleep(1h)");
  term_wait_text(a, "waiting");
  term_send(a, CTRL('Z'));
  term_wait_text(a, "[1] in the background");
  term_wait_line(a, "[2] >");
}

static bool is_stopped(struct term *t, void *user)
{
  char path[32], text[256] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", term_pid(t));
  FILE *f = fopen(path, "r");
  if (!f) return false;
  size_t n = fread(text, 1, sizeof text - 1, f);
  fclose(f);
  const char *end = n ? strrchr(text, ')') : NULL;
  return end && end[2] == *(const char *)user;
}

static void test_ctrl_z_at_the_prompt_stops_the_terminal_only(void **state)
{
  struct term *p = program(TICKING), *a = attach(p);
  term_send(a, "half");
  term_wait_line(a, "[1] > half");
  term_send(a, CTRL('Z'));
  term_wait(a, is_stopped, (char[]){ "T" }, "it is stopped");
  term_wait_count(p, "program says", term_count(p, "program says") + 2);
  term_signal(a, SIGCONT);
  term_wait_line(a, "[1] > half");
  term_line(a, " = 5; half + 1");
  term_wait_text(a, "6");
}

static void test_resize(void **state)
{
  struct term *p = program(SILENT), *a = attach(p);
  term_send(a, "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'");
  term_wait_line(a, "[1] > 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'");
  term_resize(a, 30, 24);
  term_wait_line(a, "aaaaaaaaaaaaaaaaaaaaaaaa'");
  term_send(a, KEY_ENTER);
  term_wait_line(a, "[2] >");
  term_line(a, "list(0..40)");
  term_wait_line(a, "[3] >");
  for (int row = 0; row < 24; row++) assert_true(strlen(term_row(a, row)) <= 30);
}

// The program reports what fails in cells nobody looks at any more, and goes on.
static void test_errors_of_a_session_that_has_left(void **state)
{
  struct term *p = program("let gate = deferred(); let hourly = every(1h, print, 1)");
  struct term *a = attach(p), *b = attach(p);
  term_line(a, "gate.then((x) => { throw \"too late\" }); 1");
  term_wait_line(a, "[3] >");
  term_line(a, "print(\"he\" + \"re\"); await gate; throw \"nobody there\"");
  term_wait_text(a, "\nhere");
  term_signal(a, SIGKILL);
  term_wait_exit(a);
  term_line(b, "gate.resolve(1)");
  term_wait_text(p, "Error: too late");
  term_wait_text(p, "Error: nobody there");
  term_line(b, "hourly.cancel()");
  assert_exited(term_wait_exit(p), 0);
}

static void test_a_killed_terminal_loses_nothing(void **state)
{
  struct term *p = program(TICKING), *a = attach(p), *b = attach(p);
  term_line(a, "every(20ms, print, \"tick of a\"); await sleep(1h)");
  term_wait_count(a, "tick of a", 5);
  term_signal(a, SIGKILL);
  term_wait_exit(a);
  term_line(b, ":jobs all");
  term_wait_text(b, "waiting, left");
  term_line(b, ":out 1");
  term_wait_count(b, "\ntick of a", 4);
  assert_int_equal(term_count(p, "tick of a"), 0);
  term_line(b, ":cancel 1");
  term_wait_text(b, "cancelled 2 things of cell 1");
  term_wait_count(p, "program says", term_count(p, "program says") + 2);
}

static void test_a_killed_program(void **state)
{
  struct term *p = program(SILENT);
  term_close(attach(p));
  struct term *a = term_open_beside(p, "sh", "-c", "s=$(stty -g); \"$0\" -q --attach socket; echo \"status $?\"; test \"$s\" = \"$(stty -g)\" && echo restored",
                                    term_lull(), NULL);
  term_wait_text(a, "] >");
  term_send(a, "typed");
  term_signal(p, SIGKILL);
  term_wait_text(a, "lull: the connection was lost: the program was killed");
  term_wait_text(a, "status 1");
  term_wait_text(a, "restored");
  assert_false(term_brackets_pastes(a));
}

static void test_the_program_ends(void **state)
{
  struct term *p = program(SILENT), *a = attach(p), *b = attach(p);
  term_line(a, "fn leave() { print(\"last words\"); print(\"of many\") }; leave(); nil");
  term_wait_text(a, "of many");
  term_signal(p, SIGTERM);
  term_wait_text(a, "lull: -e was ended by signal 15");
  assert_exited(term_wait_exit(a), 128 + SIGTERM);
  assert_exited(term_wait_exit(b), 128 + SIGTERM);
}

static void test_the_program_ends_by_itself(void **state)
{
  struct term *p = program("let go = deferred()\nevery(1h, print, 1)\nawait go\nexit(3)"), *a = attach(p);
  term_line(a, "print(\"the last line\"); go.resolve(1)");
  term_wait_text(a, "lull: -e has ended with status 3");
  assert_int_equal(term_count(a, "\nthe last line\n"), 1);
  assert_exited(term_wait_exit(a), 3);
  assert_exited(term_wait_exit(p), 3);
}

// A session at its prompt is no reason to go on, its work is.
static void test_what_holds_the_program(void **state)
{
  struct term *p = program("let t = after(1h, print, 2)"), *a = attach(p);
  term_line(a, "1");
  term_wait_line(a, "[2] >");
  term_line(a, "t.cancel(); await sleep(300ms); print(\"still here\"); nil");
  term_wait_text(a, "lull: -e has ended with status 0");
  assert_int_equal(term_count(a, "\nstill here"), 1);
  assert_exited(term_wait_exit(a), 0);
  assert_exited(term_wait_exit(p), 0);
}

static void test_leaving(void **state)
{
  struct term *p = program(TICKING), *a = attach(p), *b = attach(p), *c = attach(p);
  term_line(a, "exit(4)");
  assert_exited(term_wait_exit(a), 4);
  term_send(b, CTRL('D'));
  assert_exited(term_wait_exit(b), 0);
  term_line(c, "throw \"no\"");
  term_wait_text(c, "no");
  term_line(c, ":quit");
  assert_exited(term_wait_exit(c), 0);
  term_wait_count(p, "program says", term_count(p, "program says") + 2);
  term_send(p, CTRL('C'));
  term_wait_exit(p);
}

static void test_errors_of_its_cells_come_to_it(void **state)
{
  struct term *p = program(TICKING), *a = attach(p), *b = attach(p);
  term_line(a, "after(50ms, () => { throw ValueError(\"late and wrong\") }); nil");
  term_wait_text(a, "late and wrong");
  term_wait_text(a, "!1 >");
  assert_int_equal(term_count(b, "late and wrong") + term_count(p, "late and wrong"), 0);
  term_wait_count(p, "program says", term_count(p, "program says") + 2);
}

static void test_questions(void **state)
{
  struct term *p = program(SILENT), *a = attach(p);
  term_line(a, "let name = input(\"who? \"); \"hello ${name}\"");
  term_wait_line(a, "who?");
  term_line(a, "world");
  term_wait_text(a, "\"hello world\"");
}

static void test_commands_run_at_the_terminal(void **state)
{
  struct term *p = program(SILENT), *a = attach(p);
  term_line(a, "print(\"first\"); print(\"second\"); nil");
  term_wait_line(a, "[2] >");
  term_line(a, ":out 1 | tr a-z A-Z");
  term_wait_text(a, "SECOND");
  term_wait_line(a, "[2] >");
  term_line(a, "!tty; read answer; echo \"got $answer\"");
  term_wait_text(a, "/dev/");
  term_send(a, "this\n");
  term_wait_text(a, "got this");
  term_wait_line(a, "[2] >");
  term_line(a, "1 + 1");
  term_wait_line(a, "[3] >");
}

// A terminal that reads nothing holds up nobody, and the session says what it has left out.
static void test_a_stopped_terminal(void **state)
{
  struct term *p = program(TICKING), *a = attach(p);
  term_line(a, "await sleep(1500ms); for i in 0..40000 { print(\"line ${i} of a flood that is longer than any pipe\") }");
  term_wait_text(a, "waiting");
  term_signal(a, SIGSTOP);
  term_wait(a, is_stopped, (char[]){ "T" }, "it is stopped");
  term_wait_count(p, "program says", term_count(p, "program says") + 60);  // more than there are before the flood
  term_signal(a, SIGCONT);
  term_wait_text(a, "were not shown");
  term_wait_text(a, "] >");
  term_line(a, "'alive'");
  term_wait_text(a, "\"alive\"");
}

static void test_ctrl_backslash_leaves_a_busy_program(void **state)
{
  struct term *p = program("let busy = false\nevery(10ms, () => { while busy { sum(0..1000) } })"), *a = attach(p);
  term_line(a, "busy = true");
  term_send(a, "\x1c");
  term_wait_text(a, "lull: left by Ctrl-\\; the program goes on");
  assert_exited(term_wait_exit(a), 0);
  term_signal(p, SIGKILL);
}

static void test_a_busy_program_is_waited_for(void **state)
{
  struct term *p = program("let go = false\nevery(10ms, () => { if go { print(\"busy\"); while true {} } })");
  term_line(attach(p), "go = true");
  term_wait_text(p, "busy");
  struct term *a = term_open_beside(p, term_lull(), "-q", "--attach", "socket", NULL);
  term_wait_text(a, "the program is busy and does not answer yet; Ctrl-C leaves");
  term_send(a, CTRL('C'));
  int status = term_wait_exit(a);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
  term_signal(p, SIGKILL);
}

static void test_history_is_shared(void **state)
{
  struct term *p = program(SILENT), *a = attach(p);
  term_line(a, "'entered once'");
  term_wait_line(a, "[2] >");
  struct term *b = attach(p);
  term_send(b, KEY_UP);
  term_wait_line(b, "[3] > 'entered once'");
}

int main(void)
{
#define T(test) cmocka_unit_test_teardown(test, term_teardown)
  const struct CMUnitTest tests[] = {
    T(test_two_sessions_and_the_program),
    T(test_jobs),
    T(test_last_values_are_of_a_session),
    T(test_an_await_holds_one_prompt),
    T(test_ctrl_c_while_it_computes),
    T(test_ctrl_z),
    T(test_ctrl_z_at_the_prompt_stops_the_terminal_only),
    T(test_resize),
    T(test_errors_of_a_session_that_has_left),
    T(test_a_killed_terminal_loses_nothing),
    T(test_a_killed_program),
    T(test_the_program_ends),
    T(test_the_program_ends_by_itself),
    T(test_what_holds_the_program),
    T(test_leaving),
    T(test_errors_of_its_cells_come_to_it),
    T(test_questions),
    T(test_commands_run_at_the_terminal),
    T(test_a_stopped_terminal),
    T(test_ctrl_backslash_leaves_a_busy_program),
    T(test_a_busy_program_is_waited_for),
    T(test_history_is_shared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
