// fs: whole files in one call.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/sys.h"
#include "base/utf8.h"
#include "lib/fs.h"
#include "lib/fs_replace.h"

// Reading

static void read_bytes_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  if (f->fd < 0) {
    if (!fs_open(f, O_RDONLY, 0)) return;
    // A pipe nobody has opened for writing yet seems to be at its end: first there must be something.
    if (sys_fstat(f->fd, &f->st) != 0) {
      fs_fail(f, errno, buf_text(&f->path));
      return;
    }
    if (S_ISFIFO(f->st.st_mode)) {
      job_wait(job, f->fd, EV_READ);
      return;
    }
  }
  fs_read_all(f, &f->data);
}

static void read_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  read_bytes_run(job);
  if (job->failed || job->wait_fd >= 0) return;
  size_t valid = utf8_valid_prefix(buf_text(&f->data), f->data.len);
  if (valid == f->data.len) return;
  fs_fail(f, EILSEQ, buf_text(&f->path));
  char hint[80];
  snprintf(hint, sizeof hint, "byte %zu; fs.read_bytes gives the bytes", valid);
  fs_hint(f, hint);
}

static enum native_status fs_read(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.read", read_run, fs_finish_string, false);
  return fs_return(c, fs_job_new(c, &type));
}

static enum native_status fs_read_bytes(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.read_bytes", read_bytes_run, fs_finish_bytes, false);
  return fs_return(c, fs_job_new(c, &type));
}

// Writing

static void write_in_place(struct fs_job *f, int flags)
{
  if (f->fd < 0 && !fs_open(f, O_WRONLY | O_CREAT | flags, 0666)) return;
  fs_write_all(f, &f->data);
}

static void append_run(struct job *job) { write_in_place(fs_job(job), O_APPEND); }

static void write_run(struct job *job) { write_in_place(fs_job(job), O_TRUNC); }

static void write_atomic_run(struct job *job)
{
  struct fs_job *f = fs_job(job);
  char target[PATH_MAX];
  enum replace_kind kind = f->fd >= 0 ? REPLACE_IN_PLACE : fs_replace_kind(buf_text(&f->path), target);
  if (kind == REPLACE_FAILED) fs_fail(f, errno, buf_text(&f->path));
  if (kind == REPLACE_IN_PLACE) write_in_place(f, O_TRUNC);
  if (kind != REPLACE_FILE) return;
  struct fs_replace r;
  bool ok = fs_replace_begin(&r, target) && sys_write_all(r.fd, buf_text(&f->data), f->data.len);
  if (ok && work_is_dropped(&job->work)) {
    fs_replace_undo(&r);
    return;
  }
  if (ok && fs_replace_end(&r)) return;
  int error = errno;
  bool is_begun = r.path[0] != 0;
  fs_replace_undo(&r);
  fs_fail(f, error, buf_text(&f->path));
  if (!is_begun && sys_stat(target, &f->st) == 0) fs_hint(f, "a new file is made beside it; atomic: false writes into it");
}

static enum native_status write_to(struct call *c, const struct job_type *type)
{
  struct fs_job *f = fs_job_new(c, type);
  if (!f) return NATIVE_THROW;
  if (fs_arg_data(c, 1, &f->data)) return fs_return(c, f);
  job_discard(&f->job);
  return NATIVE_THROW;
}

static enum native_status fs_write(struct call *c)
{
  static const struct job_type atomic = FS_TYPE("fs.write", write_atomic_run, fs_finish_nil, true);
  static const struct job_type in_place = FS_TYPE("fs.write", write_run, fs_finish_nil, true);
  return write_to(c, fs_arg_flag(c, 2, true) ? &atomic : &in_place);
}

static enum native_status fs_append(struct call *c)
{
  static const struct job_type type = FS_TYPE("fs.append", append_run, fs_finish_nil, true);
  return write_to(c, &type);
}

static const struct native natives[] = {
  { "read", fs_read, 1, 1, 0, "read(path)",
    "A deferred of the text of a file.\n"
    "Fails with an IOError: .code \"ENOENT\" where there is no such file, \"EILSEQ\" where it is not UTF-8.\n"
    "    await fs.read(\"notes.txt\")" },
  { "read_bytes", fs_read_bytes, 1, 1, 0, "read_bytes(path)",
    "A deferred of the bytes of a file.\n"
    "    (await fs.read_bytes(\"icon.png\")).len()" },
  { "write", fs_write, 2, 3, 0, "write(path, data, atomic = true)",
    "A deferred that resolves once the file holds [data], a string or bytes.\n"
    "The file is replaced as a whole: whoever reads it, whatever happens, finds all of the old or all of the new. It keeps "
    "its mode, and a symbolic link stays one. With [atomic] false the file itself is emptied and written. Pipes and devices "
    "always are.\n"
    "    await fs.write(\"notes.txt\", \"one line\\n\")" },
  { "append", fs_append, 2, 2, 0, "append(path, data)",
    "A deferred that resolves once [data], a string or bytes, stands at the end of the file, which is made where there is "
    "none.\n"
    "    await fs.append(\"log\", \"started\\n\")" },
};

bool fs_open_text(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
