// Methods of strings that look at or make a text: length, case, trimming, padding, parts. Searching ones are in
// string_search.c.
#include "builtin/builtin.h"

#include "base/utf8.h"
#include "builtin/sequence.h"
#include "builtin/text.h"
#include "builtin/unicode.h"

#define CONVERT_PART (1u << 14)  // bytes

static enum native_status string_fn_len(struct call *c) { return return_int(c, string_count(AS_STRING(c->args[0]))); }
static enum native_status string_fn_is_empty(struct call *c) { return return_bool(c, AS_STRING(c->args[0])->len == 0); }

static enum native_status string_fn_width(struct call *c)
{
  struct text t = text_of(c, 0);
  return return_int(c, (i64)unicode_width(c->heap, t.s, t.len));
}

// Case

static bool map_ascii(struct heap *heap, struct text t, int (*map)(int), char *out)
{
  for (u32 i = 0; i < t.len; i++) {
    if (heap_must_stop_at(heap, i)) return false;
    out[i] = (char)map((u8)t.s[i]);
  }
  return true;
}

static int ascii_upper(int c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }
static int ascii_lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

static bool is_before_letter(const char *s, const char *end)
{
  u32 next;
  return s < end && utf8_decode(s, end, &next) > 0 && unicode_is_letter(next);
}

static void put_small(u32 point, bool is_word_end, struct buf *out)
{
  if (point == 0x3A3 && is_word_end) buf_putu(out, 0x3C2);  // a sigma at the end of a word is written otherwise
  else unicode_put_lower(point, out);
}

static void map_lower(struct heap *heap, struct text t, struct buf *out)
{
  bool is_in_word = false;
  u32 turn = 0;
  for (const char *s = t.s, *end = t.s + t.len; s < end && !out->failed;) {
    u32 point;
    out->failed |= heap_must_stop_at(heap, turn++);
    s += utf8_decode(s, end, &point);
    put_small(point, is_in_word && !is_before_letter(s, end), out);
    is_in_word = unicode_is_letter(point);
  }
}

static void map_upper(struct heap *heap, struct text t, struct buf *out)
{
  u32 turn = 0;
  for (const char *s = t.s, *end = t.s + t.len; s < end && !out->failed;) {
    u32 point;
    out->failed |= heap_must_stop_at(heap, turn++);
    s += utf8_decode(s, end, &point);
    unicode_put_upper(point, out);
  }
}

static enum native_status map_case(struct call *c, int (*ascii)(int), void (*unicode)(struct heap *heap, struct text t, struct buf *out))
{
  struct text t = text_of(c, 0);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  if (AS_STRING(c->args[0])->object.flags & STRING_ASCII) {
    char *to = buf_reserve(&out, t.len);
    if (to) out.failed |= !map_ascii(c->heap, t, ascii, to);
    if (to) out.len += t.len;
  } else {
    unicode(c->heap, t, &out);
  }
  return return_text(c, &out);
}

static enum native_status string_fn_upper(struct call *c) { return map_case(c, ascii_upper, map_upper); }
static enum native_status string_fn_lower(struct call *c) { return map_case(c, ascii_lower, map_lower); }

// The first letter of the text, or of each of its words, becomes a capital; all others small.
static enum native_status capitals(struct call *c, bool each_word)
{
  struct text t = text_of(c, 0);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  bool is_first = true;
  u32 turn = 0;
  for (const char *s = t.s, *end = t.s + t.len; s < end && !out.failed;) {
    u32 point;
    out.failed |= heap_must_stop_at(c->heap, turn++);
    s += utf8_decode(s, end, &point);
    bool is_letter = unicode_is_letter(point);
    if (is_first) unicode_put_title(point, &out);
    else put_small(point, !is_before_letter(s, end), &out);
    if (each_word) is_first = !is_letter && point != '\'' && point != 0x2019;
    else is_first = false;
  }
  return return_text(c, &out);
}

static enum native_status string_fn_capitalize(struct call *c) { return capitals(c, false); }
static enum native_status string_fn_title(struct call *c) { return capitals(c, true); }

