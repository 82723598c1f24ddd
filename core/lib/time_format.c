// Times as text, by one table of directives.
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "lib/time.h"

static const char *const month_names[] = { "January", "February", "March",     "April",   "May",      "June",
                                           "July",    "August",   "September", "October", "November", "December" };
static const char *const day_names[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

static void put_offset(i32 offset, const char *colon, struct buf *out)
{
  u32 minutes = (u32)(offset < 0 ? -offset : offset) / 60;
  buf_printf(out, "%c%02u%s%02u", offset < 0 ? '-' : '+', minutes / 60, colon, minutes % 60);
}

static void put_fraction(i32 nanoseconds, struct buf *out)
{
  if (nanoseconds == 0) return;
  buf_printf(out, ".%09d", nanoseconds);
  size_t len = out->len;
  while (buf_text(out)[len - 1] == '0') len--;
  buf_truncate(out, len);
}

void time_print(const struct moment *t, struct buf *out)
{
  struct wall w;
  time_wall(t, &w);
  buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d", w.year, w.month, w.day, w.hour, w.minute, w.second);
  put_fraction(t->nanoseconds, out);
  const struct zone_clock *clock = zone_at(t->zone, t->seconds);
  if (clock->offset == 0 && strcmp(clock->abbreviation, "UTC") == 0) buf_putc(out, 'Z');
  else put_offset(clock->offset, ":", out);
}

static int hour_of_twelve(int hour) { return hour % 12 ? hour % 12 : 12; }

// One directive; false where it is none.
static bool put_directive(const struct moment *t, const struct wall *w, char directive, struct buf *out)
{
  const struct zone_clock *clock = zone_at(t->zone, t->seconds);
  i64 days = days_of_date(w->year, w->month, w->day);
  int weekday = weekday_of_days(days), week_year;
  switch (directive) {
  case 'Y': buf_printf(out, "%04d", w->year); break;
  case 'y': buf_printf(out, "%02d", w->year % 100); break;
  case 'm': buf_printf(out, "%02d", w->month); break;
  case 'd': buf_printf(out, "%02d", w->day); break;
  case 'e': buf_printf(out, "%2d", w->day); break;
  case 'H': buf_printf(out, "%02d", w->hour); break;
  case 'I': buf_printf(out, "%02d", hour_of_twelve(w->hour)); break;
  case 'M': buf_printf(out, "%02d", w->minute); break;
  case 'S': buf_printf(out, "%02d", w->second); break;
  case 'L': buf_printf(out, "%03d", t->nanoseconds / 1000000); break;
  case 'f': buf_printf(out, "%06d", t->nanoseconds / 1000); break;
  case 'N': buf_printf(out, "%09d", t->nanoseconds); break;
  case 'p': buf_puts(out, w->hour < 12 ? "AM" : "PM"); break;
  case 'A': buf_puts(out, day_names[weekday - 1]); break;
  case 'a': buf_append(out, day_names[weekday - 1], 3); break;
  case 'B': buf_puts(out, month_names[w->month - 1]); break;
  case 'b': buf_append(out, month_names[w->month - 1], 3); break;
  case 'j': buf_printf(out, "%03d", day_of_year(w)); break;
  case 'u': buf_printf(out, "%d", weekday); break;
  case 'w': buf_printf(out, "%d", weekday % 7); break;
  case 'V': buf_printf(out, "%02d", iso_week(w, &week_year)); break;
  case 'G': iso_week(w, &week_year); buf_printf(out, "%04d", week_year); break;
  case 'z': put_offset(clock->offset, "", out); break;
  case ':': put_offset(clock->offset, ":", out); break;
  case 'Z': buf_puts(out, clock->abbreviation); break;
  case 's': buf_printf(out, "%lld", (long long)t->seconds); break;
  case 'F': buf_printf(out, "%04d-%02d-%02d", w->year, w->month, w->day); break;
  case 'T': buf_printf(out, "%02d:%02d:%02d", w->hour, w->minute, w->second); break;
  case 'R': buf_printf(out, "%02d:%02d", w->hour, w->minute); break;
  case '%': buf_putc(out, '%'); break;
  default: return false;
  }
  return true;
}

static void throw_directive(struct call *c, const char *s, const char *end)
{
  throw_error(c->vm, c->vm->errors.value, "time: `%%%.*s` is no directive (a percent sign is %%%%)", s < end, s);
}

bool time_format(struct call *c, const struct moment *t, struct text pattern, struct buf *out)
{
  struct wall w;
  time_wall(t, &w);
  const char *s = pattern.s, *end = s + pattern.len;
  while (s < end) {
    if (*s != '%') {
      buf_putc(out, *s++);
      continue;
    }
    // %:z
    if (++s == end || !put_directive(t, &w, *s, out)) {
      throw_directive(c, s, end);
      return false;
    }
    if (*s == ':' && s + 1 < end && s[1] == 'z') s++;
    s++;
  }
  return true;
}

// Reading

struct reading {
  struct call *c;
  const char *begin, *at, *end;
  struct wall wall;
  i32 offset;
  bool has_offset, is_afternoon, has_half;
  i64 unix_seconds;
  bool has_unix;
};

static bool fail(struct reading *r, const char *expected)
{
  int len = r->end - r->begin > 60 ? 60 : (int)(r->end - r->begin);
  throw_error(r->c->vm, r->c->vm->errors.value, "time.parse: `%.*s`: expected %s at %zu", len, r->begin, expected,
              (size_t)(r->at - r->begin));
  return false;
}

static bool take(struct reading *r, char c)
{
  bool is_there = r->at < r->end && *r->at == c;
  r->at += is_there;
  return is_there;
}

static bool is_digit_next(const struct reading *r) { return r->at < r->end && *r->at >= '0' && *r->at <= '9'; }

// Between [least] and [most] digits.
static bool read_digits(struct reading *r, int least, int most, int *n)
{
  int count = 0;
  *n = 0;
  for (; count < most && is_digit_next(r); count++) *n = *n * 10 + (*r->at++ - '0');
  return count >= least || fail(r, least == 4 ? "a year of four digits" : least == 2 ? "two digits" : "a digit");
}

// The digits of a fraction of a second, which may be more than nine.
static bool read_fraction(struct reading *r)
{
  int scale = 100000000;
  if (!is_digit_next(r)) return fail(r, "a digit");
  r->wall.nanosecond = 0;
  for (; is_digit_next(r); scale /= 10) r->wall.nanosecond += (*r->at++ - '0') * scale;
  return true;
}

static bool read_offset(struct reading *r)
{
  r->has_offset = true;
  r->offset = 0;
  if (take(r, 'Z') || take(r, 'z')) return true;
  size_t len = zone_read_offset(r->at, (size_t)(r->end - r->at), &r->offset);
  r->at += len;
  return len > 0 || fail(r, "an offset such as Z or +02:00");
}

static bool read_name(struct reading *r, const char *const *names, int count, int *index)
{
  for (int i = 0; i < count; i++) {
    size_t len = strlen(names[i]), rest = (size_t)(r->end - r->at);
    size_t taken = rest >= len && strncasecmp(r->at, names[i], len) == 0 ? len
                   : rest >= 3 && strncasecmp(r->at, names[i], 3) == 0   ? 3
                                                                         : 0;
    if (!taken) continue;
    *index = i;
    r->at += taken;
    return true;
  }
  return fail(r, count == 12 ? "the name of a month" : "the name of a day");
}

static bool read_half(struct reading *r)
{
  r->has_half = true;
  if (r->end - r->at >= 2 && (strncasecmp(r->at, "am", 2) == 0 || strncasecmp(r->at, "pm", 2) == 0)) {
    r->is_afternoon = (*r->at | 0x20) == 'p';
    r->at += 2;
    return true;
  }
  return fail(r, "AM or PM");
}

static bool read_zone_name(struct reading *r)
{
  static const char *const names[] = { "UTC", "GMT", "Z" };
  for (u32 i = 0; i < COUNT_OF(names); i++) {
    size_t len = strlen(names[i]);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, names[i], len) != 0) continue;
    r->at += len;
    r->has_offset = true;
    r->offset = 0;
    return true;
  }
  return fail(r, "UTC or GMT");
}

