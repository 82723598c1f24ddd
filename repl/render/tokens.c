#include "render/tokens.h"

#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c | 32) >= 'a' ? (c | 32) <= 'z' : c == '_'; }
static bool is_word(char c) { return is_digit(c) || is_letter(c) || (u8)c >= 0x80; }

static const char *string_end(const char *at, const char *end)
{
  char quote = *at++;
  for (; at < end; at++) {
    if (*at == '\\' && at + 1 < end) at++;
    else if (*at == quote) return at + 1;
  }
  return end;
}

// Behind the '>' that closes the '<' at [at]; NULL where it is no handle.
static const char *handle_end(const char *at, const char *end)
{
  size_t depth = 0;
  if (at + 1 >= end || !is_letter(at[1])) return NULL;
  while (at < end) {
    if (*at == '"') {
      at = string_end(at, end);
      continue;
    }
    if (*at == '<') depth++;
    if (*at == '>' && --depth == 0) return at + 1;
    at++;
  }
  return NULL;
}

static const char *number_end(const char *at, const char *end)
{
  if (*at == '-') at++;
  while (at < end && (is_word(*at) || (*at == '.' && at + 1 < end && is_digit(at[1])) ||
                      ((*at == '-' || *at == '+') && (at[-1] | 32) == 'e' && at + 1 < end && is_digit(at[1]))))
    at++;
  return at;
}

static bool is_constant(const char *text, size_t len)
{
  static const char *const words[] = { "nil", "true", "false", "nan", "inf" };
  for (size_t i = 0; i < COUNT_OF(words); i++)
    if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0) return true;
  return false;
}

static struct token word(const char *at, const char *end)
{
  const char *stop = at;
  while (stop < end && is_word(*stop)) stop++;
  size_t len = (size_t)(stop - at);
  return (struct token){ is_constant(at, len) ? TOKEN_CONSTANT : TOKEN_NAME, at, len };
}

static struct token blanks(const char *at, const char *end)
{
  const char *stop = at;
  while (stop < end && (*stop == ' ' || *stop == '\n')) stop++;
  return (struct token){ TOKEN_BLANK, at, (size_t)(stop - at) };
}

static enum token_kind sign(char c)
{
  switch (c) {
  case '(':
  case '[':
  case '{': return TOKEN_OPEN;
  case ')':
  case ']':
  case '}': return TOKEN_CLOSE;
  case ',': return TOKEN_COMMA;
  case ':': return TOKEN_COLON;
  default: return TOKEN_OTHER;
  }
}

struct token token_read(const char *at, const char *end)
{
  if (at >= end) return (struct token){ TOKEN_END, end, 0 };
  if (*at == ' ' || *at == '\n') return blanks(at, end);
  if (*at == '"' || *at == '\'') return (struct token){ TOKEN_STRING, at, (size_t)(string_end(at, end) - at) };
  if (is_digit(*at) || (*at == '-' && at + 1 < end && is_digit(at[1])))
    return (struct token){ TOKEN_NUMBER, at, (size_t)(number_end(at, end) - at) };
  if (*at == '-' && end - at >= 4 && memcmp(at, "-inf", 4) == 0) return (struct token){ TOKEN_CONSTANT, at, 4 };
  if (is_word(*at)) return word(at, end);
  const char *handle = *at == '<' ? handle_end(at, end) : NULL;
  if (handle) return (struct token){ TOKEN_HANDLE, at, (size_t)(handle - at) };
  return (struct token){ sign(*at), at, 1 };
}
