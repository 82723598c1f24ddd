#include "syntax/compiler.h"
#include "syntax/registers.h"
#include "syntax/variable.h"

#define GROUP_MAX 64  // values gathered in registers for one instruction

// Lists

static void append_element(struct compiler *c, u32 element, u16 list)
{
  u16 mark = registers_mark(c);
  bool is_spread = kind_of(c, element) == SYM_SPREAD;
  u16 value = compile_any(c, is_spread ? field_of(c, element, FIELD_VALUE) : element);
  emit(c, element, is_spread ? OP_EXTEND : OP_PUSH, list, value, 0);
  registers_release(c, mark);
}

// Elements up to the first spread, gathered side by side; returns the first one left over.
static u32 gather_elements(struct compiler *c, u32 element, u16 *count)
{
  for (*count = 0; element && *count < GROUP_MAX && kind_of(c, element) != SYM_SPREAD;
       element = tree_next(c->tree, element)) {
    if (kind_of(c, element) == SYM_NAMED_ARGUMENT) continue;
    compile_to(c, element, register_take(c));
    ++*count;
  }
  return element;
}

void compile_elements(struct compiler *c, u32 node, u32 first, u16 dest)
{
  u16 values = registers_mark(c), count;
  u32 rest = gather_elements(c, first, &count);
  emit(c, node, OP_LIST, dest, values, count);
  registers_release(c, values);
  for (; rest && !c->failed; rest = tree_next(c->tree, rest)) {
    if (kind_of(c, rest) != SYM_NAMED_ARGUMENT) append_element(c, rest, dest);
  }
}

void compile_list(struct compiler *c, u32 node, u16 dest)
{
  compile_elements(c, node, tree_first(c->tree, node), dest);
}

// Maps

static void compile_key(struct compiler *c, u32 key, u16 dest)
{
  if (kind_of(c, key) == SYM_COMPUTED_KEY) compile_to(c, field_of(c, key, FIELD_VALUE), dest);
  else if (kind_of(c, key) == SYM_STRING && !string_is_plain(c, key)) compile_string(c, key, dest);
  else compile_value(c, key, value_object(literal_key(c, key)), dest);
}

// An entry, or a name that is short for one, into two new registers; the first.
static u16 compile_pair(struct compiler *c, u32 item)
{
  bool is_short = kind_of(c, item) == SYM_IDENTIFIER;
  u16 key = register_take(c);
  compile_key(c, is_short ? item : field_of(c, item, FIELD_KEY), key);
  compile_to(c, is_short ? item : field_of(c, item, FIELD_VALUE), register_take(c));
  return key;
}

static u32 gather_pairs(struct compiler *c, u32 item, u16 *count)
{
  for (*count = 0; item && *count < GROUP_MAX / 2 && kind_of(c, item) != SYM_SPREAD; item = tree_next(c->tree, item)) {
    compile_pair(c, item);
    ++*count;
  }
  return item;
}

static void put_item(struct compiler *c, u32 item, u16 map)
{
  u16 mark = registers_mark(c);
  if (kind_of(c, item) == SYM_SPREAD) emit(c, item, OP_MERGE, map, compile_any(c, field_of(c, item, FIELD_VALUE)), 0);
  else {
    u16 key = compile_pair(c, item);
    emit(c, item, OP_PUT, map, key, key + 1);
  }
  registers_release(c, mark);
}

void compile_map(struct compiler *c, u32 node, u16 dest)
{
  u16 pairs = registers_mark(c), count;
  u32 rest = gather_pairs(c, tree_first(c->tree, node), &count);
  emit(c, node, OP_MAP, dest, pairs, count);
  registers_release(c, pairs);
  for (; rest && !c->failed; rest = tree_next(c->tree, rest)) put_item(c, rest, dest);
}
