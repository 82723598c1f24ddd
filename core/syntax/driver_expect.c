#include "syntax/driver_expect.h"

#include <string.h>

#include "base/utf8.h"
#include "syntax/hints.h"

// Things that are named by a word for many tokens; numbered behind these.
enum { STATEMENT = TABLE_TOKENS_MAX, EXPRESSION, PATTERN, NAME, STRING, OPERATOR };

struct items {
  u16 list[TABLE_TOKENS_MAX];
  u32 count;
};

void expect_collect(struct parse *p, struct expectation *e)
{
  memset(e, 0, sizeof *e);
  for (u32 i = 0; i < p->failure_count; i++) {
    for (u16 symbol = 0; symbol < p->table->token_count; symbol++) {
      if (!e->takes[symbol]) e->takes[symbol] = parse_would_take(p, p->failures[i].top, symbol, NULL);
    }
  }
}

bool expect_is_more(const struct parse *p)
{
  const struct failure *f = &p->failures[0];
  if (f->kind != FAILURE_TOKEN || f->token.symbol != RAW_END) return false;
  for (u32 open = f->top; (open = parse_open_bracket(p, open)); open = parse_entry(p, open)->below) {
    if (parse_entry(p, open)->symbol == RAW_TOK_DQUOTE) return false;
  }
  return true;
}

static bool is_operator(u16 symbol)
{
  if (symbol >= RAW_TOK_STAR_STAR && symbol <= RAW_TOK_GT_EQ) return true;
  if (symbol >= RAW_TOK_PLUS_EQ && symbol <= RAW_TOK_QMARK_QMARK_EQ) return true;
  switch (symbol) {
  case RAW_TOK_EQ: case RAW_TOK_EQ_GT: case RAW_TOK_IN: case RAW_TOK_IS: case RAW_TOK_NOT: case RAW_TOK_AND: case RAW_TOK_OR:
  case RAW_TOK_QMARK_QMARK: case RAW_TOK_PIPE_GT: case RAW_TOK_DOT: case RAW_TOK_QMARK_DOT: case RAW_TOK_DOT_DOT:
  case RAW_TOK_DOT_DOT_EQ: case RAW_TOK_DASH: case RAW_TOK_LPAREN: case RAW_TOK_LBRACK:
    return true;
  default:
    return false;
  }
}

// What an expression or a pattern may begin with, and where jumps and statements fit, those too.
static bool is_beginning(u16 symbol)
{
  if (symbol >= RAW_TOK_RETURN && symbol <= RAW_TOK_SUPER) return true;
  if (symbol >= RAW_TOK_DQUOTE && symbol <= RAW_INVALID_NUMBER) return true;
  switch (symbol) {
  case RAW_IDENTIFIER: case RAW_TOK_LBRACE: case RAW_TOK_LBRACE2: case RAW_TOK_LPAREN: case RAW_TOK_LBRACK: case RAW_TOK_DASH:
  case RAW_TOK_TILDE: case RAW_TOK_IS: case RAW_TOK_DOT_DOT_DOT:
    return true;
  default:
    return false;
  }
}

static bool is_statement_word(u16 symbol)
{
  return symbol == RAW_TOK_LET || symbol == RAW_TOK_CONST || symbol == RAW_TOK_FN || symbol == RAW_TOK_CLASS ||
         symbol == RAW_TOK_WHILE || symbol == RAW_TOK_FOR || symbol == RAW_TOK_DEFER || symbol == RAW_TOK_IMPORT;
}

static bool is_close(u16 symbol)
{
  return symbol == RAW_TOK_RPAREN || symbol == RAW_TOK_RBRACK || symbol == RAW_TOK_RBRACE || symbol == RAW_BLOCK_END ||
         symbol == RAW_LINE_END;
}

