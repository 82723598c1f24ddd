// fs: files that stay open, as objects; and lines.
#include <errno.h>
#include <fcntl.h>

#include "base/utf8.h"
#include "lib/fs_file.h"
#include "value/bytes.h"

struct open_file {
  struct box box;
  struct file *file;
};

// Of loops: goes over what is left of a file.
struct items {
  struct box box;
  struct file *file;  // NULL once all has been given
  i64 max;
  u64 line;
  bool is_chunks;
};

static void finish_open_file(struct heap *heap, struct object *o)
{
  struct file *file = ((struct open_file *)(void *)o)->file;
  (void)heap;
  if (file) resource_release(&file->resource);
}

static void finish_items(struct heap *heap, struct object *o)
{
  struct file *file = ((struct items *)(void *)o)->file;
  (void)heap;
  if (file) resource_release(&file->resource);
}

static void print_open_file(struct heap *heap, struct object *o, struct buf *out)
{
  const struct file *file = ((struct open_file *)(void *)o)->file;
  (void)heap;
  buf_puts(out, "<file ");
  if (file) fs_show(out, buf_text(&file->path), file->path.len);
  buf_putc(out, '>');
}

// Loops

static enum native_status items_iterate(struct call *c) { return native_return(c, c->args[0]); }

static enum native_status end_items(struct call *c, struct items *items)
{
  struct file *file = items->file;
  items->file = NULL;
  if (file) resource_release(&file->resource);
  return native_return(c, DONE);
}

static enum native_status throw_no_text(struct call *c, const struct items *items)
{
  struct buf path;
  buf_init(&path, &c->vm->alloc);
  fs_show(&path, buf_text(&items->file->path), items->file->path.len);
  Value error = error_with_errno(c->vm, EILSEQ, "fs.lines: line %llu is not UTF-8: %s (fs.open and chunks give the bytes)",
                                 (unsigned long long)items->line, buf_text(&path));
  buf_fini(&path);
  return throw_value(c->vm, error);
}

static enum native_status return_line(struct call *c, struct items *items, const char *line, size_t len)
{
  items->line++;
  if (utf8_valid_prefix(line, len) < len) return throw_no_text(c, items);
  struct string *s = string_new(c->heap, line, len);
  return s ? native_return(c, value_object(s)) : throw_memory(c->vm);
}

static enum native_status return_chunk(struct call *c, struct items *items)
{
  struct file *file = items->file;
  size_t n = file_ahead(file) < (size_t)items->max ? file_ahead(file) : (size_t)items->max;
  struct bytes *b = bytes_new(c->heap, file->ahead.data + file->ahead_at, n);
  if (!b) return throw_memory(c->vm);
  file->ahead_at += n;
  return native_return(c, value_object(b));
}

static enum native_status items_next(struct call *c)
{
  struct items *items = (struct items *)(void *)as_object(c->args[0]);
  struct file *file = items->file;
  const char *line;
  size_t len;
  if (!file) return native_return(c, DONE);
  if (!file->resource.jobs) {
    if (items->is_chunks && file_ahead(file)) return return_chunk(c, items);
    if (!items->is_chunks && file_line(file, &line, &len)) return return_line(c, items, line, len);
    if (file->is_end) return end_items(c, items);
  }
  struct file_job *j = file_job_new(c, file, FILE_FILL);
  if (!j) return NATIVE_THROW;
  j->number = items->max;
  j->is_chunk = items->is_chunks;
  return job_await(c, &j->f.job, c->args[0]);
}

static const struct native items_methods[] = {
  { "iterate", items_iterate, 0, 0, 0, "iterate()", "Itself." },
  { "next", items_next, 0, 0, 0, "next()", "The next element, or `done`. Waits where it is still to be read." },
};

static const struct native_class items_class = {
  .name = "lines",
  .doc = "What is left of a file, to loop over.",
  .methods = items_methods,
  .method_count = COUNT_OF(items_methods),
  .size = sizeof(struct items),
  .finish = finish_items,
};

struct box *file_iterator(struct call *c, struct file *file, bool is_chunks, i64 max)
{
  struct items *items = box_new(c->vm, &items_class);
  if (!items) return throw_memory(c->vm), NULL;
  items->file = file;
  file->resource.refs++;
  items->is_chunks = is_chunks;
  items->max = max;
  return &items->box;
}

static bool arg_max(struct call *c, u32 i, i64 otherwise, i64 *max)
{
  *max = otherwise;
  if (!arg_given(c, i) || is_nil(c->args[i])) return true;
  if (!arg_int(c, i, max)) return false;
  if (*max > 0) return true;
  throw_error(c->vm, c->vm->errors.value, "%s: max must be above 0", c->native->name);
  return false;
}

// Methods

static struct file *self(struct call *c) { return ((struct open_file *)(void *)as_object(c->args[0]))->file; }

