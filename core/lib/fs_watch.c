// fs.watch: what happens to files, each save told once.
//
// The system tells of every step by which a file is saved. They are kept by path until the path has been quiet for a
// while; then what was there before is compared with what is there now.
#include "lib/fs_watch.h"

#include <errno.h>
#include <string.h>

#include "base/sys.h"
#include "loop/timer.h"
#include "value/list.h"
#include "value/map.h"

#define SETTLE 0.06       // seconds
#define PATIENCE 10       // times that long a path may go on changing before it is told of all the same
#define READS_MAX 64
#define EVENTS_MAX 100000  // not taken; then what comes is lost, and that is told

struct waiting {
  struct operation op;
  struct waiting *next;
};

// A path something happened to.
struct unsettled {
  struct string *path;
  double first, last;
  bool was_made, is_changed;
};

struct watch {
  struct box box;
  struct watched *watched;
  struct lull *vm;
  struct loop_watch io;
  struct loop_timer timer;
  struct string *pattern;
  struct map *known;             // paths that match and exist
  struct map *places;            // path -> int: where among the unsettled
  VEC(struct unsettled) unsettled;
  VEC(struct string *) directories;  // by number; NULL: none
  VEC(struct string *) to_scan;
  struct list *events;
  u32 taken;
  double settle;
  struct waiting *waiting;
  bool is_scanning, is_closed, is_lost;
  bool is_short;  // memory was refused: who waits is told
  int error;      // why it ended by itself; 0 once that was told
};

static struct watch *watch_of(void *o) { return o; }

// The object

static void mark_watch(struct heap *heap, struct object *o)
{
  struct watch *w = watch_of(o);
  heap_mark_object(heap, w->pattern);
  heap_mark_object(heap, w->known);
  heap_mark_object(heap, w->places);
  heap_mark_object(heap, w->events);
  for (u32 i = 0; i < w->unsettled.len; i++) heap_mark_object(heap, w->unsettled.data[i].path);
  for (u32 i = 0; i < w->directories.len; i++) heap_mark_object(heap, w->directories.data[i]);
  for (u32 i = 0; i < w->to_scan.len; i++) heap_mark_object(heap, w->to_scan.data[i]);
}

static void stop(struct watch *w)
{
  if (w->is_closed || !w->watched) return;
  w->is_closed = true;
  loop_watch_stop(&w->io);
  loop_timer_stop(w->vm->loop, &w->timer);
  w->watched->watch = NULL;
  resource_release(&w->watched->resource);
  w->watched = NULL;
}

static void finish_watch(struct heap *heap, struct object *o)
{
  struct watch *w = watch_of(o);
  stop(w);
  vec_free(heap->alloc, &w->unsettled);
  vec_free(heap->alloc, &w->directories);
  vec_free(heap->alloc, &w->to_scan);
}

static void destroy_watched(struct resource *r)
{
  struct watched *watched = (struct watched *)(void *)r;
  if (watched->fd >= 0) sys_close(watched->fd);
  glob_fini(&watched->glob);
  resource_free(r, sizeof *watched);
}

// Who waits for the next event

static void forget_waiting(struct operation *op)
{
  if (!is_object(op->subject)) return;
  struct watch *w = watch_of(as_object(op->subject));
  for (struct waiting **link = &w->waiting; *link; link = &(*link)->next) {
    if (&(*link)->op != op) continue;
    *link = (*link)->next;
    return;
  }
}

static void abandon_waiting(struct lull *vm, struct operation *op)
{
  (void)vm;
  forget_waiting(op);
}

static void describe_waiting(struct lull *vm, struct operation *op, struct buf *out)
{
  (void)vm;
  buf_puts(out, "fs.watch ");
  string_write(watch_of(as_object(op->subject))->pattern, out);
}

static const struct operation_type waiting_type = {
  .class = { .name = "change",
             .doc = "The next change of files that are watched.",
             .is_deferred = true,
             .size = sizeof(struct waiting) },
  .describe = describe_waiting,
  .abandon = abandon_waiting,
};

static void wake_all(struct watch *w)
{
  struct waiting *list = w->waiting;
  w->waiting = NULL;
  for (struct waiting *next; list; list = next) {
    next = list->next;
    list->next = NULL;
    operation_resolve(w->vm, &list->op, NIL);
  }
}

