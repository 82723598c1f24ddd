// import: each file is loaded once, by a task of its own, since a module may await while it loads; importers wait for
// it.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/sys_file.h"
#include "syntax/compile.h"
#include "syntax/driver.h"
#include "vm/deferred.h"
#include "vm/step.h"

#define FILE_MAX_BYTES ((size_t)SOURCE_MAX)

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// The path as messages show it: beside the importing file, unless it is absolute. Of a link the file it leads to counts.
static void join_path(const char *importer, const char *path, struct buf *out)
{
  char file[PATH_MAX];
  struct stat st;
  if (sys_lstat(importer, &st) == 0 && S_ISLNK(st.st_mode) && realpath(importer, file)) importer = file;
  if (path[0] != '/') buf_append(out, importer, (size_t)(base_name(importer) - importer));
  buf_puts(out, path);
}

// The module whose top level or functions the running code belongs to: found by the name of its source.
static struct module *module_of(struct lull *vm, const struct source *source)
{
  const struct map *m = vm->modules;
  for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1)) {
    struct module *module = AS_MODULE(m->entries[i].value);
    if (strcmp(string_cstr(&vm->heap, module->name), source->name) == 0) return module;
  }
  return vm->main;
}

static enum vm_step throw_cycle(struct lull *vm, struct module *target, struct module *from)
{
  struct buf circle;
  buf_init(&circle, &vm->alloc);
  buf_puts(&circle, string_cstr(&vm->heap, target->name));
  for (struct module *m = from; m && m != target; m = m->importer)
    buf_printf(&circle, " <- %s", string_cstr(&vm->heap, m->name));
  throw_error(vm, vm->errors.error, "the imports go round in a circle: %s <- %s", buf_text(&circle),
              string_cstr(&vm->heap, target->name));
  buf_fini(&circle);
  return STEP_THROW;
}

static bool read_file(struct lull *vm, const char *path, struct buf *text)
{
  int fd = sys_open(path, O_RDONLY | O_NONBLOCK, 0);
  if (fd < 0) return throw_error(vm, vm->errors.io, "cannot read \"%s\": %s", path, strerror(errno)), false;
  struct stat st;
  if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {  // a pipe would make the whole program wait
    sys_close(fd);
    return throw_error(vm, vm->errors.io, "cannot import \"%s\": it is no file", path), false;
  }
  ssize_t n = 0;
  do {
    char *to = buf_reserve(text, 65536);
    n = to ? sys_read(fd, to, 65536) : -1;
    if (n > 0) text->len += (size_t)n;
  } while (n > 0 && text->len <= FILE_MAX_BYTES);
  int error = errno;
  sys_close(fd);
  if (n < 0) return throw_error(vm, vm->errors.io, "cannot read \"%s\": %s", path, strerror(error)), false;
  return true;
}

static struct proto *compile_module(struct lull *vm, struct module *module, const char *name, const struct buf *text)
{
  struct source *source = source_create(&vm->alloc, name, buf_text(text), text->len);
  if (!source) return throw_memory(vm), NULL;
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &vm->alloc);
  struct proto *p = NULL;
  if (syntax_check(source, &diagnostics) == SYNTAX_COMPLETE) {
    p = compile(&vm->heap, &vm->names, &vm->protos, module, source, (struct compile_options){ .mode = COMPILE_MODULE },
                &diagnostics);
  }
  if (!p) {
    struct buf messages;
    buf_init(&messages, &vm->alloc);
    diagnostics_render(&diagnostics, source, &messages);
    if (messages.len) buf_truncate(&messages, messages.len - 1);
    throw_error(vm, vm->errors.syntax, "\"%s\" cannot be read:\n%s", name, buf_text(&messages));
    buf_fini(&messages);
  }
  diagnostics_fini(&diagnostics);
  source_unref(source);
  return p;
}

static void module_wake(struct lull *vm, struct waiter *w, struct deferred *task)
{
  struct module *module = (struct module *)w->subject;
  struct deferred *loaded = (struct deferred *)module->loaded;
  module->loaded = NULL;
  if (task->state == DEFERRED_RESOLVED) {
    deferred_fulfil(vm, loaded, value_object(module));
  } else {
    // What did not load is not there: the next import tries again.
    map_remove(&vm->heap, vm->modules, value_object(module->path));
    deferred_fail(vm, loaded, task->value);
  }
}

