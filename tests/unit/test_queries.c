// grammar/queries and those of editors: they compile against the library in use, and say of a sample with every kind of node, and of a few
// texts, what editors and the prompt rely on. The sample is one for `tree-sitter test` too.
#include <fcntl.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
  strcpy(end + 1, "../../grammar/");
  strcat(path, name);
  int fd = open(path, O_RDONLY);
  if (fd < 0) fail_msg("cannot open %s", path);
  ssize_t len = read(fd, text, size - 1);
  close(fd);
  assert_in_range(len, 1, size - 2);
  text[len] = '\0';
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

static TSTree *parse(const char *text)
{
  TSParser *parser = ts_parser_new();
  assert_true(ts_parser_set_language(parser, tree_sitter_lull()));
  TSTree *tree = ts_parser_parse_string(parser, NULL, text, (u32)strlen(text));
  ts_parser_delete(parser);
  return tree;
}

static const char *capture_name(TSQuery *query, TSQueryCapture capture)
{
  u32 len;
  return ts_query_capture_name_for_id(query, capture.index, &len);
}

static void all_compile(void **state)
{
  static const char *const names[] = {
    "queries/highlights.scm", "queries/locals.scm", "queries/tags.scm", "queries/folds.scm", "queries/indents.scm",
    "queries/injections.scm", "queries/textobjects.scm",
    "editors/helix/queries/highlights.scm", "editors/helix/queries/locals.scm", "editors/helix/queries/tags.scm",
    "editors/helix/queries/indents.scm", "editors/helix/queries/injections.scm", "editors/helix/queries/textobjects.scm",
  };
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
  u32 index, pattern = 0;
  const char *name = NULL;
  while (ts_query_cursor_next_capture(cursor, &match, &index)) {
    if (!is_piece(match.captures[index].node, row) || (name && match.pattern_index < pattern)) continue;
    pattern = match.pattern_index;
    name = capture_name(query, match.captures[index]);
  }
  ts_query_cursor_delete(cursor);
  return name;
}

static void check_captures(const char *file, const struct capture *rows, size_t count)
{
  TSQuery *query = compile(file);
  for (size_t i = 0; i < count; i++) {
    TSTree *tree = parse(rows[i].text);
    const char *name = last_capture(query, tree, &rows[i]);
    if (!name || strcmp(name, rows[i].name) != 0) fail_msg("%s: '%s' is @%s", rows[i].text, rows[i].piece, name ? name : "nothing");
    ts_tree_delete(tree);
  }
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
  check_captures("queries/highlights.scm", rows, COUNT_OF(rows));
}

static void other_queries(void **state)
{
  static const struct {
    const char *file;
    struct capture row;
  } rows[] = {
    { "queries/folds.scm", { "fn f() {\n}", "{\n}", "fold" } },
    { "queries/folds.scm", { "[\n1\n]", "[\n1\n]", "fold" } },
    { "queries/folds.scm", { "import {\na\n} from 'b'", "{\na\n}", "fold" } },
    { "queries/tags.scm", { "fn f() { }", "f", "name" } },
    { "queries/tags.scm", { "class A { }", "class A { }", "definition.class" } },
    { "queries/tags.scm", { "a.b(c)", "a.b(c)", "reference.call" } },
    { "queries/tags.scm", { "let x = 1", "let x = 1", "definition.variable" } },
    { "queries/locals.scm", { "let x = 1", "x", "local.reference" } },
    { "queries/locals.scm", { "fn f() { }", "fn f() { }", "local.scope" } },
    { "queries/locals.scm", { "class A { fn f() { } }", "f", "local.definition.method" } },
    { "queries/indents.scm", { "f(\n1\n)", "(\n1\n)", "indent.begin" } },
    { "queries/indents.scm", { "f(\n1\n)", ")", "indent.end" } },
    { "queries/indents.scm", { "\"\"\"\na\n\"\"\"", "\"\"\"\na\n\"\"\"", "indent.auto" } },
    { "queries/textobjects.scm", { "x => y", "y", "function.inner" } },
    { "queries/textobjects.scm", { "f(a, b)", "b", "parameter.inner" } },
    { "queries/textobjects.scm", { "class A { }", "{ }", "class.inner" } },
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) check_captures(rows[i].file, &rows[i].row, 1);
}

// --- the sample

struct sample {
  char text[1 << 14];
  TSTree *tree;
  TSQuery *query;
  u32 wrong;
};

static void sample_open(struct sample *s, const char *query)
{
  load("test/highlight/sample.lull", s->text, sizeof s->text);
  s->tree = parse(s->text);
  s->query = compile(query);
  s->wrong = 0;
}

