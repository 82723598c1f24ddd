// MD5 (RFC 1321), SHA-1, SHA-256 and SHA-512 (FIPS 180-4), HMAC (RFC 2104) and CRC-32, of bytes given in any pieces.
// Pure: no memory, no values.
#ifndef LULL_LIB_DIGEST_H
#define LULL_LIB_DIGEST_H

#include <string.h>

#include "base/types.h"

#define DIGEST_MAX 64   // bytes
#define BLOCK_MAX 128

struct digest_kind {
  const char *name;
  u8 size;   // of a digest, bytes
  u8 block;  // what is worked on at once, bytes
  bool is_wide, is_little_endian;  // words of 64 bits; words written the least significant byte first
  u64 start[8];
  void (*work)(u64 state[8], const u8 *block);
};

struct digest {
  const struct digest_kind *kind;
  u64 state[8];  // words of 32 bits are kept in 64, too
  u64 len;       // bytes so far
  u8 rest[BLOCK_MAX];  // the beginning of a block
};

// By name; NULL where there is none such. digest_kind_at goes over them, NULL at the end.
const struct digest_kind *digest_find(const char *name, size_t len);
const struct digest_kind *digest_kind_at(u32 i);

void digest_begin(struct digest *d, const struct digest_kind *kind);
void digest_add(struct digest *d, const void *bytes, size_t len);
void digest_end(struct digest *d, u8 out[DIGEST_MAX]);

// With a key: begin and end with these two, add between them with digest_add(&h->inner, ...).
struct digest_keyed {
  struct digest inner, outer;
};
void digest_keyed_begin(struct digest_keyed *h, const struct digest_kind *kind, const void *key, size_t len);
void digest_keyed_end(struct digest_keyed *h, u8 out[DIGEST_MAX]);

u32 digest_crc32(u32 before, const void *bytes, size_t len);  // before: 0, or that of what came before

#endif
