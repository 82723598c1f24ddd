#include "vm/order.h"

#include "value/bytes.h"
#include "value/equal.h"
#include "value/number.h"
#include "vm/state.h"

#define QUICK_DEPTH 8        // lists in lists that are compared without further ado
#define DEPTH_MAX 1000000u  // lists in lists; those that hold themselves have no end

// Beyond ORDER_KNOWN, ORDER_CALL (of `compare`) and ORDER_NONE: two lists.
#define ORDER_LISTS (ORDER_NONE + 1)

static int sign(i64 n) { return (n > 0) - (n < 0); }

static bool is_nan(Value v) { return is_float(v) && as_float(v) != as_float(v); }

static int order_numbers(struct heap *heap, Value a, Value b, bool is_total)
{
  if (is_int(a) && is_int(b)) return (as_int(a) > as_int(b)) - (as_int(a) < as_int(b));
  int order = number_compare(heap, a, b);
  return order == ORDER_UNORDERED && is_total ? is_nan(a) - is_nan(b) : order;
}

// Equal without asking the program, however they may be ordered.
static bool is_equal(struct lull *vm, Value a, Value b)
{
  bool equal;
  if (value_equal_simple(&vm->heap, a, b, &equal)) return equal;
  struct equal_state *s = equal_new(&vm->heap, a, b, vm->known.equals);
  enum equal_status status;
  do status = equal_step(&vm->heap, s);
  while (status == EQUAL_AGAIN && !heap_must_stop(&vm->heap));
  return status == EQUAL_YES;
}

static int order_pair(struct lull *vm, Value a, Value b, bool is_total, int *order, Value *callee)
{
  if (is_number(a) && is_number(b)) *order = order_numbers(&vm->heap, a, b, is_total);
  else if (IS_STRING(a) && IS_STRING(b)) *order = string_compare(&vm->heap, AS_STRING(a), AS_STRING(b));
  else if (IS_BYTES(a) && IS_BYTES(b)) *order = bytes_compare(AS_BYTES(a), AS_BYTES(b));
  else if (is_bool(a) && is_bool(b)) *order = !is_falsy(a) - !is_falsy(b);
  else if (IS_LIST(a) && IS_LIST(b)) return ORDER_LISTS;
  else if (is_kind(a, KIND_BOX) && is_kind(b, KIND_BOX))
    return heap_order(&vm->heap, as_object(a), as_object(b), order) ? ORDER_KNOWN : ORDER_NONE;
  else if (!IS_INSTANCE(a)) return ORDER_NONE;
  else {
    *callee = class_find_method(AS_INSTANCE(a)->class, vm->known.compare);
    return is_unset(*callee) ? ORDER_NONE : ORDER_CALL;
  }
  return ORDER_KNOWN;
}

// Lists whose items need no calls and are not nested deeply. False: they have to be compared in steps.
static bool order_quick(struct lull *vm, const struct list *a, const struct list *b, bool is_total, u32 depth,
                        int *order)
{
  *order = 0;
  if (UNLIKELY(vm->is_stop)) return false;
  for (u32 i = 0; i < a->len && i < b->len && *order == 0; i++) {
    Value x = a->items[i], y = b->items[i], callee;
    if (heap_must_stop_at(&vm->heap, i)) return false;
    int status = is_same(x, y) && !is_float(x) ? ORDER_KNOWN : order_pair(vm, x, y, is_total, order, &callee);
    if (status == ORDER_LISTS && depth > 0 && order_quick(vm, AS_LIST(x), AS_LIST(y), is_total, depth - 1, order))
      continue;
    if (status != ORDER_KNOWN) return false;
  }
  if (*order == 0) *order = sign((i64)a->len - b->len);
  return true;
}

enum order_status order_values(struct lull *vm, Value a, Value b, bool is_total, int *order, Value *callee)
{
  int status = order_pair(vm, a, b, is_total, order, callee);
  if (status != ORDER_LISTS) return (enum order_status)status;
  if (order_quick(vm, AS_LIST(a), AS_LIST(b), is_total, QUICK_DEPTH, order)) return ORDER_KNOWN;
  *callee = vm->order;
  return ORDER_CALL;
}

