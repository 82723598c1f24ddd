// fs: making, copying, moving and removing files and whole trees.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "lib/fs.h"
#include "lib/fs_replace.h"
#include "lib/fs_tree.h"

#define COPY_STEP ((size_t)1 << 18)

enum { RECURSIVE = 1, IF_EXISTS = 2, OVERWRITE = 4, PARENTS = 8 };

// Jobs here fail at a path that is not always an argument. Always false.
static bool fails(struct fs_job *f, int error, const char *path)
{
  fs_fail(f, error, path);
  return false;
}

static bool is_out_of_memory(struct fs_job *f, const struct buf *b)
{
  if (b->failed) job_fail(&f->job, ENOMEM);
  return b->failed;
}

// remove

static bool remove_tree(struct fs_job *f, struct fs_tree *t)
{
  struct fs_item *item;
  enum tree_step step;
  int error = fs_tree_enter(t, false);
  while (!error && (step = fs_tree_next(t, &item)) != TREE_END) {
    const char *path = buf_text(&t->path);
    if (t->path.failed) error = ENOMEM;
    else if (work_is_dropped(&f->job.work)) return false;
    else if (step == TREE_LEAVE) error = sys_rmdir(path) == 0 ? 0 : errno;
    else if (fs_tree_is_directory(t, item)) error = fs_tree_enter(t, false);
    else if (sys_unlink(path) != 0 && errno != ENOENT) error = errno;
  }
  return !error || fails(f, error, buf_text(&t->path));
}

static bool remove_all(struct fs_job *f, const char *path)
{
  struct fs_tree t;
  fs_tree_init(&t, &f->job.alloc);
  buf_puts(&t.path, path);
  bool ok = !is_out_of_memory(f, &t.path) && remove_tree(f, &t);
  fs_tree_fini(&t);
  return ok;
}

static void remove_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  const char *path = buf_text(&f->path);
  if (sys_lstat(path, &f->st) != 0) {
    if (errno != ENOENT || !(f->options & IF_EXISTS)) fs_fail(f, errno, path);
    return;
  }
  if (!S_ISDIR(f->st.st_mode)) {
    if (sys_unlink(path) != 0) fs_fail(f, errno, path);
  } else if (f->options & RECURSIVE) {
    remove_all(f, path);
  } else if (sys_rmdir(path) != 0) {
    fs_fail(f, errno, path);
    if (errno == ENOTEMPTY || errno == EEXIST) fs_hint(f, "recursive: true removes all of it");
  }
}

static enum native_status fs_remove(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.remove", remove_run, fs_finish_nil, true);
  struct fs_job *f = fs_job_new(c, &type);
  if (f) f->options = (fs_arg_flag(c, 1, false) ? RECURSIVE : 0) | (fs_arg_flag(c, 2, false) ? IF_EXISTS : 0);
  return fs_return(c, f);
}

// copy

static bool copy_data(struct fs_job *f, int from, int to, const char *from_path, const char *to_path)
{
  char *block = buf_reserve(&f->data, COPY_STEP);
  if (!block) return job_fail(&f->job, ENOMEM), false;
  for (;;) {
    if (work_is_dropped(&f->job.work)) return false;
    ssize_t n = sys_read(from, block, COPY_STEP);
    if (n == 0) return true;
    if (n < 0) return fails(f, errno, from_path);
    if (!sys_write_all(to, block, (size_t)n)) return fails(f, errno, to_path);
  }
}

