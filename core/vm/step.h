// What a slow path, a call or an unwinding tells the loop to do next. The slow paths of instructions, one function
// each: they get the operands decoded, and f->pc (behind the whole instruction) and f->base are up to date. They may
// move the stack: the loop reloads both afterwards.
#ifndef LULL_VM_STEP_H
#define LULL_VM_STEP_H

#include "value/number.h"
#include "vm/state.h"

enum vm_step {
  STEP_NEXT,   // go on at f->pc, f->base
  STEP_THROW,  // vm->thrown is set
  STEP_WAIT,   // the fiber waits
  STEP_SPAWN,  // vm->fiber is another one now: run that
  STEP_DONE,   // the fiber has ended
};

// Throws, as a step: STEP_ERROR(vm, class, format, ...).
#define STEP_ERROR(...) (throw_error(__VA_ARGS__), STEP_THROW)
#define STEP_MEMORY(vm) (throw_memory(vm), STEP_THROW)

#define REGISTER(f, offset) (*(Value *)((char *)(f)->base + (offset)))

// What W1 of OP_CALLM says of the method in W2, in its upper half: a callable that gets self; a closure whose
// parameters fit exactly; a module's cell that holds the callee.
enum { CACHE_METHOD, CACHE_EXACT, CACHE_CELL };

// The place of a name and a shape in vm->methods, vm->fields or vm->added. Shape 0 is no object's.
static inline struct member_place *member_at(struct member_place *table, u32 shape, const struct string *name)
{
  return &table[(shape ^ shape >> 8 ^ (u32)((uintptr_t)name >> 4)) % MEMBER_PLACES];
}
static inline bool member_is(const struct member_place *l, u32 shape, const struct string *name)
{
  return l->shape == shape && l->name == name;
}

// call.c
// Calls the value at window[0] with argc arguments at window[2]... The result lands in window[0]; then it goes on at
// return_pc. f->base is the caller's frame.
enum vm_step call_value(struct lull *vm, struct fiber *f, Value *window, u32 argc, u64 *return_pc);
enum vm_step call_method(struct lull *vm, struct fiber *f, u16 a, u32 argc,
                         u64 *cache);  // OP_CALLM after a cache miss
enum vm_step call_module(struct lull *vm, struct fiber *f, u16 a, u32 argc,
                         const u64 *cache);  // OP_CALLM with CACHE_CELL
enum vm_step call_super(struct lull *vm, struct fiber *f, u16 a, u32 argc, u64 *cache);
enum vm_step call_extended(struct lull *vm, struct fiber *f, u16 a);
enum vm_step call_resume(struct lull *vm, struct fiber *f);  // OP_RESUME
// Calls [callee] on behalf of the instruction at [at], which call_finish completes when it returns. [state] is kept
// for that.
enum vm_step call_operator(struct lull *vm, struct fiber *f, u64 *at, Value state, Value callee, const Value *args,
                           u32 argc);
enum vm_step call_finish(struct lull *vm, struct fiber *f);  // OP_FINISH; in finish.c
// What [name] of a value means in call position: sets *self UNSET where the callee takes no self. UNSET (nothing
// thrown) where there is none.
Value call_lookup(struct lull *vm, Value receiver, struct string *name, bool *has_self);
COLD enum vm_step throw_no_member(struct lull *vm, Value receiver, struct string *name, bool is_call);

// unwind.c
enum vm_step unwind(struct lull *vm, struct fiber *f);

// operators.c
enum vm_step slow_arith(struct lull *vm, struct fiber *f, enum number_op op, u16 a, Value x, Value y);
// R[a] := z op x * y, or x * y op z: two instructions in one of two words, each with its place in the source.
enum vm_step slow_product(struct lull *vm, struct fiber *f, enum number_op op, u16 a, Value z, Value x, Value y,
                          bool is_product_first);
enum vm_step slow_add_captured(struct lull *vm, struct fiber *f, u16 a, struct cell *cell, Value y);
enum vm_step slow_negate(struct lull *vm, struct fiber *f, u16 a, Value x);
enum vm_step slow_invert(struct lull *vm, struct fiber *f, u16 a, Value x);
enum compare_op { COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };
// *result is set with STEP_NEXT unless a method was called: then *is_pending, and call_finish completes the
// instruction at [at].
enum vm_step slow_compare(struct lull *vm, struct fiber *f, u64 *at, enum compare_op op, Value x, Value y,
                          bool *result, bool *is_pending);
