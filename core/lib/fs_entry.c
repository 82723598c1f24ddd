// fs: what lies in the file system: entries, their properties, links.
#include "lib/fs_entry.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/time.h"
#include "value/map.h"

const char *fs_kind(mode_t mode)
{
  switch (mode & S_IFMT) {
  case S_IFREG: return "file";
  case S_IFDIR: return "directory";
  case S_IFLNK: return "link";
  case S_IFIFO: return "pipe";
  case S_IFSOCK: return "socket";
  default: return "device";
  }
}

bool fs_put(struct lull *vm, struct map *m, const char *key, Value v)
{
  struct string *name = vm_intern(vm, key);
  return name && !is_unset(v) && map_set(&vm->heap, m, value_object(name), v);
}

bool fs_put_time(struct lull *vm, struct map *m, const char *key, struct timespec t)
{
  return fs_put(vm, m, key, time_of_system(vm, t.tv_sec, (i32)t.tv_nsec));
}

bool fs_put_stat(struct lull *vm, struct map *m, const struct stat *st)
{
  struct string *kind = vm_intern(vm, fs_kind(st->st_mode));
  return kind && fs_put(vm, m, "kind", value_object(kind)) && fs_put(vm, m, "size", value_int(st->st_size)) &&
         fs_put_time(vm, m, "modified", st->st_mtim);
}

// stat

static void stat_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  const char *path = buf_text(&f->path);
  if ((f->options ? sys_stat(path, &f->st) : sys_lstat(path, &f->st)) != 0) fs_fail(f, errno, path);
}

static bool stat_finish(struct job *job, Value *value)
{
  struct lull *vm = job->vm;
  const struct fs_job *f = fs_job(job);
  const struct stat *st = &f->st;
  struct map *m = map_new(&vm->heap, 11);
  const char *path = buf_text(&f->path);
  bool ok = m && fs_put(vm, m, "path", fs_name(&vm->heap, path, strlen(path))) && fs_put_stat(vm, m, st) &&
            fs_put_time(vm, m, "accessed", st->st_atim) &&
            fs_put_time(vm, m, "changed", st->st_ctim) &&
            fs_put(vm, m, "mode", value_int(st->st_mode & 07777)) && fs_put(vm, m, "user", value_int(st->st_uid)) &&
            fs_put(vm, m, "group", value_int(st->st_gid)) && fs_put(vm, m, "links", value_int((i64)st->st_nlink)) &&
            fs_put(vm, m, "inode", value_int((i64)st->st_ino));
  return job_object(job, value, ok ? m : NULL);
}

static enum native_status fs_stat(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.stat", stat_run, stat_finish, false);
  struct fs_job *f = fs_job_new(c, &type);
  if (f) f->options = fs_arg_flag(c, 1, true);
  return fs_return(c, f);
}

// exists

static void exists_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  f->options = sys_stat(buf_text(&f->path), &f->st) == 0;
  if (!f->options && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) fs_fail(f, errno, buf_text(&f->path));
}

static bool exists_finish(struct job *job, Value *value)
{
  *value = value_bool(fs_job(job)->options);
  return true;
}

static enum native_status fs_exists(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.exists", exists_run, exists_finish, false);
  return fs_return(c, fs_job_new(c, &type));
}

// Modes and links

static void chmod_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  if (sys_chmod(buf_text(&f->path), f->mode) != 0) fs_fail(f, errno, buf_text(&f->path));
}

static enum native_status fs_chmod(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.chmod", chmod_run, fs_finish_nil, true);
  mode_t mode;
  if (!fs_arg_mode(c, 1, &mode)) return NATIVE_THROW;
  struct fs_job *f = fs_job_new(c, &type);
  if (f) f->mode = mode;
  return fs_return(c, f);
}

static void link_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  const char *target = buf_text(&f->path), *path = buf_text(&f->other);
  if (sys_link(target, path) != 0) fs_fail(f, errno, errno == ENOENT && sys_lstat(target, &f->st) != 0 ? target : path);
}

static void symlink_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  if (sys_symlink(buf_text(&f->path), buf_text(&f->other)) != 0) fs_fail(f, errno, buf_text(&f->other));
}

static enum native_status fs_link(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.link", link_run, fs_finish_nil, true);
  return fs_return(c, fs_job_two(c, &type));
}

static enum native_status fs_symlink(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.symlink", symlink_run, fs_finish_nil, true);
  return fs_return(c, fs_job_two(c, &type));
}

static void read_link_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  char *to = buf_reserve(&f->data, PATH_MAX);
  ssize_t n = to ? sys_read_link(buf_text(&f->path), to, PATH_MAX) : -1;
  if (n >= 0) {
    f->data.len = (size_t)n;
    return;
  }
  fs_fail(f, to ? errno : ENOMEM, buf_text(&f->path));
  if (f->job.failed == EINVAL) fs_hint(f, "it is no symbolic link");
}

static void real_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  char *to = buf_reserve(&f->data, PATH_MAX);
  if (to && sys_real_path(buf_text(&f->path), to)) f->data.len = strlen(to);
  else fs_fail(f, to ? errno : ENOMEM, buf_text(&f->path));
}

static enum native_status fs_read_link(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.read_link", read_link_run, fs_finish_path, false);
  return fs_return(c, fs_job_new(c, &type));
}

static enum native_status fs_real_path(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.real_path", real_run, fs_finish_path, false);
  return fs_return(c, fs_job_new(c, &type));
}

static const struct native natives[] = {
  { "stat", fs_stat, 1, 2, 0, "stat(path, follow = true)",
    "A deferred of what is known of a file: a map of path, kind, size (bytes), modified, accessed and changed (times), "
    "mode, user, group, links and inode.\n"
    "kind is \"file\", \"directory\", \"link\", \"pipe\", \"socket\" or \"device\". With [follow] false a symbolic link is told of "
    "itself.\n"
    "    (await fs.stat(\"notes.txt\")).size" },
  { "exists", fs_exists, 1, 1, 0, "exists(path)",
    "A deferred of whether there is such a file, directory or other thing. A link that leads nowhere does not exist.\n"
    "    await fs.exists(\"notes.txt\")" },
  { "chmod", fs_chmod, 2, 2, 0, "chmod(path, mode)",
    "A deferred that resolves once the file has the permissions [mode].\n"
    "    await fs.chmod(\"run\", 0o755)" },
  { "link", fs_link, 2, 2, 0, "link(target, path)",
    "A deferred that resolves once [path] is one more name of the file [target].\n"
    "    await fs.link(\"notes.txt\", \"notes.bak\")" },
  { "symlink", fs_symlink, 2, 2, 0, "symlink(target, path)",
    "A deferred that resolves once [path] is a symbolic link that says [target].\n"
    "    await fs.symlink(\"notes.txt\", \"latest\")" },
  { "read_link", fs_read_link, 1, 1, 0, "read_link(path)",
    "A deferred of what a symbolic link says.\n"
    "    await fs.read_link(\"latest\")" },
  { "real_path", fs_real_path, 1, 1, 0, "real_path(path)",
    "A deferred of the absolute path without links and dots of something that exists.\n"
    "    await fs.real_path(\"latest\")" },
};

bool fs_open_entry(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
