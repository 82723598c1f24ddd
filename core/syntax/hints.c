#include "syntax/hints.h"

#include <string.h>

struct word_hint {
  const char *word, *hint;
};

// What stood before the token that did not fit.
static const struct word_hint WORDS_BEFORE[] = {
  { "elif", "write 'else if'" },
  { "elsif", "write 'else if'" },
  { "elseif", "write 'else if'" },
  { "def", "a function is written 'fn name(a, b) { }'" },
  { "func", "a function is written 'fn name(a, b) { }'" },
  { "fun", "a function is written 'fn name(a, b) { }'" },
  { "function", "a function is written 'fn name(a, b) { }', one without a name '(a, b) => a + b'" },
  { "async", "any function may await: leave 'async' out" },
  { "var", "a variable is declared with 'let'" },
  { "val", "a variable is declared with 'let', one that never changes with 'const'" },
  { "local", "a variable is declared with 'let'" },
  { "final", "what never changes is declared with 'const'" },
  { "switch", "write 'match value { 1 => \"one\", _ => \"other\" }'" },
  { "case", "write 'match value { 1 => \"one\", _ => \"other\" }'" },
  { "foreach", "a loop is written 'for x in xs { }'" },
  { "unless", "write 'if not ...'" },
  { "until", "write 'while not ...'" },
  { "loop", "an endless loop is written 'while true { }'" },
  { "except", "errors are caught by 'try { } catch e { }'" },
  { "rescue", "errors are caught by 'try { } catch e { }'" },
  { "raise", "an error is raised by 'throw'" },
  { "new", "an instance is made by a call: 'Name()'" },
  { "lambda", "a function without a name is written 'x => x + 1'" },
  { "yield", "there are no generators: give values with 'iterate' and 'next', or a channel" },
  { "export", "top-level names without a leading '_' are public: leave 'export' out" },
  { "struct", "write 'class Name { a = 1 }'" },
  { "enum", "there are no enums: strings or a map of constants do" },
  { "go", "a task is started by 'spawn f(x)'" },
  { "del", "write 'm.remove(key)'" },
  { "delete", "write 'm.remove(key)'" },
  { "typeof", "write 'x is Type'" },
  { "with", "clean up by 'defer file.close()'" },
  { "using", "clean up by 'defer file.close()'" },
  { "is", "'is' tests the type, as in 'x is int'; values are compared by '=='" },
  { "mut", "every name but a 'const' can be assigned again: leave 'mut' out" },
  { "global", "names declared outside are assigned as they are" },
  { "nonlocal", "names declared outside are assigned as they are" },
  { "static", "a class has methods and fields only" },
  { "public", "every method and field is public" },
  { "private", "every method and field is public" },
};

// The token that did not fit.
static const struct word_hint WORDS_FOUND[] = {
  { "else", "'else' must follow the '}' of its 'if'" },
  { "catch", "'catch' must follow the '}' of its 'try'" },
  { "finally", "'finally' must follow the '}' of its 'try' or 'catch'" },
  { "elif", "write 'else if'" },
  { "elsif", "write 'else if'" },
  { "elseif", "write 'else if'" },
  { "except", "errors are caught by 'try { } catch e { }'" },
  { "rescue", "errors are caught by 'try { } catch e { }'" },
  { "then", "a body is written in braces: 'if c { }'" },
  { "extends", "a class under another is written 'class Name : Base { }'" },
  { "of", "a loop is written 'for x in xs { }'" },
  { "instanceof", "write 'x is Type'" },
  { "isinstance", "write 'x is Type'" },
  { "$", "names are written without '$'; in a string '${name}'" },
  { "!", "write 'not'" },
  { "`", "text is written in \"...\", with ${expressions}" },
  { "@", "there are no decorators and no '@' names" },
  { "->", "the body follows the parameters: 'fn f(a) { }' or 'fn f(a) => value'" },
  { "\xE2\x80\x98", "strings are written with straight quotes" },
  { "\xE2\x80\x99", "strings are written with straight quotes" },
  { "\xE2\x80\x9C", "strings are written with straight quotes" },
  { "\xE2\x80\x9D", "strings are written with straight quotes" },
};

