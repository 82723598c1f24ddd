#include "value/equal.h"

#include <string.h>

#include "value/bytes.h"
#include "value/class.h"
#include "value/function.h"
#include "value/kin.h"
#include "value/list.h"
#include "value/map.h"
#include "value/number.h"
#include "value/range.h"
#include "value/string.h"

// Containers are remembered from the push on that makes the comparison look cyclic, or shared many times over;
// smaller ones need no memory for it.
#define REMEMBER_FROM 1000
#define POLL_EVERY 4096  // pairs between two looks at the poll

struct equal_frame {
  struct object *a, *b;
  u32 at;  // items or entries already taken
};

// Two containers taken for equal belong to one class: a tree of parents, its root at itself. That == is transitive
// saves comparing all pairs of a class.
struct equal_node {
  struct object *object;
  u32 parent;
};

static void equal_mark(struct heap *heap, struct object *o)
{
  struct equal_state *s = (struct equal_state *)o;
  heap_mark_object(heap, s->name);
  heap_mark(heap, s->left);
  heap_mark(heap, s->right);
  heap_mark(heap, s->method);
  for (u32 i = 0; i < s->depth; i++) {
    heap_mark_object(heap, s->frames[i].a);
    heap_mark_object(heap, s->frames[i].b);
  }
  // Kept alive so that no address among them is given out again.
  for (u32 i = 0; i < s->node_count; i++) heap_mark_object(heap, s->nodes[i].object);
}

static void equal_free(struct heap *heap, struct equal_state *s)
{
  heap_resize(heap, s->frames, s->cap * sizeof *s->frames, 0);
  heap_resize(heap, s->nodes, s->node_cap * sizeof *s->nodes, 0);
  heap_resize(heap, s->index, s->index_cap * sizeof *s->index, 0);
  s->frames = NULL;
  s->nodes = NULL;
  s->index = NULL;
  s->depth = s->cap = s->node_count = s->node_cap = s->index_cap = 0;
}

static void equal_finish(struct heap *heap, struct object *o)
{
  equal_free(heap, (struct equal_state *)o);
}

void equal_register(struct heap *heap)
{
  heap_register(heap, KIND_EQUAL,
                (struct heap_kind){ .name = "comparison", .mark = equal_mark, .finish = equal_finish });
}

static bool ranges_equal(const struct range *a, const struct range *b)
{
  u64 len = range_len(a);
  if (len != range_len(b)) return false;
  return len == 0 || (range_at(a, 0) == range_at(b, 0) && range_at(a, len - 1) == range_at(b, len - 1));
}

// One method of one object, taken twice.
static bool bounds_equal(const struct bound *a, const struct bound *b)
{
  return is_same(a->receiver, b->receiver) && is_same(a->method, b->method);
}

static bool is_container(const struct object *o)
{
  return o->kind == KIND_LIST || o->kind == KIND_MAP || o->kind == KIND_SET;
}

static u32 container_len(const struct object *o)
{
  return o->kind == KIND_LIST ? ((const struct list *)o)->len : ((const struct map *)o)->count;
}

static bool objects_equal_simple(struct heap *heap, struct object *a, struct object *b, bool *equal)
{
  int order;
  *equal = a == b;
  if (a == b || a->kind != b->kind) return true;
  switch (a->kind) {
  case KIND_STRING: *equal = string_equal(heap, (struct string *)a, (struct string *)b); return true;
  case KIND_BYTES: *equal = bytes_equal((struct bytes *)a, (struct bytes *)b); return true;
  case KIND_BIGINT: *equal = number_compare(heap, value_object(a), value_object(b)) == 0; return true;
  case KIND_RANGE: *equal = ranges_equal((struct range *)a, (struct range *)b); return true;
  case KIND_BOUND: *equal = bounds_equal((struct bound *)a, (struct bound *)b); return true;
  case KIND_INSTANCE: return false;
  case KIND_BOX: *equal = heap_order(heap, a, b, &order) && order == 0; return true;
  default: return !is_container(a) || container_len(a) != container_len(b);
  }
}

bool value_equal_simple(struct heap *heap, Value a, Value b, bool *equal)
{
  if (is_object(a) && is_object(b)) return objects_equal_simple(heap, as_object(a), as_object(b), equal);
  if (a.tag == b.tag) *equal = is_float(a) ? as_float(a) == as_float(b) : a.bits == b.bits;
  else *equal = is_number(a) && is_number(b) && number_compare(heap, a, b) == 0;
  return true;
}

