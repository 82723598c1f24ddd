#include "loop/timer.h"

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
  struct loop_timer *t = CONTAINER_OF(w, struct loop_timer, ev);
  (void)events;
  // libev has stopped a one-shot timer already, which also took back its own count: ours must follow.
  if (!ev_is_active(w) && !t->is_ref) ev_ref(loop);
  t->fire(t);
}

void loop_timer_init(struct loop_timer *t, void (*fire)(struct loop_timer *timer))
{
  ev_timer_init(&t->ev, on_timer, 0., 0.);
  t->fire = fire;
  t->is_ref = true;
}

void loop_timer_start(struct ev_loop *loop, struct loop_timer *t, double delay, double repeat, bool is_ref)
{
  // ev_now is as old as the loop's turn: a timer counts from the moment it is asked for.
  ev_timer_set(&t->ev, delay + (ev_time() - ev_now(loop)), repeat);
  ev_timer_start(loop, &t->ev);
  t->is_ref = is_ref;
  if (!is_ref) ev_unref(loop);
}

void loop_timer_stop(struct ev_loop *loop, struct loop_timer *t)
{
  if (!ev_is_active(&t->ev)) return;
  if (!t->is_ref) ev_ref(loop);
  ev_timer_stop(loop, &t->ev);
}

void loop_timer_ref(struct ev_loop *loop, struct loop_timer *t, bool is_ref)
{
  if (t->is_ref == is_ref) return;
  t->is_ref = is_ref;
  if (!ev_is_active(&t->ev)) return;
  if (is_ref) ev_ref(loop);
  else ev_unref(loop);
}

bool loop_timer_is_running(const struct loop_timer *t) { return ev_is_active(&t->ev); }

double loop_timer_remaining(struct ev_loop *loop, struct loop_timer *t)
{
  return ev_is_active(&t->ev) ? ev_timer_remaining(loop, &t->ev) : 0.;
}
