#include "session/cell.h"

#include <stdlib.h>
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
  CHECK(!cell->error);  // its state must still be there to take it back
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

static void past_clear(struct cells *c, struct past_cell *past)
{
  mem_free(c->alloc, past->text, past->len);
  *past = (struct past_cell){ .number = past->number };
}

void cells_fini(struct cells *c)
{
  while (c->list.len > 0) cells_drop_newest(c);
  for (u32 i = 0; i < c->past.len; i++) past_clear(c, &c->past.data[i]);
  vec_free(c->alloc, &c->list);
  vec_free(c->alloc, &c->past);
}

static u64 *counter(struct cells *c) { return c->last ? c->last : &c->own_last; }

u64 cells_next(struct cells *c)
{
  if (c->next == 0) c->next = ++*counter(c);
  return c->next;
}

u32 cells_count(const struct cells *c) { return c->list.len; }

struct cell *cells_at(const struct cells *c, u32 i) { return c->list.data[i]; }

// Where the cell is in the list, or would be.
static u32 place_of(const struct cells *c, u64 number)
{
  u32 low = 0, high = c->list.len;
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (c->list.data[middle]->number < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

struct cell *cells_get(const struct cells *c, u64 number)
{
  u32 at = place_of(c, number);
  return at < c->list.len && c->list.data[at]->number == number ? c->list.data[at] : NULL;
}

static int compare_past(const void *number, const void *past)
{
  u64 a = *(const u64 *)number, b = ((const struct past_cell *)past)->number;
  return (a > b) - (a < b);
}

static bool is_past(const struct cells *c, u64 number)
{
  return c->past.len > 0 && bsearch(&number, c->past.data, c->past.len, sizeof *c->past.data, compare_past);
}

bool cells_has(const struct cells *c, u64 number) { return cells_get(c, number) || is_past(c, number); }

struct cell *cells_recall(struct cells *c, u64 number)
{
  struct cell *cell = cells_get(c, number);
  if (cell || !is_past(c, number)) return cell;
  u32 at = place_of(c, number);
  cell = cell_create(c->alloc, number);
  if (cell && vec_push(c->alloc, &c->list, cell)) {
    cell->state = CELL_DONE;
    memmove(&c->list.data[at + 1], &c->list.data[at], (c->list.len - 1 - at) * sizeof cell);
    c->list.data[at] = cell;
    return cell;
  }
  if (cell) cell_destroy(c->alloc, cell);
  return NULL;
}

static bool is_of_text(const struct cell *cell) { return cell->is_saved && cell->state != CELL_FAILED; }

static bool add_past(struct cells *c, const struct cell *cell)
{
  struct past_cell past = { .number = cell->number };
  if (is_of_text(cell) && cell->source.len > 0) {
    past.text = mem_alloc(c->alloc, cell->source.len);
    if (!past.text) return false;
    past.len = cell->source.len;
    memcpy(past.text, cell->source.data, past.len);
  }
  if (!vec_push(c->alloc, &c->past, past)) {
    past_clear(c, &past);
    return false;
  }
  // Most often it is the newest: those that ran on are few.
  u32 at = c->past.len - 1;
  for (; at > 0 && c->past.data[at - 1].number > past.number; at--) c->past.data[at] = c->past.data[at - 1];
  c->past.data[at] = past;
  return true;
}

bool cells_forget(struct cells *c, struct cell *cell)
{
  if (!is_past(c, cell->number) && !add_past(c, cell)) return false;
  u32 at = place_of(c, cell->number);
  c->list.len--;
  memmove(&c->list.data[at], &c->list.data[at + 1], (c->list.len - at) * sizeof cell);
  cell_destroy(c->alloc, cell);
  return true;
}

static u32 put_text(struct buf *out, const char *text, size_t len)
{
  buf_append(out, text, len);
  if (len > 0 && text[len - 1] != '\n') buf_putc(out, '\n');
  return 1;
}

u32 cells_put_text(const struct cells *c, struct buf *out)
{
  u32 count = 0, past = 0;
  for (u32 i = 1; i <= c->list.len; i++) {
    const struct cell *cell = i < c->list.len ? c->list.data[i] : NULL;
    for (; past < c->past.len && (!cell || c->past.data[past].number <= cell->number); past++)
      if (c->past.data[past].text) count += put_text(out, c->past.data[past].text, c->past.data[past].len);
    if (cell && is_of_text(cell)) count += put_text(out, buf_text(&cell->source), cell->source.len);
  }
  return count;
}

void cells_unsave(struct cells *c)
{
  for (u32 i = 0; i < c->list.len; i++) c->list.data[i]->is_saved = false;
  for (u32 i = 0; i < c->past.len; i++) past_clear(c, &c->past.data[i]);
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
