#include "value/string.h"

#include <string.h>

#include "base/check.h"
#include "base/utf8.h"
#include "value/hash.h"
#include "value/number.h"

#ifdef LULL_TINY_LIMITS
#define JOIN_MAX 3
#define BUILDER_DEPTH 2
#define SLICE_MIN 4
#define CURSOR_MIN 4
#else
#define JOIN_MAX 128      // bytes; joins up to here are copied, longer ones are ropes
#define BUILDER_DEPTH 16  // a rope that was appended to so often in a row becomes a block with room to grow
#define SLICE_MIN 128     // bytes; shorter slices are copies
#define CURSOR_MIN 64     // bytes; longer texts that are not ASCII remember the offset last looked up
#endif

// object.extra of a rope says how often it was appended to in a row, of an owned string whether it was a rope.
enum { WAS_ROPE = 1 };

static bool is_ascii(const struct string *s) { return (s->object.flags & STRING_ASCII) != 0; }
static bool is_rope(const struct string *s) { return (s->object.flags & STRING_ROPE) != 0; }
static bool is_slice(const struct string *s) { return (s->object.flags & STRING_SLICE) != 0; }
static bool is_owned(const struct string *s) { return (s->object.flags & STRING_OWNED) != 0; }

// Parts before what hides them: a rope marked first lies below its leaf on the collector's stack, which stays short however deep the rope is.
static void mark_string(struct heap *heap, struct object *o)
{
  struct string *s = (struct string *)o;
  if (!(s->object.flags & (STRING_ROPE | STRING_SLICE | STRING_OWNED))) return;
  // Each collection halves the way through strings that grew out of one another.
  if (is_slice(s) && is_slice(s->left)) s->left = s->left->left;
  bool is_right_first = s->right && is_rope(s->right);
  heap_mark_object(heap, is_right_first ? s->right : s->left);
  heap_mark_object(heap, is_right_first ? s->left : s->right);
}

static void finish_string(struct heap *heap, struct object *o)
{
  struct string *s = (struct string *)o;
  (void)heap_resize(heap, (char *)s->text, s->capacity, 0);
}

void string_register(struct heap *heap)
{
  heap_register(heap, KIND_STRING,
                (struct heap_kind){
                    .name = "string", .mark = mark_string, .finish = finish_string, .finish_flags = STRING_OWNED });
  heap_register(heap, KIND_BYTES, (struct heap_kind){ .name = "bytes" });
}

// A string of [count] code points with its text still to be written, NUL-terminated: inline where a cell holds it, else
// in a block behind.
static ALWAYS_INLINE struct string *make(struct heap *heap, size_t len, size_t count, char **text)
{
  struct string *s;
  u8 ascii = count == len ? STRING_ASCII : 0;
  size_t at = ascii ? offsetof(struct string, points) : offsetof(struct string, capacity);
  if (len > STRING_MAX) return NULL;
  if (at + len < HEAP_CELL_MAX) {
    if (UNLIKELY(heap->is_short) && !heap_has_room(heap, at + len + 1)) {
      heap->exhausted = true;
      return NULL;
    }
    s = heap_new_part(heap, KIND_STRING, at + len + 1, offsetof(struct string, points));
    *text = (char *)s + at;
    s->object.flags = STRING_INLINE | ascii;
  } else {
    *text = heap_resize(heap, NULL, 0, len + 1);
    if (!*text) return NULL;
    s = heap_new(heap, KIND_STRING, sizeof *s);
    s->object.flags = STRING_OWNED | ascii;
    s->capacity = (u32)len + 1;
    s->text = *text;
  }
  (*text)[len] = 0;
  s->len = (u32)len;
  if (!ascii) s->points = (u32)count;
  return s;
}

static void set_points(struct string *s, u32 points)
{
  s->points = points;
  if (points == s->len) s->object.flags |= STRING_ASCII;
}

