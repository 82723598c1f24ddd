// core/syntax: what is complete, what wants more, what is wrong and how it is said; and that the driver and tree-sitter agree on text at random.
// `unit-test_driver COUNT SEED` tries COUNT mutants.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <tree_sitter/api.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "syntax/diagnostic.h"
#include "syntax/driver.h"
#include "syntax/nodes.h"
#include "syntax_agree.h"

static struct alloc memory;
static unsigned mutant_count = 4000, mutant_seed = 1;

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

static const char *const COMPLETE[] = {
  "", "\n\n", "# only a remark", "#!/usr/bin/env lull\nx = 1", "x", "x;", ";;x;;y;;", "x\r\ny\r\n",
  // literals
  "nil; null; true; false", "42; 1_000; 0xff; 0XFF; 0b11; 0o17; 0", "3.14; 1e9; 1.5e-3; 1E+5; 0.5", "250ms; 1.5s; 5m; 2h; 1ns; 3us; 7d",
  "\"text ${a + \"${b}\"} \\n \\t \\\" \\\\ \\$ \\/ \\b \\f \\r \\u0041 \\u{1F600} \\ud83d\\ude00 $ $x {\"", "'raw \\ \"'",
  "\"\"\"\n  a \"quoted\" \"\" ${b}\n  \"\"\"", "\"\"\"\"\"\"", "\"\"", "''",
  "[1, 2, ...more,]", "[\n1\n,\n2\n]", "{name: \"x\", \"any key\": 1, [e]: v, short, ...more, if: 2,}", "{}", "{\"a\": {\"b\": [null, -1, 2.5e3]}}",
  "{\n\"a\" : 1\n,\n\"b\"\n: 2\n}", "0..10; 0..=10; 1.5..2; 5.times()", "\"${ {a: \"}\"} }\"",
  // statements and lines
  "let x = 1", "let x", "const y = 2", "let [a, b = 2, ...rest] = xs", "let {name, age: years = 3, \"k\": [z], ...q} = m",
  "x = 2; x += 1; x -= 1; x *= 2; x /= 2; x //= 2; x %= 2; x **= 2; x \?\?= 2", "[a, b] = [b, a]", "[xs[0], o.f] = [1, 2]",
  "{name, age: years = 3} = m", "[a = 1, ...r] = xs", "a\n-b", "a\n(b)", "a\n[b]", "a\n  .b\n  ?.c\n  |> d\n  \?\? e\n  and f\n  or g",
  "if a { b }\n\n# a remark\nelse { c }", "try { a }\ncatch e { b }\nfinally { c }", "a +\nb", "f(\na\n)", "x =\n1", "f = a =>\na",
  "f(a => {\n b\n c\n})", "if a { b } else if c { d } else { e }", "while c { break; continue }", "for x in xs { }", "for k, v in m { }",
  "for [a, {b}] in xs { }", "defer f.close()", "import \"lib/util.lull\" as util", "import {a, b as c,} from 'util.lull'", "from = 1; as = 2",
  "do { a }", "return", "throw x", "fn f() { return }", "fn f() { return a\n}", "x = if a { 1 } else { 2 }",
  // functions and classes
  "fn add(a, b = 2, ...rest) { }", "fn twice(x) => x * 2", "fn f({a, b: c}, [d]) => a", "f = x => x + 1", "f = (a, b) => a + b", "f = () => { 1 }",
  "f = ([a], {b} , c = 1) => ({a: 1})", "f = x => y => x", "f(x => y = 1)", "f(a, b, name: c, if: 1, while: 2, ...list)", "f(if a { 1 } else { 2 })",
  "class A { }", "class A : b.C {\n  x = 1  # a field\n  y\n  fn init(tick = 1) { self.tick = tick }\n  fn class() => super.class()\n}", "class A { x = 1; fn f() { }; y = 2 }",
  // operators
  "-2 ** 2", "a ** -b ** c", "not a in b", "a not in b", "a is b.C and c is not nil", "a \?\? throw b", "a or return", "a and break", "~a & b | c ^ d << 1 >> 2",
  "x |> f |> g(a)", "a?.b.c", "await f()", "await [a, b]", "spawn f(x)", "t = spawn { 1 }.timeout(2s)", "m.class.if", "(a)", "(a, b) => 1",
  "xs[1]; xs[1..3]; xs[2..]; xs[-2..]; xs[..]; xs[..3]; xs[..=3]", "a < b and b < c", "(a < b) == c",
  // match
  "match v { 1 | 2 => \"few\", \"a\"..\"f\" => 1, [x, y] if x > y => x, {name} => name, is Error => v.message, _ => nil }",
  "match v {\n  -1 => a\n  1.5s..=2s => { b }\n  {a: {b: [1, ...r]}, c = 2} => x = 1\n  'x' => throw y\n  nil => return\n}", "match v { }", "match f(x) { x => y => z }",
  "\xEF\xBB\xBFx = 1", "na\xC3\xAFve = \xE6\x97\xA5\xE6\x9C\xAC", "a = \"\x7F\"", "a // 2",
};

