// Texts so large that their jumps are far: the compiler has other instructions for these.
#include "host.h"

enum { FAR = 17000 };  // statements of two words: more than a near jump spans

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

static void fill(struct buf *text)
{
  buf_puts(text, "\n");
  for (int i = 0; i < FAR; i++) buf_puts(text, "n += 1\n");
}

// Runs [text], of which each # is so much code, and compares what it prints.
static void assert_far(void **state, const char *text, const char *expected)
{
  struct host *h = *state;
  struct buf whole;
  buf_init(&whole, &h->alloc);
  for (; *text; text++) {
    if (*text == '#') fill(&whole);
    else buf_putc(&whole, *text);
  }
  host_run(h, buf_text(&whole));
  buf_fini(&whole);
  assert_string_equal(buf_text(&h->errors), "");
  assert_string_equal(buf_text(&h->out), expected);
}

static void test_conditions(void **state)
{
  assert_far(state,
             "fn f(x) {\n let n = 0\n if x == nil or x != nil and x is string and x < \"m\" {# return \"low ${n}\" }\n"
             " if x is not string and not (x > 1.5) {# return \"small ${n}\" }\n else {# return \"else ${n}\" }\n }\n"
             "print(f(nil), f(\"a\"), f(\"z\"), f(1), f(2))",
             "low 17000 low 17000 else 17000 small 17000 else 17000\n");
}

static void test_loops(void **state)
{
  assert_far(state,
             "fn f(xs) {\n let n = 0\n let rounds = []\n for x in xs {\n if x == 1 { continue }\n#\n if x == 3 { break }\n#\n rounds.push(x) }\n"
             " while n < 120000 {# }\n for i in 0..2 {# }\n for k, v in {a: 1} {# }\n [n, rounds] }\n"
             "print(f([0, 1, 2, 3, 4]))",
             "[187000, [0, 2]]\n");
}

static void test_match(void **state)
{
  assert_far(state,
             "fn f(v) {\n let n = 0\n let m = match v {\n 1 => do {# \"one\" }\n 100000 => do {# \"large\" }\n \"s\" => do {# \"text\" }\n 2..5 => do {# \"range\" }\n"
             " \"a\"..\"c\" => do {# \"letter\" }\n 1.5 => do {# \"float\" }\n nil => do {# \"nil\" }\n [a, b] => do {# \"two\" }\n [a, ...b] => do {# \"some\" }\n"
             " {k: 7} => do {# \"seven\" }\n {k} if k > 1 => do {# \"map\" }\n _ => \"other\" }\n \"${m} ${n}\" }\n"
             "print([1, 100000, \"s\", 3, \"b\", 1.5, nil, [1, 2], [1], {k: 7}, {k: 2}, {k: 0}, []].map(f).map(s => s.split(\" \")[0]).join(\" \"))",
             "one large text range letter float nil two some seven map other other\n");
}

static void test_ways_out(void **state)
{
  assert_far(state,
             "fn f(x, m) {\n let n = 0\n try {\n#\n if x == 1 { throw \"thrown\" }\n#\n if x == 2 { return \"returned\" }\n }\n catch e {# print(e.message) }\n finally {# print(n) }\n"
             " let y = m?.a ?? do {# 5 }\n let z = x and do {# 6 }\n \"${y} ${z}\" }\n"
             "print(f(1, {a: 1}), f(2, nil), f(nil, nil))",
             "thrown\n51000\n51000\n51000\n1 6 returned 5 nil\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_conditions, setup, teardown),
    cmocka_unit_test_setup_teardown(test_loops, setup, teardown),
    cmocka_unit_test_setup_teardown(test_match, setup, teardown),
    cmocka_unit_test_setup_teardown(test_ways_out, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
