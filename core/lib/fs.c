// fs: files, by calls that wait in a thread. This is what its parts share.
#include "lib/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/suggest.h"
#include "base/sys.h"
#include "base/utf8.h"
#include "lib/lib.h"
#include "value/bytes.h"

#define OFFERED_MAX 10000  // names looked at for one that may have been meant
#define READ_STEP ((size_t)1 << 18)

void *fs_job_bare(struct call *c, const struct job_type *type)
{
  struct fs_job *f = fs_job_make(c->vm, type);
  if (!f) throw_memory(c->vm);
  return f;
}

void *fs_job_make(struct lull *vm, const struct job_type *type)
{
  struct fs_job *f = job_make(vm, type);
  if (!f) return NULL;
  struct buf *bufs[] = { &f->path, &f->other, &f->data, &f->failed_path, &f->hint };
  for (size_t i = 0; i < COUNT_OF(bufs); i++) buf_init(bufs[i], &f->job.alloc);
  f->fd = -1;
  return f;
}

struct fs_job *fs_job_new(struct call *c, const struct job_type *type)
{
  struct fs_job *f = fs_job_bare(c, type);
  if (!f || fs_arg_path(c, 0, &f->path)) return f;
  job_discard(&f->job);
  return NULL;
}

struct fs_job *fs_job_two(struct call *c, const struct job_type *type)
{
  struct fs_job *f = fs_job_new(c, type);
  if (!f || fs_arg_path(c, 1, &f->other)) return f;
  job_discard(&f->job);
  return NULL;
}

enum native_status fs_return(struct call *c, struct fs_job *f)
{
  return f ? job_return(c, &f->job, c->args[0]) : NATIVE_THROW;
}

void fs_fini(struct job *job)
{
  struct fs_job *f = fs_job(job);
  if (f->fd >= 0) sys_close(f->fd);
  buf_fini(&f->path);
  buf_fini(&f->other);
  buf_fini(&f->data);
  buf_fini(&f->failed_path);
  buf_fini(&f->hint);
}

// Arguments

static bool arg_octets(struct call *c, u32 i, struct buf *out, const char *expected)
{
  Value v = c->args[i];
  if (IS_STRING(v)) string_write(AS_STRING(v), out);
  else if (IS_BYTES(v)) buf_append(out, AS_BYTES(v)->data, AS_BYTES(v)->len);
  else return arg_fail(c, i, expected), false;
  if (out->failed) throw_memory(c->vm);
  return !out->failed;
}

bool fs_arg_data(struct call *c, u32 i, struct buf *out) { return arg_octets(c, i, out, "a string or bytes"); }

bool fs_arg_path(struct call *c, u32 i, struct buf *out)
{
  if (!arg_octets(c, i, out, "a path, a string")) return false;
  if (out->len && !memchr(out->data, 0, out->len)) return true;
  throw_error(c->vm, c->vm->errors.value, "%s: %s", c->native->name,
              out->len ? "a path holds no NUL" : "the path is empty");
  return false;
}

bool fs_arg_mode(struct call *c, u32 i, mode_t *mode)
{
  i64 n = 0;
  if (!arg_int(c, i, &n)) return false;
  *mode = (mode_t)(n & 07777);
  if (n >= 0 && n <= 07777) return true;
  throw_error(c->vm, c->vm->errors.value, "%s: a mode is an int from 0 to 0o7777, such as 0o644", c->native->name);
  return false;
}

bool fs_arg_flag(struct call *c, u32 i, bool otherwise) { return arg_given(c, i) ? !is_falsy(c->args[i]) : otherwise; }

// Errors

void fs_show(struct buf *out, const char *path, size_t len)
{
  for (const char *p = path, *end = path + len; p < end;) {
    u32 c = 0;
    int n = utf8_decode(p, end, &c);
    if (n == 0 || c < 0x20 || c == 0x7f) {
      buf_printf(out, "\\x%02x", (u8)*p++);
      continue;
    }
    buf_append(out, p, (size_t)n);
    p += n;
  }
}

