#include <float.h>
#include <locale.h>
#include <math.h>

#include <gmp.h>

#include "value/hash.h"
#include "value/number_big.h"
#include "value_fixture.h"

static const char *const symbols[] = { "+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>" };

static enum number_op op_named(const char *symbol)
{
  for (u32 i = 0; i < COUNT_OF(symbols); i++) {
    if (strcmp(symbols[i], symbol) == 0) return (enum number_op)i;
  }
  fail_msg("no operator %s", symbol);
  return NUMBER_ADD;
}

// "2^64", "-2^64", "2^64-1" and so on; else an int or a float as the language writes it.
static Value number(struct fixture *f, const char *text)
{
  double d;
  Value v = UNSET;
  const char *power = strchr(text, '^');
  if (power) {
    char *end;
    i64 exponent = strtol(power + 1, &end, 10), more = strtol(end, NULL, 10);
    assert_int_equal(number_arith(&f->heap, NUMBER_POW, value_int(strtol(text + (*text == '-'), NULL, 10)), value_int(exponent), &v), NUMBER_OK);
    if (*text == '-') assert_int_equal(number_negate(&f->heap, v, &v), NUMBER_OK);
    assert_int_equal(number_arith(&f->heap, NUMBER_ADD, v, value_int(more), &v), NUMBER_OK);
  } else if (strpbrk(text, ".en")) {
    assert_true(number_parse_float(text, strlen(text), &d));
    v = value_float(d);
  } else {
    v = number_parse_int(&f->heap, text, strlen(text), 10);
  }
  assert_false(is_unset(v));
  return v;
}

static const char *print(struct fixture *f, Value v, struct buf *out)
{
  buf_clear(out);
  number_print(&f->heap, v, out);
  assert_false(out->failed);
  return buf_text(out);
}

struct row {
  const char *a, *op, *b, *expected;  // a text, or the error's text after '!'
};

static void check_row(struct fixture *f, const struct row *row)
{
  struct buf out;
  Value result = UNSET;
  buf_init(&out, &f->alloc);
  enum number_error error = number_arith(&f->heap, op_named(row->op), number(f, row->a), number(f, row->b), &result);
  const char *got = error ? number_error_text(error) : print(f, result, &out);
  const char *expected = row->expected + (*row->expected == '!');
  if (strchr(expected, '^')) {
    assert_int_equal(error, NUMBER_OK);
    if (number_compare(&f->heap, result, number(f, expected)) != 0) fail_msg("%s %s %s is %s, not %s", row->a, row->op, row->b, got, expected);
  } else if (strcmp(got, expected) != 0 || !error != (*row->expected != '!')) {
    fail_msg("%s %s %s is %s, not %s", row->a, row->op, row->b, got, expected);
  }
  buf_fini(&out);
}

static void check_rows(struct fixture *f, const struct row *rows, size_t count)
{
  for (size_t i = 0; i < count; i++) check_row(f, &rows[i]);
}

#define MIN "-9223372036854775808"
#define MAX "9223372036854775807"

static void ints_promote_at_the_edges(void **state)
{
  static const struct row rows[] = {
    { MAX, "+", "1", "9223372036854775808" },   { MIN, "-", "1", "-9223372036854775809" },
    { "9223372036854775808", "-", "1", MAX },   { "-9223372036854775809", "+", "1", MIN },
    { MIN, "*", "-1", "9223372036854775808" },  { MIN, "//", "-1", "9223372036854775808" },
    { MIN, "%", "-1", "0" },                    { "0", "-", MIN, "9223372036854775808" },
    { MIN, "*", MIN, "2^126" },                 { "2^64", "-", "2^64", "0" },
    { "2^126", "//", "2^63", "2^63" },          { "-2^126", "//", "2^63", MIN },
    { "1", "<<", "63", "9223372036854775808" }, { "-1", "<<", "63", MIN },
    { "-2^64", ">>", "1", MIN },                { "2^64", "*", "0", "0" },
    { "4294967296", "*", "4294967296", "2^64" }, { "-2", "**", "63", MIN },
    { "2", "**", "63", "9223372036854775808" }, { "3", "**", "41", "36472996377170786403" },
  };
  check_rows(*state, rows, COUNT_OF(rows));
}

static void division_floors(void **state)
{
  static const struct row rows[] = {
    { "7", "//", "2", "3" },           { "-7", "//", "2", "-4" },         { "7", "//", "-2", "-4" },         { "-7", "//", "-2", "3" },
    { "7", "%", "2", "1" },            { "-7", "%", "2", "1" },           { "7", "%", "-2", "-1" },          { "-7", "%", "-2", "-1" },
    { "-1", "//", "2^70", "-1" },      { "-1", "%", "2^70", "2^70-1" },   { "1", "%", "-2^70", "-2^70+1" },  { "0", "%", "2^70", "0" },
    { "-2^100", "//", "3", "-422550200076076467165567735126" },           { "-2^100", "%", "3", "2" },       { "2^100", "%", "-3", "-2" },
    { "7.5", "//", "2", "3.0" },       { "-7.5", "//", "2", "-4.0" },     { "-7.5", "%", "2", "0.5" },       { "7.5", "%", "-2", "-0.5" },
    { "5", "%", "inf", "5.0" },        { "-5", "%", "inf", "inf" },       { "-0.0", "%", "3", "0.0" },       { "1", "//", "inf", "0.0" },
    { "1", "/", "2", "0.5" },          { "6", "/", "3", "2.0" },          { "1", "/", "0", "!division by zero" },
    { "1", "//", "0", "!division by zero" }, { "1.0", "%", "0.0", "!division by zero" }, { "2^70", "%", "0", "!division by zero" },
    { "0.0", "/", "0.0", "!division by zero" }, { "2^70", "/", "0", "!division by zero" }, { "0", "**", "-1", "!division by zero" },
  };
  check_rows(*state, rows, COUNT_OF(rows));
}

