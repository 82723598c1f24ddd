// The calendar, without zones: days since 1970-01-01 and the date they are. Gregorian, years 1 to 9999.
#ifndef LULL_LIB_CALENDAR_H
#define LULL_LIB_CALENDAR_H

#include "base/types.h"

#define YEAR_MIN 1
#define YEAR_MAX 9999
#define DAY_SECONDS 86400

// A date and a time of day, as a clock on a wall shows them.
struct wall {
  int year, month, day;      // month and day from 1
  int hour, minute, second;  // second below 60
  int nanosecond;
};

i64 days_of_date(int year, int month, int day);  // any day or month of at most a few thousand; they carry over
void date_of_days(i64 days, struct wall *wall);  // sets the date only
int days_in_month(int year, int month);
static inline bool is_leap_year(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
int weekday_of_days(i64 days);               // 1 is Monday, 7 is Sunday
int day_of_year(const struct wall *wall);    // from 1
int iso_week(const struct wall *wall, int *year);  // and the year it belongs to

// Seconds as if the wall's clock showed UTC, and back.
i64 seconds_of_wall(const struct wall *wall);
void wall_of_seconds(i64 seconds, struct wall *wall);  // nanosecond stays

#endif
