#include "lib/calendar.h"

#define ERA_DAYS 146097  // of 400 years
#define EPOCH_DAYS 719468  // from 0000-03-01 to 1970-01-01

static i64 floor_div(i64 a, i64 b) { return a / b - (a % b < 0); }

// Years begin in March, so that the leap day is the last one.
i64 days_of_date(int year, int month, int day)
{
  i64 months = month - 3, y = year + floor_div(months, 12);
  months -= floor_div(months, 12) * 12;
  i64 era = floor_div(y, 400), year_of_era = y - era * 400;
  i64 day_of_march_year = (153 * months + 2) / 5 + day - 1;
  return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_march_year - EPOCH_DAYS;
}

void date_of_days(i64 days, struct wall *wall)
{
  days += EPOCH_DAYS;
  i64 era = floor_div(days, ERA_DAYS), day_of_era = days - era * ERA_DAYS;
  i64 year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
  i64 day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  i64 month = (5 * day + 2) / 153;
  wall->day = (int)(day - (153 * month + 2) / 5 + 1);
  wall->month = (int)(month < 10 ? month + 3 : month - 9);
  wall->year = (int)(era * 400 + year_of_era + (wall->month <= 2));
}

int days_in_month(int year, int month)
{
  static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  return days[month - 1] + (month == 2 && is_leap_year(year));
}

int weekday_of_days(i64 days)
{
  i64 weeks = floor_div(days + 3, 7);
  return (int)(days + 3 - weeks * 7) + 1;
}

int day_of_year(const struct wall *w)
{
  return (int)(days_of_date(w->year, w->month, w->day) - days_of_date(w->year, 1, 1)) + 1;
}

// A week belongs to the year its Thursday lies in.
int iso_week(const struct wall *w, int *year)
{
  i64 days = days_of_date(w->year, w->month, w->day);
  struct wall thursday = { 0 };
  date_of_days(days - weekday_of_days(days) + 4, &thursday);
  *year = thursday.year;
  return (day_of_year(&thursday) - 1) / 7 + 1;
}

i64 seconds_of_wall(const struct wall *w)
{
  return days_of_date(w->year, w->month, w->day) * DAY_SECONDS + w->hour * 3600 + w->minute * 60 + w->second;
}

void wall_of_seconds(i64 seconds, struct wall *w)
{
  i64 days = floor_div(seconds, DAY_SECONDS), rest = seconds - days * DAY_SECONDS;
  date_of_days(days, w);
  w->hour = (int)(rest / 3600);
  w->minute = (int)(rest / 60 % 60);
  w->second = (int)(rest % 60);
}
