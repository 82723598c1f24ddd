#include "value_fixture.h"

#include <math.h>
#include <time.h>

#include "value/hash.h"

static struct map *new_map(struct fixture *f)
{
  struct map *m = map_new(&f->heap, 0);
  root(f, m);
  return m;
}

static void set(struct fixture *f, struct map *m, Value key, i64 value)
{
  assert_true(map_set(&f->heap, m, key, value_int(value)));
}

static void assert_entry(struct fixture *f, struct map *m, Value key, i64 value)
{
  Value found = map_get(&f->heap, m, key);
  assert_true(is_int(found));
  assert_int_equal(as_int(found), value);
}

static void assert_no_entry(struct fixture *f, struct map *m, Value key)
{
  assert_true(is_unset(map_get(&f->heap, m, key)));
}

static void keeps_the_order_of_insertion(void **state)
{
  struct fixture *f = *state;
  for (u32 count = 1; count <= 1000; count = count * 3 + 1) {
    struct map *m = new_map(f);
    for (u32 i = 0; i < count; i++) set(f, m, value_int((i64)i * 7919 % 100003), i);
    set(f, m, value_int(0), 0);
    assert_int_equal(m->count, count);
    i64 expected = 0;
    for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1))
      assert_int_equal(as_int(m->entries[i].value), expected++);
    assert_int_equal(expected, count);
  }
}

static void equal_numbers_are_one_key(void **state)
{
  struct fixture *f = *state;
  for (u32 filler = 0; filler < 40; filler += 39) {
    struct map *m = new_map(f);
    for (u32 i = 0; i < filler; i++) set(f, m, value_int(1000 + i), i);
    set(f, m, value_int(1), 1);
    set(f, m, value_float(1.0), 2);
    assert_entry(f, m, value_int(1), 2);
    set(f, m, value_float(0.0), 3);
    assert_entry(f, m, value_float(-0.0), 3);
    assert_entry(f, m, value_int(0), 3);
    Value big = number_parse_int(&f->heap, "1267650600228229401496703205376", 31, 10);
    assert_true(IS_BIGINT(big));
    set(f, m, big, 4);
    assert_entry(f, m, value_float(0x1p100), 4);
    assert_entry(f, m, number_parse_int(&f->heap, "1267650600228229401496703205376", 31, 10), 4);
    assert_no_entry(f, m, value_float(1.5));
    assert_no_entry(f, m, number_parse_int(&f->heap, "1267650600228229401496703205377", 31, 10));
    set(f, m, value_float(NAN), 5);
    assert_entry(f, m, value_float(NAN), 5);
    assert_int_equal(m->count, filler + 4);
  }
}

static void kinds_are_kept_apart(void **state)
{
  struct fixture *f = *state;
  for (u32 filler = 0; filler < 40; filler += 39) {
    struct map *m = new_map(f);
    for (u32 i = 0; i < filler; i++) set(f, m, value_int(1000 + i), i);
    set(f, m, value_int(1), 1);
    set(f, m, value_int(0), 2);
    set(f, m, TRUE, 3);
    set(f, m, FALSE, 4);
    set(f, m, text(f, "1"), 5);
    set(f, m, value_object(bytes_new(&f->heap, "1", 1)), 6);
    assert_int_equal(m->count, filler + 6);
    assert_entry(f, m, value_int(1), 1);
    assert_entry(f, m, TRUE, 3);
    assert_entry(f, m, FALSE, 4);
    assert_entry(f, m, text(f, "1"), 5);
    assert_entry(f, m, value_object(bytes_new(&f->heap, "1", 1)), 6);
  }
}

static void strings_compare_by_content(void **state)
{
  struct fixture *f = *state;
  struct map *m = new_map(f);
  char key[32];
  for (u32 i = 0; i < 500; i++) {
    snprintf(key, sizeof key, "key number %u", i);
    if (i % 2) set(f, m, value_object(name(f, key)), i);
    else set(f, m, text(f, key), i);
  }
  for (u32 i = 0; i < 500; i++) {
    snprintf(key, sizeof key, "key number %u", i);
    assert_entry(f, m, text(f, key), i);
    assert_entry(f, m, value_object(name(f, key)), i);
  }
  assert_no_entry(f, m, text(f, "key number 500"));
}

