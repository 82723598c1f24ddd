#include "lib/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/suggest.h"
#include "base/sys.h"
#include "value/bytes.h"
#include "value/number.h"
#include "value/print.h"
#include "vm/operation.h"

extern char **environ;

void words_init(struct words *w, struct alloc *alloc)
{
  *w = (struct words){ 0 };
  buf_init(&w->text, alloc);
}

static void free_list(struct words *w)
{
  mem_free(w->text.alloc, w->list, (w->starts.len + 1) * sizeof *w->list);
  w->list = NULL;
}

void words_fini(struct words *w)
{
  free_list(w);
  vec_free(w->text.alloc, &w->starts);
  buf_fini(&w->text);
}

bool words_add(struct words *w, const char *bytes, size_t len)
{
  if (len && memchr(bytes, 0, len)) return false;
  free_list(w);
  if (w->text.len > UINT32_MAX - len || !vec_push(w->text.alloc, &w->starts, (u32)w->text.len)) w->failed = true;
  buf_append(&w->text, bytes, len);
  buf_putc(&w->text, 0);
  return true;
}

char **words_list(struct words *w)
{
  if (w->failed || w->text.failed) return NULL;
  if (w->list) return w->list;
  w->list = mem_alloc(w->text.alloc, (w->starts.len + 1) * sizeof *w->list);
  if (!w->list) return NULL;
  for (u32 i = 0; i < w->starts.len; i++) w->list[i] = w->text.data + w->starts.data[i];
  w->list[w->starts.len] = NULL;
  return w->list;
}

static bool add_text(struct lull *vm, struct words *w, Value v, const char *what)
{
  struct buf text;
  bool ok = false;
  buf_init(&text, &vm->alloc);
  if (IS_STRING(v)) string_write(AS_STRING(v), &text);
  else if (IS_BYTES(v)) buf_append(&text, AS_BYTES(v)->data, AS_BYTES(v)->len);
  else if (is_number(v)) value_print_simple(&vm->heap, v, false, &text);
  else {
    throw_error(vm, vm->errors.type, "%s: an argument must be a string, number, bytes or a list of them, not %s", what,
                type_name(vm, v));
    buf_fini(&text);
    return false;
  }
  if (text.failed) throw_memory(vm);
  else if (!words_add(w, buf_text(&text), text.len))
    throw_error(vm, vm->errors.value, "%s: an argument cannot hold a NUL", what);
  else if (w->failed || w->text.failed) throw_memory(vm);
  else ok = true;
  buf_fini(&text);
  return ok;
}

bool words_add_value(struct lull *vm, struct words *w, Value v, const char *what)
{
  if (!IS_LIST(v)) return add_text(vm, w, v, what);
  for (u32 i = 0; i < AS_LIST(v)->len; i++) {
    if (!add_text(vm, w, AS_LIST(v)->items[i], what)) return false;
  }
  return true;
}

// The environment

static struct cell *env_cell(struct lull *vm)
{
  struct string *os = vm_intern(vm, "os"), *env = vm_intern(vm, "env");
  const struct cell *module = os && env ? module_find(vm->builtins, os) : NULL;
  return module && is_kind(module->value, KIND_MODULE) ? module_find(AS_MODULE(module->value), env) : NULL;
}

char **program_environment(void) { return environ; }

struct map *program_env(struct lull *vm)
{
  const struct cell *cell = env_cell(vm);
  return cell && IS_MAP(cell->value) ? AS_MAP(cell->value) : NULL;
}

