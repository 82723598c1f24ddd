#include "session/history.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "edit/recall.h"
#include "edit/search.h"
#include "edit/suggest.h"

static struct alloc alloc;
static char folder[64], file[96];

static int setup(void **state)
{
  alloc_init(&alloc, SIZE_MAX);
  strcpy(folder, "/tmp/lull-history-XXXXXX");
  assert_non_null(mkdtemp(folder));
  snprintf(file, sizeof file, "%s/deep/history", folder);
  return 0;
}

static int teardown(void **state)
{
  char path[96];
  unlink(file);
  snprintf(path, sizeof path, "%s/deep", folder);
  rmdir(path);
  rmdir(folder);
  assert_int_equal(alloc.used, 0);
  return 0;
}

static struct history *open_history(void)
{
  struct history *h = history_create(&alloc, file);
  assert_non_null(h);
  return h;
}

static bool put(struct history *h, const char *text)
{
  return history_append(h, text, strlen(text));
}

// The live entries, oldest first, with "|" between.
static void assert_entries(struct history *h, const char *expected)
{
  struct buf all;
  buf_init(&all, &alloc);
  for (u32 i = 0; i < history_bound(h); i++) {
    size_t len;
    const char *entry = history_entry(h, i, &len);
    if (!entry) continue;
    if (all.len > 0) buf_putc(&all, '|');
    buf_append(&all, entry, len);
  }
  assert_string_equal(buf_text(&all), expected);
  buf_fini(&all);
}

static void write_file(const char *bytes)
{
  FILE *f = fopen(file, "a");
  assert_non_null(f);
  fputs(bytes, f);
  fclose(f);
}

static void assert_file(const char *expected)
{
  char bytes[4096];
  int fd = open(file, O_RDONLY);
  ssize_t n = read(fd, bytes, sizeof bytes - 1);
  close(fd);
  assert_true(n >= 0);
  bytes[n] = 0;
  assert_string_equal(bytes, expected);
}

static void test_kept_across_sessions(void **state)
{
  struct history *h = open_history();
  assert_true(put(h, "x = 1"));
  assert_true(put(h, "if x {\n  \"a\\n\"\r\n}"));
  assert_true(history_append(h, "nul\0l", 5));
  history_destroy(h);
  assert_file("x = 1\nif x {\\n  \"a\\\\n\"\\r\\n}\nnul\\0l\n");
  h = open_history();
  size_t len;
  assert_string_equal(history_entry(h, 1, &len), "if x {\n  \"a\\n\"\r\n}");
  history_entry(h, 2, &len);
  assert_int_equal(len, 5);
  struct stat st;
  assert_int_equal(stat(file, &st), 0);
  assert_int_equal(st.st_mode & 07777, 0600);
  history_destroy(h);
}

static void test_what_is_left_out(void **state)
{
  struct history *h = open_history();
  put(h, "a");
  put(h, "a");
  put(h, " secret");
  put(h, "");
  put(h, "b");
  put(h, "a");  // the older one gives way
  assert_entries(h, "b|a");
  assert_int_equal(history_count(h), 2);
  assert_file("a\nb\na\n");
  history_destroy(h);
  h = open_history();
  assert_entries(h, "b|a");
  history_destroy(h);
}

static void test_sessions_share_it(void **state)
{
  struct history *one = open_history(), *two = open_history();
  put(one, "first");
  put(two, "second");
  assert_entries(two, "first|second");  // taken in before its own
  assert_entries(one, "first");
  history_refresh(one);
  assert_entries(one, "first|second");
  put(one, "third");
  put(two, "fourth");
  history_refresh(one);
  assert_entries(one, "first|second|third|fourth");
  assert_entries(two, "first|second|third|fourth");
  history_destroy(one);
  history_destroy(two);
}

static void test_torn_tail(void **state)
{
  struct history *h = open_history();
  put(h, "whole");
  write_file("torn by a cra");
  history_refresh(h);
  assert_entries(h, "whole");  // perhaps its writer is not done
  put(h, "next");
  assert_file("whole\ntorn by a cra\nnext\n");
  history_destroy(h);
  h = open_history();
  assert_entries(h, "whole|torn by a cra|next");
  history_destroy(h);
}

// How many entries there are, the newest of them [newest].
static void assert_ends_with(const char *newest, u32 count)
{
  struct history *h = open_history();
  size_t len;
  const char *entry = history_entry(h, history_before(h, history_bound(h)), &len);
  assert_int_equal(history_count(h), count);
  assert_non_null(entry);
  assert_string_equal(entry, newest);
  history_destroy(h);
}