static void true_division_rounds_once(void **state)
{
  static const struct row rows[] = {
    { "10^400", "/", "10^399", "10.0" },  { "2^2000", "/", "2^2001", "0.5" },         { "-10^400", "/", "10^400", "-1.0" },
    { "1", "/", "10^400", "0.0" },        { "1", "/", "2^1074", "5e-324" },           { "1", "/", "2^1075", "0.0" },
    { "3", "/", "2^1075", "1e-323" },     { "2^53+1", "/", "1", "9007199254740992.0" }, { "2^53+3", "/", "1", "9007199254740996.0" },
    { "2^1024", "/", "1", "!the int is too large for a float" },                      { "2^1024", "/", "2^1000", "16777216.0" },
  };
  check_rows(*state, rows, COUNT_OF(rows));
  struct fixture *f = *state;
  Value v;
  // 2^64 + 2048 lies in the middle of two floats and goes to the even one; one more goes up.
  assert_int_equal(number_arith(&f->heap, NUMBER_DIV, number(f, "2^64+2048"), value_int(1), &v), NUMBER_OK);
  assert_true(as_float(v) == 0x1p64);
  assert_int_equal(number_arith(&f->heap, NUMBER_DIV, number(f, "2^64+2049"), value_int(1), &v), NUMBER_OK);
  assert_true(as_float(v) == 0x1p64 + 4096);
  // The largest double, and what is half a unit more.
  assert_int_equal(number_arith(&f->heap, NUMBER_SUB, number(f, "2^1024"), number(f, "2^970"), &v), NUMBER_OK);
  double d;
  assert_false(number_to_double(v, &d));
  assert_int_equal(number_arith(&f->heap, NUMBER_SUB, v, value_int(1), &v), NUMBER_OK);
  assert_true(number_to_double(v, &d) && d == DBL_MAX);
}

static void powers(void **state)
{
  static const struct row rows[] = {
    { "2", "**", "10", "1024" },  { "0", "**", "0", "1" },    { "0", "**", "2^70", "0" },  { "1", "**", "2^70", "1" },  { "-1", "**", "2^70+1", "-1" },
    { "2", "**", "-1", "0.5" },   { "-2", "**", "-1", "-0.5" }, { "2", "**", "0.5", "1.4142135623730951" }, { "2.0", "**", "3", "8.0" },
    { "-8", "**", "3", "-512" },  { "10", "**", "30", "10^30" }, { "-12", "**", "25", "-953962166440690129601298432" },
    { "2", "**", "2^70", "!the number would be too large" },   { "2", "**", "33554432", "!the number would be too large" },
    { "3", "**", "1000000000000", "!the number would be too large" }, { "-7", "**", MAX, "!the number would be too large" },
    { "-1.0", "**", "0.5", "nan" }, { "10.0", "**", "400", "inf" }, { "0.0", "**", "-1", "!division by zero" },
  };
  check_rows(*state, rows, COUNT_OF(rows));
}

static void bits_are_two_s_complement_of_endless_width(void **state)
{
  static const struct row rows[] = {
    { "-1", "&", "2^70", "2^70" },  { "-2^70", "&", "-2^71", "-2^71" }, { "-2^70", "|", "1", "-2^70+1" },  { "-1", "^", "2^70", "-2^70-1" },
    { "2^70", "^", "2^70", "0" },   { "-2^64", "|", "2^64-1", "-1" },   { "2^64", "&", "2^64-1", "0" },    { "-2^64", "^", "-2^64", "0" },
    { "-2^64", "&", "-2^64-1", "-2^65" }, { "1", "<<", "100", "2^100" }, { "-1", "<<", "100", "-2^100" },  { "-2^100", ">>", "100", "-1" },
    { "-2^100", ">>", "1000", "-1" }, { "-2^100-1", ">>", "1", "-2^99-1" }, { "-2^100", ">>", "2^70", "-1" }, { "2^100", ">>", "2^70", "0" },
    { "-5", ">>", "1", "-3" },      { "-5", ">>", "200", "-1" },        { "5", ">>", "64", "0" },          { "0", "<<", "2^70", "0" },
    { "1", "<<", "64", "2^64" },    { "3", "<<", "62", "13835058055282163712" }, { "2^100", ">>", "64", "2^36" },
    { "1", "<<", "2^70", "!the number would be too large" }, { "1", "<<", "-1", "!negative shift count" }, { "1", ">>", "-2^70", "!negative shift count" },
    { "1.0", "&", "1", "!bit operators take ints" }, { "1", "<<", "0.5", "!bit operators take ints" },
  };
  check_rows(*state, rows, COUNT_OF(rows));
}

