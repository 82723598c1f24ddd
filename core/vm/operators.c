// Operators beyond what the loop does inline: mixed and big numbers, joining, instances' own methods, and the errors
// that name both kinds.
#include "value/bytes.h"
#include "value/equal.h"
#include "value/print.h"
#include "value/range.h"
#include "vm/box.h"
#include "vm/keys.h"
#include "vm/order.h"

static const struct {
  const char *verb, *link;
} operator_text[] = {
  [NUMBER_ADD] = { "add", "and" },       [NUMBER_SUB] = { "subtract", "from" }, [NUMBER_MUL] = { "multiply", "by" },
  [NUMBER_DIV] = { "divide", "by" },     [NUMBER_IDIV] = { "divide", "by" },    [NUMBER_MOD] = { "divide", "by" },
  [NUMBER_POW] = { "raise", "to" },      [NUMBER_AND] = { "combine", "and" },      [NUMBER_OR] = { "combine", "and" },
  [NUMBER_XOR] = { "combine", "and" },      [NUMBER_SHL] = { "shift", "by" },      [NUMBER_SHR] = { "shift", "by" },
};

static COLD enum vm_step throw_number(struct lull *vm, enum number_error error)
{
  if (vm->heap.exhausted) return STEP_MEMORY(vm);
  return STEP_ERROR(vm, error == NUMBER_TOO_LARGE ? vm->errors.limit : vm->errors.arithmetic, "%s",
                    number_error_text(error));
}

static const char *operands_hint(enum number_op op, Value x, Value y)
{
  bool is_text = IS_STRING(x) || IS_STRING(y);
  if (op == NUMBER_ADD && is_text) return " (to put a value into text: \"${x}\", or string(x))";
  if (is_nil(x) || is_nil(y)) return " (nil is what a missing entry gives, or a function without a value)";
  if (op == NUMBER_MOD && IS_STRING(x)) return " (to put values into text: \"${x}\")";
  if (IS_SET(x) && IS_SET(y)) return " (sets have the methods union, intersection and difference)";
  if (op == NUMBER_ADD && IS_MAP(x) && IS_MAP(y)) return " (two maps are one as {...a, ...b})";
  if (op == NUMBER_ADD && IS_LIST(x)) return " (an item is added by xs.push(x))";
  if (op == NUMBER_AND || op == NUMBER_OR || op == NUMBER_XOR) return " (bit operators take ints)";
  if (is_text && (is_number(x) || is_number(y))) return " (a number is made of text by int(x) or float(x))";
  return "";
}

static COLD enum vm_step throw_operands(struct lull *vm, enum number_op op, Value x, Value y)
{
  const char *hint = operands_hint(op, x, y), *left = type_name(vm, x), *right = type_name(vm, y);
  // One is subtracted from the other.
  if (op == NUMBER_SUB) return STEP_ERROR(vm, vm->errors.type, "cannot subtract %s from %s%s", right, left, hint);
  return STEP_ERROR(vm, vm->errors.type, "cannot %s %s %s %s%s", operator_text[op].verb, left,
                    operator_text[op].link, right, hint);
}

static Value join(struct lull *vm, Value x, Value y)
{
  struct heap *heap = &vm->heap;
  if (IS_STRING(x) && IS_STRING(y)) {
    struct string *s = string_concat(heap, AS_STRING(x), AS_STRING(y));
    return s ? value_object(s) : NIL;
  }
  if (IS_LIST(x) && IS_LIST(y)) {
    struct list *l = list_new(heap, AS_LIST(x)->len + AS_LIST(y)->len);
    bool ok = l && list_append(heap, l, AS_LIST(x)->items, AS_LIST(x)->len) &&
              list_append(heap, l, AS_LIST(y)->items, AS_LIST(y)->len);
    return ok ? value_object(l) : NIL;
  }
  if (IS_BYTES(x) && IS_BYTES(y)) {
    struct bytes *a = AS_BYTES(x), *b = AS_BYTES(y), *all = bytes_new(heap, NULL, (size_t)a->len + b->len);
    if (!all) return NIL;
    memcpy(all->data, a->data, a->len);
    memcpy(all->data + a->len, b->data, b->len);
    return value_object(all);
  }
  return UNSET;
}