// Converted at once: up to an ASCII character, which is never joined to what comes before it.
static u32 part_to_convert(struct text t)
{
  u32 len = t.len < CONVERT_PART ? t.len : CONVERT_PART;
  while (len < t.len && (u8)t.s[len] >= 0x80) len++;
  return len;
}

static enum native_status convert(struct call *c, enum unicode_form form)
{
  struct text t = text_of(c, 0);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  while (t.len > 0 && !out.failed) {
    u32 len = part_to_convert(t);
    out.failed |= !unicode_convert(t.s, len, form, &out) || heap_must_stop(c->heap);
    t = (struct text){ t.s + len, t.len - len };
  }
  return return_text(c, &out);
}

static enum native_status string_fn_fold(struct call *c) { return convert(c, UNICODE_FOLD); }

static enum native_status string_fn_normalize(struct call *c)
{
  static const char *const names[] = { "NFC", "NFD", "NFKC", "NFKD" };
  const char *name;
  if (!arg_has(c, 1)) return convert(c, UNICODE_NFC);
  if (!arg_cstring(c, 1, &name)) return NATIVE_THROW;
  for (u32 i = 0; i < COUNT_OF(names); i++) {
    if (strcmp(name, names[i]) == 0) return convert(c, (enum unicode_form)i);
  }
  return throw_error(c->vm, c->vm->errors.value, "normalize: form must be NFC, NFD, NFKC or NFKD, not %s", name);
}

// Trimming

static bool is_among(u32 point, struct text set)
{
  for (const char *s = set.s, *end = set.s + set.len; s < end;) {
    u32 member;
    s += utf8_decode(s, end, &member);
    if (member == point) return true;
  }
  return false;
}

static bool is_trimmed(u32 point, const struct text *set)
{
  return set->s ? is_among(point, *set) : unicode_is_space(point);
}

static struct text trim_start(struct heap *heap, struct text t, const struct text *set)
{
  const char *end = t.s + t.len;
  for (u32 turn = 0; t.s < end && !heap_must_stop_at(heap, turn); turn++) {
    u32 point;
    int len = utf8_decode(t.s, end, &point);
    if (!is_trimmed(point, set)) break;
    t.s += len;
  }
  return (struct text){ t.s, (u32)(end - t.s) };
}

static struct text trim_end(struct heap *heap, struct text t, const struct text *set)
{
  for (u32 turn = 0; t.len > 0 && !heap_must_stop_at(heap, turn); turn++) {
    u32 at = t.len - 1, point;
    while (utf8_is_continuation(t.s[at])) at--;
    utf8_decode(t.s + at, t.s + t.len, &point);
    if (!is_trimmed(point, set)) break;
    t.len = at;
  }
  return t;
}

static enum native_status trim(struct call *c, bool at_start, bool at_end)
{
  struct string *chars = NULL;
  if (!arg_string_or(c, 1, &chars)) return NATIVE_THROW;
  struct text set = { NULL, 0 }, t = text_of(c, 0);
  if (chars) set = text_of(c, 1);
  u32 before = t.len;
  if (at_start) t = trim_start(c->heap, t, &set);
  if (at_end) t = trim_end(c->heap, t, &set);
  if (c->heap->exhausted) return throw_memory(c->vm);
  if (t.len == before) return native_return(c, c->args[0]);
  return return_part(c, t);
}

static enum native_status string_fn_trim(struct call *c) { return trim(c, true, true); }
static enum native_status string_fn_trim_start(struct call *c) { return trim(c, true, false); }
static enum native_status string_fn_trim_end(struct call *c) { return trim(c, false, true); }

static enum native_status string_fn_remove_prefix(struct call *c)
{
  struct string *prefix;
  if (!arg_string(c, 1, &prefix)) return NATIVE_THROW;
  struct text t = text_of(c, 0), p = text_of(c, 1);
  if (!text_starts_with(t, p)) return native_return(c, c->args[0]);
  return return_part(c, (struct text){ t.s + p.len, t.len - p.len });
}

