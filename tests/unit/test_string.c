#include <time.h>

#include "base/utf8.h"
#include "value/hash.h"
#include "value_fixture.h"

static struct string *string(struct fixture *f, const char *bytes)
{
  struct string *s = string_from(&f->heap, bytes);
  assert_non_null(s);
  return s;
}

static struct string *letters(struct fixture *f, char c, size_t len)
{
  struct string *s = string_repeat(&f->heap, string(f, (char[]){ c, 0 }), len);
  assert_non_null(s);
  return s;
}

static void check_text(struct fixture *f, struct string *s, const char *bytes, size_t len)
{
  const char *got = string_bytes(&f->heap, s);
  assert_int_equal(s->len, len);
  assert_memory_equal(got, bytes, len);
  assert_int_equal(string_count(s), utf8_count(bytes, len));
  assert_int_equal((s->object.flags & STRING_ASCII) != 0, utf8_is_ascii(bytes, len));
}

static void make_and_measure(void **state)
{
  static const char *const texts[] = { "", "a", "hello", "h\xC3\xA9llo", "\xF0\x9F\x98\x80", "fifteen bytes!!", "sixteen bytes!!!" };
  struct fixture *f = *state;
  for (u32 i = 0; i < COUNT_OF(texts); i++) {
    struct string *s = string(f, texts[i]);
    check_text(f, s, texts[i], strlen(texts[i]));
    assert_int_equal(string_bytes(&f->heap, s)[s->len], 0);
  }
  // Around the size where the text moves out of the object.
  char text[600];
  memset(text, 'x', sizeof text);
  for (size_t len = 400; len < 600; len++) check_text(f, string_new(&f->heap, text, len), text, len);
  struct string *s = string_printf(&f->heap, "%d %s", 42, "x");
  check_text(f, s, "42 x", 4);
  assert_null(string_new(&f->heap, text, STRING_MAX + 1));
  assert_false(f->heap.exhausted);
}

static void equality_order_and_hash(void **state)
{
  static const char *const ascending[] = { "", "a", "a\x01", "aa", "ab", "b", "\xC3\xA9", "\xE2\x82\xAC", "\xEF\xBF\xBD", "\xF0\x9F\x98\x80" };
  struct fixture *f = *state;
  for (int i = 0; i < (int)COUNT_OF(ascending); i++) {
    for (int j = 0; j < (int)COUNT_OF(ascending); j++) {
      struct string *a = string(f, ascending[i]), *b = string(f, ascending[j]);
      assert_int_equal(string_compare(&f->heap, a, b), (i > j) - (i < j));
      assert_int_equal(string_equal(&f->heap, a, b), i == j);
      assert_int_equal(string_hash(&f->heap, a) == string_hash(&f->heap, b), i == j);
      assert_int_equal(string_equal(&f->heap, a, b), i == j);
    }
  }
}

// With a seed of zeros; the values are those of an independent implementation.
static void hash_is_siphash_1_3(void **state)
{
  static const struct {
    const char *text;
    u64 hash;
  } rows[] = {
    { "a", UINT64_C(0x407448d2b89b1813) },        { "ab", UINT64_C(0x555508cbc6add439) },      { "abc", UINT64_C(0xc03bc3a0042630f2) },
    { "abcd", UINT64_C(0xe3d1d5fdd52aae89) },     { "abcde", UINT64_C(0x251f3c725bd784a2) },   { "abcdefg", UINT64_C(0x6db12aae9070f506) },
    { "abcdefgh", UINT64_C(0x3f7b849c0b8e35ea) }, { "abcdefghi", UINT64_C(0xf89b34a3d11eb6e5) },
    { "the quick brown fox jumps over", UINT64_C(0xad7dbf39b6f5e689) },
  };
  (void)state;
  for (u32 i = 0; i < COUNT_OF(rows); i++) assert_true(hash_bytes((u64[2]){ 0, 0 }, rows[i].text, strlen(rows[i].text)) == rows[i].hash);
  assert_true(hash_bytes((u64[2]){ 0, 1 }, "a", 1) != rows[0].hash);
  assert_true(hash_bytes((u64[2]){ 1, 0 }, "a", 1) != rows[0].hash);
}

