#include "value/number.h"

#include <math.h>

#include "value/hash.h"
#include "value/number_big.h"

#define EXACT_IN_DOUBLE ((i64)1 << 53)

void number_register(struct heap *heap)
{
  heap_register(heap, KIND_BIGINT, (struct heap_kind){ .name = "int" });
  heap_register(heap, KIND_RANGE, (struct heap_kind){ .name = "range" });
}

const char *number_error_text(enum number_error error)
{
  switch (error) {
  case NUMBER_OK: return "no error";
  case NUMBER_BAD_KIND: return "not a number";
  case NUMBER_DIVISION_BY_ZERO: return "division by zero";
  case NUMBER_TOO_LARGE: return "the number would be too large";
  case NUMBER_OVERFLOW: return "the int is too large for a float";
  case NUMBER_NEGATIVE_SHIFT: return "negative shift count";
  case NUMBER_NOT_INTEGRAL: return "bit operators take ints";
  }
  return "unknown error";
}

static bool is_exact_in_double(i64 n) { return n >= -EXACT_IN_DOUBLE && n <= EXACT_IN_DOUBLE; }

static bool give(Value v, Value *result)
{
  *result = v;
  return true;
}

static bool multiply_small(i64 a, i64 b, Value *result)
{
  i64 n;
  return !__builtin_mul_overflow(a, b, &n) && give(value_int(n), result);
}

static bool divide_small(enum number_op op, i64 a, i64 b, Value *result)
{
  if (b == 0) return false;
  if (op == NUMBER_DIV) {
    if (!is_exact_in_double(a) || !is_exact_in_double(b)) return false;
    return give(value_float((double)a / (double)b), result);
  }
  if (b == -1) return op == NUMBER_MOD ? give(value_int(0), result) : a != INT64_MIN && give(value_int(-a), result);
  i64 quotient = a / b, rest = a % b;
  bool is_adjusted = rest != 0 && (rest < 0) != (b < 0);
  return give(value_int(op == NUMBER_MOD ? rest + (is_adjusted ? b : 0) : quotient - is_adjusted), result);
}

static bool power_small(i64 base, i64 exponent, Value *result)
{
  if (exponent < 0) return false;
  for (i64 n = 1;;) {
    if ((exponent & 1) && __builtin_mul_overflow(n, base, &n)) return false;
    exponent >>= 1;
    if (exponent == 0) return give(value_int(n), result);
    if (__builtin_mul_overflow(base, base, &base)) return false;
  }
}

static bool shift_small(enum number_op op, i64 a, i64 by, Value *result)
{
  if (by < 0) return false;
  if (op == NUMBER_SHR) return give(value_int(by > 63 ? (a < 0 ? -1 : 0) : a >> by), result);
  if (by > 62) return false;
  i64 n = (i64)((u64)a << by);
  return n >> by == a && give(value_int(n), result);
}

// Two int64s whose result is one too, or a float; false where the general way must be gone (errors too).
static bool arith_small(enum number_op op, i64 a, i64 b, Value *result)
{
  i64 n;
  switch (op) {
  case NUMBER_ADD: return !__builtin_add_overflow(a, b, &n) && give(value_int(n), result);
  case NUMBER_SUB: return !__builtin_sub_overflow(a, b, &n) && give(value_int(n), result);
  case NUMBER_MUL: return multiply_small(a, b, result);
  case NUMBER_DIV:
  case NUMBER_IDIV:
  case NUMBER_MOD: return divide_small(op, a, b, result);
  case NUMBER_POW: return power_small(a, b, result);
  case NUMBER_AND: return give(value_int(a & b), result);
  case NUMBER_OR: return give(value_int(a | b), result);
  case NUMBER_XOR: return give(value_int(a ^ b), result);
  case NUMBER_SHL:
  case NUMBER_SHR: return shift_small(op, a, b, result);
  }
  return false;
}

// The quotient is found through the remainder, which fmod gives exactly, so that x == (x // y) * y + x % y as nearly as floats can.
static double floor_divide(double a, double b, bool want_mod)
{
  double rest = fmod(a, b), quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) {
    rest += b;
    quotient -= 1;
  } else if (rest == 0) {
    rest = copysign(0, b);
  }
  if (want_mod) return rest;
  if (quotient == 0) return copysign(0, a / b);
  double whole = floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

