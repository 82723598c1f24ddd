// Values, names and work of a state, asked for by its host.
#include "host.h"

static int setup(void **state)
{
  static struct host h;
  host_open(&h);
  *state = &h;
  return 0;
}

static int teardown(void **state)
{
  host_close(*state);
  return 0;
}

static struct lull_value named(struct host *h, const char *name) { return lull_get(h->lull, name); }

// A constant, made by its name for each kind of value.
static void test_types(void **state)
{
  static const struct { const char *name; enum lull_type type; } cases[] = {
    { "nothing", LULL_IS_NIL },        { "yes", LULL_IS_BOOL },        { "no", LULL_IS_BOOL },
    { "small", LULL_IS_INT },          { "large", LULL_IS_INT },       { "half", LULL_IS_FLOAT },
    { "text", LULL_IS_STRING },        { "raw", LULL_IS_BYTES },       { "items", LULL_IS_LIST },
    { "table", LULL_IS_MAP },          { "lambda", LULL_IS_FUNCTION }, { "print", LULL_IS_FUNCTION },
    { "method", LULL_IS_FUNCTION },    { "Plain", LULL_IS_FUNCTION },  { "plain", LULL_IS_OTHER },
    { "callable", LULL_IS_FUNCTION },  { "later", LULL_IS_DEFERRED },  { "task", LULL_IS_DEFERRED },
    { "timer_", LULL_IS_DEFERRED },    { "error", LULL_IS_ERROR },     { "some", LULL_IS_OTHER },
    { "span", LULL_IS_OTHER },         { "nosuch", LULL_IS_ABSENT },
  };
  struct host *h = *state;
  assert_prints(h,
                "let nothing = nil; let yes = true; let no = false; let small = 1; let large = 2 ** 100; let half = 0.5\n"
                "let text = \"t\"; let raw = bytes(\"ab\"); let items = [1]; let table = {a: 1}; let lambda = x => x\n"
                "let method = items.push; class Plain {}; let plain = Plain(); class Adder { fn call(x) => x }\n"
                "let callable = Adder(); let later = deferred(); let task = spawn { 1 }; let timer_ = after(0ms, () => 1)\n"
                "let error = Error(\"e\"); let some = set([1]); let span = 1..2",
                "");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (lull_type(h->lull, named(h, cases[i].name)) != cases[i].type) fail_msg("%s", cases[i].name);
  assert_int_equal(lull_type(h->lull, lull_done()), LULL_IS_DONE);
}

static void assert_text(struct host *h, struct lull_value v, const char *expected)
{
  size_t len;
  const char *text = lull_get_string(h->lull, v, &len);
  assert_non_null(text);
  assert_int_equal(len, strlen(expected));
  assert_string_equal(text, expected);
}

