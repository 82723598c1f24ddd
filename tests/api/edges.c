// What hosts ask at the edges: limits of nothing, refs held twice, checks nobody hears, things without texts, a port used twice.
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

static void give(struct host *h, const char *name, struct lull_value v)
{
  struct lull_ref *ref = lull_ref_new(h->lull, v);
  assert_true(lull_set(h->lull, name, ref));
  lull_ref_release(h->lull, ref);
}

static void test_refs(void **state)
{
  struct host *h = *state;
  struct lull_ref *first = lull_ref_new(h->lull, lull_int(1)), *second = lull_ref_new(h->lull, lull_int(2));
  struct lull_ref *third = lull_ref_new(h->lull, lull_nil());
  assert_ptr_equal(lull_ref_keep(h->lull, second), second);
  assert_ptr_equal(lull_ref_keep(h->lull, first), first);
  assert_ptr_equal(lull_ref_keep(h->lull, third), third);
  lull_ref_release(h->lull, second);
  assert_int_equal(lull_to_int(second, -1), 2);
  assert_int_equal(lull_to_int(third, -1), -1);
  for (int i = 0; i < 2; i++) {
    lull_ref_release(h->lull, third);
    lull_ref_release(h->lull, first);
  }
  lull_ref_release(h->lull, second);
  lull_ref_release(h->lull, NULL);
  struct lull_ref *only = lull_ref_new(h->lull, lull_int(3));
  assert_ptr_equal(lull_ref_keep(h->lull, only), only);
  lull_ref_release(h->lull, only);
  lull_ref_release(h->lull, only);
}

static void test_texts(void **state)
{
  struct host *h = *state;
  assert_int_equal(lull_check(h->lull, "test", "1 +* 2", 6, NULL), LULL_WRONG);
  assert_int_equal(lull_check(h->lull, "test", "1 +* 2", 6, &h->errors), LULL_WRONG);
  assert_non_null(strstr(buf_text(&h->errors), "test:1:4"));
  assert_int_equal(lull_check(h->lull, "test", "fn f(", 5, NULL), LULL_MORE);
  assert_int_equal(lull_check(h->lull, "test", "1", 1, NULL), LULL_COMPLETE);
  struct buf *text = lull_buf_create(h->lull);
  assert_string_equal(lull_buf_text(text, NULL), "");
  size_t len = 5;
  assert_string_equal(lull_buf_text(text, &len), "");
  assert_int_equal(len, 0);
  lull_buf_destroy(text);
}

static void test_limits_of_nothing(void **state)
{
  struct host *h = *state;
  lull_set_time_limit(h->lull, 0);
  assert_prints(h, "print(1)", "1\n");
  lull_set_step_limit(h->lull, 100);
  assert_fails(h, "while true { }", "LimitError");
  assert_int_equal(lull_steps_left(h->lull), 0);
  lull_set_step_limit(h->lull, 0);
  assert_true(lull_steps_left(h->lull) == UINT64_MAX);
}

// A class that is no error names none; a value is no callable.
static void test_errors(void **state)
{
  struct host *h = *state;
  give(h, "a", lull_error(h->lull, "int", NULL, "%s", "of no kind"));
  give(h, "b", lull_error(h->lull, "NoSuchError", "ECODE", "with a code"));
  assert_prints(h, "print(a, b, b.code)", "Error: of no kind Error: with a code ECODE\n");
  struct lull_value result, args[2] = { lull_int(1), lull_int(2) };
  assert_false(lull_call_now(h->lull, lull_int(5), args, 2, &result));
  assert_false(lull_call_now(h->lull, lull_get(h->lull, "max"), args, 0, &result));  // needs an argument
  assert_true(lull_is_absent(lull_get(h->lull, "none_such")));
  assert_true(lull_is_absent(lull_member(h->lull, lull_get(h->lull, "none_such"), "x")));
}

// A thing without a text of its own, one whose text is nothing, and one whose text is longer than is taken.
static int no_text(const void *data, char *to, size_t size)
{
  (void)data;
  (void)to;
  (void)size;
  return 0;
}

static int long_text(const void *data, char *to, size_t size)
{
  (void)data;
  memset(to, 'x', size - 1);
  to[size - 1] = 0;
  return 5000;
}

static const struct lull_class plain_class = { .name = "plain", .size = 8 };
static const struct lull_class silent_class = { .name = "silent", .size = 8, .print = no_text };
static const struct lull_class wordy_class = { .name = "wordy", .size = 8, .print = long_text };
static const struct lull_class waiting_class = { .name = "waiting", .size = 8, .is_operation = true };
static const struct lull_class told_class = { .name = "told", .size = 8, .is_operation = true, .describe = long_text };

