// For machines where GMP's limbs have 32 bits: what number*.c ask of mpn, over limbs of 64. On a machine that keeps the low half first the limbs are the
// same bytes, twice as many of them; only sizes, shifts and highest limbs that are half empty need care. Built with -fno-strict-aliasing.
#ifndef LULL_VALUE_NUMBER_NARROW_H
#define LULL_VALUE_NUMBER_NARROW_H

#include <gmp.h>

#include "base/wide.h"

_Static_assert(GMP_NUMB_BITS == 32 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "limbs of 64 bits are two of GMP's");

#define HALVES(limbs) ((mp_limb_t *)(limbs))
#define CONST_HALVES(limbs) ((const mp_limb_t *)(limbs))

// In halves, without an empty highest one.
static inline mp_size_t narrow_size(const u64 *a, mp_size_t n) { return 2 * n - (n > 0 && a[n - 1] >> 32 == 0); }

static inline int narrow_cmp(const u64 *a, const u64 *b, mp_size_t n) { return mpn_cmp(CONST_HALVES(a), CONST_HALVES(b), 2 * n); }
static inline void narrow_copyi(u64 *to, const u64 *a, mp_size_t n) { mpn_copyi(HALVES(to), CONST_HALVES(a), 2 * n); }
static inline void narrow_zero(u64 *to, mp_size_t n) { mpn_zero(HALVES(to), 2 * n); }
static inline int narrow_zero_p(const u64 *a, mp_size_t n) { return mpn_zero_p(CONST_HALVES(a), 2 * n); }
static inline u64 narrow_scan1(const u64 *a, u64 from) { return mpn_scan1(CONST_HALVES(a), (mp_bitcnt_t)from); }
static inline u64 narrow_neg(u64 *to, const u64 *a, mp_size_t n) { return mpn_neg(HALVES(to), CONST_HALVES(a), 2 * n); }

static inline u64 narrow_add(u64 *to, const u64 *a, mp_size_t an, const u64 *b, mp_size_t bn)
{
  return mpn_add(HALVES(to), CONST_HALVES(a), 2 * an, CONST_HALVES(b), 2 * bn);
}

static inline u64 narrow_add_1(u64 *to, const u64 *a, mp_size_t n, u32 b) { return mpn_add_1(HALVES(to), CONST_HALVES(a), 2 * n, b); }

static inline u64 narrow_sub(u64 *to, const u64 *a, mp_size_t an, const u64 *b, mp_size_t bn)
{
  return mpn_sub(HALVES(to), CONST_HALVES(a), 2 * an, CONST_HALVES(b), 2 * bn);
}

static inline u64 narrow_sub_n(u64 *to, const u64 *a, const u64 *b, mp_size_t n)
{
  return mpn_sub_n(HALVES(to), CONST_HALVES(a), CONST_HALVES(b), 2 * n);
}

static inline void narrow_sqr(u64 *to, const u64 *a, mp_size_t n) { mpn_sqr(HALVES(to), CONST_HALVES(a), 2 * n); }

static inline void narrow_mul(u64 *to, const u64 *a, mp_size_t an, const u64 *b, mp_size_t bn)
{
  mpn_mul(HALVES(to), CONST_HALVES(a), 2 * an, CONST_HALVES(b), 2 * bn);
}

static inline u64 narrow_mul_1(u64 *to, const u64 *a, mp_size_t n, u64 b)
{
  u64 carry = 0;
  for (mp_size_t i = 0; i < n; i++) {
    struct wide product = wide_add(wide_multiply(a[i], b), carry);
    to[i] = product.low;
    carry = product.high;
  }
  return carry;
}

// The divisor's highest half must not be empty; the quotient is then longer by one, or its highest half not written.
static inline void narrow_tdiv_qr(u64 *q, u64 *r, mp_size_t zero, const u64 *a, mp_size_t an, const u64 *b, mp_size_t bn)
{
  mp_size_t size = narrow_size(b, bn);
  mpn_tdiv_qr(HALVES(q), HALVES(r), zero, CONST_HALVES(a), 2 * an, CONST_HALVES(b), size);
  if (size % 2) HALVES(r)[size] = 0;
  else HALVES(q)[2 * (an - bn) + 1] = 0;
}

// By 1 to 63 bits; gives those that leave.
static inline u64 narrow_lshift(u64 *to, const u64 *a, mp_size_t n, unsigned by)
{
  u64 lost = a[n - 1] >> (64 - by);
  for (mp_size_t i = n - 1; i > 0; i--) to[i] = a[i] << by | a[i - 1] >> (64 - by);
  to[0] = a[0] << by;
  return lost;
}

static inline u64 narrow_rshift(u64 *to, const u64 *a, mp_size_t n, unsigned by)
{
  u64 lost = a[0] << (64 - by);
  for (mp_size_t i = 0; i < n - 1; i++) to[i] = a[i] >> by | a[i + 1] << (64 - by);
  to[n - 1] = a[n - 1] >> by;
  return lost;
}

static inline size_t narrow_get_str(unsigned char *to, int base, u64 *a, mp_size_t n) { return mpn_get_str(to, base, HALVES(a), narrow_size(a, n)); }

static inline mp_size_t narrow_set_str(u64 *to, const unsigned char *digits, size_t count, int base)
{
  mp_size_t size = mpn_set_str(HALVES(to), digits, count, base);
  if (size % 2) HALVES(to)[size++] = 0;
  return size / 2;
}

// From here on the names mean these. The functions of gmp.h that are macros are named anew.
#undef mpn_add
#undef mpn_add_1
#undef mpn_cmp
#undef mpn_copyi
#undef mpn_get_str
#undef mpn_lshift
#undef mpn_mul
#undef mpn_mul_1
#undef mpn_neg
#undef mpn_rshift
#undef mpn_scan1
#undef mpn_set_str
#undef mpn_sqr
#undef mpn_sub
#undef mpn_sub_n
#undef mpn_tdiv_qr
#undef mpn_zero
#undef mpn_zero_p
#define mpn_add narrow_add
#define mpn_add_1 narrow_add_1
#define mpn_cmp narrow_cmp
#define mpn_copyi narrow_copyi
#define mpn_get_str narrow_get_str
#define mpn_lshift narrow_lshift
#define mpn_mul narrow_mul
#define mpn_mul_1 narrow_mul_1
#define mpn_neg narrow_neg
#define mpn_rshift narrow_rshift
#define mpn_scan1 narrow_scan1
#define mpn_set_str narrow_set_str
#define mpn_sqr narrow_sqr
#define mpn_sub narrow_sub
#define mpn_sub_n narrow_sub_n
#define mpn_tdiv_qr narrow_tdiv_qr
#define mpn_zero narrow_zero
#define mpn_zero_p narrow_zero_p
#define mp_limb_t u64

#endif
