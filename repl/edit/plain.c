#include "edit/plain.h"

#include <errno.h>
#include <ev.h>
#include <string.h>

#include "base/sys.h"

enum { INPUT = 0, OUTPUT = 1 };

enum state { HIDDEN, PROMPT, LENT };

struct plain {
  struct editor_config config;
  enum state state, before;  // before: what to go back to from LENT
  ev_io readable;
  struct buf bytes;  // read, not yet entered
  struct buf text;   // the lines of the input so far
  struct buf prompt;
  bool is_end;      // of what can be read
  bool is_mid_line;  // output stands in an unfinished line
};

static void put(struct plain *p, const char *bytes, size_t len)
{
  if (len == 0) return;
  if (!sys_write_all(OUTPUT, bytes, len))
    p->config.callbacks.on_lost(errno, p->config.user);
  p->is_mid_line = bytes[len - 1] != '\n';
}

static void put_text(struct plain *p, const char *text)
{
  put(p, text, strlen(text));
}

static void hide(struct plain *p)
{
  p->state = HIDDEN;
  ev_io_stop(p->config.loop, &p->readable);
}

static bool is_complete(struct plain *p)
{
  int indent = 0;
  const struct editor_callbacks *c = &p->config.callbacks;
  if (c->is_complete(buf_text(&p->text), p->text.len, &indent, p->config.user)) return true;
  return p->text.len >= 2 && memcmp(p->text.data + p->text.len - 2, "\n\n", 2) == 0;
}

static void enter(struct plain *p)
{
  struct buf text = p->text;
  buf_init(&p->text, p->config.alloc);
  p->is_mid_line = false;  // the user's newline ended the line of the prompt
  hide(p);
  p->config.callbacks.on_line(buf_text(&text), text.len, p->config.user);
  buf_fini(&text);
}

static void take_line(struct plain *p, size_t len)
{
  if (p->text.len > 0) buf_putc(&p->text, '\n');
  size_t end = len > 0 && p->bytes.data[len - 1] == '\r' ? len - 1 : len;
  buf_append(&p->text, p->bytes.data, end);
  buf_consume(&p->bytes, len < p->bytes.len ? len + 1 : len);
  if (is_complete(p) || p->is_end) enter(p);
  else put_text(p, EDITOR_CONTINUATION);
}

// One input at most: its callback decides what comes next.
static void take_in(struct plain *p)
{
  while (p->state == PROMPT) {
    const char *nl = p->bytes.len ? memchr(p->bytes.data, '\n', p->bytes.len) : NULL;
    if (nl) {
      take_line(p, (size_t)(nl - p->bytes.data));
    } else if (!p->is_end) {
      return;
    } else if (p->bytes.len > 0 || p->text.len > 0) {
      take_line(p, p->bytes.len);
    } else {
      hide(p);
      p->is_end = false;  // a terminal goes on behind its end of input
      if (p->is_mid_line) put_text(p, "\n");
      p->config.callbacks.on_eof(p->config.user);
    }
  }
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
  struct plain *p = io->data;
  if (events & EV_ERROR) {
    p->is_end = true;  // the system will not watch it
  } else if (events & EV_READ && p->state == PROMPT) {
    char *to = buf_reserve(&p->bytes, 4096);
    ssize_t n = to ? sys_read(INPUT, to, 4096) : -1;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (n > 0) p->bytes.len += (size_t)n;
    else p->is_end = true;
  }
  take_in(p);
}

void plain_show_prompt(struct plain *p, const char *prompt)
{
  plain_end_line(p);
  buf_clear(&p->prompt);
  buf_puts(&p->prompt, prompt);
  put_text(p, prompt);
  p->state = PROMPT;
  ev_io_start(p->config.loop, &p->readable);
  ev_feed_event(p->config.loop, &p->readable, EV_CUSTOM);
}

void plain_hide(struct plain *p)
{
  if (p->state != PROMPT) return;
  hide(p);
  put_text(p, "\n");
}

bool plain_has_prompt(const struct plain *p)
{
  return p->state == PROMPT;
}

bool plain_interrupt(struct plain *p)
{
  if (p->state != PROMPT) return false;
  buf_clear(&p->text);
  buf_clear(&p->bytes);
  plain_hide(p);
  p->config.callbacks.on_interrupt(p->config.user);
  return true;
}

void plain_print_above(struct plain *p, const char *lines, size_t len)
{
  if (len == 0) return;
  bool has_prompt = p->state == PROMPT;
  if (p->is_mid_line) put_text(p, "\n");
  put(p, lines, len);
  plain_end_line(p);
  if (has_prompt) put_text(p, p->text.len ? EDITOR_CONTINUATION : buf_text(&p->prompt));
}

void plain_pass(struct plain *p, const char *bytes, size_t len)
{
  put(p, bytes, len);
}

void plain_end_line(struct plain *p)
{
  if (p->is_mid_line) put_text(p, "\n");
}

void plain_suspend(struct plain *p)
{
  if (p->state == LENT) return;
  p->before = p->state;
  p->state = LENT;
  ev_io_stop(p->config.loop, &p->readable);
}

void plain_resume(struct plain *p)
{
  if (p->state != LENT) return;
  p->state = p->before;
  if (p->state != PROMPT) return;
  put_text(p, buf_text(&p->prompt));
  ev_io_start(p->config.loop, &p->readable);
}

struct plain *plain_create(const struct editor_config *config)
{
  struct plain *p = mem_alloc_zero(config->alloc, sizeof *p);
  if (!p) return NULL;
  p->config = *config;
  buf_init(&p->bytes, config->alloc);
  buf_init(&p->text, config->alloc);
  buf_init(&p->prompt, config->alloc);
  ev_io_init(&p->readable, on_readable, INPUT, EV_READ);
  p->readable.data = p;
  return p;
}

void plain_destroy(struct plain *p)
{
  if (!p) return;
  ev_io_stop(p->config.loop, &p->readable);
  buf_fini(&p->prompt);
  buf_fini(&p->text);
  buf_fini(&p->bytes);
  mem_free(p->config.alloc, p, sizeof *p);
}
