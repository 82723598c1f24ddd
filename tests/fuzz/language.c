// Targets that need a state of the language. A state is made for each input, so that inputs do not depend on each other.
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/buf.h"
#include "base/sys.h"
#include "fuzz.h"
#include "lull.h"

enum { MEMORY = 64 << 20, PIECE = 100000 /* microseconds */ };

static struct lull *running;  // for the signal
static int settled;           // -1: not; else an outcome

static void on_alarm(int number)
{
  (void)number;
  if (running) lull_stop(running);
}

static void on_settled(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  (void)user, (void)tag, (void)value;
  settled = (int)outcome;
}

// Seconds a program may take, by an alarm that comes again and again: a `finally` may go on computing.
static void set_alarm(long microseconds)
{
  struct itimerval timer = { .it_interval.tv_usec = microseconds, .it_value.tv_usec = microseconds };
  signal(SIGALRM, on_alarm);
  setitimer(ITIMER_REAL, &timer, NULL);
}

static struct lull *create(struct ev_loop *loop)
{
  static bool is_denied;
  struct lull_host host = { .settled = on_settled };
  if (!is_denied) sys_deny(SYS_FILES | SYS_NET | SYS_RUN);
  is_denied = true;
  struct lull *lull = lull_create(loop, &host, MEMORY);
  if (!lull) abort();
  return lull;
}

// Runs [code], with the input as the name `input` where it is valid UTF-8; how it settled, or -1.
static int run(const char *code, size_t code_len, const char *bytes, size_t len, bool is_timed)
{
  struct ev_loop *loop = ev_default_loop(0);
  struct lull *lull = create(loop);
  struct buf messages;
  buf_init(&messages, lull_alloc(lull));
  struct lull_ref *input = bytes ? lull_ref_new(lull, lull_string(lull, bytes, len)) : NULL;
  if (input) lull_set(lull, "input", input);
  settled = -1;
  running = lull;
  if (is_timed) set_alarm(PIECE);
  enum lull_started started = lull_run(lull, 1, "fuzz", code, code_len, LULL_CELL, &messages);
  if (started == LULL_NOT_PARSED && messages.len == 0 && !messages.failed) abort();
  for (int i = 0; i < 100 && settled < 0 && started == LULL_STARTED; i++) ev_run(loop, EVRUN_NOWAIT);
  if (is_timed) set_alarm(0);
  running = NULL;
  buf_fini(&messages);
  lull_ref_release(lull, input);
  lull_cancel(lull, 1);
  lull_destroy(lull);
  return settled;
}

void fuzz_source(const char *bytes, size_t len)
{
  static const char head[] = "fn fuzzed() {\n", tail[] = "\n}\n";
  struct ev_loop *loop = ev_default_loop(0);
  struct lull *lull = create(loop);
  struct buf messages, text;
  buf_init(&messages, lull_alloc(lull));
  buf_init(&text, lull_alloc(lull));
  enum lull_syntax syntax = lull_check(lull, "fuzz", bytes, len, &messages);
  if (syntax == LULL_WRONG && (messages.len == 0 || memcmp(buf_text(&messages), "fuzz:", 5))) abort();
  buf_puts(&text, head);
  buf_append(&text, bytes, len);
  buf_puts(&text, tail);
  buf_clear(&messages);
  lull_run(lull, 1, "fuzz", buf_text(&text), text.len, LULL_FILE, &messages);
  buf_fini(&text);
  buf_fini(&messages);
  lull_destroy(lull);
}

void fuzz_run(const char *bytes, size_t len) { run(bytes, len, NULL, 0, true); }

// A check that throws where a promise is broken; running out of memory or time is none.
static void check(const char *code, const char *bytes, size_t len)
{
  if (run(code, strlen(code), bytes, len, true) == LULL_EXITED) abort();
}

void fuzz_json(const char *bytes, size_t len)
{
  check("let v = try { [json.parse(input)] } catch e { nil }\n"
        "if v != nil { let text = json.text(v[0]); if json.text(json.parse(text)) != text { exit(1) } }",
        bytes, len);
}

void fuzz_number(const char *bytes, size_t len)
{
  check("for convert in [int, float] {\n"
        "  let n = try { [convert(input)] } catch e { nil }\n"
        "  if n != nil and convert(\"${n[0]}\") != n[0] and n[0] == n[0] { exit(1) }\n"
        "}",
        bytes, len);
}

void fuzz_regex(const char *bytes, size_t len)
{
  check("let [pattern, ...rest] = input.split(\"\\n\")\n"
        "let text = rest.join(\"\\n\")\n"
        "let r = try { regex(pattern) } catch e { nil }\n"
        "if r != nil { for m in r.find_all(text) { if m.start > m.end { exit(1) } } }",
        bytes, len);
}
