// Starting processes: what run and sh are given, and the pipes between.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "base/sys.h"
#include "base/utf8.h"
#include "builtin/reply.h"
#include "lib/process.h"
#include "lib/shell.h"

// In the order of the usage lines.
enum { OPTION_CWD, OPTION_ENV, OPTION_STDIN, OPTION_OUT, OPTION_ERR, OPTION_TIMEOUT, OPTION_CHECK, OPTION_PTY };

#define TERMINAL_COLS 80
#define TERMINAL_ROWS 24
#define TERMINAL_PATH 64

struct start {
  struct call *c;
  struct words words, env;
  struct buf shown, path;
  const char *cwd;  // NULL: ours
  bool has_env;
  Value input;  // what stdin is; NIL: empty
  u8 out, err;
  bool is_checked, is_terminal;
  bool has_source;  // their standard input is the pipe of another process's stream
  double seconds;
  struct winsize size;
  char terminal[TERMINAL_PATH];  // of the other end
  int mine[3], theirs[3];        // descriptors made; -1
  struct process *process;
  Value unfed;  // why its input could not be handed over; UNSET: it was
};

// What it is told

static bool option_word(struct call *c, u32 i, const char *const *words, u8 *out)
{
  struct buf expected;
  const char *text = IS_STRING(c->args[i]) ? string_cstr(c->heap, AS_STRING(c->args[i])) : "";
  for (u8 k = 0; words[k]; k++) {
    if (strcmp(words[k], text)) continue;
    *out = k;
    return true;
  }
  buf_init(&expected, &c->vm->alloc);
  for (u32 k = 0; words[k]; k++) buf_printf(&expected, "%s\"%s\"", !k ? "" : words[k + 1] ? ", " : " or ", words[k]);
  if (IS_STRING(c->args[i]))
    throw_error(c->vm, c->vm->errors.value, "%s: expected %s, not \"%s\"", c->native->name, buf_text(&expected), text);
  else arg_fail(c, i, buf_text(&expected));
  buf_fini(&expected);
  return false;
}

static bool option_pty(struct start *s, u32 i)
{
  struct call *c = s->c;
  Value v = c->args[i];
  s->size = (struct winsize){ .ws_col = TERMINAL_COLS, .ws_row = TERMINAL_ROWS };
  s->is_terminal = !is_falsy(v);
  if (!IS_LIST(v)) return true;
  const struct list *l = AS_LIST(v);
  bool ok = l->len == 2 && is_int(l->items[0]) && is_int(l->items[1]);
  i64 cols = ok ? as_int(l->items[0]) : 0, rows = ok ? as_int(l->items[1]) : 0;
  if (cols < 1 || rows < 1 || cols > UINT16_MAX || rows > UINT16_MAX) {
    throw_error(c->vm, c->vm->errors.value, "%s: `pty` must be true or [cols, rows]", c->native->name);
    return false;
  }
  s->size.ws_col = (unsigned short)cols;
  s->size.ws_row = (unsigned short)rows;
  return true;
}

static bool option_stdin(struct start *s, u32 i)
{
  Value v = s->c->args[i];
  if (is_process(v) || IS_STRING(v) || IS_BYTES(v) || is_box(v, &stream_class) || v.tag == TAG_TRUE) {
    s->input = v;
    return true;
  }
  arg_fail(s->c, i, "a string, bytes, a process, a stream or true");
  return false;
}

static bool option_cwd(struct start *s, u32 i)
{
  struct string *text;
  if (!arg_string(s->c, i, &text)) return false;
  s->cwd = string_cstr(s->c->heap, text);
  if (strlen(s->cwd) == text->len && text->len) return true;
  throw_error(s->c->vm, s->c->vm->errors.value, "%s: `cwd` must be the path of a folder", s->c->native->name);
  return false;
}

