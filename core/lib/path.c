// path: paths as text. Nothing here looks at files, but for the current directory and $HOME.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/sys_file.h"
#include "lib/glob.h"
#include "lib/lib.h"
#include "value/list.h"
#include "vm/operation.h"

// A run of bytes of a string that lives as long as the native runs.
struct span {
  const char *s;
  size_t len;
};

static bool arg_span_at(struct call *c, u32 i, struct span *out)
{
  struct string *string;
  if (!arg_string(c, i, &string)) return false;
  out->s = string_bytes(c->heap, string);
  out->len = string->len;
  return true;
}

static enum native_status return_string(struct call *c, const char *s, size_t len)
{
  struct string *string = string_new(c->heap, s, len);
  return string ? native_return(c, value_object(string)) : throw_memory(c->vm);
}

static enum native_status return_buf(struct call *c, struct buf *b)
{
  struct string *string = b->failed ? NULL : string_new(c->heap, buf_text(b), b->len);
  buf_fini(b);
  return string ? native_return(c, value_object(string)) : throw_memory(c->vm);
}

static struct span bare(struct span p)
{
  while (p.len > 1 && p.s[p.len - 1] == '/') p.len--;
  return p;
}

// The last name; empty of "/" and "".
static struct span name_of(struct span p)
{
  p = bare(p);
  size_t at = p.len;
  while (at > 0 && p.s[at - 1] != '/') at--;
  return (struct span){ p.s + at, p.len - at };
}

// What the name ends with from its last dot on; a dot it begins with does not count.
static struct span ext_of(struct span name)
{
  size_t first = 0, at = name.len;
  while (first < name.len && name.s[first] == '.') first++;
  while (at > first && name.s[at - 1] != '.') at--;
  if (at <= first || at == 0) return (struct span){ name.s + name.len, 0 };
  return (struct span){ name.s + at - 1, name.len - at + 1 };
}

static void put(struct buf *b, struct span p) { buf_append(b, p.s, p.len); }

// Appends a part of a path: one that is absolute stands for itself.
static void put_part(struct buf *b, struct span p)
{
  if (p.len == 0) return;
  if (p.s[0] == '/') buf_clear(b);
  else if (b->len && b->data[b->len - 1] != '/') buf_putc(b, '/');
  put(b, p);
}

// The next name from [at] on, without dots; false at the end.
static bool next_name(struct span p, size_t *at, struct span *name)
{
  do {
    while (*at < p.len && p.s[*at] == '/') ++*at;
    size_t start = *at;
    while (*at < p.len && p.s[*at] != '/') ++*at;
    *name = (struct span){ p.s + start, *at - start };
  } while (name->len == 1 && name->s[0] == '.');
  return name->len > 0;
}

static bool is_up(struct span name) { return name.len == 2 && name.s[0] == '.' && name.s[1] == '.'; }

// Appends [p] to the empty [b] without dots, double slashes and names that .. takes back.
static void put_normal(struct buf *b, struct span p)
{
  bool is_absolute = p.len && p.s[0] == '/';
  size_t root = is_absolute, at = 0;
  struct span name;
  if (is_absolute) buf_putc(b, '/');
  while (next_name(p, &at, &name)) {
    struct span last = name_of((struct span){ buf_text(b), b->len });
    if (is_up(name) && b->len > root && !is_up(last)) {
      size_t cut = b->len - last.len;
      buf_truncate(b, cut > root ? cut - 1 : root);
    } else if (!is_up(name) || !is_absolute) {
      if (b->len > root) buf_putc(b, '/');
      put(b, name);
    }
  }
  if (b->len == 0) buf_putc(b, '.');
}

// The normal absolute form of [p] in the empty [b]. False: thrown.
static bool put_absolute(struct call *c, struct buf *b, struct span p)
{
  char cwd[PATH_MAX];
  struct buf whole;
  if (p.len == 0 || p.s[0] != '/') {
    if (!sys_cwd(cwd, sizeof cwd)) return throw_errno(c, errno, "%s: the current directory", c->native->name), false;
  }
  buf_init(&whole, &c->vm->alloc);
  if (p.len == 0 || p.s[0] != '/') buf_puts(&whole, cwd);
  put_part(&whole, p);
  put_normal(b, (struct span){ buf_text(&whole), whole.len });
  b->failed = b->failed || whole.failed;
  buf_fini(&whole);
  return true;
}

