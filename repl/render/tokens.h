// The text of a value, as collections show it, in tokens. Made for showing: it takes any text and never fails.
#ifndef LULL_RENDER_TOKENS_H
#define LULL_RENDER_TOKENS_H

#include "base/types.h"

enum token_kind {
  TOKEN_END,
  TOKEN_BLANK,   // blanks and newlines
  TOKEN_STRING,  // with its quotes; may be cut short by the end
  TOKEN_NUMBER,
  TOKEN_CONSTANT,  // nil true false nan inf
  TOKEN_NAME,      // any other word
  TOKEN_HANDLE,    // <timer #7: ...>
  TOKEN_OPEN,      // ( [ {
  TOKEN_CLOSE,
  TOKEN_COMMA,
  TOKEN_COLON,
  TOKEN_OTHER,  // one character
};

struct token {
  enum token_kind kind;
  const char *text;
  size_t len;
};

// The token at [at] (before or at [end]).
struct token token_read(const char *at, const char *end);

#endif
