#include "value_fixture.h"

static void assert_text(const struct printer *p, const char *expected)
{
  assert_string_equal(buf_text(&p->out), expected);
}

static enum print_status run(struct fixture *f, struct printer *p)
{
  enum print_status status;
  do {
    f->poll = 0;
    status = printer_step(&f->heap, p);
  } while (status == PRINT_AGAIN);
  return status;
}

static void assert_prints(struct fixture *f, Value v, const char *expected)
{
  struct printer *p = printer_new(&f->heap, v, name(f, "to_string"), false, SIZE_MAX);
  assert_int_equal(run(f, p), PRINT_DONE);
  assert_text(p, expected);
}

static Value list_of(struct fixture *f, const Value *items, u32 count)
{
  struct list *l = list_new(&f->heap, count);
  assert_true(list_append(&f->heap, l, items, count));
  return value_object(l);
}
#define LIST(f, ...) list_of(f, (const Value[]){ __VA_ARGS__ }, COUNT_OF(((const Value[]){ __VA_ARGS__ })))

static struct class *new_class(struct fixture *f, const char *text, bool has_to_string)
{
  struct class *class = class_new(&f->heap, &f->shapes, name(f, text), NULL);
  root(f, class);
  if (has_to_string) assert_true(table_set(&f->heap, &class->methods, name(f, "to_string"), value_int(77)));
  return class;
}

static void plain_values(void **state)
{
  struct fixture *f = *state;
  assert_prints(f, NIL, "nil");
  assert_prints(f, TRUE, "true");
  assert_prints(f, FALSE, "false");
  assert_prints(f, value_int(-42), "-42");
  assert_prints(f, value_float(1), "1.0");
  assert_prints(f, DONE, "done");
  assert_prints(f, number_parse_int(&f->heap, "123456789012345678901234567890", 30, 10),
                "123456789012345678901234567890");
  assert_prints(f, value_object(range_new(&f->heap, 0, 10, 1, false)), "0..10");
  assert_prints(f, value_object(range_new(&f->heap, -1, 10, 1, true)), "-1..=10");
  assert_prints(f, value_object(range_new(&f->heap, 0, 10, 2, false)), "(0..10).step(2)");
}

static void strings_are_quoted_inside(void **state)
{
  struct fixture *f = *state;
  Value s = text(f, "say \"hi\"\n");
  assert_prints(f, s, "say \"hi\"\n");
  assert_prints(f, LIST(f, s, value_int(1)), "[\"say \\\"hi\\\"\\n\", 1]");
  struct printer *p = printer_new(&f->heap, s, name(f, "to_string"), true, SIZE_MAX);
  assert_int_equal(run(f, p), PRINT_DONE);
  assert_text(p, "\"say \\\"hi\\\"\\n\"");
}

static void collections(void **state)
{
  struct fixture *f = *state;
  assert_prints(f, value_object(list_new(&f->heap, 0)), "[]");
  assert_prints(f, LIST(f, LIST(f, value_int(1)), LIST(f, NIL, LIST(f, TRUE))), "[[1], [nil, [true]]]");
  struct map *m = map_new(&f->heap, 0), *s = set_new(&f->heap, 0);
  assert_prints(f, value_object(m), "{}");
  assert_prints(f, value_object(s), "set([])");
  map_set(&f->heap, m, text(f, "name"), value_int(1));
  map_set(&f->heap, m, text(f, "any key"), text(f, "x"));
  map_set(&f->heap, m, text(f, ""), NIL);
  map_set(&f->heap, m, text(f, "if"), NIL);
  map_set(&f->heap, m, text(f, "2nd"), NIL);
  map_set(&f->heap, m, value_int(5), LIST(f, value_int(6)));
  map_set(&f->heap, m, TRUE, FALSE);
  map_remove(&f->heap, m, text(f, ""));
  assert_prints(f, value_object(m), "{name: 1, \"any key\": \"x\", if: nil, \"2nd\": nil, [5]: [6], [true]: false}");
  map_set(&f->heap, s, value_int(1), NIL);
  map_set(&f->heap, s, text(f, "b"), NIL);
  assert_prints(f, LIST(f, value_object(s)), "[set([1, \"b\"])]");
}

static void cycles(void **state)
{
  struct fixture *f = *state;
  Value l = LIST(f, value_int(1)), shared = LIST(f, value_int(2));
  struct map *m = map_new(&f->heap, 0);
  list_push(&f->heap, AS_LIST(l), l);
  map_set(&f->heap, m, text(f, "self"), value_object(m));
  map_set(&f->heap, m, text(f, "list"), l);
  list_push(&f->heap, AS_LIST(l), value_object(m));
  assert_prints(f, l, "[1, [...], {self: {...}, list: [...]}]");
  assert_prints(f, value_object(m), "{self: {...}, list: [1, [...], {...}]}");
  assert_prints(f, LIST(f, shared, shared), "[[2], [2]]");
}

