// Tokens, as the generated lexers and the scanner make them for a state of the parser.
#ifndef LULL_SYNTAX_DRIVER_LEX_H
#define LULL_SYNTAX_DRIVER_LEX_H

#include "syntax/driver_table.h"

struct token {
  u16 symbol;        // RAW_*
  bool is_error;     // nothing that fits here; symbol is what stands there anyway, or RAW_ERROR_SENTINEL for no token at all
  bool is_reserved;  // a RAW_IDENTIFIER that is a word of the language: right only as a property's name
  u32 start, end;
};

struct lexer {
  TSLexer api;  // first: the generated code gives it back to the callbacks
  const char *text;
  u32 len;
  u32 at, next;  // the character looked at, and the one behind it
  u32 start, end;
  bool is_marked;
};

void lexer_init(struct lexer *l, const char *text, u32 len);
struct token lexer_token(struct lexer *l, u32 from, u16 state);

#endif