static void sample_close(struct sample *s)
{
  ts_query_delete(s->query);
  ts_tree_delete(s->tree);
}

static bool is_before(TSPoint a, TSPoint b) { return a.row < b.row || (a.row == b.row && a.column <= b.column); }

static bool covers(TSNode node, TSPoint at)
{
  TSPoint after = { at.row, at.column + 1 };
  return is_before(ts_node_start_point(node), at) && is_before(after, ts_node_end_point(node));
}

static u32 node_size(TSNode node) { return ts_node_end_byte(node) - ts_node_start_byte(node); }

// What is seen at a place: the capture of the smallest node, and of those of one node the last pattern's.
static const char *colour_at(struct sample *s, TSPoint at)
{
  TSQueryCursor *cursor = ts_query_cursor_new();
  ts_query_cursor_exec(cursor, s->query, ts_tree_root_node(s->tree));
  TSQueryMatch match;
  u32 index, size = UINT32_MAX, pattern = 0;
  const char *name = NULL;
  while (ts_query_cursor_next_capture(cursor, &match, &index)) {
    TSNode node = match.captures[index].node;
    if (!covers(node, at) || node_size(node) > size || (node_size(node) == size && match.pattern_index < pattern)) continue;
    size = node_size(node);
    pattern = match.pattern_index;
    name = capture_name(s->query, match.captures[index]);
  }
  ts_query_cursor_delete(cursor);
  return name ? name : "nothing";
}

// "#    ^ name", "# <- name": whether a line says what stands in the line above it, and in which column.
static bool is_expectation(const char *line, u32 *column, char name[64])
{
  const char *caret = line + strspn(line, "# ");
  if (*line != '#') return false;
  if (sscanf(line, "# <- %63[a-z.]", name) == 1) *column = 0;
  else if (sscanf(caret, "^ %63[a-z.]", name) == 1) *column = (u32)(caret - line);
  else return false;
  return true;
}

static void the_sample_is_coloured_as_it_says(void **state)
{
  static struct sample s;
  sample_open(&s, "queries/highlights.scm");
  u32 row = 0, place = 0, count = 0;
  for (char *line = s.text, *end; (end = strchr(line, '\n')); line = end + 1, row++) {
    char name[64];
    u32 column;
    if (!is_expectation(line, &column, name)) {
      place = row;
      continue;
    }
    const char *found = colour_at(&s, (TSPoint){ place, column });
    count++;
    if (!strcmp(found, name)) continue;
    print_error("sample.lull:%u: @%s in column %u of line %u, not @%s\n", row + 1, found, column, place + 1, name);
    s.wrong++;
  }
  sample_close(&s);
  assert_int_equal(s.wrong, 0);
  assert_in_range(count, 100, 1000);
}

static void check_words(struct sample *s, TSNode node)
{
  u32 count = ts_node_child_count(node);
  for (u32 i = 0; i < count; i++) check_words(s, ts_node_child(node, i));
  TSPoint at = ts_node_start_point(node);
  if (count || !node_size(node) || strcmp(colour_at(s, at), "nothing")) return;
  print_error("sample.lull:%u: no colour for %s in column %u\n", at.row + 1, ts_node_type(node), at.column);
  s->wrong++;
}

static void every_word_of_the_sample_has_a_colour(void **state)
{
  static struct sample s;
  sample_open(&s, "queries/highlights.scm");
  check_words(&s, ts_tree_root_node(s.tree));
  sample_close(&s);
  assert_int_equal(s.wrong, 0);
}

static void note_kinds(TSNode node, bool *seen)
{
  seen[ts_node_symbol(node)] = true;
  for (u32 i = 0; i < ts_node_child_count(node); i++) note_kinds(ts_node_child(node, i), seen);
}

static void the_sample_has_every_kind_of_node(void **state)
{
  static struct sample s;
  static bool seen[UINT16_MAX + 1];
  const TSLanguage *language = tree_sitter_lull();
  sample_open(&s, "queries/highlights.scm");
  assert_false(ts_node_has_error(ts_tree_root_node(s.tree)));
  note_kinds(ts_tree_root_node(s.tree), seen);
  for (TSSymbol symbol = 1; symbol < ts_language_symbol_count(language); symbol++) {
    const char *name = ts_language_symbol_name(language, symbol);
    bool is_kind = ts_language_symbol_type(language, symbol) != TSSymbolTypeAuxiliary;
    bool is_named = ts_language_symbol_type(language, symbol) == TSSymbolTypeRegular;
    // Several symbols of the tables may be one kind.
    if (!is_kind || seen[symbol] || seen[ts_language_symbol_for_name(language, name, (u32)strlen(name), is_named)]) continue;
    print_error("sample.lull: no %s\n", name);
    s.wrong++;
  }
  sample_close(&s);
  assert_int_equal(s.wrong, 0);
}

