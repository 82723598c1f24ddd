// What no regular expression can decide: where a line ends a statement, and the inside of strings.
// The scanner keeps no state: the parser's own stack says whether a terminator or a string is open, by the set of valid tokens.
#include "tree_sitter/parser.h"

#include <stddef.h>

// ORDER: externals of grammar.js.
enum token { NEWLINE, LINE_CONTENT, LINE_END, BLOCK_CONTENT, BLOCK_END, ESCAPE, INTERPOLATION, ERROR_SENTINEL };

// Bounds the look-ahead over comments that might stand before a continuation line: without it n such lines cost n * n.
enum { MAX_COMMENT_LINES = 64, MAX_WORD = 8 };

static bool is_word_char(int32_t c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static bool is_hex(int32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

// A line that begins with one of these words goes on with the statement above it.
static bool starts_with_joining_word(TSLexer *lexer) {
  char word[MAX_WORD + 1];
  int length = 0;
  while (length < MAX_WORD && is_word_char(lexer->lookahead)) {
    word[length++] = lexer->lookahead < 0x80 ? (char)lexer->lookahead : '?';
    lexer->advance(lexer, false);
  }
  if (is_word_char(lexer->lookahead)) return false;
  word[length] = 0;
  return same(word, "else") || same(word, "catch") || same(word, "finally") || same(word, "and") || same(word, "or");
}

static bool joins_line_above(TSLexer *lexer) {
  switch (lexer->lookahead) {
    case '.': case '}': case ')': case ']': case ',': case ';':
      return true;
    case '?':
      lexer->advance(lexer, false);
      return lexer->lookahead == '.' || lexer->lookahead == '?';
    case '|':
      lexer->advance(lexer, false);
      return lexer->lookahead == '>';
    case 'a': case 'c': case 'e': case 'f': case 'o':
      return starts_with_joining_word(lexer);
    default:
      return lexer->eof(lexer);
  }
}

// The token is empty and stands before the line break; the break itself is white space like any other.
static bool scan_newline(TSLexer *lexer) {
  lexer->mark_end(lexer);
  lexer->result_symbol = NEWLINE;
  bool broken = false;
  for (int comments = 0; comments < MAX_COMMENT_LINES;) {
    switch (lexer->lookahead) {
      case '\n':
        broken = true;
        // fall through
      case ' ': case '\t': case '\r':
        lexer->advance(lexer, true);
        continue;
      case '#':
        while (lexer->lookahead != '\n' && !lexer->eof(lexer)) lexer->advance(lexer, true);
        comments++;
        continue;
      default:
        return broken && !joins_line_above(lexer);
    }
  }
  return broken;
}

static int scan_hex(TSLexer *lexer, int most) {
  int count = 0;
  for (; count < most && is_hex(lexer->lookahead); count++) lexer->advance(lexer, false);
  return count;
}

// Takes `\uDC00`..`\uDFFF` into the token if it is there.
static void scan_low_surrogate(TSLexer *lexer) {
  if (lexer->lookahead != '\\') return;
  lexer->advance(lexer, false);
  if (lexer->lookahead != 'u') return;
  lexer->advance(lexer, false);
  if (lexer->lookahead != 'd' && lexer->lookahead != 'D') return;
  lexer->advance(lexer, false);
  int32_t c = lexer->lookahead;
  bool low = (c >= 'c' && c <= 'f') || (c >= 'C' && c <= 'F');
  if (low && scan_hex(lexer, 3) == 3) lexer->mark_end(lexer);
}

// `\u` with four digits (a high surrogate takes the low one that follows into the same token) or with digits in braces.
// A malformed one is still a token: the driver says what is wrong with it.
static void scan_unicode_escape(TSLexer *lexer) {
  lexer->advance(lexer, false);
  if (lexer->lookahead == '{') {
    lexer->advance(lexer, false);
    scan_hex(lexer, 8);
    if (lexer->lookahead == '}') lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    return;
  }
  bool high = lexer->lookahead == 'd' || lexer->lookahead == 'D';
  int digits = scan_hex(lexer, 1);
  int32_t second = lexer->lookahead;
  high = high && (second == '8' || second == '9' || second == 'a' || second == 'b' || second == 'A' || second == 'B');
  digits += scan_hex(lexer, 3);
  lexer->mark_end(lexer);
  if (high && digits == 4) scan_low_surrogate(lexer);
}

static bool scan_escape(TSLexer *lexer, bool one_line) {
  lexer->result_symbol = ESCAPE;
  lexer->advance(lexer, false);
  if (lexer->eof(lexer) || (one_line && (lexer->lookahead == '\n' || lexer->lookahead == '\r'))) return false;
  if (lexer->lookahead == 'u') {
    scan_unicode_escape(lexer);
  } else {
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
  }
  return true;
}

static bool scan_as(TSLexer *lexer, enum token token) {
  lexer->mark_end(lexer);
  lexer->result_symbol = (TSSymbol)token;
  return true;
}

static bool scan_line_string(TSLexer *lexer) {
  lexer->result_symbol = LINE_CONTENT;
  for (bool any = false;; any = true) {
    lexer->mark_end(lexer);
    switch (lexer->lookahead) {
      case '\n': case '\r':
        return any;
      case '\\':
        return any || scan_escape(lexer, true);
      case '"':
        if (any) return true;
        lexer->advance(lexer, false);
        return scan_as(lexer, LINE_END);
      case '$':
        lexer->advance(lexer, false);
        if (lexer->lookahead != '{') continue;
        if (any) return true;
        lexer->advance(lexer, false);
        return scan_as(lexer, INTERPOLATION);
      default:
        if (lexer->eof(lexer)) return any;
        lexer->advance(lexer, false);
    }
  }
}

static bool scan_block_string(TSLexer *lexer) {
  lexer->result_symbol = BLOCK_CONTENT;
  for (bool any = false;; any = true) {
    lexer->mark_end(lexer);
    switch (lexer->lookahead) {
      case '\\':
        return any || scan_escape(lexer, false);
      case '"':
        for (int quotes = 0; lexer->lookahead == '"';) {
          lexer->advance(lexer, false);
          if (++quotes == 3) return any || scan_as(lexer, BLOCK_END);
        }
        continue;
      case '$':
        lexer->advance(lexer, false);
        if (lexer->lookahead != '{') continue;
        if (any) return true;
        lexer->advance(lexer, false);
        return scan_as(lexer, INTERPOLATION);
      default:
        if (lexer->eof(lexer)) return any;
        lexer->advance(lexer, false);
    }
  }
}

void *tree_sitter_lull_external_scanner_create(void) { return NULL; }
void tree_sitter_lull_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_lull_external_scanner_serialize(void *payload, char *buffer) { return (void)payload, (void)buffer, 0; }
void tree_sitter_lull_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload, (void)buffer, (void)length;
}

bool tree_sitter_lull_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  bool recovering = valid[ERROR_SENTINEL];
  if (valid[LINE_END] && !recovering) return scan_line_string(lexer);
  if (valid[BLOCK_END] && !recovering) return scan_block_string(lexer);
  return valid[NEWLINE] && scan_newline(lexer);
}