static void test_things_without_text(void **state)
{
  struct host *h = *state;
  static const struct lull_class *const classes[] = { &plain_class, &silent_class, &wordy_class };
  static const char *const expected[] = { "<plain>\n", "\n", NULL };
  for (int i = 0; i < 3; i++) {
    struct lull_value v;
    assert_non_null(lull_new(h->lull, classes[i], &v));
    give(h, "thing", v);
    if (expected[i]) assert_prints(h, "print(thing)", expected[i]);
    else assert_prints(h, "print(string(thing).len())", "511\n");
    assert_prints(h, "print(thing == thing, thing in set([thing]))", "true true\n");
  }
}

struct listed {
  int count;
  uint32_t id[4];
  char text[4][512];
};

static bool list_work(void *user, const struct lull_work *work)
{
  struct listed *l = user;
  l->id[l->count] = work->id;
  snprintf(l->text[l->count++], sizeof l->text[0], "%s", work->text);
  return l->count < 4;
}

static void test_operations_one_by_one(void **state)
{
  struct host *h = *state;
  static const struct lull_class *const classes[] = { &waiting_class, &told_class };
  void *data[2];
  for (int i = 0; i < 2; i++) {
    struct lull_value v;
    data[i] = lull_new(h->lull, classes[i], &v);
    assert_true(lull_is_pending(data[i]));
    lull_set_effect(h->lull, data[i], true);
    give(h, i ? "told" : "waiting", v);
  }
  struct listed all = { 0 };
  assert_int_equal(lull_work(h->lull, 0, list_work, &all), 2);
  bool is_first = strcmp(all.text[0], "waiting") == 0;
  assert_string_equal(all.text[!is_first], "waiting");
  assert_memory_equal(all.text[is_first], "xxxx", 4);
  assert_false(lull_cancel_one(h->lull, 1, all.id[0]));
  assert_false(lull_cancel_one(h->lull, 0, 9999));
  assert_true(lull_cancel_one(h->lull, 0, all.id[1]));
  assert_false(lull_cancel_one(h->lull, 0, all.id[1]));
  assert_int_equal(lull_work(h->lull, 0, NULL, NULL), 1);
  assert_true(lull_cancel_one(h->lull, 0, all.id[0]));
  assert_false(lull_is_pending(data[0]) || lull_is_pending(data[1]));
  assert_int_equal(lull_work(h->lull, 0, NULL, NULL), 0);
  assert_prints(h, "for x in [waiting, told] { try { await x } catch e { print(e) } }",
                "Cancelled: cancelled\nCancelled: cancelled\n");
}

static int told;

static void count_told(void *user, enum lull_outcome outcome, const char *text, size_t len)
{
  (void)user;
  (void)text;
  (void)len;
  told += outcome == LULL_VALUE;
}

static void test_port_twice(void **state)
{
  struct host *h = *state;
  struct lull_port *port = lull_port_open(h->lull), *again = lull_port_open(h->lull);
  assert_ptr_equal(port, again);
  assert_true(lull_post(port, 1, "test", "1", 1, count_told, NULL));
  assert_true(lull_post(port, 1, "test", "print(2)", 8, NULL, NULL));
  while (told < 1 || strcmp(buf_text(&h->out), "2\n") != 0) ev_run(h->loop, EVRUN_ONCE);
  lull_port_release(again);
  lull_port_release(port);
  ev_run(h->loop, EVRUN_NOWAIT);
}

static bool count_name(void *user, const struct lull_name *name)
{
  (void)name;
  return ++*(int *)user < 1000;
}

static void test_names(void **state)
{
  struct host *h = *state;
  host_run(h, "let shown = 1\nlet _own = 2\nclass Thing { fn touch() => 1 }\nlet f = () => 1\nlet later = nil");
  static const struct {
    const char *text;
    bool is_any;
  } cases[] = { { "sho", true },        { "_ow", true },     { "Thin", true },
                { "math.sq", true },    { "math._", false }, { "regex.", true },
                { "Thing.tou", false }, { "f().", false },   { "[1].pu", false },
                { "shown.ab", true },   { "none.x", false }, { "later.x", false },
                { "..sho", true },      { "1..sho", true },  { "", true } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int count = 0;
    size_t start, len = strlen(cases[i].text);
    lull_complete(h->lull, cases[i].text, len, len, &start, count_name, &count);
    if ((count > 0) != cases[i].is_any) fail_msg("%s: %d", cases[i].text, count);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_refs, setup, teardown),
    cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
    cmocka_unit_test_setup_teardown(test_limits_of_nothing, setup, teardown),
    cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
    cmocka_unit_test_setup_teardown(test_things_without_text, setup, teardown),
    cmocka_unit_test_setup_teardown(test_operations_one_by_one, setup, teardown),
    cmocka_unit_test_setup_teardown(test_port_twice, setup, teardown),
    cmocka_unit_test_setup_teardown(test_names, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
