// Seeded hashes of bytes and words, safe against inputs made to collide: SipHash-1-3, and a folded 128-bit product for single words.
#ifndef LULL_VALUE_HASH_H
#define LULL_VALUE_HASH_H

#include "base/wide.h"

u64 hash_bytes(const u64 seed[2], const void *bytes, size_t len);

// Of one word: a secret multiplier, both halves of the product folded.
static inline u64 hash_word(const u64 seed[2], u64 word)
{
  struct wide product = wide_multiply(word ^ seed[0], seed[1] | 1);
  return product.high ^ product.low;
}

// As objects cache it: never 0.
static inline u32 hash_narrow(u64 hash)
{
  u32 narrow = (u32)(hash ^ hash >> 32);
  return narrow ? narrow : 1;
}

#endif
