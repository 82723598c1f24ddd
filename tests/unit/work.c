// Calls in threads: order, lanes, dropping, and the end of a pool with works under way. Also built with the thread
// sanitizer.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/work.h"

#define MANY 2000

struct fixture {
  struct alloc alloc;
  struct ev_loop *loop;
  struct work_pool *pool;
  u32 done, dropped;
};

struct task {
  struct work work;  // first: a work is its task
  struct fixture *f;
  int wait_fd;       // run ends when there is a byte, or when it is dropped; -1: at once
  u32 *order;        // where run notes its turn: of a lane, so one at a time
  u32 turn;
  bool has_run, are_signals_blocked;
};

static void run(struct work *w)
{
  struct task *t = (struct task *)(void *)w;
  sigset_t set;
  pthread_sigmask(SIG_BLOCK, NULL, &set);
  t->are_signals_blocked = sigismember(&set, SIGINT) && sigismember(&set, SIGCHLD);
  char byte;
  while (t->wait_fd >= 0 && read(t->wait_fd, &byte, 1) != 1 && !work_is_dropped(w)) usleep(500);
  if (t->order) t->turn = (*t->order)++;
  t->has_run = true;
}

static void done(struct work *w)
{
  struct fixture *f = ((struct task *)(void *)w)->f;
  f->done++;
  f->dropped += work_is_dropped(w);
}

static int setup(void **state)
{
  static struct fixture f;
  f = (struct fixture){ 0 };
  alloc_init(&f.alloc, SIZE_MAX);
  f.loop = ev_loop_new(EVFLAG_AUTO);
  f.pool = work_create(&f.alloc, f.loop);
  *state = &f;
  return f.pool ? 0 : -1;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  work_destroy(f->pool);
  ev_loop_destroy(f->loop);
  alloc_fini(&f->alloc);
  return 0;
}

static struct task task(struct fixture *f, int wait_fd)
{
  return (struct task){ .work = { .run = run, .done = done }, .f = f, .wait_fd = wait_fd };
}

static void wait_for(struct fixture *f, u32 count)
{
  ev_ref(f->loop);
  while (f->done < count) ev_run(f->loop, EVRUN_ONCE);
  ev_unref(f->loop);
}

static void runs_and_is_done(void **state)
{
  struct fixture *f = *state;
  static struct task tasks[MANY];
  for (u32 i = 0; i < MANY; i++) {
    tasks[i] = task(f, -1);
    assert_true(work_start(f->pool, &tasks[i].work));
  }
  wait_for(f, MANY);
  for (u32 i = 0; i < MANY; i++) assert_true(tasks[i].has_run && tasks[i].are_signals_blocked);
  assert_int_equal(f->dropped, 0);
}

static void keeps_the_order_of_a_lane(void **state)
{
  struct fixture *f = *state;
  static struct task tasks[MANY];
  struct work_lane lanes[2] = { 0 };
  u32 order[2] = { 0 };
  for (u32 i = 0; i < MANY; i++) {
    tasks[i] = task(f, -1);
    tasks[i].work.lane = &lanes[i & 1];
    tasks[i].order = &order[i & 1];
    assert_true(work_start(f->pool, &tasks[i].work));
  }
  wait_for(f, MANY);
  for (u32 i = 0; i < MANY; i++) assert_int_equal(tasks[i].turn, i / 2);
  assert_false(lanes[0].is_busy || lanes[1].is_busy);
}

// Works that block do not keep others waiting while a thread is left; dropped ones never run.
static void drops_what_waits(void **state)
{
  struct fixture *f = *state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  struct task blocked[4], waiting[8];
  for (u32 i = 0; i < 4; i++) {
    blocked[i] = task(f, ends[0]);
    assert_true(work_start(f->pool, &blocked[i].work));
  }
  for (u32 i = 0; i < 8; i++) {
    waiting[i] = task(f, -1);
    assert_true(work_start(f->pool, &waiting[i].work));
  }
  for (u32 i = 0; i < 8; i++) work_drop(f->pool, &waiting[i].work);
  assert_int_equal(f->done, 8);
  assert_int_equal(f->dropped, 8);
  assert_int_equal(write(ends[1], "....", 4), 4);
  wait_for(f, 12);
  for (u32 i = 0; i < 4; i++) assert_true(blocked[i].has_run);
  for (u32 i = 0; i < 8; i++) assert_false(waiting[i].has_run);
  close(ends[0]);
  close(ends[1]);
}

