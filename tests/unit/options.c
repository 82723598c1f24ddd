#include "options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
  struct alloc alloc;
  struct options options;
  struct buf message;
  bool parsed;
};

static void parse(struct fixture *f, int argc, char *argv[])
{
  alloc_init(&f->alloc, SIZE_MAX);
  options_init(&f->options, &f->alloc);
  buf_init(&f->message, &f->alloc);
  f->parsed = options_parse(&f->options, argc, argv, &f->message);
}

static void done(struct fixture *f)
{
  options_fini(&f->options);
  buf_fini(&f->message);
  alloc_fini(&f->alloc);
}

#define PARSE(f, ...) \
  char *words[] = { (char *)"lull", __VA_ARGS__, NULL }; \
  parse(f, (int)COUNT_OF(words) - 1, words)

static void says(struct fixture *f, const char *part)
{
  assert_false(f->parsed);
  if (!strstr(buf_text(&f->message), part)) fail_msg("\"%s\" not in \"%s\"", part, buf_text(&f->message));
}

static void nothing_at_all(void **state)
{
  struct fixture f;
  parse(&f, 0, (char *[]){ NULL });
  assert_true(f.parsed);
  assert_null(f.options.file);
  assert_int_equal(f.options.argc, 0);
  done(&f);
}

static void arguments_of_a_script_stay_untouched(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"-q", (char *)"a.lull", (char *)"-q", (char *)"--", (char *)"--check");
  assert_true(f.parsed && f.options.is_quiet && !f.options.checks_only);
  assert_string_equal(f.options.file, "a.lull");
  assert_int_equal(f.options.argc, 3);
  assert_string_equal(f.options.argv[0], "-q");
  assert_string_equal(f.options.argv[1], "--");
  done(&f);
}

static void two_dashes_end_the_options(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"--", (char *)"-x.lull", (char *)"1");
  assert_true(f.parsed);
  assert_string_equal(f.options.file, "-x.lull");
  assert_int_equal(f.options.argc, 1);
  done(&f);
}

static void a_dash_is_standard_input(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"-", (char *)"-e");
  assert_true(f.parsed);
  assert_string_equal(f.options.file, "-");
  assert_string_equal(f.options.argv[0], "-e");
  done(&f);
}

static void codes_are_lines_of_one_text(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"-e", (char *)"a = 1", (char *)"-cb = 2", (char *)"--eval=c", (char *)"-pe", (char *)"d",
        (char *)"x");
  assert_true(f.parsed && f.options.prints_value);
  assert_string_equal(buf_text(&f.options.code), "a = 1\nb = 2\nc\nd");
  assert_null(f.options.file);
  assert_int_equal(f.options.argc, 1);
  assert_string_equal(f.options.argv[0], "x");
  done(&f);
}

static void an_empty_code_is_a_code(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"-e", (char *)"");
  assert_true(f.parsed && f.options.has_code);
  done(&f);
}

static void sizes(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"--memory", (char *)"3M", (char *)"--color=never");
  assert_true(f.parsed);
  assert_int_equal(f.options.memory, 3 << 20);
  assert_int_equal(f.options.color, COLOR_NEVER);
  done(&f);
}

static void wrong_sizes(void **state)
{
  static const char *const texts[] = { "", "M", "-1", "1MB", "0", "99999999999999999999", "99999999999999G" };
  for (size_t i = 0; i < COUNT_OF(texts); i++) {
    struct fixture f;
    PARSE(&f, (char *)"--memory", (char *)texts[i]);
    says(&f, "--memory takes a size");
    done(&f);
  }
}

static void limits(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"--steps", (char *)"1000000", (char *)"--time=0.5");
  assert_true(f.parsed);
  assert_int_equal(f.options.steps, 1000000);
  assert_true(f.options.seconds == 0.5);
  done(&f);
}

static void wrong_limits(void **state)
{
  static const char *const texts[] = { "", "x", "-1", "0", "1x", "nan", "inf", "1e10", "99999999999999999999" };
  static const char *const options[][2] = { { "--steps", "--steps takes a number of steps" },
                                            { "--time", "--time takes seconds" } };
  for (size_t i = 0; i < COUNT_OF(texts); i++) {
    for (size_t k = 0; k < COUNT_OF(options); k++) {
      struct fixture f;
      PARSE(&f, (char *)options[k][0], (char *)texts[i]);
      says(&f, options[k][1]);
      done(&f);
    }
  }
}

static void an_unknown_option_suggests_the_nearest(void **state)
{
  static const char *const pairs[][2] = { { "--chek", "mean --check?" },
                                          { "--versoin", "mean --version?" },
                                          { "--colour=always", "mean --color?" },
                                          { "--inter", "mean --interactive?" } };
  for (size_t i = 0; i < COUNT_OF(pairs); i++) {
    struct fixture f;
    PARSE(&f, (char *)pairs[i][0]);
    says(&f, pairs[i][1]);
    done(&f);
  }
}

static void far_off_options_suggest_nothing(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"--bananas-and-a-name-that-is-far-longer-than-any-option");
  says(&f, "unknown option --bananas");
  assert_null(strstr(buf_text(&f.message), "mean"));
  done(&f);
}