static enum native_status string_fn_remove_suffix(struct call *c)
{
  struct string *suffix;
  if (!arg_string(c, 1, &suffix)) return NATIVE_THROW;
  struct text t = text_of(c, 0), p = text_of(c, 1);
  if (!text_ends_with(t, p)) return native_return(c, c->args[0]);
  return return_part(c, (struct text){ t.s, t.len - p.len });
}

// Padding

// Appends fill until [columns] are filled; what is left over for a fill wider than it is made up with spaces.
static void put_fill(struct heap *heap, struct buf *out, struct text fill, size_t columns)
{
  // Every column takes a byte at least: what is too long is refused before it is written.
  if (columns > STRING_MAX) out->failed = true;
  else (void)buf_reserve(out, columns);
  const char *s = fill.s, *end = fill.s + fill.len;
  if (fill.len == 1) {
    buf_repeat(out, *s, columns);
    return;
  }
  for (u32 turn = 0; columns > 0 && !out->failed; turn++) {
    out->failed |= heap_must_stop_at(heap, turn);
    const char *next = unicode_cluster(s, end);
    size_t width = unicode_width(heap, s, (size_t)(next - s));
    if (width > columns) break;
    buf_append(out, s, (size_t)(next - s));
    columns -= width;
    s = next == end ? fill.s : next;
  }
  buf_repeat(out, ' ', columns);
}

static enum native_status pad_with(struct call *c, struct text fill, size_t before, size_t after)
{
  struct text t = text_of(c, 0);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  put_fill(c->heap, &out, fill, before);
  buf_append(&out, t.s, t.len);
  put_fill(c->heap, &out, fill, after);
  return return_text(c, &out);
}

// [share]: of the columns that are missing, in halves, those put before the text.
static enum native_status pad(struct call *c, u32 share)
{
  u32 width;
  struct string *chars = NULL;
  if (!arg_count(c, 1, &width) || !arg_string_or(c, 2, &chars)) return NATIVE_THROW;
  struct text t = text_of(c, 0), fill = { " ", 1 };
  if (chars) fill = text_of(c, 2);
  if (unicode_width(c->heap, fill.s, fill.len) == 0) {
    return throw_error(c->vm, c->vm->errors.value, "the text to pad with has no width");
  }
  size_t now = unicode_width(c->heap, t.s, t.len);
  if (now >= width) return native_return(c, c->args[0]);
  size_t missing = width - now, before = missing * share / 2;
  if (missing > STRING_MAX) return throw_memory(c->vm);
  return pad_with(c, fill, before, missing - before);
}

static enum native_status string_fn_pad_start(struct call *c) { return pad(c, 2); }
static enum native_status string_fn_pad_end(struct call *c) { return pad(c, 0); }
static enum native_status string_fn_center(struct call *c) { return pad(c, 1); }

// Parts

static enum native_status string_fn_slice(struct call *c)
{
  struct string *s = AS_STRING(c->args[0]);
  u32 from, to;
  if (!arg_span(c, 1, string_count(s), &from, &to)) return NATIVE_THROW;
  return return_object(c, string_slice(c->heap, s, from, to));
}

static enum native_status string_fn_get(struct call *c)
{
  struct string *s = AS_STRING(c->args[0]);
  i64 at;
  if (!arg_int(c, 1, &at)) return NATIVE_THROW;
  if (at < 0) at += string_count(s);
  if (at < 0 || at >= string_count(s)) return native_return(c, arg_given(c, 2) ? c->args[2] : NIL);
  return return_object(c, string_slice(c->heap, s, (u32)at, (u32)at + 1));
}

static enum native_status string_fn_repeat(struct call *c)
{
  u32 times;
  if (!arg_count(c, 1, &times)) return NATIVE_THROW;
  return return_object(c, string_repeat(c->heap, AS_STRING(c->args[0]), times));
}

static enum native_status string_fn_reversed(struct call *c)
{
  struct text t = text_of(c, 0);
  struct buf out;
  buf_init(&out, &c->vm->alloc);
  char *to = buf_reserve(&out, t.len);
  if (to) {
    u32 turn = 0;
    out.len = t.len;
    for (const char *s = t.s, *end = t.s + t.len; s < end && !out.failed;) {
      out.failed |= heap_must_stop_at(c->heap, turn++);
      const char *next = unicode_cluster(s, end);
      memcpy(to + (end - next), s, (size_t)(next - s));
      s = next;
    }
  }
  return return_text(c, &out);
}

