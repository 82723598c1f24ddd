// States, from their making to their end.
#include <ev.h>

#include "api/port.h"
#include "loop/open.h"
#include "vm/host.h"
#include "vm/state.h"

struct lull *lull_create(struct ev_loop *loop, const struct lull_host *host, size_t memory_limit)
{
  static const struct lull_host none;
  struct ev_loop *own = loop ? NULL : loop_open(false);
  if (!loop && !own) return NULL;
  struct lull *vm = state_create(own ? own : loop, host ? host : &none, memory_limit);
  if (vm) vm->owns_loop = own;
  else if (own) ev_loop_destroy(own);
  return vm;
}

void lull_destroy(struct lull *vm)
{
  if (!vm || vm->is_ending) return;
  port_close(vm);
  host_end(vm);
}

struct alloc *lull_alloc(struct lull *vm) { return &vm->alloc; }

struct ev_loop *lull_loop(struct lull *vm) { return vm->loop; }

void lull_drain(struct lull *vm)
{
  if (host_is_called(vm)) return;
  host_hold(vm);
  while (ev_run(vm->loop, EVRUN_ONCE) && !vm->is_ending) continue;
  host_leave(vm);
}
