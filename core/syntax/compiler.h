// What the files of the compiler share. Only compile*.c, emit.c, registers.c and variable.c include this.
//
// Values are computed into registers chosen by whoever needs them: compile_to puts a value where it is told,
// compile_any says where it is, so a local variable is used where it lies. Conditions become jumps. Every function
// gives back the registers it took, but for those of names it declared.
#ifndef LULL_SYNTAX_COMPILER_H
#define LULL_SYNTAX_COMPILER_H

#include "base/vec.h"
#include "syntax/compile.h"
#include "syntax/emit.h"
#include "syntax/scope.h"
#include "syntax/tree.h"

#define NOWHERE UINT16_MAX  // a destination: the value is not needed

// An upvalue of the function being compiled.
struct upvalue {
  u32 symbol;
  struct upvalue_source source;
};

// A part of code that its own control does not guard: where clean-up was written out on the way of a jump.
struct gap {
  u32 start, end;
};

enum control_kind {
  CONTROL_LOOP,
  CONTROL_FINALLY,
  CONTROL_DEFER,
  CONTROL_GUARD /* a part with a handler, nothing to write out */
};

// What a jump out of a statement has to pass, innermost first.
struct control {
  struct control *outer;
  enum control_kind kind;
  struct label *on_break;
  struct label *on_continue;
  u32 start;      // where the guarded code begins
  u32 finalizer;  // CONTROL_FINALLY: the block to write out
  VEC(struct gap) gaps;
};

// One function on its way to a proto.
struct function_state {
  struct function_state *outer;
  struct proto *proto;
  u32 index;            // in scopes.functions
  u32 finalizer_depth;  // finally blocks inside each other being written out
  struct emitter emitter;
  VEC(struct upvalue) upvalues;
  struct control *control;
  u16 free;      // the lowest register not in use
  u16 highest;   // registers used so far
  u16 locals;    // registers below this may hold names; a destination above them can be scratch
  u16 deferred;  // the list of deferred calls, where the function has any
  u16 handled;   // the error of the catch this is in; NOWHERE: none
};

struct compiler {
  struct heap *heap;
  struct alloc *alloc;
  struct intern *names;
  struct proto **protos;
  struct module *module;
  struct source *source;
  struct compile_options options;
  struct diagnostics *diagnostics;
  const struct tree *tree;
  struct string *empty;  // ""
  struct scopes scopes;
  struct function_state *fn;
  VEC(u32) chain;        // nodes of the left chains being compiled
  u32 quoted;            // the literal that goes to its call in parts; 0: none
  bool uses_long_jumps;  // the second attempt, after a short jump did not reach
  bool needs_long_jumps;
  bool failed;  // memory ended, or a limit was passed
};

static inline u16 kind_of(const struct compiler *c, u32 node) { return tree_kind(c->tree, node); }
static inline u32 field_of(const struct compiler *c, u32 node, enum node_field field)
{
  return tree_field(c->tree, node, field);
}

// compile.c
void compile_to(struct compiler *c, u32 node,
                u16 dest);  // [dest]: a fresh register or NOWHERE; it may be written before the value is complete
u16 compile_any(struct compiler *c, u32 node);  // the register is only to be read, and before anything else is assigned
// As compile_any, but what must be fetched goes to [scratch].
u16 compile_operand(struct compiler *c, u32 node, u16 scratch);
void compile_effect(struct compiler *c, u32 node);  // for what it does alone
void compile_over(struct compiler *c, u32 node,
                  u16 dest);                           // [dest] holds a variable the expression may read: written last
void compile_return_of(struct compiler *c, u32 node);  // returns the value
void compile_error(struct compiler *c, u32 node, const char *format, ...) PRINTF_LIKE(3, 4);
void compile_unsupported(struct compiler *c, u32 node, const char *what);
struct string *compile_intern(struct compiler *c, const char *text, size_t len);
struct string *compile_name(struct compiler *c, u32 node);  // the node's text, interned; "" without memory
bool compile_is_statement(u16 kind);                        // has no value

// compile_literal.c
bool literal_number(struct compiler *c, u32 node, Value *v);
bool literal_constant(struct compiler *c, u32 node,
                      Value *v);  // numbers, signs before them, nil, true, false, strings without ${}
