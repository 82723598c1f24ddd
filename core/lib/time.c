// time: instants, and the calendar and clocks that show them.
#include "lib/time.h"

#include <math.h>
#include <time.h>

#include "base/sys.h"
#include "lib/lib.h"
#include "value/hash.h"

#define BILLION 1000000000

// Values

static i64 first_second(void) { return days_of_date(YEAR_MIN, 1, 1) * DAY_SECONDS; }
static i64 last_second(void) { return days_of_date(YEAR_MAX + 1, 1, 1) * DAY_SECONDS - 1; }

static enum native_status throw_range(struct lull *vm)
{
  return throw_error(vm, vm->errors.value, "time: outside the years %d to %d", YEAR_MIN, YEAR_MAX);
}

static struct moment *make(struct lull *vm, i64 seconds, i32 nanoseconds, struct zone *zone)
{
  // A day at both ends is left for the offsets of zones.
  if (seconds < first_second() + DAY_SECONDS || seconds > last_second() - DAY_SECONDS) {
    throw_range(vm);
    return NULL;
  }
  struct moment *t = box_new(vm, &time_class);
  if (!t) {
    throw_memory(vm);
    return NULL;
  }
  t->seconds = seconds;
  t->nanoseconds = nanoseconds;
  t->zone = zone;
  return t;
}

struct moment *time_new(struct call *c, i64 seconds, i32 nanoseconds, struct zone *zone)
{
  return make(c->vm, seconds, nanoseconds, zone);
}

Value time_of_system(struct lull *vm, i64 seconds, i32 nanoseconds)
{
  struct call c = { .vm = vm, .heap = &vm->heap };
  Value thrown = vm->thrown;
  struct zone *zone = zone_local(&c);
  struct moment *t = zone ? make(vm, seconds, nanoseconds, zone) : NULL;
  vm->thrown = thrown;
  if (t) return value_object(t);
  return vm->heap.exhausted ? UNSET : NIL;
}

struct moment *time_of_wall(struct call *c, const struct wall *wall, struct zone *zone)
{
  return time_new(c, zone_instant(zone, wall), wall->nanosecond, zone);
}

void time_wall(const struct moment *t, struct wall *wall)
{
  wall_of_seconds(t->seconds + zone_at(t->zone, t->seconds)->offset, wall);
  wall->nanosecond = t->nanoseconds;
}

bool time_check_wall(struct call *c, const char *what, const struct wall *w)
{
  int days = w->month >= 1 && w->month <= 12 ? days_in_month(w->year, w->month) : 31;
  const struct {
    const char *name;
    int n, low, high;
  } parts[] = {
    { "year", w->year, YEAR_MIN, YEAR_MAX }, { "month", w->month, 1, 12 },   { "day", w->day, 1, days },
    { "hour", w->hour, 0, 23 },              { "minute", w->minute, 0, 59 }, { "second", w->second, 0, 59 },
  };
  for (u32 i = 0; i < COUNT_OF(parts); i++) {
    if (parts[i].n >= parts[i].low && parts[i].n <= parts[i].high) continue;
    throw_error(c->vm, c->vm->errors.value, "%s: the %s must be from %d to %d, not %d", what, parts[i].name,
                parts[i].low, parts[i].high, parts[i].n);
    return false;
  }
  return true;
}

static struct moment *moment_of(Value v) { return (struct moment *)(void *)as_object(v); }

static void mark(struct heap *heap, struct object *o) { heap_mark_object(heap, ((struct moment *)(void *)o)->zone); }

static void print(struct heap *heap, struct object *o, struct buf *out)
{
  (void)heap;
  time_print((struct moment *)(void *)o, out);
}

static int compare(const struct object *a, const struct object *b)
{
  const struct moment *x = (const void *)a, *y = (const void *)b;
  if (x->seconds != y->seconds) return x->seconds < y->seconds ? -1 : 1;
  return (x->nanoseconds > y->nanoseconds) - (x->nanoseconds < y->nanoseconds);
}

