// Methods of bytes. What they share with lists, whose elements are the octets, is in sequence.c and transform.c.
#include "builtin/builtin.h"

#include "base/utf8.h"
#include "builtin/sequence.h"
#include "builtin/transform.h"
#include "value/number.h"
#include "vm/errors.h"

static struct bytes *self(struct call *c) { return AS_BYTES(c->args[0]); }

static enum native_status bytes_fn_len(struct call *c) { return return_int(c, self(c)->len); }
static enum native_status bytes_fn_is_empty(struct call *c) { return return_bool(c, self(c)->len == 0); }

// Text

static enum native_status bytes_fn_decode(struct call *c)
{
  struct bytes *b = self(c);
  const char *data = (const char *)b->data;
  size_t valid = utf8_valid_prefix(data, b->len);
  bool is_lossy = arg_has(c, 1) && !is_falsy(c->args[1]);
  if (valid == b->len) return return_object(c, string_new(c->heap, data, b->len));
  if (!is_lossy) {
    return throw_error(c->vm, c->vm->errors.value, "decode: invalid UTF-8 at byte %zu (decode(lossy: true) replaces it)",
                       valid);
  }
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  buf_append_text(&out, data, b->len);
  return return_text(c, &out);
}

static enum native_status bytes_fn_hex(struct call *c)
{
  static const char digits[] = "0123456789abcdef";
  struct bytes *b = self(c);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  char *to = buf_reserve(&out, (size_t)b->len * 2);
  for (u32 i = 0; to && i < b->len; i++) {
    if (heap_must_stop_at(c->heap, i)) out.failed = true;
    if (out.failed) break;
    *to++ = digits[b->data[i] >> 4];
    *to++ = digits[b->data[i] & 15];
  }
  if (to) out.len += (size_t)b->len * 2;
  return return_text(c, &out);
}

static enum native_status bytes_fn_to_int(struct call *c)
{
  static const char digits[] = "0123456789abcdef";
  struct bytes *b = self(c);
  bool is_little = arg_has(c, 1) && !is_falsy(c->args[1]);
  struct buf hex;
  buf_init(&hex, &c->vm->alloc);
  buf_putc(&hex, '0');
  for (u32 i = 0; i < b->len; i++) {
    if (heap_must_stop_at(c->heap, i)) hex.failed = true;
    u8 octet = b->data[is_little ? b->len - 1 - i : i];
    buf_putc(&hex, digits[octet >> 4]);
    buf_putc(&hex, digits[octet & 15]);
  }
  Value n = hex.failed ? UNSET : number_parse_int(c->heap, buf_text(&hex), hex.len, 16);
  buf_fini(&hex);
  return is_unset(n) ? throw_memory(c->vm) : native_return(c, n);
}

// Looking for a part: bytes, or one octet as an int.

struct part_of {
  const void *data;
  size_t len;
  u8 octet;
};

static bool arg_part(struct call *c, u32 i, struct part_of *part)
{
  Value v = c->args[i];
  if (is_int(v) && as_int(v) >= 0 && as_int(v) <= 255) {
    part->octet = (u8)as_int(v);
    part->data = &part->octet;
    part->len = 1;
    return true;
  }
  if (IS_BYTES(v)) {
    part->data = AS_BYTES(v)->data;
    part->len = AS_BYTES(v)->len;
    return true;
  }
  arg_fail(c, i, "bytes or an int from 0 to 255");
  return false;
}

static const u8 *find(struct call *c, const struct bytes *b, size_t from, const struct part_of *part)
{
  return bytes_search(c->heap, b->data + from, b->len - from, part->data, part->len);
}

static enum native_status bytes_fn_contains(struct call *c)
{
  struct part_of part;
  if (!arg_part(c, 1, &part)) return NATIVE_THROW;
  return return_bool(c, find(c, self(c), 0, &part) != NULL);
}

