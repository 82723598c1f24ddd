// os: the process, its user and its machine.
#include "lib/os.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"
#include "builtin/reply.h"
#include "lib/lib.h"
#include "lib/process.h"
#include "lib/program.h"
#include "vm/operation.h"

// Text of the system: bytes where it is no UTF-8.
static Value system_text(struct heap *heap, const char *text, size_t len)
{
  bool is_text = utf8_valid_prefix(text, len) == len;
  void *object = is_text ? (void *)string_new(heap, text, len) : (void *)bytes_new(heap, text, len);
  return object ? value_object(object) : UNSET;
}

static enum native_status return_system(struct call *c, const char *text)
{
  Value v = system_text(c->heap, text, strlen(text));
  return is_unset(v) ? throw_memory(c->vm) : native_return(c, v);
}

// The process

static enum native_status os_cwd(struct call *c)
{
  char path[PATH_MAX];
  return getcwd(path, sizeof path) ? return_system(c, path) : throw_errno(c, errno, "os.cwd");
}

static enum native_status os_chdir(struct call *c)
{
  const char *path;
  if (!arg_cstring(c, 0, &path)) return NATIVE_THROW;
  if (chdir(path) < 0) return throw_errno(c, errno, "os.chdir: %s", path);
  return native_return(c, NIL);
}

static enum native_status os_umask(struct call *c)
{
  i64 mask = 0;
  if (arg_has(c, 0) && !arg_int(c, 0, &mask)) return NATIVE_THROW;
  if (mask < 0 || mask > 0777)
    return throw_error(c->vm, c->vm->errors.value, "os.umask: `mask` must be between 0 and 0o777");
  mode_t before = umask((mode_t)mask);
  if (!arg_has(c, 0)) umask(before);
  return return_int(c, before);
}

static enum native_status os_kill(struct call *c)
{
  i64 pid;
  int number = SIGTERM;
  if (!arg_int(c, 0, &pid) || (arg_has(c, 1) && !arg_signal(c, 1, &number))) return NATIVE_THROW;
  if (pid == 0 || pid == -1 || pid > INT_MAX || pid < INT_MIN)
    return throw_error(c->vm, c->vm->errors.value,
                       "os.kill: `pid` must be that of a process, or of a group if negative");
  if (kill((pid_t)pid, number) < 0) return throw_errno(c, errno, "os.kill: %lld", (long long)pid);
  return native_return(c, NIL);
}

static enum native_status os_which(struct call *c)
{
  const char *name;
  struct buf path;
  if (!arg_cstring(c, 0, &name)) return NATIVE_THROW;
  buf_init(&path, &c->vm->alloc);
  bool is_found = program_find(c->vm, name, &path) == 0 && access(buf_text(&path), X_OK) == 0;
  Value v = is_found ? system_text(c->heap, buf_text(&path), path.len) : NIL;
  buf_fini(&path);
  return is_unset(v) ? throw_memory(c->vm) : native_return(c, v);
}

// Who and where

static enum native_status os_hostname(struct call *c)
{
  char name[256];
  if (gethostname(name, sizeof name) < 0) return throw_errno(c, errno, "os.hostname");
  name[sizeof name - 1] = 0;
  return return_system(c, name);
}

#define USER_BYTES 16384  // for what the system says of a user

// NULL: the system does not know them. [bytes]: where it lies.
static const struct passwd *user_of_process(struct passwd *entry, char bytes[USER_BYTES])
{
  struct passwd *found;
  return getpwuid_r(geteuid(), entry, bytes, USER_BYTES, &found) == 0 ? found : NULL;
}

static enum native_status os_user(struct call *c)
{
  struct passwd entry;
  char bytes[USER_BYTES];
  const struct passwd *p = user_of_process(&entry, bytes);
  return p ? return_system(c, p->pw_name) : native_return(c, NIL);
}

static enum native_status os_home(struct call *c)
{
  const char *home = getenv("HOME");
  struct passwd entry;
  char bytes[USER_BYTES];
  const struct passwd *p = home && *home ? NULL : user_of_process(&entry, bytes);
  if (p) home = p->pw_dir;
  return home && *home ? return_system(c, home) : native_return(c, NIL);
}

static enum native_status os_cpus(struct call *c)
{
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return return_int(c, count > 0 ? count : 1);
}

static enum native_status os_uptime(struct call *c)
{
  struct timespec t;
#ifdef CLOCK_BOOTTIME
  clock_gettime(CLOCK_BOOTTIME, &t);
#else
  clock_gettime(CLOCK_MONOTONIC, &t);
#endif
  return native_return(c, value_float((double)t.tv_sec + (double)t.tv_nsec * 1e-9));
}

static enum native_status os_load(struct call *c)
{
  double loads[3];
  if (getloadavg(loads, 3) != 3) return native_return(c, NIL);
  struct list *l = list_new(c->heap, 3);
  for (int i = 0; l && i < 3; i++) {
    if (!list_push(c->heap, l, value_float(loads[i]))) return throw_memory(c->vm);
  }
  return return_object(c, l);
}

static enum native_status return_numbers(struct call *c, const char *const *names, const i64 *numbers, u32 count)
{
  struct map *m = map_new(c->heap, count);
  for (u32 i = 0; m && i < count; i++) {
    struct string *name = vm_intern(c->vm, names[i]);
    if (!name || !map_set(c->heap, m, value_object(name), value_int(numbers[i]))) return throw_memory(c->vm);
  }
  return return_object(c, m);
}

