// spark, plot and hist: pictures of numbers.
#include <math.h>

#include "builtin/builtin.h"
#include "builtin/display.h"
#include "builtin/plot.h"
#include "builtin/walk.h"
#include "value/number.h"

enum { HIST_WIDTH = 40 };

struct numbers {
  double *data;
  size_t len;
};

static size_t numbers_size(size_t len) { return (len + 1) * sizeof(double); }  // never 0

static void numbers_free(struct call *c, struct numbers *n)
{
  mem_free(&c->vm->alloc, n->data, numbers_size(n->len));
}

// nil is a gap, as nan is; an int beyond the doubles is infinite.
static bool to_number(Value v, double *out)
{
  if (is_nil(v)) *out = NAN;
  else if (!is_number(v)) return false;
  else if (!number_to_double(v, out)) *out = INFINITY;
  return true;
}

static bool numbers_take(struct call *c, const struct list *list, struct numbers *n)
{
  n->len = list->len;
  n->data = mem_alloc(&c->vm->alloc, numbers_size(n->len));
  if (!n->data) {
    throw_memory(c->vm);
    return false;
  }
  for (u32 i = 0; i < list->len; i++) {
    bool is_stopped = native_must_stop_at(c, i);
    if (!is_stopped && to_number(list->items[i], &n->data[i])) continue;
    if (!is_stopped) throw_error(c->vm, c->vm->errors.type, "%s: element %u must be a number, not %s", c->native->name, i,
                                 type_name(c->vm, list->items[i]));
    numbers_free(c, n);
    return false;
  }
  return true;
}

// All elements of argument i as numbers, by a walk in the locals [w ...].
static enum part gather_numbers(struct call *c, u32 i, u32 w, struct numbers *n)
{
  struct list *list;
  enum walk_status s = walk_gather(c, w, c->args[i], &list);
  if (s != WALK_END) return s == WALK_CALL ? PART_CALL : PART_THROW;
  return numbers_take(c, list, n) ? PART_DONE : PART_THROW;
}

static bool arg_size(struct call *c, u32 i, const char *name, u32 *out)
{
  i64 n = *out;
  if (!arg_int_or(c, i, &n)) return false;
  if (n < 1 || n > PLOT_SIZE_MAX) {
    throw_error(c->vm, c->vm->errors.value, "%s: %s must be from 1 to %d, not %lld", c->native->name, name,
                PLOT_SIZE_MAX, (long long)n);
    return false;
  }
  *out = (u32)n;
  return true;
}

static enum native_status global_spark(struct call *c)
{
  struct numbers n;
  struct buf text;
  enum part p = gather_numbers(c, 0, 0, &n);
  if (p != PART_DONE) return part_leave(p);
  buf_init(&text, &c->vm->alloc);
  plot_spark(n.data, n.len, &text);
  numbers_free(c, &n);
  return return_text(c, &text);
}

// Shows a picture under the handle, which is what is returned the first time, and gives its memory back.
static enum native_status show_picture(struct call *c, struct display *d, struct buf *text, bool is_made, bool is_update)
{
  is_made &= !text->failed;
  if (is_made) display_under(c, d, value_object(d), LULL_TEXT, buf_text(text), text->len, is_update);
  else throw_memory(c->vm);
  buf_fini(text);
  if (!is_made) return NATIVE_THROW;
  return native_return(c, is_update ? NIL : value_object(d));
}

static struct display *new_chart(struct call *c, enum chart chart, u32 width, u32 height)
{
  struct display *d = display_new(c->vm);
  d->chart = (u8)chart;
  d->width = width;
  d->height = height;
  return d;
}

enum { PLOT_XS, PLOT_YS, PLOT_WIDTH, PLOT_HEIGHT };

static enum native_status draw(struct call *c, const struct numbers *xs, const struct numbers *ys, u32 width, u32 height)
{
  struct buf text;
  struct plot plot = { .xs = ys ? xs->data : NULL, .ys = ys ? ys->data : xs->data, .count = xs->len,
                       .width = width, .height = height };
  buf_init(&text, &c->vm->alloc);
  return show_picture(c, new_chart(c, CHART_PLOT, width, height), &text, plot_points(&plot, &text), false);
}

