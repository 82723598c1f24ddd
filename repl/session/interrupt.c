#include "session/interrupt.h"

#include <ev.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "lull.h"

enum { SIGNALS = 65, PATIENCE_US = 50 * 1000 };

// Handlers take no argument of ours, so what they need lies here.
static struct {
  struct interrupt_config config;
  struct lull *volatile target;
  volatile sig_atomic_t noted[SIGNALS];
  volatile sig_atomic_t is_any;
  volatile sig_atomic_t is_polling;   // the loop waits: nothing computes
  volatile sig_atomic_t has_stopped;  // what computed was asked to stop: that is what came of the SIGINT
  time_t first_asked;  // when the first TERM or HUP came; 0
  struct sigaction before[SIGNALS];
  struct sigaction alarm_before;
  bool is_caught[SIGNALS];
  ev_async wake;
  ev_prepare prepare;
  ev_check check;
} self;

static void set_alarm(long microseconds)
{
  struct itimerval timer = { .it_value = { .tv_usec = microseconds } };
  setitimer(ITIMER_REAL, &timer, NULL);
}

// Who asks again after a while gets what the signal does by default. (At once is no second time: timeout(1) sends its
// signal to the process and to its group.)
static void die_if_asked_again(int number)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (!self.first_asked) self.first_asked = now.tv_sec;
  if (now.tv_sec - self.first_asked < 2) return;
  signal(number, SIG_DFL);
  raise(number);
}

static void on_signal(int signal)
{
  if (self.config.is_patient_once && signal != SIGINT) die_if_asked_again(signal);
  self.noted[signal] = 1;
  self.is_any = 1;
  if (!self.is_polling) set_alarm(PATIENCE_US);
  ev_async_send(self.config.loop, &self.wake);
}

static void on_alarm(int signal)
{
  if (!self.is_any || self.is_polling || !self.target) return;
  self.has_stopped = 1;
  lull_stop(self.target);
}

static void on_wake(struct ev_loop *loop, ev_async *w, int events)
{
  set_alarm(0);
  self.is_any = 0;
  if (self.has_stopped) self.noted[SIGINT] = 0;
  self.has_stopped = 0;
  for (int signal = 1; signal < SIGNALS; signal++) {
    if (!self.noted[signal]) continue;
    self.noted[signal] = 0;
    self.config.on_signal(signal, self.config.user);
  }
}

static void on_prepare(struct ev_loop *loop, ev_prepare *w, int events) { self.is_polling = 1; }

// A signal that came when the wait was just over may have told the loop too late for this turn. It is served now: what
// was typed behind a ^C is read in this turn, and the turn may be long.
static void on_check(struct ev_loop *loop, ev_check *w, int events)
{
  self.is_polling = 0;
  if (self.is_any) on_wake(loop, &self.wake, 0);
}

static void start_watchers(struct ev_loop *loop)
{
  ev_async_init(&self.wake, on_wake);
  ev_prepare_init(&self.prepare, on_prepare);
  ev_check_init(&self.check, on_check);
  ev_set_priority(&self.wake, EV_MAXPRI);
  ev_set_priority(&self.prepare, EV_MINPRI);  // the last thing before the loop waits,
  ev_set_priority(&self.check, EV_MAXPRI);    // and the first behind it
  ev_async_start(loop, &self.wake);
  ev_prepare_start(loop, &self.prepare);
  ev_check_start(loop, &self.check);
  for (int i = 0; i < 3; i++) ev_unref(loop);
}

static void catch_signal(int signal)
{
  struct sigaction action = { .sa_handler = on_signal };
  sigfillset(&action.sa_mask);
  sigaction(signal, NULL, &self.before[signal]);
  if (self.before[signal].sa_handler == SIG_IGN) return;
  self.is_caught[signal] = sigaction(signal, &action, NULL) == 0;
}

void interrupt_start(const struct interrupt_config *config)
{
  struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
  memset(&self, 0, sizeof self);
  self.config = *config;
  start_watchers(config->loop);
  sigemptyset(&action.sa_mask);
  sigaction(SIGALRM, &action, &self.alarm_before);
  for (const int *signal = config->signals; *signal; signal++) catch_signal(*signal);
}

void interrupt_set_target(struct lull *lull) { self.target = lull; }

void interrupt_end(void)
{
  struct ev_loop *loop = self.config.loop;
  if (!loop) return;
  for (int signal = 1; signal < SIGNALS; signal++)
    if (self.is_caught[signal]) sigaction(signal, &self.before[signal], NULL);
  set_alarm(0);  // now that no handler can set it again
  sigaction(SIGALRM, &self.alarm_before, NULL);
  for (int i = 0; i < 3; i++) ev_ref(loop);
  ev_async_stop(loop, &self.wake);
  ev_prepare_stop(loop, &self.prepare);
  ev_check_stop(loop, &self.check);
  self.config.loop = NULL;
}

int interrupt_pending(void)
{
  for (int signal = 1; self.is_any && signal < SIGNALS; signal++)
    if (self.noted[signal]) return signal;
  return 0;
}

void interrupt_die(int number)
{
  sigset_t set;
  signal(number, SIG_DFL);
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
}
