// Limits of steps, time and memory.
#include <time.h>

#include "host.h"

static int setup(void **state)
{
  static struct host host;
  *state = &host;
  host_open(&host);
  return 0;
}

static int teardown(void **state)
{
  host_close(*state);
  return 0;
}

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void grant_steps(struct host *h, uint64_t steps) { lull_set_step_limit(h->lull, steps); }

// What no program can outlast, however it is written.
static const char *const endless[] = {
  "while true {}",
  "fn f(n) => f(n)\nf(1)",
  "fn f(n) { while true { g(n) } }\nfn g(n) => n\nf(1)",
  "while true { try { while true {} } catch e { print(\"caught\") } }",
  "fn f() { try { f() } catch { f() } }\nwhile true { f() }",
  "try { while true {} } finally { while true {} }",
  "fn g() { while true {} }\nfn f() { defer g()\nwhile true {} }\nf()",
  "class A { fn equals(o) { while true {} } }\nA() == A()",
  "let xs = [1, 2, 3]\nxs.sort(compare: (a, b) => { while true {} })",
  "class A { fn to_string() { while true {} } }\nprint(A())",
  "spawn { while true {} }\nawait sleep(1000)",
  "spawn { while true { await sleep(0) } }\nawait deferred()",
  "every(0.001, () => { while true {} })",
  "let c = channel()\nspawn { while true { await c.send(1) } }\nfor x in c {}",
  "while true { try { await spawn { while true {} } } catch { } finally { await sleep(1000) } }",
  "for x in 0..10**12 { }",
  "let t = spawn { try { while true {} } finally { spawn { while true {} }; every(1, print); await sleep(100) } }\nawait t",
  "fn f() { while true { sleep(0) } }\nlet xs = [f, f]\nawait all(xs.map(x => spawn x()))",
};

static void test_endless(void **state)
{
  struct host *h = *state;
  for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
    grant_steps(h, 20000);
    host_run(h, endless[i]);
    if (!strstr(buf_text(&h->errors), "LimitError: the limit of 20000 steps is reached"))
      fail_msg("%s\n%s", endless[i], buf_text(&h->errors));
    assert_string_equal(buf_text(&h->out), "");
    assert_int_equal(lull_active(h->lull), 0);
  }
}

static void test_endless_by_time(void **state)
{
  struct host *h = *state;
  for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
    lull_set_time_limit(h->lull, 0.02);
    host_run(h, endless[i]);
    if (!strstr(buf_text(&h->errors), "LimitError: the time limit of 0.02 s is reached"))
      fail_msg("%s\n%s", endless[i], buf_text(&h->errors));
    assert_int_equal(lull_active(h->lull), 0);
  }
}

static void test_clean_up_runs(void **state)
{
  struct host *h = *state;
  grant_steps(h, 1000);
  host_run(
      h,
      "fn g() { for i in 0..10 {}\nprint(\"deferred\") }\nfn f() { defer g()\nwhile true {} }\ntry { f() } catch { print(\"no\") } finally { print(\"finally\") }");
  assert_string_equal(buf_text(&h->out), "deferred\nfinally\n");
}

static void test_nothing_begins(void **state)
{
  struct host *h = *state;
  grant_steps(h, 1000);
  host_run(h, "after(0.001, () => print(\"later\"))\nwhile true {}");
  assert_fails(h, "print(\"more\")", "LimitError");
  assert_string_equal(buf_text(&h->out), "");
  grant_steps(h, 0);
  assert_prints(h, "let n = 0\nfor i in 0..100000 { n += 1 }\nprint(n)", "100000\n");
}

static void test_waiting_ends(void **state)
{
  struct host *h = *state;
  double start = now();
  lull_set_time_limit(h->lull, 0.05);
  host_run(h, "try { await sleep(1000) } catch e { print(\"caught\") } finally { print(\"end\") }");
  assert_string_equal(buf_text(&h->out), "end\n");
  assert_non_null(strstr(buf_text(&h->errors), "time limit of 0.05 s"));
  assert_true(now() - start < 500);
}

