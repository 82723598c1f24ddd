// What the files of fs.watch share: the watch itself, and looking for directories.
#ifndef LULL_LIB_FS_WATCH_H
#define LULL_LIB_FS_WATCH_H

#include "lib/fs.h"
#include "lib/glob.h"
#include "loop/watch.h"

struct watch;

// What threads share with the watch: which directories are of interest.
struct watched {
  struct resource resource;
  int fd;
  struct glob glob;
  struct watch *watch;  // NULL: nobody has it any more
};

struct scanned_directory {
  int number;
  size_t path;
};

// Looks for directories to watch, and for what is in them.
struct scan_job {
  struct fs_job f;  // data: the paths found, each with its NUL
  struct buf todo;  // directories, likewise; "" is the current one
  VEC(struct scanned_directory) directories;
  VEC(size_t) found;
  bool is_first;  // the directories to begin with must exist
};

void scan_run(struct job *job);
void scan_fini(struct job *job);
void scan_init(struct scan_job *s, struct watched *watched);
static inline struct watched *scan_watched(struct job *job) { return (struct watched *)(void *)job->resource; }
// Adds a directory to be looked at.
void scan_add(struct scan_job *s, const char *path, size_t len);
// Where each alternative of the pattern begins: the directory that its plain names lead to.
void scan_add_bases(struct scan_job *s, const struct glob *glob);

#endif
