// core/syntax: from text to code - the shape of what is written for each construct, and what the scopes refuse.
#include "syntax/compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/driver.h"
#include "value/number.h"

static struct alloc memory;
static struct heap heap;
static struct intern names;
static struct proto *protos;
static struct module *builtins, *module;

static struct string *name(const char *text) { return string_intern(&heap, &names, text, strlen(text)); }

static int setup(void **state)
{
  alloc_init(&memory, SIZE_MAX);
  if (!heap_init(&heap, &memory)) return -1;
  heap.stopped = true;
  string_register(&heap);
  number_register(&heap);
  function_register(&heap);
  module_register(&heap);
  chunk_register(&heap);
  names = (struct intern){ 0 };
  protos = NULL;
  builtins = module_new(&heap, name("builtins"), NULL);
  module = module_new(&heap, name("main"), builtins);
  static const char *const known[] = { "print", "string", "number", "Error" };
  for (size_t i = 0; i < COUNT_OF(known); i++) module_define(&heap, builtins, name(known[i]), value_int(1));
  return 0;
}

static int teardown(void **state)
{
  intern_fini(&heap, &names);
  heap_fini(&heap);
  bool is_clean = memory.used == 0;
  alloc_fini(&memory);
  return is_clean ? 0 : -1;
}

// What the compiler makes of a text: its code, or "line:column: message" for each complaint with "  note" behind it.
static void describe(const char *text, struct compile_options options, struct buf *out)
{
  struct source *source = source_create(&memory, "t", text, strlen(text));
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &memory);
  bool is_valid = syntax_check(source, &diagnostics) == SYNTAX_COMPLETE;
  struct proto *p = is_valid ? compile(&heap, &names, &protos, module, source, options, &diagnostics) : NULL;
  for (u32 i = 0; i < diagnostics.list.len; i++) {
    const struct diagnostic *d = &diagnostics.list.data[i];
    struct place at = source_place(source, d->start);
    buf_printf(out, "%u:%u: %s\n", at.line, at.column, diagnostic_message(&diagnostics, i));
    for (u32 n = 0; n < d->note_count; n++) {
      buf_printf(out, "  %s\n", diagnostic_note_text(&diagnostics, &diagnostics.notes.data[d->first_note + n]));
    }
  }
  if (p) chunk_disassemble(&heap, p, out);
  diagnostics_fini(&diagnostics);
  source_unref(source);
}

static void check(const char *text, struct compile_options options, const char *expected)
{
  struct buf out;
  buf_init(&out, &memory);
  describe(text, options, &out);
  if (strcmp(buf_text(&out), expected) != 0) fail_msg("%s\ngives\n%s\nnot\n%s", text, buf_text(&out), expected);
  buf_fini(&out);
}

static void file(const char *text, const char *expected)
{
  check(text, (struct compile_options){ COMPILE_FILE, false }, expected);
}

static void cell(const char *text, const char *expected)
{
  check(text, (struct compile_options){ COMPILE_CELL, true }, expected);
}

static void test_a_loop_over_ints_makes_no_range(void **state)
{
  file("let s = 0\n"
       "for i in 0..10 { s += i }",
       "fn main: params 0, required 0, registers 4, entry 0\n"
       "   0 INT r0 0\n"
       "   1 INT r1 0\n"
       "   2 INT r2 10\n"
       "   3 FORPREP r1 ->7 0\n"
       "   5 ADD_FOR r0 r0 r3\n"
       "   6 FOR r1 ->5\n"
       "   7 RETNIL\n");
}

static void test_conditions_jump(void **state)
{
  file("let a = 1\n"
       "while a < 10 and not (a == 5 or a != nil) { a = a * 2 - 1 }",
       "fn main: params 0, required 0, registers 2, entry 0\n"
       "   0 INT r0 1\n"
       "   1 JMP ->4\n"
       "   2 MULI r1 r0 2\n"
       "   3 ADDI r0 r1 -1\n"
       "   4 JNLTI r0 10 ->7\n"
       "   5 JEQI r0 5 ->7\n"
       "   6 JNIL r0 ->2\n"
       "   7 RETNIL\n");
}

