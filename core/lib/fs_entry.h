// The entries of directories.
#ifndef LULL_LIB_FS_ENTRY_H
#define LULL_LIB_FS_ENTRY_H

#include "base/buf.h"
#include "base/sys_file.h"
#include "base/vec.h"
#include "value/value.h"

struct lull;
struct map;

struct fs_item {
  size_t name;  // where it begins among the names
  u8 type;      // DT_x
  bool is_gone;
  mode_t mode;
  off_t size;
  struct timespec modified;
};

struct fs_entries {
  struct alloc *alloc;
  struct buf names;  // each with its NUL
  VEC(struct fs_item) items;
};

void fs_entries_init(struct fs_entries *e, struct alloc *alloc);
void fs_entries_fini(struct fs_entries *e);
// Adds those of a directory and sorts all by name. 0, or an errno. [follow]: it may be a link
// to one.
int fs_entries_read(struct fs_entries *e, const char *path, bool follow);
static inline const char *fs_entry_name(const struct fs_entries *e, const struct fs_item *item)
{
  return e->names.data + item->name;
}
// "file", "directory" ...
const char *fs_kind(mode_t mode);
// Into a map with room for it: false: no memory (or v is UNSET, which stands for that).
bool fs_put(struct lull *vm, struct map *m, const char *key, Value v);
bool fs_put_time(struct lull *vm, struct map *m, const char *key, struct timespec t);
bool fs_put_stat(struct lull *vm, struct map *m, const struct stat *st);  // kind, size, modified

#endif
