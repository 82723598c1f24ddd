// The words in which loop.c writes instructions: operands, registers, dispatch, slow paths. pc, base, f, vm, step and table are vm_run's.
#ifndef LULL_VM_LOOP_H
#define LULL_VM_LOOP_H

#include "vm/frame.h"
#include "vm/state.h"
#include "vm/step.h"

typedef u16 __attribute__((may_alias)) operand;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OPERAND(k) (((const operand *)(pc - 1))[k])
#define WIDE() (((const i32 __attribute__((may_alias)) *)(pc - 1))[1])
#else
#define OPERAND(k) (((const operand *)(pc - 1))[3 - (k)])
#define WIDE() (((const i32 __attribute__((may_alias)) *)(pc - 1))[0])
#endif
#define A OPERAND(1)
#define B OPERAND(2)
#define C OPERAND(3)
#define IMMEDIATE ((i16)C)
#define R(offset) (*(Value *)(base + (offset)))

#define DISPATCH() \
  do { \
    pc++; \
    goto *table[OPERAND(0)]; \
  } while (0)

// Calls a slow path; goes on in the same instruction when nothing but STEP_NEXT came.
#define SLOW_THEN(call) \
  do { \
    f->pc = pc; \
    f->base = (Value *)base; \
    step = (call); \
    pc = f->pc; \
    base = (char *)f->base; \
    if (UNLIKELY(step != STEP_NEXT)) goto leave; \
  } while (0)

#define SLOW(call) \
  do { \
    SLOW_THEN(call); \
    DISPATCH(); \
  } while (0)

#define POLL() \
  do { \
    if (UNLIKELY(vm->poll)) goto poll; \
    DISPATCH(); \
  } while (0)

#define SET(target, b, t) \
  do { \
    Value *to_ = &(target); \
    to_->bits = (b); \
    to_->tag = (t); \
  } while (0)
#define SET_INT(target, n) SET(target, (u64)(n), TAG_INT)
#define SET_BOOL(target, is) SET(target, 0, (is) ? TAG_TRUE : TAG_FALSE)
#define SET_FLOAT(target, d) \
  do { \
    Value float_ = value_float(d); \
    SET(target, float_.bits, TAG_FLOAT); \
  } while (0)
#define COPY(target, source) \
  do { \
    const Value *from_ = &(source); \
    u64 bits_ = from_->bits, tag_ = from_->tag; \
    SET(target, bits_, tag_); \
  } while (0)

#define BOTH_INT(x, y) (((x)->tag | (y)->tag) == 0)
#define BOTH_FLOAT(x, y) ((x)->tag == TAG_FLOAT && (y)->tag == TAG_FLOAT)
#define INT_AND_FLOAT(x, y) (((x)->tag | (y)->tag) == (TAG_INT | TAG_FLOAT))  // in either order
#define TO_FLOAT(x) ((x)->tag == TAG_INT ? (double)as_int(*(x)) : as_float(*(x)))
// Has what is behind the pointer loaded again: a copy kept for a later test would cost the first one a move.
#define RELOAD(x) __asm__("" : "+r"(x))

#define OP(name) do_##name

#endif
