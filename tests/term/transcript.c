// transcript README [--print]: plays the session that README shows, on a real terminal, and fails where README shows another one.
// Times, ages and numbers of timers are not compared. --print prints the session instead, to be put there.
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "term.h"

enum { ATTEMPTS = 5 };  // a machine that stands still for a second puts a tick elsewhere

// What is typed, and the row that must stand last, or just stand there, before the next is typed.
static const struct {
  const char *typed, *last_row, *row;
} steps[] = {
  { "", "[1] >", NULL },
  { "class NoiseMaker {\r", NULL, NULL },
  { "tick = 1s\r", NULL, NULL },
  { "fn start() { self.timer = every(self.tick, self.shout) }\r", NULL, NULL },
  { "fn shout() { print(\"LOUD NOISES!\") }\r", NULL, NULL },
  { "}\r", "[2] >", NULL },
  { "let n = NoiseMaker(); n.start()\r", "[3] >", "[2] LOUD NOISES!" },
  { "print(\"shhh, this is a library\")\r", "[4] >", "[2] LOUD NOISES!" },
  { "await sleep(1.5s); \"slept through it\"\r", "[5] >", "\"slept through it\"" },
  { "await sleep(1h)\r", NULL, "[2] LOUD NOISES!" },
  { "\032", "[6] >", "[2] LOUD NOISES!" },
  { ":jobs\r", "[6] >", NULL },
  { "after(200ms, () => int(\"five\"))\r", "[7] !1 >", "[2] LOUD NOISES!" },
  { ":cancel 5\r", "[7] !1 >", "[5] cancelled" },
  { ":cancel 2\r", "[7] !1 >", NULL },
  { "class Scream { fn to_markdown() => \"# AAAHHHH\" }\r", "[8] !1 >", NULL },
  { "after(300ms, display, Scream())\r", "[9] !1 >", "[8] AAAHHHH" },
};

static int rows_that_are(struct term *t, const char *row)
{
  int count = 0;
  size_t len = strlen(row);
  for (const char *at = term_all(t); *at;) {
    const char *end = strchrnul(at, '\n');
    count += (size_t)(end - at) == len && strncmp(at, row, len) == 0;
    at = *end ? end + 1 : end;
  }
  return count;
}

struct more {
  const char *row;
  int count;
};

static bool has_more(struct term *t, void *user)
{
  const struct more *more = user;
  return rows_that_are(t, more->row) > more->count;
}

static void play(struct term *t)
{
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    struct more more = { .row = steps[i].row };
    if (more.row) more.count = rows_that_are(t, more.row);
    term_send(t, steps[i].typed);
    if (more.row) term_wait(t, has_more, &more, more.row);
    if (steps[i].last_row) term_wait_line(t, steps[i].last_row);
  }
  // The rule under the heading comes with it; then the prompt that nothing was typed at is left out.
  term_wait_text(t, "[8] ═");
}

// The session without banner and last prompt; to be freed.
static char *played(void)
{
  struct term *t = term_open(100, 60, term_lull(), NULL);
  play(t);
  char *text = strdup(strstr(term_all(t), "[1] >")), *end = strrchr(text, '\n');
  if (end) end[1] = 0;
  term_close(t);
  return text;
}

// Runs of digits with points become one #, as do the blanks and lines of a table, whose width follows its numbers.
static void normalise(const char *from, char *to)
{
  while (*from) {
    bool is_number = isdigit((unsigned char)*from) && (to[-1] == ' ' || to[-1] == '#');
    if (is_number) {
      while (isdigit((unsigned char)*from) || *from == '.') from++;
      *to++ = '#';
    } else if (*from == ' ' || strncmp(from, "─", 3) == 0) {
      const char *what = *from == ' ' ? " " : "─";
      while (strncmp(from, what, strlen(what)) == 0) from += strlen(what);
      to = stpcpy(to, what);
    } else {
      *to++ = *from++;
    }
  }
  *to = 0;
}

static char *normal(const char *text)
{
  char *result = malloc(strlen(text) + 2);
  *result = ' ';
  normalise(text, result + 1);
  return result;
}

// What README shows: the first block after "## A session"; to be freed.
static char *shown(const char *path)
{
  FILE *f = fopen(path, "r");
  char *text = calloc(1, 1 << 20), *copy;
  if (!f || !text || !fread(text, 1, (1 << 20) - 1, f)) return NULL;
  fclose(f);
  char *at = strstr(text, "## A session"), *start = at ? strstr(at, "```\n") : NULL, *end = start ? strstr(start + 4, "```") : NULL;
  copy = end ? strndup(start + 4, (size_t)(end - start - 4)) : NULL;
  free(text);
  return copy;
}

static const char *readme;

static void test_readme(void **state)
{
  char *wanted = shown(readme);
  assert_non_null(wanted);
  char *normal_wanted = normal(wanted), *last = NULL;
  bool is_same = false;
  for (int i = 0; i < ATTEMPTS && !is_same; i++) {
    free(last);
    char *text = played();
    last = normal(text);
    is_same = strcmp(last, normal_wanted) == 0;
    free(text);
  }
  if (!is_same) assert_string_equal(last, normal_wanted);
  free(last);
  free(normal_wanted);
  free(wanted);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(test_readme, term_teardown) };
  if (argc < 2) return 2;
  readme = argv[1];
  if (argc > 2 && strcmp(argv[2], "--print") == 0) {
    fputs(played(), stdout);
    return 0;
  }
  return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}
