// Natives that call and wait from the depths of their C.
#include <stdlib.h>

#include "host.h"

static int bodies;  // that hold something

// What qsort's comparator cannot be given otherwise.
static struct sorting {
  struct lull_call *call;
  struct lull_value error;
  bool has_failed;
} * sorting;

static int compare(const void *a, const void *b)
{
  struct sorting *s = sorting;
  if (s->has_failed) return 0;
  struct lull_value args[] = { lull_int(*(const int64_t *)a), lull_int(*(const int64_t *)b) }, answer;
  int64_t order = 0;
  s->has_failed = !lull_call_here(s->call, lull_arg(s->call, 1), args, 2, &answer);
  sorting = s;  // others may have sorted meanwhile
  if (s->has_failed) s->error = answer;
  else lull_get_int(answer, &order);
  return (int)order;
}

static enum lull_status sort_body(struct lull_call *c)
{
  size_t len = lull_list_len(lull_arg(c, 0));
  int64_t *numbers = malloc((len + 1) * sizeof *numbers);
  struct sorting own = { .call = c };
  bodies++;
  for (size_t i = 0; i < len; i++) lull_get_int(lull_list_get(lull_arg(c, 0), i), &numbers[i]);
  sorting = &own;
  qsort(numbers, len, sizeof *numbers, compare);
  struct lull_value sorted = own.has_failed ? lull_absent() : lull_list(lull_of(c));
  for (size_t i = 0; i < len && !own.has_failed; i++) lull_list_push(lull_of(c), sorted, lull_int(numbers[i]));
  free(numbers);
  bodies--;
  return own.has_failed ? lull_throw_value(c, own.error) : lull_return(c, sorted);
}

static enum lull_status sort(struct lull_call *c)
{
  if (!lull_arg_list(c, 0) || !lull_arg_function(c, 1)) return LULL_THROW;
  return lull_on_stack(c, 0, sort_body);
}

// Calls f until it fails, and gives the message.
static enum lull_status attempt_body(struct lull_call *c)
{
  struct lull_value answer;
  bodies++;
  while (lull_call_here(c, lull_arg(c, 0), NULL, 0, &answer)) continue;
  bodies--;
  if (lull_is_absent(answer)) return LULL_THROW;
  return lull_return(c, lull_member(lull_of(c), answer, "message"));
}

static enum lull_status attempt(struct lull_call *c) { return lull_on_stack(c, 0, attempt_body); }

static enum lull_status wait_body(struct lull_call *c)
{
  struct lull_value answer;
  bodies++;
  bool ok = lull_wait_here(c, lull_arg(c, 0), &answer);
  bodies--;
  return ok ? lull_return(c, answer) : lull_throw_value(c, answer);
}

static enum lull_status wait_for(struct lull_call *c) { return lull_on_stack(c, 0, wait_body); }

static enum lull_status outside(struct lull_call *c)
{
  struct lull_value answer;
  return lull_call_here(c, lull_arg(c, 0), NULL, 0, &answer) ? LULL_OK : lull_throw_value(c, answer);
}

static int64_t depth_of(struct lull_call *c, int64_t n)
{
  struct lull_value answer;
  char room[512];
  memset(room, (int)n, sizeof room);
  if (n > 0) return depth_of(c, n - 1) + (room[n % 512] == (char)n);
  lull_call_here(c, lull_arg(c, 0), NULL, 0, &answer);
  return 0;
}

static enum lull_status deep_body(struct lull_call *c) { return lull_return(c, lull_int(depth_of(c, 100))); }

static enum lull_status deep(struct lull_call *c) { return lull_on_stack(c, 0, deep_body); }

static const struct lull_native natives[] = {
  { "sort", sort, 2, 2, 1, "sort(xs, compare)", "Sorts ints by qsort." },
  { "attempt", attempt, 1, 1, 1, "attempt(f)", "Calls f until it fails." },
  { "wait", wait_for, 1, 1, 1, "wait(deferred)", "Waits." },
  { "outside", outside, 1, 1, 0, "outside(f)", "Calls where it cannot." },
  { "deep", deep, 1, 1, 1, "deep(f)", "Calls from a recursion." },
};