bool literal_small_int(struct compiler *c, u32 node, i32 *n);  // an int that fits an instruction's immediate
void compile_constant(struct compiler *c, u32 node, u16 dest);
void compile_value(struct compiler *c, u32 node, Value v, u16 dest);
struct string *literal_key(struct compiler *c, u32 node);  // of a map entry or a pattern
// compile_string.c
struct string *string_literal(struct compiler *c, u32 node);  // of a string without ${}; "" without memory
bool string_is_plain(const struct compiler *c, u32 node);
void compile_string(struct compiler *c, u32 node, u16 dest);
// compile_collection.c
void compile_list(struct compiler *c, u32 node, u16 dest);
void compile_map(struct compiler *c, u32 node, u16 dest);
// Appends the elements to the list at [dest], which is made first; [first]: the first of the siblings.
void compile_elements(struct compiler *c, u32 node, u32 first, u16 dest);
// compile_expr.c
void compile_binary(struct compiler *c, u32 node, u16 dest);
void compile_comparison(struct compiler *c, u32 node, u16 dest);
void compile_type_test(struct compiler *c, u32 node, u16 dest);
void compile_unary(struct compiler *c, u32 node, u16 dest);
void compile_range(struct compiler *c, u32 node, u16 dest);
void compile_identifier(struct compiler *c, u32 node, u16 dest);
void compile_await(struct compiler *c, u32 node, u16 dest);
// [node] is a += ... operator; dest := left op right
void compile_arithmetic(struct compiler *c, u32 node, u16 operator, u16 dest, u16 left, u32 right);
// compile_logic.c
void compile_logical(struct compiler *c, u32 node, u16 dest);
void compile_condition(struct compiler *c, u32 node, bool when,
                       struct label *target);  // jumps if the truth of the value is [when]
// compile_call.c
void compile_chain(struct compiler *c, u32 node, u16 dest);  // call, member, optional_member, index
void compile_pipe(struct compiler *c, u32 node, u16 dest);
// What CALLX takes: the positional arguments as a list in [list], the named ones as a map (nil: none) behind it.
void compile_argument_list(struct compiler *c, u32 arguments, u16 list);
void compile_spawn(struct compiler *c, u32 node, u16 dest);
void compile_defer(struct compiler *c, u32 node);
// compile_assign.c
void compile_assignment(struct compiler *c, u32 node);
void compile_compound(struct compiler *c, u32 node);
void compile_target(struct compiler *c, u32 target, u16 value);  // a name, member or index := value
// compile_stmt.c
void compile_block(struct compiler *c, u32 node, u16 dest);       // with a scope of its own
void compile_statements(struct compiler *c, u32 node, u16 dest);  // of a block whose scope is open
void compile_return_block(struct compiler *c, u32 node);          // returns the value
void compile_let(struct compiler *c, u32 node);
void compile_if(struct compiler *c, u32 node, u16 dest);
void compile_do(struct compiler *c, u32 node, u16 dest);
// compile_loop.c
void compile_while(struct compiler *c, u32 node);
void compile_for(struct compiler *c, u32 node);
// compile_exit.c
void compile_return(struct compiler *c, u32 node, u16 dest);
void compile_break(struct compiler *c, u32 node, u16 dest);
void compile_throw(struct compiler *c, u32 node, u16 dest);
void return_register(struct compiler *c, u32 node, u16 reg);                             // passing all that is open
bool return_is_direct(const struct compiler *c);                                         // nothing is open
void control_push(struct compiler *c, struct control *control, enum control_kind kind);  // begins here
// Ends the innermost control; what it guarded up to [end], but for its gaps, has its handler here from now on.
void control_handle(struct compiler *c, struct control *control, u32 end, u16 reg, enum handler_kind kind);
void control_pop(struct compiler *c);
void finalizer_write(struct compiler *c, u32 block);  // one more copy of a finally block
// Around the body of a function that defers calls.
void defer_open(struct compiler *c, struct control *control, u32 node);
void defer_close(struct compiler *c, struct control *control, u32 node);
// compile_try.c
void compile_try(struct compiler *c, u32 node, u16 dest);
// compile_match.c
void compile_match(struct compiler *c, u32 node, u16 dest);
// compile_pattern.c
enum pattern_mode { PATTERN_DECLARE, PATTERN_ASSIGN, PATTERN_MATCH };
// Takes the value in [reg] apart. PATTERN_MATCH: jumps to [fail] where it does not fit.
void compile_pattern(struct compiler *c, u32 pattern, u16 reg, enum pattern_mode mode, struct label *fail);
void pattern_reserve(struct compiler *c, u32 pattern);  // registers for the names it declares
// compile_function.c
struct proto *compile_function(struct compiler *c, u32 node, struct string *name);
void compile_hoisted(struct compiler *c,
                     u32 node);  // a declaration where it stands: it was made at the start of its block
void function_make(struct compiler *c, u32 node);
void compile_closure(struct compiler *c, u32 node, u16 dest);  // of a function or lambda
void function_begin(struct compiler *c, struct function_state *fn, u32 node, struct string *name);
struct proto *function_end(struct compiler *c);
void emit_closure(struct compiler *c, u32 node, struct proto *proto, u16 dest);
// compile_import.c
void compile_import(struct compiler *c, u32 node);
struct string *import_path(struct compiler *c, u32 node);  // of an import_statement
struct string *import_property(struct compiler *c,
                               const struct symbol *symbol);  // what an imported name is called in its module
// The cell behind a name that an earlier input of the session imported; NULL where it is not to be found.
struct cell *import_original(struct compiler *c, const struct string *name);
// compile_class.c
void compile_class(struct compiler *c, u32 node);  // nothing where it was made at the start of its block
void class_make(struct compiler *c, u32 node);

#endif
