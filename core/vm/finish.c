// A method called by an instruction has returned: completes that instruction with its result.
#include "value/equal.h"
#include "value/print.h"
#include "vm/frame.h"
#include "vm/keys.h"
#include "vm/opcodes.h"
#include "vm/step.h"

// The answer of a comparison goes into a register, or decides a jump.
static enum vm_step use_answer(struct fiber *f, const u64 *at, bool is)
{
  u64 word = *at;
  u16 op = instruction_op(word);
  bool has_float = op >= OP_JLTK && op <= OP_JNGEK;
  f->pc = (u64 *)at + 1 + has_float;
  if ((op >= OP_EQ && op <= OP_GE) || op == OP_IN) {
    REGISTER(f, instruction_a(word)) = value_bool(op == OP_NE ? !is : is);
    return STEP_NEXT;
  }
  bool is_negated = op == OP_JNE || op == OP_JNEI || op == OP_JNLT || op == OP_JNLE ||
                    (op >= OP_JNLTI && op <= OP_JNGEI) || (op >= OP_JNLTK && op <= OP_JNGEK);
  if (is != is_negated) f->pc += (i16)instruction_c(word);
  return STEP_NEXT;
}

static enum vm_step finish_compare(struct lull *vm, struct fiber *f, const u64 *at, Value state, Value result)
{
  if (!is_number(result)) {
    f->pc = (u64 *)at + 1;
    return STEP_ERROR(vm, vm->errors.type, "`compare` must return a number (negative, 0 or positive), not %s",
                      type_name(vm, result));
  }
  int order = number_compare(&vm->heap, result, value_int(0));
  return use_answer(f, at, compare_result((enum compare_op)as_int(state), order));
}

static enum vm_step finish_equal(struct lull *vm, struct fiber *f, u64 *at, Value keep, Value result)
{
  const struct list *search = IS_LIST(keep) ? AS_LIST(keep) : NULL;
  bool is, is_pending = false;
  equal_answer((struct equal_state *)as_object(search ? search->items[0] : keep), !is_falsy(result));
  f->pc = at + 1;
  enum vm_step step = equal_go_on(vm, f, at, keep, &is, &is_pending);
  if (step != STEP_NEXT || is_pending) return step;
  if (search && !is)
    return in_list(vm, f, at, instruction_a(*at), search->items[2], AS_LIST(search->items[3]),
                   (u32)as_int(search->items[1]) + 1);
  return use_answer(f, at, is);
}

static enum vm_step finish_print(struct lull *vm, struct fiber *f, u64 *at, Value state, Value result)
{
  struct printer *p = (struct printer *)as_object(state);
  f->pc = at + 1;
  if (!IS_STRING(result))
    return STEP_ERROR(vm, vm->errors.type, "`to_string` must return a string, not %s", type_name(vm, result));
  printer_answer(&vm->heap, p, AS_STRING(result));
  return print_go_on(vm, f, at, instruction_a(*at), p);
}

static enum vm_step finish_put(struct lull *vm, struct map *m, Value key, Value v)
{
  return map_set(&vm->heap, m, key, v) ? STEP_NEXT : STEP_MEMORY(vm);
}

// [key] is the one of m that was meant. Where all of something was put into m, it is m.
static enum vm_step finish_key(struct lull *vm, struct fiber *f, u64 *at, struct map *m, Value key)
{
  u16 op = instruction_op(*at), c = instruction_c(*at);
  Value v = op == OP_MAP || op == OP_MERGE ? key : map_get(&vm->heap, m, key), *to = &REGISTER(f, instruction_a(*at));
  f->pc = at + 1;
  switch (op) {
  case OP_SETX:
  case OP_PUT: return finish_put(vm, m, key, REGISTER(f, c));
  case OP_SETXC: return finish_put(vm, m, key, (Value){ 0, c });
  case OP_GETXJT:
  case OP_GETXJF: return finish_index_jump(f, at, is_unset(v) ? NIL : v);
  case OP_GETX: *to = is_unset(v) ? NIL : v; break;
  case OP_IN: *to = value_bool(!is_unset(v)); break;
  default: *to = v;
  }
  return STEP_NEXT;
}

static enum vm_step finish_extend(struct lull *vm, struct fiber *f, u64 *at, Value result)
{
  const struct list *more = AS_LIST(result);
  f->pc = at + 1;
  return list_append(&vm->heap, AS_LIST(REGISTER(f, instruction_a(*at))), more->items, more->len) ? STEP_NEXT
                                                                                                  : STEP_MEMORY(vm);
}

enum vm_step call_finish(struct lull *vm, struct fiber *f)
{
  Value *top = f->base + AS_CLOSURE(f->base[-2])->proto->registers;
  u64 *at = (u64 *)(uintptr_t)top[0].bits;
  Value state = top[1], result = top[2];
  switch (instruction_op(*at)) {
  case OP_TOSTR: return finish_print(vm, f, at, state, result);
  case OP_EXTEND: return finish_extend(vm, f, at, result);
  case OP_ITER: return finish_iterate(vm, f, at, result);
  case OP_NEXT: return finish_next(vm, f, at, result, false);
  case OP_NEXT2: return finish_next(vm, f, at, result, true);
  default: break;
  }
  if (IS_MAP(state) || IS_SET(state)) return finish_key(vm, f, at, AS_MAP(state), result);
  return is_int(state) ? finish_compare(vm, f, at, state, result) : finish_equal(vm, f, at, state, result);
}
