#include "value/function.h"

#include "value/class.h"
#include "value/string.h"

static void cell_mark(struct heap *heap, struct object *o)
{
  heap_mark(heap, ((struct cell *)o)->value);
}

static void closure_mark(struct heap *heap, struct object *o)
{
  struct closure *c = (struct closure *)o;
  heap_mark_object(heap, c->proto);
  heap_mark_object(heap, c->home);
  for (u32 i = 0; i < c->count; i++) heap_mark(heap, c->up[i]);
}

static void native_mark(struct heap *heap, struct object *o)
{
  heap_mark_object(heap, ((struct native_function *)o)->name);
}

static void bound_mark(struct heap *heap, struct object *o)
{
  struct bound *b = (struct bound *)o;
  heap_mark(heap, b->receiver);
  heap_mark(heap, b->method);
}

void function_register(struct heap *heap)
{
  heap_register(heap, KIND_CELL, (struct heap_kind){ .name = "cell", .mark = cell_mark });
  heap_register(heap, KIND_CLOSURE, (struct heap_kind){ .name = "function", .mark = closure_mark });
  heap_register(heap, KIND_NATIVE, (struct heap_kind){ .name = "function", .mark = native_mark });
  heap_register(heap, KIND_BOUND, (struct heap_kind){ .name = "function", .mark = bound_mark });
}

struct cell *cell_new(struct heap *heap, Value v)
{
  struct cell *c = heap_new(heap, KIND_CELL, sizeof *c);
  c->value = v;
  return c;
}

struct closure *closure_new(struct heap *heap, struct proto *proto, struct class *home, u32 count)
{
  struct closure *c = heap_new_part(heap, KIND_CLOSURE, sizeof *c + count * sizeof *c->up, sizeof *c);
  c->proto = proto;
  c->home = home;
  c->count = count;
  for (u32 i = 0; i < count; i++) c->up[i] = UNSET;
  return c;
}

struct native_function *native_function_new(struct heap *heap, const struct native *native, struct string *name)
{
  struct native_function *f = heap_new(heap, KIND_NATIVE, sizeof *f);
  f->native = native;
  f->name = name;
  return f;
}

struct bound *bound_new(struct heap *heap, Value receiver, Value method)
{
  struct bound *b = heap_new(heap, KIND_BOUND, sizeof *b);
  b->receiver = receiver;
  b->method = method;
  return b;
}
