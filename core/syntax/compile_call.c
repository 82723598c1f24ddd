#include "syntax/compiler.h"
#include "syntax/quoted.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

#define ARGUMENTS_MAX 200  // in registers; more travel as a list

static bool has_few_plain(const struct compiler *c, u32 arguments)
{
  u32 count = 0;
  for (u32 a = tree_first(c->tree, arguments); a; a = tree_next(c->tree, a)) {
    if (kind_of(c, a) == SYM_SPREAD || kind_of(c, a) == SYM_NAMED_ARGUMENT || ++count > ARGUMENTS_MAX) return false;
  }
  return true;
}

// Arguments into new registers side by side; how many.
static u16 put_arguments(struct compiler *c, u32 arguments)
{
  u16 count = 0;
  for (u32 a = tree_first(c->tree, arguments); a && !c->failed; a = tree_next(c->tree, a), count++) {
    u16 reg = register_take(c);
    compile_to(c, a, reg);
  }
  return count;
}

static void put_named(struct compiler *c, u32 node, u32 arguments, u16 dest)
{
  u16 pairs = registers_mark(c), count = 0;
  for (u32 a = tree_first(c->tree, arguments); a; a = tree_next(c->tree, a)) {
    if (kind_of(c, a) != SYM_NAMED_ARGUMENT) continue;
    u32 name = field_of(c, a, FIELD_NAME);
    compile_value(c, name, value_object(compile_name(c, name)), register_take(c));
    u16 value = register_take(c);
    compile_to(c, field_of(c, a, FIELD_VALUE), value);
    count++;
  }
  if (count) emit(c, node, OP_MAP, dest, pairs, count);
  else emit(c, node, OP_NIL, dest, 0, 0);
  registers_release(c, pairs);
}

void compile_argument_list(struct compiler *c, u32 arguments, u16 list)
{
  compile_elements(c, arguments, tree_first(c->tree, arguments), list);
  put_named(c, arguments, arguments, (u16)(list + 1));
}

// The callee is in [window], which is the topmost register: makes the list and the map behind it and calls. [piped]: a
// register that goes first, or NOWHERE.
static void call_spread(struct compiler *c, u32 node, u32 arguments, u16 window, u16 piped)
{
  u16 list = (u16)(registers_take(c, 3) + 1);
  if (piped == NOWHERE) {
    compile_argument_list(c, arguments, list);
  } else {
    emit(c, node, OP_LIST, list, piped, 1);
    u16 more = registers_take(c, 2);
    compile_argument_list(c, arguments, more);
    emit(c, node, OP_EXTEND, list, more, 0);
    emit(c, node, OP_MOVE, list + 1, more + 1, 0);
  }
  emit(c, node, OP_CALLX, window, 0, 0);
}

// OP_CALLM or OP_SUPER.
static void emit_method_call(struct compiler *c, u32 node, enum opcode op, u16 window, u16 count, u16 receiver, u32 name)
{
  emit(c, node, op, window, count, receiver);
  emit_word(c, 0);
  emit_word(c, 0);
  emit_object(c, compile_name(c, name));
}

static void emit_named(struct compiler *c, u32 node, enum opcode op, u16 dest, u16 from, u32 name)
{
  emit(c, node, op, dest, from, 0);
  if (op == OP_GETF) emit_word(c, 0);
  emit_object(c, compile_name(c, name));
}

// self, for super.
static u16 self_register(struct compiler *c, u32 super)
{
  u16 reg = variable_register(c, super);
  if (reg != NOWHERE) return reg;
  reg = register_take(c);
  variable_read(c, super, reg);
  return reg;
}

// Chains: a.b(c)[d]?.e leans left and may be long. Its steps lie on c->chain, the outermost first. The value on its
// way is in the register [at]; calls and whatever may turn out nil happen in [work], with their window above it.
struct chain {
  u32 node;  // the outermost
  u32 base;  // of the steps on c->chain
  u32 root;  // what the first step starts from
  u16 work;
  u16 at;  // NOWHERE: the root, not yet computed
  u16 dest;
  bool has_end;
  struct label end;  // where it goes on with nil in [work]
};

static bool is_step(u16 kind)
{
  return kind == SYM_CALL || kind == SYM_MEMBER || kind == SYM_OPTIONAL_MEMBER || kind == SYM_INDEX;
}