static enum native_status bytes_fn_index_of(struct call *c)
{
  struct part_of part;
  struct bytes *b = self(c);
  i64 from = 0;
  if (!arg_part(c, 1, &part) || !arg_int_or(c, 2, &from)) return NATIVE_THROW;
  if (from < 0) from = from + b->len < 0 ? 0 : from + b->len;
  if (from > b->len) return native_return(c, NIL);
  const u8 *found = find(c, b, (size_t)from, &part);
  return native_return(c, found ? value_int(found - b->data) : NIL);
}

static enum native_status bytes_fn_starts_with(struct call *c)
{
  struct part_of part;
  if (!arg_part(c, 1, &part)) return NATIVE_THROW;
  struct bytes *b = self(c);
  return return_bool(c, b->len >= part.len && memcmp(b->data, part.data, part.len) == 0);
}

static enum native_status bytes_fn_ends_with(struct call *c)
{
  struct part_of part;
  if (!arg_part(c, 1, &part)) return NATIVE_THROW;
  struct bytes *b = self(c);
  return return_bool(c, b->len >= part.len && memcmp(b->data + b->len - part.len, part.data, part.len) == 0);
}

static bool push_bytes(struct call *c, struct list *list, const u8 *data, size_t len)
{
  struct bytes *b = bytes_new(c->heap, data, len);
  return b && list_push(c->heap, list, value_object(b));
}

static enum native_status bytes_fn_split(struct call *c)
{
  struct part_of sep;
  if (!arg_part(c, 1, &sep)) return NATIVE_THROW;
  if (sep.len == 0) return throw_error(c->vm, c->vm->errors.value, "the separator is empty");
  struct bytes *b = self(c);
  struct list *list = list_new(c->heap, 0);
  const u8 *at = b->data, *end = b->data + b->len, *found;
  while (list && (found = find(c, b, (size_t)(at - b->data), &sep))) {
    if (native_must_stop_at(c, list->len)) return NATIVE_THROW;
    if (!push_bytes(c, list, at, (size_t)(found - at))) return throw_memory(c->vm);
    at = found + sep.len;
  }
  return return_object(c, list && push_bytes(c, list, at, (size_t)(end - at)) ? list : NULL);
}

static enum native_status bytes_fn_replace(struct call *c)
{
  struct part_of old, new;
  if (!arg_part(c, 1, &old) || !arg_part(c, 2, &new)) return NATIVE_THROW;
  if (old.len == 0) return throw_error(c->vm, c->vm->errors.value, "the bytes to look for are empty");
  struct bytes *b = self(c);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  const u8 *at = b->data, *found;
  u32 turn = 0;
  for (; !out.failed && (found = find(c, b, (size_t)(at - b->data), &old)); at = found + old.len) {
    out.failed |= heap_must_stop_at(c->heap, turn++);
    buf_append(&out, at, (size_t)(found - at));
    buf_append(&out, new.data, new.len);
  }
  buf_append(&out, at, (size_t)(b->data + b->len - at));
  return return_bytes(c, &out);
}

// Parts

static enum native_status bytes_fn_slice(struct call *c)
{
  u32 from, to;
  if (!arg_span(c, 1, self(c)->len, &from, &to)) return NATIVE_THROW;
  return return_object(c, bytes_new(c->heap, self(c)->data + from, to - from));
}

static enum native_status bytes_fn_get(struct call *c)
{
  struct bytes *b = self(c);
  i64 at;
  if (!arg_int(c, 1, &at)) return NATIVE_THROW;
  if (at < 0) at += b->len;
  if (at >= 0 && at < b->len) return return_int(c, b->data[at]);
  return native_return(c, arg_given(c, 2) ? c->args[2] : NIL);
}

static enum native_status bytes_fn_reversed(struct call *c)
{
  struct bytes *b = self(c), *new = bytes_new(c->heap, NULL, b->len);
  for (u32 i = 0; new && i < b->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    new->data[i] = b->data[b->len - 1 - i];
  }
  return return_object(c, new);
}

