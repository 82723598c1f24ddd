// A repeating timer of one millisecond on libev, by hand.
#include <ev.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double *times;
static int count, most;

static void on_tick(struct ev_loop *loop, ev_timer *w, int events)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  times[count++] = (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
  if (count > most) ev_timer_stop(loop, w);
}

static int compare(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

int main(int argc, char *argv[])
{
  ev_timer timer;
  most = argc > 1 ? atoi(argv[1]) : 1000;
  times = calloc((size_t)most + 2, sizeof *times);
  if (!times) return 1;
  ev_timer_init(&timer, on_tick, 0.001, 0.001);
  ev_timer_start(ev_default_loop(0), &timer);
  ev_run(ev_default_loop(0), 0);
  for (int i = 0; i < most; i++) times[i] = fabs(times[i + 1] - times[i] - 0.001) * 1e6;
  qsort(times, (size_t)most, sizeof *times, compare);
  printf("%g %g %g\n", times[most / 2], times[(size_t)most * 99 / 100], times[most - 1]);
  free(times);
}
