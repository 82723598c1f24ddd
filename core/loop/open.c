#include "loop/open.h"

static void on_heard(struct ev_loop *loop, ev_async *w, int events)
{
  (void)loop;
  (void)events;
  *(bool *)w->data = true;
}

// While the loop looks at its descriptors; before and after, it needs none to be woken.
static void send(struct ev_loop *loop) { ev_async_send(loop, ev_userdata(loop)); }

// Of a descriptor that the system has just refused to watch its watcher is told when the loop has slept: it is not to.
static void do_not_sleep_on(struct ev_loop *loop)
{
  ev_async any;
  ev_async_init(&any, on_heard);
  if (ev_pending_count(loop) > 0) ev_async_send(loop, &any);
}

static bool is_woken(struct ev_loop *loop)
{
  ev_async probe;
  bool is_heard = false;
  ev_async_init(&probe, on_heard);
  probe.data = &is_heard;
  ev_async_start(loop, &probe);
  ev_run(loop, EVRUN_NOWAIT);  // its descriptor is watched from here on
  ev_set_userdata(loop, &probe);
  ev_set_loop_release_cb(loop, send, NULL);
  for (int i = 0; i < 3 && !is_heard; i++) ev_run(loop, EVRUN_NOWAIT);  // a signal may have come instead
  ev_set_loop_release_cb(loop, do_not_sleep_on, NULL);
  ev_set_userdata(loop, NULL);
  ev_async_stop(loop, &probe);
  // Refused, it was let go of once too often, and the default loop keeps its count when it is made again. (It may also be
  // that nothing can be written to it.)
  if (!is_heard && ev_run(loop, EVRUN_NOWAIT)) ev_ref(loop);
  return is_heard;
}

static struct ev_loop *make(bool is_default, unsigned flags)
{
  return is_default ? ev_default_loop(flags) : ev_loop_new(flags);
}

struct ev_loop *loop_open(bool is_default)
{
  struct ev_loop *loop = make(is_default, EVFLAG_AUTO);
  if (!loop || is_woken(loop)) return loop;
  ev_loop_destroy(loop);
  return make(is_default, EVBACKEND_POLL);
}
