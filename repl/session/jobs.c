#include <string.h>

#include "render/sheet.h"
#include "session/state.h"

enum { ROWS_MOST = 100 };  // of one cell: programs may have thousands of tasks

struct listing {
  struct session *s;   // whose cells these are
  struct sheet *table;
  u64 cell;
  u32 rows;  // of it
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
  if (work->kind == LULL_MAIN && (l->cell > 0 || !l->s->house)) return true;  // that is the row of the cell
  if (++l->rows > ROWS_MOST) return false;
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
  if (!s->editor) buf_puts(&text, ", left");
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

// What is left out, as a row of its own.
static void put_rest(struct listing *l, size_t count)
{
  struct buf text;
  if (l->failed || count <= ROWS_MOST) return;
  buf_init(&text, l->s->alloc);
  for (int i = 0; i < 4; i++) put(l, STYLE_PLAIN, "");
  buf_printf(&text, "... and %zu more", count - ROWS_MOST);
  put_buf(l, &text);
  buf_fini(&text);
}

static void put_work_of(struct listing *l, u64 cell)
{
  l->cell = cell;
  l->rows = 0;
  put_rest(l, lull_work(l->s->lull, cell, put_work, l));
}

static u32 put_session(struct listing *l, struct session *s)
{
  u32 count = 0;
  l->s = s;
  for (u32 i = s->house ? 1 : 0; i < cells_count(&s->cells) && !l->failed; i++) {
    const struct cell *cell = cells_at(&s->cells, i);
    if (!jobs_is_alive(s, cell->number)) continue;
    put_cell(l, cell);
    put_work_of(l, cell->number);
    count++;
  }
  return count;
}

static void put_program(struct listing *l, const struct cell *program)
{
  struct buf text;
  buf_init(&text, l->s->alloc);
  put(l, STYLE_PLAIN, "0");
  put(l, STYLE_PLAIN, "program");
  show_duration(&text, session_now(l->s) - program->started);
  put_buf(l, &text);
  put(l, STYLE_PLAIN, "");
  put(l, STYLE_PLAIN, buf_text(&program->source));
  put_work_of(l, HOUSE_PROGRAM);
  buf_fini(&text);
}

// The program and the sessions beside this one.
static u32 put_others(struct listing *l, struct session *own)
{
  u32 count = 1;
  put_program(l, cells_get(&own->cells, HOUSE_PROGRAM));
  for (struct session *s = own->house->first; s; s = s->next)
    if (s != own) count += put_session(l, s);
  return count;
}

// What a guest's list leaves out.
static void put_hint(struct session *s, struct buf *out)
{
  size_t things = lull_work(s->lull, HOUSE_PROGRAM, is_any, NULL);
  struct buf text;
  buf_init(&text, s->alloc);
  buf_printf(&text, "%s has %zu thing%s running (:jobs all)", s->house->program, things, things == 1 ? "" : "s");
  style_puts(out, STYLE_STATUS, s->colors, buf_text(&text));
  buf_putc(out, '\n');
  buf_fini(&text);
}

void jobs_show(struct session *s, bool all)
{
  static const char *const heads[] = { "cell", "state", "age", "output", "what" };
  struct sheet table;
  struct buf out;
  struct listing l = { .s = s, .table = &table };
  sheet_init(&table, s->alloc, COUNT_OF(heads));
  for (size_t i = 0; i < COUNT_OF(heads); i++) put(&l, STYLE_STRONG, heads[i]);
  u32 count = put_session(&l, s);
  if (all && s->house) count += put_others(&l, s);
  buf_init(&out, s->alloc);
  if (count > 0) sheet_write(&table, (size_t)editor_cols(s->editor), s->colors, &out);
  else buf_puts(&out, "nothing is running\n");
  if (s->house && !all) put_hint(s, &out);
  show_lines(s, buf_text(&out), out.len);
  buf_fini(&out);
  sheet_fini(&table);
}
