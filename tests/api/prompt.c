// An example of a host: a program with a timer of its own on its libev loop, which embeds a prompt that reads lines from
// standard input. Whatever waits for something at the prompt, the timer and the script go on.
#include <ev.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lull.h"

struct program {
  struct ev_loop *loop;
  struct lull *lull;
  ev_timer tick;
  ev_io input;
  uint64_t inputs;  // so far; the number of an input is its tag
  int ticks;
  char text[4096];  // of the input, as far as it was read
  size_t len;
};

static void on_write(void *user, uint64_t tag, int stream, const char *bytes, size_t len)
{
  (void)user, (void)stream;
  printf("%d| %.*s", (int)tag, (int)len, bytes);
}

static void on_show(void *user, uint64_t tag, const struct lull_shown *shown)
{
  (void)user;
  printf("%d= %.*s\n", (int)tag, (int)shown->len, shown->text);
}

static void report(struct program *p, enum lull_outcome outcome, struct lull_ref *value)
{
  if (outcome == LULL_EXITED) ev_break(p->loop, EVBREAK_ALL);
  struct buf *text = outcome == LULL_THROWN ? lull_buf_create(p->lull) : NULL;
  if (!text) return;
  lull_report(p->lull, value, text);
  printf("%s", lull_buf_text(text, NULL));
  lull_buf_destroy(text);
}

static void on_settled(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  (void)tag;
  report(user, outcome, value);
}

static void on_failed(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error)
{
  (void)tag;
  report(user, outcome, error);
}

// The language sees the program.
static struct program *the_program(struct lull_call *c);

static enum lull_status app_ticks(struct lull_call *c) { return lull_return(c, lull_int(the_program(c)->ticks)); }

static const struct lull_native app[] = { { "ticks", app_ticks, 0, 0, 0, "ticks()", "Ticks of the program's timer." } };

// The object of the state that leads to its program.
static const struct lull_class program_class = { .name = "program", .size = sizeof(struct program *) };

static struct program *the_program(struct lull_call *c)
{
  return *(struct program **)lull_shared(lull_of(c), &program_class);
}

static void on_tick(struct ev_loop *loop, ev_timer *w, int events)
{
  struct program *p = w->data;
  struct lull_value f = lull_get(p->lull, "on_tick");
  (void)loop, (void)events;
  p->ticks++;
  if (lull_type(p->lull, f) != LULL_IS_FUNCTION) return;
  lull_start(p->lull, 0, f, (struct lull_value[]){ lull_int(p->ticks) }, 1, NULL, NULL);
}

// An input is more than a line where it is the beginning of something.
static void on_line(struct program *p)
{
  enum lull_syntax syntax = lull_check(p->lull, "input", p->text, p->len, NULL);
  if (syntax == LULL_MORE) return;
  struct buf *messages = lull_buf_create(p->lull);
  lull_run(p->lull, ++p->inputs, "input", p->text, p->len, LULL_CELL | LULL_ECHO, messages);
  printf("%s", lull_buf_text(messages, NULL));
  lull_buf_destroy(messages);
  p->len = 0;
}

static void on_input(struct ev_loop *loop, ev_io *w, int events)
{
  struct program *p = w->data;
  char bytes[512];
  ssize_t n = read(0, bytes, sizeof bytes);
  (void)events;
  for (ssize_t i = 0; i < n && p->len < sizeof p->text; i++) {
    p->text[p->len++] = bytes[i];
    if (bytes[i] == '\n') on_line(p);
  }
  if (n > 0 && p->len < sizeof p->text) return;
  ev_io_stop(loop, w);
  ev_timer_stop(loop, &p->tick);  // what was started at the prompt comes to its end
}

int main(void)
{
  struct program p = { .loop = ev_default_loop(0) };
  struct lull_host host = {
    .user = &p, .write = on_write, .show = on_show, .settled = on_settled, .failed = on_failed
  };
  setvbuf(stdout, NULL, _IOLBF, 0);
  p.lull = lull_create(p.loop, &host, 0);
  struct lull_module *module = p.lull ? lull_define_module(p.lull, "app") : NULL;
  struct program **shared = module ? lull_shared(p.lull, &program_class) : NULL;
  if (!shared || !lull_module_add(p.lull, module, app, 1)) return 1;
  *shared = &p;
  p.tick.data = p.input.data = &p;
  ev_timer_init(&p.tick, on_tick, 0.005, 0.005);
  ev_timer_start(p.loop, &p.tick);
  ev_io_init(&p.input, on_input, 0, EV_READ);
  ev_io_start(p.loop, &p.input);
  ev_run(p.loop, 0);
  lull_destroy(p.lull);
  return 0;
}
