#include "vm/state.h"

#include <unistd.h>

#include "base/check.h"
#include "builtin/builtin.h"
#include "lib/lib.h"
#include "loop/work.h"
#include "value/bytes.h"
#include "value/equal.h"
#include "value/print.h"
#include "value/range.h"
#include "vm/box.h"
#include "vm/channel.h"
#include "vm/deferred.h"
#include "vm/echo.h"
#include "vm/host.h"
#include "vm/keys.h"
#include "vm/native_call.h"
#include "vm/opcodes.h"
#include "vm/order.h"
#include "vm/operation.h"
#include "vm/quoted.h"

#define MODULE_SHAPES 0xF0000000u  // first shape id of modules, far above those of instances
#define STACK_MAX 4000000u         // slots of a fiber's stack: 64 MB, some 400,000 plain calls

static void mark_pointers(struct lull *vm, void *first, size_t bytes)
{
  for (struct object **p = first; (char *)p < (char *)first + bytes; p++) heap_mark_object(&vm->heap, *p);
}

static void mark_roots(struct heap *heap, void *user)
{
  struct lull *vm = user;
  mark_pointers(vm, &vm->known, sizeof vm->known);
  mark_pointers(vm, &vm->types, sizeof vm->types);
  mark_pointers(vm, &vm->errors, sizeof vm->errors);
  mark_pointers(vm, vm->type_of_kind, sizeof vm->type_of_kind);
  for (u32 i = 0; i < vm->native_classes.len; i++) heap_mark_object(heap, vm->native_classes.data[i].class);
  heap_mark_object(heap, vm->no_memory);
  heap_mark_object(heap, vm->builtins);
  heap_mark_object(heap, vm->main);
  heap_mark_object(heap, vm->modules);
  heap_mark_object(heap, vm->fiber);
  heap_mark(heap, vm->thrown);
  heap_mark(heap, vm->kept);
  heap_mark(heap, vm->construct);
  heap_mark(heap, vm->await);
  heap_mark(heap, vm->echo);
  heap_mark(heap, vm->order);
  heap_mark(heap, vm->keys.find);
  heap_mark(heap, vm->keys.put_all);
  heap_mark(heap, vm->keys.find_all);
  shapes_mark(heap, &vm->shapes);
  sched_mark(vm);
  for (struct lull_ref *r = vm->refs; r; r = r->next) heap_mark(heap, r->value);
}

static void forget_protos(struct lull *vm)
{
  for (struct proto **link = &vm->protos; *link;) {
    if ((*link)->object.mark & MARK_COLOUR) link = &(*link)->next;
    else *link = (*link)->next;
  }
}

// Slots above a stack's live part are forgotten, so that a frame that grows over them finds nothing that is gone.
static void clear_stacks(struct lull *vm)
{
  for (struct fiber *f = vm->fibers, **link = &vm->fibers; f; f = *link) {
    if (!(f->object.mark & MARK_COLOUR)) {
      *link = f->all;
      continue;
    }
    link = &f->all;
    if (!f->stack) continue;
    for (Value *v = fiber_top(f), *end = f->stack + f->cap; v < end; v++) *v = NIL;
  }
}

static void before_sweep(struct heap *heap, void *user)
{
  struct lull *vm = user;
  memset(vm->methods, 0, sizeof vm->methods);
  memset(vm->fields, 0, sizeof vm->fields);
  memset(vm->added, 0, sizeof vm->added);
  intern_sweep(heap, &vm->names);
  shapes_sweep(heap, &vm->shapes);
  forget_protos(vm);
  sched_before_sweep(vm);
  clear_stacks(vm);
}

struct string *vm_intern(struct lull *vm, const char *text)
{
  return string_intern(&vm->heap, &vm->names, text, strlen(text));
}

static void register_kinds(struct lull *vm)
{
  struct heap *heap = &vm->heap;
  number_register(heap);
  string_register(heap);
  list_register(heap);
  map_register(heap);
  function_register(heap);
  class_register(heap, &vm->shapes);
  module_register(heap);
  equal_register(heap);
  print_register(heap);
  chunk_register(heap);
  errors_register(heap);
  fiber_register(heap);
  deferred_register(heap);
  task_register(heap);
  timers_register(heap);
  channel_register(heap);
  box_register(heap);
  operation_register(heap);
}

static bool open_names(struct lull *vm)
{
  bool ok = true;
#define X(name) ok = ok && (vm->known.name = vm_intern(vm, #name));
  KNOWN_NAMES(X)
#undef X
  return ok;
}