static enum syntax_status check(const char *text, size_t len, struct buf *out)
{
  struct source *source = source_create(&memory, "t", text, len);
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &memory);
  enum syntax_status status = syntax_check(source, &diagnostics);
  diagnostics_render(&diagnostics, source, out);
  assert_int_equal(diagnostics.errors > 0, status != SYNTAX_COMPLETE);
  diagnostics_fini(&diagnostics);
  source_unref(source);
  return status;
}

static void complete_texts(void **state)
{
  for (size_t i = 0; i < COUNT_OF(COMPLETE); i++) {
    struct buf out;
    buf_init(&out, &memory);
    enum syntax_status status = check(COMPLETE[i], strlen(COMPLETE[i]), &out);
    if (status != SYNTAX_COMPLETE) fail_msg("%s\n%s", COMPLETE[i], buf_text(&out));
    buf_fini(&out);
  }
}

// What is shown without the name of the source, and its first note.
#define IMPORT_HINT \
  "a file is imported by 'import \"file.lull\" as name' or 'import {a, b} from \"file.lull\"'; built-in modules are " \
  "simply there"

struct wrong {
  const char *text, *message, *note;
};

static const struct wrong MORE[] = {
  { "f(", "1:3: expected an expression or ')' to close '(' at 1:2, found the end", NULL },
  { "f(a,", "1:5: expected an expression or ')' to close '(' at 1:2, found the end", NULL },
  { "f(a, b", "1:7: expected ',' or ')' to close '(' at 1:2, found the end", NULL },
  { "if c {", "1:7: expected a statement or '}' to close '{' at 1:6, found the end", NULL },
  { "if c", "1:5: expected '{' after 'c', found the end", NULL },
  { "if { a }", "1:9: expected '{' after '}', found the end", NULL },
  { "x =", "1:4: expected an expression after '=', found the end", NULL },
  { "x +", "1:4: expected an expression after '+', found the end", NULL },
  { "a and", "1:6: expected an expression after 'and', found the end", NULL },
  { "a |>", "1:5: expected an expression after '|>', found the end", NULL },
  { "not", "1:4: expected an expression after 'not', found the end", NULL },
  { "await", "1:6: expected an expression after 'await', found the end", NULL },
  { "let", "1:4: expected a name after 'let', found the end", NULL },
  { "const x", "1:8: expected '=' after 'x', found the end", NULL },
  { "fn", "1:3: expected a name after 'fn', found the end", NULL },
  { "fn f", "1:5: expected '(' after 'f', found the end", NULL },
  { "fn f(", "1:6: expected a name or ')' to close '(' at 1:5, found the end", NULL },
  { "fn f(a", "1:7: expected ',' or ')' to close '(' at 1:5, found the end", NULL },
  { "fn f()", "1:7: expected '{' or '=>' after ')', found the end", NULL },
  { "fn f() =>", "1:10: expected an expression after '=>', found the end", NULL },
  { "fn f() {\n  if a {\n    b\n}", "4:2: expected a new line, ';', 'else' or '}' to close '{' at 1:8, found the end", "perhaps the '{' at 2:8 was not closed" },
  { "class A", "1:8: expected ':' or '{' after 'A', found the end", NULL },
  { "class A {\n  x = 1", "2:8: expected a new line, ';' or '}' to close '{' at 1:9, found the end", NULL },
  { "x.", "1:3: expected a name after '.', found the end", NULL },
  { "xs[1", "1:5: expected ']' to close '[' at 1:3, found the end", NULL },
  { "[1, 2", "1:6: expected ',' or ']' to close '[' at 1:1, found the end", NULL },
  { "{a: 1", "1:6: expected ',' or '}' to close '{' at 1:1, found the end", NULL },
  { "{a:", "1:4: expected an expression after ':', found the end", NULL },
  { "\"\"\"abc", "1:1: string not closed: expected '\"\"\"' before the end of the text", NULL },
  { "\"\"\"abc ${", "1:10: expected an expression after '${', found the end", NULL },
  { "x => y =>", "1:10: expected an expression after '=>', found the end", NULL },
  { "()", "1:3: expected '=>' after ')', found the end", NULL },
  { "try { 1 }", "1:10: expected 'catch' or 'finally' after '}', found the end", NULL },
  { "try { 1 } catch {", "1:18: expected a statement or '}' to close '{' at 1:17, found the end", NULL },
  { "match x {\n  1 => 2", "2:9: expected a new line, ',' or '}' to close '{' at 1:9, found the end", NULL },
  { "match x { 1 =>", "1:15: expected an expression after '=>', found the end", NULL },
  { "match x", "1:8: expected '{' after 'x', found the end", NULL },
  { "for x in xs", "1:12: expected '{' after 'xs', found the end", NULL },
  { "for", "1:4: expected a name after 'for', found the end", NULL },
  { "import \"a\"", "1:11: expected 'as', found the end", IMPORT_HINT },
  { "import {a}", "1:11: expected 'from' after '}', found the end", IMPORT_HINT },
  { "f(x => {\n  y", "2:4: expected a new line, ';' or '}' to close '{' at 1:8, found the end", NULL },
  { "a is", "1:5: expected a name after 'is', found the end", NULL },
  { "a not", "1:6: expected 'in' after 'not', found the end", NULL },
  { "throw", "1:6: expected an expression after 'throw', found the end", NULL },
  { "spawn", "1:6: expected an expression after 'spawn', found the end", NULL },
  { "do", "1:3: expected '{' after 'do', found the end", NULL },
  { "while x { y\n# remark", "1:12: expected a new line, ';' or '}' to close '{' at 1:9, found the end", NULL },
  { "print(class", "1:12: expected ',' or ')' to close '(' at 1:6, found the end", NULL },
  { "super", "1:6: expected '.' after 'super', found the end", NULL },
};

