#include "value/range.h"

struct range *range_new(struct heap *heap, i64 from, i64 to, i64 step, bool is_inclusive)
{
  struct range *r = heap_new(heap, KIND_RANGE, sizeof *r);
  r->object.flags = is_inclusive ? RANGE_INCLUSIVE : 0;
  r->from = from;
  r->to = to;
  r->step = step;
  return r;
}

// Distances between two int64 fit u64; so they are taken in unsigned arithmetic.
static u64 distance(i64 low, i64 high) { return (u64)high - (u64)low; }

static u64 stride(const struct range *r) { return r->step < 0 ? 0 - (u64)r->step : (u64)r->step; }

static bool is_empty(const struct range *r)
{
  if (r->from == r->to) return !(r->object.flags & RANGE_INCLUSIVE);
  return r->step < 0 ? r->from < r->to : r->from > r->to;
}

// How far the furthest possible element lies from the first; the range is not empty.
static u64 reach(const struct range *r)
{
  u64 whole = r->step < 0 ? distance(r->to, r->from) : distance(r->from, r->to);
  return r->object.flags & RANGE_INCLUSIVE ? whole : whole - 1;
}

u64 range_len(const struct range *r)
{
  if (is_empty(r)) return 0;
  u64 last = reach(r) / stride(r);
  return last == UINT64_MAX ? UINT64_MAX : last + 1;
}

i64 range_at(const struct range *r, u64 index)
{
  return (i64)((u64)r->from + index * (u64)r->step);
}

// The int that [v] is equal to.
static bool take_whole(Value v, i64 *n)
{
  if (is_int(v)) return *n = as_int(v), true;
  if (!is_float(v) || !(as_float(v) >= -0x1p63 && as_float(v) < 0x1p63)) return false;
  *n = (i64)as_float(v);
  return (double)*n == as_float(v);
}

bool range_find(const struct range *r, Value v, u64 *at)
{
  i64 n;
  if (is_empty(r) || !take_whole(v, &n) || (r->step < 0 ? n > r->from : n < r->from)) return false;
  u64 away = r->step < 0 ? distance(n, r->from) : distance(r->from, n);
  *at = away / stride(r);
  return away <= reach(r) && away % stride(r) == 0;
}