static bool is_text(const struct source *s, u32 start, u32 end, const char *text)
{
  return end - start == strlen(text) && memcmp(s->text + start, text, end - start) == 0;
}

static bool found_is(const struct hint_place *at, const char *text)
{
  return is_text(at->source, at->found, at->found_end, text);
}

static bool before_is(const struct hint_place *at, const char *text)
{
  return is_text(at->source, at->before, at->before_end, text);
}

static bool starts_with(const struct hint_place *at, const char *text)
{
  size_t len = strlen(text);
  return at->source->len - at->found >= len && memcmp(at->source->text + at->found, text, len) == 0;
}

static bool is_adjacent(const struct hint_place *at)
{
  return at->before < at->before_end && at->before_end == at->found;
}

static bool is_same_line(const struct hint_place *at)
{
  return !memchr(at->source->text + at->before_end, '\n', at->found - at->before_end);
}

static char open_char(const struct hint_place *at)
{
  return at->open == UINT32_MAX ? 0 : at->source->text[at->open];
}

static bool is_word_at(const struct hint_place *at, u32 offset)
{
  char c = at->source->text[offset];
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (u8)c >= 0x80;
}

// Is the token before a name that no word stands in front of?
static bool is_lone_word(const struct hint_place *at)
{
  if (at->before == at->before_end || !is_word_at(at, at->before)) return false;
  u32 i = at->before;
  while (i > 0 && at->source->text[i - 1] == ' ') i--;
  return i == 0 || !is_word_at(at, i - 1);
}

// Is the token before the one behind [word]?
static bool is_behind_word(const struct hint_place *at, const char *word)
{
  u32 i = at->before;
  while (i > 0 && at->source->text[i - 1] == ' ') i--;
  size_t len = strlen(word);
  return i >= len && memcmp(at->source->text + i - len, word, len) == 0 && (i == len || !is_word_at(at, i - (u32)len - 1));
}

// In a statement that begins with `import`.
static const char *import_hint(const struct hint_place *at)
{
  const char *text = at->source->text;
  u32 start = at->before;
  while (start > 0 && text[start - 1] != '\n' && text[start - 1] != ';') start--;
  bool is_import = at->before_end - start >= 6 && memcmp(text + start, "import", 6) == 0;
  if (!is_import || open_char(at) || at->wants_line_end) return NULL;
  return "a file is imported by 'import \"file.lull\" as name' or 'import {a, b} from \"file.lull\"'; built-in modules are "
         "simply there";
}

// Does the line, or what follows the last ';' or '{' before [offset], begin with the word?
static bool is_in_line_of(const struct hint_place *at, u32 offset, const char *word)
{
  const char *text = at->source->text;
  u32 start = offset;
  bool is_import = strcmp(word, "import") == 0;  // has braces itself
  while (start > 0 && !strchr(is_import ? "\n;" : "\n;{", text[start - 1])) start--;
  while (start < offset && text[start] == ' ') start++;
  size_t len = strlen(word);
  return offset - start > len && memcmp(text + start, word, len) == 0 && text[start + len] == ' ';
}

// Is the innermost bracket the body of a class?
static bool is_in_class(const struct hint_place *at)
{
  return open_char(at) == '{' && is_in_line_of(at, at->open, "class");
}

// In the head of a function or class.
static const char *head_hint(const struct hint_place *at)
{
  bool is_fn = is_in_line_of(at, at->found, "fn"), is_class = is_in_line_of(at, at->found, "class");
  if (is_fn && before_is(at, ")") && found_is(at, "=")) return "a body that is one expression follows '=>'";
  if (is_fn && before_is(at, ")") && found_is(at, ":")) return "functions and parameters take no types";
  if (is_fn && found_is(at, "{") && is_behind_word(at, "fn")) return "parentheses belong to every function: 'fn f() { }'";
  if (is_class && (found_is(at, ":") || found_is(at, ","))) return "a class has one superclass";
  if (found_is(at, ":") && is_in_class(at)) return "a field is written 'name = value'";
  return NULL;
}

