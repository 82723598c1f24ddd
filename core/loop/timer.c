#include "loop/timer.h"

#include <unistd.h>

#ifdef __linux__
#include <sys/timerfd.h>
#endif

#define FINE_SECONDS 0.02  // repeating faster than this
#define FINE_FDS 256       // descriptors from here on are left to others

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
  struct loop_timer *t = CONTAINER_OF(w, struct loop_timer, ev);
  (void)events;
  // libev has stopped a one-shot timer already, which also took back its own count: ours must follow.
  if (!ev_is_active(w) && !t->is_ref) ev_ref(loop);
  t->fire(t);
}

#ifdef __linux__
// libev has stopped the watcher, for the system refused to watch it, and taken back its own count.
static void go_without_clock(struct ev_loop *loop, struct loop_timer *t)
{
  struct itimerspec times = { .it_interval.tv_nsec = 1000000 };
  timerfd_gettime(t->clock.fd, &times);
  close(t->clock.fd);
  double repeat = (double)times.it_interval.tv_sec + (double)times.it_interval.tv_nsec * 1e-9;
  t->is_fine = false;
  ev_timer_init(&t->ev, on_timer, repeat, repeat);
  ev_timer_start(loop, &t->ev);
}

static void on_clock(struct ev_loop *loop, ev_io *w, int events)
{
  struct loop_timer *t = CONTAINER_OF(w, struct loop_timer, clock);
  u64 count;  // of the times it was due: those that were missed are not made up for
  if (events & EV_ERROR) {
    go_without_clock(loop, t);
    return;
  }
  if (read(w->fd, &count, sizeof count) == sizeof count) t->fire(t);
}

static struct timespec timespec_of(double seconds)
{
  struct timespec t = { .tv_sec = (time_t)seconds };
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  if (t.tv_sec == 0 && t.tv_nsec == 0) t.tv_nsec = 1;  // 0 would stop the clock
  return t;
}

// False: there is no clock to be had.
static bool start_clock(struct ev_loop *loop, struct loop_timer *t, double delay, double repeat)
{
  struct itimerspec times = { .it_value = timespec_of(delay), .it_interval = timespec_of(repeat) };
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) return false;
  if (fd >= FINE_FDS || timerfd_settime(fd, 0, &times, NULL) < 0) return close(fd), false;
  ev_io_init(&t->clock, on_clock, fd, EV_READ);
  ev_set_priority(&t->clock, 1);  // before slower timers that are due by the time the loop looks
  ev_io_start(loop, &t->clock);
  return true;
}

static double clock_remaining(const struct loop_timer *t)
{
  struct itimerspec left;
  if (timerfd_gettime(t->clock.fd, &left) < 0) return 0.;
  return (double)left.it_value.tv_sec + (double)left.it_value.tv_nsec * 1e-9;
}
#else
static bool start_clock(struct ev_loop *loop, struct loop_timer *t, double delay, double repeat) { return false; }
static double clock_remaining(const struct loop_timer *t) { return 0.; }
#endif

void loop_timer_init(struct loop_timer *t, void (*fire)(struct loop_timer *timer))
{
  ev_timer_init(&t->ev, on_timer, 0., 0.);
  t->fire = fire;
  t->is_ref = true;
  t->is_fine = false;
}

void loop_timer_start(struct ev_loop *loop, struct loop_timer *t, double delay, double repeat, bool is_ref)
{
  t->is_fine = repeat > 0 && repeat < FINE_SECONDS && start_clock(loop, t, delay, repeat);
  if (!t->is_fine) {
    // The loop's time is as old as its turn: a timer counts from the moment it is asked for. Not by ev_time() - ev_now(loop): these are
    // wall clocks, and the one of the loop learns of a jump later.
    ev_now_update(loop);
    ev_timer_init(&t->ev, on_timer, delay, repeat);
    ev_timer_start(loop, &t->ev);
  }
  t->is_ref = is_ref;
  if (!is_ref) ev_unref(loop);
}

void loop_timer_stop(struct ev_loop *loop, struct loop_timer *t)
{
  if (!loop_timer_is_running(t)) return;
  if (!t->is_ref) ev_ref(loop);
  if (t->is_fine) {
    ev_io_stop(loop, &t->clock);
    close(t->clock.fd);
  } else {
    ev_timer_stop(loop, &t->ev);
  }
  t->is_fine = false;
}

void loop_timer_ref(struct ev_loop *loop, struct loop_timer *t, bool is_ref)
{
  if (t->is_ref == is_ref) return;
  t->is_ref = is_ref;
  if (!loop_timer_is_running(t)) return;
  if (is_ref) ev_ref(loop);
  else ev_unref(loop);
}

bool loop_timer_is_running(const struct loop_timer *t) { return t->is_fine || ev_is_active(&t->ev); }

double loop_timer_remaining(struct ev_loop *loop, struct loop_timer *t)
{
  if (t->is_fine) return clock_remaining(t);
  return ev_is_active(&t->ev) ? ev_timer_remaining(loop, &t->ev) : 0.;
}