static Value repeat_list(struct lull *vm, struct list *l, u64 times)
{
  size_t total;
  if (__builtin_mul_overflow((size_t)l->len, times, &total) || total > LIST_MAX) return NIL;
  struct list *all = list_new(&vm->heap, (u32)total);
  if (!all) return NIL;
  Value *to = all->items;
  for (size_t left = total; left > 0; left -= l->len) {
    for (u32 at = 0; at < l->len; at++) *to++ = l->items[at];
  }
  all->len = (u32)total;
  return value_object(all);
}

static Value repeat_bytes(struct lull *vm, struct bytes *b, u64 times)
{
  size_t total;
  if (__builtin_mul_overflow((size_t)b->len, times, &total)) return NIL;
  struct bytes *all = bytes_new(&vm->heap, NULL, total);
  for (size_t at = 0; all && at < total; at += b->len) memcpy(all->data + at, b->data, b->len);
  return all ? value_object(all) : NIL;
}

// NIL: too large; UNSET: not to be repeated.
static Value repeat(struct lull *vm, Value x, Value y)
{
  if (is_integer(x)) {
    Value swap = x;
    x = y;
    y = swap;
  }
  if (!is_integer(y)) return UNSET;
  bool is_negative = number_compare(&vm->heap, y, value_int(0)) < 0;
  u64 times = is_negative ? 0 : is_int(y) ? (u64)as_int(y) : UINT64_MAX;
  if (IS_STRING(x)) {
    struct string *s = string_repeat(&vm->heap, AS_STRING(x), times);
    return s ? value_object(s) : NIL;
  }
  if (IS_LIST(x)) return repeat_list(vm, AS_LIST(x), times);
  if (IS_BYTES(x)) return repeat_bytes(vm, AS_BYTES(x), times);
  return UNSET;
}

static enum vm_step arith(struct lull *vm, enum number_op op, Value x, Value y, Value *result)
{
  *result = UNSET;
  if (is_number(x) && is_number(y)) {
    enum number_error error = number_arith(&vm->heap, op, x, y, result);
    if (error == NUMBER_NOT_INTEGRAL) return throw_operands(vm, op, x, y);
    return error ? throw_number(vm, error) : STEP_NEXT;
  }
  if (op == NUMBER_ADD) *result = join(vm, x, y);
  if (op == NUMBER_MUL) *result = repeat(vm, x, y);
  if (is_unset(*result)) *result = box_arith(vm, op, x, y);
  if (!is_unset(vm->thrown)) return STEP_THROW;
  if (is_unset(*result)) return throw_operands(vm, op, x, y);
  if (!is_nil(*result)) return STEP_NEXT;
  if (vm->heap.exhausted) return STEP_MEMORY(vm);
  return STEP_ERROR(vm, vm->errors.limit, "the %s would be too large", type_name(vm, is_integer(x) ? y : x));
}

enum vm_step slow_arith(struct lull *vm, struct fiber *f, enum number_op op, u16 a, Value x, Value y)
{
  Value result;
  enum vm_step step = arith(vm, op, x, y, &result);
  if (step != STEP_NEXT) return step;
  REGISTER(f, a) = result;
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}

enum vm_step slow_product(struct lull *vm, struct fiber *f, enum number_op op, u16 a, Value z, Value x, Value y,
                          bool is_product_first)
{
  Value product, result;
  enum vm_step step = arith(vm, NUMBER_MUL, x, y, &product);
  if (step != STEP_NEXT) return step;
  f->pc--;  // an error from here on is that of the first word
  step = is_product_first ? arith(vm, op, product, z, &result) : arith(vm, op, z, product, &result);
  if (step != STEP_NEXT) return step;
  f->pc++;
  REGISTER(f, a) = result;
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}

enum vm_step slow_add_captured(struct lull *vm, struct fiber *f, u16 a, struct cell *cell, Value y)
{
  if (is_unset(cell->value)) return throw_unset(vm, value_object(cell));
  Value sum;
  enum vm_step step = arith(vm, NUMBER_ADD, cell->value, y, &sum);
  if (step != STEP_NEXT) return step;
  REGISTER(f, a) = cell->value = sum;
  heap_barrier(&vm->heap, cell);
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}

enum vm_step slow_negate(struct lull *vm, struct fiber *f, u16 a, Value x)
{
  Value result;
  if (!is_number(x)) return STEP_ERROR(vm, vm->errors.type, "cannot negate %s", type_name(vm, x));
  enum number_error error = number_negate(&vm->heap, x, &result);
  if (error) return throw_number(vm, error);
  REGISTER(f, a) = result;
  return STEP_NEXT;
}