void fs_hint(struct fs_job *f, const char *hint)
{
  buf_clear(&f->hint);
  buf_printf(&f->hint, " (%s)", hint);
}

static void hint_name(struct fs_job *f, const char *dir, size_t dir_len, const char *name, size_t len)
{
  struct suggest s;
  suggest_init(&s, name, len);
  DIR *d = sys_open_dir(dir_len ? dir : ".", true);
  if (!d) return;
  const struct dirent *e;
  for (u32 i = 0; i < OFFERED_MAX && (e = sys_read_dir(d)); i++) suggest_offer(&s, e->d_name, strlen(e->d_name));
  sys_close_dir(d);
  const char *best = suggest_best(&s);
  if (!best || utf8_valid_prefix(best, strlen(best)) < strlen(best)) return;
  buf_clear(&f->hint);
  buf_puts(&f->hint, " (did you mean ");
  fs_show(&f->hint, dir, dir_len);
  fs_show(&f->hint, best, strlen(best));
  buf_puts(&f->hint, "?)");
}

// Finds the first part of [path] that does not exist, and a name like it beside it.
static void explain_missing(struct fs_job *f, const char *path)
{
  struct stat st;
  struct buf part;
  buf_init(&part, &f->job.alloc);
  size_t len = strlen(path), from = 0, to = 0;
  bool is_missing = false;
  while (to < len && !is_missing) {
    while (to < len && path[to] == '/') to++;
    from = to;
    while (to < len && path[to] != '/') to++;
    buf_clear(&part);
    buf_append(&part, path, to);
    is_missing = part.failed || sys_lstat(buf_text(&part), &st) != 0;
  }
  f->is_parent = is_missing && to < len && path[to + strspn(path + to, "/")];
  buf_clear(&part);
  buf_append(&part, path, from);
  if (is_missing && !part.failed) hint_name(f, buf_text(&part), from, path + from, to - from);
  if (f->is_parent) {
    buf_clear(&f->failed_path);
    buf_append(&f->failed_path, path, to);
  }
  buf_fini(&part);
  if (path[0] == '~') fs_hint(f, "path.expand(\"~\") is the home directory");
}

void fs_fail(struct fs_job *f, int error, const char *path)
{
  job_fail(&f->job, error);
  f->is_parent = false;
  buf_clear(&f->hint);
  buf_clear(&f->failed_path);
  buf_puts(&f->failed_path, path);
  if (error == ENOENT) explain_missing(f, path);
}

static void put_reason(struct buf *out, const struct fs_job *f)
{
  static const struct {
    int error;
    const char *text;
  } reasons[] = {
    { ENOENT, "no such file" },
    { EEXIST, "it exists already" },
    { EISDIR, "it is a directory" },
    { ENOTEMPTY, "the directory is not empty" },
    { EFBIG, "too large for one value" },
    { EILSEQ, "it is not UTF-8" },
    { ENXIO, "nobody has the pipe open for reading" },
    { EBADF, "it is closed" },
    { EXDEV, "it lies on another file system" },
  };
  const char *text = f->job.failed == ENOENT && f->is_parent ? "no such directory" : NULL;
  for (size_t i = 0; !text && i < COUNT_OF(reasons); i++) {
    if (reasons[i].error == f->job.failed) text = reasons[i].text;
  }
  if (!text) text = strerror(f->job.failed);
  bool is_word = text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a';
  buf_putc(out, is_word ? (char)(text[0] + 32) : text[0]);
  buf_puts(out, text + 1);
}

