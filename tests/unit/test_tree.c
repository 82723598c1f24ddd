// core/syntax: sources and trees - shape, fields, documentation comments, the checks that follow the grammar, limits.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "syntax/driver.h"
#include "syntax/tree.h"

static struct alloc memory;

static int setup(void **state)
{
  alloc_init(&memory, SIZE_MAX);
  return 0;
}

static int teardown(void **state)
{
  bool is_clean = memory.used == 0;
  alloc_fini(&memory);
  return is_clean ? 0 : -1;
}

// The tree of a text that must be complete; NULL where the checks refuse it, with what they say in [out].
static struct tree *parse(const char *text, struct buf *out)
{
  struct source *source = source_create(&memory, "t", text, strlen(text));
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &memory);
  enum syntax_status status = syntax_check(source, &diagnostics);
  struct tree *tree = status == SYNTAX_COMPLETE ? tree_create(source, &diagnostics) : NULL;
  diagnostics_render(&diagnostics, source, out);
  if (status != SYNTAX_COMPLETE) fail_msg("%s\n%s", text, buf_text(out));
  diagnostics_fini(&diagnostics);
  source_unref(source);
  return tree;
}

static struct tree *must_parse(const char *text)
{
  struct buf out;
  buf_init(&out, &memory);
  struct tree *tree = parse(text, &out);
  if (!tree) fail_msg("%s\n%s", text, buf_text(&out));
  buf_fini(&out);
  return tree;
}

struct shape {
  const char *text, *tree;  // of the first statement
};

