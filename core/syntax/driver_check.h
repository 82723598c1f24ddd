// What the driver checks beside the grammar: the bytes of a text before it is parsed, and each token as it is taken.
#ifndef LULL_SYNTAX_DRIVER_CHECK_H
#define LULL_SYNTAX_DRIVER_CHECK_H

#include "syntax/diagnostic.h"
#include "syntax/driver_parse.h"

// More comments than this in a row would overflow a counter in the tree-sitter library's version 0.20.7.
#define COMMENT_RUN_MAX 60000

struct token_checker {
  const struct source *source;
  struct diagnostics *diagnostics;
  u32 comment_run;
  u32 odd_brace;  // the first '{' whose '}' is indented differently; UINT32_MAX for none
};

// Size, UTF-8, control characters. False where an error was added.
bool check_text(const struct source *source, struct diagnostics *diagnostics);
// An on_token of struct parse; [user] is a struct token_checker.
void check_token(const struct parse *p, const struct token *token, u32 top, void *user);

#endif
