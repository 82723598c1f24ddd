#include "lib/parse.h"

#include "base/utf8.h"

struct position position_in(const char *text, size_t at)
{
  struct position place = { .line = 1 };
  const char *start = text, *end = text + at, *s;
  while ((s = memchr(start, '\n', (size_t)(end - start)))) {
    place.line++;
    start = s + 1;
  }
  place.column = utf8_count(start, (size_t)(end - start)) + 1;
  return place;
}

bool arg_text(struct call *c, u32 i, struct text *out)
{
  Value v = c->args[i];
  if (IS_STRING(v)) {
    *out = text_of(c, i);
    return true;
  }
  if (!IS_BYTES(v)) {
    arg_fail(c, i, "a string or bytes");
    return false;
  }
  *out = (struct text){ (const char *)AS_BYTES(v)->data, AS_BYTES(v)->len };
  size_t valid = utf8_valid_prefix(out->s, out->len);
  if (valid == out->len) return true;
  throw_error(c->vm, c->vm->errors.value, "%s: invalid UTF-8 at byte %zu", c->native->name, valid);
  return false;
}