static void interned_names_are_one(void **state)
{
  struct fixture *f = *state;
  struct string *a = name(f, "alpha");
  assert_ptr_equal(a, name(f, "alpha"));
  assert_ptr_not_equal(a, name(f, "alphb"));
  assert_ptr_equal(string_intern(&f->heap, &f->names, "a\0b", 3), string_intern(&f->heap, &f->names, "a\0b", 3));
  assert_true(string_equal(&f->heap, a, string(f, "alpha")));
  struct string *all[2000];
  char text[16];
  for (int i = 0; i < 2000; i++) {
    snprintf(text, sizeof text, "name%d", i);
    all[i] = name(f, text);
  }
  for (int i = 0; i < 2000; i++) {
    snprintf(text, sizeof text, "name%d", i);
    assert_ptr_equal(name(f, text), all[i]);
  }
}

// After each collection exactly the names still held are there, and each is found.
static void unused_names_are_dropped(void **state)
{
  struct fixture *f = *state;
  char text[16];
  for (int i = 0; i < 3000; i++) {
    snprintf(text, sizeof text, "name%d", i);
    struct string *s = name(f, text);
    if (i % 3 == 0) root(f, s);
  }
  heap_collect(&f->heap);
  assert_int_equal(f->names.count, 1000);
  for (int i = 0; i < 3000; i += 3) {
    snprintf(text, sizeof text, "name%d", i);
    assert_ptr_equal(name(f, text), as_object(f->roots.data[i / 3]));
  }
  f->roots.len = 500;
  heap_collect(&f->heap);
  assert_int_equal(f->names.count, 500);
  for (int i = 0; i < 1500; i += 3) {
    snprintf(text, sizeof text, "name%d", i);
    assert_ptr_equal(name(f, text), as_object(f->roots.data[i / 3]));
  }
  f->roots.len = 0;
  heap_collect(&f->heap);
  assert_int_equal(f->names.count, 0);
}

static void interning_survives_refused_memory(void **state)
{
  struct fixture *f = *state;
  char text[16];
  int made = 0;
  name(f, "first");
  u32 cap = f->names.cap;
  f->alloc.limit = f->alloc.used;
  while (made < 1000) {
    snprintf(text, sizeof text, "n%d", made);
    if (!name(f, text)) break;
    made++;
  }
  assert_int_equal(f->names.cap, cap);
  assert_int_equal(made, cap - 2);
  assert_true(f->heap.exhausted);
  assert_int_equal(name(f, "n0")->len, 2);
  f->alloc.limit = SIZE_MAX;
}

static void safepoint(struct fixture *f)
{
  if (!f->poll) return;
  f->poll = 0;
  heap_safepoint(&f->heap);
}

#ifdef LULL_GC_STRESS
enum { JOINS = 3000 };  // each of them collects
#else
enum { JOINS = 1000000 };
#endif

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// Builds by a million joins, on the left or on the right, reading in between where [every] is not 0.
static void build(struct fixture *f, bool is_left, int every)
{
  struct string *s = string(f, "");
  char piece[16];
  root(f, s);
  for (int i = 0; i < JOINS; i++) {
    snprintf(piece, sizeof piece, "%06d.", i);
    struct string *p = string_new(&f->heap, piece, 7);
    s = is_left ? string_concat(&f->heap, p, s) : string_concat(&f->heap, s, p);
    vec_last(&f->roots) = value_object(s);
    if (every && i % every == 0) string_bytes(&f->heap, s);
    safepoint(f);
  }
}