static enum native_status path_join(struct call *c)
{
  struct buf b;
  buf_init(&b, &c->vm->alloc);
  for (u32 i = 0; i < c->count; i++) {
    struct span p;
    if (!arg_span_at(c, i, &p)) return buf_fini(&b), NATIVE_THROW;
    put_part(&b, p);
  }
  return return_buf(c, &b);
}

static enum native_status path_parent(struct call *c)
{
  struct span p;
  if (!arg_span_at(c, 0, &p)) return NATIVE_THROW;
  struct span all = bare(p);
  size_t len = all.len - name_of(p).len;
  if (len == 0) return return_string(c, ".", 1);
  all = bare((struct span){ all.s, len });
  return return_string(c, all.s, all.len);
}

static enum native_status path_name(struct call *c)
{
  struct span p;
  if (!arg_span_at(c, 0, &p)) return NATIVE_THROW;
  p = name_of(p);
  return return_string(c, p.s, p.len);
}

static enum native_status path_stem(struct call *c)
{
  struct span p;
  if (!arg_span_at(c, 0, &p)) return NATIVE_THROW;
  p = name_of(p);
  return return_string(c, p.s, p.len - ext_of(p).len);
}

static enum native_status path_ext(struct call *c)
{
  struct span p;
  if (!arg_span_at(c, 0, &p)) return NATIVE_THROW;
  p = ext_of(name_of(p));
  return return_string(c, p.s, p.len);
}

static bool has_slash(struct span p) { return p.len && memchr(p.s, '/', p.len); }

static enum native_status path_with_ext(struct call *c)
{
  struct span p, ext;
  if (!arg_span_at(c, 0, &p) || !arg_span_at(c, 1, &ext)) return NATIVE_THROW;
  p = bare(p);
  struct span name = name_of(p);
  if (name.len == 0 || has_slash(ext))
    return throw_error(c->vm, c->vm->errors.value, "with_ext: %s", name.len ? "ext holds a slash" : "the path has no name");
  struct buf b;
  buf_init(&b, &c->vm->alloc);
  buf_append(&b, p.s, p.len - ext_of(name).len);
  if (ext.len && ext.s[0] != '.') buf_putc(&b, '.');
  put(&b, ext);
  return return_buf(c, &b);
}

static enum native_status path_with_name(struct call *c)
{
  struct span p, name;
  if (!arg_span_at(c, 0, &p) || !arg_span_at(c, 1, &name)) return NATIVE_THROW;
  p = bare(p);
  if (name.len == 0 || has_slash(name))
    return throw_error(c->vm, c->vm->errors.value, "with_name: name must be one name, without a slash");
  struct buf b;
  buf_init(&b, &c->vm->alloc);
  buf_append(&b, p.s, p.len - name_of(p).len);
  put(&b, name);
  return return_buf(c, &b);
}

static enum native_status path_is_absolute(struct call *c)
{
  struct span p;
  if (!arg_span_at(c, 0, &p)) return NATIVE_THROW;
  return native_return(c, value_bool(p.len && p.s[0] == '/'));
}

static enum native_status path_normalize(struct call *c)
{
  struct span p;
  struct buf b;
  if (!arg_span_at(c, 0, &p)) return NATIVE_THROW;
  buf_init(&b, &c->vm->alloc);
  put_normal(&b, p);
  return return_buf(c, &b);
}

static enum native_status path_absolute(struct call *c)
{
  struct span p;
  struct buf b;
  if (!arg_span_at(c, 0, &p)) return NATIVE_THROW;
  buf_init(&b, &c->vm->alloc);
  return put_absolute(c, &b, p) ? return_buf(c, &b) : NATIVE_THROW;
}