static void test_calls_build_windows(void **state)
{
  file("fn fib(n) { if n < 2 { return n }; fib(n - 1) + fib(n - 2) }\n"
       "print(fib(5), 1)",
       "fn main: params 0, required 0, registers 5, entry 0\n"
       "   0 CLOSURE r0 fn fib\n"
       "   2 DEFG r0 cell\n"
       "   4 GETG r0 cell\n"
       "   6 INT r4 5\n"
       "   7 CALLG r2 1 cell\n"
       "   9 INT r3 1\n"
       "  10 CALL r0 2 r0\n"
       "  11 RETNIL\n"
       "fn fib: params 1, required 1, registers 5, entry 0\n"
       "   0 JNLTI r0 2 ->2\n"
       "   1 RET r0\n"
       "   2 ADDI r3 r0 -1\n"
       "   3 CALLG r1 1 cell\n"
       "   5 ADDI r4 r0 -2\n"
       "   6 CALLG r2 1 cell\n"
       "   8 ADD_RET r1 r1 r2\n"
       "   9 RET r1\n");
}

static void test_methods_are_called_without_a_bound_value(void **state)
{
  file("let o = \"x\"\n"
       "o.f.g(1)?.h.k(o)",
       "fn main: params 0, required 0, registers 5, entry 0\n"
       "   0 CONST r0 \"x\"\n"
       "   3 GETF r3 r0 \"f\"\n"
       "   6 INT r4 1\n"
       "   7 CALLM r1 1 r3 \"g\"\n"
       "  11 JNIL r1 ->20\n"
       "  12 GETF r3 r1 \"h\"\n"
       "  15 MOVE r4 r0\n"
       "  16 CALLM r1 1 r3 \"k\"\n"
       "  20 RETNIL\n");
}

static void test_named_and_spread_arguments_travel_as_list_and_map(void **state)
{
  file("print(1, ...[2], sep: 3)", "fn main: params 0, required 0, registers 6, entry 0\n"
                                   "   0 GETG r0 cell\n"
                                   "   2 INT r4 1\n"
                                   "   3 LIST r2 r4 1\n"
                                   "   4 INT r5 2\n"
                                   "   5 LIST r4 r5 1\n"
                                   "   6 EXTEND r2 r4\n"
                                   "   7 CONST r4 \"sep\"\n"
                                   "  10 INT r5 3\n"
                                   "  11 MAP r3 r4 1\n"
                                   "  12 CALLX r0 0\n"
                                   "  13 RETNIL\n");
}

static void test_values_are_captured_by_value_unless_assigned(void **state)
{
  file("fn f(a, b) {\n"
       "  let g = () => a + b\n"
       "  b = 2\n"
       "  g\n"
       "}",
       "fn main: params 0, required 0, registers 1, entry 0\n"
       "   0 CLOSURE r0 fn f\n"
       "   2 DEFG r0 cell\n"
       "   4 RETNIL\n"
       "fn f: params 2, required 2, registers 4, entry 0\n"
       "   0 CELL r1 r1\n"
       "   1 CLOSURE r2 fn \n"
       "   3 INT r3 2\n"
       "   4 SETC r1 r3\n"
       "   5 RET r2\n"
       "fn -: params 0, required 0, registers 2, entry 0, up r0 r1\n"
       "   0 GETUP r0 0\n"
       "   1 GETUPC r1 1\n"
       "   2 ADD_RET r0 r0 r1\n"
       "   3 RET r0\n");
}

