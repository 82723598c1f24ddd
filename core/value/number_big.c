// Arithmetic of ints beyond 64 bits: sign and magnitude over GMP's mpn functions.
#include "value/number_big.h"

#include <math.h>
#include <string.h>

#define BIT_LIMIT ((u64)BIGINT_MAX_LIMBS * 64)

void integer_load(struct integer *n, Value v)
{
  if (is_int(v)) {
    i64 i = as_int(v);
    n->word = i < 0 ? 0 - (u64)i : (u64)i;
    n->limbs = &n->word;
    n->size = i != 0;
    n->is_negative = i < 0;
    return;
  }
  const struct bigint *b = AS_BIGINT(v);
  n->limbs = b->limbs;
  n->is_negative = b->size < 0;
  n->size = b->size < 0 ? -b->size : b->size;
}

size_t limbs_bits(const mp_limb_t *limbs, mp_size_t size)
{
  return (size_t)size * 64 - (size_t)__builtin_clzll(limbs[size - 1]);
}

int limbs_compare(const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b, mp_size_t b_size)
{
  if (a_size != b_size) return a_size < b_size ? -1 : 1;
  int order = a_size ? mpn_cmp(a, b, a_size) : 0;
  return (order > 0) - (order < 0);
}

// One limb more than the limit: a carry may turn out to be zero.
struct bigint *bigint_new(struct heap *heap, size_t limbs)
{
  if (limbs > BIGINT_MAX_LIMBS + 1) return NULL;
  return heap_try_new(heap, KIND_BIGINT, sizeof(struct bigint) + limbs * sizeof(u64));
}

enum number_error bigint_finish(struct bigint *b, size_t limbs, bool is_negative, Value *result)
{
  while (limbs > 0 && b->limbs[limbs - 1] == 0) limbs--;
  if (limbs > BIGINT_MAX_LIMBS) return NUMBER_TOO_LARGE;
  u64 low = limbs ? b->limbs[0] : 0;
  b->size = is_negative ? -(i32)limbs : (i32)limbs;
  if (limbs > 1 || low > (u64)INT64_MAX + is_negative) *result = value_object(b);
  else *result = value_int((i64)(is_negative ? 0 - low : low));
  return NUMBER_OK;
}

mp_limb_t *scratch_take(struct heap *heap, struct scratch *s, size_t limbs)
{
  s->size = limbs <= COUNT_OF(s->near) ? 0 : limbs * sizeof *s->limbs;
  s->limbs = s->size ? heap_resize(heap, NULL, 0, s->size) : s->near;
  return s->limbs;
}

void scratch_give_back(struct heap *heap, struct scratch *s)
{
  if (s->size && s->limbs) (void)heap_resize(heap, s->limbs, s->size, 0);
}

static enum number_error copy(struct heap *heap, const struct integer *a, bool is_negative, Value *result)
{
  struct bigint *r = bigint_new(heap, (size_t)a->size);
  if (!r) return NUMBER_TOO_LARGE;
  if (a->size) mpn_copyi(r->limbs, a->limbs, a->size);
  return bigint_finish(r, (size_t)a->size, is_negative, result);
}

enum number_error integer_add(struct heap *heap, const struct integer *a, const struct integer *b, bool is_sub, Value *result)
{
  bool b_negative = b->is_negative != is_sub;
  if (b->size == 0) return copy(heap, a, a->is_negative, result);
  if (a->size == 0) return copy(heap, b, b_negative, result);
  int order = limbs_compare(a->limbs, a->size, b->limbs, b->size);
  const struct integer *larger = order < 0 ? b : a, *smaller = order < 0 ? a : b;
  bool is_negative = order < 0 ? b_negative : a->is_negative;
  struct bigint *r = bigint_new(heap, (size_t)larger->size + 1);
  if (!r) return NUMBER_TOO_LARGE;
  if (a->is_negative == b_negative) {
    r->limbs[larger->size] = mpn_add(r->limbs, larger->limbs, larger->size, smaller->limbs, smaller->size);
    return bigint_finish(r, (size_t)larger->size + 1, is_negative, result);
  }
  mpn_sub(r->limbs, larger->limbs, larger->size, smaller->limbs, smaller->size);
  return bigint_finish(r, (size_t)larger->size, is_negative, result);
}

enum number_error integer_multiply(struct heap *heap, const struct integer *a, const struct integer *b, Value *result)
{
  *result = value_int(0);
  if (a->size == 0 || b->size == 0) return NUMBER_OK;
  size_t size = (size_t)(a->size + b->size);
  struct bigint *r = bigint_new(heap, size);
  if (!r || !limbs_multiply(heap, r->limbs, a->limbs, a->size, b->limbs, b->size)) return NUMBER_TOO_LARGE;
  return bigint_finish(r, size, a->is_negative != b->is_negative, result);
}

