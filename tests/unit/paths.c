#include "session/paths.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/lull-paths-XXXXXX";

static void make(const char *name, bool is_folder)
{
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  if (is_folder) assert_int_equal(mkdir(path, 0700), 0);
  else close(open(path, O_CREAT | O_WRONLY, 0600));
}

static int setup(void **state)
{
  if (!mkdtemp(folder)) return 1;
  make("alpha.lull", false);
  make("al", true);
  make(".hidden", false);
  return 0;
}

static int teardown(void **state)
{
  char command[300];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}

// How many completions there are for FOLDER/[begun]; the one named [expected] must be among them.
static u32 completes(const char *begun, const char *expected)
{
  struct alloc alloc;
  struct completions out = {.alloc = &alloc};
  char text[300];
  bool is_found = !expected;
  alloc_init(&alloc, SIZE_MAX);
  snprintf(text, sizeof text, "read(\"%s/%s", folder, begun);
  paths_complete(text, 6, strlen(text), &out);
  assert_int_equal(out.start, 6 + strlen(folder) + 1);
  for (u32 i = 0; i < out.list.len; i++) {
    const struct completion *c = &out.list.data[i];
    if (expected && c->text.len == strlen(expected) && !memcmp(c->text.bytes, expected, c->text.len)) is_found = true;
    mem_free(&alloc, (char *)c->text.bytes, c->text.len + c->hint.len + 1);
  }
  u32 count = out.list.len;
  vec_free(&alloc, &out.list);
  assert_true(is_found);
  return count;
}

static void files_and_folders_are_offered(void **state)
{
  assert_int_equal(completes("", "alpha.lull"), 2);
  assert_int_equal(completes("a", "al/"), 2);
  assert_int_equal(completes("alp", "alpha.lull"), 1);
  assert_int_equal(completes("x", NULL), 0);
}

static void hidden_files_are_for_those_who_ask(void **state)
{
  assert_int_equal(completes(".", ".hidden"), 1);
}

static void strings_are_found(void **state)
{
  static const struct {
    const char *text;
    size_t start;
  } cases[] = {
      {"read(\"ab", 6},  {"read(\"ab\")", SIZE_MAX}, {"'a\\", 1},          {"\"a\\\"b", 1},
      {"# \"no", SIZE_MAX}, {"\"a\nb", SIZE_MAX},        {"\"a\" + 'b", 7}, {"", SIZE_MAX},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++)
    assert_int_equal(paths_in_string(cases[i].text, strlen(cases[i].text)), cases[i].start);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_and_folders_are_offered),
      cmocka_unit_test(hidden_files_are_for_those_who_ask),
      cmocka_unit_test(strings_are_found),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
