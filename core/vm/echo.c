// The frame under a run whose value the host is shown: calls the body, then makes the text of its value, which may
// call to_string.
#include "vm/echo.h"

#include "value/print.h"
#include "vm/host.h"

static enum native_status show(struct call *c, Value v, const struct buf *text)
{
  struct lull *vm = c->vm;
  struct lull_ref ref = { .vm = vm, .value = v, .holds = 1 };
  struct lull_shown shown = {
    .value = &ref, .form = LULL_TEXT, .text = buf_text(text), .len = text->len, .is_echo = true
  };
  host_show(vm, &shown);
  return native_return(c, v);
}

static enum native_status print(struct call *c)
{
  struct printer *p = (struct printer *)as_object(c->locals[1]);
  for (;;) {
    switch (printer_step(c->heap, p)) {
    case PRINT_DONE: return show(c, c->locals[0], &p->out);
    case PRINT_CALL: return native_call(c, p->method, &p->subject, 1);
    case PRINT_AGAIN:
      if (native_must_stop(c)) return NATIVE_THROW;
      break;
    case PRINT_FAILED: return throw_memory(c->vm);
    }
  }
}

// locals: 0 the value, 1 the printer.
static enum native_status echo(struct call *c)
{
  if (c->step == 0) return native_call(c, c->args[0], NULL, 0);
  if (c->step == 1) {
    if (is_nil(c->value)) return native_return(c, NIL);
    // What display gives was just shown.
    if (is_kind(c->value, KIND_DISPLAY)) return native_return(c, c->value);
    c->locals[0] = c->value;
    c->locals[1] =
        value_object(printer_new(c->heap, c->value, c->vm->known.to_string, c->args[1].tag == TAG_TRUE, SIZE_MAX));
    return print(c);
  }
  if (!IS_STRING(c->value))
    return throw_error(c->vm, c->vm->errors.type, "`to_string` must return a string, not %s",
                       type_name(c->vm, c->value));
  printer_answer(c->heap, (struct printer *)as_object(c->locals[1]), AS_STRING(c->value));
  return print(c);
}

static const struct native echo_native = {
  .name = "echo", .fn = echo, .required = 2, .max = 2, .locals = 2, .usage = "echo(f, is_quoted)"
};

bool echo_open(struct lull *vm)
{
  vm->echo = native_value(vm, &echo_native, vm->known.call, 0);
  return true;
}
