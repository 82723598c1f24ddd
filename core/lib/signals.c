// Signals by name.
#include <signal.h>
#include <strings.h>

#include "builtin/reply.h"
#include "lib/process.h"

static const struct {
  const char *name;
  int number;
} signals[] = {
  { "HUP", SIGHUP },   { "INT", SIGINT },     { "QUIT", SIGQUIT }, { "ILL", SIGILL },   { "TRAP", SIGTRAP },
  { "ABRT", SIGABRT }, { "BUS", SIGBUS },     { "FPE", SIGFPE },   { "KILL", SIGKILL }, { "USR1", SIGUSR1 },
  { "SEGV", SIGSEGV }, { "USR2", SIGUSR2 },   { "PIPE", SIGPIPE }, { "ALRM", SIGALRM }, { "TERM", SIGTERM },
  { "CHLD", SIGCHLD }, { "CONT", SIGCONT },   { "STOP", SIGSTOP }, { "TSTP", SIGTSTP }, { "TTIN", SIGTTIN },
  { "TTOU", SIGTTOU }, { "URG", SIGURG },     { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ }, { "VTALRM", SIGVTALRM },
  { "PROF", SIGPROF }, { "WINCH", SIGWINCH }, { "SYS", SIGSYS },
};

const char *signal_name(int number)
{
  for (size_t i = 0; i < COUNT_OF(signals); i++) {
    if (signals[i].number == number) return signals[i].name;
  }
  return NULL;
}

int signal_number(const char *name)
{
  if (strncasecmp(name, "SIG", 3) == 0) name += 3;
  for (size_t i = 0; i < COUNT_OF(signals); i++) {
    if (strcasecmp(signals[i].name, name) == 0) return signals[i].number;
  }
  return 0;
}

bool arg_signal(struct call *c, u32 i, int *number)
{
  Value v = c->args[i];
  if (is_int(v)) {
    *number = as_int(v) >= 0 && as_int(v) < NSIG ? (int)as_int(v) : -1;
  } else if (IS_STRING(v)) {
    *number = signal_number(string_cstr(c->heap, AS_STRING(v)));
    if (!*number) *number = -1;
  } else {
    arg_fail(c, i, "the name of a signal, \"TERM\", or its number");
    return false;
  }
  if (*number >= 0) return true;
  throw_error(c->vm, c->vm->errors.value, "%s: there is no such signal", c->native->name);
  return false;
}
