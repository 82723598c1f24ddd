// hex: octets as hexadecimal digits.
#include "builtin/text.h"
#include "lib/lib.h"
#include "lib/octets.h"

#define HEX_PART ((size_t)1 << 16)  // bytes

static enum native_status hex_encode(struct call *c)
{
  struct octets data;
  struct buf out;
  if (!arg_octets(c, 0, &data)) return NATIVE_THROW;
  buf_init(&out, &c->vm->alloc);
  char *to = buf_reserve(&out, 2 * data.len);
  for (size_t at = 0, part; to && at < data.len && !out.failed; at += part) {
    part = data.len - at < HEX_PART ? data.len - at : HEX_PART;
    octets_to_hex(data.at + at, part, to + 2 * at);
    out.failed |= part == HEX_PART && heap_must_stop(c->heap);
  }
  if (to) out.len += 2 * data.len;
  return return_text(c, &out);
}

static int digit_value(u8 c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
  return -1;
}

// White space and colons may stand between octets.
static enum native_status hex_decode(struct call *c)
{
  struct octets t;
  struct buf out;
  if (!arg_octets(c, 0, &t)) return NATIVE_THROW;
  buf_init(&out, &c->vm->alloc);
  u32 turn = 0;
  for (size_t i = 0; i < t.len && !out.failed;) {
    out.failed |= heap_must_stop_at(c->heap, turn++);
    if (strchr(" \n\r\t:", t.at[i]) && t.at[i]) {
      i++;
      continue;
    }
    int high = digit_value(t.at[i]), low = i + 1 < t.len ? digit_value(t.at[i + 1]) : -1;
    if (high < 0 || low < 0) {
      buf_fini(&out);
      return throw_error(c->vm, c->vm->errors.value, "hex.decode: expected two hexadecimal digits at byte %zu", i);
    }
    buf_putc(&out, (char)(high << 4 | low));
    i += 2;
  }
  return return_bytes(c, &out);
}

static const struct native natives[] = {
  { .name = "encode",
    .fn = hex_encode,
    .required = 1,
    .max = 1,
    .usage = "encode(data)",
    .doc = "Bytes, or a string's UTF-8, as two hexadecimal digits for each octet.\n"
           "    hex.encode(\"hi\")             # \"6869\"" },
  { .name = "decode",
    .fn = hex_decode,
    .required = 1,
    .max = 1,
    .usage = "decode(text)",
    .doc = "The bytes such a text stands for; white space and colons may stand between octets.\n"
           "Anything else is a ValueError.\n"
           "    hex.decode(\"68:69\").decode() # \"hi\"" },
};

bool lib_open_hex(struct lull *vm, struct module *m)
{
  return module_add_natives(vm, m, natives, COUNT_OF(natives));
}
