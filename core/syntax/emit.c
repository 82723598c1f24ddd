#include "syntax/emit.h"

#include "base/check.h"
#include "syntax/compiler.h"

static const struct {
  const char *name, *format;
  u8 words;
} opcodes[] = {
#define X(name, format, words, formula) { #name, format, words },
  OPCODES(X)
#undef X
};

u32 opcode_words(u16 op) { return 1u + opcodes[op].words; }
const char *opcode_format(u16 op) { return opcodes[op].format; }
const char *opcode_name(u16 op) { return op < OP_COUNT ? opcodes[op].name : "?"; }

static void out_of_memory(struct compiler *c)
{
  c->failed = true;
  c->diagnostics->failed = true;
}

u32 emit_here(const struct compiler *c)
{
  c->fn->emitter.last = UINT32_MAX;
  return c->fn->emitter.code.len;
}

void emit_word(struct compiler *c, u64 word)
{
  if (!vec_push(c->alloc, &c->fn->emitter.code, word)) out_of_memory(c);
}

void emit_object(struct compiler *c, const void *object)
{
  struct emitter *e = &c->fn->emitter;
  emit_word(c, (u64)(uintptr_t)object);
  for (u32 i = e->refs.len, oldest = i > REFS_REUSED ? i - REFS_REUSED : 0; i > oldest; i--) {
    if (e->refs.data[i - 1] == object) return;
  }
  if (!vec_push(c->alloc, &e->refs, (struct object *)(uintptr_t)object)) out_of_memory(c);
}

void emit_place(struct compiler *c, u32 start, u32 end)
{
  struct emitter *e = &c->fn->emitter;
  if (e->lines.len && vec_last(&e->lines).start == start && vec_last(&e->lines).end == end) return;
  if (!vec_push(c->alloc, &e->lines, (struct line){ e->code.len, start, end })) out_of_memory(c);
}

static void mark_line(struct compiler *c, u32 node)
{
  emit_place(c, c->tree->nodes[node].start, c->tree->nodes[node].end);
}

static u16 encode(const struct compiler *c, char format, i32 operand)
{
  if (format != 'r') return (u16)operand;
  if (c->failed) return 0;  // there may be no register; the code is not for running
  CHECK(operand >= 0 && operand <= CHUNK_REGISTERS_MAX);
  return (u16)(operand * 16);
}

u32 emit(struct compiler *c, u32 node, enum opcode op, i32 x, i32 y, i32 z)
{
  const char *format = opcodes[op].format;
  u32 at = c->fn->emitter.code.len;
  mark_line(c, node);
  if (format[1] == 'I' || format[1] == 'J')
    emit_word(c, instruction((u16)op, encode(c, format[0], x), 0, 0) | (u64)(u32)y << 32);
  else emit_word(c, instruction((u16)op, encode(c, format[0], x), encode(c, format[1], y), encode(c, format[2], z)));
  c->fn->emitter.last = at;
  if (op == OP_JMP || op == OP_RET || op == OP_RETNIL || op == OP_THROW || op == OP_RETHROW || op == OP_LOOP)
    c->fn->emitter.ended_at = c->fn->emitter.code.len;
  return at;
}

bool opcode_has_float(u16 op) { return (op >= OP_ADDK && op <= OP_KDIV) || (op >= OP_JLTK && op <= OP_JNGEK); }
bool opcode_jumps_by_word(u16 op) { return op == OP_DEFERRED || op == OP_GETXJT || op == OP_GETXJF; }

static void resolve(struct compiler *c, u32 at, u32 target)
{
  u64 *word = &c->fn->emitter.code.data[at];
  u16 op = instruction_op(*word);
  const char *format = opcodes[op].format;
  i32 distance = (i32)target - (i32)(at + opcode_words(op));
  if (opcode_jumps_by_word(op)) word[1] = (u32)distance;
  else if (format[1] == 'J') *word = (*word & 0xFFFFFFFF) | (u64)(u32)distance << 32;
  else if (distance >= INT16_MIN && distance <= INT16_MAX)
    *word = (*word & 0xFFFFFFFFFFFF) | (u64)(u16)distance << 48;
  else c->needs_long_jumps = true;
}

static void jump_to(struct compiler *c, u32 at, struct label *target)
{
  struct emitter *e = &c->fn->emitter;
  if (c->failed) return;
  if (target->known) resolve(c, at, target->known - 1);
  else if (!vec_push(c->alloc, &e->patches, (struct patch){ at, target->first })) out_of_memory(c);
  else target->first = e->patches.len;
}