struct string *string_new(struct heap *heap, const char *bytes, size_t len)
{
  char *text;
  if (len > STRING_MAX) return NULL;
  struct string *s = make(heap, len, utf8_is_ascii(bytes, len) ? len : utf8_count(bytes, len), &text);
  return s && !heap_copy(heap, text, bytes, len) ? NULL : s;
}

struct string *string_from(struct heap *heap, const char *text) { return string_new(heap, text, strlen(text)); }

struct string *string_from_buf(struct heap *heap, const struct buf *b)
{
  if (!b->failed) return string_new(heap, buf_text(b), b->len);
  heap->exhausted = true;
  return NULL;
}

struct string *string_take_buf(struct heap *heap, struct buf *b)
{
  size_t len = b->len, cap;
  if (b->failed || len < HEAP_CELL_MAX || len > STRING_MAX || b->cap > STRING_MAX || b->alloc != heap->alloc) {
    struct string *s = string_from_buf(heap, b);
    buf_fini(b);
    return s;
  }
  char *trimmed = b->cap - len > len / 8 ? mem_resize(b->alloc, b->data, b->cap, len + 1) : NULL;
  if (trimmed) {
    b->data = trimmed;
    b->cap = len + 1;
  }
  struct string *s = heap_new(heap, KIND_STRING, sizeof *s);
  s->text = buf_take(b, &len, &cap);
  s->object.flags = STRING_OWNED;
  s->len = (u32)len;
  s->capacity = (u32)cap;
  set_points(s, (u32)(utf8_is_ascii(s->text, len) ? len : utf8_count(s->text, len)));
  heap_adopt(heap, cap);
  return s;
}

struct string *string_printf(struct heap *heap, const char *format, ...)
{
  struct buf text;
  buf_init(&text, heap->alloc);
  va_list args;
  va_start(args, format);
  buf_vprintf(&text, format, args);
  va_end(args);
  struct string *s = string_from_buf(heap, &text);
  buf_fini(&text);
  return s;
}

struct part {
  const struct string *string;
  char *to;
};

// Writes the leaves of a rope to their places; returns the bytes written. Where both parts are ropes the longer one waits,
// so that what is under way halves with each one waiting, and there are never more than there are bits in a length.
static size_t write_parts(const struct string *s, char *to)
{
  struct part waiting[32];
  u32 count = 0;
  size_t written = 0;
  for (;;) {
    if (!is_rope(s)) {
      memcpy(to, string_text(s), s->len);
      written += s->len;
      if (count == 0) return written;
      s = waiting[--count].string;
      to = waiting[count].to;
      continue;
    }
    const struct string *left = s->left, *right = s->right;
    if (!is_rope(left)) {
      memcpy(to, string_text(left), left->len);
      written += left->len;
      to += left->len;
      s = right;
    } else if (!is_rope(right)) {
      memcpy(to + left->len, string_text(right), right->len);
      written += right->len;
      s = left;
    } else if (left->len < right->len) {
      waiting[count++] = (struct part){ right, to + left->len };
      s = left;
    } else {
      waiting[count++] = (struct part){ left, to };
      to += left->len;
      s = right;
    }
  }
}

// A part that found no memory once is empty now, and its place is filled with NULs.
static void write_text(const struct string *s, char *to)
{
  if (write_parts(s, to) == s->len) return;
  memset(to, 0, s->len);
  write_parts(s, to);
}

void string_write(const struct string *s, struct buf *out)
{
  char *to = s->len ? buf_reserve(out, s->len) : NULL;
  if (!to) return;
  write_text(s, to);
  out->len += s->len;
  out->data[out->len] = 0;
}

// A string is not to lose its text because what computes is to stop.
static char *take_block(struct heap *heap, size_t capacity)
{
  bool is_refusing = heap->alloc->is_refusing > 0;
  if (is_refusing) heap->alloc->is_refusing = -1;
  char *text = heap_resize(heap, NULL, 0, capacity);
  if (is_refusing) heap->alloc->is_refusing = 1;
  return text;
}