static const char *next_point(const char *s, const char *end)
{
  do s++;
  while (s < end && utf8_is_continuation(*s));
  return s;
}

static enum native_status pieces(struct call *c, const char *(*next)(const char *, const char *))
{
  struct text t = text_of(c, 0);
  struct list *list = list_new(c->heap, string_count(AS_STRING(c->args[0])));
  if (!list) return throw_memory(c->vm);
  u32 turn = 0;
  for (const char *s = t.s, *end = t.s + t.len; s < end;) {
    const char *after = next(s, end);
    if (native_must_stop_at(c, turn++)) return NATIVE_THROW;
    if (!text_push(c, list, (struct text){ s, (u32)(after - s) })) return throw_memory(c->vm);
    s = after;
  }
  return return_object(c, list);
}

static enum native_status string_fn_chars(struct call *c) { return pieces(c, next_point); }
static enum native_status string_fn_graphemes(struct call *c) { return pieces(c, unicode_cluster); }

static enum native_status string_fn_code_points(struct call *c)
{
  struct text t = text_of(c, 0);
  struct list *list = list_new(c->heap, string_count(AS_STRING(c->args[0])));
  if (!list) return throw_memory(c->vm);
  u32 turn = 0;
  for (const char *s = t.s, *end = t.s + t.len; s < end;) {
    u32 point;
    if (native_must_stop_at(c, turn++)) return NATIVE_THROW;
    s += utf8_decode(s, end, &point);
    if (!list_push(c->heap, list, value_int(point))) return throw_memory(c->vm);
  }
  return return_object(c, list);
}

static enum native_status string_fn_encode(struct call *c)
{
  struct text t = text_of(c, 0);
  return return_object(c, bytes_new(c->heap, t.s, t.len));
}

// Tests of all characters

static enum native_status is_all(struct call *c, bool (*test)(u32))
{
  struct text t = text_of(c, 0);
  u32 turn = 0;
  for (const char *s = t.s, *end = t.s + t.len; s < end;) {
    u32 point;
    if (native_must_stop_at(c, turn++)) return NATIVE_THROW;
    s += utf8_decode(s, end, &point);
    if (!test(point)) return return_bool(c, false);
  }
  return return_bool(c, t.len > 0);
}

static bool is_word(u32 c) { return unicode_is_letter(c) || unicode_is_digit(c); }
static bool is_not_lower(u32 c) { return !unicode_is_lower(c); }
static bool is_not_upper(u32 c) { return !unicode_is_upper(c); }

static enum native_status string_fn_is_alpha(struct call *c) { return is_all(c, unicode_is_letter); }
static enum native_status string_fn_is_digit(struct call *c) { return is_all(c, unicode_is_digit); }
static enum native_status string_fn_is_alnum(struct call *c) { return is_all(c, is_word); }
static enum native_status string_fn_is_space(struct call *c) { return is_all(c, unicode_is_space); }

// Letters of one case, and at least one of them: no letter of the other case, and changed by [change].
static enum native_status is_case(struct call *c, bool (*test)(u32), bool (*has)(u32))
{
  struct text t = text_of(c, 0);
  bool is_some = false;
  u32 turn = 0;
  for (const char *s = t.s, *end = t.s + t.len; s < end;) {
    u32 point;
    if (native_must_stop_at(c, turn++)) return NATIVE_THROW;
    s += utf8_decode(s, end, &point);
    if (!test(point)) return return_bool(c, false);
    is_some |= has(point);
  }
  return return_bool(c, is_some);
}

static enum native_status string_fn_is_upper(struct call *c) { return is_case(c, is_not_lower, unicode_is_upper); }
static enum native_status string_fn_is_lower(struct call *c) { return is_case(c, is_not_upper, unicode_is_lower); }

