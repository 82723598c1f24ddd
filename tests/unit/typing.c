// The small pure modules around typing: undo, pasted text, the menu of candidates; and what the terminal is told:
// capabilities, styles, clusters.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edit/menu.h"
#include "edit/paste.h"
#include "edit/undo.h"
#include "term/capabilities.h"
#include "term/cluster.h"
#include "term/sgr.h"
#include "term/style.h"

static struct alloc alloc;

static int setup(void **state)
{
  alloc_init(&alloc, SIZE_MAX);
  return 0;
}

static int teardown(void **state)
{
  assert_int_equal(alloc.used, 0);
  return 0;
}

// --- undo

static void test_undo_steps(void **state)
{
  struct undo u;
  undo_init(&u, &alloc);
  undo_reset(&u, "", 0, 0);
  undo_record(&u, "a", 1, 1);
  undo_record(&u, "ab", 2, 2);
  undo_record(&u, "ab ", 3, 3);
  undo_record(&u, "ab c", 4, 4);
  undo_record(&u, "ab cut and pasted", 17, 17);
  assert_string_equal(undo_back(&u)->text, "ab c");
  assert_string_equal(undo_back(&u)->text, "ab");
  assert_string_equal(undo_forth(&u)->text, "ab c");
  undo_record(&u, "new", 3, 3);
  assert_null(undo_forth(&u));
  undo_back(&u);
  undo_back(&u);
  assert_string_equal(undo_back(&u)->text, "");
  assert_null(undo_back(&u));
  undo_fini(&u);
}

static void test_undo_has_bounds(void **state)
{
  struct undo u;
  static char big[1 << 20];
  undo_init(&u, &alloc);
  for (int i = 0; i < 2000; i++) {
    char text[16];
    int n = snprintf(text, sizeof text, "%d\n", i * 10);
    undo_record(&u, text, (size_t)n, 0);
  }
  assert_int_equal(u.steps.len, 500);
  memset(big, 'x', sizeof big);
  for (size_t i = 0; i < 40; i++) undo_record(&u, big, sizeof big - 100 * i, 0);
  assert_true(u.bytes <= 16 << 20);
  undo_fini(&u);
}

// --- paste

static void assert_pasted(const char *text, const char *expected)
{
  struct buf out;
  buf_init(&out, &alloc);
  paste_clean(&out, text, strlen(text), "... ");
  assert_string_equal(buf_text(&out), expected);
  buf_fini(&out);
}

static void test_paste(void **state)
{
  assert_pasted("x = 1\ny = [3]\n\n", "x = 1\ny = [3]");
  assert_pasted("[1] > n = 1\n[2] > if n {\n...   print(n)\n... }\n1\n[1] LOUD\n[3] > ", "n = 1\nif n {\n  print(n)\n}");
  assert_pasted("n = 1\n[2] > m\n... ignored?", "n = 1\nm\nignored?");  // the first prompt was not selected
  assert_pasted("[4] !2 > x\n42", "x");
  assert_pasted("[1]\n[2] > 3\n", "3");
  assert_pasted("[1, 2] > 3", "[1, 2] > 3");
  assert_pasted("[1234", "[1234");
  assert_pasted("[] > 1", "[] > 1");
  assert_pasted("[12]", "[12]");
  assert_pasted("[12]> 1", "[12]> 1");
  assert_pasted("[12] x", "[12] x");
  assert_pasted("[12] ", "[12] ");
  assert_pasted("[12] !3", "[12] !3");
  assert_pasted("[12] !3x> 1", "[12] !3x> 1");
  assert_pasted("[12] >1", "[12] >1");
  assert_pasted("[12] !3 ", "[12] !3 ");
  assert_pasted("[2] >\n[2] > 3\n...\n... 4\n..", "3\n4");
  assert_pasted("[2] > 3\n..\n... 4", "3");
  assert_pasted("", "");
}

// --- menu

