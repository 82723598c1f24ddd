#include "octets.h"

#include <string.h>

void octets_fini(struct octets *o)
{
  o->data = lull_resize(o->lull, o->data, o->cap, 0);
  o->from = o->len = o->cap = 0;
}

static bool reserve(struct octets *o, size_t more)
{
  if (o->from + o->len + more <= o->cap) return true;
  if (o->from > 0) {
    memmove(o->data, o->data + o->from, o->len);
    o->from = 0;
    if (o->len + more <= o->cap) return true;
  }
  size_t cap = o->cap ? o->cap * 2 : 256;
  while (cap < o->len + more) cap *= 2;
  char *data = lull_resize(o->lull, o->data, o->cap, cap);
  if (!data) return false;
  o->data = data;
  o->cap = cap;
  return true;
}

bool octets_append(struct octets *o, const void *bytes, size_t len)
{
  if (len == 0) return true;
  if (!reserve(o, len)) return false;
  memcpy(o->data + o->from + o->len, bytes, len);
  o->len += len;
  return true;
}

bool octets_puts(struct octets *o, const char *text) { return octets_append(o, text, strlen(text)); }

void octets_consume(struct octets *o, size_t len)
{
  o->from += len;
  o->len -= len;
  if (o->len == 0) o->from = 0;
}

const char *octets_text(struct octets *o)
{
  if (!reserve(o, 1)) return NULL;
  o->data[o->from + o->len] = '\0';
  return o->data + o->from;
}

const char *octets_plain(struct lull *lull, struct lull_value v)
{
  size_t len;
  const char *text = lull_get_string(lull, lull_text_of(lull, v), &len);
  return text && strlen(text) == len ? text : NULL;
}
