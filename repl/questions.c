#include "questions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "lull.h"

enum { CHUNK = 16384 };

static struct lull_ref *next(struct questions *q)
{
  struct lull_ref *first = q->waiting.data[0];
  memmove(q->waiting.data, q->waiting.data + 1, --q->waiting.len * sizeof first);
  return first;
}

// Answers with the next line, or with the end. False where neither is there yet.
static bool answer_one(struct questions *q)
{
  const char *text = buf_text(&q->text), *end = q->text.len ? memchr(text, '\n', q->text.len) : NULL;
  if (!end && !q->is_at_end) return false;
  struct lull_ref *question = next(q);
  size_t taken = end ? (size_t)(end - text) + 1 : q->text.len, len = end ? taken - 1 : taken;
  if (len > 0 && end && text[len - 1] == '\r') len--;
  lull_answer(q->lull, question, taken ? text : NULL, len);
  buf_consume(&q->text, taken);
  lull_ref_release(q->lull, question);
  return true;
}

static void answer(struct questions *q)
{
  while (q->waiting.len && answer_one(q)) continue;
  if (q->waiting.len && !ev_is_active(&q->readable)) ev_io_start(q->loop, &q->readable);
  if (!q->waiting.len) ev_io_stop(q->loop, &q->readable);
}

// What cannot be read is not the end.
static void refuse(struct questions *q, const char *why)
{
  char message[128];
  snprintf(message, sizeof message, "input: %s", why);
  buf_clear(&q->text);
  while (q->waiting.len) {
    struct lull_ref *question = next(q);
    lull_refuse(q->lull, question, message);
    lull_ref_release(q->lull, question);
  }
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
  struct questions *q = w->data;
  bool is_refused = events & EV_ERROR;  // by the system, which will not watch it
  char *to = buf_reserve(&q->text, CHUNK);
  ssize_t n = to && !is_refused ? sys_read(0, to, CHUNK) : -1;
  if (is_refused) errno = ENOBUFS;
  if (n > 0) q->text.len += (size_t)n;
  else if (n == 0) q->is_at_end = true;
  // Another process may have made the descriptor non-blocking: then there is nothing yet.
  else if (!to || (errno != EAGAIN && errno != EWOULDBLOCK)) refuse(q, to ? strerror(errno) : "out of memory");
  answer(q);
}

void questions_init(struct questions *q, struct alloc *alloc, struct ev_loop *loop, struct lull *lull)
{
  *q = (struct questions){ .alloc = alloc, .loop = loop, .lull = lull };
  buf_init(&q->text, alloc);
  ev_io_init(&q->readable, on_readable, 0, EV_READ);
  q->readable.data = q;
}

void questions_fini(struct questions *q)
{
  if (!q->lull) return;
  ev_io_stop(q->loop, &q->readable);
  while (q->waiting.len) lull_ref_release(q->lull, next(q));
  vec_free(q->alloc, &q->waiting);
  buf_fini(&q->text);
  q->lull = NULL;
}

void questions_ask(struct questions *q, struct lull_ref *question)
{
  struct lull_ref *kept = lull_ref_keep(q->lull, question);
  if (!kept || !vec_push(q->alloc, &q->waiting, kept)) {
    lull_refuse(q->lull, question, "out of memory");
    lull_ref_release(q->lull, kept);
    return;
  }
  answer(q);
}