static u64 hash(const struct object *o)
{
  const struct moment *t = (const void *)o;
  return (u64)t->seconds * BILLION + (u64)t->nanoseconds;
}

// Seconds as whole ones and nanoseconds; ints are exact. False: not finite, or far outside.
static bool split_seconds(Value v, i64 *seconds, i32 *nanoseconds)
{
  double d;
  *nanoseconds = 0;
  if (is_int(v)) {
    *seconds = as_int(v);
    return *seconds > -((i64)1 << 40) && *seconds < (i64)1 << 40;
  }
  if (!is_number(v) || !number_to_double(v, &d) || !(fabs(d) < 0x1p40)) return false;
  *seconds = (i64)floor(d);
  *nanoseconds = (i32)llround((d - floor(d)) * BILLION);
  if (*nanoseconds == BILLION) {
    *nanoseconds = 0;
    ++*seconds;
  }
  return true;
}

static Value moved(struct lull *vm, const struct moment *t, Value by, bool is_back)
{
  i64 seconds;
  i32 nanoseconds;
  if (!split_seconds(by, &seconds, &nanoseconds)) {
    throw_range(vm);
    return UNSET;
  }
  seconds = t->seconds + (is_back ? -seconds : seconds);
  i64 rest = (i64)t->nanoseconds + (is_back ? -nanoseconds : nanoseconds);
  if (rest < 0 || rest >= BILLION) {
    seconds += rest < 0 ? -1 : 1;
    rest += rest < 0 ? BILLION : -BILLION;
  }
  struct moment *new = make(vm, seconds, (i32)rest, t->zone);
  return new ? value_object(new) : UNSET;
}

// time + seconds, seconds + time, time - seconds, time - time.
static Value arith(struct lull *vm, enum number_op op, Value x, Value y)
{
  if (op == NUMBER_SUB && is_box(x, &time_class) && is_box(y, &time_class)) {
    const struct moment *a = moment_of(x), *b = moment_of(y);
    return value_float((double)(a->seconds - b->seconds) + (double)(a->nanoseconds - b->nanoseconds) / BILLION);
  }
  if (op == NUMBER_ADD && is_number(x)) return moved(vm, moment_of(y), x, false);
  if ((op == NUMBER_ADD || op == NUMBER_SUB) && is_number(y)) return moved(vm, moment_of(x), y, op == NUMBER_SUB);
  return UNSET;
}

// Arguments

// A zone by name, that of a time, or [otherwise].
static struct zone *arg_zone(struct call *c, u32 i, struct zone *otherwise)
{
  if (!arg_has(c, i)) return otherwise ? otherwise : zone_local(c);
  if (is_box(c->args[i], &time_class)) return moment_of(c->args[i])->zone;
  if (!IS_STRING(c->args[i])) {
    arg_fail(c, i, "the name of a zone");
    return NULL;
  }
  struct text name = text_of(c, i);
  return zone_find(c, name.s, name.len);
}

static enum native_status return_time(struct call *c, const struct moment *t)
{
  return t ? native_return(c, value_object(t)) : NATIVE_THROW;
}

// Ints that fit the parts of a date; what is not given stays.
static bool arg_part(struct call *c, u32 i, int *part)
{
  i64 n = *part;
  if (!arg_int_or(c, i, &n)) return false;
  if (n < -10000000 || n > 10000000) return throw_range(c->vm) == NATIVE_OK;
  *part = (int)n;
  return true;
}

// Seconds may have a fraction.
static bool arg_second(struct call *c, u32 i, struct wall *w)
{
  i64 seconds;
  if (!arg_has(c, i)) return true;
  if (!is_number(c->args[i])) {
    arg_fail(c, i, "a number");
    return false;
  }
  if (!split_seconds(c->args[i], &seconds, &w->nanosecond) || seconds < -1000 || seconds > 1000) seconds = -1;
  w->second = (int)seconds;
  return true;
}

