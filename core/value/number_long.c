// Ints of millions of digits. What one call of GMP would do for longer than a moment is done in parts here, with a look
// in between at whether it is still wanted. Shorter ones are left to GMP alone.
#include <string.h>

#include "value/number_big.h"

#ifdef LULL_TINY_LIMITS
#define LONG ((mp_size_t)16)
#define LEAF_DIGITS ((size_t)64)
#define SHORT_DIGITS ((size_t)64)
#else
#define LONG ((mp_size_t)1 << 17)         // limbs of two factors, or of a dividend: some hundredths of a second
#define LEAF_DIGITS ((size_t)1 << 15)   // of a number that is taken apart
#define SHORT_DIGITS ((size_t)1 << 17)  // left to one call: some hundredths of a second
#endif
#define LONG_DIVIDEND (LONG / 4)  // dividing takes several times as long
#define QUOTIENT_PART (LONG / 4)
#define POWERS_MAX 24

static void multiply_once(mp_limb_t *to, const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b, mp_size_t b_size)
{
  if (a == b && a_size == b_size) mpn_sqr(to, a, a_size);
  else if (a_size >= b_size) mpn_mul(to, a, a_size, b, b_size);
  else mpn_mul(to, b, b_size, a, a_size);
}

// The longer factor in parts of [part] limbs, each times the shorter.
static bool multiply_parts(struct heap *heap, mp_limb_t *to, const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b, mp_size_t b_size,
                           mp_size_t part)
{
  struct scratch space;
  mp_limb_t *product = scratch_take(heap, &space, (size_t)(part + b_size));
  bool is_done = product != NULL;
  mpn_zero(to, b_size);
  for (mp_size_t at = 0; is_done && at < a_size; at += part) {
    mp_size_t size = part < a_size - at ? part : a_size - at;
    is_done = limbs_multiply(heap, product, a + at, size, b, b_size);
    if (!is_done) break;
    mp_limb_t carry = mpn_add_n(to + at, to + at, product, b_size);
    mpn_add_1(to + at + b_size, product + b_size, size, carry);
  }
  scratch_give_back(heap, &space);
  return is_done;
}

// (high + low of a) times (high + low of b), less the products of highs and of lows, is what lies in the middle (Karatsuba).
static bool multiply_halves(struct heap *heap, mp_limb_t *to, const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b, mp_size_t b_size)
{
  mp_size_t half = (a_size + 1) / 2, a_high = a_size - half, b_high = b_size - half;
  struct scratch space;
  mp_limb_t *sums = scratch_take(heap, &space, (size_t)(4 * half + 4));
  if (!sums) return false;
  mp_limb_t *middle = sums + 2 * half + 2;
  mp_limb_t *a_sum = sums, *b_sum = a == b && a_size == b_size ? sums : sums + half + 1;
  a_sum[half] = mpn_add(a_sum, a, half, a + half, a_high);
  if (b_sum != a_sum) b_sum[half] = mpn_add(b_sum, b, half, b + half, b_high);
  bool is_done = limbs_multiply(heap, to, a, half, b, half) &&
                 limbs_multiply(heap, to + 2 * half, a + half, a_high, b + half, b_high) &&
                 limbs_multiply(heap, middle, a_sum, half + 1, b_sum, half + 1);
  if (is_done) {
    mp_size_t size = 2 * half + 2, rest = a_size + b_size - half;
    mpn_sub(middle, middle, size, to, 2 * half);
    mpn_sub(middle, middle, size, to + 2 * half, a_high + b_high);
    while (size > rest) size--;  // limbs beyond the product's end are zero
    mpn_add(to + half, to + half, rest, middle, size);
  }
  scratch_give_back(heap, &space);
  return is_done;
}

bool limbs_multiply(struct heap *heap, mp_limb_t *to, const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b, mp_size_t b_size)
{
  if (a_size + b_size <= LONG) {
    multiply_once(to, a, a_size, b, b_size);
    return true;
  }
  if (heap_must_stop(heap)) return false;
  if (a_size < b_size) return limbs_multiply(heap, to, b, b_size, a, a_size);
  if (b_size <= (a_size + 1) / 2) {
    mp_size_t part = b_size < LONG / 2 ? LONG / 2 : b_size;
    return multiply_parts(heap, to, a, a_size, b, b_size, part);
  }
  return multiply_halves(heap, to, a, a_size, b, b_size);
}

