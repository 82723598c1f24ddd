#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "render/flow.h"
#include "render/inspect.h"
#include "render/markdown.h"
#include "render/records.h"
#include "render/trace.h"
#include "session/line.h"
#include "session/state.h"

enum { REPORTS_KEPT = 64 * 1024 };

double session_now(struct session *s) { return sys_now(); }

void show_prompt(struct session *s)
{
  struct buf prompt;
  char text[32];
  if (s->is_leaving) return;
  int len = snprintf(text, sizeof text, "[%llu]", (unsigned long long)cells_next(&s->cells));
  buf_init(&prompt, s->alloc);
  style_put(&prompt, STYLE_PROMPT, s->colors, text, (size_t)len);
  if (s->unseen > 0) {
    buf_putc(&prompt, ' ');
    len = snprintf(text, sizeof text, "!%u", (unsigned)s->unseen);
    style_put(&prompt, STYLE_ERROR, s->colors, text, (size_t)len);
  }
  buf_putc(&prompt, ' ');
  style_puts(&prompt, STYLE_PROMPT, s->colors, ">");
  buf_putc(&prompt, ' ');
  if (!s->foreground) editor_end_line(s->editor);
  editor_show_prompt(s->editor, buf_text(&prompt));
  buf_fini(&prompt);
}

void show_log(struct session *s, const char *text, size_t len)
{
  if (s->log.fd < 0 || log_write(&s->log, text, len)) return;
  show_format(s, "%s: %s; nothing more is logged\n", buf_text(&s->log.path), strerror(errno));
}

void show_log_input(struct session *s, const char *text, size_t len)
{
  if (s->log.fd < 0) return;
  struct buf line;
  buf_init(&line, s->alloc);
  if (s->log.is_line_open) buf_putc(&line, '\n');
  buf_printf(&line, "[%llu] > ", (unsigned long long)cells_next(&s->cells));
  for (size_t i = 0; i < len; i++) {
    buf_putc(&line, text[i]);
    if (text[i] == '\n') buf_puts(&line, "... ");
  }
  buf_putc(&line, '\n');
  show_log(s, buf_text(&line), line.len);
  buf_fini(&line);
}

void show_markdown(struct session *s, const char *text, size_t len)
{
  struct buf rendered;
  buf_init(&rendered, s->alloc);
  markdown_render(text, len, (size_t)editor_cols(s->editor), s->colors, &rendered);
  show_lines(s, buf_text(&rendered), rendered.len);
  buf_fini(&rendered);
}

static void log_lines(struct session *s, const char *text, size_t len)
{
  show_log(s, text, len);
  if (text[len - 1] != '\n') show_log(s, "\n", 1);
}

void show_lines(struct session *s, const char *text, size_t len)
{
  if (len == 0) return;
  log_lines(s, text, len);
  if (editor_has_prompt(s->editor)) {
    editor_print_above(s->editor, text, len);
    return;
  }
  editor_end_line(s->editor);
  editor_pass(s->editor, text, len);
  if (text[len - 1] != '\n') editor_pass(s->editor, "\n", 1);
}

void show_text(struct session *s, const char *text) { show_lines(s, text, strlen(text)); }

void show_format(struct session *s, const char *format, ...)
{
  struct buf text;
  va_list args;
  buf_init(&text, s->alloc);
  va_start(args, format);
  buf_vprintf(&text, format, args);
  va_end(args);
  show_lines(s, buf_text(&text), text.len);
  buf_fini(&text);
}

void show_error_text(struct session *s, const char *text)
{
  struct buf styled;
  buf_init(&styled, s->alloc);
  style_puts(&styled, STYLE_ERROR, s->colors, text);
  show_lines(s, buf_text(&styled), styled.len);
  buf_fini(&styled);
}

static size_t screenful(struct session *s)
{
  int rows = editor_rows(s->editor);
  return rows > 8 ? (size_t)rows - 4 : 4;
}

void show_value(struct session *s, struct cell *cell, const char *text, size_t len)
{
  struct buf rendered;
  struct inspect_form form = { .cols = (size_t)editor_cols(s->editor), .rows = screenful(s), .colors = s->colors };
  buf_init(&rendered, s->alloc);
  if (!inspect_render(text, len, &form, &rendered)) {
    struct inspect_form whole = { .cols = form.cols };
    struct buf all;
    buf_init(&all, s->alloc);
    inspect_render(text, len, &whole, &all);
    router_keep(s->router, cell->number, buf_text(&all), all.len);
    buf_fini(&all);
  } else {
    router_keep(s->router, cell->number, buf_text(&rendered), rendered.len);
  }
  show_lines(s, buf_text(&rendered), rendered.len);
  buf_fini(&rendered);
}

// Room for "[3] ".
static size_t label_cols(u64 cell)
{
  size_t cols = 4;
  for (; cell >= 10; cell /= 10) cols++;
  return cols;
}

// The richest form there is for the terminal: rendered markdown, a table of alike maps; else the text.
static void render_displayed(struct session *s, const struct lull_shown *shown, size_t cols, struct buf *out)
{
  enum { LONGEST_TABLE = 256 * 1024 };
  struct buf whole;
  if (shown->form == LULL_MARKDOWN) {
    markdown_render(shown->text, shown->len, cols, s->colors, out);
    return;
  }
  buf_init(&whole, s->alloc);
  bool may_be_table = shown->form == LULL_TEXT && shown->len > 0 && *shown->text == '[' && shown->len < LONGEST_TABLE;
  if (may_be_table) lull_inspect(s->lull, shown->value, LONGEST_TABLE, &whole);
  if (!records_render(buf_text(&whole), whole.len, cols, s->colors, out))
    line_clean_all(out, shown->text, shown->len, s->colors);
  buf_fini(&whole);
}

