// Zone files and the rules behind them, as broken as they come: what is taken can be asked for any time.
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/zone.h"

static const i64 seconds[] = { INT64_C(-62135596800), -2147483649, -1, 0, 1, 1900000000, 2147483648, INT64_C(253402300799) };

static void ask(const struct zone *z)
{
  for (size_t i = 0; i < COUNT_OF(seconds); i++) {
    const struct zone_clock *clock = zone_at(z, seconds[i]);
    struct wall wall = { 0 };
    if (abs(clock->offset) > 26 * 3600 || !memchr(clock->abbreviation, 0, sizeof clock->abbreviation)) abort();
    wall_of_seconds(seconds[i] + clock->offset, &wall);
    i64 back = zone_instant(z, &wall);
    if (llabs(back - seconds[i]) > 3 * 86400) abort();
  }
}

void fuzz_zone(const char *bytes, size_t len)
{
  struct alloc alloc;
  alloc_init(&alloc, SIZE_MAX);
  struct zone file = { .alloc = &alloc };
  struct zone_clock utc = { 0 };
  struct zone rule = { .clocks = &utc, .clock_count = 1 };
  i32 offset;
  if (zone_read_file(&file, (const u8 *)bytes, (const u8 *)bytes + len)) ask(&file);
  zone_drop(&file);
  if (zone_read_rule(bytes, len, &rule.rule)) ask(&rule);
  if (len && zone_read_offset(bytes, len, &offset) > len) abort();
  if (alloc.used) abort();
}