static const struct shape SHAPES[] = {
  { "a + b * -c", "(binary_expression left: (identifier) operator: '+' right: (binary_expression left: (identifier) operator: '*' "
                  "right: (unary_expression operator: '-' operand: (identifier))))" },
  { "-2 ** 2", "(unary_expression operator: '-' operand: (binary_expression left: (integer) operator: '**' right: (integer)))" },
  { "2 ** 3 ** 4", "(binary_expression left: (integer) operator: '**' right: (binary_expression left: (integer) operator: '**' right: (integer)))" },
  { "await f(x) ** 2", "(binary_expression left: (await_expression value: (call function: (identifier) arguments: (arguments (identifier)))) "
                       "operator: '**' right: (integer))" },
  { "a << 1 & 2 | 3 ^ 4", "(binary_expression left: (binary_expression left: (binary_expression left: (identifier) operator: '<<' right: (integer)) operator: '&' "
                          "right: (integer)) operator: '|' right: (binary_expression left: (integer) operator: '^' right: (integer)))" },
  { "a | b..c", "(range_expression start: (binary_expression left: (identifier) operator: '|' right: (identifier)) operator: '..' end: (identifier))" },
  { "a..b \?\? c == d", "(comparison left: (logical_expression left: (range_expression start: (identifier) operator: '..' end: (identifier)) operator: '\?\?' "
                        "right: (identifier)) operator: '==' right: (identifier))" },
  { "not a in b and c or d", "(logical_expression left: (logical_expression left: (unary_expression operator: 'not' operand: (comparison left: (identifier) operator: 'in' "
                             "right: (identifier))) operator: 'and' right: (identifier)) operator: 'or' right: (identifier))" },
  { "a or b |> f", "(pipe_expression left: (logical_expression left: (identifier) operator: 'or' right: (identifier)) right: (identifier))" },
  { "x => a |> f", "(lambda parameters: (parameters (identifier)) body: (pipe_expression left: (identifier) right: (identifier)))" },
  { "a not in b", "(comparison left: (identifier) operator: (not_in) right: (identifier))" },
  { "a is not m.T", "(type_test left: (identifier) operator: (is_not) type: (member object: (identifier) property: (property_identifier)))" },
  { "a?.b.c(d)", "(call function: (member object: (optional_member object: (identifier) property: (property_identifier)) property: (property_identifier)) "
                 "arguments: (arguments (identifier)))" },
  { "a \?\? throw b", "(logical_expression left: (identifier) operator: '\?\?' right: (throw_expression value: (identifier)))" },
  { "spawn f(x).g()", "(spawn_expression call: (call function: (member object: (call function: (identifier) arguments: (arguments (identifier))) "
                      "property: (property_identifier)) arguments: (arguments)))" },
  { "x = null", "(assignment left: (identifier) right: (nil))" },
  { "x \?\?= 1", "(compound_assignment left: (identifier) operator: '\?\?=' right: (integer))" },
  { "xs[-1..]", "(index object: (identifier) index: (slice start: (unary_expression operator: '-' operand: (integer)) operator: '..'))" },
  { "xs[1..=2]", "(index object: (identifier) index: (range_expression start: (integer) operator: '..=' end: (integer)))" },
  { "{a: 1, if: 2, \"b\": 3, [c]: 4, d, ...e}",
    "(map (entry key: (property_identifier) value: (integer)) (entry key: (property_identifier) value: (integer)) (entry key: (string (string_content)) value: (integer)) "
    "(entry key: (computed_key value: (identifier)) value: (integer)) (identifier) (spread value: (identifier)))" },
  { "\"a ${b}\\n\"", "(string (string_content) (interpolation value: (identifier)) (escape_sequence))" },
  { "if a { b } else if c { } else { d }", "(if_expression condition: (identifier) consequence: (block (identifier)) alternative: (if_expression condition: (identifier) "
                                           "consequence: (block) alternative: (block (identifier))))" },
  { "for k, [v] in m { }", "(for_statement pattern: (identifier) pattern: (list_pattern (identifier)) iterable: (identifier) body: (block))" },
  { "match v { 1 | nil if a => b\n is T => { } }",
    "(match_expression value: (identifier) arm: (match_arm pattern: (or_pattern (integer) (nil)) guard: (identifier) body: (identifier)) "
    "arm: (match_arm pattern: (type_pattern type: (identifier)) body: (block)))" },
  { "match v { {a: [b, c = 1, ...d]} => x = 1 }",
    "(match_expression value: (identifier) arm: (match_arm pattern: (map_pattern (pattern_entry key: (property_identifier) value: (list_pattern (identifier) "
    "(default_pattern pattern: (identifier) value: (integer)) (rest_pattern name: (identifier))))) body: (assignment left: (identifier) right: (integer))))" },
  { "fn f(a, {b: c = 2}, ...d) => a", "(function_declaration name: (identifier) parameters: (parameters (identifier) (map_pattern (pattern_entry key: (property_identifier) "
                                      "value: (default_pattern pattern: (identifier) value: (integer)))) (rest_pattern name: (identifier))) body: (identifier))" },
  { "class A : B { x = 1; fn f() { super.f() } }",
    "(class_declaration name: (identifier) superclass: (identifier) members: (class_body (field name: (property_identifier) value: (integer)) (method name: (property_identifier) "
    "parameters: (parameters) body: (block (call function: (member object: (super) property: (property_identifier)) arguments: (arguments))))))" },
  { "import {a, b as c} from 'x'", "(import_statement names: (import_names (import_name name: (identifier)) (import_name name: (identifier) alias: (identifier))) path: (raw_string))" },
  { "f(a, ...b, c: 1, not: 2)", "(call function: (identifier) arguments: (arguments (identifier) (spread value: (identifier)) (named_argument name: (property_identifier) value: (integer)) "
                                "(named_argument name: (property_identifier) value: (integer))))" },
};

static void shapes(void **state)
{
  for (size_t i = 0; i < COUNT_OF(SHAPES); i++) {
    struct tree *tree = must_parse(SHAPES[i].text);
    struct buf out;
    buf_init(&out, &memory);
    tree_print(tree, tree_first(tree, 0), &out);
    if (strcmp(buf_text(&out), SHAPES[i].tree) != 0) fail_msg("%s\n%s\n%s", SHAPES[i].text, buf_text(&out), SHAPES[i].tree);
    buf_fini(&out);
    tree_destroy(tree);
  }
}

