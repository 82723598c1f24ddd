#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

static bool is_code_point(u32 c) { return c < 0x110000 && !(c >= 0xD800 && c < 0xE000); }

static void every_code_point_round_trips(void **state)
{
  (void)state;
  for (u32 c = 0; c < 0x110000; c++) {
    char text[4];
    u32 back = 0;
    if (!is_code_point(c)) continue;
    size_t len = utf8_encode(c, text);
    if (len != (c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u)) fail_msg("U+%X takes %zu bytes", c, len);
    if (utf8_decode(text, text + len, &back) != (int)len || back != c) fail_msg("U+%X reads as U+%X", c, back);
    for (size_t cut = 0; cut < len; cut++) {
      if (utf8_decode(text, text + cut, &back) != 0) fail_msg("U+%X is read from %zu bytes", c, cut);
    }
  }
}

// Of all two-byte and, with valid rests, three- and four-byte beginnings exactly those an encoder makes are valid.
static void nothing_else_decodes(void **state)
{
  (void)state;
  u32 valid = 0;
  for (u32 lead = 0x80; lead < 0x100; lead++) {
    for (u32 second = 0; second < 0x100; second++) {
      char text[4] = { (char)lead, (char)second, (char)0x80, (char)0x80 };
      u32 c;
      int len = utf8_decode(text, text + 4, &c);
      if (len == 0) continue;
      char again[4];
      assert_true(is_code_point(c));
      assert_int_equal(utf8_encode(c, again), len);
      assert_memory_equal(again, text, (size_t)len);
      valid++;
    }
  }
  // C2-DF, E0, E1-EC EE EF, ED, F0, F1-F3, F4
  assert_int_equal(valid, 30 * 64 + 32 + 14 * 64 + 32 + 48 + 3 * 64 + 16);
}

static void bad_rests_do_not_decode(void **state)
{
  static const char *const bad[] = { "\xE2\x82", "\xE2\x82\x41", "\xE2\x41\x80", "\xF0\x9F\x98", "\xF0\x9F\x98\xC0", "\xF0\x9F\x41\x80", "\xC3", "\xC3\xC3", "\x80", "\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\x80" };
  (void)state;
  for (size_t i = 0; i < COUNT_OF(bad); i++) {
    u32 c;
    assert_int_equal(utf8_decode(bad[i], bad[i] + strlen(bad[i]), &c), 0);
    assert_int_equal(utf8_valid_prefix(bad[i], strlen(bad[i])), 0);
  }
}

static void valid_prefix_ends_at_the_first_bad_byte(void **state)
{
  char text[64];
  (void)state;
  for (size_t at = 0; at < 40; at++) {
    memset(text, 'a', sizeof text);
    assert_int_equal(utf8_valid_prefix(text, 40), 40);
    text[at] = (char)0xFF;
    assert_int_equal(utf8_valid_prefix(text, 40), at);
    assert_int_equal(utf8_is_ascii(text, 40), false);
    assert_int_equal(utf8_is_ascii(text, at), true);
    memcpy(text + at, "\xE2\x82\xAC", 3);
    assert_int_equal(utf8_valid_prefix(text, 43), 43);
    assert_int_equal(utf8_valid_prefix(text, at + 2), at);
  }
}

static void counts_and_offsets(void **state)
{
  static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
  static const size_t offsets[] = { 0, 1, 3, 6, 10, 11 };
  (void)state;
  assert_int_equal(utf8_count(text, sizeof text - 1), 5);
  assert_int_equal(utf8_count(text, 0), 0);
  for (size_t i = 0; i < COUNT_OF(offsets); i++) assert_int_equal(utf8_offset(text, sizeof text - 1, i), offsets[i]);
  assert_int_equal(utf8_offset(text, sizeof text - 1, 99), 11);
}

static void tail_is_what_may_still_become_valid(void **state)
{
  static const struct {
    const char *text;
    size_t tail;
  } rows[] = {
    { "", 0 },          { "abc", 0 },       { "a\xC3", 1 },         { "a\xC3\xA9", 0 }, { "a\xE2", 1 },          { "a\xE2\x82", 2 }, { "a\xE2\x82\xAC", 0 },
    { "a\xF0\x9F", 2 }, { "a\xF0\x9F\x98", 3 }, { "a\xF0\x9F\x98\x80", 0 }, { "a\xE0\x80", 0 }, { "a\xED\xA0", 0 }, { "a\xF4\x90", 0 }, { "a\x80", 0 },
    { "a\xFF", 0 },     { "\x80\x80\x80\x80", 0 },
  };
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    size_t tail = utf8_tail(rows[i].text, strlen(rows[i].text));
    if (tail != rows[i].tail) fail_msg("row %zu: %zu, not %zu", i, tail, rows[i].tail);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_code_point_round_trips),
    cmocka_unit_test(nothing_else_decodes),
    cmocka_unit_test(bad_rests_do_not_decode),
    cmocka_unit_test(valid_prefix_ends_at_the_first_bad_byte),
    cmocka_unit_test(counts_and_offsets),
    cmocka_unit_test(tail_is_what_may_still_become_valid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
