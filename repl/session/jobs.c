#include <string.h>

#include "render/sheet.h"
#include "session/state.h"

struct listing {
  struct session *s;
  struct sheet *table;
  u64 cell;
  bool failed;
};

static void put(struct listing *l, enum style style, const char *text)
{
  struct flow *cell = sheet_cell(l->table);
  if (cell) flow_puts(cell, style, text);
  else l->failed = true;
}

static void put_buf(struct listing *l, struct buf *text)
{
  put(l, STYLE_PLAIN, buf_text(text));
  buf_clear(text);
}

static const char *kind_text(enum lull_work_kind kind)
{
  static const char *const texts[] = {
    [LULL_MAIN] = "cell", [LULL_TASK] = "task", [LULL_TIMER] = "timer", [LULL_WATCHER] = "open"
  };
  return texts[kind];
}

static void put_work_text(struct buf *text, const struct lull_work *work)
{
  buf_puts(text, work->text);
  if (work->due >= 0 && !strstr(work->text, " in ")) {
    buf_puts(text, " in ");
    show_duration(text, work->due);
  }
  if (work->place[0]) buf_printf(text, " (%s)", work->place);
}

static bool put_work(void *user, const struct lull_work *work)
{
  struct listing *l = user;
  struct buf text;
  if (work->kind == LULL_MAIN) return true;  // that is the row of the cell
  buf_init(&text, l->s->alloc);
  buf_printf(&text, "%llu.%u", (unsigned long long)l->cell, (unsigned)work->id);
  put_buf(l, &text);
  put(l, STYLE_PLAIN, kind_text(work->kind));
  show_duration(&text, work->age);
  put_buf(l, &text);
  put(l, STYLE_PLAIN, "");
  put_work_text(&text, work);
  put_buf(l, &text);
  buf_fini(&text);
  return !l->failed;
}

static void put_cell(struct listing *l, const struct cell *cell)
{
  struct session *s = l->s;
  struct lull_work work;
  struct buf text;
  buf_init(&text, s->alloc);
  buf_printf(&text, "%llu", (unsigned long long)cell->number);
  put_buf(l, &text);
  bool is_waiting = cell->state == CELL_RUNNING && lull_waiting(s->lull, cell->number, &work);
  buf_puts(&text, is_waiting ? "waiting" : cell_state_text(cell));
  if (router_is_muted(s->router, cell->number)) buf_puts(&text, ", muted");
  put_buf(l, &text);
  show_duration(&text, session_now(s) - cell->started);
  put_buf(l, &text);
  show_size(&text, router_count(s->router, cell->number));
  put_buf(l, &text);
  cell_title(cell, 60, &text);
  if (is_waiting && work.text[0]) buf_printf(&text, "  <- %s", work.text);
  put_buf(l, &text);
  buf_fini(&text);
}

static bool is_any(void *user, const struct lull_work *work) { return false; }

bool jobs_is_alive(struct session *s, u64 cell)
{
  const struct cell *c = cells_get(&s->cells, cell);
  return (c && c->state == CELL_RUNNING) || lull_work(s->lull, cell, is_any, NULL) > 0;
}

void jobs_show(struct session *s)
{
  static const char *const heads[] = { "cell", "state", "age", "output", "what" };
  struct sheet table;
  struct buf out;
  struct listing l = { .s = s, .table = &table };
  u32 count = 0;
  sheet_init(&table, s->alloc, COUNT_OF(heads));
  for (size_t i = 0; i < COUNT_OF(heads); i++) put(&l, STYLE_STRONG, heads[i]);
  for (u64 number = 0; number < cells_next(&s->cells) && !l.failed; number++) {
    if (!jobs_is_alive(s, number)) continue;
    l.cell = number;
    put_cell(&l, cells_get(&s->cells, number));
    lull_work(s->lull, number, put_work, &l);
    count++;
  }
  buf_init(&out, s->alloc);
  if (count > 0) sheet_write(&table, (size_t)editor_cols(s->editor), s->colors, &out);
  else buf_puts(&out, "nothing is running\n");
  show_lines(s, buf_text(&out), out.len);
  buf_fini(&out);
  sheet_fini(&table);
}
