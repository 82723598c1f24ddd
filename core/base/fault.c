#include "base/fault.h"

#ifdef LULL_FAULTS
#include <errno.h>
#if defined(__GLIBC__)
#include <execinfo.h>
#endif
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAMES_MAX = 1 << 16, WAYS_MAX = 1 << 16, NOTED_MAX = 1 << 16 };

struct fault {
  atomic_ullong calls;
  u64 at;  // 0: none
  int error;
  bool on;
};

static struct fault allocs, calls, named;
static char only[32];  // the function whose calls [named] counts
static const char *names[NAMES_MAX];
// The first request that came each way, by the calls that led to it.
static struct way {
  _Atomic u64 hash;
  u64 number;
  bool is_alloc;
} ways[WAYS_MAX];
static char count_path[4096], trace_path[4096];

static void write_trace(void)
{
#if defined(__GLIBC__)
  void *calls_here[64];
  int fd = *trace_path ? open(trace_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (fd < 0) return;
  backtrace_symbols_fd(calls_here, backtrace(calls_here, 64), fd);
  (void)!write(fd, "\n", 1);
  close(fd);
#endif
}

// The same in every process, but for what leads through shared objects.
static void note_way(const struct fault *f, u64 number)
{
#if defined(__GLIBC__)
  void *above[10];
  u64 hash = 0, was = 0;
  int depth = f == &allocs ? 10 : 7;  // the heap has some calls of its own
  for (int i = 1, n = backtrace(above, depth); i < n; i++)
    hash = (hash ^ ((u64)(uintptr_t)above[i] - (u64)(uintptr_t)note_way)) * 0x9e3779b97f4a7c15u;
  struct way *way = &ways[(hash >> 32) % WAYS_MAX];
  // Two that fall together are one.
  if (!atomic_compare_exchange_strong(&way->hash, &was, hash | 1)) return;
  way->number = number;
  way->is_alloc = f == &allocs;
#endif
}

static bool is_due(struct fault *f)
{
  u64 call = ++f->calls;
  if (*count_path && call <= NOTED_MAX) note_way(f, call);
  if (!f->at || !(call == f->at || (f->on && call > f->at))) return false;
  write_trace();
  errno = f->error;
  return true;
}

bool fault_alloc(void) { return is_due(&allocs); }

bool fault_sys(const char *function)
{
  u64 before = calls.calls;
  if (before < NAMES_MAX) names[before] = function;
  return is_due(&calls) || (strcmp(function, only) == 0 && is_due(&named));
}

static void put(int fd, const char *text)
{
  (void)!write(fd, text, strlen(text));
}

static void write_counts(void)
{
  char line[64];
  u64 count = calls.calls;
  int fd = open(count_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  snprintf(line, sizeof line, "%llu %llu\n", (unsigned long long)allocs.calls, (unsigned long long)count);
  put(fd, line);
  for (u64 i = 0; i < count && i < NAMES_MAX; i++) {
    put(fd, names[i] ? names[i] : "?");
    put(fd, "\n");
  }
  for (u32 i = 0; i < WAYS_MAX; i++) {
    if (!ways[i].number) continue;
    snprintf(line, sizeof line, "%s:%llu %llx\n", ways[i].is_alloc ? "alloc" : "sys", (unsigned long long)ways[i].number,
             (unsigned long long)ways[i].hash);
    put(fd, line);
  }
  close(fd);
}

static struct fault *fault_of(const char *text)
{
  if (strncmp(text, "alloc:", 6) == 0) return &allocs;
  if (strncmp(text, "sys:", 4) == 0) return &calls;
  if (strncmp(text, "sys_", 4) != 0) return NULL;
  snprintf(only, sizeof only, "%.*s", (int)strcspn(text, ":"), text);
  return &named;
}

static void read_fault(const char *text)
{
  struct fault *f = fault_of(text);
  const char *number = strchr(text, ':');
  char *end;
  if (!f || !number) return;
  f->at = strtoull(number + 1, &end, 10);
  f->on = *end == '+';
  f->error = f == &allocs ? ENOMEM : EIO;
  end += f->on;
  if (f != &allocs && *end == ':') f->error = atoi(end + 1);
}

// Takes a variable away.
static void take(const char *name, char *to, size_t size)
{
  const char *value = getenv(name);
  if (value && strlen(value) < size) strcpy(to, value);
  unsetenv(name);
}

__attribute__((constructor)) static void read_environment(void)
{
  char fail[64] = "";
  take("LULL_FAIL", fail, sizeof fail);
  take("LULL_FAIL_COUNT", count_path, sizeof count_path);
  take("LULL_FAIL_TRACE", trace_path, sizeof trace_path);
  if (*count_path) atexit(write_counts);
  read_fault(fail);
}
#endif