// Disks lose what was written last: the file is shorter than it was, or has zeros there. What was whole before is kept,
// and so is what comes after.
static void test_after_a_power_cut(void **state)
{
  static const char *const entries[] = { "let a = 1", "if a {\n  a\n}", "print(\"\xc3\xa4\")", "a \\ b" };
  char bytes[256];
  struct history *h = open_history();
  for (size_t i = 0; i < COUNT_OF(entries); i++) put(h, entries[i]);
  history_destroy(h);
  int fd = open(file, O_RDONLY);
  off_t len = read(fd, bytes, sizeof bytes);
  close(fd);
  for (off_t cut = 0; cut <= len; cut++) {
    for (off_t zeros = 0; zeros <= 64; zeros += 16) {
      u32 whole = 0, torn = cut > 0 && bytes[cut - 1] != '\n' && zeros == 0;
      for (off_t i = 0; i < cut; i++) whole += bytes[i] == '\n';
      fd = open(file, O_WRONLY | O_TRUNC);
      assert_int_equal(write(fd, bytes, (size_t)cut), cut);
      assert_int_equal(ftruncate(fd, cut + zeros), 0);
      close(fd);
      h = open_history();
      assert_int_equal(history_count(h), whole);
      assert_true(put(h, "after"));
      history_destroy(h);
      assert_ends_with("after", whole + torn + 1);
    }
  }
}

static void test_file_replaced_or_cut(void **state)
{
  struct history *h = open_history();
  put(h, "one entry that is long");
  assert_int_equal(truncate(file, 0), 0);
  write_file("new\n");
  history_refresh(h);
  assert_entries(h, "one entry that is long|new");
  put(h, "more");
  history_destroy(h);
}

// A write that is cut short is told of, and what follows is not joined to its remains.
static void test_no_space(void **state)
{
  struct rlimit before, little = { 0 };
  struct history *h = open_history();
  assert_true(put(h, "first"));
  struct stat st;
  assert_int_equal(stat(file, &st), 0);
  getrlimit(RLIMIT_FSIZE, &before);
  little = (struct rlimit){ (rlim_t)st.st_size + 3, before.rlim_max };
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  bool is_put = put(h, "a second one");
  setrlimit(RLIMIT_FSIZE, &before);
  assert_false(is_put);
  assert_true(history_error(h) == EFBIG || history_error(h) == ENOSPC);
  assert_true(put(h, "third"));
  history_destroy(h);
  h = open_history();
  assert_entries(h, "first|a s|third");
  history_destroy(h);
}

static void test_nowhere_to_write(void **state)
{
  struct history *h = history_create(&alloc, "/dev/full");
  assert_false(put(h, "x"));
  assert_int_equal(errno, EINVAL);  // no file
  assert_entries(h, "x");
  history_destroy(h);
  h = history_create(&alloc, "/proc/no/such/history");
  assert_false(put(h, "x"));
  assert_true(history_error(h) != 0);
  assert_entries(h, "x");
  history_destroy(h);
  h = history_create(&alloc, NULL);
  assert_true(put(h, "x"));
  history_destroy(h);
}

static void test_where_it_is(void **state)
{
  struct buf path;
  buf_init(&path, &alloc);
  setenv("LULL_HISTORY", "", 1);
  assert_false(history_default_path(&path));
  unsetenv("LULL_HISTORY");
  setenv("XDG_STATE_HOME", "/state", 1);
  assert_true(history_default_path(&path));
  assert_string_equal(buf_text(&path), "/state/lull/history");
  setenv("XDG_STATE_HOME", "relative", 1);
  setenv("HOME", "/home/me", 1);
  buf_clear(&path);
  assert_true(history_default_path(&path));
  assert_string_equal(buf_text(&path), "/home/me/.local/state/lull/history");
  static const char *const homes[] = { "", NULL };
  for (size_t i = 0; i < 2; i++) {
    if (homes[i]) setenv("HOME", homes[i], 1);
    else unsetenv("HOME");
    buf_clear(&path);
    assert_false(history_default_path(&path));
  }
  buf_fini(&path);
}

