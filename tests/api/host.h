// A host for tests: a state on a loop of its own, whose output and errors are kept as text.
#ifndef LULL_TESTS_API_HOST_H
#define LULL_TESTS_API_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ev.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "include/lull.h"

// Not every program uses all of this.
#define UNUSED __attribute__((unused))

struct host {
  struct ev_loop *loop;
  struct lull *lull;
  struct alloc alloc;
  struct buf out;       // what was printed
  struct buf errors;    // reports of what failed
  uint64_t failed_tag;  // of the last failure
  int exited;           // the status of exit(n); -1
};

UNUSED static void host_write(void *user, uint64_t tag, int stream, const char *bytes, size_t len)
{
  struct host *h = user;
  (void)tag;
  buf_append(stream == 1 ? &h->out : &h->errors, bytes, len);
}

static void host_ended(struct host *h, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  if (outcome == LULL_EXITED) h->exited = (int)lull_to_int(value, -1);
  if (outcome != LULL_THROWN) return;
  h->failed_tag = tag;
  lull_report(h->lull, value, &h->errors);
}

UNUSED static void host_settled(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  host_ended(user, tag, outcome, value);
}

UNUSED static void host_failed(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error)
{
  host_ended(user, tag, outcome, error);
}

UNUSED static void host_open(struct host *h)
{
  *h = (struct host){ .loop = ev_loop_new(0), .exited = -1 };
  alloc_init(&h->alloc, SIZE_MAX);
  buf_init(&h->out, &h->alloc);
  buf_init(&h->errors, &h->alloc);
  struct lull_host callbacks = { .user = h, .write = host_write, .settled = host_settled, .failed = host_failed };
  h->lull = lull_create(h->loop, &callbacks, 0);
  assert_non_null(h->lull);
}

UNUSED static void host_close(struct host *h)
{
  lull_destroy(h->lull);
  ev_loop_destroy(h->loop);
  buf_fini(&h->out);
  buf_fini(&h->errors);
  alloc_fini(&h->alloc);
}

// Runs a text as a file until nothing is left to do; gives what it printed.
UNUSED static const char *host_run(struct host *h, const char *text)
{
  buf_clear(&h->out);
  buf_clear(&h->errors);
  enum lull_started started = lull_run(h->lull, 7, "test", text, strlen(text), LULL_CELL, &h->errors);
  if (started == LULL_STARTED) ev_run(h->loop, 0);
  return buf_text(&h->out);
}

// As host_run; nothing may fail.
UNUSED static void assert_prints(void *state, const char *text, const char *expected)
{
  struct host *h = state;
  host_run(h, text);
  assert_string_equal(buf_text(&h->errors), "");
  assert_string_equal(buf_text(&h->out), expected);
}

// Something must be reported that holds [message].
UNUSED static void assert_fails(void *state, const char *text, const char *message)
{
  struct host *h = state;
  host_run(h, text);
  if (!strstr(buf_text(&h->errors), message)) fail_msg("%s", buf_text(&h->errors));
}

#endif