static void check_built(struct fixture *f, bool is_left)
{
  struct string *s = (struct string *)as_object(vec_last(&f->roots));
  const char *bytes = string_bytes(&f->heap, s);
  if (s->len != 7 * JOINS || string_count(s) != s->len) abort();
  for (int i = 0; i < JOINS; i++) {
    char piece[16];
    snprintf(piece, sizeof piece, "%06d.", is_left ? JOINS - 1 - i : i);
    if (memcmp(bytes + 7 * (size_t)i, piece, 7) != 0) abort();
  }
}

static void build_left(struct fixture *f)
{
  build(f, true, 0);
  heap_collect(&f->heap);
  check_built(f, true);
}

static void build_right(struct fixture *f)
{
  build(f, false, 0);
  heap_collect(&f->heap);
  check_built(f, false);
}

static void build_read_often(struct fixture *f)
{
  build(f, false, 10);
  check_built(f, false);
}

// Quadratic work would take minutes; recursion would overflow the stack of 256 KiB.
static void a_million_joins_are_linear(void **state)
{
  struct fixture *f = *state;
  double begin = seconds();
  run_on_small_stack(f, build_left);
  f->roots.len = 0;
  run_on_small_stack(f, build_right);
  f->roots.len = 0;
  run_on_small_stack(f, build_read_often);
  assert_true(seconds() - begin < 30);
}

static void growing_keeps_what_was(void **state)
{
  struct fixture *f = *state;
  struct string *s = letters(f, 'a', 600), *steps[200];
  char expected[1000];
  memset(expected, 'a', 600);
  size_t len = 600;
  u32 shared = 0;
  for (u32 i = 0; i < COUNT_OF(steps); i++) {
    char piece[] = { (char)('b' + i % 20), (char)('b' + i / 20), 0 };
    steps[i] = s = string_concat(&f->heap, s, string(f, piece));
    memcpy(expected + len, piece, 2);
    len += 2;
    root(f, s);
    if (i % 50 == 0) heap_collect(&f->heap);
  }
  for (u32 i = 0; i < COUNT_OF(steps); i++) {
    shared += (steps[i]->object.flags & STRING_SLICE) != 0;
    check_text(f, steps[i], expected, 602 + 2 * i);
  }
  assert_true(shared > 100);
  // Each of them may be joined with another text: only one of the joins may use the room behind.
  struct string *one = string_concat(&f->heap, s, string(f, "one")), *two = string_concat(&f->heap, s, string(f, "two"));
  assert_memory_equal(string_bytes(&f->heap, one) + len, "one", 4);
  assert_memory_equal(string_bytes(&f->heap, two) + len, "two", 4);
  // The last lets go of the others' blocks only when they go.
  f->roots.len = 1;
  heap_collect(&f->heap);
  check_text(f, steps[0], expected, 602);
  for (int i = 0; i < 10; i++) heap_collect(&f->heap);
  check_text(f, steps[0], expected, 602);
}

static void slices_share_long_texts_only(void **state)
{
  struct fixture *f = *state;
  struct string *s = letters(f, 'x', 100000);
  root(f, s);
  struct string *half = string_slice(&f->heap, s, 1000, 60000), *part = string_slice(&f->heap, half, 10, 40000), *tiny = string_slice(&f->heap, s, 5, 25);
  assert_true(half->object.flags & STRING_SLICE);
  assert_ptr_equal(half->left, s);
  assert_ptr_equal(part->left, s);
  assert_false(tiny->object.flags & STRING_SLICE);
  assert_ptr_equal(string_slice(&f->heap, s, 0, 100000), s);
  assert_int_equal(string_slice(&f->heap, s, 7, 7)->len, 0);
  // A tiny slice does not keep the whole alive, a large one does.
  f->roots.len = 0;
  root(f, tiny);
  heap_collect(&f->heap);
  assert_true(f->heap.bytes < 90000);
  s = letters(f, 'y', 100000);
  f->roots.len = 0;
  root(f, string_slice(&f->heap, s, 1000, 60000));
  heap_collect(&f->heap);
  assert_true(f->heap.bytes > 100000);
  check_text(f, (struct string *)as_object(f->roots.data[0]), string_bytes(&f->heap, letters(f, 'y', 59000)), 59000);
}