static bool add_variable(struct lull *vm, struct words *w, Value key, Value value)
{
  struct buf text;
  bool ok = false;
  buf_init(&text, &vm->alloc);
  if (IS_STRING(key)) string_write(AS_STRING(key), &text);
  if (text.len == 0 || memchr(text.data, '=', text.len)) {
    throw_error(vm, vm->errors.value, "environment: a name must be a string without `=`");
  } else if (!IS_STRING(value) && !IS_BYTES(value) && !is_number(value)) {
    throw_error(vm, vm->errors.type, "environment: `%s` must be a string or a number, not %s", buf_text(&text),
                type_name(vm, value));
  } else {
    buf_putc(&text, '=');
    if (IS_STRING(value)) string_write(AS_STRING(value), &text);
    else if (IS_BYTES(value)) buf_append(&text, AS_BYTES(value)->data, AS_BYTES(value)->len);
    else value_print_simple(&vm->heap, value, false, &text);
    ok = words_add(w, buf_text(&text), text.len);
    if (!ok) throw_error(vm, vm->errors.value, "environment: `%s` holds a NUL", buf_text(&text));
  }
  if (text.failed) ok = false, throw_memory(vm);
  buf_fini(&text);
  return ok;
}

// [more] says something else of the name that begins "NAME=...".
static bool is_replaced(struct lull *vm, struct map *more, const char *variable)
{
  const char *end = strchr(variable, '=');
  if (!more || !end) return false;
  struct string *name = string_intern(&vm->heap, &vm->names, variable, (size_t)(end - variable));
  return name && !is_unset(map_get(&vm->heap, more, value_object(name)));
}

bool program_environ(struct lull *vm, struct words *w, struct map *more)
{
  struct map *env = program_env(vm);
  for (u32 i = env ? map_next(env, 0) : 0; env && i < env->used; i = map_next(env, i + 1)) {
    Value key = env->entries[i].key;
    if (more && !is_unset(map_get(&vm->heap, more, key))) continue;
    if (!add_variable(vm, w, key, env->entries[i].value)) return false;
  }
  for (char **v = environ; !env && v && *v; v++) {
    if (!is_replaced(vm, more, *v)) words_add(w, *v, strlen(*v));
  }
  for (u32 i = more ? map_next(more, 0) : 0; more && i < more->used; i = map_next(more, i + 1)) {
    Value value = more->entries[i].value;
    if (!is_nil(value) && !add_variable(vm, w, more->entries[i].key, value)) return false;
  }
  return true;
}

// Finding

static void put_path(struct lull *vm, struct buf *out)
{
  struct map *env = program_env(vm);
  struct string *name = vm_intern(vm, "PATH");
  Value v = env && name ? map_get(&vm->heap, env, value_object(name)) : UNSET;
  const char *own = getenv("PATH");
  if (IS_STRING(v)) string_write(AS_STRING(v), out);
  else buf_puts(out, env ? "" : own ? own : "/usr/local/bin:/usr/bin:/bin");
}

// 0 where the file may be run.
static int check_file(const char *path)
{
  struct stat s;
  if (stat(path, &s) < 0) return errno;
  if (!S_ISREG(s.st_mode)) return EACCES;
  return access(path, X_OK) < 0 ? errno : 0;
}

// Calls [each] for the folders of PATH; an empty one is the current one. Stops where it gives true.
static bool each_folder(struct lull *vm, bool (*each)(void *user, const char *folder, size_t len), void *user)
{
  struct buf all;
  bool is_over = false;
  buf_init(&all, &vm->alloc);
  put_path(vm, &all);
  for (const char *s = buf_text(&all); !is_over; s++) {
    size_t len = strcspn(s, ":");
    is_over = each(user, len ? s : ".", len ? len : 1);
    s += len;
    if (!*s) break;
  }
  buf_fini(&all);
  return is_over;
}

struct search {
  const char *name;
  struct buf *path;
  int error;  // the best of those met
};

static bool try_folder(void *user, const char *folder, size_t len)
{
  struct search *search = user;
  buf_clear(search->path);
  buf_append(search->path, folder, len);
  buf_putc(search->path, '/');
  buf_puts(search->path, search->name);
  int error = search->path->failed ? ENOMEM : check_file(buf_text(search->path));
  if (error == EACCES || error == ENOMEM || !error) search->error = error;
  return !error;
}