static bool take_option(struct start *s, u32 option, u32 i)
{
  static const char *const outs[] = { [OUTPUT_KEEP] = "keep", [OUTPUT_SHOW] = "show", [OUTPUT_MERGE] = "none", NULL };
  static const char *const errs[] = { "keep", "show", "merge", "none", NULL };
  struct call *c = s->c;
  struct map *more;
  switch (option) {
  case OPTION_CWD: return option_cwd(s, i);
  case OPTION_ENV: s->has_env = true; return arg_map(c, i, &more) && program_environ(c->vm, &s->env, more);
  case OPTION_STDIN: return option_stdin(s, i);
  case OPTION_OUT:
    if (!option_word(c, i, outs, &s->out)) return false;
    if (s->out == OUTPUT_MERGE) s->out = OUTPUT_NONE;
    return true;
  case OPTION_ERR: return option_word(c, i, errs, &s->err);
  case OPTION_TIMEOUT: return arg_seconds(c, i, &s->seconds);
  case OPTION_CHECK: s->is_checked = !is_falsy(c->args[i]); return true;
  default: return option_pty(s, i);
  }
}

static bool take_options(struct start *s, u32 first)
{
  for (u32 k = OPTION_CWD; first && k <= OPTION_PTY; k++) {
    bool is_given = arg_given(s->c, first + k) && !is_nil(s->c->args[first + k]);
    if (is_given && !take_option(s, k, first + k)) return false;
  }
  if (s->has_env || !program_env(s->c->vm)) return true;
  s->has_env = true;
  return program_environ(s->c->vm, &s->env, NULL);
}

// Descriptors

static enum native_status throw_start(struct start *s, int error)
{
  return throw_errno(s->c, error, "cannot run `%s`", buf_text(&s->shown));
}

static bool make_pipe(struct start *s, int of)
{
  int fds[2];
  if (sys_pipe(fds) < 0) return throw_start(s, errno), false;
  bool is_input = of == 0;
  s->mine[of] = fds[is_input];
  s->theirs[of] = fds[!is_input];
  return true;
}

static bool make_terminal(struct start *s)
{
  int fd = posix_openpt(O_RDWR | O_NOCTTY);
  if (fd < 0) return throw_start(s, errno), false;
  s->mine[1] = fd;
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 ||
      ptsname_r(fd, s->terminal, sizeof s->terminal) != 0 || ioctl(fd, TIOCSWINSZ, &s->size) < 0)
    return throw_start(s, errno), false;
  return true;
}

// The pipe of another process's output as it is, if nothing has been read from it: the two then need us no more.
static bool is_whole(const struct process *from)
{
  const struct stream *out = from->out.stream;
  size_t len = 0;
  if (!out || from->out.is_taken || from->is_terminal || !loop_stream_is_open(&out->io)) return false;
  loop_stream_input(&out->io, &len);
  return len == 0 && !out->io.is_ended;
}

static bool take_pipe(struct start *s, struct process *from)
{
  int fd = from->out.stream->io.fd, flags = fcntl(fd, F_GETFL);
  // Ours alone: the reader expects to wait.
  if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0) return throw_start(s, errno), false;
  s->theirs[0] = fd;
  s->has_source = true;
  return true;
}

static bool set_source(struct start *s)
{
  struct process *from = is_process(s->input) ? as_process(s->input) : NULL;
  if (from && (!from->out.stream || from->out.output != OUTPUT_KEEP || (from->out.is_taken && from->is_terminal)))
    return throw_error(s->c->vm, s->c->vm->errors.value, "%s: the output of `stdin` is not kept", s->c->native->name),
           false;
  if (from && is_whole(from)) return take_pipe(s, from);
  return is_nil(s->input) || make_pipe(s, 0);
}

static bool make_descriptors(struct start *s)
{
  if (s->is_terminal) return make_terminal(s);
  if (!set_source(s)) return false;
  if (s->out != OUTPUT_NONE && !make_pipe(s, 1)) return false;
  if (s->err == OUTPUT_MERGE) s->theirs[2] = s->theirs[1];
  else if (s->err != OUTPUT_NONE && !make_pipe(s, 2)) return false;
  return true;
}

static void close_one(int *fd)
{
  if (*fd >= 0) sys_close(*fd);
  *fd = -1;
}

static void close_theirs(struct start *s)
{
  if (s->has_source) s->theirs[0] = -1;
  if (s->err == OUTPUT_MERGE) s->theirs[2] = -1;
  for (int i = 0; i < 3; i++) close_one(&s->theirs[i]);
}

// The value

static struct string *stream_title(struct start *s, const char *what)
{
  return string_printf(s->c->heap, "%s of %s", what, buf_text(&s->shown));
}

