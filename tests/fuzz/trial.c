#include "trial.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"

enum { MEMORY = 64 << 20, STEPS = 200000, TURNS = 100 };
static const double SECONDS = 60;  // of real time, on machines that do other things: mostly the steps are what ends a program

static int settled;
static struct buf *report_to;
static struct lull *running;

static void on_settled(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  (void)user, (void)tag;
  settled = (int)outcome;
  if (outcome == LULL_THROWN && report_to) lull_report(running, value, report_to);
}

struct lull *trial_create(bool is_trusted)
{
  static bool is_denied;
  struct lull_host host = { .settled = on_settled };
  if (!is_denied) sys_deny(SYS_RUN | (is_trusted ? 0 : SYS_NET | SYS_FILES));
  is_denied = true;
  struct lull *lull = lull_create(ev_default_loop(0), &host, MEMORY);
  if (!lull) abort();
  return lull;
}

void trial_destroy(struct lull *lull)
{
  running = lull;
  lull_cancel(lull, 1);
  lull_destroy(lull);
}

static void grant(struct lull *lull)
{
  running = lull;
  lull_set_step_limit(lull, STEPS);
  lull_set_time_limit(lull, SECONDS);
}

int trial_run(struct lull *lull, const char *text, size_t len, struct buf *report)
{
  struct buf messages;
  buf_init(&messages, lull_alloc(lull));
  grant(lull);
  settled = TRIAL_PENDING;
  report_to = report;
  enum lull_started started = lull_run(lull, 1, "fuzz", text, len, LULL_CELL | LULL_ECHO, &messages);
  if (started == LULL_NOT_PARSED && messages.len == 0 && !messages.failed) abort();
  if (report) buf_append(report, buf_text(&messages), messages.len);
  for (int i = 0; i < TURNS && settled == TRIAL_PENDING && started == LULL_STARTED; i++) ev_run(ev_default_loop(0), EVRUN_NOWAIT);
  report_to = NULL;
  buf_fini(&messages);
  return started == LULL_NOT_PARSED ? TRIAL_REFUSED : settled;
}

static bool on_done(struct lull *lull, void *user, enum lull_outcome outcome, struct lull_value v)
{
  struct buf *report = user;
  settled = (int)outcome;
  ev_break(ev_default_loop(0), EVBREAK_ONE);
  if (outcome != LULL_THROWN) return true;
  if (strcmp(lull_type_name(lull, v), "LimitError") == 0) settled = LULL_VALUE;
  struct lull_ref *error = lull_ref_new(lull, v);
  if (report && error) lull_report(lull, error, report);
  lull_ref_release(lull, error);
  return true;
}

int trial_call(struct lull *lull, const char *function, const char *bytes, size_t len, struct buf *report)
{
  struct lull_value args[] = { lull_bytes(lull, bytes, len), lull_string(lull, bytes, len) };
  grant(lull);
  settled = TRIAL_PENDING;
  if (!lull_start_now(lull, 1, lull_get(lull, function), args, 2, on_done, report)) return LULL_VALUE;
  while (settled == TRIAL_PENDING) ev_run(ev_default_loop(0), 0);  // the limit of time ends it
  return settled;
}