static void letters_are_checked(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"-qz");
  says(&f, "unknown option -qz");
  done(&f);
}

static void arguments_are_asked_for(void **state)
{
  static const char *const words_without[][2] = { { "-e", "-e needs CODE" }, { "--memory", "--memory needs SIZE" } };
  for (size_t i = 0; i < COUNT_OF(words_without); i++) {
    struct fixture f;
    PARSE(&f, (char *)words_without[i][0]);
    says(&f, words_without[i][1]);
    done(&f);
  }
}

static void flags_take_no_argument(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"--quiet=yes");
  says(&f, "--quiet takes no argument");
  done(&f);
}

static void print_needs_code(void **state)
{
  struct fixture f;
  PARSE(&f, (char *)"-p", (char *)"a.lull");
  says(&f, "-p prints the value");
  done(&f);
}

static void help_fits_a_terminal(void **state)
{
  struct alloc alloc;
  struct buf out;
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&out, &alloc);
  options_help(&out);
  const char *line = buf_text(&out);
  for (const char *end; (end = strchr(line, '\n')); line = end + 1)
    if (end - line > 90) fail_msg("%.*s", (int)(end - line), line);
  assert_non_null(strstr(buf_text(&out), "-e, -c, --eval CODE"));
  buf_fini(&out);
  alloc_fini(&alloc);
}

// The whole of a text file of the repository, found from this one; it stands in static memory.
static const char *file_of_repository(const char *path)
{
  static char text[64 * 1024];
  char name[1024];
  const char *slash = strrchr(__FILE__, '/');
  snprintf(name, sizeof name, "%.*s/../../%s", slash ? (int)(slash - __FILE__) : 1, slash ? __FILE__ : ".", path);
  FILE *file = fopen(name, "r");
  if (!file) fail_msg("%s cannot be read", name);
  size_t len = fread(text, 1, sizeof text - 1, file);
  text[len] = 0;
  fclose(file);
  return text;
}

static void the_man_page_has_the_options_of_the_table(void **state)
{
  static const char begin[] = ".\\\" BEGIN OPTIONS\n", end[] = ".\\\" END OPTIONS\n";
  const char *page = file_of_repository("man/lull.1"), *start = strstr(page, begin);
  struct alloc alloc;
  struct buf expected, found;
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&expected, &alloc);
  buf_init(&found, &alloc);
  options_man(&expected);
  assert_non_null(start);
  start += strlen(begin);
  const char *stop = strstr(start, end);
  assert_non_null(stop);
  buf_append(&found, start, (size_t)(stop - start));
  assert_string_equal(buf_text(&found), buf_text(&expected));
  buf_fini(&expected);
  buf_fini(&found);
  alloc_fini(&alloc);
}

static void every_shell_completes_every_option(void **state)
{
  static const char *const shells[] = { "bash", "zsh", "fish" };
  struct alloc alloc;
  struct buf out;
  alloc_init(&alloc, SIZE_MAX);
  buf_init(&out, &alloc);
  for (size_t i = 0; i < COUNT_OF(shells); i++) {
    buf_clear(&out);
    assert_true(options_completions(shells[i], &out));
    assert_non_null(strstr(buf_text(&out), "eval"));
    assert_non_null(strstr(buf_text(&out), "completions"));
  }
  assert_false(options_completions("csh", &out));
  buf_fini(&out);
  alloc_fini(&alloc);
}

static void sizes_in_all_units(void **state)
{
  static const struct { const char *text; size_t size; } cases[] = {
    { "1000", 1000 }, { "2k", 2 << 10 }, { "2K", 2 << 10 }, { "3m", 3 << 20 }, { "3M", 3 << 20 },
    { "2g", (size_t)2 << 30 }, { "2G", (size_t)2 << 30 }, { "1t", (size_t)1 << 40 }, { "1T", (size_t)1 << 40 },
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    struct fixture f;
    PARSE(&f, (char *)"--memory", (char *)(uintptr_t)cases[i].text);
    assert_true(f.parsed);
    assert_int_equal(f.options.memory, cases[i].size);
    done(&f);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(sizes_in_all_units),
    cmocka_unit_test(nothing_at_all),
    cmocka_unit_test(arguments_of_a_script_stay_untouched),
    cmocka_unit_test(two_dashes_end_the_options),
    cmocka_unit_test(a_dash_is_standard_input),
    cmocka_unit_test(codes_are_lines_of_one_text),
    cmocka_unit_test(an_empty_code_is_a_code),
    cmocka_unit_test(sizes),
    cmocka_unit_test(wrong_sizes),
    cmocka_unit_test(limits),
    cmocka_unit_test(wrong_limits),
    cmocka_unit_test(an_unknown_option_suggests_the_nearest),
    cmocka_unit_test(far_off_options_suggest_nothing),
    cmocka_unit_test(letters_are_checked),
    cmocka_unit_test(arguments_are_asked_for),
    cmocka_unit_test(flags_take_no_argument),
    cmocka_unit_test(print_needs_code),
    cmocka_unit_test(help_fits_a_terminal),
    cmocka_unit_test(the_man_page_has_the_options_of_the_table),
    cmocka_unit_test(every_shell_completes_every_option),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
