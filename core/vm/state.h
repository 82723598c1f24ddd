// A state: everything one language instance has. The subject of nearly every function of vm, builtin and lib.
#ifndef LULL_VM_STATE_H
#define LULL_VM_STATE_H

#include <signal.h>

#include "include/lull.h"
#include "base/vec.h"
#include "syntax/chunk.h"
#include "value/class.h"
#include "value/module.h"
#include "vm/errors.h"
#include "vm/fiber.h"
#include "vm/limits.h"
#include "vm/native.h"
#include "vm/sched.h"

// clang-format off

// Names the VM itself looks for, interned once.
#define KNOWN_NAMES(X) \
  X(init) X(to_string) X(to_markdown) X(equals) X(hash) X(compare) X(iterate) X(next) X(call) X(message) X(cause) \
  X(trace) X(code) X(len) X(cancel) X(to_json)

// Types of values as classes. Those of heap kinds are also in type_of_kind.
#define KNOWN_TYPES(X) \
  X(nil) X(bool) X(int) X(float) X(number) X(string) X(bytes) X(list) X(map) X(set) X(range) X(function) X(class) \
  X(module) X(deferred) X(task) X(timer) X(channel) X(display) X(progress) X(trace)

#define KNOWN_ERRORS(X) \
  X(error, "Error") X(type, "TypeError") X(value, "ValueError") X(name, "NameError") X(key, "KeyError") \
  X(index, "IndexError") X(arithmetic, "ArithmeticError") X(syntax, "SyntaxError") X(assertion, "AssertionError") \
  X(limit, "LimitError") X(io, "IOError") X(timeout, "TimeoutError") X(cancelled, "Cancelled") \
  X(interrupted, "Interrupted") X(process, "ProcessError") X(unsupported, "UnsupportedError") X(exit, "Exit") \
  X(spent, "LimitError")
// clang-format on

struct known_names {
#define X(name) struct string *name;
  KNOWN_NAMES(X)
#undef X
};

struct known_types {
#define X(name) struct class *name##_;
  KNOWN_TYPES(X)
#undef X
};

struct known_errors {
#define X(name, text) struct class *name;
  KNOWN_ERRORS(X)
#undef X
};

// A class made from a table of the library (vm/box.h).
struct class_of_natives {
  const struct native_class *type;
  struct class *class;
};

struct work_pool;
struct side;
struct lull_port;

// Memory that lasts as long as the state.
struct owned {
  struct owned *next;
  size_t size;
  max_align_t data[];
};

// What a module of the library keeps for a state: one block each, made when it is first asked for.
struct vm_part_type {
  size_t size;
  bool (*init)(struct lull *vm, void *part);  // of cleared memory; NULL: nothing to do
  void (*fini)(struct lull *vm, void *part);  // after all objects are gone; NULL: nothing to do
};

struct vm_part {
  const struct vm_part_type *type;
  void *data;
};

struct lull_ref {
  struct lull_ref *next, *prev;
  struct lull *vm;
  Value value;
  u32 holds;
};

// What a name means in objects of a shape. Inline caches remember one shape each; what else an instruction meets is
// looked for here, where all share the places. Cleared by every collection, as it holds names and methods.
#define MEMBER_PLACES 128
struct member_place {
  const struct string *name;
  u32 shape;
  u32 kind;   // of a method as in W1 of OP_CALLM; of a field 0, or the shape that the object gets when it is added
  u64 value;  // the method's object, or the field's offset
};