static const struct wrong ERRORS[] = {
  { "x = [1, 2\ny = 3", "2:1: expected ',' or ']' to close '[' at 1:5, found 'y'", NULL },
  { "fn add(a, b { a + b }", "1:13: expected ',' or ')' to close '(' at 1:7, found '{'", NULL },
  { "if a = b { c }", "1:6: expected '{' after 'a', found '='", "'=' assigns; use '==' to compare" },
  { "print(\"hello)\nx = 1", "1:14: string not closed: expected '\"' before the end of the line", "the string starts at 1:7; use \"\"\"...\"\"\" for text of several lines" },
  { "\"abc", "1:5: string not closed: expected '\"' before the end of the line", "the string starts at 1:1; use \"\"\"...\"\"\" for text of several lines" },
  { "\"a ${b", "1:7: string not closed: expected '\"' before the end of the line", "the string starts at 1:1; use \"\"\"...\"\"\" for text of several lines" },
  { "\"a ${b\n} c\"", "1:1: a string in '\"' ends on its line", "use \"\"\"...\"\"\" for text of several lines" },
  { "\"abc\\", "1:6: string not closed: expected '\"' before the end of the line", "the string starts at 1:1; use \"\"\"...\"\"\" for text of several lines" },
  { "'abc", "1:1: string not closed: expected ''' before the end of the line", NULL },
  { "f(a]]", "1:4: expected ',' or ')' to close '(' at 1:2, found ']'", NULL },
  { ")", "1:1: ')' has no '(' before it to close", NULL },
  { "x = 1\n  }\ny = 2", "2:3: '}' has no '{' before it to close", NULL },
  { "let class = 1", "1:5: expected a name after 'let', found 'class'", "'class' is a reserved word" },
  { "x = while", "1:5: expected an expression after '=', found 'while'", "'while' is a reserved word" },
  { "fn class() { }", "1:4: expected a name after 'fn', found 'class'", "'class' is a reserved word" },
  { "(class) => 1", "1:2: expected an expression or ')' to close '(' at 1:1, found 'class'", "'class' is a reserved word" },
  { "import {if} from \"x\"", "1:9: expected a name after '{', found 'if'", "'if' is a reserved word" },
  { "class A { let x = 1 }", "1:11: expected a name, 'fn' or '}' to close '{' at 1:9, found 'let'", "a field is written 'name = value'" },
  { "return return", "1:8: expected an expression, a new line or ';' after 'return', found 'return'", "'return' is a reserved word" },
  { "a || b", "1:4: expected an expression after '|', found '|'", "write 'or'" },
  { "a && b", "1:4: expected an expression after '&', found '&'", "write 'and'" },
  { "f(a b", "1:5: expected ',' or ')' to close '(' at 1:2, found 'b'", NULL },
  { "[1, 2)", "1:6: expected ',' or ']' to close '[' at 1:1, found ')'", NULL },
  { "else { 1 }", "1:1: expected a statement, found 'else'", "'else' must follow the '}' of its 'if'" },
  { "catch e { }", "1:1: expected a statement, found 'catch'", "'catch' must follow the '}' of its 'try'" },
  { "@", "1:1: expected a statement, found '@'", "there are no decorators and no '@' names" },
  { "elif a { }", "1:6: expected a new line or ';' after 'elif', found 'a'", "write 'else if'" },
  { "def f() { 1 }", "1:5: expected a new line or ';' after 'def', found 'f'", "a function is written 'fn name(a, b) { }'" },
  { "async fn f() { }", "1:7: expected a new line or ';' after 'async', found 'fn'", "any function may await: leave 'async' out" },
  { "new Foo()", "1:5: expected a new line or ';' after 'new', found 'Foo'", "an instance is made by a call: 'Name()'" },
  { "fn f() -> int { 1 }", "1:8: expected '{' or '=>' after ')', found '-'", "the body follows the parameters: 'fn f(a) { }' or 'fn f(a) => value'" },
  { "let x: int = 1", "1:6: expected a new line, ';' or '=' after 'x', found ':'", "names take no types" },
  { "fn f(a: int) { }", "1:7: expected ',' or ')' to close '(' at 1:5, found ':'", "names take no types" },
  { "x = a ? b : c", "1:7: expected a new line or ';' after 'a', found '?'", "a choice is written 'if c { a } else { b }'" },
  { "x++", "1:3: expected an expression after '+', found '+'", "there is no '++' and no unary '+'; write 'x += 1'" },
  { "!a", "1:1: expected a statement, found '!'", "write 'not'" },
  { "for (let i = 0; i < 3; i++) { }", "1:5: expected a name after 'for', found '('", "a loop is written 'for x in xs { }', over numbers 'for i in 0..10 { }'" },
  { "for x of xs { }", "1:7: expected ',' or 'in' after 'x', found 'of'", "a loop is written 'for x in xs { }'" },
  { "print \"x\"", "1:7: expected a new line or ';' after 'print', found '\"'", "a call takes parentheses: 'print(\"text\")'" },
  { "x = a // todo later", "1:15: expected a new line or ';' after 'todo', found 'later'", "comments start with '#'; '//' divides" },
  { "/* a */", "1:1: expected a statement, found '/'", "comments start with '#'" },
  { "xs.map(x => {a: 1})", "1:15: expected a new line, ';' or '}' to close '{' at 1:13, found ':'", "after '=>' a '{' begins a block; a map is written '({a: 1})'" },
  { "{1: 2}", "1:2: expected a name or '}' to close '{' at 1:1, found '1'", "a key that is no name and no string is written '[1]: value'" },
  { "f(a = 1)", "1:5: expected ',' or ')' to close '(' at 1:2, found '='", "'=' assigns; compare with '==', name an argument as in 'f(name: value)'" },
  { "a = b = c", "1:7: expected a new line or ';' after 'b', found '='", "an assignment is a statement and has no value" },
  { "f() = 1", "1:5: expected a new line or ';' after ')', found '='", "what stands left of '=' is a name, a field, an element, or a list or map of those" },
  { "a + x => x", "1:7: expected a new line or ';' after 'x', found '=>'", "put a lambda that is part of an expression in parentheses" },
  { "x = “hi”", "1:5: expected an expression after '=', found '“'", "strings are written with straight quotes" },
  { "x = a b", "1:7: expected a new line or ';' after 'a', found 'b'", NULL },
  { "\"a\\qb\"", "1:3: unknown escape '\\q'", "the escapes are \\n \\t \\r \\b \\f \\\" \\\\ \\/ \\$ and \\u{...}; a backslash is written '\\\\'" },
  { "\"\\u12\"", "1:2: unknown escape '\\u12'", "write four hexadecimal digits, or up to six in braces: \\u00e9, \\u{1F600}" },
  { "\"\\u{110000}\"", "1:2: unknown escape '\\u{110000}'", "write four hexadecimal digits, or up to six in braces: \\u00e9, \\u{1F600}" },
  { "\"\\u{d800}\"", "1:2: unknown escape '\\u{d800}'", "write four hexadecimal digits, or up to six in braces: \\u00e9, \\u{1F600}" },
  { "\"\\x41\"", "1:2: unknown escape '\\x'", "the escapes are \\n \\t \\r \\b \\f \\\" \\\\ \\/ \\$ and \\u{...}; a backslash is written '\\\\'" },
  { "1.2.3", "1:1: '1.2.3' is not a number", "a number has one point" },
  { "0xfg", "1:1: '0xfg' is not a number", "a hexadecimal number goes on with its digits only" },
  { "007", "1:1: '007' is not a number", "a number does not begin with 0; octal numbers are written 0o17" },
  { "1__0", "1:1: '1__0' is not a number", "'_' stands between two digits" },
  { "5min", "1:1: '5min' is not a number", "the units of time are ns us ms s m h d; a name does not begin with a digit" },
  { "match x { 1 => 2 3 => 4 }", "1:18: expected a new line, ',' or '}' to close '{' at 1:9, found '3'", NULL },
  { "match x { 1 }", "1:13: expected '=>' after '1', found '}'", NULL },
  { "let x 5", "1:7: expected a new line, ';' or '=' after 'x', found '5'", NULL },
  { "x.1", "1:3: expected a name after '.', found '1'", "an element is read by 'xs[1]'" },
  { "import a", "1:8: expected a string after 'import', found 'a'", IMPORT_HINT },
  { "import {a} form \"x\"", "1:12: expected 'from' after '}', found 'form'", IMPORT_HINT },
  { "while x do y", "1:9: expected '{' after 'x', found 'do'", "a body is written in braces: '{ }'" },
  { "f(1, 2\ng(3)\nh(]\ni = 1\nj = )", "2:1: expected ',' or ')' to close '(' at 1:2, found 'g'", NULL },
  { "x = $a", "1:5: expected an expression after '=', found '$'", "names are written without '$'; in a string '${name}'" },
  { "x => y => }", "1:11: '}' has no '{' before it to close", NULL },
  { "f(x) { 1 }", "1:6: expected a new line or ';' after ')', found '{'", "a function is written 'fn name(a, b) { }', one without a name '(a, b) => { }'" },
  { "a = {b: 1, c 2}", "1:14: expected ',', ':' or '}' to close '{' at 1:5, found '2'", NULL },
  { "xs[]", "1:4: expected an expression, '..' or '..=' after '[', found ']'", NULL },
  { "x = \"a\" \"b\"", "1:9: expected a new line or ';', found '\"'", "texts are joined by '+'" },
  { "if (x) y", "1:8: expected '{' after ')', found 'y'", "a body is written in braces: '{ }'" },
  { "if a { b } else c", "1:17: expected '{' or 'if' after 'else', found 'c'", "a body is written in braces: '{ }'" },
  { "x = y if z else w", "1:7: expected a new line or ';' after 'y', found 'if'", "a choice is written 'if c { a } else { b }'" },
  { "x = `a`", "1:5: expected an expression after '=', found '`'", "text is written in \"...\", with ${expressions}" },
  { "let x = 1 let y = 2", "1:11: expected a new line or ';' after '1', found 'let'", "what stands on one line is parted by ';'" },
  { "日本 = \"語\"; x = 日本 y", "1:18: expected a new line or ';' after '日本', found 'y'", NULL },
  { "a == = b", "1:6: expected an expression after '==', found '='", "write '=='" },
  { "+a", "1:1: expected a statement, found '+'", "there is no unary '+'" },
  { "x = a b", "1:7: expected a new line or ';' after 'a', found 'b'", NULL },
  { "x = .5", "1:5: expected an expression after '=', found '.'", "a number begins with a digit: 0.5" },
  { "fn (a) { }", "1:4: expected a name after 'fn', found '('", "a function without a name is written '(a, b) => a + b'" },
  { "if a: b", "1:5: expected '{' after 'a', found ':'", "a body is written in braces: 'if c { }'" },
  { "x = {a: 1; b: 2}", "1:10: expected ',' or '}' to close '{' at 1:5, found ';'", NULL },
  { "match x { case 1: 2 }", "1:16: expected '=>' after 'case', found '1'", "write 'match value { 1 => \"one\", _ => \"other\" }'" },
  { "fn f() {\n  x = [1\n}", "3:1: expected ',' or ']' to close '[' at 2:7, found '}'", NULL },
  { "fn a() {\n  if b {\n    c\n}\nfn d() { )", "5:10: expected a statement or '}' to close '{' at 5:8, found ')'", "perhaps the '{' at 2:8 was not closed" },
  { "a ?\? ?\? b", "1:6: expected an expression after '?\?', found '?\?'", NULL },
  { "\"${}\"", "1:4: expected an expression after '${', found '}'", NULL },
  { "'''x'''", "1:3: expected a new line or ';' after '''', found ''x''", "text of several lines is written in \"\"\"" },
  { "x as y", "1:3: expected a new line or ';' after 'x', found 'as'", "a value is converted by a call: 'int(x)'" },
  { "fn f(a, a b) { }", "1:11: expected ',' or ')' to close '(' at 1:5, found 'b'", NULL },
  { "x = => 1", "1:5: expected an expression after '=', found '=>'", NULL },
  { "class A extends B { }", "1:9: expected ':' or '{' after 'A', found 'extends'", "a class under another is written 'class Name : Base { }'" },
};