static void test_early_closures_see_cells(void **state)
{
  file("do {\n"
       "  fn f() => x\n"
       "  let x = 1\n"
       "}",
       "fn main: params 0, required 0, registers 3, entry 0\n"
       "   0 UNSET r1\n"
       "   1 CELL r1 r1\n"
       "   2 CLOSURE r0 fn f\n"
       "   4 INT r2 1\n"
       "   5 SETC r1 r2\n"
       "   6 RETNIL\n"
       "fn f: params 0, required 0, registers 1, entry 0, up r1\n"
       "   0 GETUPC r0 0\n"
       "   1 RET r0\n");
}

static void test_defaults_come_before_the_entry(void **state)
{
  file("fn f(a, b = a, ...c) => c", "fn main: params 0, required 0, registers 1, entry 0\n"
                                    "   0 CLOSURE r0 fn f\n"
                                    "   2 DEFG r0 cell\n"
                                    "   4 RETNIL\n"
                                    "fn f: params 2, required 1, rest, registers 3, entry 2\n"
                                    "   0 JSET r1 ->2\n"
                                    "   1 MOVE r1 r0\n"
                                    "   2 RET r2\n");
}

static void test_entangled_parameters_are_completed_in_order(void **state)
{
  file("fn f([a], b = a) => b", "fn main: params 0, required 0, registers 1, entry 0\n"
                                "   0 CLOSURE r0 fn f\n"
                                "   2 DEFG r0 cell\n"
                                "   4 RETNIL\n"
                                "fn f: params 2, required 1, registers 3, entry 0\n"
                                "   0 WANTLIST r0 1\n"
                                "   1 GETAT r2 r0 0\n"
                                "   2 JSET r1 ->4\n"
                                "   3 MOVE r1 r2\n"
                                "   4 RET r1\n");
}

static void test_finally_is_written_out_on_every_way(void **state)
{
  file("fn f() {\n"
       "  try { return 1 } catch e { e } finally { print(2) }\n"
       "}",
       "fn main: params 0, required 0, registers 1, entry 0\n"
       "   0 CLOSURE r0 fn f\n"
       "   2 DEFG r0 cell\n"
       "   4 RETNIL\n"
       "fn f: params 0, required 0, registers 6, entry 0\n"
       "   0 INT r2 1\n"
       "   1 INT r5 2\n"
       "   2 CALLG r3 1 cell\n"
       "   4 RET r2\n"
       "   5 MOVE r0 r1\n"
       "   6 JMP ->9\n"
       "   7 CAUSE r2 r1\n"
       "   8 RETHROW r2\n"
       "   9 INT r4 2\n"
       "  10 CALLG r2 1 cell\n"
       "  12 JMP ->19\n"
       "  13 INT r4 2\n"
       "  14 CALLG r2 1 cell\n"
       "  16 RETHROW r1\n"
       "  17 CAUSE r2 r1\n"
       "  18 RETHROW r2\n"
       "  19 RET r0\n"
       "  catch [0, 1) r1 ->5\n"
       "  cleanup [5, 6) r2 ->7\n"
       "  cleanup [0, 1) r1 ->13\n"
       "  cleanup [5, 9) r1 ->13\n"
       "  cleanup [13, 16) r2 ->17\n");
}

static void test_deferred_calls_run_on_every_way(void **state)
{
  file("fn f() {\n"
       "  defer print(1)\n"
       "  2\n"
       "}",
       "fn main: params 0, required 0, registers 1, entry 0\n"
       "   0 CLOSURE r0 fn f\n"
       "   2 DEFG r0 cell\n"
       "   4 RETNIL\n"
       "fn f: params 0, required 0, registers 6, entry 0\n"
       "   0 NIL r0\n"
       "   1 GETG r1 cell\n"
       "   3 INT r3 1\n"
       "   4 DEFER r0 r1 1\n"
       "   5 INT r1 2\n"
       "   6 MOVE r0 r0\n"
       "   7 DEFERRED r0 r2 ->9\n"
       "   9 RET r1\n"
       "  10 MOVE r0 r0\n"
       "  11 DEFERRED r0 r3 ->13\n"
       "  13 RETHROW r1\n"
       "  14 CAUSE r2 r1\n"
       "  15 MOVE r1 r2\n"
       "  16 LOOP ->10\n"
       "  cleanup [1, 10) r1 ->10\n"
       "  cleanup [10, 13) r2 ->14\n");
}

