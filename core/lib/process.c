// Child processes as values: their life, and the methods.
#include "lib/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "builtin/reply.h"
#include "lib/lib.h"
#include "lib/program.h"

static struct process *process_of(struct stream *s) { return as_process(s->owner); }
static struct stream *stream_of(struct loop_stream *io) { return CONTAINER_OF(io, struct stream, io); }

// The end

static void release_child(struct process *p)
{
  if (p->child) loop_child_release(p->child);
  p->child = NULL;
}

static void close_pipe(struct process_pipe *pipe)
{
  if (pipe->stream && !pipe->is_taken) loop_stream_close(&pipe->stream->io);
  buf_fini(&pipe->tail);
}

// What is still written goes nowhere, so that a child on its way out is not stopped by a pipe that nobody reads.
static void discard(struct loop_stream *io)
{
  size_t len;
  loop_stream_input(io, &len);
  loop_stream_take(io, len);
}

static void discard_pipe(struct process_pipe *pipe)
{
  if (!pipe->stream || pipe->is_taken) return;
  pipe->stream->io.on_input = discard;
  discard(&pipe->stream->io);
  loop_stream_want(&pipe->stream->io, true);
}

static void give_up(struct process *p)
{
  loop_timer_stop(p->vm->loop, &p->timeout);
  if (p->child) loop_child_end(p->child);
  release_child(p);
  discard_pipe(&p->out);
  discard_pipe(&p->err);
  if (p->in && !p->is_terminal) stream_abort(p->in);
  if (p->source) deferred_unwait(p->vm, &p->source->op.deferred, &p->op.deferred.object);
}

void process_fail(struct process *p, Value error)
{
  give_up(p);
  operation_fail(p->vm, &p->op, error);
}

// A pipe that its reader left ends the writer as it should.
static bool is_fine(const struct process *p)
{
  if (!p->is_checked || result_is_ok(p->result)) return true;
  return p->out.is_taken && WIFSIGNALED(p->status) && WTERMSIG(p->status) == SIGPIPE;
}

// Why not all of its input reached it, unless it did not want it. 0: it did.
static int feed_error(const struct process *p)
{
  int error = p->in && !p->is_terminal ? p->in->io.write_error : 0;
  return error == EPIPE || error == ECONNRESET ? 0 : error;
}

static void settle(struct process *p)
{
  struct lull *vm = p->vm;
  p->result = result_new(p);
  heap_barrier(&vm->heap, p);
  loop_timer_stop(vm->loop, &p->timeout);
  release_child(p);
  close_pipe(&p->out);
  close_pipe(&p->err);
  if (!p->result) {
    throw_memory(vm);
    Value error = vm->thrown;
    vm->thrown = UNSET;
    operation_fail(vm, &p->op, error);
  } else if (!is_fine(p)) operation_fail(vm, &p->op, result_error(vm, p->result));
  else if (feed_error(p)) operation_fail(vm, &p->op, stream_io_error(p->in, "write to", feed_error(p)));
  else if (p->source && p->source->op.deferred.state == DEFERRED_FAILED)
    operation_fail(vm, &p->op, p->source->op.deferred.value);
  else operation_resolve(vm, &p->op, value_object(p->result));
}

static bool is_open(const struct process_pipe *pipe)
{
  return pipe->stream && !pipe->is_taken && !pipe->stream->io.is_ended;
}

static void settle_if_over(struct process *p)
{
  if (!operation_is_pending(&p->op) || !p->has_ended || is_open(&p->out) || is_open(&p->err)) return;
  if (p->source && operation_is_pending(&p->source->op)) return;
  settle(p);
}

static void on_ended(struct loop_child *child)
{
  struct process *p = child->owner;
  p->has_ended = true;
  p->status = child->status;
  settle_if_over(p);
}

static void on_timeout(struct loop_timer *timer)
{
  struct process *p = CONTAINER_OF(timer, struct process, timeout);
  struct buf text;
  buf_init(&text, &p->vm->alloc);
  string_write(p->command, &text);
  buf_printf(&text, ": it took longer than %gs", p->seconds);
  struct string *message = string_from_buf(&p->vm->heap, &text);
  buf_fini(&text);
  if (!message) message = vm_intern(p->vm, "a process took longer than its timeout");
  process_fail(p, value_object(error_new(p->vm, p->vm->errors.timeout, message)));
}