static void push_steps(struct compiler *c, struct chain *chain)
{
  u32 node = chain->node;
  chain->base = c->chain.len;
  while (is_step(kind_of(c, node))) {
    if (!vec_push(c->alloc, &c->chain, node)) {
      c->failed = c->diagnostics->failed = true;
      break;
    }
    node = field_of(c, node, kind_of(c, node) == SYM_CALL ? FIELD_FUNCTION : FIELD_OBJECT);
  }
  chain->root = node;
}

static bool is_member(u16 kind) { return kind == SYM_MEMBER || kind == SYM_OPTIONAL_MEMBER; }

// Is the next step a method, called right behind?
static bool next_is_method(const struct compiler *c, const struct chain *chain)
{
  u32 len = c->chain.len;
  if (len < chain->base + 2) return false;
  u32 member = c->chain.data[len - 1], call = c->chain.data[len - 2];
  return is_member(kind_of(c, member)) && kind_of(c, call) == SYM_CALL;
}

static bool next_is_plain_method(const struct compiler *c, const struct chain *chain)
{
  return next_is_method(c, chain) && kind_of(c, vec_last(&c->chain)) == SYM_MEMBER;
}

static void chain_into(struct compiler *c, struct chain *chain, u16 reg)
{
  if (chain->at == NOWHERE) compile_to(c, chain->root, reg);
  else if (chain->at != reg) emit(c, chain->node, OP_MOVE, reg, chain->at, 0);
  chain->at = reg;
}

// Where the value lies already; NOWHERE: it has to be fetched.
static u16 chain_at(struct compiler *c, const struct chain *chain)
{
  if (chain->at != NOWHERE) return chain->at;
  bool is_name = kind_of(c, chain->root) == SYM_IDENTIFIER || kind_of(c, chain->root) == SYM_SELF;
  return is_name ? variable_register(c, chain->root) : NOWHERE;
}

static u16 chain_any(struct compiler *c, struct chain *chain)
{
  u16 reg = chain_at(c, chain);
  if (reg == NOWHERE) chain_into(c, chain, chain->work);
  else chain->at = reg;
  return chain->at;
}

// Where the result of a step goes: straight to where a method call behind it wants its receiver, if one follows.
static u16 step_target(struct compiler *c, struct chain *chain)
{
  if (c->chain.len == chain->base) return chain->has_end ? chain->work : chain->dest;
  return (u16)(chain->work + (next_is_plain_method(c, chain) ? 2 : 0));
}

static void skip_if_nil(struct compiler *c, struct chain *chain, u32 node)
{
  chain_into(c, chain, chain->work);
  emit_jump(c, node, OP_JNIL, chain->work, 0, &chain->end);
  chain->has_end = true;
}

// What an error in a step points at: all up to here, or just the name where it begins a line of its own.
static u32 blame(const struct compiler *c, u32 step, u32 property)
{
  const char *text = c->source->text;
  u32 at = c->tree->nodes[property].start;
  while (at > 0 && (text[at - 1] == '.' || text[at - 1] == '?' || text[at - 1] == ' ' || text[at - 1] == '\t')) at--;
  return at > 0 && text[at - 1] == '\n' ? property : step;
}

static void step_method(struct compiler *c, struct chain *chain, u32 member, u32 call)
{
  u32 arguments = field_of(c, call, FIELD_ARGUMENTS), name = field_of(c, member, FIELD_PROPERTY);
  bool is_super = kind_of(c, chain->root) == SYM_SUPER && chain->at == NOWHERE;
  quoted_expect(c, member, arguments);
  if (kind_of(c, member) == SYM_OPTIONAL_MEMBER) skip_if_nil(c, chain, member);
  if (!has_few_plain(c, arguments)) {
    u16 receiver = is_super ? self_register(c, chain->root) : chain_any(c, chain);
    registers_release(c, (u16)(chain->work + 1));
    emit_named(c, blame(c, member, name), is_super ? OP_GETSUPER : OP_GETM, chain->work, receiver, name);
    call_spread(c, blame(c, call, name), arguments, chain->work, NOWHERE);
    return;
  }
  registers_take(c, 1);
  u16 own = register_take(c), receiver = is_super ? variable_register(c, chain->root) : chain_at(c, chain);
  if (receiver == NOWHERE) {
    receiver = own;
    if (is_super) variable_read(c, chain->root, receiver);
    else chain_into(c, chain, receiver);
  }
  u16 count = put_arguments(c, arguments);
  emit_method_call(c, is_super ? call : blame(c, call, name), is_super ? OP_SUPER : OP_CALLM, chain->work, count, receiver,
                   name);
}