static void test_classes(void **state)
{
  file("class A { n = 1\n"
       "  fn init(x) { self.x = x; self.n += 1 }\n"
       "}\n"
       "class B : A { fn init() { super.init(2) } }",
       "fn main: params 0, required 0, registers 2, entry 0\n"
       "   0 UNSET r1\n"
       "   1 CLASS r0 r1 \"A\" fn A\n"
       "   4 CLOSURE r1 fn init\n"
       "   6 METHOD r0 r1 \"init\"\n"
       "   8 CLOSURE r1 fn A\n"
       "  10 FIELDS r0 r1\n"
       "  11 DEFG r0 cell\n"
       "  13 GETG r1 cell\n"
       "  15 CLASS r0 r1 \"B\" fn B\n"
       "  18 CLOSURE r1 fn init\n"
       "  20 METHOD r0 r1 \"init\"\n"
       "  22 DEFG r0 cell\n"
       "  24 RETNIL\n"
       "fn A: params 0, required 0, registers 0, entry 0\n"
       "fn init: params 2, required 2, registers 2, entry 0\n"
       "   0 SETF r0 r1 \"x\"\n"
       "   3 ADDFI r0 1 \"n\"\n"
       "   6 RETNIL\n"
       "fn A: params 1, required 1, registers 2, entry 0\n"
       "   0 INT r1 1\n"
       "   1 SETF r0 r1 \"n\"\n"
       "   4 RETNIL\n"
       "fn B: params 0, required 0, registers 0, entry 0\n"
       "fn init: params 1, required 1, registers 5, entry 0\n"
       "   0 INT r4 2\n"
       "   1 SUPER r1 1 r0 \"init\"\n"
       "   5 RET r1\n");
}

static void test_matches(void **state)
{
  file("let v = 1\n"
       "print(match v { 0 => 1, [a, ...b] if a => b, 1..5 => 2, {k: 3} => 4, is Error => 5, _ => 6 })",
       "fn main: params 0, required 0, registers 7, entry 0\n"
       "   0 INT r0 1\n"
       "   1 GETG r1 cell\n"
       "   3 JNEI r0 0 ->6\n"
       "   4 INT r3 1\n"
       "   5 JMP ->38\n"
       "   6 JNLIST r0 ->14\n"
       "   7 LEN r6 r0\n"
       "   8 JLTI r6 1 ->14\n"
       "   9 GETAT r4 r0 0\n"
       "  10 GETREST r5 r0 1\n"
       "  11 JF r4 ->14\n"
       "  12 MOVE r3 r5\n"
       "  13 JMP ->38\n"
       "  14 CONST r4 range\n"
       "  17 IN r6 r0 r4\n"
       "  18 JF r6 ->21\n"
       "  19 INT r3 2\n"
       "  20 JMP ->38\n"
       "  21 JNMAP r0 ->30\n"
       "  22 CONST r5 \"k\"\n"
       "  25 GETKEY r4 r0 r5\n"
       "  26 JUNSET r4 ->30\n"
       "  27 JNEI r4 3 ->30\n"
       "  28 INT r3 4\n"
       "  29 JMP ->38\n"
       "  30 GETG r4 cell\n"
       "  32 IS r5 r0 r4\n"
       "  33 JF r5 ->36\n"
       "  34 INT r3 5\n"
       "  35 JMP ->38\n"
       "  36 INT r3 6\n"
       "  37 JMP ->38\n"
       "  38 CALL r1 1 r1\n"
       "  39 RETNIL\n");
}

