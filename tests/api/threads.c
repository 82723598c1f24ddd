// States in threads, one a thread, and work posted to them from others.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "host.h"

#define THREADS 4
#define POSTS 200

// A state in a thread of its own, with what it printed by tag.
struct server {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t opened;
  struct lull_port *port;
  int printed[THREADS + 1];
  char failed[200];
};

static void count_write(void *user, uint64_t tag, int stream, const char *bytes, size_t len)
{
  struct server *s = user;
  (void)stream, (void)bytes, (void)len;
  s->printed[tag]++;
}

static void note_failed(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error)
{
  struct server *s = user;
  (void)tag, (void)outcome, (void)error;
  snprintf(s->failed, sizeof s->failed, "tag %d failed", (int)tag);
}

static void *serve(void *user)
{
  struct server *s = user;
  struct ev_loop *loop = ev_loop_new(0);
  struct lull_host host = { .user = s, .write = count_write, .failed = note_failed };
  struct lull *lull = lull_create(loop, &host, 0);
  pthread_mutex_lock(&s->lock);
  s->port = lull_port_open(lull);
  pthread_cond_signal(&s->opened);
  pthread_mutex_unlock(&s->lock);
  ev_run(loop, 0);  // until the last hold of the port is released
  lull_destroy(lull);
  ev_loop_destroy(loop);
  return NULL;
}

static void server_start(struct server *s)
{
  *s = (struct server){ .port = NULL };
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->opened, NULL);
  assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
  pthread_mutex_lock(&s->lock);
  while (!s->port) pthread_cond_wait(&s->opened, &s->lock);
  pthread_mutex_unlock(&s->lock);
}

static void server_stop(struct server *s)
{
  lull_port_release(s->port);
  pthread_join(s->thread, NULL);
  pthread_mutex_destroy(&s->lock);
  pthread_cond_destroy(&s->opened);
}

static void assert_answers(struct server *s, const char *text, enum lull_outcome outcome, const char *expected)
{
  struct lull_result result;
  enum lull_outcome found = lull_post_wait(s->port, 1, "test", text, strlen(text), 0, &result);
  if (found != outcome || !strstr(result.text, expected)) fail_msg("%s: %d %s", text, found, result.text);
  lull_result_free(&result);
}

static void test_answers(void **state)
{
  struct server s;
  (void)state;
  server_start(&s);
  assert_answers(&s, "let n = 6\nn * 7", LULL_VALUE, "42");
  assert_answers(&s, "await sleep(0.001)\n\"n is ${n}\"", LULL_VALUE, "n is 6");
  assert_answers(&s, "{a: [1, \"x\"]}", LULL_VALUE, "{a: [1, \"x\"]}");
  assert_answers(&s, "throw ValueError(\"no\")", LULL_THROWN, "ValueError: no");
  assert_answers(&s, "let = 3", LULL_THROWN, "test:1:5");
  assert_answers(&s, "exit(4)", LULL_EXITED, "4");
  assert_answers(&s, "print(1)\nspawn { await sleep(0.001)\nprint(2) }\nawait sleep(0.01)", LULL_VALUE, "nil");
  server_stop(&s);
  assert_int_equal(s.printed[1], 2);
  assert_string_equal(s.failed, "tag 1 failed");  // exit(n) is for the host too
}

struct poster {
  struct server *server;
  uint64_t tag;
  int64_t sum;
};

static void *post_many(void *user)
{
  struct poster *p = user;
  char text[100];
  for (int i = 0; i < POSTS; i++) {
    struct lull_result result;
    snprintf(text, sizeof text, "if %d %% 10 == 0 { await sleep(0.001) }\nprint(1)\n%d + %d", i, i, (int)p->tag);
    if (lull_post_wait(p->server->port, p->tag, "test", text, strlen(text), 0, &result) == LULL_VALUE)
      p->sum += atoi(result.text);
    lull_result_free(&result);
  }
  return NULL;
}

static void test_many_posters(void **state)
{
  struct server s;
  struct poster posters[THREADS];
  pthread_t threads[THREADS];
  (void)state;
  server_start(&s);
  for (int i = 0; i < THREADS; i++) {
    posters[i] = (struct poster){ .server = &s, .tag = (uint64_t)i + 1 };
    pthread_create(&threads[i], NULL, post_many, &posters[i]);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  server_stop(&s);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(posters[i].sum, POSTS * (POSTS - 1) / 2 + POSTS * (i + 1));
    assert_int_equal(s.printed[i + 1], POSTS);
  }
}

