// math: what lists of numbers have: product, mean, median, spread, distance.
#include <math.h>

#include "builtin/walk.h"
#include "lib/math.h"
#include "value/number.h"

// Takes the numbers of anything that can be looped over. The native's locals are the walk's.
static enum walk_status take(struct call *c, struct list **list)
{
  enum walk_status s = walk_gather(c, 0, c->args[0], list);
  for (u32 i = 0; s == WALK_END && i < (*list)->len; i++) {
    if (native_must_stop_at(c, i)) return WALK_THROW;
    if (is_number((*list)->items[i])) continue;
    throw_error(c->vm, c->vm->errors.type, "math.%s: item %u must be a number, not %s", c->native->name, i,
                type_name(c->vm, (*list)->items[i]));
    s = WALK_THROW;
  }
  return s;
}

static enum native_status too_few(struct call *c, u32 needed)
{
  return throw_error(c->vm, c->vm->errors.value, "math.%s: needs %u number%s at least", c->native->name, needed,
                     needed == 1 ? "" : "s");
}

static enum native_status math_prod(struct call *c)
{
  struct list *list;
  Value v = value_int(1);
  enum walk_status s = take(c, &list);
  if (s != WALK_END) return walk_leave(s);
  for (u32 i = 0; i < list->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    enum number_error error = number_arith(c->heap, NUMBER_MUL, v, list->items[i], &v);
    if (error && c->heap->exhausted) return throw_memory(c->vm);
    if (error) return throw_error(c->vm, c->vm->errors.limit, "math.prod: %s", number_error_text(error));
  }
  return native_return(c, v);
}

// The sum of floats as if it were made exactly and rounded once, but for the last bits (Neumaier's two terms).
struct sum {
  double high, low;
};

static void add(struct sum *sum, double x)
{
  double next = sum->high + x;
  sum->low += fabs(sum->high) >= fabs(x) ? sum->high - next + x : x - next + sum->high;
  sum->high = next;
}

static double total(const struct sum *sum) { return isfinite(sum->low) ? sum->high + sum->low : sum->high; }

static bool mean_of(struct call *c, const struct list *list, double *mean)
{
  struct sum sum = { 0 };
  for (u32 i = 0; i < list->len; i++) {
    double x;
    if (native_must_stop_at(c, i)) return false;
    if (!number_to_double(list->items[i], &x)) {
      throw_error(c->vm, c->vm->errors.arithmetic, "math.%s: an int is too large for a float", c->native->name);
      return false;
    }
    add(&sum, x);
  }
  *mean = total(&sum) / list->len;
  return true;
}

static enum native_status math_mean(struct call *c)
{
  struct list *list;
  double mean;
  enum walk_status s = take(c, &list);
  if (s != WALK_END) return walk_leave(s);
  if (list->len == 0) return too_few(c, 1);
  return mean_of(c, list, &mean) ? native_return(c, value_float(mean)) : NATIVE_THROW;
}

static enum native_status variance(struct call *c, double (*of)(double x))
{
  struct list *list;
  double mean;
  enum walk_status s = take(c, &list);
  if (s != WALK_END) return walk_leave(s);
  if (list->len < 2) return too_few(c, 2);
  if (!mean_of(c, list, &mean)) return NATIVE_THROW;
  struct sum squares = { 0 };
  for (u32 i = 0; i < list->len; i++) {
    double x;
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    number_to_double(list->items[i], &x);
    add(&squares, (x - mean) * (x - mean));
  }
  return native_return(c, value_float(of(total(&squares) / (list->len - 1))));
}

static double itself(double x) { return x; }
static enum native_status math_variance(struct call *c) { return variance(c, itself); }
static enum native_status math_stdev(struct call *c) { return variance(c, sqrt); }

// Moves the number of rank [k] to its place: smaller ones before it, larger ones behind (Hoare's selection).
static void select_rank(struct heap *heap, Value *v, u32 len, u32 k)
{
  u32 low = 0, high = len - 1, turn = 0;
  while (low < high && !heap->exhausted) {
    Value pivot = v[low + (high - low) / 2];
    u32 i = low, j = high;
    for (;;) {
      while (number_compare(heap, v[i], pivot) == -1) i++;
      while (number_compare(heap, v[j], pivot) == 1) j--;
      if (i >= j || heap_must_stop_at(heap, turn++)) break;
      Value swap = v[i];
      v[i++] = v[j];
      v[j--] = swap;
    }
    if (k <= j) high = j;
    else low = j + 1;
  }
}

static enum native_status math_median(struct call *c)
{
  struct list *list;
  enum walk_status s = take(c, &list);
  if (s != WALK_END) return walk_leave(s);
  if (list->len == 0) return too_few(c, 1);
  list = list_slice(c->heap, list, 0, list->len);
  if (!list) return throw_memory(c->vm);
  for (u32 i = 0; i < list->len; i++) {
    if (native_must_stop_at(c, i)) return NATIVE_THROW;
    if (is_float(list->items[i]) && isnan(as_float(list->items[i]))) return native_return(c, list->items[i]);
  }
  if (c->heap->exhausted) return throw_memory(c->vm);
  u32 half = list->len / 2;
  select_rank(c->heap, list->items, list->len, half);
  if (list->len % 2) return native_return(c, list->items[half]);
  select_rank(c->heap, list->items, half, half - 1);
  Value v;
  enum number_error error = number_arith(c->heap, NUMBER_ADD, list->items[half - 1], list->items[half], &v);
  if (!error) error = number_arith(c->heap, NUMBER_DIV, v, value_int(2), &v);
  if (error) return throw_error(c->vm, c->vm->errors.arithmetic, "math.median: %s", number_error_text(error));
  return native_return(c, v);
}

static const struct native natives[] = {
  { .name = "prod",
    .fn = math_prod,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "prod(values)",
    .doc = "The product of numbers; 1 where there are none.\n"
           "    math.prod(1..=20)              # 2432902008176640000" },
  { .name = "mean",
    .fn = math_mean,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "mean(values)",
    .doc = "The arithmetic mean of numbers, a float.\nNo numbers at all are a ValueError." },
  { .name = "median",
    .fn = math_median,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "median(values)",
    .doc = "The number in the middle of the sorted numbers, or the mean of the two there.\n"
           "No numbers at all are a ValueError." },
  { .name = "variance",
    .fn = math_variance,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "variance(values)",
    .doc = "The variance of a sample of two numbers or more." },
  { .name = "stdev",
    .fn = math_stdev,
    .required = 1,
    .max = 1,
    .locals = GATHER_LOCALS,
    .usage = "stdev(values)",
    .doc = "The standard deviation of a sample of two numbers or more." },
};

bool math_open_lists(struct lull *vm, struct module *m)
{
  return module_add_natives(vm, m, natives, COUNT_OF(natives));
}