static void test_texts(void **state)
{
  struct host *h = *state;
  static const struct { const char *bytes, *text; } cases[] = {
    { "plain", "plain" }, { "", "" }, { "a\xff", "a\xEF\xBF\xBD" }, { "\xe6\xbc" "b", "\xEF\xBF\xBD" "b" }, { "\xff\xff", "\xEF\xBF\xBD\xEF\xBF\xBD" },
    { "a\xe6\xbc", "a\xEF\xBF\xBD" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_text(h, lull_string_of(h->lull, cases[i].bytes), cases[i].text);
  assert_text(h, lull_text_of(h->lull, lull_int(-7)), "-7");
  assert_text(h, lull_text_of(h->lull, lull_string_of(h->lull, "as it is")), "as it is");
  assert_true(lull_is_absent(lull_text_of(h->lull, lull_absent())));
  assert_true(lull_is_absent(lull_text_of(h->lull, lull_list(h->lull))));  // the language writes that
  assert_text(h, lull_format(h->lull, "%d\xff", 1), "1\xEF\xBF\xBD");
  assert_null(lull_get_string(h->lull, lull_int(1), NULL));
}

static void test_numbers(void **state)
{
  struct host *h = *state;
  double x = -1;
  assert_false(lull_get_float(lull_nil(), &x));
  assert_true(lull_get_float(lull_int(3), &x) && x == 3);
  assert_prints(h, "let huge = 10 ** 400; let large = 2 ** 70", "");
  assert_true(lull_get_float(named(h, "large"), &x) && x == 1180591620717411303424.0);
  lull_get_float(named(h, "huge"), &x);
  assert_true(x > 1e308);
}

static void test_lists_and_maps_refuse(void **state)
{
  struct host *h = *state;
  struct lull *lull = h->lull;
  struct lull_value list = lull_list(lull), map = lull_map(lull), key = lull_int(1), v;
  uint32_t at = 0;
  assert_false(lull_list_push(lull, map, key));
  assert_false(lull_list_push(lull, list, lull_absent()));
  assert_int_equal(lull_list_len(map), 0);
  assert_int_equal(lull_map_len(list), 0);
  assert_false(lull_map_next(list, &at, &key, &v));
  assert_false(lull_map_set(lull, list, key, key));
  assert_false(lull_map_set(lull, map, lull_absent(), key));
  assert_false(lull_map_set(lull, map, list, key));
  assert_false(lull_map_set(lull, map, key, lull_absent()));
  assert_true(lull_is_absent(lull_map_get(lull, list, key)));
  assert_true(lull_is_absent(lull_map_get(lull, map, lull_absent())));
  assert_true(lull_is_absent(lull_map_get(lull, map, list)));
  assert_true(lull_map_set(lull, map, key, lull_int(2)));
  assert_int_equal(lull_map_len(map), 1);
  assert_true(lull_is_absent(lull_member(lull, lull_absent(), "name")));
  assert_true(lull_is_absent(lull_member(lull, list, "nosuch")));
  assert_int_equal(lull_type(lull, lull_member(lull, list, "push")), LULL_IS_FUNCTION);
}

// --- names

struct found {
  char text[256];
  int left;  // so many are wanted
};

static bool note(void *user, const struct lull_name *name)
{
  struct found *found = user;
  strcat(strcat(found->text, name->name), " ");
  return --found->left > 0;
}

static size_t complete(struct host *h, const char *text, size_t cursor, int most, const char *expected)
{
  struct found found = { .left = most };
  size_t start, count = lull_complete(h->lull, text, strlen(text), cursor, &start, note, &found);
  assert_string_equal(found.text, expected);
  return count;
}

static void test_names(void **state)
{
  struct host *h = *state;
  assert_prints(h, "let alpha_one = 1; let alpha_two = 2; let broken = 1; let m = {deep: {er: 1}}", "");
  assert_int_equal(complete(h, "alpha_", 6, 9, "alpha_one alpha_two "), 2);
  complete(h, "alpha_", 99, 1, "alpha_one ");  // the host has had enough
  complete(h, "alpha_zzz", 6, 9, "alpha_one alpha_two ");
  complete(h, ".alpha_", 7, 9, "");
  complete(h, "m.deep.e", 8, 9, "er each ");
  complete(h, "m..e", 4, 1, "exit ");  // behind a range
  complete(h, "m.none.e", 8, 9, "");
  complete(h, "", 0, 1, "alpha_one ");
}

static void test_help(void **state)
{
  static const struct { const char *path, *begin; } cases[] = {
    { "print", "**`print(" },         { "m", "**`map(" },        { "m.keys", "**`keys()`**" },
    { "m.deep", "**`int(" },          { "math", "**module `math`**" }, { "math.sqrt", "**`sqrt(x)`**" },
    { "list.push", "**`push(value)`**" }, { "Shape.area", "**`area()`**" }, { "Square.area", "**`area()`**" },
    { "timer.cancel", "**`cancel()" }, { "shape.area", "**`area()`**" },
  };
  static const char *const unknown[] = { "nosuch", "m.nosuch", "nosuch.name", "math.nosuch", "math.sqrt.nosuch", "", ".", "Shape.nosuch" };
  struct host *h = *state;
  assert_prints(h, "let m = {deep: 1}; class Shape { fn area() => 1 }; class Square : Shape {}; let shape = Square()", "");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    buf_clear(&h->out);
    assert_true(lull_help(h->lull, cases[i].path, strlen(cases[i].path), &h->out));
    if (strncmp(buf_text(&h->out), cases[i].begin, strlen(cases[i].begin))) fail_msg("%s: %s", cases[i].path, buf_text(&h->out));
  }
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
    if (lull_help(h->lull, unknown[i], strlen(unknown[i]), &h->out)) fail_msg("%s", unknown[i]);
}

// --- work

struct seen {
  uint32_t id[8];
  char text[512];
  int count, most;
};

static bool see(void *user, const struct lull_work *work)
{
  struct seen *seen = user;
  seen->id[seen->count++] = work->id;
  strcat(strcat(seen->text, work->text), "|");
  return seen->count < seen->most;
}

static void start(struct host *h, uint64_t tag, const char *text)
{
  assert_int_equal(lull_run(h->lull, tag, "test", text, strlen(text), LULL_CELL, &h->errors), LULL_STARTED);
  ev_run(h->loop, EVRUN_NOWAIT);
}

static void test_work(void **state)
{
  struct host *h = *state;
  struct seen all = { .most = 8 }, one = { .most = 1 };
  struct lull_work work;
  start(h, 1, "let d = deferred(); let t = spawn { await d }; let u = spawn { await sleep(1h) }; after(1h, print, 1)");
  start(h, 2, "every(1h, print, 2)");
  start(h, 3, "await sleep(1h)");
  assert_int_equal(lull_work(h->lull, 1, see, &all), 3);
  assert_int_equal(all.count, 3);
  assert_int_equal(lull_work(h->lull, 1, see, &one), 3);  // counted, though not shown
  assert_int_equal(one.count, 1);
  assert_int_equal(lull_work(h->lull, 1, NULL, NULL), 3);
  assert_int_equal(lull_work(h->lull, 9, see, &all), 0);
  assert_true(lull_is_active(h->lull));
  assert_true(lull_active(h->lull) > 0);
  assert_false(lull_waiting(h->lull, 1, &work));
  assert_false(lull_waiting(h->lull, 9, &work));
  assert_true(lull_waiting(h->lull, 3, &work));
  assert_false(lull_interrupt(h->lull, 9));
  assert_false(lull_cancel_one(h->lull, 1, 9999));
  assert_false(lull_cancel_one(h->lull, 2, all.id[0]));
  for (int i = 0; i < all.count; i++) assert_true(lull_cancel_one(h->lull, 1, all.id[i]));
  ev_run(h->loop, EVRUN_NOWAIT);
  assert_int_equal(lull_work(h->lull, 1, NULL, NULL), 0);
  assert_int_equal(lull_cancel(h->lull, 2), 1);
  assert_int_equal(lull_cancel(h->lull, 2), 0);
  assert_true(lull_interrupt(h->lull, 3));
  ev_run(h->loop, 0);
  assert_non_null(strstr(buf_text(&h->errors), "interrupted"));
  assert_false(lull_is_active(h->lull));
}

// Operations: listed where they do something of their own, and cancelled one by one or all.
static void test_work_of_operations(void **state)
{
  struct host *h = *state;
  struct seen all = { .most = 8 };
  struct lull_work work;
  start(h, 4, "let p = run(\"sleep\", \"100\"); fn named() => await deferred(); let t = spawn named(); await p");
  assert_int_equal(lull_work(h->lull, 4, see, &all), 3);  // what the top level waits for is shown with it too
  assert_non_null(strstr(all.text, "named: <deferred"));
  assert_non_null(strstr(all.text, "run sleep 100"));
  assert_true(lull_waiting(h->lull, 4, &work));
  assert_non_null(strstr(work.text, "sleep"));
  assert_true(lull_is_active(h->lull));
  assert_true(lull_active(h->lull) > 0);
  for (int i = all.count; i-- > 0;) lull_cancel_one(h->lull, 4, all.id[i]);
  start(h, 5, "let a = net.udp(host: \"127.0.0.1\"); spawn a.recv(); let b = run(\"sleep\", \"100\")");
  assert_true(lull_cancel(h->lull, 5) >= 2);
  ev_run(h->loop, 0);
  assert_int_equal(lull_work(h->lull, 4, NULL, NULL), 0);
  assert_int_equal(lull_work(h->lull, 5, NULL, NULL), 0);
  assert_false(lull_is_active(h->lull));
}

// What goes on with the next turn of the loop counts as well.
static void test_work_of_the_next_turn(void **state)
{
  struct host *h = *state;
  struct lull_work work;
  const char *text = "await sleep(0)";
  assert_int_equal(lull_run(h->lull, 6, "test", text, strlen(text), LULL_CELL, &h->errors), LULL_STARTED);
  assert_true(lull_is_active(h->lull));
  assert_true(lull_active(h->lull) > 0);
  assert_true(lull_waiting(h->lull, 6, &work));
  ev_run(h->loop, 0);
  assert_false(lull_is_active(h->lull));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(test_types), TEST(test_texts), TEST(test_numbers), TEST(test_lists_and_maps_refuse),
    TEST(test_names), TEST(test_help),  TEST(test_work), TEST(test_work_of_operations), TEST(test_work_of_the_next_turn),
  };
  return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
