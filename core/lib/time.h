// Times: what the natives of the module share. A time is an instant to the nanosecond, seen in a zone; times compare and
// are equal by the instant alone.
#ifndef LULL_LIB_TIME_H
#define LULL_LIB_TIME_H

#include "builtin/text.h"
#include "lib/zone.h"

struct moment {
  struct box box;
  i64 seconds;  // since 1970-01-01 UTC; whole ones, below
  i32 nanoseconds;
  struct zone *zone;
};

extern const struct native_class time_class;

// NULL: thrown; a ValueError outside the years 1 to 9999.
struct moment *time_new(struct call *c, i64 seconds, i32 nanoseconds, struct zone *zone);
// Likewise in the local zone, where no native runs, of what the system gives. UNSET: no memory; NIL: outside the years.
Value time_of_system(struct lull *vm, i64 seconds, i32 nanoseconds);
struct moment *time_of_wall(struct call *c, const struct wall *wall, struct zone *zone);
void time_wall(const struct moment *t, struct wall *wall);
// Is there such a date and time of day? False: a ValueError that begins with [what] and names the part.
bool time_check_wall(struct call *c, const char *what, const struct wall *wall);

// "2026-11-22T13:00:00.5+01:00"
void time_print(const struct moment *t, struct buf *out);
// False: a ValueError for a directive that is none.
bool time_format(struct call *c, const struct moment *t, struct text pattern, struct buf *out);
// Reads ISO 8601, or by a pattern of directives where there is one; [zone] holds for what names none. NULL: thrown.
struct moment *time_parse(struct call *c, struct text text, const struct text *pattern, struct zone *zone);

#endif
