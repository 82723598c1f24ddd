#include "edit/suggest.h"

#include <ctype.h>
#include <string.h>

#include "session/history.h"

const char *suggest_rest(const struct history *h, const char *text, size_t len, size_t *rest_len)
{
  if (!h || len == 0) return NULL;
  for (u32 end = history_bound(h), at = history_before(h, end); at != end; at = history_before(h, at)) {
    size_t n;
    const char *entry = history_entry(h, at, &n);
    if (n > len && memcmp(entry, text, len) == 0) {
      *rest_len = n - len;
      return entry + len;
    }
    if (at == 0) break;
  }
  return NULL;
}

static bool is_word(char c)
{
  return (u8)c >= 0x80 || c == '_' || isalnum((u8)c);
}

size_t suggest_word(const char *rest, size_t len)
{
  size_t at = 0;
  while (at < len && !is_word(rest[at])) at++;
  while (at < len && is_word(rest[at])) at++;
  return at;
}
