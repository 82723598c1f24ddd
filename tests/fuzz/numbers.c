// Targets that compare numbers with what GMP and the C library make of the same.
#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "value/number.h"

enum { BITS_MAX = 20000 };

struct bench {
  struct alloc alloc;
  struct heap heap;
  struct buf text;
};

static void bench_init(struct bench *b)
{
  *b = (struct bench){ 0 };
  alloc_init(&b->alloc, SIZE_MAX);
  if (!heap_init(&b->heap, &b->alloc)) abort();
  b->heap.stopped = true;
  number_register(&b->heap);
  buf_init(&b->text, &b->alloc);
}

static void bench_fini(struct bench *b)
{
  buf_fini(&b->text);
  heap_fini(&b->heap);
  if (b->alloc.used) abort();
}

static const char *print(struct bench *b, Value v, int base)
{
  buf_clear(&b->text);
  number_print_base(&b->heap, v, base, &b->text);
  return buf_text(&b->text);
}

// --- whole numbers

static void check_same(struct bench *b, const char *what, Value v, mpz_t expected)
{
  for (int base = 10; base <= 16; base += 6) {
    char *text = mpz_get_str(NULL, base, expected);
    const char *own = print(b, v, base);
    if (!is_integer(v) || strcmp(own, text) != 0) {
      fprintf(stderr, "%s: %s, but GMP has %s\n", what, own, text);
      abort();
    }
    Value again = number_parse_int(&b->heap, text, strlen(text), base);
    if (is_unset(again) || number_compare(&b->heap, again, v) != 0) abort();
    if (number_hash(&b->heap, again) != number_hash(&b->heap, v)) abort();
    free(text);
  }
}

// An operand of the next bytes: a sign, a length, how it ends, and its octets.
static const char *take(const char *at, const char *end, struct bench *b, mpz_t n, Value *v)
{
  unsigned head = at < end ? (unsigned char)*at++ : 0;
  unsigned tail = at < end ? (unsigned char)*at++ : 0;
  size_t len = (head >> 1) < (size_t)(end - at) ? head >> 1 : (size_t)(end - at);
  mpz_import(n, len, 1, 1, 0, 0, at);
  if (tail & 1) mpz_mul_2exp(n, n, tail * 3);
  if (tail & 2) mpz_sub_ui(n, n, 1);
  if (head & 1) mpz_neg(n, n);
  char *text = mpz_get_str(NULL, 16, n);
  *v = number_parse_int(&b->heap, text, strlen(text), 16);
  free(text);
  check_same(b, "an operand", *v, n);
  return at + len;
}

// |result - a / b| may not be larger than for either of its neighbours.
static void check_ratio(double result, mpz_t a, mpz_t b)
{
  mpq_t exact, own, other;
  mpq_inits(exact, own, other, NULL);
  mpq_set_num(exact, a);
  mpq_set_den(exact, b);
  mpq_canonicalize(exact);
  mpq_set_d(own, result);
  mpq_sub(own, own, exact);
  mpq_abs(own, own);
  for (int i = 0; i < 2; i++) {
    double neighbour = nextafter(result, i ? INFINITY : -INFINITY);
    if (!isfinite(neighbour)) continue;
    mpq_set_d(other, neighbour);
    mpq_sub(other, other, exact);
    mpq_abs(other, other);
    if (mpq_cmp(other, own) < 0) abort();
  }
  mpq_clears(exact, own, other, NULL);
}

static void check_divisions(struct bench *b, mpz_t x, mpz_t y, Value vx, Value vy)
{
  mpz_t expected;
  Value v;
  mpz_init(expected);
  enum number_error by_zero = mpz_sgn(y) ? NUMBER_OK : NUMBER_DIVISION_BY_ZERO;
  if (number_arith(&b->heap, NUMBER_IDIV, vx, vy, &v) != by_zero || number_arith(&b->heap, NUMBER_MOD, vx, vy, &v) != by_zero) abort();
  if (mpz_sgn(y)) {
    mpz_fdiv_r(expected, x, y);
    check_same(b, "%", v, expected);
    mpz_fdiv_q(expected, x, y);
    if (number_arith(&b->heap, NUMBER_IDIV, vx, vy, &v) != NUMBER_OK) abort();
    check_same(b, "//", v, expected);
    enum number_error error = number_arith(&b->heap, NUMBER_DIV, vx, vy, &v);
    if (error == NUMBER_OK) check_ratio(v.tag == TAG_FLOAT ? as_float(v) : 0, x, y);
    else if (error != NUMBER_OVERFLOW) abort();
  }
  mpz_clear(expected);
}