static bool shows(const struct buf *out, const struct wrong *wrong)
{
  const char *text = buf_text(out), *note = strstr(text, "\n  note: ");
  size_t length = strlen(wrong->message);
  if (strncmp(text, "t:", 2) != 0 || strncmp(text + 2, wrong->message, length) != 0 || text[2 + length] != '\n') return false;
  if (!wrong->note) return !note;
  return note && strncmp(note + 9, wrong->note, strlen(wrong->note)) == 0 && note[9 + strlen(wrong->note)] == '\n';
}

static void check_wrong(const struct wrong *list, size_t count, enum syntax_status expected)
{
  for (size_t i = 0; i < count; i++) {
    struct buf out;
    buf_init(&out, &memory);
    enum syntax_status status = check(list[i].text, strlen(list[i].text), &out);
    if (status != expected || !shows(&out, &list[i])) fail_msg("%s\nstatus %d\n%s", list[i].text, status, buf_text(&out));
    buf_fini(&out);
  }
}

static void unfinished_texts(void **state)
{
  check_wrong(MORE, COUNT_OF(MORE), SYNTAX_MORE);
}

static void wrong_texts(void **state)
{
  check_wrong(ERRORS, COUNT_OF(ERRORS), SYNTAX_ERROR);
}

// What is shown of [text], all of it.
static void assert_shown(const char *text, size_t len, enum syntax_status expected, const char *shown)
{
  struct buf out;
  buf_init(&out, &memory);
  assert_int_equal(check(text, len, &out), expected);
  assert_string_equal(buf_text(&out), shown);
  buf_fini(&out);
}

