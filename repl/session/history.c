#include "session/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/vec.h"

enum { LOAD_MAX = 8 << 20, LOCK_TRIES = 50, LOCK_WAIT_NS = 2000000 };

struct entry {
  char *text;  // NULL: superseded
  u32 len;
  u32 hash;
};

struct history {
  struct alloc *alloc;
  struct buf path;  // empty: in memory only
  off_t offset;     // the file is known up to here, always just behind a newline
  struct buf unread;
  VEC(struct entry) entries;
  u32 count;   // live ones
  u32 *table;  // by hash: place + 1 of live entries, 0 is free; superseded ones stay until it grows
  u32 table_size;
  int error;
};

// --- where

static bool path_in_home(struct buf *path)
{
  const char *home = secure_getenv("HOME");
  if (!home || !*home) return false;
  buf_printf(path, "%s/.local/state/lull/history", home);
  return true;
}

bool history_default_path(struct buf *path)
{
  const char *own = secure_getenv("LULL_HISTORY"), *state = secure_getenv("XDG_STATE_HOME");
  if (own) buf_puts(path, own);
  else if (state && *state == '/') buf_printf(path, "%s/lull/history", state);
  else if (!path_in_home(path)) return false;
  return path->len > 0 && !path->failed;
}

static void make_folders(const char *path, struct alloc *alloc)
{
  struct buf folder;
  buf_init(&folder, alloc);
  for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    buf_clear(&folder);
    buf_append(&folder, path, (size_t)(slash - path));
    sys_mkdir(buf_text(&folder), 0700);
  }
  buf_fini(&folder);
}

// --- entries in memory

static u32 hash_of(const char *text, size_t len)
{
  u32 h = 2166136261u;
  for (size_t i = 0; i < len; i++) h = (h ^ (u8)text[i]) * 16777619u;
  return h;
}

static void table_put(struct history *h, u32 hash, u32 place)
{
  u32 at = hash & (h->table_size - 1);
  while (h->table[at]) at = (at + 1) & (h->table_size - 1);
  h->table[at] = place + 1;
}

static bool table_grow(struct history *h)
{
  u32 size = h->table_size ? h->table_size * 2 : 256;
  u32 *table = mem_alloc_zero(h->alloc, size * sizeof *table);
  if (!table) return false;
  mem_free(h->alloc, h->table, h->table_size * sizeof *h->table);
  h->table = table;
  h->table_size = size;
  for (u32 i = 0; i < h->entries.len; i++)
    if (h->entries.data[i].text) table_put(h, h->entries.data[i].hash, i);
  return true;
}

// The slot of an equal live entry, or NULL.
static u32 *table_find(struct history *h, const char *text, size_t len, u32 hash)
{
  if (h->table_size == 0) return NULL;
  for (u32 at = hash & (h->table_size - 1); h->table[at]; at = (at + 1) & (h->table_size - 1)) {
    struct entry *e = &h->entries.data[h->table[at] - 1];
    if (e->text && e->hash == hash && e->len == len && memcmp(e->text, text, len) == 0) return &h->table[at];
  }
  return NULL;
}

static void forget(struct history *h, struct entry *e)
{
  mem_free(h->alloc, e->text, e->len + 1);
  e->text = NULL;
  h->count--;
}

// Entries keep their address: editors hold on to them while the user looks back.
static bool add(struct history *h, const char *text, size_t len)
{
  if (len == 0 || len > LOAD_MAX) return true;
  if ((h->entries.len + 1) * 4 > h->table_size * 3 && !table_grow(h)) return false;
  struct entry e = {.text = mem_alloc(h->alloc, len + 1), .len = (u32)len, .hash = hash_of(text, len)};
  if (!e.text) return false;
  memcpy(e.text, text, len);
  e.text[len] = 0;
  u32 *slot = table_find(h, text, len, e.hash);
  u32 older = slot ? *slot - 1 : 0;
  if (!vec_push(h->alloc, &h->entries, e)) {
    mem_free(h->alloc, e.text, len + 1);
    return false;
  }
  h->count++;
  if (slot) {
    *slot = h->entries.len;
    forget(h, &h->entries.data[older]);
  } else {
    table_put(h, e.hash, h->entries.len - 1);
  }
  return true;
}

// --- lines of the file

static void escape(struct buf *out, const char *text, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    switch (text[i]) {
    case '\\': buf_puts(out, "\\\\"); break;
    case '\n': buf_puts(out, "\\n"); break;
    case '\r': buf_puts(out, "\\r"); break;
    case '\0': buf_puts(out, "\\0"); break;
    default: buf_putc(out, text[i]);
    }
  }
}

static void unescape(struct buf *out, const char *line, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    char c = line[i];
    if (c == '\\' && i + 1 < len) {
      c = line[++i];
      c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
    }
    buf_putc(out, c);
  }
}

// A zero byte is escaped where it is written: here it stands for what a disk has lost.
static bool is_damaged(const char *line, size_t len) { return memchr(line, 0, len) != NULL; }

static void add_lines(struct history *h, const char *text, size_t len)
{
  struct buf entry;
  buf_init(&entry, h->alloc);
  const char *end = text + len;
  for (const char *nl; text < end && (nl = memchr(text, '\n', (size_t)(end - text))); text = nl + 1) {
    if (is_damaged(text, (size_t)(nl - text))) continue;
    buf_clear(&entry);
    unescape(&entry, text, (size_t)(nl - text));
    if (!entry.failed) add(h, buf_text(&entry), entry.len);
  }
  buf_fini(&entry);
}

// --- the file

