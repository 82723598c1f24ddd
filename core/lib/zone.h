// Time zones: what clocks show where, from the system's zone files (TZif, RFC 8536) or as a fixed distance from UTC.
// Nothing global is read or set but the environment's TZ, once for the local zone.
#ifndef LULL_LIB_ZONE_H
#define LULL_LIB_ZONE_H

#include "lib/calendar.h"
#include "vm/box.h"

#define ABBREVIATION_MAX 12

// What clocks show for some time.
struct zone_clock {
  i32 offset;  // seconds east of UTC
  bool is_summer;
  char abbreviation[ABBREVIATION_MAX];
};

// When they change every year: "M3.5.0/2", the last Sunday in March at two.
struct zone_change {
  char kind;  // M: week [week] (5: the last) of a month, day of the week from 0, Sunday; J: day 1-365 without leap days;
              // 0: day 0-365
  int month, week, day;
  i32 seconds;  // after midnight
};

// What holds behind the last change the file names.
struct zone_rule {
  bool is_there, has_summer;
  struct zone_clock standard, summer;
  struct zone_change to_summer, to_standard;
};

struct zone {
  struct box box;
  struct alloc *alloc;
  struct string *name;  // "Europe/Berlin", "UTC", "+02:00"
  struct zone_clock *clocks;
  i64 *times;  // when they change
  u8 *kinds;   // and to which clock
  u32 clock_count, time_count;
  struct zone_rule rule;
};

// A zone by name, offset ("+02:00", "-0330") or "local", kept for the next time. NULL: thrown, a ValueError where there
// is none.
struct zone *zone_find(struct call *c, const char *name, size_t len);
struct zone *zone_utc(struct call *c);
struct zone *zone_local(struct call *c);

// Reads the bytes of a zone file into an empty zone with an allocator. False: it is none, and what was read is to be dropped.
bool zone_read_file(struct zone *z, const u8 *at, const u8 *end);
// Gives back what lies behind a zone.
void zone_drop(struct zone *z);

const struct zone_clock *zone_at(const struct zone *z, i64 seconds);
// The instant at which the wall's clock shows this. Of two the first; where clocks leap over it, as much later.
i64 zone_instant(const struct zone *z, const struct wall *wall);

// Reads a text such as "CET-1CEST,M3.5.0,M10.5.0/3".
bool zone_read_rule(const char *text, size_t len, struct zone_rule *rule);
// Reads an offset: "+02:00", "-0330", "+02"; the bytes it takes, or 0.
size_t zone_read_offset(const char *text, size_t len, i32 *offset);

#endif