static enum native_status bytes_fn_to_list(struct call *c)
{
  struct bytes *b = self(c);
  struct list *list = list_new(c->heap, b->len);
  for (u32 i = 0; list && i < b->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    if (!list_push(c->heap, list, value_int(b->data[i]))) return throw_memory(c->vm);
  }
  return return_object(c, list);
}

static const struct native bytes_natives[] = {
  { .name = "len", .fn = bytes_fn_len, .usage = "len()", .doc = "The number of octets." },
  { .name = "is_empty", .fn = bytes_fn_is_empty, .usage = "is_empty()", .doc = "True where there are no octets." },
  { .name = "decode",
    .fn = bytes_fn_decode,
    .max = 1,
    .usage = "decode(lossy = false)",
    .doc = "The text the bytes are the UTF-8 of.\n"
           "Invalid bytes are a ValueError; with [lossy] U+FFFD takes their place.\n"
           "    bytes([195, 169]).decode()    # \"é\"" },
  { .name = "hex",
    .fn = bytes_fn_hex,
    .usage = "hex()",
    .doc = "The octets as hexadecimal digits.\n"
           "    bytes([1, 255]).hex()         # \"01ff\"" },
  { .name = "to_int",
    .fn = bytes_fn_to_int,
    .max = 1,
    .usage = "to_int(little = false)",
    .doc = "The octets as one int that is not negative, the most significant first, or with [little] last.\n"
           "    bytes([1, 0]).to_int()        # 256" },
  { .name = "contains",
    .fn = bytes_fn_contains,
    .required = 1,
    .max = 1,
    .usage = "contains(part)",
    .doc = "True where [part], bytes or one octet as an int, occurs." },
  { .name = "index_of",
    .fn = bytes_fn_index_of,
    .required = 1,
    .max = 2,
    .usage = "index_of(part, from = 0)",
    .doc = "The index of the first [part], bytes or one octet as an int, at or after [from], or nil." },
  { .name = "starts_with",
    .fn = bytes_fn_starts_with,
    .required = 1,
    .max = 1,
    .usage = "starts_with(prefix)",
    .doc = "True where the bytes begin with [prefix], bytes or one octet as an int." },
  { .name = "ends_with",
    .fn = bytes_fn_ends_with,
    .required = 1,
    .max = 1,
    .usage = "ends_with(suffix)",
    .doc = "True where the bytes end with [suffix], bytes or one octet as an int." },
  { .name = "split",
    .fn = bytes_fn_split,
    .required = 1,
    .max = 1,
    .usage = "split(separator)",
    .doc = "A list of the parts between the separators, bytes or one octet as an int." },
  { .name = "replace",
    .fn = bytes_fn_replace,
    .required = 2,
    .max = 2,
    .usage = "replace(old, new)",
    .doc = "The bytes with [new] in place of each [old]; both bytes or one octet as an int." },
  { .name = "slice",
    .fn = bytes_fn_slice,
    .max = 2,
    .usage = "slice(from = 0, to = nil)",
    .doc = "The octets from [from] up to, not including, [to]; negative ones count from the end.\n"
           "Takes what there is. The same as b[from..to]." },
  { .name = "get",
    .fn = bytes_fn_get,
    .required = 1,
    .max = 2,
    .usage = "get(index, default = nil)",
    .doc = "The octet at [index] as an int, or [default] where there is none." },
  { .name = "reversed",
    .fn = bytes_fn_reversed,
    .usage = "reversed()",
    .doc = "The octets from the last to the first." },
  { .name = "to_list", .fn = bytes_fn_to_list, .usage = "to_list()", .doc = "A list of the octets as ints." },
};

bool builtin_open_bytes(struct lull *vm)
{
  struct class *class = vm->types.bytes_;
  return transform_open_sequence(vm, class) && sequence_open(vm, class) &&
         class_add_natives(vm, class, bytes_natives, COUNT_OF(bytes_natives));
}
