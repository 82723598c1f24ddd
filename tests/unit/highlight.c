#include "edit/highlight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct alloc alloc;
static struct highlight *h;
static struct spans spans;

static int setup(void **state)
{
  alloc_init(&alloc, SIZE_MAX);
  spans = (struct spans){.alloc = &alloc};
  h = highlight_create(&alloc);
  assert_non_null(h);
  return 0;
}

static int teardown(void **state)
{
  highlight_destroy(h);
  vec_free(&alloc, &spans.list);
  assert_int_equal(alloc.used, 0);
  return 0;
}

// A letter a byte: k keyword, n number, s string, e escape, f function, t type, c comment, K constant, B bracket,
// "." anything else.
static void paint(const char *text, size_t cursor, char *out)
{
  static const char letters[STYLE_COUNT] = {
      [STYLE_KEYWORD] = 'k', [STYLE_NUMBER] = 'n', [STYLE_STRING] = 's', [STYLE_ESCAPE] = 'e', [STYLE_FUNCTION] = 'f',
      [STYLE_TYPE] = 't',    [STYLE_COMMENT] = 'c', [STYLE_CONSTANT] = 'K', [STYLE_BRACKET] = 'B',
  };
  size_t len = strlen(text);
  memset(out, '.', len);
  out[len] = 0;
  spans.list.len = 0;
  highlight_text(h, text, len, cursor, &spans);
  for (u32 i = 0; i < spans.list.len; i++) {
    struct span s = spans.list.data[i];
    assert_true(s.start <= s.end && s.end <= len);
    char letter = letters[s.style] ? letters[s.style] : '.';
    memset(out + s.start, letter, s.end - s.start);
  }
}

static void assert_painted(const char *text, size_t cursor, const char *expected)
{
  char out[1024];
  paint(text, cursor, out);
  assert_string_equal(out, expected);
}

static void test_colours(void **state)
{
  assert_painted("let x = 42 # why", SIZE_MAX, "kkk.....nn.ccccc");
  assert_painted("fn add(a) { a + 1.5 }", SIZE_MAX, "kk.fff..........nnn..");
  assert_painted("print(\"a\\n${b}c\")", SIZE_MAX, "fffff.sseeee.ess.");
  assert_painted("if nil is Foo { true }", SIZE_MAX, "kk.KKK.kk.ttt...KKKK..");
}

static void test_broken_text_has_colours(void **state)
{
  char out[1024];
  paint("let x = [1, \"ab", SIZE_MAX, out);
  assert_memory_equal(out, "kkk", 3);
  assert_int_equal(out[9], 'n');
}

static void test_brackets(void **state)
{
  assert_painted("f(a[1], (b))", 1, "fB..n......B");
}

static void test_commands_are_left_alone(void **state)
{
  assert_painted(":jobs 42", SIZE_MAX, "........");
  assert_painted("!ls 42", SIZE_MAX, "......");
}

static void test_limits(void **state)
{
  static char text[70000];
  memset(text, '(', sizeof text - 1);
  spans.list.len = 0;
  highlight_text(h, text, sizeof text - 1, 3, &spans);
  assert_int_equal(spans.list.len, 0);
  clock_t start = clock();
  highlight_text(h, text, 59999, 3, &spans);
  memset(text, '"', sizeof text - 1);
  highlight_text(h, text, 59999, 3, &spans);
  assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 2);
}

// The tree carried along by edits colours as a fresh one does.
static void test_edits(void **state)
{
  static const char *const pieces[] = {"let x = 1\n", "if a { b }\n", "\"s${t}\"\n", "f(1, [2])\n", "# c\n", "class A { fn m() => 3 }\n"};
  unsigned seed = 3;
  char text[4096] = "", kept[4200], fresh[4200];
  struct highlight *other = highlight_create(&alloc);
  for (int i = 0; i < 400; i++) {
    seed = seed * 1664525u + 1013904223u;
    size_t len = strlen(text), at = 0;
    for (unsigned line = (seed >> 8) % 10; line > 0 && strchr(text + at, '\n'); line--)
      at = (size_t)(strchr(text + at, '\n') - text) + 1;
    if ((seed >> 20) % 3 && len < 500) {
      const char *piece = pieces[(seed >> 12) % COUNT_OF(pieces)];
      memmove(text + at + strlen(piece), text + at, len - at + 1);
      memcpy(text + at, piece, strlen(piece));
    } else if (strchr(text + at, '\n')) {
      char *end = strchr(text + at, '\n') + 1;
      memmove(text + at, end, strlen(end) + 1);
    }
    paint(text, SIZE_MAX, kept);
    struct highlight *was = h;
    h = other;
    paint("#", SIZE_MAX, fresh);  // nothing of the tree before is left
    paint(text, SIZE_MAX, fresh);
    h = was;
    assert_string_equal(kept, fresh);
  }
  highlight_destroy(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  static const struct CMUnitTest tests[] = {
      TEST(test_colours),  TEST(test_broken_text_has_colours), TEST(test_brackets), TEST(test_commands_are_left_alone),
      TEST(test_limits),   TEST(test_edits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