static void a_slice_becomes_terminated_on_demand(void **state)
{
  struct fixture *f = *state;
  struct string *s = letters(f, 'x', 2000), *half = string_slice(&f->heap, s, 0, 1000), *quarter = string_slice(&f->heap, half, 0, 700);
  root(f, quarter);
  root(f, half);
  const char *text = string_cstr(&f->heap, half);
  assert_int_equal(strlen(text), 1000);
  assert_ptr_equal(string_cstr(&f->heap, half), text);
  struct string *longer = string_concat(&f->heap, half, string(f, "!"));
  assert_int_equal(string_bytes(&f->heap, longer)[1000], '!');
  heap_collect(&f->heap);
  assert_int_equal(strlen(string_cstr(&f->heap, quarter)), 700);
  assert_int_equal(strlen(string_cstr(&f->heap, half)), 1000);
}

static void repetition(void **state)
{
  struct fixture *f = *state;
  struct string *s = string(f, "ab\xC3\xA9");
  check_text(f, string_repeat(&f->heap, s, 3), "ab\xC3\xA9" "ab\xC3\xA9" "ab\xC3\xA9", 12);
  assert_int_equal(string_repeat(&f->heap, s, 0)->len, 0);
  assert_ptr_equal(string_repeat(&f->heap, s, 1), s);
  assert_int_equal(string_repeat(&f->heap, string(f, ""), UINT64_MAX)->len, 0);
  size_t used = f->alloc.used;
  assert_null(string_repeat(&f->heap, s, UINT64_MAX));
  assert_null(string_repeat(&f->heap, s, (u64)1 << 62));
  assert_null(string_repeat(&f->heap, s, STRING_MAX / 4 + 1));
  assert_int_equal(f->alloc.used, used);
  assert_false(f->heap.exhausted);
}

// Doubling ends at the largest size without having taken memory, or at the memory limit.
static void doubling_ends(void **state)
{
  struct fixture *f = *state;
  struct string *s = letters(f, 'x', 100), *last = s;
  size_t used = f->alloc.used;
  for (int i = 0; i < 60 && s; i++) {
    last = s;
    s = string_concat(&f->heap, s, s);
  }
  assert_null(s);
  assert_true(last->len > STRING_MAX / 2);
  assert_false(f->heap.exhausted);
  assert_true(f->alloc.used <= used + 65536);
  f->alloc.limit = 64 << 20;
  s = letters(f, 'x', 100);
  for (int i = 0; i < 60 && s; i++) s = string_concat(&f->heap, s, s);
  assert_null(s);
  assert_true(f->heap.exhausted);
  f->alloc.limit = SIZE_MAX;
  f->heap.exhausted = false;
}

static void a_rope_without_memory_is_empty(void **state)
{
  struct fixture *f = *state;
  struct string *inner = string_concat(&f->heap, letters(f, 'a', 5000), letters(f, 'b', 5000));
  struct string *outer = string_concat(&f->heap, inner, letters(f, 'c', 5000));
  size_t limit = f->alloc.limit;
  f->alloc.limit = f->alloc.used;
  const char *bytes = string_bytes(&f->heap, inner);
  assert_int_equal(inner->len, 0);
  assert_string_equal(bytes, "");
  assert_true(f->heap.exhausted);
  f->alloc.limit = limit;
  f->heap.exhausted = false;
  // What it was a part of has NULs in its place.
  bytes = string_bytes(&f->heap, outer);
  assert_int_equal(outer->len, 15000);
  u32 seen = 0;
  for (u32 i = 0; i < outer->len; i++) {
    assert_true(bytes[i] == 0 || bytes[i] == 'c');
    seen += bytes[i] == 'c';
  }
  assert_int_equal(seen, 5000);
}

