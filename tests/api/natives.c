// Natives, values and calls over lull.h.
#include "host.h"

static enum lull_status add(struct lull_call *c)
{
  int64_t a, b = 10;
  if (!lull_arg_int(c, 0, &a) || (lull_arg_has(c, 1) && !lull_arg_int(c, 1, &b))) return LULL_THROW;
  return lull_return(c, lull_int(a + b));
}

static enum lull_status describe(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  struct lull_value v = lull_arg(c, 0), map = lull_map(lull), items = lull_list(lull);
  int64_t n;
  double x;
  size_t len = 0;
  const char *text = lull_get_string(lull, v, &len);
  lull_map_put(lull, map, "type", lull_string_of(lull, lull_type_name(lull, v)));
  lull_map_put(lull, map, "kind", lull_int(lull_type(lull, v)));
  if (lull_get_int(v, &n)) lull_map_put(lull, map, "int", lull_int(n));
  if (lull_get_float(v, &x)) lull_map_put(lull, map, "float", lull_float(x));
  if (text) lull_map_put(lull, map, "bytes", lull_bytes(lull, text, len));
  for (size_t i = 0; i < lull_list_len(v); i++) lull_list_push(lull, items, lull_list_get(v, i));
  struct lull_value key, value;
  for (uint32_t at = 0; lull_map_next(v, &at, &key, &value);) {
    lull_list_push(lull, items, key);
    lull_list_push(lull, items, value);
  }
  if (lull_list_len(items)) lull_map_put(lull, map, "items", items);
  return lull_return(c, map);
}

static enum lull_status values(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  struct lull_value list = lull_list(lull), big = lull_int_of_digits(lull, "-123456789012345678901234567890", 31);
  const struct lull_value all[] = { lull_nil(), lull_bool(true), lull_int(INT64_MIN), lull_float(0.5), big,
                                    lull_string(lull, "a\xff\xc3\xa9", 4), lull_bytes(lull, "\0\xff", 2),
                                    lull_format(lull, "%d-%s", 7, "x"), lull_text_of(lull, big), lull_done() };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) assert_true(lull_list_push(lull, list, all[i]));
  assert_true(lull_is_absent(lull_int_of_digits(lull, "1x", 2)));
  assert_false(lull_list_push(lull, list, lull_absent()));
  assert_false(lull_map_set(lull, lull_map(lull), lull_nil(), lull_nil()));
  assert_true(lull_is_absent(lull_map_find(lull, lull_map(lull), "none")));
  assert_true(lull_is_absent(lull_list_get(list, 99)));
  return lull_return(c, list);
}

// Calls f with each number below n, and gives the sum of what it answers.
static enum lull_status sum_of(struct lull_call *c)
{
  int64_t n, at = 0, sum = 0, answer;
  if (!lull_arg_int(c, 0, &n) || !lull_arg_function(c, 1)) return LULL_THROW;
  if (lull_step(c) > 0) {
    lull_get_int(lull_local(c, 0), &at);
    lull_get_int(lull_local(c, 1), &sum);
    if (!lull_get_int(lull_answer_of(c), &answer)) return lull_throw(c, "TypeError", "sum_of: f must give an int");
    sum += answer;
    at++;
  }
  if (at == n) return lull_return(c, lull_int(sum));
  lull_set_local(c, 0, lull_int(at));
  lull_set_local(c, 1, lull_int(sum));
  return lull_call(c, lull_arg(c, 1), (struct lull_value[]){ lull_int(at) }, 1);
}

static enum lull_status wait_twice(struct lull_call *c)
{
  if (lull_step(c) == 0) return lull_wait(c, lull_arg(c, 0));
  if (lull_step(c) == 2) return lull_return(c, lull_answer_of(c));
  lull_set_local(c, 0, lull_answer_of(c));
  return lull_wait(c, lull_arg(c, 1));
}

static enum lull_status collect(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  if (lull_step(c) == 0) {
    if (!lull_walk_begin(c, 0, lull_arg(c, 0))) return LULL_THROW;
    lull_set_local(c, 2, lull_list(lull));
  }
  for (;;) {
    struct lull_value item;
    enum lull_status status = lull_walk_next(c, 0, &item);
    if (status != LULL_OK) return status;
    if (lull_is_absent(item)) return lull_return(c, lull_local(c, 2));
    lull_list_push(lull, lull_local(c, 2), item);
  }
}

