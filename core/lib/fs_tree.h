// Going over a tree of directories, in plain memory and with a stack of its own: for threads.
#ifndef LULL_LIB_FS_TREE_H
#define LULL_LIB_FS_TREE_H

#include <errno.h>

#include "lib/fs_entry.h"

struct fs_level {
  size_t path_len;  // of the directory, with a slash at its end; 0: the current one
  struct fs_entries entries;
  u32 at;
  u64 state;  // the user's
};

struct fs_tree {
  struct alloc *alloc;
  struct buf path;  // of what was reached last
  VEC(struct fs_level) levels;
};

enum tree_step {
  TREE_ITEM,   // an entry: *item, whose path lies in tree->path
  TREE_LEAVE,  // all of a directory has been seen; its path lies in tree->path
  TREE_END,
};

void fs_tree_init(struct fs_tree *t, struct alloc *alloc);
void fs_tree_fini(struct fs_tree *t);
// Goes into the directory whose path lies in tree->path ("" the current one). 0, or an errno.
int fs_tree_enter(struct fs_tree *t, bool follow);
enum tree_step fs_tree_next(struct fs_tree *t, struct fs_item **item);
// The innermost directory that was entered and not left.
static inline struct fs_level *fs_tree_level(struct fs_tree *t) { return t->levels.len ? &vec_last(&t->levels) : NULL; }
// Is the entry a directory? Links are none; asks the system only where the directory does not say.
bool fs_tree_is_directory(struct fs_tree *t, const struct fs_item *item);

// Directories that may not be read, or that are gone by now, are as if they were empty; whatever else fails is told.
static inline bool fs_is_passed_over(int error)
{
  return error == EACCES || error == ENOENT || error == ENOTDIR || error == ELOOP || error == EPERM;
}

#endif
