#include "vm/errors.h"

#include <stdio.h>

#include "base/utf8.h"
#include "vm/frame.h"
#include "vm/opcodes.h"
#include "vm/state.h"

#define TRACE_MAX 64  // calls kept in a trace: half from the top, half from the bottom
// Frames of a fiber that are walked for traces. From then on, its traces hold the innermost calls alone: a program that
// throws again and again from its depths would spend its time here.
#define WALK_MAX 1000000

static void mark_trace(struct heap *heap, struct object *o)
{
  const struct trace *t = (const struct trace *)o;
  for (u32 i = 0; i < t->len; i++) {
    heap_mark_object(heap, t->entries[i].proto);
    heap_mark_object(heap, t->entries[i].native);
  }
}

void errors_register(struct heap *heap)
{
  heap_register(heap, KIND_TRACE, (struct heap_kind){ .name = "trace", .mark = mark_trace, .print = trace_print });
}

static enum native_status error_init(struct call *c)
{
  struct instance *error = AS_INSTANCE(c->args[0]);
  error->fields[ERROR_MESSAGE] = arg_given(c, 1) ? c->args[1] : value_object(vm_intern(c->vm, ""));
  if (arg_given(c, 2)) error->fields[ERROR_CAUSE] = c->args[2];
  heap_barrier(c->heap, error);
  return native_return(c, NIL);
}

static const struct native error_natives[] = {
  { "init", error_init, 0, 2, 0, "Error(message = \"\", cause = nil)",
    "Makes an error to throw. Its fields: message, cause (the error it came of) and trace." },
};

bool error_class(struct lull *vm, struct class *class)
{
  struct shape *shape = shape_of(&vm->shapes, class->shape);
  struct string *fields[] = { vm->known.message, vm->known.cause, vm->known.trace };
  for (u32 i = 0; i < COUNT_OF(fields); i++) {
    shape = shape_add(&vm->heap, &vm->shapes, shape, fields[i]);
    if (!shape) return false;
  }
  class->is_error = true;
  class->shape = shape->id;
  if (class->slots < COUNT_OF(fields)) class->slots = COUNT_OF(fields);
  return true;
}

bool errors_open(struct lull *vm)
{
  static const char *const names[] = {
#define X(name, text) text,
    KNOWN_ERRORS(X)
#undef X
  };
  struct class **classes[] = {
#define X(name, text) &vm->errors.name,
    KNOWN_ERRORS(X)
#undef X
  };
  for (u32 i = 0; i < COUNT_OF(names); i++) {
    struct class **super = classes[i] == &vm->errors.spent ? &vm->errors.limit : &vm->errors.error;
    struct class *class = class_new(&vm->heap, &vm->shapes, vm_intern(vm, names[i]), i ? *super : NULL);
    if (!class) return false;
    *classes[i] = class;
    if (!error_class(vm, class)) return false;
    if (i == 0 && !class_add_natives(vm, class, error_natives, COUNT_OF(error_natives))) return false;
    // Two are for the VM alone: no program can name them, so none can catch them.
    if (class != vm->errors.exit && class != vm->errors.spent && !vm_define(vm, names[i], value_object(class))) return false;
  }
  struct string *message = string_new(&vm->heap, "out of memory", 13);
  vm->no_memory = message ? error_new(vm, vm->errors.limit, message) : NULL;
  return vm->no_memory != NULL;
}

struct instance *instance_make(struct lull *vm, struct class *class)
{
  struct instance *i = instance_new(&vm->heap, class);
  if (class->is_error) i->fields[ERROR_MESSAGE] = i->fields[ERROR_CAUSE] = i->fields[ERROR_TRACE] = NIL;
  return i;
}

struct instance *error_new(struct lull *vm, struct class *class, struct string *message)
{
  // An exit is obeyed all the same.
  if (class != vm->errors.exit && vm->no_memory && !heap_has_room(&vm->heap, instance_size(class))) return vm->no_memory;
  struct instance *error = instance_make(vm, class);
  if (message) error->fields[ERROR_MESSAGE] = value_object(message);
  return error;
}

bool is_error(struct lull *vm, Value v)
{
  (void)vm;
  return IS_INSTANCE(v) && AS_INSTANCE(v)->class->is_error;
}