static bool may(struct call *c, bool is_read)
{
  int access = self(c)->flags & O_ACCMODE;
  if (access == O_RDWR || access == (is_read ? O_RDONLY : O_WRONLY)) return true;
  throw_value(c->vm, error_with_errno(c->vm, EBADF, "%s: the file is open for %s only (mode \"%s\" would do)", c->native->name,
                                      is_read ? "writing" : "reading", is_read ? "w+" : "r+"));
  return false;
}

static enum native_status return_job(struct call *c, struct file_job *j)
{
  return j ? job_return(c, &j->f.job, c->args[0]) : NATIVE_THROW;
}

static enum native_status read_by(struct call *c, enum file_action action, i64 number)
{
  if (!may(c, true)) return NATIVE_THROW;
  struct file_job *j = file_job_new(c, self(c), action);
  if (j) j->number = number;
  return return_job(c, j);
}

static enum native_status file_read(struct call *c)
{
  i64 max;
  return arg_max(c, 1, FILE_CHUNK, &max) ? read_by(c, FILE_READ, max) : NATIVE_THROW;
}

static enum native_status file_read_all(struct call *c) { return read_by(c, FILE_READ_ALL, 0); }

static enum native_status file_read_text(struct call *c) { return read_by(c, FILE_READ_TEXT, 0); }

static enum native_status file_read_line(struct call *c)
{
  i64 max;
  return arg_max(c, 1, FILE_LINE_MAX, &max) ? read_by(c, FILE_READ_LINE, max) : NATIVE_THROW;
}

static enum native_status iterator(struct call *c, bool is_chunks, i64 otherwise)
{
  i64 max = otherwise;
  if (!may(c, true) || (c->native->max && !arg_max(c, 1, otherwise, &max))) return NATIVE_THROW;
  struct box *b = file_iterator(c, self(c), is_chunks, max);
  return b ? native_return(c, value_object(b)) : NATIVE_THROW;
}

static enum native_status file_lines(struct call *c) { return iterator(c, false, FILE_LINE_MAX); }

static enum native_status file_chunks(struct call *c) { return iterator(c, true, FILE_CHUNK); }

static enum native_status file_write(struct call *c)
{
  if (!may(c, false)) return NATIVE_THROW;
  struct file_job *j = file_job_new(c, self(c), FILE_WRITE);
  if (j && !fs_arg_data(c, 1, &j->f.data)) {
    job_discard(&j->f.job);
    return NATIVE_THROW;
  }
  return return_job(c, j);
}

static enum native_status file_seek(struct call *c)
{
  static const char *const names[] = { "start", "here", "end" };
  static const int whences[] = { SEEK_SET, SEEK_CUR, SEEK_END };
  i64 offset;
  struct string *from = NULL;
  u32 which = 0;
  if (!arg_int(c, 1, &offset) || (arg_given(c, 2) && !arg_string(c, 2, &from))) return NATIVE_THROW;
  if (from) {
    const char *text = string_cstr(c->heap, from);
    while (which < COUNT_OF(names) && strcmp(names[which], text) != 0) which++;
    if (which == COUNT_OF(names))
      return throw_error(c->vm, c->vm->errors.value, "seek: from must be \"start\", \"here\" or \"end\"");
  }
  struct file_job *j = file_job_new(c, self(c), FILE_SEEK);
  if (j) {
    j->number = offset;
    j->whence = whences[which];
  }
  return return_job(c, j);
}

static enum native_status file_truncate(struct call *c)
{
  i64 size;
  if (!arg_int(c, 1, &size) || !may(c, false)) return NATIVE_THROW;
  struct file_job *j = file_job_new(c, self(c), FILE_TRUNCATE);
  if (j) j->number = size;
  return return_job(c, j);
}

static enum native_status file_sync(struct call *c) { return return_job(c, file_job_new(c, self(c), FILE_SYNC)); }

static enum native_status file_close(struct call *c) { return return_job(c, file_job_new(c, self(c), FILE_CLOSE)); }

static enum native_status file_path(struct call *c)
{
  const struct file *file = self(c);
  Value path = fs_name(c->heap, buf_text(&file->path), file->path.len);
  return is_unset(path) ? throw_memory(c->vm) : native_return(c, path);
}

