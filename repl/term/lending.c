#include "term/lending.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

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

pid_t lending_start(const char *command)
{
  pid_t pid = fork();
  if (pid == 0) be_child(command);
  if (pid > 0) setpgid(pid, pid);
  return pid;
}

void lending_end(void) { give_terminal(getpgrp()); }

void lending_dismiss(pid_t pid)
{
  kill(-pid, SIGHUP);
  kill(-pid, SIGCONT);
}