static bool read_unix(struct reading *r)
{
  bool is_negative = take(r, '-');
  if (!is_digit_next(r)) return fail(r, "a digit");
  while (is_digit_next(r) && r->unix_seconds < (i64)1 << 40) r->unix_seconds = r->unix_seconds * 10 + (*r->at++ - '0');
  if (is_negative) r->unix_seconds = -r->unix_seconds;
  return r->has_unix = true;
}

static bool read_pattern(struct reading *r, const char *s, const char *end);

static bool read_directive(struct reading *r, char directive)
{
  int ignored;
  switch (directive) {
  case 'Y': return read_digits(r, 4, 4, &r->wall.year);
  case 'y':
    if (!read_digits(r, 2, 2, &r->wall.year)) return false;
    r->wall.year += r->wall.year < 69 ? 2000 : 1900;
    return true;
  case 'm': return read_digits(r, 1, 2, &r->wall.month);
  case 'd': return read_digits(r, 1, 2, &r->wall.day);
  case 'e': take(r, ' '); return read_digits(r, 1, 2, &r->wall.day);
  case 'H':
  case 'I': return read_digits(r, 1, 2, &r->wall.hour);
  case 'M': return read_digits(r, 1, 2, &r->wall.minute);
  case 'S': return read_digits(r, 1, 2, &r->wall.second);
  case 'L':
  case 'f':
  case 'N': return read_fraction(r);
  case 'p': return read_half(r);
  case 'A':
  case 'a': return read_name(r, day_names, 7, &ignored);
  case 'B':
  case 'b':
    if (!read_name(r, month_names, 12, &r->wall.month)) return false;
    r->wall.month++;
    return true;
  case 'z':
  case ':': return read_offset(r);
  case 'Z': return read_zone_name(r);
  case 's': return read_unix(r);
  case 'F': return read_pattern(r, "%Y-%m-%d", NULL);
  case 'T': return read_pattern(r, "%H:%M:%S", NULL);
  case 'R': return read_pattern(r, "%H:%M", NULL);
  case '%': return take(r, '%') || fail(r, "`%`");
  default: throw_directive(r->c, &directive, &directive + 1); return false;
  }
}