static void mixed_with_floats(void **state)
{
  static const struct row rows[] = {
    { "1", "+", "0.5", "1.5" },   { "2^64", "+", "0.0", "1.8446744073709552e19" }, { "10^400", "*", "0.0", "!the int is too large for a float" },
    { "1", "-", "inf", "-inf" },  { "0.1", "+", "0.2", "0.30000000000000004" },    { "1e308", "*", "10", "inf" },
  };
  check_rows(*state, rows, COUNT_OF(rows));
  struct fixture *f = *state;
  Value v;
  assert_int_equal(number_arith(&f->heap, NUMBER_ADD, TRUE, value_int(1), &v), NUMBER_BAD_KIND);
  assert_int_equal(number_arith(&f->heap, NUMBER_MUL, value_int(1), text(f, "x"), &v), NUMBER_BAD_KIND);
  assert_int_equal(number_negate(&f->heap, NIL, &v), NUMBER_BAD_KIND);
  assert_int_equal(number_invert(&f->heap, value_float(1), &v), NUMBER_NOT_INTEGRAL);
  assert_int_equal(number_invert(&f->heap, value_int(INT64_MIN), &v), NUMBER_OK);
  assert_int_equal(as_int(v), INT64_MAX);
  assert_int_equal(number_negate(&f->heap, value_float(0), &v), NUMBER_OK);
  assert_true(signbit(as_float(v)));
}

// In ascending order; each equals itself only, and none of the others.
static void comparison_is_exact(void **state)
{
  static const char *const ascending[] = {
    "-inf", "-10^400", "-1e300", "-2^64-1", "-18446744073709551616.0", "-2^63-1", "-9223372036854775808.0", "-9223372036854775807", "-1.5", "-1", "-5e-324", "0", "5e-324",
    "0.5", "1", "1.5", "2", "9007199254740992.0", "9007199254740993", "9007199254740994.0", "9223372036854774784.0", MAX, "9223372036854775808.0",
    "9223372036854775809", "2^64-1", "18446744073709551616.0", "2^64+1", "1e300", "2^1024-1", "2^1024", "inf",
  };
  struct fixture *f = *state;
  for (int i = 0; i < (int)COUNT_OF(ascending); i++) {
    for (int j = 0; j < (int)COUNT_OF(ascending); j++) {
      int order = number_compare(&f->heap, number(f, ascending[i]), number(f, ascending[j]));
      if (order != (i > j) - (i < j)) fail_msg("%s against %s is %d", ascending[i], ascending[j], order);
    }
    assert_int_equal(number_compare(&f->heap, number(f, ascending[i]), value_float(NAN)), 2);
    assert_int_equal(number_compare(&f->heap, value_float(NAN), number(f, ascending[i])), 2);
  }
}

static void equal_numbers_hash_alike(void **state)
{
  static const char *const pairs[][2] = {
    { "1", "1.0" },       { "0", "-0.0" },    { MIN, "-9223372036854775808.0" }, { "9223372036854775808", "9223372036854775808.0" },
    { "2^64", "1.8446744073709552e19" },     { "-2^1023", "-8.98846567431158e307" }, { "2^70+1", "2^70+1" },
  };
  struct fixture *f = *state;
  for (u32 i = 0; i < COUNT_OF(pairs); i++) {
    Value a = number(f, pairs[i][0]), b = number(f, pairs[i][1]);
    assert_int_equal(number_compare(&f->heap, a, b), 0);
    assert_int_equal(number_hash(&f->heap, a), number_hash(&f->heap, b));
    assert_int_not_equal(number_hash(&f->heap, a), 0);
  }
  assert_int_not_equal(number_hash(&f->heap, number(f, "2^70")), number_hash(&f->heap, number(f, "-2^70")));
  assert_int_equal(number_hash(&f->heap, value_float(NAN)), number_hash(&f->heap, value_float(-(double)NAN)));
}

static u64 next_random(u64 *seed)
{
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return *seed * UINT64_C(0x2545F4914F6CDD1D);
}

static void random_integer(u64 *seed, mpz_t n)
{
  static const int sizes[] = { 5, 40, 63, 64, 65, 128, 300, 2000, 9000 };
  u64 bits = 1 + next_random(seed) % (u64)sizes[next_random(seed) % COUNT_OF(sizes)];
  mpz_set_ui(n, 0);
  // Runs of equal bits meet more carries than noise does.
  for (u64 done = 0; done < bits;) {
    u64 run = next_random(seed) % 3 ? 64 : 1 + next_random(seed) % 200, word = next_random(seed);
    mpz_mul_2exp(n, n, run);
    if (run == 64) mpz_add_ui(n, n, word);
    else if (word & 1) {
      mpz_t ones;
      mpz_init_set_ui(ones, 1);
      mpz_mul_2exp(ones, ones, run);
      mpz_sub_ui(ones, ones, 1);
      mpz_add(n, n, ones);
      mpz_clear(ones);
    }
    done += run;
  }
  if (next_random(seed) & 1) mpz_neg(n, n);
}

static Value from_mpz(struct fixture *f, const mpz_t n)
{
  char *text = mpz_get_str(NULL, 16, n);
  Value v = number_parse_int(&f->heap, text, strlen(text), 16);
  free(text);
  assert_false(is_unset(v));
  return v;
}

static bool fits_int(const mpz_t n)
{
  size_t bits = mpz_sizeinbase(n, 2);
  return bits < 64 || (bits == 64 && mpz_sgn(n) < 0 && mpz_scan1(n, 0) == 63);
}