static void fields_and_text(void **state)
{
  struct tree *tree = must_parse("# no\nmatch v { 1 => a, 2 => b }; x");
  u32 match = tree_first(tree, 0), arm = tree_field(tree, match, FIELD_ARM);
  assert_int_equal(tree_kind(tree, 0), SYM_PROGRAM);
  assert_int_equal(tree_kind(tree, match), SYM_MATCH_EXPRESSION);
  assert_true(tree_text_is(tree, tree_field(tree, match, FIELD_VALUE), "v"));
  assert_true(tree_text_is(tree, arm, "1 => a"));
  assert_true(tree_text_is(tree, tree_next_same(tree, arm), "2 => b"));
  assert_int_equal(tree_next_same(tree, tree_next_same(tree, arm)), 0);
  assert_int_equal(tree_field(tree, arm, FIELD_GUARD), 0);
  assert_int_equal(tree_child_count(tree, match), 3);
  u32 last = tree_next(tree, match), len;
  assert_memory_equal(tree_text(tree, last, &len), "x", 1);
  assert_int_equal(len, 1);
  assert_int_equal(tree_next(tree, last), 0);
  assert_int_equal(tree->comment_count, 1);
  tree_destroy(tree);
}

static void operators_have_a_kind(void **state)
{
  struct tree *tree = must_parse("a //= b ** c");
  u32 statement = tree_first(tree, 0);
  assert_int_equal(tree_kind(tree, tree_field(tree, statement, FIELD_OPERATOR)), TOK_SLASH_SLASH_EQ);
  u32 power = tree_field(tree, statement, FIELD_RIGHT);
  assert_int_equal(tree_kind(tree, tree_field(tree, power, FIELD_OPERATOR)), TOK_STAR_STAR);
  tree_destroy(tree);
}

// Every node lies behind its parent and inside of its span, siblings in order.
static void pre_order(void **state)
{
  struct tree *tree = must_parse("class A { fn f(a, b = [1, 2]) { if a { b() } else { \"${c}\" } } }\nx = y => { z }\n");
  for (u32 n = 0; n < tree->count; n++) {
    for (u32 child = tree_first(tree, n), before = n; child; before = child, child = tree_next(tree, child)) {
      assert_true(child > before);
      assert_in_range(tree->nodes[child].start, tree->nodes[n].start, tree->nodes[n].end);
      assert_in_range(tree->nodes[child].end, tree->nodes[child].start, tree->nodes[n].end);
    }
  }
  tree_destroy(tree);
}

struct doc_row {
  const char *text, *doc;  // NULL for none
};

static const struct doc_row DOCS[] = {
  { "# one\n#  two\n#\nfn f() { }", "one\n two\n" },
  { "x = 1\n# one\r\n# two\r\nfn f() { }", "one\ntwo" },
  { "# far\n\nfn f() { }", NULL },
  { "# far\n\n# near\nfn f() { }", "near" },
  { "#!/usr/bin/env lull\n# doc\nfn f() { }", "doc" },
  { "#!/usr/bin/env lull\nfn f() { }", NULL },
  { "x = 1 # beside\nfn f() { }", NULL },
  { "x = 1 # beside\n# doc\nfn f() { }", "doc" },
  { "fn f() { }", NULL },
  { "  # doc\n  fn f() { }", "doc" },
};

static u32 find(const struct tree *tree, u16 kind)
{
  u32 n = 0;
  while (n < tree->count && tree_kind(tree, n) != kind) n++;
  assert_true(n < tree->count);
  return n;
}

static void documentation(void **state)
{
  for (size_t i = 0; i < COUNT_OF(DOCS); i++) {
    struct tree *tree = must_parse(DOCS[i].text);
    u32 start, end;
    bool has_doc = tree_doc_before(tree, find(tree, SYM_FUNCTION_DECLARATION), &start, &end);
    if (has_doc != (DOCS[i].doc != NULL)) fail_msg("%s", DOCS[i].text);
    struct buf out;
    buf_init(&out, &memory);
    if (has_doc) {
      source_comment_text(tree->source, start, end, &out);
      assert_string_equal(buf_text(&out), DOCS[i].doc);
    }
    buf_fini(&out);
    tree_destroy(tree);
  }
  struct tree *tree = must_parse("class A {\n  x = 1\n  # says\n  # more\n  fn f() { }\n}");
  u32 start, end;
  assert_true(tree_doc_before(tree, find(tree, SYM_METHOD), &start, &end));
  assert_int_equal(end - start, strlen("# says\n  # more"));
  tree_destroy(tree);
}