static void source_settled(struct lull *vm, struct waiter *w, struct deferred *d)
{
  (void)vm;
  (void)d;
  settle_if_over((struct process *)(void *)w->subject);
}

// Output

static void fail_limit(struct process *p)
{
  struct string *message =
      string_from(&p->vm->heap, "the output of a process is too large to be collected: loop over it");
  process_fail(p, value_object(error_new(p->vm, p->vm->errors.limit, message)));
}

// False: the rest of it cannot be read, which fails the process too.
static bool is_readable(struct process *p, struct loop_stream *io)
{
  if (!io->read_error || io->read_error == ENOMEM) return true;
  process_fail(p, stream_io_error(stream_of(io), "read from", io->read_error));
  return false;
}

static void collect(struct loop_stream *io)
{
  struct process *p = process_of(stream_of(io));
  size_t len;
  loop_stream_input(io, &len);
  if (io->in.len - io->in_at + len > BYTES_MAX || io->read_error == ENOMEM) fail_limit(p);
  else if (is_readable(p, io) && io->is_ended) settle_if_over(p);
}

static void keep_tail(struct buf *tail, const char *bytes, size_t len)
{
  if (len > PROCESS_TAIL) bytes += len - PROCESS_TAIL, len = PROCESS_TAIL;
  if (tail->len + len > 2 * PROCESS_TAIL) buf_consume(tail, tail->len + len - PROCESS_TAIL);
  buf_append(tail, bytes, len);
}

static void show(struct loop_stream *io)
{
  struct process *p = process_of(stream_of(io));
  struct lull *vm = p->vm;
  bool is_err = p->err.stream && io == &p->err.stream->io;
  size_t len;
  const char *bytes = loop_stream_input(io, &len);
  u64 tag = vm->outside_tag;
  vm->outside_tag = p->op.deferred.tag;
  if (len) vm_write(vm, is_err ? 2 : 1, bytes, len);
  vm->outside_tag = tag;
  keep_tail(is_err ? &p->err.tail : &p->out.tail, bytes, len);
  loop_stream_take(io, len);
  if (is_readable(p, io) && io->is_ended) settle_if_over(p);
}

void process_take(struct process *p, struct process_pipe *pipe)
{
  if (pipe->is_taken || !pipe->stream) return;
  pipe->is_taken = true;
  pipe->stream->io.on_input = stream_read_on;
  stream_input_changed(pipe->stream);
  if (pipe != &p->out) return;
  // It waits for its reader now, and so does the program.
  p->op.is_kept = true;
  operation_set_effect(p->vm, &p->op, false);
}

static void begin_pipe(struct process *p, struct process_pipe *pipe)
{
  if (!pipe->stream) return;
  pipe->stream->owner = value_object(p);
  heap_barrier(&p->vm->heap, pipe->stream);
  if (pipe->is_taken) return;
  pipe->stream->io.on_input = pipe->output == OUTPUT_SHOW ? show : collect;
  loop_stream_want(&pipe->stream->io, true);
}

void process_begin(struct process *p)
{
  p->child->owner = p;
  p->child->on_ended = on_ended;
  p->pid = p->child->pid;
  begin_pipe(p, &p->out);
  begin_pipe(p, &p->err);
  loop_timer_init(&p->timeout, on_timeout);
  if (p->seconds > 0) loop_timer_start(p->vm->loop, &p->timeout, p->seconds, 0, false);
  if (p->source && !deferred_wait(p->vm, &p->source->op.deferred, source_settled, &p->op.deferred.object, 0))
    process_fail(p, error_memory(p->vm));
}

// Loops over its lines

struct lines {
  struct box box;
  struct process *process;
};

struct line_wait {
  struct operation op;  // its subject is the process
  struct deferred *read;
};

static void line_came(struct lull *vm, struct waiter *w, struct deferred *d)
{
  struct operation *op = (struct operation *)(void *)w->subject;
  if (d->state == DEFERRED_RESOLVED) operation_resolve(vm, op, d->value);
  else operation_fail(vm, op, d->value);
}

static void describe_line(struct lull *vm, struct operation *op, struct buf *out)
{
  operation_describe(vm, &as_process(op->subject)->op, out);
}

