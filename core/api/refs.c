// Values in the host's hands, and their texts.
#include "api/value.h"
#include "base/utf8.h"
#include "value/number.h"
#include "value/print.h"
#include "vm/deferred.h"

static struct lull_ref *hold(struct lull *vm, Value v)
{
  struct lull_ref *own = mem_alloc(&vm->alloc, sizeof *own);
  if (!own) return NULL;
  *own = (struct lull_ref){ .vm = vm, .value = v, .holds = 1, .next = vm->refs };
  if (vm->refs) vm->refs->prev = own;
  vm->refs = own;
  return own;
}

struct lull_ref *lull_ref_new(struct lull *vm, struct lull_value v) { return hold(vm, value_in(v)); }

struct lull_value lull_ref_value(const struct lull_ref *ref) { return value_out(ref->value); }

struct lull_ref *lull_ref_keep(struct lull *vm, struct lull_ref *ref)
{
  // A borrowed ref lives on the caller's stack: the first hold makes one of its own.
  if (ref->next || ref->prev || vm->refs == ref) {
    ref->holds++;
    return ref;
  }
  return hold(vm, ref->value);
}

void lull_ref_release(struct lull *vm, struct lull_ref *ref)
{
  if (!ref || --ref->holds > 0) return;
  if (ref->prev) ref->prev->next = ref->next;
  else vm->refs = ref->next;
  if (ref->next) ref->next->prev = ref->prev;
  mem_free(&vm->alloc, ref, sizeof *ref);
}

bool lull_set(struct lull *vm, const char *name, struct lull_ref *value)
{
  struct string *interned = vm_intern(vm, name);
  return interned && module_define(&vm->heap, vm->main, interned, value->value);
}

void lull_unset(struct lull *vm, const char *name)
{
  struct string *interned = vm_intern(vm, name);
  if (interned) table_remove(&vm->main->names, interned);
}

int64_t lull_to_int(struct lull_ref *ref, int64_t otherwise)
{
  return is_int(ref->value) ? as_int(ref->value) : otherwise;
}

void lull_inspect(struct lull *vm, struct lull_ref *ref, size_t max, struct buf *out)
{
  if (value_print_simple(&vm->heap, ref->value, true, out)) return;
  struct printer *p = printer_new(&vm->heap, ref->value, NULL, true, max);
  enum print_status status;
  do status = printer_step(&vm->heap, p);
  while (status == PRINT_AGAIN);
  buf_append(out, buf_text(&p->out), p->out.len);
}

void lull_report(struct lull *vm, struct lull_ref *error, struct buf *out) { error_report(vm, error->value, out); }

static bool is_of(struct lull_ref *error, const struct class *class)
{
  return IS_INSTANCE(error->value) && class_is_below(AS_INSTANCE(error->value)->class, class);
}

bool lull_is_interrupt(struct lull *vm, struct lull_ref *error) { return is_of(error, vm->errors.interrupted); }

bool lull_is_cancel(struct lull *vm, struct lull_ref *error) { return is_of(error, vm->errors.cancelled); }

bool lull_answer(struct lull *vm, struct lull_ref *question, const char *text, size_t len)
{
  if (!text) return deferred_fulfil(vm, as_deferred(question->value), NIL);
  size_t valid = utf8_valid_prefix(text, len);
  if (valid < len) return lull_refuse(vm, question, "the line that was read is no UTF-8");
  struct string *line = string_new(&vm->heap, text, len);
  return line ? deferred_fulfil(vm, as_deferred(question->value), value_object(line))
              : lull_refuse(vm, question, "the line is too long");
}

bool lull_refuse(struct lull *vm, struct lull_ref *question, const char *message)
{
  struct instance *error = error_new(vm, vm->errors.io, string_from(&vm->heap, message));
  return deferred_fail(vm, as_deferred(question->value), value_object(error));
}