static bool arg_wall(struct call *c, u32 i, struct wall *w)
{
  return arg_part(c, i, &w->year) && arg_part(c, i + 1, &w->month) && arg_part(c, i + 2, &w->day) &&
         arg_part(c, i + 3, &w->hour) && arg_part(c, i + 4, &w->minute) && arg_second(c, i + 5, w);
}

// Functions

static enum native_status time_construct(struct call *c)
{
  enum { YEAR = 1, ZONE = 7 };
  struct zone *zone = arg_zone(c, ZONE, NULL);
  struct wall w = { .month = 1, .day = 1 };
  if (!zone) return NATIVE_THROW;
  if (is_box(c->args[YEAR], &time_class)) return native_return(c, c->args[YEAR]);
  if (IS_STRING(c->args[YEAR])) return return_time(c, time_parse(c, text_of(c, YEAR), NULL, zone));
  if (!arg_wall(c, YEAR, &w) || !time_check_wall(c, "time", &w)) return NATIVE_THROW;
  return return_time(c, time_of_wall(c, &w, zone));
}

static struct moment *now(struct call *c, struct zone *zone)
{
  struct timespec t;
  if (!zone) return NULL;
  clock_gettime(CLOCK_REALTIME, &t);
  return time_new(c, t.tv_sec, (i32)t.tv_nsec, zone);
}

static enum native_status time_now(struct call *c) { return return_time(c, now(c, arg_zone(c, 0, NULL))); }

static enum native_status time_today(struct call *c)
{
  struct moment *t = now(c, arg_zone(c, 0, NULL));
  struct wall w;
  if (!t) return NATIVE_THROW;
  time_wall(t, &w);
  w.hour = w.minute = w.second = w.nanosecond = 0;
  return return_time(c, time_of_wall(c, &w, t->zone));
}

static enum native_status time_clock(struct call *c) { return native_return(c, value_float(sys_now())); }

static enum native_status time_unix(struct call *c)
{
  i64 seconds;
  i32 nanoseconds;
  struct zone *zone = arg_zone(c, 1, NULL);
  if (!zone) return NATIVE_THROW;
  if (!is_number(c->args[0])) return arg_fail(c, 0, "a number");
  if (!split_seconds(c->args[0], &seconds, &nanoseconds)) return throw_range(c->vm);
  return return_time(c, time_new(c, seconds, nanoseconds, zone));
}

static enum native_status time_fn_parse(struct call *c)
{
  struct string *text, *pattern = NULL;
  struct zone *zone = arg_zone(c, 2, NULL);
  if (!zone || !arg_string(c, 0, &text) || !arg_string_or(c, 1, &pattern)) return NATIVE_THROW;
  struct text format = pattern ? text_of(c, 1) : (struct text){ 0 };
  return return_time(c, time_parse(c, text_of(c, 0), pattern ? &format : NULL, zone));
}

// Fields

static const struct moment *self(struct call *c) { return moment_of(c->args[0]); }

#define WALL_FIELD(part, expression) \
  static enum native_status time_get_##part(struct call *c) \
  { \
    struct wall w; \
    time_wall(self(c), &w); \
    return return_int(c, expression); \
  }

static int week_of(const struct wall *w)
{
  int year;
  return iso_week(w, &year);
}

WALL_FIELD(year, w.year)
WALL_FIELD(month, w.month)
WALL_FIELD(day, w.day)
WALL_FIELD(hour, w.hour)
WALL_FIELD(minute, w.minute)
WALL_FIELD(second, w.second)
WALL_FIELD(nanosecond, w.nanosecond)
WALL_FIELD(weekday, weekday_of_days(days_of_date(w.year, w.month, w.day)))
WALL_FIELD(yearday, day_of_year(&w))
WALL_FIELD(week, week_of(&w))

static const struct zone_clock *clock_of(struct call *c) { return zone_at(self(c)->zone, self(c)->seconds); }

