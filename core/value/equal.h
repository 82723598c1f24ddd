// The == of values: numbers by value, text and containers by content, ranges by their ints, the rest by identity -
// but for instances whose class has a method `equals`, which has to be called. So comparing is a machine that
// stops where the language must be called, with a stack of its own: nothing here recurses. Cyclic values are equal
// when no path into them tells them apart.
#ifndef LULL_VALUE_EQUAL_H
#define LULL_VALUE_EQUAL_H

#include "value/heap.h"

enum equal_status {
  EQUAL_NO,
  EQUAL_YES,
  EQUAL_CALL,    // call state->method of state->left with state->right, give the result to equal_answer, and step on
  EQUAL_AGAIN,   // heap->poll is set: step on after the safepoint
  EQUAL_FAILED,  // no memory (heap->exhausted is set)
};

struct equal_frame;
struct equal_node;

struct equal_state {
  struct object object;
  u8 status;             // enum equal_status: what is known so far (EQUAL_NO is final)
  bool is_seeking;       // left is a key of one map, right one with its hash of the other: are they alike?
  u32 kin_at;            // while seeking: the number of right among those
  struct string *name;   // "equals", interned
  Value left, right;     // compared next, or being called
  Value method;
  struct equal_frame *frames;  // pairs of containers under way
  u32 depth, cap;
  u32 pushes;
  struct equal_node *nodes;    // containers taken for equal so far, in classes; NULL until many were met
  u32 node_count, node_cap;
  u32 *index;
  u32 index_cap;
};

void equal_register(struct heap *heap);
// Decides what needs neither calls nor containers' contents: true, and *equal says. False: a state is needed.
bool value_equal_simple(struct heap *heap, Value a, Value b, bool *equal);
struct equal_state *equal_new(struct heap *heap, Value a, Value b, struct string *equals_name);
enum equal_status equal_step(struct heap *heap, struct equal_state *s);
void equal_answer(struct equal_state *s, bool is_equal);

// The same word: equal, but for nan.
static inline bool value_identical(Value a, Value b) { return is_same(a, b); }

#endif
