#include "lib/octets.h"

bool arg_octets(struct call *c, u32 i, struct octets *out)
{
  Value v = c->args[i];
  if (IS_STRING(v)) {
    out->at = (const u8 *)string_bytes(c->heap, AS_STRING(v));
    out->len = AS_STRING(v)->len;
    return true;
  }
  if (!IS_BYTES(v)) {
    arg_fail(c, i, "bytes or a string");
    return false;
  }
  *out = (struct octets){ AS_BYTES(v)->data, AS_BYTES(v)->len };
  return true;
}

void octets_to_hex(const u8 *at, size_t len, char *out)
{
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < len; i++) {
    *out++ = digits[at[i] >> 4];
    *out++ = digits[at[i] & 15];
  }
}
