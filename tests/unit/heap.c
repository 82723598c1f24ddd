#include "value_fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

#define ALIVE UINT64_C(0xA11CE)

// Lets the heap step until it reaches [phase].
static void step_to(struct fixture *f, enum heap_phase phase)
{
  for (u32 i = 0; f->heap.phase != phase; i++) {
    assert_true(i < 1000000);
    box_new(f, 0, NIL);
    heap_safepoint(&f->heap);
  }
}

static void unreachable_objects_are_finished_once(void **state)
{
  struct fixture *f = *state;
  for (u32 i = 0; i < 10000; i++) box_new(f, i, NIL);
  root(f, box_new(f, ALIVE, NIL));
  heap_collect(&f->heap);
  assert_int_equal(f->finished, 10000);
  heap_collect(&f->heap);
  assert_int_equal(f->finished, 10000);
  assert_int_equal(((struct box *)as_object(f->roots.data[0]))->number, ALIVE);
}

static void what_roots_reach_survives(void **state)
{
  struct fixture *f = *state;
  struct box *last = NULL;
  for (u32 i = 0; i < 1000; i++) last = box_new(f, i, last ? value_object(last) : NIL);
  root(f, last);
  for (u32 round = 0; round < 3; round++) {
    heap_collect(&f->heap);
    heap_check(&f->heap);
    for (u32 i = 0; i < 1000; i++) box_new(f, 0, NIL);
    u64 expected = 999;
    for (Value v = f->roots.data[0]; is_object(v); v = ((struct box *)as_object(v))->value)
      assert_int_equal(((struct box *)as_object(v))->number, expected--);
  }
  assert_int_equal(f->finished, 2000);
}

static void cycles_of_garbage_go(void **state)
{
  struct fixture *f = *state;
  struct box *a = box_new(f, 1, NIL), *b = box_new(f, 2, value_object(a));
  a->value = value_object(b);
  heap_collect(&f->heap);
  assert_int_equal(f->finished, 2);
}

static void new_objects_are_clear(void **state)
{
  struct fixture *f = *state;
  static const char zeros[2048];
  for (u32 round = 0; round < 3; round++) {
    for (size_t size = 16; size <= 2000; size += 8) {
      struct object *o = heap_new(&f->heap, KIND_RANGE, size);
      assert_int_equal(o->kind, KIND_RANGE);
      assert_int_equal(o->shape, KIND_RANGE);
      assert_int_equal((uintptr_t)o % 16, 0);
      assert_memory_equal(o + 1, zeros, size - sizeof *o);
      memset(o + 1, 0xFF, size - sizeof *o);
    }
    heap_collect(&f->heap);
  }
}

static void large_objects_live_and_die(void **state)
{
  struct fixture *f = *state;
  struct bytes *kept = bytes_new(&f->heap, NULL, 100000);
  root(f, kept);
  memset(kept->data, 7, 100000);
  size_t before = f->alloc.used;
  for (u32 i = 0; i < 100; i++) bytes_new(&f->heap, NULL, 100000);
  assert_true(f->alloc.used > before + 9000000);
  heap_collect(&f->heap);
  assert_true(f->alloc.used <= before);
  assert_int_equal(kept->data[99999], 7);
  heap_check(&f->heap);
}

static void a_fixed_object_is_never_freed(void **state)
{
  struct fixture *f = *state;
  struct range *r = range_new(&f->heap, 1, 2, 1, false);
  r->object.mark |= MARK_FIXED;
  heap_collect(&f->heap);
  heap_collect(&f->heap);
  assert_int_equal(r->object.kind, KIND_RANGE);
  assert_int_equal(r->to, 2);
}

static void a_stopped_heap_does_not_collect(void **state)
{
  struct fixture *f = *state;
  f->heap.stopped = true;
  for (u32 i = 0; i < 100000; i++) {
    box_new(f, 0, NIL);
    heap_safepoint(&f->heap);
  }
  heap_collect(&f->heap);
  assert_int_equal(f->finished, 0);
}

