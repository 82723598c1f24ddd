#include "value/module.h"

static void module_mark(struct heap *heap, struct object *o)
{
  struct module *m = (struct module *)o;
  heap_mark_object(heap, m->name);
  heap_mark_object(heap, m->path);
  heap_mark_object(heap, m->outer);
  heap_mark_object(heap, m->loaded);
  heap_mark_object(heap, m->importer);
  heap_mark_object(heap, m->call);
  table_mark(heap, &m->names);
}

static void module_finish(struct heap *heap, struct object *o)
{
  table_fini(heap, &((struct module *)o)->names);
}

void module_register(struct heap *heap)
{
  heap_register(heap, KIND_MODULE,
                (struct heap_kind){ .name = "module", .mark = module_mark, .finish = module_finish });
}

struct module *module_new(struct heap *heap, struct string *name, struct module *outer)
{
  struct module *m = heap_new(heap, KIND_MODULE, sizeof *m);
  m->name = name;
  m->outer = outer;
  return m;
}

struct cell *module_find(const struct module *m, const struct string *name)
{
  Value cell = table_get(&m->names, name);
  return is_unset(cell) ? NULL : AS_CELL(cell);
}

struct cell *module_cell(struct heap *heap, struct module *m, struct string *name)
{
  struct cell *cell = module_find(m, name);
  if (cell) return cell;
  cell = cell_new(heap, UNSET);
  if (!table_set(heap, &m->names, name, value_object(cell))) return NULL;
  heap_barrier(heap, m);
  return cell;
}

bool module_define(struct heap *heap, struct module *m, struct string *name, Value v)
{
  struct cell *cell = module_cell(heap, m, name);
  if (!cell) return false;
  cell->value = v;
  heap_barrier(heap, cell);
  return true;
}

struct string *module_name_of(const struct module *m, const struct cell *cell)
{
  for (u32 i = 0; i < m->names.count; i++) {
    if (as_object(m->names.entries[i].value) == &cell->object) return m->names.entries[i].key;
  }
  return NULL;
}