static bool copy_open_file(struct fs_job *f, int fd, const struct stat *st, const char *from, const char *to)
{
  char target[PATH_MAX];
  struct fs_replace r;
  if (!S_ISREG(st->st_mode)) return fails(f, S_ISDIR(st->st_mode) ? EISDIR : EINVAL, from);
  struct stat old;
  bool is_old = sys_stat(to, &old) == 0;
  if (!is_old && errno != ENOENT) return fails(f, errno, to);
  if (is_old && !(f->options & OVERWRITE)) return fails(f, EEXIST, to);
  if (is_old && old.st_dev == st->st_dev && old.st_ino == st->st_ino) {
    fails(f, EINVAL, to);
    fs_hint(f, "it is the same file");
    return false;
  }
  enum replace_kind kind = fs_replace_kind(to, target);
  if (kind == REPLACE_FAILED) return fails(f, errno, to);
  if (kind == REPLACE_IN_PLACE) {
    fails(f, is_old && S_ISDIR(old.st_mode) ? EISDIR : EINVAL, to);
    fs_hint(f, "the file's own new name is wanted");
    return false;
  }
  bool ok = fs_replace_begin(&r, target);
  if (!ok) fails(f, errno, to);
  ok = ok && copy_data(f, fd, r.fd, from, to);
  if (ok && (sys_fchmod(r.fd, st->st_mode & 07777) != 0 || !fs_replace_end(&r))) ok = fails(f, errno, to);
  if (!ok) fs_replace_undo(&r);
  return ok;
}

static bool copy_file(struct fs_job *f, const char *from, const char *to)
{
  struct stat st;
  int fd = sys_open(from, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (fd < 0) return fails(f, errno, from);
  bool ok = sys_fstat(fd, &st) == 0 ? copy_open_file(f, fd, &st, from, to) : fails(f, errno, from);
  sys_close(fd);
  return ok;
}

static bool copy_link(struct fs_job *f, const char *from, const char *to)
{
  char target[PATH_MAX];
  ssize_t n = sys_read_link(from, target, sizeof target - 1);
  if (n < 0) return fails(f, errno, from);
  target[n] = 0;
  if (sys_symlink(target, to) == 0) return true;
  if (errno != EEXIST || !(f->options & OVERWRITE)) return fails(f, errno, to);
  return (sys_unlink(to) == 0 && sys_symlink(target, to) == 0) || fails(f, errno, to);
}

// Until all is in it the owner may write into it; its mode comes at the end.
static bool copy_directory(struct fs_job *f, const char *from, const char *to)
{
  struct stat st;
  if (sys_stat(from, &st) != 0) return fails(f, errno, from);
  if (sys_mkdir(to, (st.st_mode & 0777) | 0700) == 0) return true;
  if (errno == EEXIST && (f->options & OVERWRITE) && sys_stat(to, &st) == 0 && S_ISDIR(st.st_mode)) return true;
  return fails(f, errno, to);
}

static bool copy_mode(struct fs_job *f, const char *from, const char *to)
{
  struct stat st;
  if (sys_stat(from, &st) != 0) return fails(f, errno, from);
  return sys_chmod(to, st.st_mode & 07777) == 0 || fails(f, errno, to);
}

static bool copy_entry(struct fs_job *f, struct fs_tree *t, struct fs_item *item, const char *to, const struct stat *root)
{
  struct stat st;
  const char *from = buf_text(&t->path);
  if (sys_lstat(from, &st) != 0) return fails(f, errno, from);
  if (S_ISLNK(st.st_mode)) return copy_link(f, from, to);
  if (!S_ISDIR(st.st_mode)) return copy_file(f, from, to);
  (void)item;
  if (st.st_dev == root->st_dev && st.st_ino == root->st_ino) {
    fails(f, EINVAL, from);
    fs_hint(f, "a directory cannot be copied into itself");
    return false;
  }
  if (!copy_directory(f, from, to)) return false;
  int error = fs_tree_enter(t, false);
  return !error || fails(f, error, buf_text(&t->path));
}

// [to] begins with the path of the new tree, and is used for those in it.
static bool copy_tree(struct fs_job *f, struct fs_tree *t, struct buf *to)
{
  struct stat root;
  struct fs_item *item;
  enum tree_step step;
  size_t from_len = t->path.len, to_len = to->len;
  if (!copy_directory(f, buf_text(&t->path), buf_text(to))) return false;
  if (sys_stat(buf_text(to), &root) != 0) return fails(f, errno, buf_text(to));
  int error = fs_tree_enter(t, true);
  if (error) return fails(f, error, buf_text(&t->path));
  while ((step = fs_tree_next(t, &item)) != TREE_END) {
    if (work_is_dropped(&f->job.work)) return false;
    buf_truncate(to, to_len);
    if (t->path.len > from_len) buf_puts(to, buf_text(&t->path) + from_len);
    if (is_out_of_memory(f, to) || is_out_of_memory(f, &t->path)) return false;
    bool ok = step == TREE_LEAVE ? copy_mode(f, buf_text(&t->path), buf_text(to))
                                 : copy_entry(f, t, item, buf_text(to), &root);
    if (!ok) return false;
  }
  return true;
}

// A path without the slashes at its end.
static void put_bare(struct buf *out, const struct buf *path)
{
  size_t len = path->len;
  while (len > 1 && path->data[len - 1] == '/') len--;
  buf_append(out, path->data, len);
}

static bool copy_all(struct fs_job *f)
{
  struct fs_tree t;
  struct buf to;
  fs_tree_init(&t, &f->job.alloc);
  buf_init(&to, &f->job.alloc);
  put_bare(&t.path, &f->path);
  put_bare(&to, &f->other);
  bool ok = !is_out_of_memory(f, &t.path) && !is_out_of_memory(f, &to) && copy_tree(f, &t, &to);
  buf_fini(&to);
  fs_tree_fini(&t);
  return ok;
}

static void copy_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  const char *from = buf_text(&f->path);
  if (sys_stat(from, &f->st) != 0) fs_fail(f, errno, from);
  else if (!S_ISDIR(f->st.st_mode)) copy_file(f, from, buf_text(&f->other));
  else copy_all(f);
}