static enum number_error arith_float(enum number_op op, double a, double b, Value *result)
{
  double d;
  switch (op) {
  case NUMBER_ADD: d = a + b; break;
  case NUMBER_SUB: d = a - b; break;
  case NUMBER_MUL: d = a * b; break;
  case NUMBER_DIV:
    if (b == 0) return NUMBER_DIVISION_BY_ZERO;
    d = a / b;
    break;
  case NUMBER_IDIV:
  case NUMBER_MOD:
    if (b == 0) return NUMBER_DIVISION_BY_ZERO;
    d = floor_divide(a, b, op == NUMBER_MOD);
    break;
  case NUMBER_POW:
    if (a == 0 && b < 0) return NUMBER_DIVISION_BY_ZERO;
    d = pow(a, b);
    break;
  default: return NUMBER_NOT_INTEGRAL;
  }
  *result = value_float(d);
  return NUMBER_OK;
}

static enum number_error arith_as_floats(enum number_op op, Value a, Value b, Value *result)
{
  double x, y;
  if (op >= NUMBER_AND) return NUMBER_NOT_INTEGRAL;
  if (!number_to_double(a, &x) || !number_to_double(b, &y)) return NUMBER_OVERFLOW;
  return arith_float(op, x, y, result);
}

// A count beyond 64 bits shifts everything out, one way or the other.
static enum number_error shift(struct heap *heap, enum number_op op, const struct integer *a, const struct integer *by, Value *result)
{
  if (by->is_negative) return NUMBER_NEGATIVE_SHIFT;
  u64 count = by->size == 0 ? 0 : by->size == 1 ? by->limbs[0] : UINT64_MAX;
  return op == NUMBER_SHL ? integer_shift_left(heap, a, count, result) : integer_shift_right(heap, a, count, result);
}

static enum number_error arith_integers(struct heap *heap, enum number_op op, Value a, Value b, Value *result)
{
  struct integer x, y;
  integer_load(&x, a);
  integer_load(&y, b);
  switch (op) {
  case NUMBER_ADD:
  case NUMBER_SUB: return integer_add(heap, &x, &y, op == NUMBER_SUB, result);
  case NUMBER_MUL: return integer_multiply(heap, &x, &y, result);
  case NUMBER_DIV: return integer_ratio(heap, &x, &y, result);
  case NUMBER_IDIV:
  case NUMBER_MOD: return integer_divide(heap, &x, &y, op == NUMBER_MOD, result);
  case NUMBER_POW: return y.is_negative ? arith_as_floats(op, a, b, result) : integer_power(heap, &x, &y, result);
  case NUMBER_AND:
  case NUMBER_OR:
  case NUMBER_XOR: return integer_bits(heap, op, &x, &y, result);
  case NUMBER_SHL:
  case NUMBER_SHR: return shift(heap, op, &x, &y, result);
  }
  return NUMBER_BAD_KIND;
}

enum number_error number_arith(struct heap *heap, enum number_op op, Value a, Value b, Value *result)
{
  if (is_int(a) && is_int(b) && arith_small(op, as_int(a), as_int(b), result)) return NUMBER_OK;
  if (!is_number(a) || !is_number(b)) return NUMBER_BAD_KIND;
  if (is_float(a) || is_float(b)) return arith_as_floats(op, a, b, result);
  return arith_integers(heap, op, a, b, result);
}

enum number_error number_negate(struct heap *heap, Value a, Value *result)
{
  if (is_float(a)) {
    *result = value_float(-as_float(a));
    return NUMBER_OK;
  }
  return number_arith(heap, NUMBER_SUB, value_int(0), a, result);
}

enum number_error number_invert(struct heap *heap, Value a, Value *result)
{
  return number_arith(heap, NUMBER_XOR, a, value_int(-1), result);
}

static int order_of(bool is_less, bool is_greater) { return is_less ? -1 : is_greater; }

static int compare_doubles(double a, double b)
{
  return a != a || b != b ? 2 : order_of(a < b, a > b);
}

