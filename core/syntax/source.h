// A named text with the places of its lines: what diagnostics, traces and compiled code point into by byte offset.
#ifndef LULL_SYNTAX_SOURCE_H
#define LULL_SYNTAX_SOURCE_H

#include "base/alloc.h"
#include "base/buf.h"

// The most bytes a source may have.
#define SOURCE_MAX (8u << 20)

struct source {
  struct alloc *alloc;  // borrowed
  u32 references;
  u32 len;
  const char *name;   // what messages call it: a path, "[3]"
  const char *text;   // valid UTF-8 only where syntax_check said so; NUL-terminated behind len; without the byte order mark
  const u32 *lines;   // where each line starts; lines[0] == 0
  u32 line_count;     // one more than there are line breaks
  size_t block_size;  // all of the above lie in one block with the struct
};

// Line and column from 1; columns count code points.
struct place {
  u32 line, column;
};

// Copies name and text and drops a byte order mark; the caller holds the one reference. NULL without memory.
// [len] up to UINT32_MAX: that it is no more than SOURCE_MAX is for syntax_check to say.
struct source *source_create(struct alloc *alloc, const char *name, const char *text, size_t len) MUST_USE;
struct source *source_ref(struct source *s);
// Takes NULL.
void source_unref(struct source *s);

// [offset] up to len; the end of the text is a place too.
struct place source_place(const struct source *s, u32 offset);
// The line number [line] (from 1) without its break: its bytes and their count.
const char *source_line(const struct source *s, u32 line, u32 *len);
// Appends the comment lines in [start, end), as tree_doc_before finds them, without indent, '#' and the blank behind it.
void source_comment_text(const struct source *s, u32 start, u32 end, struct buf *out);

#endif