struct lull {
  struct alloc alloc;
  struct heap heap;
  u32 poll;                       // nonzero: a safepoint has something to do. Also set from signal handlers
  volatile sig_atomic_t is_stop;  // lull_stop was called
  char *limit;                    // calls check their frame's end against it; NULL makes the next call look at poll
  struct fiber *fiber;            // the one that runs
  bool has_gaps;                  // among the arguments of the call being made some may be unset (named ones were given)
  Value thrown;                   // the error under way; UNSET otherwise
  struct intern names;
  struct shapes shapes;
  struct proto *protos;
  struct module *builtins;
  struct module *main;
  struct known_names known;
  struct known_types types;
  struct class *type_of_kind[KIND_COUNT];
  VEC(struct class_of_natives) native_classes;
  VEC(struct vm_part) parts;
  struct known_errors errors;
  struct instance *no_memory;  // thrown where there is no memory for an error; shared, and so without trace and cause
  struct lull_host host;
  u32 held, callbacks;        // under way (vm/host.h)
  bool is_ending, owns_loop;  // is_ending: lull_destroy was called, nothing runs any more
  struct ev_loop *loop;
  struct side *side;  // whose body runs (vm/side.h)
  struct sched sched;
  struct limits limits;
  struct work_pool *work;  // threads for calls that block (loop/work.h); NULL until the first
  struct lull_ref *refs;
  struct lull_port *port;  // for other threads (api/port.h); NULL until it is asked for
  struct owned *owned;
  Value await;           // the native that awaits its argument, for instructions
  Value echo;            // the native under a run whose value is shown
  u64 outside_tag;       // the tag while no fiber runs
  struct fiber *fibers;  // all of them, newest first; not kept alive by being here
  Value kept;            // a machine of value/ during a safepoint in its midst
  struct {
    Value find, put_all, find_all;
  } keys;                // the natives of vm/keys.c
  Value order;           // the native that orders lists, for `<` and sorting
  Value construct;       // the native that makes instances of classes with declared fields
  u64 displays;          // numbers given to what is displayed
  u32 module_shapes;     // shape ids given to modules so far
  struct map *modules;   // by path, of imported files; by name, of plugins
  bool (*import_plugin)(struct lull *vm, struct module *m);  // false, and nothing thrown: there is none
  u32 stack_max;         // slots a fiber's stack may have
  struct member_place methods[MEMBER_PLACES], fields[MEMBER_PLACES], added[MEMBER_PLACES];
  u64 code_start[1], code_exit[1], code_resume[1], code_finish[1];
};

// What calls of the running fiber [f] check the end of their frame against.
static inline char *vm_call_limit(const struct lull *vm, const struct fiber *f)
{
  if (UNLIKELY(vm->is_stop || vm->limits.state)) return NULL;
  return (char *)(f->stack + f->cap) - FIBER_SLACK * sizeof(Value);
}
struct lull *state_create(struct ev_loop *loop, const struct lull_host *host, size_t memory_limit);
// Frees everything, and a loop of its own. Not while anything of it runs.
void state_destroy(struct lull *vm);
// Cleared memory for tables that values refer to, freed with the state. NULL: none.
void *vm_own(struct lull *vm, size_t size);
// The bytes that a limit of 0 stands for, or those.
size_t vm_memory_limit(size_t bytes);
// The class of any value.
struct class *type_of(struct lull *vm, Value v);
// The tag of the running fiber; 0 outside.
u64 vm_tag(const struct lull *vm);
// A native as a value; [flags]: NATIVE_METHOD, NATIVE_GETTER.
Value native_value(struct lull *vm, const struct native *native, struct string *name, u8 flags);
// Declares natives as built-in names, or as methods of a type.
bool vm_define_natives(struct lull *vm, const struct native *natives, size_t count);
bool class_add_natives(struct lull *vm, struct class *class, const struct native *natives, size_t count);
// A module with a shape of its own, so that inline caches know it. NULL: no memory.
struct module *vm_module(struct lull *vm, struct string *name);
// A built-in module: a name that holds natives.
struct module *vm_define_module(struct lull *vm, const char *name, const struct native *natives, size_t count);
// A built-in module whose names are defined by [open] when the first of them is wanted: programs that use none of it
// do not pay for it.
bool vm_define_lazy_module(struct lull *vm, const char *name, bool (*opener)(struct lull *vm, struct module *m));
// Defines the names of such a module, unless they are; whoever looks into a module's names calls it first. False: an
// error was thrown (vm->thrown), or there is no memory.
bool vm_open_module(struct lull *vm, struct module *m);
bool module_add_natives(struct lull *vm, struct module *m, const struct native *natives, size_t count);
// Getters: read like fields, no parentheses. They never call or wait.
bool class_add_getters(struct lull *vm, struct class *class, const struct native *natives, size_t count);
// What Type(args) does: a native whose self is the class.
bool class_set_construct(struct lull *vm, struct class *class, const struct native *native);
bool vm_define(struct lull *vm, const char *name, Value v);
struct string *vm_intern(struct lull *vm, const char *text);
// The block of a module for this state. NULL: no memory, or its init failed.
void *vm_part(struct lull *vm, const struct vm_part_type *type);
// print's way out.
void vm_write(struct lull *vm, int stream, const char *bytes, size_t len);

// Runs the fiber until it ends or waits (vm/loop.c); only vm/sched calls it.
void vm_run(struct lull *vm, struct fiber *f);

#endif
