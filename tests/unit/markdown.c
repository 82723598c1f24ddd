#include "render/markdown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct alloc alloc;
static struct buf out;

static int setup(void **state)
{
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&out, &alloc);
  return 0;
}

static int teardown(void **state)
{
  buf_fini(&out);
  alloc_fini(&alloc);
  return 0;
}

static void renders(const char *text, size_t cols, const char *expected)
{
  buf_clear(&out);
  markdown_render(text, strlen(text), cols, COLORS_NONE, &out);
  assert_string_equal(buf_text(&out), expected);
}

static void headings_stand_out(void **state)
{
  renders("# AAAHHHHHHH", 80, "AAAHHHHHHH\n══════════\n");
  renders("## Two\ntext\n### Three", 80, "Two\n───\n\ntext\n\nThree\n");
}

static void headings_are_styled(void **state)
{
  markdown_render("# A", 3, 80, COLORS_16, &out);
  assert_string_equal(buf_text(&out), "\033[1;34mA\033[0m\n\033[2m═\033[0m\n");
}

static void paragraphs_are_wrapped(void **state)
{
  renders("one two three four", 16, "one two three\nfour\n");
  renders("one\ntwo  \nthree", 80, "one two\nthree\n");
  renders("世界世界世界世界世界", 16, "世界世界世界世界\n世界\n");
  renders("0123456789012345678901234567890123456789", 16, "0123456789012345\n6789012345678901\n23456789\n");
}

static void emphasis_is_styled(void **state)
{
  markdown_render("*a* **b** `c`", 13, 80, COLORS_16, &out);
  assert_string_equal(buf_text(&out), "\033[3ma\033[0m \033[1mb\033[0m \033[33mc\033[0m\n");
}

static void lists_nest(void **state)
{
  renders("- one\n- two\n  - in\n- three\n", 80, "• one\n• two\n  • in\n• three\n");
  renders("9. nine\n10. ten\n", 80, "9. nine\n10. ten\n");
  renders("- a\n\n- b", 80, "• a\n\n• b\n");
  renders("- [x] done\n- [ ] open", 80, "☒ done\n☐ open\n");
  renders("- a long item that wraps", 16, "• a long item\n  that wraps\n");
  renders("-\n- b", 80, "•\n• b\n");
}

static void quotes_have_a_bar(void **state) { renders("a\n\n> b\n> > c\n\nd", 80, "a\n\n│ b\n│\n│ │ c\n\nd\n"); }

static void code_is_kept_as_it_is(void **state)
{
  renders("```lull\nif x {\n  y\n\n}\n```", 80, "  if x {\n    y\n\n  }\n");
}

static void links_show_where_they_lead(void **state)
{
  renders("[text](http://a.b)", 80, "text (http://a.b)\n");
  renders("<http://a.b>", 80, "http://a.b\n");
  renders("![alt](b.png)", 80, "[image: alt]\n");
}

static void tables_are_aligned(void **state)
{
  renders("| a | b |\n|---|--:|\n| long | 1 |\n", 80, "a    │ b\n─────┼──\nlong │ 1\n");
  renders("| a | b |\n|---|---|\n| one two three four | x |\n", 16,
          "a            │ b\n─────────────┼──\none two      │ x\nthree four   │\n");
  renders("| a |\n|:-:|\n| long |\n", 80, " a\n────\nlong\n");
}

static void entities_are_read(void **state)
{
  renders("&#X42;&#xDFFF;&#xE000;&#1114112;", 80, "B\xEF\xBF\xBD\xEE\x80\x80\xEF\xBF\xBD\n");
  renders("&lt;&amp;&#65;&#x42;&nosuch;&#0;&#xD800;", 80, "<&AB&nosuch;\xEF\xBF\xBD\xEF\xBF\xBD\n");
}

static void a_table_of_too_many_columns_is_text(void **state)
{
  struct buf text;
  buf_init(&text, &alloc);
  for (int row = 0; row < 2; row++) {
    for (int i = 0; i < 70; i++) buf_puts(&text, row ? "|---" : "| a ");
    buf_puts(&text, "|\n");
  }
  buf_clear(&out);
  markdown_render(buf_text(&text), text.len, 300, COLORS_NONE, &out);
  assert_memory_equal(buf_text(&out), "| a | a ", 8);
  buf_fini(&text);
}

