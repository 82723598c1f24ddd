// Zone files and rules: what is not one is refused whole, what is one says what clocks show.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "lib/zone.h"

static struct alloc memory;

static int setup(void **state)
{
  (void)state;
  alloc_init(&memory, SIZE_MAX);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  alloc_fini(&memory);
  return 0;
}

// One block of a file: what differs from test to test.
struct block {
  char version;
  u32 times, clocks, chars;
  i64 at[3];
  u8 kind[3];
  i32 offset;
  u8 name_at;
  const char *footer;  // NULL: none
};

static void put_number(struct buf *b, u64 n, int width)
{
  for (int i = width - 1; i >= 0; i--) buf_putc(b, (char)(n >> 8 * i));
}

static void put_block(struct buf *file, const struct block *b, int width)
{
  buf_puts(file, "TZif");
  buf_putc(file, b->version);
  buf_repeat(file, 0, 15);
  for (int i = 0; i < 3; i++) put_number(file, 0, 4);
  put_number(file, b->times, 4);
  put_number(file, b->clocks, 4);
  put_number(file, b->chars, 4);
  for (u32 i = 0; i < b->times && i < 3; i++) put_number(file, (u64)b->at[i], width);
  for (u32 i = 0; i < b->times && i < 3; i++) buf_putc(file, (char)b->kind[i]);
  for (u32 i = 0; i < b->clocks && i < 300; i++) {
    put_number(file, (u64)b->offset, 4);
    buf_putc(file, 0);
    buf_putc(file, (char)b->name_at);
  }
  buf_append(file, "LMT\0VERYLONGNAME", b->chars < 17 ? b->chars : 17);
}

// Reads a file of one block, or of two where it has a version; its first [shorter] bytes less.
static bool read_file(struct zone *z, const struct block *b, size_t shorter)
{
  struct buf file;
  buf_init(&file, &memory);
  put_block(&file, b, 4);
  if (b->version) put_block(&file, b, 8);
  if (b->footer) buf_puts(&file, b->footer);
  *z = (struct zone){ .alloc = &memory };
  bool ok = zone_read_file(z, (const u8 *)file.data, (const u8 *)file.data + file.len - shorter);
  buf_fini(&file);
  return ok;
}

static void assert_read(const struct block *b, bool expected)
{
  struct zone z;
  assert_int_equal(read_file(&z, b, 0), expected);
  zone_drop(&z);
}

static const struct block plain = { .version = '2', .times = 2, .clocks = 1, .chars = 4, .at = { -5, 7 }, .offset = 3600, .footer = "\nUTC0\n" };

static void test_files(void **state)
{
  struct zone z;
  (void)state;
  assert_true(read_file(&z, &plain, 0));
  assert_true(z.rule.is_there);
  assert_int_equal(z.time_count, 2);
  assert_string_equal(z.clocks[0].abbreviation, "LMT");
  assert_int_equal(zone_at(&z, 0)->offset, 3600);
  zone_drop(&z);
  struct block b = plain;
  b.version = 0;  // of the first kind: one block, and no rule
  assert_true(read_file(&z, &b, 0));
  assert_false(z.rule.is_there);
  zone_drop(&z);
  b.times = 0;
  assert_read(&b, true);
}

static void test_footers(void **state)
{
  static const char *const none[] = { NULL, "UTC0\n", "\n", "\nUTC0", "\n\n", "\nU\n" };
  (void)state;
  for (size_t i = 0; i < COUNT_OF(none); i++) {
    struct zone z;
    struct block b = plain;
    b.footer = none[i];
    assert_true(read_file(&z, &b, 0));
    assert_false(z.rule.is_there);
    zone_drop(&z);
  }
}

static void test_no_files(void **state)
{
  struct zone z;
  (void)state;
  for (size_t shorter = 7; shorter < 120; shorter += 9) {
    assert_false(read_file(&z, &plain, shorter));
    zone_drop(&z);
  }
  struct block b = plain;
  b.clocks = 0;
  assert_read(&b, false);
  b.clocks = 257;
  assert_read(&b, false);
  b.clocks = 1u << 24;  // more than a file holds
  assert_read(&b, false);
  b = plain;
  b.offset = 27 * 3600;
  assert_read(&b, false);
  b.offset = -27 * 3600;
  assert_read(&b, false);
  b = plain;
  b.name_at = 4;
  assert_read(&b, false);
  b = plain;
  b.kind[1] = 1;
  assert_read(&b, false);
  b = plain;
  b.at[1] = b.at[0];
  assert_read(&b, false);
}

static void test_long_names(void **state)
{
  struct zone z;
  struct block b = plain;
  (void)state;
  b.chars = 17;
  b.name_at = 4;
  assert_true(read_file(&z, &b, 0));
  assert_string_equal(z.clocks[0].abbreviation, "VERYLONGNAM");
  zone_drop(&z);
}

static bool reads(const char *text)
{
  struct zone_rule rule;
  return zone_read_rule(text, strlen(text), &rule);
}

static void test_rules(void **state)
{
  static const char *const right[] = { "UTC0", "<+03>-3", "EST5EDT,M3.2.0,M11.1.0", "CET-1CEST,M3.5.0,M10.5.0/3", "AAA+3:30:15BBB-2,J60/-1,J300",
                                       "AAA3BBB2,0/0:30,365/167:59:59", "aaa3bbb,J1,M1.1.6" };
  static const char *const wrong[] = { "", "UT0", "UTC", "UTC25", "UTC0:60", "UTC0:0:60", "UTC999999999999", "<UTC0", "<U>0", "ABCDEFGHIJKLM0", "UTC0,", "UTC0X",
                                       "AAA3BBB", "AAA3BBB,", "AAA3BBB,M3.2.0", "AAA3BBB,M13.1.0,M1.1.0", "AAA3BBB,M0.1.0,M1.1.0", "AAA3BBB,M1.0.0,M1.1.0",
                                       "AAA3BBB,M1.6.0,M1.1.0", "AAA3BBB,M1.1.7,M1.1.0", "AAA3BBB,M1,M1.1.0", "AAA3BBB,M1.1,M1.1.0", "AAA3BBB,J0,J5",
                                       "AAA3BBB,J366,J5", "AAA3BBB,X,J5", "AAA3BBB,J4/168,J5", "AAA3BBB,J4,J5 ", "AAA3BBBx9y,J1,J5", "AAA3{BBB}2,J1,J5" };
  (void)state;
  for (size_t i = 0; i < COUNT_OF(right); i++)
    if (!reads(right[i])) fail_msg("%s", right[i]);
  for (size_t i = 0; i < COUNT_OF(wrong); i++)
    if (reads(wrong[i])) fail_msg("%s", wrong[i]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_files, setup, teardown),      cmocka_unit_test_setup_teardown(test_footers, setup, teardown),
    cmocka_unit_test_setup_teardown(test_no_files, setup, teardown),   cmocka_unit_test_setup_teardown(test_long_names, setup, teardown),
    cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