static enum native_status time_get_unix(struct call *c)
{
  return native_return(c, value_float((double)self(c)->seconds + (double)self(c)->nanoseconds / BILLION));
}

static enum native_status time_get_zone(struct call *c) { return return_object(c, self(c)->zone->name); }
static enum native_status time_get_offset(struct call *c) { return native_return(c, value_float(clock_of(c)->offset)); }
static enum native_status time_get_is_dst(struct call *c) { return return_bool(c, clock_of(c)->is_summer); }

static enum native_status time_get_abbreviation(struct call *c)
{
  return return_object(c, string_from(c->heap, clock_of(c)->abbreviation));
}

// Methods

static enum native_status time_fn_format(struct call *c)
{
  struct string *pattern;
  struct buf out;
  if (!arg_string(c, 1, &pattern)) return NATIVE_THROW;
  buf_init(&out, &c->vm->alloc);
  if (time_format(c, self(c), text_of(c, 1), &out)) return return_text(c, &out);
  buf_fini(&out);
  return NATIVE_THROW;
}

static enum native_status time_fn_iso(struct call *c)
{
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  time_print(self(c), &out);
  return return_text(c, &out);
}

static enum native_status in_zone(struct call *c, struct zone *zone)
{
  return zone ? return_time(c, time_new(c, self(c)->seconds, self(c)->nanoseconds, zone)) : NATIVE_THROW;
}

static enum native_status time_fn_in_zone(struct call *c) { return in_zone(c, arg_zone(c, 1, NULL)); }
static enum native_status time_fn_utc(struct call *c) { return in_zone(c, zone_utc(c)); }
static enum native_status time_fn_local(struct call *c) { return in_zone(c, zone_local(c)); }

static enum native_status time_fn_with(struct call *c)
{
  struct wall w;
  time_wall(self(c), &w);
  if (!arg_wall(c, 1, &w) || !time_check_wall(c, "with", &w)) return NATIVE_THROW;
  return return_time(c, time_of_wall(c, &w, self(c)->zone));
}

// By the calendar: the time of day stays, the day is cut to the month's last.
static enum native_status time_fn_add(struct call *c)
{
  struct wall w;
  int years = 0, months = 0, weeks = 0, days = 0;
  if (!arg_part(c, 1, &years) || !arg_part(c, 2, &months) || !arg_part(c, 3, &weeks) || !arg_part(c, 4, &days))
    return NATIVE_THROW;
  time_wall(self(c), &w);
  i64 month = (w.year + (i64)years) * 12 + w.month - 1 + months;
  if (month < YEAR_MIN * 12 || month >= (YEAR_MAX + 1) * 12) return throw_range(c->vm);
  w.year = (int)(month / 12);
  w.month = (int)(month % 12) + 1;
  if (w.day > days_in_month(w.year, w.month)) w.day = days_in_month(w.year, w.month);
  i64 day = days_of_date(w.year, w.month, w.day) + (i64)weeks * 7 + days;
  if (day * DAY_SECONDS < first_second() || day * DAY_SECONDS > last_second()) return throw_range(c->vm);
  date_of_days(day, &w);
  return return_time(c, time_of_wall(c, &w, self(c)->zone));
}

static enum native_status time_fn_start_of(struct call *c)
{
  static const char *const units[] = { "year", "month", "week", "day", "hour", "minute", "second" };
  struct string *unit;
  struct wall w;
  if (!arg_string(c, 1, &unit)) return NATIVE_THROW;
  struct text name = text_of(c, 1);
  u32 i = 0;
  while (i < COUNT_OF(units) && (strlen(units[i]) != name.len || memcmp(units[i], name.s, name.len) != 0)) i++;
  if (i == COUNT_OF(units))
    return throw_error(c->vm, c->vm->errors.value,
                       "start_of: the unit must be year, month, week, day, hour, minute or second");
  const struct moment *t = self(c);
  time_wall(t, &w);
  // Below the hour nothing is asked twice when clocks are set back.
  if (i >= 5) return return_time(c, time_new(c, t->seconds - (i == 5 ? w.second : 0), 0, t->zone));
  if (i == 4) return return_time(c, time_new(c, t->seconds - w.minute * 60 - w.second, 0, t->zone));
  if (i == 2) {
    i64 days = days_of_date(w.year, w.month, w.day);
    date_of_days(days - weekday_of_days(days) + 1, &w);
  }
  if (i == 0) w.month = 1;
  if (i <= 1) w.day = 1;
  w.hour = w.minute = w.second = w.nanosecond = 0;
  return return_time(c, time_of_wall(c, &w, t->zone));
}

