#include "render/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/trace.h"

static struct alloc alloc;
static struct buf out;

static int setup(void **state)
{
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&out, &alloc);
  return 0;
}

static int teardown(void **state)
{
  buf_fini(&out);
  alloc_fini(&alloc);
  return 0;
}

static void shows(const char *text, size_t cols, const char *expected)
{
  struct inspect_form form = { .cols = cols };
  buf_clear(&out);
  assert_true(inspect_render(text, strlen(text), &form, &out));
  assert_string_equal(buf_text(&out), expected);
}

static void what_fits_is_one_row(void **state)
{
  shows("42", 80, "42\n");
  shows("\"a, b: [c\"", 80, "\"a, b: [c\"\n");
  shows("[1, 2, {a: 1}]", 80, "[1, 2, {a: 1}]\n");
  shows("<timer #7: display in 0.98s, from [6]>", 80, "<timer #7: display in 0.98s, from [6]>\n");
  shows("", 80, "\n");
  shows("[]", 2, "[]\n");
}

static void maps_are_broken_by_entry(void **state)
{
  shows("{name: \"lull\", list: [1, 2, 3], map: {x: 1}}", 24,
        "{\n  name: \"lull\",\n  list: [1, 2, 3],\n  map: {x: 1}\n}\n");
}

static void lists_fill_their_rows(void **state)
{
  shows("[10, 20, 30, 40, 50, 60, 70]", 16, "[\n  10, 20, 30,\n  40, 50, 60,\n  70\n]\n");
}

static void long_strings_are_wrapped(void **state)
{
  shows("\"aaaaaaaaaaaaaaaaaaaaaaaaa\"", 10, "\"aaaaaaaaa\naaaaaaaaaa\naaaaaa\"\n");
}

static void values_are_coloured(void **state)
{
  struct inspect_form form = { .cols = 80, .colors = COLORS_16 };
  inspect_render("{a: \"b\", c: nil}", 16, &form, &out);
  assert_string_equal(buf_text(&out), "{a: \033[32m\"b\"\033[0m, c: \033[33mnil\033[0m}\n");
}

static void a_screenful_is_enough(void **state)
{
  struct inspect_form form = { .cols = 10, .rows = 3 };
  assert_false(inspect_render("[1000, 2000, 3000, 4000, 5000]", 30, &form, &out));
  assert_string_equal(buf_text(&out), "[\n  1000,\n  2000,\n... (:out shows the rest)\n");
}

static void big_values_cost_little(void **state)
{
  struct buf text;
  struct inspect_form form = { .cols = 80, .rows = 20 };
  buf_init(&text, &alloc);
  buf_repeat(&text, '[', 5000000);
  assert_false(inspect_render(buf_text(&text), text.len, &form, &out));
  assert_true(out.len < 20 * 100);
  buf_fini(&text);
}

static void alike_maps_are_a_table(void **state)
{
  shows("[{name: \"Ann\", age: 7}, {age: 31, name: \"Bo\", }]", 80,
        "[{name: \"Ann\", age: 7}, {age: 31, name: \"Bo\", }]\n");
  shows("[{name: \"Ann\", age: 7}, {age: 31, name: \"B, o\"}]", 80, "name │ age\n─────┼────\nAnn  │   7\nB, o │  31\n");
  shows("[{a: [1, {b: 2}], \"x y\": nil}, {a: 2}]", 80,
        "a           │ x y\n────────────┼────\n[1, {b: 2}] │ nil\n2           │\n");
}

static void others_are_no_table(void **state)
{
  shows("[{a: 1}]", 80, "[{a: 1}]\n");
  shows("[{a: 1}, {b: 1}]", 80, "[{a: 1}, {b: 1}]\n");
  shows("[{a: 1}, 2]", 80, "[{a: 1}, 2]\n");
  shows("[{}, {}]", 80, "[{}, {}]\n");
  shows("[{a: 1}, {...}, [...]]", 80, "[{a: 1}, {...}, [...]]\n");
}

static void a_long_table_is_cut(void **state)
{
  struct inspect_form form = { .cols = 80, .rows = 4 };
  const char *text = "[{a: 1}, {a: 2}, {a: 3}]";
  assert_false(inspect_render(text, strlen(text), &form, &out));
  assert_string_equal(buf_text(&out), "a\n─\n1\n2\n... (:out shows the rest)\n");
}

static void controls_never_come_through(void **state) { shows("\"\033]0;x\a\302\233\"", 80, "\"^[]0;x^G<9B>\"\n"); }

static void random_texts_are_shown_safely(void **state)
{
  static const char pieces[] = "[]{}()<>,,: \"'\\a1-.e\xC3\x80\n";
  srand(5);
  for (int round = 0; round < 5000; round++) {
    char text[80];
    size_t len = (size_t)rand() % sizeof text;
    struct inspect_form form = { .cols = 1 + (size_t)rand() % 30, .rows = (size_t)rand() % 5 };
    for (size_t i = 0; i < len; i++) text[i] = pieces[(size_t)rand() % (sizeof pieces - 1)];
    buf_clear(&out);
    inspect_render(text, len, &form, &out);
    assert_true(out.len > 0 && out.data[out.len - 1] == '\n');
  }
}