// Who leaves the loop by being cancelled has no use for the process.
static void abandon_line(struct lull *vm, struct operation *op)
{
  struct deferred *read = ((struct line_wait *)op)->read;
  if (read) deferred_unwait(vm, read, &op->deferred.object);  // NULL: memory was refused as it was made
  operation_cancel(vm, &as_process(op->subject)->op);
}

static void mark_line(struct heap *heap, struct object *o)
{
  heap_mark_object(heap, ((struct line_wait *)(void *)o)->read);
}

static const struct operation_type line_type = {
  .class = { .name = "line", .is_deferred = true, .size = sizeof(struct line_wait), .mark = mark_line },
  .describe = describe_line,
  .abandon = abandon_line,
};

static enum native_status wait_line(struct call *c, struct process *p)
{
  struct line_wait *wait = operation_new(c->vm, &line_type, value_object(p));
  if (!wait) return throw_memory(c->vm);
  wait->read = stream_read(c->vm, p->out.stream, STREAM_LINE, STREAM_LINE_MAX);
  if (!wait->read) return NATIVE_THROW;
  if (!deferred_wait(c->vm, wait->read, line_came, &wait->op.deferred.object, 0)) return throw_memory(c->vm);
  return operation_wait(c, &wait->op.deferred);
}

// locals: 0 whether the last line was read, so that only the end is waited for.
static enum native_status lines_next(struct call *c)
{
  struct process *p = ((struct lines *)(void *)as_object(c->args[0]))->process;
  Value v = c->value;
  if (!is_falsy(c->locals[0])) return native_return(c, DONE);
  if (c->step == 0 && !stream_read_now(c->vm, p->out.stream, STREAM_LINE, STREAM_LINE_MAX, &v)) return wait_line(c, p);
  if (is_unset(v)) return NATIVE_THROW;
  if (!is_done(v)) return native_return(c, v);
  c->locals[0] = value_bool(true);
  if (p->op.deferred.state == DEFERRED_FAILED) return throw_value(c->vm, p->op.deferred.value);
  return operation_is_pending(&p->op) ? operation_wait(c, &p->op.deferred) : native_return(c, DONE);
}

static enum native_status lines_iterate(struct call *c) { return native_return(c, c->args[0]); }

static void mark_lines(struct heap *heap, struct object *o)
{
  heap_mark_object(heap, ((struct lines *)(void *)o)->process);
}

static const struct native lines_methods[] = {
  { "next", lines_next, 0, 0, 1, "next()",
    "Waits for the next line, and gives it; `done` at the end.\nThrows as the process fails." },
  { "iterate", lines_iterate, 0, 0, 0, "iterate()", "Itself." },
};

static const struct native_class lines_class = {
  .name = "lines",
  .doc = "The lines that a process writes, for loops.",
  .methods = lines_methods,
  .method_count = COUNT_OF(lines_methods),
  .size = sizeof(struct lines),
  .mark = mark_lines,
};

struct box *process_lines(struct process *p)
{
  if (!p->out.stream || p->out.output == OUTPUT_SHOW)
    return throw_error(p->vm, p->vm->errors.value, "the output of the process is not kept"), NULL;
  if (!operation_is_pending(&p->op) && !p->out.is_taken)
    return throw_error(p->vm, p->vm->errors.value, "the process has ended: its output is in its result"), NULL;
  struct lines *lines = box_new(p->vm, &lines_class);
  if (!lines) return throw_memory(p->vm), NULL;
  lines->process = p;
  process_take(p, &p->out);
  p->op.deferred.is_handled = true;  // the loop throws its failure
  return &lines->box;
}

// The value

static void describe(struct lull *vm, struct operation *op, struct buf *out)
{
  const struct process *p = (const struct process *)op;
  (void)vm;
  buf_puts(out, "run ");
  string_write(p->command, out);
  buf_printf(out, " (pid %d", (int)p->pid);
  if (p->child && p->child->is_stopped) buf_puts(out, ", stopped");
  if (p->has_ended && operation_is_pending(op)) buf_puts(out, ", ended, its output still open");
  buf_putc(out, ')');
}

static void abandon(struct lull *vm, struct operation *op)
{
  (void)vm;
  give_up((struct process *)op);
}

