#include "session/cell.h"

#include <string.h>

#include "base/check.h"
#include "term/cluster.h"

static struct cell *cell_create(struct alloc *alloc, u64 number)
{
  struct cell *cell = mem_alloc(alloc, sizeof *cell);
  if (!cell) return NULL;
  *cell = (struct cell){ .number = number };
  buf_init(&cell->source, alloc);
  buf_init(&cell->name, alloc);
  buf_init(&cell->echo, alloc);
  buf_init(&cell->reports, alloc);
  return cell;
}

static void cell_destroy(struct alloc *alloc, struct cell *cell)
{
  CHECK(!cell->value);  // its state must still be there to take it back
  buf_fini(&cell->source);
  buf_fini(&cell->name);
  buf_fini(&cell->echo);
  buf_fini(&cell->reports);
  mem_free(alloc, cell, sizeof *cell);
}

bool cells_init(struct cells *c, struct alloc *alloc, u64 *last)
{
  *c = (struct cells){ .alloc = alloc, .last = last };
  struct cell *session = cells_add(c, "", 0, "the session");
  if (session) session->state = CELL_DONE;
  return session != NULL;
}

void cells_fini(struct cells *c)
{
  while (c->list.len > 0) cells_drop_newest(c);
  vec_free(c->alloc, &c->list);
}

static u64 *counter(struct cells *c) { return c->last ? c->last : &c->own_last; }

u64 cells_next(struct cells *c)
{
  if (c->next == 0) c->next = ++*counter(c);
  return c->next;
}

u32 cells_count(const struct cells *c) { return c->list.len; }

struct cell *cells_at(const struct cells *c, u32 i) { return c->list.data[i]; }

struct cell *cells_get(const struct cells *c, u64 number)
{
  u32 low = 0, high = c->list.len;
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (c->list.data[middle]->number < number) low = middle + 1;
    else high = middle;
  }
  return low < c->list.len && c->list.data[low]->number == number ? c->list.data[low] : NULL;
}

struct cell *cells_add(struct cells *c, const char *source, size_t len, const char *name)
{
  struct cell *cell = cell_create(c->alloc, c->list.len > 0 ? cells_next(c) : 0);
  if (!cell) return NULL;
  buf_append(&cell->source, source, len);
  if (name) buf_puts(&cell->name, name);
  else buf_printf(&cell->name, "[%llu]", (unsigned long long)cell->number);
  if (!cell->source.failed && !cell->name.failed && vec_push(c->alloc, &c->list, cell)) {
    c->next = 0;
    return cell;
  }
  cell_destroy(c->alloc, cell);
  return NULL;
}

void cells_drop_newest(struct cells *c)
{
  struct cell *cell = vec_pop(&c->list);
  if (c->next > 0 && *counter(c) == c->next) --*counter(c);
  c->next = cell->number;
  cell_destroy(c->alloc, cell);
}

const char *cell_state_text(const struct cell *c)
{
  static const char *const texts[] = {
    [CELL_RUNNING] = "running", [CELL_DONE] = "done", [CELL_FAILED] = "failed", [CELL_STOPPED] = "stopped"
  };
  return texts[c->state];
}

void cell_title(const struct cell *c, size_t cols, struct buf *out)
{
  size_t width = 0;
  for (const char *at = buf_text(&c->source), *end = at + c->source.len; at < end;) {
    struct cluster cluster;
    if (*at == '\n' || *at == '\t' || *at == ' ') {
      while (at < end && (*at == '\n' || *at == '\t' || *at == ' ')) at++;
      cluster = (struct cluster){ .text = " ", .len = 1, .width = 1 };
    } else {
      at += cluster_read(at, end, &cluster);
    }
    if (width + cluster.width + 1 > cols && at < end) {
      buf_puts(out, "…");
      return;
    }
    buf_append(out, cluster.text, cluster.len);
    width += cluster.width;
  }
}
