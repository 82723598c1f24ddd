// Numbers as people want to read them: with decimals, grouped digits, in other bases; and decimal rounding.
#ifndef LULL_BUILTIN_NUMBER_FORMAT_H
#define LULL_BUILTIN_NUMBER_FORMAT_H

#include "vm/state.h"

bool number_format_open(struct lull *vm, struct class *class);  // format, to_fixed, to_exponent, to_string

// The double nearest to d rounded to so many decimals (negative: to tens ...), halves away from zero. nan and
// the infinities stay.
double number_round_at(double d, i64 digits);

#endif