int program_find(struct lull *vm, const char *name, struct buf *path)
{
  struct search search = { .name = name, .path = path, .error = ENOENT };
  if (strchr(name, '/')) {
    buf_puts(path, name);
    return 0;  // looked at where it is run, in the child's folder
  }
  if (!*name) return ENOENT;
  return each_folder(vm, try_folder, &search) ? 0 : search.error;
}

// Saying what is wrong

static bool offer_folder(void *user, const char *folder, size_t len)
{
  char path[1024];
  if (len >= sizeof path) return false;
  memcpy(path, folder, len);
  path[len] = 0;
  DIR *dir = opendir(path);
  for (struct dirent *entry; dir && (entry = readdir(dir));) suggest_offer(user, entry->d_name, strlen(entry->d_name));
  if (dir) closedir(dir);
  return false;
}

static void say_missing(struct lull *vm, const char *name, struct buf *out)
{
  const char *blank = strchr(name, ' ');
  struct suggest similar;
  buf_printf(out, "there is no program `%s` in PATH", name);
  if (blank) {
    buf_puts(out, "; program and arguments are given apart: run(\"git\", \"log\"), or as a shell's: sh(\"git log\")");
    return;
  }
  suggest_init(&similar, name, strlen(name));
  each_folder(vm, offer_folder, &similar);
  if (suggest_best(&similar)) buf_printf(out, "; did you mean `%s`?", suggest_best(&similar));
}

// As the child sees it.
static void child_path(const char *path, const char *cwd, struct buf *out)
{
  if (cwd && *path != '/') buf_printf(out, "%s/", cwd);
  buf_puts(out, path);
}

static void say_why(int error, const char *path, struct buf *out)
{
  struct stat s;
  bool is_there = stat(path, &s) == 0;
  if (error == ENOENT && is_there)
    buf_printf(out, "cannot run `%s`: the program that its first line names does not exist", path);
  else if (is_there && S_ISDIR(s.st_mode)) buf_printf(out, "cannot run `%s`: it is a folder", path);
  else if (error == EACCES && is_there && access(path, X_OK) < 0)
    buf_printf(out, "cannot run `%s`: it is not executable", path);
  else if (error == ENOEXEC)
    buf_printf(out, "cannot run `%s`: it is no program, and has no first line `#!...` that names one", path);
  else if (error == E2BIG) buf_printf(out, "cannot run `%s`: its arguments and environment are too long", path);
  else if (error == ENOENT) buf_printf(out, "there is no program `%s`", path);
  else buf_printf(out, "cannot run `%s`: %s", path, strerror(error));
}

static void say(struct lull *vm, int error, const char *name, const char *path, const char *cwd, struct buf *out)
{
  struct stat s;
  struct buf full;
  if (cwd && (stat(cwd, &s) < 0 || !S_ISDIR(s.st_mode) || access(cwd, X_OK) < 0)) {
    int why = stat(cwd, &s) < 0 ? errno : S_ISDIR(s.st_mode) ? EACCES : ENOTDIR;
    buf_printf(out, "cannot run `%s` in the folder `%s`: %s", name, cwd, strerror(why));
    return;
  }
  if (!path) {
    if (error == ENOENT) say_missing(vm, name, out);
    else buf_printf(out, "the program `%s` in PATH may not be run: %s", name, strerror(error));
    return;
  }
  buf_init(&full, out->alloc);
  child_path(path, cwd, &full);
  say_why(error, buf_text(&full), out);
  buf_fini(&full);
}

enum native_status program_throw(struct call *c, int error, const char *name, const char *path, const char *cwd)
{
  struct lull *vm = c->vm;
  struct buf text;
  buf_init(&text, &vm->alloc);
  say(vm, error, name, path, cwd, &text);
  Value v = error_with_errno(vm, error, "%s", buf_text(&text));
  buf_fini(&text);
  return throw_value(vm, v);
}
