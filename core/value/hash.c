#include "value/hash.h"

#include <string.h>

struct sip {
  u64 v0, v1, v2, v3;
};

static ALWAYS_INLINE u64 rotate(u64 x, int by) { return x << by | x >> (64 - by); }

static ALWAYS_INLINE void sip_round(struct sip *s)
{
  s->v0 += s->v1;
  s->v2 += s->v3;
  s->v1 = rotate(s->v1, 13) ^ s->v0;
  s->v3 = rotate(s->v3, 16) ^ s->v2;
  s->v0 = rotate(s->v0, 32) + s->v3;
  s->v2 += s->v1;
  s->v1 = rotate(s->v1, 17) ^ s->v2;
  s->v3 = rotate(s->v3, 21) ^ s->v0;
  s->v2 = rotate(s->v2, 32);
}

static ALWAYS_INLINE void sip_absorb(struct sip *s, u64 word)
{
  s->v3 ^= word;
  sip_round(s);
  s->v0 ^= word;
}

static u64 load_word(const u8 *p)
{
  u64 word;
  memcpy(&word, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

static u64 load_half(const u8 *p)
{
  u32 half;
  memcpy(&half, p, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  half = __builtin_bswap32(half);
#endif
  return half;
}

// The last 0-7 bytes, without reading beyond them: loads that overlap agree on what they both hold.
static u64 load_rest(const u8 *p, size_t len)
{
  if (len >= 4) return load_half(p) | load_half(p + len - 4) << 8 * (len - 4);
  if (len == 0) return 0;
  return p[0] | (u64)p[len / 2] << 8 * (len / 2) | (u64)p[len - 1] << 8 * (len - 1);
}

// SipHash-1-3 (Aumasson and Bernstein, 2012): one round a word, three at the end.
u64 hash_bytes(const u64 seed[2], const void *bytes, size_t len)
{
  struct sip s = {
    seed[0] ^ 0x736f6d6570736575u,
    seed[1] ^ 0x646f72616e646f6du,
    seed[0] ^ 0x6c7967656e657261u,
    seed[1] ^ 0x7465646279746573u,
  };
  const u8 *p = bytes;
  size_t rest = len;
  for (; rest >= 8; rest -= 8, p += 8) sip_absorb(&s, load_word(p));
  sip_absorb(&s, load_rest(p, rest) | (u64)len << 56);
  s.v2 ^= 0xff;
  for (int i = 0; i < 3; i++) sip_round(&s);
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