typedef void operation(mpz_t, const mpz_t, const mpz_t);
static const struct {
  enum number_op op;
  const char *name;
  operation *expected;
} operations[] = {
  { NUMBER_ADD, "+", mpz_add }, { NUMBER_SUB, "-", mpz_sub }, { NUMBER_MUL, "*", mpz_mul },
  { NUMBER_AND, "&", mpz_and }, { NUMBER_OR, "|", mpz_ior },  { NUMBER_XOR, "^", mpz_xor },
};

static void check_shifts(struct bench *b, mpz_t x, Value vx, unsigned by)
{
  mpz_t expected;
  Value v;
  mpz_init(expected);
  mpz_mul_2exp(expected, x, by);
  if (number_arith(&b->heap, NUMBER_SHL, vx, value_int(by), &v) != NUMBER_OK) abort();
  check_same(b, "<<", v, expected);
  mpz_fdiv_q_2exp(expected, x, by);
  if (number_arith(&b->heap, NUMBER_SHR, vx, value_int(by), &v) != NUMBER_OK) abort();
  check_same(b, ">>", v, expected);
  if (mpz_sizeinbase(x, 2) * (by % 40) < BITS_MAX) {
    mpz_pow_ui(expected, x, by % 40);
    if (number_arith(&b->heap, NUMBER_POW, vx, value_int(by % 40), &v) != NUMBER_OK) abort();
    check_same(b, "**", v, expected);
  }
  mpz_clear(expected);
}

static void check_single(struct bench *b, mpz_t x, Value vx)
{
  mpz_t expected;
  Value v;
  double d;
  mpz_init(expected);
  mpz_neg(expected, x);
  if (number_negate(&b->heap, vx, &v) != NUMBER_OK) abort();
  check_same(b, "-x", v, expected);
  mpz_com(expected, x);
  if (number_invert(&b->heap, vx, &v) != NUMBER_OK) abort();
  check_same(b, "~x", v, expected);
  if (number_to_double(vx, &d)) {
    if (d != strtod(print(b, vx, 10), NULL)) abort();
    mpz_set_d(expected, d);
    check_same(b, "int(float(x))", number_from_double(&b->heap, d), expected);
    int order = mpz_cmp_d(x, d);
    if (number_compare(&b->heap, vx, value_float(d)) != (order > 0) - (order < 0)) abort();
  }
  mpz_clear(expected);
}

void fuzz_bigint(const char *bytes, size_t len)
{
  struct bench b;
  mpz_t x, y, expected;
  Value vx, vy, v;
  bench_init(&b);
  mpz_inits(x, y, expected, NULL);
  const char *at = take(bytes, bytes + len, &b, x, &vx), *end = bytes + len;
  at = take(at, end, &b, y, &vy);
  for (size_t i = 0; i < COUNT_OF(operations); i++) {
    operations[i].expected(expected, x, y);
    if (number_arith(&b.heap, operations[i].op, vx, vy, &v) != NUMBER_OK) abort();
    check_same(&b, operations[i].name, v, expected);
  }
  int order = mpz_cmp(x, y);
  if (number_compare(&b.heap, vx, vy) != (order > 0) - (order < 0)) abort();
  check_divisions(&b, x, y, vx, vy);
  check_single(&b, x, vx);
  check_shifts(&b, x, vx, at < end ? (unsigned char)*at : 0);
  mpz_clears(x, y, expected, NULL);
  bench_fini(&b);
}

// --- floats

// The fewest digits of those nearest to it that strtod reads as the same: there may be a shorter text that is not the nearest of its length.
static int digits_needed(double d)
{
  char text[64];
  int count = 1;
  for (; count < 17; count++) {
    snprintf(text, sizeof text, "%.*e", count - 1, d);
    if (strtod(text, NULL) == d) break;
  }
  return count;
}