static enum native_status string_fn_is_ascii(struct call *c)
{
  return return_bool(c, (AS_STRING(c->args[0])->object.flags & STRING_ASCII) != 0);
}

static const struct native string_natives[] = {
  { .name = "len",
    .fn = string_fn_len,
    .usage = "len()",
    .doc = "The number of code points.\n"
           "    \"naïve\".len()          # 5" },
  { .name = "is_empty",
    .fn = string_fn_is_empty,
    .usage = "is_empty()",
    .doc = "True for the text without any character." },
  { .name = "width",
    .fn = string_fn_width,
    .usage = "width()",
    .doc = "The columns the text takes on a terminal: wide characters count two, combining ones none.\n"
           "    \"日本\".width()         # 4" },
  { .name = "upper",
    .fn = string_fn_upper,
    .usage = "upper()",
    .doc = "The text in capital letters; a letter may become two.\n"
           "    \"straße\".upper()       # \"STRASSE\"" },
  { .name = "lower",
    .fn = string_fn_lower,
    .usage = "lower()",
    .doc = "The text in small letters.\n"
           "    \"ÄB\".lower()           # \"äb\"" },
  { .name = "title",
    .fn = string_fn_title,
    .usage = "title()",
    .doc = "The text with a capital at the start of each word, and small letters elsewhere.\n"
           "    \"the END\".title()      # \"The End\"" },
  { .name = "capitalize",
    .fn = string_fn_capitalize,
    .usage = "capitalize()",
    .doc = "The text with a capital at its start, and small letters elsewhere.\n"
           "    \"the END\".capitalize() # \"The end\"" },
  { .name = "fold",
    .fn = string_fn_fold,
    .usage = "fold()",
    .doc = "The text as it compares without regard to case.\n"
           "    \"Straße\".fold() == \"STRASSE\".fold()   # true" },
  { .name = "normalize",
    .fn = string_fn_normalize,
    .max = 1,
    .usage = "normalize(form = \"NFC\")",
    .doc = "The text in a Unicode normal form: NFC, NFD, NFKC or NFKD.\n"
           "Another form is a ValueError.\n"
           "    \"e\\u{301}\".normalize()    # \"é\", one code point" },
  { .name = "trim",
    .fn = string_fn_trim,
    .max = 1,
    .usage = "trim(chars = nil)",
    .doc = "The text without white space at both ends, or without any of [chars] there.\n"
           "    \"  x \".trim()          # \"x\"\n"
           "    \"--x-\".trim(\"-\")       # \"x\"" },
  { .name = "trim_start",
    .fn = string_fn_trim_start,
    .max = 1,
    .usage = "trim_start(chars = nil)",
    .doc = "The text without white space, or any of [chars], at its start." },
  { .name = "trim_end",
    .fn = string_fn_trim_end,
    .max = 1,
    .usage = "trim_end(chars = nil)",
    .doc = "The text without white space, or any of [chars], at its end." },
  { .name = "remove_prefix",
    .fn = string_fn_remove_prefix,
    .required = 1,
    .max = 1,
    .usage = "remove_prefix(prefix)",
    .doc = "The text without [prefix] at its start; unchanged where it does not begin so.\n"
           "    \"lib_open\".remove_prefix(\"lib_\")   # \"open\"" },
  { .name = "remove_suffix",
    .fn = string_fn_remove_suffix,
    .required = 1,
    .max = 1,
    .usage = "remove_suffix(suffix)",
    .doc = "The text without [suffix] at its end; unchanged where it does not end so.\n"
           "    \"a.lull\".remove_suffix(\".lull\")    # \"a\"" },
  { .name = "pad_start",
    .fn = string_fn_pad_start,
    .required = 1,
    .max = 2,
    .usage = "pad_start(width, fill = \" \")",
    .doc = "The text with [fill] before it, so that it takes [width] columns of a terminal.\n"
           "Wider texts stay as they are.\n"
           "    \"7\".pad_start(3, \"0\")  # \"007\"" },
  { .name = "pad_end",
    .fn = string_fn_pad_end,
    .required = 1,
    .max = 2,
    .usage = "pad_end(width, fill = \" \")",
    .doc = "The text with [fill] behind it, so that it takes [width] columns of a terminal.\n"
           "    \"ab\".pad_end(4, \".\")   # \"ab..\"" },
  { .name = "center",
    .fn = string_fn_center,
    .required = 1,
    .max = 2,
    .usage = "center(width, fill = \" \")",
    .doc = "The text in the middle of [width] columns of a terminal.\n"
           "What cannot be shared evenly goes behind.\n"
           "    \"ab\".center(5, \"-\")    # \"-ab--\"" },
  { .name = "slice",
    .fn = string_fn_slice,
    .max = 2,
    .usage = "slice(from = 0, to = nil)",
    .doc = "The code points from [from] up to, not including, [to]; negative ones count from the end.\n"
           "Takes what there is. The same as s[from..to].\n"
           "    \"abcd\".slice(1, -1)    # \"bc\"" },
  { .name = "get",
    .fn = string_fn_get,
    .required = 1,
    .max = 2,
    .usage = "get(index, default = nil)",
    .doc = "The code point at [index] as a string, or [default] where there is none.\n"
           "    \"abc\".get(7, \"-\")      # \"-\"" },
  { .name = "repeat",
    .fn = string_fn_repeat,
    .required = 1,
    .max = 1,
    .usage = "repeat(times)",
    .doc = "The text so many times over. The same as s * times.\n"
           "    \"ab\".repeat(3)         # \"ababab\"" },
  { .name = "reversed",
    .fn = string_fn_reversed,
    .usage = "reversed()",
    .doc = "The text from its last character to its first; accents and joined characters stay together.\n"
           "    \"abc\".reversed()       # \"cba\"" },
  { .name = "chars",
    .fn = string_fn_chars,
    .usage = "chars()",
    .doc = "A list of the code points, each a string.\n"
           "    \"abc\".chars()          # [\"a\", \"b\", \"c\"]" },
  { .name = "graphemes",
    .fn = string_fn_graphemes,
    .usage = "graphemes()",
    .doc = "A list of what people see as characters: letters with their accents, joined pictures.\n"
           "    \"e\\u{301}x\".graphemes().len()   # 2" },
  { .name = "code_points",
    .fn = string_fn_code_points,
    .usage = "code_points()",
    .doc = "A list of the code points as ints.\n"
           "    \"aé\".code_points()     # [97, 233]" },
  { .name = "encode",
    .fn = string_fn_encode,
    .usage = "encode()",
    .doc = "The UTF-8 of the text as bytes.\n"
           "    \"é\".encode().len()     # 2" },
  { .name = "bytes",
    .fn = string_fn_encode,
    .usage = "bytes()",
    .doc = "The UTF-8 of the text as bytes; the same as encode()." },
  { .name = "is_alpha",
    .fn = string_fn_is_alpha,
    .usage = "is_alpha()",
    .doc = "True where all characters are letters and there is one at least." },
  { .name = "is_digit",
    .fn = string_fn_is_digit,
    .usage = "is_digit()",
    .doc = "True where all characters are decimal digits and there is one at least." },
  { .name = "is_alnum",
    .fn = string_fn_is_alnum,
    .usage = "is_alnum()",
    .doc = "True where all characters are letters or decimal digits and there is one at least." },
  { .name = "is_space",
    .fn = string_fn_is_space,
    .usage = "is_space()",
    .doc = "True where all characters are white space and there is one at least." },
  { .name = "is_upper",
    .fn = string_fn_is_upper,
    .usage = "is_upper()",
    .doc = "True where there is a capital letter and no small one." },
  { .name = "is_lower",
    .fn = string_fn_is_lower,
    .usage = "is_lower()",
    .doc = "True where there is a small letter and no capital." },
  { .name = "is_ascii",
    .fn = string_fn_is_ascii,
    .usage = "is_ascii()",
    .doc = "True where all code points are below 128." },
};

bool builtin_open_string(struct lull *vm)
{
  return class_add_natives(vm, vm->types.string_, string_natives, COUNT_OF(string_natives)) &&
         builtin_open_string_search(vm) && sequence_open_string(vm);
}
