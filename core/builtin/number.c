// Methods of numbers, int and float alike, and the built-in functions abs and round.
#include "value/number.h"

#include <math.h>

#include "builtin/builtin.h"
#include "builtin/number_format.h"
#include "builtin/reply.h"
#include "vm/errors.h"

static enum native_status number_fail(struct call *c, enum number_error error)
{
  if (c->heap->exhausted) return throw_memory(c->vm);
  bool is_limit = error == NUMBER_TOO_LARGE;
  return throw_error(c->vm, is_limit ? c->vm->errors.limit : c->vm->errors.arithmetic, "%s", number_error_text(error));
}

static bool arith(struct call *c, enum number_op op, Value a, Value b, Value *result)
{
  enum number_error error = number_arith(c->heap, op, a, b, result);
  if (error) number_fail(c, error);
  return !error;
}

static int sign_of(struct call *c, Value v)
{
  int order = number_compare(c->heap, v, value_int(0));
  return order == 2 ? 0 : order;
}

static enum native_status number_fn_abs(struct call *c)
{
  Value v = c->args[0], result;
  if (!is_number(v)) return arg_fail(c, 0, "a number");
  if (is_float(v)) return native_return(c, value_float(fabs(as_float(v))));
  if (sign_of(c, v) >= 0) return native_return(c, v);
  enum number_error error = number_negate(c->heap, v, &result);
  return error ? number_fail(c, error) : native_return(c, result);
}

static enum native_status number_fn_sign(struct call *c) { return return_int(c, sign_of(c, c->args[0])); }

static u64 magnitude(Value v) { return as_int(v) < 0 ? 0 - (u64)as_int(v) : (u64)as_int(v); }
static u32 limb_count(const struct bigint *n) { return (u32)(n->size < 0 ? -n->size : n->size); }

static i64 word_length(u64 word) { return word ? 64 - __builtin_clzll(word) : 0; }

static i64 bit_length(Value v)
{
  if (is_int(v)) return word_length(magnitude(v));
  u32 count = limb_count(AS_BIGINT(v));
  return (i64)(count - 1) * 64 + word_length(AS_BIGINT(v)->limbs[count - 1]);
}

// Rounding

// The int of a whole double; nan and the infinities have none.
static enum native_status return_whole(struct call *c, double d)
{
  Value n = number_from_double(c->heap, d);
  if (!is_unset(n)) return native_return(c, n);
  if (c->heap->exhausted) return throw_memory(c->vm);
  return throw_error(c->vm, c->vm->errors.value, "%s has no int near it", d != d ? "nan" : d > 0 ? "inf" : "-inf");
}

static enum native_status whole(struct call *c, double (*round_to)(double))
{
  Value v = c->args[0];
  return is_float(v) ? return_whole(c, round_to(as_float(v))) : native_return(c, v);
}

static enum native_status number_fn_floor(struct call *c) { return whole(c, floor); }
static enum native_status number_fn_ceil(struct call *c) { return whole(c, ceil); }
static enum native_status number_fn_trunc(struct call *c) { return whole(c, trunc); }

// To the nearest multiple of 10 ** zeros, halves away from zero; exact.
static enum native_status round_int(struct call *c, Value v, i64 zeros)
{
  Value unit, half, sum, count;
  if (zeros > (bit_length(v) + 1) / 3) return native_return(c, value_int(0));
  bool is_negative = sign_of(c, v) < 0;
  if (is_negative && number_negate(c->heap, v, &v)) return throw_memory(c->vm);
  bool is_done = arith(c, NUMBER_POW, value_int(10), value_int(zeros), &unit) &&
                 arith(c, NUMBER_IDIV, unit, value_int(2), &half) && arith(c, NUMBER_ADD, v, half, &sum) &&
                 arith(c, NUMBER_IDIV, sum, unit, &count) && arith(c, NUMBER_MUL, count, unit, &sum);
  if (!is_done) return NATIVE_THROW;
  if (is_negative && number_negate(c->heap, sum, &sum)) return throw_memory(c->vm);
  return native_return(c, sum);
}

static enum native_status number_fn_round(struct call *c)
{
  Value v = c->args[0];
  i64 digits = 0;
  if (!is_number(v)) return arg_fail(c, 0, "a number");
  if (!arg_int_or(c, 1, &digits)) return NATIVE_THROW;
  if (!is_float(v)) return digits >= 0 ? native_return(c, v) : round_int(c, v, digits > -INT64_MAX ? -digits : INT64_MAX);
  if (!arg_has(c, 1)) return return_whole(c, round(as_float(v)));
  return native_return(c, value_float(number_round_at(as_float(v), digits)));
}

static enum native_status number_fn_clamp(struct call *c)
{
  for (u32 i = 1; i <= 2; i++) {
    if (!is_number(c->args[i])) return arg_fail(c, i, "a number");
  }
  Value v = c->args[0], low = c->args[1], high = c->args[2];
  if (number_compare(c->heap, low, high) > 0) {
    return throw_error(c->vm, c->vm->errors.value, "clamp: the low end is above the high one, or one is nan");
  }
  if (number_compare(c->heap, v, low) == -1) return native_return(c, low);
  return native_return(c, number_compare(c->heap, v, high) == 1 ? high : v);
}

// Kinds of numbers

static enum native_status number_fn_is_nan(struct call *c)
{
  return return_bool(c, is_float(c->args[0]) && isnan(as_float(c->args[0])));
}

static enum native_status number_fn_is_finite(struct call *c)
{
  return return_bool(c, !is_float(c->args[0]) || isfinite(as_float(c->args[0])));
}

