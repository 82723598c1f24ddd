// core/base: the allocator entry, buffers, arrays, UTF-8.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/sys.h"
#include "base/utf8.h"
#include "base/vec.h"

static struct alloc memory;

static int setup(void **state)
{
  alloc_init(&memory, SIZE_MAX);
  return 0;
}

static int teardown(void **state)
{
  bool is_clean = memory.used == 0;
  alloc_fini(&memory);
  return is_clean ? 0 : -1;
}

static void test_alloc_counts(void **state)
{
  void *a = mem_alloc(&memory, 100);
  char *b = mem_alloc_zero(&memory, 50);
  assert_int_equal(memory.used, 150);
  for (int i = 0; i < 50; i++) assert_int_equal(b[i], 0);
  a = mem_resize(&memory, a, 100, 1000);
  assert_int_equal(memory.used, 1050);
  a = mem_resize(&memory, a, 1000, 10);
  assert_int_equal(memory.used, 60);
  assert_int_equal(memory.peak >= 1050, 1);
  assert_null(mem_resize(&memory, a, 10, 0));
  mem_free(&memory, b, 50);
  mem_free(&memory, NULL, 0);
  assert_int_equal(memory.used, 0);
}

static void test_alloc_limit(void **state)
{
  memory.limit = 1000;
  char *a = mem_alloc(&memory, 600);
  memset(a, 'a', 600);
  assert_null(mem_alloc(&memory, 500));
  assert_null(mem_resize(&memory, a, 600, 1001));
  assert_int_equal(a[599], 'a');  // a failed call leaves the block
  assert_null(mem_alloc(&memory, SIZE_MAX));
  assert_int_equal(memory.used, 600);
  a = mem_resize(&memory, a, 600, 1000);
  assert_non_null(a);
  mem_free(&memory, a, 1000);
}

static void test_buf_appends(void **state)
{
  struct buf b;
  buf_init(&b, &memory);
  assert_string_equal(buf_text(&b), "");
  buf_puts(&b, "one");
  buf_putc(&b, ' ');
  buf_append(&b, "t\0o", 3);
  buf_repeat(&b, '-', 3);
  buf_putu(&b, 0x6f22);
  buf_printf(&b, "%d/%s", -7, "x");
  assert_int_equal(b.len, 17);
  assert_memory_equal(b.data, "one t\0o---\xe6\xbc\xa2-7/x", 18);
  buf_consume(&b, 4);
  buf_truncate(&b, 3);
  assert_memory_equal(b.data, "t\0o", 4);
  for (int i = 0; i < 10000; i++) buf_puts(&b, "grow");
  assert_int_equal(b.len, 40003);
  assert_int_equal(b.data[b.len], 0);
  assert_false(b.failed);
  buf_fini(&b);
}

static void test_buf_printf_is_long(void **state)
{
  struct buf b;
  buf_init(&b, &memory);
  buf_printf(&b, "%5000d|", 1);
  assert_int_equal(b.len, 5001);
  assert_int_equal(b.data[4999], '1');
  buf_fini(&b);
}

static void test_buf_failure_is_sticky(void **state)
{
  struct buf b;
  buf_init(&b, &memory);
  memory.limit = 4096;
  for (int i = 0; i < 1000; i++) buf_puts(&b, "0123456789");
  assert_true(b.failed);
  assert_true(b.len <= 4096);
  size_t len = b.len;
  buf_putc(&b, 'x');  // even what would fit: no gaps in what is there
  assert_int_equal(b.len, len);
  assert_null(buf_reserve(&b, 1));
  buf_clear(&b);
  buf_puts(&b, "again");
  assert_false(b.failed);
  assert_string_equal(buf_text(&b), "again");
  buf_fini(&b);
}

static void test_buf_take(void **state)
{
  struct buf b;
  size_t len, cap;
  buf_init(&b, &memory);
  buf_puts(&b, "mine");
  char *text = buf_take(&b, &len, &cap);
  assert_string_equal(text, "mine");
  assert_int_equal(len, 4);
  assert_int_equal(b.len, 0);
  mem_free(&memory, text, cap);
  buf_fini(&b);
}