static void test_steps_left(void **state)
{
  struct host *h = *state;
  assert_true(lull_steps_left(h->lull) == UINT64_MAX);
  grant_steps(h, 1000000);
  assert_prints(h, "for i in 0..1000 {}", "");
  uint64_t left = lull_steps_left(h->lull);
  assert_in_range(left, 1000000 - 1200, 1000000 - 1000);
}

static bool is_limit;

static void note_limit(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  struct host *h = user;
  (void)tag;
  is_limit = outcome == LULL_THROWN && lull_is_limit(h->lull, value);
}

static void test_told_what_it_was(void **state)
{
  struct host *h = *state;
  lull_destroy(h->lull);
  h->lull = lull_create(h->loop, &(struct lull_host){ .user = h, .settled = note_limit }, 0);
  host_run(h, "throw LimitError(\"mine\")");
  assert_false(is_limit);
  grant_steps(h, 10);
  host_run(h, "while true {}");
  assert_true(is_limit);
}

static void test_memory(void **state)
{
  struct host *h = *state;
  size_t limit = lull_memory(h->lull) + (1 << 20);
  lull_set_memory_limit(h->lull, limit);
  assert_prints(
      h,
      "let xs = []\ntry { while true { xs.push(\"x\" * 1000 + \"${len(xs)}\") } } catch e { xs = nil\nprint(e is LimitError) }",
      "true\n");
  assert_true(lull_memory(h->lull) <= limit + limit / 100);
  lull_set_memory_limit(h->lull, 0);
  assert_prints(h, "print(len(\"x\" * 5000000))", "5000000\n");
}

// grind(turns, stop_at): a native that computes, and asks at each turn. At the turn stop_at Ctrl-C is pressed.
static enum lull_status grind(struct lull_call *c)
{
  int64_t turns, stop_at = -1;
  if (!lull_arg_int(c, 0, &turns) || (lull_arg_has(c, 1) && !lull_arg_int(c, 1, &stop_at))) return LULL_THROW;
  for (int64_t i = 0; i < turns; i++) {
    if (i == stop_at) lull_stop(lull_of(c));
    if (lull_must_stop(c)) return LULL_THROW;
  }
  return lull_return(c, lull_int(turns));
}

static const struct lull_native grinders[] = { { "grind", grind, 1, 2, 0, "grind(turns, stop_at = nil)", "Computes." } };

static void test_native_asks(void **state)
{
  struct host *h = *state;
  struct lull_module *m = lull_define_module(h->lull, "mill");
  assert_true(lull_module_add(h->lull, m, grinders, 1));
  assert_prints(h, "print(mill.grind(100000))", "100000\n");
  assert_prints(h, "try { mill.grind(100000, 5000) } catch e { print(e is Interrupted) }\nprint(mill.grind(10))", "true\n10\n");
  grant_steps(h, 1000);
  assert_prints(h, "print(mill.grind(900))", "900\n");
  assert_in_range(lull_steps_left(h->lull), 50, 100);
  assert_fails(h, "try { mill.grind(1000000000) } catch { print(\"caught\") }", "LimitError: the limit of 1000 steps is reached");
  assert_string_equal(buf_text(&h->out), "");
  lull_set_step_limit(h->lull, 0);
  lull_set_time_limit(h->lull, 0.02);
  assert_fails(h, "try { mill.grind(2 ** 60) } catch { print(\"caught\") }", "LimitError: the time limit of 0.02 s is reached");
  assert_string_equal(buf_text(&h->out), "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_endless, setup, teardown),
    cmocka_unit_test_setup_teardown(test_endless_by_time, setup, teardown),
    cmocka_unit_test_setup_teardown(test_clean_up_runs, setup, teardown),
    cmocka_unit_test_setup_teardown(test_nothing_begins, setup, teardown),
    cmocka_unit_test_setup_teardown(test_waiting_ends, setup, teardown),
    cmocka_unit_test_setup_teardown(test_steps_left, setup, teardown),
    cmocka_unit_test_setup_teardown(test_told_what_it_was, setup, teardown),
    cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
    cmocka_unit_test_setup_teardown(test_native_asks, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
