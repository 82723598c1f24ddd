#include "value_fixture.h"

#include <math.h>

static Value list_of(struct fixture *f, const Value *items, u32 count)
{
  struct list *l = list_new(&f->heap, count);
  assert_true(list_append(&f->heap, l, items, count));
  return value_object(l);
}
#define LIST(f, ...) list_of(f, (const Value[]){ __VA_ARGS__ }, COUNT_OF(((const Value[]){ __VA_ARGS__ })))

static enum equal_status run(struct fixture *f, struct equal_state *s)
{
  enum equal_status status;
  do {
    f->poll = 0;
    status = equal_step(&f->heap, s);
  } while (status == EQUAL_AGAIN);
  return status;
}

static enum equal_status compare(struct fixture *f, Value a, Value b)
{
  bool equal;
  if (value_equal_simple(&f->heap, a, b, &equal)) return equal ? EQUAL_YES : EQUAL_NO;
  return run(f, equal_new(&f->heap, a, b, name(f, "equals")));
}

static void assert_equal(struct fixture *f, Value a, Value b)
{
  assert_int_equal(compare(f, a, b), EQUAL_YES);
  assert_int_equal(compare(f, b, a), EQUAL_YES);
}

static void assert_different(struct fixture *f, Value a, Value b)
{
  assert_int_equal(compare(f, a, b), EQUAL_NO);
  assert_int_equal(compare(f, b, a), EQUAL_NO);
}

static struct class *new_class(struct fixture *f, const char *text, i64 equals)
{
  struct class *class = class_new(&f->heap, &f->shapes, name(f, text), NULL);
  root(f, class);
  if (equals) assert_true(table_set(&f->heap, &class->methods, name(f, "equals"), value_int(equals)));
  return class;
}

static void plain_values(void **state)
{
  struct fixture *f = *state;
  assert_equal(f, NIL, NIL);
  assert_different(f, NIL, FALSE);
  assert_different(f, value_int(0), FALSE);
  assert_different(f, value_int(1), TRUE);
  assert_equal(f, value_int(1), value_float(1));
  assert_equal(f, value_float(0.0), value_float(-0.0));
  assert_different(f, value_int(1), value_float(1.5));
  assert_different(f, value_float(NAN), value_float(NAN));
  assert_different(f, value_int(INT64_C(9007199254740993)), value_float(9007199254740992.0));
  Value big = number_parse_int(&f->heap, "1267650600228229401496703205376", 31, 10);
  assert_equal(f, big, value_float(0x1p100));
  assert_equal(f, big, number_parse_int(&f->heap, "1267650600228229401496703205376", 31, 10));
  assert_different(f, big, value_int(7));
}

static void text_and_ranges_by_content(void **state)
{
  struct fixture *f = *state;
  assert_equal(f, text(f, "abc"), value_object(name(f, "abc")));
  assert_different(f, text(f, "abc"), text(f, "abd"));
  assert_different(f, text(f, "abc"), value_object(bytes_new(&f->heap, "abc", 3)));
  assert_equal(f, value_object(bytes_new(&f->heap, "abc", 3)), value_object(bytes_new(&f->heap, "abc", 3)));
  assert_different(f, value_object(bytes_new(&f->heap, "abc", 3)), value_object(bytes_new(&f->heap, "abd", 3)));
  Value range = value_object(range_new(&f->heap, 0, 10, 1, false));
  assert_equal(f, range, value_object(range_new(&f->heap, 0, 9, 1, true)));
  assert_different(f, range, value_object(range_new(&f->heap, 0, 10, 1, true)));
  assert_equal(f, value_object(range_new(&f->heap, 5, 5, 1, false)), value_object(range_new(&f->heap, 9, 1, 1, false)));
  assert_different(f, value_object(range_new(&f->heap, 0, 9, 2, false)),
                   value_object(range_new(&f->heap, 0, 9, 4, false)));
}

static void lists_by_content(void **state)
{
  struct fixture *f = *state;
  assert_equal(f, value_object(list_new(&f->heap, 0)), value_object(list_new(&f->heap, 9)));
  assert_equal(f, LIST(f, value_int(1), LIST(f, text(f, "a"), NIL)),
               LIST(f, value_float(1), LIST(f, text(f, "a"), NIL)));
  assert_different(f, LIST(f, value_int(1), LIST(f, text(f, "a"), NIL)),
                   LIST(f, value_int(1), LIST(f, text(f, "b"), NIL)));
  assert_different(f, LIST(f, value_int(1)), LIST(f, value_int(1), value_int(1)));
  assert_different(f, LIST(f, value_int(1)), value_object(map_new(&f->heap, 0)));
  assert_different(f, LIST(f, LIST(f, NIL), value_int(1)), LIST(f, LIST(f, NIL), value_int(2)));
}

