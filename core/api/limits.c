// What the host grants a state.
#include <math.h>

#include "vm/state.h"

void lull_set_step_limit(struct lull *vm, uint64_t steps) { limits_set_steps(vm, steps ? steps : UINT64_MAX); }

void lull_set_time_limit(struct lull *vm, double seconds) { limits_set_seconds(vm, seconds > 0 ? seconds : INFINITY); }

uint64_t lull_steps_left(const struct lull *vm)
{
  const struct limits *l = &vm->limits;
  if (l->steps == UINT64_MAX) return UINT64_MAX;
  return limits_are_spent(l) ? 0 : l->left.steps;
}

bool lull_is_limit(struct lull *vm, struct lull_ref *error)
{
  return IS_INSTANCE(error->value) && AS_INSTANCE(error->value)->class == vm->errors.spent;
}

void lull_set_memory_limit(struct lull *vm, size_t bytes) { vm->alloc.limit = vm_memory_limit(bytes); }

size_t lull_memory(const struct lull *vm) { return vm->alloc.used; }