static void mark_process(struct heap *heap, struct object *o)
{
  struct process *p = (struct process *)(void *)o;
  heap_mark_object(heap, p->command);
  heap_mark_object(heap, p->in);
  heap_mark_object(heap, p->out.stream);
  heap_mark_object(heap, p->err.stream);
  heap_mark_object(heap, p->source);
  heap_mark_object(heap, p->result);
}

// Only one that never began, or has settled, is ever out of reach.
static void finish_process(struct heap *heap, struct object *o)
{
  struct process *p = (struct process *)(void *)o;
  (void)heap;
  buf_fini(&p->out.tail);
  buf_fini(&p->err.tail);
}

static struct process *self(struct call *c) { return as_process(c->args[0]); }

static enum native_status give(struct call *c, const void *object)
{
  return object ? native_return(c, value_object(object)) : NATIVE_THROW;
}

static enum native_status method_wait(struct call *c) { return give(c, process_derive(self(c), DERIVED_RESULT)); }
static enum native_status method_text(struct call *c) { return give(c, process_derive(self(c), DERIVED_TEXT)); }
static enum native_status method_lines(struct call *c) { return give(c, process_derive(self(c), DERIVED_LINES)); }
static enum native_status method_json(struct call *c) { return give(c, process_derive(self(c), DERIVED_JSON)); }
static enum native_status method_iterate(struct call *c) { return give(c, process_lines(self(c))); }

static enum native_status method_cancel(struct call *c)
{
  return return_bool(c, operation_cancel(c->vm, &self(c)->op));
}

static enum native_status method_kill(struct call *c)
{
  int number = SIGTERM;
  if (arg_has(c, 1) && !arg_signal(c, 1, &number)) return NATIVE_THROW;
  return return_bool(c, self(c)->child && loop_child_kill(self(c)->child, number));
}

static enum native_status method_resize(struct call *c)
{
  struct process *p = self(c);
  i64 cols, rows;
  if (!arg_int(c, 1, &cols) || !arg_int(c, 2, &rows)) return NATIVE_THROW;
  if (cols < 1 || rows < 1 || cols > UINT16_MAX || rows > UINT16_MAX)
    return throw_error(c->vm, c->vm->errors.value, "resize: a terminal has 1 to %d columns and rows", UINT16_MAX);
  if (!p->is_terminal)
    return throw_error(c->vm, c->vm->errors.value, "resize: the process was not run with `pty: true`");
  struct winsize size = { .ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows };
  bool ok = loop_stream_is_open(&p->out.stream->io) && ioctl(p->out.stream->io.fd, TIOCSWINSZ, &size) == 0;
  return return_bool(c, ok);
}

static enum native_status get_pid(struct call *c) { return return_int(c, self(c)->pid); }
static enum native_status get_command(struct call *c) { return native_return(c, value_object(self(c)->command)); }

static enum native_status get_stdin(struct call *c)
{
  return native_return(c, self(c)->in ? value_object(self(c)->in) : NIL);
}

static enum native_status get_pipe(struct call *c, struct process_pipe *pipe)
{
  process_take(self(c), pipe);
  return native_return(c, pipe->stream ? value_object(pipe->stream) : NIL);
}

static enum native_status get_out(struct call *c) { return get_pipe(c, &self(c)->out); }
static enum native_status get_err(struct call *c) { return get_pipe(c, &self(c)->err); }

static const struct native methods[] = {
  { "text", method_text, 0, 0, 0, "text()",
    "A deferred of its whole standard output as a string, without the last line end.\n"
    "Fails as the process does. `await run(\"date\").text()`" },
  { "lines", method_lines, 0, 0, 0, "lines()",
    "A deferred of the list of lines it writes.\n"
    "A loop over the process itself gets them as they come. `await run(\"ls\").lines()`" },
  { "json", method_json, 0, 0, 0, "json()", "A deferred of the value that its output is the JSON text of." },
  { "wait", method_wait, 0, 0, 0, "wait()", "A deferred of its result, whatever its status is." },
  { "kill", method_kill, 0, 1, 0, "kill(signal = \"TERM\")",
    "Sends a signal, by name or number, to it and all it has started; false if they are gone." },
  { "cancel", method_cancel, 0, 0, 0, "cancel()",
    "Ends it and all it has started: TERM, and KILL two seconds later to what is left; false if it has ended.\n"
    "Who awaits it gets Cancelled at once." },
  { "resize", method_resize, 2, 2, 0, "resize(cols, rows)", "Changes the size of its terminal (`pty: true`)." },
  { "iterate", method_iterate, 0, 0, 0, "iterate()",
    "The lines of its standard output as they come; the end of the loop throws as the process fails.\n"
    "It waits for the loop where that is slower. `for line in run(\"git\", \"log\") { print(line) }`" },
};

