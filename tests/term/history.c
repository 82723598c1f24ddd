// The history file under sessions that are killed, and under sessions at once. LULL_TEST_KILLS and LULL_TEST_ENTRIES ask for more of both.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "term.h"

static int count_from(const char *name, int otherwise)
{
  const char *text = getenv(name);
  return text ? atoi(text) : otherwise;
}

static struct term *session(struct term *beside)
{
  struct term *t = beside ? term_open_beside(beside, term_lull(), NULL) : term_open(80, 24, term_lull(), NULL);
  term_wait_line(t, "[1] >");
  return t;
}

// How many of the entries "name = 1" to "name = [count]" the history file holds.
static int entries_of(struct term *t, const char *name, int count)
{
  char path[256], line[256];
  snprintf(path, sizeof path, "%s/history", term_home(t));
  char *found = calloc((size_t)count + 1, 1);
  FILE *f = fopen(path, "r");
  int n, total = 0;
  size_t len = strlen(name);
  while (f && fgets(line, sizeof line, f)) {
    char *at = strstr(line, name);
    if (at && sscanf(at + len, " = %d", &n) == 1 && n >= 1 && n <= count) found[n] = 1;
  }
  if (f) fclose(f);
  for (int i = 1; i <= count; i++) total += found[i];
  free(found);
  return total;
}

// Enters some, the last one known to have run; then kills the session in the midst of what follows. Gives how many there are now.
static int enter_and_kill(struct term *t, int entered)
{
  char text[64];
  for (int k = rand() % 3; k >= 0; k--) {
    snprintf(text, sizeof text, "killed = %d", ++entered);
    term_line(t, text);
  }
  term_line(t, "print(\"ran ${killed}\")");
  snprintf(text, sizeof text, "ran %d", entered);
  term_wait_text(t, text);
  struct timespec pause = { .tv_nsec = rand() % 3000000 };
  term_send(t, "killed = 0" KEY_ENTER "while true { }" KEY_ENTER);
  nanosleep(&pause, NULL);
  term_signal(t, 9);
  return entered;
}

static void test_killed_sessions(void **state)
{
  int kills = count_from("LULL_TEST_KILLS", 30), entered = 0;
  struct term *keeper = session(NULL);  // its folder is that of the others
  srand(2);
  for (int i = 0; i < kills; i++) {
    struct term *t = session(keeper);
    entered = enter_and_kill(t, entered);
    term_close(t);
  }
  assert_int_equal(entries_of(keeper, "killed", entered), entered);
}

static void test_sessions_at_once(void **state)
{
  enum { SESSIONS = 10 };
  int entries = count_from("LULL_TEST_ENTRIES", 10);
  struct term *t[SESSIONS];
  char text[64];
  for (int i = 0; i < SESSIONS; i++) t[i] = session(i ? t[0] : NULL);
  for (int k = 1; k <= entries; k++) {
    for (int i = 0; i < SESSIONS; i++) {
      snprintf(text, sizeof text, "together = %d", i * entries + k);
      term_line(t[i], text);
    }
    snprintf(text, sizeof text, "[%d] >", k + 1);
    for (int i = 0; i < SESSIONS; i++) term_wait_line(t[i], text);
  }
  assert_int_equal(entries_of(t[0], "together", SESSIONS * entries), SESSIONS * entries);
  for (int i = SESSIONS; i-- > 0;) term_close(t[i]);
}

#define TEST(name) cmocka_unit_test_teardown(name, term_teardown)

int main(void)
{
  const struct CMUnitTest tests[] = { TEST(test_killed_sessions), TEST(test_sessions_at_once) };
  return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
