// Native classes, operations, and calls started from callbacks of the loop.
#include <stdlib.h>

#include "host.h"

static int finished;  // counters and clocks that were given back

// A counter holds a value besides its number.
struct counter {
  int64_t n;
  struct lull_value held;
};

static void counter_mark(struct lull *lull, void *data) { lull_mark(lull, ((struct counter *)data)->held); }

static void counter_finish(struct lull *lull, void *data)
{
  (void)lull;
  (void)data;
  finished++;
}

static int counter_print(const void *data, char *to, size_t size)
{
  return snprintf(to, size, "<counter at %d>", (int)((const struct counter *)data)->n);
}

static const struct lull_class counter_class;

static enum lull_status counter_add(struct lull_call *c)
{
  struct counter *self = lull_arg_data(c, 0, &counter_class);
  int64_t by = 1;
  if (!self || (lull_arg_has(c, 1) && !lull_arg_int(c, 1, &by))) return LULL_THROW;
  self->n += by;
  return lull_return(c, lull_arg(c, 0));
}

static enum lull_status counter_keep(struct lull_call *c)
{
  struct counter *self = lull_arg_data(c, 0, &counter_class);
  if (!self) return LULL_THROW;
  lull_store(lull_of(c), self, &self->held, lull_arg(c, 1));
  return lull_return(c, lull_nil());
}

static enum lull_status counter_n(struct lull_call *c)
{
  return lull_return(c, lull_int(((struct counter *)lull_arg_data(c, 0, &counter_class))->n));
}

static enum lull_status counter_held(struct lull_call *c)
{
  return lull_return(c, ((struct counter *)lull_arg_data(c, 0, &counter_class))->held);
}

static const struct lull_native counter_methods[] = {
  { "add", counter_add, 0, 1, 0, "add(by = 1)", "Counts." },
  { "keep", counter_keep, 1, 1, 0, "keep(x)", "Holds x." },
};
static const struct lull_native counter_getters[] = {
  { "n", counter_n, 0, 0, 0, "n", "How far." },
  { "held", counter_held, 0, 0, 0, "held", "What it holds." },
};
static const struct lull_class counter_class = { .name = "counter",
                                                 .doc = "Counts.",
                                                 .methods = counter_methods,
                                                 .method_count = 2,
                                                 .getters = counter_getters,
                                                 .getter_count = 2,
                                                 .size = sizeof(struct counter),
                                                 .mark = counter_mark,
                                                 .finish = counter_finish,
                                                 .print = counter_print };

static enum lull_status counter_new(struct lull_call *c)
{
  struct lull_value v;
  struct counter *counter = lull_new(lull_of(c), &counter_class, &v);
  if (counter) counter->held = lull_nil();
  return lull_return(c, v);
}

// A clock is an operation: it settles when its timer fires.
struct clock {
  ev_timer timer;
  struct lull *lull;
  bool is_failing;
};

static void clock_stop(struct clock *clock)
{
  struct ev_loop *loop = lull_loop(clock->lull);
  if (!ev_is_active(&clock->timer)) return;
  ev_ref(loop);
  ev_timer_stop(loop, &clock->timer);
}

static int abandoned;

static void clock_abandon(struct lull *lull, void *data)
{
  (void)lull;
  abandoned++;
  clock_stop(data);
}

static void clock_finish(struct lull *lull, void *data)
{
  (void)lull;
  clock_stop(data);
  finished++;
}

static int clock_describe(const void *data, char *to, size_t size)
{
  (void)data;
  return snprintf(to, size, "tick");
}

static const struct lull_class clock_class = { .name = "clock",
                                               .size = sizeof(struct clock),
                                               .is_operation = true,
                                               .finish = clock_finish,
                                               .describe = clock_describe,
                                               .abandon = clock_abandon };

static void on_tick(struct ev_loop *loop, ev_timer *w, int events)
{
  struct clock *clock = (struct clock *)(void *)w;
  (void)loop;
  (void)events;
  clock_stop(clock);
  if (clock->is_failing) lull_fail(clock->lull, clock, lull_error(clock->lull, "TimeoutError", NULL, "late"));
  else lull_resolve(clock->lull, clock, lull_int(5));
}

static enum lull_status clock_new(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  struct lull_value v;
  double after;
  if (!lull_arg_seconds(c, 0, &after)) return LULL_THROW;
  struct clock *clock = lull_new(lull, &clock_class, &v);
  if (!clock) return lull_return(c, v);
  clock->lull = lull;
  clock->is_failing = lull_is_true(lull_arg(c, 1));
  ev_timer_init(&clock->timer, on_tick, after, 1e6);  // a timer of one shot stops itself, and with it the balance of refs
  ev_timer_start(lull_loop(lull), &clock->timer);
  ev_unref(lull_loop(lull));
  return lull_return(c, v);
}