// Each thread has a state of its own that uses what may be shared behind its back.
static void *live(void *user)
{
  atomic_int *good = user;
  for (int round = 0; round < 5; round++) {
    struct lull *lull = lull_create(NULL, NULL, 0);
    static const char *const texts[] = {
      "json.parse(\"[1, 2.5]\")[1] == 2.5",
      "regex(\"b+\").find(\"abbc\") != nil",
      "hash.sha256(\"x\") != nil",
      "let t = time.now()\nt.year > 2000",
      "2 ** 300 > 10 ** 80",
      "len(await fs.read(\"/etc/passwd\")) > 0",
      "os.user() != \"\"",
      "let r = await all((0..20).map(i => spawn { await sleep(0.001); i }))\nr.sum() == 190",
      "(await run(\"echo\", \"hi\")).out == bytes(\"hi\\n\")",
      "await net.lookup(\"localhost\")\ntrue",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
      struct lull_ref *value;
      enum lull_outcome outcome = lull_eval(lull, 1, "test", texts[i], strlen(texts[i]), &value);
      bool is_good = outcome == LULL_VALUE && lull_is_true(lull_ref_value(value));
      if (!is_good) {
        struct buf *report = lull_buf_create(lull);
        if (value) lull_report(lull, value, report);
        fprintf(stderr, "%s: %d %s\n", texts[i], outcome, lull_buf_text(report, NULL));
        lull_buf_destroy(report);
      }
      *good += is_good;
      lull_ref_release(lull, value);
    }
    lull_destroy(lull);
  }
  return NULL;
}

static void test_a_state_a_thread(void **state)
{
  pthread_t threads[THREADS];
  atomic_int good = 0;
  (void)state;
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, live, &good);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  assert_int_equal(good, THREADS * 5 * 10);
}

static atomic_int told, told_dropped;

static void count_told(void *user, enum lull_outcome outcome, const char *text, size_t len)
{
  (void)user, (void)text, (void)len;
  told++;
  if (outcome == LULL_DROPPED) told_dropped++;
}

static void count_called(struct lull *lull, void *user)
{
  (void)user;
  told++;
  if (!lull) told_dropped++;
}

static void *wait_for_ever(void *user)
{
  struct lull_port *port = user;
  struct lull_result result;
  enum lull_outcome outcome = lull_post_wait(port, 1, "test", "await sleep(1000)", 17, 0, &result);
  lull_result_free(&result);
  lull_port_release(port);
  return (void *)(uintptr_t)(outcome == LULL_DROPPED);
}

// The state goes while one waits for a text that runs, another for one that has not begun.
static void test_gone(void **state)
{
  pthread_t waiter;
  void *was_dropped;
  (void)state;
  told = told_dropped = 0;
  struct lull *lull = lull_create(NULL, NULL, 0);
  struct lull_port *port = lull_port_open(lull);
  pthread_create(&waiter, NULL, wait_for_ever, lull_port_keep(port));
  assert_true(lull_post(port, 1, "test", "await sleep(1000)", 17, count_told, NULL));
  while (lull_active(lull) < 2) ev_run(lull_loop(lull), EVRUN_ONCE);  // both run
  assert_true(lull_post(port, 1, "test", "1", 1, count_told, NULL));
  assert_true(lull_post_call(port, count_called, NULL));
  lull_destroy(lull);
  pthread_join(waiter, &was_dropped);
  assert_non_null(was_dropped);
  assert_int_equal(told, 3);
  assert_int_equal(told_dropped, 3);
  assert_false(lull_post(port, 1, "test", "1", 1, count_told, NULL));
  struct lull_result result;
  assert_int_equal(lull_post_wait(port, 1, "test", "1", 1, 0, &result), LULL_DROPPED);
  lull_port_stop(port);
  lull_port_release(port);
}

static void test_own_thread_is_refused(void **state)
{
  (void)state;
  struct lull *lull = lull_create(NULL, NULL, 0);
  struct lull_port *port = lull_port_open(lull);
  struct lull_result result;
  assert_int_equal(lull_post_wait(port, 1, "test", "1", 1, 0, &result), LULL_DROPPED);
  lull_port_release(port);
  lull_drain(lull);  // ends, as nobody holds it
  lull_destroy(lull);
}

static void test_in_time(void **state)
{
  struct server s;
  struct lull_result result;
  (void)state;
  server_start(&s);
  assert_answers(&s, "let late = nil", LULL_VALUE, "nil");
  assert_int_equal(lull_post_wait(s.port, 1, "test", "await sleep(0.05)\nlate = 1", 26, 0.001, &result), LULL_DROPPED);
  assert_null(result.text);
  assert_answers(&s, "while late == nil { await sleep(0.001) }\nlate", LULL_VALUE, "1");
  server_stop(&s);
}

static void test_stop(void **state)
{
  struct server s;
  (void)state;
  server_start(&s);
  told = 0;
  assert_true(lull_post(s.port, 1, "test", "while true {}", 13, count_told, NULL));
  while (!told) lull_port_stop(s.port);
  assert_answers(&s, "5", LULL_VALUE, "5");
  server_stop(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_answers),
    cmocka_unit_test(test_many_posters),
    cmocka_unit_test(test_a_state_a_thread),
    cmocka_unit_test(test_gone),
    cmocka_unit_test(test_own_thread_is_refused),
    cmocka_unit_test(test_in_time),
    cmocka_unit_test(test_stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
