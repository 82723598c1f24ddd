// The two faces of a value: the library's own, and that of lull.h. And what the parts of the api share.
#ifndef LULL_API_VALUE_H
#define LULL_API_VALUE_H

#include "vm/state.h"

static inline Value value_in(struct lull_value v) { return (Value){ v.word[0], v.word[1] }; }
static inline struct lull_value value_out(Value v) { return (struct lull_value){ { v.bits, v.tag } }; }
// A new object; absent for NULL.
static inline struct lull_value object_out(const void *object)
{
  return value_out(object ? value_object(object) : UNSET);
}

// The class of errors with that name; Error where there is none.
struct class *api_error_class(struct lull *vm, const char *name);
// The text as a string, in which U+FFFD stands for what is no UTF-8. NULL: no memory, or too long.
struct string *api_string(struct lull *vm, const char *text, size_t len);

#endif
