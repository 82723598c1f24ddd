#include "vm/host.h"

#include <ev.h>

#include "vm/state.h"

void host_hold(struct lull *vm) { vm->held++; }

void host_let_go(struct lull *vm) { vm->held--; }

void host_enter(struct lull *vm)
{
  host_hold(vm);
  vm->callbacks++;
}

void host_return(struct lull *vm)
{
  vm->callbacks--;
  host_let_go(vm);
}

bool host_is_called(const struct lull *vm) { return vm->callbacks > 0 || vm->sched.is_running; }

// Expands to a call of a callback that may be absent, and may end the state.
#define CALL(vm, name, ...) \
  do { \
    if (!(vm)->host.name) break; \
    host_enter(vm); \
    (vm)->host.name((vm)->host.user, __VA_ARGS__); \
    host_return(vm); \
  } while (0)

void host_write(struct lull *vm, uint64_t tag, int stream, const char *bytes, size_t len)
{
  CALL(vm, write, tag, stream, bytes, len);
}

void host_show(struct lull *vm, const struct lull_shown *shown) { CALL(vm, show, vm_tag(vm), shown); }

void host_settled(struct lull *vm, uint64_t tag, enum lull_outcome outcome, struct lull_ref *value)
{
  CALL(vm, settled, tag, outcome, value);
}

void host_failed(struct lull *vm, uint64_t tag, enum lull_outcome outcome, struct lull_ref *error)
{
  CALL(vm, failed, tag, outcome, error);
}

bool host_can_ask(const struct lull *vm) { return vm->host.ask; }

void host_ask(struct lull *vm, const char *prompt, size_t len, struct lull_ref *question)
{
  CALL(vm, ask, vm_tag(vm), prompt, len, question);
}

static bool is_free(const struct lull *vm) { return vm->held == 0 && !vm->sched.is_running; }

void host_leave(struct lull *vm)
{
  host_let_go(vm);
  if (vm->is_ending && is_free(vm)) state_destroy(vm);
}

// What runs comes to its end at the next safepoint, and whoever started it does not go on.
static void stop_running(struct lull *vm)
{
  limits_forbid(vm);
  for (struct fiber *f = vm->fiber ? vm->fiber->spawner : NULL; f; f = f->spawner) f->is_throwing = true;
}

void host_end(struct lull *vm)
{
  vm->is_ending = true;
  vm->host = (struct lull_host){ 0 };
  if (is_free(vm)) {
    state_destroy(vm);
    return;
  }
  stop_running(vm);
  if (!ev_is_active(&vm->sched.idle)) ev_idle_start(vm->loop, &vm->sched.idle);
}

void host_ended(struct lull *vm)
{
  if (!is_free(vm)) return;
  // The loop that runs now cannot be freed: what runs it does that.
  if (vm->owns_loop) ev_break(vm->loop, EVBREAK_ALL);
  else state_destroy(vm);
}