static void reports_are_coloured(void **state)
{
  static const char report[] = "[3]:1:5: TypeError: no\n  let x\n      ^\n  note: y\n  in f\n";
  trace_render(report, sizeof report - 1, COLORS_NONE, &out);
  assert_string_equal(buf_text(&out), report);
  buf_clear(&out);
  trace_render(report, sizeof report - 1, COLORS_16, &out);
  assert_string_equal(
      buf_text(&out),
      "\033[2m[3]:1:5: \033[0m\033[1;31mTypeError:\033[0m\033[1m no\033[0m\n  let x\n\033[1;31m      ^\033[0m\n"
      "  \033[36mnote:\033[0m y\n  \033[2min f\033[0m\n");
}

static void reports_are_cleaned(void **state)
{
  trace_render("E: \033[2J\n", 8, COLORS_NONE, &out);
  assert_string_equal(buf_text(&out), "E: ^[[2J\n");
}

static void reports_of_any_shape(void **state)
{
  static const struct { const char *report, *shown; } cases[] = {
    { "E: no", "\033[1;31mE:\033[0m\033[1m no\033[0m\n" },  // no newline at its end
    { "a:12: b", "\033[1;31ma:\033[0m\033[1m12: b\033[0m\n" },
    { "a:1:2:b", "\033[1;31ma:\033[0m\033[1m1:2:b\033[0m\n" },
    { "a:1:2", "\033[1;31ma:\033[0m\033[1m1:2\033[0m\n" },
    { "a:1:2:", "\033[1;31ma:\033[0m\033[1m1:2:\033[0m\n" },
    { "a:1", "\033[1;31ma:\033[0m\033[1m1\033[0m\n" },
    { "a:1:: x", "\033[1;31ma:\033[0m\033[1m1:: x\033[0m\n" },
    { "a b:1:2: warning: x", "\033[2ma b:1:2: \033[0m\033[33mwarning:\033[0m\033[1m x\033[0m\n" },
    { "7", "\033[1m7\033[0m\n" },
    { "word", "\033[1mword\033[0m\n" },
    { "\tx", "\033[1m  x\033[0m\n" },
    { "E: no\n  x\n  ^~~\n  y", "\033[1;31mE:\033[0m\033[1m no\033[0m\n  x\n\033[1;31m  ^~~\033[0m\n  \033[2my\033[0m\n" },
    { "  x\n  ^", "  x\n\033[1;31m  ^\033[0m\n" },
    { "\n  ", "\n  \n" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    buf_clear(&out);
    trace_render(cases[i].report, strlen(cases[i].report), COLORS_16, &out);
    assert_string_equal(buf_text(&out), cases[i].shown);
  }
}

static void keys_of_a_table(void **state)
{
  shows("[{\"a b\": 1, 7: true, nil: -inf}, {\"a b\": 1e-5, 7: 2e+5, nil: 3}]", 80,
        " a b │ 7    │ nil\n─────┼──────┼─────\n   1 │ true │ -inf\n1e-5 │ 2e+5 │ 3\n");
  shows("[{[1]: 1}, {[1]: 2}]", 80, "[{[1]: 1}, {[1]: 2}]\n");
  shows("[{a: 1}, {a: }]", 80, "[{a: 1}, {a: }]\n");
  shows("[{a: 1}, {a: (2, 3)", 80, "[{a: 1}, {a: (2, 3)\n");
}

// Columns for which there is no room are left out; more than a table can have make none.
static void a_table_in_little_room(void **state)
{
  struct buf text;
  buf_init(&text, &alloc);
  shows("[{first: 1, second: 2, third: 3}, {first: 4, second: 5, third: 6}]", 9,
        "fir │ sec\n st │ ond\n────┼────\n  1 │   2\n  4 │   5\n");
  for (int row = 0; row < 2; row++) {
    buf_puts(&text, row ? ", {" : "[{");
    for (int i = 0; i < 65; i++) buf_printf(&text, "%sk%d: 1", i ? ", " : "", i);
    buf_puts(&text, row ? "}]" : "}");
  }
  struct inspect_form form = { .cols = 80 };
  buf_clear(&out);
  inspect_render(buf_text(&text), text.len, &form, &out);
  assert_memory_equal(buf_text(&out), "[\n  {\n    k0: 1,\n", 14);
  buf_fini(&text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(what_fits_is_one_row),     TEST(maps_are_broken_by_entry),    TEST(lists_fill_their_rows),
    TEST(long_strings_are_wrapped), TEST(values_are_coloured),         TEST(a_screenful_is_enough),
    TEST(big_values_cost_little),   TEST(alike_maps_are_a_table),      TEST(others_are_no_table),
    TEST(a_long_table_is_cut),      TEST(controls_never_come_through), TEST(random_texts_are_shown_safely),
    TEST(reports_are_coloured),     TEST(reports_are_cleaned),
    TEST(reports_of_any_shape),     TEST(keys_of_a_table),             TEST(a_table_in_little_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