struct refusal {
  const char *text, *message;
};

static const struct refusal REFUSED[] = {
  { "a < b < c", "1:7: comparisons do not chain" },
  { "a == b in c", "1:8: comparisons do not chain" },
  { "a is int == b", "1:10: comparisons do not chain" },
  { "x = [a = 1]", "1:6: an assignment has no value here" },
  { "f({a = 1})", "1:4: an assignment has no value here" },
  { "x = {a: b = 1}", "1:9: an assignment has no value here" },
  { "[f()] = 1", "1:2: cannot assign to this" },
  { "[a, [b, 1]] = 1", "1:9: cannot assign to this" },
  { "{a: b + c} = 1", "1:5: cannot assign to this" },
  { "{[a]: b} = 1", "1:2: a pattern's key is a name or a string" },
  { "{\"${a}\": b} = 1", "1:3: the string of a pattern takes no '${ }'" },
  { "[a] += 1", "1:1: cannot assign to this" },
  { "[...a, b] = c", "1:2: '...' takes what is left, so it must come last" },
  { "let [...a, b] = c", "1:6: '...' takes what is left, so it must come last" },
  { "let {...a, b} = c", "1:6: '...' takes what is left, so it must come last" },
  { "fn f(...a, b) { }", "1:6: '...' takes what is left, so it must come last" },
  { "(...a, b) => 1", "1:2: '...' takes what is left, so it must come last" },
  { "spawn x", "1:7: 'spawn' takes a call, as in 'spawn f(x)'" },
  { "spawn f(x) + 1; defer (f())", "1:23: 'defer' takes a call, as in 'defer f(x)'" },
  { "match a { \"${b}\" => 1 }", "1:12: the string of a pattern takes no '${ }'" },
  { "match a { [\"x${b}\"] => 1 }", "1:14: the string of a pattern takes no '${ }'" },
  { "match a { 1 | \"${b}\" => 1 }", "1:16: the string of a pattern takes no '${ }'" },
  { "match a { \"${b}\"..\"c\" => 1 }", "1:12: the string of a pattern takes no '${ }'" },
  { "match a { {\"${b}\": c} => 1 }", "1:13: the string of a pattern takes no '${ }'" },
  { "import \"${a}\" as b", "1:9: the string of an import takes no '${ }'" },
  { "fn f() { import \"a\" as b }", "1:10: 'import' stands at the top level only" },
  { "do { import \"a\" as b }", "1:6: 'import' stands at the top level only" },
};

static void refusals(void **state)
{
  for (size_t i = 0; i < COUNT_OF(REFUSED); i++) {
    struct buf out;
    buf_init(&out, &memory);
    struct tree *tree = parse(REFUSED[i].text, &out);
    size_t len = strlen(REFUSED[i].message);
    if (tree || strncmp(buf_text(&out), "t:", 2) != 0 || strncmp(buf_text(&out) + 2, REFUSED[i].message, len) != 0) {
      fail_msg("%s\n%s", REFUSED[i].text, buf_text(&out));
    }
    buf_fini(&out);
  }
}

static const char *const TAKEN[] = {
  "(a < b) == (c < d)", "[a, b = 1, ...c] = d", "{a, b = 1, c: [d], e: f = 2, \"g\": h, ...i} = j", "[a.b, c[0], [d]] = e", "match a { \"b\" if c == \"${d}\" => \"${e}\" }",
  "let [a = \"${b}\"] = c", "x = {\"${a}\": 1}", "match a { [b = \"${c}\"] => 1 }", "[...a, b]", "f(...a, b)", "spawn f()()", "defer a?.b()", "not a == b",
};

static void not_refused(void **state)
{
  for (size_t i = 0; i < COUNT_OF(TAKEN); i++) tree_destroy(must_parse(TAKEN[i]));
}