void show_displayed(struct session *s, u64 cell, const struct lull_shown *shown)
{
  bool is_front = s->foreground && s->foreground->number == cell;
  bool is_terminal = s->config.capabilities->stream[1].is_terminal;
  bool can_redraw = is_terminal && !editor_is_plain(s->editor);
  size_t cols = (size_t)editor_cols(s->editor), label = is_front ? 0 : label_cols(cell);
  struct buf rendered;
  if (shown->form == LULL_BAR && !can_redraw) return;
  buf_init(&rendered, s->alloc);
  if (is_terminal) render_displayed(s, shown, cols > label ? cols - label : 1, &rendered);
  else buf_append(&rendered, shown->text, shown->len);
  if (rendered.len == 0 || rendered.data[rendered.len - 1] != '\n') buf_putc(&rendered, '\n');
  if (shown->is_update && can_redraw) live_show(s, cell, shown->display, &rendered, shown->is_last);
  else router_write(s->router, cell, 1, buf_text(&rendered), rendered.len, session_now(s));
  buf_fini(&rendered);
}

static void render_report(struct session *s, struct lull_ref *error, struct buf *out)
{
  struct buf report;
  if (!error) {
    style_puts(out, STYLE_ERROR, s->colors, "out of memory; the error itself is lost");
    return;
  }
  buf_init(&report, s->alloc);
  lull_report(s->lull, error, &report);
  trace_render(buf_text(&report), report.len, s->colors, out);
  buf_fini(&report);
}

void show_report(struct session *s, struct lull_ref *error)
{
  struct buf rendered;
  buf_init(&rendered, s->alloc);
  if (error && lull_is_interrupt(s->lull, error)) style_puts(&rendered, STYLE_WARNING, s->colors, "interrupted");
  else if (error && lull_is_cancel(s->lull, error)) style_puts(&rendered, STYLE_WARNING, s->colors, "cancelled");
  else render_report(s, error, &rendered);
  show_lines(s, buf_text(&rendered), rendered.len);
  buf_fini(&rendered);
}

void show_messages(struct session *s, const struct buf *messages)
{
  struct buf rendered;
  buf_init(&rendered, s->alloc);
  trace_render(buf_text(messages), messages->len, s->colors, &rendered);
  show_lines(s, buf_text(&rendered), rendered.len);
  buf_fini(&rendered);
}

// The text in one row, cut where it is wider.
static void put_one_row(struct session *s, const struct buf *text, struct buf *out)
{
  struct flow flow;
  size_t at = 0, cols = s->editor ? (size_t)editor_cols(s->editor) : 80;
  cols = cols > 24 ? cols - 16 : 8;
  flow_init(&flow, s->alloc);
  flow_put(&flow, STYLE_PLAIN, buf_text(text), text->len < cols * 8 ? text->len : cols * 8);
  flow_row(&flow, &at, cols, s->colors, out, NULL);
  if (at <= flow.text.len) buf_puts(out, " …");
  flow_fini(&flow);
}

void show_ended(struct session *s, struct cell *cell)
{
  struct buf line;
  buf_init(&line, s->alloc);
  if (cell->state == CELL_FAILED) {
    style_puts(&line, STYLE_ERROR, s->colors, "failed");
    buf_putc(&line, '\n');
    render_report(s, cell->error, &line);
  } else if (cell->state == CELL_STOPPED) {
    style_puts(&line, STYLE_WARNING, s->colors,
               cell->error && lull_is_cancel(s->lull, cell->error) ? "cancelled" : "interrupted");
  } else {
    style_puts(&line, STYLE_STATUS, s->colors, cell->echo.len > 0 ? "done: " : "done");
    if (cell->echo.len > 0) put_one_row(s, &cell->echo, &line);
  }
  router_notice(s->router, cell->number, buf_text(&line), line.len);
  buf_fini(&line);
}

void show_failure(struct session *s, u64 number, struct lull_ref *error)
{
  struct cell *cell = cells_get(&s->cells, number);
  struct buf rendered;
  buf_init(&rendered, s->alloc);
  render_report(s, error, &rendered);
  router_notice(s->router, number, buf_text(&rendered), rendered.len);
  if (cell) {
    cell->failures++;
    cell->untold++;
    if (cell->reports.len < REPORTS_KEPT) buf_append(&cell->reports, buf_text(&rendered), rendered.len);
  }
  buf_fini(&rendered);
  s->unseen++;
  if (s->editor && editor_has_prompt(s->editor) && !editor_is_plain(s->editor)) show_prompt(s);
}

void show_duration(struct buf *out, double seconds)
{
  if (seconds < 0.001) buf_printf(out, "%.0f us", seconds * 1e6);
  else if (seconds < 1) buf_printf(out, "%.1f ms", seconds * 1e3);
  else if (seconds < 60) buf_printf(out, "%.1f s", seconds);
  else if (seconds < 3600) buf_printf(out, "%d min %d s", (int)seconds / 60, (int)seconds % 60);
  else buf_printf(out, "%ld h %d min", (long)(seconds / 3600), (int)((long)(seconds / 60) % 60));
}

void show_size(struct buf *out, u64 bytes)
{
  if (bytes < 1000) buf_printf(out, "%llu B", (unsigned long long)bytes);
  else if (bytes < 1000000) buf_printf(out, "%.1f KB", (double)bytes / 1e3);
  else if (bytes < 1000000000) buf_printf(out, "%.1f MB", (double)bytes / 1e6);
  else buf_printf(out, "%.1f GB", (double)bytes / 1e9);
}
