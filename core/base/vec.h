// Growing arrays of any element type:  VEC(struct span) spans = { 0 };  if (!vec_push(alloc, &spans, span)) ...  vec_free(alloc, &spans);
// The elements lie in .data, .len of them. Pointers to elements last until the next push.
#ifndef LULL_BASE_VEC_H
#define LULL_BASE_VEC_H

#include "base/alloc.h"

#define VEC(type) \
  struct { \
    type *data; \
    u32 len, cap; \
  }

// Appends a value; false when there is no memory, and the array is as it was.
#define vec_push(alloc, v, ...) \
  (((v)->len < (v)->cap || vec_grow(alloc, (void **)&(v)->data, &(v)->cap, (v)->len, 1, sizeof *(v)->data)) \
       ? ((v)->data[(v)->len++] = (__VA_ARGS__), true) \
       : false)
// Makes room for [more] elements behind len.
#define vec_reserve(alloc, v, more) \
  ((v)->cap - (v)->len >= (more) || vec_grow(alloc, (void **)&(v)->data, &(v)->cap, (v)->len, (more), sizeof *(v)->data))
#define vec_pop(v) ((v)->data[--(v)->len])
#define vec_last(v) ((v)->data[(v)->len - 1])
#define vec_free(alloc, v) \
  do { \
    mem_free(alloc, (v)->data, (size_t)(v)->cap * sizeof *(v)->data); \
    (v)->data = NULL; \
    (v)->len = (v)->cap = 0; \
  } while (0)

// The growth behind the macros: doubles, at least to len + more. False on failure.
bool vec_grow(struct alloc *alloc, void **data, u32 *cap, u32 len, u32 more, size_t size) MUST_USE;

#endif