#define SHOWN(text, status, shown) assert_shown(text, sizeof text - 1, status, shown)

static void several_errors(void **state)
{
  SHOWN("f(1, 2\ng(3)\nh(]\n  i = (\nj = 1\nk = )\nl = 1min\n", SYNTAX_ERROR,
        "t:2:1: expected ',' or ')' to close '(' at 1:2, found 'g'\n  g(3)\n  ^\n"
        "t:3:3: expected an expression or ')' to close '(' at 3:2, found ']'\n  h(]\n    ^\n"
        "t:6:5: ')' has no '(' before it to close\n  k = )\n      ^\n"
        "t:7:5: '1min' is not a number\n  l = 1min\n      ^^^^\n"
        "  note: the units of time are ns us ms s m h d; a name does not begin with a digit\n");
}

static void excerpts(void **state)
{
  SHOWN("\tx = \"\xE6\x97\xA5\" \xE6\x9C\xAC", SYNTAX_ERROR,
        "t:1:10: expected a new line or ';', found '\xE6\x9C\xAC'\n    x = \"\xE6\x97\xA5\" \xE6\x9C\xAC\n             ^^\n");
  SHOWN("x = \"\xE2\x80\xAE\" y\r\n", SYNTAX_ERROR, "t:1:9: expected a new line or ';', found 'y'\n  x = \"?\" y\n          ^\n");
  SHOWN("x =\xC2\xA0" "1", SYNTAX_ERROR,
        "t:1:4: expected an expression after '=', found an invisible character (U+00A0)\n  x =\xC2\xA0" "1\n     ^\n");
  SHOWN("fn f() {\n  if a {\n    b\n}\n", SYNTAX_MORE,
        "t:4:2: expected a new line, ';', 'else' or '}' to close '{' at 1:8, found the end\n  }\n   ^\n"
        "  note: perhaps the '{' at 2:8 was not closed\n    if a {\n         ^\n");
}