static bool has_value(struct fixture *f, Value v, const mpz_t expected)
{
  struct buf out;
  buf_init(&out, &f->alloc);
  number_print_base(&f->heap, v, 10, &out);
  char *text = mpz_get_str(NULL, 10, expected);
  bool is_equal = strcmp(text, buf_text(&out)) == 0;
  bool is_normal = is_int(v) == fits_int(expected);
  free(text);
  buf_fini(&out);
  return is_equal && is_normal;
}

static void by_reference(enum number_op op, mpz_t r, const mpz_t a, const mpz_t b)
{
  switch (op) {
  case NUMBER_ADD: mpz_add(r, a, b); break;
  case NUMBER_SUB: mpz_sub(r, a, b); break;
  case NUMBER_MUL: mpz_mul(r, a, b); break;
  case NUMBER_IDIV: mpz_fdiv_q(r, a, b); break;
  case NUMBER_MOD: mpz_fdiv_r(r, a, b); break;
  case NUMBER_AND: mpz_and(r, a, b); break;
  case NUMBER_OR: mpz_ior(r, a, b); break;
  case NUMBER_XOR: mpz_xor(r, a, b); break;
  case NUMBER_SHL: mpz_mul_2exp(r, a, mpz_get_ui(b)); break;
  case NUMBER_SHR: mpz_fdiv_q_2exp(r, a, mpz_get_ui(b)); break;
  case NUMBER_POW: mpz_pow_ui(r, a, mpz_get_ui(b)); break;
  default: fail();
  }
}

static void check_random(struct fixture *f, u64 *seed, mpz_t a, mpz_t b, mpz_t r)
{
  Value v;
  for (enum number_op op = NUMBER_ADD; op <= NUMBER_SHR; op++) {
    bool is_counted = op == NUMBER_SHL || op == NUMBER_SHR || op == NUMBER_POW;
    if (op == NUMBER_DIV) continue;
    random_integer(seed, a);
    random_integer(seed, b);
    if (next_random(seed) % 4 == 0 && mpz_cmpabs(a, b) < 0) mpz_mul(a, a, b);
    if (is_counted) mpz_set_ui(b, next_random(seed) % (op == NUMBER_POW ? 30 : 300));
    if (mpz_sgn(b) == 0 && (op == NUMBER_IDIV || op == NUMBER_MOD)) continue;
    by_reference(op, r, a, b);
    assert_int_equal(number_arith(&f->heap, op, from_mpz(f, a), from_mpz(f, b), &v), NUMBER_OK);
    if (!has_value(f, v, r)) {
      gmp_printf("# %Zx %s %Zx should be %Zx\n", a, symbols[op], b, r);
      fail();
    }
    assert_int_equal(number_compare(&f->heap, from_mpz(f, a), from_mpz(f, b)), (mpz_cmp(a, b) > 0) - (mpz_cmp(a, b) < 0));
  }
}

static void random_ints_agree_with_the_reference(void **state)
{
  struct fixture *f = *state;
  u64 seed = 88172645463325252u;
  mpz_t a, b, r;
  mpz_inits(a, b, r, NULL);
  for (int i = 0; i < 1500; i++) {
    check_random(f, &seed, a, b, r);
    if (f->poll) {
      f->poll = 0;
      heap_safepoint(&f->heap);
    }
  }
  mpz_clears(a, b, r, NULL);
}

static void ratios_agree_with_doubles(void **state)
{
  struct fixture *f = *state;
  u64 seed = 42;
  mpz_t m, scale;
  mpz_inits(m, scale, NULL);
  for (int i = 0; i < 3000; i++) {
    // (c * k) / (d * k) with k beyond 64 bits is c / d, which the processor rounds.
    double c = (double)(next_random(&seed) >> 11), d = (double)((next_random(&seed) >> (11 + next_random(&seed) % 40)) + 1);
    Value v;
    random_integer(&seed, scale);
    if (mpz_sgn(scale) == 0) continue;
    mpz_set_d(m, c);
    mpz_mul(m, m, scale);
    Value a = from_mpz(f, m);
    mpz_set_d(m, d);
    mpz_mul(m, m, scale);
    assert_int_equal(number_arith(&f->heap, NUMBER_DIV, a, from_mpz(f, m), &v), NUMBER_OK);
    assert_true(as_float(v) == c / d);
  }
  mpz_clears(m, scale, NULL);
}

static void floats_print_shortest(void **state)
{
  static const struct {
    double d;
    const char *text;
  } rows[] = {
    { 1, "1.0" },       { 0.1, "0.1" },       { 100, "100.0" },   { -0.0, "-0.0" },     { 0, "0.0" },          { 1e-5, "0.00001" },  { 1e-6, "1e-6" },
    { 1e-7, "1e-7" },   { 1e15, "1000000000000000.0" },           { 1e16, "1e16" },     { 123456789012345680, "1.2345678901234568e17" },
    { 9999999999999998, "9999999999999998.0" }, { INFINITY, "inf" }, { -INFINITY, "-inf" }, { NAN, "nan" },    { -(double)NAN, "nan" },
    { 5e-324, "5e-324" }, { 2.2250738585072014e-308, "2.2250738585072014e-308" },       { DBL_MAX, "1.7976931348623157e308" },
    { 0x1p-44, "5.684341886080802e-14" },     { 9007199254740992, "9007199254740992.0" }, { 1.5e-5, "0.000015" }, { -2.5e-9, "-2.5e-9" },
    { 1e21, "1e21" },   { 1e22, "1e22" },     { 1e23, "1e23" },   { 0.3, "0.3" },       { 1.0 / 3, "0.3333333333333333" }, { 2.0 / 3, "0.6666666666666666" },
    { 4.35, "4.35" },   { 123456.789, "123456.789" },             { 2e-3, "0.002" },    { 0x1p63, "9.223372036854776e18" },
  };
  struct fixture *f = *state;
  struct buf out;
  buf_init(&out, &f->alloc);
  for (u32 i = 0; i < COUNT_OF(rows); i++) assert_string_equal(print(f, value_float(rows[i].d), &out), rows[i].text);
  buf_fini(&out);
}

