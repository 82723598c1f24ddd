// A heap with all kinds of values and a stack of roots, for the tests of core/value.
#ifndef LULL_TESTS_VALUE_FIXTURE_H
#define LULL_TESTS_VALUE_FIXTURE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "value/bytes.h"
#include "value/class.h"
#include "value/equal.h"
#include "value/function.h"
#include "value/list.h"
#include "value/map.h"
#include "value/module.h"
#include "value/number.h"
#include "value/print.h"
#include "value/range.h"
#include "value/string.h"

struct fixture {
  struct alloc alloc;
  struct heap heap;
  struct intern names;
  struct shapes shapes;
  VEC(Value) roots;
  u32 poll;
  u32 finished;  // boxes given back
};

struct box {
  struct object object;
  struct fixture *fixture;
  u64 number;
  Value value;
};

static void fixture_mark_roots(struct heap *heap, void *user)
{
  struct fixture *f = user;
  for (u32 i = 0; i < f->roots.len; i++) heap_mark(heap, f->roots.data[i]);
  shapes_mark(heap, &f->shapes);
}

static void fixture_before_sweep(struct heap *heap, void *user)
{
  struct fixture *f = user;
  intern_sweep(heap, &f->names);
  shapes_sweep(heap, &f->shapes);
}

static void box_mark(struct heap *heap, struct object *o)
{
  heap_mark(heap, ((struct box *)o)->value);
}

static void box_finish(struct heap *heap, struct object *o)
{
  (void)heap;
  ((struct box *)o)->fixture->finished++;
}

static UNUSED int fixture_setup(void **state)
{
  struct fixture *f = calloc(1, sizeof *f);
  alloc_init(&f->alloc, SIZE_MAX);
  assert_true(heap_init(&f->heap, &f->alloc));
  heap_seed(&f->heap, UINT64_C(0x9E3779B97F4A7C15), UINT64_C(0xD6E8FEB86659FD93));
  f->heap.poll = &f->poll;
  f->heap.verify = true;
  f->heap.mark_roots = fixture_mark_roots;
  f->heap.before_sweep = fixture_before_sweep;
  f->heap.user = f;
  heap_register(&f->heap, KIND_BOX, (struct heap_kind){ .name = "box", .mark = box_mark, .finish = box_finish });
  string_register(&f->heap);
  number_register(&f->heap);
  list_register(&f->heap);
  map_register(&f->heap);
  function_register(&f->heap);
  module_register(&f->heap);
  class_register(&f->heap, &f->shapes);
  equal_register(&f->heap);
  print_register(&f->heap);
  *state = f;
  return 0;
}

static UNUSED int fixture_teardown(void **state)
{
  struct fixture *f = *state;
  f->alloc.limit = SIZE_MAX;
  heap_check(&f->heap);
  heap_fini(&f->heap);
  shapes_fini(&f->heap, &f->shapes);
  intern_fini(&f->heap, &f->names);
  vec_free(&f->alloc, &f->roots);
  assert_int_equal(f->alloc.used, 0);
  alloc_fini(&f->alloc);
  free(f);
  return 0;
}

static UNUSED void root(struct fixture *f, void *object)
{
  assert_true(vec_push(&f->alloc, &f->roots, value_object(object)));
}

static UNUSED struct box *box_new(struct fixture *f, u64 number, Value value)
{
  struct box *b = heap_new(&f->heap, KIND_BOX, sizeof *b);
  b->fixture = f;
  b->number = number;
  b->value = value;
  return b;
}

static UNUSED Value text(struct fixture *f, const char *bytes)
{
  return value_object(string_from(&f->heap, bytes));
}

static UNUSED struct string *name(struct fixture *f, const char *bytes)
{
  return string_intern(&f->heap, &f->names, bytes, strlen(bytes));
}

struct on_small_stack {
  void (*run)(struct fixture *f);
  struct fixture *fixture;
};

static UNUSED void *small_stack_main(void *user)
{
  struct on_small_stack *job = user;
  job->run(job->fixture);
  return NULL;
}

// Runs what must not recurse on a stack of 256 KiB. It must not fail an assertion there: it leaves its findings in
// the fixture or aborts.
static UNUSED void run_on_small_stack(struct fixture *f, void (*run)(struct fixture *f))
{
  pthread_attr_t attributes;
  pthread_t thread;
  struct on_small_stack job = { run, f };
  assert_int_equal(pthread_attr_init(&attributes), 0);
  assert_int_equal(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
  assert_int_equal(pthread_create(&thread, &attributes, small_stack_main, &job), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  pthread_attr_destroy(&attributes);
}

#endif
