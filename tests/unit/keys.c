#include "edit/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// The keys as text, one word each: characters as they are or ^X, others by name, modifiers before.
struct log {
  struct buf text;
  struct keys *keys;
};

static const char *const names[] = {"none", "up", "down", "right", "left", "home", "end", "insert", "delete", "pgup", "pgdn", "backtab", "esc"};

static void on_key(struct key key, void *user)
{
  struct log *log = user;
  if (log->text.len > 0) buf_putc(&log->text, ' ');
  if (key.mods & KEY_CTRL) buf_puts(&log->text, "C-");
  if (key.mods & KEY_ALT) buf_puts(&log->text, "A-");
  if (key.mods & KEY_SHIFT) buf_puts(&log->text, "S-");
  if (key.code == KEY_PASTE) buf_printf(&log->text, "paste<%s>", buf_text(&log->keys->paste));
  else if (key.code > KEY_FUNCTION) buf_printf(&log->text, "F%u", key.code - KEY_FUNCTION);
  else if (key.code >= KEY_NONE) buf_puts(&log->text, names[key.code - KEY_NONE]);
  else if (key.code < 0x20 || key.code == 0x7F) buf_printf(&log->text, "^%c", (int)key.code ^ 0x40);
  else buf_putu(&log->text, key.code);
}

// Decodes [bytes] in two pieces cut at [cut]; what is left after a silence too.
static void decode(const char *bytes, size_t len, size_t cut, const char *expected)
{
  struct alloc alloc;
  struct keys keys;
  struct log log = {.keys = &keys};
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&log.text, &alloc);
  keys_init(&keys, &alloc);
  keys_feed(&keys, bytes, cut, on_key, &log);
  keys_feed(&keys, bytes + cut, len - cut, on_key, &log);
  keys_timeout(&keys, on_key, &log);
  assert_false(keys_is_waiting(&keys));
  if (strcmp(buf_text(&log.text), expected) != 0) print_message("cut at %zu\n", cut);
  assert_string_equal(buf_text(&log.text), expected);
  keys_fini(&keys);
  buf_fini(&log.text);
  assert_int_equal(alloc.used, 0);
}

static void at_every_split(const char *bytes, const char *expected)
{
  for (size_t cut = 0; cut <= strlen(bytes); cut++) decode(bytes, strlen(bytes), cut, expected);
}

static void test_characters(void **state)
{
  at_every_split("a\x01\r\n\t\x7F", "a ^A ^M ^J ^I ^?");
  at_every_split("é日🙂", "é 日 🙂");
  at_every_split("a\xE6\x97z\xFF\xC0y", "a z y");  // cut short or invalid: dropped, what follows is not
  decode("\0x", 2, 1, "^@ x");
}

static void test_sequences(void **state)
{
  at_every_split("\033[A\033OB\033[1;5C\033[1;3D\033[H\033[4~\033[3~\033[3;5~\033[Z", "up down C-right A-left home end delete C-delete backtab");
  at_every_split("\033OP\033[15~\033[24~\033[1;2S", "F1 F5 F12 S-F4");
  at_every_split("\033b\033\r\033é\033\x7F", "A-b A-^M A-é A-^?");
  at_every_split("\033[97;5u\033[13;2u\033[27;5;97~", "^A ^M ^A");
  at_every_split("\033\033[Ax", "A-up x");
}

static void test_unknown_sequences_leave_nothing(void **state)
{
  at_every_split("a\033[?62;1;4cb", "a b");
  at_every_split("a\033[<0;12;5Mb", "a b");
  at_every_split("a\033]11;rgb:00/11/22\033\\b", "a b");
  at_every_split("a\033]11;rgb:00/11/22\ab", "a b");
  at_every_split("a\033P1$r0m\033\\b", "a b");
  at_every_split("a\033[99999;12;13;14;15;16Xb", "a b");
  at_every_split("a\033[1;2\033[Ab", "a up b");
  char longest[300] = "\033[";
  memset(longest + 2, '1', 200);
  strcpy(longest + 202, "mz");
  at_every_split(longest, "z");
}

