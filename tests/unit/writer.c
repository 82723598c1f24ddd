#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct alloc alloc;
static int ends[2];

static int setup(void **state)
{
  signal(SIGPIPE, SIG_IGN);
  alloc_init(&alloc, SIZE_MAX);
  return pipe(ends);
}

static int teardown(void **state)
{
  close(ends[0]);
  close(ends[1]);
  alloc_fini(&alloc);
  return 0;
}

static size_t waiting_bytes(char *into, size_t room)
{
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  ssize_t n = read(ends[0], into, room);
  return n > 0 ? (size_t)n : 0;
}

static void holds_until_flushed(void **state)
{
  struct writer w;
  char got[16];
  writer_init(&w, &alloc, ends[1], false);
  assert_true(writer_put(&w, "one\ntwo", 7));
  assert_int_equal(waiting_bytes(got, sizeof got), 0);
  assert_true(writer_flush(&w));
  assert_int_equal(waiting_bytes(got, sizeof got), 7);
  assert_memory_equal(got, "one\ntwo", 7);
  writer_fini(&w);
}

static void a_terminal_gets_lines(void **state)
{
  struct writer w;
  char got[16];
  writer_init(&w, &alloc, ends[1], true);
  writer_put(&w, "on", 2);
  assert_int_equal(waiting_bytes(got, sizeof got), 0);
  writer_put(&w, "e\n", 2);
  assert_int_equal(waiting_bytes(got, sizeof got), 4);
  writer_fini(&w);
}

static void waits_for_a_slow_non_blocking_reader(void **state)
{
  enum { TOTAL = 1 << 20, CHUNK = 1000 };
  struct writer w;
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  pid_t child = fork();
  if (child == 0) {
    char block[4096];
    size_t sum = 0;
    ssize_t n;
    close(ends[1]);
    usleep(50000);
    while ((n = read(ends[0], block, sizeof block)) > 0) {
      for (ssize_t i = 0; i < n; i++) {
        if (block[i] != (char)('a' + (sum + (size_t)i) / CHUNK % 26)) _exit(2);
      }
      sum += (size_t)n;
    }
    _exit(sum == TOTAL / CHUNK * CHUNK ? 0 : 1);
  }
  writer_init(&w, &alloc, ends[1], false);
  for (int i = 0; i < TOTAL / CHUNK; i++) {
    char chunk[CHUNK];
    memset(chunk, 'a' + i % 26, sizeof chunk);
    assert_true(writer_put(&w, chunk, sizeof chunk));
  }
  assert_true(writer_flush(&w));
  writer_fini(&w);
  close(ends[1]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

static void a_full_disk_is_noticed_and_kept(void **state)
{
  struct writer w;
  int full = open("/dev/full", O_WRONLY);
  assert_true(full >= 0);
  writer_init(&w, &alloc, full, false);
  assert_true(writer_put(&w, "x", 1));
  assert_false(writer_flush(&w));
  assert_int_equal(w.error, ENOSPC);
  assert_false(writer_put(&w, "y", 1));
  assert_int_equal(w.error, ENOSPC);
  writer_fini(&w);
  close(full);
}

static void a_reader_that_left_is_noticed(void **state)
{
  struct writer w;
  close(ends[0]);
  writer_init(&w, &alloc, ends[1], true);
  assert_false(writer_put(&w, "x\n", 2));
  assert_int_equal(w.error, EPIPE);
  writer_fini(&w);
}

static void big_blocks_keep_their_place(void **state)
{
  enum { BIG = 70000 };
  static char big[BIG];
  char path[] = "/tmp/lull-writer-XXXXXX";
  int file = mkstemp(path);
  struct writer w;
  memset(big, 'b', sizeof big);
  writer_init(&w, &alloc, file, false);
  assert_true(writer_put(&w, "first", 5) && writer_put(&w, big, sizeof big) && writer_put(&w, "last", 4));
  assert_true(writer_flush(&w));
  char head[6] = { 0 }, tail[5] = { 0 };
  assert_int_equal(pread(file, head, 5, 0), 5);
  assert_string_equal(head, "first");
  assert_int_equal(pread(file, tail, 4, 5 + BIG), 4);
  assert_string_equal(tail, "last");
  writer_fini(&w);
  close(file);
  unlink(path);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(holds_until_flushed),
    TEST(a_terminal_gets_lines),
    TEST(waits_for_a_slow_non_blocking_reader),
    TEST(a_full_disk_is_noticed_and_kept),
    TEST(a_reader_that_left_is_noticed),
    TEST(big_blocks_keep_their_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