Value fs_error(struct job *job)
{
  struct fs_job *f = fs_job(job);
  struct lull *vm = job->vm;
  struct buf text;
  buf_init(&text, &vm->alloc);
  put_reason(&text, f);
  buf_puts(&text, ": ");
  fs_show(&text, buf_text(&f->failed_path), f->failed_path.len);
  buf_puts(&text, buf_text(&f->hint));
  Value error = error_with_errno(vm, job->failed, "%s: %s", job->type->name, buf_text(&text));
  buf_fini(&text);
  struct string *key = vm_intern(vm, "path");
  Value path = fs_name(&vm->heap, buf_text(&f->failed_path), f->failed_path.len);
  if (!key || is_unset(path) || !instance_set(&vm->heap, &vm->shapes, AS_INSTANCE(error), key, path))
    vm->heap.exhausted = true;
  return error;
}

// What jobs do

bool fs_open(struct fs_job *f, int flags, mode_t mode)
{
  const char *path = buf_text(&f->path);
  f->fd = sys_open(path, flags | O_NONBLOCK | O_NOCTTY, mode);
  if (f->fd < 0) fs_fail(f, errno, path);
  return f->fd >= 0;
}

// A read or write gave no bytes but an error.
static bool fail_or_wait(struct fs_job *f, int events)
{
  if (errno == EAGAIN || errno == EWOULDBLOCK) job_wait(&f->job, f->fd, events);
  else fs_fail(f, errno, buf_text(&f->path));
  return false;
}

bool fs_read_all(struct fs_job *f, struct buf *to)
{
  struct stat st;
  if (to->len == 0 && sys_fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode)) {
    if (st.st_size > (off_t)BYTES_MAX) return fs_fail(f, EFBIG, buf_text(&f->path)), false;
    buf_reserve(to, (size_t)st.st_size + 1);
  }
  for (;;) {
    size_t room = to->cap > to->len + 1 ? to->cap - to->len - 1 : READ_STEP;
    if (work_is_dropped(&f->job.work)) return false;
    char *at = buf_reserve(to, room);
    if (!at) return job_fail(&f->job, ENOMEM), false;
    ssize_t n = sys_read(f->fd, at, room < READ_STEP ? room : READ_STEP);
    if (n == 0) return true;
    if (n < 0) return fail_or_wait(f, EV_READ);
    to->len += (size_t)n;
    if (to->len > BYTES_MAX) return fs_fail(f, EFBIG, buf_text(&f->path)), false;
  }
}

bool fs_write_all(struct fs_job *f, struct buf *from)
{
  size_t at = 0;
  while (at < from->len) {
    ssize_t n = sys_write(f->fd, from->data + at, from->len - at);
    if (n < 0) {
      buf_consume(from, at);
      return fail_or_wait(f, EV_WRITE);
    }
    at += (size_t)n;
  }
  buf_clear(from);
  return true;
}

Value fs_name(struct heap *heap, const char *name, size_t len)
{
  void *object = utf8_valid_prefix(name, len) == len ? (void *)string_new(heap, name, len) : bytes_new(heap, name, len);
  return object ? value_object(object) : UNSET;
}

bool fs_finish_nil(struct job *job, Value *value)
{
  (void)job;
  *value = NIL;
  return true;
}

bool fs_finish_bytes(struct job *job, Value *value)
{
  const struct buf *data = &fs_job(job)->data;
  return job_object(job, value, bytes_new(&job->vm->heap, buf_text(data), data->len));
}

bool fs_finish_string(struct job *job, Value *value)
{
  const struct buf *data = &fs_job(job)->data;
  return job_object(job, value, string_new(&job->vm->heap, buf_text(data), data->len));
}

bool fs_finish_path(struct job *job, Value *value)
{
  const struct buf *data = &fs_job(job)->data;
  *value = fs_name(&job->vm->heap, buf_text(data), data->len);
  if (!is_unset(*value)) return true;
  *value = job_memory_error(job->vm);
  return false;
}

bool lib_open_fs(struct lull *vm, struct module *m)
{
  return fs_open_text(vm, m) && fs_open_entry(vm, m) && fs_open_list(vm, m) && fs_open_make(vm, m) &&
         fs_open_move(vm, m) && fs_open_walk(vm, m) && fs_open_file(vm, m) &&
         fs_open_watch(vm, m);
}
