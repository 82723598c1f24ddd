// fs: files that stay open: what threads do with them.
#include "lib/fs_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/sys.h"
#include "base/utf8.h"
#include "value/bytes.h"

static struct file_job *file_job(struct job *job) { return (struct file_job *)(void *)job; }
static struct file *file_of(struct job *job) { return (struct file *)(void *)job->resource; }

static void destroy_file(struct resource *r)
{
  struct file *file = (struct file *)(void *)r;
  if (file->fd >= 0) sys_close(file->fd);
  buf_fini(&file->path);
  buf_fini(&file->ahead);
  resource_free(r, sizeof *file);
}

struct file *file_new(struct call *c, int flags)
{
  struct file *file = resource_new(c, sizeof *file, destroy_file);
  if (!file) return NULL;
  buf_init(&file->path, &file->resource.alloc);
  buf_init(&file->ahead, &file->resource.alloc);
  file->fd = -1;
  file->flags = flags;
  if (fs_arg_path(c, 0, &file->path)) return file;
  resource_release(&file->resource);
  return NULL;
}

static void fail(struct job *job, int error) { fs_fail(fs_job(job), error, buf_text(&file_of(job)->path)); }

// Where there is nothing, or room for nothing, now.
static void fail_or_wait(struct job *job, int events)
{
  if (errno == EAGAIN || errno == EWOULDBLOCK) job_wait(job, file_of(job)->fd, events);
  else fail(job, errno);
}

static bool is_open(struct job *job)
{
  struct file *file = file_of(job);
  if (file->is_closed) return fail(job, EBADF), false;
  if (file->fd >= 0) return true;
  file->fd = sys_open(buf_text(&file->path), file->flags | O_NONBLOCK | O_NOCTTY, 0666);
  if (file->fd < 0) return fail(job, errno), false;
  struct stat st;
  file->is_seekable = sys_seek(file->fd, 0, SEEK_CUR) >= 0;
  bool ok = (file->is_seekable || errno == ESPIPE) && sys_fstat(file->fd, &st) == 0;
  if (!ok) {
    fail(job, errno);
    sys_close(file->fd);
    file->fd = -1;
    return false;
  }
  file->is_lonely = S_ISFIFO(st.st_mode);
  return true;
}

// Reads ahead once, up to [room] bytes; false: failed, waits, or the end is reached.
static bool read_ahead(struct job *job, size_t room)
{
  struct file *file = file_of(job);
  if (file->is_lonely) {
    // A pipe nobody has written to yet seems to be at its end: first there must be something.
    file->is_lonely = false;
    job_wait(job, file->fd, EV_READ);
    return false;
  }
  buf_consume(&file->ahead, file->ahead_at);
  file->ahead_at = 0;
  char *to = buf_reserve(&file->ahead, room);
  if (!to) {
    file->ahead.failed = false;
    job_fail(job, ENOMEM);
    return false;
  }
  ssize_t n = file->is_seekable ? sys_pread(file->fd, to, room, file->position) : sys_read(file->fd, to, room);
  if (n < 0) fail_or_wait(job, EV_READ);
  file->is_end = n == 0;
  if (n <= 0) return false;
  file->ahead.len += (size_t)n;
  file->position += n;
  return true;
}

bool file_line(struct file *file, const char **line, size_t *len)
{
  size_t left = file_ahead(file);
  const char *start = buf_text(&file->ahead) + file->ahead_at;
  const char *end = left ? memchr(start, '\n', left) : NULL;
  if (!end && (!file->is_end || left == 0)) return false;
  *line = start;
  *len = end ? (size_t)(end - start) : left;
  file->ahead_at += *len + (end != NULL);
  if (end && *len && start[*len - 1] == '\r') --*len;
  return true;
}

// Until there is a line, or the end.
static void fill(struct job *job)
{
  struct file *file = file_of(job);
  size_t seen = 0;
  while (is_open(job)) {
    size_t left = file_ahead(file);
    if (file_job(job)->is_chunk && left) return;
    if (left > seen && memchr(file->ahead.data + file->ahead_at + seen, '\n', left - seen)) return;
    seen = left;
    if ((i64)left > file_job(job)->number) {
      fail(job, EFBIG);
      fs_hint(fs_job(job), "a line has more than [max] bytes");
      return;
    }
    if (work_is_dropped(&job->work) || !read_ahead(job, FILE_CHUNK)) return;
  }
}

static void open_run(struct job *job) { is_open(job); }

static void read_run(struct job *job)
{
  struct file *file = file_of(job);
  size_t most = (size_t)file_job(job)->number;
  if (!is_open(job)) return;
  if (!file_ahead(file) && !read_ahead(job, most < FILE_CHUNK ? FILE_CHUNK : most)) return;
  size_t n = file_ahead(file) < most ? file_ahead(file) : most;
  buf_append(&fs_job(job)->data, file->ahead.data + file->ahead_at, n);
  if (fs_job(job)->data.failed) job_fail(job, ENOMEM);
  else file->ahead_at += n;
}

static void read_all_run(struct job *job)
{
  struct file *file = file_of(job);
  if (!is_open(job)) return;
  while (!work_is_dropped(&job->work) && read_ahead(job, file_ahead(file) + FILE_CHUNK)) {
    if (file_ahead(file) <= BYTES_MAX) continue;
    fail(job, EFBIG);
    return;
  }
  if (!file->is_end || job->failed) return;
  buf_append(&fs_job(job)->data, file->ahead.data + file->ahead_at, file_ahead(file));
  if (fs_job(job)->data.failed) job_fail(job, ENOMEM);
  else file->ahead_at = file->ahead.len;
}