// From one absolute path to another: up as far as needed, then down.
static void put_relative(struct buf *b, struct span from, struct span to)
{
  size_t at = 0, from_at = 0;
  struct span a, z;
  bool has_a = next_name(from, &from_at, &a), has_z = next_name(to, &at, &z);
  while (has_a && has_z && a.len == z.len && memcmp(a.s, z.s, a.len) == 0) {
    has_a = next_name(from, &from_at, &a);
    has_z = next_name(to, &at, &z);
  }
  for (; has_a; has_a = next_name(from, &from_at, &a)) put_part(b, (struct span){ "..", 2 });
  for (; has_z; has_z = next_name(to, &at, &z)) put_part(b, z);
  if (b->len == 0) buf_putc(b, '.');
}

static enum native_status path_relative(struct call *c)
{
  struct span p, from = { ".", 1 };
  if (!arg_span_at(c, 0, &p) || (arg_given(c, 1) && !arg_span_at(c, 1, &from))) return NATIVE_THROW;
  struct buf a, b, out;
  buf_init(&a, &c->vm->alloc);
  buf_init(&b, &c->vm->alloc);
  buf_init(&out, &c->vm->alloc);
  bool ok = put_absolute(c, &a, from) && put_absolute(c, &b, p);
  if (ok) put_relative(&out, (struct span){ buf_text(&a), a.len }, (struct span){ buf_text(&b), b.len });
  out.failed = out.failed || a.failed || b.failed;
  buf_fini(&a);
  buf_fini(&b);
  return ok ? return_buf(c, &out) : NATIVE_THROW;
}

static enum native_status path_split(struct call *c)
{
  struct span p, name;
  if (!arg_span_at(c, 0, &p)) return NATIVE_THROW;
  struct list *list = list_new(c->heap, 0);
  if (!list) return throw_memory(c->vm);
  bool is_rooted = p.len && p.s[0] == '/';
  for (size_t at = 0; is_rooted || next_name(p, &at, &name); is_rooted = false) {
    struct string *s = is_rooted ? string_from(c->heap, "/") : string_new(c->heap, name.s, name.len);
    if (!s || !list_push(c->heap, list, value_object(s))) return throw_memory(c->vm);
  }
  return native_return(c, value_object(list));
}

static enum native_status path_expand(struct call *c)
{
  struct span p;
  struct buf b;
  if (!arg_span_at(c, 0, &p)) return NATIVE_THROW;
  if (p.len == 0 || p.s[0] != '~' || (p.len > 1 && p.s[1] != '/')) return native_return(c, c->args[0]);
  const char *home = getenv("HOME");
  if (!home || !*home) return throw_error(c->vm, c->vm->errors.value, "expand: there is no $HOME");
  buf_init(&b, &c->vm->alloc);
  buf_append_text(&b, home, strlen(home));
  buf_append(&b, p.s + 1, p.len - 1);
  return return_buf(c, &b);
}

// How much of [b] is the path of a directory that [p] is or lies in.
static size_t common(const struct buf *b, struct span p)
{
  size_t same = 0, n = b->len < p.len ? b->len : p.len;
  while (same < n && b->data[same] == p.s[same]) same++;
  bool is_whole = (same == b->len || b->data[same] == '/') && (same == p.len || p.s[same] == '/');
  while (!is_whole && same > 0 && b->data[same - 1] != '/') same--;
  while (!is_whole && same > 1 && b->data[same - 1] == '/') same--;
  return same;
}

static enum native_status path_common(struct call *c)
{
  struct list *paths;
  struct buf b, next;
  if (!arg_list(c, 0, &paths)) return NATIVE_THROW;
  buf_init(&b, &c->vm->alloc);
  buf_init(&next, &c->vm->alloc);
  for (u32 i = 0; i < paths->len; i++) {
    if (!IS_STRING(paths->items[i])) {
      buf_fini(&b);
      buf_fini(&next);
      return throw_error(c->vm, c->vm->errors.type, "path.common: item %u must be a string, not %s", i,
                         type_name(c->vm, paths->items[i]));
    }
    struct string *s = AS_STRING(paths->items[i]);
    const char *bytes = string_bytes(c->heap, s);
    buf_clear(&next);
    put_normal(&next, (struct span){ bytes, s->len });
    if (i == 0) buf_append(&b, buf_text(&next), next.len);
    else buf_truncate(&b, common(&b, (struct span){ buf_text(&next), next.len }));
    b.failed = b.failed || next.failed;
  }
  if (b.len == 0) buf_putc(&b, '.');
  buf_fini(&next);
  return return_buf(c, &b);
}