static void maps_and_sets_by_content(void **state)
{
  struct fixture *f = *state;
  struct map *a = map_new(&f->heap, 0), *b = map_new(&f->heap, 0), *s = set_new(&f->heap, 0), *t = set_new(&f->heap, 0);
  for (u32 i = 0; i < 50; i++) {
    map_set(&f->heap, a, value_int(i), LIST(f, value_int(i)));
    map_set(&f->heap, b, value_int(49 - i), LIST(f, value_int(49 - i)));
    map_set(&f->heap, s, value_int(i), NIL);
    map_set(&f->heap, t, value_float(49 - i), NIL);
  }
  assert_equal(f, value_object(a), value_object(b));
  assert_equal(f, value_object(s), value_object(t));
  assert_different(f, value_object(a), value_object(s));
  map_remove(&f->heap, b, value_int(3));
  assert_different(f, value_object(a), value_object(b));
  map_set(&f->heap, b, value_int(300), LIST(f, value_int(3)));
  assert_different(f, value_object(a), value_object(b));
  map_remove(&f->heap, b, value_int(300));
  map_set(&f->heap, b, value_int(3), LIST(f, value_int(4)));
  assert_different(f, value_object(a), value_object(b));
  map_remove(&f->heap, t, value_int(7));
  map_set(&f->heap, t, value_int(70), NIL);
  assert_different(f, value_object(s), value_object(t));
}

static Value cycle_of(struct fixture *f, u32 length, Value mark)
{
  Value first = LIST(f, mark), v = first;
  for (u32 i = 1; i < length; i++) v = LIST(f, mark, v);
  list_push(&f->heap, AS_LIST(first), v);
  return first;
}

static void cycles_end(void **state)
{
  struct fixture *f = *state;
  assert_equal(f, cycle_of(f, 1, NIL), cycle_of(f, 1, NIL));
  assert_equal(f, cycle_of(f, 2, NIL), cycle_of(f, 3, NIL));
  assert_equal(f, cycle_of(f, 9973, NIL), cycle_of(f, 9967, NIL));
  assert_different(f, cycle_of(f, 3, NIL), cycle_of(f, 3, TRUE));
  struct map *a = map_new(&f->heap, 0), *b = map_new(&f->heap, 0);
  map_set(&f->heap, a, text(f, "me"), value_object(a));
  map_set(&f->heap, b, text(f, "me"), value_object(b));
  assert_equal(f, value_object(a), value_object(b));
}

// Two to the power of 200 paths lead through each.
static void shared_parts_are_compared_once(void **state)
{
  struct fixture *f = *state;
  Value a = LIST(f, value_int(1)), b = LIST(f, value_int(1)), c = LIST(f, value_int(2));
  for (u32 i = 0; i < 200; i++) {
    a = LIST(f, a, a);
    b = LIST(f, b, b);
    c = LIST(f, c, c);
  }
  assert_equal(f, a, b);
  assert_different(f, a, c);
}

static void instances_by_identity(void **state)
{
  struct fixture *f = *state;
  struct class *class = new_class(f, "Point", 0);
  Value a = value_object(instance_new(&f->heap, class)), b = value_object(instance_new(&f->heap, class));
  assert_equal(f, a, a);
  assert_different(f, a, b);
  assert_equal(f, LIST(f, a), LIST(f, a));
  assert_different(f, LIST(f, a), LIST(f, b));
  assert_different(f, a, value_int(1));
  assert_different(f, value_object(class), a);
}

static void bound_methods_by_their_parts(void **state)
{
  struct fixture *f = *state;
  Value method = value_object(native_function_new(&f->heap, NULL, name(f, "m"))), a = LIST(f, NIL), b = LIST(f, NIL);
  assert_equal(f, value_object(bound_new(&f->heap, a, method)), value_object(bound_new(&f->heap, a, method)));
  assert_different(f, value_object(bound_new(&f->heap, a, method)), value_object(bound_new(&f->heap, b, method)));
}

