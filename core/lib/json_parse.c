// Values go straight onto one stack; a container takes its own from there when it closes, so it is made once, in its
// right size.
#include "lib/json.h"

#include <stdio.h>

#include "base/utf8.h"
#include "lib/parse.h"
#include "value/number.h"

#define KEY_MAX 32     // bytes; longer keys are strings of their own
#define KEY_CACHE 256  // a power of two

struct container {
  u32 first;  // of its values on the stack
  bool is_map;
};

struct parser {
  struct lull *vm;
  struct heap *heap;
  const char *begin, *at, *end;
  struct json_fault *fault;
  u32 turn;  // values met
  VEC(Value) values;
  VEC(struct container) open;
  struct buf scratch;  // of strings with escapes
  struct string *keys[KEY_CACHE];
};

// Faults

static bool is_word_char(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

// Words and characters that other notations have, and what JSON says to them.
static const char *hint_for(const char *at, const char *end)
{
  static const struct {
    const char *text, *hint;
  } hints[] = {
    { "'", " (strings are in double quotes)" },     { "//", " (JSON has no comments)" },
    { "/*", " (JSON has no comments)" },            { "#", " (JSON has no comments)" },
    { "NaN", " (JSON has no nan)" },                { "nan", " (JSON has no nan)" },
    { "Infinity", " (JSON has no infinity)" },      { "inf", " (JSON has no infinity)" },
    { "None", " (write `null`)" },                  { "nil", " (write `null`)" },
    { "True", " (write `true`)" },                  { "False", " (write `false`)" },
    { "undefined", " (write `null`)" },             { "+", " (numbers have no leading `+`)" },
    { ".", " (a number begins with a digit)" },
  };
  for (u32 i = 0; i < COUNT_OF(hints); i++) {
    size_t len = strlen(hints[i].text);
    if ((size_t)(end - at) >= len && memcmp(at, hints[i].text, len) == 0) return hints[i].hint;
  }
  return "";
}

// What stands there, for a message.
static void describe(const char *at, const char *end, char *out, size_t room)
{
  u32 point = 0;
  int len = at < end ? utf8_decode(at, end, &point) : 0;
  if (at == end) {
    snprintf(out, room, "the end of the text");
  } else if (len == 0 || point < 0x20 || (point >= 0x7F && point < 0xA0)) {
    snprintf(out, room, "U+%04X", len ? (unsigned)point : (unsigned)(u8)*at);
  } else if (is_word_char(*at)) {
    int word = 0;
    while (word < 20 && at + word < end && is_word_char(at[word])) word++;
    snprintf(out, room, "`%.*s`", word, at);
  } else {
    snprintf(out, room, "`%.*s`", len, at);
  }
}

static COLD Value fail(struct parser *p, const char *at, const char *message)
{
  p->fault->at = (size_t)(at - p->begin);
  snprintf(p->fault->message, sizeof p->fault->message, "%s", message);
  return UNSET;
}

static COLD Value fail_expected(struct parser *p, const char *at, const char *expected)
{
  char found[40];
  describe(at, p->end, found, sizeof found);
  p->fault->at = (size_t)(at - p->begin);
  snprintf(p->fault->message, sizeof p->fault->message, "expected %s, found %s%s", expected, found,
           hint_for(at, p->end));
  return UNSET;
}

static COLD Value fail_memory(struct parser *p)
{
  p->fault->message[0] = 0;
  return UNSET;
}

enum native_status json_throw(struct call *c, const char *text, size_t line, const struct json_fault *fault)
{
  struct lull *vm = c->vm;
  if (!fault->message[0] || c->heap->exhausted) return throw_memory(vm);
  struct position p = position_in(text, fault->at);
  return throw_error(vm, fault->is_too_deep ? vm->errors.limit : vm->errors.value,
                     "json.%s: line %zu, column %zu: %s", c->native->name, line + p.line - 1, p.column, fault->message);
}

// Blanks

static inline void skip_blanks(struct parser *p)
{
  const char *s = p->at;
  while (s < p->end && (*s == ' ' || *s == '\n' || *s == '\t' || *s == '\r')) {
    s++;
    if (heap_must_stop_at(p->heap, (u64)(s - p->at))) break;
  }
  p->at = s;
}

// Strings

static u64 load8(const char *s)
{
  u64 word;
  memcpy(&word, s, sizeof word);
  return word;
}

#define EACH_BYTE(n) (0x0101010101010101u * (n))

// A bit in each byte that is a quote, a backslash or below a blank (and perhaps in bytes behind the first of these).
static u64 special_bytes(u64 word)
{
  u64 quotes = word ^ EACH_BYTE('"'), slashes = word ^ EACH_BYTE('\\');
  u64 found = (quotes - EACH_BYTE(1)) & ~quotes;
  found |= (slashes - EACH_BYTE(1)) & ~slashes;
  found |= (word - EACH_BYTE(0x20)) & ~word;
  return found & EACH_BYTE(0x80);
}

// The first byte from [s] on that does not stand for itself in a string.
static const char *plain_end(const char *s, const char *end)
{
  while (end - s >= 8 && !special_bytes(load8(s))) s += 8;
  while (s < end && *s != '"' && *s != '\\' && (u8)*s >= 0x20) s++;
  return s;
}

static bool read_hex4(const char *s, const char *end, u32 *unit)
{
  *unit = 0;
  if (end - s < 4) return false;
  for (int i = 0; i < 4; i++) {
    char c = (char)(s[i] | 0x20);
    bool is_digit = s[i] >= '0' && s[i] <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) return false;
    *unit = *unit * 16 + (u32)(is_digit ? c - '0' : c - 'a' + 10);
  }
  return true;
}

