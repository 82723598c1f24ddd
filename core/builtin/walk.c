#include "builtin/walk.h"

#include "value/range.h"
#include "vm/channel.h"
#include "vm/iterate.h"
#include "vm/keys.h"

// The second local. Of built-in kinds: how far the walk is. Of others: what is to be asked, or has been.
enum { ASK_ITERATE = 1, ASKED_ITERATE, ASK_NEXT, ASKED_NEXT };

bool walk_start(struct call *c, u32 w, Value source)
{
  Value at = value_raw(0);
  if (is_kind(source, KIND_CHANNEL)) {
    at = value_raw(ASK_NEXT);
  } else if (!iterate_is_plain(source)) {
    if (is_unset(iterate_method(c->vm, source))) return false;
    at = value_raw(ASK_ITERATE);
  } else if (IS_MAP(source) || IS_SET(source)) {
    at = value_raw((u64)AS_MAP(source)->version << 32);
  }
  c->locals[w] = source;
  c->locals[w + 1] = at;
  return true;
}

bool walk_is_waiting_slow(struct call *c, u32 w)
{
  u64 at = c->locals[w + 1].bits;
  return !iterate_is_plain(c->locals[w]) && (at == ASKED_ITERATE || at == ASKED_NEXT);
}

static enum walk_status next_entry(struct call *c, struct map *m, u64 *at, Value item[2])
{
  if ((u32)(*at >> 32) != m->version) {
    throw_error(c->vm, c->vm->errors.value, "the %s gained or lost keys during a loop over it",
                type_name(c->vm, value_object(m)));
    return WALK_THROW;
  }
  u32 i = map_next(m, (u32)*at);
  if (i >= m->used) return WALK_END;
  item[0] = m->entries[i].key;
  item[1] = m->entries[i].value;
  *at = (*at & ~(u64)UINT32_MAX) | (i + 1);
  return WALK_ITEM;
}

static enum walk_status next_char(struct call *c, struct string *s, u64 *at, Value *item)
{
  const char *bytes = string_bytes(c->heap, s);
  if (*at >= s->len) return WALK_END;
  u64 end = *at + 1;
  while (end < s->len && ((u8)bytes[end] & 0xC0) == 0x80) end++;
  struct string *one = string_new(c->heap, bytes + *at, (size_t)(end - *at));
  if (!one) {
    throw_memory(c->vm);
    return WALK_THROW;
  }
  *item = value_object(one);
  *at = end;
  return WALK_ITEM;
}

// Lists are walk_next's own.
static enum walk_status next_plain(struct call *c, Value source, u64 *at, Value item[2])
{
  struct object *o = as_object(source);
  switch (o->kind) {
  case KIND_RANGE:
    if (*at >= range_len(AS_RANGE(source))) return WALK_END;
    *item = value_int(range_at(AS_RANGE(source), (*at)++));
    return WALK_ITEM;
  case KIND_BYTES:
    if (*at >= AS_BYTES(source)->len) return WALK_END;
    *item = value_int(AS_BYTES(source)->data[(*at)++]);
    return WALK_ITEM;
  case KIND_STRING: return next_char(c, AS_STRING(source), at, item);
  default: return next_entry(c, AS_MAP(source), at, item);
  }
}

static enum walk_status ask_channel(struct call *c, u32 w)
{
  struct deferred *d = channel_recv(c->vm, (struct channel *)(void *)as_object(c->locals[w]));
  if (!d) {
    throw_memory(c->vm);
    return WALK_THROW;
  }
  Value next = value_object(d);
  c->locals[w + 1] = value_raw(ASKED_NEXT);
  return native_call(c, c->vm->await, &next, 1) == NATIVE_CALL ? WALK_CALL : WALK_THROW;
}

static enum walk_status ask(struct call *c, u32 w, Value method, u64 asked)
{
  if (is_unset(method)) return WALK_THROW;
  c->locals[w + 1] = value_raw(asked);
  return native_call_method(c, c->locals[w], method, NULL, 0) == NATIVE_CALL ? WALK_CALL : WALK_THROW;
}

