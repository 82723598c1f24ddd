// UTF-8: strict decoding, encoding, validation and counting. Overlong forms, surrogates and code points above U+10FFFF are invalid.
#ifndef LULL_BASE_UTF8_H
#define LULL_BASE_UTF8_H

#include "base/types.h"

// Decodes the code point at [s] (before [end]); returns its bytes (1-4), or 0 where they are invalid or cut short.
int utf8_decode(const char *s, const char *end, u32 *code_point);
// Writes up to 4 bytes; returns how many. [code_point] must be valid.
size_t utf8_encode(u32 code_point, char *out);
// The length of the longest valid prefix: len itself where all is valid.
size_t utf8_valid_prefix(const char *s, size_t len);
// Code points in valid text.
size_t utf8_count(const char *s, size_t len);
// Byte offset of the code point number [index] in valid text (len for index == count).
size_t utf8_offset(const char *s, size_t len, size_t index);
// True where all bytes are below 0x80.
bool utf8_is_ascii(const char *s, size_t len);
// Bytes of an incomplete but so far valid sequence at the end of [s] (0-3): what a reader of chunks keeps for the next one.
size_t utf8_tail(const char *s, size_t len);

static inline bool utf8_is_continuation(char c) { return ((u8)c & 0xC0) == 0x80; }

#endif
