// The inside of numbers, shared by number*.c: integers as limbs. Nobody else includes it.
#ifndef LULL_VALUE_NUMBER_BIG_H
#define LULL_VALUE_NUMBER_BIG_H

#include <gmp.h>

#include "value/number.h"

#if GMP_NUMB_BITS == 32
#include "value/number_narrow.h"
#endif
_Static_assert(sizeof(mp_limb_t) == sizeof(u64), "bigints have limbs of 64 bits");

// An int operand as sign and magnitude. The limbs lie in the bigint, or in [word]: it is not to be copied.
struct integer {
  const mp_limb_t *limbs;
  mp_size_t size;  // 0 for zero, else the highest limb is not 0
  bool is_negative;
  mp_limb_t word;
};

void integer_load(struct integer *n, Value v);
size_t limbs_bits(const mp_limb_t *limbs, mp_size_t size);  // size > 0
int limbs_compare(const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b, mp_size_t b_size);

// Room for a result; NULL beyond the limit or without memory.
struct bigint *bigint_new(struct heap *heap, size_t limbs);
// Drops leading zero limbs of a result, and gives an int where it fits one.
enum number_error bigint_finish(struct bigint *b, size_t limbs, bool is_negative, Value *result);

// Working space: on the C stack while small. take gives NULL where memory is refused; give_back takes NULL limbs too.
struct scratch {
  mp_limb_t *limbs;
  size_t size;
  mp_limb_t near[48];
};
mp_limb_t *scratch_take(struct heap *heap, struct scratch *s, size_t limbs);
void scratch_give_back(struct heap *heap, struct scratch *s);

// Multiplication and division of numbers of any length, in parts between which it is asked whether to go on
// (number_long.c). False: it is to end, or there is no memory.
// To a_size + b_size limbs that are none of the operands'.
bool limbs_multiply(struct heap *heap, mp_limb_t *to, const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b, mp_size_t b_size) MUST_USE;
// As mpn_tdiv_qr: a_size - b_size + 1 limbs of quotient, b_size of remainder.
bool limbs_divide(struct heap *heap, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b,
                  mp_size_t b_size) MUST_USE;
// Digits as numbers from 0 on, the highest first. How many; 0: as above. The limbs are lost.
size_t limbs_to_digits(struct heap *heap, mp_limb_t *limbs, mp_size_t size, int base, u8 *to);
// The other way. How many limbs; -1: as above.
mp_size_t limbs_from_digits(struct heap *heap, mp_limb_t *to, const u8 *digits, size_t count, int base);

// Both operands are ints (either may be a bigint).
enum number_error integer_add(struct heap *heap, const struct integer *a, const struct integer *b, bool is_sub, Value *result);
enum number_error integer_multiply(struct heap *heap, const struct integer *a, const struct integer *b, Value *result);
enum number_error integer_divide(struct heap *heap, const struct integer *a, const struct integer *b, bool want_mod, Value *result);
enum number_error integer_power(struct heap *heap, const struct integer *a, const struct integer *b, Value *result);  // b >= 0
enum number_error integer_bits(struct heap *heap, enum number_op op, const struct integer *a, const struct integer *b, Value *result);
enum number_error integer_shift_left(struct heap *heap, const struct integer *a, u64 by, Value *result);
enum number_error integer_shift_right(struct heap *heap, const struct integer *a, u64 by, Value *result);
enum number_error integer_ratio(struct heap *heap, const struct integer *a, const struct integer *b, Value *result);

// (mantissa [+ a bit]) * 2^exponent, to the nearest double, ties to even; the highest bit of the mantissa is set. INFINITY where it is too large.
double number_round(u64 mantissa, bool is_inexact, i64 exponent);
double limbs_to_double(const mp_limb_t *limbs, mp_size_t size);
// a / b to the nearest double. scratch: 2 * b_size + 4 limbs.
double limbs_ratio(const mp_limb_t *a, mp_size_t a_size, const mp_limb_t *b, mp_size_t b_size, mp_limb_t *scratch);
// The magnitude of an integral finite double; at most DOUBLE_LIMBS. Returns the size.
#define DOUBLE_LIMBS 17
mp_size_t limbs_from_double(double d, mp_limb_t *limbs);

// Powers of ten, see number_powers.c.
#define NUMBER_POWER_MIN (-292)
#define NUMBER_POWER_MAX 324
struct number_power {
  u64 high, low;
};
extern const struct number_power number_powers[NUMBER_POWER_MAX - NUMBER_POWER_MIN + 1];

#endif
