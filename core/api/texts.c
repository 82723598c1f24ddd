// Texts in the hands of hosts that do not know what a buf is.
#include "api/value.h"
#include "base/buf.h"

struct buf *lull_buf_create(struct lull *vm)
{
  struct buf *b = mem_alloc(&vm->alloc, sizeof *b);
  if (b) buf_init(b, &vm->alloc);
  return b;
}

const char *lull_buf_text(const struct buf *b, size_t *len)
{
  if (len) *len = b->len;
  return buf_text(b);
}

void lull_buf_destroy(struct buf *b)
{
  if (!b) return;
  struct alloc *alloc = b->alloc;
  buf_fini(b);
  mem_free(alloc, b, sizeof *b);
}