static bool is_text(struct job *job)
{
  struct buf *data = &fs_job(job)->data;
  size_t valid = utf8_valid_prefix(buf_text(data), data->len);
  if (valid == data->len) return true;
  fail(job, EILSEQ);
  fs_hint(fs_job(job), "read_all gives the bytes");
  return false;
}

static void read_text_run(struct job *job)
{
  read_all_run(job);
  if (!job->failed && job->wait_fd < 0) is_text(job);
}

static void read_line_run(struct job *job)
{
  struct file *file = file_of(job);
  const char *line;
  size_t len;
  fill(job);
  if (job->failed || job->wait_fd >= 0) return;
  fs_job(job)->options = file_line(file, &line, &len);
  if (!fs_job(job)->options) return;
  buf_append(&fs_job(job)->data, line, len);
  if (fs_job(job)->data.failed) job_fail(job, ENOMEM);
  else is_text(job);
}

static void write_run(struct job *job)
{
  struct file *file = file_of(job);
  struct buf *data = &fs_job(job)->data;
  if (!is_open(job)) return;
  // What was read ahead is not where the program is.
  file->position -= (off_t)file_ahead(file);
  buf_clear(&file->ahead);
  file->ahead_at = 0;
  size_t at = 0;
  bool is_at = file->is_seekable && !(file->flags & O_APPEND);
  while (at < data->len) {
    ssize_t n = is_at ? sys_pwrite(file->fd, data->data + at, data->len - at, file->position)
                      : sys_write(file->fd, data->data + at, data->len - at);
    if (n < 0) break;
    at += (size_t)n;
    file->position += n;
  }
  bool is_done = at == data->len;
  int error = errno;
  if (!is_at && file->is_seekable && is_done) file->position = sys_seek(file->fd, 0, SEEK_END);
  buf_consume(data, at);
  errno = error;
  if (!is_done) fail_or_wait(job, EV_WRITE);
}

static void seek_run(struct job *job)
{
  struct file *file = file_of(job);
  struct file_job *j = file_job(job);
  if (!is_open(job)) return;
  struct stat st = { 0 };
  if (!file->is_seekable || (j->whence == SEEK_END && sys_fstat(file->fd, &st) != 0)) {
    fail(job, file->is_seekable ? errno : ESPIPE);
    return;
  }
  i64 base = j->whence == SEEK_END ? st.st_size : j->whence == SEEK_CUR ? file->position - (i64)file_ahead(file) : 0;
  i64 to;
  if (__builtin_add_overflow(base, j->number, &to) || to < 0) {
    fail(job, EINVAL);
    return;
  }
  file->position = j->number = to;
  buf_clear(&file->ahead);
  file->ahead_at = 0;
  file->is_end = false;
}

static void truncate_run(struct job *job)
{
  if (!is_open(job)) return;
  struct file *file = file_of(job);
  file->position -= (off_t)file_ahead(file);
  buf_clear(&file->ahead);
  file->ahead_at = 0;
  if (sys_truncate(file->fd, file_job(job)->number) != 0) fail(job, errno);
}

static void sync_run(struct job *job)
{
  if (is_open(job) && sys_fsync(file_of(job)->fd) != 0) fail(job, errno);
}

static void close_run(struct job *job)
{
  struct file *file = file_of(job);
  file->is_closed = true;
  // Where another job waits for the descriptor, it is closed behind that.
  if (!file_job(job)->is_alone || file->fd < 0) return;
  if (sys_close(file->fd) != 0) fail(job, errno);
  file->fd = -1;
}

static bool finish_read(struct job *job, Value *value)
{
  if (fs_job(job)->data.len) return fs_finish_bytes(job, value);
  *value = DONE;
  return true;
}

static bool finish_line(struct job *job, Value *value)
{
  if (fs_job(job)->options) return fs_finish_string(job, value);
  *value = DONE;
  return true;
}

static bool finish_number(struct job *job, Value *value)
{
  *value = value_int(file_job(job)->number);
  return true;
}

struct file_job *file_job_new(struct call *c, struct file *file, enum file_action action)
{
#define ROW(label, function, finisher, effect) \
  { .name = label, \
    .size = sizeof(struct file_job), \
    .run = function, \
    .finish = finisher, \
    .error = fs_error, \
    .fini = fs_fini, \
    .is_effect = effect }
  static const struct job_type types[] = {
    [FILE_OPEN] = ROW("fs.open", open_run, file_finish_open, true),
    [FILE_FILL] = ROW("fs.lines", fill, fs_finish_nil, false),
    [FILE_READ] = ROW("read", read_run, finish_read, false),
    [FILE_READ_ALL] = ROW("read_all", read_all_run, fs_finish_bytes, false),
    [FILE_READ_TEXT] = ROW("read_text", read_text_run, fs_finish_string, false),
    [FILE_READ_LINE] = ROW("read_line", read_line_run, finish_line, false),
    [FILE_WRITE] = ROW("write", write_run, fs_finish_nil, true),
    [FILE_SEEK] = ROW("seek", seek_run, finish_number, true),
    [FILE_TRUNCATE] = ROW("truncate", truncate_run, fs_finish_nil, true),
    [FILE_SYNC] = ROW("sync", sync_run, fs_finish_nil, true),
    [FILE_CLOSE] = ROW("close", close_run, fs_finish_nil, true),
  };
#undef ROW
  struct file_job *j = fs_job_bare(c, &types[action]);
  if (!j) return NULL;
  job_use(&j->f.job, &file->resource);
  j->is_alone = file->resource.jobs == 1;
  return j;
}