static enum native_status number_fn_is_whole(struct call *c)
{
  if (!is_float(c->args[0])) return return_bool(c, true);
  double d = as_float(c->args[0]);
  return return_bool(c, isfinite(d) && floor(d) == d);
}

// Ints

static bool arg_self_int(struct call *c)
{
  if (is_integer(c->args[0])) return true;
  throw_error(c->vm, c->vm->errors.type, "%s: only ints have bits", c->native->name);
  return false;
}

static enum native_status number_fn_bit_length(struct call *c)
{
  return arg_self_int(c) ? return_int(c, bit_length(c->args[0])) : NATIVE_THROW;
}

static enum native_status number_fn_bit_count(struct call *c)
{
  if (!arg_self_int(c)) return NATIVE_THROW;
  if (is_int(c->args[0])) return return_int(c, __builtin_popcountll(magnitude(c->args[0])));
  const struct bigint *n = AS_BIGINT(c->args[0]);
  i64 bits = 0;
  for (u32 i = 0; i < limb_count(n); i++) bits += __builtin_popcountll(n->limbs[i]);
  return return_int(c, bits);
}

static enum native_status number_fn_divmod(struct call *c)
{
  Value both[2];
  if (!is_number(c->args[1])) return arg_fail(c, 1, "a number");
  if (!arith(c, NUMBER_IDIV, c->args[0], c->args[1], &both[0])) return NATIVE_THROW;
  if (!arith(c, NUMBER_MOD, c->args[0], c->args[1], &both[1])) return NATIVE_THROW;
  struct list *pair = list_new(c->heap, 2);
  return return_object(c, pair && list_append(c->heap, pair, both, 2) ? pair : NULL);
}

static const struct native number_natives[] = {
  { .name = "abs",
    .fn = number_fn_abs,
    .usage = "abs()",
    .doc = "The number without its sign.\n"
           "    (-3).abs()               # 3" },
  { .name = "sign", .fn = number_fn_sign, .usage = "sign()", .doc = "-1, 0 or 1: the sign of the number." },
  { .name = "floor",
    .fn = number_fn_floor,
    .usage = "floor()",
    .doc = "The largest int that is not above the number.\n"
           "nan and the infinities are a ValueError.\n"
           "    (-1.5).floor()           # -2" },
  { .name = "ceil",
    .fn = number_fn_ceil,
    .usage = "ceil()",
    .doc = "The smallest int that is not below the number.\n"
           "nan and the infinities are a ValueError.\n"
           "    1.2.ceil()               # 2" },
  { .name = "trunc",
    .fn = number_fn_trunc,
    .usage = "trunc()",
    .doc = "The number without its fraction, as an int.\n"
           "nan and the infinities are a ValueError.\n"
           "    (-1.5).trunc()           # -1" },
  { .name = "round",
    .fn = number_fn_round,
    .max = 1,
    .usage = "round(digits = nil)",
    .doc = "The nearest int, or the nearest number with so many decimals; halves go away from zero.\n"
           "Without [digits] nan and the infinities are a ValueError. Negative digits round to tens, hundreds ...\n"
           "    2.5.round()              # 3\n"
           "    3.14159.round(2)         # 3.14\n"
           "    1250.round(-2)           # 1300" },
  { .name = "clamp",
    .fn = number_fn_clamp,
    .required = 2,
    .max = 2,
    .usage = "clamp(low, high)",
    .doc = "The number, or the end of the span from [low] to [high] it lies beyond.\n"
           "    15.clamp(0, 10)          # 10" },
  { .name = "is_nan",
    .fn = number_fn_is_nan,
    .usage = "is_nan()",
    .doc = "True for nan, the float that is no number." },
  { .name = "is_finite",
    .fn = number_fn_is_finite,
    .usage = "is_finite()",
    .doc = "True but for nan, inf and -inf." },
  { .name = "is_whole",
    .fn = number_fn_is_whole,
    .usage = "is_whole()",
    .doc = "True for ints, and floats without a fraction.\n"
           "    2.0.is_whole()           # true" },
  { .name = "bit_length",
    .fn = number_fn_bit_length,
    .usage = "bit_length()",
    .doc = "How many binary digits the int takes, its sign apart.\n"
           "    255.bit_length()         # 8" },
  { .name = "bit_count",
    .fn = number_fn_bit_count,
    .usage = "bit_count()",
    .doc = "How many of the int's binary digits are 1, its sign apart.\n"
           "    255.bit_count()          # 8" },
  { .name = "divmod",
    .fn = number_fn_divmod,
    .required = 1,
    .max = 1,
    .usage = "divmod(divisor)",
    .doc = "The list of n // divisor and n % divisor.\n"
           "    let [minutes, seconds] = 200.divmod(60)" },
};

static const struct native global_natives[] = {
  { .name = "abs",
    .fn = number_fn_abs,
    .required = 1,
    .max = 1,
    .usage = "abs(n)",
    .doc = "The number without its sign.\n"
           "    abs(-3)                  # 3" },
  { .name = "round",
    .fn = number_fn_round,
    .required = 1,
    .max = 2,
    .usage = "round(n, digits = nil)",
    .doc = "The nearest int, or the nearest number with so many decimals; halves go away from zero.\n"
           "    round(3.14159, 2)        # 3.14" },
};

static bool open(struct lull *vm, struct class *class)
{
  return class_add_natives(vm, class, number_natives, COUNT_OF(number_natives)) && number_format_open(vm, class);
}

bool builtin_open_number(struct lull *vm)
{
  return open(vm, vm->types.int_) && open(vm, vm->types.float_) && vm_define(vm, "nan", value_float(NAN)) &&
         vm_define(vm, "inf", value_float(INFINITY)) &&
         vm_define_natives(vm, global_natives, COUNT_OF(global_natives));
}