static u16 topic(const struct expectation *e)
{
  if (e->takes[RAW_TOK_LET]) return STATEMENT;
  if (e->takes[RAW_TOK_AWAIT]) return EXPRESSION;
  if (e->takes[RAW_INTEGER]) return PATTERN;
  if (e->takes[RAW_IDENTIFIER]) return NAME;
  if (e->takes[RAW_TOK_DQUOTE]) return STRING;
  return 0;
}

static bool is_covered(const struct expectation *e, u16 topic, u16 symbol)
{
  switch (symbol) {
  case RAW_COMMENT: case RAW_ERROR_SENTINEL: case RAW_LINE_CONTENT: case RAW_BLOCK_CONTENT: case RAW_ESCAPE_SEQUENCE:
  case RAW_INTERPOLATION_START: case RAW_END:
    return true;
  default: break;
  }
  if (topic && is_beginning(symbol)) return true;
  if (topic == STATEMENT && (is_statement_word(symbol) || symbol == RAW_TOK_SEMI)) return true;
  if (symbol == RAW_TOK_SEMI) return topic != 0 && !e->takes[RAW_NEWLINE];
  if (e->takes[RAW_TOK_STAR]) return is_operator(symbol) || (symbol == RAW_TOK_COLON && e->takes[RAW_TOK_COMMA]);
  if (e->takes[RAW_TOK_PIPE]) return symbol == RAW_TOK_IF || (is_operator(symbol) && symbol != RAW_TOK_EQ_GT);  // a match arm
  return symbol == RAW_TOK_EQ && e->takes[RAW_TOK_COMMA];
}

// Closing brackets come last: they are the longest.
static struct items choose(const struct expectation *e)
{
  struct items items = { .count = 0 };
  u16 about = topic(e);
  if (about) items.list[items.count++] = about;
  if (e->takes[RAW_NEWLINE]) items.list[items.count++] = RAW_NEWLINE;
  for (int closing = 0; closing < 2; closing++) {
    for (u16 symbol = 1; symbol < TABLE_TOKENS_MAX; symbol++) {
      if (!e->takes[symbol] || is_close(symbol) != (closing == 1) || is_covered(e, about, symbol)) continue;
      if (symbol == RAW_NEWLINE) continue;
      items.list[items.count++] = symbol;
    }
  }
  if (items.count == 0) items.list[items.count++] = OPERATOR;
  return items;
}

static const char *topic_name(u16 item)
{
  switch (item) {
  case STATEMENT: return "a statement";
  case EXPRESSION: return "an expression";
  case PATTERN: return "a pattern";
  case NAME: return "a name";
  case STRING: return "a string";
  case OPERATOR: return "an operator";
  case RAW_NEWLINE: return "a new line";
  default: return NULL;
  }
}

static void put_item(const struct parse *p, const struct source *s, u16 item, u32 open, struct buf *out)
{
  const char *name = topic_name(item);
  if (name) buf_puts(out, name);
  else buf_printf(out, "'%s'", p->table->symbol_names[item]);
  if (!is_close(item) || open == 0) return;
  const struct entry *bracket = parse_entry(p, open);
  struct place at = source_place(s, bracket->start);
  buf_printf(out, " to close '%.*s' at %u:%u", (int)(bracket->end - bracket->start), s->text + bracket->start,
             (unsigned)at.line, (unsigned)at.column);
}

static bool put_items(const struct parse *p, const struct source *s, const struct items *items, u32 open, struct buf *out)
{
  bool has_close = false;
  buf_puts(out, "expected ");
  for (u32 i = 0; i < items->count; i++) {
    if (i > 0) buf_puts(out, i + 1 == items->count ? " or " : ", ");
    put_item(p, s, items->list[i], open, out);
    has_close = has_close || (is_close(items->list[i]) && open != 0);
  }
  return has_close;
}

// At most so many bytes of a token are quoted.
enum { QUOTE_MAX = 24 };

