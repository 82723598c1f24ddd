#include "syntax/diagnostic.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/check.h"
#include "base/utf8.h"

// How much of a long line is shown, in columns, and how much of that before the span.
// A line and its indent fit a terminal of 80 columns, or a window of it does, with dots on both sides.
enum { EXCERPT_WHOLE = 78, EXCERPT_COLUMNS = 72, EXCERPT_BEFORE = 32, TAB_COLUMNS = 2 };

void diagnostics_init(struct diagnostics *d, struct alloc *alloc)
{
  *d = (struct diagnostics){ .alloc = alloc };
  buf_init(&d->pool, alloc);
}

void diagnostics_fini(struct diagnostics *d)
{
  vec_free(d->alloc, &d->list);
  vec_free(d->alloc, &d->notes);
  buf_fini(&d->pool);
}

void diagnostics_clear(struct diagnostics *d)
{
  d->list.len = d->notes.len = 0;
  d->errors = d->warnings = 0;
  d->is_full = false;
  d->failed = false;
  buf_clear(&d->pool);
}

// Puts a message and its NUL into the pool; false when it is lost.
static PRINTF_LIKE(2, 0) bool pool_text(struct diagnostics *d, const char *format, va_list args, u32 *text,
                                        u32 *text_len)
{
  size_t start = d->pool.len;
  buf_vprintf(&d->pool, format, args);
  *text = (u32)start;
  *text_len = (u32)(d->pool.len - start);
  buf_putc(&d->pool, 0);
  d->failed = d->failed || d->pool.failed;
  return !d->pool.failed;
}

static PRINTF_LIKE(5, 0) void add(struct diagnostics *d, enum diagnostic_kind kind, u32 start, u32 end,
                                  const char *format, va_list args)
{
  struct diagnostic one = { .start = start, .end = end, .kind = kind, .first_note = d->notes.len };
  d->is_full = (kind == DIAGNOSTIC_ERROR ? d->errors++ : d->warnings++) >= DIAGNOSTICS_MAX;
  if (d->is_full) return;
  if (pool_text(d, format, args, &one.text, &one.text_len) && !vec_push(d->alloc, &d->list, one)) d->failed = true;
}

void diagnostics_error(struct diagnostics *d, u32 start, u32 end, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add(d, DIAGNOSTIC_ERROR, start, end, format, args);
  va_end(args);
}

void diagnostics_warning(struct diagnostics *d, u32 start, u32 end, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add(d, DIAGNOSTIC_WARNING, start, end, format, args);
  va_end(args);
}

static PRINTF_LIKE(4, 0) void add_note(struct diagnostics *d, u32 start, u32 end, const char *format, va_list args)
{
  struct diagnostic_note note = { .start = start, .end = end };
  if (d->failed || d->is_full || !pool_text(d, format, args, &note.text, &note.text_len)) return;
  CHECK(d->list.len > 0);
  if (vec_push(d->alloc, &d->notes, note)) vec_last(&d->list).note_count++;
  else d->failed = true;
}

void diagnostics_note(struct diagnostics *d, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add_note(d, NOTE_NOWHERE, NOTE_NOWHERE, format, args);
  va_end(args);
}

void diagnostics_note_at(struct diagnostics *d, u32 start, u32 end, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add_note(d, start, end, format, args);
  va_end(args);
}

const char *diagnostic_message(const struct diagnostics *d, u32 index)
{
  return buf_text(&d->pool) + d->list.data[index].text;
}

const char *diagnostic_note_text(const struct diagnostics *d, const struct diagnostic_note *note)
{
  return buf_text(&d->pool) + note->text;
}

// One character of an excerpt: its bytes, its columns, and what stands for it where it may not be shown as it is.
struct glyph {
  int bytes, columns;
  const char *shown;  // NULL: its own bytes
};

static bool is_direction_control(u32 c)
{
  return c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x061C;
}

static struct glyph next_glyph(const char *p, const char *end)
{
  u32 c;
  int bytes = utf8_decode(p, end, &c);
  if (bytes == 0) return (struct glyph){ 1, 1, "?" };
  if (c == '\t') return (struct glyph){ 1, TAB_COLUMNS, "  " };
  if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || is_direction_control(c)) {
    return (struct glyph){ bytes, 1, "?" };
  }
  return (struct glyph){ bytes, utf8proc_charwidth((utf8proc_int32_t)c), NULL };
}