static enum lull_status failing(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  int64_t how = 0;
  if (!lull_arg_int(c, 0, &how)) return LULL_THROW;
  switch (how) {
  case 0: return lull_throw(c, "ValueError", "no %s", "good");
  case 1: return lull_throw_errno(c, 111, "cannot connect to %s", "x:1");
  case 2: return lull_throw_value(c, lull_error(lull, "IOError", "EODD", "odd"));
  case 3: return lull_arg_fail(c, 0, "a colour");
  case 4: return lull_return(c, lull_absent());
  default: return lull_throw(c, "NoSuchError", "plain");
  }
}

static enum lull_status upper_now(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  struct lull_value result, f = lull_member(lull, lull_get(lull, "math"), "sqrt");
  bool ok = lull_call_now(lull, f, (struct lull_value[]){ lull_arg(c, 0) }, 1, &result);
  return lull_return(c, ok ? result : lull_member(lull, result, "message"));
}

// A native that waits, called at once.
static enum lull_status wait_now(struct lull_call *c)
{
  struct lull *lull = lull_of(c);
  struct lull_value result, args[] = { lull_arg(c, 0), lull_arg(c, 0) };
  struct lull_value f = lull_member(lull, lull_get(lull, "native"), "wait_twice");
  bool ok = lull_call_now(lull, f, args, 2, &result);
  return lull_return(c, ok ? result : lull_member(lull, result, "message"));
}

static enum lull_status call_method(struct lull_call *c)
{
  if (lull_step(c) > 0) return lull_return(c, lull_answer_of(c));
  return lull_call_method(c, lull_arg(c, 0), "double", (struct lull_value[]){ lull_int(21) }, 1);
}

static enum lull_status many(struct lull_call *c)
{
  struct lull_value args[40];
  for (int i = 0; i < 40; i++) args[i] = lull_int(i);
  if (lull_step(c) > 0) return lull_return(c, lull_answer_of(c));
  return lull_call(c, lull_arg(c, 0), args, 40);
}

static const struct lull_native natives[] = {
  { "add", add, 1, 2, 0, "add(a, b = 10)", "Adds." },
  { "describe", describe, 1, 1, 0, "describe(x)", "What it is." },
  { "values", values, 0, 0, 0, "values()", "One of each." },
  { "sum_of", sum_of, 2, 2, 2, "sum_of(n, f)", "Sums what f gives." },
  { "wait_twice", wait_twice, 2, 2, 1, "wait_twice(a, b)", "Waits for both." },
  { "collect", collect, 1, 1, 3, "collect(xs)", "A list of the elements." },
  { "fail", failing, 1, 1, 0, "fail(how)", "Throws." },
  { "root", upper_now, 1, 1, 0, "root(x)", "Calls another native at once." },
  { "wait_now", wait_now, 1, 1, 0, "wait_now(deferred)", "Calls at once what waits." },
  { "call_method", call_method, 1, 1, 0, "call_method(o)", "Calls o.double(21)." },
  { "many", many, 1, 1, 0, "many(f)", "Calls f with many arguments." },
};

static int setup(void **state)
{
  static struct host host;
  *state = &host;
  host_open(&host);
  struct lull_module *m = lull_define_module(host.lull, "native");
  assert_non_null(m);
  assert_true(lull_module_add(host.lull, m, natives, sizeof natives / sizeof *natives));
  assert_true(lull_module_set(host.lull, m, "answer", lull_int(42)));
  return 0;
}

static int teardown(void **state)
{
  host_close(*state);
  return 0;
}

static void test_arguments(void **state)
{
  assert_prints(*state, "print(native.add(1), native.add(1, 2), native.add(b: 5, a: 1), native.answer)", "11 3 6 42\n");
  assert_fails(*state, "native.add(\"x\")", "add: `a` must be an int, not string");
  assert_fails(*state, "native.add(1, nil, 3)", "add(a, b = 10)");
  assert_fails(*state, "native.fail(3)", "fail: `how` must be a colour, not int");
}

static void test_values(void **state)
{
  assert_prints(*state, "print(native.values())",
                "[nil, true, -9223372036854775808, 0.5, -123456789012345678901234567890, \"a\xef\xbf\xbd\xc3\xa9\", "
                "bytes(\"\\x00\\xff\"), \"7-x\", \"-123456789012345678901234567890\", done]\n");
  assert_prints(*state, "print(native.describe(\"ab\"))", "{type: \"string\", kind: 4, bytes: bytes(\"ab\")}\n");
  assert_prints(*state, "print(native.describe(7))", "{type: \"int\", kind: 2, int: 7, float: 7.0}\n");
  assert_prints(*state, "print(native.describe(10 ** 20).float)", "1e20\n");
  assert_prints(*state, "print(native.describe({a: 1, b: [2]}).items)", "[\"a\", 1, \"b\", [2]]\n");
  assert_prints(*state, "print(native.describe(print).kind, native.describe(Error(\"x\")).kind, native.describe(0..2).kind)",
                "8 10 12\n");
}