static void test_destructuring(void **state)
{
  file("let [a, b = 2] = [1]\n"
       "let {c, d: e = 3} = {}\n"
       "[a, b] = [b, a]",
       "fn main: params 0, required 0, registers 6, entry 0\n"
       "   0 INT r3 1\n"
       "   1 LIST r2 r3 1\n"
       "   2 WANTLIST r2 1\n"
       "   3 GETAT r0 r2 0\n"
       "   4 GETAT r1 r2 1\n"
       "   5 JSET r1 ->7\n"
       "   6 INT r1 2\n"
       "   7 MAP r4 r5 0\n"
       "   8 WANTMAP r4\n"
       "   9 CONST r5 \"c\"\n"
       "  12 GETKEY r2 r4 r5\n"
       "  13 JSET r2 ->15\n"
       "  14 MISSING r4 r5\n"
       "  15 CONST r5 \"d\"\n"
       "  18 GETKEY r3 r4 r5\n"
       "  19 JSET r3 ->21\n"
       "  20 INT r3 3\n"
       "  21 MOVE r4 r1\n"
       "  22 MOVE r5 r0\n"
       "  23 MOVE r0 r4\n"
       "  24 MOVE r1 r5\n"
       "  25 RETNIL\n");
}

static void test_strings(void **state)
{
  file("let a = 1\n"
       "let s = \"x ${a} y\"\n"
       "let t = \"\"\"\n"
       "    p\n"
       "      ${a}q\n"
       "    \"\"\"",
       "fn main: params 0, required 0, registers 5, entry 0\n"
       "   0 INT r0 1\n"
       "   1 CONST r1 \"x \"\n"
       "   4 TOSTR r2 r0\n"
       "   5 CONST r3 \" y\"\n"
       "   8 CONCAT r1 r1 3\n"
       "   9 CONST r2 \"p\\n  \"\n"
       "  12 TOSTR r3 r0\n"
       "  13 CONST r4 \"q\"\n"
       "  16 CONCAT r2 r2 3\n"
       "  17 RETNIL\n");
}

static void test_literals_are_folded(void **state)
{
  file("let a = 2 * 3 + 4\n"
       "let b = -1.5\n"
       "let c = 1 << 2\n"
       "let d = 90m",
       "fn main: params 0, required 0, registers 4, entry 0\n"
       "   0 INT r0 10\n"
       "   1 CONST r1 -1.5\n"
       "   4 INT r2 4\n"
       "   5 CONST r3 5400.0\n"
       "   8 RETNIL\n");
}

static void test_a_variable_is_not_overwritten_while_it_is_read(void **state)
{
  file("let x = nil\n"
       "x = x ?? [x]\n"
       "x = x + do { x = 1; 2 }",
       "fn main: params 0, required 0, registers 3, entry 0\n"
       "   0 NIL r0\n"
       "   1 MOVE r1 r0\n"
       "   2 JNOTNIL r1 ->5\n"
       "   3 MOVE r2 r0\n"
       "   4 LIST r1 r2 1\n"
       "   5 MOVE r0 r1\n"
       "   6 MOVE r1 r0\n"
       "   7 INT r0 1\n"
       "   8 INT r2 2\n"
       "   9 ADD r0 r1 r2\n"
       "  10 RETNIL\n");
}

static void test_names_of_a_session_are_cells(void **state)
{
  cell("let a = 1\n"
       "fn f() => a + later\n"
       "a + 1",
       "fn main: params 0, required 0, registers 1, entry 0\n"
       "   0 CLOSURE r0 fn f\n"
       "   2 DEFG r0 cell\n"
       "   4 INT r0 1\n"
       "   5 DEFG r0 cell\n"
       "   7 GETG r0 cell\n"
       "   9 ADDI r0 r0 1\n"
       "  10 RET r0\n"
       "fn f: params 0, required 0, registers 2, entry 0\n"
       "   0 GETG r0 cell\n"
       "   2 GETG r1 cell\n"
       "   4 ADD_RET r0 r0 r1\n"
       "   5 RET r0\n");
}