static void test_menu(void **state)
{
  struct menu m;
  struct buf out;
  buf_init(&out, &alloc);
  menu_init(&m, &alloc);
  menu_clear(&m);
  completions_add(&m.list, "print", 5, "print(x)\nmore", 13);
  completions_add(&m.list, "prints", 6, "", 0);
  assert_int_equal(menu_common(&m), 5);
  menu_open(&m, "pr", 2);
  assert_string_equal(menu_step(&m, true).bytes, "printprint(x)\nmore");
  assert_int_equal(menu_step(&m, true).len, 6);
  assert_int_equal(menu_step(&m, true).len, 2);  // as it was typed
  assert_int_equal(menu_step(&m, false).len, 6);
  menu_render(&m, &out, 40, COLORS_NONE);
  assert_string_equal(buf_text(&out), "  print   print(x)\n> prints");
  menu_close(&m);
  completions_add(&m.list, "日本", 6, "", 0);
  completions_add(&m.list, "日月", 6, "", 0);
  assert_int_equal(menu_common(&m), 3);  // not within a character
  menu_clear(&m);
  for (int i = 0; i < 20; i++) completions_add(&m.list, "a_long_name_that_is_cut", 23, "hint", 4);
  menu_open(&m, "a", 1);
  buf_clear(&out);
  menu_render(&m, &out, 10, COLORS_NONE);
  int rows = 1;
  for (size_t i = 0; i < out.len; i++) rows += out.data[i] == '\n';
  assert_int_equal(rows, MENU_ROWS + 1);
  assert_non_null(strstr(buf_text(&out), "8 of 20"));
  assert_memory_equal(buf_text(&out), "  a_long_…\n", 13);
  for (int i = 0; i < 12; i++) menu_step(&m, true);  // further down than there are rows
  buf_clear(&out);
  menu_render(&m, &out, 40, COLORS_NONE);
  assert_non_null(strstr(buf_text(&out), "> a_long_name_that_is_cut  hint\n  12 of 20"));
  buf_clear(&out);
  menu_render(&m, &out, 3, COLORS_NONE);
  assert_non_null(strstr(buf_text(&out), "> …"));
  menu_clear(&m);
  assert_int_equal(menu_common(&m), 0);
  completions_add(&m.list, "longer", 6, "", 0);
  completions_add(&m.list, "long", 4, "", 0);
  assert_int_equal(menu_common(&m), 4);
  menu_fini(&m);
  buf_fini(&out);
}

// --- capabilities

struct variable {
  const char *name, *value;
};

static const char *get(const char *name, void *user)
{
  for (const struct variable *v = user; v->name; v++)
    if (strcmp(v->name, name) == 0) return v->value;
  return NULL;
}

static enum color_depth colors(enum color_choice choice, bool is_terminal, const struct variable *env)
{
  struct capabilities c;
  const bool terminals[3] = {is_terminal, is_terminal, false};
  capabilities_decide(&c, choice, terminals, get, (void *)(uintptr_t)env);
  return c.stream[1].colors;
}

#define ENV(...) (const struct variable[]){__VA_ARGS__, {NULL, NULL}}

static void test_colours(void **state)
{
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "xterm"})), COLORS_16);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "xterm-256color"})), COLORS_256);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "xterm"}, {"COLORTERM", "truecolor"})), COLORS_TRUE);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "xterm"}, {"COLORTERM", "24bit"})), COLORS_TRUE);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "xterm"}, {"COLORTERM", "yes"})), COLORS_16);
  assert_int_equal(colors(COLOR_AUTO, false, ENV({"TERM", "xterm"})), COLORS_NONE);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "dumb"})), COLORS_NONE);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({NULL, NULL})), COLORS_NONE);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "xterm"}, {"NO_COLOR", "1"})), COLORS_NONE);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "xterm"}, {"NO_COLOR", ""})), COLORS_16);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "xterm"}, {"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"})), COLORS_NONE);
  assert_int_equal(colors(COLOR_AUTO, false, ENV({"TERM", "xterm"}, {"CLICOLOR_FORCE", "1"})), COLORS_16);
  assert_int_equal(colors(COLOR_AUTO, false, ENV({"TERM", "xterm"}, {"CLICOLOR_FORCE", "0"})), COLORS_NONE);
  assert_int_equal(colors(COLOR_AUTO, false, ENV({"TERM", "xterm"}, {"FORCE_COLOR", "1"})), COLORS_16);
  assert_int_equal(colors(COLOR_AUTO, true, ENV({"TERM", "xterm"}, {"CLICOLOR", "0"})), COLORS_NONE);
  assert_int_equal(colors(COLOR_ALWAYS, false, ENV({"TERM", "xterm"}, {"NO_COLOR", "1"})), COLORS_16);
  assert_int_equal(colors(COLOR_NEVER, true, ENV({"TERM", "xterm"}, {"CLICOLOR_FORCE", "1"})), COLORS_NONE);
}