// Turns a rope into text in a block of [capacity] > len bytes. False, and still a rope, where there is no memory.
static bool flatten(struct heap *heap, struct string *s, size_t capacity)
{
  char *text = take_block(heap, capacity);
  if (!text) return false;
  write_text(s, text);
  text[s->len] = 0;
  s->text = text;
  s->capacity = (u32)capacity;
  s->left = s->right = NULL;
  s->object.extra = WAS_ROPE;
  s->object.flags = (u8)((s->object.flags & ~STRING_ROPE) | STRING_OWNED);
  return true;
}

static COLD void make_empty(struct string *s)
{
  memset((char *)s + sizeof s->object, 0, sizeof *s - sizeof s->object);
  s->object.flags = STRING_INLINE | STRING_ASCII;
  s->object.extra = 0;
}

static size_t room_to_grow(size_t len) { return len > STRING_MAX / 2 ? STRING_MAX + 1 : 2 * len; }

// Text that was read, appended to, and is read again, may well go on so: it gets room, or reading it each time would take quadratic work.
static bool is_growing(const struct string *s)
{
  const struct string *first = s->left;
  while (is_rope(first)) first = first->left;
  return is_owned(first) && first->object.extra == WAS_ROPE && first->len > s->len / 2;
}

NOINLINE const char *string_flatten(struct heap *heap, struct string *s)
{
  size_t capacity = is_growing(s) ? room_to_grow(s->len) : (size_t)s->len + 1;
  if (!flatten(heap, s, capacity)) make_empty(s);
  return string_text(s);
}

const char *string_cstr(struct heap *heap, struct string *s)
{
  if (!is_slice(s)) return string_bytes(heap, s);
  char *text = take_block(heap, (size_t)s->len + 1);
  if (!text) return "";
  memcpy(text, s->text, s->len);
  text[s->len] = 0;
  s->text = text;
  // The block has no room to grow, and left stays: slices of this one still use its bytes.
  s->capacity = s->len + 1;
  s->object.flags = (u8)((s->object.flags & ~STRING_SLICE) | STRING_OWNED);
  return text;
}

u32 string_hash(struct heap *heap, struct string *s)
{
  if (s->hash) return s->hash;
  const char *bytes = string_bytes(heap, s);
  s->hash = hash_narrow(hash_bytes(heap->seed, bytes, s->len));
  return s->hash;
}

bool string_equal(struct heap *heap, struct string *a, struct string *b)
{
  if (a == b) return true;
  if (a->len != b->len || (a->hash && b->hash && a->hash != b->hash)) return false;
  if (a->object.flags & b->object.flags & STRING_INTERNED) return false;
  const char *left = string_bytes(heap, a), *right = string_bytes(heap, b);
  return a->len == b->len && memcmp(left, right, a->len) == 0;
}

int string_compare(struct heap *heap, struct string *a, struct string *b)
{
  if (a == b) return 0;
  const char *left = string_bytes(heap, a), *right = string_bytes(heap, b);
  int order = memcmp(left, right, a->len < b->len ? a->len : b->len);
  if (order == 0) return (a->len > b->len) - (a->len < b->len);
  return order < 0 ? -1 : 1;
}

static struct string *join_short(struct heap *heap, const struct string *a, const struct string *b)
{
  char *text;
  struct string *s = make(heap, (size_t)a->len + b->len, (size_t)string_count(a) + string_count(b), &text);
  if (!s) return NULL;
  memcpy(text, string_text(a), a->len);
  memcpy(text + a->len, string_text(b), b->len);
  return s;
}

static struct string *join_rope(struct heap *heap, struct string *a, struct string *b)
{
  struct string *s = heap_new(heap, KIND_STRING, sizeof *s);
  s->object.flags = STRING_ROPE;
  s->object.extra = 1;
  if (is_rope(a) && b->len < a->len) s->object.extra = (u8)(a->object.extra + (a->object.extra < BUILDER_DEPTH));
  s->len = a->len + b->len;
  s->left = a;
  s->right = b;
  set_points(s, string_count(a) + string_count(b));
  return s;
}

