// What characters are: mappings, categories, clusters and display width, from the Unicode tables of utf8proc.
// Texts are valid UTF-8.
#ifndef LULL_BUILTIN_UNICODE_H
#define LULL_BUILTIN_UNICODE_H

#include "value/heap.h"

// Append a character as a capital, small, or as a word begins: some become several ("ß" is "SS").
void unicode_put_upper(u32 c, struct buf *out);
void unicode_put_lower(u32 c, struct buf *out);
void unicode_put_title(u32 c, struct buf *out);

bool unicode_is_space(u32 c);
bool unicode_is_letter(u32 c);
bool unicode_is_digit(u32 c);  // decimal digits of any script
bool unicode_is_upper(u32 c);
bool unicode_is_lower(u32 c);

// The end of the grapheme cluster (what people call a character) that begins at [s]; [end] > s.
const char *unicode_cluster(const char *s, const char *end);
// Columns of a terminal the text takes; control characters count none.
size_t unicode_width(struct heap *heap, const char *s, size_t len);

enum unicode_form { UNICODE_NFC, UNICODE_NFD, UNICODE_NFKC, UNICODE_NFKD, UNICODE_FOLD };
// Appends the text in that form. False without memory.
bool unicode_convert(const char *s, size_t len, enum unicode_form form, struct buf *out);

#endif
