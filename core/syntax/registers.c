#include "syntax/registers.h"

#include "syntax/compiler.h"

u16 registers_take(struct compiler *c, u16 count)
{
  struct function_state *fn = c->fn;
  if (fn->free + count > CHUNK_REGISTERS_MAX) {
    if (!c->failed) compile_error(c, 0, "the program has too many names or too long an expression in one function");
    c->failed = true;
    return 0;
  }
  u16 first = fn->free;
  fn->free = (u16)(fn->free + count);
  if (fn->free > fn->highest) fn->highest = fn->free;
  return first;
}

u16 register_take(struct compiler *c) { return registers_take(c, 1); }
u16 registers_mark(const struct compiler *c) { return c->fn->free; }
void registers_release(struct compiler *c, u16 mark) { c->fn->free = mark; }
bool register_is_scratch(const struct compiler *c, u16 reg) { return reg >= c->fn->locals && reg + 1 == c->fn->free; }
