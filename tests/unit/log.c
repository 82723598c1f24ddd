#include "session/log.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct alloc alloc;
static struct log plain;
static char path[64];

static int setup(void **state)
{
  alloc_init(&alloc, SIZE_MAX);
  log_init(&plain, &alloc);
  strcpy(path, "/tmp/lull-log-XXXXXX");
  close(mkstemp(path));
  return log_open(&plain, path) ? 0 : -1;
}

static int teardown(void **state)
{
  log_fini(&plain);
  unlink(path);
  assert_int_equal(alloc.used, 0);
  return 0;
}

static void assert_logged(const char *expected)
{
  char text[256];
  int fd = open(path, O_RDONLY);
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  assert_true(n >= 0);
  text[n] = 0;
  assert_string_equal(text, expected);
}

static void put(const char *text) { assert_true(log_write(&plain, text, strlen(text))); }

static void test_no_escapes(void **state)
{
  put("a\033[1;31mred\033[0m\r\n");
  put("\033]0;title\ab\033P1q\033x\033\\c\033(d\033_e\033\\\033^f\ag\033Xh\ai\n");
  put("\033[1\001;2mj\n");
  assert_logged("ared\nbcdgi\nj\n");
}

static void test_escapes_in_pieces(void **state)
{
  static const char text[] = "a\033[31mb\033]0;t\033\\c\n";
  for (size_t i = 0; i < sizeof text - 1; i++) assert_true(log_write(&plain, text + i, 1));
  assert_logged("abc\n");
}

static void test_lines_are_ended(void **state)
{
  put("half");
  assert_true(log_end_line(&plain));
  assert_true(log_end_line(&plain));
  put("whole\n");
  put("\033[0m");
  assert_true(log_end_line(&plain));
  put("");
  assert_logged("half\nwhole\n");
}

static void test_a_log_that_cannot_be_written(void **state)
{
  assert_false(log_open(&plain, "/dev/null/log"));
  put("as before\n");
  assert_logged("as before\n");
  assert_true(log_open(&plain, "/dev/full"));
  assert_false(log_write(&plain, "x", 1));
  assert_int_equal(errno, ENOSPC);
  assert_int_equal(plain.fd, -1);
  put("nobody hears it");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(test_no_escapes), TEST(test_escapes_in_pieces), TEST(test_lines_are_ended), TEST(test_a_log_that_cannot_be_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