// A digit of the quotient, [part] + 1 limbs of which the last becomes 0, and the remainder in the first limbs of [window], which is below b * 2^(64 * part).
// It is estimated from the first limbs, one more of b than of the digit: at most two too large.
static bool divide_digit(struct heap *heap, mp_limb_t *digit, mp_limb_t *window, mp_size_t part, const mp_limb_t *b, mp_size_t b_size,
                         mp_limb_t *product)
{
  mp_size_t first = part + 1, rest = b_size - first;
  if (!limbs_divide(heap, digit, product, window + rest, part + first, b + rest, first)) return false;
  mpn_copyi(window + rest, product, first);
  if (!limbs_multiply(heap, product, b, rest, digit, first)) return false;
  mp_limb_t borrow = mpn_sub_n(window, window, product, b_size);
  while (borrow) {
    mpn_sub_1(digit, digit, first, 1);
    borrow -= mpn_add_n(window, window, b, b_size);
  }
  return true;
}

// By hand, with digits of at most QUOTIENT_PART limbs.
static bool divide_parts(struct heap *heap, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b,
                         mp_size_t b_size, mp_limb_t *window)
{
  mp_limb_t *digit = window + b_size + QUOTIENT_PART, *product = digit + QUOTIENT_PART + 1;
  mp_size_t half = b_size / 2, most = half < LONG_DIVIDEND / 2 ? LONG_DIVIDEND / 2 : half < QUOTIENT_PART ? half : QUOTIENT_PART;
  mp_size_t at = a_size - b_size + 1;  // limbs of the dividend that are still to come down
  mpn_copyi(r, a + at, b_size - 1);
  r[b_size - 1] = 0;
  while (at > 0) {
    mp_size_t part = at % most ? at % most : most;
    if (heap_must_stop(heap)) return false;
    at -= part;
    mpn_copyi(window, a + at, part);
    mpn_copyi(window + part, r, b_size);
    if (part + b_size <= LONG_DIVIDEND + 1) {
      mpn_tdiv_qr(digit, r, 0, window, part + b_size, b, b_size);
    } else {
      if (!divide_digit(heap, digit, window, part, b, b_size, product)) return false;
      mpn_copyi(r, window, b_size);
    }
    mpn_copyi(q + at, digit, part);
  }
  return true;
}

bool limbs_divide(struct heap *heap, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b,
                  mp_size_t b_size)
{
  if (a_size <= LONG_DIVIDEND) {
    mpn_tdiv_qr(q, r, 0, a, a_size, b, b_size);
    return true;
  }
  struct scratch space;
  mp_limb_t *window = scratch_take(heap, &space, (size_t)(2 * (b_size + QUOTIENT_PART) + 1));
  bool is_done = window && divide_parts(heap, q, r, a, a_size, b, b_size, window);
  scratch_give_back(heap, &space);
  return is_done;
}

// Digits. A number is taken apart at powers of the base, each the square of the one before, and put together likewise.

struct radix {
  struct heap *heap;
  int base;
  u32 count;
  struct {
    struct scratch space;
    mp_size_t size;
  } powers[POWERS_MAX];
};

static bool add_first(struct radix *x)
{
  u8 *one = heap_resize(x->heap, NULL, 0, LEAF_DIGITS + 1);
  mp_limb_t *power = scratch_take(x->heap, &x->powers[0].space, LEAF_DIGITS / 8);
  x->count = 1;
  if (one) {
    memset(one, 0, LEAF_DIGITS + 1);
    one[0] = 1;
    if (power) x->powers[0].size = (mp_size_t)mpn_set_str(power, one, LEAF_DIGITS + 1, x->base);
    (void)heap_resize(x->heap, one, LEAF_DIGITS + 1, 0);
  }
  return one && power;
}

static bool add_square(struct radix *x)
{
  const mp_limb_t *root = x->powers[x->count - 1].space.limbs;
  mp_size_t size = x->powers[x->count - 1].size;
  mp_limb_t *power = scratch_take(x->heap, &x->powers[x->count].space, (size_t)size * 2);
  x->count++;
  if (!power || !limbs_multiply(x->heap, power, root, size, root, size)) return false;
  x->powers[x->count - 1].size = 2 * size - (power[2 * size - 1] == 0);
  return true;
}

static void give_back_powers(struct radix *x)
{
  for (u32 i = 0; i < x->count; i++) scratch_give_back(x->heap, &x->powers[i].space);
}

// How many of the powers a number of so many limbs may reach.
static bool add_powers(struct radix *x, mp_size_t size)
{
  bool is_done = add_first(x);
  while (is_done && 2 * x->powers[x->count - 1].size - 1 <= size) is_done = add_square(x);
  return is_done;
}

static mp_size_t trimmed(const mp_limb_t *limbs, mp_size_t size)
{
  while (size > 0 && limbs[size - 1] == 0) size--;
  return size;
}