static void put_quoted(const struct source *s, u32 start, u32 end, struct buf *out)
{
  u32 stop = end - start > QUOTE_MAX ? start + QUOTE_MAX : end;
  for (u32 i = start; i < stop; i++) {
    if (s->text[i] == '\n' || s->text[i] == '\r') stop = i;
  }
  while (stop < end && stop > start && utf8_is_continuation(s->text[stop])) stop--;
  buf_printf(out, "'%.*s%s'", (int)(stop - start), s->text + start, stop < end ? "..." : "");
}

static void put_found(const struct source *s, const struct token *token, struct buf *out)
{
  u32 c = 0;
  if (token->symbol == RAW_END) {
    buf_puts(out, ", found the end");
    return;
  }
  utf8_decode(s->text + token->start, s->text + token->end, &c);
  if (c == 0xA0 || (c >= 0x2000 && c <= 0x200F) || c == 0x3000 || c == 0xFEFF) {
    buf_printf(out, ", found an invisible character (U+%04X)", (unsigned)c);
    return;
  }
  buf_puts(out, ", found ");
  put_quoted(s, token->start, token->end, out);
}

// The token before: the last one of the stack. Equal for none, and where a line's end is the last.
static void last_token(const struct parse *p, const struct failure *f, u32 *start, u32 *end)
{
  *start = parse_entry(p, f->top)->last;
  *end = parse_entry(p, f->top)->end;
}

static void add_error(const struct token_checker *c, u32 start, u32 end, const struct buf *text)
{
  if (text->failed) c->diagnostics->failed = true;
  diagnostics_error(c->diagnostics, start, end, "%s", buf_text(text));
}

static bool add_hints(const struct parse *p, const struct token_checker *c, const struct failure *f,
                      const struct expectation *e, u32 open)
{
  struct hint_place at = { .source = c->source, .found = f->token.start, .found_end = f->token.end,
                           .open = open ? parse_entry(p, open)->start : UINT32_MAX,
                           .wants_block = e->takes[RAW_TOK_LBRACE] && topic(e) == 0,
                           .wants_line_end = e->takes[RAW_NEWLINE], .wants_value = e->takes[RAW_TOK_AWAIT] };
  at.wants_arrow = e->takes[RAW_TOK_EQ_GT] && !at.wants_block && !at.wants_line_end;
  for (u16 symbol = 0; symbol < TABLE_TOKENS_MAX; symbol++) at.wants_close |= e->takes[symbol] && is_close(symbol);
  last_token(p, f, &at.before, &at.before_end);
  return hints_add(&at, c->diagnostics);
}

static void report_token(struct parse *p, const struct token_checker *c, const struct failure *f)
{
  struct expectation e;
  expect_collect(p, &e);
  struct items items = choose(&e);
  u32 open = parse_open_bracket(p, f->top), before, before_end;
  struct buf text;
  buf_init(&text, p->alloc);
  bool has_close = put_items(p, c->source, &items, open, &text);
  last_token(p, f, &before, &before_end);
  if (!has_close && before < before_end && c->source->text[before] != '"') {
    buf_puts(&text, " after ");
    put_quoted(c->source, before, before_end, &text);
  }
  put_found(c->source, &f->token, &text);
  // What is missing at the end is shown behind the last token, not on an empty line below.
  bool is_end = f->token.symbol == RAW_END;
  add_error(c, is_end ? before_end : f->token.start, is_end ? before_end : f->token.end, &text);
  buf_fini(&text);
  // A word that begins a line begins a statement: what is wrong is above.
  bool has_hint = add_hints(p, c, f, &e, open);
  bool is_same_line = !memchr(c->source->text + before_end, '\n', f->token.start - before_end);
  if (f->kind == FAILURE_RESERVED && !has_hint && is_same_line) {
    diagnostics_note(c->diagnostics, "'%.*s' is a reserved word", (int)(f->token.end - f->token.start),
                     c->source->text + f->token.start);
  }
  if (e.takes[RAW_TOK_RBRACE] && c->odd_brace != UINT32_MAX) {
    struct place at = source_place(c->source, c->odd_brace);
    diagnostics_note_at(c->diagnostics, c->odd_brace, c->odd_brace + 1, "perhaps the '{' at %u:%u was not closed",
                        (unsigned)at.line, (unsigned)at.column);
  }
}

