// hash: digests, keyed digests, checksums. The algorithms are in digest.c: four of them in a few hundred lines cost
// less than a library of some megabytes that would have to be found and loaded for them.
#include "builtin/reply.h"
#include "lib/digest.h"
#include "lib/lib.h"
#include "lib/octets.h"
#include "vm/box.h"

#define CRC_PART ((size_t)1 << 20)     // bytes: each part makes the table anew
#define DIGEST_PART ((size_t)1 << 16)  // bytes

static enum native_status return_digest(struct call *c, const u8 *digest, size_t size, bool is_raw)
{
  if (is_raw) return return_object(c, bytes_new(c->heap, digest, size));
  char text[2 * DIGEST_MAX];
  octets_to_hex(digest, size, text);
  return return_object(c, string_new(c->heap, text, 2 * size));
}

static bool is_true(struct call *c, u32 i) { return arg_has(c, i) && !is_falsy(c->args[i]); }

// In parts, between which it is asked whether to go on. False: thrown.
static bool add(struct call *c, struct digest *d, const struct octets *data)
{
  for (size_t at = 0, part; at < data->len; at += part) {
    part = data->len - at < DIGEST_PART ? data->len - at : DIGEST_PART;
    digest_add(d, data->at + at, part);
    if (part == DIGEST_PART && native_must_stop(c)) return false;
  }
  return true;
}

// The algorithm is called as the native is.
static enum native_status hash_named(struct call *c)
{
  struct octets data;
  struct digest d;
  u8 out[DIGEST_MAX];
  if (!arg_octets(c, 0, &data)) return NATIVE_THROW;
  digest_begin(&d, digest_find(c->native->name, strlen(c->native->name)));
  if (!add(c, &d, &data)) return NATIVE_THROW;
  digest_end(&d, out);
  return return_digest(c, out, d.kind->size, is_true(c, 1));
}

static const struct digest_kind *arg_kind(struct call *c, u32 i)
{
  struct string *name;
  if (!arg_string(c, i, &name)) return NULL;
  const char *text = string_bytes(c->heap, name);
  const struct digest_kind *kind = digest_find(text, name->len);
  if (!kind) {
    throw_error(c->vm, c->vm->errors.value, "hash: no algorithm `%.*s`; there are md5, sha1, sha256 and sha512",
                (int)name->len, text);
  }
  return kind;
}

static enum native_status hash_hmac(struct call *c)
{
  const struct digest_kind *kind = arg_kind(c, 0);
  struct octets key, data;
  struct digest_keyed h;
  u8 out[DIGEST_MAX];
  if (!kind || !arg_octets(c, 1, &key) || !arg_octets(c, 2, &data)) return NATIVE_THROW;
  digest_keyed_begin(&h, kind, key.at, key.len);
  if (!add(c, &h.inner, &data)) return NATIVE_THROW;
  digest_keyed_end(&h, out);
  return return_digest(c, out, kind->size, is_true(c, 3));
}

static enum native_status hash_crc32(struct call *c)
{
  struct octets data;
  i64 before = 0;
  if (!arg_octets(c, 0, &data) || !arg_int_or(c, 1, &before)) return NATIVE_THROW;
  u32 crc = (u32)before;
  for (size_t at = 0, part; at < data.len; at += part) {
    part = data.len - at < CRC_PART ? data.len - at : CRC_PART;
    crc = digest_crc32(crc, data.at + at, part);
    if (part == CRC_PART && native_must_stop(c)) return NATIVE_THROW;
  }
  return return_int(c, crc);
}

static enum native_status hash_same(struct call *c)
{
  struct octets a, b;
  if (!arg_octets(c, 0, &a) || !arg_octets(c, 1, &b)) return NATIVE_THROW;
  u8 difference = a.len != b.len;
  for (size_t i = 0; i < a.len && i < b.len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    difference |= a.at[i] ^ b.at[i];
  }
  return return_bool(c, difference == 0);
}

// Digests of what comes in pieces

struct hasher {
  struct box box;
  struct digest digest;
};