static int digits_of(const char *text)
{
  int count = 0, zeros = 0;
  for (; *text && *text != 'e'; text++) {
    if (*text < '0' || *text > '9' || (*text == '0' && !count)) continue;
    count++;
    zeros = *text == '0' ? zeros + 1 : 0;
  }
  return count - zeros;
}

static void check_float(struct bench *b, double d)
{
  double again;
  buf_clear(&b->text);
  number_print_double(d, &b->text);
  const char *text = buf_text(&b->text);
  bool is_same = number_parse_float(text, b->text.len, &again) && (isnan(d) ? isnan(again) : memcmp(&d, &again, sizeof d) == 0);
  bool is_short = !isfinite(d) || d == 0 || (digits_of(text) <= digits_needed(d) && strtod(text, NULL) == d);
  bool is_float = strpbrk(text, ".en") != NULL;
  if (is_same && is_short && is_float) return;
  fprintf(stderr, "%.17g is printed as %s\n", d, text);
  abort();
}

void fuzz_float(const char *bytes, size_t len)
{
  struct bench b;
  bench_init(&b);
  for (; len >= sizeof(double); bytes += sizeof(double), len -= sizeof(double)) {
    double d;
    memcpy(&d, bytes, sizeof d);
    check_float(&b, d);
    check_float(&b, nextafter(d, INFINITY));
    Value whole = number_from_double(&b.heap, d);
    if (is_unset(whole) == (isfinite(d) && d == floor(d))) abort();
    if (!is_unset(whole) && number_compare(&b.heap, whole, value_float(d)) != 0) abort();
  }
  bench_fini(&b);
}

// --- digits

// The text without its `_`, where each stands between two digits of the base; NULL: it is no int.
static char *plain_digits(const char *text, size_t len, int base)
{
  char *plain = malloc(len + 1), *to = plain;
  size_t i = len && (*text == '-' || *text == '+');
  bool was_digit = false, ok = i < len;
  if (len && *text == '-') *to++ = '-';
  for (; ok && i < len; i++) {
    int c = text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : (text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z' ? (text[i] | 0x20) - 'a' + 10 : 99;
    if (text[i] == '_') ok = was_digit && i + 1 < len;
    else ok = c < base;
    was_digit = text[i] != '_';
    if (was_digit) *to++ = text[i];
  }
  *to = 0;
  if (ok) return plain;
  free(plain);
  return NULL;
}

static void check_digits(struct bench *b, const char *text, size_t len, int base)
{
  Value v = number_parse_int(&b->heap, text, len, base);
  char *plain = plain_digits(text, len, base);
  if (is_unset(v) != !plain) {
    fprintf(stderr, "base %d: \"%.*s\" is %s\n", base, (int)len, text, plain ? "refused" : "taken");
    abort();
  }
  mpz_t expected;
  if (plain && mpz_init_set_str(expected, plain, base) != 0) abort();
  if (plain) {
    check_same(b, "digits", v, expected);
    mpz_clear(expected);
  }
  free(plain);
}

// [text] ends with a NUL.
static void check_decimal(const char *text, size_t len)
{
  double d, expected;
  if (!number_parse_float(text, len, &d)) return;
  char *plain = malloc(len + 1), *to = plain, *stop;
  for (size_t i = 0; i < len; i++) {
    if (text[i] != '_') *to++ = text[i];
  }
  *to = 0;
  expected = strtod(plain, &stop);
  if (stop != to || (isnan(d) ? !isnan(expected) : memcmp(&d, &expected, sizeof d) != 0)) {
    fprintf(stderr, "\"%s\" is %.17g, not %.17g\n", text, expected, d);
    abort();
  }
  free(plain);
}

void fuzz_digits(const char *bytes, size_t len)
{
  struct bench b;
  if (len == 0) return;
  bench_init(&b);
  int base = 2 + (unsigned char)*bytes % 35;
  char *text = malloc(len);
  memcpy(text, bytes + 1, len - 1);
  text[len - 1] = 0;
  check_digits(&b, text, len - 1, base);
  check_digits(&b, text, len - 1, 10);
  check_decimal(text, len - 1);
  free(text);
  bench_fini(&b);
}