enum native_status throw_error(struct lull *vm, struct class *class, const char *format, ...)
{
  struct buf text;
  va_list args;
  buf_init(&text, &vm->alloc);
  vm->alloc.is_refusing = -1;  // an error is made whole
  va_start(args, format);
  buf_vprintf(&text, format, args);
  va_end(args);
  size_t len = utf8_valid_prefix(buf_text(&text), text.len);
  struct string *message = text.failed ? NULL : string_new(&vm->heap, buf_text(&text), len);
  buf_fini(&text);
  // That memory has run out is told by a text made before; what is of another class keeps that, and no text.
  bool is_lost = !message && class == vm->errors.limit && vm->no_memory;
  struct instance *error = is_lost ? vm->no_memory : error_new(vm, class, message);
  vm->thrown = value_object(error);
  if (vm->fiber) error_trace(vm, error, vm->fiber, vm->fiber->base, vm->fiber->pc);
  vm->alloc.is_refusing = vm->is_stop != 0;
  return NATIVE_THROW;
}

enum native_status throw_value(struct lull *vm, Value v)
{
  if (IS_STRING(v)) v = value_object(error_new(vm, vm->errors.error, AS_STRING(v)));
  if (IS_CLASS(v) && AS_CLASS(v)->is_error) {
    const char *name = string_cstr(&vm->heap, AS_CLASS(v)->name);
    return throw_error(vm, vm->errors.type, "%s is a class; an error is made by a call: `throw %s()`", name, name);
  }
  if (!is_error(vm, v))
    return throw_error(vm, vm->errors.type, "only an error or a string can be thrown, not %s", type_name(vm, v));
  struct instance *error = AS_INSTANCE(v);
  vm->thrown = v;
  if (is_nil(error->fields[ERROR_TRACE]) && vm->fiber)
    error_trace(vm, error, vm->fiber, vm->fiber->base, vm->fiber->pc);
  return NATIVE_THROW;
}

// What a stop becomes: nothing the program can catch where the time it was granted is over.
enum native_status throw_stopped(struct lull *vm)
{
  vm_take_stop(vm);
  vm->heap.exhausted = false;
  if (limits_end_if_spent(vm)) return NATIVE_THROW;
  return throw_error(vm, vm->errors.interrupted, "interrupted");
}

// Memory is refused to what is to stop, too.
enum native_status throw_memory(struct lull *vm)
{
  if (UNLIKELY(vm->is_stop)) return throw_stopped(vm);
  throw_error(vm, vm->errors.limit, "out of memory: the limit of %zu MiB is reached, or a value would be too large",
              vm->alloc.limit >> 20);
  vm->heap.exhausted = false;  // the error itself may have gone beyond the limit
  vm->heap.is_short = true;    // who catches it finds what has become free meanwhile
  return NATIVE_THROW;
}

Value error_memory(struct lull *vm)
{
  Value before = vm->thrown;
  throw_memory(vm);
  Value error = vm->thrown;
  vm->thrown = before;
  return error;
}

// One entry more; false when the trace is full.
static bool add(struct trace_entry *entries, u32 *len, struct trace_entry e)
{
  if (*len < TRACE_MAX) {
    entries[(*len)++] = e;
    return true;
  }
  // The middle is given up, call by call: the entry in the middle counts what is missing.
  // It names the last of them, for the call below.
  struct trace_entry *middle = &entries[TRACE_MAX / 2];
  u32 skipped = middle->link == TRACE_SKIPPED ? middle->word : 1;
  skipped += middle[1].link == TRACE_SKIPPED ? middle[1].word : 1;
  *middle = (struct trace_entry){ middle[1].proto, middle[1].native, skipped, TRACE_SKIPPED };
  memmove(middle + 1, middle + 2, (TRACE_MAX - TRACE_MAX / 2 - 2) * sizeof *entries);
  entries[TRACE_MAX - 1] = e;
  return true;
}

static struct trace_entry entry_of(const Value *base, const u64 *pc)
{
  if (IS_NATIVE(base[-2])) return (struct trace_entry){ .native = AS_NATIVE(base[-2])->name };
  if (!IS_CLOSURE(base[-2])) return (struct trace_entry){ 0 };
  struct proto *p = AS_CLOSURE(base[-2])->proto;
  // A fiber that has not begun, or one of the VM's own words: the function as such.
  bool is_inside = pc > p->code && pc <= p->code + p->code_len;
  u32 word = is_inside ? (u32)(pc - p->code) - 1 : 0;
  // A deferred call is made where its `defer` stands.
  if (is_inside && pc < p->code + p->code_len && instruction_op(*pc) == OP_DEFERRED) {
    Value place = *(const Value *)((const char *)base + instruction_b(*pc));
    if (is_int(place)) word = (u32)as_int(place);
  }
  return (struct trace_entry){ .proto = p, .word = word };
}

