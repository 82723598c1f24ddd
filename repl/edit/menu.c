#include "edit/menu.h"

#include <string.h>

#include "base/utf8.h"
#include "term/cluster.h"

void completions_add(struct completions *c, const char *text, size_t len, const char *hint, size_t hint_len)
{
  size_t size = len + hint_len + 1;
  char *copy = mem_alloc(c->alloc, size);
  if (!copy) {
    c->failed = true;
    return;
  }
  memcpy(copy, text, len);
  if (hint_len > 0) memcpy(copy + len, hint, hint_len);
  copy[len + hint_len] = 0;
  struct completion one = {{copy, len}, {copy + len, hint_len}};
  if (vec_push(c->alloc, &c->list, one)) return;
  mem_free(c->alloc, copy, size);
  c->failed = true;
}

void menu_init(struct menu *m, struct alloc *alloc)
{
  *m = (struct menu){.alloc = alloc, .list = {.alloc = alloc}};
  buf_init(&m->typed, alloc);
}

void menu_clear(struct menu *m)
{
  for (u32 i = 0; i < m->list.list.len; i++) {
    struct completion *c = &m->list.list.data[i];
    mem_free(m->alloc, (char *)(uintptr_t)c->text.bytes, c->text.len + c->hint.len + 1);
  }
  m->list.list.len = 0;
  m->list.failed = false;
  m->is_open = false;
}

void menu_fini(struct menu *m)
{
  menu_clear(m);
  vec_free(m->alloc, &m->list.list);
  buf_fini(&m->typed);
}

size_t menu_common(const struct menu *m)
{
  if (m->list.list.len == 0) return 0;
  struct text first = m->list.list.data[0].text;
  size_t common = first.len;
  for (u32 i = 1; i < m->list.list.len; i++) {
    struct text t = m->list.list.data[i].text;
    size_t n = 0;
    while (n < common && n < t.len && t.bytes[n] == first.bytes[n]) n++;
    common = n;
  }
  while (common > 0 && common < first.len && utf8_is_continuation(first.bytes[common])) common--;
  return common;
}

void menu_open(struct menu *m, const char *typed, size_t len)
{
  buf_clear(&m->typed);
  buf_append(&m->typed, typed, len);
  m->selected = m->list.list.len;
  m->end = m->list.start + len;
  m->is_open = true;
}

void menu_close(struct menu *m)
{
  if (m->is_open) menu_clear(m);
}

struct text menu_step(struct menu *m, bool is_next)
{
  u32 places = m->list.list.len + 1;
  m->selected = (m->selected + (is_next ? 1 : places - 1)) % places;
  if (m->selected < m->list.list.len) return m->list.list.data[m->selected].text;
  return (struct text){buf_text(&m->typed), m->typed.len};
}

static int width_of(struct text t)
{
  int used;
  cluster_fit(t.bytes, t.len, 1 << 20, &used);
  return used;
}

static void put_cut(struct buf *out, enum style style, enum color_depth colors, struct text t, int cols)
{
  int used;
  size_t fits = cluster_fit(t.bytes, t.len, cols, &used);
  if (fits < t.len && cols > 0) {
    fits = cluster_fit(t.bytes, t.len, cols - 1, &used);
    style_put(out, style, colors, t.bytes, fits);
    style_puts(out, style, colors, "…");
  } else {
    style_put(out, style, colors, t.bytes, fits);
  }
}

static void put_row(const struct menu *m, struct buf *out, u32 at, int name_cols, int cols, enum color_depth colors)
{
  const struct completion *c = &m->list.list.data[at];
  bool is_selected = at == m->selected;
  buf_puts(out, is_selected ? "> " : "  ");
  put_cut(out, is_selected ? STYLE_SELECTED : STYLE_PLAIN, colors, c->text, name_cols);
  int left = cols - 2 - name_cols - 2;
  if (c->hint.len == 0 || left < 4) return;
  int pad = name_cols - width_of(c->text);
  buf_repeat(out, ' ', (size_t)(pad > 0 ? pad : 0) + 2);
  const char *nl = memchr(c->hint.bytes, '\n', c->hint.len);
  struct text hint = {c->hint.bytes, nl ? (size_t)(nl - c->hint.bytes) : c->hint.len};
  put_cut(out, STYLE_HINT, colors, hint, left);
}

void menu_render(const struct menu *m, struct buf *out, int cols, enum color_depth colors)
{
  u32 count = m->list.list.len, shown = count < MENU_ROWS ? count : MENU_ROWS;
  u32 first = m->selected < count && m->selected >= shown ? m->selected - shown + 1 : 0;
  int name_cols = 0;
  for (u32 i = first; i < first + shown; i++) {
    int width = width_of(m->list.list.data[i].text);
    if (width > name_cols) name_cols = width;
  }
  if (name_cols > cols - 2) name_cols = cols > 3 ? cols - 2 : 1;
  for (u32 i = first; i < first + shown; i++) {
    if (i > first) buf_putc(out, '\n');
    put_row(m, out, i, name_cols, cols, colors);
  }
  if (count == shown) return;
  struct buf rest;
  buf_init(&rest, m->alloc);
  buf_printf(&rest, "\n  %u of %u", first + shown, count);
  style_put(out, STYLE_HINT, colors, buf_text(&rest), rest.len);
  buf_fini(&rest);
}