static void objects_are_keys_by_identity(void **state)
{
  struct fixture *f = *state;
  struct map *m = new_map(f);
  for (u32 i = 0; i < 100; i++) {
    struct box *b = box_new(f, i, NIL);
    root(f, b);
    set(f, m, value_object(b), i);
  }
  heap_collect(&f->heap);
  for (u32 i = 0; i < 100; i++) assert_entry(f, m, f->roots.data[i + 1], i);
  assert_no_entry(f, m, value_object(box_new(f, 0, NIL)));
}

static void says_what_can_be_a_key(void **state)
{
  struct fixture *f = *state;
  assert_false(map_is_key(NIL));
  assert_false(map_is_key(value_object(list_new(&f->heap, 0))));
  assert_false(map_is_key(value_object(new_map(f))));
  assert_false(map_is_key(value_object(set_new(&f->heap, 0))));
  assert_true(map_is_key(TRUE));
  assert_true(map_is_key(value_float(1)));
  assert_true(map_is_key(text(f, "")));
  assert_true(map_is_key(value_object(box_new(f, 1, NIL))));
}

// Against a model: 2,000 keys, present or not.
static void random_changes_agree_with_a_model(void **state)
{
  struct fixture *f = *state;
  enum { KEYS = 2000 };
  static i64 model[KEYS];
  memset(model, 0, sizeof model);
  struct map *m = new_map(f);
  u64 random = 7;
  u32 count = 0;
  for (u32 i = 1; i < 200000; i++) {
    random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
    u32 key = (u32)(random >> 33) % KEYS;
    bool is_removal = (random >> 20) % 100 < (i / 20000 % 2 ? 70 : 30);
    if (is_removal) {
      Value removed = map_remove(&f->heap, m, value_int(key));
      assert_int_equal(is_unset(removed), model[key] == 0);
      if (model[key]) {
        assert_int_equal(as_int(removed), model[key]);
        count--;
      }
      model[key] = 0;
    } else {
      count += model[key] == 0;
      model[key] = i;
      set(f, m, value_int(key), i);
    }
    assert_int_equal(m->count, count);
  }
  for (u32 key = 0; key < KEYS; key++) {
    if (model[key]) assert_entry(f, m, value_int(key), model[key]);
    else assert_no_entry(f, m, value_int(key));
  }
}

static void removed_keys_come_back_last(void **state)
{
  struct fixture *f = *state;
  struct map *m = new_map(f);
  for (u32 i = 0; i < 20; i++) set(f, m, value_int(i), i);
  assert_int_equal(as_int(map_remove(&f->heap, m, value_int(3))), 3);
  assert_true(is_unset(map_remove(&f->heap, m, value_int(3))));
  assert_no_entry(f, m, value_int(3));
  set(f, m, value_int(3), 33);
  u32 last = 0;
  for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1)) last = i;
  assert_int_equal(as_int(m->entries[last].value), 33);
  assert_int_equal(m->count, 20);
}

// As a queue: each removal of the first must not walk over those removed before.
static void the_first_is_found_at_once(void **state)
{
  struct fixture *f = *state;
  struct map *m = new_map(f);
  for (u32 i = 0; i < 200000; i++) set(f, m, value_int(i), i);
  u64 walked = 0;
  for (u32 i = 0; i < 200000; i++) {
    u32 first = map_next(m, 0);
    walked += first - m->first;
    assert_int_equal(as_int(m->entries[first].key), i);
    map_remove(&f->heap, m, value_int(i));
  }
  assert_int_equal(m->count, 0);
  assert_true(walked < 1000000);
  assert_true(m->cap < 1000);
}

static void the_version_tells_of_keys(void **state)
{
  struct fixture *f = *state;
  struct map *m = new_map(f);
  set(f, m, value_int(1), 1);
  u32 version = m->version;
  set(f, m, value_int(1), 2);
  assert_int_equal(m->version, version);
  set(f, m, value_int(2), 2);
  assert_int_not_equal(m->version, version);
  version = m->version;
  map_remove(&f->heap, m, value_int(9));
  assert_int_equal(m->version, version);
  map_remove(&f->heap, m, value_int(1));
  assert_int_not_equal(m->version, version);
  version = m->version;
  map_clear(&f->heap, m);
  assert_int_not_equal(m->version, version);
  assert_no_entry(f, m, value_int(2));
  set(f, m, value_int(3), 3);
  assert_entry(f, m, value_int(3), 3);
}

