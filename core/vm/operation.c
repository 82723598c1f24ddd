#include "vm/operation.h"

#include <errno.h>
#include <ev.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "base/sys.h"
#include "vm/state.h"

static struct operation *operation_of(struct object *o) { return (struct operation *)(void *)o; }

static void mark_operation(struct heap *heap, struct object *o)
{
  struct operation *op = operation_of(o);
  heap->kinds[KIND_DEFERRED].mark(heap, o);
  heap_mark_object(heap, op->class);
  heap_mark(heap, op->subject);
  heap_mark_object(heap, op->place_proto);
  if (op->type && op->type->class.mark) op->type->class.mark(heap, o);
}

void operation_update(struct lull *vm, struct operation *op)
{
  bool is_ref = operation_is_pending(op) && operation_is_active(op);
  if (is_ref == op->is_ref) return;
  op->is_ref = is_ref;
  if (is_ref) ev_ref(vm->loop);
  else ev_unref(vm->loop);
}

void operation_set_effect(struct lull *vm, struct operation *op, bool is_effect)
{
  op->is_effect = is_effect;
  operation_update(vm, op);
}

static void unlist(struct lull *vm, struct operation *op)
{
  if (op->prev) op->prev->next = op->next;
  else if (vm->sched.operations == op) vm->sched.operations = op->next;
  else return;
  if (op->is_ref) ev_unref(vm->loop);
  op->is_ref = false;
  if (op->next) op->next->prev = op->prev;
  op->next = op->prev = NULL;
}

static void finish_operation(struct heap *heap, struct object *o)
{
  struct operation *op = operation_of(o);
  unlist(CONTAINER_OF(heap, struct lull, heap), op);
  if (op->type && op->type->class.finish) op->type->class.finish(heap, o);
  heap->kinds[KIND_DEFERRED].finish(heap, o);
}

static void print_operation(struct heap *heap, struct object *o, struct buf *out)
{
  struct operation *op = operation_of(o);
  static const char *const states[] = { "", ", done", ", failed" };
  if (op->type->class.print) {
    op->type->class.print(heap, o, out);
    return;
  }
  buf_printf(out, "<%s #%u", op->type->class.name, op->deferred.id);
  buf_puts(out, ": ");
  operation_describe(CONTAINER_OF(heap, struct lull, heap), op, out);
  buf_printf(out, "%s>", states[op->deferred.state]);
}

void operation_register(struct heap *heap)
{
  heap_register(heap, KIND_OPERATION,
                (struct heap_kind){ .name = "operation",
                                    .mark = mark_operation,
                                    .finish = finish_operation,
                                    .print = print_operation });
}

// Notes who begins it and where, and lists it.
static void begin(struct lull *vm, struct operation *op)
{
  op->started = vm->sched.now;
  const struct fiber *f = vm->fiber;
  if (f && f->base && IS_CLOSURE(f->base[-2])) {
    op->place_proto = AS_CLOSURE(f->base[-2])->proto;
    op->place_word = (u32)(f->pc - op->place_proto->code - 1);
  }
  op->next = vm->sched.operations;
  if (op->next) op->next->prev = op;
  vm->sched.operations = op;
  operation_update(vm, op);
}

void operation_again(struct lull *vm, struct operation *op)
{
  op->deferred.state = DEFERRED_PENDING;
  op->deferred.is_handled = false;
  op->deferred.value = NIL;
  op->deferred.tag = vm_tag(vm);
  begin(vm, op);
  heap_barrier(&vm->heap, op);
}

void *operation_new(struct lull *vm, const struct operation_type *type, Value subject)
{
  struct class *class = native_class(vm, &type->class);
  struct operation *op = class ? heap_try_new(&vm->heap, KIND_OPERATION, type->class.size) : NULL;
  if (!op) return NULL;
  op->deferred.object.shape = class->shape;
  deferred_init(vm, &op->deferred, vm_tag(vm));
  op->type = type;
  op->class = class;
  op->subject = subject;
  op->is_effect = type->is_effect;
  begin(vm, op);
  return op;
}

void operation_resolve(struct lull *vm, struct operation *op, Value value)
{
  if (!operation_is_pending(op)) return;
  if (UNLIKELY(vm->heap.exhausted)) {  // as [value] was made: who waits for it is told, no other
    operation_fail(vm, op, error_memory(vm));
    return;
  }
  unlist(vm, op);
  deferred_fulfil(vm, &op->deferred, value);
  sched_wake(vm);
}