enum vm_step slow_invert(struct lull *vm, struct fiber *f, u16 a, Value x)
{
  Value result;
  if (!is_integer(x)) return STEP_ERROR(vm, vm->errors.type, "`~` works on ints, not on %s", type_name(vm, x));
  enum number_error error = number_invert(&vm->heap, x, &result);
  if (error) return throw_number(vm, error);
  REGISTER(f, a) = result;
  return STEP_NEXT;
}

bool compare_result(enum compare_op op, int order)
{
  if (order == 2) return false;
  switch (op) {
  case COMPARE_LT: return order < 0;
  case COMPARE_LE: return order <= 0;
  case COMPARE_GT: return order > 0;
  case COMPARE_GE: return order >= 0;
  }
  return false;
}

enum vm_step slow_compare(struct lull *vm, struct fiber *f, u64 *at, enum compare_op op, Value x, Value y,
                          bool *result, bool *is_pending)
{
  int order;
  Value callee, args[] = { x, y, FALSE };
  switch (order_values(vm, x, y, false, &order, &callee)) {
  case ORDER_KNOWN: break;
  case ORDER_NONE: return order_throw(vm, x, y), STEP_THROW;
  case ORDER_CALL:
    *is_pending = true;
    return call_operator(vm, f, at, value_int(op), callee, args, IS_LIST(x) ? 3 : 2);
  }
  *result = compare_result(op, order);
  return STEP_NEXT;
}

// A machine of value/ wants the collector to run first: it is kept alive meanwhile.
static enum vm_step safepoint_for(struct lull *vm, struct fiber *f, Value machine)
{
  vm->kept = machine;
  enum vm_step step = safepoint(vm, f);
  vm->kept = NIL;
  return step;
}

enum vm_step equal_go_on(struct lull *vm, struct fiber *f, u64 *at, Value keep, bool *result, bool *is_pending)
{
  struct equal_state *s = (struct equal_state *)as_object(IS_LIST(keep) ? AS_LIST(keep)->items[0] : keep);
  for (;;) {
    switch (equal_step(&vm->heap, s)) {
    case EQUAL_NO: *result = false; return STEP_NEXT;
    case EQUAL_YES: *result = true; return STEP_NEXT;
    case EQUAL_FAILED: return STEP_MEMORY(vm);
    case EQUAL_CALL:
      *is_pending = true;
      return call_operator(vm, f, at, keep, s->method, (Value[]){ s->left, s->right }, 2);
    case EQUAL_AGAIN: {
      enum vm_step step = safepoint_for(vm, f, keep);
      if (step != STEP_NEXT) return step;
    }
    }
  }
}

enum vm_step slow_equal(struct lull *vm, struct fiber *f, u64 *at, Value x, Value y, bool *result, bool *is_pending)
{
  if (value_equal_simple(&vm->heap, x, y, result)) return STEP_NEXT;
  return equal_go_on(vm, f, at, value_object(equal_new(&vm->heap, x, y, vm->known.equals)), result, is_pending);
}

// Looks for x among the items from [from] on. What a call of `equals` interrupts is kept as a list: the comparison,
// the position, and both operands.
enum vm_step in_list(struct lull *vm, struct fiber *f, u64 *at, u16 a, Value x, struct list *l, u32 from)
{
  for (u32 i = from; i < l->len; i++) {
    bool is_equal, is_pending = false;
    if (heap_must_stop_at(&vm->heap, i)) return STEP_MEMORY(vm);
    if (!value_equal_simple(&vm->heap, l->items[i], x, &is_equal)) {
      struct list *keep = list_new(&vm->heap, 4);
      Value state[] = { value_object(equal_new(&vm->heap, l->items[i], x, vm->known.equals)), value_int(i), x,
                        value_object(l) };
      if (!keep || !list_append(&vm->heap, keep, state, COUNT_OF(state))) return STEP_MEMORY(vm);
      enum vm_step step = equal_go_on(vm, f, at, value_object(keep), &is_equal, &is_pending);
      if (step != STEP_NEXT || is_pending) return step;
    }
    if (!is_equal) continue;
    REGISTER(f, a) = TRUE;
    return STEP_NEXT;
  }
  REGISTER(f, a) = FALSE;
  return STEP_NEXT;
}