// Reads nothing but names and literals, so that what is read before it may as well be read after it.
static bool is_quiet(const struct compiler *c, u32 node)
{
  u32 end = c->tree->nodes[node].end;
  for (u32 n = node; n < c->tree->count && c->tree->nodes[n].start < end; n++) {
    switch (kind_of(c, n)) {
    case SYM_ARGUMENTS:
    case SYM_SELF:
    case SYM_MEMBER:
    case SYM_PROPERTY_IDENTIFIER:
    case SYM_INDEX:
    case SYM_GROUP:
    case SYM_BINARY_EXPRESSION:
    case SYM_UNARY_EXPRESSION:
    case SYM_INTEGER:
    case SYM_FLOAT:
    case SYM_NIL:
    case SYM_TRUE:
    case SYM_FALSE:
    case SYM_RAW_STRING:
    case SYM_STRING:
    case SYM_STRING_CONTENT:
    case SYM_ESCAPE_SEQUENCE: break;
    default:
      if (kind_of(c, n) >= SYM_RAW_STRING) return false;  // operators and identifiers come before
    }
  }
  return true;
}

// A function of the module, called in one instruction.
static bool call_global(struct compiler *c, const struct chain *chain, u32 call, u32 arguments)
{
  struct cell *cell = chain->at == NOWHERE && kind_of(c, chain->root) == SYM_IDENTIFIER && is_quiet(c, arguments)
                          ? variable_cell(c, chain->root)
                          : NULL;
  if (!cell) return false;
  registers_take(c, 1);
  u16 count = put_arguments(c, arguments);
  emit(c, chain->root, OP_CALLG, chain->work, count, 0);
  emit_place(c, c->tree->nodes[call].start, c->tree->nodes[call].end);
  emit_object(c, cell);
  return true;
}

static void step_call(struct compiler *c, struct chain *chain, u32 call)
{
  u32 arguments = field_of(c, call, FIELD_ARGUMENTS);
  if (chain->at == NOWHERE) quoted_expect(c, chain->root, arguments);
  bool is_plain = has_few_plain(c, arguments);
  if (is_plain && call_global(c, chain, call, arguments)) return;
  u16 callee = is_plain ? chain_any(c, chain) : NOWHERE;
  if (callee != NOWHERE && callee != chain->work) {
    registers_take(c, 1);
    u16 count = put_arguments(c, arguments);
    emit(c, call, OP_CALL, chain->work, count, callee);
    return;
  }
  chain_into(c, chain, chain->work);
  if (!is_plain) {
    call_spread(c, call, arguments, chain->work, NOWHERE);
    return;
  }
  registers_take(c, 1);
  u16 count = put_arguments(c, arguments);
  emit(c, call, OP_CALL, chain->work, count, chain->work);
}

static void step_member(struct compiler *c, struct chain *chain, u32 member)
{
  bool is_super = kind_of(c, chain->root) == SYM_SUPER && chain->at == NOWHERE;
  if (kind_of(c, member) == SYM_OPTIONAL_MEMBER) skip_if_nil(c, chain, member);
  u16 object = is_super ? self_register(c, chain->root) : chain_any(c, chain), target = step_target(c, chain);
  u32 name = field_of(c, member, FIELD_PROPERTY);
  emit_named(c, blame(c, member, name), is_super ? OP_GETSUPER : OP_GETF, target, object, name);
  chain->at = target;
}

// R[dest] := the part of R[object] that a slice or range literal in [ ] says.
static void compile_slice(struct compiler *c, u32 node, u16 object, u16 dest)
{
  u16 window = registers_take(c, 1);
  u32 start = field_of(c, node, FIELD_START), end = field_of(c, node, FIELD_END);
  emit(c, node, OP_MOVE, window, object, 0);
  u16 from = register_take(c);
  if (start) compile_to(c, start, from);
  else emit(c, node, OP_UNSET, from, 0, 0);
  u16 to = register_take(c);
  if (end) compile_to(c, end, to);
  else emit(c, node, OP_UNSET, to, 0, 0);
  emit(c, node, OP_SLICE, dest, window, kind_of(c, field_of(c, node, FIELD_OPERATOR)) == TOK_DOT_DOT_EQ);
}