static void garbage_needs_little_memory(void **state)
{
  struct fixture *f = *state;
  for (u32 i = 0; i < 1000000; i++) {
    box_new(f, i, NIL);
    if (f->poll) {
      f->poll = 0;
      heap_safepoint(&f->heap);
    }
  }
  assert_true(f->heap.collections > 10);
  assert_true(f->alloc.peak < 4u << 20);
}

static void memory_behind_objects_counts(void **state)
{
  struct fixture *f = *state;
  size_t before = f->heap.bytes;
  void *block = heap_resize(&f->heap, NULL, 0, 100000);
  assert_int_equal(f->heap.bytes, before + 100000);
  block = heap_resize(&f->heap, block, 100000, 10000000);
  assert_true(heap_is_due(&f->heap));
  assert_int_equal(f->poll, 1);
  assert_null(heap_resize(&f->heap, block, 10000000, 0));
  assert_int_equal(f->heap.bytes, before);
}

// Stress builds step in ways of their own.
#ifndef LULL_GC_STRESS
static void a_store_into_a_marked_object_is_seen(void **state)
{
  struct fixture *f = *state;
  struct box *old = box_new(f, 1, NIL);
  root(f, old);
  for (u32 i = 0; i < 20000; i++) root(f, box_new(f, i, NIL));
  for (u32 round = 0; round < 3; round++) {
    step_to(f, HEAP_IDLE);
    step_to(f, HEAP_MARKING);
    while (!(old->object.mark & MARK_BLACK) && f->heap.phase == HEAP_MARKING) {
      box_new(f, 0, NIL);
      heap_safepoint(&f->heap);
    }
    assert_int_equal(f->heap.phase, HEAP_MARKING);
    old->value = value_object(box_new(f, ALIVE, value_object(box_new(f, ALIVE + 1, NIL))));
    heap_barrier(&f->heap, old);
    step_to(f, HEAP_IDLE);
    struct box *first = (struct box *)as_object(old->value);
    assert_int_equal(first->number, ALIVE);
    assert_int_equal(((struct box *)as_object(first->value))->number, ALIVE + 1);
  }
}

static void a_list_changed_while_it_is_marked_in_parts(void **state)
{
  struct fixture *f = *state;
  struct list *l = list_new(&f->heap, 0);
  root(f, l);
  u64 next = 0, first = 0;
  for (; next < 200000; next++) assert_true(list_push(&f->heap, l, value_object(box_new(f, next, NIL))));
  u64 marked_in_parts = 0;
  for (u32 i = 0; i < 3000; i++) {
    list_remove(l, 0);
    first++;
    assert_true(list_push(&f->heap, l, value_object(box_new(f, next++, NIL))));
    for (u32 k = 0; k < 200; k++) box_new(f, 0, NIL);
    heap_safepoint(&f->heap);
    marked_in_parts += f->heap.parts.len;
  }
  assert_true(marked_in_parts > 0);
  step_to(f, HEAP_IDLE);
  for (u32 i = 0; i < l->len; i++) assert_int_equal(((struct box *)as_object(l->items[i]))->number, first + i);
}

static void one_step_does_little_with_a_million_live_objects(void **state)
{
  struct fixture *f = *state;
  struct list *l = list_new(&f->heap, 1000000);
  root(f, l);
  f->heap.verify = false;
  for (u32 i = 0; i < 1000000; i++) list_push(&f->heap, l, value_object(box_new(f, i, NIL)));
  u64 collections = f->heap.collections, most = 0;
  for (u32 i = 0; f->heap.collections < collections + 2; i++) {
    list_set(&f->heap, l, i * 7919 % 1000000, value_object(box_new(f, i, value_object(box_new(f, i, NIL)))));
    u64 work = f->heap.work;
    heap_safepoint(&f->heap);
    if (f->heap.work - work > most) most = f->heap.work - work;
  }
  assert_true(most < 150000);
}
#endif