static void a_deep_cycle_is_found(void **state)
{
  struct fixture *f = *state;
  Value outer = LIST(f, NIL), v = outer;
  for (u32 i = 0; i < 99; i++) {
    Value inner = LIST(f, NIL);
    list_set(&f->heap, AS_LIST(v), 0, inner);
    v = inner;
  }
  list_set(&f->heap, AS_LIST(v), 0, outer);
  struct printer *p = printer_new(&f->heap, LIST(f, outer, outer), NULL, false, SIZE_MAX);
  assert_int_equal(run(f, p), PRINT_DONE);
  assert_int_equal(p->out.len, 2 * (100 + 5 + 100) + 4);
  assert_non_null(strstr(buf_text(&p->out), "[[...]]"));
}

static void what_has_a_name(void **state)
{
  struct fixture *f = *state;
  struct proto_head proto = { .object = { .mark = MARK_BLACK }, .name = name(f, "add") }, lambda = proto;
  lambda.name = name(f, "");
  struct class *maker = new_class(f, "NoiseMaker", false);
  Value add = value_object(closure_new(&f->heap, (struct proto *)(void *)&proto, NULL, 0));
  Value receiver = value_object(instance_new(&f->heap, maker));
  assert_prints(f, add, "<fn add>");
  assert_prints(f, value_object(closure_new(&f->heap, (struct proto *)(void *)&lambda, NULL, 0)), "<fn>");
  assert_prints(f, value_object(native_function_new(&f->heap, NULL, name(f, "print"))), "<fn print>");
  assert_prints(f, value_object(bound_new(&f->heap, receiver, add)), "<fn NoiseMaker.add>");
  assert_prints(f, value_object(maker), "<class NoiseMaker>");
  assert_prints(f, LIST(f, receiver), "[<NoiseMaker>]");
  assert_prints(f, value_object(module_new(&f->heap, name(f, "main"), NULL)), "<module main>");
}

static void errors_show_their_message(void **state)
{
  struct fixture *f = *state;
  struct class *error = new_class(f, "Error", false), *type = NULL;
  error->is_error = true;
  error->slots = 3;
  type = class_new(&f->heap, &f->shapes, name(f, "TypeError"), error);
  struct instance *e = instance_new(&f->heap, type);
  assert_prints(f, value_object(e), "TypeError");
  e->fields[ERROR_SLOT_MESSAGE] = text(f, "not a number");
  assert_prints(f, value_object(e), "TypeError: not a number");
}

static void box_print(struct heap *heap, struct object *o, struct buf *out)
{
  (void)heap;
  buf_printf(out, "<box #%u>", (unsigned)((struct box *)o)->number);
}

static void kinds_may_print_themselves(void **state)
{
  struct fixture *f = *state;
  assert_prints(f, LIST(f, value_object(box_new(f, 7, NIL))), "[<box>]");
  f->heap.kinds[KIND_BOX].print = box_print;
  assert_prints(f, LIST(f, value_object(box_new(f, 7, NIL))), "[<box #7>]");
}

static void instances_are_asked_for_their_text(void **state)
{
  struct fixture *f = *state;
  struct class *class = new_class(f, "Point", true);
  Value a = value_object(instance_new(&f->heap, class)), b = value_object(instance_new(&f->heap, class));
  struct map *m = map_new(&f->heap, 0);
  map_set(&f->heap, m, a, LIST(f, text(f, "s"), b));
  struct printer *p = printer_new(&f->heap, value_object(m), name(f, "to_string"), false, SIZE_MAX);
  root(f, p);
  assert_int_equal(run(f, p), PRINT_CALL);
  assert_true(is_same(p->subject, a));
  assert_int_equal(as_int(p->method), 77);
  heap_collect(&f->heap);
  printer_answer(&f->heap, p, string_from(&f->heap, "(1, 2)"));
  assert_int_equal(run(f, p), PRINT_CALL);
  assert_true(is_same(p->subject, b));
  heap_collect(&f->heap);
  printer_answer(&f->heap, p, string_from(&f->heap, "(3, 4)"));
  assert_int_equal(run(f, p), PRINT_DONE);
  assert_text(p, "{[(1, 2)]: [\"s\", (3, 4)]}");
}

static void the_collection_may_change_during_a_call(void **state)
{
  struct fixture *f = *state;
  struct class *class = new_class(f, "Point", true);
  Value l = LIST(f, value_object(instance_new(&f->heap, class)), value_int(2), value_int(3));
  struct printer *p = printer_new(&f->heap, l, name(f, "to_string"), false, SIZE_MAX);
  assert_int_equal(run(f, p), PRINT_CALL);
  list_truncate(&f->heap, AS_LIST(l), 0);
  printer_answer(&f->heap, p, string_from(&f->heap, "gone"));
  assert_int_equal(run(f, p), PRINT_DONE);
  assert_text(p, "[gone]");
}

