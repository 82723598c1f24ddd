// Patterns of paths: * and ? within a name, [a-z] and [!x], ** for any number of directories, {a,b} for one of some,
// \ before what is meant literally. A leading dot is matched by a dot only. Pure, over plain memory.
#ifndef LULL_LIB_GLOB_H
#define LULL_LIB_GLOB_H

#include "base/buf.h"
#include "base/vec.h"

#define GLOB_SEGMENTS_MAX 63
#define GLOB_ALTERNATIVES_MAX 1000

// A name of a pattern without braces; "**" stands for any number of directories.
struct glob_segment {
  size_t at;  // in the text
  u32 len;
  bool is_any;      // **
  bool is_literal;  // no wildcard in it
};

// One of the alternatives that braces make.
struct glob_part {
  u32 first, count;  // of the segments
  bool is_absolute;
  bool is_directory;  // it ends with a slash
};

struct glob {
  struct alloc *alloc;
  struct buf text;
  VEC(struct glob_segment) segments;
  VEC(struct glob_part) parts;
};

enum glob_error { GLOB_OK, GLOB_MEMORY, GLOB_BRACES, GLOB_TOO_MANY, GLOB_TOO_LONG };

enum glob_error glob_init(struct glob *g, struct alloc *alloc, const char *pattern, size_t len);
void glob_fini(struct glob *g);
// What is wrong, for people.
const char *glob_text(enum glob_error error);
// Does the whole path match, its slashes and dots taken as they are?
bool glob_matches(const struct glob *g, const char *path, size_t len);
// Can anything below that path match?
bool glob_goes_below(const struct glob *g, const char *path, size_t len);
bool glob_matches_segment(const struct glob *g, const struct glob_segment *segment, const char *s, size_t len);

// Going down a tree: which segments of a part the next name may match, as bits; bit [count] is the end of the pattern.
u64 glob_begin(const struct glob *g, const struct glob_part *p);
u64 glob_step(const struct glob *g, const struct glob_part *p, u64 at, const char *name, size_t len);
// Likewise where the name is none of those that ** stands for.
u64 glob_step_named(const struct glob *g, const struct glob_part *p, u64 at, const char *name, size_t len);
static inline bool glob_is_end(const struct glob_part *p, u64 at) { return at >> p->count & 1; }
// The only name that can come next; NULL where there may be others.
const struct glob_segment *glob_literal(const struct glob *g, const struct glob_part *p, u64 at);
// Can anything below match?
static inline bool glob_goes_on(const struct glob_part *p, u64 at) { return at & ~((u64)1 << p->count); }

#endif