// start(f, x): calls f(x) from a callback of the loop, and prints how that ended.
static int outcomes[4];

static bool on_done(struct lull *lull, void *user, enum lull_outcome outcome, struct lull_value v)
{
  bool *is_handling = user;
  outcomes[outcome]++;
  if (outcome == LULL_DROPPED) return true;
  struct lull_value text = lull_text_of(lull, v);
  size_t len;
  const char *bytes = lull_get_string(lull, text, &len);
  lull_write(lull, 7, 1, bytes ? bytes : "?", bytes ? len : 1);
  return *is_handling;
}

static bool handling = true, not_handling = false;

static enum lull_status start(struct lull_call *c)
{
  bool *user = lull_is_true(lull_arg(c, 2)) ? &handling : &not_handling;
  bool ok = lull_start(lull_of(c), 9, lull_arg(c, 0), (struct lull_value[]){ lull_arg(c, 1) }, 1, on_done, user);
  return lull_return(c, lull_bool(ok));
}

static enum lull_status start_now(struct lull_call *c)
{
  bool ok = lull_start_now(lull_of(c), 9, lull_arg(c, 0), (struct lull_value[]){ lull_arg(c, 1) }, 1, on_done, &handling);
  return lull_return(c, lull_bool(ok));
}

// One counter for the whole state.
static enum lull_status shared(struct lull_call *c)
{
  struct counter *counter = lull_shared(lull_of(c), &counter_class);
  if (!counter) return lull_return(c, lull_absent());
  counter->n++;
  return lull_return(c, lull_object(counter));
}

static enum lull_status stop(struct lull_call *c)
{
  struct clock *clock = lull_arg_data(c, 0, &clock_class);
  return clock ? lull_return(c, lull_bool(lull_give_up(lull_of(c), clock))) : LULL_THROW;
}

static const struct lull_native answer_native;

static enum lull_status answer(struct lull_call *c)
{
  return lull_return(c, lull_function(lull_of(c), &answer_native));
}

static const struct lull_native answer_native = { "answer", answer, 0, 0, 0, "answer()", "Itself." };

static const struct lull_native natives[] = {
  { "start_now", start_now, 2, 2, 0, "start_now(f, x)", "Calls f(x)." },
  { "shared", shared, 0, 0, 0, "shared()", "The one counter." },
  { "stop", stop, 1, 1, 0, "stop(clock)", "Gives it up." },
  { "answer", answer, 0, 0, 0, "answer()", "A function outside of the module." },
  { "counter", counter_new, 0, 0, 0, "counter()", "A counter." },
  { "clock", clock_new, 1, 2, 0, "clock(after, failing = false)", "A clock." },
  { "start", start, 3, 3, 0, "start(f, x, handling)", "Calls f(x) later." },
};

static int setup(void **state)
{
  static struct host host;
  *state = &host;
  host_open(&host);
  finished = abandoned = 0;
  memset(outcomes, 0, sizeof outcomes);
  struct lull_module *m = lull_define_module(host.lull, "native");
  assert_true(lull_module_add(host.lull, m, natives, sizeof natives / sizeof *natives));
  assert_true(lull_module_set(host.lull, m, "Counter", lull_class_value(host.lull, &counter_class)));
  return 0;
}

static int teardown(void **state)
{
  host_close(*state);
  return 0;
}

static void test_objects(void **state)
{
  assert_prints(*state, "let c = native.counter()\nprint(c.add().add(5).n, c, c is native.Counter, 3 is native.Counter)",
                "6 <counter at 6> true false\n");
  assert_fails(*state, "native.counter().add(\"x\")", "add: `by` must be an int");
  assert_fails(*state, "native.counter().nothing()", "counter has no method `nothing`");
  assert_true(lull_is_absent(lull_member(((struct host *)*state)->lull, lull_int(3), "n")));
}

static void test_held_values_live(void **state)
{
  assert_prints(*state, "let c = native.counter()\nc.keep([1, [2]])\nfor i in 0..300000 { [i] }\nprint(c.held)\n"
                        "c.keep(c)\nc = nil\nfor i in 0..300000 { [i] }", "[1, [2]]\n");
  assert_int_equal(finished, 1);
}

static void test_finish_at_end(void **state)
{
  host_run(*state, "let a = native.counter()\nlet b = native.counter()\nlet c = native.clock(1000)");
  host_close(*state);
  host_open(*state);
  assert_int_equal(finished, 3);
}