// At most LEAF_DIGITS, or [width] of them.
static size_t put_leaf(struct radix *x, mp_limb_t *limbs, mp_size_t size, u8 *to, size_t width)
{
  if (heap_must_stop(x->heap)) return 0;
  size_t count = size ? mpn_get_str(to, x->base, limbs, size) : 0, zeros = 0;
  while (zeros < count && to[zeros] == 0) zeros++;
  count -= zeros;
  size_t before = width > count ? width - count : 0;
  memmove(to + before, to + zeros, count);
  memset(to, 0, before);
  return before + count;
}

// The digits of what is below power [level]; with a [width] there are so many, zeros in front.
static size_t put_digits(struct radix *x, u32 level, mp_limb_t *limbs, mp_size_t size, u8 *to, size_t width)
{
  const mp_limb_t *power = NULL;
  mp_size_t power_size = 0;
  for (; level > 0; level--) {
    power = x->powers[level - 1].space.limbs;
    power_size = x->powers[level - 1].size;
    if (limbs_compare(limbs, size, power, power_size) >= 0) break;
  }
  if (level == 0) return put_leaf(x, limbs, size, to, width);
  struct scratch space;
  mp_size_t high = size - power_size + 1;
  mp_limb_t *q = scratch_take(x->heap, &space, (size_t)(high + power_size + 2)), *r = q ? q + high + 1 : NULL;
  size_t low_digits = LEAF_DIGITS << (level - 1), count = 0, more = 0;
  if (q && limbs_divide(x->heap, q, r, limbs, size, power, power_size))
    count = put_digits(x, level - 1, q, trimmed(q, high), to, width ? width - low_digits : 0);
  if (count) more = put_digits(x, level - 1, r, trimmed(r, power_size), to + count, low_digits);
  scratch_give_back(x->heap, &space);
  return more ? count + more : 0;
}

static bool is_short(mp_size_t size, int base) { return (size_t)size < SHORT_DIGITS / 32 || (base & (base - 1)) == 0; }

size_t limbs_to_digits(struct heap *heap, mp_limb_t *limbs, mp_size_t size, int base, u8 *to)
{
  struct radix x = { .heap = heap, .base = base };
  if (is_short(size, base)) return mpn_get_str(to, base, limbs, size);
  size_t count = add_powers(&x, size) ? put_digits(&x, x.count, limbs, size, to, 0) : 0;
  give_back_powers(&x);
  return count;
}

static mp_size_t get_limbs(struct radix *x, u32 level, const u8 *digits, size_t count, mp_limb_t *to);

// high * power + low
static mp_size_t join_limbs(struct radix *x, u32 level, const u8 *digits, size_t count, mp_limb_t *high, mp_limb_t *low, mp_limb_t *to)
{
  size_t low_count = LEAF_DIGITS << level;
  mp_size_t high_size = get_limbs(x, level, digits, count - low_count, high), power_size = x->powers[level].size;
  mp_size_t low_size = high_size < 0 ? -1 : get_limbs(x, level, digits + count - low_count, low_count, low);
  if (low_size < 0) return -1;
  if (high_size == 0) {
    mpn_copyi(to, low, low_size);
    return low_size;
  }
  if (!limbs_multiply(x->heap, to, x->powers[level].space.limbs, power_size, high, high_size)) return -1;
  if (low_size) mpn_add(to, to, power_size + high_size, low, low_size);
  return trimmed(to, power_size + high_size);
}

// The number that at most LEAF_DIGITS << level digits are.
static mp_size_t get_limbs(struct radix *x, u32 level, const u8 *digits, size_t count, mp_limb_t *to)
{
  while (level > 0 && count <= LEAF_DIGITS << (level - 1)) level--;
  if (level == 0) return heap_must_stop(x->heap) ? -1 : trimmed(to, (mp_size_t)mpn_set_str(to, digits, count, x->base));
  struct scratch space;
  size_t room = (size_t)x->powers[level - 1].size + 2;
  mp_limb_t *high = scratch_take(x->heap, &space, 2 * room);
  mp_size_t size = high ? join_limbs(x, level - 1, digits, count, high, high + room, to) : -1;
  scratch_give_back(x->heap, &space);
  return size;
}

mp_size_t limbs_from_digits(struct heap *heap, mp_limb_t *to, const u8 *digits, size_t count, int base)
{
  struct radix x = { .heap = heap, .base = base };
  if (count <= SHORT_DIGITS || (base & (base - 1)) == 0) return (mp_size_t)mpn_set_str(to, digits, count, base);
  u32 level = 1;
  bool is_done = add_first(&x);
  for (; is_done && count > LEAF_DIGITS << level; level++) is_done = add_square(&x);
  mp_size_t size = is_done ? get_limbs(&x, level, digits, count, to) : -1;
  give_back_powers(&x);
  return size;
}