static const char *tuple_hint(const struct hint_place *at)
{
  if (found_is(at, "(") && (before_is(at, "let") || before_is(at, "const")))
    return "values are taken out of a list by 'let [a, b] = [1, 2]'";
  if (found_is(at, ",") && open_char(at) == '(' && at->wants_close) return "several values are a list: '[1, 2]'";
  if (found_is(at, ":") && open_char(at) == '[') return "a slice is written 'xs[1..3]', 'xs[2..]' or 'xs[..-1]'";
  bool is_map = open_char(at) == '{' && at->wants_close && !at->wants_line_end && !at->wants_arrow;
  if (is_map && is_lone_word(at) && found_is(at, "("))
    return "a '{' that begins no body is a map; a block by itself is written 'do { }'";
  return NULL;
}

static const char *type_hint(const struct hint_place *at)
{
  static const char *const types[] = { "int", "float", "double", "bool", "string", "char", "auto", "list", "map" };
  if (found_is(at, "as") && is_in_line_of(at, at->found, "import")) return "a name is given another as in 'import {a as b} from \"file.lull\"'";
  if (found_is(at, "as") && at->wants_line_end) return "a value is converted by a call: 'int(x)'";
  if (before_is(at, "from") && at->wants_line_end) return "names are imported by 'import {a, b} from \"file.lull\"'";
  for (size_t i = 0; i < COUNT_OF(types); i++) {
    if (before_is(at, types[i]) && at->wants_line_end && is_word_at(at, at->found)) return "a variable is declared with 'let'";
  }
  return NULL;
}

// Behind a string.
static const char *string_hint(const struct hint_place *at)
{
  const char *text = at->source->text;
  if (at->before_end == 0 || at->before == at->before_end) return NULL;
  char end = text[at->before_end - 1], found = text[at->found];
  if (end == '\'' && text[at->before_end - 2] == '\\' && is_adjacent(at))
    return "'...' has no escapes; text with a ' in it is written in \"...\"";
  bool is_text = end == '"' || end == '\'';
  if (is_text && (found == '"' || found == '\'') && !is_adjacent(at) && is_same_line(at)) return "texts are joined by '+'";
  return NULL;
}

static const char *member_hint(const struct hint_place *at)
{
  bool is_field = before_is(at, "var") || before_is(at, "const") || before_is(at, "let") || found_is(at, "let") ||
                  found_is(at, "const");
  return is_field && is_in_class(at) ? "a field is written 'name = value'" : NULL;
}

// Behind a word that takes nothing.
static const char *jump_hint(const struct hint_place *at)
{
  bool is_break = before_is(at, "break");
  if ((!is_break && !before_is(at, "continue")) || !at->wants_line_end || !is_same_line(at)) return NULL;
  if (found_is(at, "if")) return is_break ? "write 'if c { break }'" : "write 'if c { continue }'";
  return is_break ? "'break' takes no value, and loops have none" : "'continue' takes no value, and loops have no labels";
}

static const char *catch_hint(const struct hint_place *at)
{
  if (found_is(at, "(") && before_is(at, "catch")) return "write 'catch e { }', without parentheses";
  if (is_behind_word(at, "catch") && at->wants_block)
    return "'catch e { }' catches every error; 'match e { is ValueError => ..., _ => throw e }' tells them apart";
  return NULL;
}

static const char *arm_hint(const struct hint_place *at)
{
  if (found_is(at, ",") && at->wants_arrow) return "several patterns are written '1 | 2 => value'";
  if (!found_is(at, "else") || open_char(at) != '{' || at->wants_line_end) return NULL;
  const char *next = at->source->text + at->found_end;
  while (*next == ' ') next++;
  return next[0] == '=' && next[1] == '>' ? "the arm for all others is written '_ => value'" : NULL;
}

