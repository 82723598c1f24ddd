#include "session/cell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct alloc alloc;
static struct cells cells;

static int setup(void **state)
{
  alloc_init(&alloc, SIZE_MAX);
  return cells_init(&cells, &alloc, NULL) ? 0 : -1;
}

static int teardown(void **state)
{
  cells_fini(&cells);
  assert_int_equal(alloc.used, 0);
  return 0;
}

// A cell that has ended, of the session's text.
static struct cell *add(const char *text)
{
  struct cell *cell = cells_add(&cells, text, strlen(text), NULL);
  assert_non_null(cell);
  cell->state = CELL_DONE;
  cell->is_saved = true;
  return cell;
}

static void assert_text(const char *expected, u32 expected_count)
{
  struct buf text;
  buf_init(&text, &alloc);
  assert_int_equal(cells_put_text(&cells, &text), expected_count);
  assert_string_equal(buf_text(&text), expected);
  buf_fini(&text);
}

static void test_numbers_are_never_used_again(void **state)
{
  add("a");
  cells_drop_newest(&cells);  // it never ran
  assert_int_equal(add("b")->number, 1);
  assert_true(cells_forget(&cells, cells_get(&cells, 1)));
  assert_int_equal(add("c")->number, 2);
}

static void test_text_keeps_its_order_whatever_is_forgotten_first(void **state)
{
  for (const char *text = "abcdef"; *text; text++) add((char[]){ *text, 0 });
  cells_get(&cells, 5)->state = CELL_FAILED;
  cells_get(&cells, 6)->is_saved = false;
  static const u64 order[] = { 4, 2, 5, 3, 6 };
  for (size_t i = 0; i < COUNT_OF(order); i++) {
    assert_true(cells_forget(&cells, cells_get(&cells, order[i])));
    assert_null(cells_get(&cells, order[i]));
    assert_true(cells_has(&cells, order[i]));
    assert_text("a\nb\nc\nd\n", 4);
  }
  add("g\n");
  assert_text("a\nb\nc\nd\ng\n", 5);
  cells_unsave(&cells);
  assert_text("", 0);
}

static void test_a_forgotten_cell_is_made_again(void **state)
{
  for (const char *text = "abc"; *text; text++) add((char[]){ *text, 0 });
  assert_true(cells_forget(&cells, cells_get(&cells, 2)));
  assert_null(cells_recall(&cells, 4));
  assert_false(cells_has(&cells, 4));
  struct cell *again = cells_recall(&cells, 2);
  assert_non_null(again);
  assert_int_equal(again->number, 2);
  assert_int_equal(again->state, CELL_DONE);
  assert_ptr_equal(cells_at(&cells, 2), again);
  assert_ptr_equal(cells_recall(&cells, 2), again);
  assert_text("a\nb\nc\n", 3);
  assert_true(cells_forget(&cells, again));
  assert_text("a\nb\nc\n", 3);
}

static void test_without_memory_a_cell_stays(void **state)
{
  struct cell *cell = add("text");
  size_t limit = alloc.limit;
  alloc.limit = alloc.used;
  assert_false(cells_forget(&cells, cell));
  assert_ptr_equal(cells_get(&cells, 1), cell);
  alloc.limit = limit;
  assert_true(cells_forget(&cells, cell));
  alloc.limit = alloc.used;
  assert_null(cells_recall(&cells, 1));
  alloc.limit = limit;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(test_numbers_are_never_used_again),
    TEST(test_text_keeps_its_order_whatever_is_forgotten_first),
    TEST(test_a_forgotten_cell_is_made_again),
    TEST(test_without_memory_a_cell_stays),
  };
  return cmocka_run_group_tests_name("cell", tests, NULL, NULL);
}
