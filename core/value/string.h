// Strings: immutable UTF-8 with a lazily cached hash and their count of code points. Names in source text and
// literals are interned (equal means same pointer); strings made at run time are not. A string may be a rope or a
// slice until its bytes are asked for: read it only through string_bytes().
#ifndef LULL_VALUE_STRING_H
#define LULL_VALUE_STRING_H

#include "base/buf.h"
#include "value/heap.h"

#define STRING_MAX ((size_t)0x7FFFFFF0)  // bytes

// Flags. Short text lies in the object itself (INLINE). A rope becomes OWNED where it lies when it is read; an OWNED
// string that another grew out of in place becomes a SLICE of that.
enum {
  STRING_ASCII = 1,
  STRING_INTERNED = 2,
  STRING_ROPE = 4,
  STRING_OWNED = 8 /* text is a block behind the object */,
  STRING_SLICE = 16,
  STRING_INLINE = 32,
};

struct string {
  struct object object;  // flags: the above
  u32 hash;              // 0: not computed yet
  u32 len;               // bytes
  // INLINE ASCII ends here: its text follows. Other INLINE text follows the next word.
  u32 points;            // code points, see string_count
  u32 capacity;          // bytes of the block behind an OWNED one
  const char *text;      // NULL while it is a rope
  struct string *left;   // rope: the parts; slice: left is the string whose bytes it shares
  struct string *right;  // ropes only
};

struct intern {
  struct string **slots;
  u32 count, cap;
};

void string_register(struct heap *heap);
// Code points.
static inline u32 string_count(const struct string *s)
{
  return s->object.flags & STRING_ASCII ? s->len : s->points;
}
// The bytes of one that is no rope: of names and all else that is made by string_new.
static inline const char *string_text(const struct string *s)
{
  if (!(s->object.flags & STRING_INLINE)) return s->text;
  return (const char *)s + (s->object.flags & STRING_ASCII ? offsetof(struct string, points) : offsetof(struct string, capacity));
}
// Copies [len] bytes of valid UTF-8. NULL where it would exceed STRING_MAX or memory (heap->exhausted says which).
struct string *string_new(struct heap *heap, const char *bytes, size_t len);
struct string *string_from(struct heap *heap, const char *text);
struct string *string_printf(struct heap *heap, const char *format, ...) PRINTF_LIKE(2, 3);
struct string *string_from_buf(struct heap *heap, const struct buf *b);
// As string_from_buf, and leaves [b] empty: a long text keeps its block.
struct string *string_take_buf(struct heap *heap, struct buf *b);
// The one string with that text, in the state's table of names; weak: the collector drops unused ones.
struct string *string_intern(struct heap *heap, struct intern *names, const char *bytes, size_t len);
void intern_sweep(struct heap *heap, struct intern *names);  // from before_sweep
void intern_fini(struct heap *heap, struct intern *names);

// The bytes (NUL-terminated unless a slice; s->len of them); flattens a rope. Valid while the string lives; the NUL
// until the next string_concat. Never NULL: where a rope found no memory it becomes the empty string for good
// (heap->exhausted is set). So take the bytes first, s->len after, in two statements.
const char *string_flatten(struct heap *heap, struct string *s);
static inline const char *string_bytes(struct heap *heap, struct string *s)
{
  return UNLIKELY(s->object.flags & STRING_ROPE) ? string_flatten(heap, s) : string_text(s);
}
// As string_bytes, but always NUL-terminated: for calls of libc. The text itself may hold NULs.
const char *string_cstr(struct heap *heap, struct string *s);
// Appends the text to [out]; never flattens, so it costs no memory but out's.
void string_write(const struct string *s, struct buf *out);
u32 string_hash(struct heap *heap, struct string *s);
bool string_equal(struct heap *heap, struct string *a, struct string *b);
int string_compare(struct heap *heap, struct string *a, struct string *b);  // by code points
// Joins; long results are ropes. NULL over STRING_MAX, or where the result could not be flattened within the memory
// limit.
struct string *string_concat(struct heap *heap, struct string *a, struct string *b);
// Joins strings and inline ints, which stand for their digits, with [separator] (NULL: none) between them. NULL as above.
struct string *string_join(struct heap *heap, const Value *parts, u32 count, const struct string *separator);
struct string *string_from_int(struct heap *heap, i64 n);
struct string *string_repeat(struct heap *heap, struct string *s, u64 times);
// Code points [from, to) with 0 <= from <= to <= count.
struct string *string_slice(struct heap *heap, struct string *s, u32 from, u32 to);
// Byte offset of code point [index] (constant time for ASCII).
u32 string_offset(struct heap *heap, struct string *s, u32 index);
// Writes it as a literal: quoted, escaped.
void string_quote(struct heap *heap, struct string *s, struct buf *out);

#endif
