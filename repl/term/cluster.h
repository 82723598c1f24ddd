// Text cut into what the terminal shows as one unit: a grapheme cluster and the columns it takes.
// Whatever could move the cursor or reorder text (controls, C1, bidirectional marks, invalid bytes) comes out as
// visible text instead.
#ifndef LULL_TERM_CLUSTER_H
#define LULL_TERM_CLUSTER_H

#include "base/types.h"

enum { CLUSTER_BYTES = 25 };

struct cluster {
  char text[CLUSTER_BYTES];  // what is shown; code points past this room are left out
  u8 len;
  u8 width;           // 1 or 2, or the length of a made-up text such as <202E>
  bool is_made_up;    // shown in place of a control or an invalid byte
  bool is_uncertain;  // terminals disagree on its width
};

// Reads the cluster at [s] (before [end], s < end) and returns how many bytes of the text it takes. Newlines and
// tabs are for the caller.
size_t cluster_read(const char *s, const char *end, struct cluster *out);
// Columns of a code point that stands alone: 0, 1 or 2.
int cluster_code_width(u32 code);
// Bytes of the cluster that ends at [at] in [s]: what one step to the left skips. 0 at the beginning.
size_t cluster_before(const char *s, size_t at);
// The longest beginning of a text (without escapes) that fits in [cols]; *used is what it takes.
size_t cluster_fit(const char *s, size_t len, int cols, int *used);

#endif
