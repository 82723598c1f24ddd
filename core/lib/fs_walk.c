// fs: going over trees: walk, and patterns of paths.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fs.h"
#include "lib/fs_tree.h"
#include "lib/glob.h"
#include "value/list.h"

#define BATCH 512  // entries a thread looks at before it hands over what it found

// walk

struct walk {
  struct resource resource;
  struct fs_tree tree;
  struct buf found;  // paths, each with its NUL
  size_t found_at;
  struct buf kind;   // the only one wanted; "" all
  struct buf root;   // until it is entered
  bool has_hidden, is_ended;
};

struct walker {
  struct box box;
  struct walk *walk;
};

static void destroy_walk(struct resource *r)
{
  struct walk *w = (struct walk *)(void *)r;
  fs_tree_fini(&w->tree);
  buf_fini(&w->found);
  buf_fini(&w->kind);
  buf_fini(&w->root);
  resource_free(r, sizeof *w);
}

static void finish_walker(struct heap *heap, struct object *o)
{
  struct walk *w = ((struct walker *)(void *)o)->walk;
  (void)heap;
  if (w) resource_release(&w->resource);
}

static const char *kind_of(struct fs_tree *t, const struct fs_item *item)
{
  struct stat st;
  if (item->type != DT_UNKNOWN) return fs_kind(DTTOIF(item->type));
  return sys_lstat(buf_text(&t->path), &st) == 0 ? fs_kind(st.st_mode) : "file";
}

static int enter_quietly(struct fs_tree *t, bool follow)
{
  int error = fs_tree_enter(t, follow);
  return fs_is_passed_over(error) ? 0 : error;
}

static int walk_item(struct walk *w, const struct fs_item *item)
{
  const char *name = fs_entry_name(&fs_tree_level(&w->tree)->entries, item);
  if (!w->has_hidden && name[0] == '.') return 0;
  const char *kind = kind_of(&w->tree, item);
  if (!w->kind.len || strcmp(kind, buf_text(&w->kind)) == 0) {
    buf_append(&w->found, w->tree.path.data, w->tree.path.len + 1);
    if (w->found.failed) return ENOMEM;
  }
  return strcmp(kind, "directory") == 0 ? enter_quietly(&w->tree, false) : 0;
}

static int walk_some(struct walk *w)
{
  struct fs_item *item;
  int error = 0;
  for (int i = 0; i < BATCH && !error; i++) {
    enum tree_step step = fs_tree_next(&w->tree, &item);
    if (step == TREE_END) w->is_ended = true;
    if (step == TREE_END) break;
    if (w->tree.path.failed) error = ENOMEM;
    else if (step == TREE_ITEM) error = walk_item(w, item);
  }
  return error;
}

static void walk_run(struct job *job)
{
  struct walk *w = (struct walk *)(void *)job->resource;
  int error = 0;
  if (w->found_at < w->found.len) return;
  buf_clear(&w->found);
  w->found_at = 0;
  if (w->root.len) {
    buf_append(&w->tree.path, w->root.data, w->root.len);
    error = w->tree.path.failed ? ENOMEM : fs_tree_enter(&w->tree, true);
    if (w->root.len == 1 && w->root.data[0] == '.' && !error) fs_tree_level(&w->tree)->path_len = 0;
    buf_clear(&w->root);
  }
  while (!error && !w->is_ended && !w->found.len && !work_is_dropped(&job->work)) error = walk_some(w);
  if (!error) return;
  w->is_ended = true;
  fs_fail(fs_job(job), error, buf_text(&w->tree.path));
  fs_job(job)->is_parent = true;
}

static enum native_status walk_iterate(struct call *c) { return native_return(c, c->args[0]); }

static enum native_status walk_next(struct call *c)
{
  static const struct job_type type = FS_SLOW_TYPE("fs.walk", walk_run, fs_finish_nil, false);
  struct walk *w = ((struct walker *)(void *)as_object(c->args[0]))->walk;
  if (!w->resource.jobs && w->found_at < w->found.len) {
    const char *path = w->found.data + w->found_at;
    size_t len = strlen(path);
    Value v = fs_name(c->heap, path, len);
    w->found_at += len + 1;
    return is_unset(v) ? throw_memory(c->vm) : native_return(c, v);
  }
  if (!w->resource.jobs && w->is_ended) return native_return(c, DONE);
  struct fs_job *f = fs_job_bare(c, &type);
  if (!f) return NATIVE_THROW;
  job_use(&f->job, &w->resource);
  return job_await(c, &f->job, c->args[0]);
}

static const struct native walk_methods[] = {
  { "iterate", walk_iterate, 0, 0, 0, "iterate()", "Itself: a loop goes over the paths." },
  { "next", walk_next, 0, 0, 0, "next()", "The next path, or `done`. Waits where the directory is still to be read." },
};

