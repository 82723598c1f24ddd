// Memory refused to the session itself. Wherever that was, something was not shown, kept or typed: that is told, in one
// place and whatever it was. Where not even this can be shown by the usual ways, they are gone around; and where it
// happens again and again, the session ends while it still can.
#include "session/state.h"

enum { MOST = 3 };

static void warn(struct session *s, const char *text)
{
  if (s->editor) editor_alarm(s->editor, text);
}

static void look(struct session *s)
{
  u64 refused = s->alloc->refused;
  if (refused == s->refused) return;
  s->refused = refused;
  show_error_text(s, "out of memory: some of what was typed, shown or kept may be lost");
  if (s->alloc->refused == refused) {
    s->shortages = 0;
    return;
  }
  s->refused = s->alloc->refused;
  if (++s->shortages < MOST) {
    warn(s, "lull: out of memory: what was typed, shown or kept may be lost\r\n");
    return;
  }
  warn(s, "lull: out of memory: the session ends\r\n");
  session_leave(s, 1);
}

static void on_prepare(struct ev_loop *loop, ev_prepare *w, int events)
{
  struct session *s = w->data;
  if (s->editor && !s->is_leaving) look(s);
}

void shortage_init(struct session *s)
{
  s->refused = s->alloc->refused;
  ev_prepare_init(&s->shortage, on_prepare);
  s->shortage.data = s;
  ev_prepare_start(s->loop, &s->shortage);
  ev_unref(s->loop);  // it waits for nothing
}

void shortage_fini(struct session *s)
{
  if (!ev_is_active(&s->shortage)) return;
  ev_ref(s->loop);
  ev_prepare_stop(s->loop, &s->shortage);
  if (s->alloc->refused != s->refused) warn(s, "lull: out of memory: what was shown or kept last may be lost\r\n");
}
