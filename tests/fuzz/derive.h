// Programs from the grammar itself: each byte of an input decides one choice of a derivation, so that what a fuzzer changes changes the program
// a little, and nearly all of them are right.
#ifndef LULL_TESTS_FUZZ_DERIVE_H
#define LULL_TESTS_FUZZ_DERIVE_H

#include "base/buf.h"

// Appends the text. Where the bytes end, or the text becomes long or deep, the shortest way to an end is taken.
void derive(const char *bytes, size_t len, struct buf *out);

#endif
