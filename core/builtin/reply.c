#include "builtin/reply.h"

enum native_status return_text(struct call *c, struct buf *b)
{
  return return_object(c, string_take_buf(c->heap, b));
}

enum native_status return_bytes(struct call *c, struct buf *b)
{
  struct bytes *bytes = b->failed ? NULL : bytes_new(c->heap, buf_text(b), b->len);
  buf_fini(b);
  return return_object(c, bytes);
}

bool arg_int_or(struct call *c, u32 i, i64 *out) { return !arg_has(c, i) || arg_int(c, i, out); }
bool arg_string_or(struct call *c, u32 i, struct string **out) { return !arg_has(c, i) || arg_string(c, i, out); }
bool arg_callable_or(struct call *c, u32 i) { return !arg_has(c, i) || arg_callable(c, i); }

bool arg_count(struct call *c, u32 i, u32 *out)
{
  i64 n;
  if (!arg_int(c, i, &n)) return false;
  if (n < 0) {
    throw_error(c->vm, c->vm->errors.value, "a count cannot be negative: %lld", (long long)n);
    return false;
  }
  *out = n > UINT32_MAX ? UINT32_MAX : (u32)n;
  return true;
}

bool arg_count_or(struct call *c, u32 i, u32 *out) { return !arg_has(c, i) || arg_count(c, i, out); }

static u32 cut(i64 at, u32 len)
{
  if (at < 0) at += len;
  if (at < 0) return 0;
  return at > len ? len : (u32)at;
}

bool arg_span(struct call *c, u32 i, u32 len, u32 *from, u32 *to)
{
  i64 first = 0, last = len;
  if (!arg_int_or(c, i, &first) || !arg_int_or(c, i + 1, &last)) return false;
  *from = cut(first, len);
  *to = cut(last, len);
  if (*to < *from) *to = *from;
  return true;
}

bool arg_index(struct call *c, u32 i, u32 len, u32 *out)
{
  i64 n;
  if (!arg_int(c, i, &n)) return false;
  i64 at = n < 0 ? n + len : n;
  if (at < 0 || at >= len) {
    throw_error(c->vm, c->vm->errors.index, "index %lld is out of range: the length is %u", (long long)n, len);
    return false;
  }
  *out = (u32)at;
  return true;
}