static void refused_memory_is_met_by_the_reserve(void **state)
{
  struct fixture *f = *state;
  struct box *kept = box_new(f, 1, NIL);
  root(f, kept);
  heap_collect(&f->heap);
  f->alloc.limit = f->alloc.used;
  u32 made = 0;
  for (; !f->heap.exhausted; made++) kept->value = value_object(box_new(f, made, kept->value));
  for (u32 i = 0; i < 500; i++) {
    kept->value = value_object(box_new(f, i, kept->value));
    heap_new(&f->heap, KIND_RANGE, 64 + i % 10 * 32);
  }
  heap_new(&f->heap, KIND_RANGE, 4000);
  assert_null(heap_try_new(&f->heap, KIND_RANGE, 4000));
  assert_null(heap_resize(&f->heap, NULL, 0, 100));
  assert_true(f->poll);
  kept->value = NIL;
  f->alloc.limit = SIZE_MAX;
  heap_safepoint(&f->heap);
  assert_int_equal(f->finished, made + 500);
  f->heap.exhausted = false;
  f->alloc.limit = f->alloc.used;
  made = 0;
  while (heap_try_new(&f->heap, KIND_RANGE, 128)) made++;
  assert_true(f->heap.exhausted);
  for (u32 i = 0; i < 2000; i++) heap_new(&f->heap, KIND_RANGE, 128);
}

static void marking_works_without_memory_for_its_stack(void **state)
{
  struct fixture *f = *state;
  struct list *l = list_new(&f->heap, 0);
  root(f, l);
  for (u32 i = 0; i < 5000; i++) {
    struct box *chain = NULL;
    for (u32 k = 0; k < 4; k++) chain = box_new(f, k, chain ? value_object(chain) : NIL);
    struct list *inner = list_new(&f->heap, 1);
    list_push(&f->heap, inner, value_object(chain));
    list_push(&f->heap, l, value_object(inner));
  }
  f->alloc.limit = f->alloc.used;
  heap_collect(&f->heap);
  f->alloc.limit = SIZE_MAX;
  assert_int_equal(f->finished, 0);
  for (u32 i = 0; i < l->len; i++) {
    u64 expected = 3;
    for (Value v = AS_LIST(l->items[i])->items[0]; is_object(v); v = ((struct box *)as_object(v))->value)
      assert_int_equal(((struct box *)as_object(v))->number, expected--);
  }
}

static void collect_now(struct fixture *f)
{
  heap_collect(&f->heap);
}

static void a_chain_of_a_million_is_marked_on_a_small_stack(void **state)
{
  struct fixture *f = *state;
  f->heap.stopped = true;
  struct box *last = NULL;
  for (u32 i = 0; i < 1000000; i++) last = box_new(f, i, last ? value_object(last) : NIL);
  root(f, last);
  f->heap.stopped = false;
  run_on_small_stack(f, collect_now);
  assert_int_equal(f->finished, 0);
  f->roots.len = 0;
  run_on_small_stack(f, collect_now);
  assert_int_equal(f->finished, 1000000);
}

static void empty_blocks_go_back_to_the_system(void **state)
{
  struct fixture *f = *state;
  size_t before = f->alloc.used;
  f->heap.stopped = true;
  for (u32 i = 0; i < 1000000; i++) box_new(f, i, NIL);
  f->heap.stopped = false;
  size_t full = f->alloc.used;
  for (u32 i = 0; i < 3; i++) heap_collect(&f->heap);
  assert_true(f->alloc.used < before + (full - before) / 4);
}

#if defined(__SANITIZE_ADDRESS__)
static void freed_cells_are_poisoned(void **state)
{
  struct fixture *f = *state;
  struct box *dead = box_new(f, 1, NIL), *alive = box_new(f, 2, NIL);
  root(f, alive);
  assert_false(__asan_address_is_poisoned(&dead->number));
  heap_collect(&f->heap);
  assert_true(__asan_address_is_poisoned(&dead->number));
  assert_true(__asan_address_is_poisoned(dead));
  assert_false(__asan_address_is_poisoned(&alive->number));
}
#endif

static void die_quietly(int signal)
{
  (void)signal;
  _exit(7);
}

