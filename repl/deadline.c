#include "deadline.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "lull.h"

// The handler takes no argument, and may make no text.
static struct {
  struct lull *volatile lull;
  volatile sig_atomic_t is_asked;
  char text[128];
  int len;
} deadline;

static void on_deadline(int signal)
{
  if (!deadline.is_asked) {
    deadline.is_asked = 1;
    if (deadline.lull) lull_stop(deadline.lull);
    return;
  }
  ssize_t n = write(2, deadline.text, (size_t)deadline.len);
  (void)n;
  _exit(1);
}

static struct timespec time_of(double seconds)
{
  time_t whole = (time_t)seconds;
  return (struct timespec){ .tv_sec = whole, .tv_nsec = (long)((seconds - (double)whole) * 1e9) };
}

void deadline_set(struct lull *lull, double seconds, double grace)
{
  struct sigaction action = { .sa_handler = on_deadline, .sa_flags = SA_RESTART };
  struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM };
  struct itimerspec when = { .it_value = time_of(seconds), .it_interval = time_of(grace) };
  timer_t timer;
  deadline.lull = lull;
  deadline.len = snprintf(deadline.text, sizeof deadline.text,
                          "lull: the time limit of %g s is reached, and the end takes too long; output may be missing\n",
                          seconds);
  sigemptyset(&action.sa_mask);
  sigaction(SIGVTALRM, &action, NULL);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0) timer_settime(timer, 0, &when, NULL);
}

void deadline_forget(void) { deadline.lull = NULL; }