// Behind `\u`. A surrogate without its other half becomes the replacement character. NULL: a fault.
static const char *unescape_unicode(struct parser *p, const char *s)
{
  u32 unit, low;
  if (!read_hex4(s, p->end, &unit)) {
    fail(p, s - 2, "`\\u` takes four hexadecimal digits");
    return NULL;
  }
  s += 4;
  if (unit >= 0xD800 && unit < 0xDC00 && p->end - s >= 6 && s[0] == '\\' && s[1] == 'u' &&
      read_hex4(s + 2, p->end, &low) && low >= 0xDC00 && low < 0xE000) {
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    s += 6;
  }
  buf_putu(&p->scratch, unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : unit);
  return s;
}

// [s] is at a backslash.
static const char *unescape(struct parser *p, const char *s)
{
  static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
  if (s + 1 == p->end) {
    fail_expected(p, p->end, "an escape");
    return NULL;
  }
  if (s[1] == 'u') return unescape_unicode(p, s + 2);
  const char *name = s[1] ? strchr(names, s[1]) : NULL;
  if (!name) {
    fail(p, s, "an escape JSON does not have (it has \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX)");
    return NULL;
  }
  buf_putc(&p->scratch, means[name - names]);
  return s + 2;
}

// The text of the string that begins behind p->at, which is a quote: where it lies, or in the scratch buffer. False: a
// fault.
static bool read_text(struct parser *p, const char **text, size_t *len)
{
  const char *from = p->at + 1, *s = plain_end(from, p->end);
  if (s < p->end && *s == '"') {
    *text = from;
    *len = (size_t)(s - from);
    p->at = s + 1;
    return true;
  }
  buf_clear(&p->scratch);
  for (u32 turn = 0;; turn++) {
    if (heap_must_stop_at(p->heap, turn)) return fail_memory(p), false;
    buf_append(&p->scratch, from, (size_t)(s - from));
    if (s == p->end) return fail(p, p->at, "this string has no end"), false;
    if (*s == '"') break;
    if (*s != '\\') return fail(p, s, "a control character in a string (write \\n, \\t or \\u00XX)"), false;
    from = unescape(p, s);
    if (!from) return false;
    s = plain_end(from, p->end);
  }
  p->at = s + 1;
  *text = buf_text(&p->scratch);
  *len = p->scratch.len;
  return !p->scratch.failed || (fail_memory(p), false);
}

static Value read_string(struct parser *p)
{
  const char *text;
  size_t len;
  if (!read_text(p, &text, &len)) return UNSET;
  struct string *s = string_new(p->heap, text, len);
  return s ? value_object(s) : fail_memory(p);
}

