#include "vm/channel.h"

#include "vm/state.h"

static void mark_ring(struct heap *heap, const struct ring *r)
{
  for (u32 i = 0; i < r->len; i++) heap_mark(heap, r->items[(r->head + i) & (r->cap - 1)]);
}

static void mark_channel(struct heap *heap, struct object *o)
{
  const struct channel *c = (const struct channel *)o;
  mark_ring(heap, &c->values);
  mark_ring(heap, &c->senders);
  mark_ring(heap, &c->receivers);
}

static void finish_channel(struct heap *heap, struct object *o)
{
  struct channel *c = (struct channel *)o;
  heap_resize(heap, c->values.items, c->values.cap * sizeof(Value), 0);
  heap_resize(heap, c->senders.items, c->senders.cap * sizeof(Value), 0);
  heap_resize(heap, c->receivers.items, c->receivers.cap * sizeof(Value), 0);
}

static void print_channel(struct heap *heap, struct object *o, struct buf *out)
{
  const struct channel *c = (const struct channel *)o;
  (void)heap;
  buf_printf(out, "<channel: %u of %u%s>", c->values.len, c->capacity, c->is_closed ? ", closed" : "");
}

void channel_register(struct heap *heap)
{
  heap_register(heap, KIND_CHANNEL,
                (struct heap_kind){
                    .name = "channel", .mark = mark_channel, .finish = finish_channel, .print = print_channel });
}

// Makes room for [more] items, so that pushes cannot fail halfway.
static bool ring_reserve(struct heap *heap, struct ring *r, u32 more)
{
  if (r->len + more <= r->cap) return true;
  u32 cap = r->cap ? r->cap * 2 : 4;
  Value *items = heap_resize(heap, NULL, 0, cap * sizeof(Value));
  if (!items) return false;
  for (u32 i = 0; i < r->len; i++) items[i] = r->items[(r->head + i) & (r->cap - 1)];
  heap_resize(heap, r->items, r->cap * sizeof(Value), 0);
  *r = (struct ring){ .items = items, .len = r->len, .cap = cap };
  return true;
}

static void ring_push(struct ring *r, Value v) { r->items[(r->head + r->len++) & (r->cap - 1)] = v; }

static Value ring_pop(struct ring *r)
{
  Value v = r->items[r->head];
  r->head = (r->head + 1) & (r->cap - 1);
  r->len--;
  return v;
}

// A pending one that something still waits for; those whose waiter was cancelled are passed over.
static struct deferred *pop_wanted(struct ring *receivers)
{
  while (receivers->len) {
    struct deferred *d = as_deferred(ring_pop(receivers));
    if (d->state == DEFERRED_PENDING && (d->first.wake || d->more || !d->is_handled)) return d;
  }
  return NULL;
}

struct channel *channel_new(struct lull *vm, u32 capacity)
{
  struct channel *c = heap_new(&vm->heap, KIND_CHANNEL, sizeof *c);
  c->capacity = capacity;
  return c;
}

struct deferred *channel_send(struct lull *vm, struct channel *c, Value v)
{
  if (c->is_closed) return throw_error(vm, vm->errors.value, "send on a closed channel"), NULL;
  struct deferred *receiver = pop_wanted(&c->receivers);
  if (receiver) {
    deferred_fulfil(vm, receiver, v);
    return sched_done(vm);
  }
  bool has_place = c->values.len < c->capacity;
  if (!ring_reserve(&vm->heap, has_place ? &c->values : &c->senders, 2)) return throw_memory(vm), NULL;
  heap_barrier(&vm->heap, c);
  if (has_place) {
    ring_push(&c->values, v);
    return sched_done(vm);
  }
  struct deferred *sent = deferred_new(vm);
  ring_push(&c->senders, v);
  ring_push(&c->senders, value_object(sent));
  return sent;
}

Value channel_take(struct lull *vm, struct channel *c)
{
  if (c->values.len) {
    Value v = ring_pop(&c->values);
    if (!c->senders.len) return v;
    // There is room where the value was.
    ring_push(&c->values, ring_pop(&c->senders));
    heap_barrier(&vm->heap, c);
    deferred_fulfil(vm, as_deferred(ring_pop(&c->senders)), NIL);
    return v;
  }
  if (c->senders.len) {
    Value v = ring_pop(&c->senders);
    deferred_fulfil(vm, as_deferred(ring_pop(&c->senders)), NIL);
    return v;
  }
  return c->is_closed ? DONE : UNSET;
}

struct deferred *channel_recv(struct lull *vm, struct channel *c)
{
  Value v = channel_take(vm, c);
  struct deferred *d = deferred_new(vm);
  if (!is_unset(v)) {
    deferred_fulfil(vm, d, v);
    return d;
  }
  if (!ring_reserve(&vm->heap, &c->receivers, 1)) return NULL;
  ring_push(&c->receivers, value_object(d));
  heap_barrier(&vm->heap, c);
  return d;
}

void channel_close(struct lull *vm, struct channel *c)
{
  c->is_closed = true;
  if (c->values.len || c->senders.len) return;
  for (struct deferred *d; (d = pop_wanted(&c->receivers));) deferred_fulfil(vm, d, DONE);
}