static void report_string(const struct parse *p, const struct token_checker *c, const struct failure *f, u32 quote)
{
  struct place at = source_place(c->source, quote);
  bool at_escape = f->token.start < c->source->len && c->source->text[f->token.start] == '\\';
  u32 where = f->token.start + at_escape;
  diagnostics_error(c->diagnostics, where, where, "string not closed: expected '\"' before the end of the line");
  diagnostics_note(c->diagnostics, "the string starts at %u:%u; use \"\"\"...\"\"\" for text of several lines",
                   (unsigned)at.line, (unsigned)at.column);
}

static void report_raw_string(const struct token_checker *c, const struct failure *f)
{
  diagnostics_error(c->diagnostics, f->token.start, f->token.start + 1,
                    "string not closed: expected ''' before the end of the line");
}

// Text of several lines that nothing ends, told where it begins: the end of the source says nothing.
static void report_text(const struct parse *p, const struct token_checker *c, u32 open)
{
  const struct entry *quotes = parse_entry(p, open);
  diagnostics_error(c->diagnostics, quotes->start, quotes->end,
                    "string not closed: expected '\"\"\"' before the end of the text");
}

static bool is_stray(const struct parse *p, const struct failure *f)
{
  u16 symbol = f->token.symbol;
  bool is_closing = symbol == RAW_TOK_RPAREN || symbol == RAW_TOK_RBRACK || symbol == RAW_TOK_RBRACE;
  return is_closing && parse_open_bracket(p, f->top) == 0;
}

static void report_stray(const struct token_checker *c, const struct failure *f)
{
  char close = c->source->text[f->token.start], open = close == ')' ? '(' : close == ']' ? '[' : '{';
  diagnostics_error(c->diagnostics, f->token.start, f->token.end, "'%c' has no '%c' before it to close", close, open);
}

// The innermost `"` that is still open where the line or the text ends, 0 for none.
static u32 open_line_string(const struct parse *p, const struct failure *f)
{
  for (u32 open = f->top; (open = parse_open_bracket(p, open)); open = parse_entry(p, open)->below) {
    if (parse_entry(p, open)->symbol == RAW_TOK_DQUOTE) return open;
  }
  return 0;
}

void expect_report(struct parse *p, const struct token_checker *c)
{
  const struct failure *f = &p->failures[0];
  for (u32 i = 1; i < p->failure_count && f->kind == FAILURE_TOKEN; i++) {
    if (p->failures[i].kind != FAILURE_TOKEN) f = &p->failures[i];
  }
  const struct source *s = c->source;
  // Going on at the token that did not fit, it fits no better.
  if (c->diagnostics->list.len && vec_last(&c->diagnostics->list).start == f->token.start) return;
  if (f->kind == FAILURE_DEPTH) {
    diagnostics_error(c->diagnostics, f->token.start, f->token.end, "nested too deeply");
    return;
  }
  bool in_string = table_cell(p->table, parse_entry(p, f->top)->state, RAW_LINE_END) != 0;
  u32 quote = in_string || f->token.symbol == RAW_END ? open_line_string(p, f) : 0;
  bool is_raw = f->token.symbol == RAW_ERROR_SENTINEL && f->token.start < s->len && s->text[f->token.start] == '\'';
  u32 open = f->token.symbol == RAW_END ? parse_open_bracket(p, f->top) : 0;
  if (open && parse_entry(p, open)->symbol == RAW_TOK_DQUOTE_DQUOTE_DQUOTE) report_text(p, c, open);
  else if (quote) report_string(p, c, f, parse_entry(p, quote)->start);
  else if (is_raw) report_raw_string(c, f);
  else if (is_stray(p, f)) report_stray(c, f);
  else report_token(p, c, f);
}