// --- injections: the only queries with predicates

static TSNode captured(const TSQueryMatch *match, u32 id)
{
  for (u16 i = 0; i < match->capture_count; i++)
    if (match->captures[i].index == id) return match->captures[i].node;
  fail_msg("a predicate asks for a capture that is not there");
  return (TSNode){ .id = NULL };
}

static bool compare(const char *predicate, const char *piece, const char *want)
{
  regex_t pattern;
  if (!strcmp(predicate, "eq?")) return !strcmp(piece, want);
  assert_string_equal(predicate, "match?");
  assert_int_equal(regcomp(&pattern, want, REG_EXTENDED | REG_NOSUB), 0);
  bool fits = regexec(&pattern, piece, 0, NULL, 0) == 0;
  regfree(&pattern);
  return fits;
}

// The language a match gives its content to, or NULL where a predicate does not hold. A step is a string, a capture, or the end.
static const char *language_of(TSQuery *query, const TSQueryMatch *match, const char *text)
{
  u32 count, len;
  const TSQueryPredicateStep *step = ts_query_predicates_for_pattern(query, match->pattern_index, &count), *end = step + count;
  const char *language = NULL;
  for (; step < end; step++) {
    const char *name = ts_query_string_value_for_id(query, step->value_id, &len);
    if (!strcmp(name, "set!")) language = ts_query_string_value_for_id(query, step[2].value_id, &len);
    else if (strcmp(name, "offset!")) {
      TSNode node = captured(match, step[1].value_id);
      char piece[256] = { 0 };
      assert_in_range(node_size(node), 0, sizeof piece - 1);
      memcpy(piece, text + ts_node_start_byte(node), node_size(node));
      if (!compare(name, piece, ts_query_string_value_for_id(query, step[2].value_id, &len))) return NULL;
    }
    while (step->type != TSQueryPredicateStepTypeDone) step++;
  }
  return language;
}

static void check_injection(TSQuery *query, const char *text, const char *piece, const char *want)
{
  TSTree *tree = parse(text);
  TSQueryCursor *cursor = ts_query_cursor_new();
  ts_query_cursor_exec(cursor, query, ts_tree_root_node(tree));
  TSQueryMatch match;
  const char *found = NULL;
  while (ts_query_cursor_next_match(cursor, &match)) {
    struct capture row = { .text = text, .piece = piece };
    const char *language = language_of(query, &match, text);
    for (u16 i = 0; language && i < match.capture_count; i++)
      if (!strcmp(capture_name(query, match.captures[i]), "injection.content") && is_piece(match.captures[i].node, &row)) found = language;
  }
  if (strcmp(found ? found : "", want ? want : "")) fail_msg("%s: '%s' is %s", text, piece, found ? found : "lull");
  ts_query_cursor_delete(cursor);
  ts_tree_delete(tree);
}

static void injections(void **state)
{
  static const struct {
    const char *text, *piece, *language;
  } rows[] = {
    { "# a note\nx", "# a note", "comment" },
    { "sh(\"ls ${x} | wc\")", "ls ", "bash" },
    { "sh(\"ls ${x} | wc\")", " | wc", "bash" },
    { "sh('ls')", "'ls'", "bash" },
    { "run(\"ls\")", "ls", NULL },
    { "regex('a+')", "'a+'", "regex" },
    { "db.all(\"select 1\")", "select 1", "sql" },
    { "db.all(\"selected\")", "selected", NULL },
    { "json.parse('[1]')", "'[1]'", "json" },
    { "csv.parse('[1]')", "'[1]'", NULL },
    { "class A { fn to_markdown() => \"# A\" }", "# A", "markdown" },
    { "class A { fn to_string() => \"# A\" }", "# A", NULL },
  };
  TSQuery *query = compile("queries/injections.scm");
  for (size_t i = 0; i < COUNT_OF(rows); i++) check_injection(query, rows[i].text, rows[i].piece, rows[i].language);
  ts_query_delete(query);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(all_compile),
    cmocka_unit_test(highlights),
    cmocka_unit_test(other_queries),
    cmocka_unit_test(the_sample_is_coloured_as_it_says),
    cmocka_unit_test(every_word_of_the_sample_has_a_colour),
    cmocka_unit_test(the_sample_has_every_kind_of_node),
    cmocka_unit_test(injections),
  };
  return cmocka_run_group_tests_name("queries", tests, NULL, NULL);
}
