// Octets as arguments, and as hexadecimal digits.
#ifndef LULL_LIB_OCTETS_H
#define LULL_LIB_OCTETS_H

#include "builtin/reply.h"

struct octets {
  const u8 *at;
  size_t len;
};

// Argument [i], bytes or the UTF-8 of a string. False: thrown.
bool arg_octets(struct call *c, u32 i, struct octets *out);
void octets_to_hex(const u8 *at, size_t len, char *out);  // 2 * len characters, no NUL

#endif
