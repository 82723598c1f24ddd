#include "session/paths.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// The folder to be read: what stands before the last slash, "~" is the home, "." where there is no slash.
static void put_folder(struct buf *out, const char *text, size_t len)
{
  const char *home = getenv("HOME");
  size_t at = 0;
  if (len >= 2 && text[0] == '~' && text[1] == '/' && home) {
    buf_puts(out, home);
    at = 1;
  }
  buf_append(out, text + at, len - at);
  if (len == 0) buf_puts(out, "./");
}

static bool is_folder(const struct buf *folder, const char *name)
{
  struct buf path;
  struct stat status;
  buf_init(&path, folder->alloc);
  buf_append(&path, folder->data, folder->len);
  buf_puts(&path, name);
  bool is = stat(buf_text(&path), &status) == 0 && S_ISDIR(status.st_mode);
  buf_fini(&path);
  return is;
}

// Names that begin with a dot are offered to those who have typed it.
static bool fits(const char *name, const char *begun, size_t len)
{
  if (!strcmp(name, ".") || !strcmp(name, "..")) return false;
  return strncmp(name, begun, len) == 0 && (name[0] != '.' || len > 0);
}

static void offer(const struct buf *folder, const char *name, struct completions *out)
{
  struct buf text;
  bool is_open = is_folder(folder, name);
  buf_init(&text, folder->alloc);
  buf_puts(&text, name);
  if (is_open) buf_putc(&text, '/');
  completions_add(out, buf_text(&text), text.len, is_open ? "folder" : "", is_open ? 6 : 0);
  buf_fini(&text);
}

void paths_complete(const char *text, size_t start, size_t cursor, struct completions *out)
{
  enum { MOST = 500 };
  struct buf folder;
  size_t name = cursor, count = 0;
  while (name > start && text[name - 1] != '/') name--;
  out->start = name;
  buf_init(&folder, out->alloc);
  put_folder(&folder, text + start, name - start);
  DIR *dir = folder.failed ? NULL : opendir(buf_text(&folder));
  for (const struct dirent *entry; dir && count < MOST && (entry = readdir(dir));) {
    if (!fits(entry->d_name, text + name, cursor - name)) continue;
    offer(&folder, entry->d_name, out);
    count++;
  }
  if (dir) closedir(dir);
  buf_fini(&folder);
}

size_t paths_in_string(const char *text, size_t cursor)
{
  size_t start = SIZE_MAX;
  char quote = 0;
  for (size_t i = 0; i < cursor; i++) {
    char c = text[i];
    if (quote && c == '\\' && quote == '"') {
      i++;
    } else if (quote && (c == quote || c == '\n')) {
      quote = 0;
    } else if (!quote && c == '#') {
      while (i < cursor && text[i] != '\n') i++;
    } else if (!quote && (c == '"' || c == '\'')) {
      quote = c;
      start = i + 1;
    }
  }
  return quote ? start : SIZE_MAX;
}
