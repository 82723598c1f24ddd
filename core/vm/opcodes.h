// The instructions, once: name, operand format, words behind the first, and what it does. The enum, the jump table, the disassembler and the walk over inline
// caches are made from this list.
//
// An instruction is one 64-bit word { u16 op, a, b, c } and the words its line names. Register operands are byte offsets from the frame's base (register * 16),
// so a frame has at most 4,096 registers. R[x] is the register at offset x. Jumps count words from the first word behind the whole instruction.
// W1, W2 ... are the words behind: constants, cells, and inline caches, which the VM rewrites.
//
// Formats: r register (scaled) · n plain u16 number · i signed 16-bit immediate · j signed 16-bit jump ·
// I signed 32-bit immediate in b,c · J signed 32-bit jump in b,c · _ unused
#ifndef LULL_VM_OPCODES_H
#define LULL_VM_OPCODES_H

// clang-format off
#define OPCODES(X) \
  /* moves and constants */ \
  X(MOVE,     "rr_", 0, "R[a] := R[b]") \
  X(NIL,      "r__", 0, "R[a] := nil") \
  X(BOOL,     "rn_", 0, "R[a] := b != 0") \
  X(UNSET,    "r__", 0, "R[a] := unset") \
  X(INT,      "rI_", 0, "R[a] := int I") \
  X(CONST,    "r__", 2, "R[a] := { W1 bits, W2 tag }") \
  X(DONE,     "r__", 0, "R[a] := done") \
  /* variables: module names (W1 is the cell's address), captured ones (cells), upvalues */ \
  X(GETG,     "r__", 1, "R[a] := cell W1; NameError where it is unset") \
  X(SETG,     "r__", 1, "cell W1 := R[a]; NameError where it is unset (never declared)") \
  X(DEFG,     "r__", 1, "cell W1 := R[a], declaring it") \
  X(CELL,     "rr_", 0, "R[a] := new cell holding R[b]") \
  X(GETC,     "rr_", 0, "R[a] := value of the cell R[b]; NameError where it is unset") \
  X(SETC,     "rr_", 0, "the cell R[a] := R[b]") \
  X(GETUP,    "rn_", 0, "R[a] := up[b] of the running closure") \
  X(GETUPC,   "rn_", 0, "R[a] := value of the cell up[b]; NameError where it is unset") \
  X(SETUPC,   "rn_", 0, "the cell up[b] := R[a]") \
  X(ADDUP,    "rnr", 0, "R[a] := the cell up[b] := its value + R[c]; NameError where it is unset") \
  X(ADDUPI,   "rni", 0, "R[a] := the cell up[b] := its value + i; NameError where it is unset") \
  X(CHECKSET, "r__", 1, "NameError naming the string W1 where R[a] is unset (a local used above its declaration)") \
  /* arithmetic; ints promote, TypeErrors name both kinds */ \
  X(ADD,      "rrr", 0, "R[a] := R[b] + R[c] (strings, bytes and lists join)") \
  X(SUB,      "rrr", 0, "R[a] := R[b] - R[c]") \
  X(MUL,      "rrr", 0, "R[a] := R[b] * R[c] (strings, bytes and lists repeat)") \
  X(DIV,      "rrr", 0, "R[a] := R[b] / R[c]") \
  X(IDIV,     "rrr", 0, "R[a] := R[b] // R[c]") \
  X(MOD,      "rrr", 0, "R[a] := R[b] % R[c]") \
  X(POW,      "rrr", 0, "R[a] := R[b] ** R[c]") \
  X(BAND,     "rrr", 0, "R[a] := R[b] & R[c]") \
  X(BOR,      "rrr", 0, "R[a] := R[b] | R[c]") \
  X(BXOR,     "rrr", 0, "R[a] := R[b] ^ R[c]") \
  X(SHL,      "rrr", 0, "R[a] := R[b] << R[c]") \
  X(SHR,      "rrr", 0, "R[a] := R[b] >> R[c]") \
  X(ADDI,     "rri", 0, "R[a] := R[b] + i (x - 3 is ADDI -3)") \
  X(MULI,     "rri", 0, "R[a] := R[b] * i") \
  X(IDIVI,    "rri", 0, "R[a] := R[b] // i, i != 0") \
  X(MODI,     "rri", 0, "R[a] := R[b] % i, i != 0") \
  X(BANDI,    "rri", 0, "R[a] := R[b] & i") \
  X(SHLI,     "rri", 0, "R[a] := R[b] << i, 0 <= i < 64") \
  X(SHRI,     "rri", 0, "R[a] := R[b] >> i, 0 <= i < 64") \
  X(ADDK,     "rrn", 1, "R[a] := R[b] + the float W1 (c = 1: the float is the left operand)") \
  X(SUBK,     "rr_", 1, "R[a] := R[b] - the float W1") \
  X(MULK,     "rrn", 1, "R[a] := R[b] * the float W1 (c = 1: the float is the left operand)") \
  X(DIVK,     "rr_", 1, "R[a] := R[b] / the float W1, which is not 0") \
  X(KSUB,     "rr_", 1, "R[a] := the float W1 - R[b]") \
  X(KDIV,     "rr_", 1, "R[a] := the float W1 / R[b]") \
  X(MULADD,   "rrr", 1, "R[a] := R[W1] + R[b] * R[c], rounded twice (W1 with MULADD_PRODUCT_FIRST: the product is the left operand)") \
  X(MULSUB,   "rrr", 1, "R[a] := R[W1] - R[b] * R[c], rounded twice") \
  X(NEG,      "rr_", 0, "R[a] := -R[b]") \
  X(BNOT,     "rr_", 0, "R[a] := ~R[b]") \
  X(NOT,      "rr_", 0, "R[a] := not R[b]") \
  /* comparisons as values; a > b is LT with the operands exchanged (evaluate left first all the same) */ \
  X(EQ,       "rrr", 0, "R[a] := R[b] == R[c]") \
  X(NE,       "rrr", 0, "R[a] := R[b] != R[c]") \
  X(LT,       "rrr", 0, "R[a] := R[b] < R[c]") \
  X(LE,       "rrr", 0, "R[a] := R[b] <= R[c]") \
  X(GT,       "rrr", 0, "R[a] := R[b] > R[c]") \
  X(GE,       "rrr", 0, "R[a] := R[b] >= R[c]") \
  X(IN,       "rrr", 0, "R[a] := R[b] in R[c]") \
  X(IS,       "rrr", 0, "R[a] := R[b] is of type R[c] (a class, `number`, or nil); TypeError where R[c] is no type") \
  /* jumps; all but JMP may jump backwards, and are safepoints when they jump */ \
  X(JMP,      "_J_", 0, "jump J") \
  X(LOOP,     "_J_", 0, "jump J (backwards)") \
  X(JT,       "rJ_", 0, "jump J if R[a] is true") \
  X(JF,       "rJ_", 0, "jump J if R[a] is nil or false") \
  X(JNIL,     "rJ_", 0, "jump J if R[a] is nil") \
  X(JNOTNIL,  "rJ_", 0, "jump J if R[a] is not nil") \
  X(JSET,     "rJ_", 0, "jump J if R[a] is not unset") \
  X(JUNSET,   "rJ_", 0, "jump J if R[a] is unset") \
  X(JEQ,      "rrj", 0, "jump j if R[a] == R[b]") \
  X(JNE,      "rrj", 0, "jump j if not R[a] == R[b]") \
  X(JLT,      "rrj", 0, "jump j if R[a] < R[b]") \
  X(JLE,      "rrj", 0, "jump j if R[a] <= R[b]") \
  X(JNLT,     "rrj", 0, "jump j if not R[a] < R[b] (nan: jumps)") \
  X(JNLE,     "rrj", 0, "jump j if not R[a] <= R[b]") \
  X(JEQI,     "rij", 0, "jump j if R[a] == i") \
  X(JNEI,     "rij", 0, "jump j if not R[a] == i") \
  X(JLTI,     "rij", 0, "jump j if R[a] < i") \
  X(JLEI,     "rij", 0, "jump j if R[a] <= i") \
  X(JGTI,     "rij", 0, "jump j if R[a] > i") \
  X(JGEI,     "rij", 0, "jump j if R[a] >= i") \
  X(JNLTI,    "rij", 0, "jump j if not R[a] < i") \
  X(JNLEI,    "rij", 0, "jump j if not R[a] <= i") \
  X(JNGTI,    "rij", 0, "jump j if not R[a] > i") \
  X(JNGEI,    "rij", 0, "jump j if not R[a] >= i") \
  X(JLTK,     "r_j", 1, "jump j if R[a] < the float W1") \
  X(JLEK,     "r_j", 1, "jump j if R[a] <= the float W1") \
  X(JGTK,     "r_j", 1, "jump j if R[a] > the float W1") \
  X(JGEK,     "r_j", 1, "jump j if R[a] >= the float W1") \
  X(JNLTK,    "r_j", 1, "jump j if not R[a] < the float W1") \
  X(JNLEK,    "r_j", 1, "jump j if not R[a] <= the float W1") \
  X(JNGTK,    "r_j", 1, "jump j if not R[a] > the float W1") \
  X(JNGEK,    "r_j", 1, "jump j if not R[a] >= the float W1") \
  /* loops */ \
  X(FORPREP,  "rJ_", 1, "for x in p..q: R[a], R[a+1] are p, q (W1 = 1: q included), TypeError unless ints; J if empty, else R[a+1] := last, R[a+2] := R[a]") \
  X(FOR,      "rJ_", 0, "R[a] += 1; if R[a] < R[a+1] { R[a+2] := R[a]; jump J (backwards) }") \
  X(ITER,     "rr_", 0, "R[a], R[a+1], R[a+2] := state of an iteration over R[b] (calls iterate() where it is an instance)") \
  X(NEXT,     "rJ_", 0, "R[a+3] := the next value (of a map: key), and jump J (backwards) unless there is none") \
  X(NEXT2,    "rJ_", 0, "R[a+3], R[a+4] := the next key and value (of a list, string ...: index and value), and jump J (backwards) unless there is none") \
  /* fields, entries */ \
  X(GETF,     "rr_", 2, "R[a] := R[b].name; W1 cache { u32 shape, u32 offset }, W2 name") \
  X(SETF,     "rr_", 2, "R[a].name := R[b]; W1 cache, W2 name") \
  X(ADDF,     "rr_", 2, "R[a].name := R[a].name + R[b]; W1 cache, W2 name") \
  X(ADDFI,    "ri_", 2, "R[a].name := R[a].name + i; W1 cache, W2 name") \
  X(GETM,     "rr_", 1, "R[a] := what R[b].name(...) would call, bound; W1 name. Methods of the type come first, then entries and fields") \
  X(GETX,     "rrr", 0, "R[a] := R[b][R[c]]") \
  X(GETXI,    "rri", 0, "R[a] := R[b][i]") \
  X(GETXJT,   "rrr", 1, "R[a] := R[b][R[c]]; jump W1 if it is true") \
  X(GETXJF,   "rrr", 1, "R[a] := R[b][R[c]]; jump W1 if it is nil or false") \
  X(SETX,     "rrr", 0, "R[a][R[b]] := R[c]") \
  X(SETXC,    "rrn", 0, "R[a][R[b]] := 0, nil, false or true: the value with the tag c and no bits") \
  X(SLICE,    "rrn", 0, "R[a] := R[b][R[b+1] .. R[b+2]]; unset ends are open; c = 1: end included") \
  X(GETKEY,   "rrr", 0, "R[a] := entry R[c] of the map (field of the instance) R[b], or unset (patterns)") \
  X(GETAT,    "rrn", 0, "R[a] := item c of the list R[b], or unset (patterns)") \
  X(GETREST,  "rrn", 0, "R[a] := list of the items of R[b] from c on (patterns)") \
  X(MAPREST,  "rrn", 0, "R[a] := map of the entries of R[b] whose keys are not among R[b+1] .. R[b+c] (patterns)") \
  X(LEN,      "rr_", 0, "R[a] := length of the list or map R[b] (patterns)") \
  X(JNLIST,   "rJ_", 0, "jump J if R[a] is no list") \
  X(JNMAP,    "rJ_", 0, "jump J if R[a] is neither a map nor an instance") \
  X(WANTLIST, "rn_", 0, "TypeError unless R[a] is a list; ValueError if it has fewer than b items (destructuring)") \
  X(WANTMAP,  "r__", 0, "TypeError unless R[a] is a map or an instance (destructuring)") \
  X(MISSING,  "rr_", 0, "throws the KeyError of destructuring: R[a] has no entry R[b]") \
  X(NOMATCH,  "r__", 0, "throws the ValueError of a match in which nothing fits R[a]") \
  /* construction */ \
  X(LIST,     "rrn", 0, "R[a] := list of R[b] .. R[b+c-1]") \
  X(PUSH,     "rr_", 0, "append R[b] to the list R[a]") \
  X(EXTEND,   "rr_", 0, "append all that R[b] (list, range, set, string ...) iterates over to the list R[a]") \
  X(MAP,      "rrn", 0, "R[a] := map of c pairs R[b], R[b+1], R[b+2], R[b+3] ...") \
  X(PUT,      "rrr", 0, "R[a][R[b]] := R[c] in a map being made") \
  X(MERGE,    "rr_", 0, "put all entries of the map R[b] into the map R[a]") \
  X(RANGE,    "rrr", 0, "R[a] := R[b] .. R[c]") \
  X(RANGEI,   "rrr", 0, "R[a] := R[b] ..= R[c]") \
  X(TOSTR,    "rr_", 0, "R[a] := text of R[b] as print shows it (calls to_string); an int stays as it is") \
  X(CONCAT,   "rrn", 0, "R[a] := the strings and ints R[b] .. R[b+c-1] joined") \
  X(CLOSURE,  "r__", 1, "R[a] := closure of the proto W1, capturing as its upvalues say") \
  X(CLASS,    "rr_", 2, "R[a] := new class named W1, declared by the proto W2, below R[b] (unset: no superclass)") \
  X(METHOD,   "rr_", 1, "method named W1 of the class R[a] := the closure R[b] (its home becomes the class)") \
  X(FIELDS,   "rr_", 0, "field initialiser of the class R[a] := the closure R[b] (its home becomes the class)") \
  /* calls: the callee at R[a], a word for the return at R[a+1], arguments from R[a+2] on; the result lands in R[a] */ \
  X(CALL,     "rnr", 0, "R[a] := R[c](R[a+2] .. R[a+1+b])") \
  X(CALLG,    "rn_", 1, "R[a] := the value of the cell W1(R[a+2] .. R[a+1+b]); NameError where it is unset") \
  X(CALLM,    "rnr", 3, "R[a+2] := R[c]; R[a] := R[a+2].name(R[a+3] .. R[a+2+b]); W1 cache { u32 shape, u32 kind }, W2 method, W3 name") \
  X(CALLX,    "rn_", 0, "R[a] := R[a](...list R[a+2], ...named map R[a+3] or nil)") \
  X(SUPER,    "rnr", 3, "R[a+2] := R[c]; R[a] := super.name(R[a+3] .. R[a+2+b]) above the closure's home; W1 its shape, W2 method, W3 name") \
  X(GETSUPER, "rr_", 1, "R[a] := super.name bound to self R[b]; W1 name") \
  X(RET,      "r__", 0, "return R[a]") \
  X(RETNIL,   "___", 0, "return nil") \
  X(SPAWN,    "rn_", 0, "R[a] := new task that calls R[a](R[a+2] .. R[a+1+b]); it runs at once until it first waits") \
  X(AWAIT,    "rr_", 0, "R[a] := what R[b] settles to; suspends") \
  X(IMPORT,   "r__", 1, "R[a] := the module W1 (a string), loaded; suspends") \
  /* errors */ \
  X(THROW,    "r__", 0, "throw R[a] (a string becomes an Error)") \
  X(RETHROW,  "r__", 0, "throw R[a] again, its trace as it was") \
  X(CAUSE,    "rr_", 0, "R[a] (an error under way) gets the cause R[b] unless it has one") \
  X(DEFER,    "rrn", 0, "push [R[b], R[b+2] .. R[b+1+c], this word's number] on the list R[a] of deferred calls (nil: made)") \
  X(DEFERRED, "rr_", 1, "pop the last deferred call of R[a]: R[b] := word of its DEFER, call it in R[b+1], then this again; none: jump (W1 as i32)") \
  X(UNSUPPORTED, "___", 1, "throws: W1 (a string) is not supported yet") \
  /* two instructions at one dispatch: the first word of X_Y is that of X, and Y follows as it is (emit.c makes them last) */ \
  X(ADD_FOR, "rrr", 0, "ADD, FOR") X(ADD_JLT, "rrr", 0, "ADD, JLT") X(ADD_RET, "rrr", 0, "ADD, RET") \
  X(ADDI_JLT, "rri", 0, "ADDI, JLT") X(SUB_RET, "rrr", 0, "SUB, RET") X(MULADD_FOR, "rrr", 1, "MULADD, FOR") \
  X(GETX_GETX, "rrr", 0, "GETX, GETX") X(SETXC_ADD, "rrn", 0, "SETXC, ADD") X(GETF_SUB, "rr_", 2, "GETF, SUB") \
  X(GETF_GETF, "rr_", 2, "GETF, GETF") X(MUL_ADDF, "rrr", 0, "MUL, ADDF") X(ADDF_RETNIL, "rr_", 2, "ADDF, RETNIL") \
  X(ADDUPI_RET, "rni", 0, "ADDUPI, RET") \
  /* only in code of the VM's own */ \
  X(START,    "___", 0, "a fiber begins: calls what lies at the bottom of its stack") \
  X(EXIT,     "___", 0, "the fiber's first frame has returned") \
  X(RESUME,   "___", 0, "a call made by the native of this frame has returned: go on in it") \
  X(FINISH,   "___", 0, "a call made by an instruction (an operator's method) has returned: finish that instruction")
// clang-format on

// Which pairs there are.
#define OPCODE_PAIRS(X) \
  X(ADD, FOR) X(ADD, JLT) X(ADD, RET) X(ADDI, JLT) X(SUB, RET) X(MULADD, FOR) X(GETX, GETX) X(SETXC, ADD) \
  X(GETF, SUB) X(GETF, GETF) X(MUL, ADDF) X(ADDF, RETNIL) X(ADDUPI, RET)

#define MULADD_PRODUCT_FIRST ((u64)1 << 16)  // in W1 of MULADD, whose lower half is a register's offset

enum opcode {
#define X(name, format, words, formula) OP_##name,
  OPCODES(X)
#undef X
  OP_COUNT
};

#endif