static enum vm_step load(struct lull *vm, struct fiber *f, struct module *from, const char *name, const char *path)
{
  struct heap *heap = &vm->heap;
  struct buf text;
  buf_init(&text, &vm->alloc);
  struct module *module = NULL;
  struct proto *p = NULL;
  if (read_file(vm, path, &text)) {
    module = vm_module(vm, string_from(heap, name));
    module->path = string_from(heap, path);
    module->importer = from;
    p = compile_module(vm, module, name, &text);
  }
  buf_fini(&text);
  if (!p) return STEP_THROW;
  struct task *task = task_new(vm, value_object(closure_new(heap, p, NULL, 0)), NULL, 0, f->tag);
  struct deferred *loaded = deferred_new(vm);
  module->loaded = &loaded->object;
  if (!task || !map_set(heap, vm->modules, value_object(module->path), value_object(module))) return STEP_MEMORY(vm);
  sched_start(vm, task->fiber);
  if (!deferred_wait(vm, &task->deferred, module_wake, &module->object, 0) || !sched_wait(vm, f, loaded))
    return STEP_MEMORY(vm);
  return STEP_WAIT;
}

static bool is_importing(const struct module *from, const struct module *target)
{
  for (; from; from = from->importer) {
    if (from == target) return true;
  }
  return false;
}

static bool is_name(const char *path)
{
  return *path && strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(path);
}

// There is no such file: a plain name may be that of a plugin. False: it is not, or an error was thrown.
static bool import_plugin(struct lull *vm, struct string *name, Value *module)
{
  if (!is_name(string_cstr(&vm->heap, name))) return false;
  *module = map_get(&vm->heap, vm->modules, value_object(name));
  if (!is_unset(*module)) return true;
  struct module *m = vm_module(vm, vm_intern(vm, string_cstr(&vm->heap, name)));
  if (!m || !vm->import_plugin(vm, m)) return false;
  *module = value_object(m);
  return map_set(&vm->heap, vm->modules, value_object(name), *module);
}

enum vm_step slow_import(struct lull *vm, struct fiber *f, u16 a, struct string *path)
{
  const struct source *source = AS_CLOSURE(f->base[-2])->proto->source;
  struct module *from = module_of(vm, source);
  struct buf name;
  char canonical[PATH_MAX];
  if (memchr(string_cstr(&vm->heap, path), 0, path->len)) return STEP_ERROR(vm, vm->errors.value, "import: a path holds no NUL");
  buf_init(&name, &vm->alloc);
  join_path(source->name, string_cstr(&vm->heap, path), &name);
  enum vm_step step = STEP_THROW;
  Value plugin = UNSET;
  if (!realpath(buf_text(&name), canonical)) {
    const char *why = strerror(errno);
    if (errno == ENOENT && import_plugin(vm, path, &plugin)) {
      REGISTER(f, a) = plugin;
      buf_fini(&name);
      return STEP_NEXT;
    }
    if (!is_unset(vm->thrown)) {
      buf_fini(&name);
      return STEP_THROW;
    }
    const struct cell *built_in = module_find(vm->builtins, path);
    bool is_there = built_in && is_kind(built_in->value, KIND_MODULE);
    throw_error(vm, vm->errors.io, "cannot import \"%s\": %s%s", buf_text(&name), why,
                is_there ? " (the built-in module of this name is simply there, without an import)" : "");
  } else {
    struct string *key = string_from(&vm->heap, canonical);
    Value known = map_get(&vm->heap, vm->modules, value_object(key));
    f->resume = a;
    if (is_unset(known)) {
      step = load(vm, f, from, buf_text(&name), canonical);
    } else if (!AS_MODULE(known)->loaded) {
      REGISTER(f, a) = known;
      step = STEP_NEXT;
    } else if (is_importing(from, AS_MODULE(known))) {
      step = throw_cycle(vm, AS_MODULE(known), from);
    } else {
      step =
          sched_wait(vm, f, (struct deferred *)AS_MODULE(known)->loaded) ? STEP_WAIT : (throw_memory(vm), STEP_THROW);
    }
  }
  buf_fini(&name);
  return step;
}