static enum walk_status next_asked(struct call *c, u32 w, Value item[2])
{
  switch (c->locals[w + 1].bits) {
  case ASK_ITERATE: return ask(c, w, iterate_method(c->vm, c->locals[w]), ASKED_ITERATE);
  case ASKED_ITERATE:
    c->locals[w] = c->value;
    if (!iterate_is_plain(c->value) && !is_kind(c->value, KIND_CHANNEL)) break;
    return walk_start(c, w, c->value) ? walk_next(c, w, item) : WALK_THROW;
  case ASKED_NEXT:
    if (is_done(c->value)) return WALK_END;
    *item = c->value;
    c->locals[w + 1] = value_raw(ASK_NEXT);
    return WALK_ITEM;
  default: break;
  }
  if (is_kind(c->locals[w], KIND_CHANNEL)) return ask_channel(c, w);
  return ask(c, w, iterate_next_method(c->vm, c->locals[w]), ASKED_NEXT);
}

enum walk_status walk_next_slow(struct call *c, u32 w, Value item[2])
{
  item[1] = NIL;
  Value source = c->locals[w];
  if (native_must_stop_at(c, (u32)c->locals[w + 1].bits)) return WALK_THROW;
  return iterate_is_plain(source) ? next_plain(c, source, &c->locals[w + 1].bits, item) : next_asked(c, w, item);
}

u32 walk_room(Value source)
{
  u64 room = 0;
  if (IS_LIST(source)) room = AS_LIST(source)->len;
  else if (IS_MAP(source) || IS_SET(source)) room = AS_MAP(source)->count;
  else if (IS_RANGE(source)) room = range_len(AS_RANGE(source));
  else if (IS_STRING(source)) room = string_count(AS_STRING(source));
  else if (IS_BYTES(source)) room = AS_BYTES(source)->len;
  return room > LIST_MAX ? (u32)LIST_MAX : (u32)room;
}

static struct list *list_of_range(struct call *c, const struct range *r)
{
  u64 len = range_len(r);
  struct list *list = len <= LIST_MAX ? list_new(c->heap, (u32)len) : NULL;
  for (u64 i = 0; list && i < len; i++) {
    if (heap_must_stop_at(c->heap, i)) return NULL;
    if (!list_push(c->heap, list, value_int(range_at(r, i)))) return NULL;
  }
  return list;
}

// The list itself, one that is whole at once, or one to be filled by a walk.
static struct list *gathered(struct call *c, u32 w, Value source, bool *is_whole)
{
  *is_whole = IS_LIST(source) || IS_RANGE(source);
  if (IS_LIST(source)) return AS_LIST(source);
  if (IS_RANGE(source)) return list_of_range(c, AS_RANGE(source));
  return walk_start(c, w, source) ? list_new(c->heap, walk_room(source)) : NULL;
}

enum walk_status walk_gather(struct call *c, u32 w, Value source, struct list **list)
{
  if (is_nil(c->locals[w + 2])) {
    bool is_whole;
    *list = gathered(c, w, source, &is_whole);
    if (!*list && is_unset(c->vm->thrown)) throw_memory(c->vm);
    if (!*list) return WALK_THROW;
    c->locals[w + 2] = value_object(*list);
    if (is_whole) c->locals[w] = UNSET;
  }
  *list = AS_LIST(c->locals[w + 2]);
  if (is_unset(c->locals[w])) return WALK_END;
  Value item[2];
  enum walk_status s;
  while ((s = walk_next(c, w, item)) == WALK_ITEM) {
    if (list_push(c->heap, *list, item[0])) continue;
    throw_memory(c->vm);
    return WALK_THROW;
  }
  if (s == WALK_END) c->locals[w] = UNSET;
  return s;
}

enum native_status keys_gather(struct call *c, u32 w, struct map *m, struct list **list)
{
  Value *found = &c->locals[w + GATHER_LOCALS];  // true while it is asked for
  if (is_nil(*found)) {
    enum walk_status s = walk_gather(c, w, c->args[1], list);
    if (s != WALK_END) return walk_leave(s);
    if (m->kin) {
      *found = TRUE;
      return keys_ask(c, m, *list);
    }
    *found = value_object(*list);
  } else if (!IS_LIST(*found)) {
    *found = c->value;
  }
  *list = AS_LIST(*found);
  return NATIVE_OK;
}