static const struct native functions[] = {
  { .name = "now",
    .fn = time_now,
    .max = 1,
    .usage = "now(zone = \"local\")",
    .doc = "The present time.\n"
           "    time.now(\"UTC\")" },
  { .name = "today", .fn = time_today, .max = 1, .usage = "today(zone = \"local\")", .doc = "The beginning of the day." },
  { .name = "clock",
    .fn = time_clock,
    .usage = "clock()",
    .doc = "Seconds on a clock that nobody sets: only differences mean something.\n"
           "    let begin = time.clock(); work(); print(time.clock() - begin)" },
  { .name = "unix",
    .fn = time_unix,
    .required = 1,
    .max = 2,
    .usage = "unix(seconds, zone = \"local\")",
    .doc = "The time so many seconds after 1970 began in UTC.\n"
           "    time.unix(1000000000, \"UTC\")     # 2001-09-09T01:46:40Z" },
  { .name = "parse",
    .fn = time_fn_parse,
    .required = 1,
    .max = 3,
    .usage = "parse(text, pattern = nil, zone = \"local\")",
    .doc = "The time a text says, in ISO 8601, or by a pattern of the directives that format takes.\n"
           "What names no offset is in [zone]. Another text is a ValueError that says what was expected where.\n"
           "    time.parse(\"22.11.2026 13:05\", \"%d.%m.%Y %H:%M\", \"UTC\")" },
};

static const struct native construct = {
  .name = "time",
  .fn = time_construct,
  .required = 1,
  .max = 7,
  .usage = "time(year, month = 1, day = 1, hour = 0, minute = 0, second = 0, zone = \"local\")",
  .doc = "A time, from what a calendar and a clock in a zone show, or from one text in ISO 8601.\n"
         "Zones are names such as Europe/Berlin, UTC, local, or offsets such as +02:00. Of two such times, where clocks\n"
         "are set back, it is the first; where they are set forward over it, it is as much later.\n"
         "    time(2026, 3, 29, zone: \"Europe/Berlin\")       time(\"2026-03-29T12:00Z\")",
};

static const struct native getters[] = {
  { .name = "year", .fn = time_get_year, .usage = "year", .doc = "The year." },
  { .name = "month", .fn = time_get_month, .usage = "month", .doc = "The month, from 1." },
  { .name = "day", .fn = time_get_day, .usage = "day", .doc = "The day of the month, from 1." },
  { .name = "hour", .fn = time_get_hour, .usage = "hour", .doc = "The hour, 0 to 23." },
  { .name = "minute", .fn = time_get_minute, .usage = "minute", .doc = "The minute." },
  { .name = "second", .fn = time_get_second, .usage = "second", .doc = "The second, an int." },
  { .name = "nanosecond", .fn = time_get_nanosecond, .usage = "nanosecond", .doc = "What is beyond it, in nanoseconds." },
  { .name = "weekday", .fn = time_get_weekday, .usage = "weekday", .doc = "The day of the week: 1 is Monday, 7 Sunday." },
  { .name = "yearday", .fn = time_get_yearday, .usage = "yearday", .doc = "The day of the year, from 1." },
  { .name = "week", .fn = time_get_week, .usage = "week", .doc = "The week of the year, by ISO 8601." },
  { .name = "unix", .fn = time_get_unix, .usage = "unix", .doc = "Seconds since 1970 began in UTC, a float." },
  { .name = "zone", .fn = time_get_zone, .usage = "zone", .doc = "The name of its zone." },
  { .name = "offset", .fn = time_get_offset, .usage = "offset", .doc = "How far its clock is ahead of UTC, in seconds." },
  { .name = "abbreviation", .fn = time_get_abbreviation, .usage = "abbreviation", .doc = "What the zone calls its time then: CET." },
  { .name = "is_dst", .fn = time_get_is_dst, .usage = "is_dst", .doc = "True while daylight saving time holds." },
};

