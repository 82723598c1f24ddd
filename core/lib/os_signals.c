// os.signals: signals that come, for loops.
#include <errno.h>

#include "builtin/reply.h"
#include "lib/lib.h"
#include "lib/os.h"
#include "lib/process.h"
#include "loop/signal.h"
#include "vm/operation.h"

struct signals;

struct signal_watch {
  struct loop_signal watcher;
  bool has_come;  // and was not handed out
};

struct signals {
  struct box box;
  struct lull *vm;
  struct operation *wait;  // of next(); NULL: nobody waits
  u32 count;
  struct signal_watch *watches;
};

static bool init_signals(struct lull *vm, void *part)
{
  loop_signals_init(part, vm->loop, &vm->alloc);
  return true;
}

static void fini_signals(struct lull *vm, void *part)
{
  (void)vm;
  loop_signals_fini(part);
}

static const struct vm_part_type part_type = { sizeof(struct loop_signals), init_signals, fini_signals };

static struct signals *self(struct call *c) { return (struct signals *)(void *)as_object(c->args[0]); }

static Value name_of(struct lull *vm, int number)
{
  const char *name = signal_name(number);
  struct string *s = name ? vm_intern(vm, name) : NULL;
  return s ? value_object(s) : value_int(number);
}

static void came(struct loop_signal *watcher)
{
  struct signals *s = watcher->owner;
  if (!s->wait) {
    CONTAINER_OF(watcher, struct signal_watch, watcher)->has_come = true;
    return;
  }
  struct operation *wait = s->wait;
  s->wait = NULL;
  operation_resolve(s->vm, wait, name_of(s->vm, watcher->number));
}

static void stop(struct signals *s)
{
  for (u32 i = 0; i < s->count; i++) loop_signal_stop(&s->watches[i].watcher);
}

static bool is_open(const struct signals *s) { return s->count && s->watches[0].watcher.entry; }

static void mark_signals(struct heap *heap, struct object *o)
{
  heap_mark_object(heap, ((struct signals *)(void *)o)->wait);
}

static void finish_signals(struct heap *heap, struct object *o)
{
  struct signals *s = (struct signals *)(void *)o;
  (void)heap;
  stop(s);
  mem_free(&s->vm->alloc, s->watches, s->count * sizeof *s->watches);
}

static void print_names(const struct signals *s, struct buf *out)
{
  for (u32 i = 0; i < s->count; i++) {
    const char *name = signal_name(s->watches[i].watcher.number);
    buf_puts(out, i ? ", " : "");
    if (name) buf_puts(out, name);
    else buf_printf(out, "%d", s->watches[i].watcher.number);
  }
}

static void print_signals(struct heap *heap, struct object *o, struct buf *out)
{
  const struct signals *s = (const struct signals *)(const void *)o;
  (void)heap;
  buf_puts(out, "<signals: ");
  print_names(s, out);
  buf_puts(out, is_open(s) ? ">" : ", closed>");
}

// Waiting for the next

static void describe_wait(struct lull *vm, struct operation *op, struct buf *out)
{
  (void)vm;
  buf_puts(out, "signal ");
  print_names((struct signals *)(void *)as_object(op->subject), out);
}

static void abandon_wait(struct lull *vm, struct operation *op)
{
  (void)vm;
  ((struct signals *)(void *)as_object(op->subject))->wait = NULL;
}

static const struct operation_type wait_type = {
  .class = { .name = "signal", .is_deferred = true, .size = sizeof(struct operation) },
  .describe = describe_wait,
  .abandon = abandon_wait,
};

static enum native_status signals_next(struct call *c)
{
  struct signals *s = self(c);
  if (c->step > 0) return native_return(c, c->value);
  for (u32 i = 0; i < s->count; i++) {
    if (!s->watches[i].has_come) continue;
    s->watches[i].has_come = false;
    return native_return(c, name_of(c->vm, s->watches[i].watcher.number));
  }
  if (!is_open(s)) return native_return(c, DONE);
  if (!s->wait) s->wait = operation_new(c->vm, &wait_type, c->args[0]);
  if (!s->wait) return throw_memory(c->vm);
  heap_barrier(c->heap, s);
  return operation_wait(c, &s->wait->deferred);
}

static enum native_status signals_iterate(struct call *c) { return native_return(c, c->args[0]); }

static enum native_status signals_close(struct call *c)
{
  struct signals *s = self(c);
  struct operation *wait = s->wait;
  s->wait = NULL;
  stop(s);
  if (wait) operation_resolve(c->vm, wait, DONE);
  return native_return(c, NIL);
}

static const struct native methods[] = {
  { "next", signals_next, 0, 0, 0, "next()", "Waits for the next signal, and gives its name; `done` once closed." },
  { "iterate", signals_iterate, 0, 0, 0, "iterate()", "Itself." },
  { "close", signals_close, 0, 0, 0, "close()", "Ends the loops over it; the signals do again what they did before." },
};

static const struct native_class signals_class = {
  .name = "signals",
  .doc = "Signals that come, for loops.",
  .methods = methods,
  .method_count = COUNT_OF(methods),
  .size = sizeof(struct signals),
  .mark = mark_signals,
  .finish = finish_signals,
  .print = print_signals,
};

static bool watch(struct call *c, struct loop_signals *all, struct signals *s, u32 i)
{
  int number;
  struct loop_signal *watcher = &s->watches[i].watcher;
  if (!arg_signal(c, i, &number)) return false;
  watcher->owner = s;
  if (loop_signal_start(all, watcher, number, came)) return true;
  bool is_taken = errno == EBUSY;
  const char *name = signal_name(number);
  throw_error(c->vm, c->vm->errors.value, "os.signals: %s %s", name ? name : "that signal",
              is_taken ? "is watched by another state of this process" : "cannot be watched");
  return false;
}

enum native_status os_signals(struct call *c)
{
  struct loop_signals *all = vm_part(c->vm, &part_type);
  struct signals *s = all ? box_new(c->vm, &signals_class) : NULL;
  if (!s) return throw_memory(c->vm);
  s->vm = c->vm;
  s->watches = mem_alloc_zero(&c->vm->alloc, c->count * sizeof *s->watches);
  if (!s->watches) return throw_memory(c->vm);
  s->count = c->count;
  for (u32 i = 0; i < c->count; i++) {
    if (watch(c, all, s, i)) continue;
    stop(s);
    return NATIVE_THROW;
  }
  return native_return(c, value_object(s));
}