// What is no entry is not kept, and what is too long for a history.
static void test_what_is_no_entry(void **state)
{
  static char huge[(8 << 20) + 2];
  struct history *h = open_history();
  memset(huge, 'x', sizeof huge - 1);
  assert_true(put(h, ""));
  assert_true(put(h, "\tindented"));
  assert_true(put(h, "\nbelow"));
  assert_true(put(h, "kept\\"));
  assert_entries(h, "kept\\");
  history_destroy(h);
  h = history_create(&alloc, NULL);
  assert_true(put(h, ""));
  assert_true(put(h, " blank"));
  assert_true(put(h, "\ttab"));
  assert_true(put(h, "\nrow"));
  assert_true(put(h, "one"));
  assert_true(put(h, "two"));
  assert_true(put(h, "one"));
  assert_entries(h, "two|one");
  assert_int_equal(history_before(h, 1000), history_before(h, history_bound(h)));
  history_destroy(h);
  h = open_history();
  history_destroy(h);
  write_file("ends in a backslash\\\n\\q unknown\n\n");
  h = open_history();
  assert_int_equal(history_count(h), 3);
  history_destroy(h);
}

// Many entries that are entered again and again: the places of the old ones are used again.
static void test_repetitions(void **state)
{
  struct history *h = history_create(&alloc, NULL);
  char text[32];
  size_t len;
  for (int i = 0; i < 3000; i++) {
    snprintf(text, sizeof text, "entry %d", i % 70);
    assert_true(put(h, text));
  }
  assert_int_equal(history_count(h), 70);
  u32 newest = history_before(h, history_bound(h));
  assert_string_equal(history_entry(h, newest, &len), "entry 59");
  history_destroy(h);
}

// --- many writers, killed at any moment

enum { WRITERS = 6, ENTRIES = 150 };

static void write_entries(int writer, int report)
{
  struct alloc own;
  alloc_init(&own, SIZE_MAX);
  struct history *h = history_create(&own, file);
  for (int i = 0; i < ENTRIES; i++) {
    char text[64];
    snprintf(text, sizeof text, "writer %d entry %d\nsecond row", writer, i);
    if (put(h, text) && write(report, &(int[2]){writer, i}, sizeof(int[2])) < 0) break;
  }
  _exit(0);
}

static int collect(int report, bool has[WRITERS][ENTRIES])
{
  int pair[2], count = 0;
  while (read(report, pair, sizeof pair) == sizeof pair) {
    has[pair[0]][pair[1]] = true;
    count++;
  }
  return count;
}

static void test_writers_that_are_killed(void **state)
{
  static bool has[WRITERS][ENTRIES];
  int report[2];
  pid_t writers[WRITERS];
  assert_int_equal(pipe(report), 0);
  for (int w = 0; w < WRITERS; w++) {
    writers[w] = fork();
    if (writers[w] == 0) write_entries(w, report[1]);
  }
  close(report[1]);
  int pair[2];
  for (int i = 0; i < 200 && read(report[0], pair, sizeof pair) == sizeof pair; i++) has[pair[0]][pair[1]] = true;
  for (int w = 0; w < WRITERS; w += 2) kill(writers[w], SIGKILL);
  collect(report[0], has);
  for (int w = 0; w < WRITERS; w++) waitpid(writers[w], NULL, 0);
  close(report[0]);
  struct history *h = open_history();
  for (int w = 0; w < WRITERS; w++) {
    for (int i = 0; i < ENTRIES; i++) {
      char text[64];
      size_t len, n = (size_t)snprintf(text, sizeof text, "writer %d entry %d\nsecond row", w, i);
      bool is_there = false;
      for (u32 at = 0; at < history_bound(h) && !is_there; at++) {
        const char *entry = history_entry(h, at, &len);
        is_there = entry && len == n && memcmp(entry, text, n) == 0;
      }
      if (has[w][i]) assert_true(is_there);
      if (w % 2) assert_true(is_there);
    }
  }
  history_destroy(h);
}

static void test_only_the_end_of_a_huge_file(void **state)
{
  struct history *h = open_history();
  history_destroy(h);
  FILE *f = fopen(file, "a");
  for (int i = 0; i < 900000; i++) fprintf(f, "entry %07d\n", i);
  fclose(f);
  h = open_history();
  size_t len;
  u32 newest = history_before(h, history_bound(h));
  assert_string_equal(history_entry(h, newest, &len), "entry 0899999");
  assert_true(history_count(h) > 500000 && history_count(h) < 700000);
  history_entry(h, 0, &len);
  assert_int_equal(len, 13);  // no half entry at the beginning
  history_destroy(h);
}

// --- walking and searching

static struct history *with(const char *const *entries)
{
  struct history *h = history_create(&alloc, NULL);
  for (; *entries; entries++) put(h, *entries);
  return h;
}