static void methods_are_asked(void **state)
{
  struct fixture *f = *state;
  struct class *with = new_class(f, "With", 5), *without = new_class(f, "Without", 0);
  Value a = value_object(instance_new(&f->heap, with)), b = value_object(instance_new(&f->heap, with));
  Value c = value_object(instance_new(&f->heap, without));
  for (u32 answers = 0; answers < 4; answers++) {
    struct equal_state *s = equal_new(&f->heap, LIST(f, a, LIST(f, c), value_int(1)),
                                      LIST(f, b, LIST(f, b), value_int(1)), name(f, "equals"));
    root(f, s);
    assert_int_equal(equal_step(&f->heap, s), EQUAL_CALL);
    assert_true(is_same(s->left, a));
    assert_true(is_same(s->right, b));
    assert_int_equal(as_int(s->method), 5);
    heap_collect(&f->heap);
    equal_answer(s, answers & 1);
    if (!(answers & 1)) {
      assert_int_equal(equal_step(&f->heap, s), EQUAL_NO);
      continue;
    }
    assert_int_equal(equal_step(&f->heap, s), EQUAL_CALL);
    assert_true(is_same(s->left, b));
    assert_true(is_same(s->right, c));
    equal_answer(s, answers & 2);
    assert_int_equal(equal_step(&f->heap, s), answers & 2 ? EQUAL_YES : EQUAL_NO);
  }
}

static void methods_may_change_what_is_compared(void **state)
{
  struct fixture *f = *state;
  struct class *with = new_class(f, "With", 5);
  Value a = LIST(f, value_object(instance_new(&f->heap, with)), value_int(2)),
        b = LIST(f, value_object(instance_new(&f->heap, with)), value_int(2));
  struct equal_state *s = equal_new(&f->heap, a, b, name(f, "equals"));
  assert_int_equal(equal_step(&f->heap, s), EQUAL_CALL);
  list_truncate(&f->heap, AS_LIST(b), 0);
  equal_answer(s, true);
  assert_int_equal(equal_step(&f->heap, s), EQUAL_NO);
  s = equal_new(&f->heap, a, LIST(f, AS_LIST(a)->items[0], value_int(3)), name(f, "equals"));
  assert_int_equal(equal_step(&f->heap, s), EQUAL_NO);
}

static void without_memory_it_fails(void **state)
{
  struct fixture *f = *state;
  Value a = NIL, b = NIL;
  for (u32 i = 0; i < 3000; i++) {
    a = LIST(f, a);
    b = LIST(f, b);
  }
  u32 failed = 0;
  for (size_t more = 0; more < 400000; more += 5000) {
    struct equal_state *s = equal_new(&f->heap, a, b, NULL);
    f->alloc.limit = f->alloc.used + more;
    enum equal_status status = run(f, s);
    f->alloc.limit = SIZE_MAX;
    failed += status == EQUAL_FAILED;
    assert_int_equal(status, f->heap.exhausted ? EQUAL_FAILED : EQUAL_YES);
    f->heap.exhausted = false;
  }
  assert_true(failed > 2 && failed < 80);
}

static void compare_roots(struct fixture *f)
{
  struct equal_state *s = equal_new(&f->heap, f->roots.data[0], f->roots.data[1], NULL);
  f->finished = run(f, s);
}

static Value deep(struct fixture *f, Value v)
{
  for (u32 i = 0; i < 1000000; i++) v = LIST(f, v);
  return v;
}

static void a_depth_of_a_million_is_compared_on_a_small_stack(void **state)
{
  struct fixture *f = *state;
  root(f, as_object(deep(f, value_int(1))));
  root(f, as_object(deep(f, value_int(1))));
  run_on_small_stack(f, compare_roots);
  assert_int_equal(f->finished, EQUAL_YES);
  f->roots.data[1] = deep(f, value_int(2));
  run_on_small_stack(f, compare_roots);
  assert_int_equal(f->finished, EQUAL_NO);
}

int main(void)
{
#define EQUAL_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
  const struct CMUnitTest tests[] = {
    EQUAL_TEST(plain_values),
    EQUAL_TEST(text_and_ranges_by_content),
    EQUAL_TEST(lists_by_content),
    EQUAL_TEST(maps_and_sets_by_content),
    EQUAL_TEST(cycles_end),
    EQUAL_TEST(shared_parts_are_compared_once),
    EQUAL_TEST(instances_by_identity),
    EQUAL_TEST(bound_methods_by_their_parts),
    EQUAL_TEST(methods_are_asked),
    EQUAL_TEST(methods_may_change_what_is_compared),
    EQUAL_TEST(without_memory_it_fails),
    EQUAL_TEST(a_depth_of_a_million_is_compared_on_a_small_stack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
