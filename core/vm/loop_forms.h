// Families of instructions, each written once: comparisons as values and as jumps, arithmetic with its operands in registers and in the code, and the two
// halves of pairs. [then] ends the likely case of a first half: DISPATCH, or what comes second. Second halves hold the likely case alone; otherwise the
// instruction is dispatched as it stands.
#ifndef LULL_VM_LOOP_FORMS_H
#define LULL_VM_LOOP_FORMS_H

#include "vm/loop.h"

#define GET_ITEM(then) \
  do { \
    const Value *list_ = &R(B), *key_ = &R(C); \
    if (LIKELY(IS_LIST(*list_) && key_->tag == TAG_INT)) { \
      const struct list *items_ = AS_LIST(*list_); \
      if (LIKELY(key_->bits < items_->len)) { \
        COPY(R(A), items_->items[key_->bits]); \
        then(); \
      } \
    } \
    SLOW(slow_get_index(vm, f, A, *list_, *key_)); \
  } while (0)

#define FOR() \
  do { \
    Value *state_ = &R(A); \
    i64 next_ = as_int(state_[0]); \
    if (LIKELY(next_ < as_int(state_[1]))) { \
      next_++; \
      state_[0].bits = (u64)next_; \
      SET_INT(state_[2], next_); \
      pc += WIDE(); \
      POLL(); \
    } \
    DISPATCH(); \
  } while (0)

#define RETURN(bits_, tag_) \
  do { \
    Value *frame_ = (Value *)base; \
    SET(frame_[-2], bits_, tag_); \
    pc = (u64 *)(uintptr_t)frame_[-1].bits; \
    base -= frame_delta(frame_); \
    DISPATCH(); \
  } while (0)

// Second halves.
#define THEN_FOR() \
  do { \
    pc++; \
    FOR(); \
  } while (0)
#define THEN_RET() \
  do { \
    pc++; \
    RETURN(R(A).bits, R(A).tag); \
  } while (0)
#define THEN_RETNIL() RETURN(0, TAG_NIL)
#define THEN_JLT() \
  do { \
    pc++; \
    const Value *left_ = &R(A), *right_ = &R(B); \
    if (LIKELY(BOTH_INT(left_, right_))) { \
      if (as_int(*left_) < as_int(*right_)) { \
        pc += IMMEDIATE; \
        POLL(); \
      } \
      DISPATCH(); \
    } \
    pc--; \
    DISPATCH(); \
  } while (0)
#define THEN_ADD() \
  do { \
    pc++; \
    const Value *left_ = &R(B), *right_ = &R(C); \
    i64 sum_; \
    if (LIKELY(BOTH_INT(left_, right_)) && LIKELY(!__builtin_add_overflow(as_int(*left_), as_int(*right_), &sum_))) { \
      SET_INT(R(A), sum_); \
      DISPATCH(); \
    } \
    pc--; \
    DISPATCH(); \
  } while (0)
#define THEN_SUB() \
  do { \
    pc++; \
    const Value *left_ = &R(B), *right_ = &R(C); \
    if (LIKELY(BOTH_FLOAT(left_, right_))) { \
      SET_FLOAT(R(A), as_float(*left_) - as_float(*right_)); \
      DISPATCH(); \
    } \
    pc--; \
    DISPATCH(); \
  } while (0)
#define THEN_GETX() \
  do { \
    pc++; \
    const Value *list2_ = &R(B), *key2_ = &R(C); \
    if (LIKELY(IS_LIST(*list2_) && key2_->tag == TAG_INT) && LIKELY(key2_->bits < AS_LIST(*list2_)->len)) { \
      COPY(R(A), AS_LIST(*list2_)->items[key2_->bits]); \
      DISPATCH(); \
    } \
    pc--; \
    DISPATCH(); \
  } while (0)
#define THEN_GETF() \
  do { \
    pc++; \
    const Value *x_ = &R(B); \
    if (LIKELY(x_->tag == TAG_OBJECT)) { \
      const char *object_ = (const char *)as_object(*x_); \
      if (LIKELY(((const struct object *)object_)->shape == (u32)pc[0])) { \
        const Value *field_ = (const Value *)(object_ + (pc[0] >> 32)); \
        COPY(R(A), *field_); \
        pc += 2; \
        DISPATCH(); \
      } \
    } \
    pc--; \
    DISPATCH(); \
  } while (0)
#define THEN_ADDF() \
  do { \
    pc++; \
    const Value *x_ = &R(A), *y_ = &R(B); \
    if (LIKELY(x_->tag == TAG_OBJECT)) { \
      char *object_ = (char *)as_object(*x_); \
      if (LIKELY(((struct object *)object_)->shape == (u32)pc[0])) { \
        Value *slot_ = (Value *)(object_ + (pc[0] >> 32)); \
        if (LIKELY(BOTH_FLOAT(slot_, y_))) { \
          slot_->bits = value_float(as_float(*slot_) + as_float(*y_)).bits; \
          pc += 2; \
          DISPATCH(); \
        } \
      } \
    } \
    pc--; \
    DISPATCH(); \
  } while (0)

