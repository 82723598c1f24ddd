#include "lib/digest.h"

// Constants are the fractions of roots of the first primes, or of sines, as the standards define them.
// clang-format off
static const u32 sines[64] = {
  0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
  0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
  0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
  0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
  0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
  0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
  0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
  0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391,
};
static const u32 cube_roots32[64] = {
  0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
  0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
  0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
  0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
  0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
  0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
  0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
  0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
};
static const u64 cube_roots64[80] = {
  0x428A2F98D728AE22, 0x7137449123EF65CD, 0xB5C0FBCFEC4D3B2F, 0xE9B5DBA58189DBBC,
  0x3956C25BF348B538, 0x59F111F1B605D019, 0x923F82A4AF194F9B, 0xAB1C5ED5DA6D8118,
  0xD807AA98A3030242, 0x12835B0145706FBE, 0x243185BE4EE4B28C, 0x550C7DC3D5FFB4E2,
  0x72BE5D74F27B896F, 0x80DEB1FE3B1696B1, 0x9BDC06A725C71235, 0xC19BF174CF692694,
  0xE49B69C19EF14AD2, 0xEFBE4786384F25E3, 0x0FC19DC68B8CD5B5, 0x240CA1CC77AC9C65,
  0x2DE92C6F592B0275, 0x4A7484AA6EA6E483, 0x5CB0A9DCBD41FBD4, 0x76F988DA831153B5,
  0x983E5152EE66DFAB, 0xA831C66D2DB43210, 0xB00327C898FB213F, 0xBF597FC7BEEF0EE4,
  0xC6E00BF33DA88FC2, 0xD5A79147930AA725, 0x06CA6351E003826F, 0x142929670A0E6E70,
  0x27B70A8546D22FFC, 0x2E1B21385C26C926, 0x4D2C6DFC5AC42AED, 0x53380D139D95B3DF,
  0x650A73548BAF63DE, 0x766A0ABB3C77B2A8, 0x81C2C92E47EDAEE6, 0x92722C851482353B,
  0xA2BFE8A14CF10364, 0xA81A664BBC423001, 0xC24B8B70D0F89791, 0xC76C51A30654BE30,
  0xD192E819D6EF5218, 0xD69906245565A910, 0xF40E35855771202A, 0x106AA07032BBD1B8,
  0x19A4C116B8D2D0C8, 0x1E376C085141AB53, 0x2748774CDF8EEB99, 0x34B0BCB5E19B48A8,
  0x391C0CB3C5C95A63, 0x4ED8AA4AE3418ACB, 0x5B9CCA4F7763E373, 0x682E6FF3D6B2B8A3,
  0x748F82EE5DEFB2FC, 0x78A5636F43172F60, 0x84C87814A1F0AB72, 0x8CC702081A6439EC,
  0x90BEFFFA23631E28, 0xA4506CEBDE82BDE9, 0xBEF9A3F7B2C67915, 0xC67178F2E372532B,
  0xCA273ECEEA26619C, 0xD186B8C721C0C207, 0xEADA7DD6CDE0EB1E, 0xF57D4F7FEE6ED178,
  0x06F067AA72176FBA, 0x0A637DC5A2C898A6, 0x113F9804BEF90DAE, 0x1B710B35131C471B,
  0x28DB77F523047D84, 0x32CAAB7B40C72493, 0x3C9EBE0A15C9BEBC, 0x431D67C49C100D4C,
  0x4CC5D4BECB3E42B6, 0x597F299CFC657E2A, 0x5FCB6FAB3AD6FAEC, 0x6C44198C4A475817,
};
static const u64 square_roots[8] = {
  0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
  0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
};
// clang-format on

static u32 left32(u32 x, int by) { return x << by | x >> (32 - by); }
static u32 right32(u32 x, int by) { return x >> by | x << (32 - by); }
static u64 right64(u64 x, int by) { return x >> by | x << (64 - by); }

static u32 load_little(const u8 *at) { return (u32)at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24; }
static u32 load_big(const u8 *at) { return (u32)at[0] << 24 | (u32)at[1] << 16 | (u32)at[2] << 8 | at[3]; }
static u64 load_big64(const u8 *at) { return (u64)load_big(at) << 32 | load_big(at + 4); }