static const struct native_class walk_class = {
  .name = "walk",
  .doc = "The paths of a tree of directories, to loop over.",
  .methods = walk_methods,
  .method_count = COUNT_OF(walk_methods),
  .size = sizeof(struct walker),
  .finish = finish_walker,
};

static bool arg_kind(struct call *c, u32 i, struct buf *kind)
{
  static const char *const kinds[] = { "file", "directory", "link", "pipe", "socket", "device" };
  struct string *s;
  if (!arg_given(c, i) || is_nil(c->args[i])) return true;
  if (!arg_string(c, i, &s)) return false;
  string_write(s, kind);
  for (size_t k = 0; k < COUNT_OF(kinds); k++) {
    if (strcmp(buf_text(kind), kinds[k]) == 0) return true;
  }
  throw_error(c->vm, c->vm->errors.value, "walk: kind must be \"file\", \"directory\", \"link\", \"pipe\", \"socket\" or \"device\"");
  return false;
}

static enum native_status fs_walk(struct call *c)
{
  struct walker *o = box_new(c->vm, &walk_class);
  if (!o) return throw_memory(c->vm);
  struct walk *w = o->walk = resource_new(c, sizeof *w, destroy_walk);
  if (!w) return NATIVE_THROW;
  fs_tree_init(&w->tree, &w->resource.alloc);
  buf_init(&w->found, &w->resource.alloc);
  buf_init(&w->kind, &w->resource.alloc);
  buf_init(&w->root, &w->resource.alloc);
  if (arg_given(c, 0) ? !fs_arg_path(c, 0, &w->root) : (buf_putc(&w->root, '.'), false)) return NATIVE_THROW;
  if (!arg_kind(c, 1, &w->kind)) return NATIVE_THROW;
  w->has_hidden = fs_arg_flag(c, 2, true);
  return w->root.failed ? throw_memory(c->vm) : native_return(c, value_object(o));
}

// glob

struct glob_job {
  struct fs_job f;  // data: the paths found, each with its NUL
  struct glob glob;
  VEC(size_t) paths;  // where they begin
};

static bool is_wanted(struct fs_tree *t, const struct glob_part *p)
{
  struct stat st;
  return !p->is_directory || (sys_stat(buf_text(&t->path), &st) == 0 && S_ISDIR(st.st_mode));
}

static bool add_path(struct glob_job *g, const struct fs_tree *t)
{
  size_t at = g->f.data.len;
  buf_append(&g->f.data, t->path.data, t->path.len + 1);
  return !g->f.data.failed && vec_push(&g->f.job.alloc, &g->paths, at);
}

// Goes into a directory of which something below may match: reads it, unless one name alone can come next.
static int glob_enter(struct glob_job *g, struct fs_tree *t, const struct glob_part *p, u64 at)
{
  const struct glob_segment *s = glob_literal(&g->glob, p, at);
  int error = 0;
  if (!s) {
    u32 depth = t->levels.len;
    error = enter_quietly(t, true);
    if (t->levels.len > depth) fs_tree_level(t)->state = at;
    return error;
  }
  if (t->path.len && t->path.data[t->path.len - 1] != '/') buf_putc(&t->path, '/');
  struct fs_level level = { .path_len = t->path.len, .state = at };
  struct fs_item item = { .type = DT_UNKNOWN };
  fs_entries_init(&level.entries, t->alloc);
  buf_append(&level.entries.names, g->glob.text.data + s->at, s->len);
  buf_putc(&level.entries.names, 0);
  bool ok = !level.entries.names.failed && vec_push(t->alloc, &level.entries.items, item) &&
            vec_push(t->alloc, &t->levels, level);
  if (!ok) fs_entries_fini(&level.entries);
  return ok ? 0 : ENOMEM;
}

static int glob_item(struct glob_job *g, struct fs_tree *t, const struct glob_part *p, const struct fs_item *item)
{
  struct stat st = { .st_mode = DTTOIF(item->type) };
  const struct fs_level *level = fs_tree_level(t);
  const char *name = fs_entry_name(&level->entries, item);
  u64 at = glob_step(&g->glob, p, level->state, name, strlen(name));
  if (!at) return 0;
  if (item->type == DT_UNKNOWN && sys_lstat(buf_text(&t->path), &st) != 0) return fs_is_passed_over(errno) ? 0 : errno;
  if (glob_is_end(p, at) && is_wanted(t, p) && !add_path(g, t)) return ENOMEM;
  if (S_ISLNK(st.st_mode)) {
    // Links are followed where the pattern names them, not by **, which could go round in circles.
    at = glob_step_named(&g->glob, p, level->state, name, strlen(name));
    if (!glob_goes_on(p, at) || sys_stat(buf_text(&t->path), &st) != 0) return 0;
  }
  return S_ISDIR(st.st_mode) && glob_goes_on(p, at) ? glob_enter(g, t, p, at) : 0;
}