static void store_without_a_barrier(struct fixture *f)
{
  struct box *old = NULL;
  for (u32 i = 0; i < 2000; i++) {
    struct box *b = box_new(f, i, NIL);
    root(f, b);
    if (i == 1900) old = b;  // the last ones are scanned first
  }
  step_to(f, HEAP_MARKING);
  while (!(old->object.mark & MARK_BLACK)) {
    box_new(f, 0, NIL);
    heap_safepoint(&f->heap);
  }
  old->value = value_object(box_new(f, 2, NIL));
  heap_collect(&f->heap);
}

static void a_missing_barrier_is_found(void **state)
{
  struct fixture *f = *state;
  pid_t child = fork();
  if (child == 0) {
    signal(SIGABRT, die_quietly);
    close(2);
    store_without_a_barrier(f);
    _exit(0);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(WEXITSTATUS(status), 7);
}

static void a_memory_limit_is_kept_by_collecting(void **state)
{
  struct fixture *f = *state;
  struct list *l = list_new(&f->heap, 100000);
  root(f, l);
  f->alloc.limit = f->alloc.used + (12 << 20);
  for (u32 i = 0; i < 100000; i++) list_push(&f->heap, l, value_object(box_new(f, i, NIL)));
  for (u32 i = 0; i < 2000000; i++) {
    box_new(f, i, NIL);
    if (!f->poll) continue;
    f->poll = 0;
    heap_safepoint(&f->heap);
#ifdef LULL_GC_STRESS
    if (i > 50) break;
#endif
  }
  assert_false(f->heap.exhausted);
}

static void random_graphs_keep_what_is_reachable(void **state)
{
  struct fixture *f = *state;
  enum { NODES = 3000, LINKS = 4 };
  u64 random = 42;
  for (u32 i = 0; i < NODES; i++) root(f, list_new(&f->heap, LINKS));
  for (u32 i = 0; i < NODES; i++) {
    for (u32 k = 0; k < LINKS; k++)
      list_push(&f->heap, AS_LIST(f->roots.data[i]), value_object(box_new(f, i * LINKS + k, NIL)));
  }
  for (u32 i = 0; i < 300000; i++) {
    random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
    u32 from = (u32)(random >> 33) % NODES, k = (u32)(random >> 20) % LINKS;
    struct box *b = (struct box *)as_object(AS_LIST(f->roots.data[from])->items[k]);
    assert_int_equal(b->number, from * LINKS + k);
    list_set(&f->heap, AS_LIST(f->roots.data[from]), k, value_object(box_new(f, from * LINKS + k, NIL)));
    b->value = NIL;
#ifdef LULL_GC_STRESS
    if (i % 5000 == 0) heap_safepoint(&f->heap);
#else
    heap_safepoint(&f->heap);
#endif
  }
  heap_check(&f->heap);
}

int main(void)
{
#define HEAP_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
  const struct CMUnitTest tests[] = {
    HEAP_TEST(unreachable_objects_are_finished_once),
    HEAP_TEST(what_roots_reach_survives),
    HEAP_TEST(cycles_of_garbage_go),
    HEAP_TEST(new_objects_are_clear),
    HEAP_TEST(large_objects_live_and_die),
    HEAP_TEST(a_fixed_object_is_never_freed),
    HEAP_TEST(a_stopped_heap_does_not_collect),
    HEAP_TEST(garbage_needs_little_memory),
    HEAP_TEST(memory_behind_objects_counts),
#ifndef LULL_GC_STRESS
    HEAP_TEST(a_store_into_a_marked_object_is_seen),
    HEAP_TEST(a_list_changed_while_it_is_marked_in_parts),
    HEAP_TEST(one_step_does_little_with_a_million_live_objects),
#endif
    HEAP_TEST(refused_memory_is_met_by_the_reserve),
    HEAP_TEST(marking_works_without_memory_for_its_stack),
    HEAP_TEST(a_chain_of_a_million_is_marked_on_a_small_stack),
    HEAP_TEST(empty_blocks_go_back_to_the_system),
#if defined(__SANITIZE_ADDRESS__)
    HEAP_TEST(freed_cells_are_poisoned),
#endif
    HEAP_TEST(a_missing_barrier_is_found),
    HEAP_TEST(a_memory_limit_is_kept_by_collecting),
    HEAP_TEST(random_graphs_keep_what_is_reachable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