static void test_suggest(void **state)
{
  struct history *h = with((const char *const[]){"print(1)", "print(2)", "let x = 3", NULL});
  size_t len;
  assert_string_equal(suggest_rest(h, "pr", 2, &len), "int(2)");
  assert_string_equal(suggest_rest(h, "l", 1, &len), "et x = 3");
  assert_null(suggest_rest(h, "print(2)", 8, &len));
  assert_null(suggest_rest(h, "", 0, &len));
  assert_null(suggest_rest(h, "zz", 2, &len));
  assert_int_equal(suggest_word("int(2)", 6), 3);
  assert_int_equal(suggest_word(" x = 3", 6), 2);
  assert_int_equal(suggest_word("...", 3), 3);
  assert_int_equal(suggest_word("_a\xC3\xA4(", 5), 4);
  assert_null(suggest_rest(NULL, "pr", 2, &len));
  history_destroy(h);
}

static void test_recall(void **state)
{
  struct history *h = with((const char *const[]){"aa", "b", "ab", NULL});
  struct recall r;
  size_t len;
  recall_init(&r, &alloc);
  assert_string_equal(recall_older(&r, h, "", 0, &len), "ab");
  assert_string_equal(recall_older(&r, h, "ab", 2, &len), "b");
  assert_string_equal(recall_older(&r, h, "b", 1, &len), "aa");
  assert_null(recall_older(&r, h, "aa", 2, &len));
  assert_string_equal(recall_newer(&r, h, &len), "b");
  assert_string_equal(recall_newer(&r, h, &len), "ab");
  assert_string_equal(recall_newer(&r, h, &len), "");
  assert_null(recall_newer(&r, h, &len));
  assert_string_equal(recall_older(&r, h, "a", 1, &len), "ab");  // only what contains the text typed
  assert_string_equal(recall_older(&r, h, "ab", 2, &len), "aa");
  assert_null(recall_older(&r, h, "aa", 2, &len));
  assert_string_equal(recall_newer(&r, h, &len), "ab");
  assert_string_equal(recall_newer(&r, h, &len), "a");
  assert_null(recall_older(&r, NULL, "a", 1, &len));
  assert_null(recall_older(&r, h, "zz", 2, &len));
  recall_fini(&r);
  history_destroy(h);
}

static void test_search(void **state)
{
  struct history *h = with((const char *const[]){"await one", "Print", "await two", "print", NULL});
  struct search s;
  search_setup(&s, &alloc);
  search_begin(&s, h, "own", 3, 3);
  search_type(&s, h, "a", 1);
  assert_string_equal(buf_text(&s.found), "await two");
  search_type(&s, h, "wait o", 6);
  assert_string_equal(buf_text(&s.found), "await one");
  assert_int_equal(s.match, 0);
  search_step(&s, h, true);
  assert_true(s.is_failing);
  assert_string_equal(buf_text(&s.found), "await one");
  search_erase(&s, h);
  assert_string_equal(buf_text(&s.found), "await two");
  search_step(&s, h, true);
  assert_string_equal(buf_text(&s.found), "await one");
  search_step(&s, h, false);
  assert_string_equal(buf_text(&s.found), "await two");
  for (int i = 0; i < 10; i++) search_erase(&s, h);
  assert_string_equal(buf_text(&s.found), "own");
  search_type(&s, h, "P", 1);
  assert_string_equal(buf_text(&s.found), "Print");
  search_begin(&s, h, "own", 3, 3);
  search_step(&s, h, true);  // for nothing
  assert_string_equal(buf_text(&s.found), "own");
  search_type(&s, h, "\xC3\xA9\xC3", 3);
  assert_true(s.is_failing);
  search_erase(&s, h);
  search_erase(&s, h);
  assert_int_equal(s.pattern.len, 0);
  search_type(&s, h, "await", 5);
  search_step(&s, h, false);
  assert_true(s.is_failing);  // there is nothing newer
  search_fini(&s);
  assert_int_equal(search_find("\xC3\x84x", 3, "x", 1), 2);
  assert_int_equal(search_find("aXb", 3, "xb", 2), 1);
  assert_int_equal(search_find("axb", 3, "Xb", 2), SIZE_MAX);
  history_destroy(h);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  static const struct CMUnitTest tests[] = {
      TEST(test_kept_across_sessions),
      TEST(test_what_is_left_out),
      TEST(test_sessions_share_it),
      TEST(test_torn_tail),
      TEST(test_after_a_power_cut),
      TEST(test_file_replaced_or_cut),
      TEST(test_no_space),
      TEST(test_nowhere_to_write),
      TEST(test_where_it_is),
      TEST(test_what_is_no_entry),
      TEST(test_repetitions),
      TEST(test_writers_that_are_killed),
      TEST(test_only_the_end_of_a_huge_file),
      TEST(test_suggest),
      TEST(test_recall),
      TEST(test_search),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
