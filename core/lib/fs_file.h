// Files that stay open.
#ifndef LULL_LIB_FS_FILE_H
#define LULL_LIB_FS_FILE_H

#include "lib/fs.h"

#define FILE_LINE_MAX ((i64)16 << 20)
#define FILE_CHUNK ((size_t)1 << 17)

// An open file. What lies in it belongs to the job that runs, if there is any.
struct file {
  struct resource resource;
  int fd;            // -1: not open yet, or closed
  int flags;         // of open
  struct buf path;
  struct buf ahead;  // read and not taken, from ahead_at on
  size_t ahead_at;
  off_t position;    // behind what is in ahead
  bool is_seekable, is_end, is_closed;
  bool is_lonely;  // a named pipe not read yet: its other end may not be open
};

enum file_action { FILE_OPEN, FILE_FILL, FILE_READ, FILE_READ_ALL, FILE_READ_TEXT, FILE_READ_LINE, FILE_WRITE, FILE_SEEK,
                   FILE_TRUNCATE, FILE_SYNC, FILE_CLOSE };

struct file_job {
  struct fs_job f;  // data: read, or written
  i64 number;       // how much, or where to
  int whence;
  bool is_alone;    // FILE_CLOSE: no other job has the file
  bool is_chunk;    // FILE_FILL: not up to the end of a line
};

// The open file as an object (fs_open.c).
bool file_finish_open(struct job *job, Value *value);
// A file that is not open yet, of the path that is argument 0. NULL: thrown.
struct file *file_new(struct call *c, int flags);
// A job on it. NULL: thrown.
struct file_job *file_job_new(struct call *c, struct file *file, enum file_action action);
// The next line in what was read ahead, without its end; false: there is none yet. Only without jobs, or in one.
bool file_line(struct file *file, const char **line, size_t *len);
static inline size_t file_ahead(const struct file *file) { return file->ahead.len - file->ahead_at; }
// An object for loops: lines, or where [is_chunks] bytes. [max]: the longest. NULL: no memory, thrown.
struct box *file_iterator(struct call *c, struct file *file, bool is_chunks, i64 max);

#endif
