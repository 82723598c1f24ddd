// The whole product of two words.
#ifndef LULL_BASE_WIDE_H
#define LULL_BASE_WIDE_H

#include "base/types.h"

struct wide {
  u64 high, low;
};

static inline struct wide wide_multiply(u64 a, u64 b)
{
#ifdef __SIZEOF_INT128__
  __extension__ typedef unsigned __int128 u128;
  u128 product = (u128)a * b;
  return (struct wide){ (u64)(product >> 64), (u64)product };
#else
  u64 a_low = (u32)a, a_high = a >> 32, b_low = (u32)b, b_high = b >> 32;
  u64 low = a_low * b_low, middle = a_high * b_low + (low >> 32), cross = a_low * b_high + (u32)middle;
  return (struct wide){ a_high * b_high + (middle >> 32) + (cross >> 32), cross << 32 | (u32)low };
#endif
}

// a + b, where the sum fits.
static inline struct wide wide_add(struct wide a, u64 b)
{
  a.low += b;
  a.high += a.low < b;
  return a;
}

#endif
