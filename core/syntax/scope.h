// Which name means what: the first pass over a tree. It finds the scopes and their names, resolves every use, decides
// how captured names are captured, and checks what depends on the place (self, super, return, break, continue). What
// registers and cells the names get is for the compiler.
//
// A block knows all its names from its start: functions and most classes are made there, and a function written in
// the block may use every name of it, also one declared further down. Code of the block itself may use a let only
// below it.
#ifndef LULL_SYNTAX_SCOPE_H
#define LULL_SYNTAX_SCOPE_H

#include "base/vec.h"
#include "syntax/compile.h"
#include "syntax/tree.h"

enum symbol_kind {
  SYMBOL_LET,
  SYMBOL_CONST,
  SYMBOL_FUNCTION,
  SYMBOL_CLASS,
  SYMBOL_PARAMETER,
  SYMBOL_LOCAL,     // of a for, a catch or a match arm
  SYMBOL_ASSIGNED,  // declared by an assignment at the top level
  SYMBOL_IMPORT,    // `import "x" as name`
  SYMBOL_IMPORTED,  // a name of another module, read through it
  SYMBOL_SELF,
};

// Where a name's value lies; set by the compiler when it comes to the name's scope.
enum storage { STORAGE_NONE, STORAGE_REGISTER, STORAGE_CELL /* in a register */, STORAGE_MODULE, STORAGE_IMPORTED };

#define NO_SYMBOL UINT32_MAX
#define NO_SCOPE UINT32_MAX
#define BINDS_NOTHING UINT32_MAX  // in scopes.of: the name `_` in a pattern

struct symbol {
  struct string *name;
  u32 node;         // the identifier that declares it
  u32 declaration;  // the statement around it
  u32 function;     // whose frame it belongs to
  u32 scope;
  u32 shadowed;             // the symbol of the same name further out
  u32 next;                 // the next one of its scope
  u32 next_class;
  u32 start;                // bytes: where its declaration begins,
  u32 visible_from;         // from where on code of the same function may use it,
  u32 bound_at, bound_end;  // and the rest of its own pattern, whose defaults may
  u64 time;  // when it gets its value, relative to the makers of closures in the same function (struct function_scope)
  u8 kind;
  bool is_top;         // at the top level
  bool is_captured;    // some inner function uses it
  bool is_reassigned;  // assigned anywhere but in its declaration
  bool is_early;       // a closure that uses it may be made before it has its value
  bool is_volatile;    // assigned while an expression is under way that may have read it before
  bool is_hoisted;     // a function or class made at the start of its block
  bool needs_cell;     // captured, and not by value
  u8 storage;
  u16 reg;            // STORAGE_REGISTER, STORAGE_CELL
  struct cell *cell;  // STORAGE_MODULE; of STORAGE_IMPORTED the one that holds the module
};

// The names of one scope, linked through symbol.next in order; and the classes made at its start, through next_class
// in the order in which that goes.
struct scope {
  u32 first, last;
  u32 first_class, last_class;
};

struct function_scope {
  u32 node;
  u32 parent;
  u64 time;  // when its closure is made
  bool has_defer;
  bool is_method;
};

struct scopes {
  struct heap *heap;
  const struct tree *tree;
  VEC(struct symbol) symbols;
  VEC(struct scope) list;
  VEC(struct function_scope) functions;  // [0]: the top level
  // For each node: of an identifier, self or super, 1 + its symbol (0: a name of the module or built in, or none); of
  // a node that opens a scope, 1 + the scope.
  u32 *of;
  u32 *
      // for each node that is a function of its own (of a class_body: the one that sets the fields): its index; else
      // 0
      function_of;
  bool failed;  // memory ended
};

// True where all names are right; errors and warnings are added to [diagnostics]. scopes_fini in both cases.
bool scopes_resolve(struct scopes *s, struct heap *heap, struct intern *names, const struct tree *tree,
                    const struct module *module, enum compile_mode mode, struct diagnostics *diagnostics);
void scopes_fini(struct scopes *s);

static inline struct symbol *scopes_symbol(const struct scopes *s, u32 node)
{
  return s->of[node] && s->of[node] != BINDS_NOTHING ? &s->symbols.data[s->of[node] - 1] : NULL;
}
static inline const struct scope *scopes_scope(const struct scopes *s, u32 node)
{
  return s->of[node] ? &s->list.data[s->of[node] - 1] : NULL;
}
// A spawned call with named or spread arguments (or a callee that may be nil) is made by a function of its own.
bool spawn_needs_closure(const struct tree *t, u32 call);

// The cell of a name that is no symbol: the module's own or, further out, a built-in one. NULL where it has no value.
struct cell *scopes_global(const struct module *module, const struct string *name);

#endif
