// Checking and running text.
#include "api/value.h"
#include "syntax/compile.h"
#include "syntax/driver.h"
#include "syntax/source.h"
#include "syntax/tree.h"
#include "vm/deferred.h"
#include "vm/host.h"
#include "vm/state.h"

// Where nothing could be said of a text that is not run, it was for want of memory.
static void say_why(struct buf *messages, const char *name)
{
  if (messages && messages->len == 0) buf_printf(messages, "%s: out of memory\n", name);
}

enum lull_syntax lull_check(struct lull *vm, const char *name, const char *text, size_t len, struct buf *messages)
{
  struct source *source = source_create(&vm->alloc, name, text, len);
  if (!source) {
    say_why(messages, name);
    return LULL_WRONG;
  }
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &vm->alloc);
  enum syntax_status status = syntax_check(source, &diagnostics);
  if (status == SYNTAX_ERROR && messages) diagnostics_render(&diagnostics, source, messages);
  if (status == SYNTAX_ERROR) say_why(messages, name);
  diagnostics_fini(&diagnostics);
  source_unref(source);
  return status == SYNTAX_COMPLETE ? LULL_COMPLETE : status == SYNTAX_MORE ? LULL_MORE : LULL_WRONG;
}

static struct proto *compile_source(struct lull *vm, struct source *source, int flags, struct diagnostics *diagnostics)
{
  enum syntax_status status = syntax_check(source, diagnostics);
  if (status != SYNTAX_COMPLETE) return NULL;
  enum compile_mode file = flags & LULL_KEEP ? COMPILE_MODULE : COMPILE_FILE;
  struct compile_options options = { .mode = flags & LULL_CELL ? COMPILE_CELL : file,
                                     .wants_value = flags & (LULL_ECHO | LULL_CELL) };
  return compile(&vm->heap, &vm->names, &vm->protos, vm->main, source, options, diagnostics);
}

static struct proto *compile_text(struct lull *vm, const char *name, const char *text, size_t len, int flags,
                                  struct buf *messages)
{
  if (!vm->sched.is_running) vm_take_stop(vm);  // a stop that came while nothing computed is for nobody
  struct source *source = vm->is_ending ? NULL : source_create(&vm->alloc, name, text, len);
  if (!source) return NULL;
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &vm->alloc);
  struct proto *proto = compile_source(vm, source, flags, &diagnostics);
  if (messages) diagnostics_render(&diagnostics, source, messages);
  diagnostics_fini(&diagnostics);
  source_unref(source);
  return proto;
}

struct lull_value lull_compile(struct lull *vm, const char *name, const char *text, size_t len, int flags,
                               struct buf *messages)
{
  struct proto *proto = compile_text(vm, name, text, len, flags, messages);
  if (!proto) say_why(messages, name);
  return object_out(proto ? closure_new(&vm->heap, proto, NULL, 0) : NULL);
}

enum lull_started lull_run(struct lull *vm, uint64_t tag, const char *name, const char *text, size_t len, int flags,
                           struct buf *messages)
{
  Value callee = value_in(lull_compile(vm, name, text, len, flags, messages));
  if (is_unset(callee)) return LULL_NOT_PARSED;
  // Scripts show a string as print does, a session as a literal.
  Value echo[] = { callee, value_bool(flags & LULL_CELL) };
  struct task *task = flags & LULL_ECHO ? task_new(vm, vm->echo, echo, 2, tag) : task_new(vm, callee, NULL, 0, tag);
  if (!task) {
    if (messages) buf_clear(messages);  // warnings, where there were any
    say_why(messages, name);
    return LULL_NOT_PARSED;
  }
  task->is_main = true;
  host_hold(vm);
  sched_run_now(vm, task->fiber);
  host_leave(vm);
  return LULL_STARTED;
}

bool lull_set_args(struct lull *vm, int argc, char *const argv[])
{
  struct list *args = list_new(&vm->heap, (u32)argc);
  for (int i = 0; args && i < argc; i++) {
    size_t len = strlen(argv[i]);
    struct string *s = string_new(&vm->heap, argv[i], len);
    if (!s || !list_push(&vm->heap, args, value_object(s))) return false;
  }
  return args && vm_define(vm, "args", value_object(args));
}