void emit_jump(struct compiler *c, u32 node, enum opcode op, i32 x, i32 y, struct label *target)
{
  if (op == OP_JMP && target->known) op = OP_LOOP;
  jump_to(c, opcodes[op].format[2] == 'j' ? emit(c, node, op, x, y, 0) : emit(c, node, op, x, 0, 0), target);
}

void emit_long_jump(struct compiler *c, u32 node, enum opcode op, const u16 operands[3], struct label *target)
{
  u32 at = emit(c, node, op, operands[0], operands[1], operands[2]);
  emit_word(c, 0);
  jump_to(c, at, target);
}

void label_here(struct compiler *c, struct label *label)
{
  struct emitter *e = &c->fn->emitter;
  if (c->failed) return;
  if (label->first) e->ended_at = e->last = UINT32_MAX;
  for (u32 i = label->first; i; i = e->patches.data[i - 1].next) resolve(c, e->patches.data[i - 1].at, e->code.len);
  label->first = 0;
}

void emit_handler(struct compiler *c, u32 start, u32 end, u32 target, u16 reg, enum handler_kind kind)
{
  if (start == end) return;
  struct handler handler = { start, end, target, reg, (u8)kind };
  if (!vec_push(c->alloc, &c->fn->emitter.handlers, handler)) out_of_memory(c);
}

struct label label_back(struct compiler *c)
{
  c->fn->emitter.ended_at = UINT32_MAX;
  return (struct label){ 0, emit_here(c) + 1 };
}

u64 emit_last(const struct compiler *c)
{
  const struct emitter *e = &c->fn->emitter;
  return e->last < e->code.len ? e->code.data[e->last] : 0;
}

bool emit_take_back(struct compiler *c, enum opcode op, u16 x, struct taken *taken)
{
  struct emitter *e = &c->fn->emitter;
  u64 word = emit_last(c);
  if (c->failed || instruction_op(word) != op || instruction_a(word) != x * 16) return false;
  *taken = (struct taken){ word, vec_last(&e->lines).start, vec_last(&e->lines).end };
  if (vec_last(&e->lines).pc >= e->last) e->lines.len--;
  e->code.len = e->last;
  e->last = UINT32_MAX;
  return true;
}

bool emit_is_reachable(const struct compiler *c) { return c->fn->emitter.ended_at != c->fn->emitter.code.len; }

static const struct {
  u16 first, second, both;
} pairs[] = {
#define X(first, second) { OP_##first, OP_##second, OP_##first##_##second },
  OPCODE_PAIRS(X)
#undef X
};

static u16 pair_of(u16 first, u16 second)
{
  for (u32 i = 0; i < COUNT_OF(pairs); i++) {
    if (pairs[i].first == first && pairs[i].second == second) return pairs[i].both;
  }
  return first;
}

// When nothing will be taken back or moved any more.
static void join_pairs(struct emitter *e)
{
  for (u32 at = 0, next; at < e->code.len; at = next) {
    u16 op = instruction_op(e->code.data[at]);
    next = at + opcode_words(op);
    if (next >= e->code.len) return;
    u64 *word = &e->code.data[at];
    *word = (*word & ~(u64)0xFFFF) | pair_of(op, instruction_op(e->code.data[next]));
  }
}

// Hands a copy of exactly the right size to the proto.
static void *copy_out(struct compiler *c, const void *data, size_t size)
{
  if (!size) return NULL;
  void *block = heap_resize(c->heap, NULL, 0, size);
  if (block) memcpy(block, data, size);
  else out_of_memory(c);
  return block;
}

bool emit_finish(struct compiler *c, struct proto *p)
{
  struct emitter *e = &c->fn->emitter;
  if (c->failed) return false;
  join_pairs(e);
  if ((p->code = copy_out(c, e->code.data, e->code.len * sizeof *p->code))) p->code_len = e->code.len;
  if ((p->lines = copy_out(c, e->lines.data, e->lines.len * sizeof *p->lines))) p->line_count = e->lines.len;
  if ((p->handlers = copy_out(c, e->handlers.data, e->handlers.len * sizeof *p->handlers)))
    p->handler_count = e->handlers.len;
  if ((p->refs = copy_out(c, e->refs.data, e->refs.len * sizeof *p->refs))) p->ref_count = p->ref_cap = e->refs.len;
  return !c->failed;
}

void emit_fini(struct compiler *c)
{
  struct emitter *e = &c->fn->emitter;
  vec_free(c->alloc, &e->code);
  vec_free(c->alloc, &e->lines);
  vec_free(c->alloc, &e->handlers);
  vec_free(c->alloc, &e->refs);
  vec_free(c->alloc, &e->patches);
}
