#include "value_fixture.h"

static struct class *new_class(struct fixture *f, const char *text, struct class *super)
{
  struct class *class = class_new(&f->heap, &f->shapes, name(f, text), super);
  assert_non_null(class);
  root(f, class);
  return class;
}

static struct instance *new_instance(struct fixture *f, struct class *class)
{
  struct instance *i = instance_new(&f->heap, class);
  root(f, i);
  return i;
}

static void set(struct fixture *f, struct instance *i, const char *field, i64 value)
{
  assert_true(instance_set(&f->heap, &f->shapes, i, name(f, field), value_int(value)));
}

static void assert_field(struct fixture *f, struct instance *i, const char *field, i64 value)
{
  Value found = instance_get(&f->shapes, i, name(f, field));
  assert_true(is_int(found));
  assert_int_equal(as_int(found), value);
}

static void fields_begin_unset(void **state)
{
  struct fixture *f = *state;
  struct class *point = new_class(f, "Point", NULL);
  point->slots = 3;
  struct instance *i = new_instance(f, point);
  for (u32 slot = 0; slot < 3; slot++) assert_true(is_unset(*instance_slot(i, slot)));
  assert_true(is_unset(instance_get(&f->shapes, i, name(f, "x"))));
}

static void the_same_fields_give_the_same_shape(void **state)
{
  struct fixture *f = *state;
  struct class *point = new_class(f, "Point", NULL);
  point->slots = 1;
  struct instance *a = new_instance(f, point), *b = new_instance(f, point), *c = new_instance(f, point);
  set(f, a, "x", 1);
  set(f, a, "y", 2);
  set(f, b, "x", 3);
  set(f, b, "y", 4);
  set(f, c, "y", 5);
  set(f, c, "x", 6);
  assert_int_equal(a->object.shape, b->object.shape);
  assert_int_not_equal(a->object.shape, c->object.shape);
  assert_field(f, a, "x", 1);
  assert_field(f, b, "y", 4);
  assert_field(f, c, "x", 6);
  set(f, a, "x", 7);
  assert_int_equal(a->object.shape, b->object.shape);
  assert_field(f, a, "x", 7);
  assert_field(f, b, "x", 3);
}

static void shapes_that_branch_keep_their_own_names(void **state)
{
  struct fixture *f = *state;
  struct class *point = new_class(f, "Point", NULL);
  struct instance *a = new_instance(f, point), *b = new_instance(f, point), *stem = new_instance(f, point);
  set(f, stem, "x", 1);
  set(f, a, "x", 1);
  set(f, a, "left", 2);
  set(f, b, "x", 1);
  set(f, b, "right", 3);
  assert_true(is_unset(instance_get(&f->shapes, stem, name(f, "left"))));
  assert_true(is_unset(instance_get(&f->shapes, a, name(f, "right"))));
  assert_true(is_unset(instance_get(&f->shapes, b, name(f, "left"))));
  assert_field(f, b, "right", 3);
  const struct shape *shape = shape_of(&f->shapes, b->object.shape);
  assert_int_equal(shape->count, 2);
  assert_ptr_equal(shape_name(shape, 1), name(f, "right"));
  assert_int_equal(shape_find(shape, name(f, "right")), 1);
}

static void many_fields_take_little_memory(void **state)
{
  struct fixture *f = *state;
  struct class *bag = new_class(f, "Bag", NULL);
  bag->slots = 100;
  struct instance *i = new_instance(f, bag);
  char field[16];
  size_t before = f->alloc.used;
  for (u32 k = 0; k < 5000; k++) {
    snprintf(field, sizeof field, "field%u", k);
    set(f, i, field, k);
    if (k % 500 == 0) heap_collect(&f->heap);
  }
  assert_true(f->alloc.used - before < 5000 * 700);
  for (u32 k = 0; k < 5000; k++) {
    snprintf(field, sizeof field, "field%u", k);
    assert_field(f, i, field, k);
  }
  assert_int_equal(i->slots, INSTANCE_INLINE_MAX);
}

