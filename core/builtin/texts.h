// The texts of many values, one behind the other in one printer, for natives that print, join or convert.
// Methods to_string are called where instances have one.
#ifndef LULL_BUILTIN_TEXTS_H
#define LULL_BUILTIN_TEXTS_H

#include "builtin/reply.h"
#include "value/print.h"

// Makes the printer that lies in [local] from now on. [is_quoted]: strings are, as inside collections.
struct printer *texts_begin(struct call *c, u32 local, bool is_quoted);
static inline struct printer *texts_printer(struct call *c, u32 local)
{
  return (struct printer *)(void *)as_object(c->locals[local]);
}
// Appends to texts_printer(c, local)->out.
enum part texts_put(struct call *c, u32 local, Value v);
// Goes on after a call: c->value is what to_string gave.
enum part texts_resume(struct call *c, u32 local);
// All of it as a string, which is the native's result. The printer is empty then.
enum native_status texts_return(struct call *c, u32 local);

#endif
