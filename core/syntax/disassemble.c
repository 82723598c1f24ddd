#include "syntax/chunk.h"
#include "syntax/emit.h"
#include "value/number.h"

static void write_value(struct heap *heap, Value v, struct buf *out)
{
  switch (v.tag) {
  case TAG_INT: buf_printf(out, "%lld", (long long)as_int(v)); break;
  case TAG_NIL: buf_puts(out, "nil"); break;
  case TAG_FALSE: buf_puts(out, "false"); break;
  case TAG_TRUE: buf_puts(out, "true"); break;
  case TAG_FLOAT: number_print_double(as_float(v), out); break;
  default:
    if (IS_STRING(v)) string_quote(heap, AS_STRING(v), out);
    else if (IS_BIGINT(v)) number_print(heap, v, out);
    else buf_puts(out, is_kind(v, KIND_RANGE) ? "range" : is_kind(v, KIND_CELL) ? "cell" : "object");
  }
}

static void write_operand(const struct proto *p, u32 at, u32 slot, struct buf *out)
{
  u64 word = p->code[at];
  u16 op = instruction_op(word), raw = (u16)(word >> (16 + 16 * slot));
  u32 behind = at + opcode_words(op);
  switch (opcode_format(op)[slot]) {
  case 'r': buf_printf(out, " r%u", raw / 16); break;
  case 'n': buf_printf(out, " %u", raw); break;
  case 'i': buf_printf(out, " %d", (i16)raw); break;
  case 'j': buf_printf(out, " ->%u", (u32)(behind + (u32)(i16)raw)); break;
  case 'I': buf_printf(out, " %d", instruction_wide(word)); break;
  case 'J': buf_printf(out, " ->%u", (u32)(behind + (u32)instruction_wide(word))); break;
  default: break;
  }
}

// Code refers to objects in the order of refs, or again to one of the last few (emit_object).
static struct object *find_ref(const struct proto *p, u32 *seen, u64 word)
{
  if (*seen < p->ref_count && (u64)(uintptr_t)p->refs[*seen] == word) return p->refs[(*seen)++];
  for (u32 i = *seen, oldest = i > REFS_REUSED ? i - REFS_REUSED : 0; i > oldest; i--) {
    if ((u64)(uintptr_t)p->refs[i - 1] == word) return p->refs[i - 1];
  }
  return NULL;
}

static void write_object(struct heap *heap, const struct object *o, struct buf *out)
{
  if (o->kind == KIND_PROTO) {
    buf_printf(out, " fn %s", string_text(((const struct proto *)o)->name));
    return;
  }
  buf_putc(out, ' ');
  write_value(heap, value_object(o), out);
}

// The words behind an instruction: objects by what they are, caches not at all.
static void write_words(struct heap *heap, const struct proto *p, u32 at, u32 *seen, struct buf *out)
{
  u16 op = instruction_op(p->code[at]);
  for (u32 i = 1; i < opcode_words(op); i++) {
    u64 word = p->code[at + i];
    const struct object *o = find_ref(p, seen, word);
    if (op == OP_CONST && i == 2) continue;
    if (op == OP_CONST && !o) {
      buf_putc(out, ' ');
      write_value(heap, (Value){ word, p->code[at + 2] }, out);
    } else if (opcode_jumps_by_word(op)) {
      buf_printf(out, " ->%u", at + 2 + (u32)word);
    } else if (op == OP_MULADD || op == OP_MULSUB || op == OP_MULADD_FOR) {
      buf_printf(out, " r%u", (u16)word / 16);
    } else if (opcode_has_float(op)) {
      buf_putc(out, ' ');
      write_value(heap, (Value){ word, TAG_FLOAT }, out);
    } else if (op == OP_FORPREP) {
      buf_printf(out, " %u", (u32)word);
    } else if (o) {
      write_object(heap, o, out);
    }
  }
}

static void write_code(struct heap *heap, const struct proto *p, struct buf *out)
{
  u32 seen = 0;
  for (u32 at = 0; at < p->code_len; at += opcode_words(instruction_op(p->code[at]))) {
    u16 op = instruction_op(p->code[at]);
    buf_printf(out, "%4u %s", at, opcode_name(op));
    for (u32 slot = 0; slot < 3; slot++) write_operand(p, at, slot, out);
    write_words(heap, p, at, &seen, out);
    buf_putc(out, '\n');
  }
}

static void write_head(const struct proto *p, struct buf *out)
{
  buf_printf(out, "fn %s: params %u, required %u%s, registers %u, entry %u", p->name->len ? string_text(p->name) : "-",
             p->params, p->required, p->has_rest ? ", rest" : "", p->registers, p->entry);
  for (u32 i = 0; i < p->upvalue_count; i++) {
    buf_printf(out, "%s%s%u", i ? " " : ", up ", p->upvalues[i].is_register ? "r" : "u", p->upvalues[i].index);
  }
  buf_putc(out, '\n');
}

static void write_handlers(const struct proto *p, struct buf *out)
{
  for (u32 i = 0; i < p->handler_count; i++) {
    const struct handler *h = &p->handlers[i];
    buf_printf(out, "  %s [%u, %u) r%u ->%u\n", h->kind == HANDLER_CATCH ? "catch" : "cleanup", h->start, h->end,
               h->reg, h->target);
  }
}

// Nested functions come behind the one they stand in, by a list of its own: nesting may be deep.
void chunk_disassemble(struct heap *heap, const struct proto *p, struct buf *out)
{
  VEC(const struct proto *) todo = { 0 };
  if (!vec_push(heap->alloc, &todo, p)) out->failed = true;
  for (u32 i = 0; i < todo.len; i++) {
    const struct proto *now = todo.data[i];
    write_head(now, out);
    write_code(heap, now, out);
    write_handlers(now, out);
    for (u32 k = 0; k < now->ref_count; k++) {
      if (now->refs[k]->kind == KIND_PROTO && !vec_push(heap->alloc, &todo, (const struct proto *)now->refs[k]))
        out->failed = true;
    }
  }
  vec_free(heap->alloc, &todo);
}
