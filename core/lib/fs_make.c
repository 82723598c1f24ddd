// fs: new directories and temporary files.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "lib/fs.h"
#include "lib/fs_replace.h"

#define TRIES 100

static bool is_directory(const char *path)
{
  struct stat st;
  return sys_stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void mkdir_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  char *path = f->path.data;
  for (char *slash = path + 1; f->options && (slash = strchr(slash, '/')); slash++) {
    *slash = 0;
    bool ok = sys_mkdir(path, 0777) == 0 || is_directory(path);
    if (!ok) fs_fail(f, errno == EEXIST ? ENOTDIR : errno, path);
    *slash = '/';
    if (!ok) return;
  }
  if (sys_mkdir(path, f->mode) == 0) return;
  int error = errno;
  if (!f->options || error != EEXIST || !is_directory(path)) fs_fail(f, error, path);
}

static enum native_status fs_mkdir(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.mkdir", mkdir_run, fs_finish_nil, true);
  mode_t mode = 0777;
  if (arg_given(c, 2) && !fs_arg_mode(c, 2, &mode)) return NATIVE_THROW;
  struct fs_job *f = fs_job_new(c, &type);
  if (f) {
    f->options = fs_arg_flag(c, 1, true);
    f->mode = mode;
  }
  return fs_return(c, f);
}

// Temporary ones. path: prefix, other: suffix, data: the folder, then the path made.

static void temp_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  char path[PATH_MAX];
  int error = EEXIST;
  if (f->data.len && f->data.data[f->data.len - 1] != '/') buf_putc(&f->data, '/');
  for (int i = 0; i < TRIES && error == EEXIST; i++) {
    error = 0;
    if (!fs_temp_name(path, buf_text(&f->data), f->data.len, buf_text(&f->path), buf_text(&f->other))) error = errno;
    else if (f->options) error = sys_mkdir(path, 0700) == 0 ? 0 : errno;
    else if ((f->fd = sys_open(path, O_RDWR | O_CREAT | O_EXCL, 0600)) < 0) error = errno;
  }
  if (error) {
    fs_fail(f, error, buf_text(&f->data));
    return;
  }
  buf_clear(&f->data);
  buf_puts(&f->data, path);
  if (f->data.failed) job_fail(job, ENOMEM);
}

static bool arg_part(struct call *c, u32 i, struct buf *out, const char *otherwise)
{
  if (!arg_given(c, i)) {
    buf_puts(out, otherwise);
    return true;
  }
  if (!fs_arg_data(c, i, out)) return false;
  if (!out->len || (!memchr(out->data, 0, out->len) && !memchr(out->data, '/', out->len))) return true;
  throw_error(c->vm, c->vm->errors.value, "%s: a part of a name holds no slash and no NUL", c->native->name);
  return false;
}

static enum native_status temp(struct call *c, const struct job_type *type, bool is_directory_wanted)
{
  struct fs_job *f = fs_job_bare(c, type);
  if (!f) return NATIVE_THROW;
  const char *folder = getenv("TMPDIR");
  buf_puts(&f->data, folder && *folder ? folder : "/tmp");
  f->options = is_directory_wanted;
  bool ok = arg_part(c, 0, &f->path, "lull-") && (is_directory_wanted || arg_part(c, 1, &f->other, ""));
  if (ok) return job_return(c, &f->job, NIL);
  job_discard(&f->job);
  return NATIVE_THROW;
}

static enum native_status fs_temp_file(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.temp_file", temp_run, fs_finish_path, true);
  return temp(c, &type, false);
}

static enum native_status fs_temp_dir(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.temp_dir", temp_run, fs_finish_path, true);
  return temp(c, &type, true);
}

static const struct native natives[] = {
  { "mkdir", fs_mkdir, 1, 3, 0, "mkdir(path, parents = true, mode = 0o777)",
    "A deferred that resolves once there is the directory, and those on the way to it.\n"
    "With [parents] false the one above must exist, and it itself must not. [mode] is cut by the umask.\n"
    "    await fs.mkdir(\"out/reports\")" },
  { "temp_file", fs_temp_file, 0, 2, 0, "temp_file(prefix = \"lull-\", suffix = \"\")",
    "A deferred of the path of a new empty file for our eyes only, in $TMPDIR or /tmp. It stays until it is removed.\n"
    "    let t = await fs.temp_file(suffix: \".png\")\n"
    "    defer fs.remove(t)" },
  { "temp_dir", fs_temp_dir, 0, 1, 0, "temp_dir(prefix = \"lull-\")",
    "A deferred of the path of a new directory for our eyes only, in $TMPDIR or /tmp. It stays until it is removed.\n"
    "    let d = await fs.temp_dir()\n"
    "    defer fs.remove(d, recursive: true)" },
};

bool fs_open_make(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