// Where |a| < |b|: the quotient is 0 or -1, the remainder a or a + b.
static enum number_error divide_smaller(struct heap *heap, const struct integer *a, const struct integer *b, bool want_mod, Value *result)
{
  bool is_adjusted = a->size > 0 && a->is_negative != b->is_negative;
  if (!want_mod) {
    *result = value_int(is_adjusted ? -1 : 0);
    return NUMBER_OK;
  }
  return is_adjusted ? integer_add(heap, a, b, false, result) : copy(heap, a, a->is_negative, result);
}

// Floors: where the signs differ and something remains, the quotient is one further from zero and the remainder is taken from |b|.
enum number_error integer_divide(struct heap *heap, const struct integer *a, const struct integer *b, bool want_mod, Value *result)
{
  if (b->size == 0) return NUMBER_DIVISION_BY_ZERO;
  if (limbs_compare(a->limbs, a->size, b->limbs, b->size) < 0) return divide_smaller(heap, a, b, want_mod, result);
  size_t q_size = (size_t)(a->size - b->size) + 1, r_size = (size_t)b->size;
  struct bigint *kept = bigint_new(heap, want_mod ? r_size : q_size + 1);
  struct scratch other;
  if (!kept || !scratch_take(heap, &other, want_mod ? q_size : r_size)) return NUMBER_TOO_LARGE;
  mp_limb_t *q = want_mod ? other.limbs : kept->limbs, *r = want_mod ? kept->limbs : other.limbs;
  bool is_done = limbs_divide(heap, q, r, a->limbs, a->size, b->limbs, b->size);
  bool is_adjusted = a->is_negative != b->is_negative && is_done && !mpn_zero_p(r, b->size);
  if (want_mod && is_adjusted) mpn_sub_n(r, b->limbs, r, b->size);
  if (!want_mod && is_done) q[q_size] = is_adjusted ? mpn_add_1(q, q, (mp_size_t)q_size, 1) : 0;
  scratch_give_back(heap, &other);
  if (!is_done) return NUMBER_TOO_LARGE;
  if (want_mod) return bigint_finish(kept, r_size, b->is_negative, result);
  return bigint_finish(kept, q_size + 1, a->is_negative != b->is_negative, result);
}

// By squaring, highest bit first, between two buffers; returns where the power lies, or NULL as limbs_multiply.
static mp_limb_t *power(struct heap *heap, mp_limb_t *from, mp_limb_t *to, const mp_limb_t *base, mp_size_t base_size, u64 exponent,
                        mp_size_t *size)
{
  mpn_copyi(from, base, base_size);
  *size = base_size;
  for (int bit = 62 - __builtin_clzll(exponent); bit >= 0; bit--) {
    for (int step = 0; step < 1 + (int)(exponent >> bit & 1); step++) {
      const mp_limb_t *factor = step ? base : from;
      mp_size_t factor_size = step ? base_size : *size;
      if (!limbs_multiply(heap, to, from, *size, factor, factor_size)) return NULL;
      *size += factor_size;
      *size -= to[*size - 1] == 0;
      mp_limb_t *swap = from;
      from = to;
      to = swap;
    }
  }
  return from;
}

// Good to 14 digits.
static double limbs_log2(const mp_limb_t *limbs, mp_size_t size)
{
  int shift = __builtin_clzll(limbs[size - 1]);
  u64 top = limbs[size - 1] << shift;
  if (shift && size > 1) top |= limbs[size - 2] >> (64 - shift);
  return log2((double)top) + (double)((size - 1) * 64 - shift);
}

// odd ** exponent * 2^shift
static enum number_error power_shifted(struct heap *heap, const mp_limb_t *odd, mp_size_t odd_size, u64 exponent, u64 shift, bool is_negative,
                                       Value *result)
{
  size_t room = (size_t)(limbs_log2(odd, odd_size) * (double)exponent / 64) + 4;
  struct scratch space;
  mp_limb_t *from = scratch_take(heap, &space, 2 * room);
  if (!from) return NUMBER_TOO_LARGE;
  struct integer whole = { .is_negative = is_negative };
  whole.limbs = power(heap, from, from + room, odd, odd_size, exponent, &whole.size);
  enum number_error error = whole.limbs ? integer_shift_left(heap, &whole, shift, result) : NUMBER_TOO_LARGE;
  scratch_give_back(heap, &space);
  return error;
}

