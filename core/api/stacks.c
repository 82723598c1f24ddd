// Natives that call and wait from the depths of their C.
#include "api/value.h"
#include "vm/side.h"

#define ARGS_MAX 16

enum lull_status lull_on_stack(struct lull_call *c, size_t w, lull_native_fn body)
{
  return (enum lull_status)side_run((struct call *)(void *)c, (u32)w, body);
}

bool lull_call_here(struct lull_call *c, struct lull_value callee, const struct lull_value *args, size_t count,
                    struct lull_value *result)
{
  Value all[ARGS_MAX], answer = UNSET;
  if (count > ARGS_MAX) {
    *result = lull_error(lull_of(c), "ValueError", NULL, "lull_call_here: at most %d arguments", ARGS_MAX);
    return false;
  }
  for (size_t i = 0; i < count; i++) all[i] = value_in(args[i]);
  bool ok = side_call((struct call *)(void *)c, value_in(callee), all, (u32)count, &answer);
  *result = value_out(answer);
  return ok;
}

bool lull_wait_here(struct lull_call *c, struct lull_value deferred, struct lull_value *result)
{
  Value answer;
  bool ok = side_wait((struct call *)(void *)c, value_in(deferred), &answer);
  *result = value_out(answer);
  return ok;
}
