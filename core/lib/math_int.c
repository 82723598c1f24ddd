// math: exact functions of ints of any size.
#include <math.h>

#include "builtin/reply.h"
#include "lib/math.h"
#include "value/number.h"

#define BITS_MAX ((double)BIGINT_MAX_LIMBS * 64)

// The result of a calculation: what it is, or why there is none.
static enum native_status finish(struct call *c, enum number_error error, Value v)
{
  if (!error) return native_return(c, v);
  if (c->heap->exhausted) return throw_memory(c->vm);
  return throw_error(c->vm, error == NUMBER_TOO_LARGE ? c->vm->errors.limit : c->vm->errors.arithmetic, "math.%s: %s",
                     c->native->name, number_error_text(error));
}

// Asked between two steps over ints that are long.
static bool is_stopped(struct heap *heap, Value v) { return is_object(v) && heap_must_stop(heap); }

static bool is_zero(Value v) { return is_int(v) && as_int(v) == 0; }

static enum number_error magnitude(struct heap *heap, Value v, Value *result)
{
  *result = v;
  return number_compare(heap, v, value_int(0)) < 0 ? number_negate(heap, v, result) : NUMBER_OK;
}

static enum number_error gcd(struct heap *heap, Value a, Value b, Value *result)
{
  enum number_error error = magnitude(heap, a, &a);
  if (!error) error = magnitude(heap, b, &b);
  while (!error && !is_zero(b)) {
    Value rest = NIL;
    error = is_stopped(heap, a) ? NUMBER_TOO_LARGE : number_arith(heap, NUMBER_MOD, a, b, &rest);
    a = b;
    b = rest;
  }
  *result = a;
  return error;
}

static enum number_error lcm(struct heap *heap, Value a, Value b, Value *result)
{
  Value common;
  *result = value_int(0);
  if (is_zero(a) || is_zero(b)) return NUMBER_OK;
  enum number_error error = gcd(heap, a, b, &common);
  if (!error) error = number_arith(heap, NUMBER_IDIV, a, common, &a);
  if (!error) error = number_arith(heap, NUMBER_MUL, a, b, &a);
  return error ? error : magnitude(heap, a, result);
}

static enum native_status fold(struct call *c, i64 start,
                               enum number_error (*f)(struct heap *heap, Value a, Value b, Value *result))
{
  Value v = value_int(start);
  for (u32 i = 0; i < c->count; i++) {
    if (!is_integer(c->args[i])) return arg_fail(c, i, "an int");
    enum number_error error = f(c->heap, v, c->args[i], &v);
    if (error) return finish(c, error, v);
  }
  return native_return(c, v);
}

static enum native_status math_gcd(struct call *c) { return fold(c, 0, gcd); }
static enum native_status math_lcm(struct call *c) { return fold(c, 1, lcm); }

// Newton's way down from a power of two that is too large.
static enum number_error isqrt_big(struct heap *heap, Value n, Value *root)
{
  u32 bits = (u32)AS_BIGINT(n)->size * 64;
  Value x, y;
  enum number_error error = number_arith(heap, NUMBER_SHL, value_int(1), value_int((bits + 1) / 2), &x);
  while (!error) {
    error = is_stopped(heap, x) ? NUMBER_TOO_LARGE : number_arith(heap, NUMBER_IDIV, n, x, &y);
    if (!error) error = number_arith(heap, NUMBER_ADD, x, y, &y);
    if (!error) error = number_arith(heap, NUMBER_SHR, y, value_int(1), &y);
    if (error || number_compare(heap, y, x) >= 0) break;
    x = y;
  }
  *root = x;
  return error;
}

static enum native_status math_isqrt(struct call *c)
{
  Value n = c->args[0], root;
  if (!is_integer(n)) return arg_fail(c, 0, "an int");
  if (number_compare(c->heap, n, value_int(0)) < 0)
    return throw_error(c->vm, c->vm->errors.arithmetic, "math.isqrt: n must be at least 0");
  if (!is_int(n)) return finish(c, isqrt_big(c->heap, n, &root), root);
  u64 whole = (u64)as_int(n), x = (u64)sqrt((double)whole);
  while (x * x > whole) x--;
  while ((x + 1) * (x + 1) <= whole) x++;
  return return_int(c, (i64)x);
}

// The product of from, from + 1 ... to, as a tree of factors of like size.
static enum number_error product(struct heap *heap, i64 from, i64 to, Value *result)
{
  *result = value_int(from > to ? 1 : from);
  if (from >= to) return NUMBER_OK;
  i64 middle = from + (to - from) / 2;
  Value low, high;
  if (to - from > 100 && heap_must_stop(heap)) return NUMBER_TOO_LARGE;
  enum number_error error = product(heap, from, middle, &low);
  if (!error) error = product(heap, middle + 1, to, &high);
  return error ? error : number_arith(heap, NUMBER_MUL, low, high, result);
}