static bool has_room(const struct string *a, const struct string *b)
{
  return is_owned(a) && a->capacity > (size_t)a->len + b->len;
}

// Writes b behind a where a's block has room: the new string takes the block over, a becomes a slice of it. The bytes of a do not move.
static struct string *grow_into(struct heap *heap, struct string *a, const struct string *b)
{
  struct string *s = heap_new(heap, KIND_STRING, sizeof *s);
  s->object.flags = STRING_OWNED;
  s->object.extra = WAS_ROPE;
  s->len = a->len + b->len;
  s->capacity = a->capacity;
  s->text = a->text;
  set_points(s, string_count(a) + string_count(b));
  write_text(b, (char *)s->text + a->len);
  ((char *)s->text)[s->len] = 0;
  a->object.flags = (u8)((a->object.flags & ~STRING_OWNED) | STRING_SLICE);
  a->capacity = 0;
  a->left = s;
  heap_barrier(heap, a);
  return s;
}

struct string *string_concat(struct heap *heap, struct string *a, struct string *b)
{
  if (b->len == 0) return a;
  if (a->len == 0) return b;
  size_t len = (size_t)a->len + b->len;
  if (len > STRING_MAX) return NULL;
  if (len <= JOIN_MAX) return join_short(heap, a, b);
  // Text that could never be laid out within the limit is refused here, where the program can be told.
  if (UNLIKELY(len > heap->alloc->limit / 2)) {
    heap->exhausted = true;
    return NULL;
  }
  if (is_rope(a) && a->object.extra >= BUILDER_DEPTH) (void)flatten(heap, a, room_to_grow(len));
  return has_room(a, b) ? grow_into(heap, a, b) : join_rope(heap, a, b);
}

struct string *string_from_int(struct heap *heap, i64 n)
{
  char *text;
  u32 width = number_int_width(n);
  struct string *s = make(heap, width, width, &text);
  if (s) number_write_int(n, width, text);
  return s;
}

// Of a string or an int.
static ALWAYS_INLINE void measure_part(Value part, size_t *len, size_t *count)
{
  u32 width = is_int(part) ? number_int_width(as_int(part)) : AS_STRING(part)->len;
  *len += width;
  *count += is_int(part) ? width : string_count(AS_STRING(part));
}

static ALWAYS_INLINE char *write_part(Value part, char *to)
{
  if (is_int(part)) {
    u32 width = number_int_width(as_int(part));
    number_write_int(as_int(part), width, to);
    return to + width;
  }
  const struct string *s = AS_STRING(part);
  if (UNLIKELY(is_rope(s))) write_text(s, to);
  else memcpy(to, string_text(s), s->len);
  return to + s->len;
}

static struct string *as_text(struct heap *heap, Value part)
{
  return is_int(part) ? string_from_int(heap, as_int(part)) : AS_STRING(part);
}

// [is_long]: it is asked now and then whether to go on; known where it is called, for the sake of the others' speed.
static ALWAYS_INLINE struct string *join(struct heap *heap, const Value *parts, u32 count,
                                         const struct string *separator, bool is_long)
{
  size_t len = 0, points = 0;
  for (u32 i = 0; i < count; i++) {
    if (is_long && heap_must_stop_at(heap, i)) return NULL;
    measure_part(parts[i], &len, &points);
  }
  if (count == 1) return as_text(heap, parts[0]);
  if (count == 2 && len > JOIN_MAX && !separator) {
    return string_concat(heap, as_text(heap, parts[0]), as_text(heap, parts[1]));
  }
  if (separator && count) {
    len += (size_t)separator->len * (count - 1);
    points += (size_t)string_count(separator) * (count - 1);
  }
  char *text;
  struct string *s = make(heap, len, points, &text);
  for (u32 i = 0; s && i < count; i++) {
    if (is_long && heap_must_stop_at(heap, i)) return NULL;
    if (separator && i) text = write_part(value_object(separator), text);
    text = write_part(parts[i], text);
  }
  return s;
}