static struct stream *make_stream(struct start *s, int of, u32 flags, const char *what)
{
  int fd = s->mine[of];
  if (fd < 0) return NULL;
  s->mine[of] = -1;
  struct stream *stream = stream_from_fd(s->c->vm, fd, flags);
  if (!stream) return NULL;
  stream_set_name(s->c->vm, stream, stream_title(s, what));
  return stream;
}

// Everything that needs memory is made before the child is: afterwards nothing can go wrong.
static bool make_process(struct start *s)
{
  struct lull *vm = s->c->vm;
  struct process *p = operation_new(vm, &process_type, NIL);
  if (!p) return throw_memory(vm), false;
  s->process = p;
  p->vm = vm;
  p->command = string_new(&vm->heap, buf_text(&s->shown), utf8_valid_prefix(buf_text(&s->shown), s->shown.len));
  bool needs_in = s->mine[0] >= 0, needs_out = s->mine[1] >= 0, needs_err = s->mine[2] >= 0;
  p->in = make_stream(s, 0, STREAM_WRITE, "stdin");
  p->out.stream =
      make_stream(s, 1, STREAM_READ | (s->is_terminal ? STREAM_WRITE : 0), s->is_terminal ? "terminal" : "stdout");
  p->err.stream = make_stream(s, 2, STREAM_READ, "stderr");
  p->out.output = s->out;
  p->err.output = s->err;
  buf_init(&p->out.tail, &vm->alloc);
  buf_init(&p->err.tail, &vm->alloc);
  p->is_checked = s->is_checked;
  p->is_terminal = s->is_terminal;
  p->seconds = s->seconds;
  if (!p->command || (needs_in && !p->in) || (needs_out && !p->out.stream) || (needs_err && !p->err.stream))
    return throw_memory(vm), false;
  if (s->is_terminal) p->in = p->out.stream;
  return true;
}

// What writing to it came to is seen when it has ended: it may do so without reading. All else would keep it waiting.
static void note_fed(struct start *s, struct deferred *d)
{
  struct lull *vm = s->c->vm;
  if (d) {
    d->is_handled = true;
    return;
  }
  Value error = vm->thrown;
  vm->thrown = UNSET;
  if (is_unset(s->unfed) && (s->is_terminal || AS_INSTANCE(error)->class != vm->errors.io)) s->unfed = error;
}

static void feed(struct start *s)
{
  struct process *p = s->process;
  struct lull *vm = p->vm;
  Value input = s->input;
  if (is_process(input)) {
    struct process *from = as_process(input);
    bool is_direct = !p->in;
    p->source = from;
    heap_barrier(&vm->heap, p);
    process_take(from, &from->out);
    if (is_direct) loop_stream_close(&from->out.stream->io);
    else note_fed(s, stream_pipe(vm, from->out.stream, p->in, false));
  } else if (is_box(input, &stream_class)) {
    note_fed(s, stream_pipe(vm, (struct stream *)(void *)as_object(input), p->in, p->is_terminal));
  } else if (IS_STRING(input) || IS_BYTES(input)) {
    note_fed(s, stream_write(vm, p->in, input));
    if (!p->is_terminal) note_fed(s, stream_end(vm, p->in));
  }
}

// Descriptors of streams are theirs; a process that was never begun is settled, so that nothing waits for it.
static void drop(struct start *s)
{
  struct process *p = s->process;
  struct stream *streams[] = { p ? p->in : NULL, p ? p->out.stream : NULL, p ? p->err.stream : NULL };
  for (size_t i = 0; i < COUNT_OF(streams); i++) {
    if (streams[i]) loop_stream_close(&streams[i]->io);
  }
  if (p) {
    p->in = p->out.stream = p->err.stream = NULL;
    operation_cancel(p->vm, &p->op);
  }
}

static bool init_children(struct lull *vm, void *part)
{
  loop_children_init(part, vm->loop, &vm->alloc);
  return true;
}

static void fini_children(struct lull *vm, void *part)
{
  (void)vm;
  loop_children_fini(part);
}

static const struct vm_part_type children_type = { sizeof(struct loop_children), init_children, fini_children };