static enum native_status draw_both(struct call *c, const struct numbers *xs, u32 width, u32 height)
{
  struct numbers ys;
  enum part p = gather_numbers(c, PLOT_YS, GATHER_LOCALS, &ys);
  if (p != PART_DONE) return part_leave(p);
  enum native_status status;
  if (xs->len == ys.len) status = draw(c, xs, &ys, width, height);
  else status = throw_error(c->vm, c->vm->errors.value, "plot: there are %zu xs and %zu ys", xs->len, ys.len);
  numbers_free(c, &ys);
  return status;
}

static enum native_status global_plot(struct call *c)
{
  u32 width = 60, height = 12;
  struct numbers xs;
  if (!arg_size(c, PLOT_WIDTH, "width", &width) || !arg_size(c, PLOT_HEIGHT, "height", &height)) return NATIVE_THROW;
  enum part p = gather_numbers(c, PLOT_XS, 0, &xs);
  if (p != PART_DONE) return part_leave(p);
  enum native_status status =
      arg_has(c, PLOT_YS) ? draw_both(c, &xs, width, height) : draw(c, &xs, NULL, width, height);
  numbers_free(c, &xs);
  return status;
}

static enum native_status global_hist(struct call *c)
{
  u32 bins = 10;
  struct numbers n;
  struct buf text;
  if (!arg_size(c, 1, "bins", &bins)) return NATIVE_THROW;
  enum part p = gather_numbers(c, 0, 0, &n);
  if (p != PART_DONE) return part_leave(p);
  buf_init(&text, &c->vm->alloc);
  bool is_made = plot_hist(n.data, n.len, bins, HIST_WIDTH, &text);
  numbers_free(c, &n);
  return show_picture(c, new_chart(c, CHART_HIST, bins, 0), &text, is_made, false);
}

enum native_status chart_update(struct call *c, struct display *d, u32 w)
{
  struct numbers n;
  struct buf text;
  enum part p = gather_numbers(c, 1, w, &n);
  if (p != PART_DONE) return part_leave(p);
  buf_init(&text, &c->vm->alloc);
  struct plot plot = { .ys = n.data, .count = n.len, .width = d->width, .height = d->height };
  bool is_made = d->chart == CHART_PLOT ? plot_points(&plot, &text) : plot_hist(n.data, n.len, d->width, HIST_WIDTH, &text);
  numbers_free(c, &n);
  return show_picture(c, d, &text, is_made, true);
}

static const struct native natives[] = {
  { .name = "spark",
    .fn = global_spark,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "spark(values)",
    .doc = "Numbers as a string of bars, one character each, from the lowest to the highest.\n"
           "nan and nil are gaps. Something else than a number is a TypeError.\n"
           "    spark([1, 5, 22, 13, 5]) # \"▁▂█▅▂\"" },
  { .name = "plot",
    .fn = global_plot,
    .required = 1,
    .max = 4,
    .locals = 2 * GATHER_LOCALS,
    .usage = "plot(xs, ys = nil, width = 60, height = 12)",
    .doc = "Displays numbers as a curve, or the points of xs and ys; gives a handle, whose update(xs) draws others in its place.\n"
           "The size is that of the drawing in characters, from 1 to 1000. What is nan, infinite or nil is left out.\n"
           "    plot((0..100).map(x => math.sin(x / 10)))" },
  { .name = "hist",
    .fn = global_hist,
    .required = 1,
    .max = 2,
    .locals = GATHER_LOCALS,
    .usage = "hist(values, bins = 10)",
    .doc = "Displays how many numbers lie in each of some ranges of the same size, as bars; gives a handle as plot does.\n"
           "What is not finite is counted apart.\n"
           "    hist([1, 2, 2, 3, 9], bins: 4)" },
};

bool builtin_open_chart(struct lull *vm) { return vm_define_natives(vm, natives, COUNT_OF(natives)); }
