// figures [NAME...]: what a session does under a person's hands and under strain, on a real pseudo-terminal. Prints a table a
// figure; all of them unless some are named (the table at the foot).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "term.h"

enum { COLS = 100, ROWS = 30, TYPED = 40 /* characters typed before they are taken away again */ };

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print_head(const char *unit) { printf("\n| %s | median | 99 %% | most |\n|---|---:|---:|---:|\n", unit); }

static void print_row(const char *name, double *times, int count, double scale)
{
  qsort(times, (size_t)count, sizeof *times, compare);
  printf("| %s | %.3g | %.3g | %.3g |\n", name, scale * times[count / 2], scale * times[count * 99 / 100],
         scale * times[count - 1]);
  fflush(stdout);
}

static struct term *session(void)
{
  struct term *t = term_open(COLS, ROWS, term_lull(), NULL);
  term_wait_line(t, "[1] >");
  return t;
}

static void enter(struct term *t, const char *text)
{
  term_send(t, text);
  term_send(t, KEY_ENTER);
}

// ---- A key

struct key {
  size_t bytes_before;
  double first_byte;  // when it came; 0: not yet
  int col;            // where the cursor will be
};

static bool is_echoed(struct term *t, void *user)
{
  struct key *key = user;
  size_t len;
  term_bytes(t, &len);
  if (len > key->bytes_before && key->first_byte == 0) key->first_byte = now();
  return term_cursor(t).col == key->col && key->first_byte > 0;
}

// Types a character, or takes one away, and gives the time until the screen shows it.
static double press(struct term *t, int i)
{
  bool is_back = i / TYPED % 2;
  struct key key = {.col = term_cursor(t).col + (is_back ? -1 : 1)};
  term_bytes(t, &key.bytes_before);
  double begin = now();
  term_send(t, is_back ? KEY_BACKSPACE : "x");
  term_wait(t, is_echoed, &key, "the echo of a key");
  return now() - begin;
}

static void press_all(struct term *t, const char *name, int count)
{
  double *shown = calloc((size_t)count, sizeof *shown);
  for (int i = 0; i < count; i++) shown[i] = press(t, i);
  print_row(name, shown, count, 1e3);
  free(shown);
}

static void run_keys(void)
{
  enum { KEYS = 4000 };
  struct term *t = session();
  print_head("ms until a key is shown");
  press_all(t, "idle", KEYS);
  enter(t, "every(1ms, print, \"noise\")");
  term_wait_text(t, "[1] noise");
  term_wait_line(t, "[2] >");
  press_all(t, "with 1,000 background lines a second", KEYS);
  term_close(t);
}

// ---- A flood: 100,000 lines in a second, while somebody types; then all of them are asked for

// Whether the lines 1 to [count] follow each other in what was written.
static int lines_in_order(struct term *t, int count)
{
  char line[32];
  const char *at = strstr(term_all(t), "\nline 1\n");
  int n = 0;
  while (at && n < count) {
    int len = snprintf(line, sizeof line, "\nline %d\n", n + 1);
    if (strncmp(at, line, (size_t)len) != 0) break;
    at += len - 1;
    n++;
  }
  return n;
}

static bool is_whole(struct term *t, void *user) { return term_count(t, "line 100000\n") > 0; }

static void run_flood(void)
{
  enum { LINES = 100000, KEYS = 2000 };
  struct term *t = session();
  double *shown = calloc(KEYS, sizeof *shown);
  int keys = 0;
  enter(t, ":set keep 8M");
  enter(t, "let n = 0; let t = every(10ms, () => { for i in 0..1000 { n += 1; print(\"line ${n}\") }; if n == 100000 { t.cancel() } })");
  term_wait_line(t, "[2] >");
  for (double end = now() + 1; now() < end && keys < KEYS;) {
    shown[keys] = press(t, keys);
    keys++;
  }
  print_head("ms until a key is shown");
  print_row("100,000 lines in a second", shown, keys, 1e3);
  for (; keys / TYPED % 2 || keys % TYPED; keys++) press(t, keys);
  term_wait_quiet(t, 0.5);
  enter(t, ":out 1");
  term_wait(t, is_whole, NULL, "the last line");
  printf("\nlines kept, in their order: %d of %d\n", lines_in_order(t, LINES), LINES);
  free(shown);
  term_close(t);
}

