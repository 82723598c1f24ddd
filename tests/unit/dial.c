// loop/dial and loop/address: which of several addresses a connection reaches, and what is left behind.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/dial.h"
#include "loop/listen.h"
#include "loop/socket.h"

struct fixture {
  struct alloc alloc;
  struct ev_loop *loop;
  struct loop_dial dial;
  struct loop_listener listener;
  int fd, error, calls;
};

static void on_done(struct loop_dial *d, int fd, int error)
{
  struct fixture *f = CONTAINER_OF(d, struct fixture, dial);
  f->fd = fd;
  f->error = error;
  f->calls++;
  ev_break(f->loop, EVBREAK_ALL);
}

static void on_accepted(struct loop_listener *l, int fd, const struct address *peer)
{
  (void)l;
  (void)peer;
  close(fd);
}

static int setup(void **state)
{
  struct fixture *f = calloc(1, sizeof *f);
  alloc_init(&f->alloc, SIZE_MAX);
  f->loop = ev_loop_new(0);
  f->fd = -1;
  f->dial.done = on_done;
  f->listener.accepted = on_accepted;
  struct address any;
  address_parse(&any, "127.0.0.1", 0);
  assert_true(loop_listener_open(&f->listener, f->loop, &any, 0, 16, 0));
  *state = f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  if (f->fd >= 0) close(f->fd);
  loop_dial_fini(&f->dial);
  loop_listener_close(&f->listener);
  assert_int_equal(ev_pending_count(f->loop), 0);
  ev_loop_destroy(f->loop);
  assert_int_equal(f->alloc.used, 0);
  free(f);
  return 0;
}

// A port of 127.0.0.1 nobody listens on.
static struct address refusing(void)
{
  struct address a;
  address_parse(&a, "127.0.0.1", 0);
  int fd = socket_bound(&a, SOCK_STREAM, 0);
  assert_true(fd >= 0);
  close(fd);
  return a;
}

// A listener whose queue is full: it answers nobody.
static struct address silent(int fds[8])
{
  struct address a;
  address_parse(&a, "127.0.0.1", 0);
  fds[0] = socket_bound(&a, SOCK_STREAM, 0);
  assert_int_equal(listen(fds[0], 0), 0);
  for (int i = 1; i < 8; i++) {
    fds[i] = socket_open(AF_INET, SOCK_STREAM, 0);
    int result = connect(fds[i], (const struct sockaddr *)&a.any, a.len);
    assert_true(result == 0 || errno == EINPROGRESS);
  }
  return a;
}

static void run(struct fixture *f, const struct address *addresses, u32 count)
{
  assert_true(loop_dial_init(&f->dial, f->loop, &f->alloc, addresses, count, SOCKET_NODELAY));
  loop_dial_start(&f->dial);
  ev_ref(f->loop);  // watchers of the library keep no loop alive
  if (!f->calls) ev_run(f->loop, 0);
  ev_unref(f->loop);
  assert_int_equal(f->calls, 1);
}

static void the_first_that_answers(void **state)
{
  struct fixture *f = *state;
  struct address to[] = { refusing(), refusing(), f->listener.address };
  run(f, to, 3);
  assert_true(f->fd >= 0);
  assert_int_equal(address_port(&f->dial.reached), address_port(&f->listener.address));
}

static void all_refuse(void **state)
{
  struct fixture *f = *state;
  struct address to[] = { refusing(), refusing() };
  run(f, to, 2);
  assert_int_equal(f->fd, -1);
  assert_int_equal(f->error, ECONNREFUSED);
}

static void none_at_all(void **state)
{
  struct fixture *f = *state;
  run(f, NULL, 0);
  assert_int_equal(f->fd, -1);
  assert_true(f->error != 0);
}

static void the_next_beside_a_silent_one(void **state)
{
  struct fixture *f = *state;
  int fds[8];
  struct address to[] = { silent(fds), f->listener.address };
  double began = ev_time();
  run(f, to, 2);
  assert_true(f->fd >= 0);
  assert_int_equal(address_port(&f->dial.reached), address_port(&f->listener.address));
  assert_true(ev_time() - began > 0.2);
  for (int i = 0; i < 8; i++) close(fds[i]);
}

static void given_up(void **state)
{
  struct fixture *f = *state;
  int fds[8];
  struct address to[] = { silent(fds) };
  assert_true(loop_dial_init(&f->dial, f->loop, &f->alloc, to, 1, 0));
  loop_dial_start(&f->dial);
  ev_run(f->loop, EVRUN_NOWAIT);
  loop_dial_fini(&f->dial);
  loop_dial_fini(&f->dial);
  assert_int_equal(f->calls, 0);
  for (int i = 0; i < 8; i++) close(fds[i]);
}

static void addresses_as_text(void **state)
{
  struct fixture *f = *state;
  static const char *const texts[][2] = { { "127.0.0.1", "127.0.0.1:80" },
                                          { "::1", "[::1]:80" },
                                          { "::ffff:1.2.3.4", "[::ffff:1.2.3.4]:80" } };
  struct address a;
  struct buf out;
  buf_init(&out, &f->alloc);
  for (size_t i = 0; i < COUNT_OF(texts); i++) {
    buf_clear(&out);
    assert_true(address_parse(&a, texts[i][0], 80));
    address_print(&a, &out);
    assert_string_equal(buf_text(&out), texts[i][1]);
  }
  static const char *const wrong[] = { "", "localhost", "1.2.3", "1.2.3.4.5", "::g", "256.1.1.1" };
  for (size_t i = 0; i < COUNT_OF(wrong); i++) assert_false(address_parse(&a, wrong[i], 80));
  static const char *const paths[] = { "/run/x", "@abstract" };
  for (size_t i = 0; i < COUNT_OF(paths); i++) {
    buf_clear(&out);
    assert_true(address_unix(&a, paths[i]));
    address_print(&a, &out);
    assert_string_equal(buf_text(&out) + 5, paths[i]);
    assert_int_equal(address_port(&a), 0);
  }
  char longest[200];
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = 0;
  assert_false(address_unix(&a, longest));
  buf_fini(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(the_first_that_answers),       TEST(all_refuse), TEST(none_at_all),
    TEST(the_next_beside_a_silent_one), TEST(given_up),   TEST(addresses_as_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
