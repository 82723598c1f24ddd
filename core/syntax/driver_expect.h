// What could have stood where a parse ended, in words.
#ifndef LULL_SYNTAX_DRIVER_EXPECT_H
#define LULL_SYNTAX_DRIVER_EXPECT_H

#include "syntax/driver_check.h"

struct expectation {
  bool takes[TABLE_TOKENS_MAX];  // by RAW_*
};

// Exact: a terminal is in it when one of the failed stacks would take it.
void expect_collect(struct parse *p, struct expectation *e);
// Adds the error for the failures of a parse, with its notes.
void expect_report(struct parse *p, const struct token_checker *checker);
// Is the text only unfinished? Not inside a `"` string: it must end on its line.
bool expect_is_more(const struct parse *p);

#endif