enum native_status order_throw(struct lull *vm, Value a, Value b)
{
  const char *hint = "";
  if (IS_INSTANCE(a)) hint = " (its class has no method `compare`)";
  else if ((IS_STRING(a) && is_number(b)) || (is_number(a) && IS_STRING(b)))
    hint = " (a number is made of text by int(x) or float(x))";
  return throw_error(vm, vm->errors.type, "cannot order %s and %s%s", type_name(vm, a), type_name(vm, b), hint);
}

// Arguments: two lists, and whether nan has a place. The local: a list of the lists under way, two and the number of
// items taken, for each depth.
enum { STACK_A, STACK_B, STACK_AT, STACK_SLOTS };

static bool push(struct call *c, struct list *stack, Value a, Value b)
{
  Value frame[STACK_SLOTS] = { a, b, value_int(0) };
  if (stack->len / STACK_SLOTS < DEPTH_MAX && list_append(c->heap, stack, frame, STACK_SLOTS)) return true;
  if (c->heap->exhausted) throw_memory(c->vm);
  else throw_error(c->vm, c->vm->errors.limit, "the lists are nested too deeply to be ordered");
  return false;
}

static Value unordered(void) { return value_float(__builtin_nan("")); }

// The next two items, or false where the innermost lists are at an end.
static bool next_pair(const struct list *stack, Value pair[2])
{
  Value *top = &stack->items[stack->len - STACK_SLOTS];
  const struct list *a = AS_LIST(top[STACK_A]), *b = AS_LIST(top[STACK_B]);
  u32 at = (u32)as_int(top[STACK_AT]);
  if (at >= a->len || at >= b->len) return false;
  top[STACK_AT] = value_int(at + 1);
  pair[0] = a->items[at];
  pair[1] = b->items[at];
  return true;
}

static int order_lengths(const struct list *stack)
{
  const Value *top = &stack->items[stack->len - STACK_SLOTS];
  return sign((i64)AS_LIST(top[STACK_A])->len - AS_LIST(top[STACK_B])->len);
}

static enum native_status order_lists(struct call *c, struct list *stack)
{
  bool is_total = !is_falsy(c->args[2]);
  for (u32 turn = 0; stack->len; turn++) {
    Value pair[2], callee;
    int order = 0;
    if (UNLIKELY(c->vm->is_stop)) return throw_stopped(c->vm);
    if (native_must_stop_at(c, turn)) return NATIVE_THROW;
    if (!next_pair(stack, pair)) {
      order = order_lengths(stack);
      list_truncate(c->heap, stack, stack->len - STACK_SLOTS);
    } else if (!is_same(pair[0], pair[1]) || is_float(pair[0])) {
      switch (order_pair(c->vm, pair[0], pair[1], is_total, &order, &callee)) {
      case ORDER_KNOWN: break;
      case ORDER_CALL: return native_call(c, callee, pair, 2);
      case ORDER_LISTS:
        if (!push(c, stack, pair[0], pair[1])) return NATIVE_THROW;
        break;
      default:
        if (!is_equal(c->vm, pair[0], pair[1])) return order_throw(c->vm, pair[0], pair[1]);
      }
    }
    if (order == ORDER_UNORDERED) return native_return(c, unordered());
    if (order) return native_return(c, value_int(order));
  }
  return native_return(c, value_int(0));
}

static enum native_status order(struct call *c)
{
  if (c->step == 0) {
    struct list *stack = list_new(c->heap, STACK_SLOTS);
    if (!stack) return throw_memory(c->vm);
    c->locals[0] = value_object(stack);
    if (!push(c, stack, c->args[0], c->args[1])) return NATIVE_THROW;
  } else if (!is_number(c->value)) {
    return throw_error(c->vm, c->vm->errors.type, "`compare` must return a number (negative, 0 or positive), not %s",
                       type_name(c->vm, c->value));
  } else if (number_compare(c->heap, c->value, value_int(0)) != 0) {
    return native_return(c, c->value);
  }
  return order_lists(c, AS_LIST(c->locals[0]));
}

static const struct native order_native = {
  .name = "order", .fn = order, .required = 3, .max = 3, .locals = 1, .usage = "order(a, b, is_total)"
};

bool order_open(struct lull *vm)
{
  vm->order = native_value(vm, &order_native, vm->known.compare, 0);
  return true;
}
