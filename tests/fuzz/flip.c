// flip [COUNT [SEED]]: a history file of which COUNT bits are flipped, some at a time. It loads, and no entry is lost whose line was not hit.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "session/history.h"

enum { ENTRIES = 200, WIDTH = 96, AT_ONCE = 8 };

static char path[] = "/tmp/lull-flip-XXXXXX";
static char entries[ENTRIES][WIDTH], file[ENTRIES * WIDTH * 2];
static size_t starts[ENTRIES + 1];  // of the lines
static bool is_hit[ENTRIES];
static u64 state;

static u32 random_below(u32 limit)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (u32)(state >> 32) % limit;
}

static void broken(const char *what, int entry)
{
  fprintf(stderr, "%s: entry %d; the file is %s\n", what, entry, path);
  abort();
}

// Entries of all kinds: long and short, of several lines, with what has to be escaped.
static int make_file(struct alloc *alloc)
{
  static const char *const parts[] = { "let x = 1", "\n", "\\", "\r", "print(\"\\n\")", "\xC3\xA9", "\t", " + 2", "{", "}" };
  int fd = mkstemp(path);
  struct history *h = fd < 0 ? NULL : history_create(alloc, path);
  if (!h) return -1;
  for (int i = 0; i < ENTRIES; i++) {
    snprintf(entries[i], WIDTH, "entry%d:", i);
    for (u32 n = random_below(8); n > 0; n--) strcat(entries[i], parts[random_below(COUNT_OF(parts))]);
    starts[i] = (size_t)lseek(fd, 0, SEEK_END);
    if (!history_append(h, entries[i], strlen(entries[i]))) broken("not written", i);
  }
  history_destroy(h);
  starts[ENTRIES] = (size_t)lseek(fd, 0, SEEK_END);
  if (pread(fd, file, sizeof file, 0) != (ssize_t)starts[ENTRIES]) broken("not read", 0);
  return fd;
}

// A line is hit where one of its bytes is, or the end of the one before: that runs into it then.
static size_t flip(int fd)
{
  size_t at = random_below((u32)starts[ENTRIES]);
  int line = 0;
  while (starts[line + 1] <= at) line++;
  is_hit[line] = true;
  if (at + 1 == starts[line + 1] && line + 1 < ENTRIES) is_hit[line + 1] = true;
  char c;
  if (pread(fd, &c, 1, (off_t)at) != 1) broken("not read", line);
  c = (char)(c ^ 1 << random_below(8));
  if (pwrite(fd, &c, 1, (off_t)at) != 1) broken("not written", line);
  return at;
}

static void check(struct history *h)
{
  bool is_there[ENTRIES] = { false };
  for (u32 at = history_after(h, UINT32_MAX); at < history_bound(h); at = history_after(h, at)) {
    size_t len;
    const char *text = history_entry(h, at, &len);
    int i = len > 5 && memcmp(text, "entry", 5) == 0 ? atoi(text + 5) : -1;
    if (i >= 0 && i < ENTRIES && strlen(entries[i]) == len && memcmp(entries[i], text, len) == 0) is_there[i] = true;
  }
  for (int i = 0; i < ENTRIES; i++) {
    if (!is_there[i] && !is_hit[i]) broken("lost", i);
  }
}

int main(int argc, char **argv)
{
  unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
  state = argc > 2 ? strtoul(argv[2], NULL, 10) * 2 + 1 : 88172645463325252u;
  struct alloc alloc;
  alloc_init(&alloc, SIZE_MAX);
  int fd = make_file(&alloc);
  if (fd < 0) return perror(path), 1;
  for (unsigned long done = 0; done < count;) {
    size_t flipped[AT_ONCE];
    u32 at_once = 1 + random_below(AT_ONCE);
    memset(is_hit, 0, sizeof is_hit);
    for (u32 i = 0; i < at_once; i++) flipped[i] = flip(fd);
    struct history *h = history_create(&alloc, path);
    if (!h) broken("not loaded", 0);
    check(h);
    history_destroy(h);
    if (alloc.used) broken("memory is left", 0);
    for (u32 i = 0; i < at_once; i++) {
      if (pwrite(fd, file + flipped[i], 1, (off_t)flipped[i]) != 1) broken("not written", 0);
    }
    done += at_once;
  }
  close(fd);
  unlink(path);
  printf("%lu flips\n", count);
  return 0;
}