static void lose_memory(struct watch *w)
{
  w->is_short = true;
  wake_all(w);
}

// Events

static void tell(struct watch *w, struct string *path, const char *kind)
{
  struct lull *vm = w->vm;
  struct map *m = map_new(&vm->heap, 2);
  struct string *path_key = vm_intern(vm, "path"), *kind_key = vm_intern(vm, "kind"), *text = vm_intern(vm, kind);
  bool ok = m && path_key && kind_key && text && map_set(&vm->heap, m, value_object(path_key), value_object(path)) &&
            map_set(&vm->heap, m, value_object(kind_key), value_object(text));
  if (!ok || !list_push(&vm->heap, w->events, value_object(m))) lose_memory(w);
}

static void tell_lost(struct watch *w) { tell(w, w->pattern, "overflow"); }

// It has been quiet for long enough: what is it now, and what was it?
static void settle(struct watch *w, const struct unsettled *u)
{
  struct heap *heap = &w->vm->heap;
  struct stat st = { 0 };
  Value key = value_object(u->path);
  bool was = !is_unset(map_get(heap, w->known, key)) && !u->was_made;
  bool is = sys_lstat(string_cstr(heap, u->path), &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
  if (!is) map_remove(heap, w->known, key);
  else if (!map_set(heap, w->known, key, TRUE)) lose_memory(w);
  if (was && !is) tell(w, u->path, "removed");
  else if (!was && is) tell(w, u->path, "created");
  else if (was && is && u->is_changed && !S_ISDIR(st.st_mode)) tell(w, u->path, "changed");
}

static void on_timer(struct loop_timer *timer)
{
  struct watch *w = CONTAINER_OF(timer, struct watch, timer);
  struct heap *heap = &w->vm->heap;
  // What has happened by now comes first, and what is still to be found before anything is told.
  for (int i = 0; i < READS_MAX && loop_watch_is_running(&w->io) && loop_watch_read(&w->io); i++) {}
  if (w->is_scanning || w->is_closed) return;
  double now = sys_now(), quiet = w->settle * 0.99;
  u32 kept = 0;
  map_clear(heap, w->places);
  for (u32 i = 0; i < w->unsettled.len; i++) {
    struct unsettled u = w->unsettled.data[i];
    bool is_settled = now - u.last >= quiet || now - u.first >= w->settle * PATIENCE;
    if (is_settled) {
      settle(w, &u);
      continue;
    }
    if (!map_set(heap, w->places, value_object(u.path), value_int(kept))) lose_memory(w);
    w->unsettled.data[kept++] = u;
  }
  w->unsettled.len = kept;
  heap_barrier(heap, w);
  if (kept == 0) loop_timer_stop(w->vm->loop, &w->timer);
  if (w->taken < w->events->len) wake_all(w);
}

// Something happened to a path that matches.
static void note(struct watch *w, struct string *path, u32 events)
{
  struct heap *heap = &w->vm->heap;
  double now = sys_now();
  if (w->events->len - w->taken > EVENTS_MAX) {
    if (!w->is_lost) tell_lost(w);
    w->is_lost = true;
    return;
  }
  Value at = map_get(heap, w->places, value_object(path));
  if (is_unset(at)) {
    bool was_made = (events & WATCH_MADE) != 0;
    struct unsettled u = { .path = path, .first = now, .was_made = was_made && !(events & WATCH_GONE) };
    at = value_int(w->unsettled.len);
    if (!vec_push(heap->alloc, &w->unsettled, u) || !map_set(heap, w->places, value_object(path), at)) {
      lose_memory(w);
      return;
    }
    heap_barrier(heap, w);
  }
  struct unsettled *u = &w->unsettled.data[as_int(at)];
  u->last = now;
  u->is_changed = u->is_changed || (events & (WATCH_CHANGED | WATCH_MADE));
  if (!loop_timer_is_running(&w->timer)) loop_timer_start(w->vm->loop, &w->timer, w->settle, w->settle, false);
}

// Paths

static struct string *join(struct watch *w, struct string *directory, const char *name)
{
  struct buf path;
  buf_init(&path, &w->vm->alloc);
  string_write(directory, &path);
  if (path.len && path.data[path.len - 1] != '/') buf_putc(&path, '/');
  buf_append_text(&path, name, strlen(name));
  struct string *s = path.failed ? NULL : string_new(&w->vm->heap, buf_text(&path), path.len);
  buf_fini(&path);
  if (!s) lose_memory(w);
  return s;
}

static bool is_below(struct heap *heap, struct string *path, struct string *directory)
{
  const char *p = string_bytes(heap, path), *d = string_bytes(heap, directory);
  return path->len > directory->len && memcmp(p, d, directory->len) == 0 && p[directory->len] == '/';
}

// A directory is gone, or has another name: so is all below it, and nobody watches it any more under its old name.
static void forget_directory(struct watch *w, struct string *path)
{
  struct heap *heap = &w->vm->heap;
  for (u32 i = 0; i < w->directories.len; i++) {
    struct string *d = w->directories.data[i];
    if (!d || (!is_below(heap, d, path) && !string_equal(heap, d, path))) continue;
    loop_watch_remove(w->io.fd, (int)i);
    w->directories.data[i] = NULL;
  }
  for (u32 i = map_next(w->known, 0); i < w->known->used; i = map_next(w->known, i + 1)) {
    struct string *p = AS_STRING(w->known->entries[i].key);
    if (is_below(heap, p, path)) note(w, p, WATCH_GONE);
  }
}

static void scan_later(struct watch *w, struct string *path)
{
  if (!vec_push(w->vm->heap.alloc, &w->to_scan, path)) lose_memory(w);
  heap_barrier(&w->vm->heap, w);
}

// Too much happened: everything is looked at again.
static void look_again(struct watch *w)
{
  struct string *all = vm_intern(w->vm, "");
  tell_lost(w);
  for (u32 i = map_next(w->known, 0); i < w->known->used; i = map_next(w->known, i + 1))
    note(w, AS_STRING(w->known->entries[i].key), 0);
  if (all) scan_later(w, all);
  wake_all(w);
}

static void on_event(struct loop_watch *io, int number, u32 events, const char *name)
{
  struct watch *w = CONTAINER_OF(io, struct watch, io);
  struct heap *heap = &w->vm->heap;
  if (events & WATCH_LOST) {
    look_again(w);
    return;
  }
  struct string *directory = (u32)number < w->directories.len ? w->directories.data[number] : NULL;
  if (events & WATCH_ENDED && directory) w->directories.data[number] = NULL;
  struct string *path = directory && name ? join(w, directory, name) : NULL;
  if (!path) return;
  const char *text = string_bytes(heap, path);
  if (events & WATCH_DIRECTORY) {
    if (events & WATCH_GONE) forget_directory(w, path);
    else if (glob_goes_below(&w->watched->glob, text, path->len)) scan_later(w, path);
  }
  if (glob_matches(&w->watched->glob, text, path->len)) note(w, path, events);
}

// Looking for directories

static void know_directory(struct watch *w, int number, const char *path)
{
  struct heap *heap = &w->vm->heap;
  struct string *s = string_new(heap, path, strlen(path));
  bool ok = s != NULL;
  while (ok && w->directories.len <= (u32)number) ok = vec_push(heap->alloc, &w->directories, NULL);
  if (ok) w->directories.data[number] = s;
  else lose_memory(w);
  heap_barrier(heap, w);
}

static void on_failed(struct loop_watch *io, int error)
{
  struct watch *w = CONTAINER_OF(io, struct watch, io);
  w->error = error;
  stop(w);
  wake_all(w);
}

static void take_scan(struct job *job)
{
  struct scan_job *s = (struct scan_job *)(void *)job;
  struct watch *w = scan_watched(job)->watch;
  if (!w) return;
  struct heap *heap = &w->vm->heap;
  w->is_scanning = false;
  if (job->failed && job->failed != ENOMEM) {
    on_failed(&w->io, job->failed);  // what is new cannot be watched
    return;
  }
  if (job->failed) lose_memory(w);
  for (u32 i = 0; i < s->directories.len; i++)
    know_directory(w, s->directories.data[i].number, s->f.data.data + s->directories.data[i].path);
  for (u32 i = 0; i < s->found.len; i++) {
    const char *text = s->f.data.data + s->found.data[i];
    struct buf clean;
    buf_init(&clean, &w->vm->alloc);
    buf_append_text(&clean, text, strlen(text));
    struct string *path = clean.failed ? NULL : string_new(heap, buf_text(&clean), clean.len);
    buf_fini(&clean);
    if (!path) lose_memory(w);
    else if (!s->is_first && is_unset(map_get(heap, w->known, value_object(path)))) note(w, path, WATCH_MADE);
    else if (s->is_first && !map_set(heap, w->known, value_object(path), TRUE)) lose_memory(w);
  }
  loop_watch_start(&w->io);
}

static void on_drained(struct loop_watch *io)
{
  static const struct job_type type = { .name = "fs.watch",
                                        .size = sizeof(struct scan_job),
                                        .is_slow = true,
                                        .run = scan_run,
                                        .ended = take_scan,
                                        .error = fs_error,
                                        .fini = scan_fini };
  struct watch *w = CONTAINER_OF(io, struct watch, io);
  if (w->to_scan.len == 0) return;
  struct scan_job *s = fs_job_make(w->vm, &type);
  if (!s) {
    lose_memory(w);
    return;
  }
  scan_init(s, w->watched);
  for (u32 i = 0; i < w->to_scan.len; i++) {
    struct string *path = w->to_scan.data[i];
    if (path->len) scan_add(s, string_bytes(&w->vm->heap, path), path->len);
    else scan_add_bases(s, &w->watched->glob);
  }
  w->to_scan.len = 0;
  // What happens meanwhile waits: the numbers of new directories are not known yet.
  loop_watch_stop(io);
  w->is_scanning = true;
  if (job_start_alone(&s->f.job)) return;
  w->is_scanning = false;
  loop_watch_start(io);
  lose_memory(w);
}

static bool finish_first(struct job *job, Value *value)
{
  take_scan(job);
  *value = NIL;
  return true;
}

// Natives

static enum native_status watch_iterate(struct call *c) { return native_return(c, c->args[0]); }

static enum native_status watch_next(struct call *c)
{
  struct watch *w = watch_of(as_object(c->args[0]));
  if (w->taken < w->events->len) {
    Value event = w->events->items[w->taken++];
    if (w->taken == w->events->len) {
      list_truncate(c->heap, w->events, 0);
      w->taken = 0;
      w->is_lost = false;
    }
    return native_return(c, event);
  }
  if (w->error) {
    int error = w->error;
    w->error = 0;
    return throw_errno(c, error, "fs.watch");
  }
  if (w->is_closed) return native_return(c, DONE);
  if (w->is_short) {
    w->is_short = false;
    return throw_memory(c->vm);
  }
  struct waiting *waiting = operation_new(c->vm, &waiting_type, c->args[0]);
  if (!waiting) return throw_memory(c->vm);
  waiting->next = w->waiting;
  w->waiting = waiting;
  return operation_wait(c, &waiting->op.deferred);
}

static enum native_status watch_close(struct call *c)
{
  struct watch *w = watch_of(as_object(c->args[0]));
  stop(w);
  wake_all(w);
  return native_return(c, NIL);
}

static void print_watch(struct heap *heap, struct object *o, struct buf *out)
{
  (void)heap;
  buf_puts(out, "<watch ");
  if (watch_of(o)->pattern) string_write(watch_of(o)->pattern, out);
  buf_putc(out, '>');
}

static const struct native methods[] = {
  { "iterate", watch_iterate, 0, 0, 0, "iterate()", "Itself: a loop goes over the events." },
  { "next", watch_next, 0, 0, 0, "next()", "Waits for the next event, and gives it; `done` once it is closed." },
  { "close", watch_close, 0, 0, 0, "close()", "Ends it, and the loops over it." },
};

static const struct native_class watch_class = {
  .name = "watch",
  .doc = "What happens to files, to loop over (fs.watch).",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .size = sizeof(struct watch),
  .mark = mark_watch,
  .finish = finish_watch,
  .print = print_watch,
};

// The pattern as given; of a directory all that is in it, of any other plain path itself. False: errno says why not.
static bool put_pattern(struct buf *out, const struct buf *path)
{
  struct stat st = { 0 };
  bool is_there = sys_stat(buf_text(path), &st) == 0;
  if (!is_there && errno != ENOENT && errno != ENOTDIR) return false;
  if (!is_there && strpbrk(buf_text(path), "*?[{\\")) {
    buf_append(out, path->data, path->len);
    return true;
  }
  for (size_t i = 0; i < path->len; i++) {
    if (strchr("*?[]{}\\", path->data[i])) buf_putc(out, '\\');
    buf_putc(out, path->data[i]);
  }
  if (S_ISDIR(st.st_mode)) buf_puts(out, "/**");
  return true;
}

static enum native_status throw_pattern(struct call *c, enum glob_error error)
{
  if (error == GLOB_MEMORY) return throw_memory(c->vm);
  return throw_error(c->vm, c->vm->errors.value, "watch: %s", glob_text(error));
}

static struct watched *watched_new(struct call *c)
{
  struct buf path, pattern;
  struct watched *watched = resource_new(c, sizeof *watched, destroy_watched);
  if (!watched) return NULL;
  watched->fd = -1;
  watched->glob.alloc = watched->glob.text.alloc = &watched->resource.alloc;
  buf_init(&path, &c->vm->alloc);
  buf_init(&pattern, &c->vm->alloc);
  bool ok = fs_arg_path(c, 0, &path);
  if (ok && !put_pattern(&pattern, &path)) {
    throw_errno(c, errno, "fs.watch: %s", buf_text(&path));
    ok = false;
  }
  if (ok) {
    enum glob_error error = pattern.failed ? GLOB_MEMORY
                                           : glob_init(&watched->glob, &watched->resource.alloc, pattern.data, pattern.len);
    if (error) throw_pattern(c, error);
    ok = !error;
  }
  if (ok && (watched->fd = sys_watch_open()) < 0) {
    throw_errno(c, errno, "fs.watch");
    ok = false;
  }
  buf_fini(&path);
  buf_fini(&pattern);
  if (ok) return watched;
  resource_release(&watched->resource);
  return NULL;
}

static struct watch *watch_new(struct call *c, double settle_time)
{
  struct watch *w = box_new(c->vm, &watch_class);
  if (!w) return throw_memory(c->vm), NULL;
  w->vm = c->vm;
  w->settle = settle_time;
  w->pattern = IS_STRING(c->args[0]) ? AS_STRING(c->args[0]) : vm_intern(c->vm, "");
  w->known = map_new(c->heap, 0);
  w->places = map_new(c->heap, 0);
  w->events = list_new(c->heap, 0);
  if (!w->pattern || !w->known || !w->places || !w->events) return throw_memory(c->vm), NULL;
  struct watched *watched = watched_new(c);
  if (!watched) return NULL;
  w->watched = watched;
  watched->watch = w;
  loop_watch_init(&w->io, c->vm->loop, watched->fd);
  w->io.on_event = on_event;
  w->io.on_drained = on_drained;
  w->io.on_failed = on_failed;
  loop_timer_init(&w->timer, on_timer);
  return w;
}

static enum native_status fs_watch(struct call *c)
{
  static const struct job_type type = { .name = "fs.watch",
                                        .size = sizeof(struct scan_job),
                                        .is_slow = true,
                                        .run = scan_run,
                                        .finish = finish_first,
                                        .error = fs_error,
                                        .fini = scan_fini };
  double settle_time = SETTLE;
  if (c->step > 0) return native_return(c, c->locals[0]);
  if (arg_given(c, 1) && !arg_seconds(c, 1, &settle_time)) return NATIVE_THROW;
  struct watch *w = watch_new(c, settle_time < 0.001 ? 0.001 : settle_time);
  if (!w) return NATIVE_THROW;
  c->locals[0] = value_object(w);
  struct scan_job *s = fs_job_bare(c, &type);
  if (!s) return NATIVE_THROW;
  s->is_first = true;
  scan_init(s, w->watched);
  scan_add_bases(s, &w->watched->glob);
  return job_await(c, &s->f.job, c->args[0]);
}

static const struct native natives[] = {
  { "watch", fs_watch, 1, 2, 1, "watch(path, settle = 60ms)",
    "What happens to the files that match a pattern as of fs.glob, to loop over: maps of path and kind.\n"
    "kind is \"created\", \"changed\" or \"removed\", and \"overflow\" where so much happened that some of it is not known. Of a "
    "directory it is all that is below it and not hidden. A save is told of once, however an editor does it: after the path has "
    "been quiet for [settle]. New directories are followed.\n"
    "    for e in fs.watch(\"src/**/*.c\") { print(e.kind, e.path) }" },
};

bool fs_open_watch(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
