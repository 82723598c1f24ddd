// Sorting numbers and strings: each key becomes a word whose order is the key's (of strings: the first bytes in
// which they may differ), and the words are merge-sorted.
#include "builtin/sort.h"

#include "base/check.h"
#include "value/number.h"

#define RUN 12                         // elements sorted by insertion before merging
#define ASK_ITEMS (4 * HEAP_ASK_EVERY)  // merged between two questions whether to go on
#define EXACT ((i64)1 << 53)           // ints up to here are exact as doubles
#define SIGN ((u64)1 << 63)

struct rank {
  _Alignas(8) u64 rank;
  u32 at;  // place among the keys
};

struct ranks {
  struct heap *heap;
  const Value *keys;
  u32 count;
  bool is_reversed;
};

enum keys { KEYS_INTS, KEYS_FLOATS, KEYS_STRINGS, KEYS_OTHER };

static bool is_exact(Value v) { return is_int(v) && as_int(v) <= EXACT && as_int(v) >= -EXACT; }

static enum keys classify(const Value *keys, u32 count)
{
  bool ints = true, floats = true, strings = true;
  for (u32 i = 0; i < count && (ints || floats || strings); i++) {
    Value key = keys[i];
    ints &= is_int(key);
    floats &= is_float(key) || is_exact(key);
    strings &= IS_STRING(key);
  }
  if (ints) return KEYS_INTS;
  if (floats) return KEYS_FLOATS;
  return strings ? KEYS_STRINGS : KEYS_OTHER;
}

// nan goes behind everything; -0.0 is 0.0.
static u64 rank_double(double d)
{
  if (d != d) return UINT64_MAX;
  u64 bits = value_float(d + 0.0).bits;
  return bits & SIGN ? ~bits : bits | SIGN;
}

// Of the bytes behind the first [skip], which are the same in all keys.
static u64 rank_text(struct heap *heap, struct string *s, u32 skip)
{
  const char *bytes = string_bytes(heap, s);
  u64 word = 0;
  for (u32 i = skip; i < skip + 8; i++) word = word << 8 | (i < s->len ? (u8)bytes[i] : 0);
  return word;
}

// How many bytes all the texts begin with.
static u32 common_prefix(const struct ranks *r)
{
  struct string *first = AS_STRING(r->keys[0]);
  const char *prefix = string_bytes(r->heap, first);
  u32 len = first->len;
  for (u32 i = 1; i < r->count && len > 0; i++) {
    if (heap_must_stop_at(r->heap, i)) break;
    struct string *text = AS_STRING(r->keys[i]);
    const char *bytes = string_bytes(r->heap, text);
    if (text->len < len) len = text->len;
    for (u32 at = 0; at < len; at++) {
      if (bytes[at] != prefix[at]) len = at;
    }
  }
  return len;
}

static bool rank_all(const struct ranks *r, enum keys kind, struct rank *ranks)
{
  u32 skip = kind == KEYS_STRINGS && r->count ? common_prefix(r) : 0;
  for (u32 i = 0; i < r->count; i++) {
    Value key = r->keys[i];
    u64 rank;
    if (heap_must_stop_at(r->heap, i)) return false;
    if (kind == KEYS_INTS) rank = (u64)as_int(key) ^ SIGN;
    else if (kind == KEYS_STRINGS) rank = rank_text(r->heap, AS_STRING(key), skip);
    else rank = rank_double(is_int(key) ? (double)as_int(key) : as_float(key));
    ranks[i] = (struct rank){ r->is_reversed ? ~rank : rank, i };
  }
  return true;
}

static int compare_texts(const struct ranks *r, u32 a, u32 b)
{
  int order = string_compare(r->heap, AS_STRING(r->keys[a]), AS_STRING(r->keys[b]));
  return r->is_reversed ? -order : order;
}

static ALWAYS_INLINE bool is_before(const struct ranks *r, struct rank a, struct rank b, bool is_text)
{
  if (a.rank != b.rank || !is_text) return a.rank < b.rank;
  return compare_texts(r, a.at, b.at) < 0;
}

static ALWAYS_INLINE void insertion_sort(const struct ranks *r, struct rank *a, u32 count, bool is_text)
{
  for (u32 i = 1; i < count; i++) {
    struct rank one = a[i];
    u32 at = i;
    for (; at > 0 && is_before(r, one, a[at - 1], is_text); at--) a[at] = a[at - 1];
    a[at] = one;
  }
}

