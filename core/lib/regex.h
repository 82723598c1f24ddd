// Regular expressions, over PCRE2: what its natives share. UTF-8 in and out, compiled to machine code where that is
// possible, and bounded: a pattern that would try too many ways throws a LimitError.
#ifndef LULL_LIB_REGEX_H
#define LULL_LIB_REGEX_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "lib/parse.h"
#include "vm/box.h"

struct regex {
  struct box box;
  struct alloc *alloc;
  pcre2_code *code;
  pcre2_code *slow;  // the same for the interpreter, which asks at each step whether to go on; NULL until it is needed
  pcre2_match_data *data;
  pcre2_match_context *context;
  pcre2_jit_stack *stack;  // NULL where there is no machine code
  struct string *pattern, *flags;
  u32 groups;  // without the whole match
  u32 options;
  u32 turn;          // of searches
  u32 part;          // bytes of a text at which the beginning of a match is looked for at once
  bool is_in_parts;  // else all of them
};

extern const struct native_class regex_class;

// The regex of a pattern, made once for each pattern and flags in use. NULL: thrown.
struct regex *regex_of(struct call *c, struct string *pattern, struct string *flags);
// Argument [i], a regex or a pattern. NULL: thrown.
struct regex *arg_regex(struct call *c, u32 i);

enum regex_found { REGEX_NONE, REGEX_FOUND, REGEX_THROWN };
// Looks for the first match at or after byte [from].
enum regex_found regex_run(struct call *c, struct regex *r, struct text t, size_t from, u32 options);

// Going over all matches: empty ones are taken too, but never two at one place.
struct regex_walk {
  struct regex *regex;
  struct text text;
  size_t at;         // where the next search begins
  bool was_empty;    // the last match was
  size_t from, to;   // the match, in bytes
};
enum regex_found regex_next(struct call *c, struct regex_walk *w);

// Bytes of group [i] of the last run; false where it took no part in the match.
bool regex_group(const struct regex *r, u32 i, size_t *from, size_t *to);
// The number of a named group, or -1.
int regex_group_number(const struct regex *r, const char *name, size_t len);

// Turns byte offsets of one text, asked for in rising order, into code points.
struct code_points {
  const char *text;
  bool is_ascii;
  size_t byte, point;
};
struct code_points code_points_of(struct call *c, u32 i);

// The match of the last run as a map: text, start, end, groups, named. UNSET: no memory.
Value regex_match_value(struct call *c, struct regex *r, struct text t, struct code_points *points);

enum native_status regex_fn_replace(struct call *c);
enum native_status regex_fn_split(struct call *c);
enum { REPLACE_LOCALS = 1 };

#endif
