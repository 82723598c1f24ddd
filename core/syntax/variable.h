// Names as the compiler reads and writes them: registers, cells, upvalues, names of the module.
#ifndef LULL_SYNTAX_VARIABLE_H
#define LULL_SYNTAX_VARIABLE_H

#include "syntax/compiler.h"

// Gives the names of the top level their places: cells of the module, or registers in a file whose functions do not
// use them.
void variable_open_top(struct compiler *c);
// Gives a register to what a block must have from its start: functions, hoisted classes, cells that closures may see
// before the declaration.
void variable_open_scope(struct compiler *c, const struct scope *scope);
// Gives a register to a name whose declaration is reached, unless it has a place already.
void variable_reserve(struct compiler *c, struct symbol *symbol);

// The register where the name at [node] lies and can be read; NOWHERE where it has to be fetched.
u16 variable_register(struct compiler *c, u32 node);
// The upvalue that is the cell of the name at [node], captured from outside and assigned to somewhere; -1: it is no
// such name.
i32 variable_captured(struct compiler *c, u32 node);
// The module's cell of the name at [node], NULL where it is no name of the module.
struct cell *variable_cell(struct compiler *c, u32 node);
// The register of a name that a value may be computed into to declare it; NOWHERE where it takes variable_declare.
u16 variable_direct(const struct symbol *symbol);
void variable_read(struct compiler *c, u32 node, u16 dest);
void variable_write(struct compiler *c, u32 node, u16 value);
// As _write, for the declaration: makes the cell, declares the module's name. Nothing for `_`.
void variable_declare(struct compiler *c, u32 node, u16 value);
// The cell of a name that is no symbol.
struct cell *variable_global(struct compiler *c, u32 node);
void variable_read_symbol(struct compiler *c, u32 node, u32 symbol, u16 dest);

#endif
