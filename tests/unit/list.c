#include "value_fixture.h"

static struct list *numbers(struct fixture *f, u32 count)
{
  struct list *l = list_new(&f->heap, 0);
  root(f, l);
  for (u32 i = 0; i < count; i++) assert_true(list_push(&f->heap, l, value_int(i)));
  return l;
}

static void assert_items(const struct list *l, const i64 *items, u32 count)
{
  assert_int_equal(l->len, count);
  for (u32 i = 0; i < count; i++) {
    assert_true(is_int(l->items[i]));
    assert_int_equal(as_int(l->items[i]), items[i]);
  }
}
#define ASSERT_ITEMS(list, ...) \
  assert_items(list, (const i64[]){ __VA_ARGS__ }, COUNT_OF(((const i64[]){ __VA_ARGS__ })))

static void pushes_and_grows(void **state)
{
  struct list *l = numbers(*state, 10000);
  assert_int_equal(l->len, 10000);
  for (u32 i = 0; i < l->len; i++) assert_int_equal(as_int(l->items[i]), i);
}

static void inserts_anywhere(void **state)
{
  struct fixture *f = *state;
  struct list *l = numbers(f, 3);
  assert_true(list_insert(&f->heap, l, 0, value_int(10)));
  assert_true(list_insert(&f->heap, l, 2, value_int(11)));
  assert_true(list_insert(&f->heap, l, 5, value_int(12)));
  ASSERT_ITEMS(l, 10, 0, 11, 1, 2, 12);
}

static void removes_anywhere(void **state)
{
  struct list *l = numbers(*state, 5);
  assert_int_equal(as_int(list_remove(l, 2)), 2);
  assert_int_equal(as_int(list_remove(l, 3)), 4);
  assert_int_equal(as_int(list_remove(l, 0)), 0);
  ASSERT_ITEMS(l, 1, 3);
}

static void appends_itself(void **state)
{
  struct fixture *f = *state;
  struct list *l = numbers(f, 4);
  assert_true(list_append(&f->heap, l, l->items, l->len));
  assert_true(list_append(&f->heap, l, l->items + 2, 3));
  ASSERT_ITEMS(l, 0, 1, 2, 3, 0, 1, 2, 3, 2, 3, 0);
}

static void slices_are_copies(void **state)
{
  struct fixture *f = *state;
  struct list *l = numbers(f, 5), *slice = list_slice(&f->heap, l, 1, 4), *none = list_slice(&f->heap, l, 2, 2);
  list_set(&f->heap, l, 1, value_int(100));
  ASSERT_ITEMS(slice, 1, 2, 3);
  assert_int_equal(none->len, 0);
}

static void truncating_gives_memory_back(void **state)
{
  struct fixture *f = *state;
  struct list *l = numbers(f, 100000);
  size_t before = f->alloc.used;
  list_truncate(&f->heap, l, 2);
  assert_true(f->alloc.used < before - 1000000);
  ASSERT_ITEMS(l, 0, 1);
  list_truncate(&f->heap, l, 50);
  ASSERT_ITEMS(l, 0, 1);
}

static void too_large_is_refused(void **state)
{
  struct fixture *f = *state;
  struct list *l = numbers(f, 2);
  assert_false(list_reserve(&f->heap, l, LIST_MAX + 1));
  assert_false(list_append(&f->heap, l, l->items, UINT32_MAX));
  assert_null(list_new(&f->heap, UINT32_MAX));
  ASSERT_ITEMS(l, 0, 1);
}

static void without_memory_it_stays_as_it_was(void **state)
{
  struct fixture *f = *state;
  struct list *l = numbers(f, 4);
  f->alloc.limit = f->alloc.used;
  while (l->len < l->cap) assert_true(list_push(&f->heap, l, value_int(l->len)));
  u32 len = l->len;
  assert_false(list_push(&f->heap, l, NIL));
  assert_false(list_insert(&f->heap, l, 0, NIL));
  assert_true(f->heap.exhausted);
  assert_int_equal(l->len, len);
  for (u32 i = 0; i < len; i++) assert_int_equal(as_int(l->items[i]), i);
}

int main(void)
{
#define LIST_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
  const struct CMUnitTest tests[] = {
    LIST_TEST(pushes_and_grows),
    LIST_TEST(inserts_anywhere),
    LIST_TEST(removes_anywhere),
    LIST_TEST(appends_itself),
    LIST_TEST(slices_are_copies),
    LIST_TEST(truncating_gives_memory_back),
    LIST_TEST(too_large_is_refused),
    LIST_TEST(without_memory_it_stays_as_it_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
