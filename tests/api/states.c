// States: their loops, many of them, and their end, from wherever it comes.
#include <stdlib.h>

#include "host.h"

// Gives the text of a value or an error, and releases it.
static const char *text_of(struct lull *lull, struct lull_ref *ref, enum lull_outcome outcome)
{
  static char text[1000];
  struct buf *buf = lull_buf_create(lull);
  assert_non_null(buf);
  if (outcome == LULL_THROWN) lull_report(lull, ref, buf);
  else lull_inspect(lull, ref, 500, buf);
  snprintf(text, sizeof text, "%s", lull_buf_text(buf, NULL));
  lull_buf_destroy(buf);
  lull_ref_release(lull, ref);
  return text;
}

static void assert_evals(struct lull *lull, const char *text, enum lull_outcome expected, const char *value)
{
  struct lull_ref *ref;
  assert_int_equal(lull_eval(lull, 1, "test", text, strlen(text), &ref), expected);
  if (expected == LULL_DROPPED) {
    assert_null(ref);
    return;
  }
  const char *found = text_of(lull, ref, expected);
  if (!strstr(found, value)) fail_msg("%s: %s", text, found);
}

static enum lull_outcome nested = LULL_VALUE;

static void eval_on_end(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  struct lull **lull = user;
  struct lull_ref *inner;
  (void)tag, (void)outcome, (void)value;
  nested = lull_eval(*lull, 2, "test", "await sleep(0.001)", 18, &inner);
  lull_drain(*lull);
}

// A callback comes from the midst of a turn: it cannot wait for the loop.
static void test_no_loop_in_callbacks(void **state)
{
  struct lull *lull = NULL;
  (void)state;
  lull = lull_create(NULL, &(struct lull_host){ .user = &lull, .settled = eval_on_end }, 0);
  lull_run(lull, 1, "test", "await sleep(0.001)", 18, LULL_CELL, NULL);
  lull_drain(lull);
  assert_int_equal(nested, LULL_DROPPED);
  lull_destroy(lull);
}

static void test_own_loop(void **state)
{
  (void)state;
  struct lull *lull = lull_create(NULL, NULL, 0);
  assert_non_null(lull);
  assert_evals(lull, "6 * 7", LULL_VALUE, "42");
  assert_evals(lull, "let n = 20\nawait sleep(0.001)\nn + 1", LULL_VALUE, "21");
  assert_evals(lull, "n + 2", LULL_VALUE, "22");
  assert_evals(lull, "throw \"no\"", LULL_THROWN, "no");
  assert_evals(lull, "let = 3", LULL_THROWN, "SyntaxError");
  assert_evals(lull, "exit(3)", LULL_EXITED, "3");
  assert_evals(lull, "await deferred()", LULL_DROPPED, "");
  assert_evals(lull, "let fired = 0\nlet t = after(0.001, () => fired += 1)", LULL_VALUE, "");
  lull_drain(lull);
  assert_evals(lull, "fired", LULL_VALUE, "1");
  lull_destroy(lull);
}

static void test_call_wait(void **state)
{
  struct lull_ref *f, *sum;
  (void)state;
  struct lull *lull = lull_create(NULL, NULL, 0);
  const char *text = "(a, b) => { await sleep(0.001); a + b }";
  assert_int_equal(lull_eval(lull, 1, "test", text, strlen(text), &f), LULL_VALUE);
  struct lull_value args[] = { lull_int(40), lull_int(2) };
  assert_int_equal(lull_call_wait(lull, 1, lull_ref_value(f), args, 2, &sum), LULL_VALUE);
  assert_int_equal(lull_to_int(sum, 0), 42);
  lull_ref_release(lull, sum);
  assert_int_equal(lull_call_wait(lull, 1, lull_ref_value(f), NULL, 0, &sum), LULL_THROWN);
  assert_non_null(strstr(text_of(lull, sum, LULL_THROWN), "TypeError"));
  lull_ref_release(lull, f);
  lull_destroy(lull);
}

