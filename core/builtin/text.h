// The bytes of strings while a native reads them. Included by the .c files of builtin/ only.
#ifndef LULL_BUILTIN_TEXT_H
#define LULL_BUILTIN_TEXT_H

#include "builtin/reply.h"

// A run of bytes inside a string that lives as long as the native runs.
struct text {
  const char *s;
  u32 len;
};

// Of argument [i], which is a string.
static inline struct text text_of(struct call *c, u32 i)
{
  struct string *string = AS_STRING(c->args[i]);
  const char *s = string_bytes(c->heap, string);
  return (struct text){ s, string->len };
}

static inline bool text_starts_with(struct text t, struct text part)
{
  return t.len >= part.len && memcmp(t.s, part.s, part.len) == 0;
}

static inline bool text_ends_with(struct text t, struct text part)
{
  return t.len >= part.len && memcmp(t.s + t.len - part.len, part.s, part.len) == 0;
}

// As a string of its own: the result of a native, or one more item of a list (false without memory).
static inline enum native_status return_part(struct call *c, struct text t)
{
  return return_object(c, string_new(c->heap, t.s, t.len));
}

static inline bool text_push(struct call *c, struct list *list, struct text t)
{
  struct string *s = string_new(c->heap, t.s, t.len);
  return s && list_push(c->heap, list, value_object(s));
}

#endif