static void test_terminals(void **state)
{
  struct capabilities c;
  capabilities_decide(&c, COLOR_AUTO, (bool[]){true, true, false}, get, (void *)(uintptr_t)ENV({"TERM", "xterm"}));
  assert_true(c.can_edit && !c.is_dumb && c.reflows && c.stream[0].is_terminal && !c.stream[2].is_terminal);
  assert_int_equal(c.stream[2].colors, COLORS_NONE);
  capabilities_decide(&c, COLOR_AUTO, (bool[]){true, true, true}, get, (void *)(uintptr_t)ENV({"TERM", "dumb"}));
  assert_true(!c.can_edit && c.is_dumb);
  capabilities_decide(&c, COLOR_AUTO, (bool[]){true, false, true}, get, (void *)(uintptr_t)ENV({"TERM", "linux"}));
  assert_true(!c.can_edit && !c.reflows);
  static const struct { const char *term, *xterm, *tmux; bool reflows; } reflowing[] = {
    { "xterm", "XTerm(379)", NULL, false }, { "screen-256color", NULL, NULL, false }, { "screen", NULL, "/tmp/tmux", true },
    { "xterm", "XTerm(379)", "/tmp/tmux", true }, { "tmux", NULL, "/tmp/tmux", true },
  };
  for (size_t i = 0; i < COUNT_OF(reflowing); i++) {
    const struct variable env[] = { { "TERM", reflowing[i].term }, { "XTERM_VERSION", reflowing[i].xterm }, { "TMUX", reflowing[i].tmux }, { NULL, NULL } };
    capabilities_decide(&c, COLOR_AUTO, (bool[]){true, true, true}, get, (void *)(uintptr_t)env);
    assert_int_equal(c.reflows, reflowing[i].reflows);
  }
}

// --- styles

static void test_styles(void **state)
{
  struct buf out;
  buf_init(&out, &alloc);
  style_puts(&out, STYLE_ERROR, COLORS_NONE, "x");
  style_puts(&out, STYLE_PLAIN, COLORS_256, "y");
  style_puts(&out, STYLE_ERROR, COLORS_16, "z");
  assert_string_equal(buf_text(&out), "xy\033[1;31mz\033[0m");
  assert_string_equal(style_sgr(STYLE_KEYWORD, COLORS_256), "\033[38;5;134m");
  assert_int_equal(style_of_capture("keyword.conditional", 19), STYLE_KEYWORD);
  assert_int_equal(style_of_capture("constant.builtin", 16), STYLE_CONSTANT);
  assert_int_equal(style_of_capture("unheard.of", 10), STYLE_PLAIN);
  buf_fini(&out);
}

static void test_sgr(void **state)
{
  struct attr a = {0}, plain = {0};
  struct buf out;
  buf_init(&out, &alloc);
  const char *text = "x\033[1;38;5;200m\033[48;2;1;2;3my\033[2J\033[22;4m";
  sgr_scan(&a, text, strlen(text));
  assert_int_equal(a.fg, ATTR_PALETTE | 200);
  assert_int_equal(a.bg, ATTR_RGB | 0x010203);
  assert_int_equal(a.flags, 1u << 4);
  sgr_put(&out, plain, a);
  assert_string_equal(buf_text(&out), "\033[4;38;5;200;48;2;1;2;3m");
  buf_clear(&out);
  sgr_put(&out, a, (struct attr){.fg = ATTR_PALETTE | 9});
  assert_string_equal(buf_text(&out), "\033[0;91m");
  buf_clear(&out);
  sgr_put(&out, a, plain);
  assert_string_equal(buf_text(&out), "\033[0m");
  sgr_apply(&a, "\033[m", 3);
  assert_true(attr_is_plain(a));
  buf_fini(&out);
}

// Each sequence on top of bold, underlined, red on blue; and what becomes of it.
static void test_sgr_parameters(void **state)
{
  static const struct { const char *text; u32 fg, bg, flags; } cases[] = {
    { "\033[39m", ATTR_DEFAULT, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 },
    { "\033[49m", ATTR_PALETTE | 1, ATTR_DEFAULT, 1u << 1 | 1u << 4 },
    { "\033[92;103m", ATTR_PALETTE | 10, ATTR_PALETTE | 11, 1u << 1 | 1u << 4 },
    { "\033[42;21m", ATTR_PALETTE | 1, ATTR_PALETTE | 2, 1u << 1 | 1u << 4 },
    { "\033[24;3m", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 1 | 1u << 3 },
    { "\033[22m", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 4 },
    { "\033[50;98;108;200m", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 },
    { "\033[38;5m", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 },         // cut short: without effect
    { "\033[38;2;1;2m", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 },
    { "\033[38;7;1;2;3;4m", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 }, // a kind of colour nobody knows
    { "\033[38:5:9m", ATTR_PALETTE | 9, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 },
    { "\033[99999999999m", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 },
    { "\033[?1m", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 },
    { "\033Pm\033\\", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 },
    { "\033[0", ATTR_PALETTE | 1, ATTR_PALETTE | 4, 1u << 1 | 1u << 4 },
    { "\033[0;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;4;4m", ATTR_DEFAULT, ATTR_DEFAULT, 1u << 1 },
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    struct attr a = { .fg = ATTR_PALETTE | 1, .bg = ATTR_PALETTE | 4, .flags = 1u << 1 | 1u << 4 };
    sgr_scan(&a, cases[i].text, strlen(cases[i].text));
    if (a.fg != cases[i].fg || a.bg != cases[i].bg || a.flags != cases[i].flags) fail_msg("%s", cases[i].text + 1);
  }
}

