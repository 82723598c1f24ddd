// grammar/queries: they compile against the library in use, and say of a few texts what editors and the prompt rely on.
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <tree_sitter/api.h>

#include "base/types.h"

const TSLanguage *tree_sitter_lull(void);

// Tests run in the build folder, from where the compiler named this file.
static u32 load(const char *name, char *text, size_t size)
{
  char path[1024] = __FILE__;
  char *end = strrchr(path, '/');
  assert_non_null(end);
  strcpy(end + 1, "../../grammar/queries/");
  strcat(path, name);
  int fd = open(path, O_RDONLY);
  if (fd < 0) fail_msg("cannot open %s", path);
  ssize_t len = read(fd, text, size);
  close(fd);
  assert_in_range(len, 1, size - 1);
  return (u32)len;
}

static TSQuery *compile(const char *name)
{
  static char text[1 << 16];
  u32 len = load(name, text, sizeof text), at;
  TSQueryError error;
  TSQuery *query = ts_query_new(tree_sitter_lull(), text, len, &at, &error);
  if (!query) fail_msg("%s: error %d at %.40s", name, error, text + at);
  return query;
}

static void all_compile(void **state)
{
  static const char *const names[] = { "highlights.scm", "locals.scm", "tags.scm", "folds.scm", "indents.scm", "injections.scm" };
  for (size_t i = 0; i < COUNT_OF(names); i++) ts_query_delete(compile(names[i]));
}

struct capture {
  const char *text, *piece, *name;  // what the last capture of [piece] in [text] is called
};

static bool is_piece(TSNode node, const struct capture *row)
{
  u32 start = ts_node_start_byte(node), len = ts_node_end_byte(node) - start;
  return len == strlen(row->piece) && memcmp(row->text + start, row->piece, len) == 0;
}

static const char *last_capture(TSQuery *query, TSTree *tree, const struct capture *row)
{
  TSQueryCursor *cursor = ts_query_cursor_new();
  ts_query_cursor_exec(cursor, query, ts_tree_root_node(tree));
  TSQueryMatch match;
  u32 index, len, pattern = 0;
  const char *name = NULL;
  while (ts_query_cursor_next_capture(cursor, &match, &index)) {
    if (!is_piece(match.captures[index].node, row) || (name && match.pattern_index < pattern)) continue;
    pattern = match.pattern_index;
    name = ts_query_capture_name_for_id(query, match.captures[index].index, &len);
  }
  ts_query_cursor_delete(cursor);
  return name;
}

static void check_captures(const char *file, const struct capture *rows, size_t count)
{
  TSQuery *query = compile(file);
  TSParser *parser = ts_parser_new();
  assert_true(ts_parser_set_language(parser, tree_sitter_lull()));
  for (size_t i = 0; i < count; i++) {
    TSTree *tree = ts_parser_parse_string(parser, NULL, rows[i].text, (u32)strlen(rows[i].text));
    const char *name = last_capture(query, tree, &rows[i]);
    if (!name || strcmp(name, rows[i].name) != 0) fail_msg("%s: '%s' is @%s", rows[i].text, rows[i].piece, name ? name : "nothing");
    ts_tree_delete(tree);
  }
  ts_parser_delete(parser);
  ts_query_delete(query);
}

static void highlights(void **state)
{
  static const struct capture rows[] = {
    { "x = 1", "x", "variable" }, { "x = 1", "1", "number" }, { "1.5", "1.5", "number.float" }, { "250ms", "250ms", "number" },
    { "\"a ${b}\"", "b", "variable" }, { "\"a ${b}\"", "${", "punctuation.special" }, { "\"\\n\"", "\\n", "string.escape" }, { "'raw'", "'raw'", "string" },
    { "# note\nx", "# note", "comment" }, { "f(a)", "f", "function.call" }, { "a.b(c)", "b", "function.method.call" }, { "a.b", "b", "property" },
    { "fn f(p) { }", "f", "function" }, { "fn f(p) { }", "p", "variable.parameter" }, { "fn f(p) { }", "fn", "keyword.function" },
    { "class A : B { }", "A", "type" }, { "class A : B { }", "B", "type" }, { "class A { fn f() { } }", "f", "function.method" },
    { "for x in xs { }", "in", "keyword.repeat" }, { "x in xs", "in", "keyword.operator" }, { "a not in b", "not in", "keyword.operator" },
    { "if a { }", "if", "keyword.conditional" }, { "m.if", "if", "property" }, { "{if: 1}", "if", "property" }, { "await x", "await", "keyword.coroutine" },
    { "nil", "nil", "constant.builtin" }, { "true", "true", "boolean" }, { "self.x", "self", "variable.builtin" }, { "a |> f", "f", "function.call" },
    { "a |> f", "|>", "operator" }, { "x is int", "int", "type" }, { "5min", "5min", "error" }, { "let x", "let", "keyword" },
  };
  check_captures("highlights.scm", rows, COUNT_OF(rows));
}

static void other_queries(void **state)
{
  static const struct capture folds[] = { { "fn f() {\n}", "{\n}", "fold" }, { "[\n1\n]", "[\n1\n]", "fold" } };
  static const struct capture tags[] = { { "fn f() { }", "f", "name" }, { "class A { }", "class A { }", "definition.class" } };
  static const struct capture locals[] = { { "let x = 1", "x", "local.reference" }, { "{ x }", "x", "local.reference" } };
  check_captures("folds.scm", folds, COUNT_OF(folds));
  check_captures("tags.scm", tags, COUNT_OF(tags));
  check_captures("locals.scm", locals, COUNT_OF(locals));
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(all_compile), cmocka_unit_test(highlights), cmocka_unit_test(other_queries) };
  return cmocka_run_group_tests_name("queries", tests, NULL, NULL);
}