// False: it is to stop.
static ALWAYS_INLINE bool merge(const struct ranks *r, const struct rank *left, const struct rank *right,
                                const struct rank *end, struct rank *to, bool is_text)
{
  const struct rank *middle = right;
  if (!is_before(r, *right, right[-1], is_text)) {
    memcpy(to, left, (size_t)(end - left) * sizeof *to);
    return true;
  }
  while (left < middle && right < end) {
    const struct rank *left_part = middle - left > ASK_ITEMS ? left + ASK_ITEMS : middle;
    const struct rank *right_part = end - right > ASK_ITEMS ? right + ASK_ITEMS : end;
    while (left < left_part && right < right_part) {
      // Which run is next cannot be foreseen, so nothing branches on it.
      bool is_right = is_before(r, *right, *left, is_text);
      const struct rank *next = is_right ? right : left;
      *to++ = *next;
      right += is_right;
      left += !is_right;
    }
    if (left < middle && right < end && heap_must_stop(r->heap)) return false;
  }
  if (left < middle) memcpy(to, left, (size_t)(middle - left) * sizeof *to);
  else memcpy(to, right, (size_t)(end - right) * sizeof *to);
  return true;
}

// Runs of RUN, then merged from one array into the other and back. Gives the one where the result lies; NULL: it is to
// stop.
static ALWAYS_INLINE struct rank *merge_sort(const struct ranks *r, struct rank *a, struct rank *b, u32 count,
                                             bool is_text)
{
  for (u32 at = 0; at < count; at += RUN) {
    if (heap_must_stop_at(r->heap, at / RUN)) return NULL;
    insertion_sort(r, a + at, count - at < RUN ? count - at : RUN, is_text);
  }
  for (u64 width = RUN; width < count; width *= 2) {
    u64 asked = 0;
    for (u64 at = 0; at < count; at += 2 * width) {
      if (at - asked > ASK_ITEMS) {
        asked = at;
        if (heap_must_stop(r->heap)) return NULL;
      }
      u64 middle = at + width < count ? at + width : count, end = at + 2 * width < count ? at + 2 * width : count;
      if (middle == end) memcpy(b + at, a + at, (size_t)(end - at) * sizeof *a);
      else if (!merge(r, a + at, a + middle, a + end, b + at, is_text)) return NULL;
    }
    struct rank *swap = a;
    a = b;
    b = swap;
  }
  return a;
}

// Two copies, so that numbers pay nothing for what texts need.
static NOINLINE struct rank *sort_numbers(const struct ranks *r, struct rank *a, struct rank *b, u32 count)
{
  return merge_sort(r, a, b, count, false);
}

static NOINLINE struct rank *sort_texts(const struct ranks *r, struct rank *a, struct rank *b, u32 count)
{
  return merge_sort(r, a, b, count, true);
}

// Puts the items in the order of the ranks, by way of the memory that is spare.
static bool put_in_order(struct heap *heap, struct list *items, const struct rank *sorted, struct rank *spare)
{
  _Static_assert(sizeof(struct rank) == sizeof(Value), "an item takes the place of a rank");
  Value *to = (Value *)(void *)spare;
  for (u32 i = 0; i < items->len; i++) {
    if (heap_must_stop_at(heap, i)) return false;
    to[i] = items->items[sorted[i].at];
  }
  if (items->len) memcpy(items->items, to, items->len * sizeof *to);
  heap_barrier(heap, items);
  return true;
}

static bool sort(const struct ranks *r, enum keys kind, struct rank *a, struct list *items)
{
  struct rank *b = a + r->count;
  if (!rank_all(r, kind, a)) return false;
  struct rank *sorted = kind == KEYS_STRINGS ? sort_texts(r, a, b, r->count) : sort_numbers(r, a, b, r->count);
  return sorted && put_in_order(r->heap, items, sorted, sorted == a ? b : a);
}

enum sort_way sort_ranks(struct heap *heap, const Value *keys, struct list *items, bool is_reversed)
{
  u32 count = items->len;
  enum keys kind = classify(keys, count);
  if (kind == KEYS_OTHER) return SORT_NOT;
  size_t size = (size_t)count * sizeof(struct rank) * 2;
  struct rank *a = mem_alloc(heap->alloc, size);
  if (!a && size) return SORT_FULL;
  struct ranks r = { heap, keys, count, is_reversed };
  bool is_done = sort(&r, kind, a, items);
  mem_free(heap->alloc, a, size);
  return is_done ? SORT_DONE : SORT_FULL;
}
