#include "session/house.h"

#include "session/state.h"

struct session *house_find(const struct house *h, u64 tag)
{
  if (tag == HOUSE_PROGRAM) return NULL;
  for (struct session *s = h->first; s; s = s->next)
    if (cells_has(&s->cells, tag)) return s;
  return NULL;
}

bool house_is_attended(const struct house *h, u64 tag)
{
  const struct session *s = house_find(h, tag);
  return s && s->editor;
}

static void on_write(void *user, uint64_t tag, int stream, const char *bytes, size_t len)
{
  struct session *s = house_find(user, tag);
  if (s) session_host.write(s, tag, stream, bytes, len);
}

static void on_show(void *user, uint64_t tag, const struct lull_shown *shown)
{
  struct session *s = house_find(user, tag);
  if (s) session_host.show(s, tag, shown);
}

static void on_settled(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  struct session *s = house_find(user, tag);
  if (s) session_host.settled(s, tag, outcome, value);
}

static void on_failed(void *user, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error)
{
  struct session *s = house_find(user, tag);
  if (s) session_host.failed(s, tag, outcome, error);
}

static void on_ask(void *user, uint64_t tag, const char *prompt, size_t len, struct lull_ref *question)
{
  const struct house *h = user;
  struct session *s = house_find(h, tag);
  if (s) session_host.ask(s, tag, prompt, len, question);
  else lull_refuse(h->lull, question, "input: the session that could be asked has gone");
}

const struct lull_host house_host = {
  .write = on_write, .show = on_show, .settled = on_settled, .failed = on_failed, .ask = on_ask
};
