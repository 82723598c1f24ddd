#include "value/kin.h"

#include "value/list.h"

Value kin_of(struct heap *heap, const struct map *m, u32 hash)
{
  Value kin = m->kin ? map_get(heap, m->kin, value_int(hash)) : NIL;
  return is_unset(kin) ? NIL : kin;
}

Value kin_at(Value kin, u32 at)
{
  if (IS_LIST(kin)) return at < AS_LIST(kin)->len ? AS_LIST(kin)->items[at] : UNSET;
  return at == 0 && !is_nil(kin) ? kin : UNSET;
}

bool kin_hash(struct heap *heap, const struct map *m, Value key, u32 *hash)
{
  Value known = m->kin && IS_INSTANCE(key) ? map_get(heap, m->kin, key) : UNSET;
  if (is_unset(known)) return false;
  *hash = (u32)as_int(known);
  return true;
}

// Those of [kin] but for [key], and one more, unless that is UNSET.
static struct list *others(struct heap *heap, Value kin, Value key, Value more)
{
  struct list *list = list_new(heap, 2);
  for (u32 i = 0; list && !is_unset(kin_at(kin, i)); i++) {
    if (!is_same(kin_at(kin, i), key) && !list_push(heap, list, kin_at(kin, i))) return NULL;
  }
  return list && !is_unset(more) && !list_push(heap, list, more) ? NULL : list;
}

static bool make_kin(struct heap *heap, struct map *m)
{
  if (!m->kin) m->kin = map_new(heap, 0);
  heap_barrier(heap, m);
  return m->kin != NULL;
}

bool kin_add(struct heap *heap, struct map *m, Value key, u32 hash)
{
  kin_forget(heap, m, key);
  if (!make_kin(heap, m)) return false;
  Value kin = kin_of(heap, m, hash), all = key;
  if (!is_nil(kin)) {
    struct list *list = others(heap, kin, key, key);
    if (!list) return false;
    all = value_object(list);
  }
  return map_set(heap, m->kin, value_int(hash), all) && map_set(heap, m->kin, key, value_int(hash));
}

void kin_forget(struct heap *heap, struct map *m, Value key)
{
  u32 hash;
  if (!kin_hash(heap, m, key, &hash)) return;
  map_remove(heap, m->kin, key);
  struct list *left = others(heap, kin_of(heap, m, hash), key, UNSET);
  if (left && left->len > 0) map_set(heap, m->kin, value_int(hash), value_object(left));
  else if (left) map_remove(heap, m->kin, value_int(hash));
}

bool kin_put(struct heap *heap, struct map *to, const struct map *from, Value key, Value value)
{
  u32 hash;
  if (kin_hash(heap, from, key, &hash) && !kin_add(heap, to, key, hash)) return false;
  return map_set(heap, to, key, value);
}