static enum native_status os_memory(struct call *c)
{
  static const char *const names[] = { "total", "free", "used", "limit" };
  i64 page = sysconf(_SC_PAGE_SIZE), pages = sysconf(_SC_PHYS_PAGES), free_pages = -1;
#ifdef _SC_AVPHYS_PAGES
  free_pages = sysconf(_SC_AVPHYS_PAGES);
#endif
  const struct alloc *own = &c->vm->alloc;
  u64 limit = own->limit;
  i64 numbers[] = { pages * page, free_pages >= 0 ? free_pages * page : 0, (i64)own->used, limit > INT64_MAX ? INT64_MAX : (i64)limit };
  return return_numbers(c, names, numbers, COUNT_OF(numbers));
}

static const struct native natives[] = {
  { "cwd", os_cwd, 0, 0, 0, "cwd()", "The folder relative paths start from." },
  { "chdir", os_chdir, 1, 1, 0, "chdir(path)",
    "Changes that folder, for the whole program and the children it starts.\nThrows an IOError where it cannot." },
  { "umask", os_umask, 0, 1, 0, "umask(mask = nil)",
    "The permissions that new files do not get, an int; given one, sets it and gives the one before.\n`os.umask(0o077)`" },
  { "kill", os_kill, 1, 2, 0, "kill(pid, signal = \"TERM\")",
    "Sends a signal, by name or number, to a process; to a process group where the number is negative.\n"
    "Signal 0 only asks whether it is there. Throws an IOError where there is none (\"ESRCH\")." },
  { "signals", os_signals, 1, NATIVE_REST, 0, "signals(...names)",
    "The signals of those names (or numbers) as they come, for a loop.\n"
    "From the call on they do nothing else, until it is closed; many that come at once may be one. Not for KILL, STOP, CHLD, "
    "ALRM and faults.\n"
    "    for s in os.signals(\"HUP\", \"USR1\") { print(s) }" },
  { "which", os_which, 1, 1, 0, "which(name)",
    "The path of a program that `run(name)` would find; nil where there is none." },
  { "hostname", os_hostname, 0, 0, 0, "hostname()", "The name of the machine." },
  { "user", os_user, 0, 0, 0, "user()", "The name of the user the program runs as; nil where it has none." },
  { "home", os_home, 0, 0, 0, "home()", "The user's home folder; nil where there is none." },
  { "cpus", os_cpus, 0, 0, 0, "cpus()", "How many processors there are to run on." },
  { "uptime", os_uptime, 0, 0, 0, "uptime()", "Seconds since the machine was started." },
  { "load", os_load, 0, 0, 0, "load()",
    "How many tasks of the system wanted to run, on average over 1, 5 and 15 minutes: three floats; nil where that is not known." },
  { "memory", os_memory, 0, 0, 0, "memory()",
    "Bytes of memory: those of the machine (total, free), those the program uses, and the most it may use (used, limit)." },
};

// Constants

static bool define(struct lull *vm, struct module *m, const char *name, Value v)
{
  struct string *interned = vm_intern(vm, name);
  return interned && !is_unset(v) && module_define(&vm->heap, m, interned, v);
}

static bool add_variable(struct lull *vm, struct map *env, const char *variable)
{
  const char *end = strchr(variable, '=');
  if (!end || end == variable) return true;
  Value name = system_text(&vm->heap, variable, (size_t)(end - variable));
  Value value = system_text(&vm->heap, end + 1, strlen(end + 1));
  return !is_unset(name) && !is_unset(value) && (!IS_STRING(name) || map_set(&vm->heap, env, name, value));
}

static bool define_env(struct lull *vm, struct module *m)
{
  struct map *env = map_new(&vm->heap, 0);
  for (char **v = program_environment(); env && v && *v; v++) {
    if (!add_variable(vm, env, *v)) return false;
  }
  return env && define(vm, m, "env", value_object(env));
}

static bool define_args(struct lull *vm, struct module *m)
{
  struct string *name = vm_intern(vm, "args");
  const struct cell *cell = name ? module_find(vm->builtins, name) : NULL;
  struct list *none = cell ? NULL : list_new(&vm->heap, 0);
  return (cell || none) && define(vm, m, "args", cell ? cell->value : value_object(none));
}

static Value lower_text(struct lull *vm, char *text)
{
  for (char *s = text; *s; s++) {
    if (*s >= 'A' && *s <= 'Z') *s = (char)(*s + 'a' - 'A');
  }
  return system_text(&vm->heap, text, strlen(text));
}

bool lib_open_os(struct lull *vm, struct module *m)
{
  struct utsname name;
  if (uname(&name) < 0) name.sysname[0] = name.machine[0] = name.release[0] = 0;
  return module_add_natives(vm, m, natives, COUNT_OF(natives)) && define_env(vm, m) && define_args(vm, m) &&
         define(vm, m, "pid", value_int(getpid())) && define(vm, m, "ppid", value_int(getppid())) &&
         define(vm, m, "platform", lower_text(vm, name.sysname)) &&
         define(vm, m, "arch", lower_text(vm, name.machine)) &&
         define(vm, m, "release", system_text(&vm->heap, name.release, strlen(name.release)));
}