static const struct native methods[] = {
  { .name = "format",
    .fn = time_fn_format,
    .required = 1,
    .max = 1,
    .usage = "format(pattern)",
    .doc = "The time as text, by a pattern of directives.\n"
           "%Y %m %d %H %M %S are year to second; %y two digits of the year, %e the day with a blank, %I %p the hour of\n"
           "twelve and AM or PM; %L %f %N milli-, micro- and nanoseconds; %a %A %b %B names of day and month in English;\n"
           "%j day of the year, %u weekday from Monday, %w from Sunday as 0, %G %V year and week of ISO 8601; %z and %:z\n"
           "the offset, %Z the zone's abbreviation; %s seconds since 1970; %F is %Y-%m-%d, %T %H:%M:%S, %R %H:%M; %% a\n"
           "percent sign. Others are a ValueError.\n"
           "    time(2026, 11, 22).format(\"%a %d.%m.%Y\")     # \"Sun 22.11.2026\"" },
  { .name = "iso",
    .fn = time_fn_iso,
    .usage = "iso()",
    .doc = "The text that print shows, in ISO 8601." },
  { .name = "in_zone",
    .fn = time_fn_in_zone,
    .required = 1,
    .max = 1,
    .usage = "in_zone(zone)",
    .doc = "The same instant as clocks elsewhere show it.\n"
           "    time.now().in_zone(\"Asia/Tokyo\")" },
  { .name = "utc", .fn = time_fn_utc, .usage = "utc()", .doc = "The same instant in UTC." },
  { .name = "local", .fn = time_fn_local, .usage = "local()", .doc = "The same instant in the local zone." },
  { .name = "with",
    .fn = time_fn_with,
    .max = 6,
    .usage = "with(year = nil, month = nil, day = nil, hour = nil, minute = nil, second = nil)",
    .doc = "The time with some parts of date and clock changed.\n"
           "    time.now().with(hour: 8, minute: 0, second: 0)" },
  { .name = "add",
    .fn = time_fn_add,
    .max = 4,
    .usage = "add(years = 0, months = 0, weeks = 0, days = 0)",
    .doc = "The same time of day so much later by the calendar; the last day of a shorter month where it lacks the day.\n"
           "Durations are added with +: `t + 24h` is another time of day where clocks are set in between.\n"
           "    time(2026, 1, 31).add(months: 1).day      # 28" },
  { .name = "start_of",
    .fn = time_fn_start_of,
    .required = 1,
    .max = 1,
    .usage = "start_of(unit)",
    .doc = "When its year, month, week, day, hour, minute or second began." },
  { .name = "to_json", .fn = time_fn_iso, .usage = "to_json()", .doc = "The text that stands for it in JSON, in ISO 8601." },
};

const struct native_class time_class = {
  .name = "time",
  .doc = "An instant, as a calendar and a clock in a zone show it.",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .getters = getters,
  .getter_count = COUNT_OF(getters),
  .construct = &construct,
  .size = sizeof(struct moment),
  .mark = mark,
  .print = print,
  .compare = compare,
  .hash = hash,
  .arith = arith,
};

bool lib_open_time(struct lull *vm, struct module *m)
{
  struct class *class = native_class(vm, &time_class);
  if (!class) return false;
  m->call = &class->object;
  heap_barrier(&vm->heap, m);
  return module_add_natives(vm, m, functions, COUNT_OF(functions));
}