static void drops_in_a_lane(void **state)
{
  struct fixture *f = *state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  struct work_lane lane = { 0 };
  struct task tasks[4];
  for (u32 i = 0; i < 4; i++) {
    tasks[i] = task(f, i == 0 ? ends[0] : -1);
    tasks[i].work.lane = &lane;
    assert_true(work_start(f->pool, &tasks[i].work));
  }
  work_drop(f->pool, &tasks[2].work);
  assert_int_equal(write(ends[1], ".", 1), 1);
  wait_for(f, 4);
  assert_true(tasks[0].has_run && tasks[1].has_run && !tasks[2].has_run && tasks[3].has_run);
  close(ends[0]);
  close(ends[1]);
}

// A lane that is kept holds up those behind until it is left; another lane does not care.
static void keeps_a_lane(void **state)
{
  struct fixture *f = *state;
  struct work_lane lane = { 0 }, inner = { 0 };
  struct task tasks[3];
  for (u32 i = 0; i < 3; i++) {
    tasks[i] = task(f, -1);
    tasks[i].work.lane = i == 2 ? &inner : &lane;
    tasks[i].work.keeps_lane = i == 0;
    assert_true(work_start(f->pool, &tasks[i].work));
  }
  wait_for(f, 2);
  assert_true(tasks[0].has_run && tasks[2].has_run && lane.is_busy);
  assert_int_equal(f->done, 2);
  work_leave_lane(f->pool, &lane);
  wait_for(f, 3);
  assert_true(tasks[1].has_run && !lane.is_busy);
}

static void slow_ones_leave_threads(void **state)
{
  struct fixture *f = *state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  struct task slow[6], quick = task(f, -1);
  for (u32 i = 0; i < 6; i++) {
    slow[i] = task(f, ends[0]);
    slow[i].work.is_slow = true;
    assert_true(work_start(f->pool, &slow[i].work));
    usleep(2000);
  }
  assert_true(work_start(f->pool, &quick.work));
  wait_for(f, 1);
  assert_true(quick.has_run);
  assert_int_equal(write(ends[1], "......", 6), 6);
  wait_for(f, 7);
  close(ends[0]);
  close(ends[1]);
}

// The pool goes while works run, wait for a thread and wait in a lane: each is done once.
static void ends_with_works(void **state)
{
  struct fixture *f = *state;
  int ends[2];
  assert_int_equal(pipe2(ends, 04000), 0);
  static struct task tasks[40];
  struct work_lane lane = { 0 };
  for (u32 i = 0; i < 40; i++) {
    tasks[i] = task(f, ends[0]);
    if (i & 1) tasks[i].work.lane = &lane;
    assert_true(work_start(f->pool, &tasks[i].work));
  }
  work_destroy(f->pool);
  f->pool = NULL;
  assert_int_equal(f->done, 40);
  assert_int_equal(f->dropped, 40);
  close(ends[0]);
  close(ends[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(runs_and_is_done, setup, teardown),
    cmocka_unit_test_setup_teardown(keeps_the_order_of_a_lane, setup, teardown),
    cmocka_unit_test_setup_teardown(drops_what_waits, setup, teardown),
    cmocka_unit_test_setup_teardown(drops_in_a_lane, setup, teardown),
    cmocka_unit_test_setup_teardown(keeps_a_lane, setup, teardown),
    cmocka_unit_test_setup_teardown(slow_ones_leave_threads, setup, teardown),
    cmocka_unit_test_setup_teardown(ends_with_works, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
