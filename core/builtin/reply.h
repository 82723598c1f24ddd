// How the natives of this folder end, and the arguments many of them share. Included by the .c files of
// builtin/ only.
#ifndef LULL_BUILTIN_REPLY_H
#define LULL_BUILTIN_REPLY_H

#include "value/bytes.h"
#include "vm/state.h"

// A new object as the result; NULL (no memory, or too large) throws a LimitError.
static inline enum native_status return_object(struct call *c, const void *object)
{
  if (UNLIKELY(!object)) return throw_memory(c->vm);
  return native_return(c, value_object(object));
}

static inline enum native_status return_int(struct call *c, i64 n) { return native_return(c, value_int(n)); }
static inline enum native_status return_bool(struct call *c, bool b) { return native_return(c, value_bool(b)); }

// What a function that may lose memory did: nil, or the LimitError.
static inline enum native_status return_nil(struct call *c, bool is_done)
{
  return is_done ? native_return(c, NIL) : throw_memory(c->vm);
}

// How a part of a native's work went that may have to call the language.
enum part {
  PART_DONE,
  PART_CALL,   // return NATIVE_CALL; entered again, go on with the part
  PART_THROW,  // return NATIVE_THROW
};
static inline enum native_status part_leave(enum part p) { return p == PART_CALL ? NATIVE_CALL : NATIVE_THROW; }

// The texts gathered in [b] as a string or as bytes; gives b's memory back.
enum native_status return_text(struct call *c, struct buf *b);
enum native_status return_bytes(struct call *c, struct buf *b);

// Given, and not nil: optional arguments take nil for "not given".
static inline bool arg_has(struct call *c, u32 i) { return arg_given(c, i) && !is_nil(c->args[i]); }

// Optional arguments: *out stays as it is where none was given.
bool arg_int_or(struct call *c, u32 i, i64 *out);
bool arg_string_or(struct call *c, u32 i, struct string **out);
bool arg_callable_or(struct call *c, u32 i);
// A count: an int that is not negative (else a ValueError), cut to U32_MAX.
bool arg_count(struct call *c, u32 i, u32 *out);
bool arg_count_or(struct call *c, u32 i, u32 *out);
// Positions [from, to) as arguments i and i + 1, both optional, negative from the end, cut to what there is.
bool arg_span(struct call *c, u32 i, u32 len, u32 *from, u32 *to);
// An index of one of [len] elements, negative from the end: else an IndexError.
bool arg_index(struct call *c, u32 i, u32 len, u32 *out);

#endif
