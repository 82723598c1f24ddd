#include "file.h"

#include <string.h>
#include <strings.h>

static void file_mark(struct lull *lull, void *data)
{
  struct file *file = data;
  lull_mark(lull, file->path);
  lull_mark(lull, file->own_type);
}

static enum lull_status get_path(struct lull_call *c)
{
  struct file *file = lull_arg_data(c, 0, &file_class);
  return file ? lull_return(c, file->path) : LULL_THROW;
}

static const struct lull_native getters[] = { { "path", get_path, 0, 0, 0, "path", "Where it lies." } };

const struct lull_class file_class = { .name = "http file",
                                       .doc = "A file as a body.",
                                       .getters = getters,
                                       .getter_count = 1,
                                       .size = sizeof(struct file),
                                       .mark = file_mark };

static const struct {
  const char *ending, *type;
} types[] = {
  { "html", "text/html; charset=utf-8" }, { "htm", "text/html; charset=utf-8" },
  { "css", "text/css; charset=utf-8" },   { "js", "text/javascript; charset=utf-8" },
  { "mjs", "text/javascript; charset=utf-8" }, { "json", "application/json" },
  { "txt", "text/plain; charset=utf-8" }, { "md", "text/markdown; charset=utf-8" },
  { "csv", "text/csv; charset=utf-8" },   { "xml", "application/xml" },
  { "svg", "image/svg+xml" },             { "png", "image/png" },
  { "jpg", "image/jpeg" },                { "jpeg", "image/jpeg" },
  { "gif", "image/gif" },                 { "webp", "image/webp" },
  { "ico", "image/x-icon" },              { "pdf", "application/pdf" },
  { "wasm", "application/wasm" },         { "woff2", "font/woff2" },
  { "mp4", "video/mp4" },                 { "mp3", "audio/mpeg" },
  { "zip", "application/zip" },           { "gz", "application/gzip" },
};

static const char *type_of(const char *path)
{
  const char *dot = strrchr(path, '.');
  for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++) {
    if (strcasecmp(types[i].ending, dot + 1) == 0) return types[i].type;
  }
  return "application/octet-stream";
}

static enum lull_status new_file(struct lull_call *c)
{
  struct lull_value v;
  const char *path, *type = NULL;
  size_t len;
  if (!lull_arg_string(c, 0, &path, &len)) return LULL_THROW;
  if (strlen(path) != len) return lull_throw(c, "ValueError", "http.file: a path holds no NUL");
  if (lull_arg_has(c, 1) && !lull_arg_string(c, 1, &type, NULL)) return LULL_THROW;
  struct file *file = lull_new(lull_of(c), &file_class, &v);
  if (!file) return lull_return(c, v);
  file->path = lull_arg(c, 0);
  file->own_type = type ? lull_arg(c, 1) : lull_nil();
  file->type = type ? type : type_of(path);
  return lull_return(c, v);
}

static const struct lull_native natives[] = {
  { "file", new_file, 1, 2, 0, "file(path, type = nil)",
    "A file as a body: what a handler answers with, or a part of a form.\n"
    "It is opened when it is sent; a handler's that is not there is a 404. [type] is that of the content, else told by\n"
    "the name.\n"
    "    http.serve(8080, req => http.file(\"site\" + req.path))" },
};

bool file_open(struct lull *lull, struct lull_module *module) { return lull_module_add(lull, module, natives, 1); }
