#include "deadline.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

// The handler takes no argument, and may make no text.
static struct {
  char text[128];
  int len;
} message;

static void on_deadline(int signal)
{
  ssize_t n = write(2, message.text, (size_t)message.len);
  (void)n;
  _exit(1);
}

void deadline_set(double seconds, double grace)
{
  struct sigaction action = { .sa_handler = on_deadline };
  struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM };
  double due = seconds + grace;
  time_t whole = (time_t)due;
  struct itimerspec when = { .it_value = { .tv_sec = whole, .tv_nsec = (long)((due - (double)whole) * 1e9) } };
  timer_t timer;
  message.len = snprintf(message.text, sizeof message.text,
                         "lull: the time limit of %g s is reached in a call that does not end; output may be missing\n",
                         seconds);
  sigemptyset(&action.sa_mask);
  sigaction(SIGVTALRM, &action, NULL);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0) timer_settime(timer, 0, &when, NULL);
}