static const char *word_hint(const struct hint_place *at)
{
  for (size_t i = 0; i < COUNT_OF(WORDS_BEFORE); i++) {
    if (before_is(at, WORDS_BEFORE[i].word) && is_same_line(at)) return WORDS_BEFORE[i].hint;
  }
  for (size_t i = 0; i < COUNT_OF(WORDS_FOUND); i++) {
    if (found_is(at, WORDS_FOUND[i].word)) return WORDS_FOUND[i].hint;
  }
  return NULL;
}

static const char *operator_hint(const struct hint_place *at)
{
  if (is_adjacent(at) && found_is(at, "&") && before_is(at, "&")) return "write 'and'";
  if (is_adjacent(at) && found_is(at, "|") && before_is(at, "|")) return "write 'or'";
  if (found_is(at, "+") && before_is(at, "+")) return "there is no '++' and no unary '+'; write 'x += 1'";
  if (before_is(at, "-") && at->before > 0 && at->source->text[at->before - 1] == '-') return "there is no '--'; write 'x -= 1'";
  if (found_is(at, ">") && before_is(at, "<") && is_adjacent(at)) return "write '!='";
  if (found_is(at, "+") && at->wants_value) return "there is no unary '+'";
  if (starts_with(at, "!")) return "write 'not'";
  if (starts_with(at, "->") && at->wants_arrow) return "an arm is written 'pattern => value'";
  if ((found_is(at, ">") && before_is(at, "-")) || (found_is(at, "|") && at->wants_value))
    return "a function without a name is written 'x => x + 1'";
  if (starts_with(at, "->")) return "the body follows the parameters: 'fn f(a) { }' or 'fn f(a) => value'";
  if (starts_with(at, "?") && !starts_with(at, "?" "?") && !starts_with(at, "?.")) return "a choice is written 'if c { a } else { b }'";
  if (found_is(at, "*") && before_is(at, "/")) return "comments start with '#'";
  if (starts_with(at, "/") && at->wants_value) return "comments start with '#'";
  if (found_is(at, ".") && before_is(at, "..")) return "a range is written '1..3', or '1..=3' with its end";
  if (starts_with(at, ".") && !starts_with(at, "..") && at->wants_value) return "a number begins with a digit: 0.5";
  if (before_is(at, "===") || (found_is(at, "=") && before_is(at, "=="))) return "write '=='";
  if (found_is(at, "=") && before_is(at, "!=")) return "write '!='";
  return NULL;
}

// Is the token before a number or the end of a string?
static bool is_literal_before(const struct hint_place *at)
{
  if (at->before == at->before_end) return false;
  char c = at->source->text[at->before];
  return (c >= '0' && c <= '9') || c == '"' || c == '\'';
}

static const char *assign_hint(const struct hint_place *at)
{
  if (!found_is(at, "=")) return NULL;
  if (at->wants_block) return "'=' assigns; use '==' to compare";
  if (open_char(at) == '(' && at->wants_close) return "'=' assigns; compare with '==', name an argument as in 'f(name: value)'";
  if (before_is(at, ")") || is_literal_before(at)) return "what stands left of '=' is a name, a field, an element, or a list or map of those";
  u32 start = at->found;
  while (start > 0 && !strchr("\n;{(", at->source->text[start - 1])) start--;
  for (u32 i = start; i + 1 < at->found; i++) {
    if (memcmp(at->source->text + i, "?.", 2) == 0) return "'?.' only reads; assign inside 'if x != nil { }'";
  }
  if (at->wants_line_end) return "an assignment is a statement and has no value";
  return NULL;
}