static void long_lines_are_cut(void **state)
{
  char text[500];
  memset(text, 'a', sizeof text);
  text[300] = ' ';
  struct buf out;
  buf_init(&out, &memory);
  assert_int_equal(check(text, sizeof text, &out), SYNTAX_ERROR);
  const char *line = strchr(buf_text(&out), '\n') + 1, *mark = strchr(line, '\n') + 1;
  assert_memory_equal(line, "  ...aaaa", 9);
  assert_int_equal(mark - line, 2 + 3 + 72 + 3 + 1);
  assert_int_equal(strspn(mark, " "), 2 + 3);
  assert_int_equal(strspn(mark + 5, "^"), 72);
  buf_fini(&out);
}

static void bytes_that_are_no_text(void **state)
{
  SHOWN("x = \"\xFF\"", SYNTAX_ERROR, "t:1:6: invalid UTF-8: byte 0xFF\n  x = \"?\"\n       ^\n");
  SHOWN("# \xED\xA0\x80", SYNTAX_ERROR, "t:1:3: invalid UTF-8: byte 0xED\n  # ???\n    ^\n");
  SHOWN("x = '\0'", SYNTAX_ERROR, "t:1:6: a control character (U+0000) in the source\n  x = '?'\n       ^\n");
  SHOWN("# \x1B[2J", SYNTAX_ERROR, "t:1:3: a control character (U+001B) in the source\n  # ?[2J\n    ^\n");
}

