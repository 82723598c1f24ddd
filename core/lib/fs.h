// What the files of the module fs share: jobs with paths, and their errors.
#ifndef LULL_LIB_FS_H
#define LULL_LIB_FS_H

#include "base/sys_file.h"
#include "lib/job.h"

// A job on files. run and finish use of it what they need.
struct fs_job {
  struct job job;
  struct buf path, other;  // the arguments, NUL-terminated
  struct buf data;         // written, or read
  struct buf failed_path;  // set by fs_fail
  struct buf hint;         // likewise: what the message says beyond, "" for nothing
  bool is_parent;          // likewise: what is missing is a directory on the way
  struct stat st;
  int fd;  // closed with the job; -1: none
  mode_t mode;
  u32 options;
};

#define FS_ROW(label, function, finisher, effect, slow) \
  { .name = label, \
    .size = sizeof(struct fs_job), \
    .run = function, \
    .finish = finisher, \
    .error = fs_error, \
    .fini = fs_fini, \
    .is_effect = effect, \
    .is_slow = slow }
#define FS_TYPE(label, function, finisher, effect) FS_ROW(label, function, finisher, effect, false)
#define FS_SLOW_TYPE(label, function, finisher, effect) FS_ROW(label, function, finisher, effect, true)

static inline struct fs_job *fs_job(struct job *job) { return (struct fs_job *)(void *)job; }

// A job whose first path is argument 0. NULL: thrown.
struct fs_job *fs_job_new(struct call *c, const struct job_type *type);
// Likewise, of any size, which begins with struct fs_job; no path is taken.
void *fs_job_bare(struct call *c, const struct job_type *type);
// Likewise with a second path, argument 1.
struct fs_job *fs_job_two(struct call *c, const struct job_type *type);
// Where no native runs. NULL: no memory.
void *fs_job_make(struct lull *vm, const struct job_type *type);
// Its operation is the native's result; NULL has thrown.
enum native_status fs_return(struct call *c, struct fs_job *f);
void fs_fini(struct job *job);

// Arguments: a path is a string, or bytes where a name is no UTF-8. Data is either. False: thrown.
bool fs_arg_path(struct call *c, u32 i, struct buf *out);
// Permissions. False: thrown.
bool fs_arg_mode(struct call *c, u32 i, mode_t *mode);
bool fs_arg_data(struct call *c, u32 i, struct buf *out);
// An option that is true or false; [otherwise] where it was not given.
bool fs_arg_flag(struct call *c, u32 i, bool otherwise);

// In threads: the job failed with [error] (of errno) at [path]; looks for what may have been meant.
void fs_fail(struct fs_job *f, int error, const char *path);
// Adds to the message of a failure, in parentheses.
void fs_hint(struct fs_job *f, const char *hint);
Value fs_error(struct job *job);
// A path or name as messages show it: control characters and what is no UTF-8 escaped.
void fs_show(struct buf *out, const char *path, size_t len);
// A path or name as a value: a string, or bytes where it is no UTF-8. UNSET: no memory.
Value fs_name(struct heap *heap, const char *name, size_t len);
// Opens f->fd for f->path, never waiting for the other end of a pipe. False: failed.
bool fs_open(struct fs_job *f, int flags, mode_t mode);
// Reads all that is left of f->fd into [to]; false: failed, or it goes on when there is more to read.
bool fs_read_all(struct fs_job *f, struct buf *to);
// Writes [from] to f->fd and takes what it wrote out of it; false as above.
bool fs_write_all(struct fs_job *f, struct buf *from);

// Finishes.
bool fs_finish_nil(struct job *job, Value *value);
bool fs_finish_bytes(struct job *job, Value *value);
bool fs_finish_string(struct job *job, Value *value);
bool fs_finish_path(struct job *job, Value *value);  // f->data, as fs_name

// Parts of the module.
bool fs_open_text(struct lull *vm, struct module *m);   // read, write, append
bool fs_open_entry(struct lull *vm, struct module *m);  // stat, links, modes
bool fs_open_list(struct lull *vm, struct module *m);
bool fs_open_make(struct lull *vm, struct module *m);   // directories, temporary files
bool fs_open_move(struct lull *vm, struct module *m);   // copy, move, remove
bool fs_open_walk(struct lull *vm, struct module *m);   // walk, glob
bool fs_open_file(struct lull *vm, struct module *m);   // open, lines
bool fs_open_watch(struct lull *vm, struct module *m);

#endif
