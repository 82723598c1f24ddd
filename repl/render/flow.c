#include "render/flow.h"

#include <string.h>

#include "term/cluster.h"

enum { TAB = 4 };

void flow_init(struct flow *f, struct alloc *alloc)
{
  *f = (struct flow){ 0 };
  buf_init(&f->text, alloc);
}

void flow_fini(struct flow *f)
{
  vec_free(f->text.alloc, &f->spans);
  buf_fini(&f->text);
}

void flow_clear(struct flow *f)
{
  buf_clear(&f->text);
  f->spans.len = 0;
}

static void append(struct flow *f, const char *text, size_t len)
{
  while (len > 0) {
    const char *tab = memchr(text, '\t', len);
    size_t part = tab ? (size_t)(tab - text) : len;
    buf_append(&f->text, text, part);
    if (tab) buf_repeat(&f->text, ' ', TAB);
    part += tab != NULL;
    text += part;
    len -= part;
  }
}

void flow_put(struct flow *f, enum style style, const char *text, size_t len)
{
  size_t start = f->text.len;
  append(f, text, len);
  if (f->text.len == start) return;
  if (f->spans.len > 0 && vec_last(&f->spans).style == style) {
    vec_last(&f->spans).end = (u32)f->text.len;
    return;
  }
  struct span span = { .start = (u32)start, .end = (u32)f->text.len, .style = style };
  if (!vec_push(f->text.alloc, &f->spans, span)) buf_truncate(&f->text, start);
}

void flow_puts(struct flow *f, enum style style, const char *text) { flow_put(f, style, text, strlen(text)); }

size_t flow_width(const struct flow *f)
{
  size_t widest = 0, width = 0;
  const char *end = buf_text(&f->text) + f->text.len;
  for (const char *at = buf_text(&f->text); at < end;) {
    struct cluster cluster;
    if (*at == '\n') {
      width = 0;
      at++;
      continue;
    }
    at += cluster_read(at, end, &cluster);
    width += cluster.width;
    if (width > widest) widest = width;
  }
  return widest;
}

// What a row takes of the text: [start, stop) is shown, the next one begins at [next].
struct cut {
  size_t start, stop, next;
  size_t width;
};

// Rows are cut behind the last blank that fits, before a wide character, or where they are full.
static struct cut find_cut(const char *text, size_t start, size_t len, size_t cols)
{
  struct cut cut = { .start = start, .stop = len, .next = len + 1 }, blank = { 0 };
  size_t at = start;
  while (at < len && text[at] != '\n') {
    struct cluster cluster;
    size_t step = cluster_read(text + at, text + len, &cluster);
    if (at > start && (text[at] == ' ' || cluster.width == 2))
      blank = (struct cut){ .start = start, .stop = at, .next = at, .width = cut.width };
    if (cut.width + cluster.width > cols && at > start) {
      if (blank.stop == 0) blank = (struct cut){ .start = start, .stop = at, .next = at, .width = cut.width };
      while (blank.next < len && text[blank.next] == ' ') blank.next++;
      if (blank.next < len && text[blank.next] == '\n') blank.next++;
      if (blank.next >= len) blank.next = len + 1;
      return blank;
    }
    cut.width += cluster.width;
    at += step;
  }
  cut.stop = at;
  if (at < len) cut.next = at + 1;
  return cut;
}

static const struct span *span_at(const struct flow *f, size_t at)
{
  u32 low = 0, high = f->spans.len;
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (f->spans.data[middle].end <= at) low = middle + 1;
    else high = middle;
  }
  return &f->spans.data[low];
}

static void put_clean(struct buf *out, const char *text, size_t len)
{
  for (const char *at = text, *end = text + len; at < end;) {
    struct cluster cluster;
    at += cluster_read(at, end, &cluster);
    buf_append(out, cluster.text, cluster.len);
  }
}

static void put_styled(const struct flow *f, size_t start, size_t stop, enum color_depth colors, struct buf *out)
{
  while (start < stop) {
    const struct span *span = span_at(f, start);
    size_t end = span->end < stop ? span->end : stop;
    const char *sgr = style_sgr(span->style, colors);
    buf_puts(out, sgr);
    put_clean(out, f->text.data + start, end - start);
    if (*sgr) buf_puts(out, "\033[0m");
    start = end;
  }
}

bool flow_row(const struct flow *f, size_t *at, size_t cols, enum color_depth colors, struct buf *out, size_t *width)
{
  size_t len = f->text.len;
  if (*at > len || (*at == len && len > 0)) return false;
  struct cut cut = find_cut(buf_text(&f->text), *at, len, cols ? cols : 1);
  while (cut.stop > cut.start && f->text.data[cut.stop - 1] == ' ') {
    cut.stop--;
    if (cut.width > 0) cut.width--;
  }
  put_styled(f, cut.start, cut.stop, colors, out);
  if (width) *width = cut.width;
  *at = cut.next;
  return true;
}
