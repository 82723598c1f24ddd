#include "builtin/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

enum { LABEL_MAX = 32 };

// The finite ones of some numbers lie within; low > high: there are none.
struct span {
  double low, high;
};

static struct span span_empty(void) { return (struct span){ INFINITY, -INFINITY }; }
static bool span_has(const struct span *s) { return s->low <= s->high; }

static void span_add(struct span *s, double x)
{
  if (!isfinite(x)) return;
  s->low = fmin(s->low, x);
  s->high = fmax(s->high, x);
}

// Where x lies: 0 at the low end, 1 at the high end, the middle where both are the same. A span may be wider than the
// largest double.
static double span_place(const struct span *s, double x)
{
  if (s->low == s->high && isfinite(x)) return 0.5;
  double wide = s->high - s->low;
  double place = isinf(wide) ? (x / 2 - s->low / 2) / (s->high / 2 - s->low / 2) : (x - s->low) / wide;
  return place < 0 ? 0 : place > 1 ? 1 : place;
}

static double span_at(const struct span *s, double place) { return s->low * (1 - place) + s->high * place; }

// Enough digits to tell the parts of the span from each other, and numbers below a million in full.
static int span_digits(const struct span *s, double parts)
{
  double largest = fmax(fabs(s->low), fabs(s->high)), step = (s->high / 2 - s->low / 2) / parts * 2;
  double digits = 4;
  if (largest >= 1 && largest < 1e6) digits = fmax(digits, floor(log10(largest)) + 2);
  if (step > 0) digits = fmax(digits, ceil(log10(largest / step)) + 1);
  return (int)fmin(digits, 17);
}

static int put_label(char label[LABEL_MAX], double x, int digits)
{
  x += 0.0;  // no -0
  if (x == floor(x) && fabs(x) < 1e9) return snprintf(label, LABEL_MAX, "%.0f", x);
  return snprintf(label, LABEL_MAX, "%.*g", digits, x);
}

static void put_right(struct buf *out, const char *text, int width)
{
  int len = (int)strlen(text);
  if (width > len) buf_repeat(out, ' ', (size_t)(width - len));
  buf_puts(out, text);
}

// ---- Sparks

void plot_spark(const double *xs, size_t count, struct buf *out)
{
  struct span span = span_empty();
  for (size_t i = 0; i < count; i++) span_add(&span, xs[i]);
  for (size_t i = 0; i < count; i++) {
    double place = isinf(xs[i]) ? xs[i] > 0 : span_place(&span, xs[i]);
    if (isnan(xs[i])) buf_putc(out, ' ');
    else buf_putu(out, 0x2581 + (u32)(place * 7.999));
  }
}

// ---- Points

// A drawing: dots two to a character's width, four to its height.
struct canvas {
  u8 *cells;
  u32 width, height;
};

static void canvas_dot(struct canvas *c, i32 x, i32 y)
{
  static const u8 bits[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };
  c->cells[(u32)(y / 4) * c->width + (u32)(x / 2)] |= bits[y % 4][x % 2];
}

static void canvas_line(struct canvas *c, const i32 from[2], const i32 to[2])
{
  i32 dx = to[0] - from[0], dy = to[1] - from[1];
  i32 steps = dx * dx > dy * dy ? dx : dy;
  if (steps < 0) steps = -steps;
  for (i32 i = 0; i <= steps; i++) {
    double part = steps ? (double)i / steps : 0;
    canvas_dot(c, from[0] + (i32)lround(dx * part), from[1] + (i32)lround(dy * part));
  }
}

static void canvas_put_row(const struct canvas *c, u32 row, struct buf *out)
{
  const u8 *cells = c->cells + (size_t)row * c->width;
  u32 width = c->width;
  while (width > 0 && !cells[width - 1]) width--;
  for (u32 i = 0; i < width; i++) {
    if (cells[i]) buf_putu(out, 0x2800 + cells[i]);
    else buf_putc(out, ' ');
  }
}

static double x_of(const struct plot *p, size_t i) { return p->xs ? p->xs[i] : (double)i; }
static bool is_point(const struct plot *p, size_t i) { return isfinite(x_of(p, i)) && isfinite(p->ys[i]); }

static void draw_points(const struct plot *p, const struct span *x, const struct span *y, struct canvas *c)
{
  i32 last[2] = { 0, 0 };
  bool has_last = false;
  for (size_t i = 0; i < p->count; i++) {
    bool is_drawn = is_point(p, i);
    if (is_drawn) {
      i32 at[2] = { (i32)lround(span_place(x, x_of(p, i)) * (2 * p->width - 1)),
                    (i32)lround((1 - span_place(y, p->ys[i])) * (4 * p->height - 1)) };
      canvas_line(c, has_last && !p->xs ? last : at, at);
      memcpy(last, at, sizeof last);
    }
    has_last = is_drawn;
  }
}

// The label of a row of the drawing: the ends of the span, or its only number in the middle.
static void label_row(const struct plot *p, const struct span *y, u32 row, char label[LABEL_MAX])
{
  bool is_one = y->low == y->high;
  int digits = span_digits(y, p->height * 4);
  label[0] = 0;
  if (is_one && row == p->height / 2) put_label(label, y->low, digits);
  else if (!is_one && row == 0) put_label(label, y->high, digits);
  else if (!is_one && row == p->height - 1) put_label(label, y->low, digits);
}