static u32 key_slot(const char *text, size_t len)
{
  u64 head = 0, tail = 0;
  memcpy(&head, text, len < 8 ? len : 8);
  if (len > 8) memcpy(&tail, text + len - 8, 8);
  u64 mixed = (head ^ (tail << 1) ^ len) * 0x9E3779B97F4A7C15u;
  return (u32)(mixed >> 56) & (KEY_CACHE - 1);
}

// Keys repeat: each is one interned string, and those last met are found without asking the table of names.
static Value read_key(struct parser *p)
{
  const char *text;
  size_t len;
  if (!read_text(p, &text, &len)) return UNSET;
  if (len > KEY_MAX) {
    struct string *s = string_new(p->heap, text, len);
    return s ? value_object(s) : fail_memory(p);
  }
  struct string **slot = &p->keys[key_slot(text, len)];
  if (*slot && (*slot)->len == len && memcmp(string_text(*slot), text, len) == 0) return value_object(*slot);
  struct string *name = string_intern(p->heap, &p->vm->names, text, len);
  if (!name) return fail_memory(p);
  *slot = name;
  return value_object(name);
}

// Numbers

static const char *digits_end(const char *s, const char *end)
{
  while (s < end && *s >= '0' && *s <= '9') s++;
  return s;
}

static Value make_int(struct parser *p, const char *from, const char *to)
{
  Value n = number_parse_int(p->heap, from, (size_t)(to - from), 10);
  if (!is_unset(n)) return n;
  return p->heap->exhausted ? fail_memory(p) : fail(p, from, "this int is too large");
}

static Value make_float(struct parser *p, const char *from, const char *to)
{
  double d;
  number_parse_float(from, (size_t)(to - from), &d);
  if (d - d != 0) return fail(p, from, "this number is too large for a float");
  return value_float(d);
}

static Value read_number(struct parser *p)
{
  const char *from = p->at, *end = p->end, *digits = from + (*from == '-'), *s = digits_end(digits, end);
  bool is_float = false;
  if (s == digits) return fail_expected(p, s, "a digit");
  if (*digits == '0' && s - digits > 1) return fail(p, from, "a number has no leading zeros");
  if (s < end && *s == '.') {
    const char *fraction = s + 1;
    is_float = true;
    s = digits_end(fraction, end);
    if (s == fraction) return fail_expected(p, s, "a digit behind the point");
  }
  if (s < end && (*s | 0x20) == 'e') {
    const char *exponent = s + 1;
    is_float = true;
    if (exponent < end && (*exponent == '-' || *exponent == '+')) exponent++;
    s = digits_end(exponent, end);
    if (s == exponent) return fail_expected(p, s, "a digit of the exponent");
  }
  p->at = s;
  if (is_float) return make_float(p, from, s);
  if (s - digits > 18) return make_int(p, from, s);
  i64 n = 0;
  for (; digits < s; digits++) n = n * 10 + (*digits - '0');
  return value_int(*from == '-' ? -n : n);
}

// Containers

static Value make_list(struct parser *p, const Value *values, u32 count)
{
  struct list *list = list_new(p->heap, count);
  if (!list || !list_append(p->heap, list, values, count)) return fail_memory(p);
  return value_object(list);
}

static Value make_map(struct parser *p, const Value *values, u32 count)
{
  struct map *map = map_new(p->heap, count / 2);
  for (u32 i = 0; map && i < count; i += 2) {
    if (!map_set(p->heap, map, values[i], values[i + 1])) map = NULL;
  }
  return map ? value_object(map) : fail_memory(p);
}

static Value close_container(struct parser *p)
{
  struct container c = vec_pop(&p->open);
  u32 count = p->values.len - c.first;
  const Value *values = count ? p->values.data + c.first : NULL;
  p->values.len = c.first;
  p->at++;
  return c.is_map ? make_map(p, values, count) : make_list(p, values, count);
}

static bool push(struct parser *p, Value v)
{
  if (heap_must_stop_at(&p->vm->heap, p->turn++)) return fail_memory(p), false;
  return vec_push(&p->vm->alloc, &p->values, v) || (fail_memory(p), false);
}