static enum native_status start_child(struct start *s)
{
  struct call *c = s->c;
  char **argv = words_list(&s->words), **envp = s->has_env ? words_list(&s->env) : program_environment();
  if (!argv || !envp || s->shown.failed) return throw_memory(c->vm);
  const char *name = words_at(&s->words, 0);
  int error = program_find(c->vm, name, &s->path);
  if (error) return program_throw(c, error, name, NULL, s->cwd);
  if (!make_descriptors(s) || !make_process(s)) return NATIVE_THROW;
  struct loop_children *children = vm_part(c->vm, &children_type);
  if (!children) return throw_memory(c->vm);
  s->process->child = loop_child_start(children, &(struct child_spec){
                                                            .path = buf_text(&s->path),
                                                            .argv = argv,
                                                            .envp = envp,
                                                            .cwd = s->cwd,
                                                            .fds = { s->theirs[0], s->theirs[1], s->theirs[2] },
                                                            .terminal = s->is_terminal ? s->terminal : NULL,
                                                        });
  if (!s->process->child) return program_throw(c, errno, name, buf_text(&s->path), s->cwd);
  feed(s);
  process_begin(s->process);
  if (!is_unset(s->unfed)) process_fail(s->process, s->unfed);
  return native_return(c, value_object(s->process));
}

// [words] fills s->words and s->shown from the arguments [first, last). False: thrown.
static enum native_status start(struct call *c, bool (*words)(struct start *s, u32 first, u32 last))
{
  struct start s = {
    .c = c, .input = NIL, .unfed = UNSET, .err = OUTPUT_SHOW, .is_checked = true, .mine = { -1, -1, -1 }, .theirs = { -1, -1, -1 }
  };
  struct lull *vm = c->vm;
  u32 options, last = arg_positional(c, &options), first = last > 0 && is_process(c->args[0]);
  words_init(&s.words, &vm->alloc);
  words_init(&s.env, &vm->alloc);
  buf_init(&s.shown, &vm->alloc);
  buf_init(&s.path, &vm->alloc);
  if (first) s.input = c->args[0];
  bool ok = words(&s, first, last) && take_options(&s, options);
  enum native_status status = ok ? start_child(&s) : NATIVE_THROW;
  if (status != NATIVE_OK) drop(&s);
  close_theirs(&s);
  for (int i = 0; i < 3; i++) close_one(&s.mine[i]);
  words_fini(&s.words);
  words_fini(&s.env);
  buf_fini(&s.shown);
  buf_fini(&s.path);
  return status;
}

static bool run_words(struct start *s, u32 first, u32 last)
{
  struct call *c = s->c;
  if (first >= last || !(IS_STRING(c->args[first]) || IS_LIST(c->args[first])))
    return throw_error(c->vm, c->vm->errors.type, "run: the program must be a string%s%s", first < last ? ", not " : "",
                       first < last ? type_name(c->vm, c->args[first]) : ""),
           false;
  for (u32 i = first; i < last; i++) {
    if (!words_add_value(c->vm, &s->words, c->args[i], "run")) return false;
  }
  if (s->words.starts.len == 0)
    return throw_error(c->vm, c->vm->errors.value, "run: the list is empty: there is no program to run"), false;
  if (s->words.failed || s->words.text.failed) return throw_memory(c->vm), false;
  for (u32 i = 0; i < s->words.starts.len; i++) {
    if (i) buf_putc(&s->shown, ' ');
    shell_show_word(words_at(&s->words, i), &s->shown);
  }
  return true;
}

static bool sh_words(struct start *s, u32 first, u32 last)
{
  struct call *c = s->c;
  if (last == first + 1 && is_box(c->args[first], &quoted_class))
    return shell_words(c->vm, (struct quoted *)(void *)as_object(c->args[first]), &s->words, &s->shown);
  if (last > first + 1) throw_error(c->vm, c->vm->errors.type, "sh: takes one command, and options by name");
  else
    throw_error(c->vm, c->vm->errors.type,
                "sh: the command must be written in the call, so that what is put in is known: sh(\"ls ${folder}\"); "
                "a command from elsewhere is run(\"sh\", \"-c\", text)");
  return false;
}

enum native_status process_run(struct call *c) { return start(c, run_words); }
enum native_status process_sh(struct call *c) { return start(c, sh_words); }
