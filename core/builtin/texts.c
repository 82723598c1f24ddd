#include "builtin/texts.h"

#include "vm/errors.h"

struct printer *texts_begin(struct call *c, u32 local, bool is_quoted)
{
  struct printer *p = printer_new(c->heap, UNSET, c->vm->known.to_string, is_quoted, SIZE_MAX);
  c->locals[local] = value_object(p);
  return p;
}

static enum part step(struct call *c, struct printer *p)
{
  enum print_status status;
  do status = printer_step(c->heap, p);
  while (status == PRINT_AGAIN && !native_must_stop(c));
  if (status == PRINT_AGAIN) return PART_THROW;
  if (status == PRINT_DONE) return PART_DONE;
  if (status == PRINT_CALL) {
    return native_call_method(c, p->subject, p->method, NULL, 0) == NATIVE_CALL ? PART_CALL : PART_THROW;
  }
  throw_memory(c->vm);
  return PART_THROW;
}

enum part texts_put(struct call *c, u32 local, Value v)
{
  struct printer *p = texts_printer(c, local);
  p->value = v;
  return step(c, p);
}

enum part texts_resume(struct call *c, u32 local)
{
  struct printer *p = texts_printer(c, local);
  if (!IS_STRING(c->value)) {
    throw_error(c->vm, c->vm->errors.type, "`to_string` must return a string, not %s", type_name(c->vm, c->value));
    return PART_THROW;
  }
  printer_answer(c->heap, p, AS_STRING(c->value));
  return step(c, p);
}

enum native_status texts_return(struct call *c, u32 local)
{
  struct printer *p = texts_printer(c, local);
  struct string *s = p->out.failed ? NULL : string_from_buf(c->heap, &p->out);
  buf_fini(&p->out);
  return return_object(c, s);
}
