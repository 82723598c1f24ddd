#include "base/fault.h"

#ifdef LULL_FAULTS
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fault {
  atomic_ullong calls;
  u64 at;  // 0: none
  int error;
  bool on;
};

static struct fault allocs, calls;

static bool is_due(struct fault *f)
{
  u64 call = ++f->calls;
  if (!f->at || !(call == f->at || (f->on && call > f->at))) return false;
  errno = f->error;
  return true;
}

bool fault_alloc(void) { return is_due(&allocs); }

bool fault_sys(void) { return is_due(&calls); }

static void write_counts(void)
{
  char text[64];
  const char *path = getenv("LULL_FAIL_COUNT");
  int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
  if (fd < 0) return;
  int len = snprintf(text, sizeof text, "%llu %llu\n", (unsigned long long)allocs.calls, (unsigned long long)calls.calls);
  ssize_t n = write(fd, text, (size_t)len);
  (void)n;
  close(fd);
}

__attribute__((constructor)) static void read_environment(void)
{
  const char *text = getenv("LULL_FAIL");
  if (getenv("LULL_FAIL_COUNT")) atexit(write_counts);
  if (!text) return;
  struct fault *f = strncmp(text, "sys:", 4) == 0 ? &calls : strncmp(text, "alloc:", 6) == 0 ? &allocs : NULL;
  if (!f) return;
  char *end;
  f->at = strtoull(strchr(text, ':') + 1, &end, 10);
  f->on = *end == '+';
  f->error = f == &allocs ? ENOMEM : EIO;
  end += f->on;
  if (f == &calls && *end == ':') f->error = atoi(end + 1);
}
#endif
