#include "syntax/driver_check.h"

#include <string.h>

#include "base/utf8.h"

// Up to the first byte that may not be in a source.
static u32 plain_prefix(const struct source *s)
{
  u32 i = 0;
  while (i < s->len && ((u8)s->text[i] >= 0x20 || s->text[i] == '\n' || s->text[i] == '\t' || s->text[i] == '\r')) i++;
  return i;
}

bool check_text(const struct source *s, struct diagnostics *d)
{
  if (s->len > SOURCE_MAX) {
    diagnostics_error(d, 0, 0, "the source is larger than %u MiB", SOURCE_MAX >> 20);
    return false;
  }
  u32 valid = (u32)utf8_valid_prefix(s->text, s->len), plain = plain_prefix(s);
  if (plain < valid) {
    diagnostics_error(d, plain, plain + 1, "a control character (U+%04X) in the source", (unsigned)(u8)s->text[plain]);
    return false;
  }
  if (valid < s->len) {
    diagnostics_error(d, valid, valid, "invalid UTF-8: byte 0x%02X", (unsigned)(u8)s->text[valid]);
    return false;
  }
  return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

static const char *base_name(char c)
{
  switch (c | 0x20) {
  case 'x': return "a hexadecimal";
  case 'b': return "a binary";
  case 'o': return "an octal";
  default: return NULL;
  }
}

// Why a token that begins with a digit is no number.
static void explain_number(struct diagnostics *d, const char *text, u32 len)
{
  u32 digits = 0;
  while (digits < len && (is_digit(text[digits]) || text[digits] == '_' || text[digits] == '.')) digits++;
  const char *base = len > 1 && text[0] == '0' ? base_name(text[1]) : NULL;
  if (base) {
    diagnostics_note(d, "%s number goes on with its digits only", base);
  } else if (text[0] == '0' && len > 1 && is_digit(text[1])) {
    diagnostics_note(d, "a number does not begin with 0; octal numbers are written 0o17");
  } else if (digits == len && memchr(text, '_', len)) {
    diagnostics_note(d, "'_' stands between two digits");
  } else if (digits == len) {
    diagnostics_note(d, "a number has one point");
  } else {
    diagnostics_note(d, "the units of time are ns us ms s m h d; a name does not begin with a digit");
  }
}

static void check_number(struct token_checker *c, const struct token *token)
{
  const char *text = c->source->text + token->start;
  u32 len = token->end - token->start;
  diagnostics_error(c->diagnostics, token->start, token->end, "'%.*s' is not a number", len > 40 ? 40 : (int)len, text);
  explain_number(c->diagnostics, text, len);
}

static u32 hex_value(const char *text, u32 len)
{
  u32 value = 0;
  for (u32 i = 0; i < len; i++) value = value << 4 | (u32)(is_digit(text[i]) ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
  return value;
}

// [text] is what follows `\u`.
static bool is_unicode_escape(const char *text, u32 len)
{
  u32 digits = 0;
  if (len == 0) return false;
  if (text[0] != '{') {
    while (digits < 4 && digits < len && is_hex_digit(text[digits])) digits++;
    return digits == 4;
  }
  while (digits + 1 < len && is_hex_digit(text[digits + 1])) digits++;
  if (digits == 0 || digits > 6 || digits + 2 != len || text[len - 1] != '}') return false;
  u32 value = hex_value(text + 1, digits);
  return value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF);
}

static void check_escape(struct token_checker *c, const struct token *token)
{
  const char *text = c->source->text + token->start;
  u32 len = token->end - token->start;
  bool is_unicode = text[1] == 'u';
  if (is_unicode ? is_unicode_escape(text + 2, len - 2) : strchr("\"\\/bfnrt$", text[1]) != NULL) return;
  diagnostics_error(c->diagnostics, token->start, token->end, "unknown escape '%.*s'", (int)len, text);
  if (is_unicode) diagnostics_note(c->diagnostics, "write four hexadecimal digits, or up to six in braces: \\u00e9, \\u{1F600}");
  else diagnostics_note(c->diagnostics, "the escapes are \\n \\t \\r \\b \\f \\\" \\\\ \\/ \\$ and \\u{...}; a backslash is written '\\\\'");
}

// Line breaks can come into a `"` string only inside of `${ }`.
static void check_one_line(struct token_checker *c, const struct parse *p, const struct token *token, u32 top)
{
  u32 start = parse_entry(p, parse_open_bracket(p, top))->start;
  const char *text = c->source->text;
  if (!memchr(text + start, '\n', token->end - start)) return;
  diagnostics_error(c->diagnostics, start, start + 1, "a string in '\"' ends on its line");
  diagnostics_note(c->diagnostics, "use \"\"\"...\"\"\" for text of several lines");
}

static u32 indent_of(const char *text, u32 offset, u32 *first)
{
  u32 start = offset;
  while (start > 0 && text[start - 1] != '\n') start--;
  *first = start;
  while (text[*first] == ' ' || text[*first] == '\t') (*first)++;
  return *first - start;
}

// The pair that does not line up is the best guess at where a `}` is missing.
static void watch_braces(struct token_checker *c, const struct parse *p, const struct token *token, u32 top)
{
  u32 open = parse_open_bracket(p, top);
  if (c->odd_brace != UINT32_MAX || open == 0 || parse_entry(p, open)->symbol == RAW_INTERPOLATION_START) return;
  u32 first, brace = parse_entry(p, open)->start;
  u32 inner = indent_of(c->source->text, token->start, &first);
  if (first != token->start) return;
  if (indent_of(c->source->text, brace, &first) != inner) c->odd_brace = brace;
}

void check_token(const struct parse *p, const struct token *token, u32 top, void *user)
{
  struct token_checker *c = user;
  c->comment_run = token->symbol == RAW_COMMENT ? c->comment_run + 1 : 0;
  switch (token->symbol) {
  case RAW_COMMENT:
    if (c->comment_run != COMMENT_RUN_MAX) return;
    diagnostics_error(c->diagnostics, token->start, token->start, "more than %d comments in a row", COMMENT_RUN_MAX);
    return;
  case RAW_INVALID_NUMBER: check_number(c, token); return;
  case RAW_ESCAPE_SEQUENCE: check_escape(c, token); return;
  case RAW_LINE_END: check_one_line(c, p, token, top); return;
  case RAW_TOK_RBRACE: watch_braces(c, p, token, top); return;
  default: return;
  }
}
