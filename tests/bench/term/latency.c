// latency [KEYS]: types into a real session and prints, in microseconds, how long a key takes until its first byte comes back and until
// the screen shows it; once at an idle prompt, once while a background cell prints a hundred lines a second.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "term.h"

enum { LINE = 40 };  // characters typed before they are taken away again

struct key {
  size_t bytes_before;
  double first_byte;  // when it came; 0: not yet
  int col;            // where the cursor will be
};

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool is_echoed(struct term *t, void *user)
{
  struct key *key = user;
  size_t len;
  term_bytes(t, &len);
  if (len > key->bytes_before && key->first_byte == 0) key->first_byte = now();
  return term_cursor(t).col == key->col && key->first_byte > 0;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print_row(const char *name, double *times, int count)
{
  qsort(times, (size_t)count, sizeof *times, compare);
  printf("| %s | %.0f | %.0f | %.0f |\n", name, times[count / 2], times[count * 99 / 100], times[count - 1]);
}

static void type(struct term *t, const char *name, int count)
{
  double *first = calloc((size_t)count, sizeof *first), *shown = calloc((size_t)count, sizeof *shown);
  char label[64];
  for (int i = 0; i < count; i++) {
    bool is_back = i / LINE % 2;
    struct key key = {.col = term_cursor(t).col + (is_back ? -1 : 1)};
    term_bytes(t, &key.bytes_before);
    double begin = now();
    term_send(t, is_back ? KEY_BACKSPACE : "x");
    term_wait(t, is_echoed, &key, "the echo of a key");
    first[i] = 1e6 * (key.first_byte - begin);
    shown[i] = 1e6 * (now() - begin);
  }
  snprintf(label, sizeof label, "%s: first byte", name);
  print_row(label, first, count);
  snprintf(label, sizeof label, "%s: shown", name);
  print_row(label, shown, count);
  free(first);
  free(shown);
}

int main(int argc, char **argv)
{
  int count = argc > 1 ? atoi(argv[1]) : 2000;
  count -= count % (2 * LINE);
  if (count <= 0) return 2;
  struct term *t = term_open(100, 30, term_lull(), NULL);
  term_wait_line(t, "[1] >");
  puts("| microseconds | median | 99 % | most |\n|---|---:|---:|---:|");
  type(t, "idle", count);
  term_send(t, "every(10ms, print, \"noise\")\r");
  term_wait_text(t, "[1] noise");
  term_wait_line(t, "[2] >");
  type(t, "noise", count);
  term_close(t);
  return 0;
}
