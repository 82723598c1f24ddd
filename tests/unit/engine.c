#include "edit/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct alloc alloc;
static struct engine *engine;
static struct keys keys;
static enum engine_request last;

static void on_key(struct key key, void *user)
{
  if (key.code == KEY_PASTE) engine_insert(engine, buf_text(&keys.paste), keys.paste.len);
  else last = engine_feed(engine, key);
}

// Bytes as a terminal sends them; returns what the last key asked for.
static enum engine_request type(const char *bytes)
{
  keys_feed(&keys, bytes, strlen(bytes), on_key, NULL);
  return last;
}

static void escape(void)
{
  keys_feed(&keys, "\033", 1, on_key, NULL);
  keys_timeout(&keys, on_key, NULL);
}

static int setup(void **state)
{
  alloc_init(&alloc, SIZE_MAX);
  keys_init(&keys, &alloc);
  engine = engine_create(&alloc);
  assert_non_null(engine);
  return 0;
}

static int teardown(void **state)
{
  engine_destroy(engine);
  keys_fini(&keys);
  assert_int_equal(alloc.used, 0);
  return 0;
}

static char home[64];

static int setup_vi(void **state)
{
  char path[96];
  strcpy(home, "/tmp/lull-engine-XXXXXX");
  assert_non_null(mkdtemp(home));
  snprintf(path, sizeof path, "%s/.editrc", home);
  FILE *f = fopen(path, "w");
  fputs("bind -v\n", f);
  fclose(f);
  setenv("HOME", home, 1);
  return setup(state);
}

static int teardown_vi(void **state)
{
  char path[96];
  snprintf(path, sizeof path, "%s/.editrc", home);
  unlink(path);
  rmdir(home);
  setenv("HOME", "/nonexistent", 1);
  return teardown(state);
}

// The text with the cursor as "|".
static void assert_text(const char *expected)
{
  size_t len;
  const char *text = engine_text(engine, &len);
  char shown[4096];
  size_t at = engine_cursor(engine);
  snprintf(shown, sizeof shown, "%.*s|%s", (int)at, text, text + at);
  assert_string_equal(shown, expected);
}

static void set(const char *text, size_t cursor)
{
  engine_reset(engine);
  engine_set_text(engine, text, strlen(text), cursor);
}

static void test_typing(void **state)
{
  type("hallo é日🙂");
  assert_text("hallo é日🙂|");
  type("\033[D\033[D\x7F");
  assert_text("hallo |日🙂");
  type("\x01\033[C\x04" "e");
  assert_text("he|llo 日🙂");
  type("\033[3~\033[F!");
  assert_text("helo 日🙂!|");
}

static void test_clusters_move_as_one(void **state)
{
  type("ae\xCC\x81👨‍👩‍👧b");
  type("\033[D\033[D");
  assert_text("ae\xCC\x81|👨‍👩‍👧b");
  type("\x7F");
  assert_text("a|👨‍👩‍👧b");
  type("\033[C");
  assert_text("a👨‍👩‍👧|b");
}

static void test_rows(void **state)
{
  set("first row\nab\nthird row", SIZE_MAX);
  assert_int_equal(type("\033[A"), ENGINE_NONE);
  assert_text("first row\nab|\nthird row");
  type("\033[A");
  assert_text("first row|\nab\nthird row");  // the column it came from
  assert_int_equal(type("\033[A"), ENGINE_OLDER);
  type("\033[B\033[B");
  assert_text("first row\nab\nthird row|");
  assert_int_equal(type("\033[B"), ENGINE_NEWER);
  set("first row\nab", 10);
  type("\x05");
  assert_text("first row\nab|");
  type("\x01");
  assert_text("first row\n|ab");
  type("\033[A\x0B");
  assert_text("|\nab");
  type("\x0B");
  assert_text("|ab");
  set("日本\nabcdef", 7);
  type("\033[C\033[C\033[A");
  assert_text("日|本\nabcdef");
}