enum number_error integer_power(struct heap *heap, const struct integer *a, const struct integer *b, Value *result)
{
  bool is_odd = b->size && (b->limbs[0] & 1);
  *result = value_int(b->size == 0);
  if (a->size == 0 || b->size == 0) return NUMBER_OK;
  *result = value_int(a->is_negative && is_odd ? -1 : 1);
  if (a->size == 1 && a->limbs[0] == 1) return NUMBER_OK;
  // How long the result will be is known before anything is computed.
  u64 exponent = b->limbs[0];
  if (b->size > 1 || limbs_log2(a->limbs, a->size) * (double)exponent > (double)(BIT_LIMIT + 64)) return NUMBER_TOO_LARGE;
  // Factors of two are set aside: they cost a shift at the end.
  u64 twos = mpn_scan1(a->limbs, 0);
  struct scratch space;
  mp_limb_t *odd = scratch_take(heap, &space, (size_t)a->size);
  if (!odd) return NUMBER_TOO_LARGE;
  mp_size_t size = a->size - (mp_size_t)(twos / 64);
  if (twos % 64) mpn_rshift(odd, a->limbs + twos / 64, size, twos % 64);
  else mpn_copyi(odd, a->limbs + twos / 64, size);
  size -= odd[size - 1] == 0;
  enum number_error error = power_shifted(heap, odd, size, exponent, twos * exponent, a->is_negative && is_odd, result);
  scratch_give_back(heap, &space);
  return error;
}

// The limbs of an int in two's complement of endless width, lowest first.
struct complement {
  const struct integer *n;
  mp_size_t at;
  mp_limb_t carry;  // of adding one to the inverted limbs
};

static mp_limb_t complement_next(struct complement *c)
{
  mp_limb_t limb = c->at < c->n->size ? c->n->limbs[c->at] : 0;
  c->at++;
  if (!c->n->is_negative) return limb;
  limb = ~limb + c->carry;
  c->carry = c->carry && limb == 0;
  return limb;
}

static mp_limb_t combine(enum number_op op, mp_limb_t a, mp_limb_t b)
{
  return op == NUMBER_AND ? a & b : op == NUMBER_OR ? a | b : a ^ b;
}

enum number_error integer_bits(struct heap *heap, enum number_op op, const struct integer *a, const struct integer *b, Value *result)
{
  mp_size_t size = (a->size > b->size ? a->size : b->size) + 1;
  struct bigint *r = bigint_new(heap, (size_t)size);
  if (!r) return NUMBER_TOO_LARGE;
  struct complement left = { a, 0, 1 }, right = { b, 0, 1 };
  for (mp_size_t i = 0; i < size; i++) {
    mp_limb_t limb = complement_next(&left);
    r->limbs[i] = combine(op, limb, complement_next(&right));
  }
  bool is_negative = combine(op, a->is_negative, b->is_negative) != 0;
  if (is_negative) mpn_neg(r->limbs, r->limbs, size);
  return bigint_finish(r, (size_t)size, is_negative, result);
}

enum number_error integer_shift_left(struct heap *heap, const struct integer *a, u64 by, Value *result)
{
  *result = value_int(0);
  if (a->size == 0) return NUMBER_OK;
  if (by >= BIT_LIMIT) return NUMBER_TOO_LARGE;
  mp_size_t whole = (mp_size_t)(by / 64), size = a->size + whole + 1;
  struct bigint *r = bigint_new(heap, (size_t)size);
  if (!r) return NUMBER_TOO_LARGE;
  if (by % 64) {
    r->limbs[size - 1] = mpn_lshift(r->limbs + whole, a->limbs, a->size, by % 64);
  } else {
    mpn_copyi(r->limbs + whole, a->limbs, a->size);
    r->limbs[size - 1] = 0;
  }
  if (whole) mpn_zero(r->limbs, whole);
  return bigint_finish(r, (size_t)size, a->is_negative, result);
}

// Floors: a negative number that loses bits goes one further from zero.
enum number_error integer_shift_right(struct heap *heap, const struct integer *a, u64 by, Value *result)
{
  *result = value_int(a->is_negative ? -1 : 0);
  if (a->size == 0 || by >= (u64)a->size * 64) return NUMBER_OK;
  mp_size_t whole = (mp_size_t)(by / 64), size = a->size - whole;
  struct bigint *r = bigint_new(heap, (size_t)size + 1);
  if (!r) return NUMBER_TOO_LARGE;
  mp_limb_t lost = whole && !mpn_zero_p(a->limbs, whole);
  if (by % 64) lost |= mpn_rshift(r->limbs, a->limbs + whole, size, by % 64);
  else mpn_copyi(r->limbs, a->limbs + whole, size);
  r->limbs[size] = a->is_negative && lost ? mpn_add_1(r->limbs, r->limbs, size, 1) : 0;
  return bigint_finish(r, (size_t)size + 1, a->is_negative, result);
}