// The key of an entry and its colon; the value is due then.
static bool open_entry(struct parser *p, const char *expected)
{
  skip_blanks(p);
  if (p->at == p->end || *p->at != '"') return fail_expected(p, p->at, expected), false;
  Value key = read_key(p);
  if (is_unset(key) || !push(p, key)) return false;
  skip_blanks(p);
  if (p->at == p->end || *p->at != ':') return fail_expected(p, p->at, "`:`"), false;
  p->at++;
  return true;
}

// [p->at] is at a bracket. True: the first value inside is due, or it is empty and *is_empty.
static bool open_container(struct parser *p, bool *is_empty)
{
  bool is_map = *p->at == '{';
  if (p->open.len >= JSON_DEPTH_MAX) {
    fail(p, p->at, "nested too deep");
    p->fault->is_too_deep = true;
    return false;
  }
  if (!vec_push(&p->vm->alloc, &p->open, (struct container){ p->values.len, is_map })) return fail_memory(p), false;
  p->at++;
  skip_blanks(p);
  *is_empty = p->at < p->end && *p->at == (is_map ? '}' : ']');
  return *is_empty || !is_map || open_entry(p, "a key in double quotes or `}`");
}

static bool take_word(struct parser *p, const char *word, size_t len)
{
  bool is_there = (size_t)(p->end - p->at) >= len && memcmp(p->at, word, len) == 0;
  if (is_there) p->at += len;
  return is_there;
}

static Value read_scalar(struct parser *p)
{
  switch (p->at < p->end ? *p->at : 0) {
  case '"': return read_string(p);
  case 't':
    if (take_word(p, "true", 4)) return TRUE;
    break;
  case 'f':
    if (take_word(p, "false", 5)) return FALSE;
    break;
  case 'n':
    if (take_word(p, "null", 4)) return NIL;
    break;
  case '-': return read_number(p);
  default:
    if (p->at < p->end && *p->at >= '0' && *p->at <= '9') return read_number(p);
  }
  return fail_expected(p, p->at, "a value");
}

// Behind a value inside a container: false where another value is due, or a fault (p->at is NULL then). True: the
// container closes.
static bool ends_here(struct parser *p)
{
  bool is_map = vec_last(&p->open).is_map;
  skip_blanks(p);
  char c = p->at < p->end ? *p->at : 0;
  if (c == (is_map ? '}' : ']')) return true;
  bool is_fine = c == ',';
  if (!is_fine) {
    fail_expected(p, p->at, is_map ? "`,` or `}`" : "`,` or `]`");
  } else {
    p->at++;
    skip_blanks(p);
    const char *next = p->at;
    is_fine = !is_map || open_entry(p, "a key in double quotes");
    if (next < p->end && (*next == '}' || *next == ']')) {
      fail_expected(p, next, is_map ? "a key (the last entry has no `,`)" : "a value (the last one has no `,`)");
      is_fine = false;
    }
  }
  if (!is_fine) p->at = NULL;
  return false;
}

static Value read_value(struct parser *p)
{
  for (;;) {
    Value v;
    skip_blanks(p);
    if (p->at < p->end && (*p->at == '{' || *p->at == '[')) {
      bool is_empty;
      if (!open_container(p, &is_empty)) return UNSET;
      if (!is_empty) continue;
      v = close_container(p);
    } else {
      v = read_scalar(p);
    }
    for (;;) {
      if (is_unset(v)) return v;
      if (p->heap->exhausted) return fail_memory(p);
      if (p->open.len == 0) return v;
      if (!push(p, v)) return UNSET;
      if (!ends_here(p)) break;
      v = close_container(p);
    }
    if (!p->at) return UNSET;
  }
}

Value json_parse(struct lull *vm, const char *text, size_t len, struct json_fault *fault)
{
  struct parser p = { .vm = vm, .heap = &vm->heap, .begin = text, .at = text, .end = text + len, .fault = fault };
  buf_init(&p.scratch, &vm->alloc);
  *fault = (struct json_fault){ 0 };
  if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) p.at += 3;
  Value v = read_value(&p);
  if (!is_unset(v)) {
    skip_blanks(&p);
    if (p.at < p.end) v = fail_expected(&p, p.at, "the end of the text");
  }
  buf_fini(&p.scratch);
  vec_free(&vm->alloc, &p.values);
  vec_free(&vm->alloc, &p.open);
  return v;
}
