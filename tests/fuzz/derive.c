#include "derive.h"

#include <string.h>

enum { DEPTH_MAX = 120, TEXT_MAX = 8192 };
enum derive_kind {
  DERIVE_TEXT,    // of the grammar
  DERIVE_LEXEME,  // one of some that stand for a token
  DERIVE_TIGHT,   // likewise, and no blank may come before it: inside of strings
  DERIVE_SEQ,
  DERIVE_CHOICE,
  DERIVE_REPEAT,  // any number of times
};

struct derive_node {
  unsigned char kind, height;
  unsigned short first, count;  // of the parts, or texts
};

#include "derive_table.h"

struct derivation {
  const unsigned char *at, *end;
  bool is_odd;  // blanks are left out and comments put in, here and there: it may be no program then
  struct buf *out;
};

static unsigned next(struct derivation *d) { return d->at < d->end ? *d->at++ : 0; }

static void put(struct derivation *d, const char *text, bool is_tight)
{
  static const char *const blanks[] = { "", "\n", " # c\n", "\t", "\r\n", "  " };
  unsigned odd = d->is_odd ? next(d) : 255;
  if (!is_tight && d->out->len) buf_puts(d->out, odd < COUNT_OF(blanks) ? blanks[odd] : " ");
  buf_puts(d->out, text);
}

static unsigned lowest(const struct derive_node *node)
{
  unsigned best = 0;
  for (unsigned i = 1; i < node->count; i++) {
    if (derive_nodes[derive_parts[node->first + i]].height < derive_nodes[derive_parts[node->first + best]].height) best = i;
  }
  return best;
}

static void expand(struct derivation *d, unsigned number, unsigned depth)
{
  const struct derive_node *node = &derive_nodes[number];
  const unsigned short *parts = derive_parts + node->first;
  bool is_ending = d->at == d->end || depth > DEPTH_MAX || d->out->len > TEXT_MAX;
  switch ((enum derive_kind)node->kind) {
  case DERIVE_TEXT: put(d, derive_texts[node->first], false); return;
  case DERIVE_LEXEME:
  case DERIVE_TIGHT: put(d, derive_texts[node->first + next(d) % node->count], node->kind == DERIVE_TIGHT); return;
  case DERIVE_SEQ:
    for (unsigned i = 0; i < node->count; i++) expand(d, parts[i], depth + 1);
    return;
  case DERIVE_CHOICE: expand(d, parts[is_ending ? lowest(node) : next(d) % node->count], depth + 1); return;
  case DERIVE_REPEAT:
    while (d->at < d->end && depth <= DEPTH_MAX && d->out->len <= TEXT_MAX && next(d) % 3) expand(d, parts[0], depth + 1);
    return;
  }
}

void derive(const char *bytes, size_t len, struct buf *out)
{
  struct derivation d = { .at = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len, .out = out };
  d.is_odd = next(&d) % 4 == 3;
  expand(&d, DERIVE_ROOT, 0);
}
