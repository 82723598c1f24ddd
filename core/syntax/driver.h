// Is a text a program, the beginning of one, or wrong - and where, and what was expected there. An exact LR parse over the generated tables,
// beside tree-sitter: that one mends what it reads and forgets where, so it only ever sees text that was found complete here.
#ifndef LULL_SYNTAX_DRIVER_H
#define LULL_SYNTAX_DRIVER_H

#include "syntax/diagnostic.h"
#include "syntax/source.h"

enum syntax_status {
  SYNTAX_COMPLETE,
  SYNTAX_MORE,   // right so far; the diagnostic says what is missing, which is an error for a file and a wait for a prompt
  SYNTAX_ERROR,  // also where memory ended: diagnostics->failed
};

// Adds what is wrong to [diagnostics]: up to twenty errors, each at a statement of its own.
enum syntax_status syntax_check(const struct source *source, struct diagnostics *diagnostics);

// What may stand at the end of a text.
enum {
  EXPECT_VALUE = 1,      // a name that has a value
  EXPECT_PROPERTY = 2,   // behind a dot, a key, an argument's name
  EXPECT_BINDING = 4,    // a new name: nothing to complete
  EXPECT_TYPE = 8,       // behind `is`, `class X :`
  EXPECT_STATEMENT = 16, // the beginning of a statement
  EXPECT_STRING = 32,    // inside a string that began at .string
  EXPECT_COMMENT = 64,   // inside a comment
};

struct syntax_expected {
  u32 kinds;
  u32 string;              // the offset of the open string's quote
  u32 depth;               // brackets open at the end: how far the next line is indented
  u32 word_count;
  const char *words[64];   // keywords that may stand there
};

// [text]: valid UTF-8, up to where the word to complete begins. False where something before the end is wrong, or memory ended.
bool syntax_expected(struct alloc *alloc, const char *text, u32 len, struct syntax_expected *out);

#endif
