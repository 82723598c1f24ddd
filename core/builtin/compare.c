#include "builtin/compare.h"

#include "value/equal.h"
#include "value/number.h"
#include "vm/errors.h"
#include "vm/order.h"

enum part order_ask(struct call *c, Value a, Value b, int *order)
{
  Value callee, args[] = { a, b, TRUE };
  switch (order_values(c->vm, a, b, true, order, &callee)) {
  case ORDER_KNOWN: return PART_DONE;
  case ORDER_CALL: return native_call(c, callee, args, IS_LIST(a) ? 3 : 2) == NATIVE_CALL ? PART_CALL : PART_THROW;
  case ORDER_NONE: break;
  }
  order_throw(c->vm, a, b);
  return PART_THROW;
}

bool order_answer(struct call *c, Value answer, int *order)
{
  if (!is_number(answer)) {
    throw_error(c->vm, c->vm->errors.type, "a comparison must give a number (negative, 0 or positive), not %s",
                type_name(c->vm, answer));
    return false;
  }
  int n = number_compare(c->heap, answer, value_int(0));
  *order = n == 2 ? 0 : n;
  return true;
}

static enum part step(struct call *c, u32 local, bool *is_equal)
{
  struct equal_state *s = (struct equal_state *)(void *)as_object(c->locals[local]);
  enum equal_status status;
  do status = equal_step(c->heap, s);
  while (status == EQUAL_AGAIN && !native_must_stop(c));
  if (status == EQUAL_AGAIN) return PART_THROW;
  if (status == EQUAL_CALL) {
    return native_call_method(c, s->left, s->method, &s->right, 1) == NATIVE_CALL ? PART_CALL : PART_THROW;
  }
  c->locals[local] = NIL;
  if (status == EQUAL_FAILED) {
    throw_memory(c->vm);
    return PART_THROW;
  }
  *is_equal = status == EQUAL_YES;
  return PART_DONE;
}

enum part equal_ask(struct call *c, u32 local, Value a, Value b, bool *is_equal)
{
  if (value_equal_simple(c->heap, a, b, is_equal)) return PART_DONE;
  c->locals[local] = value_object(equal_new(c->heap, a, b, c->vm->known.equals));
  return step(c, local, is_equal);
}

enum part equal_resume(struct call *c, u32 local, bool *is_equal)
{
  equal_answer((struct equal_state *)(void *)as_object(c->locals[local]), !is_falsy(c->value));
  return step(c, local, is_equal);
}