static void test_lone_escape(void **state)
{
  decode("\033", 1, 1, "esc");
  decode("a\033", 2, 1, "a esc");
  decode("\033[", 2, 1, "A-[");
  decode("\033[1;", 4, 1, "");
  struct alloc alloc;
  struct keys keys;
  struct log log = {.keys = &keys};
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&log.text, &alloc);
  keys_init(&keys, &alloc);
  keys_feed(&keys, "\033", 1, on_key, &log);
  assert_true(keys_is_waiting(&keys));
  keys_timeout(&keys, on_key, &log);
  keys_feed(&keys, "b", 1, on_key, &log);
  assert_string_equal(buf_text(&log.text), "esc b");
  keys_fini(&keys);
  buf_fini(&log.text);
}

static void test_paste(void **state)
{
  at_every_split("\033[200~one\r\ntwo\rthree\n\ttab\033[201~x", "paste<one\ntwo\nthree\n\ttab> x");
  at_every_split("\033[200~a\x03\x1A\x04z\x7F\033[Ab\033[201~", "paste<az[Ab>");      // no key, no signal, no sequence
  at_every_split("\033[200~a\033[200~b\033[20\033[201~c", "paste<a[200~b[20> c");  // marks within the marks
  at_every_split("\033[200~\xC3\xA9\xFF\033[201~", "paste<é\xEF\xBF\xBD>");
  at_every_split("\033[200~\033[201~y", "paste<> y");
}

static void test_long_paste(void **state)
{
  struct alloc alloc;
  struct keys keys;
  struct log log = {.keys = &keys};
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&log.text, &alloc);
  keys_init(&keys, &alloc);
  static char text[1 << 20];
  memset(text, 'x', sizeof text);
  keys_feed(&keys, "\033[200~", 6, on_key, &log);
  for (int i = 0; i < 10; i++) keys_feed(&keys, text, sizeof text, on_key, &log);
  assert_int_equal(log.text.len, 0);
  keys_feed(&keys, "\033[201~", 6, on_key, &log);
  assert_int_equal(log.text.len, 10 * sizeof text + strlen("paste<>"));
  keys_fini(&keys);
  buf_fini(&log.text);
}

// Whatever comes, the decoder ends in a state from which a plain key is that key.
static void test_random_bytes(void **state)
{
  unsigned seed = 7;
  for (int run = 0; run < 20000; run++) {
    char bytes[48];
    for (size_t i = 0; i < sizeof bytes; i++) {
      seed = seed * 1664525u + 1013904223u;
      const char *common = "\033\033[[O]0123456789;~AZmu\xC3\xE6?<";
      bytes[i] = seed >> 31 ? common[(seed >> 8) % strlen(common)] : (char)(seed >> 16);
    }
    struct alloc alloc;
    struct keys keys;
    struct log log = {.keys = &keys};
    alloc_init(&alloc, SIZE_MAX);
    buf_init(&log.text, &alloc);
    keys_init(&keys, &alloc);
    keys_feed(&keys, bytes, sizeof bytes, on_key, &log);
    keys_feed(&keys, "\033[201~\a", 7, on_key, &log);  // out of a paste, out of a string
    keys_timeout(&keys, on_key, &log);
    buf_clear(&log.text);
    keys_feed(&keys, "q", 1, on_key, &log);
    assert_string_equal(buf_text(&log.text), "q");
    keys_fini(&keys);
    buf_fini(&log.text);
  }
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_characters),
      cmocka_unit_test(test_sequences),
      cmocka_unit_test(test_unknown_sequences_leave_nothing),
      cmocka_unit_test(test_lone_escape),
      cmocka_unit_test(test_paste),
      cmocka_unit_test(test_long_paste),
      cmocka_unit_test(test_random_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
