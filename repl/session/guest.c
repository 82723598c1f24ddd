// A session inside a running program: the program's state, a terminal elsewhere.
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "session/remember.h"
#include "session/state.h"

static bool create(struct session *s, const struct session_config *config)
{
  if (!life_create(s, config)) return false;
  s->lull = s->house->lull;
  s->next = s->house->first;
  s->house->first = s;
  struct cell *program = cells_get(&s->cells, HOUSE_PROGRAM);
  buf_puts(&program->source, s->house->program);
  program->started = s->house->started;
  return !program->source.failed;
}

static void greet(struct session *s)
{
  if (s->config.is_quiet) return;
  show_format(s, "lull " LULL_VERSION " in %s   :help  commands   Ctrl-D  leave it running\n", s->house->program);
}

struct session *session_open(const struct session_config *config)
{
  struct session *s = mem_alloc_zero(config->alloc, sizeof *s);
  if (!s) {
    errno = ENOMEM;
    return NULL;
  }
  s->alloc = config->alloc;
  if (!create(s, config)) {
    int error = errno ? errno : ENOMEM;
    session_close(s);
    errno = error;
    return NULL;
  }
  greet(s);
  show_prompt(s);
  return s;
}

void session_detach(struct session *s)
{
  if (!s->editor) return;
  s->is_leaving = true;
  life_close_terminal(s);
  s->remote = NULL;
}

bool session_is_detached(const struct session *s) { return !s->editor; }

struct session *session_next(const struct session *s) { return s->next; }

bool session_is_alive(struct session *s)
{
  u32 count = cells_count(&s->cells);
  // Each look goes over all that runs in the program: where one cell was alive, it most often still is.
  if (s->alive > 0 && jobs_is_alive(s, cells_at(&s->cells, s->alive)->number)) return true;
  for (s->alive = count - 1; s->alive > 0; s->alive--)
    if (jobs_is_alive(s, cells_at(&s->cells, s->alive)->number)) return true;
  return false;
}

void session_close(struct session *s)
{
  if (!s) return;
  s->is_leaving = true;
  life_close_terminal(s);
  if (s->lull) {
    remember_no_values(s);  // nobody can ask for them any more
    for (struct session **at = &s->house->first; *at; at = &(*at)->next) {
      if (*at != s) continue;
      *at = s->next;
      break;
    }
  }
  life_free(s);
  mem_free(s->alloc, s, sizeof *s);
}

int session_status(const struct session *s) { return s->exit_status; }

void session_feed(struct session *s, const char *bytes, size_t len)
{
  if (s->editor) editor_feed(s->editor, bytes, len);
}

void session_signal(struct session *s, int signal)
{
  if (!s->editor || s->is_leaving) return;
  editor_take_in(s->editor);  // the keys before it come first
  if (s->is_leaving) return;
  bool is_text = editor_has_prompt(s->editor) && editor_is_quoting(s->editor);
  if (is_text) editor_feed(s->editor, signal == SIGINT ? "\x03" : "\x1a", 1);
  else foreground_on_signal(signal, s);
}

void session_resize(struct session *s)
{
  if (s->editor) editor_resize(s->editor);
}

void session_redraw(struct session *s)
{
  if (s->editor) editor_redraw(s->editor);
}

void session_resume(struct session *s, int status)
{
  if (s->editor && !shell_end_remote(s, status)) editor_resume(s->editor);
}

size_t session_queued(const struct session *s) { return s->editor ? editor_queued(s->editor) : 0; }
