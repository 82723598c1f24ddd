#include "vm/side.h"

#include <errno.h>

#include "base/stack.h"
#include "vm/box.h"
#include "vm/deferred.h"
#include "vm/frame.h"
#include "vm/native_call.h"
#include "vm/operation.h"
#include "vm/state.h"

#define KEPT 8  // idle stacks kept for the next ones

struct pool {
  struct stack *idle[KEPT];
  u32 count;
};

struct side {
  struct box box;
  struct lull *vm;
  lull_native_fn body;
  struct stack *stack;  // NULL: the body has returned
  struct call call;     // what the body has been given; a copy of the VM's own at each entry
  enum native_status status;
  bool is_thrown;   // the answer is an error
  bool is_final;    // no body can hold this one up: [rethrow]
  bool is_dropped;  // nobody waits for the body any more, which is to end
  Value rethrow;
};

static void pool_fini(struct lull *vm, void *part)
{
  struct pool *pool = part;
  while (pool->count) stack_destroy(&vm->alloc, pool->idle[--pool->count]);
}

static const struct vm_part_type pool_type = { .size = sizeof(struct pool), .fini = pool_fini };

static struct stack *take_stack(struct lull *vm)
{
  struct pool *pool = vm_part(vm, &pool_type);
  if (!pool) return errno = ENOMEM, NULL;
  return pool->count ? pool->idle[--pool->count] : stack_create(&vm->alloc);
}

static void give_stack_back(struct side *s)
{
  struct pool *pool = vm_part(s->vm, &pool_type);
  if (pool->count < KEPT) pool->idle[pool->count++] = s->stack;
  else stack_destroy(&s->vm->alloc, s->stack);
  s->stack = NULL;
}

static void run_body(void *user)
{
  struct side *s = user;
  s->status = (enum native_status)s->body((struct lull_call *)(void *)&s->call);
}

// Runs the body until it leaves (false) or has returned.
static bool enter(struct side *s, bool is_first)
{
  struct side *before = s->vm->side;
  s->vm->side = s;
  bool is_over = is_first ? stack_start(s->stack, run_body, s) : stack_resume(s->stack);
  s->vm->side = before;
  if (is_over) give_stack_back(s);
  return is_over;
}

static void mark_side(struct heap *heap, struct object *o) { heap_mark(heap, ((struct side *)(void *)o)->rethrow); }

// The fiber is gone with what the body had of it. What the body itself holds it can give back now.
static void finish_side(struct heap *heap, struct object *o)
{
  struct side *s = (struct side *)(void *)o;
  (void)heap;
  if (!s->stack) return;
  s->is_dropped = true;
  s->call.args = s->call.locals = s->call.frame = NULL;
  s->call.count = 0;
  enter(s, false);
}

static const struct native_class side_class = {
  .name = "stack", .size = sizeof(struct side), .mark = mark_side, .finish = finish_side
};

static struct side *side_new(struct call *c, lull_native_fn body)
{
  struct lull *vm = c->vm;
  struct stack *stack = take_stack(vm);
  if (!stack) {
    if (errno == ENOSYS)
      throw_error(vm, vm->errors.unsupported, "%s: this system has no stacks for it", c->native->name);
    else throw_memory(vm);
    return NULL;
  }
  struct side *s = box_new(vm, &side_class);
  if (!s) {
    stack_destroy(&vm->alloc, stack);
    throw_memory(vm);
    return NULL;
  }
  s->vm = vm;
  s->body = body;
  s->stack = stack;
  s->rethrow = NIL;
  return s;
}

enum native_status side_run(struct call *c, u32 w, lull_native_fn body)
{
  struct lull *vm = c->vm;
  if (!c->frame) return throw_error(vm, vm->errors.type, "%s cannot be called from here", c->native->name);
  bool is_first = !is_box(c->locals[w], &side_class);
  struct side *s = is_first ? side_new(c, body) : (struct side *)(void *)as_object(c->locals[w]);
  if (!s) return NATIVE_THROW;
  c->locals[w] = value_object(s);
  s->call = *c;
  bool is_over = enter(s, is_first);
  *c = s->call;
  if (!is_over) return s->status;
  c->locals[w] = NIL;
  if (!s->is_final) return s->status;
  vm->thrown = s->rethrow;
  return NATIVE_THROW;
}

// The side whose body was given this call, and runs; NULL: it cannot be left, *result says why.
static struct side *side_of(struct call *c, Value *result)
{
  struct side *s = c->vm->side;
  *result = UNSET;
  if (s && &s->call == c) {
    if (s->is_final) *result = s->rethrow;
    return s->is_dropped || s->is_final ? NULL : s;
  }
  throw_error(c->vm, c->vm->errors.type, "%s: only a body of lull_on_stack can call and wait here", c->native->name);
  *result = c->vm->thrown;
  c->vm->thrown = UNSET;
  return NULL;
}

bool side_is_dropped(const struct call *c)
{
  const struct side *s = c->vm->side;
  return s && &s->call == c && s->is_dropped;
}

static bool leave(struct side *s, enum native_status status, Value *result)
{
  struct lull *vm = s->vm;
  if (status == NATIVE_THROW) {
    *result = vm->thrown;
    vm->thrown = UNSET;
    return false;
  }
  s->status = status;
  stack_leave(s->stack);
  *result = s->is_dropped ? UNSET : s->call.value;
  bool ok = !s->is_thrown && !s->is_dropped;
  s->is_thrown = false;
  return ok;
}

bool side_call(struct call *c, Value callee, const Value *args, u32 count, Value *result)
{
  struct side *s = side_of(c, result);
  return s && leave(s, native_call(c, callee, args, count), result);
}

bool side_wait(struct call *c, Value deferred, Value *result)
{
  struct side *s = side_of(c, result);
  if (!s) return false;
  if (is_deferred(deferred)) return leave(s, operation_wait(c, as_deferred(deferred)), result);
  return leave(s,
               throw_error(c->vm, c->vm->errors.type, "%s: %s cannot be waited for", c->native->name,
                           type_name(c->vm, deferred)),
               result);
}

bool side_catch(struct lull *vm, struct fiber *f, Value thrown, bool is_final)
{
  const struct native_function *function = AS_NATIVE(f->base[-2]);
  u32 slots = native_frame_slots(function, frame_count(f->base));
  for (u32 i = slots - function->native->locals; i < slots; i++) {
    if (!is_box(f->base[i], &side_class)) continue;
    struct side *s = (struct side *)(void *)as_object(f->base[i]);
    s->is_thrown = true;
    s->is_final = is_final;
    if (is_final) s->rethrow = thrown;
    heap_barrier(&vm->heap, s);
    f->base[slots] = thrown;
    f->pc = vm->code_resume;
    vm->thrown = UNSET;
    return true;
  }
  return false;
}
