// The interpreter's loop: one label an instruction, the common case of each inline, everything else in a slow path (step.h).
//
// pc and base are the loop's copies of f->pc and f->base. SLOW saves them, calls, and reloads: a slow path may enter a frame, move the stack or throw.
// What an instruction costs is its dispatch more than what it does: fewer instructions that do more are faster, even where they test more.
// Each arm of a branch ends in its own dispatch, so that the processor predicts the next instruction by itself.
#include "vm/loop.h"

#include <math.h>

#include "vm/loop_forms.h"
#include "vm/opcodes.h"

void vm_run(struct lull *vm, struct fiber *f)
{
  static const void *const labels[] = {
#define X(name, format, words, formula) &&do_##name,
    OPCODES(X)
#undef X
  };
  const void *const *table = labels;
  __asm__("" : "+r"(table));  // in a register: else every dispatch makes its address anew
  enum vm_step step;
  u64 *pc;
  char *base;

enter:
  vm->fiber = f;
  f->state = FIBER_RUNNING;
  vm->limit = vm_call_limit(vm, f);
  heap_barrier(&vm->heap, f);
  pc = f->pc;
  base = (char *)f->base;
  if (f->is_throwing) {
    f->is_throwing = false;
    step = STEP_THROW;
    goto leave;
  }
  DISPATCH();

leave:
  switch (step) {
    case STEP_NEXT: DISPATCH();
    case STEP_THROW:
      step = unwind(vm, f);
      pc = f->pc;
      base = (char *)f->base;
      if (step == STEP_NEXT) DISPATCH();
      break;
    case STEP_SPAWN: f = vm->fiber; goto enter;
    case STEP_WAIT:
    case STEP_DONE: break;
  }
  heap_barrier(&vm->heap, f);
  if (f->spawner) {
    struct fiber *next = f->spawner;
    f->spawner = NULL;
    f = next;
    goto enter;
  }
  vm->fiber = NULL;
  return;

poll:
  SLOW(safepoint(vm, f));

  OP(MOVE) : {
    COPY(R(A), R(B));
    DISPATCH();
  }
  OP(NIL) : {
    SET(R(A), 0, TAG_NIL);
    DISPATCH();
  }
  OP(BOOL) : {
    SET_BOOL(R(A), B);
    DISPATCH();
  }
  OP(UNSET) : {
    SET(R(A), 0, TAG_UNSET);
    DISPATCH();
  }
  OP(DONE) : {
    SET(R(A), 0, TAG_DONE);
    DISPATCH();
  }
  OP(INT) : {
    SET_INT(R(A), (i64)WIDE());
    DISPATCH();
  }
  OP(CONST) : {
    SET(R(A), pc[0], pc[1]);
    pc += 2;
    DISPATCH();
  }

  OP(GETG) : {
    const struct cell *cell = (const struct cell *)(uintptr_t)pc[0];
    Value *to = &R(A);
    pc++;
    to->bits = cell->value.bits;
    to->tag = cell->value.tag;
    if (LIKELY(cell->value.tag != TAG_UNSET)) DISPATCH();
    SLOW(throw_unset(vm, value_object(cell)));
  }
  OP(SETG) : {
    struct cell *cell = (struct cell *)(uintptr_t)pc[0];
    const Value *from = &R(A);
    pc++;
    if (UNLIKELY(cell->value.tag == TAG_UNSET)) SLOW(throw_unset(vm, value_object(cell)));
    COPY(cell->value, *from);
    heap_barrier(&vm->heap, cell);
    DISPATCH();
  }
  OP(DEFG) : {
    struct cell *cell = (struct cell *)(uintptr_t)pc[0];
    COPY(cell->value, R(A));
    pc++;
    heap_barrier(&vm->heap, cell);
    DISPATCH();
  }
  OP(CELL) : {
    struct cell *cell = cell_new(&vm->heap, R(B));
    SET(R(A), (u64)(uintptr_t)cell, TAG_OBJECT);
    POLL();
  }
  OP(GETC) : {
    const struct cell *cell = AS_CELL(R(B));
    if (UNLIKELY(is_unset(cell->value))) SLOW(throw_unset(vm, value_object(cell)));
    COPY(R(A), cell->value);
    DISPATCH();
  }
  OP(SETC) : {
    struct cell *cell = AS_CELL(R(A));
    COPY(cell->value, R(B));
    heap_barrier(&vm->heap, cell);
    DISPATCH();
  }
  OP(GETUP) : {
    COPY(R(A), AS_CLOSURE(((Value *)base)[-2])->up[B]);
    DISPATCH();
  }
  OP(GETUPC) : {
    const struct cell *cell = AS_CELL(AS_CLOSURE(((Value *)base)[-2])->up[B]);
    if (UNLIKELY(is_unset(cell->value))) SLOW(throw_unset(vm, value_object(cell)));
    COPY(R(A), cell->value);
    DISPATCH();
  }
  OP(SETUPC) : {
    struct cell *cell = AS_CELL(AS_CLOSURE(((Value *)base)[-2])->up[B]);
    COPY(cell->value, R(A));
    heap_barrier(&vm->heap, cell);
    DISPATCH();
  }
  OP(ADDUP) : {
    struct cell *cell = AS_CELL(AS_CLOSURE(((Value *)base)[-2])->up[B]);
    const Value *x = &cell->value, *y = &R(C);
    i64 n;
    if (LIKELY(BOTH_INT(x, y)) && LIKELY(!__builtin_add_overflow(as_int(*x), as_int(*y), &n))) {
      SET_INT(R(A), n);
      cell->value.bits = (u64)n;
      DISPATCH();
    }
    if (BOTH_FLOAT(x, y)) {
      SET_FLOAT(R(A), as_float(*x) + as_float(*y));
      cell->value.bits = R(A).bits;
      DISPATCH();
    }
    SLOW(slow_add_captured(vm, f, A, cell, *y));
  }
  ADD_CAPTURED(ADDUPI, DISPATCH)
  ADD_CAPTURED(ADDUPI_RET, THEN_RET)
  OP(CHECKSET) : {
    if (UNLIKELY(is_unset(R(A)))) {
      Value name = value_object((void *)(uintptr_t)pc[0]);
      pc++;
      SLOW(throw_unset(vm, name));
    }
    pc++;
    DISPATCH();
  }

  ARITH(ADD, ADD, __builtin_add_overflow, +, DISPATCH)
  ARITH(ADD_FOR, ADD, __builtin_add_overflow, +, THEN_FOR)
  ARITH(ADD_JLT, ADD, __builtin_add_overflow, +, THEN_JLT)
  ARITH(ADD_RET, ADD, __builtin_add_overflow, +, THEN_RET)
  ARITH(SUB, SUB, __builtin_sub_overflow, -, DISPATCH)
  ARITH(SUB_RET, SUB, __builtin_sub_overflow, -, THEN_RET)
  ARITH(MUL, MUL, __builtin_mul_overflow, *, DISPATCH)
  ARITH(MUL_ADDF, MUL, __builtin_mul_overflow, *, THEN_ADDF)
  OP(DIV) : {
    const Value *x = &R(B), *y = &R(C);
    if (LIKELY(BOTH_FLOAT(x, y)) && as_float(*y) != 0) {
      SET_FLOAT(R(A), as_float(*x) / as_float(*y));
      DISPATCH();
    }
    if (INT_AND_FLOAT(x, y) && TO_FLOAT(y) != 0) {
      SET_FLOAT(R(A), TO_FLOAT(x) / TO_FLOAT(y));
      DISPATCH();
    }
    SLOW(slow_arith(vm, f, NUMBER_DIV, A, *x, *y));
  }
  OP(IDIV) : {
    const Value *x = &R(B), *y = &R(C);
    if (LIKELY(BOTH_INT(x, y)) && LIKELY(as_int(*y) > 0)) {
      i64 n = as_int(*x), d = as_int(*y), q = n / d;
      SET_INT(R(A), q - (n % d < 0));
      DISPATCH();
    }
    SLOW(slow_arith(vm, f, NUMBER_IDIV, A, *x, *y));
  }
  OP(MOD) : {
    const Value *x = &R(B), *y = &R(C);
    if (LIKELY(BOTH_INT(x, y)) && LIKELY(as_int(*y) > 0)) {
      i64 d = as_int(*y), r = as_int(*x) % d;
      SET_INT(R(A), r < 0 ? r + d : r);
      DISPATCH();
    }
    SLOW(slow_arith(vm, f, NUMBER_MOD, A, *x, *y));
  }
  OP(POW) : {
    SLOW(slow_arith(vm, f, NUMBER_POW, A, R(B), R(C)));
  }
  BITWISE(BAND, NUMBER_AND, &)
  BITWISE(BOR, NUMBER_OR, |)
  BITWISE(BXOR, NUMBER_XOR, ^)
  OP(SHL) : {
    const Value *x = &R(B), *y = &R(C);
    if (LIKELY(BOTH_INT(x, y)) && y->bits < 63) {
      i64 n = as_int(*x), r = (i64)(x->bits << y->bits);
      if (LIKELY(r >> y->bits == n)) {
        SET_INT(R(A), r);
        DISPATCH();
      }
    }
    SLOW(slow_arith(vm, f, NUMBER_SHL, A, *x, *y));
  }
  OP(SHR) : {
    const Value *x = &R(B), *y = &R(C);
    if (LIKELY(BOTH_INT(x, y)) && y->bits < 64) {
      SET_INT(R(A), as_int(*x) >> y->bits);
      DISPATCH();
    }
    SLOW(slow_arith(vm, f, NUMBER_SHR, A, *x, *y));
  }
  ADD_IMMEDIATE(ADDI, DISPATCH)
  ADD_IMMEDIATE(ADDI_JLT, THEN_JLT)
  OP(MULI) : {
    const Value *x = &R(B);
    i64 n;
    if (LIKELY(x->tag == TAG_INT) && LIKELY(!__builtin_mul_overflow(as_int(*x), (i64)IMMEDIATE, &n))) {
      SET_INT(R(A), n);
      DISPATCH();
    }
    if (LIKELY(x->tag == TAG_FLOAT)) {
      SET_FLOAT(R(A), as_float(*x) * IMMEDIATE);
      DISPATCH();
    }
    SLOW(slow_arith(vm, f, NUMBER_MUL, A, *x, value_int(IMMEDIATE)));
  }
  OP(IDIVI) : {
    const Value *x = &R(B);
    i64 d = IMMEDIATE;
    if (LIKELY(x->tag == TAG_INT) && LIKELY(d > 0)) {
      i64 n = as_int(*x);
      SET_INT(R(A), n / d - (n % d < 0));
      DISPATCH();
    }
    SLOW(slow_arith(vm, f, NUMBER_IDIV, A, *x, value_int(d)));
  }
  OP(MODI) : {
    const Value *x = &R(B);
    i64 d = IMMEDIATE;
    if (LIKELY(x->tag == TAG_INT) && LIKELY(d > 0)) {
      i64 r = as_int(*x) % d;
      SET_INT(R(A), r < 0 ? r + d : r);
      DISPATCH();
    }
    SLOW(slow_arith(vm, f, NUMBER_MOD, A, *x, value_int(d)));
  }
  OP(BANDI) : {
    const Value *x = &R(B);
    if (LIKELY(x->tag == TAG_INT)) {
      SET_INT(R(A), as_int(*x) & IMMEDIATE);
      DISPATCH();
    }
    SLOW(slow_arith(vm, f, NUMBER_AND, A, *x, value_int(IMMEDIATE)));
  }
  OP(SHLI) : {
    const Value *x = &R(B);
    u16 by = C;
    if (LIKELY(x->tag == TAG_INT)) {
      i64 r = (i64)(x->bits << by);
      if (LIKELY(r >> by == as_int(*x))) {
        SET_INT(R(A), r);
        DISPATCH();
      }
    }
    SLOW(slow_arith(vm, f, NUMBER_SHL, A, *x, value_int(by)));
  }
  OP(SHRI) : {
    const Value *x = &R(B);
    if (LIKELY(x->tag == TAG_INT)) {
      SET_INT(R(A), as_int(*x) >> C);
      DISPATCH();
    }
    SLOW(slow_arith(vm, f, NUMBER_SHR, A, *x, value_int(C)));
  }
  ARITH_K(ADDK, NUMBER_ADD, x, +, k, true, C)
  ARITH_K(SUBK, NUMBER_SUB, x, -, k, true, false)
  ARITH_K(MULK, NUMBER_MUL, x, *, k, true, C)
  ARITH_K(DIVK, NUMBER_DIV, x, /, k, true, false)
  ARITH_K(KSUB, NUMBER_SUB, k, -, x, true, true)
  ARITH_K(KDIV, NUMBER_DIV, k, /, x, x != 0, true)
  ARITH_PRODUCT(MULADD, NUMBER_ADD, __builtin_add_overflow, +, pc[0] & MULADD_PRODUCT_FIRST, DISPATCH)
  ARITH_PRODUCT(MULADD_FOR, NUMBER_ADD, __builtin_add_overflow, +, pc[0] & MULADD_PRODUCT_FIRST, THEN_FOR)
  ARITH_PRODUCT(MULSUB, NUMBER_SUB, __builtin_sub_overflow, -, false, DISPATCH)
  OP(NEG) : {
    const Value *x = &R(B);
    if (LIKELY(x->tag == TAG_INT) && LIKELY(as_int(*x) != INT64_MIN)) {
      SET_INT(R(A), -as_int(*x));
      DISPATCH();
    }
    if (x->tag == TAG_FLOAT) {
      SET_FLOAT(R(A), -as_float(*x));
      DISPATCH();
    }
    SLOW(slow_negate(vm, f, A, *x));
  }
  OP(BNOT) : {
    const Value *x = &R(B);
    if (LIKELY(x->tag == TAG_INT)) {
      SET_INT(R(A), ~x->bits);
      DISPATCH();
    }
    SLOW(slow_invert(vm, f, A, *x));
  }
  OP(NOT) : {
    SET_BOOL(R(A), is_falsy(R(B)));
    DISPATCH();
  }

  OP(EQ) : {
    const Value *x = &R(B), *y = &R(C);
    EQUAL(x, y, USE_VALUE);
  }
  OP(NE) : {
    const Value *x = &R(B), *y = &R(C);
    EQUAL(x, y, USE_VALUE_NOT);
  }
  COMPARE_VALUE(LT, <)
  COMPARE_VALUE(LE, <=)
  COMPARE_VALUE(GT, >)
  COMPARE_VALUE(GE, >=)
  OP(IN) : {
    SLOW(slow_in(vm, f, pc - 1, A, R(B), R(C)));
  }
  OP(IS) : {
    SLOW(slow_is(vm, f, A, R(B), R(C)));
  }

  OP(JMP) : {
    pc += WIDE();
    DISPATCH();
  }
  OP(LOOP) : {
    pc += WIDE();
    POLL();
  }
  OP(JT) : JUMP_IF(!is_falsy(R(A)));
  OP(JF) : JUMP_IF(is_falsy(R(A)));
  OP(JNIL) : JUMP_IF(is_nil(R(A)));
  OP(JNOTNIL) : JUMP_IF(!is_nil(R(A)));
  OP(JSET) : JUMP_IF(!is_unset(R(A)));
  OP(JUNSET) : JUMP_IF(is_unset(R(A)));
  OP(JNLIST) : JUMP_IF(!IS_LIST(R(A)));
  OP(JNMAP) : JUMP_IF(!IS_MAP(R(A)) && !IS_INSTANCE(R(A)));
  OP(JEQ) : {
    const Value *x = &R(A), *y = &R(B);
    EQUAL(x, y, USE_JUMP);
  }
  OP(JNE) : {
    const Value *x = &R(A), *y = &R(B);
    EQUAL(x, y, USE_JUMP_NOT);
  }
  COMPARE_JUMP(JLT, <, COMPARE_LT, USE_JUMP)
  COMPARE_JUMP(JLE, <=, COMPARE_LE, USE_JUMP)
  COMPARE_JUMP(JNLT, <, COMPARE_LT, USE_JUMP_NOT)
  COMPARE_JUMP(JNLE, <=, COMPARE_LE, USE_JUMP_NOT)
  OP(JEQI) : {
    const Value *x = &R(A);
    if (LIKELY(x->tag == TAG_INT)) USE_JUMP(as_int(*x) == (i16)B);
    Value y_ = value_int((i16)B);
    const Value *y = &y_;
    EQUAL(x, y, USE_JUMP);
  }
  OP(JNEI) : {
    const Value *x = &R(A);
    if (LIKELY(x->tag == TAG_INT)) USE_JUMP(as_int(*x) != (i16)B);
    Value y_ = value_int((i16)B);
    const Value *y = &y_;
    EQUAL(x, y, USE_JUMP_NOT);
  }
  COMPARE_JUMP_I(JLTI, <, COMPARE_LT, USE_JUMP)
  COMPARE_JUMP_I(JLEI, <=, COMPARE_LE, USE_JUMP)
  COMPARE_JUMP_I(JGTI, >, COMPARE_GT, USE_JUMP)
  COMPARE_JUMP_I(JGEI, >=, COMPARE_GE, USE_JUMP)
  COMPARE_JUMP_I(JNLTI, <, COMPARE_LT, USE_JUMP_NOT)
  COMPARE_JUMP_I(JNLEI, <=, COMPARE_LE, USE_JUMP_NOT)
  COMPARE_JUMP_I(JNGTI, >, COMPARE_GT, USE_JUMP_NOT)
  COMPARE_JUMP_I(JNGEI, >=, COMPARE_GE, USE_JUMP_NOT)
  COMPARE_JUMP_K(JLTK, <, COMPARE_LT, )
  COMPARE_JUMP_K(JLEK, <=, COMPARE_LE, )
  COMPARE_JUMP_K(JGTK, >, COMPARE_GT, )
  COMPARE_JUMP_K(JGEK, >=, COMPARE_GE, )
  COMPARE_JUMP_K(JNLTK, <, COMPARE_LT, !)
  COMPARE_JUMP_K(JNLEK, <=, COMPARE_LE, !)
  COMPARE_JUMP_K(JNGTK, >, COMPARE_GT, !)
  COMPARE_JUMP_K(JNGEK, >=, COMPARE_GE, !)

  OP(FORPREP) : {
    Value *v = &R(A);
    i32 jump = WIDE();
    bool is_inclusive = pc[0];
    pc++;
    if (UNLIKELY(!BOTH_INT(v, v + 1))) SLOW(throw_range_ends(vm, v[0], v[1]));
    i64 first = as_int(v[0]), limit = as_int(v[1]);
    if (is_inclusive ? first <= limit : first < limit) {
      // From here on the last value is kept, so that a loop may run up to the largest int.
      SET_INT(v[1], limit - !is_inclusive);
      SET_INT(v[2], first);
      DISPATCH();
    }
    pc += jump;
    DISPATCH();
  }
  OP(FOR) : FOR();
  OP(ITER) : {
    const Value *x = &R(B);
    if (LIKELY(IS_LIST(*x))) {
      Value *state = &R(A);
      COPY(state[0], *x);
      SET_INT(state[1], 0);
      DISPATCH();
    }
    SLOW(slow_iterate(vm, f, pc - 1, A, *x));
  }
  OP(NEXT) : {
    Value *state = &R(A);
    if (LIKELY(IS_LIST(state[0]))) {
      const struct list *list = AS_LIST(state[0]);
      if (LIKELY(state[1].bits < list->len)) {
        COPY(state[3], list->items[state[1].bits]);
        state[1].bits++;
        pc += WIDE();
        POLL();
      }
      DISPATCH();
    }
    u64 *at = pc - 1;
    bool is_done, is_pending = false;
    SLOW_THEN(slow_next(vm, f, at, A, false, &is_done, &is_pending));
    if (is_pending) DISPATCH();
    if (!is_done) pc += WIDE();
    POLL();
  }
  OP(NEXT2) : {
    Value *state = &R(A);
    if (LIKELY(IS_LIST(state[0]))) {
      const struct list *list = AS_LIST(state[0]);
      if (LIKELY(state[1].bits < list->len)) {
        SET_INT(state[3], state[1].bits);
        COPY(state[4], list->items[state[1].bits]);
        state[1].bits++;
        pc += WIDE();
        POLL();
      }
      DISPATCH();
    }
    u64 *at = pc - 1;
    bool is_done, is_pending = false;
    SLOW_THEN(slow_next(vm, f, at, A, true, &is_done, &is_pending));
    if (is_pending) DISPATCH();
    if (!is_done) pc += WIDE();
    POLL();
  }

  GET_FIELD(GETF, DISPATCH)
  GET_FIELD(GETF_GETF, THEN_GETF)
  GET_FIELD(GETF_SUB, THEN_SUB)
  OP(SETF) : {
    const Value *x = &R(A), *from = &R(B);
    u64 *cache = pc;
    pc += 2;
    if (LIKELY(x->tag == TAG_OBJECT)) {
      char *object = (char *)as_object(*x);
      u32 shape = ((struct object *)object)->shape;
      if (LIKELY(shape == (u32)cache[0])) {
        COPY(*(Value *)(object + (cache[0] >> 32)), *from);
        heap_barrier(&vm->heap, object);
        DISPATCH();
      }
      const struct member_place *known = member_at(vm->fields, shape, NAME(cache[1]));
      if (LIKELY(member_is(known, shape, NAME(cache[1])))) {
        COPY(*(Value *)(object + known->value), *from);
        heap_barrier(&vm->heap, object);
        DISPATCH();
      }
      known = member_at(vm->added, shape, NAME(cache[1]));
      if (LIKELY(member_is(known, shape, NAME(cache[1])))) {
        COPY(*(Value *)(object + known->value), *from);
        ((struct object *)object)->shape = known->kind;
        heap_barrier(&vm->heap, object);
        DISPATCH();
      }
      struct map_entry *entry = known_entry(x, cache);
      if (entry) {
        COPY(entry->value, *from);
        heap_barrier_value(&vm->heap, object, *from);
        DISPATCH();
      }
    }
    SLOW(slow_set_field(vm, f, *x, *from, cache));
  }
  OP(ADDFI) : {
    const Value *x = &R(A);
    u64 *cache = pc;
    i64 more = (i16)B;
    if (LIKELY(x->tag == TAG_OBJECT)) {
      char *object = (char *)as_object(*x);
      if (LIKELY(((struct object *)object)->shape == (u32)cache[0])) {
        Value *slot = (Value *)(object + (cache[0] >> 32));
        i64 n;
        if (LIKELY(slot->tag == TAG_INT) && LIKELY(!__builtin_add_overflow(as_int(*slot), more, &n))) {
          slot->bits = (u64)n;
          pc += 2;
          DISPATCH();
        }
      }
    }
    u16 a = A;
    pc += 2;
    SLOW(slow_add_field(vm, f, a, value_int(more), cache));
  }
  ADD_FIELD(ADDF, DISPATCH)
  ADD_FIELD(ADDF_RETNIL, THEN_RETNIL)
  OP(GETM) : {
    u16 a = A, b = B;
    struct string *name = (struct string *)(uintptr_t)pc[0];
    pc++;
    SLOW(slow_get_method(vm, f, a, R(b), name));
  }
  OP(GETX) : GET_ITEM(DISPATCH);
  OP(GETX_GETX) : GET_ITEM(THEN_GETX);
  OP(GETXI) : {
    const Value *x = &R(B);
    i16 i = IMMEDIATE;
    if (LIKELY(IS_LIST(*x))) {
      const struct list *list = AS_LIST(*x);
      if (LIKELY((u32)i < list->len && i >= 0)) {
        COPY(R(A), list->items[i]);
        DISPATCH();
      }
    }
    SLOW(slow_get_index(vm, f, A, *x, value_int(i)));
  }
  GET_ITEM_JUMP(GETXJT, !)
  GET_ITEM_JUMP(GETXJF, )
  OP(SETX) : {
    const Value *x = &R(A), *key = &R(B);
    if (LIKELY(IS_LIST(*x) && key->tag == TAG_INT)) {
      struct list *list = AS_LIST(*x);
      if (LIKELY(key->bits < list->len)) {
        COPY(list->items[key->bits], R(C));
        heap_barrier(&vm->heap, list);
        DISPATCH();
      }
    }
    SLOW(slow_set_index(vm, f, *x, *key, R(C)));
  }
  SET_CONSTANT(SETXC, DISPATCH)
  SET_CONSTANT(SETXC_ADD, THEN_ADD)
  OP(SLICE) : {
    SLOW(slow_slice(vm, f, A, B, C));
  }
  OP(GETKEY) : {
    SLOW(slow_get_key(vm, f, A, R(B), R(C)));
  }
  OP(GETAT) : {
    const struct list *list = AS_LIST(R(B));
    if (C < list->len) COPY(R(A), list->items[C]);
    else SET(R(A), 0, TAG_UNSET);
    DISPATCH();
  }
  OP(GETREST) : {
    SLOW(slow_get_rest(vm, f, A, R(B), C));
  }
  OP(MAPREST) : {
    SLOW(slow_map_rest(vm, f, A, B, C));
  }
  OP(LEN) : {
    const Value *x = &R(B);
    SET_INT(R(A), IS_LIST(*x) ? AS_LIST(*x)->len : IS_MAP(*x) ? AS_MAP(*x)->count : 0);
    DISPATCH();
  }
  OP(WANTLIST) : {
    if (LIKELY(IS_LIST(R(A)) && AS_LIST(R(A))->len >= B)) DISPATCH();
    SLOW(slow_want_list(vm, f, R(A), B));
  }
  OP(WANTMAP) : {
    if (LIKELY(IS_MAP(R(A)) || IS_INSTANCE(R(A)))) DISPATCH();
    SLOW(slow_want_map(vm, f, R(A)));
  }
  OP(MISSING) : {
    SLOW(slow_missing(vm, f, R(A), R(B)));
  }
  OP(NOMATCH) : {
    SLOW(slow_no_match(vm, f, R(A)));
  }

  OP(LIST) : {
    SLOW(slow_list(vm, f, A, B, C));
  }
  OP(PUSH) : {
    if (UNLIKELY(!list_push(&vm->heap, AS_LIST(R(A)), R(B)))) SLOW((throw_memory(vm), STEP_THROW));
    DISPATCH();
  }
  OP(EXTEND) : {
    SLOW(slow_extend(vm, f, A, R(B)));
  }
  OP(MAP) : {
    SLOW(slow_map(vm, f, A, B, C));
  }
  OP(PUT) : {
    SLOW(slow_put(vm, f, A, R(B), R(C)));
  }
  OP(MERGE) : {
    SLOW(slow_merge(vm, f, A, R(B)));
  }
  OP(RANGE) : {
    SLOW(slow_range(vm, f, A, R(B), R(C), false));
  }
  OP(RANGEI) : {
    SLOW(slow_range(vm, f, A, R(B), R(C), true));
  }
  OP(TOSTR) : {
    const Value *x = &R(B);
    if (LIKELY(is_int(*x) || IS_STRING(*x))) {
      COPY(R(A), *x);
      DISPATCH();
    }
    SLOW(slow_to_string(vm, f, pc - 1, A, *x));
  }
  OP(CONCAT) : {
    SLOW(slow_concat(vm, f, A, B, C));
  }
  OP(CLOSURE) : {
    u16 a = A;
    struct proto *p = (struct proto *)(uintptr_t)pc[0];
    pc++;
    SLOW(slow_closure(vm, f, a, p));
  }
  OP(CLASS) : {
    u16 a = A, b = B;
    struct string *name = (struct string *)(uintptr_t)pc[0];
    struct proto *p = (struct proto *)(uintptr_t)pc[1];
    pc += 2;
    SLOW(slow_class(vm, f, a, R(b), name, p));
  }
  OP(METHOD) : {
    u16 a = A, b = B;
    struct string *name = (struct string *)(uintptr_t)pc[0];
    pc++;
    SLOW(slow_method(vm, f, R(a), R(b), name));
  }
  OP(FIELDS) : {
    SLOW(slow_fields(vm, f, R(A), R(B)));
  }

  OP(CALL) : {
    u16 a = A, count = B;
    Value *window = &R(a);
    const Value *callee = &R(C);
    if (LIKELY(IS_CLOSURE(*callee))) {
      const struct closure *closure = AS_CLOSURE(*callee);
      SET(*window, (u64)(uintptr_t)closure, TAG_OBJECT);
      if (LIKELY(closure->proto->exact == count)) ENTER(window, closure, count, (u32)a + 32);
      SLOW(call_value(vm, f, window, count, pc));
    }
    COPY(*window, *callee);
    SLOW(call_value(vm, f, window, count, pc));
  }
  OP(CALLG) : {
    const struct cell *cell = (const struct cell *)(uintptr_t)pc[0];
    u16 a = A, count = B;
    Value *window = &R(a);
    if (LIKELY(IS_CLOSURE(cell->value))) {
      const struct closure *closure = AS_CLOSURE(cell->value);
      pc++;
      SET(*window, (u64)(uintptr_t)closure, TAG_OBJECT);
      if (LIKELY(closure->proto->exact == count)) ENTER(window, closure, count, (u32)a + 32);
      SLOW(call_value(vm, f, window, count, pc));
    }
    // The place of the name is that of the first word.
    if (UNLIKELY(is_unset(cell->value))) SLOW(throw_unset(vm, value_object(cell)));
    pc++;
    COPY(*window, cell->value);
    SLOW(call_value(vm, f, window, count, pc));
  }
  OP(CALLM) : {
    u16 a = A, count = B;
    Value *window = &R(a);
    const Value *receiver = &R(C);
    u64 *cache = pc;
    pc += 3;
    u64 bits = receiver->bits, tag = receiver->tag;
    SET(window[2], bits, tag);
    if (UNLIKELY(tag != TAG_OBJECT)) SLOW(call_method(vm, f, a, count, cache));
    u32 shape = ((const struct object *)(uintptr_t)bits)->shape;
    if (LIKELY(shape == (u32)cache[0])) {
      u32 kind = (u32)(cache[0] >> 32);
      if (UNLIKELY(kind == CACHE_CELL)) SLOW(call_module(vm, f, a, count, cache));
      SET(*window, cache[1], TAG_OBJECT);
      if (LIKELY(kind == CACHE_EXACT)) {
        const struct closure *closure = (const struct closure *)(uintptr_t)cache[1];
        ENTER(window, closure, (u32)count + 1, (u32)a + 32);
      }
      SLOW(call_value(vm, f, window, (u32)count + 1, pc));
    }
    const struct member_place *known = member_at(vm->methods, shape, NAME(cache[2]));
    if (UNLIKELY(!member_is(known, shape, NAME(cache[2])))) SLOW(call_method(vm, f, a, count, cache));
    const struct closure *closure = (const struct closure *)(uintptr_t)known->value;
    SET(*window, (u64)(uintptr_t)closure, TAG_OBJECT);
    if (LIKELY(closure->object.kind == KIND_CLOSURE && closure->proto->exact == count + 1u))
      ENTER(window, closure, (u32)count + 1, (u32)a + 32);
    SLOW(call_value(vm, f, window, (u32)count + 1, pc));
  }
  OP(CALLX) : {
    SLOW(call_extended(vm, f, A));
  }
  OP(SUPER) : {
    u16 a = A, count = B;
    Value *window = &R(a);
    u64 *cache = pc;
    COPY(window[2], R(C));
    pc += 3;
    const struct class *home = AS_CLOSURE(((Value *)base)[-2])->home;
    if (LIKELY(home && home->shape == (u32)cache[0])) {
      const struct closure *closure = (const struct closure *)(uintptr_t)cache[1];
      SET(*window, cache[1], TAG_OBJECT);
      ENTER(window, closure, (u32)count + 1, (u32)a + 32);
    }
    SLOW(call_super(vm, f, a, count, cache));
  }
  OP(GETSUPER) : {
    u16 a = A, b = B;
    struct string *name = (struct string *)(uintptr_t)pc[0];
    pc++;
    SLOW(slow_get_super(vm, f, a, R(b), name));
  }
  OP(RET) : RETURN(R(A).bits, R(A).tag);
  OP(RETNIL) : RETURN(0, TAG_NIL);
  OP(SPAWN) : {
    SLOW(slow_spawn(vm, f, A, B));
  }
  OP(AWAIT) : {
    SLOW(slow_await(vm, f, A, R(B)));
  }
  OP(IMPORT) : {
    u16 a = A;
    struct string *path = (struct string *)(uintptr_t)pc[0];
    pc++;
    SLOW(slow_import(vm, f, a, path));
  }

  OP(THROW) : {
    SLOW((throw_value(vm, R(A)), STEP_THROW));
  }
  OP(RETHROW) : {
    vm->thrown = R(A);
    SLOW(STEP_THROW);
  }
  OP(CAUSE) : {
    if (IS_INSTANCE(R(A)) && IS_INSTANCE(R(B)) && !is_same(R(A), R(B))) {
      struct instance *error = AS_INSTANCE(R(A));
      if (is_nil(error->fields[ERROR_CAUSE]) && error != vm->no_memory) error->fields[ERROR_CAUSE] = R(B);
      heap_barrier(&vm->heap, error);
    }
    DISPATCH();
  }
  OP(DEFER) : {
    SLOW(slow_defer(vm, f, A, B, C));
  }
  OP(DEFERRED) : {
    u64 *at = pc - 1;
    i32 jump = (i32)pc[0];
    bool is_empty = false;
    u16 a = A, b = B;
    pc++;
    SLOW_THEN(slow_deferred(vm, f, a, b, at, &is_empty));
    if (is_empty) pc += jump;
    DISPATCH();
  }
  OP(UNSUPPORTED) : {
    struct string *what = (struct string *)(uintptr_t)pc[0];
    pc++;
    SLOW((throw_error(vm, vm->errors.unsupported, "%.*s is not supported yet", (int)what->len, string_bytes(&vm->heap, what)), STEP_THROW));
  }

  OP(START) : {
    SLOW(call_value(vm, f, (Value *)base - FRAME_HEADER_SLOTS, frame_count((Value *)base), vm->code_exit));
  }
  OP(EXIT) : {
    f->pc = pc;
    f->base = (Value *)base;
    sched_finish(vm, f, f->base[-2], false);
    step = STEP_DONE;
    goto leave;
  }
  OP(RESUME) : {
    SLOW(call_resume(vm, f));
  }
  OP(FINISH) : {
    SLOW(call_finish(vm, f));
  }
}
