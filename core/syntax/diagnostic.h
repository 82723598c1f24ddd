// What is wrong with a source, and where; and how that is shown. The driver, the tree's checks and the compiler add to one list.
#ifndef LULL_SYNTAX_DIAGNOSTIC_H
#define LULL_SYNTAX_DIAGNOSTIC_H

#include <stdarg.h>

#include "base/buf.h"
#include "base/vec.h"
#include "syntax/source.h"

enum diagnostic_kind { DIAGNOSTIC_ERROR, DIAGNOSTIC_WARNING };

// [start] == NOTE_NOWHERE: a remark without a place of its own.
#define NOTE_NOWHERE UINT32_MAX
struct diagnostic_note {
  u32 start, end;
  u32 text, text_len;  // in the list's pool
};

struct diagnostic {
  u32 start, end;  // bytes of the source; start == end points between two, or at the end of the text
  enum diagnostic_kind kind;
  u32 text, text_len;           // in the list's pool: diagnostic_message
  u32 first_note, note_count;   // in the list's notes
};

#define DIAGNOSTICS_MAX 20

struct diagnostics {
  struct alloc *alloc;  // borrowed
  VEC(struct diagnostic) list;
  VEC(struct diagnostic_note) notes;
  struct buf pool;  // all messages, one behind the other
  u32 errors, warnings;
  bool is_full;     // the last one was only counted: of each kind DIAGNOSTICS_MAX are kept
  bool failed;      // one was lost for want of memory; then the source counts as wrong
};

void diagnostics_init(struct diagnostics *d, struct alloc *alloc);
void diagnostics_fini(struct diagnostics *d);
// Forgets all, keeps the memory.
void diagnostics_clear(struct diagnostics *d);

// Adds one; the notes that follow belong to it. Messages are sentences without a full stop that begin in lower case.
void diagnostics_error(struct diagnostics *d, u32 start, u32 end, const char *format, ...) PRINTF_LIKE(4, 5);
void diagnostics_warning(struct diagnostics *d, u32 start, u32 end, const char *format, ...) PRINTF_LIKE(4, 5);
void diagnostics_note(struct diagnostics *d, const char *format, ...) PRINTF_LIKE(2, 3);
void diagnostics_note_at(struct diagnostics *d, u32 start, u32 end, const char *format, ...) PRINTF_LIKE(4, 5);

// NUL-terminated; valid until the next one is added.
const char *diagnostic_message(const struct diagnostics *d, u32 index);
const char *diagnostic_note_text(const struct diagnostics *d, const struct diagnostic_note *note);

// Appends "name:line:column: message", the line of the source with the span marked below it, and the notes, each line with its break.
// The line is cut around the span where it is long, and nothing in it can move a terminal's cursor.
void diagnostic_render(const struct diagnostics *d, u32 index, const struct source *s, struct buf *out);
// All that were kept, in the order of their places, and how many more there were.
void diagnostics_render(struct diagnostics *d, const struct source *s, struct buf *out);
// The marked line alone, as traces show it: two lines, indented by two.
void diagnostic_excerpt(const struct source *s, u32 start, u32 end, struct buf *out);

#endif