// Tells before any work whether [count] factors up to [n] are too large together.
static bool is_too_large(i64 n, i64 count)
{
  return count > 1 && lgamma((double)n + 1) - lgamma((double)(n - count) + 1) > BITS_MAX * log(2) + 64;
}

static bool arg_natural(struct call *c, u32 i, i64 *n)
{
  if (!arg_int(c, i, n)) return false;
  if (*n >= 0) return true;
  throw_error(c->vm, c->vm->errors.arithmetic, "math.%s: ints below 0 have none", c->native->name);
  return false;
}

static enum native_status math_factorial(struct call *c)
{
  i64 n;
  Value v = NIL;
  if (!arg_natural(c, 0, &n)) return NATIVE_THROW;
  return finish(c, is_too_large(n, n) ? NUMBER_TOO_LARGE : product(c->heap, 1, n, &v), v);
}

static enum number_error ways(struct heap *heap, i64 n, i64 k, bool is_ordered, Value *result)
{
  Value orders;
  *result = value_int(0);
  if (k > n) return NUMBER_OK;
  if (!is_ordered && k > n - k) k = n - k;
  if (k == 0) return *result = value_int(1), NUMBER_OK;
  // A large n with a small k is fine: its logarithm is enough to tell.
  if ((double)k * log2((double)n + 1) > BITS_MAX && is_too_large(n, k)) return NUMBER_TOO_LARGE;
  enum number_error error = product(heap, n - k + 1, n, result);
  if (error || is_ordered) return error;
  error = product(heap, 1, k, &orders);
  return error ? error : number_arith(heap, NUMBER_IDIV, *result, orders, result);
}

static enum native_status math_comb(struct call *c)
{
  i64 n, k;
  Value v;
  if (!arg_natural(c, 0, &n) || !arg_natural(c, 1, &k)) return NATIVE_THROW;
  return finish(c, ways(c->heap, n, k, false, &v), v);
}

static enum native_status math_perm(struct call *c)
{
  i64 n, k;
  Value v;
  if (!arg_natural(c, 0, &n)) return NATIVE_THROW;
  k = n;
  if (arg_has(c, 1) && !arg_natural(c, 1, &k)) return NATIVE_THROW;
  return finish(c, ways(c->heap, n, k, true, &v), v);
}

static enum native_status math_pow_mod(struct call *c)
{
  Value base = c->args[0], exponent = c->args[1], modulus = c->args[2], v = value_int(1), zero = value_int(0);
  for (u32 i = 0; i < 3; i++) {
    if (!is_integer(c->args[i])) return arg_fail(c, i, "an int");
  }
  if (number_compare(c->heap, exponent, zero) < 0)
    return throw_error(c->vm, c->vm->errors.arithmetic, "math.pow_mod: the exponent must be at least 0");
  enum number_error error = number_arith(c->heap, NUMBER_MOD, base, modulus, &base);
  if (!error) error = number_arith(c->heap, NUMBER_MOD, v, modulus, &v);
  while (!error && !is_zero(exponent)) {
    Value bit;
    error = is_stopped(c->heap, base) ? NUMBER_TOO_LARGE : number_arith(c->heap, NUMBER_AND, exponent, value_int(1), &bit);
    if (error) break;
    if (!is_zero(bit)) {
      error = number_arith(c->heap, NUMBER_MUL, v, base, &v);
      if (!error) error = number_arith(c->heap, NUMBER_MOD, v, modulus, &v);
    }
    if (!error) error = number_arith(c->heap, NUMBER_MUL, base, base, &base);
    if (!error) error = number_arith(c->heap, NUMBER_MOD, base, modulus, &base);
    if (!error) error = number_arith(c->heap, NUMBER_SHR, exponent, value_int(1), &exponent);
  }
  return finish(c, error, v);
}

static const struct native natives[] = {
  { "gcd", math_gcd, 0, NATIVE_REST, 0, "gcd(...ints)", "The greatest common divisor of ints.\n"
    "    math.gcd(12, 18)               # 6" },
  { "lcm", math_lcm, 0, NATIVE_REST, 0, "lcm(...ints)", "The least common multiple of ints.\n"
    "    math.lcm(4, 6)                 # 12" },
  { "isqrt", math_isqrt, 1, 1, 0, "isqrt(n)", "The largest int whose square is not above n, exact for ints of any size.\n"
    "    math.isqrt(10 ** 40)           # 100000000000000000000" },
  { "factorial", math_factorial, 1, 1, 0, "factorial(n)", "The product of the ints from 1 to n." },
  { "comb", math_comb, 2, 2, 0, "comb(n, k)", "In how many ways k of n things can be chosen." },
  { "perm", math_perm, 1, 2, 0, "perm(n, k = n)", "In how many ways k of n things can be lined up." },
  { "pow_mod", math_pow_mod, 3, 3, 0, "pow_mod(base, exponent, modulus)",
    "base ** exponent % modulus, without the power itself being made." },
};

bool math_open_ints(struct lull *vm, struct module *m)
{
  return module_add_natives(vm, m, natives, COUNT_OF(natives));
}
