// Pasted text made fit for the input. Pure.
#ifndef LULL_EDIT_PASTE_H
#define LULL_EDIT_PASTE_H

#include "base/buf.h"

// A transcript of a session ("[12] > x = 1", further rows behind the continuation mark, output between them) becomes
// the inputs alone; any other text stays as it is.
// Newlines at the end are left out: a paste never enters anything. Appends to [out].
void paste_clean(struct buf *out, const char *text, size_t len, const char *continuation);

#endif