static const struct native methods[] = {
  { "read", file_read, 0, 1, 0, "read(max = 131072)", "A deferred of the next bytes, at most [max]; of `done` at the end." },
  { "read_line", file_read_line, 0, 1, 0, "read_line(max = 16777216)",
    "A deferred of the next line, a string without its end; of `done` at the end.\n"
    "A line of more than [max] bytes is an IOError." },
  { "read_all", file_read_all, 0, 0, 0, "read_all()", "A deferred of all bytes up to the end." },
  { "read_text", file_read_text, 0, 0, 0, "read_text()", "A deferred of the text up to the end, which must be UTF-8." },
  { "lines", file_lines, 0, 1, 0, "lines(max = 16777216)", "The lines up to the end, to loop over. The file stays open." },
  { "iterate", file_lines, 0, 0, 0, "iterate()", "The lines up to the end." },
  { "chunks", file_chunks, 0, 1, 0, "chunks(max = 131072)", "The bytes up to the end, to loop over in parts of at most [max]." },
  { "write", file_write, 1, 1, 0, "write(data)",
    "A deferred that resolves once [data], a string or bytes, stands in the file where it was read or written last; in mode "
    "\"a\" at its end.\n"
    "Calls on one file are done in their order." },
  { "seek", file_seek, 1, 2, 0, "seek(offset, from = \"start\")",
    "A deferred of the new place in bytes from the start; [from] is \"start\", \"here\" or \"end\".\n"
    "    await f.seek(-100, from: \"end\")" },
  { "truncate", file_truncate, 1, 1, 0, "truncate(size)", "A deferred that resolves once the file has [size] bytes." },
  { "sync", file_sync, 0, 0, 0, "sync()", "A deferred that resolves once all of it would survive a loss of power." },
  { "close", file_close, 0, 0, 0, "close()",
    "A deferred that resolves once the file is closed, after what is still to be written. A file nobody has is closed too.\n"
    "    defer f.close()" },
};

static const struct native getters[] = {
  { "path", file_path, 0, 0, 0, "path", "What it was opened as." },
};

static const struct native_class open_file_class = {
  .name = "file",
  .doc = "A file that stays open (fs.open). Its calls are done in their order, in a thread.",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .getters = getters,
  .getter_count = COUNT_OF(getters),
  .size = sizeof(struct open_file),
  .finish = finish_open_file,
  .print = print_open_file,
};

bool file_finish_open(struct job *job, Value *value)
{
  struct open_file *o = box_new(job->vm, &open_file_class);
  if (o) {
    o->file = (struct file *)(void *)job->resource;
    job->resource->refs++;
  }
  return job_object(job, value, o);
}

// The flags of a mode; -1: none such.
static int flags_of(const char *mode)
{
  static const struct {
    const char *mode;
    int flags;
  } modes[] = {
    { "r", O_RDONLY },
    { "r+", O_RDWR },
    { "w", O_WRONLY | O_CREAT | O_TRUNC },
    { "w+", O_RDWR | O_CREAT | O_TRUNC },
    { "a", O_WRONLY | O_CREAT | O_APPEND },
    { "a+", O_RDWR | O_CREAT | O_APPEND },
    { "x", O_WRONLY | O_CREAT | O_EXCL },
    { "x+", O_RDWR | O_CREAT | O_EXCL },
  };
  for (size_t i = 0; i < COUNT_OF(modes); i++) {
    if (strcmp(modes[i].mode, mode) == 0) return modes[i].flags;
  }
  return -1;
}

static enum native_status fs_open_native(struct call *c)
{
  struct string *mode = NULL;
  if (arg_given(c, 1) && !arg_string(c, 1, &mode)) return NATIVE_THROW;
  int flags = mode ? flags_of(string_cstr(c->heap, mode)) : O_RDONLY;
  if (flags < 0)
    return throw_error(c->vm, c->vm->errors.value, "open: mode must be \"r\", \"w\", \"a\" or \"x\", with + for reading and writing");
  struct file *file = file_new(c, flags);
  if (!file) return NATIVE_THROW;
  struct file_job *j = file_job_new(c, file, FILE_OPEN);
  resource_release(&file->resource);
  return return_job(c, j);
}

static enum native_status fs_lines(struct call *c)
{
  i64 max;
  if (!arg_max(c, 1, FILE_LINE_MAX, &max)) return NATIVE_THROW;
  struct file *file = file_new(c, O_RDONLY);
  if (!file) return NATIVE_THROW;
  struct box *b = file_iterator(c, file, false, max);
  resource_release(&file->resource);
  return b ? native_return(c, value_object(b)) : NATIVE_THROW;
}

static const struct native natives[] = {
  { "open", fs_open_native, 1, 2, 0, "open(path, mode = \"r\")",
    "A deferred of the open file: for reading (\"r\"), for writing it anew (\"w\"), at its end (\"a\"), or a new one (\"x\"); with + "
    "for reading and writing.\n"
    "    let f = await fs.open(\"log\", \"a\")\n"
    "    defer f.close()" },
  { "lines", fs_lines, 1, 2, 0, "lines(path, max = 16777216)",
    "The lines of a file without their ends, to loop over; however large it is, little of it is in memory.\n"
    "A line of more than [max] bytes, or one that is not UTF-8, is an IOError.\n"
    "    for line in fs.lines(\"/etc/hosts\") { print(line) }" },
};

bool fs_open_file(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