static void test_broken_sequences(void **state)
{
  static const char cut[] = "\033]0;title\033[0m";  // another begins: the title ends before it
  assert_int_equal(sgr_sequence(cut, cut + sizeof cut - 1), 9);
  static const char control[] = "\033[1\ax";  // a control ends it
  assert_int_equal(sgr_sequence(control, control + sizeof control - 1), 4);
}

static void test_sequences(void **state)
{
  const char *cases[] = {"\033[1m", "\033[?25l", "\033]0;title\a", "\033]0;t\033\\", "\033(B", "\033M", "\033Pq\033\\"};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    size_t len = strlen(cases[i]);
    for (size_t n = 1; n < len; n++) assert_int_equal(sgr_sequence(cases[i], cases[i] + n), 0);
    assert_int_equal(sgr_sequence(cases[i], cases[i] + len), len);
  }
}

// --- clusters

static void assert_cluster(const char *text, size_t len, int width, const char *shown)
{
  struct cluster c;
  assert_int_equal(cluster_read(text, text + strlen(text), &c), len);
  assert_int_equal(c.width, width);
  assert_int_equal(c.len, strlen(shown));
  assert_memory_equal(c.text, shown, c.len);
}

static void test_clusters(void **state)
{
  assert_cluster("ab", 1, 1, "a");
  assert_cluster("日x", 3, 2, "日");
  assert_cluster("e\xCC\x81x", 3, 1, "e\xCC\x81");
  assert_cluster("👨‍👩‍👧x", 18, 2, "👨‍👩‍👧");
  assert_cluster("🇩🇪x", 8, 2, "🇩🇪");
  assert_cluster("❤️x", 6, 2, "❤️");
  assert_cluster("\xCC\x81x", 2, 1, "◌\xCC\x81");
  assert_cluster("\033[", 1, 2, "^[");
  assert_cluster("\x7F", 1, 2, "^?");
  assert_cluster("\xC2\x9Bx", 2, 4, "<9B>");
  assert_cluster("\xE2\x80\xAEx", 3, 6, "<202E>");
  assert_cluster("a\xE2\x80\xAEx", 1, 1, "a");
  assert_cluster("\xFFx", 1, 1, "\xEF\xBF\xBD");
  char flood[3001] = "a";
  for (int i = 0; i < 1499; i++) strcat(flood, "\xCC\x81");
  struct cluster c;
  assert_int_equal(cluster_read(flood, flood + strlen(flood), &c), strlen(flood));
  assert_true(c.len <= CLUSTER_BYTES && c.width == 1);
  assert_int_equal(cluster_before("ab", 2), 1);
  assert_int_equal(cluster_before("ae\xCC\x81", 4), 3);
  assert_int_equal(cluster_before("a", 0), 0);
  assert_cluster("🩷x", 4, 2, "🩷");  // newer than the tables
  assert_cluster("🪿", 4, 2, "🪿");
  assert_cluster("🇩x", 4, 1, "🇩");
  assert_cluster("\xC2\xADx", 2, 4, "<AD>");
  assert_cluster("\xD8\x9C", 2, 5, "<61C>");
  assert_cluster("\xE1\xA0\x8E", 3, 6, "<180E>");
  assert_cluster("\xE2\x80\xA8", 3, 6, "<2028>");
  assert_cluster("\xE2\x80\xA9", 3, 6, "<2029>");
  assert_cluster("\xE0\xA4\x95\xE0\xA4\xBEx", 6, 2, "\xE0\xA4\x95\xE0\xA4\xBE");  // a mark that takes a column
  assert_cluster("🏴\xF3\xA0\x81\xA7\xF3\xA0\x81\xBFx", 12, 2, "🏴\xF3\xA0\x81\xA7\xF3\xA0\x81\xBF");
  char far[400] = "";
  for (int i = 0; i < 100; i++) strcat(far, "日");
  assert_int_equal(cluster_before(far, 300), 3);
  int used;
  assert_int_equal(cluster_fit("a日本", 7, 4, &used), 4);
  assert_int_equal(used, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  static const struct CMUnitTest tests[] = {
      TEST(test_undo_steps), TEST(test_undo_has_bounds), TEST(test_paste),     TEST(test_menu),
      TEST(test_colours),    TEST(test_terminals),       TEST(test_styles),    TEST(test_sgr), TEST(test_sgr_parameters), TEST(test_broken_sequences),
      TEST(test_sequences),  TEST(test_clusters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