enum vm_step slow_in(struct lull *vm, struct fiber *f, u64 *at, u16 a, Value x, Value y)
{
  bool is_in;
  if (IS_LIST(y)) return in_list(vm, f, at, a, x, AS_LIST(y), 0);
  if (IS_MAP(y) || IS_SET(y)) {
    if (key_is_asked(vm, x)) return key_step(vm, f, at, AS_MAP(y), x, false);
    is_in = map_is_key(x) && !is_unset(map_get(&vm->heap, AS_MAP(y), x));
  } else if (IS_STRING(y)) {
    if (!IS_STRING(x))
      return STEP_ERROR(vm, vm->errors.type, "only a string can be in a string, not %s", type_name(vm, x));
    const char *hay = string_bytes(&vm->heap, AS_STRING(y)), *needle = string_bytes(&vm->heap, AS_STRING(x));
    is_in = bytes_search(&vm->heap, hay, AS_STRING(y)->len, needle, AS_STRING(x)->len) != NULL;
    if (!is_in && vm->heap.exhausted) return STEP_MEMORY(vm);
  } else if (IS_RANGE(y)) {
    is_in = range_find(AS_RANGE(y), x, &(u64){ 0 });
  } else if (IS_BYTES(y) && is_int(x)) {
    is_in = as_int(x) >= 0 && as_int(x) < 256 && memchr(AS_BYTES(y)->data, (int)as_int(x), AS_BYTES(y)->len);
  } else {
    return STEP_ERROR(vm, vm->errors.type, "`in` looks into a list, map, set, string or range, not into %s",
                      type_name(vm, y));
  }
  REGISTER(f, a) = value_bool(is_in);
  return STEP_NEXT;
}

enum vm_step slow_is(struct lull *vm, struct fiber *f, u16 a, Value x, Value type)
{
  bool is;
  if (is_nil(type)) {
    is = is_nil(x);
  } else if (is_kind(type, KIND_MODULE)) {
    if (!vm_open_module(vm, AS_MODULE(type))) return STEP_MEMORY(vm);
    struct object *named = AS_MODULE(type)->call;
    if (!named || named->kind != KIND_CLASS)
      return STEP_ERROR(vm, vm->errors.type, "`is` needs a type on its right, and no type is named like this module");
    return slow_is(vm, f, a, x, value_object(named));
  } else if (IS_CLASS(type)) {
    struct class *wanted = AS_CLASS(type);
    is = wanted == vm->types.number_ ? is_number(x) : class_is_below(type_of(vm, x), wanted);
  } else {
    return STEP_ERROR(vm, vm->errors.type, "`is` needs a type on its right, not %s", type_name(vm, type));
  }
  REGISTER(f, a) = value_bool(is);
  return STEP_NEXT;
}

enum vm_step print_go_on(struct lull *vm, struct fiber *f, u64 *at, u16 a, struct printer *p)
{
  for (;;) {
    switch (printer_step(&vm->heap, p)) {
    case PRINT_DONE: {
      struct string *s = string_from_buf(&vm->heap, &p->out);
      if (!s) return STEP_MEMORY(vm);
      REGISTER(f, a) = value_object(s);
      return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
    }
    case PRINT_CALL: return call_operator(vm, f, at, value_object(p), p->method, &p->subject, 1);
    case PRINT_AGAIN: {
      enum vm_step step = safepoint_for(vm, f, value_object(p));
      if (step != STEP_NEXT) return step;
      break;
    }
    case PRINT_FAILED: return STEP_MEMORY(vm);
    }
  }
}

enum vm_step slow_to_string(struct lull *vm, struct fiber *f, u64 *at, u16 a, Value x)
{
  struct buf text;
  buf_init(&text, &vm->alloc);
  if (value_print_simple(&vm->heap, x, false, &text)) {
    struct string *s = string_from_buf(&vm->heap, &text);
    buf_fini(&text);
    if (!s) return STEP_MEMORY(vm);
    REGISTER(f, a) = value_object(s);
    return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
  }
  buf_fini(&text);
  return print_go_on(vm, f, at, a, printer_new(&vm->heap, x, vm->known.to_string, false, SIZE_MAX));
}

enum vm_step slow_concat(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 count)
{
  struct string *s = string_join(&vm->heap, &REGISTER(f, b), count, NULL);
  if (!s) return STEP_MEMORY(vm);
  REGISTER(f, a) = value_object(s);
  return UNLIKELY(vm->poll) ? safepoint(vm, f) : STEP_NEXT;
}