static void offsets_in_long_texts(void **state)
{
  struct fixture *f = *state;
  struct string *s = string_repeat(&f->heap, string(f, "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 5000);
  static const u32 within[] = { 0, 1, 3, 6 };
  u64 seed = 5;
  assert_int_equal(string_count(s), 20000);
  for (u32 i = 0; i < string_count(s); i++) assert_int_equal(string_offset(&f->heap, s, i), i / 4 * 10 + within[i % 4]);
  for (u32 i = string_count(s); i-- > 0;) assert_int_equal(string_offset(&f->heap, s, i), i / 4 * 10 + within[i % 4]);
  for (u32 i = 0; i < 300; i++) {
    seed = seed * 6364136223846793005u + 1;
    u32 at = (u32)(seed >> 33) % string_count(s);
    assert_int_equal(string_offset(&f->heap, s, at), at / 4 * 10 + within[at % 4]);
  }
  assert_int_equal(string_offset(&f->heap, s, string_count(s)), s->len);
  // A text that took the place of the one last looked up is not mistaken for it.
  heap_collect(&f->heap);
  for (int i = 0; i < 100; i++) {
    struct string *other = string_repeat(&f->heap, string(f, "\xC3\xA9"), 1000);
    assert_int_equal(string_offset(&f->heap, other, 300), 600);
    if (i % 10 == 0) heap_collect(&f->heap);
  }
}

struct model {
  struct string *s;
  char *bytes;
  size_t len;
};

static void model_set(struct model *m, struct string *s, char *bytes, size_t len)
{
  free(m->bytes);
  *m = (struct model){ s, bytes, len };
}

static char *two(const char *a, size_t a_len, const char *b, size_t b_len)
{
  char *bytes = malloc(a_len + b_len + 1);
  memcpy(bytes, a, a_len);
  memcpy(bytes + a_len, b, b_len);
  return bytes;
}

static u32 below(u64 *seed, u32 n)
{
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (u32)(*seed >> 33) % n;
}

static void model_step(struct fixture *f, struct model *models, u32 count, u64 *seed)
{
  static const char *const pieces[] = { "", "x", "piece of text;", "\xC3\xA9t\xC3\xA9", "\xF0\x9F\x98\x80", "a longer piece of text that fills some of the room there is" };
  struct model *to = &models[below(seed, count)], *a = &models[below(seed, count)], *b = &models[below(seed, count)];
  const char *piece = pieces[below(seed, COUNT_OF(pieces))];
  switch (below(seed, 7)) {
  case 0: model_set(to, string(f, piece), two(piece, strlen(piece), "", 0), strlen(piece)); break;
  case 1:
  case 2: model_set(to, string_concat(&f->heap, to->s, string(f, piece)), two(to->bytes, to->len, piece, strlen(piece)), to->len + strlen(piece)); break;
  case 3: model_set(to, string_concat(&f->heap, string(f, piece), to->s), two(piece, strlen(piece), to->bytes, to->len), to->len + strlen(piece)); break;
  case 4:
    if (a->len + b->len < 20000) model_set(to, string_concat(&f->heap, a->s, b->s), two(a->bytes, a->len, b->bytes, b->len), a->len + b->len);
    break;
  case 5: {
    u32 from = below(seed, string_count(a->s) + 1), till = from + below(seed, string_count(a->s) - from + 1);
    size_t begin = utf8_offset(a->bytes, a->len, from), end = utf8_offset(a->bytes, a->len, till);
    model_set(to, string_slice(&f->heap, a->s, from, till), two(a->bytes + begin, end - begin, "", 0), end - begin);
    break;
  }
  default: check_text(f, a->s, a->bytes, a->len);
  }
}

// Random joins, slices and reads against plain arrays, with collections in between.
// What is to stop gets no memory; but a text that was joined is not lost when it is read then.
static void joins_outlast_a_stop(void **state)
{
  struct fixture *f = *state;
  struct string *joined = string_concat(&f->heap, letters(f, 'a', 300), letters(f, 'b', 200));
  root(f, joined);
  f->alloc.limit = (size_t)1 << 30;
  f->alloc.is_refusing = 1;
  assert_null(string_repeat(&f->heap, joined, 1000));
  const char *text = string_bytes(&f->heap, joined);
  assert_int_equal(f->alloc.is_refusing, 1);
  f->alloc.is_refusing = 0;
  assert_int_equal(joined->len, 500);
  assert_int_equal(text[299], 'a');
  assert_int_equal(text[300], 'b');
}

static void random_operations_agree_with_a_model(void **state)
{
  struct fixture *f = *state;
  struct model models[24] = { 0 };
  u64 seed = 2026;
  for (u32 i = 0; i < COUNT_OF(models); i++) {
    model_set(&models[i], string(f, ""), calloc(1, 1), 0);
    root(f, models[i].s);
  }
  for (int i = 0; i < 20000; i++) {
    model_step(f, models, COUNT_OF(models), &seed);
    for (u32 k = 0; k < COUNT_OF(models); k++) f->roots.data[k] = value_object(models[k].s);
    if (i % 250 == 0) heap_collect(&f->heap);
    safepoint(f);
  }
  for (u32 i = 0; i < COUNT_OF(models); i++) {
    struct buf out;
    buf_init(&out, &f->alloc);
    string_write(models[i].s, &out);
    assert_int_equal(out.len, models[i].len);
    assert_memory_equal(buf_text(&out), models[i].bytes, out.len);
    buf_fini(&out);
    check_text(f, models[i].s, models[i].bytes, models[i].len);
    free(models[i].bytes);
  }
}

static void check_quote(struct fixture *f, const char *text, size_t len, const char *expected)
{
  struct buf out;
  buf_init(&out, &f->alloc);
  string_quote(&f->heap, string_new(&f->heap, text, len), &out);
  assert_string_equal(buf_text(&out), expected);
  buf_fini(&out);
}

static void quoting(void **state)
{
  static const struct {
    const char *text, *expected;
  } rows[] = {
    { "", "\"\"" },           { "plain", "\"plain\"" },    { "a\"b\\c", "\"a\\\"b\\\\c\"" }, { "1\n2\t3\r", "\"1\\n2\\t3\\r\"" },
    { "$x ${y} $", "\"$x \\${y} $\"" }, { "\x1b[0m\x7f", "\"\\u{1b}[0m\\u{7f}\"" }, { "\xC3\xA9\xF0\x9F\x98\x80", "\"\xC3\xA9\xF0\x9F\x98\x80\"" },
    { "\xC2\x9B" "31m", "\"\\u{9b}31m\"" }, { "\xE2\x80\xAE", "\"\\u{202e}\"" }, { "\xEF\xBB\xBF", "\"\\u{feff}\"" }, { "'", "\"'\"" },
  };
  struct fixture *f = *state;
  for (u32 i = 0; i < COUNT_OF(rows); i++) check_quote(f, rows[i].text, strlen(rows[i].text), rows[i].expected);
  check_quote(f, "a\0b", 3, "\"a\\u{0}b\"");
}

static void octets(void **state)
{
  struct fixture *f = *state;
  struct bytes *a = bytes_new(&f->heap, "ab\0\xFF\n\"", 6), *b = bytes_new(&f->heap, "ab\0\xFF\n\"", 6), *zeros = bytes_new(&f->heap, NULL, 1000);
  struct buf out;
  buf_init(&out, &f->alloc);
  bytes_quote(&f->heap, a, &out);
  assert_string_equal(buf_text(&out), "bytes(\"ab\\x00\\xff\\n\\\"\")");
  buf_fini(&out);
  assert_true(bytes_equal(a, b));
  assert_int_equal(bytes_hash(&f->heap, a), bytes_hash(&f->heap, b));
  assert_int_equal(bytes_compare(a, b), 0);
  assert_int_equal(bytes_compare(a, zeros), 1);
  assert_int_equal(bytes_compare(zeros, a), -1);
  assert_int_equal(bytes_compare(bytes_new(&f->heap, "ab", 2), a), -1);
  assert_false(bytes_equal(a, zeros));
  for (u32 i = 0; i < zeros->len; i++) assert_int_equal(zeros->data[i], 0);
  assert_int_equal(bytes_new(&f->heap, NULL, 0)->len, 0);
  assert_null(bytes_new(&f->heap, NULL, BYTES_MAX + 1));
  f->alloc.limit = f->alloc.used;
  assert_null(bytes_new(&f->heap, NULL, 1 << 20));
  assert_true(f->heap.exhausted);
  f->alloc.limit = SIZE_MAX;
  f->heap.exhausted = false;
}

static bool contains(const struct range *r, i64 n) { return range_find(r, value_int(n), &(u64){ 0 }); }

static void ranges(void **state)
{
  static const struct {
    i64 from, to, step;
    bool is_inclusive;
    u64 len;
  } rows[] = {
    { 0, 10, 1, false, 10 }, { 0, 10, 1, true, 11 }, { 5, 5, 1, false, 0 }, { 5, 5, 1, true, 1 }, { 10, 0, 1, false, 0 }, { 10, 0, -1, false, 10 }, { 10, 0, -1, true, 11 },
    { 0, 10, 3, false, 4 }, { 0, 9, 3, false, 3 }, { 0, 9, 3, true, 4 }, { 0, 10, -1, true, 0 }, { INT64_MIN, INT64_MAX, 1, false, UINT64_MAX },
    { INT64_MIN, INT64_MAX, 1, true, UINT64_MAX }, { INT64_MAX, INT64_MIN, INT64_MIN, true, 2 }, { INT64_MAX, INT64_MIN, INT64_MIN, false, 2 },
    { INT64_MIN, INT64_MAX, INT64_MAX, true, 3 }, { INT64_MAX, INT64_MAX, 1, true, 1 }, { INT64_MIN, INT64_MIN, -1, false, 0 }, { 0, INT64_MIN, -1, true, ((u64)1 << 63) + 1 },
  };
  struct fixture *f = *state;
  for (u32 i = 0; i < COUNT_OF(rows); i++) {
    struct range *r = range_new(&f->heap, rows[i].from, rows[i].to, rows[i].step, rows[i].is_inclusive);
    u64 len = range_len(r);
    if (len != rows[i].len) fail_msg("row %u: %llu elements", i, (unsigned long long)len);
    for (u64 k = 0; k < len && k < 20; k++) {
      assert_true(contains(r, range_at(r, k)));
      assert_true(contains(r, range_at(r, len - 1 - k)));
      if (k) assert_true((range_at(r, k) > range_at(r, k - 1)) == (r->step > 0));
    }
    if (rows[i].from != INT64_MIN && rows[i].step > 0) assert_false(contains(r, rows[i].from - 1));
    if (!rows[i].is_inclusive) assert_false(contains(r, rows[i].to));
  }
  struct range *odd = range_new(&f->heap, 1, 10, 2, false);
  for (i64 n = -2; n < 15; n++) assert_int_equal(contains(odd, n), n >= 1 && n < 10 && n % 2 == 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(make_and_measure, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(equality_order_and_hash, fixture_setup, fixture_teardown),
    cmocka_unit_test(hash_is_siphash_1_3),
    cmocka_unit_test_setup_teardown(interned_names_are_one, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(unused_names_are_dropped, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(interning_survives_refused_memory, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(a_million_joins_are_linear, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(growing_keeps_what_was, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(slices_share_long_texts_only, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(a_slice_becomes_terminated_on_demand, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(repetition, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(doubling_ends, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(a_rope_without_memory_is_empty, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(offsets_in_long_texts, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(joins_outlast_a_stop, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(random_operations_agree_with_a_model, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(quoting, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(octets, fixture_setup, fixture_teardown),
    cmocka_unit_test_setup_teardown(ranges, fixture_setup, fixture_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
