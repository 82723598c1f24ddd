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

// A place in the code: not reached yet, { 0 } at first, then used any number of times and set once by label_here; or
// known, as label_back makes it.
struct label {
  u32 first;  // 1 + its first patch
  u32 known;  // 1 + the word it lies at; 0: not reached yet
};

// An instruction taken back, and where it came from.
struct taken {
  u64 word;
  u32 start, end;
};

struct emitter {
  VEC(u64) code;
  VEC(struct line) lines;
  VEC(struct handler) handlers;
  VEC(struct object *) refs;
  VEC(struct patch) patches;
  u32 ended_at;  // code behind this word is reached only by a jump (UINT32_MAX: none)
  u32 last;      // the last instruction, while nothing refers to the place behind it (UINT32_MAX: something does)
};

// Operands are register numbers, plain numbers and immediates as the instruction's format says. Returns the place of
// the word.
u32 emit(struct compiler *c, u32 node, enum opcode op, i32 x, i32 y, i32 z);
// The words behind an instruction.
void emit_word(struct compiler *c, u64 word);
void emit_object(struct compiler *c, const void *object);  // its address; kept alive by the proto
// Its registers and immediate are x and y; JMP backwards is LOOP.
void emit_jump(struct compiler *c, u32 node, enum opcode op, i32 x, i32 y, struct label *target);
// An instruction whose word W1 holds the jump.
void emit_long_jump(struct compiler *c, u32 node, enum opcode op, const u16 operands[3], struct label *target);
void label_here(struct compiler *c, struct label *label);
// What comes is reached from a jump written later.
struct label label_back(struct compiler *c);
// Takes the last instruction back, so that another one can do its work too: if it is [op], its first operand is the
// register x, and nothing depends on where it ends. For instructions that refer to no object.
bool emit_take_back(struct compiler *c, enum opcode op, u16 x, struct taken *taken);
// The words from here on come from this part of the source, until the next instruction.
void emit_place(struct compiler *c, u32 start, u32 end);
// The instruction that was written last, if nothing depends on where it ends; else 0.
u64 emit_last(const struct compiler *c);
void emit_handler(struct compiler *c, u32 start, u32 end, u32 target, u16 reg, enum handler_kind kind);

// The place of what comes next; the instruction before it stays as it is.
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
bool opcode_jumps_by_word(u16 op);  // W1 is its jump
bool opcode_has_float(u16 op);      // W1 is a float

#endif