double number_round(u64 mantissa, bool is_inexact, i64 exponent)
{
  i64 top = exponent + 63;  // the value lies between 2^top and twice that
  if (top > 1023) return INFINITY;
  if (top < -1075) return 0;
  int drop = top < -1022 ? (int)(11 - 1022 - top) : 11;
  u64 kept = drop == 64 ? 0 : mantissa >> drop;
  u64 lost = drop == 64 ? mantissa : mantissa & (((u64)1 << drop) - 1), half = (u64)1 << (drop - 1);
  if (lost > half || (lost == half && (is_inexact || (kept & 1)))) kept++;
  // Below 2^-1022 the bits of a double are the significand; above, its highest bit adds one to the exponent. A carry does the right thing in both.
  u64 bits = top < -1022 ? kept : ((u64)(top + 1022) << 52) + kept;
  double d;
  memcpy(&d, &bits, sizeof d);
  return d;
}

double limbs_to_double(const mp_limb_t *limbs, mp_size_t size)
{
  if (size == 0) return 0;
  int shift = __builtin_clzll(limbs[size - 1]);
  u64 top = limbs[size - 1] << shift;
  bool is_inexact = false;
  if (size > 1) {
    u64 next = limbs[size - 2];
    if (shift) top |= next >> (64 - shift);
    is_inexact = next << shift != 0 || (size > 2 && !mpn_zero_p(limbs, size - 2));
  }
  return number_round(top, is_inexact, (i64)(size - 1) * 64 - shift);
}

// Moves {a} by [shift] bits, right where negative, into [size] limbs at [to]; true where bits were lost. The result is known to fit.
static bool scale(const mp_limb_t *a, mp_size_t a_size, i64 shift, mp_limb_t *to, mp_size_t size)
{
  if (shift >= 0) {
    mp_size_t whole = (mp_size_t)(shift / 64);
    mpn_zero(to, size);
    mpn_copyi(to + whole, a, a_size);
    if (shift % 64) mpn_lshift(to + whole, to + whole, size - whole, (unsigned)(shift % 64));
    return false;
  }
  mp_size_t whole = (mp_size_t)(-shift / 64);
  unsigned by = (unsigned)(-shift % 64);
  bool is_lossy = (a[whole] & (((mp_limb_t)1 << by) - 1)) != 0 || (whole && !mpn_zero_p(a, whole));
  for (mp_size_t i = 0; i < size; i++) {
    mp_limb_t low = whole + i < a_size ? a[whole + i] : 0, high = whole + i + 1 < a_size ? a[whole + i + 1] : 0;
    to[i] = by ? low >> by | high << (64 - by) : low;
  }
  return is_lossy;
}

// The numerator is moved to have 64 bits more than the denominator: a quotient of 64 or 65 bits, and whether anything remains.
double limbs_ratio(const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b, mp_size_t b_size, mp_limb_t *scratch)
{
  if (a_size == 0) return 0;
  i64 shift = (i64)limbs_bits(b, b_size) + 64 - (i64)limbs_bits(a, a_size);
  mp_limb_t q[2], *scaled = scratch, *r = scratch + b_size + 1;
  bool is_inexact = scale(a, a_size, shift, scaled, b_size + 1);
  mpn_tdiv_qr(q, r, 0, scaled, b_size + 1, b, b_size);
  is_inexact |= !mpn_zero_p(r, b_size);
  if (!q[1]) return number_round(q[0], is_inexact, -shift);
  is_inexact |= q[0] & 1;
  return number_round((u64)1 << 63 | q[0] >> 1, is_inexact, 1 - shift);
}

enum number_error integer_ratio(struct heap *heap, const struct integer *a, const struct integer *b, Value *result)
{
  if (b->size == 0) return NUMBER_DIVISION_BY_ZERO;
  struct scratch space;
  if (!scratch_take(heap, &space, (size_t)b->size * 2 + 4)) return NUMBER_TOO_LARGE;
  double d = limbs_ratio(a->limbs, a->size, b->limbs, b->size, space.limbs);
  scratch_give_back(heap, &space);
  *result = value_float(a->is_negative != b->is_negative ? -d : d);
  return isinf(d) ? NUMBER_OVERFLOW : NUMBER_OK;
}

mp_size_t limbs_from_double(double d, mp_limb_t *limbs)
{
  int exponent;
  double fraction = frexp(fabs(d), &exponent);  // d == fraction * 2^exponent, 0.5 <= fraction < 1
  u64 mantissa = (u64)ldexp(fraction, 53);
  i64 shift = exponent - 53;
  if (d == 0) return 0;
  if (shift < 0) {
    limbs[0] = mantissa >> -shift;
    return 1;
  }
  mp_size_t size = (mp_size_t)((exponent + 63) / 64);
  mp_limb_t word = mantissa;
  scale(&word, 1, shift, limbs, size);
  return size;
}