static enum native_status fs_copy(struct call *c)
{
  static const struct job_type type = FS_SLOW_TYPE("fs.copy", copy_run, fs_finish_nil, true);
  struct fs_job *f = fs_job_two(c, &type);
  if (f) f->options = fs_arg_flag(c, 2, true) ? OVERWRITE : 0;
  return fs_return(c, f);
}

// move

static void move_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  const char *from = buf_text(&f->path), *to = buf_text(&f->other);
  bool is_over = f->options & OVERWRITE;
  if ((is_over ? sys_rename(from, to) : sys_rename_new(from, to)) == 0) return;
  int error = errno;
  if (sys_lstat(from, &f->st) != 0) {
    fs_fail(f, errno, from);
  } else if (error != EXDEV) {
    fs_fail(f, error, to);
    if (sys_stat(to, &f->st) == 0 && S_ISDIR(f->st.st_mode)) fs_hint(f, "the file's own new name is wanted");
  } else if (S_ISDIR(f->st.st_mode)) {
    if (copy_all(f)) remove_all(f, from);
  } else if (S_ISLNK(f->st.st_mode) ? copy_link(f, from, to) : copy_file(f, from, to)) {
    if (sys_unlink(from) != 0) fs_fail(f, errno, from);
  }
}

static enum native_status fs_move(struct call *c)
{
  static const struct job_type type = FS_SLOW_TYPE("fs.move", move_run, fs_finish_nil, true);
  struct fs_job *f = fs_job_two(c, &type);
  if (f) f->options = fs_arg_flag(c, 2, true) ? OVERWRITE : 0;
  return fs_return(c, f);
}

static const struct native natives[] = {
  { "remove", fs_remove, 1, 3, 0, "remove(path, recursive = false, if_exists = false)",
    "A deferred that resolves once the file or the empty directory is gone.\n"
    "[recursive] removes a directory with all that is in it, following no links; [if_exists] makes it no error that there is "
    "nothing.\n"
    "    await fs.remove(\"build\", recursive: true)" },
  { "copy", fs_copy, 2, 3, 0, "copy(from, to, overwrite = true)",
    "A deferred that resolves once [to] is a copy of the file, or of the directory with all that is in it.\n"
    "Modes are kept and files replaced as a whole; links in a directory stay links, and what is in [to] besides stays. With "
    "[overwrite] false what exists is an error.\n"
    "    await fs.copy(\"notes.txt\", \"notes.bak\")" },
  { "move", fs_move, 2, 3, 0, "move(from, to, overwrite = true)",
    "A deferred that resolves once the file or directory is called [to], be it on another file system.\n"
    "With [overwrite] false it is an error where [to] exists.\n"
    "    await fs.move(\"notes.bak\", \"old.txt\")" },
};

bool fs_open_move(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