// The tree of [count] times [unit] between two texts, NULL where it is too deep.
static struct tree *parse_repeated(const char *head, const char *unit, size_t count, const char *middle, const char *close, const char *tail)
{
  struct buf text, out;
  buf_init(&text, &memory);
  buf_init(&out, &memory);
  buf_puts(&text, head);
  for (size_t i = 0; i < count; i++) buf_puts(&text, unit);
  buf_puts(&text, middle);
  for (size_t i = 0; i < count; i++) buf_puts(&text, close);
  buf_puts(&text, tail);
  struct tree *tree = parse(buf_text(&text), &out);
  if (!tree) assert_non_null(strstr(buf_text(&out), "nested too deeply: more than 1000 levels"));
  buf_fini(&text);
  buf_fini(&out);
  return tree;
}

static void depth(void **state)
{
  struct tree *tree = parse_repeated("x = ", "[", 990, "1", "]", "");
  assert_non_null(tree);
  assert_in_range(tree->depth, 990, 1000);
  tree_destroy(tree);
  assert_null(parse_repeated("x = ", "[", 1010, "1", "]", ""));
  assert_null(parse_repeated("x = ", "-", 1010, "1", "", ""));
  assert_null(parse_repeated("", "do { ", 600, "1", "}", ""));
}

static void long_chains_are_not_deep(void **state)
{
  static const struct { const char *head, *unit; } CHAINS[] = {
    { "x = a", " + b" }, { "x = a", ".b(c)" }, { "x = a", "[0]" }, { "x = a", " and b" }, { "x = a", " |> f" }, { "x = a", "?.b" },
  };
  for (size_t i = 0; i < COUNT_OF(CHAINS); i++) {
    struct tree *tree = parse_repeated(CHAINS[i].head, CHAINS[i].unit, 20000, "", "", "");
    assert_non_null(tree);
    assert_in_range(tree->depth, 2, 8);
    tree_destroy(tree);
  }
  struct tree *tree = parse_repeated("if a { 1 }", " else if b { 2 }", 1200, "", "", " else { 3 }");
  assert_non_null(tree);
  assert_in_range(tree->depth, 2, 8);
  tree_destroy(tree);
}

static void memory_that_ends(void **state)
{
  const char *text = "# doc\nfn f(a) { [1, {b: \"${c}\"}] }; x = [y + z]";
  struct source *source = source_create(&memory, "t", text, strlen(text));
  for (size_t limit = 0;; limit += 128) {
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics, &memory);
    memory.limit = memory.used + limit;
    struct tree *tree = tree_create(source, &diagnostics);
    memory.limit = SIZE_MAX;
    assert_int_equal(tree == NULL, diagnostics.failed);
    diagnostics_fini(&diagnostics);
    tree_destroy(tree);
    if (tree) break;
  }
  source_unref(source);
}

static void places(void **state)
{
  const char text[] = "\xEF\xBB\xBF" "a\xC3\xA9z\r\n\nlast";
  struct source *source = source_create(&memory, "t", text, sizeof text - 1);
  struct place at = source_place(source, 3);
  assert_int_equal(at.line, 1);
  assert_int_equal(at.column, 3);
  at = source_place(source, source->len);
  assert_int_equal(at.line, 3);
  assert_int_equal(at.column, 5);
  assert_int_equal(source_place(source, 6).line, 2);
  u32 len;
  assert_memory_equal(source_line(source, 1, &len), "a\xC3\xA9z", 4);
  assert_int_equal(len, 4);
  (void)source_line(source, 2, &len);
  assert_int_equal(len, 0);
  assert_memory_equal(source_line(source, 3, &len), "last", 4);
  assert_int_equal(len, 4);
  assert_ptr_equal(source_ref(source), source);
  source_unref(source);
  source_unref(source);
  source_unref(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(shapes), TEST(fields_and_text), TEST(operators_have_a_kind), TEST(pre_order), TEST(documentation), TEST(refusals), TEST(not_refused),
    TEST(depth), TEST(long_chains_are_not_deep), TEST(memory_that_ends), TEST(places),
  };
  return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