static void test_calls(void **state)
{
  assert_prints(*state, "print(native.sum_of(1000, x => x * 2))", "999000\n");
  assert_prints(*state, "print(native.sum_of(3, x => { await sleep(0.001); x }))", "3\n");
  assert_fails(*state, "native.sum_of(3, x => throw \"inside\")", "inside");
  assert_fails(*state, "native.sum_of(3, x => nil)", "must give an int");
  assert_prints(*state, "fn nest(n) => if n == 0 { 1 } else { native.sum_of(1, x => nest(n - 1)) }\nprint(nest(500))", "1\n");
  assert_prints(*state, "class A { fn double(x) => x * 2 }\nprint(native.call_method(A()))", "42\n");
  assert_fails(*state, "native.call_method(3)", "int has no method `double`");
  assert_prints(*state, "print(native.many((...xs) => xs.sum()))", "780\n");
  assert_prints(*state, "print(native.root(16), native.root(-1))", "4.0 math.sqrt: x must be at least 0\n");
}

static void test_waits(void **state)
{
  assert_prints(*state, "print(native.wait_twice(sleep(0.001), spawn { await sleep(0.001); 5 }))", "5\n");
  assert_prints(*state, "print(native.wait_now(deferred()))", "wait_twice cannot be called from here: it waits\n");
  assert_fails(*state, "native.wait_twice(3, 4)", "int cannot be waited for");
  assert_prints(*state, "let d = deferred()\nlet t = spawn native.wait_twice(d, d)\nt.cancel()\n"
                        "try { await t } catch e { print(e is Cancelled) }", "true\n");
}

static void test_walks(void **state)
{
  assert_prints(*state, "print(native.collect([1, 2]), native.collect(0..3), native.collect({a: 1}), native.collect(\"h\u00e9\"))",
                "[1, 2] [0, 1, 2] [\"a\"] [\"h\", \"\u00e9\"]\n");
  assert_prints(*state, "let c = channel(1)\nspawn { for i in 0..5 { await c.send(i) }; c.close() }\nprint(native.collect(c))",
                "[0, 1, 2, 3, 4]\n");
  assert_prints(*state, "class Count { n = 0\n fn iterate() => self\n fn next() { self.n += 1; if self.n > 3 { done } else { await sleep(0.001); self.n } } }\n"
                        "print(native.collect(Count()))", "[1, 2, 3]\n");
  assert_fails(*state, "native.collect(3)", "cannot loop over int (a range: `0..n`)");
}

static void test_errors(void **state)
{
  assert_fails(*state, "native.fail(0)", "ValueError: no good");
  assert_prints(*state, "try { native.fail(1) } catch e { print(e is IOError, e.code, e.message) }",
                "true ECONNREFUSED cannot connect to x:1: Connection refused\n");
  assert_prints(*state, "try { native.fail(2) } catch e { print(e.code, e.message) }", "EODD odd\n");
  assert_fails(*state, "native.fail(4)", "LimitError");
  assert_fails(*state, "native.fail(9)", "Error: plain");
}

static void test_refs(void **state)
{
  struct host *h = *state;
  struct lull_ref *ref = lull_ref_new(h->lull, lull_list(h->lull));
  assert_non_null(ref);
  assert_true(lull_set(h->lull, "held", ref));
  assert_prints(h, "for i in 0..50000 { [i] }\nheld.push(1)\nprint(held)", "[1]\n");
  assert_int_equal(lull_list_len(lull_ref_value(ref)), 1);
  assert_true(lull_type(h->lull, lull_get(h->lull, "held")) == LULL_IS_LIST);
  lull_ref_release(h->lull, ref);
  assert_prints(h, "fn see() => held", "");
  lull_unset(h->lull, "held");
  lull_unset(h->lull, "never there");
  assert_true(lull_type(h->lull, lull_get(h->lull, "held")) == LULL_IS_ABSENT);
  assert_prints(h, "print(see())", "[1]\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
    cmocka_unit_test_setup_teardown(test_values, setup, teardown),
    cmocka_unit_test_setup_teardown(test_calls, setup, teardown),
    cmocka_unit_test_setup_teardown(test_waits, setup, teardown),
    cmocka_unit_test_setup_teardown(test_walks, setup, teardown),
    cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refs, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