static void test_the_last_value_is_returned(void **state)
{
  cell("if print { 1 } else { 2 }", "fn main: params 0, required 0, registers 1, entry 0\n"
                                    "   0 GETG r0 cell\n"
                                    "   2 JF r0 ->5\n"
                                    "   3 INT r0 1\n"
                                    "   4 RET r0\n"
                                    "   5 INT r0 2\n"
                                    "   6 RET r0\n");
}

static void test_refuses_undeclared(void **state)
{
  file("let count = 1\nprint(cuont)", "2:7: 'cuont' is not declared\n"
                                      "  did you mean 'count'?\n");
}

static void test_refuses_undeclared_assignment(void **state)
{
  file("fn f() { y = 1 }", "1:10: 'y' is not declared\n"
                           "  'let y = ...' declares it\n");
}

static void test_refuses_assigned_deeper(void **state)
{
  file("if true { w = 1 }", "1:11: 'w' is not declared\n"
                            "  'let w = ...' declares it\n");
}

static void test_refuses_twice(void **state)
{
  file("let x = 1\nlet x = 2", "2:5: 'x' is already declared here\n"
                               "  the first declaration\n");
}

static void test_refuses_twice_parameters(void **state)
{
  file("fn f(a, a) { }", "1:9: 'a' is already declared here\n"
                         "  the first declaration\n");
}

static void test_refuses_constant(void **state)
{
  file("const x = 1\nx = 2", "2:1: cannot assign to 'x', a constant\n"
                             "  declared here\n");
}

static void test_refuses_builtin(void **state)
{
  file("fn f() { print = 1 }", "1:10: cannot assign to 'print', a built-in name\n"
                               "  'let print = ...' declares a name of your own\n");
}

static void test_refuses_above(void **state)
{
  file("print(z)\nlet z = 1", "1:7: 'z' is used above its declaration\n"
                              "  declared here\n");
}

static void test_refuses_own(void **state) { file("let q = q", "1:9: 'q' is used in its own declaration\n"); }

static void test_refuses_self(void **state) { file("self.x = 1", "1:1: 'self' is known in methods only\n"); }

static void test_refuses_super(void **state)
{
  file("fn f() { super.x() }", "1:10: 'super' is known in methods only\n");
}

static void test_refuses_superclass(void **state)
{
  file("class A { fn f() => super.f() }", "1:21: this class has no superclass\n");
}

static void test_refuses_return(void **state) { file("return 1", "1:1: 'return' stands outside of a function\n"); }

static void test_refuses_break(void **state) { file("fn f() { break }", "1:10: 'break' stands outside of a loop\n"); }

static void test_refuses_loop_and_function(void **state)
{
  file("while true { spawn { continue } }", "1:22: 'continue' stands outside of a loop\n");
}

static void test_refuses_default_order(void **state)
{
  file("fn f(a = 1, b) { }", "1:13: this parameter needs a default, as the one before it has one\n");
}

static void test_refuses_alternatives(void **state)
{
  file("match 1 { [x] | {y} => 1 }", "1:18: not every alternative of this pattern binds the name\n");
}

static void test_refuses_range_ends(void **state)
{
  file("match 1 { 1..\"x\" => 1, _ => 2 }", "1:11: the ends of a range pattern must both be numbers or both strings\n");
}

static void test_refuses_imported(void **state)
{
  file("import {a} from \"x\"\na = 1", "2:1: cannot assign to 'a', an imported name\n"
                                       "  declared here\n");
}

static void test_refuses_unused(void **state)
{
  file("let a = 1\n- a\n(a)\n[a]",
       "2:1: this value is not used; a line that starts with '-' is a statement of its own\n"
       "3:1: this value is not used; a line that starts with '(' is a statement of its own\n"
       "4:1: this value is not used; a line that starts with '[' is a statement of its own\n"
       "fn main: params 0, required 0, registers 3, entry 0\n"
       "   0 INT r0 1\n"
       "   1 NEG r1 r0\n"
       "   2 MOVE r1 r0\n"
       "   3 MOVE r2 r0\n"
       "   4 LIST r1 r2 1\n"
       "   5 RETNIL\n");
}

