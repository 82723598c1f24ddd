// Writing code: instruction words with the places they come from, labels and jumps, handlers, and the objects code
// refers to.
#ifndef LULL_SYNTAX_EMIT_H
#define LULL_SYNTAX_EMIT_H

#include "syntax/chunk.h"
#include "vm/opcodes.h"

#define REFS_REUSED 8  // the last objects referred to are not listed again

struct compiler;

// A jump that waits for its target.
struct patch {
  u32 at;    // the instruction's word
  u32 next;  // 1 + the next patch of the label; 0: none
};

// A place in the code not reached yet: { 0 } at first. Used any number of times, then set once by label_here.
struct label {
  u32 first;  // 1 + its first patch
};

struct emitter {
  VEC(u64) code;
  VEC(struct line) lines;
  VEC(struct handler) handlers;
  VEC(struct object *) refs;
  VEC(struct patch) patches;
  u32 ended_at;  // code behind this word is reached only by a jump (UINT32_MAX: none)
};

// Operands are register numbers, plain numbers and immediates as the instruction's format says. Returns the place of
// the word.
u32 emit(struct compiler *c, u32 node, enum opcode op, i32 x, i32 y, i32 z);
// The words behind an instruction.
void emit_word(struct compiler *c, u64 word);
void emit_object(struct compiler *c, const void *object);  // its address; kept alive by the proto
// A jump forwards. Its registers and immediate are x and y.
void emit_jump(struct compiler *c, u32 node, enum opcode op, i32 x, i32 y, struct label *target);
// A jump back to the word [target]: LOOP, or FOR with its register.
void emit_back(struct compiler *c, u32 node, enum opcode op, i32 x, u32 target);
void label_here(struct compiler *c, struct label *label);
void emit_handler(struct compiler *c, u32 start, u32 end, u32 target, u16 reg, enum handler_kind kind);

u32 emit_here(const struct compiler *c);
// False behind an unconditional jump that nothing jumps behind.
bool emit_is_reachable(const struct compiler *c);
// Moves what was written to the proto. False without memory.
bool emit_finish(struct compiler *c, struct proto *p);
void emit_fini(struct compiler *c);

// Words of an instruction, the first one included; its operand format.
u32 opcode_words(u16 op);
const char *opcode_format(u16 op);
const char *opcode_name(u16 op);

#endif