// `=> {` begins a block, which those who want a map do not expect.
static bool is_arrow_block(const struct hint_place *at)
{
  if (open_char(at) != '{') return false;
  const char *text = at->source->text;
  u32 i = at->open;
  while (i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\n')) i--;
  return i >= 2 && text[i - 2] == '=' && text[i - 1] == '>';
}

static const char *colon_hint(const struct hint_place *at)
{
  if (!found_is(at, ":")) return NULL;
  if (at->source->text[at->found_end] == '=') return "names are given values by '='";
  if (at->wants_block) return "a body is written in braces: 'if c { }'";
  if (at->wants_arrow) return "an arm is written 'pattern => value'";
  if (is_arrow_block(at)) return "after '=>' a '{' begins a block; a map is written '({a: 1})'";
  if (open_char(at) == '{' && at->wants_line_end) return "a '{' here begins a block; a map is written in parentheses: '({a: 1})'";
  if (at->wants_line_end || open_char(at) == '(') return "names take no types";
  return NULL;
}

// f"text", b'text': a letter right before a quote.
static const char *prefix_hint(const struct hint_place *at)
{
  char found = at->source->text[at->found];
  if (!is_adjacent(at) || (found != '"' && found != '\'')) return NULL;
  size_t rest = strcspn(at->source->text + at->found, "\n");
  if (!memchr(at->source->text + at->found + 1, found, rest - 1)) return NULL;  // the end of a string that began above
  if (before_is(at, "f")) return "every \"...\" text takes ${expressions}: leave 'f' out";
  if (before_is(at, "r") || before_is(at, "R")) return "text without escapes is written in '...', without 'r'";
  if (before_is(at, "b")) return "bytes are made of text by \"...\".encode()";
  if (found == '\'' && at->source->text[at->before] == '\'') return "text of several lines is written in \"\"\"";
  return NULL;
}

// What Python writes behind a value: `x if c else y`, `[f(x) for x in xs]`.
static const char *clause_hint(const struct hint_place *at)
{
  if (found_is(at, "if") && (at->wants_line_end || at->wants_close)) return "a choice is written 'if c { a } else { b }'";
  if (found_is(at, "for") && at->wants_close && (open_char(at) == '[' || open_char(at) == '(' || open_char(at) == '{'))
    return "a list is made of another by 'xs.map(x => x * 2)' and 'xs.filter(x => x > 1)'";
  if (found_is(at, ",") && at->wants_line_end && open_char(at) == 0)
    return "several values are a list, '[1, 2]', and several names are given by '[a, b] = [1, 2]'";
  return NULL;
}

#define LOOP_HINT "a loop is written 'for x in xs { }', over numbers 'for i in 0..10 { }'"

static const char *shape_hint(const struct hint_place *at)
{
  char found = at->source->text[at->found];
  bool is_value = found == '"' || found == '\'' || (found >= '0' && found <= '9');
  if (before_is(at, "...") && !at->wants_value && strchr(",]})", found)) return "the rest needs a name: '..._' leaves it out";
  static const char *const starts[] = { "let", "const", "fn", "class", "for", "return", "throw", "import" };
  for (size_t i = 0; i < COUNT_OF(starts); i++) {
    if (found_is(at, starts[i]) && at->wants_line_end && !at->wants_value && is_same_line(at)) return "what stands on one line is parted by ';'";
  }
  if (found_is(at, "fn") && at->wants_value) return "a function as a value is written 'x => x + 1' or '(a, b) => { ... }'";
  if (found_is(at, "self") && open_char(at) == '(' && !at->wants_value) return "methods have 'self' by themselves: leave it out";
  if (before_is(at, ".") && found >= '0' && found <= '9') return "an element is read by 'xs[1]'";
  if (before_is(at, ".") && is_value) return "texts are joined by '+', or in one: \"${a}${b}\"";
  if (found_is(at, "from") && at->wants_line_end) return "names are imported by 'import {a, b} from \"file.lull\"'";
  if (before_is(at, "from") && found == '"') return "names are imported by 'import {a, b} from \"file.lull\"'";
  if (found_is(at, "=>") && at->wants_line_end) return "put a lambda that is part of an expression in parentheses";
  if (found == '(' && before_is(at, "for")) return LOOP_HINT;
  if (found_is(at, "=") && is_behind_word(at, "for")) return LOOP_HINT;
  bool is_body = found == '{' && before_is(at, ")") && is_same_line(at);
  if (is_body && (at->wants_line_end || at->wants_close))
    return "a function is written 'fn name(a, b) { }', one without a name '(a, b) => { }'";
  if (found_is(at, "while") && before_is(at, "}") && at->wants_line_end) {
    return "a loop that tests at its end is written 'while true { ...; if not c { break } }'";
  }
  // After a value '(' would call it, so what stands before is the name of a field.
  if (found == '(' && at->wants_line_end && is_lone_word(at)) return "a method is written 'fn name(a, b) { }'";
  if (found == '(' && is_behind_word(at, "class")) return "a class under another is written 'class Name : Base { }'";
  if (found == '(' && before_is(at, "fn")) return "a function without a name is written '(a, b) => a + b'";
  if (is_in_class(at) && !at->wants_line_end && !at->wants_value && (is_value || found == '[') && !before_is(at, "fn"))
    return "a class holds fields, 'name = value', and methods, 'fn name(a, b) { }'";
  bool is_key = open_char(at) == '{' && !at->wants_line_end && !at->wants_value && (before_is(at, ",") || before_is(at, "{"));
  if (is_key && found >= '0' && found <= '9') return "a key that is no name and no string is written '[1]: value'";
  if (is_value && at->wants_line_end && is_same_line(at) && is_lone_word(at)) {
    return "a call takes parentheses: 'print(\"text\")'";
  }
  if (before_is(at, "print") && at->wants_line_end && is_word_at(at, at->found) && is_same_line(at))
    return "a call takes parentheses: 'print(x)'";
  bool is_operator = memchr("+-*/%<>&^(", found, 10);
  if (at->wants_arrow && open_char(at) == '{' && is_operator) {
    return "a pattern is made of values and names; what is to be computed follows as a condition: 'x if x == a + 1 => ...'";
  }
  if (at->wants_block && found != '{') return "a body is written in braces: '{ }'";
  if (found_is(at, "let") && open_char(at) == '{')
    return "a '{' that begins no body is a map; a block by itself is written 'do { }'";
  return NULL;
}

// `a // remark` divides by `remark`; the error comes behind it.
static const char *comment_hint(const struct hint_place *at)
{
  const char *text = at->source->text;
  u32 start = at->found;
  while (start > 0 && text[start - 1] != '\n') start--;
  for (u32 i = start; i + 1 < at->found_end; i++) {
    if (text[i] == '/' && text[i + 1] == '/') return "comments start with '#'; '//' divides";
  }
  return NULL;
}

// `(a = 1)` reads as the parameters of a lambda, so what is missed comes behind the parenthesis.
static const char *arrow_hint(const struct hint_place *at)
{
  if (!at->wants_arrow || !before_is(at, ")")) return NULL;
  u32 open = at->before;
  while (open > 0 && at->source->text[open] != '(') open--;
  if (!memchr(at->source->text + open, '=', at->before - open)) return NULL;
  return "what stands in the parentheses reads as the parameters of a function; an assignment has no value";
}

bool hints_add(const struct hint_place *at, struct diagnostics *diagnostics)
{
  static const char *(*const kinds[])(const struct hint_place *) = {
    import_hint, operator_hint, member_hint, jump_hint,  catch_hint,  arm_hint,    arrow_hint,  head_hint,  tuple_hint,
    type_hint,   word_hint,     assign_hint, colon_hint, prefix_hint, string_hint, clause_hint, shape_hint, comment_hint,
  };
  // Where the text ends, most say more than is known.
  size_t count = at->found == at->source->len && !at->wants_arrow ? 2 : COUNT_OF(kinds);
  for (size_t i = 0; i < count; i++) {
    const char *hint = kinds[i](at);
    if (!hint) continue;
    diagnostics_note(diagnostics, "%s", hint);
    return true;
  }
  return false;
}
