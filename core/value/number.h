// Exact ints (int64 promoting to GMP mpn numbers), floats, and both as text.
//
// Results are normalised: what fits int64 is TAG_INT. TOO_LARGE is beyond BIGINT_MAX_LIMBS, or no memory
// (heap->exhausted says which).
#ifndef LULL_VALUE_NUMBER_H
#define LULL_VALUE_NUMBER_H

#include "base/buf.h"
#include "value/heap.h"

#define BIGINT_MAX_LIMBS \
  ((size_t)1 << 19)  // 33 million bits, ten million digits: no single operation takes much more than a second

struct bigint {
  struct object object;
  i32 size;     // limbs; negative for a negative number, never 0
  u64 limbs[];  // least significant first
};

enum number_op {
  NUMBER_ADD,
  NUMBER_SUB,
  NUMBER_MUL,
  NUMBER_DIV,
  NUMBER_IDIV,
  NUMBER_MOD,
  NUMBER_POW,
  NUMBER_AND,
  NUMBER_OR,
  NUMBER_XOR,
  NUMBER_SHL,
  NUMBER_SHR
};
enum number_error {
  NUMBER_OK,
  NUMBER_BAD_KIND,
  NUMBER_DIVISION_BY_ZERO,
  NUMBER_TOO_LARGE,
  NUMBER_OVERFLOW,
  NUMBER_NEGATIVE_SHIFT,
  NUMBER_NOT_INTEGRAL
};

void number_register(struct heap *heap);
static inline bool is_number(Value v) { return v.tag == TAG_INT || v.tag == TAG_FLOAT || is_kind(v, KIND_BIGINT); }
static inline bool is_integer(Value v) { return v.tag == TAG_INT || is_kind(v, KIND_BIGINT); }

// Any two numbers, as language.md says (`/` is float division but exact ints divide exactly first: 10 ** 400 / 10 **
// 399 is 10.0; // floors; % takes the divisor's sign;
// ** of ints with exponent >= 0 is exact). The VM's fast paths handle int64 and double pairs that do not overflow;
// this handles everything.
enum number_error number_arith(struct heap *heap, enum number_op op, Value a, Value b, Value *result);
enum number_error number_negate(struct heap *heap, Value a, Value *result);
enum number_error number_invert(struct heap *heap, Value a, Value *result);  // ~
const char *number_error_text(enum number_error error);
// Exact comparison of any two numbers: -1, 0, 1; 2 where one is nan.
int number_compare(struct heap *heap, Value a, Value b);
u32 number_hash(struct heap *heap, Value v);  // equal for equal numbers of any kind; seeded, never 0

Value number_from_u64(struct heap *heap, u64 n);
Value number_from_double(struct heap *heap,
                         double d);         // the int of an integral double; UNSET if it is not integral or finite
bool number_to_double(Value v, double *d);  // false where an int is too large
// Parses an int ([base] 2..36; a sign is allowed, a prefix such as 0x is not; single '_' between digits); UNSET if it
// is none, or too large (heap->exhausted where memory was refused).
Value number_parse_int(struct heap *heap, const char *text, size_t len, int base);
bool number_parse_float(const char *text, size_t len,
                        double *d);  // the whole text; '_' allowed between digits; nan, inf, -inf too
// Writes the digits as language.md says: floats shortest, always with a point or exponent; ints of any size in
// [base] 2..36.
void number_print(struct heap *heap, Value v, struct buf *out);
void number_print_base(struct heap *heap, Value v, int base, struct buf *out);
// Inline ints without a buf: how many characters, and those characters, without a NUL.
#define NUMBER_INT_WIDTH 20
u32 number_int_width(i64 n);
void number_write_int(i64 n, u32 width, char *to);
void number_print_double(double d, struct buf *out);

#endif