static bool open_types(struct lull *vm)
{
  static const struct {
    const char *name;
    u8 kind;
  } types[] = {
#define X(name) { #name, 0 },
    KNOWN_TYPES(X)
#undef X
  };
  struct class **classes = (struct class **)&vm->types;
  for (u32 i = 0; i < COUNT_OF(types); i++) {
    // Tasks and timers are deferreds.
    struct class *super = i >= 15 && i <= 16 ? vm->types.deferred_ : NULL;
    classes[i] = class_new(&vm->heap, &vm->shapes, vm_intern(vm, types[i].name), super);
    if (!classes[i]) return false;
  }
  struct class **of = vm->type_of_kind;
  of[KIND_STRING] = vm->types.string_;
  of[KIND_BYTES] = vm->types.bytes_;
  of[KIND_BIGINT] = vm->types.int_;
  of[KIND_LIST] = vm->types.list_;
  of[KIND_MAP] = vm->types.map_;
  of[KIND_SET] = vm->types.set_;
  of[KIND_RANGE] = vm->types.range_;
  of[KIND_CLOSURE] = of[KIND_NATIVE] = of[KIND_BOUND] = vm->types.function_;
  of[KIND_CLASS] = vm->types.class_;
  of[KIND_MODULE] = vm->types.module_;
  of[KIND_DEFERRED] = vm->types.deferred_;
  of[KIND_TASK] = vm->types.task_;
  of[KIND_TIMER] = vm->types.timer_;
  of[KIND_CHANNEL] = vm->types.channel_;
  of[KIND_DISPLAY] = vm->types.display_;
  of[KIND_PROGRESS] = vm->types.progress_;
  of[KIND_TRACE] = vm->types.trace_;
  return true;
}

static bool open(struct lull *vm)
{
  vm->code_start[0] = OP_START;
  vm->code_exit[0] = OP_EXIT;
  vm->code_resume[0] = OP_RESUME;
  vm->code_finish[0] = OP_FINISH;
  if (!open_names(vm) || !open_types(vm)) return false;
  vm->builtins = module_new(&vm->heap, vm_intern(vm, "builtins"), NULL);
  vm->main = module_new(&vm->heap, vm_intern(vm, "main"), vm->builtins);
  vm->modules = map_new(&vm->heap, 0);
  if (!vm->builtins || !vm->main || !vm->modules) return false;
  return errors_open(vm) && quoted_open(vm) && native_call_open(vm) && echo_open(vm) && keys_open(vm) && order_open(vm) && builtin_open(vm) && lib_open(vm);
}

size_t vm_memory_limit(size_t bytes)
{
  if (bytes) return bytes;
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && size > 0 ? (size_t)pages / 4 * 3 * (size_t)size : SIZE_MAX;
}

// What is no program's work, such as making the text of a report, goes on to its end.
static bool must_stop(struct heap *heap)
{
  struct lull *vm = heap->user;
  return vm->fiber && limits_end_work(vm);
}

// The state itself, with nothing left in it.
static void destroy_alone(struct lull *vm)
{
  struct alloc alloc = vm->alloc;
  mem_free(&alloc, vm, sizeof *vm);
  alloc_fini(&alloc);
}

struct lull *state_create(struct ev_loop *loop, const struct lull_host *host, size_t memory_limit)
{
  struct alloc alloc;  // holds the state, and then lies in it
  alloc_init(&alloc, vm_memory_limit(memory_limit));
  struct lull *vm = mem_alloc_zero(&alloc, sizeof *vm);
  if (!vm) return NULL;
  vm->alloc = alloc;
  vm->thrown = UNSET;
  vm->kept = vm->construct = vm->await = vm->echo = vm->order = NIL;
  vm->keys.find = vm->keys.put_all = vm->keys.find_all = NIL;
  vm->host = *host;
  vm->loop = loop;
  vm->stack_max = STACK_MAX;
  if (!heap_init(&vm->heap, &vm->alloc)) {
    destroy_alone(vm);
    return NULL;
  }
  vm->heap.poll = &vm->poll;
  vm->heap.must_stop = must_stop;
  vm->heap.mark_roots = mark_roots;
  vm->heap.before_sweep = before_sweep;
  vm->heap.user = vm;
  vm->heap.stopped = true;
  register_kinds(vm);
  sched_init(vm, loop);
  limits_init(vm);
  if (!open(vm)) {
    state_destroy(vm);
    return NULL;
  }
  vm->heap.stopped = false;
  return vm;
}

void *vm_part(struct lull *vm, const struct vm_part_type *type)
{
  for (u32 i = 0; i < vm->parts.len; i++) {
    if (vm->parts.data[i].type == type) return vm->parts.data[i].data;
  }
  struct vm_part part = { .type = type, .data = mem_alloc_zero(&vm->alloc, type->size) };
  if (!part.data) return NULL;
  bool ok = vec_reserve(&vm->alloc, &vm->parts, 1) && (!type->init || type->init(vm, part.data));
  if (ok && vec_push(&vm->alloc, &vm->parts, part)) return part.data;
  mem_free(&vm->alloc, part.data, type->size);
  return NULL;
}

static void parts_fini(struct lull *vm)
{
  for (u32 i = vm->parts.len; i-- > 0;) {
    const struct vm_part_type *type = vm->parts.data[i].type;
    if (type->fini) type->fini(vm, vm->parts.data[i].data);
    mem_free(&vm->alloc, vm->parts.data[i].data, type->size);
  }
  vec_free(&vm->alloc, &vm->parts);
}