static void test_compile(void **state)
{
  struct lull_ref *value;
  (void)state;
  struct lull *lull = lull_create(NULL, NULL, 0);
  struct buf *messages = lull_buf_create(lull);
  assert_true(lull_is_absent(lull_compile(lull, "test", "let 3", 5, LULL_CELL, messages)));
  assert_non_null(strstr(lull_buf_text(messages, NULL), "test:1:5"));
  lull_buf_destroy(messages);
  struct lull_ref *f = lull_ref_new(lull, lull_compile(lull, "test", "[1, 2]", 6, LULL_CELL, NULL));
  for (int i = 0; i < 3; i++) {
    assert_int_equal(lull_call_wait(lull, 1, lull_ref_value(f), NULL, 0, &value), LULL_VALUE);
    assert_int_equal(lull_list_len(lull_ref_value(value)), 2);
    lull_ref_release(lull, value);
  }
  lull_ref_release(lull, f);
  lull_destroy(lull);
}

// Two states that share a loop: each with its own names, and their turns interleave.
static void test_two_on_a_loop(void **state)
{
  struct host a, b;
  (void)state;
  host_open(&a);
  host_open(&b);
  lull_destroy(b.lull);
  struct lull_host callbacks = { .user = &b, .write = host_write, .settled = host_settled, .failed = host_failed };
  b.lull = lull_create(a.loop, &callbacks, 0);
  const char *of_a = "let name = \"a\"\nfor i in 0..3 { print(name, i)\nawait sleep(0.001) }";
  const char *of_b = "let name = \"b\"\nfor i in 0..3 { print(name, i)\nawait sleep(0.001) }\nthrow name";
  assert_int_equal(lull_run(a.lull, 1, "a", of_a, strlen(of_a), LULL_CELL, NULL), LULL_STARTED);
  assert_int_equal(lull_run(b.lull, 2, "b", of_b, strlen(of_b), LULL_CELL, NULL), LULL_STARTED);
  ev_run(a.loop, 0);
  assert_string_equal(buf_text(&a.out), "a 0\na 1\na 2\n");
  assert_string_equal(buf_text(&b.out), "b 0\nb 1\nb 2\n");
  assert_int_equal(a.errors.len, 0);
  assert_int_equal(b.failed_tag, 2);
  lull_destroy(a.lull);
  a.lull = NULL;
  assert_prints(&b, "print(name)", "b\n");
  lull_destroy(b.lull);
  b.lull = NULL;
  host_close(&b);
  host_close(&a);
}

// What a signal does is the process's.
static void test_signals(void **state)
{
  (void)state;
  struct lull *a = lull_create(NULL, NULL, 0), *b = lull_create(NULL, NULL, 0);
  assert_evals(a, "let s = os.signals(\"USR1\")", LULL_VALUE, "");
  assert_evals(b, "os.signals(\"USR1\")", LULL_THROWN, "os.signals: USR1 is watched by another state of this process");
  assert_evals(a, "s.close()", LULL_VALUE, "");
  assert_evals(b, "let s = os.signals(\"USR1\")", LULL_VALUE, "");
  lull_destroy(b);
  assert_evals(a, "let s = os.signals(\"USR1\")", LULL_VALUE, "");
  lull_destroy(a);
}

static void test_many(void **state)
{
  (void)state;
  const char *many = getenv("LULL_TEST_STATES");
  struct ev_loop *loop = ev_loop_new(0);
  struct lull_host host = { 0 };
  for (int i = many ? atoi(many) : 100000; i > 0; i--) {
    struct lull *lull = lull_create(loop, &host, 0);
    assert_non_null(lull);
    if (i % 10 == 0) lull_run(lull, 1, "test", "after(10, () => 1)\nspawn sleep(10)", 34, LULL_CELL, NULL);
    lull_destroy(lull);
  }
  ev_loop_destroy(loop);
}

// What the end of a state comes from.
static struct {
  struct lull *lull;
  struct ev_loop *loop;
  int calls_after;  // of callbacks, when it had been ended
} ending;

static void end_it(void)
{
  if (!ending.lull) {
    ending.calls_after++;
    return;
  }
  lull_destroy(ending.lull);
  ending.lull = NULL;
}