static void methods_are_found_upwards(void **state)
{
  struct fixture *f = *state;
  struct class *animal = new_class(f, "Animal", NULL), *dog = new_class(f, "Dog", animal),
               *stone = new_class(f, "Stone", NULL);
  assert_true(table_set(&f->heap, &animal->methods, name(f, "speak"), value_int(1)));
  assert_true(table_set(&f->heap, &animal->methods, name(f, "run"), value_int(2)));
  assert_true(table_set(&f->heap, &dog->methods, name(f, "speak"), value_int(3)));
  assert_int_equal(as_int(class_find_method(dog, name(f, "speak"))), 3);
  assert_int_equal(as_int(class_find_method(dog, name(f, "run"))), 2);
  assert_int_equal(as_int(class_find_method(animal, name(f, "speak"))), 1);
  assert_true(is_unset(class_find_method(stone, name(f, "speak"))));
  assert_true(class_is_below(dog, animal));
  assert_true(class_is_below(dog, dog));
  assert_false(class_is_below(animal, dog));
  assert_false(class_is_below(stone, animal));
}

static void shapes_go_with_their_class(void **state)
{
  struct fixture *f = *state;
  struct class *kept = new_class(f, "Kept", NULL);
  struct instance *i = new_instance(f, kept);
  set(f, i, "x", 1);
  size_t before = 0;
  for (u32 round = 0; round < 50; round++) {
    for (u32 k = 0; k < 20; k++) {
      struct class *class = class_new(&f->heap, &f->shapes, name(f, "Gone"), NULL);
      struct instance *gone = instance_new(&f->heap, class);
      set(f, gone, "a", 1);
      set(f, gone, "b", 2);
    }
    heap_collect(&f->heap);
    if (round == 10) before = f->alloc.used;
  }
  assert_true(f->alloc.used < before + 40 * 20 * 3 * 2 * sizeof(struct shape *));
  assert_field(f, i, "x", 1);
  set(f, i, "y", 2);
  assert_field(f, i, "y", 2);
}

static void a_subclass_begins_like_its_super(void **state)
{
  struct fixture *f = *state;
  struct class *base = new_class(f, "Base", NULL);
  base->slots = 4;
  base->is_error = true;
  struct class *sub = new_class(f, "Sub", base);
  assert_int_equal(sub->slots, 4);
  assert_true(sub->is_error);
  assert_int_not_equal(sub->shape, base->shape);
}

static void tables_find_what_they_hold(void **state)
{
  struct fixture *f = *state;
  struct table t = { 0 };
  char key[16];
  struct list *names = list_new(&f->heap, 0);
  root(f, names);
  for (u32 i = 0; i < 1000; i++) {
    snprintf(key, sizeof key, "name%u", i);
    list_push(&f->heap, names, value_object(name(f, key)));
    assert_true(table_set(&f->heap, &t, name(f, key), value_int(i)));
    assert_true(table_set(&f->heap, &t, name(f, key), value_int(i + 1)));
    assert_int_equal(t.count, i + 1);
  }
  for (u32 i = 0; i < 1000; i++) {
    assert_int_equal(as_int(table_get(&t, AS_STRING(names->items[i]))), i + 1);
    assert_ptr_equal(t.entries[i].key, AS_STRING(names->items[i]));
  }
  assert_true(is_unset(table_get(&t, name(f, "none"))));
  table_fini(&f->heap, &t);
}

static void modules_keep_cells_in_place(void **state)
{
  struct fixture *f = *state;
  struct module *m = module_new(&f->heap, name(f, "main"), NULL);
  root(f, m);
  struct cell *x = module_cell(&f->heap, m, name(f, "x"));
  assert_true(is_unset(x->value));
  assert_null(module_find(m, name(f, "y")));
  for (u32 i = 0; i < 100; i++) {
    char key[16];
    snprintf(key, sizeof key, "v%u", i);
    assert_true(module_define(&f->heap, m, name(f, key), value_int(i)));
    if (i % 10 == 0) heap_collect(&f->heap);
  }
  assert_true(module_define(&f->heap, m, name(f, "x"), value_int(5)));
  assert_ptr_equal(module_find(m, name(f, "x")), x);
  assert_int_equal(as_int(x->value), 5);
  assert_int_equal(as_int(module_find(m, name(f, "v42"))->value), 42);
}

int main(void)
{
#define CLASS_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
  const struct CMUnitTest tests[] = {
    CLASS_TEST(fields_begin_unset),
    CLASS_TEST(the_same_fields_give_the_same_shape),
    CLASS_TEST(shapes_that_branch_keep_their_own_names),
    CLASS_TEST(many_fields_take_little_memory),
    CLASS_TEST(methods_are_found_upwards),
    CLASS_TEST(shapes_go_with_their_class),
    CLASS_TEST(a_subclass_begins_like_its_super),
    CLASS_TEST(tables_find_what_they_hold),
    CLASS_TEST(modules_keep_cells_in_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
