// Texts in parts: a literal given to a native that wants to know what of it the program wrote, and what was put in by
// ${ }: sh("ls ${folder}"). The compiler makes it from a literal alone, so no text that was put together elsewhere can
// pass for what the program wrote.
#ifndef LULL_VM_QUOTED_H
#define LULL_VM_QUOTED_H

#include "vm/box.h"

struct quoted {
  struct box box;
  struct list *parts;  // texts and values in turn: text first and last
};

extern const struct native_class quoted_class;
// Declares what makes them. False: no memory.
bool quoted_open(struct lull *vm);

#endif
