// What the parts of the scope pass share: the names visible at the place the walk has reached. Only scope*.c include
// this.
#ifndef LULL_SYNTAX_RESOLVER_H
#define LULL_SYNTAX_RESOLVER_H

#include "syntax/scope.h"

// One per name ever declared: the innermost symbol now visible.
struct name_slot {
  struct string *name;
  u32 symbol;  // NO_SYMBOL: none now
};

enum frame_kind { FRAME_BLOCK, FRAME_LOOP, FRAME_FUNCTION, FRAME_CLASS };

// What the node opened, until the walk leaves it.
struct frame {
  u32 node;
  u32 scope;  // NO_SCOPE for none
  u32 function;
  u32 class_node;  // the class whose method or field this is in; 0 for none
  u8 kind;
  bool is_in_loop;  // break and continue have where to go
};

struct ancestor {
  u32 node;
  bool is_operand;  // values of an expression around it may be waiting in registers
};

struct resolver {
  struct scopes *out;
  struct alloc *alloc;
  const struct tree *tree;
  struct intern *names;
  const struct module *module;
  enum compile_mode mode;
  struct diagnostics *diagnostics;
  struct name_slot *slots;
  u32 slot_count, slot_cap;
  VEC(struct frame) frames;
  VEC(struct ancestor) path;
};

// The innermost open frame: never none while the walk runs.
static inline struct frame *resolver_frame(struct resolver *r) { return &vec_last(&r->frames); }
static inline u16 resolver_kind(const struct resolver *r, u32 node) { return tree_kind(r->tree, node); }

struct string *resolver_name(struct resolver *r, u32 node);
u32 resolver_new_scope(struct resolver *r);
// Adds a name to a scope and makes it visible; an error where the scope has it already. NULL then, or without memory.
struct symbol *resolver_declare(struct resolver *r, u32 scope, u32 node, enum symbol_kind kind, u32 visible_from);
// The symbol of that name in the innermost open scope; NULL where it has none.
struct symbol *resolver_own(struct resolver *r, u32 scope, const struct string *name);
// Makes a scope's names visible no more; and again. The last one opened is the first one closed.
void resolver_close(struct resolver *r, u32 scope);
void resolver_open(struct resolver *r, u32 scope);
// Resolves a use at [node] and reports it where it means nothing.
void resolver_use(struct resolver *r, u32 node);
// The object of the method around [node]; false where there is none.
void resolver_declare_self(struct resolver *r, u32 scope, u32 node);
bool resolver_use_self(struct resolver *r, u32 node);
// Resolves an assignment to the name at [node].
void resolver_assign(struct resolver *r, u32 node);

// Adds the note "did you mean" to the last diagnostic if a visible name is close to [name].
void resolver_suggest(struct resolver *r, const struct string *name);

// Declares what a pattern binds. Names of a pattern are visible to the defaults behind them.
void resolver_bind(struct resolver *r, u32 scope, u32 pattern, enum symbol_kind kind, u32 statement, u32 visible_from);
// Declares the names of a block's own statements.
void resolver_hoist(struct resolver *r, u32 scope, u32 block);

#endif
