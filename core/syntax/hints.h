// Remarks for those who come from other languages: what to write instead.
#ifndef LULL_SYNTAX_HINTS_H
#define LULL_SYNTAX_HINTS_H

#include "syntax/diagnostic.h"

// A token that did not fit, and what was around it.
struct hint_place {
  const struct source *source;
  u32 found, found_end;    // its bytes; equal at the end of the text
  u32 before, before_end;  // the token before it; equal for none
  u32 open;                // the innermost open bracket or quote; UINT32_MAX for none
  bool wants_block;        // what was expected: the '{' of a block,
  bool wants_line_end;     // a new line,
  bool wants_value;        // an expression,
  bool wants_close;        // the closing bracket,
  bool wants_arrow;        // or '=>' and nothing else
};

// Adds a note to the last diagnostic, if it has something to say; false otherwise.
bool hints_add(const struct hint_place *at, struct diagnostics *diagnostics);

#endif