static u32 columns_of(const char *p, const char *end)
{
  u32 columns = 0;
  while (p < end) {
    struct glyph g = next_glyph(p, end);
    columns += (u32)g.columns;
    p += g.bytes;
  }
  return columns;
}

// Moves forward by at least [columns], or to the end.
static const char *skip_columns(const char *p, const char *end, u32 columns)
{
  for (u32 done = 0; p < end && done < columns;) {
    struct glyph g = next_glyph(p, end);
    done += (u32)g.columns;
    p += g.bytes;
  }
  return p;
}

static void put_glyphs(struct buf *out, const char *p, const char *end)
{
  while (p < end) {
    struct glyph g = next_glyph(p, end);
    if (g.shown) buf_puts(out, g.shown);
    else buf_append(out, p, (size_t)g.bytes);
    p += g.bytes;
  }
}

void diagnostic_excerpt(const struct source *s, u32 start, u32 end, struct buf *out)
{
  u32 len;
  const char *line = source_line(s, source_place(s, start).line, &len), *stop = line + len;
  const char *mark = s->text + start, *mark_end = s->text + end;
  if (mark > stop) mark = stop;
  if (mark_end > stop) mark_end = stop;
  const char *from = line, *to = stop;
  u32 before = columns_of(line, mark), whole = before + columns_of(mark, stop);
  if (whole > EXCERPT_WHOLE) {
    u32 marked = columns_of(mark, mark_end), shown = marked < EXCERPT_COLUMNS ? EXCERPT_COLUMNS - marked : 0;
    if (shown > EXCERPT_BEFORE) shown = EXCERPT_BEFORE;
    u32 skipped = before > shown ? before - shown : 0;
    if (skipped > whole - EXCERPT_COLUMNS) skipped = whole - EXCERPT_COLUMNS;
    from = skip_columns(line, mark, skipped);
    to = skip_columns(from, stop, EXCERPT_COLUMNS);
    if (mark_end > to) mark_end = to;
  }
  buf_puts(out, "  ");
  if (from > line) buf_puts(out, "...");
  put_glyphs(out, from, to);
  buf_puts(out, to < stop ? "...\n  " : "\n  ");
  buf_repeat(out, ' ', columns_of(from, mark) + (from > line ? 3 : 0));
  u32 width = columns_of(mark, mark_end);
  buf_repeat(out, '^', width ? width : 1);
  buf_putc(out, '\n');
}

static void put_place(const struct source *s, u32 offset, struct buf *out)
{
  struct place at = source_place(s, offset);
  buf_printf(out, "%s:%u:%u: ", s->name, (unsigned)at.line, (unsigned)at.column);
}

static void render_note(const struct diagnostics *d, const struct diagnostic_note *note, const struct source *s,
                        u32 line_above, struct buf *out)
{
  buf_puts(out, "  note: ");
  buf_puts(out, diagnostic_note_text(d, note));
  buf_putc(out, '\n');
  if (note->start != NOTE_NOWHERE && source_place(s, note->start).line != line_above) {
    diagnostic_excerpt(s, note->start, note->end, out);
  }
}

void diagnostic_render(const struct diagnostics *d, u32 index, const struct source *s, struct buf *out)
{
  const struct diagnostic *one = &d->list.data[index];
  put_place(s, one->start, out);
  if (one->kind == DIAGNOSTIC_WARNING) buf_puts(out, "warning: ");
  buf_puts(out, diagnostic_message(d, index));
  buf_putc(out, '\n');
  diagnostic_excerpt(s, one->start, one->end, out);
  u32 line = source_place(s, one->start).line;
  for (u32 i = 0; i < one->note_count; i++) render_note(d, &d->notes.data[one->first_note + i], s, line, out);
}

static int by_place(const void *a, const void *b)
{
  const struct diagnostic *x = a, *y = b;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  return x->text < y->text ? -1 : 1;  // the pool keeps the order in which they came
}

static void render_count(u32 count, const char *what, struct buf *out)
{
  if (count <= DIAGNOSTICS_MAX) return;
  count -= DIAGNOSTICS_MAX;
  buf_printf(out, "... and %u more %s%s\n", (unsigned)count, what, count == 1 ? "" : "s");
}

void diagnostics_render(struct diagnostics *d, const struct source *s, struct buf *out)
{
  if (d->list.len > 1) qsort(d->list.data, d->list.len, sizeof d->list.data[0], by_place);
  for (u32 i = 0; i < d->list.len; i++) diagnostic_render(d, i, s, out);
  render_count(d->errors, "error", out);
  render_count(d->warnings, "warning", out);
}
