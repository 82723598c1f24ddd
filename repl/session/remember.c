#include "session/remember.h"

#include <stdio.h>

#include "session/state.h"

enum { OUTPUTS = 100, CELLS = 1000 };

struct value_name {
  char text[32];
};

static struct value_name name_of(const struct cell *cell)
{
  struct value_name name;
  snprintf(name.text, sizeof name.text, "_%llu", (unsigned long long)cell->number);
  return name;
}

void remember_init(struct session *s) { s->remembered = CELLS; }

void remember_value(struct session *s, const struct cell *cell, struct lull_ref *value)
{
  lull_set(s->lull, name_of(cell).text, value);
  if (lull_is_nil(lull_ref_value(value))) return;
  lull_set(s->lull, "_", value);
  if (!s->house) return;
  lull_ref_release(s->lull, s->last);
  s->last = lull_ref_keep(s->lull, value);
}

static void forget_outcome(struct session *s, struct cell *cell)
{
  lull_unset(s->lull, name_of(cell).text);
  lull_ref_release(s->lull, cell->error);
  cell->error = NULL;
}

void remember_no_values(struct session *s)
{
  for (u32 i = 0; i < cells_count(&s->cells); i++) forget_outcome(s, cells_at(&s->cells, i));
  if (s->last) lull_unset(s->lull, "_");
  lull_ref_release(s->lull, s->last);
  s->last = NULL;
}

static bool is_needed(struct session *s, const struct cell *cell)
{
  return cell == s->foreground || cell->untold > 0 || jobs_is_alive(s, cell->number);
}

// Cells of which only the value is of use take no more room for what they printed.
static void forget_output(struct session *s)
{
  u32 count = cells_count(&s->cells);
  const struct cell *old = count > OUTPUTS ? cells_at(&s->cells, count - OUTPUTS) : NULL;
  if (old && !jobs_is_alive(s, old->number)) router_clear(s->router, old->number);
}

void remember_trim(struct session *s)
{
  forget_output(s);
  for (u32 i = 1; i + s->remembered < cells_count(&s->cells);) {
    struct cell *cell = cells_at(&s->cells, i);
    u64 number = cell->number;
    if (is_needed(s, cell)) {
      i++;
      continue;
    }
    forget_outcome(s, cell);
    if (!cells_forget(&s->cells, cell)) return;
    router_forget(s->router, number);
    s->alive = 0;
  }
}
