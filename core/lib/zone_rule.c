// What clocks show when: by the changes a zone names, and by the rule behind them.
#include <stdlib.h>

#include "lib/zone.h"

struct reader {
  const char *at, *end;
};

static bool take(struct reader *r, char c)
{
  bool is_there = r->at < r->end && *r->at == c;
  r->at += is_there;
  return is_there;
}

static bool read_int(struct reader *r, int max, int *n)
{
  const char *from = r->at;
  *n = 0;
  while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && *n <= max) *n = *n * 10 + (*r->at++ - '0');
  return r->at > from && *n <= max;
}

// "[+-]hh[:mm[:ss]]"
static bool read_time(struct reader *r, int hours_max, i32 *seconds)
{
  int hours, minutes = 0, rest = 0;
  bool is_negative = take(r, '-');
  if (!is_negative) take(r, '+');
  if (!read_int(r, hours_max, &hours)) return false;
  if (take(r, ':') && !read_int(r, 59, &minutes)) return false;
  if (take(r, ':') && !read_int(r, 59, &rest)) return false;
  *seconds = hours * 3600 + minutes * 60 + rest;
  if (is_negative) *seconds = -*seconds;
  return true;
}

// Letters, or anything in angle brackets.
static bool read_abbreviation(struct reader *r, struct zone_clock *clock)
{
  bool is_quoted = take(r, '<');
  const char *from = r->at;
  while (r->at < r->end && (is_quoted ? *r->at != '>' : (*r->at | 0x20) >= 'a' && (*r->at | 0x20) <= 'z')) r->at++;
  size_t len = (size_t)(r->at - from);
  if (len < 3 || len >= ABBREVIATION_MAX || (is_quoted && !take(r, '>'))) return false;
  memcpy(clock->abbreviation, from, len);
  clock->abbreviation[len] = 0;
  return true;
}

static bool read_change(struct reader *r, struct zone_change *change)
{
  *change = (struct zone_change){ .kind = '0', .seconds = 2 * 3600 };
  if (take(r, 'M')) {
    change->kind = 'M';
    if (!read_int(r, 12, &change->month) || !take(r, '.') || !read_int(r, 5, &change->week) || !take(r, '.') ||
        !read_int(r, 6, &change->day) || change->month == 0 || change->week == 0)
      return false;
  } else {
    if (take(r, 'J')) change->kind = 'J';
    if (!read_int(r, 365, &change->day) || (change->kind == 'J' && change->day == 0)) return false;
  }
  return !take(r, '/') || read_time(r, 167, &change->seconds);
}

bool zone_read_rule(const char *text, size_t len, struct zone_rule *rule)
{
  struct reader r = { text, text + len };
  struct zone_rule read = { .is_there = true };
  // Offsets are written as the way to UTC: west is positive.
  if (!read_abbreviation(&r, &read.standard) || !read_time(&r, 24, &read.standard.offset)) return false;
  read.standard.offset = -read.standard.offset;
  if (r.at < r.end) {
    read.has_summer = read.summer.is_summer = true;
    if (!read_abbreviation(&r, &read.summer)) return false;
    read.summer.offset = read.standard.offset + 3600;
    if (r.at < r.end && *r.at != ',') {
      if (!read_time(&r, 24, &read.summer.offset)) return false;
      read.summer.offset = -read.summer.offset;
    }
    if (!take(&r, ',') || !read_change(&r, &read.to_summer) || !take(&r, ',') || !read_change(&r, &read.to_standard))
      return false;
  }
  if (r.at != r.end) return false;
  *rule = read;
  return true;
}

size_t zone_read_offset(const char *text, size_t len, i32 *offset)
{
  struct reader r = { text + 1, text + len };
  if (len < 3 || (*text != '+' && *text != '-')) return 0;
  int digits[4] = { 0 }, count = 0;
  for (; count < 4 && r.at < r.end; count++) {
    bool has_colon = count == 2 && take(&r, ':');
    if (r.at < r.end && *r.at >= '0' && *r.at <= '9') digits[count] = *r.at++ - '0';
    else if (has_colon) return 0;
    else break;
  }
  int hours = digits[0] * 10 + digits[1], minutes = digits[2] * 10 + digits[3];
  if ((count != 2 && count != 4) || hours > 24 || minutes > 59) return 0;
  *offset = (hours * 3600 + minutes * 60) * (*text == '-' ? -1 : 1);
  return (size_t)(r.at - text);
}

// The second of [year], as the wall's clock counts, at which a change takes place.
static i64 change_in(const struct zone_change *change, int year)
{
  i64 day = days_of_date(year, 1, 1);
  if (change->kind == 'M') {
    i64 first = days_of_date(year, change->month, 1);
    int ahead = (change->day - weekday_of_days(first) % 7 + 7) % 7 + (change->week - 1) * 7;
    if (ahead >= days_in_month(year, change->month)) ahead -= 7;
    day = first + ahead;
  } else if (change->kind == 'J') {
    day += change->day - 1 + (is_leap_year(year) && change->day >= 60);
  } else {
    day += change->day;
  }
  return day * DAY_SECONDS + change->seconds;
}

static const struct zone_clock *rule_at(const struct zone_rule *rule, i64 seconds)
{
  if (!rule->has_summer) return &rule->standard;
  struct wall wall = { 0 };
  wall_of_seconds(seconds + rule->standard.offset, &wall);
  i64 from = change_in(&rule->to_summer, wall.year) - rule->standard.offset;
  i64 to = change_in(&rule->to_standard, wall.year) - rule->summer.offset;
  // South of the equator the summer goes over the turn of the year.
  bool is_summer = from < to ? seconds >= from && seconds < to : seconds >= from || seconds < to;
  return is_summer ? &rule->summer : &rule->standard;
}

const struct zone_clock *zone_at(const struct zone *z, i64 seconds)
{
  u32 low = 0, high = z->time_count;
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (z->times[middle] <= seconds) low = middle + 1;
    else high = middle;
  }
  if (low == z->time_count && z->rule.is_there) return rule_at(&z->rule, seconds);
  return &z->clocks[low ? z->kinds[low - 1] : 0];
}

i64 zone_instant(const struct zone *z, const struct wall *wall)
{
  i64 shown = seconds_of_wall(wall);
  i32 before = zone_at(z, shown - DAY_SECONDS)->offset, after = zone_at(z, shown + DAY_SECONDS)->offset;
  i64 first = shown - before, second = shown - after;
  if (before == after || zone_at(z, first)->offset == before) return first;
  return zone_at(z, second)->offset == after ? second : first;
}