struct equal_state *equal_new(struct heap *heap, Value a, Value b, struct string *equals_name)
{
  struct equal_state *s = heap_new(heap, KIND_EQUAL, sizeof *s);
  s->status = EQUAL_YES;
  s->name = equals_name;
  s->left = a;
  s->right = b;
  s->method = NIL;
  return s;
}

void equal_answer(struct equal_state *s, bool is_equal)
{
  s->status = is_equal ? EQUAL_YES : EQUAL_NO;
  if (!s->is_seeking) s->left = s->right = UNSET;
}

static u32 object_slot(const struct equal_state *s, const struct object *o)
{
  u64 hash = ((u64)(uintptr_t)o >> 4) * UINT64_C(0x9E3779B97F4A7C15);
  u32 mask = s->index_cap - 1, at = (u32)(hash >> 32) & mask;
  while (s->index[at] && s->nodes[s->index[at] - 1].object != o) at = (at + 1) & mask;
  return at;
}

static bool nodes_grow(struct heap *heap, struct equal_state *s)
{
  u32 cap = s->node_cap ? s->node_cap * 2 : 64;
  u32 *index = heap_resize(heap, NULL, 0, (size_t)cap * 2 * sizeof *index);
  if (!index) return false;
  heap_resize(heap, s->index, s->index_cap * sizeof *index, 0);
  memset(index, 0, (size_t)cap * 2 * sizeof *index);
  s->index = index;
  s->index_cap = cap * 2;
  for (u32 i = 0; i < s->node_count; i++) index[object_slot(s, s->nodes[i].object)] = i + 1;
  struct equal_node *nodes = heap_resize(heap, s->nodes, s->node_cap * sizeof *nodes, cap * sizeof *nodes);
  if (!nodes) return false;
  s->nodes = nodes;
  s->node_cap = cap;
  return true;
}

// The root of the object's class, made where there is none; room for it has been made.
static u32 class_of(struct equal_state *s, struct object *o)
{
  u32 slot = object_slot(s, o);
  if (!s->index[slot]) {
    s->nodes[s->node_count] = (struct equal_node){ o, s->node_count };
    s->index[slot] = ++s->node_count;
  }
  u32 at = s->index[slot] - 1;
  while (s->nodes[at].parent != at) at = s->nodes[at].parent = s->nodes[s->nodes[at].parent].parent;
  return at;
}

// Takes the two for equal from now on. *known: they already are.
static bool remember(struct heap *heap, struct equal_state *s, struct object *a, struct object *b, bool *known)
{
  if (s->node_count + 2 > s->node_cap && !nodes_grow(heap, s)) return false;
  u32 of_a = class_of(s, a), of_b = class_of(s, b);
  *known = of_a == of_b;
  s->nodes[of_a].parent = of_b;
  return true;
}

static bool push(struct heap *heap, struct equal_state *s, struct object *a, struct object *b)
{
  bool known = false;
  if (s->pushes < REMEMBER_FROM) s->pushes++;
  else if (!remember(heap, s, a, b, &known)) return false;
  if (known) return true;
  if (s->depth == s->cap) {
    u32 cap = s->cap ? s->cap * 2 : 8;
    struct equal_frame *frames = heap_resize(heap, s->frames, s->cap * sizeof *frames, cap * sizeof *frames);
    if (!frames) return false;
    s->frames = frames;
    s->cap = cap;
  }
  s->frames[s->depth++] = (struct equal_frame){ a, b, 0 };
  return true;
}

static Value find_equals(const struct equal_state *s, Value v)
{
  return class_find_method(AS_INSTANCE(v)->class, s->name);
}

// Instances are equal when one's method says so, the left one's first.
static enum equal_status ask(struct equal_state *s)
{
  s->method = find_equals(s, s->left);
  if (is_unset(s->method)) {
    Value left = s->left;
    s->left = s->right;
    s->right = left;
    s->method = find_equals(s, s->left);
  }
  return is_unset(s->method) ? EQUAL_NO : EQUAL_CALL;
}

// Of the pair left and right. EQUAL_YES: or it has been pushed.
static enum equal_status compare(struct heap *heap, struct equal_state *s)
{
  bool equal;
  Value a = s->left, b = s->right;
  if (value_equal_simple(heap, a, b, &equal)) return equal ? EQUAL_YES : EQUAL_NO;
  if (IS_INSTANCE(a)) return ask(s);
  return push(heap, s, as_object(a), as_object(b)) ? EQUAL_YES : EQUAL_FAILED;
}