struct string *string_join(struct heap *heap, const Value *parts, u32 count, const struct string *separator)
{
  return count < HEAP_ASK_EVERY ? join(heap, parts, count, separator, false)
                                : join(heap, parts, count, separator, true);
}

// Fills [len] bytes with copies of the first [unit], doubling what is there.
static bool fill(struct heap *heap, char *text, size_t unit, size_t len)
{
  for (size_t done = unit; done < len;) {
    size_t more = done < len - done ? done : len - done;
    if (!heap_copy(heap, text + done, text, more)) return false;
    done += more;
  }
  return true;
}

struct string *string_repeat(struct heap *heap, struct string *s, u64 times)
{
  const char *bytes = string_bytes(heap, s);
  size_t len;
  if (times == 1 || s->len == 0) return s;
  if (!size_mul(s->len, times, &len)) return NULL;
  char *text;
  struct string *all = make(heap, len, (size_t)string_count(s) * times, &text);
  if (!all || len == 0) return all;
  memcpy(text, bytes, s->len);
  return fill(heap, text, s->len, len) ? all : NULL;
}

static struct string *share(struct heap *heap, struct string *s, const char *bytes, u32 len)
{
  struct string *part = heap_new(heap, KIND_STRING, sizeof *part);
  part->object.flags = STRING_SLICE;
  part->text = bytes;
  part->len = len;
  part->left = is_slice(s) ? s->left : s;
  return part;
}

// What a slice would keep alive.
static u32 weight(const struct string *s)
{
  const struct string *whole = is_slice(s) ? s->left : s;
  return is_owned(whole) ? whole->capacity : whole->len;
}

struct string *string_slice(struct heap *heap, struct string *s, u32 from, u32 to)
{
  if (from == 0 && to >= string_count(s)) return s;
  const char *bytes = string_bytes(heap, s);
  u32 begin = string_offset(heap, s, from), end = string_offset(heap, s, to);
  u32 len = end - begin, count = to - from < len ? to - from : len;
  if (len >= SLICE_MIN && len >= weight(s) / 4) {
    struct string *part = share(heap, s, bytes + begin, len);
    set_points(part, count);
    return part;
  }
  char *text;
  struct string *part = make(heap, len, count, &text);
  return part && !heap_copy(heap, text, bytes + begin, len) ? NULL : part;
}

static u32 step_back(const char *bytes, u32 offset, u32 code_points)
{
  while (code_points > 0 && offset > 0) {
    offset--;
    code_points -= !utf8_is_continuation(bytes[offset]);
  }
  return offset;
}

// From the nearest of the beginning, the end and the place last looked up.
static u32 seek(const struct heap *heap, const struct string *s, u32 index)
{
  u32 at = 0, offset = 0;
  if (s->points - index < index) {
    at = s->points;
    offset = s->len;
  }
  if (heap->cursor == s) {
    u32 near = heap->cursor_index > index ? heap->cursor_index - index : index - heap->cursor_index;
    if (near < (at > index ? at - index : index - at)) {
      at = heap->cursor_index;
      offset = heap->cursor_offset;
    }
  }
  const char *bytes = string_text(s);
  if (index < at) return step_back(bytes, offset, at - index);
  return offset + (u32)utf8_offset(bytes + offset, s->len - offset, index - at);
}

u32 string_offset(struct heap *heap, struct string *s, u32 index)
{
  const char *bytes = string_bytes(heap, s);
  if (index >= string_count(s)) return s->len;
  if (is_ascii(s)) return index;
  if (s->len < CURSOR_MIN) return (u32)utf8_offset(bytes, s->len, index);
  u32 offset = seek(heap, s, index);
  heap->cursor = s;
  heap->cursor_index = index;
  heap->cursor_offset = offset;
  return offset;
}