static void test_words_kills_and_yanks(void **state)
{
  set("foo.bar baz_qux", SIZE_MAX);
  type("\033b");
  assert_text("foo.bar |baz_qux");
  type("\033[1;5D\033f");
  assert_text("foo.bar| baz_qux");
  type("\x17");
  assert_text("| baz_qux");
  type("\033d\x05\x19");
  assert_text("foo.bar baz_qux|");  // kills in a row are one
  type("\x15");
  assert_text("|");
  type("x\x19");
  assert_text("xfoo.bar baz_qux|");
  set("one two", SIZE_MAX);
  type("\033\x7F");
  assert_text("one |");
  type("\033[D");
  type("\x15\x19");
  assert_text("one| ");
  type("\033y");
  assert_text("two| ");
}

static void test_kills(void **state)
{
  type("\033y");  // nothing was yanked
  assert_text("|");
  set("one two three", SIZE_MAX);
  type("\x17\x17");
  type("\x19");
  assert_text("one two three|");
  set("one Two three", 0);
  type("\033d\033d\x19");
  assert_text("one Two| three");
  type("\033b\033b\x0B");
  type("x\x19\033y\033y\033y\033y\033y\033y\033y\033y\033y\033y");
  assert_text("xone Two|");  // round and round
  set("a  \n  b", SIZE_MAX);
  type("\x17\x17");
  assert_text("|");
  set("  ", SIZE_MAX);
  type("\x17");
  assert_text("|");
}

static void test_far_keys(void **state)
{
  set("one\ntwo three", SIZE_MAX);
  type("\033[1;5Hx");
  assert_text("x|one\ntwo three");
  type("\033[1;5Fx");
  assert_text("xone\ntwo threex|");
  type("\033[5~y\033[6~z");
  assert_text("yxone\ntwo threexz|");
  set("one two", 0);
  type("\033[3;5~");
  assert_text("| two");
  type("\xC2\x85\033[200~\033[201~");
  assert_text("| two");
}

static void test_bytes_that_are_no_text(void **state)
{
  engine_insert(engine, "a\xFF" "b\0c", 5);
  assert_text("a\xEF\xBF\xBD" "bc|");
  engine_insert(engine, "\0", 1);
  engine_insert(engine, "", 0);
  assert_text("a\xEF\xBF\xBD" "bc|");
  engine_set_vi(engine, false);  // as it is
  assert_false(engine_is_vi(engine));
}

static void test_indentation_that_is_odd(void **state)
{
  set("if x {\n   y", 10);
  type("\x7F");
  assert_text("if x {\n  |y");
}

static void test_undo(void **state)
{
  type("one two");
  type("\x17");
  type("\x1F");
  assert_text("one two|");
  type("\x1F");
  assert_text("one|");
  type("\x1F\x1F\x1F");
  assert_text("|");
  type("\033/\033/");
  assert_text("one two|");
  type("!\x1F");
  assert_text("one two|");
  engine_reset(engine);
  type("\x1F");
  assert_text("|");
}

static void test_requests(void **state)
{
  assert_int_equal(type("\x04"), ENGINE_EOF);
  assert_int_equal(type("x\r"), ENGINE_ENTER);
  assert_int_equal(type("\n"), ENGINE_ENTER);
  assert_int_equal(type("\t"), ENGINE_COMPLETE);
  assert_int_equal(type("\033[Z"), ENGINE_COMPLETE_BACK);
  assert_int_equal(type("\x12"), ENGINE_SEARCH);
  assert_int_equal(type("\x0C"), ENGINE_CLEAR);
  assert_int_equal(type("\033[C"), ENGINE_SUGGESTION);
  assert_int_equal(type("\033f"), ENGINE_SUGGESTED_WORD);
  assert_int_equal(type("\033e"), ENGINE_EDIT);
  assert_int_equal(type("\x16"), ENGINE_QUOTE);
  assert_int_equal(type("\x03"), ENGINE_INTERRUPT);
  assert_int_equal(type("\x1A"), ENGINE_SUSPEND);
  assert_text("x|");
  assert_int_equal(type("\033\r"), ENGINE_NONE);
  assert_text("x\n|");
}