// Blanks in the pattern stand for any blanks.
static bool read_pattern(struct reading *r, const char *s, const char *end)
{
  if (!end) end = s + strlen(s);
  for (; s < end; s++) {
    char expected[8];
    if (*s == '%') {
      if (++s == end) return throw_directive(r->c, s, end), false;
      if (!read_directive(r, *s)) return false;
      if (*s == ':' && s + 1 < end && s[1] == 'z') s++;
    } else if (*s == ' ') {
      while (take(r, ' ')) {}
    } else if (!take(r, *s)) {
      snprintf(expected, sizeof expected, "`%c`", *s);
      return fail(r, expected);
    }
  }
  return true;
}

// ISO 8601 as people and programs write it: a date, perhaps a time of day, perhaps an offset.
static bool read_iso(struct reading *r)
{
  struct wall *w = &r->wall;
  if (!read_digits(r, 4, 4, &w->year)) return false;
  bool has_dashes = take(r, '-');
  if (!read_digits(r, 2, 2, &w->month)) return false;
  if (has_dashes && !take(r, '-')) return fail(r, "`-`");
  if (!read_digits(r, 2, 2, &w->day)) return false;
  if (r->at == r->end) return true;
  if (!take(r, 'T') && !take(r, 't') && !take(r, ' ')) return fail(r, "`T` or the end");
  if (!read_digits(r, 2, 2, &w->hour)) return false;
  bool has_colons = take(r, ':');
  if (!read_digits(r, 2, 2, &w->minute)) return false;
  if (has_colons ? take(r, ':') : is_digit_next(r)) {
    if (!read_digits(r, 2, 2, &w->second)) return false;
    if ((take(r, '.') || take(r, ',')) && !read_fraction(r)) return false;
  }
  if (r->at == r->end) return true;
  take(r, ' ');
  return read_offset(r);
}

static bool finish_half(struct reading *r)
{
  if (!r->has_half) return true;
  if (r->wall.hour < 1 || r->wall.hour > 12) return fail(r, "an hour from 1 to 12 with AM or PM, not");
  r->wall.hour = r->wall.hour % 12 + (r->is_afternoon ? 12 : 0);
  return true;
}

struct moment *time_parse(struct call *c, struct text text, const struct text *pattern, struct zone *zone)
{
  struct reading r = { .c = c, .begin = text.s, .at = text.s, .end = text.s + text.len,
                       .wall = { .year = 1970, .month = 1, .day = 1 } };
  bool is_read = pattern ? read_pattern(&r, pattern->s, pattern->s + pattern->len) : read_iso(&r);
  if (!is_read || !finish_half(&r)) return NULL;
  if (r.at < r.end) return fail(&r, "the end"), NULL;
  if (r.has_unix) return time_new(c, r.unix_seconds, r.wall.nanosecond, zone);
  // A leap second is the one after it.
  bool is_leap_second = r.wall.second == 60;
  r.wall.second -= is_leap_second;
  if (!time_check_wall(c, "time.parse", &r.wall)) return NULL;
  if (!r.has_offset) {
    struct moment *t = time_of_wall(c, &r.wall, zone);
    return t && is_leap_second ? time_new(c, t->seconds + 1, 0, zone) : t;
  }
  char name[8];
  snprintf(name, sizeof name, "%c%02d:%02d", r.offset < 0 ? '-' : '+', abs(r.offset) / 3600 % 100, abs(r.offset) / 60 % 60);
  zone = r.offset ? zone_find(c, name, strlen(name)) : zone_utc(c);
  return zone ? time_new(c, seconds_of_wall(&r.wall) - r.offset + is_leap_second, r.wall.nanosecond, zone) : NULL;
}
