#include "builtin/compare.h"

#include "value/equal.h"
#include "value/number.h"
#include "vm/errors.h"

#define ORDER_DEPTH 32  // lists in lists

static int sign(i64 n) { return (n > 0) - (n < 0); }

static bool is_nan(Value v) { return is_float(v) && as_float(v) != as_float(v); }

static int order_numbers(struct call *c, Value a, Value b)
{
  if (is_int(a) && is_int(b)) return sign((as_int(a) > as_int(b)) - (as_int(a) < as_int(b)));
  int order = number_compare(c->heap, a, b);
  return order == 2 ? is_nan(a) - is_nan(b) : order;
}

// What needs no call. False: not to be ordered this way.
static bool order_simple(struct call *c, Value a, Value b, u32 depth, int *order)
{
  if (is_number(a) && is_number(b)) {
    *order = order_numbers(c, a, b);
  } else if (IS_STRING(a) && IS_STRING(b)) {
    *order = string_compare(c->heap, AS_STRING(a), AS_STRING(b));
  } else if (IS_BYTES(a) && IS_BYTES(b)) {
    *order = bytes_compare(AS_BYTES(a), AS_BYTES(b));
  } else if (is_bool(a) && is_bool(b)) {
    *order = !is_falsy(a) - !is_falsy(b);
  } else if (IS_LIST(a) && IS_LIST(b) && depth < ORDER_DEPTH) {
    struct list *x = AS_LIST(a), *y = AS_LIST(b);
    *order = 0;
    for (u32 i = 0; i < x->len && i < y->len && *order == 0; i++) {
      if (!order_simple(c, x->items[i], y->items[i], depth + 1, order)) return false;
    }
    if (*order == 0) *order = sign((i64)x->len - y->len);
  } else {
    return false;
  }
  return true;
}

enum part order_ask(struct call *c, Value a, Value b, int *order)
{
  if (order_simple(c, a, b, 0, order)) return PART_DONE;
  Value method = IS_INSTANCE(a) ? class_find_method(AS_INSTANCE(a)->class, c->vm->known.compare) : UNSET;
  if (is_unset(method)) {
    const char *hint = IS_INSTANCE(a) ? " (its class has no method `compare`)" : "";
    throw_error(c->vm, c->vm->errors.type, "cannot order %s and %s%s", type_name(c->vm, a), type_name(c->vm, b), hint);
    return PART_THROW;
  }
  return native_call_method(c, a, method, &b, 1) == NATIVE_CALL ? PART_CALL : PART_THROW;
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
  while (status == EQUAL_AGAIN);
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