// With ever more memory until it is enough: what fails says so, and gives everything back (teardown looks).
static void test_survives_want_of_memory(void **state)
{
  static const char text[] =
      "class A : Error { x = 1\n fn init(a, b = 2, ...c) { self.x = a } }\n"
      "fn f([a, {b}]) { try { defer print(a, sep: b); return () => a } finally { print(b) } }\n"
      "let s = \"x ${f([1, {b: 2}])} y\"\n"
      "for k, v in {a: [1, ...s]} { match v { [x, ...r] | {x, r} => print(x |> f, r), _ => nil } }\n";
  struct source *source = source_create(&memory, "t", text, strlen(text));
  bool is_enough = false;
  u32 failures = 0;
  for (size_t more = 0; !is_enough && more < 200000; more += 64) {
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics, &memory);
    memory.limit = memory.used + more;
    struct compile_options options = { COMPILE_CELL, true };
    is_enough = compile(&heap, &names, &protos, module, source, options, &diagnostics) != NULL;
    memory.limit = SIZE_MAX;
    if (!is_enough) {
      assert_true(diagnostics.failed);
      failures++;
    }
    diagnostics_fini(&diagnostics);
  }
  assert_true(is_enough);
  assert_true(failures > 10);
  source_unref(source);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_a_loop_over_ints_makes_no_range, setup, teardown),
    cmocka_unit_test_setup_teardown(test_conditions_jump, setup, teardown),
    cmocka_unit_test_setup_teardown(test_calls_build_windows, setup, teardown),
    cmocka_unit_test_setup_teardown(test_methods_are_called_without_a_bound_value, setup, teardown),
    cmocka_unit_test_setup_teardown(test_named_and_spread_arguments_travel_as_list_and_map, setup, teardown),
    cmocka_unit_test_setup_teardown(test_values_are_captured_by_value_unless_assigned, setup, teardown),
    cmocka_unit_test_setup_teardown(test_early_closures_see_cells, setup, teardown),
    cmocka_unit_test_setup_teardown(test_defaults_come_before_the_entry, setup, teardown),
    cmocka_unit_test_setup_teardown(test_entangled_parameters_are_completed_in_order, setup, teardown),
    cmocka_unit_test_setup_teardown(test_finally_is_written_out_on_every_way, setup, teardown),
    cmocka_unit_test_setup_teardown(test_deferred_calls_run_on_every_way, setup, teardown),
    cmocka_unit_test_setup_teardown(test_classes, setup, teardown),
    cmocka_unit_test_setup_teardown(test_matches, setup, teardown),
    cmocka_unit_test_setup_teardown(test_destructuring, setup, teardown),
    cmocka_unit_test_setup_teardown(test_strings, setup, teardown),
    cmocka_unit_test_setup_teardown(test_literals_are_folded, setup, teardown),
    cmocka_unit_test_setup_teardown(test_a_variable_is_not_overwritten_while_it_is_read, setup, teardown),
    cmocka_unit_test_setup_teardown(test_names_of_a_session_are_cells, setup, teardown),
    cmocka_unit_test_setup_teardown(test_the_last_value_is_returned, setup, teardown),
    cmocka_unit_test_setup_teardown(test_survives_want_of_memory, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_undeclared, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_undeclared_assignment, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_assigned_deeper, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_twice, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_twice_parameters, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_constant, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_builtin, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_above, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_own, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_self, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_super, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_superclass, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_return, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_break, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_loop_and_function, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_default_order, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_alternatives, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_range_ends, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_imported, setup, teardown),
    cmocka_unit_test_setup_teardown(test_refuses_unused, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