// |d| below 2^63 has an int64 before its point; what is behind the point decides where those are equal.
static int compare_int_double(i64 n, double d)
{
  if (is_exact_in_double(n) || d != d) return compare_doubles((double)n, d);
  if (d >= 0x1p63) return -1;
  if (d < -0x1p63) return 1;
  i64 whole = (i64)d;
  if (n != whole) return n < whole ? -1 : 1;
  return compare_doubles((double)whole, d);
}

// A bigint lies beyond every int64, so only the integral doubles beyond them come near.
static int compare_big_double(const struct integer *n, double d)
{
  mp_limb_t limbs[DOUBLE_LIMBS];
  if (d != d) return 2;
  int sign = n->is_negative ? -1 : 1;
  if (isinf(d)) return d > 0 ? -1 : 1;
  if (fabs(d) < 0x1p63 || (d < 0) != n->is_negative) return sign;
  mp_size_t size = limbs_from_double(d, limbs);
  return sign * limbs_compare(n->limbs, n->size, limbs, size);
}

static int compare_integers(Value a, Value b)
{
  struct integer x, y;
  integer_load(&x, a);
  integer_load(&y, b);
  if (x.is_negative != y.is_negative) return x.is_negative ? -1 : 1;
  int order = limbs_compare(x.limbs, x.size, y.limbs, y.size);
  return x.is_negative ? -order : order;
}

static int compare_with_double(Value a, double d)
{
  struct integer n;
  if (is_float(a)) return compare_doubles(as_float(a), d);
  if (is_int(a)) return compare_int_double(as_int(a), d);
  integer_load(&n, a);
  return compare_big_double(&n, d);
}

int number_compare(struct heap *heap, Value a, Value b)
{
  (void)heap;
  if (is_int(a) && is_int(b)) return order_of(as_int(a) < as_int(b), as_int(a) > as_int(b));
  if (is_float(b)) return compare_with_double(a, as_float(b));
  if (!is_float(a)) return compare_integers(a, b);
  int order = compare_with_double(b, as_float(a));
  return order == 2 ? 2 : -order;
}

static u32 hash_limbs(struct heap *heap, const mp_limb_t *limbs, mp_size_t size, bool is_negative)
{
  return hash_narrow(hash_bytes(heap->seed, limbs, (size_t)size * sizeof *limbs) + is_negative);
}

u32 number_hash(struct heap *heap, Value v)
{
  if (is_int(v)) return hash_narrow(hash_word(heap->seed, v.bits));
  if (!is_float(v)) {
    struct integer n;
    integer_load(&n, v);
    return hash_limbs(heap, n.limbs, n.size, n.is_negative);
  }
  double d = as_float(v);
  if (d >= -0x1p63 && d < 0x1p63 && (double)(i64)d == d) return number_hash(heap, value_int((i64)d));
  if (d != d) return 1;
  if (fabs(d) < 0x1p63 || isinf(d)) return hash_narrow(hash_word(heap->seed, ~v.bits));
  mp_limb_t limbs[DOUBLE_LIMBS];
  mp_size_t size = limbs_from_double(d, limbs);
  return hash_limbs(heap, limbs, size, d < 0);
}

Value number_from_u64(struct heap *heap, u64 n)
{
  if (n <= INT64_MAX) return value_int((i64)n);
  struct bigint *b = heap_new(heap, KIND_BIGINT, sizeof *b + sizeof(u64));
  b->size = 1;
  b->limbs[0] = n;
  return value_object(b);
}

Value number_from_double(struct heap *heap, double d)
{
  Value result = UNSET;
  if (!isfinite(d) || floor(d) != d) return UNSET;
  if (d >= -0x1p63 && d < 0x1p63) return value_int((i64)d);
  struct bigint *b = heap_new(heap, KIND_BIGINT, sizeof *b + DOUBLE_LIMBS * sizeof(u64));
  bigint_finish(b, (size_t)limbs_from_double(d, b->limbs), d < 0, &result);
  return result;
}

bool number_to_double(Value v, double *d)
{
  if (is_int(v)) *d = (double)as_int(v);
  else if (is_float(v)) *d = as_float(v);
  else {
    struct integer n;
    integer_load(&n, v);
    *d = limbs_to_double(n.limbs, n.size);
    if (n.is_negative) *d = -*d;
    return !isinf(*d);
  }
  return true;
}
