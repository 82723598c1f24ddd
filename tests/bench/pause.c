// The longest pauses of the collector while a script runs: each of its steps is timed from outside, in CPU time of the
// thread, so that other processes do not count.
//   meson compile -C build bench-pause && build/tests/bench/bench-pause [SCRIPT]
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <ev.h>

#include "base/buf.h"
#include "include/lull.h"
#include "value/heap.h"

enum { LONGEST = 5 };
static double longest[LONGEST], total;
static unsigned long steps;

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void note(double ms)
{
  steps++;
  total += ms;
  for (int i = 0; i < LONGEST; i++) {
    if (ms <= longest[i]) continue;
    double smaller = longest[i];
    longest[i] = ms;
    ms = smaller;
  }
}

// The linker puts these around the heap's own (--wrap).
void __real_heap_safepoint(struct heap *heap);
void __wrap_heap_safepoint(struct heap *heap);
void __wrap_heap_safepoint(struct heap *heap)
{
  double start = now();
  __real_heap_safepoint(heap);
  note(now() - start);
}

static void write_out(void *user, uint64_t tag, int stream, const char *bytes, size_t len)
{
  (void)user, (void)tag;
  fwrite(bytes, 1, len, stream == 1 ? stdout : stderr);
}

static bool read_file(const char *path, struct buf *text)
{
  FILE *file = fopen(path, "r");
  char part[4096];
  if (!file) return false;
  for (size_t len; (len = fread(part, 1, sizeof part, file)) > 0;) buf_append(text, part, len);
  fclose(file);
  return true;
}

int main(int argc, char **argv)
{
  const char *path = argc > 1 ? argv[1] : BENCH_PAUSE_SCRIPT;
  struct lull_host host = { .write = write_out };
  alloc_tune();
  struct lull *lull = lull_create(ev_default_loop(0), &host, 0);
  struct buf text, messages;
  if (!lull) return 1;
  buf_init(&text, lull_alloc(lull));
  buf_init(&messages, lull_alloc(lull));
  if (!read_file(path, &text)) return perror(path), 1;
  if (lull_run(lull, 1, path, buf_text(&text), text.len, LULL_FILE, &messages) != LULL_STARTED)
    return fprintf(stderr, "%s", buf_text(&messages)), 1;
  printf("steps %lu, together %.1f ms, longest:", steps, total);
  for (int i = 0; i < LONGEST; i++) printf(" %.2f", longest[i]);
  printf(" ms\n");
  return 0;
}