static bool next_of_lists(struct equal_state *s, struct equal_frame *f)
{
  s->left = ((struct list *)f->a)->items[f->at];
  s->right = ((struct list *)f->b)->items[f->at];
  f->at++;
  return true;
}

// The next key of [b] with the hash that the key under way has in [a]: whether they are alike has to be asked. False:
// there is none.
static bool seek(struct heap *heap, struct equal_state *s, const struct equal_frame *f)
{
  struct map *a = (struct map *)f->a, *b = (struct map *)f->b;
  Value key = a->entries[f->at - 1].key, other;
  u32 hash;
  if (!kin_hash(heap, a, key, &hash)) return false;
  do other = kin_at(kin_of(heap, b, hash), s->kin_at++);
  while (!is_unset(other) && map_find(heap, b, other) < 0);
  s->left = key;
  s->right = other;
  s->is_seeking = !is_unset(other);
  return s->is_seeking;
}

// Left and right become the values of the entry under way in [a] and of [key] in [b].
static bool use_values(struct heap *heap, struct equal_state *s, const struct equal_frame *f, Value key)
{
  const struct map *a = (const struct map *)f->a;
  s->left = f->at <= a->used ? a->entries[f->at - 1].value : NIL;
  s->right = map_get(heap, (struct map *)f->b, key);
  return !is_unset(s->right);
}

// The next entry of [a] and the value its key has in [b]; false where it has none there. Sets compare by their
// keys alone.
static bool next_of_maps(struct heap *heap, struct equal_state *s, struct equal_frame *f)
{
  Value key = ((struct map *)f->a)->entries[f->at++].key;
  s->left = s->right = NIL;
  s->kin_at = 0;
  return is_unset(key) || use_values(heap, s, f, key) || seek(heap, s, f);
}

// The answer for the two keys: alike, and their values are to be compared; or it is another key's turn.
static enum equal_status answer_key(struct heap *heap, struct equal_state *s)
{
  const struct equal_frame *f = &s->frames[s->depth - 1];
  bool is_alike = s->status == EQUAL_YES;
  s->is_seeking = false;
  s->status = EQUAL_YES;
  bool goes_on = f->at <= ((struct map *)f->a)->used &&
                 (is_alike ? use_values(heap, s, f, s->right) : seek(heap, s, f));
  return goes_on ? compare(heap, s) : EQUAL_NO;
}

static bool frame_is_done(const struct equal_frame *f)
{
  return f->at >= (f->a->kind == KIND_LIST ? ((const struct list *)f->a)->len : ((const struct map *)f->a)->used);
}

// Takes the next pair from the containers under way. EQUAL_YES: there is one, or a container came to its end.
static enum equal_status advance(struct heap *heap, struct equal_state *s)
{
  struct equal_frame *f = &s->frames[s->depth - 1];
  // Methods that were called may have changed them.
  if (container_len(f->a) != container_len(f->b)) return EQUAL_NO;
  s->left = s->right = UNSET;
  if (frame_is_done(f)) {
    s->depth--;
    return EQUAL_YES;
  }
  bool has = f->a->kind == KIND_LIST ? next_of_lists(s, f) : next_of_maps(heap, s, f);
  return has ? compare(heap, s) : EQUAL_NO;
}

static enum equal_status run(struct heap *heap, struct equal_state *s)
{
  if (s->status == EQUAL_NO && !s->is_seeking) return EQUAL_NO;
  enum equal_status status = s->is_seeking       ? answer_key(heap, s)
                             : is_unset(s->left) ? EQUAL_YES
                                                 : compare(heap, s);
  for (u32 steps = 1; status == EQUAL_YES && s->depth; steps++) {
    s->left = s->right = UNSET;
    if (steps % POLL_EVERY == 0 && heap->poll && *heap->poll) return EQUAL_AGAIN;
    status = advance(heap, s);
  }
  return status;
}

enum equal_status equal_step(struct heap *heap, struct equal_state *s)
{
  enum equal_status status = run(heap, s);
  heap_barrier(heap, s);
  if (status == EQUAL_NO || status == EQUAL_YES) equal_free(heap, s);
  return status;
}