// Arithmetic.
#define ARITH(label, name, overflow, op, then) \
  OP(label) : { \
    const Value *x = &R(B), *y = &R(C); \
    if (LIKELY(BOTH_INT(x, y))) { \
      i64 n; \
      if (LIKELY(!overflow(as_int(*x), as_int(*y), &n))) { \
        SET_INT(R(A), n); \
        then(); \
      } \
    } else { \
      RELOAD(x); \
      RELOAD(y); \
      if (LIKELY(BOTH_FLOAT(x, y))) { \
        SET_FLOAT(R(A), as_float(*x) op as_float(*y)); \
        then(); \
      } \
      if (INT_AND_FLOAT(x, y)) { \
        SET_FLOAT(R(A), TO_FLOAT(x) op TO_FLOAT(y)); \
        DISPATCH(); \
      } \
    } \
    SLOW(slow_arith(vm, f, NUMBER_##name, A, *x, *y)); \
  }

// With a float in the code, on the right or on the left.
#define ARITH_K(name, number, left, op, right, is_defined, is_left) \
  OP(name) : { \
    const Value *v = &R(B); \
    double k = as_float((Value){ pc[0], TAG_FLOAT }); \
    if (LIKELY(v->tag == TAG_FLOAT)) { \
      double x = as_float(*v); \
      if (LIKELY(is_defined)) { \
        SET_FLOAT(R(A), left op right); \
        pc++; \
        DISPATCH(); \
      } \
    } else if (v->tag == TAG_INT) { \
      double x = (double)as_int(*v); \
      if (LIKELY(is_defined)) { \
        SET_FLOAT(R(A), left op right); \
        pc++; \
        DISPATCH(); \
      } \
    } \
    u16 a = A; \
    bool swaps = is_left; \
    pc++; \
    if (swaps) SLOW(slow_arith(vm, f, number, a, value_float(k), *v)); \
    SLOW(slow_arith(vm, f, number, a, *v, value_float(k))); \
  }

// z + x * y; the instruction's second word names z.
#define ARITH_PRODUCT(label, number, overflow, op, is_first, then) \
  OP(label) : { \
    const Value *x = &R(B), *y = &R(C), *z = &R((u16)pc[0]); \
    if (LIKELY(BOTH_FLOAT(x, y) && z->tag == TAG_FLOAT)) { \
      double product = as_float(*x) * as_float(*y); \
      SET_FLOAT(R(A), as_float(*z) op product); \
      pc++; \
      then(); \
    } \
    if (BOTH_INT(x, y) && z->tag == TAG_INT) { \
      i64 n; \
      if (LIKELY(!__builtin_mul_overflow(as_int(*x), as_int(*y), &n)) && LIKELY(!overflow(as_int(*z), n, &n))) { \
        SET_INT(R(A), n); \
        pc++; \
        then(); \
      } \
    } \
    u16 a = A; \
    bool is_product_first = is_first; \
    pc++; \
    SLOW(slow_product(vm, f, number, a, *z, *x, *y, is_product_first)); \
  }

#define BITWISE(name, number, op) \
  OP(name) : { \
    const Value *x = &R(B), *y = &R(C); \
    if (LIKELY(BOTH_INT(x, y))) { \
      SET_INT(R(A), x->bits op y->bits); \
      DISPATCH(); \
    } \
    SLOW(slow_arith(vm, f, number, A, *x, *y)); \
  }

// A comparison whose answer [use] consumes: as a value, or as a jump. [at] is the instruction, for the slow path.
#define COMPARE(x, y, op, slow_op, use) \
  do { \
    if (LIKELY(BOTH_INT(x, y))) { \
      use(as_int(*x) op as_int(*y)); \
    } \
    if (LIKELY(BOTH_FLOAT(x, y))) { \
      use(as_float(*x) op as_float(*y)); \
    } \
    u64 *at_ = pc - 1; \
    bool is_, is_pending_ = false; \
    SLOW_THEN(slow_compare(vm, f, at_, slow_op, *x, *y, &is_, &is_pending_)); \
    if (is_pending_) DISPATCH(); \
    use(is_); \
  } while (0)

#define USE_VALUE(is) \
  do { \
    bool value_ = (is); \
    SET_BOOL(R(A), value_); \
    DISPATCH(); \
  } while (0)
#define USE_JUMP(is) \
  do { \
    if (is) { \
      pc += IMMEDIATE; \
      POLL(); \
    } \
    DISPATCH(); \
  } while (0)
#define USE_JUMP_NOT(is) USE_JUMP(!(is))

#define COMPARE_VALUE(name, op) \
  OP(name) : { \
    const Value *x = &R(B), *y = &R(C); \
    COMPARE(x, y, op, COMPARE_##name, USE_VALUE); \
  }
#define COMPARE_JUMP(name, op, slow_op, use) \
  OP(name) : { \
    const Value *x = &R(A), *y = &R(B); \
    COMPARE(x, y, op, slow_op, use); \
  }
#define COMPARE_JUMP_I(name, op, slow_op, use) \
  OP(name) : { \
    const Value *x = &R(A); \
    i16 i = (i16)B; \
    if (LIKELY(x->tag == TAG_INT)) use(as_int(*x) op i); \
    if (x->tag == TAG_FLOAT) use(as_float(*x) op i); \
    Value y_ = value_int(i); \
    const Value *y = &y_; \
    COMPARE(x, y, op, slow_op, use); \
  }

// Against a float in the code. [is_not] is empty, or ! where it jumps if the comparison does not hold.
#define COMPARE_JUMP_K(name, op, slow_op, is_not) \
  OP(name) : { \
    const Value *x = &R(A); \
    double k = as_float((Value){ pc[0], TAG_FLOAT }); \
    if (LIKELY(x->tag == TAG_FLOAT)) { \
      if (is_not(as_float(*x) op k)) { \
        pc += 1 + IMMEDIATE; \
        POLL(); \
      } \
      pc++; \
      DISPATCH(); \
    } \
    u64 *at_ = pc - 1; \
    i16 jump_ = IMMEDIATE; \
    bool is_, is_pending_ = false; \
    pc++; \
    SLOW_THEN(slow_compare(vm, f, at_, slow_op, *x, value_float(k), &is_, &is_pending_)); \
    if (is_pending_) DISPATCH(); \
    if (is_not(is_)) pc += jump_; \
    POLL(); \
  }

#define EQUAL(x, y, use) \
  do { \
    if (LIKELY(BOTH_INT(x, y))) use(x->bits == y->bits); \
    if (x->tag == y->tag && x->bits == y->bits && x->tag != TAG_FLOAT) use(true); \
    u64 *at_ = pc - 1; \
    bool is_, is_pending_ = false; \
    SLOW_THEN(slow_equal(vm, f, at_, *x, *y, &is_, &is_pending_)); \
    if (is_pending_) DISPATCH(); \
    use(is_); \
  } while (0)
#define USE_VALUE_NOT(is) USE_VALUE(!(is))

#define JUMP_IF(condition) \
  do { \
    if (condition) { \
      pc += WIDE(); \
      POLL(); \
    } \
    DISPATCH(); \
  } while (0)

// A list's item, tested where it is.
#define GET_ITEM_JUMP(name, is_jump) \
  OP(name) : { \
    const Value *x = &R(B), *key = &R(C); \
    if (LIKELY(IS_LIST(*x) && key->tag == TAG_INT)) { \
      const struct list *list = AS_LIST(*x); \
      if (LIKELY(key->bits < list->len)) { \
        const Value *item = &list->items[key->bits]; \
        u64 tag = item->tag; \
        SET(R(A), item->bits, tag); \
        if (is_jump(tag - 1 < 2)) { \
          pc += 1 + (i32)pc[0]; \
          POLL(); \
        } \
        pc++; \
        DISPATCH(); \
      } \
    } \
    u16 a = A; \
    i32 jump = (i32)pc[0]; \
    pc++; \
    if (UNLIKELY(IS_INSTANCE(*key))) SLOW(slow_get_index_jump(vm, f, pc - 2, *x, *key)); \
    SLOW_THEN(slow_get_index(vm, f, a, *x, *key)); \
    if (is_jump(is_falsy(R(a)))) pc += jump; \
    POLL(); \
  }

#define NAME(word) ((const struct string *)(uintptr_t)(word))

// The entry of a map whose place the instruction remembers; NULL where it is not there.
static ALWAYS_INLINE struct map_entry *known_entry(const Value *x, const u64 *cache)
{
  if (!IS_MAP(*x)) return NULL;
  const struct map *m = AS_MAP(*x);
  u32 at = (u32)(cache[0] >> 32);
  if (at >= m->used) return NULL;
  struct map_entry *entry = &m->entries[at];
  return is_same(entry->key, value_object(NAME(cache[1]))) ? entry : NULL;
}

// Instructions that a pair may begin with.
#define ADD_IMMEDIATE(label, then) \
  OP(label) : { \
    const Value *x = &R(B); \
    i64 n; \
    if (LIKELY(x->tag == TAG_INT) && LIKELY(!__builtin_add_overflow(as_int(*x), (i64)IMMEDIATE, &n))) { \
      SET_INT(R(A), n); \
      then(); \
    } \
    if (LIKELY(x->tag == TAG_FLOAT)) { \
      SET_FLOAT(R(A), as_float(*x) + IMMEDIATE); \
      DISPATCH(); \
    } \
    /* x - 3 is compiled to ADDI -3: a wrong operand is told of as the source has it. */ \
    if (IMMEDIATE < 0) SLOW(slow_arith(vm, f, NUMBER_SUB, A, *x, value_int(-(i64)IMMEDIATE))); \
    SLOW(slow_arith(vm, f, NUMBER_ADD, A, *x, value_int(IMMEDIATE))); \
  }

#define SET_CONSTANT(label, then) \
  OP(label) : { \
    const Value *x = &R(A), *key = &R(B); \
    if (LIKELY(IS_LIST(*x) && key->tag == TAG_INT)) { \
      struct list *list = AS_LIST(*x); \
      if (LIKELY(key->bits < list->len)) { \
        SET(list->items[key->bits], 0, C); \
        then(); \
      } \
    } \
    Value v = { 0, C }; \
    SLOW(slow_set_index(vm, f, *x, *key, v)); \
  }

#define GET_FIELD(label, then) \
  OP(label) : { \
    const Value *x = &R(B); \
    u64 *cache = pc; \
    if (LIKELY(x->tag == TAG_OBJECT)) { \
      const char *object = (const char *)as_object(*x); \
      u32 shape = ((const struct object *)object)->shape; \
      if (LIKELY(shape == (u32)cache[0])) { \
        const Value *from = (const Value *)(object + (cache[0] >> 32)); \
        COPY(R(A), *from); \
        pc += 2; \
        then(); \
      } \
      const struct member_place *known = member_at(vm->fields, shape, NAME(cache[1])); \
      if (LIKELY(member_is(known, shape, NAME(cache[1])))) { \
        const Value *from = (const Value *)(object + known->value); \
        COPY(R(A), *from); \
        pc += 2; \
        DISPATCH(); \
      } \
      const struct map_entry *entry = known_entry(x, cache); \
      if (entry) { \
        COPY(R(A), entry->value); \
        pc += 2; \
        DISPATCH(); \
      } \
    } \
    u16 a = A; \
    pc += 2; \
    SLOW(slow_get_field(vm, f, a, *x, cache)); \
  }

#define ADD_FIELD(label, then) \
  OP(label) : { \
    const Value *x = &R(A), *y = &R(B); \
    u64 *cache = pc; \
    if (LIKELY(x->tag == TAG_OBJECT)) { \
      char *object = (char *)as_object(*x); \
      if (LIKELY(((struct object *)object)->shape == (u32)cache[0])) { \
        Value *slot = (Value *)(object + (cache[0] >> 32)); \
        i64 n; \
        if (LIKELY(BOTH_INT(slot, y)) && LIKELY(!__builtin_add_overflow(as_int(*slot), as_int(*y), &n))) { \
          slot->bits = (u64)n; \
          pc += 2; \
          then(); \
        } \
        if (BOTH_FLOAT(slot, y)) { \
          slot->bits = value_float(as_float(*slot) + as_float(*y)).bits; \
          pc += 2; \
          then(); \
        } \
      } \
    } \
    u16 a = A; \
    pc += 2; \
    SLOW(slow_add_field(vm, f, a, *y, cache)); \
  }

#define ADD_CAPTURED(label, then) \
  OP(label) : { \
    struct cell *cell = AS_CELL(AS_CLOSURE(((Value *)base)[-2])->up[B]); \
    i64 n; \
    if (LIKELY(cell->value.tag == TAG_INT) && \
        LIKELY(!__builtin_add_overflow(as_int(cell->value), (i64)IMMEDIATE, &n))) { \
      SET_INT(R(A), n); \
      cell->value.bits = (u64)n; \
      then(); \
    } \
    SLOW(slow_add_captured(vm, f, A, cell, value_int(IMMEDIATE))); \
  }

// Enters the closure at window[0] whose parameters are known to be exactly the arguments given.
#define ENTER(window, closure_, count, delta) \
  do { \
    const struct proto *p_ = (closure_)->proto; \
    Value *base_ = (window) + FRAME_HEADER_SLOTS; \
    if (UNLIKELY((char *)base_ + (size_t)p_->registers * sizeof(Value) > vm->limit)) SLOW(call_value(vm, f, window, count, pc)); \
    SET(base_[-1], (u64)(uintptr_t)pc, frame_tag(delta, 0, (u16)(count))); \
    base = (char *)base_; \
    pc = p_->code + p_->entry; \
    DISPATCH(); \
  } while (0)

#endif
