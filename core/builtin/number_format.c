#include "builtin/number_format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "builtin/reply.h"
#include "value/number.h"
#include "vm/errors.h"

#define DECIMALS_MAX 1100              // no double has more
#define FIXED_MAX (DECIMALS_MAX + 330)  // bytes of a double written without an exponent

// Whether the decimals of d end, exactly, in a 5 behind the first [digits]: a half, which is to go away from zero.
static bool is_half(double d, int digits)
{
  double scaled = ldexp(d, digits + 1);
  if (!isfinite(scaled) || floor(scaled) != scaled) return false;
  char text[FIXED_MAX];
  int len = snprintf(text, sizeof text, "%.*f", digits + 1, d);
  return text[len - 1] == '5';
}

// Writes d with so many decimals, 0 to DECIMALS_MAX; returns the length. The library rounds exactly, halves to
// even.
static size_t write_fixed(double d, int digits, char text[FIXED_MAX])
{
  if (is_half(d, digits)) d = nextafter(d, copysign(INFINITY, d));
  return (size_t)snprintf(text, FIXED_MAX, "%.*f", digits, d);
}

double number_round_at(double d, i64 digits)
{
  char text[FIXED_MAX];
  if (!isfinite(d) || digits >= DECIMALS_MAX) return d;
  if (digits < -308) return copysign(0.0, d);
  if (digits < 0) {
    double unit = pow(10, (double)-digits), result = round(d / unit) * unit;
    return isfinite(result) ? result : d;
  }
  write_fixed(d, (int)digits, text);
  return strtod(text, NULL);
}

static bool arg_decimals(struct call *c, u32 i, i64 *decimals)
{
  if (!arg_int_or(c, i, decimals)) return false;
  if (*decimals >= -1 && *decimals <= DECIMALS_MAX) return true;
  throw_error(c->vm, c->vm->errors.value, "the number of decimals must be from 0 to %d", DECIMALS_MAX);
  return false;
}

// Appends the number with so many decimals; with -1 those it has.
static void put_plain(struct call *c, Value v, i64 decimals, struct buf *out)
{
  if (is_float(v) && decimals >= 0 && isfinite(as_float(v))) {
    char text[FIXED_MAX];
    buf_append(out, text, write_fixed(as_float(v), (int)decimals, text));
    return;
  }
  number_print(c->heap, v, out);
  if (is_float(v) || decimals <= 0) return;
  buf_putc(out, '.');
  buf_repeat(out, '0', (size_t)decimals);
}

static bool is_decimal(char c) { return c >= '0' && c <= '9'; }

// Appends [text] with the separator between each three digits of its whole part.
static void put_grouped(const char *text, size_t len, struct string *sep, struct buf *out)
{
  size_t from = len && text[0] == '-' ? 1 : 0, end = from;
  while (end < len && is_decimal(text[end])) end++;
  buf_append(out, text, from);
  for (size_t i = from; i < end; i++) {
    if (i > from && (end - i) % 3 == 0) string_write(sep, out);
    buf_putc(out, text[i]);
  }
  buf_append(out, text + end, len - end);
}

static enum native_status number_fn_format(struct call *c)
{
  i64 decimals = -1;
  struct string *sep = NULL;
  if (!arg_decimals(c, 1, &decimals) || !arg_string_or(c, 2, &sep)) return NATIVE_THROW;
  if (!sep) sep = string_from(c->heap, ",");
  if (!sep) return throw_memory(c->vm);
  bool has_sign = arg_has(c, 3) && !is_falsy(c->args[3]);
  struct buf plain, out;
  buf_init(&plain, &c->vm->alloc);
  buf_init(&out, &c->vm->alloc);
  put_plain(c, c->args[0], decimals, &plain);
  if (has_sign && buf_text(&plain)[0] != '-') buf_putc(&out, '+');
  put_grouped(buf_text(&plain), plain.len, sep, &out);
  out.failed |= plain.failed;
  buf_fini(&plain);
  return return_text(c, &out);
}

static enum native_status number_fn_to_fixed(struct call *c)
{
  i64 decimals = 0;
  if (!arg_decimals(c, 1, &decimals)) return NATIVE_THROW;
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  put_plain(c, c->args[0], decimals < 0 ? 0 : decimals, &out);
  return return_text(c, &out);
}

static enum native_status number_fn_to_exponent(struct call *c)
{
  i64 decimals = 6;
  double d;
  char text[FIXED_MAX];
  if (!arg_double(c, 0, &d) || !arg_decimals(c, 1, &decimals)) return NATIVE_THROW;
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  if (!isfinite(d)) number_print_double(d, &out);
  else buf_append(&out, text, (size_t)snprintf(text, sizeof text, "%.*e", decimals < 0 ? 0 : (int)decimals, d));
  return return_text(c, &out);
}

static enum native_status number_fn_to_string(struct call *c)
{
  i64 base = 10;
  if (!arg_int_or(c, 1, &base)) return NATIVE_THROW;
  if (base < 2 || base > 36) return throw_error(c->vm, c->vm->errors.value, "the base must be from 2 to 36");
  if (is_float(c->args[0]) && base != 10) {
    return throw_error(c->vm, c->vm->errors.type, "only ints can be written in base %lld", (long long)base);
  }
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  if (base == 10) number_print(c->heap, c->args[0], &out);
  else number_print_base(c->heap, c->args[0], (int)base, &out);
  return return_text(c, &out);
}

static const struct native format_natives[] = {
  { .name = "format",
    .fn = number_fn_format,
    .max = 3,
    .usage = "format(decimals = nil, separator = nil, sign = false)",
    .doc = "The number as text with grouped digits.\n"
           "[decimals]: so many behind the point, rounded, halves away from zero; those it has where nil.\n"
           "[separator]: what stands between each three digits; a comma where nil.\n"
           "[sign]: a + before numbers that are not negative.\n"
           "    1234567.891.format(2)            # \"1,234,567.89\"\n"
           "    1234567.format(separator: \" \")   # \"1 234 567\"" },
  { .name = "to_fixed",
    .fn = number_fn_to_fixed,
    .max = 1,
    .usage = "to_fixed(decimals = 0)",
    .doc = "The number as text with so many decimals, rounded, halves away from zero; never with an exponent.\n"
           "    3.14159.to_fixed(2)              # \"3.14\"" },
  { .name = "to_exponent",
    .fn = number_fn_to_exponent,
    .max = 1,
    .usage = "to_exponent(decimals = 6)",
    .doc = "The number as text with one digit before the point and an exponent.\n"
           "    123456.to_exponent(2)            # \"1.23e+05\"" },
  { .name = "to_string",
    .fn = number_fn_to_string,
    .max = 1,
    .usage = "to_string(base = 10)",
    .doc = "The number as text, ints in any base from 2 to 36.\n"
           "    255.to_string(16)                # \"ff\"" },
};

bool number_format_open(struct lull *vm, struct class *class)
{
  return class_add_natives(vm, class, format_natives, COUNT_OF(format_natives));
}