void state_destroy(struct lull *vm)
{
  CHECK(!vm->sched.is_running && !vm->held && !vm->refs);
  struct ev_loop *own = vm->owns_loop ? vm->loop : NULL;
  vm->is_ending = true;
  sched_fini(vm);
  work_destroy(vm->work);
  intern_fini(&vm->heap, &vm->names);
  vec_free(&vm->alloc, &vm->native_classes);
  heap_fini(&vm->heap);
  parts_fini(vm);
  shapes_fini(&vm->heap, &vm->shapes);
  for (struct owned *o = vm->owned, *next; o; o = next) {
    next = o->next;
    mem_free(&vm->alloc, o, o->size);
  }
  destroy_alone(vm);
  if (own) ev_loop_destroy(own);
}

void *vm_own(struct lull *vm, size_t size)
{
  struct owned *o = mem_alloc_zero(&vm->alloc, sizeof *o + size);
  if (!o) return NULL;
  o->next = vm->owned;
  o->size = sizeof *o + size;
  vm->owned = o;
  return o->data;
}

struct class *type_of(struct lull *vm, Value v)
{
  switch (v.tag) {
  case TAG_INT: return vm->types.int_;
  case TAG_FLOAT: return vm->types.float_;
  case TAG_TRUE:
  case TAG_FALSE: return vm->types.bool_;
  case TAG_OBJECT: break;
  default: return vm->types.nil_;
  }
  const struct object *o = as_object(v);
  switch (o->kind) {
  case KIND_INSTANCE: return ((const struct instance *)o)->class;
  case KIND_BOX: return ((const struct box *)(const void *)o)->class;
  case KIND_OPERATION: return ((const struct operation *)(const void *)o)->class;
  default: return vm->type_of_kind[o->kind];
  }
}

u64 vm_tag(const struct lull *vm) { return vm->fiber ? vm->fiber->tag : vm->outside_tag; }

bool vm_define(struct lull *vm, const char *name, Value v)
{
  struct string *interned = vm_intern(vm, name);
  return interned && module_define(&vm->heap, vm->builtins, interned, v);
}

bool vm_define_natives(struct lull *vm, const struct native *natives, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    struct string *name = vm_intern(vm, natives[i].name);
    if (!name || !vm_define(vm, natives[i].name, native_value(vm, &natives[i], name, 0)))
      return false;
  }
  return true;
}

struct module *vm_module(struct lull *vm, struct string *name)
{
  struct module *m = name ? module_new(&vm->heap, name, vm->builtins) : NULL;
  if (m) m->object.shape = MODULE_SHAPES + vm->module_shapes++;
  return m;
}

struct module *vm_define_module(struct lull *vm, const char *name, const struct native *natives, size_t count)
{
  struct module *m = vm_module(vm, vm_intern(vm, name));
  if (!m || !vm_define(vm, name, value_object(m))) return NULL;
  return module_add_natives(vm, m, natives, count) ? m : NULL;
}

bool module_add_natives(struct lull *vm, struct module *m, const struct native *natives, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    struct string *own = vm_intern(vm, natives[i].name);
    if (!own || !module_define(&vm->heap, m, own, native_value(vm, &natives[i], own, 0))) return false;
  }
  return true;
}

bool vm_define_lazy_module(struct lull *vm, const char *name, bool (*opener)(struct lull *vm, struct module *m))
{
  struct module *m = vm_module(vm, vm_intern(vm, name));
  if (!m) return false;
  // A module may go by the name of a built-in function, which it is, too: hash.
  const struct cell *before = module_find(vm->builtins, m->name);
  if (before && IS_NATIVE(before->value)) m->call = as_object(before->value);
  if (!vm_define(vm, name, value_object(m))) return false;
  m->open = opener;
  return true;
}

bool vm_open_module(struct lull *vm, struct module *m)
{
  bool (*opener)(struct lull *, struct module *) = m->open;
  if (!opener) return true;
  m->open = NULL;
  if (opener(vm, m)) return true;
  m->open = opener;  // names defined so far are defined again
  return false;
}

static bool add_natives(struct lull *vm, struct class *class, const struct native *natives, size_t count, u8 flags)
{
  for (size_t i = 0; i < count; i++) {
    struct string *name = vm_intern(vm, natives[i].name);
    if (!name) return false;
    if (!table_set(&vm->heap, &class->methods, name, native_value(vm, &natives[i], name, flags))) return false;
  }
  return true;
}

bool class_add_natives(struct lull *vm, struct class *class, const struct native *natives, size_t count)
{
  return add_natives(vm, class, natives, count, NATIVE_METHOD);
}

bool class_add_getters(struct lull *vm, struct class *class, const struct native *natives, size_t count)
{
  return add_natives(vm, class, natives, count, NATIVE_METHOD | NATIVE_GETTER);
}

bool class_set_construct(struct lull *vm, struct class *class, const struct native *native)
{
  struct string *name = vm_intern(vm, native->name);
  if (!name) return false;
  class->construct = native_value(vm, native, name, NATIVE_METHOD);
  return true;
}

void vm_write(struct lull *vm, int stream, const char *bytes, size_t len)
{
  host_write(vm, vm_tag(vm), stream, bytes, len);
}
