#include "lib/fs_tree.h"

#include <errno.h>

void fs_tree_init(struct fs_tree *t, struct alloc *alloc)
{
  *t = (struct fs_tree){ .alloc = alloc };
  buf_init(&t->path, alloc);
}

void fs_tree_fini(struct fs_tree *t)
{
  for (u32 i = 0; i < t->levels.len; i++) fs_entries_fini(&t->levels.data[i].entries);
  vec_free(t->alloc, &t->levels);
  buf_fini(&t->path);
}

int fs_tree_enter(struct fs_tree *t, bool follow)
{
  struct fs_level level = { 0 };
  fs_entries_init(&level.entries, t->alloc);
  int error = fs_entries_read(&level.entries, t->path.len ? buf_text(&t->path) : ".", follow);
  if (!error && t->path.len && t->path.data[t->path.len - 1] != '/') buf_putc(&t->path, '/');
  level.path_len = t->path.len;
  if (!error && (t->path.failed || !vec_push(t->alloc, &t->levels, level))) error = ENOMEM;
  if (error) fs_entries_fini(&level.entries);
  return error;
}

enum tree_step fs_tree_next(struct fs_tree *t, struct fs_item **item)
{
  struct fs_level *level = fs_tree_level(t);
  if (!level) return TREE_END;
  buf_truncate(&t->path, level->path_len);
  if (level->at < level->entries.items.len) {
    *item = &level->entries.items.data[level->at++];
    buf_puts(&t->path, fs_entry_name(&level->entries, *item));
    return TREE_ITEM;
  }
  if (t->path.len > 1) buf_truncate(&t->path, t->path.len - 1);
  fs_entries_fini(&level->entries);
  (void)vec_pop(&t->levels);
  return TREE_LEAVE;
}

bool fs_tree_is_directory(struct fs_tree *t, const struct fs_item *item)
{
  struct stat st;
  if (item->type != DT_UNKNOWN) return item->type == DT_DIR;
  return sys_lstat(buf_text(&t->path), &st) == 0 && S_ISDIR(st.st_mode);
}