static int glob_part_run(struct glob_job *g, const struct glob_part *p)
{
  struct fs_tree t;
  struct fs_item *item;
  enum tree_step step;
  fs_tree_init(&t, &g->f.job.alloc);
  if (p->is_absolute) buf_putc(&t.path, '/');
  int error = glob_enter(g, &t, p, glob_begin(&g->glob, p));
  while (!error && (step = fs_tree_next(&t, &item)) != TREE_END) {
    if (work_is_dropped(&g->f.job.work)) break;
    if (t.path.failed) error = ENOMEM;
    else if (step == TREE_ITEM) error = glob_item(g, &t, p, item);
  }
  if (error) fs_fail(&g->f, error, buf_text(&t.path));
  fs_tree_fini(&t);
  return error;
}

static int compare_paths(const void *a, const void *b, void *text)
{
  return strcmp((char *)text + *(const size_t *)a, (char *)text + *(const size_t *)b);
}

static void glob_run(struct job *job)
{
  struct glob_job *g = (struct glob_job *)(void *)job;
  for (u32 i = 0; i < g->glob.parts.len; i++) {
    if (glob_part_run(g, &g->glob.parts.data[i])) return;
  }
  if (g->paths.len) qsort_r(g->paths.data, g->paths.len, sizeof *g->paths.data, compare_paths, g->f.data.data);
}

static bool glob_finish(struct job *job, Value *value)
{
  struct glob_job *g = (struct glob_job *)(void *)job;
  struct heap *heap = &job->vm->heap;
  struct list *list = list_new(heap, g->paths.len);
  const char *before = NULL;
  for (u32 i = 0; list && i < g->paths.len; i++) {
    const char *path = g->f.data.data + g->paths.data[i];
    if (before && strcmp(before, path) == 0) continue;
    before = path;
    Value v = fs_name(heap, path, strlen(path));
    if (is_unset(v) || !list_push(heap, list, v)) list = NULL;
  }
  return job_object(job, value, list);
}

static void glob_fini_job(struct job *job)
{
  struct glob_job *g = (struct glob_job *)(void *)job;
  glob_fini(&g->glob);
  vec_free(&job->alloc, &g->paths);
  fs_fini(job);
}

static enum native_status fs_glob(struct call *c)
{
  static const struct job_type type = { .name = "fs.glob",
                                        .size = sizeof(struct glob_job),
                                        .run = glob_run,
                                        .finish = glob_finish,
                                        .error = fs_error,
                                        .fini = glob_fini_job,
                                        .is_slow = true };
  struct glob_job *g = fs_job_bare(c, &type);
  if (!g) return NATIVE_THROW;
  g->glob.alloc = g->glob.text.alloc = &g->f.job.alloc;
  if (fs_arg_path(c, 0, &g->f.path)) {
    enum glob_error error = glob_init(&g->glob, &g->f.job.alloc, g->f.path.data, g->f.path.len);
    if (!error) return fs_return(c, &g->f);
    if (error == GLOB_MEMORY) throw_memory(c->vm);
    else throw_error(c->vm, c->vm->errors.value, "glob: %s: %s", glob_text(error), buf_text(&g->f.path));
  }
  job_discard(&g->f.job);
  return NATIVE_THROW;
}

static const struct native natives[] = {
  { "walk", fs_walk, 0, 3, 0, "walk(path = \".\", kind = nil, hidden = true)",
    "The paths of all that is below a directory, to loop over: each directory before what is in it, by name.\n"
    "With [kind], \"file\" say, only of those; with [hidden] false without those whose names begin with a dot, and what is in "
    "them. Links are not followed; what may not be read is passed over.\n"
    "    for p in fs.walk(\"src\", kind: \"file\") { print(p) }" },
  { "glob", fs_glob, 1, 1, 0, "glob(pattern)",
    "A deferred of the sorted paths that match.\n"
    "`*` and `?` stand for any characters of a name and for one, [a-z] and [!x] for one of some or none of some, `**` for any "
    "number of directories, {a,b} for one of some texts. Hidden names are matched by patterns with a dot only. A slash at the "
    "end asks for directories.\n"
    "    await fs.glob(\"src/**/*.{c,h}\")" },
};

bool fs_open_walk(struct lull *vm, struct module *m) { return module_add_natives(vm, m, natives, COUNT_OF(natives)); }