static void html_is_shown(void **state)
{
  renders("<div>\n*a*\n</div>\n\nb", 80, "<div>\n*a*\n</div>\n\nb\n");
  renders("0. zero\n1. one\n", 80, "1. zero\n2. one\n");
  static const char text[] = "a\0b";
  buf_clear(&out);
  markdown_render(text, 3, 80, COLORS_NONE, &out);
  assert_string_equal(buf_text(&out), "a\xEF\xBF\xBD" "b\n");
}

static void rules_span_the_width(void **state) { renders("---", 16, "────────────────\n"); }

static void nothing_is_nothing(void **state)
{
  renders("", 80, "");
  renders("\n\n", 80, "");
}

// Whatever the text, only our own colours reach the terminal.
static void what_lies_behind_the_text_is_none_of_it(void **state)
{
  static const char *const texts[] = { "[a](b)", "[xe](y[i](z[i](j](j))a", "`a``", "<!--->", "&amp;", "a\n---\n", "| a |\n|---|",
                                       "[a]: b \"c\"", "<a>", "www.a.b/(c)" };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    for (size_t len = 0; len <= strlen(texts[i]); len++) {
      char *cut = strndup(texts[i], len);
      markdown_render(texts[i], len, 80, COLORS_NONE, &out);
      char *found = strdup(buf_text(&out));
      renders(cut, 80, found);
      free(found);
      free(cut);
      buf_clear(&out);
    }
  }
}

static void controls_never_come_through(void **state)
{
  static const char text[] =
      "# \033]0;evil\a\n\n`\033[2J` [a\033[1m](x\033y \"\302\233\")\n\n\t\033c\n\n| \b |\n|---|\n| \033 |\n";
  markdown_render(text, sizeof text - 1, 40, COLORS_NONE, &out);
  for (size_t i = 0; i < out.len; i++) {
    unsigned char c = (unsigned char)out.data[i];
    assert_true(c == '\n' || c >= 0x20);
    assert_false(c == 0x7F || (c == 0xC2 && (unsigned char)out.data[i + 1] < 0xA0));
  }
  assert_non_null(strstr(out.data, "^[]0;evil^G"));
}

static void depth_costs_little(void **state)
{
  enum { DEPTH = 20000 };
  char *text = malloc(DEPTH + 1);
  memset(text, '>', DEPTH);
  text[DEPTH] = 'x';
  markdown_render(text, DEPTH + 1, 80, COLORS_NONE, &out);
  assert_true(out.len < 1000);
  assert_non_null(strchr(out.data, 'x'));
  free(text);
}

static void random_bytes_are_rendered_safely(void **state)
{
  static const char pieces[] = "#*_`~[](){}<>|-+1.!&;:\\\n\n  \tax\"'=\x80\xC3\033";
  srand(11);
  for (int round = 0; round < 3000; round++) {
    char text[120];
    size_t len = (size_t)rand() % sizeof text;
    for (size_t i = 0; i < len; i++) text[i] = pieces[(size_t)rand() % (sizeof pieces - 1)];
    buf_clear(&out);
    markdown_render(text, len, 1 + (size_t)rand() % 40, COLORS_NONE, &out);
    for (size_t i = 0; i < out.len; i++) assert_true(out.data[i] == '\n' || (unsigned char)out.data[i] >= 0x20);
  }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(headings_stand_out),
    TEST(headings_are_styled),
    TEST(paragraphs_are_wrapped),
    TEST(emphasis_is_styled),
    TEST(lists_nest),
    TEST(quotes_have_a_bar),
    TEST(code_is_kept_as_it_is),
    TEST(links_show_where_they_lead),
    TEST(tables_are_aligned),
    TEST(entities_are_read),
    TEST(a_table_of_too_many_columns_is_text),
    TEST(html_is_shown),
    TEST(rules_span_the_width),
    TEST(nothing_is_nothing),
    TEST(what_lies_behind_the_text_is_none_of_it),
    TEST(controls_never_come_through),
    TEST(depth_costs_little),
    TEST(random_bytes_are_rendered_safely),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