static void step_index(struct compiler *c, struct chain *chain, u32 node)
{
  u32 index = field_of(c, node, FIELD_INDEX);
  u16 object = chain_any(c, chain), target = step_target(c, chain);
  i32 n;
  if (kind_of(c, index) == SYM_SLICE || kind_of(c, index) == SYM_RANGE_EXPRESSION)
    compile_slice(c, index, object, target);
  else if (literal_small_int(c, index, &n)) emit(c, node, OP_GETXI, target, object, n);
  else emit(c, node, OP_GETX, target, object, compile_any(c, index));
  chain->at = target;
}

static void run_step(struct compiler *c, struct chain *chain)
{
  bool is_method = next_is_method(c, chain);
  u32 step = vec_pop(&c->chain);
  if (is_method) {
    step_method(c, chain, step, vec_pop(&c->chain));
    chain->at = chain->work;
  } else if (kind_of(c, step) == SYM_CALL) {
    step_call(c, chain, step);
    chain->at = chain->work;
  } else if (kind_of(c, step) == SYM_INDEX) step_index(c, chain, step);
  else step_member(c, chain, step);
}

void compile_chain(struct compiler *c, u32 node, u16 dest)
{
  u16 mark = registers_mark(c);
  struct chain chain = { .node = node, .at = NOWHERE, .dest = dest };
  chain.work = register_is_scratch(c, dest) ? dest : register_take(c);
  u16 above = registers_mark(c);
  push_steps(c, &chain);
  while (c->chain.len > chain.base && !c->failed) {
    run_step(c, &chain);
    registers_release(c, above);
  }
  if (chain.has_end) {
    label_here(c, &chain.end);
    chain.at = chain.work;
  }
  if (chain.at != dest) emit(c, node, OP_MOVE, dest, chain.at, 0);
  registers_release(c, mark);
}

// Pipes: x |> f(a) is f(x, a), x |> f is f(x). Each stage leaves its value in [work].

static void pipe_stage(struct compiler *c, u32 stage, u32 root, u16 work)
{
  u32 right = field_of(c, stage, FIELD_RIGHT);
  u32 call = kind_of(c, right) == SYM_CALL ? right : 0, callee = call ? field_of(c, call, FIELD_FUNCTION) : right;
  u32 arguments = call ? field_of(c, call, FIELD_ARGUMENTS) : 0;
  bool is_plain = !arguments || has_few_plain(c, arguments);
  bool is_super = is_member(kind_of(c, callee)) && kind_of(c, field_of(c, callee, FIELD_OBJECT)) == SYM_SUPER;
  bool is_method = kind_of(c, callee) == SYM_MEMBER && is_plain && !is_super;
  registers_take(c, is_method ? 2 : 1);
  u16 value = register_take(c);
  if (root) compile_to(c, root, value);
  else emit(c, stage, OP_MOVE, value, work, 0);
  compile_to(c, is_method ? field_of(c, callee, FIELD_OBJECT) : callee, is_method ? (u16)(work + 2) : work);
  if (arguments) quoted_expect(c, callee, arguments);
  if (!is_plain) {
    registers_release(c, (u16)(work + 1));
    call_spread(c, stage, arguments, work, value);
    return;
  }
  u16 count = (u16)(1 + (arguments ? put_arguments(c, arguments) : 0));
  if (is_method) emit_method_call(c, stage, OP_CALLM, work, count, (u16)(work + 2), field_of(c, callee, FIELD_PROPERTY));
  else emit(c, stage, OP_CALL, work, count, work);
}

void compile_pipe(struct compiler *c, u32 node, u16 dest)
{
  u16 mark = registers_mark(c), work = register_is_scratch(c, dest) ? dest : register_take(c),
      above = registers_mark(c);
  u32 base = c->chain.len, root = node;
  for (; kind_of(c, root) == SYM_PIPE_EXPRESSION && !c->failed; root = field_of(c, root, FIELD_LEFT)) {
    if (!vec_push(c->alloc, &c->chain, root)) c->failed = c->diagnostics->failed = true;
  }
  while (c->chain.len > base && !c->failed) {
    pipe_stage(c, vec_pop(&c->chain), root, work);
    root = 0;
    registers_release(c, above);
  }
  if (work != dest) emit(c, node, OP_MOVE, dest, work, 0);
  registers_release(c, mark);
}