static void end_on_write(void *user, uint64_t tag, int stream, const char *bytes, size_t len)
{
  (void)user, (void)tag, (void)stream, (void)bytes, (void)len;
  end_it();
}

static void end_on_show(void *user, uint64_t tag, const struct lull_shown *shown)
{
  (void)user, (void)tag, (void)shown;
  end_it();
}

static void end_on_end(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  (void)user, (void)tag, (void)outcome, (void)value;
  end_it();
}

static void end_on_ask(void *user, uint64_t tag, const char *prompt, size_t len, struct lull_ref *question)
{
  (void)user, (void)tag, (void)prompt, (void)len, (void)question;
  end_it();
}

static enum lull_status end_native(struct lull_call *c)
{
  end_it();
  return lull_return(c, lull_nil());
}

static enum lull_status end_and_throw(struct lull_call *c)
{
  end_it();
  return lull_throw(c, "Error", "ended");
}

static enum lull_status count_native(struct lull_call *c)
{
  if (!ending.lull) ending.calls_after++;
  return lull_return(c, lull_nil());
}

static const struct lull_native end_natives[] = {
  { "now", end_native, 0, 0, 0, "now()", "Ends the state." },
  { "thrown", end_and_throw, 0, 0, 0, "thrown()", "Ends the state and throws." },
  { "count", count_native, 0, 0, 0, "count()", "Counts calls of it that come too late." },
};

static void on_host_timer(struct ev_loop *loop, ev_timer *w, int events)
{
  (void)loop, (void)w, (void)events;
  end_it();
}

static int dropped;

static bool note_dropped(struct lull *lull, void *user, enum lull_outcome outcome, struct lull_value v)
{
  (void)lull, (void)user, (void)v;
  if (outcome == LULL_DROPPED) dropped++;
  else end_it();
  return true;
}

static void end_posted(struct lull *lull, void *user)
{
  (void)user;
  if (lull) end_it();
}

#define TOO_LATE "\nend.count()\nprint(1)\nthrow \"late\""
static const struct {
  struct lull_host host;
  const char *text;
} ends[] = {
  { { .write = end_on_write }, "print(1)" TOO_LATE },
  { { .write = end_on_write }, "try { print(1) } catch { } finally { end.count() }" TOO_LATE },
  { { .write = end_on_write }, "fn f() { defer end.count()\nprint(1) }\nspawn f()" TOO_LATE },
  { { .write = end_on_write }, "after(0, () => print(1))\nafter(0, () => end.count())\nawait sleep(0.01)" TOO_LATE },
  { { .show = end_on_show }, "display(1)" TOO_LATE },
  { { .show = end_on_show }, "1" },
  { { .ask = end_on_ask }, "input(\"?\")" TOO_LATE },
  { { .settled = end_on_end }, "spawn { end.count() }\nafter(0, () => end.count())\n3" },
  { { .settled = end_on_end }, "throw \"x\"" },
  { { .failed = end_on_end }, "spawn { throw \"x\" }\nawait sleep(0.01)" TOO_LATE },
  { { .failed = end_on_end }, "every(0.001, () => throw \"x\")" },
  { { 0 }, "end.now()" TOO_LATE },
  { { 0 }, "try { end.thrown() } catch { end.count() }" TOO_LATE },
  { { 0 }, "let t = spawn end.now()\nend.count()\nawait t" TOO_LATE },
  { { 0 }, "[1, 2, 3].map(x => { end.now(); end.count() })" TOO_LATE },
  { { 0 }, "[3, 1, 2].sort(compare: (a, b) => { end.now(); end.count(); 0 })" TOO_LATE },
  { { 0 }, "class A { fn to_string() { end.now(); \"\" } }\nprint(A(), end.count())" TOO_LATE },
  { { 0 }, "every(0.001, () => { end.now(); end.count() })" },
  { { 0 }, "spawn { await sleep(0.001)\nend.now() }\nwhile true { await sleep(0) }" },
  { { 0 },
    "for s in [1] { spawn { for i in 0..3 { await sleep(0.001) }\nend.now() } }\nlet c = channel()\nfor x in c {}" },
};

