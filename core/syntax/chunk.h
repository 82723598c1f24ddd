// Compiled code of one function: instructions, what they refer to, and the side tables for errors and traces. Made by
// the compiler (emit.h), run by the VM.
#ifndef LULL_SYNTAX_CHUNK_H
#define LULL_SYNTAX_CHUNK_H

#include "base/buf.h"
#include "syntax/source.h"
#include "value/function.h"
#include "value/string.h"

#define CHUNK_REGISTERS_MAX 4000
#define CHUNK_PARAMS_MAX 250

// How a closure gets upvalue k when OP_CLOSURE runs: from a register of the frame that makes it (the value, or the
// cell in it), or from that frame's own upvalues.
struct upvalue_source {
  u16 index;  // register number (unscaled) or upvalue index
  bool is_register;
};

enum handler_kind {
  HANDLER_CATCH,
  HANDLER_CLEANUP
};  // a cleanup (finally, defer) also sees what nobody can catch (exit)

// Code in words [start, end) is guarded: what is thrown there lands in [reg] and control at [target]. Inner ones come
// first.
struct handler {
  u32 start, end, target;
  u16 reg;  // unscaled
  u8 kind;
};

// The instruction at word [pc], and those behind it up to the next entry, come from source bytes [start, end); sorted
// by pc.
struct line {
  u32 pc, start, end;
};

struct proto {
  struct object object;
  struct string *name;    // "" of a lambda
  struct source *source;  // counted reference
  u64 *code;
  u32 code_len;    // words
  u32 entry;       // where a call with all positional arguments given begins: behind the code for defaults
  u16 registers;   // the frame's size
  u16 params;      // positional ones, self included in a method
  u16 exact;       // the number of arguments that needs no look at the rest of this: params, 0xFFFF with has_rest
  u16 required;    // of them without a default, self included
  bool has_rest;   // then register [params] is the list of what is left
  bool is_method;  // register 0 is self
  u16 upvalue_count;
  u16 field_hint;               // of a class: distinct fields that its declaration and its methods set
  struct string **param_names;  // params (+ 1 with has_rest), NULL for a pattern
  struct upvalue_source *upvalues;
  struct object **refs;  // objects the code refers to, for the collector
  u32 ref_count, ref_cap;
  struct handler *handlers;
  u32 handler_count;
  struct line *lines;
  u32 line_count;
  u32 span_start, span_end;  // of its declaration in the source
  u32 doc_start, doc_end;    // of its documentation comment; equal: none
  struct proto *next;        // all protos of a state, so that redefinitions can reset inline caches
};

static inline u32 proto_names(const struct proto *p) { return (u32)p->params + p->has_rest; }  // of param_names

static inline u64 instruction(u16 op, u16 a, u16 b, u16 c) { return op | (u64)a << 16 | (u64)b << 32 | (u64)c << 48; }
static inline u16 instruction_op(u64 word) { return (u16)word; }
static inline u16 instruction_a(u64 word) { return (u16)(word >> 16); }
static inline u16 instruction_b(u64 word) { return (u16)(word >> 32); }
static inline u16 instruction_c(u64 word) { return (u16)(word >> 48); }
static inline i32 instruction_wide(u64 word) { return (i32)(word >> 32); }  // b and c as one i32

void chunk_register(struct heap *heap);  // the kind KIND_PROTO: marks refs, frees the arrays
struct proto *proto_new(struct heap *heap, struct source *source, struct string *name);
// The source span of the instruction that [word], an index into the code, lies in.
void proto_span(const struct proto *p, u32 word, u32 *start, u32 *end);
// All instructions as text, nested functions after it, for -Wl,dump (lull --dump) and tests.
void chunk_disassemble(struct heap *heap, const struct proto *p, struct buf *out);

#endif