static enum native_status path_matches(struct call *c)
{
  struct span p, pattern;
  if (!arg_span_at(c, 0, &p) || !arg_span_at(c, 1, &pattern)) return NATIVE_THROW;
  struct buf text;
  struct glob g;
  buf_init(&text, &c->vm->alloc);
  put(&text, pattern);
  enum glob_error error = text.failed ? GLOB_MEMORY : GLOB_OK;
  bool is_match = false;
  if (!error) {
    error = glob_init(&g, &c->vm->alloc, buf_text(&text), text.len);
    is_match = !error && glob_matches(&g, p.s, p.len);
    glob_fini(&g);
  }
  buf_fini(&text);
  if (!error) return native_return(c, value_bool(is_match));
  if (error == GLOB_MEMORY) return throw_memory(c->vm);
  return throw_error(c->vm, c->vm->errors.value, "matches: %s", glob_text(error));
}

static const struct native natives[] = {
  { "join", path_join, 0, NATIVE_REST, 0, "join(...parts)",
    "The parts with one slash between each two. A part that is absolute stands for itself and what follows.\n"
    "    path.join(\"src\", \"main.c\")    # src/main.c" },
  { "parent", path_parent, 1, 1, 0, "parent(path)",
    "The directory the path lies in: \".\" of a mere name.\n"
    "    path.parent(\"src/main.c\")    # src" },
  { "name", path_name, 1, 1, 0, "name(path)",
    "The last name.\n"
    "    path.name(\"src/main.c\")    # main.c" },
  { "stem", path_stem, 1, 1, 0, "stem(path)",
    "The last name without its extension.\n"
    "    path.stem(\"src/main.c\")    # main" },
  { "ext", path_ext, 1, 1, 0, "ext(path)",
    "The extension with its dot, \"\" where there is none. A dot that a name begins with is none.\n"
    "    path.ext(\"a.tar.gz\")    # .gz" },
  { "with_ext", path_with_ext, 2, 2, 0, "with_ext(path, ext)",
    "The path with another extension, or with \"\" without one.\n"
    "    path.with_ext(\"src/main.c\", \".o\")    # src/main.o" },
  { "with_name", path_with_name, 2, 2, 0, "with_name(path, name)",
    "The path with another last name.\n"
    "    path.with_name(\"src/main.c\", \"util.c\")    # src/util.c" },
  { "is_absolute", path_is_absolute, 1, 1, 0, "is_absolute(path)", "True where it begins with a slash." },
  { "normalize", path_normalize, 1, 1, 0, "normalize(path)",
    "The path without \".\", double slashes, and names that \"..\" takes back. Links are not looked at.\n"
    "    path.normalize(\"a//b/./../c\")    # a/c" },
  { "absolute", path_absolute, 1, 1, 0, "absolute(path)",
    "The normal form of the path from the root, a relative one being one from the current directory." },
  { "relative", path_relative, 1, 2, 0, "relative(path, from = \".\")",
    "The path as one that leads there from the directory [from].\n"
    "    path.relative(\"/a/b/c\", \"/a/x\")    # ../b/c" },
  { "split", path_split, 1, 1, 0, "split(path)",
    "A list of the names; the first is \"/\" where the path is absolute.\n"
    "    path.split(\"/etc/hosts\")    # [\"/\", \"etc\", \"hosts\"]" },
  { "expand", path_expand, 1, 1, 0, "expand(path)",
    "The path with $HOME in place of a ~ it begins with.\n"
    "    path.expand(\"~/notes.txt\")" },
  { "common", path_common, 1, 1, 0, "common(paths)",
    "The longest path that all of a list of paths are or lie in: \".\" where that is nothing.\n"
    "    path.common([\"src/a/x\", \"src/b\"])    # src" },
  { "matches", path_matches, 2, 2, 0, "matches(path, pattern)",
    "True where the whole path matches a pattern as of fs.glob.\n"
    "    path.matches(\"src/main.c\", \"**/*.{c,h}\")    # true" },
};

bool lib_open_path(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