static void copies_are_independent(void **state)
{
  struct fixture *f = *state;
  for (u32 count = 5; count <= 500; count *= 10) {
    struct map *m = new_map(f);
    for (u32 i = 0; i < count; i++) set(f, m, value_int(i), i);
    map_remove(&f->heap, m, value_int(2));
    struct map *copy = map_copy(&f->heap, m);
    set(f, m, value_int(0), 100);
    assert_int_equal(copy->count, count - 1);
    assert_entry(f, copy, value_int(0), 0);
    assert_entry(f, copy, value_int(count - 1), count - 1);
    assert_no_entry(f, copy, value_int(2));
  }
}

static void sets_keep_their_kind(void **state)
{
  struct fixture *f = *state;
  struct map *s = set_new(&f->heap, 4);
  root(f, s);
  assert_true(map_set(&f->heap, s, value_int(1), NIL));
  assert_true(map_set(&f->heap, s, value_float(1), NIL));
  assert_int_equal(s->count, 1);
  assert_int_equal(map_copy(&f->heap, s)->object.kind, KIND_SET);
}

static void without_memory_it_stays_as_it_was(void **state)
{
  struct fixture *f = *state;
  struct map *m = new_map(f);
  for (u32 i = 0; i < 16; i++) set(f, m, value_int(i), i);
  f->alloc.limit = f->alloc.used;
  assert_false(map_set(&f->heap, m, value_int(16), NIL));
  assert_true(f->heap.exhausted);
  assert_int_equal(m->count, 16);
  for (u32 i = 0; i < 16; i++) assert_entry(f, m, value_int(i), i);
  assert_true(map_set(&f->heap, m, value_int(3), value_int(33)));
  f->alloc.limit = SIZE_MAX;
  for (u32 i = 16; i < 100; i++) set(f, m, value_int(i), i);
  assert_entry(f, m, value_int(99), 99);
  assert_entry(f, m, value_int(3), 33);
}

// Keys that a weak hash would put into few places.
static void patterns_of_keys_spread(void **state)
{
  struct fixture *f = *state;
  enum { KEYS = 20000 };
  static u32 seen[1 << 16];
  for (u32 shift = 0; shift < 48; shift += 8) {
    memset(seen, 0, sizeof seen);
    u32 most = 0;
    for (u64 i = 0; i < KEYS; i++) {
      u32 *place = &seen[value_hash(&f->heap, value_int((i64)(i << shift))) & 0xFFFF];
      if (++*place > most) most = *place;
    }
    assert_true(most < 20);
  }
}

static void the_seed_changes_the_hashes(void **state)
{
  struct fixture *f = *state;
  u32 same = 0, before[64];
  for (u32 i = 0; i < 64; i++) before[i] = value_hash(&f->heap, value_int(i)) & 0xFF;
  heap_seed(&f->heap, UINT64_C(0xA0761D6478BD642F), UINT64_C(0xE7037ED1A0B428DB));
  for (u32 i = 0; i < 64; i++) same += before[i] == (value_hash(&f->heap, value_int(i)) & 0xFF);
  assert_true(same < 16);
}

// Floods: keys that hashes without a secret, or of few bits, would put at one place.

#define FLOOD 100000

static u64 chance(void)
{
  static u64 x = 42;
  x ^= x << 13;
  x ^= x >> 7;
  return x ^= x << 17;
}

