// base64: octets as text (RFC 4648).
#include "builtin/text.h"
#include "lib/lib.h"
#include "lib/octets.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static enum native_status base64_encode(struct call *c)
{
  struct octets data;
  if (!arg_octets(c, 0, &data)) return NATIVE_THROW;
  bool is_url = arg_has(c, 1) && !is_falsy(c->args[1]);
  char symbols[65];
  memcpy(symbols, alphabet, 62);
  memcpy(symbols + 62, is_url ? "-_" : "+/", 3);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  char *to = buf_reserve(&out, (data.len + 2) / 3 * 4);
  for (size_t i = 0; to && i < data.len && !out.failed; i += 3) {
    out.failed |= heap_must_stop_at(c->heap, i / 3);
    size_t count = data.len - i < 3 ? data.len - i : 3;
    u32 bits = (u32)data.at[i] << 16 | (count > 1 ? (u32)data.at[i + 1] << 8 : 0) | (count > 2 ? data.at[i + 2] : 0);
    for (size_t n = 0; n <= count; n++) to[out.len++] = symbols[bits >> (18 - 6 * n) & 63];
    for (size_t n = count; n < 3 && !is_url; n++) to[out.len++] = '=';
  }
  return return_text(c, &out);
}

// The six bits a character stands for in either alphabet, or -1.
static int value_of(char c)
{
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static enum native_status fail(struct call *c, struct buf *out, const char *what, size_t at)
{
  buf_fini(out);
  return throw_error(c->vm, c->vm->errors.value, "base64.decode: %s at byte %zu", what, at);
}

// White space does not count, and the padding at the end may be left out, whole.
static enum native_status base64_decode(struct call *c)
{
  struct octets t;
  struct buf out;
  if (!arg_octets(c, 0, &t)) return NATIVE_THROW;
  buf_init(&out, &c->vm->alloc);
  u32 bits = 0, count = 0, padding = 0;
  for (size_t i = 0; i < t.len && !out.failed; i++) {
    out.failed |= heap_must_stop_at(c->heap, i);
    char ch = (char)t.at[i];
    if (ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t') continue;
    int value = value_of(ch);
    if (ch == '=' && count % 4 >= 2 && count % 4 + padding < 4) {
      padding++;
      continue;
    }
    if (value < 0 || padding) return fail(c, &out, "a character that does not belong there", i);
    bits = bits << 6 | (u32)value;
    if (++count % 4) continue;
    char octets[3] = { (char)(bits >> 16), (char)(bits >> 8), (char)bits };
    buf_append(&out, octets, 3);
    bits = 0;
  }
  if (out.failed) return return_bytes(c, &out);
  u32 rest = count % 4;
  if (rest == 1 || (padding && rest + padding != 4)) return fail(c, &out, "the text is cut short", t.len);
  if (rest && bits & (rest == 2 ? 15u : 3u)) return fail(c, &out, "bits are left over", t.len);
  if (rest) buf_putc(&out, (char)(rest == 2 ? bits >> 4 : bits >> 10));
  if (rest == 3) buf_putc(&out, (char)(bits >> 2));
  return return_bytes(c, &out);
}

static const struct native natives[] = {
  { .name = "encode",
    .fn = base64_encode,
    .required = 1,
    .max = 2,
    .usage = "encode(data, url = false)",
    .doc = "Bytes, or a string's UTF-8, as text of the letters, the digits, + and /, padded with =.\n"
           "With [url], - and _ take the place of + and /, and there is no padding: fit for addresses and file names.\n"
           "    base64.encode(\"hello\")       # \"aGVsbG8=\"" },
  { .name = "decode",
    .fn = base64_decode,
    .required = 1,
    .max = 1,
    .usage = "decode(text)",
    .doc = "The bytes such a text stands for, in either alphabet, with or without padding.\n"
           "White space does not count; anything else is a ValueError.\n"
           "    base64.decode(\"aGVsbG8\").decode()    # \"hello\"" },
};

bool lib_open_base64(struct lull *vm, struct module *m)
{
  return module_add_natives(vm, m, natives, COUNT_OF(natives));
}
