// fs: the entries of directories.
#include "lib/fs_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "value/list.h"
#include "value/map.h"

void fs_entries_init(struct fs_entries *e, struct alloc *alloc)
{
  *e = (struct fs_entries){ .alloc = alloc };
  buf_init(&e->names, alloc);
}

void fs_entries_fini(struct fs_entries *e)
{
  buf_fini(&e->names);
  vec_free(e->alloc, &e->items);
}

static int compare_names(const void *a, const void *b, void *names)
{
  const struct fs_item *x = a, *y = b;
  return strcmp((char *)names + x->name, (char *)names + y->name);
}

int fs_entries_read(struct fs_entries *e, const char *path, bool follow)
{
  DIR *dir = sys_open_dir(path, follow);
  if (!dir) return errno;
  const struct dirent *entry;
  bool ok = true;
  while (ok && (entry = sys_read_dir(dir))) {
    struct fs_item item = { .name = e->names.len, .type = entry->d_type };
    buf_append(&e->names, entry->d_name, strlen(entry->d_name) + 1);
    ok = !e->names.failed && vec_push(e->alloc, &e->items, item);
  }
  int error = ok ? errno : ENOMEM;
  sys_close_dir(dir);
  if (!error && e->items.len) qsort_r(e->items.data, e->items.len, sizeof *e->items.data, compare_names, e->names.data);
  return error;
}

struct list_job {
  struct fs_job f;
  bool has_details;
  struct fs_entries entries;
};

static void list_run(struct job *job)
{
  struct list_job *l = (struct list_job *)(void *)job;
  struct fs_job *f = &l->f;
  const char *path = buf_text(&f->path);
  int error = fs_entries_read(&l->entries, path, true);
  if (error) {
    fs_fail(f, error, path);
    f->is_parent = true;
    if (error == ENOTDIR) fs_hint(f, "it is a file");
  }
  if (error || !l->has_details) return;
  if (path[f->path.len - 1] != '/') buf_putc(&f->path, '/');
  size_t folder = f->path.len;
  for (u32 i = 0; i < l->entries.items.len && !f->path.failed; i++) {
    struct fs_item *item = &l->entries.items.data[i];
    buf_truncate(&f->path, folder);
    buf_puts(&f->path, fs_entry_name(&l->entries, item));
    item->is_gone = f->path.failed || sys_lstat(buf_text(&f->path), &f->st) != 0;
    if (item->is_gone && !f->path.failed && errno != ENOENT) {
      fs_fail(f, errno, buf_text(&f->path));
      return;
    }
    item->mode = f->st.st_mode;
    item->size = f->st.st_size;
    item->modified = (struct timespec){ .tv_sec = f->st.st_mtim.tv_sec };  // for people: whole seconds
  }
  if (f->path.failed) job_fail(job, ENOMEM);
}

static Value list_item(struct list_job *l, const struct fs_item *item)
{
  struct lull *vm = l->f.job.vm;
  const char *name = fs_entry_name(&l->entries, item);
  Value text = fs_name(&vm->heap, name, strlen(name));
  if (!l->has_details || is_unset(text)) return text;
  struct map *m = map_new(&vm->heap, 4);
  struct stat st = { .st_mode = item->mode, .st_size = item->size, .st_mtim = item->modified };
  bool ok = m && fs_put(vm, m, "name", text) && fs_put_stat(vm, m, &st);
  return ok ? value_object(m) : UNSET;
}

static bool list_finish(struct job *job, Value *value)
{
  struct list_job *l = (struct list_job *)(void *)job;
  struct heap *heap = &job->vm->heap;
  struct list *list = list_new(heap, l->entries.items.len);
  for (u32 i = 0; list && i < l->entries.items.len; i++) {
    if (l->entries.items.data[i].is_gone) continue;
    Value v = list_item(l, &l->entries.items.data[i]);
    if (is_unset(v) || !list_push(heap, list, v)) list = NULL;
  }
  return job_object(job, value, list);
}

static void list_fini(struct job *job)
{
  fs_entries_fini(&((struct list_job *)(void *)job)->entries);
  fs_fini(job);
}

static enum native_status fs_list(struct call *c)
{
  static const struct job_type type = { .name = "fs.list",
                                        .size = sizeof(struct list_job),
                                        .run = list_run,
                                        .finish = list_finish,
                                        .error = fs_error,
                                        .fini = list_fini };
  struct list_job *l = fs_job_bare(c, &type);
  if (!l) return NATIVE_THROW;
  fs_entries_init(&l->entries, &l->f.job.alloc);
  l->has_details = fs_arg_flag(c, 1, false);
  if (!arg_given(c, 0)) {
    buf_putc(&l->f.path, '.');
  } else if (!fs_arg_path(c, 0, &l->f.path)) {
    job_discard(&l->f.job);
    return NATIVE_THROW;
  }
  return fs_return(c, &l->f);
}

static const struct native natives[] = {
  { "list", fs_list, 0, 2, 0, "list(path = \".\", details = false)",
    "A deferred of the sorted names in a directory, hidden ones too.\n"
    "With [details] of maps of name, kind, size and modified, which a session shows as a table.\n"
    "    await fs.list(\"src\", details: true)" },
};

bool fs_open_list(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