static void begin(const struct lull_host *host)
{
  ending.loop = ev_loop_new(0);
  ending.calls_after = 0;
  ending.lull = lull_create(ending.loop, host, 0);
  assert_non_null(ending.lull);
  struct lull_module *m = lull_define_module(ending.lull, "end");
  assert_true(lull_module_add(ending.lull, m, end_natives, sizeof end_natives / sizeof *end_natives));
}

static void finish(const char *what)
{
  ev_run(ending.loop, 0);
  if (ending.lull || ending.calls_after) fail_msg("%s: %d calls after its end", what, ending.calls_after);
  ev_loop_destroy(ending.loop);
}

static void test_ended_by_callbacks(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    begin(&ends[i].host);
    struct lull *lull = ending.lull;
    lull_run(lull, 1, "test", ends[i].text, strlen(ends[i].text), LULL_CELL | LULL_ECHO, NULL);
    finish(ends[i].text);
  }
}

static void test_ended_by_host_timer(void **state)
{
  ev_timer timer;
  (void)state;
  begin(&(struct lull_host){ 0 });
  ev_timer_init(&timer, on_host_timer, 0.002, 0);
  ev_timer_start(ending.loop, &timer);
  const char *text = "every(0.001, () => 1)\nspawn { while true { await sleep(0) } }\nawait deferred()";
  lull_run(ending.lull, 1, "test", text, strlen(text), LULL_CELL, NULL);
  finish("timer of the host");
}

static void test_ended_by_done(void **state)
{
  (void)state;
  begin(&(struct lull_host){ 0 });
  dropped = 0;
  struct lull *lull = ending.lull;
  struct lull_value never = lull_compile(lull, "test", "await sleep(1000)", 17, LULL_CELL, NULL);
  assert_true(lull_start_now(lull, 1, never, NULL, 0, note_dropped, NULL));
  struct lull_value soon = lull_compile(lull, "test", "await sleep(0.001)", 18, LULL_CELL, NULL);
  assert_true(lull_start_now(lull, 1, soon, NULL, 0, note_dropped, NULL));
  finish("done");
  assert_int_equal(dropped, 1);
}

static void test_ended_by_post(void **state)
{
  (void)state;
  begin(&(struct lull_host){ 0 });
  struct lull_port *port = lull_port_open(ending.lull);
  assert_true(lull_post_call(port, end_posted, NULL));
  assert_true(lull_post_call(port, end_posted, NULL));
  finish("post");
  assert_false(lull_post_call(port, end_posted, NULL));
  lull_port_release(port);
}

// Own loop: it goes with the state, and cannot go while it runs.
static void test_ended_within_own_loop(void **state)
{
  (void)state;
  static const char *const texts[] = { "end.now()", "await sleep(0.001)\nend.now()",
                                       "after(0.001, end.now)\nawait sleep(10)" };
  for (size_t i = 0; i < 3; i++) {
    struct lull_ref *value;
    ending.lull = lull_create(NULL, NULL, 0);
    struct lull_module *m = lull_define_module(ending.lull, "end");
    assert_true(lull_module_add(ending.lull, m, end_natives, 3));
    assert_int_equal(lull_eval(ending.lull, 1, "test", texts[i], strlen(texts[i]), &value), LULL_DROPPED);
    assert_null(value);
    assert_null(ending.lull);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_own_loop),
    cmocka_unit_test(test_no_loop_in_callbacks),
    cmocka_unit_test(test_call_wait),
    cmocka_unit_test(test_compile),
    cmocka_unit_test(test_two_on_a_loop),
    cmocka_unit_test(test_signals),
    cmocka_unit_test(test_many),
    cmocka_unit_test(test_ended_by_callbacks),
    cmocka_unit_test(test_ended_by_host_timer),
    cmocka_unit_test(test_ended_by_done),
    cmocka_unit_test(test_ended_by_post),
    cmocka_unit_test(test_ended_within_own_loop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
