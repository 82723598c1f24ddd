// replay-TARGET FILE|FOLDER...: gives each file to the target, as a test; without libFuzzer.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define CALL_(name) fuzz_##name
#define CALL(name) CALL_(name)

static int count;

static void replay(const char *path)
{
  FILE *f = fopen(path, "rb");
  if (!f) {
    perror(path);
    exit(1);
  }
  size_t cap = 1 << 20, len;
  char *bytes = malloc(cap);
  len = fread(bytes, 1, cap, f);
  fclose(f);
  char *exact = malloc(len ? len : 1);  // so that a read beyond the end is seen
  memcpy(exact, bytes, len);
  free(bytes);
  fprintf(stderr, "# %s\n", path);
  CALL(FUZZ_TARGET)(exact, len);
  free(exact);
  count++;
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

int main(int argc, char **argv)
{
  for (int i = 1; i < argc; i++) replay_all(argv[i]);
  printf("%d inputs\n", count);
  return count ? 0 : 1;
}
