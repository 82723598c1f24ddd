// math: functions of floats, and constants.
#include <math.h>

#include "lib/lib.h"
#include "value/number.h"

#define MATH_FUNCTION(name) \
  static enum native_status math_##name(struct call *c) \
  { \
    double x; \
    if (!arg_double(c, 0, &x)) return NATIVE_THROW; \
    return native_return(c, value_float(name(x))); \
  }

// Functions that have no value for some numbers say so, rather than give nan.
#define MATH_PARTIAL(name, condition, domain) \
  static enum native_status math_##name(struct call *c) \
  { \
    double x; \
    if (!arg_double(c, 0, &x)) return NATIVE_THROW; \
    if (condition) return throw_error(c->vm, c->vm->errors.arithmetic, "math." #name ": x must be " domain); \
    return native_return(c, value_float(name(x))); \
  }

MATH_PARTIAL(sqrt, x < 0, "at least 0")
MATH_PARTIAL(asin, x<-1 || x> 1, "between -1 and 1")
MATH_PARTIAL(acos, x<-1 || x> 1, "between -1 and 1")
MATH_PARTIAL(log2, x <= 0, "above 0")
MATH_PARTIAL(log10, x <= 0, "above 0")
MATH_FUNCTION(cbrt)
MATH_FUNCTION(sin)
MATH_FUNCTION(cos)
MATH_FUNCTION(tan)
MATH_FUNCTION(atan)
MATH_FUNCTION(sinh)
MATH_FUNCTION(cosh)
MATH_FUNCTION(tanh)
MATH_FUNCTION(exp)

static enum native_status math_log(struct call *c)
{
  double x, base = 0;
  if (!arg_double(c, 0, &x) || (arg_given(c, 1) && !arg_double(c, 1, &base))) return NATIVE_THROW;
  if (x <= 0) return throw_error(c->vm, c->vm->errors.arithmetic, "math.log: x must be above 0");
  if (!arg_given(c, 1)) return native_return(c, value_float(log(x)));
  if (base <= 0 || base == 1)
    return throw_error(c->vm, c->vm->errors.arithmetic, "math.log: base must be above 0 and not 1");
  return native_return(c, value_float(log(x) / log(base)));
}

static enum native_status math_atan2(struct call *c)
{
  double y, x;
  if (!arg_double(c, 0, &y) || !arg_double(c, 1, &x)) return NATIVE_THROW;
  return native_return(c, value_float(atan2(y, x)));
}

static enum native_status math_hypot(struct call *c)
{
  double x, y;
  if (!arg_double(c, 0, &x) || !arg_double(c, 1, &y)) return NATIVE_THROW;
  return native_return(c, value_float(hypot(x, y)));
}

// An integral double as the exact int it is.
static enum native_status whole(struct call *c, double (*round_to)(double))
{
  double x;
  if (is_integer(c->args[0])) return native_return(c, c->args[0]);
  if (!arg_double(c, 0, &x)) return NATIVE_THROW;
  Value n = number_from_double(c->heap, round_to(x));
  if (is_unset(n)) return throw_error(c->vm, c->vm->errors.arithmetic, "math.%s: x must be finite", c->native->name);
  return native_return(c, n);
}

static enum native_status math_floor(struct call *c) { return whole(c, floor); }

static enum native_status math_ceil(struct call *c) { return whole(c, ceil); }

static enum native_status math_trunc(struct call *c) { return whole(c, trunc); }

static enum native_status math_gcd(struct call *c)
{
  i64 a, b;
  if (!arg_int(c, 0, &a) || !arg_int(c, 1, &b)) return NATIVE_THROW;
  u64 x = a < 0 ? 0 - (u64)a : (u64)a, y = b < 0 ? 0 - (u64)b : (u64)b;
  while (y) {
    u64 r = x % y;
    x = y;
    y = r;
  }
  return native_return(c, number_from_u64(c->heap, x));
}

static const struct native natives[] = {
  { "sqrt", math_sqrt, 1, 1, 0, "sqrt(x)",
    "The square root, a float.\nThrows an ArithmeticError below 0. `math.sqrt(2)`", sqrt },
  { "cbrt", math_cbrt, 1, 1, 0, "cbrt(x)", "The cube root.", cbrt },
  { "exp", math_exp, 1, 1, 0, "exp(x)", "e to the power of x.", exp },
  { "log", math_log, 1, 2, 0, "log(x, base = e)",
    "The logarithm, natural unless a base is given.\nThrows an ArithmeticError unless x is above 0." },
  { "log2", math_log2, 1, 1, 0, "log2(x)", "The logarithm to base 2.", log2 },
  { "log10", math_log10, 1, 1, 0, "log10(x)", "The logarithm to base 10.", log10 },
  { "sin", math_sin, 1, 1, 0, "sin(x)", "The sine of x radians.", sin },
  { "cos", math_cos, 1, 1, 0, "cos(x)", "The cosine of x radians.", cos },
  { "tan", math_tan, 1, 1, 0, "tan(x)", "The tangent of x radians.", tan },
  { "asin", math_asin, 1, 1, 0, "asin(x)", "The angle in radians whose sine is x.", asin },
  { "acos", math_acos, 1, 1, 0, "acos(x)", "The angle in radians whose cosine is x.", acos },
  { "atan", math_atan, 1, 1, 0, "atan(x)", "The angle in radians whose tangent is x.", atan },
  { "atan2", math_atan2, 2, 2, 0, "atan2(y, x)", "The angle in radians of the point (x, y)." },
  { "sinh", math_sinh, 1, 1, 0, "sinh(x)", "The hyperbolic sine.", sinh },
  { "cosh", math_cosh, 1, 1, 0, "cosh(x)", "The hyperbolic cosine.", cosh },
  { "tanh", math_tanh, 1, 1, 0, "tanh(x)", "The hyperbolic tangent.", tanh },
  { "hypot", math_hypot, 2, 2, 0, "hypot(x, y)", "The length of the vector (x, y), without overflow on the way." },
  { "floor", math_floor, 1, 1, 0, "floor(x)", "The largest int that is not above x." },
  { "ceil", math_ceil, 1, 1, 0, "ceil(x)", "The smallest int that is not below x." },
  { "trunc", math_trunc, 1, 1, 0, "trunc(x)", "x without its fraction, an int." },
  { "gcd", math_gcd, 2, 2, 0, "gcd(a, b)", "The greatest common divisor of two ints." },
};

bool lib_open_math(struct lull *vm, struct module *m)
{
  static const struct {
    const char *name;
    double value;
  } constants[] = { { "pi", 3.14159265358979323846 },
                    { "e", 2.7182818284590452354 },
                    { "tau", 6.28318530717958647692 },
                    { "inf", INFINITY },
                    { "nan", NAN } };
  if (!module_add_natives(vm, m, natives, COUNT_OF(natives))) return false;
  for (size_t i = 0; i < COUNT_OF(constants); i++) {
    struct string *name = vm_intern(vm, constants[i].name);
    if (!name || !module_define(&vm->heap, m, name, value_float(constants[i].value))) return false;
  }
  return true;
}
