// The one theme: named styles to SGR sequences, for each depth of colour. With COLORS_NONE every function here adds
// plain text only.
#ifndef LULL_TERM_STYLE_H
#define LULL_TERM_STYLE_H

#include "base/buf.h"
#include "term/capabilities.h"

enum style {
  STYLE_PLAIN,
  // the session
  STYLE_PROMPT,        // [3] >
  STYLE_CONTINUATION,  // the marks of further rows of an input
  STYLE_LABEL,         // [3] before background output
  STYLE_STATUS,        // the row below the input
  STYLE_GHOST,         // a suggestion not yet accepted
  STYLE_SELECTED,      // the candidate that is chosen
  STYLE_HINT,          // what stands behind a candidate
  STYLE_MATCH,         // what a search found
  STYLE_BRACKET,       // the pair of brackets at the cursor
  STYLE_CONTROL,       // a control character made visible
  STYLE_ERROR,
  STYLE_WARNING,
  STYLE_NOTE,
  STYLE_CARET,  // the mark under a place in source
  // source and values
  STYLE_KEYWORD,
  STYLE_STRING,
  STYLE_ESCAPE,
  STYLE_NUMBER,
  STYLE_CONSTANT,  // nil, true, false
  STYLE_COMMENT,
  STYLE_FUNCTION,
  STYLE_TYPE,
  STYLE_PROPERTY,
  STYLE_VARIABLE,
  STYLE_OPERATOR,
  STYLE_PUNCTUATION,
  // rendered text
  STYLE_HEADING,
  STYLE_STRONG,
  STYLE_EMPHASIS,
  STYLE_CODE,
  STYLE_LINK,
  STYLE_QUOTE,
  STYLE_RULE,  // lines of tables and axes of plots
  STYLE_COUNT
};

// A run of bytes of a text and how it looks. Later spans win over earlier ones.
struct span {
  u32 start, end;
  enum style style;
};

// The sequence that switches the style on from a reset state: "" for COLORS_NONE and STYLE_PLAIN. Static text.
const char *style_sgr(enum style style, enum color_depth colors);
// Text in a style, with a reset behind it.
void style_put(struct buf *out, enum style style, enum color_depth colors, const char *text, size_t len);
void style_puts(struct buf *out, enum style style, enum color_depth colors, const char *text);
// The style of a capture of a highlights query, by its longest known dotted prefix ("keyword.conditional" as
// "keyword"); STYLE_PLAIN for unknown ones.
enum style style_of_capture(const char *name, size_t len);

#endif