static enum native_status hasher_add(struct call *c)
{
  struct octets data;
  if (!arg_octets(c, 1, &data)) return NATIVE_THROW;
  struct digest *d = &((struct hasher *)(void *)as_object(c->args[0]))->digest, all = *d;
  if (!add(c, &all, &data)) return NATIVE_THROW;
  *d = all;
  return native_return(c, c->args[0]);
}

// Of what was added so far; more may be added.
static enum native_status hasher_digest(struct call *c)
{
  struct digest d = ((struct hasher *)(void *)as_object(c->args[0]))->digest;
  u8 out[DIGEST_MAX];
  digest_end(&d, out);
  return return_digest(c, out, d.kind->size, is_true(c, 1));
}

static const struct native hasher_methods[] = {
  { .name = "add",
    .fn = hasher_add,
    .required = 1,
    .max = 1,
    .usage = "add(data)",
    .doc = "Adds a string's UTF-8 or bytes, and gives the hasher." },
  { .name = "digest",
    .fn = hasher_digest,
    .max = 1,
    .usage = "digest(raw = false)",
    .doc = "The digest of all that was added so far, as hexadecimal digits or, with [raw], bytes." },
};

static const struct native_class hasher_class = {
  .name = "hasher",
  .doc = "A digest under way: hash.hasher(algorithm).",
  .methods = hasher_methods,
  .method_count = COUNT_OF(hasher_methods),
  .size = sizeof(struct hasher),
};

static enum native_status hash_hasher(struct call *c)
{
  const struct digest_kind *kind = arg_kind(c, 0);
  struct hasher *h = kind ? box_new(c->vm, &hasher_class) : NULL;
  if (!kind) return NATIVE_THROW;
  if (h) digest_begin(&h->digest, kind);
  return return_object(c, h);
}

static const struct native natives[] = {
  { .name = "md5",
    .fn = hash_named,
    .required = 1,
    .max = 2,
    .usage = "md5(data, raw = false)",
    .doc = "The MD5 digest of a string's UTF-8 or of bytes, as hexadecimal digits or, with [raw], bytes.\n"
           "No longer safe against those who forge." },
  { .name = "sha1",
    .fn = hash_named,
    .required = 1,
    .max = 2,
    .usage = "sha1(data, raw = false)",
    .doc = "The SHA-1 digest, likewise.\n"
           "No longer safe against those who forge." },
  { .name = "sha256",
    .fn = hash_named,
    .required = 1,
    .max = 2,
    .usage = "sha256(data, raw = false)",
    .doc = "The SHA-256 digest, likewise.\n"
           "    hash.sha256(\"abc\")[..8]       # \"ba7816bf\"" },
  { .name = "sha512",
    .fn = hash_named,
    .required = 1,
    .max = 2,
    .usage = "sha512(data, raw = false)",
    .doc = "The SHA-512 digest, likewise." },
  { .name = "hmac",
    .fn = hash_hmac,
    .required = 3,
    .max = 4,
    .usage = "hmac(algorithm, key, data, raw = false)",
    .doc = "The digest of data with a secret key: who knows the key can tell that nobody else made it.\n"
           "The algorithm is one of \"md5\", \"sha1\", \"sha256\" and \"sha512\". Compare with hash.same.\n"
           "    hash.hmac(\"sha256\", \"key\", \"message\")" },
  { .name = "crc32",
    .fn = hash_crc32,
    .required = 1,
    .max = 2,
    .usage = "crc32(data, before = 0)",
    .doc = "The CRC-32 checksum, an int; [before] is that of the data before, where it comes in pieces." },
  { .name = "same",
    .fn = hash_same,
    .required = 2,
    .max = 2,
    .usage = "same(a, b)",
    .doc = "True where two strings or bytes are the same, found out in a time that does not tell where they differ." },
  { .name = "hasher",
    .fn = hash_hasher,
    .required = 1,
    .max = 1,
    .usage = "hasher(algorithm)",
    .doc = "A digest of data that comes in pieces.\n"
           "    let h = hash.hasher(\"sha256\"); h.add(\"a\").add(\"b\"); h.digest()" },
};

bool lib_open_hash(struct lull *vm, struct module *m)
{
  return module_add_natives(vm, m, natives, COUNT_OF(natives));
}
