// math: functions of floats, and constants.
#include "lib/math.h"

#include <math.h>

#include "builtin/reply.h"
#include "lib/lib.h"
#include "value/number.h"

#define MATH_FUNCTION(f) \
  static enum native_status math_##f(struct call *c) \
  { \
    double x; \
    if (!arg_double(c, 0, &x)) return NATIVE_THROW; \
    return native_return(c, value_float(f(x))); \
  }

// Functions that have no value for some numbers say so, rather than give nan.
#define MATH_PARTIAL(f, condition, domain) \
  static enum native_status math_##f(struct call *c) \
  { \
    double x; \
    if (!arg_double(c, 0, &x)) return NATIVE_THROW; \
    if (condition) return throw_error(c->vm, c->vm->errors.arithmetic, "math.%s: x must be " domain, c->native->name); \
    return native_return(c, value_float(f(x))); \
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
MATH_FUNCTION(exp2)
MATH_FUNCTION(expm1)
MATH_FUNCTION(asinh)
MATH_FUNCTION(erf)
MATH_FUNCTION(erfc)
MATH_PARTIAL(log1p, x <= -1, "above -1")
MATH_PARTIAL(acosh, x < 1, "at least 1")
MATH_PARTIAL(atanh, x <= -1 || x >= 1, "above -1 and below 1")
MATH_PARTIAL(tgamma, x <= 0 && floor(x) == x, "no int below 1")
MATH_PARTIAL(lgamma, x <= 0 && floor(x) == x, "no int below 1")

static double degrees(double x) { return x * (180 / 3.14159265358979323846); }
static double radians(double x) { return x * (3.14159265358979323846 / 180); }
MATH_FUNCTION(degrees)
MATH_FUNCTION(radians)

// Functions of two floats.
static enum native_status of_two(struct call *c, double (*f)(double x, double y))
{
  double x, y;
  if (!arg_double(c, 0, &x) || !arg_double(c, 1, &y)) return NATIVE_THROW;
  return native_return(c, value_float(f(x, y)));
}

static enum native_status math_copysign(struct call *c) { return of_two(c, copysign); }
static enum native_status math_nextafter(struct call *c) { return of_two(c, nextafter); }

static enum native_status of_division(struct call *c, double (*f)(double x, double y))
{
  double y;
  if (!arg_double(c, 1, &y)) return NATIVE_THROW;
  if (y == 0) return throw_error(c->vm, c->vm->errors.arithmetic, "math.%s: division by zero", c->native->name);
  return of_two(c, f);
}

static enum native_status math_fmod(struct call *c) { return of_division(c, fmod); }
static enum native_status math_remainder(struct call *c) { return of_division(c, remainder); }

static enum native_status math_ldexp(struct call *c)
{
  double x;
  i64 n;
  if (!arg_double(c, 0, &x) || !arg_int(c, 1, &n)) return NATIVE_THROW;
  return native_return(c, value_float(ldexp(x, n > 5000 ? 5000 : n < -5000 ? -5000 : (int)n)));
}

static enum native_status return_pair(struct call *c, Value first, Value second)
{
  struct list *pair = list_new(c->heap, 2);
  bool is_made = pair && list_push(c->heap, pair, first) && list_push(c->heap, pair, second);
  return return_object(c, is_made ? pair : NULL);
}

static enum native_status math_frexp(struct call *c)
{
  double x;
  int exponent = 0;
  if (!arg_double(c, 0, &x)) return NATIVE_THROW;
  double fraction = frexp(x, &exponent);
  return return_pair(c, value_float(fraction), value_int(exponent));
}

static enum native_status math_modf(struct call *c)
{
  double x, whole_part;
  if (!arg_double(c, 0, &x)) return NATIVE_THROW;
  double fraction = modf(x, &whole_part);
  return return_pair(c, value_float(fraction), value_float(whole_part));
}

static enum native_status math_is_nan(struct call *c)
{
  double x = 0;
  if (is_integer(c->args[0])) return return_bool(c, false);
  return arg_double(c, 0, &x) ? return_bool(c, isnan(x)) : NATIVE_THROW;
}

static enum native_status math_is_inf(struct call *c)
{
  double x = 0;
  if (is_integer(c->args[0])) return return_bool(c, false);
  return arg_double(c, 0, &x) ? return_bool(c, isinf(x)) : NATIVE_THROW;
}

static enum native_status math_is_finite(struct call *c)
{
  double x = 0;
  if (is_integer(c->args[0])) return return_bool(c, true);
  return arg_double(c, 0, &x) ? return_bool(c, isfinite(x)) : NATIVE_THROW;
}

static enum native_status math_is_close(struct call *c)
{
  double a, b, tolerance = 1e-9;
  if (!arg_double(c, 0, &a) || !arg_double(c, 1, &b) || (arg_has(c, 2) && !arg_double(c, 2, &tolerance)))
    return NATIVE_THROW;
  double larger = fmax(fabs(a), fabs(b));
  return return_bool(c, a == b || (isfinite(larger) && fabs(a - b) <= tolerance * larger));
}

static enum native_status math_sign(struct call *c)
{
  double x;
  if (is_integer(c->args[0])) return return_int(c, number_compare(c->heap, c->args[0], value_int(0)));
  if (!arg_double(c, 0, &x)) return NATIVE_THROW;
  return isnan(x) ? native_return(c, c->args[0]) : return_int(c, (x > 0) - (x < 0));
}

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
  { "exp2", math_exp2, 1, 1, 0, "exp2(x)", "2 to the power of x.", exp2 },
  { "expm1", math_expm1, 1, 1, 0, "expm1(x)", "e to the power of x, less 1, exact for small x.", expm1 },
  { "log1p", math_log1p, 1, 1, 0, "log1p(x)", "The natural logarithm of 1 + x, exact for small x.", log1p },
  { "asinh", math_asinh, 1, 1, 0, "asinh(x)", "The inverse hyperbolic sine.", asinh },
  { "acosh", math_acosh, 1, 1, 0, "acosh(x)", "The inverse hyperbolic cosine of x, at least 1.", acosh },
  { "atanh", math_atanh, 1, 1, 0, "atanh(x)", "The inverse hyperbolic tangent of x, between -1 and 1." },
  { "erf", math_erf, 1, 1, 0, "erf(x)", "The error function.", erf },
  { "erfc", math_erfc, 1, 1, 0, "erfc(x)", "1 less the error function, exact for large x.", erfc },
  { "gamma", math_tgamma, 1, 1, 0, "gamma(x)", "The gamma function: factorial(x - 1) between the ints.\n"
    "Throws an ArithmeticError for 0 and negative ints." },
  { "lgamma", math_lgamma, 1, 1, 0, "lgamma(x)", "The natural logarithm of the gamma function's magnitude." },
  { "degrees", math_degrees, 1, 1, 0, "degrees(x)", "An angle in radians as degrees.", degrees },
  { "radians", math_radians, 1, 1, 0, "radians(x)", "An angle in degrees as radians.", radians },
  { "fmod", math_fmod, 2, 2, 0, "fmod(x, y)", "What is left of x after whole y, with the sign of x.\n"
    "The operator % gives it the sign of y." },
  { "remainder", math_remainder, 2, 2, 0, "remainder(x, y)", "The distance of x from the nearest multiple of y." },
  { "copysign", math_copysign, 2, 2, 0, "copysign(x, y)", "x with the sign of y, a float." },
  { "nextafter", math_nextafter, 2, 2, 0, "nextafter(x, y)", "The float next to x on the way to y." },
  { "ldexp", math_ldexp, 2, 2, 0, "ldexp(x, n)", "x times 2 to the power of the int n." },
  { "frexp", math_frexp, 1, 1, 0, "frexp(x)",
    "A list of a fraction from 0.5 to 1 and an int n, so that x is the fraction times 2 to the power of n." },
  { "modf", math_modf, 1, 1, 0, "modf(x)", "A list of the fraction and the whole part of x, both floats." },
  { "is_nan", math_is_nan, 1, 1, 0, "is_nan(x)", "True for nan." },
  { "is_inf", math_is_inf, 1, 1, 0, "is_inf(x)", "True for inf and -inf." },
  { "is_finite", math_is_finite, 1, 1, 0, "is_finite(x)", "True for all numbers but nan and the infinities." },
  { "is_close", math_is_close, 2, 3, 0, "is_close(a, b, tolerance = 1e-9)",
    "True where a and b differ by no more than that share of the larger one." },
  { "sign", math_sign, 1, 1, 0, "sign(x)", "-1, 0 or 1 for numbers below, at or above 0; nan for nan." },
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
  if (!module_add_natives(vm, m, natives, COUNT_OF(natives)) || !math_open_ints(vm, m) || !math_open_lists(vm, m))
    return false;
  for (size_t i = 0; i < COUNT_OF(constants); i++) {
    struct string *name = vm_intern(vm, constants[i].name);
    if (!name || !module_define(&vm->heap, m, name, value_float(constants[i].value))) return false;
  }
  return true;
}
