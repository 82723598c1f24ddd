// replay-TARGET [-m COUNT[:SEED]] FILE|FOLDER...: gives each file to the target, and then COUNT mutants of them, as a test; without libFuzzer.
// What breaks a promise is left in ./broken-TARGET.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

#define CALL_(name) fuzz_##name
#define CALL(name) CALL_(name)
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

enum { INPUT_MAX = 1 << 20, INPUTS_MAX = 20000, MUTANT_MAX = 4096 };

static struct input {
  char *bytes;  // a block of its exact size, so that a read beyond the end is seen
  size_t len;
} inputs[INPUTS_MAX], current;
static int count;
static uint64_t state;

static void on_signal(int number)
{
  int fd = open("broken-" TEXT(FUZZ_TARGET), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd >= 0 && write(fd, current.bytes, current.len) >= 0) close(fd);
  signal(number, SIG_DFL);
  raise(number);
}

static void give(struct input input)
{
  current = input;
  CALL(FUZZ_TARGET)(input.bytes, input.len);
}

static void replay(const char *path)
{
  static char bytes[INPUT_MAX];
  FILE *f = fopen(path, "rb");
  if (!f || count == INPUTS_MAX) {
    perror(path);
    exit(1);
  }
  struct input input = { .len = fread(bytes, 1, sizeof bytes, f) };
  fclose(f);
  input.bytes = malloc(input.len ? input.len : 1);
  memcpy(input.bytes, bytes, input.len);
  fprintf(stderr, "# %s\n", path);
  give(input);
  inputs[count++] = input;
}

static void replay_all(const char *path)
{
  struct stat info;
  if (stat(path, &info) == 0 && !S_ISDIR(info.st_mode)) {
    replay(path);
    return;
  }
  DIR *folder = opendir(path);
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    char file[4096];
    if (entry->d_name[0] == '.') continue;
    snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
    replay_all(file);
  }
  if (folder) closedir(folder);
}

static size_t random_below(size_t limit)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return limit ? (size_t)(state >> 33) % limit : 0;
}

// Puts a piece of any input, or some bytes at random, in the place of some bytes.
static size_t mutate(char *bytes, size_t len)
{
  const struct input *other = &inputs[random_below((size_t)count)];
  size_t at = random_below(len + 1), out = random_below(4) ? random_below(4) : random_below(len - at + 1);
  size_t from = random_below(other->len + 1), in = random_below(3) ? random_below(other->len - from + 1) : random_below(3);
  bool is_random = random_below(2);
  if (out > len - at) out = len - at;
  if (is_random && in > 4) in = 1;
  if (len - out + in > MUTANT_MAX) return len;
  memmove(bytes + at + in, bytes + at + out, len - at - out);
  for (size_t i = 0; i < in; i++) bytes[at + i] = (char)(is_random || from + i >= other->len ? random_below(256) : (unsigned char)other->bytes[from + i]);
  return len - out + in;
}

static void give_mutant(void)
{
  static char bytes[MUTANT_MAX];
  const struct input *of = &inputs[random_below((size_t)count)];
  size_t len = of->len < MUTANT_MAX ? of->len : MUTANT_MAX;
  if (len) memcpy(bytes, of->bytes, len);
  for (size_t times = 1 + random_below(5); times > 0; times--) len = mutate(bytes, len);
  struct input mutant = { .bytes = malloc(len ? len : 1), .len = len };
  if (len) memcpy(mutant.bytes, bytes, len);
  give(mutant);
  free(mutant.bytes);
}

int main(int argc, char **argv)
{
  unsigned long mutants = 0, seed = 1;
  int first = 1;
  if (argc > 2 && strcmp(argv[1], "-m") == 0) {
    char *rest;
    mutants = strtoul(argv[2], &rest, 10);
    if (*rest == ':') seed = strtoul(rest + 1, NULL, 10);
    first = 3;
  }
  state = 88172645463325252u + seed * 2654435761u;
  signal(SIGABRT, on_signal);
  signal(SIGSEGV, on_signal);
  signal(SIGBUS, on_signal);
  for (int i = first; i < argc; i++) replay_all(argv[i]);
  for (unsigned long i = 0; count && i < mutants; i++) give_mutant();
  printf("%d inputs, %lu mutants\n", count, mutants);
  for (int i = 0; i < count; i++) free(inputs[i].bytes);
  return count ? 0 : 1;
}