static void md5_work(u64 state[8], const u8 *block)
{
  static const u8 turns[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
  u32 a = (u32)state[0], b = (u32)state[1], c = (u32)state[2], d = (u32)state[3], words[16];
  for (int i = 0; i < 16; i++) words[i] = load_little(block + 4 * i);
  for (int i = 0; i < 64; i++) {
    u32 mixed, at;
    switch (i / 16) {
    case 0: mixed = (b & c) | (~b & d), at = (u32)i; break;
    case 1: mixed = (d & b) | (~d & c), at = (5 * (u32)i + 1) % 16; break;
    case 2: mixed = b ^ c ^ d, at = (3 * (u32)i + 5) % 16; break;
    default: mixed = c ^ (b | ~d), at = 7 * (u32)i % 16;
    }
    u32 next = b + left32(a + mixed + sines[i] + words[at], turns[i / 16][i % 4]);
    a = d;
    d = c;
    c = b;
    b = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

static void sha1_work(u64 state[8], const u8 *block)
{
  static const u32 added[4] = { 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6 };
  u32 words[80], v[5];
  for (int i = 0; i < 16; i++) words[i] = load_big(block + 4 * i);
  for (int i = 16; i < 80; i++) words[i] = left32(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  for (int i = 0; i < 5; i++) v[i] = (u32)state[i];
  for (int i = 0; i < 80; i++) {
    u32 b = v[1], c = v[2], d = v[3];
    u32 mixed = i < 20 ? (b & c) | (~b & d) : i >= 40 && i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
    u32 next = left32(v[0], 5) + mixed + v[4] + added[i / 20] + words[i];
    v[4] = d;
    v[3] = c;
    v[2] = left32(b, 30);
    v[1] = v[0];
    v[0] = next;
  }
  for (int i = 0; i < 5; i++) state[i] += v[i];
}

static void sha256_work(u64 state[8], const u8 *block)
{
  u32 words[64], v[8];
  for (int i = 0; i < 16; i++) words[i] = load_big(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    u32 x = words[i - 15], y = words[i - 2];
    words[i] = words[i - 16] + words[i - 7] + (right32(x, 7) ^ right32(x, 18) ^ x >> 3) +
               (right32(y, 17) ^ right32(y, 19) ^ y >> 10);
  }
  for (int i = 0; i < 8; i++) v[i] = (u32)state[i];
  for (int i = 0; i < 64; i++) {
    u32 a = v[0], e = v[4];
    u32 first = v[7] + (right32(e, 6) ^ right32(e, 11) ^ right32(e, 25)) + ((e & v[5]) ^ (~e & v[6])) +
                cube_roots32[i] + words[i];
    u32 second = (right32(a, 2) ^ right32(a, 13) ^ right32(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
    v[7] = v[6];
    v[6] = v[5];
    v[5] = e;
    v[4] = v[3] + first;
    v[3] = v[2];
    v[2] = v[1];
    v[1] = a;
    v[0] = first + second;
  }
  for (int i = 0; i < 8; i++) state[i] += v[i];
}

static void sha512_work(u64 state[8], const u8 *block)
{
  u64 words[80], v[8];
  for (int i = 0; i < 16; i++) words[i] = load_big64(block + 8 * i);
  for (int i = 16; i < 80; i++) {
    u64 x = words[i - 15], y = words[i - 2];
    words[i] = words[i - 16] + words[i - 7] + (right64(x, 1) ^ right64(x, 8) ^ x >> 7) +
               (right64(y, 19) ^ right64(y, 61) ^ y >> 6);
  }
  memcpy(v, state, sizeof v);
  for (int i = 0; i < 80; i++) {
    u64 a = v[0], e = v[4];
    u64 first = v[7] + (right64(e, 14) ^ right64(e, 18) ^ right64(e, 41)) + ((e & v[5]) ^ (~e & v[6])) +
                cube_roots64[i] + words[i];
    u64 second = (right64(a, 28) ^ right64(a, 34) ^ right64(a, 39)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
    v[7] = v[6];
    v[6] = v[5];
    v[5] = e;
    v[4] = v[3] + first;
    v[3] = v[2];
    v[2] = v[1];
    v[1] = a;
    v[0] = first + second;
  }
  for (int i = 0; i < 8; i++) state[i] += v[i];
}

#define EARLY_START 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476

// The words SHA-256 starts with are the upper halves of those of SHA-512: digest_begin takes them from square_roots.
static const struct digest_kind kinds[] = {
  { "md5", 16, 64, false, true, { EARLY_START }, md5_work },
  { "sha1", 20, 64, false, false, { EARLY_START, 0xC3D2E1F0 }, sha1_work },
  { "sha256", 32, 64, false, false, { 0 }, sha256_work },
  { "sha512", 64, 128, true, false, { 0 }, sha512_work },
};

const struct digest_kind *digest_kind_at(u32 i) { return i < COUNT_OF(kinds) ? &kinds[i] : NULL; }

const struct digest_kind *digest_find(const char *name, size_t len)
{
  for (u32 i = 0; i < COUNT_OF(kinds); i++) {
    if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, name, len) == 0) return &kinds[i];
  }
  return NULL;
}

void digest_begin(struct digest *d, const struct digest_kind *kind)
{
  *d = (struct digest){ .kind = kind };
  memcpy(d->state, kind->start, sizeof d->state);
  for (int i = 0; i < 8 && !kind->start[0]; i++) d->state[i] = kind->is_wide ? square_roots[i] : square_roots[i] >> 32;
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
  const u8 *from = bytes;
  size_t block = d->kind->block, held = d->len % block;
  d->len += len;
  if (held) {
    size_t taken = len < block - held ? len : block - held;
    if (taken) memcpy(d->rest + held, from, taken);
    from += taken;
    len -= taken;
    if (held + taken < block) return;
    d->kind->work(d->state, d->rest);
  }
  for (; len >= block; from += block, len -= block) d->kind->work(d->state, from);
  if (len) memcpy(d->rest, from, len);
}

// The length in bits, behind a single bit and zeros.
static void add_length(struct digest *d)
{
  u8 end[2 * BLOCK_MAX] = { 0x80 };
  size_t block = d->kind->block, field = d->kind->is_wide ? 16 : 8, held = d->len % block;
  size_t zeros = (held + 1 + field <= block ? block : 2 * block) - held - field;
  u64 bits = d->len * 8;
  for (int i = 0; i < 8; i++) {
    if (d->kind->is_little_endian) end[zeros + (size_t)i] = (u8)(bits >> (8 * i));
    else end[zeros + field - 1 - (size_t)i] = (u8)(bits >> (8 * i));
  }
  if (field == 16) end[zeros + 7] = (u8)(d->len >> 61);
  digest_add(d, end, zeros + field);
}

void digest_end(struct digest *d, u8 out[DIGEST_MAX])
{
  int width = d->kind->is_wide ? 8 : 4;
  add_length(d);
  for (int i = 0; i < d->kind->size; i++) {
    int at = i % width;
    out[i] = (u8)(d->state[i / width] >> (8 * (d->kind->is_little_endian ? at : width - 1 - at)));
  }
}

void digest_keyed_begin(struct digest_keyed *h, const struct digest_kind *kind, const void *key, size_t len)
{
  u8 block[BLOCK_MAX] = { 0 };
  if (len > kind->block) {
    digest_begin(&h->inner, kind);
    digest_add(&h->inner, key, len);
    digest_end(&h->inner, block);
  } else if (len) {
    memcpy(block, key, len);
  }
  for (int i = 0; i < kind->block; i++) block[i] ^= 0x36;
  digest_begin(&h->inner, kind);
  digest_add(&h->inner, block, kind->block);
  for (int i = 0; i < kind->block; i++) block[i] ^= 0x36 ^ 0x5C;
  digest_begin(&h->outer, kind);
  digest_add(&h->outer, block, kind->block);
}

void digest_keyed_end(struct digest_keyed *h, u8 out[DIGEST_MAX])
{
  digest_end(&h->inner, out);
  digest_add(&h->outer, out, h->inner.kind->size);
  digest_end(&h->outer, out);
}

// By a table made of the polynomial each time: that costs as much as a few KiB of text.
u32 digest_crc32(u32 before, const void *bytes, size_t len)
{
  u32 table[256], crc = ~before;
  for (u32 i = 0; i < 256; i++) {
    table[i] = i;
    for (int bit = 0; bit < 8; bit++) table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xEDB88320 : 0);
  }
  for (const u8 *at = bytes, *end = at + len; at < end; at++) crc = crc >> 8 ^ table[(u8)(crc ^ *at)];
  return ~crc;
}