static const struct native getters[] = {
  { "pid", get_pid, 0, 0, 0, "pid", "The number the system gave it." },
  { "command", get_command, 0, 0, 0, "command", "The command, as a person would type it." },
  { "stdin", get_stdin, 0, 0, 0, "stdin", "Its standard input as a stream (`stdin: true`); nil." },
  { "out", get_out, 0, 0, 0, "out",
    "Its standard output as a stream.\nWhat is read there is in no result, and what is not read keeps it waiting." },
  { "err", get_err, 0, 0, 0, "err", "Its standard error as a stream, instead of being shown." },
};

const struct operation_type process_type = {
  .class = {
    .name = "process",
    .doc = "A program that runs. Awaited it gives its result, or throws a ProcessError.",
    .methods = methods,
    .method_count = COUNT_OF(methods),
    .getters = getters,
    .getter_count = COUNT_OF(getters),
    .is_deferred = true,
    .size = sizeof(struct process),
    .mark = mark_process,
    .finish = finish_process,
  },
  .is_effect = true,
  .describe = describe,
  .abandon = abandon,
};

static enum native_status process_find(struct call *c)
{
  const char *name;
  struct buf path;
  if (!arg_cstring(c, 0, &name)) return NATIVE_THROW;
  buf_init(&path, &c->vm->alloc);
  int error = program_find(c->vm, name, &path);
  if (!error) return return_text(c, &path);
  buf_fini(&path);
  return native_return(c, NIL);
}

static const struct native natives[] = {
  { "run", process_run, 1, NATIVE_REST, 0,
    "run(program, ...args, cwd = nil, env = nil, stdin = nil, out = \"keep\", err = \"show\", timeout = nil, check = true, "
    "pty = false)",
    "Starts a program and gives the process: await it for its result. Also simply `run`.\n"
    "Arguments are strings, numbers, bytes, or lists of them; each arrives as it is, no shell looks at it. Options are given "
    "by name. `cwd`: its folder. `env`: a map of variables over those of os.env (nil takes one away). `stdin`: a string or "
    "bytes, another process or a stream whose output it reads, or true for `p.stdin` to write to; else its input is empty. "
    "`out`: \"keep\" for the result, \"show\" as output of the cell, \"none\". `err`: \"show\", \"keep\", \"merge\" with out, "
    "\"none\". `timeout`: seconds after which it is ended, a TimeoutError. `check`: whether a status other than 0 is a "
    "ProcessError, with .status, .signal, .out, .err and .command. `pty`: true, or [cols, rows], for a terminal of its own. "
    "Throws an IOError where it cannot be started. `run(a) |> run(b)` makes a pipe: a's output is b's input.\n"
    "    await run(\"git\", \"log\", \"-1\", cwd: \"/src\").text()" },
  { "sh", process_sh, 1, NATIVE_REST, 0,
    "sh(...command, cwd = nil, env = nil, stdin = nil, out = \"keep\", err = \"show\", timeout = nil, check = true, pty = false)",
    "Runs a command of the shell (/bin/sh); else as run. Also simply `sh`.\n"
    "The command is a literal in the call. What `${ }` puts in is one word, whatever is in it, or one for each element of a "
    "list: the shell never parses it.\n"
    "    await sh(\"grep -c ${text} *.c | sort\").lines()" },
  { "find", process_find, 1, 1, 0, "find(name)",
    "The path of the program that `run(name)` would run; nil where there is none in PATH." },
};

bool process_open(struct lull *vm)
{
  struct module *m = vm_define_module(vm, "process", natives, COUNT_OF(natives));
  for (size_t i = 0; m && i < 2; i++) {
    struct string *name = vm_intern(vm, natives[i].name);
    const struct cell *cell = name ? module_find(m, name) : NULL;
    if (!cell || !vm_define(vm, natives[i].name, cell->value)) return false;
    if (natives[i].fn == process_sh) as_object(cell->value)->flags |= NATIVE_QUOTES;
  }
  return m;
}