void operation_fail(struct lull *vm, struct operation *op, Value error)
{
  if (!operation_is_pending(op)) return;
  unlist(vm, op);
  if (!op->deferred.is_handled) error_started(vm, error, op->deferred.tag, op->place_proto, op->place_word);
  deferred_fail(vm, &op->deferred, error);
  sched_wake(vm);
}

bool operation_cancel(struct lull *vm, struct operation *op)
{
  if (!operation_is_pending(op)) return false;
  unlist(vm, op);
  if (op->type->abandon) op->type->abandon(vm, op);
  op->deferred.is_handled = true;
  struct string *message = string_from(&vm->heap, "cancelled");
  deferred_fail(vm, &op->deferred, value_object(error_new(vm, vm->errors.cancelled, message)));
  sched_wake(vm);
  return true;
}

void operation_unwanted(struct lull *vm, struct operation *op) { operation_cancel(vm, op); }

void operation_describe(struct lull *vm, struct operation *op, struct buf *out)
{
  if (op->type->describe) op->type->describe(vm, op, out);
  else buf_puts(out, op->type->class.name);
}

bool operation_is_active(const struct operation *op)
{
  return op->is_effect || op->deferred.first.wake || op->deferred.more;
}

// The name of an errno, "ECONNREFUSED"; NULL where there is none.
static const char *code_name(int error)
{
#ifdef __GLIBC__
  return strerrorname_np(error);
#else
  (void)error;
  return NULL;
#endif
}

static Value coded_error(struct lull *vm, Value code, struct buf *text)
{
  size_t len = utf8_valid_prefix(buf_text(text), text->len);
  struct instance *e = error_new(vm, vm->errors.io, string_new(&vm->heap, buf_text(text), len));
  buf_fini(text);
  if (!instance_set(&vm->heap, &vm->shapes, e, vm->known.code, code)) vm->heap.exhausted = true;
  return value_object(e);
}

static Value io_error(struct lull *vm, int error, struct buf *text)
{
  const char *name = code_name(error);
  struct string *code = name ? vm_intern(vm, name) : NULL;
  return coded_error(vm, code ? value_object(code) : value_int(error), text);
}

static PRINTF_LIKE(3, 0) Value errno_error(struct lull *vm, int error, const char *format, va_list args)
{
  struct buf text;
  buf_init(&text, &vm->alloc);
  buf_vprintf(&text, format, args);
  buf_printf(&text, ": %s", strerror(error));
  if (error == EPERM && sys_is_denied(SYS_FILES | SYS_NET | SYS_RUN)) buf_puts(&text, " (denied to this run)");
  return io_error(vm, error, &text);
}

Value error_with_errno(struct lull *vm, int error, const char *format, ...)
{
  struct buf text;
  va_list args;
  buf_init(&text, &vm->alloc);
  va_start(args, format);
  buf_vprintf(&text, format, args);
  va_end(args);
  return io_error(vm, error, &text);
}

Value error_with_code(struct lull *vm, const char *code, const char *format, ...)
{
  struct buf text;
  va_list args;
  buf_init(&text, &vm->alloc);
  va_start(args, format);
  buf_vprintf(&text, format, args);
  va_end(args);
  struct string *name = vm_intern(vm, code);
  return coded_error(vm, name ? value_object(name) : NIL, &text);
}

Value error_from_errno(struct lull *vm, int error, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  Value v = errno_error(vm, error, format, args);
  va_end(args);
  return v;
}

enum native_status throw_errno(struct call *c, int error, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  Value v = errno_error(c->vm, error, format, args);
  va_end(args);
  return throw_value(c->vm, v);
}

void operation_fail_errno(struct lull *vm, struct operation *op, int error, const char *format, ...)
{
  if (!operation_is_pending(op)) return;
  va_list args;
  va_start(args, format);
  operation_fail(vm, op, errno_error(vm, error, format, args));
  va_end(args);
}

enum native_status operation_wait(struct call *c, struct deferred *d)
{
  c->again = true;
  return sched_wait(c->vm, c->vm->fiber, d) ? NATIVE_SUSPEND : throw_memory(c->vm);
}

struct task *call_later(struct lull *vm, Value callee, const Value *args, u32 count, u64 tag)
{
  struct task *t = task_new(vm, callee, args, count, tag);
  if (!t) return NULL;
  sched_start(vm, t->fiber);
  return t;
}