// [count] times [unit] between two texts.
static enum syntax_status check_repeated(const char *head, const char *unit, size_t count, const char *tail)
{
  struct buf text, out;
  buf_init(&text, &memory);
  buf_init(&out, &memory);
  buf_puts(&text, head);
  for (size_t i = 0; i < count; i++) buf_puts(&text, unit);
  buf_puts(&text, tail);
  enum syntax_status status = check(text.data, text.len, &out);
  buf_fini(&text);
  buf_fini(&out);
  return status;
}

static void limits(void **state)
{
  assert_int_equal(check_repeated("", "# remark\n", 59000, "x"), SYNTAX_COMPLETE);
  assert_int_equal(check_repeated("", "# remark\n", 60001, "x"), SYNTAX_ERROR);
  assert_int_equal(check_repeated("x = ", "[", 9000, ""), SYNTAX_MORE);
  assert_int_equal(check_repeated("x = ", "[", 11000, ""), SYNTAX_ERROR);
  assert_int_equal(check_repeated("x = a", " + a", 50000, ""), SYNTAX_COMPLETE);
  assert_int_equal(check_repeated("", "f(a)\n", 50000, ""), SYNTAX_COMPLETE);
  assert_int_equal(check_repeated("", "12345678", SOURCE_MAX / 8 + 1, ""), SYNTAX_ERROR);
}

static void memory_that_ends(void **state)
{
  const char *text = "fn f(a) { [1, {b: \"${c}\"}] }; x = (y";
  struct source *source = source_create(&memory, "t", text, strlen(text));
  for (size_t limit = 0;; limit += 256) {
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics, &memory);
    memory.limit = memory.used + limit;
    enum syntax_status status = syntax_check(source, &diagnostics);
    memory.limit = SIZE_MAX;
    bool failed = diagnostics.failed;
    diagnostics_fini(&diagnostics);
    assert_int_equal(status, failed ? SYNTAX_ERROR : SYNTAX_MORE);
    if (!failed) break;
  }
  source_unref(source);
}

struct expected_row {
  const char *text;
  u32 kinds, depth;
  const char *word;  // one that may stand there, NULL for none at all
};

static const struct expected_row EXPECTED[] = {
  { "", EXPECT_VALUE | EXPECT_STATEMENT, 0, "while" },
  { "x = ", EXPECT_VALUE, 0, "await" },
  { "x", 0, 0, "and" },
  { "x.", EXPECT_PROPERTY, 0, NULL },
  { "x?.", EXPECT_PROPERTY, 0, NULL },
  { "f(", EXPECT_VALUE | EXPECT_PROPERTY, 1, "if" },
  { "{", EXPECT_PROPERTY | EXPECT_VALUE, 1, NULL },
  { "let ", EXPECT_BINDING, 0, NULL },
  { "for k, ", EXPECT_BINDING, 0, NULL },
  { "x is ", EXPECT_TYPE, 0, "not" },
  { "class A : ", EXPECT_TYPE, 0, NULL },
  { "fn f() { if a { ", EXPECT_VALUE | EXPECT_STATEMENT, 2, "return" },
  { "print(\"a ", EXPECT_STRING, 2, NULL },
  { "import 'li", EXPECT_STRING, 0, NULL },
  { "\"a ${", EXPECT_VALUE, 2, "not" },
  { "x = 1 # a ", EXPECT_COMMENT, 0, NULL },
  { "import \"a\" ", 0, 0, "as" },
};

static void what_may_follow(void **state)
{
  for (size_t i = 0; i < COUNT_OF(EXPECTED); i++) {
    const struct expected_row *row = &EXPECTED[i];
    struct syntax_expected e;
    assert_true(syntax_expected(&memory, row->text, (u32)strlen(row->text), &e));
    bool has_word = row->word == NULL && e.word_count == 0;
    for (u32 w = 0; w < e.word_count && row->word; w++) has_word = has_word || strcmp(e.words[w], row->word) == 0;
    if (e.kinds != row->kinds || e.depth != row->depth || !has_word) {
      fail_msg("%s: kinds %u, depth %u, %u words", row->text, e.kinds, e.depth, e.word_count);
    }
  }
  struct syntax_expected e;
  assert_true(syntax_expected(&memory, "f(\"ab", 5, &e));
  assert_int_equal(e.string, 2);
  assert_false(syntax_expected(&memory, "x = )", 5, &e));
}

