#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "session/state.h"
#include "term/lending.h"
#include "term/remote.h"

struct shell_child {
  struct session *session;
  ev_child watcher;
  pid_t pid;  // 0: it runs at the remote terminal
  void (*done)(struct session *s, int status, void *user);
  void *user;
};

static void end(struct shell_child *child, int status)
{
  struct session *s = child->session;
  s->child = NULL;
  editor_resume(s->editor);
  child->done(s, status, child->user);
  mem_free(s->alloc, child, sizeof *child);
}

static void on_ended(struct ev_loop *loop, ev_child *w, int events)
{
  struct shell_child *child = w->data;
  int status = w->rstatus;
  if (WIFSTOPPED(status)) {
    lending_dismiss(child->pid);
    return;
  }
  ev_child_stop(loop, w);
  lending_end();
  end(child, status);
}

bool shell_end_remote(struct session *s, int status)
{
  if (!s->child) return false;
  end(s->child, status);
  return true;
}

void shell_show_prompt(struct session *s, int status, void *user) { show_prompt(s); }

static bool start(struct shell_child *child, const char *command)
{
  struct session *s = child->session;
  child->pid = lending_start(command);
  if (child->pid < 0) return false;
  ev_child_init(&child->watcher, on_ended, child->pid, 1);
  child->watcher.data = child;
  ev_child_start(s->loop, &child->watcher);
  return true;
}

void shell_run(struct session *s, const struct buf *command, void (*done)(struct session *s, int status, void *user),
               void *user)
{
  struct shell_child *child = command->failed ? NULL : mem_alloc(s->alloc, sizeof *child);
  if (!child) {
    show_format(s, "cannot start a process: %s\n", strerror(ENOMEM));
    done(s, 127 << 8, user);
    return;
  }
  *child = (struct shell_child){ .session = s, .done = done, .user = user };
  editor_suspend(s->editor);
  if (s->remote) {
    s->remote->lend(s->remote->user, buf_text(command));
  } else if (!start(child, buf_text(command))) {
    mem_free(s->alloc, child, sizeof *child);
    editor_resume(s->editor);
    show_format(s, "cannot start a process: %s\n", strerror(errno));
    done(s, 127 << 8, user);
    return;
  }
  s->child = child;
}

void shell_fini(struct session *s)
{
  struct shell_child *child = s->child;
  if (!child) return;
  if (child->pid > 0) {
    ev_child_stop(s->loop, &child->watcher);
    lending_dismiss(child->pid);
    lending_end();
  }
  s->child = NULL;
  child->done(s, SIGHUP, child->user);
  mem_free(s->alloc, child, sizeof *child);
}