static u64 bits_of(double d)
{
  u64 bits;
  memcpy(&bits, &d, sizeof bits);
  return bits;
}

static double from_bits(u64 bits)
{
  double d;
  memcpy(&d, &bits, sizeof d);
  return d;
}

static int significant_digits(const char *text)
{
  int count = 0, zeros = 0;
  for (; *text && *text != 'e'; text++) {
    if (*text < '0' || *text > '9' || (count == 0 && *text == '0')) continue;
    count++;
    zeros = *text == '0' ? zeros + 1 : 0;
  }
  return count - zeros;
}

// Reads back the same here and by libc; with a digit less it would not.
static void check_round_trip(struct fixture *f, double d, struct buf *out)
{
  char shorter[64];
  double back;
  const char *text = print(f, value_float(d), out);
  assert_true(number_parse_float(text, out->len, &back));
  if (bits_of(back) != bits_of(d) || bits_of(strtod(text, NULL)) != bits_of(d)) fail_msg("%a prints as %s", d, text);
  int digits = significant_digits(text);
  if (digits < 2) return;
  snprintf(shorter, sizeof shorter, "%.*e", digits - 2, d);
  if (strtod(shorter, NULL) == d) fail_msg("%s is shorter than %s", shorter, text);
}

static void floats_round_trip(void **state)
{
  struct fixture *f = *state;
  struct buf out;
  u64 seed = 7;
  buf_init(&out, &f->alloc);
  for (u64 exponent = 0; exponent < 2047; exponent++) {
    for (u64 near = 0; near < 5; near++) {
      u64 bits = (exponent << 52) + near - 2;
      if (bits > 0 && bits < bits_of(INFINITY)) check_round_trip(f, from_bits(bits), &out);
    }
  }
  for (int i = 0; i < 40000; i++) {
    double d = from_bits(next_random(&seed) & ~((u64)1 << 63));
    if (isfinite(d)) check_round_trip(f, d, &out);
    check_round_trip(f, (double)(next_random(&seed) % 100000000) / (double)(1 + next_random(&seed) % 1000), &out);
  }
  buf_fini(&out);
}

// The middle between two floats, to its last digit, and one digit more or less.
static void floats_read_exactly(void **state)
{
  u64 seed = 99;
  mpz_t middle, power;
  (void)state;
  mpz_inits(middle, power, NULL);
  for (int i = 0; i < 3000; i++) {
    u64 bits = next_random(&seed) & (i % 3 ? ~((u64)1 << 63) : UINT64_C(0x003FFFFFFFFFFFFF)), exponent = bits >> 52;
    if (exponent > 2000) continue;
    u64 odd = 2 * ((bits & (((u64)1 << 52) - 1)) | (exponent ? (u64)1 << 52 : 0)) + 1;
    mpz_import(middle, 1, 1, sizeof odd, 0, 0, &odd);
    int binary = (exponent ? (int)exponent : 1) - 1076;
    if (binary > 0) mpz_mul_2exp(middle, middle, (u64)binary);
    mpz_ui_pow_ui(power, 5, binary < 0 ? (u64)-binary : 0);
    mpz_mul(middle, middle, power);
    for (int more = -1; more <= 1; more++) {
      char text[1500];
      double d;
      mpz_mul_ui(power, middle, 10);
      if (more > 0) mpz_add_ui(power, power, 1);
      if (more < 0) mpz_sub_ui(power, power, 1);
      gmp_snprintf(text, sizeof text, "%Zde%d", power, (binary < 0 ? binary : 0) - 1);
      assert_true(number_parse_float(text, strlen(text), &d));
      if (d != strtod(text, NULL)) fail_msg("%s reads as %a", text, d);
    }
  }
  mpz_clears(middle, power, NULL);
}