static void walk_frames(struct lull *vm, struct fiber *f, const Value *base, const u64 *pc,
                        struct trace_entry *entries, u32 *len)
{
  for (u32 walked = 1;; walked++) {
    if (f->traced < WALK_MAX) f->traced++;
    else if (walked == TRACE_MAX / 2) {
      add(entries, len, (struct trace_entry){ .link = TRACE_SKIPPED });
      return;
    }
    // Natives without documentation are the VM's own and nobody's call.
    bool is_own = IS_NATIVE(base[-2]) && !AS_NATIVE(base[-2])->native->doc;
    if (!is_own || *len == 0) add(entries, len, entry_of(base, pc));
    const u64 *back = frame_return(base);
    if (back == vm->code_exit) return;
    base = (const Value *)((const char *)base - frame_delta(base));
    pc = back;
    if (back == vm->code_finish) pc = (const u64 *)(uintptr_t)base[AS_CLOSURE(base[-2])->proto->registers].bits + 1;
  }
}

static void keep_trace(struct lull *vm, struct instance *error, u64 tag, const struct trace_entry *entries, u32 len)
{
  if (error == vm->no_memory) return;
  struct trace *t = heap_try_new(&vm->heap, KIND_TRACE, sizeof *t + len * sizeof *entries);
  if (!t) return;
  t->len = len;
  t->tag = tag;
  memcpy(t->entries, entries, len * sizeof *entries);
  error->fields[ERROR_TRACE] = value_object(t);
  heap_barrier(&vm->heap, error);
}

// Is the place among the entries as one that started or awaited a task?
static bool is_known(const struct trace_entry *entries, u32 len, struct proto *p, u32 word)
{
  for (u32 i = 0; i < len; i++) {
    bool is_link = entries[i].link == TRACE_SPAWN || entries[i].link == TRACE_AWAIT;
    if (is_link && entries[i].proto == p && entries[i].word == word) return true;
  }
  return false;
}

// Up to one of the first [known] entries: the chain goes on there.
static void walk_spawns(const struct fiber *f, u32 known, struct trace_entry *entries, u32 *len)
{
  for (; f && f->spawn_proto; f = f->parent) {
    if (is_known(entries, known, f->spawn_proto, f->spawn_word)) return;
    add(entries, len, (struct trace_entry){ .proto = f->spawn_proto, .word = f->spawn_word, .link = TRACE_SPAWN });
  }
}

void error_trace(struct lull *vm, struct instance *error, struct fiber *f, const Value *base, const u64 *pc)
{
  struct trace_entry entries[TRACE_MAX];
  u32 len = 0;
  walk_frames(vm, f, base, pc, entries, &len);
  walk_spawns(f, 0, entries, &len);
  keep_trace(vm, error, f->tag, entries, len);
}

void error_started(struct lull *vm, Value v, u64 tag, struct proto *proto, u32 word)
{
  if (!proto || !is_error(vm, v) || is_kind(AS_INSTANCE(v)->fields[ERROR_TRACE], KIND_TRACE)) return;
  struct trace_entry entry = { .proto = proto, .word = word, .link = TRACE_CALL };
  keep_trace(vm, AS_INSTANCE(v), tag, &entry, 1);
}

void error_awaited(struct lull *vm, Value v, struct fiber *f)
{
  if (!is_error(vm, v) || AS_INSTANCE(v)->class == vm->errors.exit) return;
  struct instance *error = AS_INSTANCE(v);
  if (!is_kind(error->fields[ERROR_TRACE], KIND_TRACE)) {
    error_trace(vm, error, f, f->base, f->pc);
    return;
  }
  const struct trace *known = (const struct trace *)as_object(error->fields[ERROR_TRACE]);
  struct trace_entry entries[TRACE_MAX], awaits[TRACE_MAX], at = entry_of(f->base, f->pc);
  u32 len = known->len, first = 0;
  if (is_known(known->entries, len, at.proto, at.word)) return;
  memcpy(entries, known->entries, len * sizeof *entries);
  walk_frames(vm, f, f->base, f->pc, awaits, &first);
  awaits[0].link = TRACE_AWAIT;
  for (u32 i = 0; i < first; i++) add(entries, &len, awaits[i]);
  walk_spawns(f, known->len, entries, &len);
  keep_trace(vm, error, known->tag, entries, len);
}

const char *type_name(struct lull *vm, Value v)
{
  switch (v.tag) {
  case TAG_NIL: return "nil";
  case TAG_DONE: return "done";
  case TAG_UNSET: return "nothing";
  default: return string_cstr(&vm->heap, type_of(vm, v)->name);
  }
}
