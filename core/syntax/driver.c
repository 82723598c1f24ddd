#include "syntax/driver.h"

#include <string.h>

#include "syntax/driver_expect.h"

// After so many errors the rest of a file is not looked at.
#define ERRORS_MAX 20

static bool is_statement_start(char c)
{
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (u8)c >= 0x80 || (c >= '0' && c <= '9') ||
         c == '"' || c == '\'';
}

// After an error at [offset] the parse takes up again at a line that begins a statement in column 1: nearly always right,
// and so one mistake gives one message.
static u32 next_statement(const struct source *s, u32 offset, u32 started)
{
  u32 at = offset;
  bool is_here = at > started && at < s->len && s->text[at - 1] == '\n';
  while (!is_here) {
    const char *newline = at < s->len ? memchr(s->text + at, '\n', s->len - at) : NULL;
    if (!newline) return s->len;
    at = (u32)(newline + 1 - s->text);
    is_here = at < s->len && is_statement_start(s->text[at]);
  }
  return at;
}

enum syntax_status syntax_check(const struct source *source, struct diagnostics *diagnostics)
{
  u32 errors = diagnostics->errors;
  if (!check_text(source, diagnostics)) return SYNTAX_ERROR;
  struct token_checker checker = { .source = source, .diagnostics = diagnostics, .odd_brace = UINT32_MAX };
  struct parse p;
  parse_init(&p, source->alloc, source->text, source->len);
  p.on_token = check_token;
  p.user = &checker;
  enum syntax_status status = SYNTAX_COMPLETE;
  for (u32 start = 0;;) {
    parse_run(&p, start);
    if (p.is_accepted || p.has_no_memory) break;
    bool is_more = diagnostics->errors == errors && expect_is_more(&p);
    status = is_more ? SYNTAX_MORE : SYNTAX_ERROR;
    expect_report(&p, &checker);
    checker.odd_brace = UINT32_MAX;
    start = next_statement(source, p.failures[0].token.start, start);
    if (start >= source->len || diagnostics->errors - errors >= ERRORS_MAX) break;
  }
  if (p.has_no_memory) diagnostics->failed = true;
  parse_fini(&p);
  if (diagnostics->failed || (status == SYNTAX_COMPLETE && diagnostics->errors != errors)) return SYNTAX_ERROR;
  return status;
}

// The names that fit, by the rules that could begin where an identifier is taken.
static u32 name_kinds(const struct parse *p, u16 state)
{
  u32 kinds = 0;
  if (table_cell(p->table, state, RAW_OPERAND) || table_cell(p->table, state, RAW_ENTRY)) kinds |= EXPECT_VALUE;
  if (table_cell(p->table, state, RAW_PROPERTY_NAME)) kinds |= EXPECT_PROPERTY;
  if (table_cell(p->table, state, RAW_TYPE_MEMBER)) kinds |= EXPECT_TYPE;
  return kinds ? kinds : EXPECT_BINDING;
}

static bool is_word(const char *name)
{
  return name[0] >= 'a' && name[0] <= 'z';
}

static void add_words(struct parse *p, const struct expectation *e, struct syntax_expected *out)
{
  for (u16 symbol = RAW_IDENTIFIER + 1; symbol < RAW_COMMENT; symbol++) {
    const char *name = p->table->symbol_names[symbol];
    if (symbol == RAW_BREAK_EXPRESSION) name = "break";
    if (symbol == RAW_CONTINUE_EXPRESSION) name = "continue";
    if (!e->takes[symbol] || !is_word(name) || (symbol >= RAW_RAW_STRING && symbol <= RAW_INVALID_NUMBER)) continue;
    if (out->word_count < sizeof out->words / sizeof out->words[0]) out->words[out->word_count++] = name;
  }
}

// Brackets open on a stack, and the string that is open innermost, if the end is in it.
static void describe_open(const struct parse *p, u32 top, struct syntax_expected *out)
{
  u32 first = parse_open_bracket(p, top);
  u16 state = parse_entry(p, top)->state;
  if (table_cell(p->table, state, RAW_LINE_END) || table_cell(p->table, state, RAW_BLOCK_END)) {
    out->kinds = EXPECT_STRING;
    out->string = parse_entry(p, first)->start;
  }
  for (u32 open = first; open; open = parse_open_bracket(p, parse_entry(p, open)->below)) out->depth++;
}

static void describe_names(struct parse *p, struct syntax_expected *out)
{
  struct expectation e;
  expect_collect(p, &e);
  for (u32 i = 0; i < p->failure_count; i++) {
    u16 state;
    if (parse_would_take(p, p->failures[i].top, RAW_IDENTIFIER, &state)) out->kinds |= name_kinds(p, state);
  }
  if (e.takes[RAW_TOK_LET]) out->kinds |= EXPECT_STATEMENT;
  add_words(p, &e, out);
}

static void note_comment(const struct parse *p, const struct token *token, u32 top, void *user)
{
  u32 *comment_end = user;
  if (token->symbol == RAW_COMMENT) *comment_end = token->end;
}

bool syntax_expected(struct alloc *alloc, const char *text, u32 len, struct syntax_expected *out)
{
  *out = (struct syntax_expected){ 0 };
  struct parse p;
  u32 comment_end = UINT32_MAX;
  parse_init(&p, alloc, text, len);
  p.on_token = note_comment;
  p.user = &comment_end;
  p.keeps_end = true;
  parse_run(&p, 0);
  bool is_end = !p.has_no_memory && p.failure_count > 0 && p.failures[0].kind == FAILURE_TOKEN;
  const struct token *token = &p.failures[0].token;
  bool in_raw = is_end && token->symbol == RAW_ERROR_SENTINEL && text[token->start] == '\'' &&
                !memchr(text + token->start, '\n', len - token->start);
  if (in_raw) {
    out->kinds = EXPECT_STRING;
    out->string = token->start;
  } else if (is_end && token->symbol == RAW_END) {
    describe_open(&p, p.failures[0].top, out);
    if (comment_end == len) out->kinds = EXPECT_COMMENT;
    if (!out->kinds) describe_names(&p, out);
  } else {
    is_end = false;
  }
  parse_fini(&p);
  return is_end;
}
