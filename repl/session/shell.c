#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/state.h"
#include "term/remote.h"

struct shell_child {
  struct session *session;
  ev_child watcher;
  pid_t pid;  // 0: it runs at the remote terminal
  void (*done)(struct session *s, int status, void *user);
  void *user;
};

// The terminal's foreground process group; we are in the background when we take it back, which must not stop us.
static void give_terminal(pid_t group)
{
  sigset_t block, before;
  sigemptyset(&block);
  sigaddset(&block, SIGTTOU);
  sigprocmask(SIG_BLOCK, &block, &before);
  tcsetpgrp(0, group);
  sigprocmask(SIG_SETMASK, &before, NULL);
}

static _Noreturn void be_child(const char *command)
{
  static const int signals[] = {
    SIGINT, SIGQUIT, SIGTSTP, SIGTERM, SIGHUP, SIGPIPE, SIGALRM, SIGTTOU, SIGTTIN, SIGCHLD
  };
  setpgid(0, 0);
  give_terminal(getpid());
  for (size_t i = 0; i < COUNT_OF(signals); i++) signal(signals[i], SIG_DFL);
  execl("/bin/sh", "sh", "-c", command, (char *)NULL);
  _exit(127);
}

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
    // There is no coming back to it: it ends, and the terminal is ours again.
    kill(-child->pid, SIGHUP);
    kill(-child->pid, SIGCONT);
    return;
  }
  ev_child_stop(loop, w);
  give_terminal(getpgrp());
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
  child->pid = fork();
  if (child->pid == 0) be_child(command);
  if (child->pid < 0) return false;
  setpgid(child->pid, child->pid);
  ev_child_init(&child->watcher, on_ended, child->pid, 1);
  child->watcher.data = child;
  ev_child_start(s->loop, &child->watcher);
  return true;
}

void shell_run(struct session *s, const char *command, void (*done)(struct session *s, int status, void *user),
               void *user)
{
  struct shell_child *child = mem_alloc(s->alloc, sizeof *child);
  if (!child) {
    done(s, 127 << 8, user);
    return;
  }
  *child = (struct shell_child){ .session = s, .done = done, .user = user };
  editor_suspend(s->editor);
  if (s->remote) {
    s->remote->lend(s->remote->user, command);
  } else if (!start(child, command)) {
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
    kill(-child->pid, SIGHUP);
    give_terminal(getpgrp());
  }
  s->child = NULL;
  child->done(s, SIGHUP, child->user);
  mem_free(s->alloc, child, sizeof *child);
}