// Random text: whole programs with pieces taken out, put in, moved.

static const char *const PIECES[] = {
  "(", ")", "[", "]", "{", "}", "\n", ";", ",", ":", "=", "=>", ".", "?.", "..", "...", "..=", "|", "|>", "\"", "'", "\"\"\"", "${", "\\n", "#", "-", "**",
  "\?\?", "+=", "\?\?=", "==", "<", "a", "x y", "1", "5m", "1.5", " ", "\r\n", "if ", "else ", "match ", "fn ", "class ", "let ", "const ", "while ", "for ",
  " in ", "not ", " is ", " and ", " or ", "await ", "spawn ", "do ", "try ", "catch ", "finally ", "return ", "break", "throw ", "defer ", "import ", " as ",
  " from ", "nil", "self", "super", "_", "\xC3\xA9",
};

static u32 random_below(u32 *state, u32 limit)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state % limit;
}

static void splice(struct buf *text, size_t at, size_t removed, const char *added, size_t added_len)
{
  struct buf made;
  buf_init(&made, &memory);
  if (removed > text->len - at) removed = text->len - at;
  buf_append(&made, text->data, at);
  buf_append(&made, added, added_len);
  buf_append(&made, text->data + at + removed, text->len - at - removed);
  buf_fini(text);
  *text = made;
}

static void mutate(struct buf *text, u32 *random)
{
  size_t at = random_below(random, (u32)text->len + 1), from = random_below(random, (u32)text->len + 1);
  char chunk[24];
  size_t len = random_below(random, sizeof chunk);
  if (len > text->len - from) len = text->len - from;
  if (len) memcpy(chunk, text->data + from, len);
  const char *piece = PIECES[random_below(random, COUNT_OF(PIECES))];
  switch (random_below(random, 5)) {
  case 0: splice(text, at, 1 + random_below(random, 6), "", 0); break;
  case 1: splice(text, at, random_below(random, 4), piece, strlen(piece)); break;
  case 2: splice(text, at, 0, chunk, len); break;
  case 3: splice(text, from, len, "", 0); break;
  default: splice(text, at, 0, piece, strlen(piece)); break;
  }
}

static void the_parser_agrees(void **state)
{
  TSParser *parser = ts_parser_new();
  assert_true(ts_parser_set_language(parser, tree_sitter_lull()));
  u32 random = mutant_seed * 2654435761u | 1, complete = 0;
  for (unsigned i = 0; i < mutant_count; i++) {
    struct buf text, out;
    buf_init(&text, &memory);
    buf_init(&out, &memory);
    for (u32 parts = 1 + random_below(&random, 3); parts > 0; parts--) {
      buf_puts(&text, COMPLETE[random_below(&random, COUNT_OF(COMPLETE))]);
      buf_putc(&text, '\n');
    }
    for (u32 times = 1 + random_below(&random, 3); times > 0; times--) mutate(&text, &random);
    // A mutation may cut a character in two; such text never reaches the parser.
    enum syntax_status status = check(text.data, text.len, &out);
    bool is_text = !strstr(buf_text(&out), "invalid UTF-8") && text.len > 0;
    if (is_text && is_tree_right(parser, text.data, text.len) != (status == SYNTAX_COMPLETE)) {
      fail_msg("mutant %u of seed %u: status %d\n%s\n%s", i, mutant_seed, status, buf_text(&text), buf_text(&out));
    }
    complete += status == SYNTAX_COMPLETE;
    buf_fini(&text);
    buf_fini(&out);
  }
  ts_parser_delete(parser);
  if (mutant_count >= 1000) assert_in_range(complete, mutant_count / 20, mutant_count - mutant_count / 20);
}

static void nodes_header_is_right(void **state)
{
#define ROW(kind, name) assert_string_equal(ts_language_symbol_name(tree_sitter_lull(), kind), name);
  NODE_KINDS(ROW)
#undef ROW
#define ROW(field, name) assert_string_equal(ts_language_field_name_for_id(tree_sitter_lull(), field), name);
  NODE_FIELDS(ROW)
#undef ROW
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
  if (argc > 1) mutant_count = (unsigned)strtoul(argv[1], NULL, 10);
  if (argc > 2) mutant_seed = (unsigned)strtoul(argv[2], NULL, 10);
  const struct CMUnitTest tests[] = {
    TEST(complete_texts), TEST(unfinished_texts), TEST(wrong_texts), TEST(several_errors), TEST(excerpts), TEST(long_lines_are_cut),
    TEST(bytes_that_are_no_text), TEST(limits), TEST(memory_that_ends), TEST(what_may_follow), TEST(the_parser_agrees),
    TEST(nodes_header_is_right),
  };
  return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
