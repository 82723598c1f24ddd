// How a cell looks, and the SGR sequences between looks.
#ifndef LULL_TERM_SGR_H
#define LULL_TERM_SGR_H

#include "base/buf.h"

enum { ATTR_DEFAULT = 0, ATTR_PALETTE = 1u << 24, ATTR_RGB = 2u << 24 };

// Compared by bytes: no padding that is not zero.
struct attr {
  u32 fg, bg;  // ATTR_DEFAULT, ATTR_PALETTE | index, ATTR_RGB | 0xRRGGBB
  u32 flags;   // bit n: SGR n is on (1 bold, 2 dim, 3 italic, 4 underline, 5 blink, 7 reverse, 8 hidden, 9 struck)
};

static inline bool attr_equal(struct attr a, struct attr b)
{
  return a.fg == b.fg && a.bg == b.bg && a.flags == b.flags;
}

static inline bool attr_is_plain(struct attr a)
{
  return attr_equal(a, (struct attr){ATTR_DEFAULT, ATTR_DEFAULT, 0});
}

// Length of the escape sequence at [s] (which begins with ESC), 0 where it is cut short by [end].
size_t sgr_sequence(const char *s, const char *end);
// Whether the sequence of [len] bytes is SGR and nothing else.
bool sgr_is(const char *s, size_t len);
// Applies an SGR sequence to a look.
void sgr_apply(struct attr *a, const char *s, size_t len);
// Applies all SGR sequences in a text.
void sgr_scan(struct attr *a, const char *text, size_t len);
// Adds the sequence that leads from one look to another; nothing where they are equal.
void sgr_put(struct buf *out, struct attr from, struct attr to);

#endif