static void floats_parse(void **state)
{
  static const struct {
    const char *text;
    double d;
  } good[] = {
    { "3.14", 3.14 }, { "1e9", 1e9 }, { "1_000.5", 1000.5 }, { "1E+3", 1000 }, { "-2.5e-3", -2.5e-3 }, { "12", 12 }, { ".5", .5 }, { "5.", 5 }, { "+1.5", 1.5 },
    { "1e400", INFINITY }, { "-1e400", -INFINITY }, { "1e-400", 0 }, { "inf", INFINITY }, { "-inf", -INFINITY }, { "0e999999999999999999999", 0 },
    { "1e99999999999999999999", INFINITY }, { "1e-99999999999999999999", 0 }, { "9007199254740993", 9007199254740992 }, { "0.000000000000000000000000000001", 1e-30 },
    { "179769313486231580793e289", INFINITY }, { "2.4703282292062327e-324", 0 }, { "2.4703282292062328e-324", 5e-324 },
  };
  static const char *const bad[] = { "", "-", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1__0", "_1", "1_", "1_.5", "1._5", "1e_5", " 1", "1 ", "nanx", "infinity", "1,5", "--1", "1e5.0" };
  (void)state;
  double d;
  for (u32 i = 0; i < COUNT_OF(good); i++) {
    if (!number_parse_float(good[i].text, strlen(good[i].text), &d) || bits_of(d) != bits_of(good[i].d)) fail_msg("%s reads as %a", good[i].text, d);
  }
  for (u32 i = 0; i < COUNT_OF(bad); i++) {
    if (number_parse_float(bad[i], strlen(bad[i]), &d)) fail_msg("%s reads as %a", bad[i], d);
  }
  assert_true(number_parse_float("nan", 3, &d) && isnan(d));
  // As many zeros as cancel the exponent.
  char text[3100] = "0.";
  memset(text + 2, '0', 3000);
  strcpy(text + 3002, "17e3001");
  assert_true(number_parse_float(text, strlen(text), &d) && d == 1.7);
}

static void ints_parse(void **state)
{
  static const struct {
    const char *text;
    int base;
    const char *decimal;
  } good[] = {
    { "0", 10, "0" }, { "42", 10, "42" }, { "-42", 10, "-42" }, { "+7", 10, "7" }, { "1_000", 10, "1000" }, { "ff", 16, "255" }, { "FF", 16, "255" }, { "11", 2, "3" },
    { "17", 8, "15" }, { "zz", 36, "1295" }, { MIN, 10, MIN }, { MAX, 10, MAX }, { "9223372036854775808", 10, "9223372036854775808" },
    { "-8000000000000000", 16, MIN }, { "8000000000000000", 16, "9223372036854775808" }, { "0000000000000000000000000000000000005", 10, "5" },
    { "1_0000_0000_0000_0000", 16, "18446744073709551616" }, { "-9223372036854775809", 10, "-9223372036854775809" },
  };
  static const char *const bad[] = { "", "-", "+", "_1", "1_", "1__2", "12a", "0x1", " 1", "1.0", "--1", "-_1" };
  struct fixture *f = *state;
  struct buf out;
  buf_init(&out, &f->alloc);
  for (u32 i = 0; i < COUNT_OF(good); i++) {
    Value v = number_parse_int(&f->heap, good[i].text, strlen(good[i].text), good[i].base);
    assert_false(is_unset(v));
    assert_string_equal(print(f, v, &out), good[i].decimal);
  }
  for (u32 i = 0; i < COUNT_OF(bad); i++) {
    if (!is_unset(number_parse_int(&f->heap, bad[i], strlen(bad[i]), 10))) fail_msg("'%s' is no int", bad[i]);
  }
  assert_true(is_unset(number_parse_int(&f->heap, "12", 2, 2)));
  buf_fini(&out);
}

static void ints_round_trip_in_every_base(void **state)
{
  static const char *const numbers[] = { "0", "-1", MIN, MAX, "2^64", "-2^64+1", "10^50", "-3^400", "7^20000" };
  struct fixture *f = *state;
  struct buf out;
  buf_init(&out, &f->alloc);
  for (u32 i = 0; i < COUNT_OF(numbers); i++) {
    for (int base = 2; base <= 36; base++) {
      Value v = number(f, numbers[i]);
      buf_clear(&out);
      number_print_base(&f->heap, v, base, &out);
      Value back = number_parse_int(&f->heap, buf_text(&out), out.len, base);
      assert_false(is_unset(back));
      assert_int_equal(number_compare(&f->heap, v, back), 0);
    }
  }
  buf_fini(&out);
}

static void conversions(void **state)
{
  struct fixture *f = *state;
  assert_true(is_same(number_from_double(&f->heap, -3), value_int(-3)));
  assert_true(is_same(number_from_double(&f->heap, -0x1p63), value_int(INT64_MIN)));
  assert_true(is_unset(number_from_double(&f->heap, 0.5)));
  assert_true(is_unset(number_from_double(&f->heap, NAN)));
  assert_true(is_unset(number_from_double(&f->heap, -INFINITY)));
  assert_int_equal(number_compare(&f->heap, number_from_double(&f->heap, 0x1p63), number(f, "2^63")), 0);
  assert_int_equal(number_compare(&f->heap, number_from_double(&f->heap, -0x1p1023), number(f, "-2^1023")), 0);
  assert_int_equal(number_compare(&f->heap, number_from_u64(&f->heap, UINT64_MAX), number(f, "2^64-1")), 0);
  assert_true(is_same(number_from_u64(&f->heap, 5), value_int(5)));
}

// Results beyond the limit are refused before they are computed: nothing is allocated.
static void what_is_too_large_costs_nothing(void **state)
{
  struct fixture *f = *state;
  Value big, v;
  size_t bits = BIGINT_MAX_LIMBS * 64;
  assert_int_equal(number_arith(&f->heap, NUMBER_SHL, value_int(1), value_int((i64)bits - 1), &big), NUMBER_OK);
  assert_int_equal(number_arith(&f->heap, NUMBER_ADD, big, big, &v), NUMBER_TOO_LARGE);
  size_t used = f->alloc.used;
  f->alloc.peak = used;
  assert_int_equal(number_arith(&f->heap, NUMBER_MUL, big, big, &v), NUMBER_TOO_LARGE);
  assert_int_equal(number_arith(&f->heap, NUMBER_SHL, value_int(1), value_int((i64)bits), &v), NUMBER_TOO_LARGE);
  assert_int_equal(number_arith(&f->heap, NUMBER_POW, value_int(10), value_int(INT64_MAX), &v), NUMBER_TOO_LARGE);
  assert_int_equal(number_arith(&f->heap, NUMBER_POW, big, value_int(2), &v), NUMBER_TOO_LARGE);
  assert_int_equal(f->alloc.peak, used);
}

static void refused_memory_is_an_error(void **state)
{
  struct fixture *f = *state;
  Value a = number(f, "3^20000"), v;
  size_t limit = f->alloc.used + 100;
  static const char *const ops[] = { "+", "*", "//", "%", "**", "<<", "|" };
  for (u32 i = 0; i < COUNT_OF(ops); i++) {
    f->alloc.limit = limit;
    f->heap.exhausted = false;
    Value b = i == 4 || i == 5 ? value_int(7) : i == 2 ? value_int(3) : a;
    assert_int_equal(number_arith(&f->heap, op_named(ops[i]), a, b, &v), NUMBER_TOO_LARGE);
    assert_true(f->heap.exhausted);
  }
  f->alloc.limit = SIZE_MAX;
  f->heap.exhausted = false;
}

static void table_of_powers_is_right(void **state)
{
  (void)state;
  mpz_t power, entry;
  mpz_inits(power, entry, NULL);
  for (int k = NUMBER_POWER_MIN; k <= NUMBER_POWER_MAX; k++) {
    mpz_ui_pow_ui(power, 10, (u64)(k < 0 ? -k : k));
    u64 bits = mpz_sizeinbase(power, 2);
    if (k < 0) {
      mpz_set_ui(entry, 1);
      mpz_mul_2exp(entry, entry, bits + 127);
      mpz_cdiv_q(entry, entry, power);
    } else if (bits > 128) {
      mpz_cdiv_q_2exp(entry, power, bits - 128);
    } else {
      mpz_mul_2exp(entry, power, 128 - bits);
    }
    const struct number_power *g = &number_powers[k - NUMBER_POWER_MIN];
    mpz_import(power, 2, 1, sizeof g->high, 0, 0, (u64[2]){ g->high, g->low });
    assert_int_equal(mpz_sizeinbase(power, 2), 128);
    if (mpz_cmp(power, entry) != 0) fail_msg("entry of 10^%d", k);
  }
  mpz_clears(power, entry, NULL);
}

static void locale_changes_nothing(void **state)
{
  static const char *const names[] = { "de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "ru_RU.UTF-8" };
  struct fixture *f = *state;
  struct buf out;
  double d;
  bool is_set = false;
  for (u32 i = 0; i < COUNT_OF(names) && !is_set; i++) is_set = setlocale(LC_NUMERIC, names[i]) != NULL;
  if (!is_set) print_message("# no locale with another decimal point is installed\n");
  buf_init(&out, &f->alloc);
  assert_string_equal(print(f, value_float(1234567.5), &out), "1234567.5");
  assert_true(number_parse_float("1.23456789012345678", 19, &d));
  assert_true(d == 1.23456789012345678);
  buf_fini(&out);
  setlocale(LC_NUMERIC, "C");
}

#ifdef LULL_TINY_LIMITS
#define LONG_SIZES { { 9, 9 }, { 20, 3 }, { 33, 32 }, { 40, 11 }, { 64, 64 }, { 65, 1 }, { 200, 90 }, { 137, 100 } }
#define LONG_DIGITS { 3, 4, 5, 17, 64, 100, 333 }
#else
#define LONG_SIZES \
  { { 65537, 65536 }, { 150000, 70000 }, { 80000, 79000 }, { 140001, 1 }, { 140001, 20000 }, { 140001, 139990 }, { 32769, 16384 }, { 32770, 16385 } }
#define LONG_DIGITS { 4096, 4097, 30001 }
#endif

// Runs of ones and zeros, where carries go far.
static mp_limb_t *random_limbs(size_t size)
{
  mp_limb_t *limbs = malloc(size * sizeof *limbs);
  mpn_random2(limbs, (mp_size_t)size);
  return limbs;
}

static void check_long_pair(struct fixture *f, mp_size_t a_size, mp_size_t b_size)
{
  mp_size_t both = a_size + b_size, high = a_size - b_size + 1;
  mp_limb_t *a = random_limbs((size_t)a_size), *b = random_limbs((size_t)b_size);
  mp_limb_t *expected = random_limbs((size_t)both), *found = random_limbs((size_t)both);
  mpn_mul(expected, a, a_size, b, b_size);
  assert_true(limbs_multiply(&f->heap, found, a, a_size, b, b_size));
  assert_int_equal(mpn_cmp(expected, found, both), 0);
  assert_true(limbs_multiply(&f->heap, found, b, b_size, a, a_size));
  assert_int_equal(mpn_cmp(expected, found, both), 0);
  mpn_tdiv_qr(expected, expected + high, 0, a, a_size, b, b_size);
  assert_true(limbs_divide(&f->heap, found, found + high, a, a_size, b, b_size));
  assert_int_equal(mpn_cmp(expected, found, high + b_size), 0);
  if (a_size <= 80000) {
    mp_limb_t *square = random_limbs((size_t)a_size * 2), *same = random_limbs((size_t)a_size * 2);
    mpn_sqr(square, a, a_size);
    assert_true(limbs_multiply(&f->heap, same, a, a_size, a, a_size));
    assert_int_equal(mpn_cmp(square, same, 2 * a_size), 0);
    free(square);
    free(same);
  }
  free(a);
  free(b);
  free(expected);
  free(found);
}

static void check_long_digits(struct fixture *f, mp_size_t size, int base)
{
  mp_limb_t *a = random_limbs((size_t)size + 1), *copy = random_limbs((size_t)size + 1), *back = random_limbs((size_t)size + 3);
  u8 *expected = malloc((size_t)size * 64 + 2), *found = malloc((size_t)size * 64 + 2);
  if (a[size - 1] == 0) a[size - 1] = 1;
  mpn_copyi(copy, a, size);
  size_t count = mpn_get_str(expected, base, copy, size), zeros = 0;
  mpn_copyi(copy, a, size);
  size_t got = limbs_to_digits(&f->heap, copy, size, base, found), other = 0;
  while (expected[zeros] == 0) zeros++;
  while (found[other] == 0) other++;
  assert_int_equal(got - other, count - zeros);
  assert_memory_equal(found + other, expected + zeros, count - zeros);
  mp_size_t again = limbs_from_digits(&f->heap, back, expected + zeros, count - zeros, base);
  while (again > 0 && back[again - 1] == 0) again--;
  assert_int_equal(again, size);
  assert_int_equal(mpn_cmp(a, back, size), 0);
  free(a);
  free(copy);
  free(back);
  free(expected);
  free(found);
}

static void long_ints_agree_with_the_reference(void **state)
{
  static const mp_size_t pairs[][2] = LONG_SIZES, digits[] = LONG_DIGITS;
  static const int bases[] = { 3, 10, 16, 36 };
  for (u32 i = 0; i < COUNT_OF(pairs); i++) check_long_pair(*state, pairs[i][0], pairs[i][1]);
  for (u32 i = 0; i < COUNT_OF(digits); i++) {
    for (u32 n = 0; n < COUNT_OF(bases); n++) check_long_digits(*state, digits[i], bases[n]);
  }
}

static u32 asked_until_stop;

static bool stop_after_some(struct heap *heap)
{
  (void)heap;
  return asked_until_stop-- == 0;
}

#ifdef LULL_TINY_LIMITS
static void short_ints_are_divided_like_long_ones(void **state)
{
  for (mp_size_t a = 1; a <= 48; a++)
    for (mp_size_t b = 1; b <= a; b++) check_long_pair(*state, a, b);
}
#endif

// Whenever the work is to stop, it does, with an error as where there is no memory, and gives all of it back.
static void long_work_stops(void **state)
{
  struct fixture *f = *state;
#ifdef LULL_TINY_LIMITS
  const mp_size_t size = 600;
#else
  const mp_size_t size = 70000;
#endif
  Value one = value_int(1), n, square, text = NIL;
  struct buf digits;
  u32 stops = 0;
  buf_init(&digits, &f->alloc);
  assert_int_equal(number_arith(&f->heap, NUMBER_SHL, one, value_int(size * 64 - 1), &n), NUMBER_OK);
  assert_int_equal(number_arith(&f->heap, NUMBER_SUB, n, one, &n), NUMBER_OK);
  f->heap.must_stop = stop_after_some;
  f->poll = 1;
  for (bool is_done = false; !is_done; stops += stops / 2 + 1) {
    asked_until_stop = stops;
    f->heap.exhausted = false;
    buf_clear(&digits);
    is_done = number_arith(&f->heap, NUMBER_MUL, n, n, &square) == NUMBER_OK &&
              number_arith(&f->heap, NUMBER_IDIV, square, n, &square) == NUMBER_OK;
    if (is_done) number_print(&f->heap, n, &digits);
    is_done = is_done && !digits.failed;
    if (is_done) text = number_parse_int(&f->heap, buf_text(&digits), digits.len, 10);
    is_done = is_done && !is_unset(text);
    assert_true(is_done || f->heap.exhausted);
  }
  assert_true(stops > 20);
  assert_int_equal(number_compare(&f->heap, n, text), 0);
  assert_int_equal(number_compare(&f->heap, n, square), 0);
  f->heap.must_stop = NULL;
  buf_fini(&digits);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(long_ints_agree_with_the_reference, fixture_setup, fixture_teardown),
#ifdef LULL_TINY_LIMITS
    cmocka_unit_test_setup_teardown(short_ints_are_divided_like_long_ones, fixture_setup, fixture_teardown),
#endif
    cmocka_unit_test_setup_teardown(long_work_stops, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(ints_promote_at_the_edges, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(division_floors, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(true_division_rounds_once, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(powers, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(bits_are_two_s_complement_of_endless_width, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(mixed_with_floats, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(comparison_is_exact, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(equal_numbers_hash_alike, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(random_ints_agree_with_the_reference, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(ratios_agree_with_doubles, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(floats_print_shortest, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(floats_round_trip, fixture_setup, fixture_teardown),
    cmocka_unit_test(floats_read_exactly),
    cmocka_unit_test(floats_parse),
    cmocka_unit_test_setup_teardown(ints_parse, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(ints_round_trip_in_every_base, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(conversions, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(what_is_too_large_costs_nothing, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(refused_memory_is_an_error, fixture_setup, fixture_teardown),
    cmocka_unit_test(table_of_powers_is_right),
    cmocka_unit_test_setup_teardown(locale_changes_nothing, fixture_setup, fixture_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
