#include "base/suggest.h"

#include <string.h>

void suggest_init(struct suggest *s, const char *wanted, size_t len)
{
  *s = (struct suggest){ .distance = UINT32_MAX };
  if (len > SUGGEST_MAX) return;
  memcpy(s->wanted, wanted, len);
  s->wanted_len = (u32)len;
}

static u32 least(u32 a, u32 b)
{
  return a < b ? a : b;
}

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

// Three rows of the dynamic programme are kept: transpositions look two rows back.
static u32 distance(const char *a, u32 alen, const char *b, u32 blen)
{
  u32 rows[3][SUGGEST_MAX + 1];
  for (u32 j = 0; j <= blen; j++) rows[0][j] = j;
  for (u32 i = 1; i <= alen; i++) {
    u32 *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
    row[0] = i;
    for (u32 j = 1; j <= blen; j++) {
      char x = lower(a[i - 1]), y = lower(b[j - 1]);
      row[j] = least(above[j - 1] + (x != y), least(above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2])) row[j] = least(row[j], above2[j - 2] + 1);
    }
  }
  return rows[alen % 3][blen];
}

void suggest_offer(struct suggest *s, const char *name, size_t len)
{
  if (s->wanted_len == 0 || len == 0 || len > SUGGEST_MAX) return;
  u32 d = distance(s->wanted, s->wanted_len, name, (u32)len);
  if (d >= s->distance) return;
  s->distance = d;
  memcpy(s->best, name, len);
  s->best[len] = 0;
}

const char *suggest_best(const struct suggest *s)
{
  u32 allowed = s->wanted_len <= 1 ? 0 : s->wanted_len <= 4 ? 1 : s->wanted_len <= 7 ? 2 : 3;
  return s->distance <= allowed && s->best[0] && s->distance < s->wanted_len ? s->best : NULL;
}