static void a_budget_cuts_the_text(void **state)
{
  struct fixture *f = *state;
  Value l = LIST(f, value_int(1), value_int(2), value_int(3));
  struct printer *p = printer_new(&f->heap, l, NULL, false, 6);
  assert_int_equal(run(f, p), PRINT_DONE);
  assert_text(p, "[1, 2,\xE2\x80\xA6");
  assert_true(p->is_cut);
  p = printer_new(&f->heap, l, NULL, false, 9);
  assert_int_equal(run(f, p), PRINT_DONE);
  assert_text(p, "[1, 2, 3]");
  assert_false(p->is_cut);
  p = printer_new(&f->heap, text(f, "\xC3\xA4\xC3\xB6\xC3\xBC"), NULL, false, 3);
  assert_int_equal(run(f, p), PRINT_DONE);
  assert_text(p, "\xC3\xA4\xE2\x80\xA6");
}

static void a_budget_spares_the_rest(void **state)
{
  struct fixture *f = *state;
  struct string *large = string_repeat(&f->heap, string_from(&f->heap, "0123456789"), 10000000);
  struct list *l = list_new(&f->heap, 1000);
  root(f, l);
  for (u32 i = 0; i < 1000; i++) list_push(&f->heap, l, value_object(large));
  struct printer *p = printer_new(&f->heap, value_object(l), NULL, false, 1000);
  assert_int_equal(run(f, p), PRINT_DONE);
  assert_int_equal(p->out.len, 1003);
  assert_true(p->out.cap < 10000);
}

static void without_memory_it_fails(void **state)
{
  struct fixture *f = *state;
  Value v = NIL;
  for (u32 i = 0; i < 100; i++) v = LIST(f, v, text(f, "some text"));
  root(f, as_object(v));
  u32 failed = 0;
  for (size_t more = 0; more < 8192; more += 64) {
    struct printer *p = printer_new(&f->heap, v, NULL, false, SIZE_MAX);
    f->alloc.limit = f->alloc.used + more;
    enum print_status status = run(f, p);
    f->alloc.limit = SIZE_MAX;
    if (status == PRINT_FAILED) failed++;
    else assert_int_equal(status, PRINT_DONE);
    assert_int_equal(status == PRINT_FAILED, f->heap.exhausted);
    f->heap.exhausted = false;
  }
  assert_true(failed > 10);
}

static void long_printing_stops_for_the_poll(void **state)
{
  struct fixture *f = *state;
  struct list *l = list_new(&f->heap, 0);
  root(f, l);
  for (u32 i = 0; i < 20000; i++) list_push(&f->heap, l, value_int(1));
  struct printer *p = printer_new(&f->heap, value_object(l), NULL, false, SIZE_MAX);
  root(f, p);
  u32 stops = 0;
  f->poll = 1;
  for (;; stops++) {
    enum print_status status = printer_step(&f->heap, p);
    if (status == PRINT_DONE) break;
    assert_int_equal(status, PRINT_AGAIN);
    heap_collect(&f->heap);
    f->poll = 1;
  }
  assert_true(stops > 2);
  assert_int_equal(p->out.len, 3 * 20000);
}

static void print_root(struct fixture *f)
{
  struct printer *p = printer_new(&f->heap, f->roots.data[0], NULL, false, SIZE_MAX);
  f->finished = run(f, p) == PRINT_DONE ? (u32)p->out.len : 0;
}

static void a_depth_of_a_million_prints_on_a_small_stack(void **state)
{
  struct fixture *f = *state;
  Value v = value_object(list_new(&f->heap, 0));
  for (u32 i = 1; i < 1000000; i++) {
    if (i % 2) {
      v = LIST(f, v);
    } else {
      struct map *m = map_new(&f->heap, 1);
      map_set(&f->heap, m, value_object(name(f, "a")), v);
      v = value_object(m);
    }
  }
  root(f, as_object(v));
  run_on_small_stack(f, print_root);
  assert_int_equal(f->finished, 2 * 1000000 + 3 * 499999);
}

int main(void)
{
#define PRINT_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
  const struct CMUnitTest tests[] = {
    PRINT_TEST(plain_values),
    PRINT_TEST(strings_are_quoted_inside),
    PRINT_TEST(collections),
    PRINT_TEST(cycles),
    PRINT_TEST(a_deep_cycle_is_found),
    PRINT_TEST(what_has_a_name),
    PRINT_TEST(errors_show_their_message),
    PRINT_TEST(kinds_may_print_themselves),
    PRINT_TEST(instances_are_asked_for_their_text),
    PRINT_TEST(the_collection_may_change_during_a_call),
    PRINT_TEST(a_budget_cuts_the_text),
    PRINT_TEST(a_budget_spares_the_rest),
    PRINT_TEST(without_memory_it_fails),
    PRINT_TEST(long_printing_stops_for_the_poll),
    PRINT_TEST(a_depth_of_a_million_prints_on_a_small_stack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