// ---- Ctrl-C at random moments of computing

static void run_interrupts(void)
{
  enum { TIMES = 1000 };
  static const char *const loops[] = {
    "while true { }",
    "let i = 0; while true { i += 1 }",
    "fn f(n) => if n > 0 { f(n - 1) }; while true { f(100) }",
    "let s = []; while true { s = if s.len() > 1000 { [] } else { s + [1] } }",
    "while true { try { throw \"x\" } catch e { } }",
    "while true { \"a,b,c\".split(\",\").map(x => x + x).join(\"\") }",
    "for i in 0..1000000000000 { let m = {a: i, b: [i]} }",
    "while true { await sleep(0) }",
  };
  double *times = calloc(TIMES, sizeof *times);
  struct term *t = session();
  srand(1);
  for (int i = 0; i < TIMES; i++) {
    const char *loop = loops[rand() % (int)(sizeof loops / sizeof *loops)];
    char prompt[32], go[32], text[256];
    snprintf(text, sizeof text, "print(\"go \" + \"%d\"); %s", i, loop);
    enter(t, text);
    snprintf(go, sizeof go, "go %d", i);
    term_wait_text(t, go);
    struct timespec pause = {.tv_nsec = rand() % 30000000};
    nanosleep(&pause, NULL);
    snprintf(prompt, sizeof prompt, "[%d] >", i + 2);
    double begin = now();
    term_send(t, "\003");
    term_wait_line(t, prompt);
    times[i] = now() - begin;
  }
  print_head("ms from Ctrl-C to the prompt");
  print_row("1,000 random moments of 8 kinds of loops", times, TIMES, 1e3);
  free(times);
  term_close(t);
}

// ---- The first prompt

static void run_prompt(void)
{
  enum { TIMES = 100 };
  double times[TIMES];
  for (int i = 0; i < TIMES; i++) {
    double begin = now();
    struct term *t = term_open(COLS, ROWS, term_lull(), NULL);
    term_wait_line(t, "[1] >");
    times[i] = now() - begin;
    term_close(t);
  }
  print_head("ms from the start to the first prompt");
  print_row("fork, exec, banner, prompt", times, TIMES, 1e3);
}

// ---- Doing nothing

// CPU seconds of a process, and how often it has waited so far.
static void usage_of(int pid, long *ticks, long *waits)
{
  char path[64], line[512];
  long user = 0, system = 0;
  *waits = 0;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *f = fopen(path, "r");
  if (f && fgets(line, sizeof line, f) && strrchr(line, ')'))
    sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system);
  if (f) fclose(f);
  *ticks = user + system;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  f = fopen(path, "r");
  while (f && fgets(line, sizeof line, f)) sscanf(line, "voluntary_ctxt_switches: %ld", waits);
  if (f) fclose(f);
}

static void run_idle(void)
{
  enum { SECONDS = 20 };
  struct term *t = session();
  long ticks, waits, ticks_after, waits_after;
  enter(t, "for i in 0..100 { every(1h, print, i) }");
  term_wait_line(t, "[2] >");
  term_wait_quiet(t, 2);
  usage_of(term_pid(t), &ticks, &waits);
  sleep(SECONDS);
  usage_of(term_pid(t), &ticks_after, &waits_after);
  printf("\nidle for %d s with 100 timers an hour apart: %ld ms of CPU, woken %ld times\n", SECONDS,
         1000 * (ticks_after - ticks) / sysconf(_SC_CLK_TCK), waits_after - waits);
  term_close(t);
}

static const struct {
  const char *name;
  void (*run)(void);
} figures[] = {
  {"keys", run_keys}, {"flood", run_flood}, {"interrupts", run_interrupts}, {"prompt", run_prompt},
  {"idle", run_idle},
};

int main(int argc, char **argv)
{
  for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
    bool is_wanted = argc < 2;
    for (int k = 1; k < argc; k++) is_wanted = is_wanted || strcmp(argv[k], figures[i].name) == 0;
    if (is_wanted) figures[i].run();
    fflush(stdout);
  }
  return 0;
}
