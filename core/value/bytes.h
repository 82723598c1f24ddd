// Bytes: immutable octets, inline behind the header.
#ifndef LULL_VALUE_BYTES_H
#define LULL_VALUE_BYTES_H

#include "base/buf.h"
#include "value/heap.h"

#define BYTES_MAX ((size_t)0x7FFFFFF0)

struct bytes {
  struct object object;
  u32 len;
  u32 hash;  // 0: not computed yet
  u8 data[];
};

struct bytes *bytes_new(struct heap *heap, const void *data, size_t len);  // data NULL: zeros. NULL when too large
bool bytes_equal(const struct bytes *a, const struct bytes *b);
int bytes_compare(const struct bytes *a, const struct bytes *b);
u32 bytes_hash(struct heap *heap, struct bytes *b);
// memmem, in parts between which it is asked whether to go on.
#define BYTES_SEARCH_PART ((size_t)1 << 20)
const void *bytes_search(struct heap *heap, const void *in, size_t len, const void *part, size_t part_len);
void bytes_quote(struct heap *heap, const struct bytes *b, struct buf *out);  // bytes("...") with \xNN

#endif
