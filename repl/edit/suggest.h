// What the user may be about to type: the rest of the newest entry that begins with the input. Pure.
#ifndef LULL_EDIT_SUGGEST_H
#define LULL_EDIT_SUGGEST_H

#include "base/types.h"

struct history;

// NULL where there is none. Borrowed from the history.
const char *suggest_rest(const struct history *h, const char *text, size_t len, size_t *rest_len);
// How much of a suggestion one step by words accepts.
size_t suggest_word(const char *rest, size_t len);

#endif
