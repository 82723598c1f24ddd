// fs.watch: looking for directories, in threads.
#include <errno.h>
#include <string.h>

#include "base/sys.h"
#include "lib/fs_tree.h"
#include "lib/fs_watch.h"

void scan_init(struct scan_job *s, struct watched *watched)
{
  buf_init(&s->todo, &s->f.job.alloc);
  job_use(&s->f.job, &watched->resource);
}

void scan_fini(struct job *job)
{
  struct scan_job *s = (struct scan_job *)(void *)job;
  buf_fini(&s->todo);
  vec_free(&job->alloc, &s->directories);
  vec_free(&job->alloc, &s->found);
  fs_fini(job);
}

void scan_add(struct scan_job *s, const char *path, size_t len)
{
  buf_append(&s->todo, path, len);
  buf_append(&s->todo, "", 1);
}

void scan_add_bases(struct scan_job *s, const struct glob *glob)
{
  for (u32 i = 0; i < glob->parts.len; i++) {
    const struct glob_part *p = &glob->parts.data[i];
    size_t start = s->todo.len;
    if (p->is_absolute) buf_putc(&s->todo, '/');
    for (u32 k = 0; k + 1 < p->count; k++) {
      const struct glob_segment *segment = &glob->segments.data[p->first + k];
      if (!segment->is_literal) break;
      if (s->todo.len > start && s->todo.data[s->todo.len - 1] != '/') buf_putc(&s->todo, '/');
      buf_append(&s->todo, glob->text.data + segment->at, segment->len);
    }
    buf_append(&s->todo, "", 1);
  }
}

static bool is_directory(const char *path, u8 type)
{
  struct stat st;
  if (type != DT_UNKNOWN) return type == DT_DIR;
  return sys_lstat(path, &st) == 0 ? S_ISDIR(st.st_mode) : !fs_is_passed_over(errno);  // entering it will tell why
}

static int scan_entry(struct scan_job *s, const struct glob *glob, const struct buf *path, u8 type)
{
  if (is_directory(path->data, type) && glob_goes_below(glob, path->data, path->len))
    scan_add(s, path->data, path->len);
  if (glob_matches(glob, path->data, path->len)) {
    size_t at = s->f.data.len;
    buf_append(&s->f.data, path->data, path->len + 1);
    if (!vec_push(&s->f.job.alloc, &s->found, at)) return ENOMEM;
  }
  return s->f.data.failed || s->todo.failed ? ENOMEM : 0;
}

static int scan_entries(struct scan_job *s, const struct glob *glob, struct buf *path)
{
  struct fs_entries entries;
  fs_entries_init(&entries, &s->f.job.alloc);
  int error = fs_entries_read(&entries, path->len ? path->data : ".", true);
  if (path->len && path->data[path->len - 1] != '/') buf_putc(path, '/');
  size_t folder = path->len;
  for (u32 i = 0; i < entries.items.len && !error; i++) {
    buf_truncate(path, folder);
    buf_puts(path, fs_entry_name(&entries, &entries.items.data[i]));
    error = path->failed ? ENOMEM : scan_entry(s, glob, path, entries.items.data[i].type);
  }
  fs_entries_fini(&entries);
  return error;
}

// Watched first, looked at then: so nothing comes to be unseen.
static int scan_directory(struct scan_job *s, struct watched *w, struct buf *path)
{
  int number = loop_watch_add(w->fd, path->len ? buf_text(path) : ".");
  if (number < 0) return errno;
  struct scanned_directory d = { .number = number, .path = s->f.data.len };
  buf_append(&s->f.data, buf_text(path), path->len + 1);
  if (s->f.data.failed || !vec_push(&s->f.job.alloc, &s->directories, d)) return ENOMEM;
  return scan_entries(s, &w->glob, path);
}

static void fail(struct scan_job *s, int error, const char *path)
{
  fs_fail(&s->f, error, *path ? path : ".");
  s->f.is_parent = true;
  if (error == ENOSPC) fs_hint(&s->f, "fs.inotify.max_user_watches directories are watched already");
}

void scan_run(struct job *job)
{
  struct scan_job *s = (struct scan_job *)(void *)job;
  struct watched *w = scan_watched(job);
  struct buf path;
  size_t first = s->is_first ? s->todo.len : 0;
  buf_init(&path, &job->alloc);
  if (s->todo.failed) fail(s, ENOMEM, "");
  for (size_t at = 0; at < s->todo.len && !job->failed && !work_is_dropped(&job->work);) {
    bool is_base = at < first;
    size_t len = strlen(s->todo.data + at);
    buf_clear(&path);
    buf_append(&path, s->todo.data + at, len);
    int error = path.failed ? ENOMEM : scan_directory(s, w, &path);
    bool is_fatal = error && (is_base || !fs_is_passed_over(error));
    if (is_fatal) fail(s, error, s->todo.data + at);
    at += len + 1;
  }
  buf_fini(&path);
}