static void test_indentation(void **state)
{
  set("if x {\n    y", 11);
  type("\x7F");
  assert_text("if x {\n  |y");
  type("\x7F\x7F");
  assert_text("if x {|y");
  set("  a", 2);
  type("\x7F");
  assert_text(" |a");  // the first row has no indentation of ours
}

static void test_replace(void **state)
{
  set("a日b", SIZE_MAX);
  engine_replace(engine, 1, 4, "xyz", 3);
  assert_text("axyz|b");
  engine_replace(engine, 5, 5, "é", 2);
  assert_text("axyzbé|");
  type("\x1F\x1F");
  assert_text("a日b|");
}

static void test_long_text(void **state)
{
  static char text[66000];
  for (size_t i = 0; i < sizeof text - 1; i++) text[i] = i % 33 == 32 ? '\n' : 'x';
  engine_insert(engine, text, sizeof text - 1);
  assert_int_equal(engine_cursor(engine), sizeof text - 1);
  type("\033[A\033[Ay");
  size_t len;
  engine_text(engine, &len);
  assert_int_equal(len, sizeof text);
}

static void test_lone_escape(void **state)
{
  type("abc");
  escape();
  assert_text("abc|");
  type("x");  // is not swallowed
  assert_text("abcx|");
}

static void test_any_terminal(void **state)
{
  static const char *const names[] = {"emacs", "no-such-terminal", "dumb", "linux"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    engine_destroy(engine);
    setenv("TERM", names[i], 1);
    engine = engine_create(&alloc);
    assert_non_null(engine);
    type("ab" "\033[D" "c");
    assert_text("ac|b");
  }
}

static void test_reset_from_within(void **state)
{
  type("abc\x18");  // libedit waits for what comes behind ^X
  engine_reset(engine);
  assert_text("|");
  type("x");
  assert_text("x|");
}

static void test_vi(void **state)
{
  type("one two");
  assert_text("one two|");
  escape();
  type("0");
  assert_text("|one two");
  type("dwx");
  assert_text("|wo");
  type("u");
  assert_text("|two");
  type("u");
  assert_text("|one two");
  type("A!");
  assert_text("one two!|");
  escape();
  type("0ft");
  assert_text("one |two!");
  type("rT\033[C");  // arrows work in both modes
  assert_text("one T|wo!");
  assert_int_equal(type("k"), ENGINE_OLDER);
  assert_int_equal(type("/"), ENGINE_SEARCH);
  assert_int_equal(type("v"), ENGINE_EDIT);
  type("i");
  assert_int_equal(type("\r"), ENGINE_ENTER);
  type("\033[A");
  type("z");
  assert_text("one Tz|wo!");
  escape();
  type("f");  // waiting for a character
  engine_reset(engine);
  type("q");
  assert_text("q|");
}

static void test_vi_ends_a_line_itself(void **state)
{
  type("x = 1");
  escape();
  assert_int_equal(type("#"), ENGINE_ENTER);
  assert_text("#x = 1|");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_VI(name) cmocka_unit_test_setup_teardown(name, setup_vi, teardown_vi)
  static const struct CMUnitTest tests[] = {
      TEST(test_typing),
      TEST(test_clusters_move_as_one),
      TEST(test_rows),
      TEST(test_words_kills_and_yanks),
      TEST(test_kills),
      TEST(test_far_keys),
      TEST(test_bytes_that_are_no_text),
      TEST(test_indentation_that_is_odd),
      TEST(test_undo),
      TEST(test_requests),
      TEST(test_indentation),
      TEST(test_replace),
      TEST(test_long_text),
      TEST(test_lone_escape),
      TEST(test_any_terminal),
      TEST(test_reset_from_within),
      TEST_VI(test_vi),
      TEST_VI(test_vi_ends_a_line_itself),
  };
  setenv("HOME", "/nonexistent", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
