// Frames on a fiber's stack.
//
//   base[-2]  the callee (closure, native); the result replaces it on return
//   base[-1]  the header: bits = where the caller goes on; tag = TAG_FRAME | caller's base is delta bytes below (24
//   bits) | step | argument count base[0].. the callee's registers: self and parameters, then locals; the caller's
//   window for the call lies at the top of its own registers
//
// Nothing points into a stack: it moves when it grows. Frames are found by walking the headers downwards.
#ifndef LULL_VM_FRAME_H
#define LULL_VM_FRAME_H

#include "value/value.h"

#define FRAME_HEADER_SLOTS 2
#define FRAME_ARGS_MAX 60000

static inline u64 frame_tag(u32 delta_bytes, u16 step, u16 count)
{
  return TAG_FRAME | (u64)delta_bytes << 8 | (u64)step << 32 | (u64)count << 48;
}
static inline u32 frame_delta(const Value *base) { return (u32)base[-1].tag >> 8; }
static inline u16 frame_step(const Value *base) { return (u16)(base[-1].tag >> 32); }
static inline u16 frame_count(const Value *base) { return (u16)(base[-1].tag >> 48); }
static inline const u64 *frame_return(const Value *base) { return (const u64 *)(uintptr_t)base[-1].bits; }
static inline void frame_set(Value *base, const u64 *pc, u32 delta_bytes, u16 count)
{
  base[-1] = (Value){ (u64)(uintptr_t)pc, frame_tag(delta_bytes, 0, count) };
}
static inline void frame_set_step(Value *base, u16 step)
{
  base[-1].tag = (base[-1].tag & ~((u64)0xFFFF << 32)) | (u64)step << 32;
}

#endif