static void test_vec(void **state)
{
  VEC(int) v = {0};
  for (int i = 0; i < 1000; i++) assert_true(vec_push(&memory, &v, i * i));
  assert_int_equal(v.len, 1000);
  assert_int_equal(v.data[31], 961);
  assert_int_equal(vec_last(&v), 999 * 999);
  assert_int_equal(vec_pop(&v), 999 * 999);
  assert_true(vec_reserve(&memory, &v, 5000));
  assert_true(v.cap >= 5999);
  memory.limit = memory.used;
  assert_false(vec_reserve(&memory, &v, UINT32_MAX));
  v.len = v.cap;
  assert_false(vec_push(&memory, &v, 1));
  assert_int_equal(v.data[31], 961);
  vec_free(&memory, &v);
}

static void test_utf8_round_trip(void **state)
{
  for (u32 c = 0; c <= 0x10ffff; c++) {
    char bytes[4];
    u32 back = 0;
    if (c >= 0xd800 && c <= 0xdfff) continue;
    size_t len = utf8_encode(c, bytes);
    assert_int_equal(utf8_decode(bytes, bytes + len, &back), (int)len);
    assert_int_equal(back, c);
    if (utf8_decode(bytes, bytes + len - 1, &back)) fail_msg("U+%X decodes though it is cut short", c);
  }
}

static void test_utf8_invalid(void **state)
{
  static const char *const invalid[] = {
    "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
    "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "\xc3(", "\xe6\xbc", "\xf0\x9f\x98", "\xe6(\xa2", "\xf0\x9f(\x80",
  };
  for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
    u32 c;
    char text[16] = "ok ";
    size_t len = strlen(invalid[i]);
    assert_int_equal(utf8_decode(invalid[i], invalid[i] + len, &c), 0);
    memcpy(text + 3, invalid[i], len + 1);
    assert_int_equal(utf8_valid_prefix(text, 3 + len), 3);
  }
}

static void test_utf8_counts(void **state)
{
  const char *text = "a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80z";  // 1 + 2 + 3 + 4 + 1 bytes
  size_t len = strlen(text);
  assert_int_equal(utf8_valid_prefix(text, len), 11);
  assert_int_equal(utf8_count(text, len), 5);
  static const size_t offsets[] = {0, 1, 3, 6, 10, 11};
  for (size_t i = 0; i <= 5; i++) assert_int_equal(utf8_offset(text, len, i), offsets[i]);
  assert_false(utf8_is_ascii(text, len));
  for (size_t n = 0; n < 40; n++) assert_true(utf8_is_ascii("0123456789012345678901234567890123456789", n));
  char plain[64];
  for (size_t at = 0; at < sizeof plain; at++) {
    memset(plain, 'x', sizeof plain);
    plain[at] = '\x80';
    assert_false(utf8_is_ascii(plain, sizeof plain));
  }
}

static void test_utf8_tail(void **state)
{
  assert_int_equal(utf8_tail("abc", 3), 0);
  assert_int_equal(utf8_tail("ab\xc3", 3), 1);
  assert_int_equal(utf8_tail("a\xe6\xbc", 3), 2);
  assert_int_equal(utf8_tail("\xf0\x9f\x98", 3), 3);
  assert_int_equal(utf8_tail("\xf0\x9f\x98\x80", 4), 0);
  assert_int_equal(utf8_tail("ab\xff", 3), 0);
  assert_int_equal(utf8_tail("", 0), 0);
}

static void test_sys_pipe_and_write(void **state)
{
  int fds[2];
  char bytes[8];
  assert_int_equal(sys_pipe(fds), 0);
  assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
  assert_true(fcntl(fds[1], F_GETFD) & FD_CLOEXEC);
  assert_true(sys_write_all(fds[1], "hello", 5));
  assert_int_equal(sys_read(fds[0], bytes, sizeof bytes), 5);
  assert_memory_equal(bytes, "hello", 5);
  sys_close(fds[0]);
  sys_close(fds[1]);
  int full = sys_open("/dev/full", O_WRONLY, 0);
  errno = 0;
  assert_false(sys_write_all(full, "x", 1));
  assert_int_equal(errno, ENOSPC);
  sys_close(full);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(test_alloc_counts), TEST(test_alloc_limit),
    TEST(test_buf_appends), TEST(test_buf_printf_is_long), TEST(test_buf_failure_is_sticky), TEST(test_buf_take),
    TEST(test_vec),
    TEST(test_utf8_round_trip), TEST(test_utf8_invalid), TEST(test_utf8_counts), TEST(test_utf8_tail),
    TEST(test_sys_pipe_and_write),
  };
  return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