static int setup(void **state)
{
  static struct host host;
  *state = &host;
  bodies = 0;
  host_open(&host);
  struct lull_module *m = lull_define_module(host.lull, "c");
  assert_true(lull_module_add(host.lull, m, natives, sizeof natives / sizeof *natives));
  return 0;
}

static int teardown(void **state)
{
  host_close(*state);
  return bodies;  // each has come to its end
}

static void test_calls(void **state)
{
  assert_prints(*state, "print(c.sort([3, 1, 2], (a, b) => a - b))", "[1, 2, 3]\n");
  assert_prints(*state, "print(c.sort((0..100).to_list(), (a, b) => b - a)[0..3])", "[99, 98, 97]\n");
  assert_prints(*state, "print(c.deep(() => 1))", "100\n");
  assert_prints(
      *state, "fn f(n) => if n == 0 { 0 } else { c.sort([2, 1], (a, b) => { f(n - 1); a - b })[0] + n }\nprint(f(20))",
      "21\n");
}

static void test_waits(void **state)
{
  assert_prints(*state, "print(c.sort([3, 1, 2], (a, b) => { await sleep(0.001); a - b }))", "[1, 2, 3]\n");
  assert_prints(*state, "print(c.wait(spawn { await sleep(0.001); 5 }), c.wait(spawn { 6 }))", "5 6\n");
  // Many at once, which sort in turns.
  assert_prints(
      *state,
      "let all_of = await all((0..50).map(n => spawn c.sort([n + 2, n, n + 1], (a, b) => { await sleep(0); a - b })))\n"
      "print(all_of.map(xs => xs[0]).sum(), all_of[49])",
      "1225 [49, 50, 51]\n");
}

static void test_errors(void **state)
{
  assert_fails(*state, "c.sort([2, 1], (a, b) => throw \"inside\")", "inside");
  assert_fails(*state, "c.wait(spawn { await sleep(0.001)\nthrow ValueError(\"later\") })", "later");
  assert_fails(*state, "c.wait(3)", "wait: int cannot be waited for");
  assert_fails(*state, "c.outside(print)", "only a body of lull_on_stack");
  assert_prints(*state, "let n = 0\nprint(c.attempt(() => { n += 1\nif n == 3 { throw \"third\" } }))", "third\n");
  assert_prints(*state,
                "try { c.sort([2, 1], (a, b) => c.wait(spawn { throw \"two\" })) } catch e { print(e.message) }",
                "two\n");
}

static void test_cancelled(void **state)
{
  assert_prints(
      *state,
      "let t = spawn c.wait(deferred())\nawait sleep(0.001)\nt.cancel()\ntry { await t } catch e { print(e is Cancelled) }",
      "true\n");
  assert_int_equal(bodies, 0);
}

// No body holds up what no program catches.
static void test_final(void **state)
{
  struct host *h = *state;
  host_run(h, "c.attempt(() => exit(3))\nprint(\"after\")");
  assert_int_equal(h->exited, 3);
  assert_string_equal(buf_text(&h->out), "");
  lull_set_step_limit(h->lull, 1000);
  assert_fails(h, "c.attempt(() => { while true {} })\nprint(\"after\")", "limit of 1000 steps");
  assert_string_equal(buf_text(&h->out), "");
  assert_int_equal(bodies, 0);
}

// A task that nothing can wake goes, and the body with it.
static void test_dropped(void **state)
{
  struct host *h = *state;
  host_run(h, "fn lose() { spawn c.wait(deferred()) }\nfor i in 0..20 { lose() }\n0");
  assert_in_range(bodies, 1, 20);
  host_run(h, "for i in 0..500000 { [i] }");
  assert_true(bodies <= 2);
}

static void test_state_goes(void **state)
{
  struct host *h = *state;
  host_run(h, "let kept = (0..20).map(i => spawn c.sort([2, 1], (a, b) => { await deferred(); 0 }))");
  assert_int_equal(bodies, 20);  // teardown finds none
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_calls, setup, teardown),
    cmocka_unit_test_setup_teardown(test_waits, setup, teardown),
    cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
    cmocka_unit_test_setup_teardown(test_cancelled, setup, teardown),
    cmocka_unit_test_setup_teardown(test_final, setup, teardown),
    cmocka_unit_test_setup_teardown(test_dropped, setup, teardown),
    cmocka_unit_test_setup_teardown(test_state_goes, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
