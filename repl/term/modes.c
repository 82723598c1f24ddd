#include "term/modes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/sys.h"

// Handlers of exit and of fatal signals get no argument: one terminal a process.
static struct {
  int fd;
  bool is_saved, is_editing, is_guarded;
  struct termios found;
} terminal = {.fd = -1};

int modes_open_terminal(void)
{
  enum { FLAGS = O_RDWR | O_NONBLOCK | O_NOCTTY };
  const char *name = ttyname(0);
  if (!name) name = ttyname(1);
  if (!name) return -1;
  int fd = sys_open("/dev/tty", FLAGS, 0);
  return fd >= 0 ? fd : sys_open(name, FLAGS, 0);
}

bool modes_save(int fd)
{
  terminal.fd = fd;
  terminal.is_saved = tcgetattr(fd, &terminal.found) == 0;
  return terminal.is_saved;
}

static bool set(const struct termios *modes)
{
  int result, left = 3;  // times to try it: of all that can fail, a terminal left as it is is felt most
  do result = tcsetattr(terminal.fd, TCSANOW, modes);
  while (result < 0 && (errno == EINTR || --left));
  return result == 0;
}

static struct termios editing(bool has_signals)
{
  struct termios t = terminal.found;
  t.c_iflag &= ~(tcflag_t)(IXON | INLCR | ICRNL | IGNCR | ISTRIP | INPCK);
  t.c_oflag |= OPOST | ONLCR;
  t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
  t.c_lflag |= NOFLSH;  // what was typed ahead outlives ^C
  if (has_signals) t.c_lflag |= ISIG;
  else t.c_lflag &= ~(tcflag_t)ISIG;
  t.c_cc[VMIN] = 1;
  t.c_cc[VTIME] = 0;
  return t;
}

bool modes_edit(void)
{
  if (!terminal.is_saved) return false;
  struct termios t = editing(true);
  terminal.is_editing = set(&t);
  return terminal.is_editing;
}

bool modes_restore(void)
{
  if (!terminal.is_editing) return true;
  terminal.is_editing = false;
  return set(&terminal.found);
}

void modes_signals(bool on)
{
  if (!terminal.is_editing) return;
  struct termios t = editing(on);
  set(&t);
}

static void restore_all(void)
{
  if (!terminal.is_editing) return;
  terminal.is_editing = false;
  set(&terminal.found);
  ssize_t n = write(terminal.fd, MODES_RESET "\r\n", sizeof MODES_RESET "\r\n" - 1);
  (void)n;  // nothing is left to do about it
}

static void on_fatal(int number)
{
  restore_all();
  signal(number, SIG_DFL);
  raise(number);
}

// Where the stack itself has overflowed, the handler needs another.
static void use_other_stack(void)
{
  static _Alignas(16) char stack[64 * 1024];
  stack_t before, other = {.ss_sp = stack, .ss_size = sizeof stack};
  if (sigaltstack(NULL, &before) == 0 && before.ss_flags & SS_DISABLE) sigaltstack(&other, NULL);
}

void modes_guard(void)
{
  static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS, SIGTRAP};
  if (terminal.is_guarded) return;
  terminal.is_guarded = true;
  use_other_stack();
  atexit(restore_all);
  struct sigaction action = {.sa_handler = on_fatal, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK)};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < COUNT_OF(fatal); i++) {
    struct sigaction was;
    if (sigaction(fatal[i], NULL, &was) == 0 && was.sa_handler == SIG_DFL) sigaction(fatal[i], &action, NULL);
  }
}