static int margin(const struct plot *p, const struct span *y)
{
  char label[LABEL_MAX];
  size_t most = 0;
  for (u32 row = 0; row < p->height; row++) {
    label_row(p, y, row, label);
    if (strlen(label) > most) most = strlen(label);
  }
  return (int)most;
}

static void put_x_axis(const struct plot *p, const struct span *x, int left, struct buf *out)
{
  char low[LABEL_MAX], high[LABEL_MAX];
  int digits = span_digits(x, p->width * 2), width = (int)p->width;
  put_right(out, "└", left + 4);  // three bytes, one column
  for (u32 i = 0; i < p->width; i++) buf_puts(out, "─");
  buf_putc(out, '\n');
  int len = put_label(low, x->low, digits);
  if (x->low == x->high) {
    put_right(out, low, left + 2 + width / 2 + (len + 1) / 2);
    return;
  }
  put_label(high, x->high, digits);
  put_right(out, low, left + 2 + len);
  buf_putc(out, ' ');
  put_right(out, high, width - len - 1);
}

static void put_drawing(const struct plot *p, const struct canvas *c, const struct span *y, int left, struct buf *out)
{
  char label[LABEL_MAX];
  for (u32 row = 0; row < p->height; row++) {
    label_row(p, y, row, label);
    put_right(out, label, left);
    buf_puts(out, label[0] ? " ┤" : " │");
    canvas_put_row(c, row, out);
    buf_putc(out, '\n');
  }
}

bool plot_points(const struct plot *p, struct buf *out)
{
  struct span x = span_empty(), y = span_empty();
  for (size_t i = 0; i < p->count; i++) {
    if (!is_point(p, i)) continue;
    span_add(&x, x_of(p, i));
    span_add(&y, p->ys[i]);
  }
  if (!span_has(&x)) {
    buf_puts(out, "nothing to plot");
    return true;
  }
  size_t size = (size_t)p->width * p->height;
  struct canvas c = { .cells = mem_alloc(out->alloc, size), .width = p->width, .height = p->height };
  if (!c.cells) return false;
  memset(c.cells, 0, size);
  draw_points(p, &x, &y, &c);
  int left = margin(p, &y);
  put_drawing(p, &c, &y, left, out);
  put_x_axis(p, &x, left, out);
  mem_free(out->alloc, c.cells, size);
  return true;
}

// ---- Histograms

static void put_bar(struct buf *out, u64 count, u64 most, u32 width)
{
  u64 eighths = (u64)((double)count / (double)most * width * 8 + 0.5);
  if (eighths == 0 && count > 0) eighths = 1;
  for (; eighths >= 8; eighths -= 8) buf_puts(out, "█");
  if (eighths) buf_putu(out, 0x2590 - (u32)eighths);
}

// The edges of bin i, both within the margin where it is given. Gives the wider one's length.
static int put_edges(struct buf *out, const struct span *span, u32 bins, u32 i, int left)
{
  char low[LABEL_MAX], high[LABEL_MAX];
  int digits = span_digits(span, bins);
  int low_len = put_label(low, span_at(span, (double)i / bins), digits);
  int high_len = put_label(high, span_at(span, (double)(i + 1) / bins), digits);
  if (out) {
    put_right(out, low, left);
    if (span->low != span->high) {
      buf_puts(out, " .. ");
      put_right(out, high, left);
    }
  }
  return low_len > high_len ? low_len : high_len;
}

static void put_bars(const struct span *span, const u64 *counts, u32 bins, u32 width, struct buf *out)
{
  u64 most = 1;
  int left = 0;
  for (u32 i = 0; i < bins; i++) {
    int len = put_edges(NULL, span, bins, i, 0);
    if (len > left) left = len;
    if (counts[i] > most) most = counts[i];
  }
  for (u32 i = 0; i < bins; i++) {
    if (i) buf_putc(out, '\n');
    put_edges(out, span, bins, i, left);
    buf_puts(out, " │");
    put_bar(out, counts[i], most, width);
    buf_printf(out, " %llu", (unsigned long long)counts[i]);
  }
}

bool plot_hist(const double *xs, size_t count, u32 bins, u32 width, struct buf *out)
{
  struct span span = span_empty();
  u64 left_out = 0;
  for (size_t i = 0; i < count; i++) {
    span_add(&span, xs[i]);
    left_out += !isfinite(xs[i]);
  }
  if (!span_has(&span)) {
    buf_puts(out, "nothing to plot");
    return true;
  }
  if (span.low == span.high) bins = 1;
  u64 *counts = mem_alloc(out->alloc, bins * sizeof *counts);
  if (!counts) return false;
  memset(counts, 0, bins * sizeof *counts);
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(xs[i])) continue;
    u32 bin = (u32)(span_place(&span, xs[i]) * bins);
    counts[bin < bins ? bin : bins - 1]++;
  }
  put_bars(&span, counts, bins, width, out);
  if (left_out) buf_printf(out, "\n%llu not finite", (unsigned long long)left_out);
  mem_free(out->alloc, counts, bins * sizeof *counts);
  return true;
}