static int open_file(struct history *h)
{
  int fd = sys_open(h->path.data, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK, 0600);
  if (fd < 0 && (errno == EACCES || errno == EROFS)) fd = sys_open(h->path.data, O_RDONLY | O_NONBLOCK, 0);
  struct stat st;
  if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {  // a FIFO would make every entry wait
    sys_close(fd);
    errno = EINVAL;
    fd = -1;
  }
  if (fd < 0) h->error = errno;
  return fd;
}

// Not for ever: a session that was stopped with the lock must not stop this one, and one append is one write anyhow.
static void lock(int fd)
{
  for (int i = 0; i < LOCK_TRIES; i++) {
    if (sys_flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    nanosleep(&(struct timespec){.tv_nsec = LOCK_WAIT_NS}, NULL);
  }
}

static void start_at(struct history *h, off_t size)
{
  if (size < h->offset) h->offset = 0;  // someone has replaced the file: what is known stays known
  if (size - h->offset > LOAD_MAX) h->offset = size - LOAD_MAX;
}

// Takes in the whole lines behind the known part. A cut first line after a jump is an entry that was partly read:
// dropped by the caller's offset.
static bool read_new(struct history *h, int fd)
{
  struct stat st;
  if (fstat(fd, &st) < 0) return false;
  bool is_known = st.st_size - h->offset <= LOAD_MAX;
  start_at(h, st.st_size);
  if (st.st_size == h->offset) return true;
  if (lseek(fd, h->offset, SEEK_SET) < 0) return false;
  buf_clear(&h->unread);
  for (;;) {
    char *to = buf_reserve(&h->unread, 64 << 10);
    ssize_t n = to ? sys_read(fd, to, 64 << 10) : -1;
    if (n < 0) return false;
    if (n == 0) break;
    h->unread.len += (size_t)n;
  }
  size_t from = 0, whole = h->unread.len;
  while (whole > 0 && h->unread.data[whole - 1] != '\n') whole--;
  while (!is_known && from < whole && h->unread.data[from++] != '\n') {}
  if (whole > from) add_lines(h, h->unread.data + from, whole - from);
  h->offset += (off_t)whole;
  return true;
}

// Whether the last byte is no newline: an append was cut short by a crash or a full disk.
static bool is_torn(int fd)
{
  char last;
  off_t size = lseek(fd, 0, SEEK_END);
  return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static bool append_line(struct history *h, int fd, const char *text, size_t len)
{
  struct buf line;
  buf_init(&line, h->alloc);
  if (is_torn(fd)) buf_putc(&line, '\n');
  escape(&line, text, len);
  buf_putc(&line, '\n');
  bool ok = !line.failed && sys_write_all(fd, line.data, line.len);
  if (line.failed) errno = ENOMEM;
  if (ok) {
    struct stat st;
    if (fstat(fd, &st) == 0) h->offset = st.st_size;
  }
  buf_fini(&line);
  return ok;
}

void history_refresh(struct history *h)
{
  if (h->path.len == 0) return;
  int fd = open_file(h);
  if (fd < 0) return;
  if (!read_new(h, fd)) h->error = errno;
  sys_close(fd);
}

static bool is_kept(struct history *h, const char *text, size_t len)
{
  if (len == 0 || text[0] == ' ' || text[0] == '\t' || text[0] == '\n') return false;
  u32 newest = history_before(h, h->entries.len);
  if (newest == history_bound(h)) return true;
  const struct entry *e = &h->entries.data[newest];
  return e->len != len || memcmp(e->text, text, len) != 0;
}

bool history_append(struct history *h, const char *text, size_t len)
{
  if (h->path.len == 0) return !is_kept(h, text, len) || add(h, text, len);
  if (len == 0 || text[0] == ' ' || text[0] == '\t' || text[0] == '\n') return true;
  int fd = open_file(h);
  bool ok = fd >= 0;
  if (ok) {
    lock(fd);
    read_new(h, fd);  // what others have entered is older
  }
  if (is_kept(h, text, len)) {
    add(h, text, len);
    ok = ok && append_line(h, fd, text, len);
  }
  if (!ok) h->error = errno;
  if (fd >= 0) sys_close(fd);
  return ok;
}

// --- looking

u32 history_bound(const struct history *h)
{
  return h->entries.len;
}

const char *history_entry(const struct history *h, u32 at, size_t *len)
{
  if (at >= h->entries.len || !h->entries.data[at].text) return NULL;
  *len = h->entries.data[at].len;
  return h->entries.data[at].text;
}

u32 history_before(const struct history *h, u32 at)
{
  if (at > h->entries.len) at = h->entries.len;
  while (at-- > 0)
    if (h->entries.data[at].text) return at;
  return h->entries.len;
}

u32 history_after(const struct history *h, u32 at)
{
  while (++at < h->entries.len)
    if (h->entries.data[at].text) return at;
  return h->entries.len;
}

u32 history_count(const struct history *h)
{
  return h->count;
}

int history_error(const struct history *h)
{
  return h->error;
}

// --- life

struct history *history_create(struct alloc *alloc, const char *path)
{
  struct history *h = mem_alloc_zero(alloc, sizeof *h);
  if (!h) return NULL;
  h->alloc = alloc;
  buf_init(&h->path, alloc);
  buf_init(&h->unread, alloc);
  if (path && *path) {
    buf_puts(&h->path, path);
    if (h->path.failed) {
      history_destroy(h);
      return NULL;
    }
    make_folders(path, alloc);
    history_refresh(h);
  }
  return h;
}

void history_destroy(struct history *h)
{
  if (!h) return;
  for (u32 i = 0; i < h->entries.len; i++)
    if (h->entries.data[i].text) forget(h, &h->entries.data[i]);
  vec_free(h->alloc, &h->entries);
  mem_free(h->alloc, h->table, h->table_size * sizeof *h->table);
  buf_fini(&h->unread);
  buf_fini(&h->path);
  mem_free(h->alloc, h, sizeof *h);
}
