// A growing run of bytes in the memory of a state; what is read is taken from its front.
#ifndef LULL_HTTP_OCTETS_H
#define LULL_HTTP_OCTETS_H

#include "lull.h"

struct octets {
  struct lull *lull;
  char *data;
  size_t from, len, cap;  // the bytes are [from, from + len)
};

static inline void octets_init(struct octets *o, struct lull *lull) { *o = (struct octets){ .lull = lull }; }
void octets_fini(struct octets *o);
// False: no memory, and nothing was appended.
bool octets_append(struct octets *o, const void *bytes, size_t len);
bool octets_puts(struct octets *o, const char *text);
void octets_consume(struct octets *o, size_t len);
static inline const char *octets_data(const struct octets *o) { return o->data ? o->data + o->from : ""; }
// The bytes as a string, up to a NUL; "" where there are none. NULL: no memory.
const char *octets_text(struct octets *o);

// The text of a string, number or bool for C; NULL of anything else, and of what holds a NUL.
const char *octets_plain(struct lull *lull, struct lull_value v);

#endif