enum vm_step slow_equal(struct lull *vm, struct fiber *f, u64 *at, Value x, Value y, bool *result, bool *is_pending);
enum vm_step slow_in(struct lull *vm, struct fiber *f, u64 *at, u16 a, Value x, Value y);
enum vm_step slow_is(struct lull *vm, struct fiber *f, u16 a, Value x, Value type);
enum vm_step slow_to_string(struct lull *vm, struct fiber *f, u64 *at, u16 a, Value x);
enum vm_step slow_concat(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 count);
struct printer;
// Go on where a call of `equals` or `to_string` interrupted. [keep]: the machine, or for `in` a list that begins with
// it.
enum vm_step equal_go_on(struct lull *vm, struct fiber *f, u64 *at, Value keep, bool *result, bool *is_pending);
enum vm_step in_list(struct lull *vm, struct fiber *f, u64 *at, u16 a, Value x, struct list *l, u32 from);
enum vm_step print_go_on(struct lull *vm, struct fiber *f, u64 *at, u16 a, struct printer *p);
bool compare_result(enum compare_op op, int order);  // order as number_compare: 2 is unordered

// members.c
enum vm_step slow_get_field(struct lull *vm, struct fiber *f, u16 a, Value x, u64 *cache);
enum vm_step slow_set_field(struct lull *vm, struct fiber *f, Value x, Value v, u64 *cache);
enum vm_step slow_add_field(struct lull *vm, struct fiber *f, u16 a, Value v, u64 *cache);
enum vm_step slow_get_method(struct lull *vm, struct fiber *f, u16 a, Value x, struct string *name);
enum vm_step slow_get_super(struct lull *vm, struct fiber *f, u16 a, Value self, struct string *name);
enum vm_step slow_get_index(struct lull *vm, struct fiber *f, u16 a, Value x, Value key);
// Of the whole instruction at [at]: a key that is an instance may have to be asked for.
enum vm_step slow_get_index_jump(struct lull *vm, struct fiber *f, u64 *at, Value x, Value key);
enum vm_step finish_index_jump(struct fiber *f, u64 *at, Value v);
enum vm_step slow_set_index(struct lull *vm, struct fiber *f, Value x, Value key, Value v);
enum vm_step slow_slice(struct lull *vm, struct fiber *f, u16 a, u16 b, bool is_inclusive);

// patterns.c
enum vm_step slow_get_key(struct lull *vm, struct fiber *f, u16 a, Value x, Value key);
enum vm_step slow_get_rest(struct lull *vm, struct fiber *f, u16 a, Value x, u32 from);
enum vm_step slow_map_rest(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 count);
enum vm_step slow_want_list(struct lull *vm, struct fiber *f, Value x, u32 count);
enum vm_step slow_want_map(struct lull *vm, struct fiber *f, Value x);
enum vm_step slow_missing(struct lull *vm, struct fiber *f, Value x, Value key);
enum vm_step slow_no_match(struct lull *vm, struct fiber *f, Value x);

// iterate.c
enum vm_step throw_range_ends(struct lull *vm, Value from, Value to) COLD;
enum vm_step slow_iterate(struct lull *vm, struct fiber *f, u64 *at, u16 a, Value x);
// With STEP_NEXT: *is_done tells; the values are in place. Else call_finish or the waking completes it.
enum vm_step slow_next(struct lull *vm, struct fiber *f, u64 *at, u16 a, bool is_pair, bool *is_done,
                       bool *is_pending);
enum vm_step finish_iterate(struct lull *vm, struct fiber *f, u64 *at, Value result);
enum vm_step finish_next(struct lull *vm, struct fiber *f, u64 *at, Value result, bool is_pair);

// construct.c
enum vm_step slow_list(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 count);
enum vm_step slow_extend(struct lull *vm, struct fiber *f, u16 a, Value x);
enum vm_step slow_map(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 pairs);
enum vm_step slow_put(struct lull *vm, struct fiber *f, u16 a, Value key, Value v);
enum vm_step slow_put_key(struct lull *vm, struct fiber *f, struct map *m, Value key, Value v);
enum vm_step slow_merge(struct lull *vm, struct fiber *f, u16 a, Value x);
enum vm_step slow_range(struct lull *vm, struct fiber *f, u16 a, Value from, Value to, bool is_inclusive);
enum vm_step slow_closure(struct lull *vm, struct fiber *f, u16 a, struct proto *p);
enum vm_step slow_class(struct lull *vm, struct fiber *f, u16 a, Value super, struct string *name, struct proto *p);
enum vm_step slow_method(struct lull *vm, struct fiber *f, Value class, Value closure, struct string *name);
enum vm_step slow_fields(struct lull *vm, struct fiber *f, Value class, Value closure);
enum vm_step slow_defer(struct lull *vm, struct fiber *f, u16 a, u16 b, u32 argc);
enum vm_step slow_deferred(struct lull *vm, struct fiber *f, u16 a, u16 b, u64 *at, bool *is_empty);

// async.c
enum vm_step slow_await(struct lull *vm, struct fiber *f, u16 a, Value x);
enum vm_step slow_spawn(struct lull *vm, struct fiber *f, u16 a, u32 argc);
enum vm_step slow_import(struct lull *vm, struct fiber *f, u16 a, struct string *path);
// A poll: collects, throws Interrupted.
enum vm_step safepoint(struct lull *vm, struct fiber *f);
enum vm_step throw_unset(struct lull *vm, Value cell_or_name);

#endif
