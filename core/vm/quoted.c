#include "vm/quoted.h"

#include "value/print.h"
#include "vm/state.h"

static void mark_quoted(struct heap *heap, struct object *o)
{
  heap_mark_object(heap, ((struct quoted *)(void *)o)->parts);
}

const struct native_class quoted_class = {
  .name = "command",
  .doc = "A text in parts: what the program wrote, and what it put in.",
  .size = sizeof(struct quoted),
  .mark = mark_quoted,
};

static enum native_status make(struct call *c)
{
  struct quoted *q = box_new(c->vm, &quoted_class);
  struct list *parts = q ? list_new(c->heap, c->count) : NULL;
  if (!parts || !list_append(c->heap, parts, c->args, c->count)) return throw_memory(c->vm);
  q->parts = parts;
  return native_return(c, value_object(q));
}

static const struct native maker = { "quoted", make, 1, NATIVE_REST, 0, "quoted(...parts)", "A text in parts." };

bool quoted_open(struct lull *vm)
{
  struct string *name = vm_intern(vm, QUOTED_NAME);
  return name && vm_define(vm, QUOTED_NAME, native_value(vm, &maker, name, 0));
}