static Value random_int(struct fixture *f, u32 i) { return (void)f, (void)i, value_int((i64)chance()); }
static Value at_bit_20(struct fixture *f, u32 i) { return (void)f, value_int((i64)i << 20); }
static Value at_bit_32(struct fixture *f, u32 i) { return (void)f, value_int((i64)i << 32); }
static Value at_bit_46(struct fixture *f, u32 i) { return (void)f, value_int((i64)i << 46); }
static Value both_halves(struct fixture *f, u32 i) { return (void)f, value_int((i64)((u64)i << 32 | i)); }
static Value by_golden_ratio(struct fixture *f, u32 i)
{
  // Multiplied by the usual constant, these differ in the highest bits alone.
  return (void)f, value_int((i64)(((u64)i << 44) * UINT64_C(0xF1DE83E19937733D)));
}
static Value high_floats(struct fixture *f, u32 i)
{
  u64 bits = UINT64_C(0x3FF0000000000001) + ((u64)i << 35);
  double d;
  memcpy(&d, &bits, sizeof d);
  return (void)f, value_float(d);
}
static Value shifted(struct fixture *f, i64 n)
{
  Value v;
  assert_int_equal(number_arith(&f->heap, NUMBER_SHL, value_int(n), value_int(200), &v), NUMBER_OK);
  return v;
}
static Value big_ints(struct fixture *f, u32 i) { return shifted(f, i + 1); }
static Value random_big_int(struct fixture *f, u32 i) { return (void)i, shifted(f, (i64)(chance() >> 20)); }
static Value random_text(struct fixture *f, u32 i)
{
  (void)i;
  return value_object(string_printf(&f->heap, "%016llx", (unsigned long long)chance()));
}
// Texts with the same lowest bits of the hash without a secret.
static Value chosen_text(struct fixture *f, u32 i)
{
  static const u64 none[2] = { 0, 0 };
  char word[24];
  (void)i;
  do snprintf(word, sizeof word, "%016llx", (unsigned long long)chance());
  while (hash_bytes(none, word, 16) & 63);
  return text(f, word);
}
// Blocks of "Aa" and "BB" have one hash where each character is added to 31 times what came before.
static Value java_text(struct fixture *f, u32 i)
{
  char word[41] = { 0 };
  for (u32 at = 0; at < 20; at++) memcpy(word + 2 * at, i >> at & 1 ? "Aa" : "BB", 2);
  return text(f, word);
}

// The least of three: CPU seconds to put all into a map and to find them again.
static double time_of_flood(struct fixture *f, Value (*key)(struct fixture *f, u32 i))
{
  Value *keys = malloc(FLOOD * sizeof *keys);
  double best = INFINITY;
  for (u32 i = 0; i < FLOOD; i++) keys[i] = key(f, i);
  for (u32 turn = 0; turn < 3; turn++) {
    struct map *m = turn ? set_new(&f->heap, 0) : map_new(&f->heap, 0);
    clock_t start = clock();
    for (u32 i = 0; i < FLOOD; i++) assert_true(map_set(&f->heap, m, keys[i], NIL));
    for (u32 i = 0; i < FLOOD; i++) assert_true(map_find(&f->heap, m, keys[i]) >= 0);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (seconds < best) best = seconds;
    assert_true(m->count > FLOOD - FLOOD / 100);  // random ones may be the same
  }
  free(keys);
  return best;
}

static void floods_take_no_longer(void **state)
{
  static const struct {
    const char *what;
    Value (*key)(struct fixture *f, u32 i), (*random)(struct fixture *f, u32 i);
  } floods[] = {
    { "multiples of 2^20", at_bit_20, random_int },  { "multiples of 2^32", at_bit_32, random_int },
    { "multiples of 2^46", at_bit_46, random_int },  { "the same halves", both_halves, random_int },
    { "inverse products", by_golden_ratio, random_int }, { "floats", high_floats, random_int },
    { "big ints", big_ints, random_big_int },        { "chosen texts", chosen_text, random_text },
    { "texts of Aa and BB", java_text, random_text },
  };
  for (u32 i = 0; i < COUNT_OF(floods); i++) {
    double usual = time_of_flood(*state, floods[i].random), flood = time_of_flood(*state, floods[i].key);
    print_message("# %s: %.1f times the time of random keys\n", floods[i].what, flood / usual);
    assert_true(flood < 5 * usual);
  }
}

int main(void)
{
#define MAP_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
  const struct CMUnitTest tests[] = {
    MAP_TEST(keeps_the_order_of_insertion),
    MAP_TEST(equal_numbers_are_one_key),
    MAP_TEST(kinds_are_kept_apart),
    MAP_TEST(strings_compare_by_content),
    MAP_TEST(objects_are_keys_by_identity),
    MAP_TEST(says_what_can_be_a_key),
    MAP_TEST(random_changes_agree_with_a_model),
    MAP_TEST(removed_keys_come_back_last),
    MAP_TEST(the_first_is_found_at_once),
    MAP_TEST(the_version_tells_of_keys),
    MAP_TEST(copies_are_independent),
    MAP_TEST(sets_keep_their_kind),
    MAP_TEST(without_memory_it_stays_as_it_was),
    MAP_TEST(patterns_of_keys_spread),
    MAP_TEST(the_seed_changes_the_hashes),
    MAP_TEST(floods_take_no_longer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