static void test_operations(void **state)
{
  assert_prints(*state, "print(await native.clock(0.001))", "5\n");
  assert_prints(*state, "try { await native.clock(0.001, true) } catch e { print(e is TimeoutError, e.message) }",
                "true late\n");
  assert_prints(*state, "let c = native.clock(0)\nprint(c, await c, c.state)", "<clock: tick> 5 resolved\n");
  assert_fails(*state, "let c = native.clock(0.001, true)\nawait sleep(0.01)", "late");
}

static void test_operation_unwanted(void **state)
{
  assert_prints(*state, "let c = native.clock(1000)\nprint(c.state)", "pending\n");  // it does not keep the program
  assert_prints(*state, "let t = spawn { await native.clock(1000) }\nawait sleep(0.001)\nt.cancel()", "");
  assert_int_equal(abandoned, 1);
  assert_prints(*state, "try { await native.clock(1000).timeout(0.001) } catch e { print(e is TimeoutError) }", "true\n");
}

static void test_start(void **state)
{
  assert_prints(*state, "native.start(x => x + 1, 1, true)", "2");
  assert_prints(*state, "native.start(x => { await sleep(0.001); x }, 3, true)", "3");
  assert_prints(*state, "native.start(x => throw x, \"no\", true)", "?");
  assert_int_equal(outcomes[LULL_VALUE], 2);
  assert_int_equal(outcomes[LULL_THROWN], 1);
}

static void test_start_fails(void **state)
{
  struct host *h = *state;
  assert_fails(h, "native.start(x => throw x, \"unhandled\", false)", "unhandled");
  assert_int_equal(h->failed_tag, 9);
  host_run(h, "native.start(x => exit(x), 3, true)");
  assert_int_equal(h->exited, 3);
  assert_int_equal(outcomes[LULL_EXITED], 1);
}

static void test_start_dropped(void **state)
{
  host_run(*state, "native.start(x => await deferred(), 1, true)");
  host_run(*state, "for i in 0..300000 { [i] }");
  assert_int_equal(outcomes[LULL_DROPPED], 1);
}

// From a callback of the loop it runs at once.
static void on_start_now(struct ev_loop *loop, ev_timer *w, int events)
{
  struct host *h = w->data;
  struct lull_value f = lull_get(h->lull, "f");
  (void)loop;
  (void)events;
  assert_true(lull_start_now(h->lull, 7, f, (struct lull_value[]){ lull_int(20) }, 1, on_done, &handling));
  assert_int_equal(outcomes[LULL_VALUE], 1);
  assert_string_equal(buf_text(&h->out), "40");
}

static void test_start_now(void **state)
{
  struct host *h = *state;
  ev_timer timer;
  host_run(h, "f = x => x * 2");
  ev_timer_init(&timer, on_start_now, 0, 0);
  timer.data = h;
  ev_timer_start(h->loop, &timer);
  ev_run(h->loop, 0);
  assert_int_equal(outcomes[LULL_VALUE], 1);
  assert_prints(h, "native.start_now(x => x + 1, 1)\nprint(\"first\")", "first\n2");  // within a native: later
}

static void test_shared(void **state)
{
  assert_prints(*state, "native.shared()\nfor i in 0..300000 { [i] }\nprint(native.shared().n)", "2\n");
  assert_prints(*state, "print(native.answer() == native.answer(), native.answer()() == native.answer())", "true true\n");
}

static void test_give_up(void **state)
{
  assert_prints(*state, "let c = native.clock(1000)\nspawn { await sleep(1ms); print(native.stop(c), native.stop(c)) }\n"
                        "try { await c } catch e { print(e is Cancelled) }", "true false\ntrue\n");
  assert_int_equal(abandoned, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_objects, setup, teardown),
    cmocka_unit_test_setup_teardown(test_held_values_live, setup, teardown),
    cmocka_unit_test_setup_teardown(test_finish_at_end, setup, teardown),
    cmocka_unit_test_setup_teardown(test_operations, setup, teardown),
    cmocka_unit_test_setup_teardown(test_operation_unwanted, setup, teardown),
    cmocka_unit_test_setup_teardown(test_start_now, setup, teardown),
    cmocka_unit_test_setup_teardown(test_shared, setup, teardown),
    cmocka_unit_test_setup_teardown(test_give_up, setup, teardown),
    cmocka_unit_test_setup_teardown(test_start, setup, teardown),
    cmocka_unit_test_setup_teardown(test_start_fails, setup, teardown),
    cmocka_unit_test_setup_teardown(test_start_dropped, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
